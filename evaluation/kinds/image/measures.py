"""Evidence -> estimates of the metrics of images: how alike two of a label are."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluation.evidence import MOST_NEIGHBOURS, Estimates, Evidence, UnmeasuredError
from evaluation.extractors.wavelet_packets import packets_of
from evaluation.features.subset import Subset
from evaluation.kinds.image.extractors import LEVELS, LPIPS, PACKETS
from evaluation.metrics import diversity
from evaluation.metrics.levels import estimate_level_above_real
from evaluation.metrics.mifid import estimate_mifid
from evaluation.metrics.rbf import estimate_rbf_fixed
from evaluation.metrics.wavelet import estimate_wavelet_distance

N_PAIRS = 200
"""About as many pairs of images of a set are compared."""
MEASURED = 100
"""So many images of each set tell the size that all are brought to."""


class _Images:
    """The images of a set, read when they are asked for."""

    def __init__(self, subset: Subset) -> None:
        self._subset = subset

    def __len__(self) -> int:
        return len(self._subset)

    def __getitem__(self, place: int) -> np.ndarray:
        return self._subset.samples.read(int(self._subset.rows[place]))


def _comparable(evidence: Evidence) -> tuple[Any, np.ndarray | None, tuple[int, int]]:
    """The images of a set, its labels where every set has them, and a size for the images of all sets."""
    labelled = all(subset.labels is not None for subset in evidence.sets)
    shapes = [
        _Images(subset)[place].shape[:2]
        for subset in evidence.sets
        for place in range(min(len(subset), MEASURED))
    ]
    height, width = np.min(shapes, axis=0)
    labels = evidence.fake.labels if labelled else None
    return _Images(evidence.fake), labels, (int(height), int(width))


def kernel_rbf_10(evidence: Evidence) -> Estimates:
    real, fake = evidence.real_features[:MOST_NEIGHBOURS], evidence.fake_features[:MOST_NEIGHBOURS]
    return {"KD rbf-10": estimate_rbf_fixed(real, fake)}


def levels(evidence: Evidence) -> Estimates:
    real, fake = (np.asarray(subset.features[LEVELS.name]) for subset in (evidence.real, evidence.fake))
    sizes = [tuple(np.median(side[:, 2:], axis=0)) for side in (fake, real)]
    if sizes[0] != sizes[1]:
        (height, width), (real_height, real_width) = sizes
        raise UnmeasuredError(
            "Fine detail and noise level were not measured, because they are of single pixels: most of the "
            f"{evidence.subject} images have {height:g}x{width:g} pixels and of the real ones "
            f"{real_height:g}x{real_width:g}. Bring both to one size."
        )
    return {
        "fine detail": estimate_level_above_real(real[:, 0], fake[:, 0]),
        "noise level": estimate_level_above_real(real[:, 1], fake[:, 1]),
    }


def memorisation_informed(evidence: Evidence) -> Estimates:
    real, fake = evidence.real_features[:MOST_NEIGHBOURS], evidence.fake_features[:MOST_NEIGHBOURS]
    return {"MiFD": estimate_mifid(real, fake)}


def wavelet_distance(evidence: Evidence) -> Estimates:
    real, fake = (packets_of(subset.features[PACKETS.name]) for subset in (evidence.real, evidence.fake))
    return {"FWD": estimate_wavelet_distance(real, fake)}


def ms_ssim(evidence: Evidence) -> Estimates:
    images, labels, size = _comparable(evidence)
    estimate = diversity.estimate_ms_ssim(
        images, labels, evidence.options.seed, N_PAIRS, size, evidence.fake.clusters
    )
    return {"MS-SSIM": estimate}


def lpips(evidence: Evidence) -> Estimates:
    network = evidence.model(LPIPS, "LPIPS diversity")
    images, labels, size = _comparable(evidence)
    estimate = diversity.estimate_pairwise_lpips(
        images, labels, network, evidence.options.seed, N_PAIRS, size, evidence.fake.clusters
    )
    return {"LPIPS diversity": estimate}
