"""The 2-D worlds: modes captured, good samples and processor time of a recipe's settings, over several seeds.

OMP_NUM_THREADS=1 python -m benchmarks.worlds                    # all of CASES, 5 seeds: about 8 minutes of processor time
OMP_NUM_THREADS=1 python -m benchmarks.worlds ring gan-2014 --seeds 2

Writes benchmarks/results/worlds.json after each run; a seed that was measured with the same settings is not run again.
Figures are of 2,500 samples, of the averaged generator that a run samples from and of the one that plays; ``lowest`` and
``highest`` are the fewest and the most modes of the playing one (500 samples) at the frames of the last half of the run.
"""

import argparse
import json
import platform
import time
from pathlib import Path

import torch

from multigan.config import to_dict
from multigan.modality import modality_of
from multigan.points.worlds import WORLDS
from multigan.sampling import generate, latents
from multigan.training.assemble import assemble
from multigan.training.hooks.every import Every
from multigan.writing import write_text
from recipes.reports.modes import divergence_from_even
from recipes.settings import load_recipe

RESULTS = Path(__file__).parent / "results" / "worlds.json"
CASES = {
    "ring": (None, "ring"),
    "grid": (None, "grid"),
    "gan-2014": ("gan-2014", "ring"),
}
"""Name -> preset and world."""
N, SEED = 2_500, 12_345


class Watch:
    """Modes of the generator that plays, at each interval."""

    name = "watch"

    def __init__(self, interval, world):
        self._every, self._world = Every(interval), world
        self.modes = []

    def after_step(self, trainer):
        if self._every.due(trainer.samples_seen):
            self.modes.append(figures(trainer.networks["generator"], self._world, 500)["modes"])


def figures(generator, world, n=N):
    points = generate(generator, latents(generator, SEED, range(n)), None).numpy()
    counts = world.good_of_modes(points)
    imbalance = round(divergence_from_even(counts), 4)
    return {"modes": int((counts > 0).sum()), "good": round(counts.sum() / n, 4), "imbalance": imbalance}


def recipe_of(preset, name, seed):
    return load_recipe(
        "ring", preset=preset, sets=[f"data.world={name}", f"seed={seed}", f"data.seed={seed}"]
    )


def measured(preset, name, seed):
    recipe = recipe_of(preset, name, seed)
    modality, world = modality_of(recipe.modality), WORLDS[name]
    data = modality.open_data(recipe.data, None, lambda *facts: None).train
    watch, averages = Watch(recipe.training.preview_every, world), []
    trainer = assemble(modality, recipe, data, Path("nowhere"), lambda ema: averages.append(ema) or [watch])
    begun, wall = time.process_time(), time.monotonic()
    trainer.run()
    if trainer.interrupted:
        raise SystemExit(f"Stopped in a run of seed {seed}, which is not kept.")
    seconds = {
        "processor_s": round(time.process_time() - begun, 1),
        "wall_s": round(time.monotonic() - wall, 1),
    }
    late = watch.modes[len(watch.modes) // 2 :]
    playing = figures(trainer.networks["generator"], world) | {"lowest": min(late), "highest": max(late)}
    return {"seed": seed, "averaged": figures(averages[0], world), "playing": playing, **seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", help=f"some of {', '.join(CASES)} [default: all]")
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    known = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for case in arguments.cases or CASES:
        preset, name = CASES[case]
        recipe = recipe_of(preset, name, 0)
        settings = {"architecture": recipe.architecture, "training": to_dict(recipe.training)}
        settings = json.loads(json.dumps(settings))  # tuples are lists there
        facts = {
            "preset": preset,
            "world": name,
            "n": N,
            "torch": torch.__version__,
            "machine": platform.machine(),
        }
        before = known.get(case, {})
        runs = before["runs"] if before.get("settings") == settings else []
        for seed in range(len(runs), arguments.seeds):
            runs.append(measured(preset, name, seed))
            print(case, json.dumps(runs[-1]), flush=True)
            known[case] = {**facts, "settings": settings, "runs": runs}
            write_text(RESULTS, json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()
