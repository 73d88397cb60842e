"""The field's sanity checks on each metric of fidelity or diversity: which it passes, as a table of figures.

    python benchmarks/sanity.py [--n 1000] [--repeats 5] [--quick]

The 15 worlds are those of "All current generative fidelity and diversity metrics are flawed" (arXiv:2505.22450). What counts
as passed is stated beside each world below, in our own numbers: a metric of fidelity is to tell how many fakes could be
real, one of diversity how many real samples could be fake, and both are 1 for equal distributions and 0 for disjoint ones.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.metrics.clipped import clipped_coverage, clipped_density
from evaluation.metrics.prdc import prdc

RESULTS = Path(__file__).parent / "results" / "evaluation" / "sanity.json"
Random = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]
FIDELITY, DIVERSITY = "fidelity", "diversity"
LOW, HIGH, NEAR = 0.1, 0.9, 0.1


def scores(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    """Metric -> value; both sides cut to equal numbers, as the metrics want them."""
    n = min(len(real), len(fake))
    real, fake = real[:n], fake[:n]
    each = prdc(real, fake)
    return {
        **{
            name: float(getattr(each, name).mean()) for name in ("precision", "recall", "density", "coverage")
        },
        "clipped density": clipped_density(real, fake),
        "clipped coverage": clipped_coverage(real, fake),
    }


METRICS = {
    "precision": FIDELITY, "recall": DIVERSITY, "density": FIDELITY, "coverage": DIVERSITY,
    "clipped density": FIDELITY, "clipped coverage": DIVERSITY,
}  # fmt: skip


# ---- worlds: (random, n, place on the way) -> real and fake ----


def mean_difference(random: Random, n: int, at: float) -> Pair:
    return random.normal(size=(n, 16)), random.normal(size=(n, 16)) + at


def mean_difference_with_outlier(random: Random, n: int, at: float) -> Pair:
    real, fake = mean_difference(random, n, at)
    real[0] = fake[0] = 3
    return real, fake


def mean_difference_with_pareto(random: Random, n: int, at: float) -> Pair:
    real, fake = mean_difference(random, n, at)
    return np.hstack([real, random.pareto(1, (n, 1))]), np.hstack([fake, random.pareto(1, (n, 1))])


def std_difference(random: Random, n: int, at: float) -> Pair:
    return random.normal(size=(n, 16)), random.normal(size=(n, 16)) * at


def _modes(random: Random, n: int, shares: Sequence[float]) -> np.ndarray:
    """Ten modes, one on each axis."""
    mode = random.choice(len(shares), n, p=np.asarray(shares) / sum(shares))
    return 10 * np.eye(10)[mode] + random.normal(size=(n, 10))


def simultaneous_dropping(random: Random, n: int, at: float) -> Pair:
    return _modes(random, n, [1] * 10), _modes(random, n, [1] + [1 - at] * 9)


def sequential_dropping(random: Random, n: int, at: float) -> Pair:
    stay = 10 - round(9 * at)
    return _modes(random, n, [1] * 10), _modes(random, n, [1] * stay + [0] * (10 - stay))


def dropping_and_invention(random: Random, n: int, at: float) -> Pair:
    """Five real modes; fakes have the first 1 to 10 of ten."""
    return _modes(random, n, [1] * 5 + [0] * 5), _modes(random, n, [1] * int(at) + [0] * (10 - int(at)))


def hypersphere(random: Random, n: int, at: float) -> Pair:
    real, fake = random.normal(size=(2, n, 16))
    return real / np.linalg.norm(real, axis=1)[:, None], at * fake / np.linalg.norm(fake, axis=1)[:, None]


def hypercube(random: Random, n: int, at: float) -> Pair:
    return random.uniform(-1, 1, (n, 8)), at * random.uniform(-1, 1, (n, 8))


def number_of_fakes(random: Random, n: int, at: float) -> Pair:
    real, fake = random.uniform(-1, 1, (2, n, 8))
    return real, fake[: int(n * at)]


def sphere_in_torus(random: Random, n: int, at: float) -> Pair:
    """A ball in the hole of a torus in three dimensions; ``at``: the radius of the ball, the hole's is 0.9."""
    ball = random.normal(size=(n, 3))
    ball *= at * (random.random((n, 1)) ** (1 / 3)) / np.linalg.norm(ball, axis=1)[:, None]
    around, inside, radius = (
        2 * np.pi * random.random(n),
        2 * np.pi * random.random(n),
        0.1 * random.random(n) ** 0.5,
    )
    ring = 1 + radius * np.cos(inside)
    return ball, np.stack([ring * np.cos(around), ring * np.sin(around), radius * np.sin(inside)], axis=1)


