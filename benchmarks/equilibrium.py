"""How orders of play move in small games, as pictures, and whether the gap orders runs as mode counts do.

OMP_NUM_THREADS=1 python -m benchmarks.equilibrium plays     # docs/images/plays.png: min max xy and Dirac's GAN; seconds
OMP_NUM_THREADS=1 python -m benchmarks.equilibrium matrix    # rock, paper, scissors, where the distance is exact; seconds
OMP_NUM_THREADS=1 python -m benchmarks.equilibrium ring      # docs/images/ring-plays.png: the ring under each; 3 minutes
OMP_NUM_THREADS=1 python -m benchmarks.equilibrium rank      # 20 short runs of the ring, rank correlations; 6 minutes

Times are of one processor. Figures go to benchmarks/results/equilibrium.json.
"""

import argparse
import json
import tempfile
import time
from contextlib import nullcontext
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import nn

from benchmarks.worlds import figures
from multigan.config import load
from multigan.game import Game
from multigan.losses import LOSSES
from multigan.modality import build_networks, modality_of
from multigan.objectives import Outcome
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.penalties import PENALTIES
from multigan.points import map as maps
from multigan.points.film import draw_frame
from multigan.protocols import Batch
from multigan.sampling import latents
from multigan.training.assemble import assemble
from multigan.training.monitors.exploitability import exploitability
from multigan.training.monitors.hook import FILE, Monitors, read_records
from multigan.training.monitors.table import MONITORS
from multigan.training.optimisers import OPTIMISERS, Optimiser
from multigan.training.plays import PLAYS
from multigan.training.trainer import Stage, Trainer, Update
from multigan.writing import replacing, write_text
from recipes.settings import load_recipe

HERE = Path(__file__).parent
RESULTS, IMAGES = HERE / "results" / "equilibrium.json", HERE.parent / "docs" / "images"
GAMES = {
    "simultaneous": ("simultaneous", {"name": "sgd"}),
    "alternating": ("alternating", {"name": "sgd"}),
    "extragradient": ("extragradient", {"name": "sgd"}),
    "lookahead": ("lookahead", {"name": "sgd"}),
    "optimistic Adam": ("simultaneous", {"name": "optimistic_adam", "betas": [0.0, 0.9]}),
}
"""Name -> play and optimiser."""


# ---- two numbers ----


class Number(nn.Module):
    """A player of one number; the discriminator of Dirac's GAN multiplies samples by it."""

    def __init__(self, value):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value))

    def forward(self, samples, condition):
        return (samples * self.value).squeeze(1)


class Makes(Number):
    """The generator of Dirac's GAN: every sample is its number."""

    def latent(self, n, random_state=None):
        return torch.zeros(n, 1)

    def forward(self, latent, condition):
        return latent + self.value


class Zeros:
    """Real samples that are all 0."""

    labels, sample_shape = (), (1,)

    def __len__(self):
        return 64

    def batch(self, rows):
        return Batch(torch.zeros(len(rows), 1), None)


def product_objectives():
    def objective(sign):
        def of(players, batch):
            loss = sign * players.generator.value * players.discriminator.value
            return Outcome(loss.expand(len(batch.real)), {})

        return of

    return objective(1.0), objective(-1.0)


def dirac_objectives(weight):
    """Mescheder's Dirac-GAN (arXiv:1801.04406, section 2) with the minimax loss, and R1 of that weight."""
    loss = LOSSES["minimax"]
    penalties = [(PENALTIES["r1"](), weight)] if weight else []
    return pathwise(loss), discriminator(loss, 0.0, penalties)


class Walk:
    """Keeps what ``read`` sees of the networks after each step."""

    def __init__(self, read):
        self.points, self._read = [], read

    def after_step(self, trainer):
        self.points.append(self._read(*trainer.networks.values()))


