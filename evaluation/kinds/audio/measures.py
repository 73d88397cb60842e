"""Evidence -> estimates of the metrics of sounds: how varied they are, how near to the training set, and what is wrong."""

from __future__ import annotations

import numpy as np

from evaluation.evidence import MOST_NEIGHBOURS, Estimates, Evidence, UnmeasuredError
from evaluation.extractors.audio_checks import NAME as CHECKS
from evaluation.extractors.dnsmos import SCALES
from evaluation.extractors.levels import SoundLevels
from evaluation.extractors.log_mel import LogMel, LogMelFrames, mean_spectra
from evaluation.features.subset import Subset
from evaluation.kinds.audio.extractors import CREPE, DNSMOS
from evaluation.metrics import audio, pitch
from evaluation.metrics.levels import estimate_level_above_real


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


def levels(evidence: Evidence) -> Estimates:
    real, fake = (np.asarray(subset.features[SoundLevels.name]) for subset in (evidence.real, evidence.fake))
    rate_hz, real_rate_hz = np.median(fake[:, 2]), np.median(real[:, 2])
    if rate_hz != real_rate_hz:
        raise UnmeasuredError(
            "High-frequency energy and noise floor were not measured, because they depend on the rate: the "
            f"{evidence.subject} clips have {rate_hz:g} Hz and the real ones {real_rate_hz:g}. Bring both to one rate."
        )
    return {
        "high-frequency energy": estimate_level_above_real(real[:, 0], fake[:, 0]),
        "noise floor": estimate_level_above_real(real[:, 1], fake[:, 1]),
    }


def dnsmos(evidence: Evidence) -> Estimates:
    model = evidence.model(DNSMOS, "DNSMOS")
    scores = evidence.features_by(model, evidence.fake)
    return {
        f"DNSMOS {scale}": audio.estimate_mean(scores[:, place]).with_note(f"By {model.preprocessing}.")
        for place, scale in enumerate(SCALES)
    }


def voiced_share(evidence: Evidence) -> Estimates:
    counts = evidence.features_by(evidence.model(CREPE, "Pitch"), evidence.fake)
    return {"voiced share": pitch.estimate_voiced_share(counts).with_note(f"By {CREPE.name}.")}


def pitches(evidence: Evidence) -> Estimates:
    counts = evidence.features_by(evidence.model(CREPE, "Pitch"), evidence.fake)
    return {
        "mean pitch": pitch.estimate_mean_pitch(counts).with_note(f"By {CREPE.name}."),
        "pitch spread": pitch.estimate_pitch_spread(counts).with_note(f"By {CREPE.name}."),
    }


def pitch_distance(evidence: Evidence) -> Estimates:
    model = evidence.model(CREPE, "Pitch")
    real, fake = (evidence.features_by(model, subset) for subset in (evidence.real, evidence.fake))
    return {"pitch distance": pitch.estimate_pitch_distance(real, fake).with_note(f"By {CREPE.name}.")}


def _frames(subset: Subset) -> np.ndarray:
    return subset.features[LogMelFrames.name][:MOST_NEIGHBOURS]
