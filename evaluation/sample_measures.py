"""Measures of one modality, which look at the samples themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from evaluation.evidence import Evidence
from evaluation.extractors.audio_checks import NAME as CHECKS
from evaluation.extractors.catalogue import MODELS, load_model
from evaluation.extractors.log_mel import LogMel, LogMelFrames, mean_spectra
from evaluation.extractors.weights import find
from evaluation.features.featurise import featurise
from evaluation.features.subset import Seen
from evaluation.measures import MOST_NEIGHBOURS, Estimates, UnmeasuredError
from evaluation.metrics import audio, diversity, likelihood, overlap
from evaluation.metrics.bleu import IN_WORDS, estimate_bleu, estimate_self_bleu
from evaluation.metrics.distinct import estimate_distinct
from evaluation.metrics.mauve import estimate_mauve
from evaluation.metrics.tokens import TOKENISER_IN_WORDS, Tokens, tokens
from evaluation.statistics.estimate import Estimate
from multigan.errors import ConfigError, DataError

MOST_TEXTS = 5_000
"""BLEU, self-BLEU, distinct-n and MAUVE look at as many texts of a set."""
N_PAIRS = 200
"""MS-SSIM and LPIPS compare about as many pairs of images of a set."""
LOOKED_AT = 100
"""So many images of each set tell the size that all are brought to."""


class _Images:
    """The images of a set, read when they are asked for."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def __len__(self) -> int:
        return len(self._seen)

    def __getitem__(self, place: int) -> np.ndarray:
        return self._seen.samples.read(int(self._seen.rows[place]))


def _alike(seen: Evidence) -> tuple[Any, np.ndarray | None, tuple[int, int]]:
    """The images of a set, its labels where every set has them, and a size for the images of all sets."""
    labelled = all(held.labels is not None for held in seen.sets)
    shapes = [
        _Images(held)[place].shape[:2] for held in seen.sets for place in range(min(len(held), LOOKED_AT))
    ]
    height, width = np.min(shapes, axis=0)
    return _Images(seen.fake), seen.fake.labels if labelled else None, (int(height), int(width))


def ms_ssim(seen: Evidence) -> Estimates:
    images, labels, size = _alike(seen)
    try:
        return {"MS-SSIM": diversity.estimate_ms_ssim(images, labels, seen.options.seed, N_PAIRS, size)}
    except DataError as error:
        raise UnmeasuredError(f"MS-SSIM of {seen.subject} was not measured: {error}") from error


def lpips(seen: Evidence) -> Estimates:
    network = _model("lpips", "LPIPS diversity", seen)
    images, labels, size = _alike(seen)
    found = diversity.estimate_pairwise_lpips(images, labels, network, seen.options.seed, N_PAIRS, size)
    return {"LPIPS diversity": found}


def d_self(seen: Evidence) -> Estimates:
    found = audio.estimate_self_distance(_frames(seen.fake))
    return {"D self": _with_note(found, f"In features of {LogMelFrames.name}.")}


def d_train(seen: Evidence) -> Estimates:
    found = audio.estimate_train_distance(_frames(seen.fake), _frames(seen.real))
    return {"D train": _with_note(found, f"In features of {LogMelFrames.name}.")}


def _frames(seen: Seen) -> np.ndarray:
    return seen.features[LogMelFrames.name][:MOST_NEIGHBOURS]


def spectral_diversity(seen: Evidence) -> Estimates:
    spectra = mean_spectra(np.asarray(seen.fake.features[LogMel.name]))
    return {"spectral diversity": audio.estimate_spectral_diversity(spectra)}


def audio_checks(seen: Evidence) -> Estimates:
    checked = np.asarray(seen.fake.features[CHECKS])
    return {
        "silent clips": audio.estimate_silent_clips(checked),
        "clipped clips": audio.estimate_clipped_clips(checked),
        "DC offset": audio.estimate_dc_offset(checked),
    }


