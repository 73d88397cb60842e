"""Verdicts on runs broken on purpose, and on healthy ones.

OMP_NUM_THREADS=1 python -m benchmarks.diagnose                  # all: about 14 minutes of one thread
OMP_NUM_THREADS=1 python -m benchmarks.diagnose frozen rings     # those whose name holds one of the words

Runs are small (seconds to a minute), so monitors have no budget of time here. Writes benchmarks/results/diagnose.json after
each run, and prints the table of docs/equilibrium.md.
"""

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from multigan.errors import TrainingError
from multigan.losses import LOSSES
from multigan.modality import build_networks, modality_of
from multigan.protocols import condition_shape_of
from multigan.training.assemble import assemble
from multigan.training.monitors.hook import FILE, Monitors, read_records
from multigan.training.monitors.table import MONITORS
from multigan.training.verdicts import Facts, verdicts
from multigan.writing import write_text
from recipes.settings import load_recipe

RESULTS = Path(__file__).parent / "results" / "diagnose.json"
CHEAP = ("motion", "overfitting", "coverage", "distance", "path")
N_MEASURED = {"ring": 8, "seqgan-oracle": 3}
N_OTHERS = 5
"""Measurements after that of the first step."""

POINTS = ("training.samples=160k",)
FACES = (
    "data.resolution=16", "data.drawn=2000", "data.drawn_held_out=500", "architecture.channel_base=128",
    "architecture.channel_max=16", "training.samples=4k",
)  # fmt: skip
CLASSIC = (
    "data.resolution=16", "data.drawn=2000", "data.drawn_held_out=500", "architecture.width=8", "training.samples=12k",
)  # fmt: skip
SOUNDS = (
    "data.n_samples=8192", "data.sample_rate_hz=8000", "data.drawn=600", "data.drawn_held_out=200", "training.samples=2k",
    "architecture.channel_base=2048", "architecture.channel_max=32",
)  # fmt: skip
# the discriminator sees a third of the 10,000 sequences before the game: with 2,000 of them it knew them by heart
TOKENS = (
    "data.drawn_held_out=1000", "training.samples=1600", "training.schedule.likelihood_samples=20k",
    "training.schedule.discriminator_samples=3200",
)  # fmt: skip
NOTHING = "1.0e-30"


@dataclass(frozen=True)
class Case:
    """A run, and the verdict that it must get (None: none that asks for a change)."""

    recipe: str
    sets: tuple[str, ...]
    expected: str | None
    keep: str = "all"
    """Which training samples: all, "20", or "without 1": all but those of the first mode."""
    preset: str | None = None


def rates(value):
    return tuple(f"training.optimisers.{name}.lr={value}" for name in ("generator", "discriminator"))


RING = ("ring", POINTS)
CASES = {
    "learning rate x100": Case(*RING, "exploding gradients or steps"),
    "frozen discriminator": Case(*RING, "a player stands still"),
    "generator rate 0": Case(*RING, "a player stands still"),
    "20 training images": Case("emotive-images", FACES, "the discriminator overfits", "20"),
    "Wasserstein without penalty": Case(*RING, "unregularised Wasserstein may orbit"),
    **{
        f"Wasserstein without penalty, seed {seed}": Case(
            "ring", (*POINTS, f"seed={seed}"), "unregularised Wasserstein may orbit"
        )
        for seed in (1, 2)
    },
    "one class removed": Case(*RING, "modes are being lost", "without 1"),
    "game of 2014": Case(*RING, "modes are being lost", preset="gan-2014"),
    "game of 2014, SGD": Case(*RING, "the game cycles", preset="gan-2014"),
    **{f"healthy ring, seed {seed}": Case("ring", (*POINTS, f"seed={seed}"), None) for seed in range(5)},
    **{
        f"healthy grid, seed {seed}": Case("ring", (*POINTS, "data.world=grid", f"seed={seed}"), None)
        for seed in range(2)
    },
    "healthy spiral, seed 0": Case("ring", (*POINTS, "data.world=spiral"), None),
    "healthy tokens, seed 0": Case("seqgan-oracle", TOKENS, None),
    "healthy classic faces, seed 0": Case("dcgan", CLASSIC, None),
    "healthy critic's faces, seed 0": Case("wgan-gp", CLASSIC, None),
    "healthy faces, seed 0": Case("emotive-images", FACES, None),
    "healthy sounds, seed 0": Case("soundscapes", SOUNDS, None),
    "healthy faces, seed 1": Case("emotive-images", (*FACES, "seed=1"), None),
}
MORE = {
    "learning rate x100": rates(0.3),
    "20 training images": ("training.samples=12k",),
    "frozen discriminator": (f"training.optimisers.discriminator.lr={NOTHING}",),
    "generator rate 0": (f"training.optimisers.generator.lr={NOTHING}",),
    **{
        f"Wasserstein without penalty{seed}": ("training.loss=wasserstein", "training.penalties=[]", *rates(1e-4))
        for seed in ("", ", seed 1", ", seed 2")
    },
    "game of 2014, SGD": ("training.optimisers.generator={name: sgd, lr: 0.05}",
                          "training.optimisers.discriminator={name: sgd, lr: 0.05}"),
}  # fmt: skip