def path_of(networks, read, play, rule, objectives, n_steps, rate, folder):
    """What ``read`` says of the networks at the start and after each step of a play."""
    rule_of = OPTIMISERS[rule["name"]]
    own = load(
        rule_of.settings, {**{key: value for key, value in rule.items() if key != "name"}, "lr": rate}, "here"
    )
    trained = {name: Optimiser([each], rule_of, own, 1) for name, each in networks.items()}
    updates = [Update(name, (name,), each) for name, each in zip(networks, objectives, strict=True)]
    path = Walk(read)
    path.points.append(read(*networks.values()))
    n_batches = PLAYS[play].n_batches
    trainer = Trainer(
        game=Game(networks, nn.Identity(), nullcontext), optimisers=trained,
        stages=[Stage("game", n_steps * n_batches, tuple(updates))], data=Zeros(), batch_size=1, accumulate=1, seed=0,
        device=torch.device("cpu"), run_folder=folder, play=PLAYS[play], hooks=[path],
    )  # fmt: skip
    trainer.run()
    return np.array(path.points)


def places(generator, discriminator):
    return generator.value.item(), discriminator.value.item()


ROWS = {
    "min max xy": (product_objectives, 400, 0.1),
    "Dirac's GAN": (lambda: dirac_objectives(0.0), 1000, 0.2),
    "Dirac's GAN, R1": (lambda: dirac_objectives(0.3), 1000, 0.2),
}
SIDE, LABEL = 220, 20


def plays(known):
    found = {}
    whole = Image.new("RGB", (SIDE * len(GAMES), (SIDE + LABEL) * len(ROWS)), "white")
    brush = ImageDraw.Draw(whole)
    with tempfile.TemporaryDirectory() as folder:
        for row, (what, (objectives, n_steps, rate)) in enumerate(ROWS.items()):
            for column, (name, (play, rule)) in enumerate(GAMES.items()):
                own_rate = rate if rule["name"] == "sgd" else rate / 10
                networks = {"generator": Makes(1.0), "discriminator": Number(0.0)}
                points = path_of(networks, places, play, rule, objectives(), n_steps, own_rate, Path(folder))
                distance = np.hypot(*points.T)
                found.setdefault(what, {})[name] = round(float(distance[-1]), 4)
                draw_path(brush, points, column * SIDE, row * (SIDE + LABEL), f"{what}: {name}")
                print(f"{what}: {name}: {distance[-1]:.4g} after {n_steps} steps of {own_rate:g}", flush=True)
    with replacing(IMAGES / "plays.png") as stream:
        whole.quantize(32).save(stream, format="PNG", optimize=True)
    known["plays"] = found


def draw_path(brush, points, left, top, title):
    """A path of points [N, 2] from grey to blue, its start hollow and its end red, around a cross at 0.

    It is drawn as far as it stays in [-2, 2]^2; where it leaves that, it has no red end.
    """
    outside = np.flatnonzero((np.abs(points) > 2).any(1))
    inside = points[: outside[0]] if len(outside) else points

    def place(point):
        x, y = point
        return left + (x + 2) / 4 * SIDE, top + LABEL + (2 - y) / 4 * SIDE

    brush.rectangle([left, top + LABEL, left + SIDE - 1, top + LABEL + SIDE - 1], outline=(200, 200, 196))
    x, y = place((0, 0))
    brush.line([x - 5, y, x + 5, y], (120, 120, 120))
    brush.line([x, y - 5, x, y + 5], (120, 120, 120))
    ends = [place(point) for point in inside]
    for number, (a, b) in enumerate(pairwise(ends)):
        share = number / len(points)
        brush.line([*a, *b], (int(190 - 170 * share), int(200 - 140 * share), int(210 - 60 * share)), 2)
    marks = [(ends[0], None), *([] if len(outside) else [(ends[-1], (190, 20, 60))])]
    for (x, y), fill in marks:
        brush.ellipse([x - 4, y - 4, x + 4, y + 4], outline=(190, 20, 60), fill=fill)
    brush.text((left + 4, top + 4), title, (40, 40, 40), font=maps._font())


# ---- a matrix game ----

BEATS = torch.tensor([[0.0, -1, 2], [1, 0, -1], [-2, 1, 0]])
"""Scissors, paper, rock: what the row player loses; rock's win counts double. The equilibrium: (1/4, 1/2, 1/4) for both."""


