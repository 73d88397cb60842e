"""How often each pitch is heard: its mean and spread, and how far the pitches of fakes lie from those of real sounds.

All from counts [N, 361] of clips: in how many frames each of 360 pitches is heard, 20 cents apart, and the number of frames.
"""

from __future__ import annotations

import numpy as np

from evaluation.statistics.estimate import Estimate, groups, interactions, n_groups_of, pairs_of_groups
from evaluation.statistics.intervals import Interval, jackknife
from multigan.errors import DataError

N_BINS = 360
SEMITONES = 0.2
"""From one pitch to the next."""
LOWEST_HZ = 10 * 2 ** (1997.3794084376191 / 1200)
"""31.7 Hz; the highest pitch has 2,006."""
FEWEST = 3
"""So many groups have a clip with a pitch, at least: two may be left out."""


def pitch_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """The Wasserstein distance in semitones between the pitches of frames in counts [N, 361] and [M, 361]; >= 0.

    The area between their distribution functions: how far pitches move on average where one becomes the other at least cost.
    """
    return float(
        _distance(
            *(_sums_of_pitches(counts, n_groups_of(len(counts))).sum(axis=0) for counts in (real, fake))
        )
    )


def estimate_pitch_distance(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """``pitch_distance`` with each group of clips left out of both sides. It is biased upwards, the more the fewer clips."""
    n = min(len(real), len(fake))
    n_groups = n_groups_of(n)
    sums = [_sums_of_pitches(counts, n_groups) for counts in (real, fake)]
    totals = [side.sum(axis=0) for side in sums]
    pairs = pairs_of_groups(n_groups)
    value = float(_distance(*totals))
    left_out = _distance(*(total - side for total, side in zip(totals, sums, strict=True)))
    both = _distance(*(total - side[pairs].sum(axis=1) for total, side in zip(totals, sums, strict=True)))
    together = interactions(value, left_out, pairs, both)
    return Estimate(value, left_out, jackknife(value, left_out, 0, interactions=together), n, "", together)


def estimate_voiced_share(counts: np.ndarray) -> Estimate:
    """The share in [0, 1] of the frames of clips with ``counts`` [N, 361], N > 1, in which a pitch is heard."""
    if len(counts) < 2:
        raise DataError(f"The share of voiced frames needs at least 2 clips; found {len(counts)}. Give more.")
    sums = _sums(counts, n_groups_of(len(counts)))
    voiced, frames = sums[:, :N_BINS].sum(axis=1), sums[:, N_BINS]
    value = float(voiced.sum() / frames.sum())
    left_out = (voiced.sum() - voiced) / (frames.sum() - frames)
    return Estimate(value, left_out, jackknife(value, left_out, 0, 1), len(counts))


def estimate_mean_pitch(counts: np.ndarray) -> Estimate:
    """The geometric mean in Hz of the pitch of frames. The interval is that of the mean in semitones."""
    value, left_out, _, _ = _moments(counts)
    interval = jackknife(value, left_out)
    ends = Interval(
        float(_hertz(interval.low)),
        float(_hertz(interval.high)),
        f"{interval.method} of the mean in semitones",
    )
    return Estimate(float(_hertz(value)), _hertz(left_out), ends, len(counts))


def estimate_pitch_spread(counts: np.ndarray) -> Estimate:
    """The standard deviation in semitones of the pitch of frames; one tone has 0."""
    _, _, value, left_out = _moments(counts)
    return Estimate(value, left_out, jackknife(value, left_out, 0), len(counts))


def _moments(counts: np.ndarray) -> tuple[float, np.ndarray, float, np.ndarray]:
    """The mean above the lowest pitch and the deviation in semitones: of all frames, and [G] without each group."""
    sums = _sums_of_pitches(counts, n_groups_of(len(counts)))
    powers = np.stack([(SEMITONES * np.arange(N_BINS)) ** power for power in range(3)], axis=1)
    own = sums @ powers
    total = own.sum(axis=0)
    n, first, second = np.vstack([total, total - own]).T
    means = first / n
    deviations = np.sqrt(np.maximum(0, second / n - means**2))
    return float(means[0]), means[1:], float(deviations[0]), deviations[1:]


def _distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The area [...] between the distribution functions of counts [..., 360]."""
    steps = [np.cumsum(side, axis=-1) / side.sum(axis=-1, keepdims=True) for side in (one, other)]
    return SEMITONES * np.abs(steps[0] - steps[1]).sum(axis=-1)


def _sums(counts: np.ndarray, n_groups: int) -> np.ndarray:
    """[G, ...]: the counts of the clips of each group together, float64."""
    member = groups(len(counts), n_groups)
    return np.stack([counts[member == group].sum(axis=0, dtype=np.float64) for group in range(n_groups)])


def _sums_of_pitches(counts: np.ndarray, n_groups: int) -> np.ndarray:
    """[G, 360]: how often each pitch is heard; DataError where none may be left when two groups are gone."""
    sums = _sums(counts[:, :N_BINS], n_groups)
    if np.count_nonzero(sums.any(axis=1)) < FEWEST:
        n = int(np.count_nonzero(counts[:, :N_BINS].any(axis=1)))
        raise DataError(
            f"Pitch needs {FEWEST} or more clips with one, of different groups; it is heard in {n} of {len(counts)}. Give "
            "more clips that have a voice or a tone."
        )
    return sums


def _hertz(semitones: float | np.ndarray) -> np.ndarray:
    """The pitch so far above the lowest."""
    return LOWEST_HZ * 2 ** (np.asarray(semitones) / 12)