def one_and_two_modes(random: Random, n: int, at: float) -> Pair:
    """One real mode between two modes of fakes ``at`` away on either side."""
    fake = random.normal(size=(n, 8))
    fake[:, 0] += at * random.choice([-1, 1], n)
    return random.normal(size=(n, 8)), fake


def scaled_dimension(random: Random, n: int, at: float) -> Pair:
    """Half the fakes are off by 6 in the first of 8 dimensions, and then both are scaled there, as units may be."""
    real, fake = random.normal(size=(2, n, 8))
    fake[: n // 2, 0] += 6
    scale = np.r_[at, np.ones(7)]
    return real * scale, fake * scale


def one_disjoint_dimension(random: Random, n: int, at: float) -> Pair:
    """Equal in ``at`` dimensions and far apart in one."""
    real, fake = random.normal(size=(2, n, int(at) + 1))
    fake[:, 0] += 6
    return real, fake


def discrete(random: Random, n: int, at: float) -> Pair:
    """Whole numbers, and numbers between them; ``at``: 0 where fakes are whole too."""
    real, fake = random.integers(0, 10, (2, n, 4)).astype(float)
    return real, fake + at * random.uniform(0.2, 0.8, fake.shape)


# ---- what is expected ----


@dataclass(frozen=True)
class Check:
    """One world, the places on its way, and what a metric's values there have to be."""

    world: Callable[[Random, int, float], Pair]
    places: tuple[float, ...]
    passed: Callable[[str, Mapping[float, float]], bool]
    """(fidelity or diversity, place -> value) -> whether it is as it should be."""
    expects: str


def _is_one(value: float) -> bool:
    return HIGH <= value <= 2 - HIGH


def _peak(_: str, at: Mapping[float, float]) -> bool:
    ends = max(at[-2], at[2])
    return _is_one(at[0]) and ends <= LOW and abs(at[-1] - at[1]) <= NEAR


def _symmetric(_: str, at: Mapping[float, float]) -> bool:
    return all(abs(at[place] - at[-place]) <= NEAR for place in at)


def _spread(side: str, at: Mapping[float, float]) -> bool:
    if side == FIDELITY:
        return at[0.25] >= HIGH and _is_one(at[1]) and at[4] <= LOW
    return at[0.25] <= LOW and _is_one(at[1])


def _dropping(side: str, at: Mapping[float, float]) -> bool:
    if side == FIDELITY:
        return all(_is_one(value) for value in at.values())
    values = [at[place] for place in sorted(at)]
    falls = all(before - after >= 0.03 for before, after in itertools.pairwise(values))
    return _is_one(values[0]) and falls and values[-1] <= 0.2


def _invention(side: str, at: Mapping[float, float]) -> bool:
    expected = {place: min(1, 5 / place if side == FIDELITY else place / 5) for place in at}
    return all(abs(at[place] - expected[place]) <= NEAR for place in at)


def _radius(_: str, at: Mapping[float, float]) -> bool:
    return _is_one(at[1]) and max(at[0.5], at[1.5]) <= LOW


def _cube(side: str, at: Mapping[float, float]) -> bool:
    share = {place: min(1.0, place**-8 if side == FIDELITY else place**8) for place in at}
    return all(abs(at[place] - share[place]) <= NEAR for place in at)


def _constant(_: str, at: Mapping[float, float]) -> bool:
    return max(at.values()) - min(at.values()) <= NEAR


def _none(_: str, at: Mapping[float, float]) -> bool:
    return max(at.values()) <= LOW


def _two(_: str, at: Mapping[float, float]) -> bool:
    return _is_one(at[0]) and at[6] <= LOW


def _discrete(side: str, at: Mapping[float, float]) -> bool:
    return _is_one(at[0]) and at[1] <= LOW


_DROPPING = "fidelity stays 1, diversity falls from 1 to 0.1"
CHECKS = {
    "mean difference": Check(
        mean_difference, (-2, -1, 0, 1, 2), _peak, "1 at 0, 0 at a shift of 2 in all 16 dimensions, symmetric"
    ),
    "mean difference, an outlier": Check(
        mean_difference_with_outlier,
        (-1, -0.5, 0, 0.5, 1),
        _symmetric,
        "the same for a shift towards the outlier and away from it",
    ),
    "mean difference, a Pareto dimension": Check(
        mean_difference_with_pareto, (-2, -1, 0, 1, 2), _peak, "as without that dimension"
    ),
    "spread": Check(
        std_difference,
        (0.25, 1, 4),
        _spread,
        "fidelity 1 up to the real spread and 0 at four times it; diversity 0 at a quarter of it and 1 at it",
    ),
    "modes dropped together": Check(simultaneous_dropping, (0, 0.5, 1), _dropping, _DROPPING),
    "modes dropped one by one": Check(sequential_dropping, (0, 1 / 3, 2 / 3, 1), _dropping, _DROPPING),
    "modes dropped and invented": Check(
        dropping_and_invention,
        (1, 3, 5, 7, 10),
        _invention,
        "fidelity 1, then 5 / modes; diversity modes / 5, then 1",
    ),
    "surface of a hypersphere": Check(
        hypersphere, (0.5, 1, 1.5), _radius, "1 at the real radius, 0 at half and one and a half of it"
    ),
    "size of a hypercube": Check(
        hypercube, (0.5, 0.8, 1, 1.25, 2), _cube, "the share of the volume that the other one has"
    ),
    "number of fakes": Check(
        number_of_fakes, (0.25, 0.5, 1), _constant, "the same with a quarter of the fakes"
    ),
    "sphere in a torus": Check(sphere_in_torus, (0.3, 0.6, 0.8), _none, "0: they are disjoint"),
    "one mode and two": Check(
        one_and_two_modes, (0, 6), _two, "1 where they coincide, 0 at six standard deviations"
    ),
    "a scaled dimension": Check(
        scaled_dimension, (0.01, 1, 100), _constant, "the same in any unit of one dimension"
    ),
    "one disjoint dimension": Check(
        one_disjoint_dimension, (1, 15, 63), _none, "0, however many dimensions are alike"
    ),
    "discrete and continuous": Check(discrete, (0, 1), _discrete, "1 for whole numbers, 0 for those between"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--n", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="write nothing")
    given = parser.parse_args()
    torch.set_num_threads(1)
    report = {}
    print(f"{'':38}" + "".join(f"{name:>18}" for name in METRICS))
    for title, check in CHECKS.items():
        values: dict[str, dict[float, float]] = {name: {} for name in METRICS}
        for place in check.places:
            every = [
                scores(*check.world(np.random.default_rng([seed, given.n]), given.n, place))
                for seed in range(given.repeats)
            ]
            for name in METRICS:
                values[name][place] = float(np.mean([one[name] for one in every]))
        passed = {name: check.passed(side, values[name]) for name, side in METRICS.items()}
        report[title] = {
            "expects": check.expects,
            "values": {
                name: {str(place): round(value, 4) for place, value in at.items()}
                for name, at in values.items()
            },
            "passed": passed,
        }
        print(
            f"{title:38}" + "".join(f"{'yes' if passed[name] else 'no':>18}" for name in METRICS), flush=True
        )
    if not given.quick:
        facts = {"n": given.n, "repeats": given.repeats, "checks": report}
        RESULTS.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
