"""How often 95% intervals hold what they should, and how often equal sets come out as different, for metrics of features.

    python benchmarks/coverage.py [--draws 200] [--n 200] [--copies 1 [--apart]] [--only NAME,NAME] [--quick]

A draw is N real samples, N fresh ones beside a fixed training set, and three sets of fakes: A and B of one distribution,
C of another. Of the three worlds the first has fakes that are equal to the real samples. An interval should hold the mean of
its figure over all draws; an interval of A - B should hold 0, and one of A - C the mean of that difference.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.metrics.clipped import estimate_clipped
from evaluation.metrics.diversity import estimate_pairwise_distance
from evaluation.metrics.frechet import estimate_frechet, estimate_frechet_infinity
from evaluation.metrics.inception_score import estimate_inception_score
from evaluation.metrics.kernel import estimate_kernel
from evaluation.metrics.labels import estimate_accuracy, estimate_calibration, estimate_intensity
from evaluation.metrics.levels import estimate_level_above_real
from evaluation.metrics.mauve import estimate_mauve
from evaluation.metrics.memorisation import estimate_authenticity, estimate_distance_ratio, nearest_training
from evaluation.metrics.mifid import estimate_mifid
from evaluation.metrics.mind import estimate_mind
from evaluation.metrics.prdc import estimate_prdc
from evaluation.metrics.rbf import estimate_rbf_fixed, estimate_rbf_median
from evaluation.metrics.two_sample import estimate_two_sample
from evaluation.metrics.vendi import estimate_vendi
from evaluation.metrics.wavelet import estimate_wavelet_distance
from evaluation.statistics.comparison import difference
from evaluation.statistics.copies import clusters as clusters_of
from evaluation.statistics.copies import kept_together, links, usual

RESULTS = Path(__file__).parent / "results" / "evaluation" / "coverage.json"
SIZE, N_LABELS = 16, 4
_FIXED = np.random.default_rng(12)
_MIXING = _FIXED.normal(size=(SIZE, SIZE)) / SIZE**0.5
_CENTRES = _FIXED.normal(size=(8, SIZE)) * 2


def gaussian(random, n, kind):
    """Correlated features; C is a little wider."""
    return random.normal(size=(n, SIZE)) @ _MIXING * (1.1 if kind == "C" else 1) + 1


def clusters(random, n, kind):
    """Eight clusters; fakes have other shares of them and are duller, and C lacks one."""
    shares = {"real": np.ones(8), "C": np.r_[np.ones(7), 0.2]}.get(kind, np.arange(4, 12))
    at = random.choice(8, n, p=shares / shares.sum())
    return _CENTRES[at] + random.normal(size=(n, SIZE)) * (0.5 if kind == "real" else 0.45)


def heavy_tails(random, n, kind):
    """Student's t with 5 degrees of freedom; fakes are shifted, and C has lighter tails."""
    values = random.standard_t(9 if kind == "C" else 5, size=(n, SIZE)) @ _MIXING
    return values if kind == "real" else values + 0.2


WORLDS = {"gaussian": gaussian, "clusters": clusters, "heavy tails": heavy_tails}


