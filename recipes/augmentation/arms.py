"""What a classifier is given in a trial: few real samples, and what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from evaluation.extractors.protocol import ClassifyingExtractor, features_of
from evaluation.kinds import ClassifierRecord
from evaluation.metrics.labels import balanced_accuracy, confusion
from multigan.sampling import TrainedGenerator


@dataclass(frozen=True)
class Arm:
    """One way of training the classifier."""

    name: str
    augment: bool
    """By classical augmentation: each sample is changed a little each time that it is seen."""
    generated: bool
    """Half of what the classifier sees is generated."""


REAL = Arm("real alone", augment=False, generated=False)
CLASSICAL = Arm("real + classical", augment=True, generated=False)
GENERATED = Arm("real + generated", augment=False, generated=True)
ALL = Arm("all three", augment=True, generated=True)
ARMS = (REAL, CLASSICAL, GENERATED, ALL)


@dataclass(frozen=True, eq=False)
class Labelled:
    """Samples [N] as files hold them, and the number of each one's label, int64 [N]."""

    samples: Sequence[Any]
    labels: np.ndarray

    def repeated(self, n: int) -> Labelled:
        """``n`` of them, each as often as any other or once more, those spread over all."""
        own = len(self.labels)
        rest = n % own
        rows = np.concatenate([np.tile(np.arange(own), n // own), np.arange(rest) * own // max(rest, 1)])
        return Labelled([self.samples[row] for row in rows], self.labels[rows])

    def and_also(self, more: Labelled) -> Labelled:
        return Labelled([*self.samples, *more.samples], np.concatenate([self.labels, more.labels]))


def half_and_half(real: Labelled, generated: Labelled) -> Labelled:
    """Both, the fewer ones repeated until they are as many."""
    n = max(len(real.labels), len(generated.labels))
    return real.repeated(n).and_also(generated.repeated(n))


def generated_samples(
    trained: TrainedGenerator,
    labels: Sequence[str],
    real: np.ndarray,
    intensities: np.ndarray,
    n: int,
    seed: int,
) -> Labelled:
    """``n`` samples for each of ``labels``, asked for at the intensities that the real ones of that label have.

    ``real`` int64 [N] are the labels of real samples, whose ``intensities`` [N] are taken in turn; what a filter withholds
    is missing.
    """
    known = trained.facts.labels
    asked = np.repeat(np.arange(len(labels)), n)
    strengths = np.concatenate([np.resize(intensities[real == number], n) for number in range(len(labels))])
    columns = torch.tensor([known.index(labels[number]) for number in asked.tolist()])
    conditions = torch.eye(len(known))[columns] * torch.from_numpy(strengths)[:, None].float()
    options = trained.sampling.settings().measured()
    drawn = trained.sampling.draw(trained, conditions, seed, len(asked), options)
    media = list(trained.modality.media(drawn.tensor, trained.data))
    return Labelled(media, asked[list(drawn.rows)])


def taught(
    arm: Arm,
    record: ClassifierRecord,
    real: Labelled,
    generated: Labelled,
    n_labels: int,
    n_samples: int,
    seed: int,
    device: torch.device,
) -> ClassifyingExtractor:
    """The classifier of an arm: each sees as many samples in training."""
    assert record.teach is not None
    given = half_and_half(real, generated) if arm.generated else real
    return record.teach(
        given.samples,
        given.labels,
        n_labels,
        seed=seed,
        n_samples=n_samples,
        augment=arm.augment,
        device=device,
    )


def accuracy(classifier: ClassifyingExtractor, samples: Labelled, n_labels: int) -> float:
    """How often it reads the label, as the mean over labels."""
    read = classifier.probabilities_of(features_of(classifier, samples.samples)).argmax(1)
    return balanced_accuracy(confusion(samples.labels, read, n_labels))
