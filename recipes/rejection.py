"""Samples that are drawn again: those that the discriminator takes for generated, or that are not read as their label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from evaluation.extractors.protocol import Progress
from multigan.errors import ConfigError
from multigan.rejection import GAMMA_PERCENTILE, Acceptance, acceptance, load_discriminator, logits_of
from multigan.runs import data_of
from multigan.sampling import Chosen, TrainedGenerator, latents, varied_latents
from recipes.conditions import conditions_of
from recipes.kinds import kind_of_modality
from recipes.label_reader import LabelReader

ATTEMPTS = 100
"""Candidates for a sample's place, at most."""
_NEXT_ATTEMPT = 10**9
"""Candidate k for the place of sample i has the latent of sample i + k times this."""
_AT_ONCE = 64
_CALIBRATED_ON = 1_024
_CALIBRATION_SEED, _CHANCE = 3, 1_810


@dataclass
class Tally:
    """What was asked for, tried and accepted so far."""

    places: int = 0
    tried: int = 0
    accepted: int = 0

    def sentence(self) -> str:
        """For a person."""
        share = self.accepted / max(self.tried, 1)
        said = f"Accepted {self.accepted:,} of {self.tried:,} candidates ({share:.0%})"
        if self.accepted == self.places:
            return f"{said}."
        empty = self.places - self.accepted
        return f"{said}; {empty:,} of {self.places:,} places stay empty after {ATTEMPTS} candidates each."


class Rejection:
    """Chooses samples: ``accepts`` says of candidates [N, ...] under conditions [N, C] which are taken, given a number in
    [0, 1) for each."""

    def __init__(self, trained: TrainedGenerator, accepts: Any) -> None:
        self._trained, self._accepts = trained, accepts
        self.tally = Tally()

    def __call__(self, conditions: Tensor | None, seed: int, numbers: Sequence[int], options: Any) -> Chosen:
        """Of each of the samples of these numbers the first candidate that is accepted, if one of ``ATTEMPTS`` is.

        Which it is hangs on the seed and the number alone. ConfigError where nothing is accepted.
        """
        n = len(numbers)
        first: dict[int, int] = {}
        pending, attempt = list(range(n)), 0
        while pending and attempt < ATTEMPTS:
            n_attempts = min(max(1, _AT_ONCE // len(pending)), ATTEMPTS - attempt)
            tries = [(row, k) for row in pending for k in range(attempt, attempt + n_attempts)]
            for part in (tries[start : start + _AT_ONCE] for start in range(0, len(tries), _AT_ONCE)):
                for (row, k), taken in zip(
                    part, self._judged(part, numbers, conditions, seed, options), strict=True
                ):
                    if taken:
                        first.setdefault(row, k)
            attempt += n_attempts
            pending = [row for row in pending if row not in first]
        self.tally.places += n
        self.tally.accepted += len(first)
        self.tally.tried += sum(k + 1 for k in first.values()) + ATTEMPTS * len(pending)
        if not first:
            own = (
                "" if conditions is None else f" of {self._trained.facts.labels[int(conditions[0].argmax())]}"
            )
            raise ConfigError(
                f"None of {n * ATTEMPTS:,} candidates{own} is accepted: sample without --reject, leave that label out, or "
                "train longer."
            )
        rows = sorted(first)
        return Chosen(rows, [numbers[row] + first[row] * _NEXT_ATTEMPT for row in rows])

    def _judged(
        self,
        tries: Sequence[tuple[int, int]],
        numbers: Sequence[int],
        conditions: Tensor | None,
        seed: int,
        options: Any,
    ) -> np.ndarray:
        indices = [numbers[row] + k * _NEXT_ATTEMPT for row, k in tries]
        own = None if conditions is None else conditions[[row for row, _ in tries]]
        latent = varied_latents(self._trained.network, seed, indices, options)
        samples = self._trained.sampling.generate(self._trained, latent, own, options)
        return self._accepts(samples, own, np.asarray([_number(seed, index) for index in indices]))


def _number(seed: int, index: int) -> float:
    """In [0, 1), of a candidate alone."""
    words = np.random.SeedSequence((seed, index, _CHANCE)).generate_state(1, np.uint64)
    return float(words[0] >> np.uint64(11)) * 2.0**-53


def rejecting(
    trained: TrainedGenerator, run_folder: Path, options: Any, progress: Progress | None = None
) -> tuple[TrainedGenerator, Rejection]:
    """The same generator, whose samples are those that ``options.reject`` accepts, and what chooses them."""
    make = {"discriminator": _by_discriminator, "label": _by_label}[options.reject]
    rejection = Rejection(trained, make(trained, run_folder, options, progress))
    return replace(trained, choose=rejection), rejection


def calibrated(
    trained: TrainedGenerator, run_folder: Path, options: Any, progress: Progress | None = None
) -> tuple[Any, Acceptance]:
    """The discriminator of a run, and how probably a sample is accepted by its logit.

    Calibrated on training samples and as many that are generated under their conditions and the options: held-out samples
    are only ever reported on.
    """
    discriminator = load_discriminator(trained)
    folder = data_of(run_folder)
    silent: Progress = progress or (lambda *told: None)
    train = trained.modality.open_data(trained.data, folder, silent).train
    rows = np.random.default_rng(_CALIBRATION_SEED).permutation(train.n_originals)[:_CALIBRATED_ON]
    conditions = conditions_of(train, rows)
    latent = latents(trained.network, _CALIBRATION_SEED, range(len(rows)))
    fakes = trained.sampling.generate(trained, latent, conditions, options)
    real = torch.cat([train.batch(part).real for part in np.array_split(rows, -(-len(rows) // 64))])
    real_logits = logits_of(trained, discriminator, real, conditions)
    fake_logits = logits_of(trained, discriminator, fakes, conditions)
    return discriminator, acceptance(real_logits, fake_logits, GAMMA_PERCENTILE)


def _by_discriminator(
    trained: TrainedGenerator, run_folder: Path, options: Any, progress: Progress | None
) -> Any:
    discriminator, chances = calibrated(trained, run_folder, options, progress)

    def accepts(samples: Tensor, conditions: Tensor | None, numbers: np.ndarray) -> np.ndarray:
        return numbers < chances.probability(logits_of(trained, discriminator, samples, conditions))

    return accepts


def _by_label(trained: TrainedGenerator, run_folder: Path, options: Any, progress: Progress | None) -> Any:
    if len(trained.facts.labels) < 2:
        raise ConfigError(
            f"{run_folder} has {len(trained.facts.labels) or 'no'} label{'s' * (len(trained.facts.labels) != 1)}, so that "
            "nothing is read as another: reject by the discriminator, or nothing."
        )
    if options.intensity == 0:
        raise ConfigError(
            "At intensity 0 a sample has no label to be read: reject by the discriminator, or nothing."
        )
    reader = LabelReader(kind_of_modality(trained.modality), run_folder, trained, progress)
    column = [reader.labels.index(label) for label in trained.facts.labels]

    def accepts(samples: Tensor, conditions: Tensor | None, numbers: np.ndarray) -> np.ndarray:
        assert conditions is not None  # of a run with labels
        read = reader.probabilities(trained.modality.media(samples, trained.data)).argmax(1)
        return read == np.asarray(column)[conditions.argmax(1).numpy()]

    return accepts
