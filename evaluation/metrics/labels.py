"""How well a label that was asked for comes through, as a classifier of real samples reads it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.statistics.estimate import Estimate, groups, left_out, left_out_means, n_groups_of
from evaluation.statistics.intervals import jackknife, wilson, wilson_effective
from multigan.errors import ConfigError

N_BINS = 15
_CLASSIFIER_IS_FIXED = "The classifier is taken as fixed."


@dataclass(frozen=True, eq=False)
class Reliability:
    """How often a classifier is right at each confidence: bins of equal width over [0, 1], all arrays [B]."""

    counts: np.ndarray
    """Samples in each bin; where there are none, confidence and accuracy are 0."""
    confidence: np.ndarray
    """The mean of the largest probability."""
    accuracy: np.ndarray
    """The share in which the label with the largest probability is the one asked for."""


def confusion(labels: np.ndarray, predictions: np.ndarray, n_classes: int) -> np.ndarray:
    """Counts [C, C]: the row is the label asked for, the column the one that was read."""
    pairs = np.asarray(labels, np.int64) * n_classes + np.asarray(predictions, np.int64)
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)


def accuracy(counts: np.ndarray) -> float:
    """The share of a confusion matrix [C, C] that is on its diagonal."""
    return float(np.trace(counts) / counts.sum())


def balanced_accuracy(counts: np.ndarray) -> float:
    """The mean of the recalls of a confusion matrix [C, C], over the labels asked for at all.

    Where labels are uneven, always reading the commonest one gives 1 / C here, whatever its share.
    """
    sizes = counts.sum(axis=1)
    occurs = sizes > 0
    return float(np.mean(np.diag(counts)[occurs] / sizes[occurs]))


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks [N] from 0, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts) - 1
    return (last - (counts - 1) / 2)[inverse]


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rho of two series [N], ties sharing their mean rank; 0 where a series is constant."""
    a, b = (values - values.mean() for values in (ranks(one), ranks(other)))
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size > 0 else 0.0


def intensity_correlation(labels: np.ndarray, intensities: np.ndarray, strengths: np.ndarray) -> float:
    """Spearman's rho of intensity asked for and strength read [N], averaged over labels by their samples.

    Taken within each label, because some labels read more strongly than others at any intensity.
    """
    total = 0.0
    for label in np.unique(labels):
        chosen = labels == label
        total += chosen.sum() * rank_correlation(intensities[chosen], strengths[chosen])
    return float(total / len(labels))


def read_strengths(
    train: np.ndarray,
    train_labels: np.ndarray,
    train_intensities: np.ndarray,
    features: np.ndarray,
    labels: np.ndarray,
) -> np.ndarray:
    """How strong the label asked for looks [N] in features [N, D]: by ridge regression, one per label.

    It learns intensities [M] from the features [M, D] of real training samples of the same label, with a
    penalty of 0.01 on standardised features. A class without two training samples reads 0.
    """
    strengths = np.zeros(len(features))
    for label in np.unique(labels):
        rows, chosen = train_labels == label, labels == label
        if rows.sum() < 2:
            continue
        known, target = train[rows].astype(np.float64), train_intensities[rows].astype(np.float64)
        mean, scale = known.mean(axis=0), known.std(axis=0) + 1e-6
        known = (known - mean) / scale
        gram = known.T @ known / len(known) + 0.01 * np.eye(known.shape[1])
        weights = np.linalg.solve(gram, known.T @ (target - target.mean()) / len(known))
        strengths[chosen] = (features[chosen] - mean) / scale @ weights + target.mean()
    return strengths


def reliability(probabilities: np.ndarray, labels: np.ndarray, n_bins: int = N_BINS) -> Reliability:
    """The bins of a reliability diagram (arXiv:1706.04599, section 2) of probabilities [N, C] and labels [N]."""
    member, confidence, right = _binned(probabilities, labels, n_bins)
    counts = np.bincount(member, minlength=n_bins)
    sums = (np.bincount(member, values, n_bins) for values in (confidence, right))
    return Reliability(counts, *(values / np.maximum(counts, 1) for values in sums))


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, n_bins: int = N_BINS) -> float:
    """ECE = sum_m |B_m| / N |accuracy(B_m) - confidence(B_m)| (arXiv:1706.04599, eq. 3), in [0, 1].

    B_m holds the samples whose largest probability is in ((m - 1) / M, m / M]; probabilities [N, C], labels [N].
    """
    bins = reliability(probabilities, labels, n_bins)
    return float(bins.counts @ np.abs(bins.accuracy - bins.confidence) / bins.counts.sum())