class Chooses(nn.Module):
    """A player of logits: choices with the shares of a softmax."""

    def __init__(self, *logits):
        super().__init__()
        self.logits = nn.Parameter(torch.tensor(logits))

    def shares(self):
        return self.logits.softmax(0)


def matrix_objectives():
    def objective(sign):
        def of(players, batch):
            payoff = players.generator.shares() @ BEATS @ players.discriminator.shares()
            return Outcome((sign * payoff).expand(len(batch.real)), {})

        return of

    return objective(1.0), objective(-1.0)


def shares_of(row, column):
    return torch.stack((row.shares(), column.shares())).detach().numpy()


def matrix(known):
    """Exploitability of what the players choose at the end, and of the mean of all their choices."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (play, rule) in GAMES.items():
            networks = {"generator": Chooses(1.0, 0.0, 0.0), "discriminator": Chooses(0.0, 0.0, 1.0)}
            rate = 0.5 if rule["name"] == "sgd" else 0.05
            path = path_of(networks, shares_of, play, rule, matrix_objectives(), 1000, rate, Path(folder))
            ends = {"start": path[0], "end": path[-1], "mean": path.mean(0)}
            found[name] = {what: float(exploitability(BEATS, *torch.from_numpy(each / each.sum(1, keepdims=True))))
                           for what, each in ends.items()}  # fmt: skip
            print(name, json.dumps(found[name]), flush=True)
    known["matrix"] = found


# ---- the ring ----

OF_RING = {
    name: (play, "adam" if rule["name"] == "sgd" else rule["name"]) for name, (play, rule) in GAMES.items()
}
UNDAMPED = ("training.loss=non_saturating", "training.penalties=[]", "architecture.generator_layers=3")


class AtTheEnd(Monitors):
    """Measures once."""

    def on_start(self, trainer):
        super().on_start(trainer)
        self._waiting = []


def trained_ring(sets, monitors, folder, budget_samples):
    recipe = load_recipe("ring", sets=[f"training.samples={budget_samples}", *sets])
    modality, training = modality_of(recipe.modality), recipe.training
    splits = modality.open_data(recipe.data, None, lambda *facts: None)

    def fresh():
        return build_networks(modality, recipe.architecture, (2,), ())

    watching = AtTheEnd(
        [MONITORS[name] for name in monitors],
        budget_samples,
        None,
        splits.held_out,
        LOSSES[training.loss],
        fresh,
    )
    trainer = assemble(modality, recipe, splits.train, folder, lambda ema: [watching])
    begun = time.process_time()
    trainer.run()
    if trainer.interrupted:
        raise SystemExit("Stopped.")
    last = {record["monitor"]: record for record in read_records(folder / FILE)}
    counts = figures(trainer.networks["generator"], splits.train.world)
    return trainer, splits, last, {**counts, "processor_s": round(time.process_time() - begun, 1)}


def ring(known):
    found, frames = {}, []
    with tempfile.TemporaryDirectory() as temporary:
        for seed, (name, (play, rule)) in product(range(3), OF_RING.items()):
            folder = Path(temporary) / f"{name}-{seed}"
            folder.mkdir()
            rates = [f"training.optimisers.{p}={{name: {rule}, lr: 1e-3, betas: [0.5, 0.99]}}"
                     for p in ("generator", "discriminator")]  # fmt: skip
            sets = [*UNDAMPED, f"training.play={play}", *rates, f"seed={seed}"]
            trainer, splits, last, counts = trained_ring(
                sets, ("distance", "gap", "spectrum"), folder, 320_000
            )
            own = counts | {key: last["distance"][key] for key in ("jsd", "jsd_low", "jsd_high")}
            own |= {"gap": last["gap"]["gap"], "highest_imaginary": last["spectrum"]["highest_imaginary"],
                    "lowest_real": last["spectrum"]["lowest_real"]}  # fmt: skip
            found.setdefault(name, []).append(own)
            print(name, seed, json.dumps(own), flush=True)
            if seed:
                continue
            latent = latents(trainer.networks["generator"], 0, range(500))
            loss = LOSSES["non_saturating"]
            frame = Path(temporary) / f"{len(frames)}.png"
            draw_frame(trainer.networks, splits.train, loss, latent, trainer.samples_seen, frame)
            frames.append(frame)
        whole = maps.side_by_side(frames, list(OF_RING))
    with replacing(IMAGES / "ring-plays.png") as stream:
        maps_alone = whole.crop(
            (0, 0, whole.width, whole.height - maps.STRIP)
        )  # small, their lines cannot be read
        maps_alone.resize((maps_alone.width * 2 // 3, maps_alone.height * 2 // 3)).save(
            stream, format="PNG", optimize=True
        )
    known["ring"] = found


# ---- ranks ----

R1 = "training.penalties=[{name: r1, weight: 0.05}]"
VARIANTS = (
    (40_000, ("training.penalties=[]",), 1e-3),
    (120_000, ("training.penalties=[]",), 1e-3),
    (120_000, ("training.penalties=[]", "training.loss=minimax"), 1e-3),
    (120_000, ("training.penalties=[]", "training.play=lookahead"), 1e-3),
    (120_000, ("training.penalties=[]",), 3e-3),
    (20_000, (R1,), 1e-3),
    (60_000, (R1,), 1e-3),
    (120_000, (R1,), 1e-3),
    (120_000, (R1,), 3e-3),
    (120_000, (R1, "training.loss=minimax"), 1e-3),
)
"""Samples seen, settings, and both rates: games of the log loss, so that their gaps have one unit."""


def rank(known):
    runs = known.get("rank", {}).get("runs", [])
    for number in range(len(runs), 2 * len(VARIANTS)):
        samples, sets, rate = VARIANTS[number // 2]
        seed = number % 2
        rates = [f"training.optimisers.{name}.lr={rate}" for name in ("generator", "discriminator")]
        own = ["training.loss=non_saturating", *sets, *rates, f"seed={seed}", f"data.seed={seed}"]
        with tempfile.TemporaryDirectory() as folder:
            _, _, last, counts = trained_ring(own, ("coverage", "distance", "gap"), Path(folder), samples)
        values = {key: last[monitor][key] for monitor, key in (
            ("distance", "jsd"), ("gap", "gap"), ("coverage", "coverage"))}  # fmt: skip
        runs.append({"samples": samples, "settings": own, **counts, **values})
        print(json.dumps(runs[-1]), flush=True)
        known["rank"] = {"runs": runs}
        write_text(RESULTS, json.dumps(known, indent=1) + "\n")
    table = {}
    for measure in ("gap", "jsd"):
        for count in ("modes", "good", "imbalance", "coverage"):
            pairs = [(run[measure], run[count]) for run in runs]
            table[f"{measure}, {count}"] = spearman(*np.array(pairs).T, np.arange(len(runs)) // 2)
            value, low, high = table[f"{measure}, {count}"]
            print(f"{measure} and {count}: {value:.2f} [{low:.2f}, {high:.2f}]")
    known["rank"]["spearman"] = table


def ranks(values):
    """Equal values share the mean of their ranks."""
    values = np.asarray(values)
    return np.array([(values < value).sum() + ((values == value).sum() + 1) / 2 for value in values])


def spearman(first, second, groups):
    """The rank correlation of two lists, and its 95% interval by the bootstrap: whole groups (the seeds of a setting, which
    are alike) are drawn with replacement."""
    source, own = np.random.default_rng(0), np.unique(groups)
    rows = [np.flatnonzero(groups == group) for group in own]

    def of(chosen):
        return float(np.corrcoef(ranks(first[chosen]), ranks(second[chosen]))[0, 1])

    many = [
        of(np.concatenate([rows[i] for i in source.integers(len(own), size=len(own))])) for _ in range(4000)
    ]
    low, high = np.nanquantile(many, [0.025, 0.975])
    return of(np.arange(len(first))), float(low), float(high)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "parts",
        nargs="*",
        default=["plays", "matrix", "ring", "rank"],
        help="plays, matrix, ring, rank [default: all]",
    )
    torch.set_num_threads(1)
    known = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for part in parser.parse_args().parts:
        {"plays": plays, "matrix": matrix, "ring": ring, "rank": rank}[part](known)
        write_text(RESULTS, json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()
