"""What an evaluation is asked to find, and what has to be looked at for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from evaluation.catalogue import metrics_by_name
from evaluation.figures import HELD_OUT
from evaluation.kinds import Kind, all_kinds, kind_of
from evaluation.metrics.record import INTENSITIES, LABELS, TRAINING, Metric
from evaluation.options import FEWEST, Options
from evaluation.samples import Samples
from multigan.emotions import ordered
from multigan.errors import ConfigError, DataError
from multigan.pretrained.weights import locate, own_place


@dataclass(frozen=True)
class Request:
    """The metrics and features that an evaluation is of."""

    options: Options
    kind: Kind
    labels: tuple[str, ...]
    """The reference's labels in the order of a confusion matrix: () where it has none, or only one."""
    metrics: tuple[Metric, ...]
    brings_classifier: bool
    """Whether the classifier of labels comes from outside."""
    beside: tuple[str, ...] = ()
    """The extractors that nobody asked for and that are measured beside the default one, since their files are there."""
    absent: tuple[str, ...] = ()
    """Of each of the others what is missing, in a sentence."""

    @property
    def features(self) -> tuple[str, ...]:
        """The extractors whose features are measured, without those of the classifier of labels."""
        if not self.options.features:
            return (self.kind.default_features, *self.beside)
        return tuple(name for name in self.options.features if name != self._own)

    @property
    def looks_through_classifier(self) -> bool:
        """Whether samples are measured in the features of the classifier of labels too: named, or nothing is named."""
        options = self.options
        return self._own in options.features or (not options.features and not options.names_metrics)

    @property
    def would_classify(self) -> bool:
        """Whether labels are to be read, if anything can read them."""
        looks_at_labels = any(metric.looks_at in (LABELS, INTENSITIES) for metric in self.metrics)
        return bool(self.labels) and (self.looks_through_classifier or looks_at_labels)

    @property
    def classifies(self) -> bool:
        """Whether labels are read."""
        return self.would_classify and (self.brings_classifier or self.kind.classifier is not None)

    @property
    def looks_at_all_training(self) -> bool:
        """Whether real samples are looked at beyond those that the fakes are measured against."""
        return self.classifies or any(m.looks_at is TRAINING or m.searches for m in self.metrics)

    @property
    def _own(self) -> str | None:
        return None if self.kind.classifier is None else self.kind.classifier.name


def request_of(
    real: Samples,
    fakes: Mapping[str, Samples],
    held_out: Samples | None,
    options: Options,
    brings_classifier: bool,
) -> Request:
    """What is to be found with these options in these sets; DataError or ConfigError where something does not fit."""
    kind = kind_of(real.kind)
    _check_options(options, kind)
    _check_sets(real, fakes, held_out)
    labels = label_names(real)
    _check_features(options, kind, labels)
    metrics = metrics_by_name(options.metrics, kind, options.features)
    beside, absent = _beside(options, kind)
    return Request(options, kind, labels, metrics, brings_classifier, beside, absent)


def _beside(options: Options, kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is measured beside the default features where nothing is named, and what is missing of the rest."""
    present, absent = [], []
    if options.features or options.metrics is not None:
        return (), ()
    for record in (record for record in kind.extractors if record.beside):
        try:
            locate(record, own_place(record, options.weights))
            present.append(record.name)
        except ConfigError as reason:
            absent.append(f"Features of {record.name} were not measured. {reason}")
    return tuple(present), tuple(absent)


def label_names(real: Samples) -> tuple[str, ...]:
    """The reference's labels in the order of a confusion matrix: () where it has none, or only one."""
    names = ordered(set(filter(None, real.labels or ())))
    return names if len(names) > 1 else ()


def refuse_too_few(what: str, n: int, noun: str) -> None:
    """DataError where a set is too small to measure."""
    if n < FEWEST:
        raise DataError(f"There are {n} {what} {noun}; an evaluation needs {FEWEST} or more. Add {noun}.")


def _check_options(options: Options, kind: Kind) -> None:
    if torch.device(options.device).type == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            f"The device {options.device} was asked for, and there is no CUDA here. Take 'cpu'."
        )
    if options.n < FEWEST or options.seed < 0:
        raise ConfigError(
            f"n is {FEWEST} or more and seed 0 or more; found n = {options.n} and seed = {options.seed}."
        )
    if options.mirrored and kind.mirror is None:
        owners = " or ".join(other.noun for other in all_kinds() if other.mirror is not None)
        raise ConfigError(
            f"Mirror images are of {owners}, and the samples are {kind.noun}: leave out mirrored."
        )


def _check_features(options: Options, kind: Kind, labels: tuple[str, ...]) -> None:
    """ConfigError where features of a classifier of labels are named, and it is of other samples or there are no labels."""
    for other in (*all_kinds(), kind):
        own = other.classifier
        if own is not None and own.name in options.features and not (labels and kind.name == other.name):
            raise ConfigError(
                f"The features {own.name} need real {other.noun} with two labels or more. Leave them out, or give labels."
            )


def _check_sets(real: Samples, fakes: Mapping[str, Samples], held_out: Samples | None) -> None:
    sets = {"real": real, **fakes, **({} if held_out is None else {HELD_OUT: held_out})}
    if not fakes:
        raise ConfigError("There are no fakes to measure; give at least one set.")
    for name in fakes:
        if name in (HELD_OUT, "real"):
            raise ConfigError(f"A set of fakes cannot be called {name!r}; give it another name.")
    for name, samples in sets.items():
        if samples.kind.name != real.kind.name:
            raise ConfigError(
                f"The {name} samples are {samples.kind.noun} and the real ones {real.kind.noun}; "
                "measure one modality at a time."
            )
        refuse_too_few(name, len(samples), real.kind.noun)