def bleu(seen: Evidence) -> Estimates:
    found = estimate_bleu(_tokens(seen.real), _tokens(seen.fake))
    return {f"BLEU-{order}": _noted(estimate, IN_WORDS) for order, estimate in found.items()}


def self_bleu(seen: Evidence) -> Estimates:
    found = estimate_self_bleu(_tokens(seen.fake))
    return {f"self-BLEU-{order}": _noted(estimate, IN_WORDS) for order, estimate in found.items()}


def distinct(seen: Evidence) -> Estimates:
    found = estimate_distinct(_tokens(seen.fake))
    return {f"distinct-{order}": _noted(estimate) for order, estimate in found.items()}


def mauve(seen: Evidence) -> Estimates:
    real, fake = seen.real_features[:MOST_TEXTS], seen.fake_features[:MOST_TEXTS]
    return {"MAUVE": estimate_mauve(real, fake, seen.options.seed)}


def perplexity(seen: Evidence) -> Estimates:
    model = _model("gpt2", "perplexity", seen)
    fake = seen.fake
    scores = featurise(fake.samples, fake.rows, [model], max_bad=0, cache=seen.options.cache).features[
        model.name
    ]
    counts = np.asarray(scores, np.float64)
    found = likelihood.estimate_perplexity(counts[:, 0], counts[:, 1])
    return {"perplexity": _with_note(found, f"Under {model.name}; {model.preprocessing}.")}


def nll_oracle(seen: Evidence) -> Estimates:
    path = seen.options.oracle
    if path is None:
        if seen.options.metrics is None:
            return {}
        raise UnmeasuredError("NLL-oracle was not measured: name the file of the oracle with --oracle.")
    from evaluation.extractors.oracle import load_oracle

    numbers = [_numbers(text) for text in seen.fake.contents]
    if len({len(row) for row in numbers}) != 1:
        raise DataError("The texts that an oracle scores have one length; found several. Pad or cut them.")
    scores = load_oracle(path).log_prob(np.array(numbers, np.int64))
    found = likelihood.estimate_nll(scores, len(numbers[0]))
    return {"NLL-oracle": _with_note(found, f"In nats a token, under {path.name}.")}


def copies(seen: Evidence) -> Estimates:
    return {"exact copies": overlap.estimate_copies(seen.fake.contents, seen.training.contents)}


def longest_overlap(seen: Evidence) -> Estimates:
    train = [tokens(text) for text in seen.training.contents]
    return {
        "longest overlap": overlap.estimate_longest_overlap(
            [tokens(text) for text in seen.fake.contents], train
        )
    }


def _tokens(seen: Seen) -> list[Tokens]:
    return [tokens(text) for text in seen.contents[:MOST_TEXTS]]


def _numbers(text: str) -> list[int]:
    try:
        return [int(token) for token in text.split()]
    except ValueError as error:
        raise DataError(
            f"An oracle scores texts of token numbers, such as '12 7 4031'; found {text[:40]!r}. Leave out --oracle."
        ) from error


def _model(name: str, metric: str, seen: Evidence) -> Any:
    """A network that some metric needs, loaded once; UnmeasuredError where its files are not there."""
    record, given = MODELS[name], seen.options.weights
    if given is not None and (given.is_file() or len(find(record, given)) < len(record.weights)):
        given = None  # it holds the weights of the features
    try:
        if name not in seen.models:
            seen.models[name] = load_model(record, torch.device(seen.options.device), given)
        return seen.models[name]
    except ConfigError as error:
        raise UnmeasuredError(f"{metric} was not measured. {error}") from error


def _noted(estimate: Estimate, more: str = "") -> Estimate:
    return _with_note(estimate, f"{more + '; ' if more else ''}tokens: {TOKENISER_IN_WORDS}.")


def _with_note(estimate: Estimate, more: str) -> Estimate:
    note = f"{estimate.note} {more}".strip()
    return Estimate(
        estimate.value, estimate.left_out, estimate.interval, estimate.n, note[0].upper() + note[1:]
    )