class Part:
    """Some samples of a data set."""

    def __init__(self, data, rows):
        self._data, self._rows = data, rows
        self.labels, self.sample_shape = data.labels, data.sample_shape

    def __len__(self):
        return len(self._rows)

    def batch(self, indices):
        return self._data.batch(self._rows[np.asarray(indices)])


def kept(data, keep):
    if keep == "20":
        return Part(data, np.arange(20))
    if keep == "without 1":
        return Part(data, np.flatnonzero(data.world.nearest(data.samples)[0] != 0))
    return data


def facts_of(case, sets):
    recipe = load_recipe(case.recipe, preset=case.preset, sets=["device=cpu", *case.sets, *sets])
    return recipe, Facts(recipe.training, tuple(modality_of(recipe.modality).augmentations))


def measured(case, sets, folder):
    recipe, facts = facts_of(case, sets)
    modality, training = modality_of(recipe.modality), recipe.training
    splits = modality.open_data(recipe.data, None, lambda *facts: None)
    train = kept(splits.train, case.keep)

    def fresh():
        return build_networks(
            modality, recipe.architecture, tuple(train.sample_shape), condition_shape_of(train)
        )

    watching = Monitors(
        [MONITORS[name] for name in CHEAP], training.samples // N_MEASURED.get(case.recipe, N_OTHERS), None, splits.held_out,
        LOSSES[training.loss], fresh,
    )  # fmt: skip
    trainer = assemble(modality, recipe, train, folder, lambda ema: [watching])
    begun, error = time.process_time(), None
    try:
        trainer.run()
    except TrainingError as stopped:
        error = str(stopped).split(";")[0]
    if trainer.interrupted:
        raise SystemExit("Stopped.")
    seconds = {
        "processor_s": round(time.process_time() - begun, 1),
        "of_monitors_s": round(watching.seconds, 1),
    }
    return read_records(folder / FILE), facts, {**seconds, "samples": trainer.samples_seen, "error": error}


def first_met(records, facts):
    """Verdict -> the samples seen when it was first held, over the growing log, and those that hold at the end."""
    first = {}
    for n in range(1, len(records) + 1):
        for verdict in verdicts(records[:n], facts):
            first.setdefault(verdict.name, verdict.samples)
    return first, verdicts(records, facts)


def judged(case, records, facts):
    first, last = first_met(records, facts)
    bad = {name for name in first if name != "converged within noise"}
    right = case.expected in bad if case.expected else not bad
    return {"verdicts": first, "at_the_end": [each.in_words() for each in last], "right": right}


def row(name, found):
    said = ", ".join(f"{what} ({samples:,})" for what, samples in found["verdicts"].items()) or "none"
    return (
        f"| {name} | {found['expected'] or 'none'} | {said} | {'yes' if found['right'] else 'NO'} | "
        f"{found['samples']:,} | {found['processor_s']:.0f} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="cases whose name holds one of these [default: all]")
    parser.add_argument("--records", type=Path, help="keep the measurements of each run in this folder")
    parser.add_argument(
        "--judge", action="store_true", help="judge those of --records anew, and train nothing"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    known = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    print(
        "| run | expected | verdicts (samples at first) | right | samples seen | processor s |\n|---|---|---|---|---|---|"
    )
    for name, case in CASES.items():
        if arguments.words and not any(word in name for word in arguments.words):
            continue
        sets = MORE.get(name, ())
        with tempfile.TemporaryDirectory() as temporary:
            folder = (
                Path(temporary) if arguments.records is None else arguments.records / name.replace(" ", "-")
            )
            if arguments.judge:
                if name in known:
                    known[name] |= judged(case, read_records(folder / FILE), facts_of(case, sets)[1])
                    print(row(name, known[name]), flush=True)
                continue
            folder.mkdir(parents=True, exist_ok=True)
            (folder / FILE).unlink(missing_ok=True)
            records, facts, more = measured(case, sets, folder)
        found = {
            "expected": case.expected,
            "settings": [*case.sets, *sets],
            "kept": case.keep,
            "preset": case.preset,
        }
        known[name] = found | more | judged(case, records, facts)
        known[name]["last"] = {record["monitor"]: record for record in records}
        write_text(RESULTS, json.dumps(known, indent=1) + "\n")
        print(row(name, known[name]), flush=True)
    write_text(RESULTS, json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()
