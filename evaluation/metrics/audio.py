"""What can be wrong with a sound by itself, how varied sounds are, and how near to each other and to the training set."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from evaluation.statistics.estimate import Estimate, groups, left_out_means, n_groups_of
from evaluation.statistics.intervals import jackknife, wilson
from multigan.errors import DataError
from multigan.reading.audio import Clip

CHECKS = ("silence", "clipping", "dc_offset", "peak", "rms_dbfs")
"""The columns of ``checks``."""

SILENT_DBFS = -60.0
"""Where ffmpeg's silencedetect, too, puts silence."""
SILENT_SHARE = 0.95
FULL_SCALE = 0.999
CLIPPED_RUN = 3
"""Peak-normalised audio touches full scale now and then, for one sample or two; clipped audio stays there."""
CLIPPED_SHARE = 0.001
FLOOR_DBFS = -120.0
"""What digital silence counts as: below any 16-bit sound."""
BLOCK_ENTRIES = 2**22


def checks(clip: Clip) -> np.ndarray:
    """Five figures [5] of a clip, float64, in the order of ``CHECKS``.

    silence: the share of frames of 20 ms (the last may be shorter) whose RMS is under -60 dBFS, in [0, 1].
    clipping: the share of samples in runs of 3 or more with |x| >= 0.999, in [0, 1].
    dc_offset: |mean x|. peak: max |x|.
    rms_dbfs: 20 log10 of the RMS, at least -120; a full-scale square wave has 0, a sine -3.01.
    All of them look at the mean of the channels.
    """
    waveform = np.asarray(clip.waveform, np.float64)
    starts = np.arange(0, len(waveform), max(1, round(clip.rate_hz * 0.02)))
    lengths = np.diff(starts, append=len(waveform))
    power = np.add.reduceat(waveform**2, starts)
    silent = np.mean(power < lengths * 10 ** (SILENT_DBFS / 10))
    magnitude = np.abs(waveform)
    rms = max(np.sqrt(power.sum() / len(waveform)), 10 ** (FLOOR_DBFS / 20))
    clipped = _in_runs(magnitude >= FULL_SCALE) / len(waveform)
    return np.array([silent, clipped, abs(waveform.mean()), magnitude.max(), 20 * np.log10(rms)])


def estimate_silent_clips(checked: np.ndarray) -> Estimate:
    """The share in [0, 1] of clips whose checks [N, 5] say that 95% of their frames or more are silent."""
    return _share(checked[:, CHECKS.index("silence")] >= SILENT_SHARE)


def estimate_clipped_clips(checked: np.ndarray) -> Estimate:
    """The share in [0, 1] of clips whose checks [N, 5] say that more than 0.1% of their samples are clipped."""
    return _share(checked[:, CHECKS.index("clipping")] > CLIPPED_SHARE)


def estimate_dc_offset(checked: np.ndarray) -> Estimate:
    """The mean of |mean x| over clips with checks [N, 5]; of full scale, >= 0."""
    return estimate_mean(checked[:, CHECKS.index("dc_offset")], lowest=0)


def estimate_mean(values: np.ndarray, lowest: float = -math.inf) -> Estimate:
    """The mean of a figure of each clip [N], N > 1, which cannot be under ``lowest``."""
    n_groups = _enough(values, 2, "A mean with an interval")
    value, left_out = float(values.mean()), left_out_means(values, n_groups)
    return Estimate(value, left_out, jackknife(value, left_out, lowest), len(values))


def spectral_diversity(spectra: np.ndarray) -> float:
    """How much the levels of bands differ between clips, in dB, >= 0; one sound repeated has 0.

    mean over bands b of sqrt(sum_i (s_ib - mean_j s_jb)^2 / (N - 1)), where s [N, B] is the mean level in dB of each band
    of each clip. Noise among clips raises it too: read it beside that of real clips.
    """
    _enough(spectra, 2, "Spectral diversity")
    return float(np.asarray(spectra, np.float64).std(axis=0, ddof=1).mean())


def estimate_spectral_diversity(spectra: np.ndarray) -> Estimate:
    """``spectral_diversity`` of spectra [N, B], N > 2."""
    n_groups = _enough(spectra, 3, "The interval of spectral diversity")
    centred = spectra - np.mean(spectra, axis=0, dtype=np.float64)
    member = groups(len(spectra), n_groups)
    # sums over each group, so that leaving one out is a subtraction
    sums = np.stack([centred[member == g].sum(axis=0) for g in range(n_groups)])
    squares = np.stack([(centred[member == g] ** 2).sum(axis=0) for g in range(n_groups)])
    kept = (len(spectra) - np.bincount(member))[:, None]
    scatter = squares.sum(axis=0) - squares - (sums.sum(axis=0) - sums) ** 2 / kept
    left_out = np.sqrt(np.maximum(scatter, 0) / (kept - 1)).mean(axis=1)
    value = spectral_diversity(spectra)
    return Estimate(value, left_out, jackknife(value, left_out, 0), len(spectra))


