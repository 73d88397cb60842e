"""Evidence -> estimates of the metrics of sounds: how varied they are, how near to the training set, and what is wrong."""

from __future__ import annotations

import numpy as np

from evaluation.evidence import MOST_NEIGHBOURS, Estimates, Evidence
from evaluation.extractors.audio_checks import NAME as CHECKS
from evaluation.extractors.log_mel import LogMel, LogMelFrames, mean_spectra
from evaluation.features.subset import Subset
from evaluation.metrics import audio


def d_self(evidence: Evidence) -> Estimates:
    estimate = audio.estimate_self_distance(_frames(evidence.fake))
    return {"D self": estimate.with_note(f"In features of {LogMelFrames.name}.")}


def d_train(evidence: Evidence) -> Estimates:
    estimate = audio.estimate_train_distance(_frames(evidence.fake), _frames(evidence.real))
    return {"D train": estimate.with_note(f"In features of {LogMelFrames.name}.")}


def spectral_diversity(evidence: Evidence) -> Estimates:
    spectra = mean_spectra(np.asarray(evidence.fake.features[LogMel.name]))
    return {"spectral diversity": audio.estimate_spectral_diversity(spectra)}


def audio_checks(evidence: Evidence) -> Estimates:
    checks = np.asarray(evidence.fake.features[CHECKS])
    return {
        "silent clips": audio.estimate_silent_clips(checks),
        "clipped clips": audio.estimate_clipped_clips(checks),
        "DC offset": audio.estimate_dc_offset(checks),
    }


def _frames(subset: Subset) -> np.ndarray:
    return subset.features[LogMelFrames.name][:MOST_NEIGHBOURS]
