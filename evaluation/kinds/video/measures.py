"""Evidence -> estimates of the metrics of clips: their frames, how they move, and whether they follow a curve."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluation.evidence import Estimates, Evidence
from evaluation.extractors.moving import FRAMES_SEEN
from evaluation.features.subset import Subset
from evaluation.kinds.video.extractors import FACTS, FRAMES
from evaluation.metrics import moving
from evaluation.metrics.labels import read_strengths

NEUTRAL = "neutral"
"""The label whose intensity nothing shows."""
_MOST_KNOWN = 1_000
"""The strength of a frame is learnt from as many real clips."""


def frame_distance(evidence: Evidence) -> Estimates:
    real, fake = (subset.features[FRAMES.name] for subset in (evidence.real, evidence.fake))
    return {"frame FD": moving.estimate_frame_frechet(real, fake, FRAMES_SEEN)}


def flickering(evidence: Evidence) -> Estimates:
    real, fake = (np.asarray(subset.features[FACTS.name])[:, 0] for subset in (evidence.real, evidence.fake))
    return {"flicker": moving.estimate_flicker(real, fake)}


def by_frame(evidence: Evidence) -> Estimates:
    fake, reader = evidence.fake, _reader_of(evidence)
    if reader is None or fake.labels is None:
        return {}
    read = reader.probabilities_by_frame(evidence.features_by(reader, fake)).argmax(2)
    shown = moving.strong_frames(_curves(evidence, fake))
    right = ((read == fake.labels[:, None]) & shown).sum(1) / shown.sum(1)

    def note(n: int) -> str:
        return f"The mean over {n} videos of the share of their frames. The classifier is taken as fixed."

    return {"frames read right": moving.estimate_mean_of(right, note, 0)}


def curve_agreement(evidence: Evidence) -> Estimates:
    fake, reader = evidence.fake, _reader_of(evidence)
    known = None if evidence.known is None else evidence.known.part(slice(_MOST_KNOWN))
    if reader is None or fake.labels is None or known is None or known.labels is None:
        return {}
    asked, of_known = _curves(evidence, fake), _curves(evidence, known)
    names = fake.samples.labels or ()
    moved = asked.std(1) >= moving.LEAST_CHANGE
    moved &= np.array([names[int(row)] != NEUTRAL for row in fake.rows])
    if moved.sum() < 2 or not (of_known.std(1) >= moving.LEAST_CHANGE).any():
        return {}
    train, features = (reader.by_frame(evidence.features_by(reader, one)) for one in (known, fake))
    features, n_frames, size = features[moved], train.shape[1], train.shape[2]
    strengths = read_strengths(
        train.reshape(-1, size), np.repeat(known.labels, n_frames), of_known.reshape(-1),
        features.reshape(-1, size), np.repeat(fake.labels[moved], n_frames),
    )  # fmt: skip
    agreement = moving.agreement(asked[moved], strengths.reshape(-1, n_frames))

    def note(n: int) -> str:
        return (
            f"{n} videos whose curve moves. Strength: ridge regression from the frames' features to the intensities of "
            "real frames, taken as fixed."
        )

    return {"curve agreement": moving.estimate_mean_of(agreement, note, -1)}


def _reader_of(evidence: Evidence) -> Any:
    """What reads the labels of frames; None where labels are read otherwise."""
    own: Any = None if evidence.classifier is None else evidence.classifier.extractor
    return getattr(own, "frames", None)


def _curves(evidence: Evidence, subset: Subset) -> np.ndarray:
    """float64 [N, 16]: the intensities asked for, -1 where nobody asked."""
    return evidence.features_by(evidence.model(FACTS, "The curve"), subset)[:, 2:]