def copied(random, values, of_each):
    """Near-copies in groups of ``of_each``, in random order."""
    if of_each == 1:
        return values
    rows = np.repeat(values[: -(-len(values) // of_each)], of_each, axis=0)[: len(values)]
    return random.permutation(rows + 0.02 * random.normal(size=rows.shape))


def estimates(random, world, seed, given):
    """Metric -> subject -> what is found in one draw."""
    n, draw = given.n, WORLDS[world]
    real, fresh = (draw(random, n, "real") for _ in range(2))
    training = draw(np.random.default_rng(n), n, "real")  # intervals of memorisation are for one training set
    held_out = nearest_training(fresh, training).distance
    found = {}
    for subject in "ABC":
        fake = copied(random, draw(random, n, subject), given.copies)
        if given.copies > 1 and not given.apart:
            fake = fake[kept_together(clusters_of(n, links(fake, usual(real))))]
        labels, intensities = random.integers(0, N_LABELS, n), random.random(n)
        logits = random.normal(size=(n, N_LABELS))
        logits[np.arange(n), labels] += 1 + intensities + 0.3 * (subject == "C")
        odds = np.exp(2 * logits)
        read = odds / odds.sum(axis=1, keepdims=True)
        makers = makers_of(real, fake, seed) | makers_of_others(
            nearest_training(fake, training), held_out, labels, intensities, read, seed
        )
        for name, make in makers.items():
            if given.only and name not in given.only.split(","):
                continue
            made = make()
            for metric, estimate in (made if isinstance(made, dict) else {name: made}).items():
                found.setdefault(metric, {})[subject] = estimate
    return found


def makers_of(real, fake, seed):
    """Of features."""
    return {
        "FD": lambda: estimate_frechet(real, fake),
        "FD infinity": lambda: estimate_frechet_infinity(real, fake),
        "KD": lambda: estimate_kernel(real, fake, seed),
        "KD rbf-median": lambda: estimate_rbf_median(real, fake),
        "KD rbf-10": lambda: estimate_rbf_fixed(real, fake),
        # about a point far off, so that cosine distances are small and fakes pay
        "MiFD": lambda: estimate_mifid(real + 4, fake + 4),
        "MIND": lambda: estimate_mind(real, fake),
        # as if there were four packets of four numbers each
        "FWD": lambda: estimate_wavelet_distance(real.reshape(-1, 4, 4), fake.reshape(-1, 4, 4)),
        "level": lambda: estimate_level_above_real(real[:, 0], fake[:, 0]),
        "C2ST": lambda: estimate_two_sample(real, fake, seed),
        "prdc": lambda: estimate_prdc(real, fake),
        "clipped": lambda: estimate_clipped(real, fake),
        "Vendi score": lambda: estimate_vendi(fake),
        **{f"Vendi score q={q:g}": lambda q=q: estimate_vendi(fake, q) for q in (0.5, 2, np.inf)},
        "pairwise distance": lambda: estimate_pairwise_distance(fake),
        "MAUVE": lambda: estimate_mauve(real, fake, seed),
    }


def makers_of_others(nearest, held_out, labels, intensities, read, seed):
    """Of the nearest training samples, and of labels that a classifier reads."""
    rows = np.arange(len(labels))
    return {
        "authenticity": lambda: estimate_authenticity(nearest),
        "nearest distance ratio": lambda: estimate_distance_ratio(nearest.distance, held_out),
        "classifier score": lambda: estimate_inception_score(read, seed),
        "accuracy": lambda: estimate_accuracy(labels, read.argmax(axis=1), N_LABELS),
        "calibration error": lambda: estimate_calibration(read, labels),
        "intensity correlation": lambda: estimate_intensity(labels, intensities, read[rows, labels]),
    }


def summary(draws):
    """Of one metric: how often intervals hold, and the spread that they tell of over the true one."""
    values = {subject: np.array([draw[subject].value for draw in draws]) for subject in "ABC"}
    mean = np.mean([*values["A"], *values["B"]])
    single = [draw[subject].interval for draw in draws for subject in "AB"]
    holds = np.mean([one.low <= mean <= one.high for one in single])
    found = {"interval": float(holds), "width": _width(single, np.r_[values["A"], values["B"]])}
    for other, truth in (("B", 0.0), ("C", float(np.mean(values["A"] - values["C"])))):
        gaps = [difference(draw["A"], draw[other])[1] for draw in draws]
        found[f"A - {other}"] = float(np.mean([gap.low <= truth <= gap.high for gap in gaps]))
        found[f"A - {other} width"] = _width(gaps, values["A"] - values[other])
    return found


def _width(intervals, values):
    """Half an interval over that of a normal figure whose spread is known."""
    half = np.mean([(one.high - one.low) / 2 for one in intervals])
    spread = 1.96 * np.std(values, ddof=1)
    return float(half / spread) if spread else float("nan")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument(
        "--only",
        default="",
        help="metrics by name (prdc is its four, and clipped its two); the file keeps the others",
    )
    parser.add_argument("--copies", type=int, default=1, help="near-copies of each fake")
    parser.add_argument("--apart", action="store_true", help="leave near-copies where they are")
    parser.add_argument("--quick", action="store_true", help="write nothing")
    given = parser.parse_args()
    table = {}
    known = json.loads(RESULTS.read_text())["worlds"] if given.only and RESULTS.exists() else {}
    for world in WORLDS:
        draws = [
            estimates(np.random.default_rng([seed, given.n]), world, seed, given)
            for seed in range(given.draws)
        ]
        table[world] = {metric: summary([draw[metric] for draw in draws]) for metric in draws[0]}
        print(
            f"\n{world}\n{'':26}{'interval':>9}{'width':>7}{'A - B':>9}{'width':>7}{'A - C':>9}{'width':>7}"
        )
        for metric, row in table[world].items():
            print(f"{metric:26}" + "".join(
                f"{row[name]:{9 if 'width' not in name else 7}.{3 if 'width' not in name else 2}f}" for name in row
            ), flush=True)  # fmt: skip
        known[world] = known.get(world, {}) | table[world]
        if not (given.quick or given.copies > 1):
            RESULTS.write_text(
                json.dumps({"draws": given.draws, "n": given.n, "worlds": known}, indent=1) + "\n"
            )


if __name__ == "__main__":
    main()