def estimate_accuracy(labels: np.ndarray, predictions: np.ndarray, n_classes: int) -> dict[str, Estimate]:
    """The share of samples [N] whose label is read as asked: of all, and balanced over the labels asked for.

    "emotion accuracy" tells in its note what guessing would reach. "balanced emotion accuracy" has, where all recalls are
    alike, the variance of C^2 / sum_c (1 / n_c) samples, which its interval takes for n at most.
    """
    right = np.asarray(labels) == np.asarray(predictions)
    n, n_groups = len(right), n_groups_of(len(right))
    counts = confusion(labels, predictions, n_classes)
    sizes = counts.sum(axis=1)
    guessing = (
        f"Guessing among {n_classes} labels is right for {1 / n_classes:.3f}, always answering the commonest "
        f"of those asked for, for {sizes.max() / n:.3f}. {_CLASSIFIER_IS_FIXED}"
    )
    # the samples are independent and the classifier is not drawn anew, so that n needs no correction
    plain = Estimate(
        accuracy(counts), left_out_means(right, n_groups), wilson(int(right.sum()), n), n, guessing
    )
    sizes, value = sizes[sizes > 0], balanced_accuracy(counts)
    without = left_out(
        lambda one, other: balanced_accuracy(confusion(one, other, n_classes)),
        labels,
        predictions,
        n_groups=n_groups,
    )
    interval = wilson_effective(value, max(1, int(len(sizes) ** 2 / np.sum(1 / sizes))), without)
    alike = f"The mean over the {len(sizes)} labels asked for, each counting alike. {_CLASSIFIER_IS_FIXED}"
    balanced = Estimate(value, without, interval, n, alike)
    return {"emotion accuracy": plain, "balanced emotion accuracy": balanced}


def estimate_calibration(probabilities: np.ndarray, labels: np.ndarray, n_bins: int = N_BINS) -> Estimate:
    """The expected calibration error of probabilities [N, C] against the labels asked for [N].

    ECE = sum_m |sum_(i in B_m) (right_i - confidence_i)| / N, the same as eq. 3 of arXiv:1706.04599. Where confidence and
    share agree, chance alone leaves about sum_m sqrt(2 / pi sum_(i in B_m) confidence_i (1 - confidence_i)) / N of it;
    there the jackknife's error is about half too large, elsewhere right.
    """
    member, confidence, right = _binned(probabilities, labels, n_bins)
    n, n_groups = len(member), n_groups_of(len(member))
    cells = groups(n, n_groups) * n_bins + member
    gaps = np.bincount(cells, right - confidence, n_groups * n_bins).reshape(n_groups, n_bins)
    sizes = np.bincount(groups(n, n_groups), minlength=n_groups)
    total = gaps.sum(axis=0)
    value = float(np.abs(total).sum() / n)
    without = np.abs(total - gaps).sum(axis=1) / (n - sizes)
    variance = np.bincount(member, confidence * (1 - confidence), n_bins)
    by_chance = float(np.sqrt(2 / np.pi * variance).sum() / n)
    note = f"At this n chance alone leaves about {by_chance:.3f}. {_CLASSIFIER_IS_FIXED}"
    return Estimate(value, without, jackknife(value, without, lowest=0, highest=1), n, note)


def estimate_intensity(labels: np.ndarray, intensities: np.ndarray, strengths: np.ndarray) -> Estimate:
    """``intensity_correlation`` of label, intensity asked for and strength read [N]."""
    n = len(labels)
    value = intensity_correlation(labels, intensities, strengths)
    without = left_out(intensity_correlation, labels, intensities, strengths, n_groups=n_groups_of(n))
    interval = jackknife(value, without, lowest=-1, highest=1)
    return Estimate(value, without, interval, n, "What reads the strength is taken as fixed.")


def split_for_ceiling(labels: np.ndarray, seed: int, share: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """(training rows, ceiling rows), ascending, of real samples with labels int [N].

    A classifier that is trained on the first and read on the second says how accurate it can be on anything: the
    real ceiling. Within one sample a label gives the ceiling its ``share``, but never all that it has.
    """
    if not 0 < share < 1:
        raise ConfigError(f"The share of the ceiling is {share}; give one between 0 and 1, such as 0.2.")
    labels = np.asarray(labels)
    random_state = np.random.default_rng(seed)
    order = random_state.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    # every 1 / share-th sample from a random start, so that labels with few samples give their share on average
    steps = np.floor(np.arange(len(labels) + 1) * share + random_state.random())
    ceiling = np.zeros(len(labels), bool)
    ceiling[order] = np.diff(steps) > 0
    for label in np.unique(labels[ceiling]):
        rows = np.flatnonzero(labels == label)
        if ceiling[rows].all():
            ceiling[rows[0]] = False
    return np.flatnonzero(~ceiling), np.flatnonzero(ceiling)


def _binned(
    probabilities: np.ndarray, labels: np.ndarray, n_bins: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The bin [N] of each sample's largest probability, that probability [N], and 1 where it is the label's [N]."""
    probabilities = np.asarray(probabilities, np.float64)
    confidence = probabilities.max(axis=1)
    right = (probabilities.argmax(axis=1) == np.asarray(labels)).astype(np.float64)
    member = np.searchsorted(np.linspace(0, 1, n_bins + 1), confidence, side="left") - 1
    return np.clip(member, 0, n_bins - 1), confidence, right