def self_distances(features: np.ndarray) -> np.ndarray:
    """Each sample's Euclidean distance [N] to the nearest other one of features [N, D]; a repeated sample has 0.

    Its mean is |D|self (arXiv:1802.04208, section 6.2): higher is more varied. It falls as N grows.
    """
    n_groups = _enough(features, 3, "|D|self")
    return _Nearest(features, None, n_groups).distance


def train_distances(fake: np.ndarray, train: np.ndarray) -> np.ndarray:
    """The Euclidean distance [N] from fakes [N, D] to the nearest training sample of [M, D]; copies have 0.

    Its mean is |D|train (arXiv:1802.04208, section 6.2): read it beside that of held-out reals, and compare at equal M.
    """
    n_groups = min(_enough(fake, 2, "|D|train"), _enough(train, 2, "|D|train"))
    return _Nearest(fake, train, n_groups).distance


def estimate_self_distance(features: np.ndarray) -> Estimate:
    """|D|self of features [N, D], N > 2; a group left out is no neighbour either."""
    return _Nearest(features, None, _enough(features, 3, "|D|self")).estimate()


def estimate_train_distance(fake: np.ndarray, train: np.ndarray) -> Estimate:
    """|D|train of fakes [N, D] and training features [M, D], N > 1 and M > 1; groups are left out of both."""
    n_groups = min(_enough(fake, 2, "|D|train"), _enough(train, 2, "|D|train"))
    return _Nearest(fake, train, n_groups).estimate()


class _Nearest:
    """The nearest reference sample of each query, and the nearest outside that one's group.

    With both, leaving any group out of the reference costs no further distance.
    """

    def __init__(self, queries: np.ndarray, reference: np.ndarray | None, n_groups: int) -> None:
        """A reference None is the queries themselves, each without itself."""
        n, others = len(queries), queries if reference is None else reference
        self._n_groups = n_groups
        self._group = np.empty(n, np.int64)
        self.distance, self._elsewhere = np.empty(n), np.empty(n)
        for rows, squared in _squared_distances(queries, others):
            if reference is None:
                own = np.arange(rows.start, rows.stop)
                squared[own - rows.start, own] = np.inf
            nearest = np.stack([squared[:, g::n_groups].min(axis=1) for g in range(n_groups)], axis=1)
            self._group[rows] = nearest.argmin(axis=1)
            nearest.partition(1, axis=1)
            self.distance[rows], self._elsewhere[rows] = np.sqrt(nearest[:, 0]), np.sqrt(nearest[:, 1])

    def estimate(self) -> Estimate:
        value, member = float(self.distance.mean()), groups(len(self.distance), self._n_groups)
        left_out = np.array(
            [
                np.where(self._group == g, self._elsewhere, self.distance)[member != g].mean()
                for g in range(self._n_groups)
            ]
        )
        return Estimate(value, left_out, jackknife(value, left_out, 0), len(self.distance))


def _squared_distances(queries: np.ndarray, reference: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """(rows, squared Euclidean distances [rows, M]) of queries [N, D] to a reference [M, D], in blocks."""
    centre = np.asarray(reference, np.float64).mean(axis=0)  # smaller numbers cancel less
    queries, reference = queries - centre, reference - centre
    lengths, query_lengths = (np.einsum("nd,nd->n", side, side) for side in (reference, queries))
    negligible = 1e-12 * max(lengths.max(), query_lengths.max())
    rows = max(1, BLOCK_ENTRIES // len(reference))
    for start in range(0, len(queries), rows):
        block = queries[start : start + rows]
        squared = block @ reference.T
        squared *= -2
        squared += lengths
        squared += query_lengths[start : start + rows, None]
        # so that copies and duplicates are at no distance, whatever rounding left
        squared[squared <= negligible] = 0
        yield slice(start, start + len(block)), squared


def _in_runs(marked: np.ndarray) -> int:
    """How many of the marked samples [T] lie in runs of ``CLIPPED_RUN`` or more."""
    edges = np.flatnonzero(np.diff(marked, prepend=False, append=False))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= CLIPPED_RUN].sum())


def _share(holds: np.ndarray) -> Estimate:
    # clips are independent and nothing is compared: Wilson's interval holds with n itself
    value, n = float(holds.mean()), len(holds)
    return Estimate(value, left_out_means(holds, n_groups_of(n)), wilson(int(holds.sum()), n), n)


def _enough(values: np.ndarray, least: int, what: str) -> int:
    """The number of groups; DataError where there are fewer than ``least`` samples."""
    if len(values) < least:
        raise DataError(f"{what} needs at least {least} clips; found {len(values)}. Give more.")
    return n_groups_of(len(values))
