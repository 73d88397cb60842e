"""What one evaluation looks at: every set drawn, read and featurised once, and a judge of emotions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from evaluation.catalogue import Metric, chosen
from evaluation.classifiers.label_classifier import Judge, judge_of
from evaluation.evidence import Neighbours
from evaluation.extractors.catalogue import MODELS, load_extractor, load_model
from evaluation.extractors.protocol import Extractor, Progress
from evaluation.features.reading import (
    FEWEST,
    NOUNS,
    Reader,
    drawn,
    label_names,
    mirrored,
    numbered,
    refuse_too_few,
)
from evaluation.features.subset import Seen
from evaluation.figures import HELD_OUT
from evaluation.metrics.frechet import too_few
from evaluation.metrics.labels import confusion, split_for_ceiling
from evaluation.plan.options import Options
from evaluation.samples import Samples
from multigan.errors import ConfigError
from multigan.reading.files import named

DEFAULT_FEATURES = {"image": "random-conv-v1", "audio": "log-mel-v1", "text": "hashed-ngrams-v1"}
MORE_FEATURES = {"audio": ("log-mel-frames-v1", "audio-checks-v1")}
"""What metrics of one modality look at besides."""
OWN = {"image": "emotion-classifier", "audio": "sound-classifier", "text": "text-classifier"}
"""Modality -> features of the network that reads its labels: named, or added where nothing is named."""
MOST_TRAINING = {"image": 50_000, "audio": 50_000, "text": 200_000}
"""Memorisation looks through as many real samples of a modality, ..."""
SEARCHED = ("copies", "longest_overlap")
"""... and so do these measures."""
MOST_KNOWN = 5_000
"""The strength of an emotion is learnt from as many real samples."""


@dataclass(eq=False)
class Work:
    """Everything that was seen, ready to be measured."""

    options: Options
    metrics: tuple[Metric, ...]
    extractors: tuple[Extractor, ...]
    default: Extractor
    real: Seen
    """As many as of each set of fakes."""
    pool: Seen
    """These and, where there are more real samples, as many fresh ones for scale."""
    training: Seen
    """All real samples (those looked at, where no metric asks for more), through the default features at least."""
    fakes: dict[str, Seen]
    held_out: Seen | None
    labels: tuple[str, ...]
    judge: Judge | None = None
    known: Seen | None = None
    """Labelled real samples that the judge was trained on."""
    ceiling: Seen | None = None
    """Labelled real samples that it was not trained on."""
    neighbours: Neighbours | None = None
    models: dict[str, Any] = field(default_factory=dict)
    """What single metrics have loaded besides, by name."""
    more: tuple[Extractor, ...] = ()
    """What metrics of the samples themselves look through."""
    skipped: dict[str, dict[str, str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def warn(self, sentence: str) -> None:
        """Keep a sentence for the report, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def halves(self) -> tuple[Seen, Seen] | None:
        """Real samples beside as many fresh ones: held-out samples or, without them, other real samples."""
        if self.held_out is not None:
            n = min(len(self.real), len(self.held_out))
            pair = self.real.part(slice(n)), self.held_out.part(slice(n))
        else:
            n = min(len(self.real), len(self.pool) // 2)
            pair = self.pool.part(slice(n)), self.pool.part(slice(n, 2 * n))
        return pair if n >= FEWEST else None

    def confusions(self) -> dict[str, tuple[tuple[int, ...], ...]]:
        """Subject -> counts [C, C] of what was asked for (rows) and what the judge reads (columns)."""
        found = {}
        for subject, seen in (*self.fakes.items(), (HELD_OUT, self.ceiling)):
            if self.judge is not None and seen is not None and seen.labels is not None:
                read = self.judge.probabilities_of(seen.features[self.judge.features]).argmax(axis=1)
                counts = confusion(seen.labels, read, len(self.labels))
                found[subject] = tuple(tuple(int(count) for count in row) for row in counts)
        return found


def look(
    real: Samples,
    fakes: Mapping[str, Samples],
    held_out: Samples | None,
    options: Options,
    judge: Judge | None,
    progress: Progress | None,
) -> Work:
    """Draw, read and featurise every set. DataError or ConfigError where something does not fit."""
    modality = real.modality
    _check_options(options, modality)
    _check_sets(real, fakes, held_out)
    labels = label_names(real)
    _check_own(options, modality, labels)
    metrics = chosen(options.metrics, modality, options.features)
    names = tuple(name for name in options.features if name not in OWN.values())
    if not options.features:
        names = (DEFAULT_FEATURES[modality],)
    loaded = {
        name: load_extractor(name, modality, torch.device(options.device), options.weights)
        for name in dict.fromkeys((*names, DEFAULT_FEATURES[modality]))
    }
    extractors, default = tuple(loaded[name] for name in names), loaded[DEFAULT_FEATURES[modality]]
    reader = Reader(options.max_bad, options.cache, progress)
    n = min(options.n, len(real), *map(len, fakes.values()))
    more = _more(modality, metrics, options)
    everything = (*loaded.values(), *more)
    order = drawn(len(real), (options.seed, 0))
    pool = reader.see("real", real, order[: n if held_out is not None else 2 * n], everything)
    seen = {
        name: reader.see(name, samples, drawn(len(samples), (options.seed, 1))[:n], everything)
        for name, samples in fakes.items()
    }
    fresh = None
    if held_out is not None:
        fresh = reader.see(HELD_OUT, held_out, drawn(len(held_out), (options.seed, 2))[:n], everything)
    rest = order[n if held_out is not None else 2 * n : MOST_TRAINING[modality]]
    training = _joined(
        pool, reader, rest if _all_wanted(metrics, labels, modality, options) else rest[:0], default
    )
    for name, samples in (("real", pool), *seen.items()):
        refuse_too_few(f"readable {name}", len(samples), modality)
    n = min(n, len(pool), *map(len, seen.values()))
    pool = numbered(pool, labels)
    work = Work(
        options, metrics, extractors, default, pool.part(slice(n)), pool, numbered(training, labels),
        {name: numbered(found.part(slice(n)), labels) for name, found in seen.items()},
        None if fresh is None else numbered(fresh, labels), labels, skipped=reader.skipped, more=more,
    )  # fmt: skip
    _judged(work, judge, reader)
    _neighboured(work, reader)
    _warn(work)
    return work


def _more(modality: str, metrics: tuple[Metric, ...], options: Options) -> tuple[Extractor, ...]:
    if not any(metric.looks_at == "samples" for metric in metrics):
        return ()
    device = torch.device(options.device)
    return tuple(load_model(MODELS[name], device) for name in MORE_FEATURES.get(modality, ()))


def _judge_wanted(
    metrics: tuple[Metric, ...], labels: tuple[str, ...], modality: str, options: Options
) -> bool:
    """Whether labels are to be read; samples are also looked at through a network that reads them, unless features are
    chosen."""
    looks_at = {metric.looks_at for metric in metrics}
    through = _own_features(options)
    return bool(labels) and (through or bool(looks_at & {"labels", "intensities"}))


def _own_features(options: Options) -> bool:
    return not set(OWN.values()).isdisjoint(options.features) or (
        not options.features and options.metrics is None
    )


def _all_wanted(
    metrics: tuple[Metric, ...], labels: tuple[str, ...], modality: str, options: Options
) -> bool:
    """Whether real samples are looked at beyond those that the fakes are measured against."""
    searched = any(metric.looks_at == "training" or metric.measured_by in SEARCHED for metric in metrics)
    return searched or _judge_wanted(metrics, labels, modality, options)


def _check_options(options: Options, modality: str) -> None:
    if torch.device(options.device).type == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            f"The device {options.device} was asked for, and there is no CUDA here. Take 'cpu'."
        )
    if options.n < FEWEST or options.seed < 0:
        raise ConfigError(
            f"n is {FEWEST} or more and seed 0 or more; found n = {options.n} and seed = {options.seed}."
        )
    if options.mirrored and modality != "image":
        raise ConfigError(
            f"Mirror images are of images, and the samples are {NOUNS[modality]}: leave out mirrored."
        )


def _check_own(options: Options, modality: str, labels: tuple[str, ...]) -> None:
    """ConfigError where features of a network that reads labels are named, and it is of other samples or has none."""
    for of, name in OWN.items():
        if name in options.features and not (labels and modality == of):
            raise ConfigError(
                f"The features {name} need real {NOUNS[of]} with two labels or more. Leave them out, or give labels."
            )


def _check_sets(real: Samples, fakes: Mapping[str, Samples], held_out: Samples | None) -> None:
    sets = {"real": real, **fakes, **({} if held_out is None else {HELD_OUT: held_out})}
    if not fakes:
        raise ConfigError("There are no fakes to measure; give at least one set.")
    for name in fakes:
        if name in (HELD_OUT, "real"):
            raise ConfigError(f"A set of fakes cannot be called {name!r}; give it another name.")
    for name, samples in sets.items():
        if samples.modality != real.modality:
            raise ConfigError(
                f"The {name} samples are {NOUNS[samples.modality]} and the real ones {NOUNS[real.modality]}; "
                "measure one modality at a time."
            )
        refuse_too_few(name, len(samples), real.modality)


def _joined(seen: Seen, reader: Reader, rows: np.ndarray, default: Extractor) -> Seen:
    """``seen`` and the rows that were not drawn, through the default features."""
    features = seen.features[default.name]
    if not len(rows):
        return replace(seen, features={default.name: features})
    rest = reader.see("real", seen.samples, rows, [default], more_rows=len(seen))
    both = np.concatenate([features, rest.features[default.name]])
    return Seen(seen.samples, np.concatenate([seen.rows, rest.rows]), {default.name: both})


def _judged(work: Work, judge: Judge | None, reader: Reader) -> None:
    """Find or train the judge of emotions, and let it see every set."""
    training, options = work.training, work.options
    if not _judge_wanted(work.metrics, work.labels, training.samples.modality, options):
        return
    assert training.labels is not None
    if work.held_out is not None:
        work.known, work.ceiling = training, work.held_out
    elif judge is not None:
        work.known = training  # which of them it was trained on is not known
    else:
        train, ceiling = split_for_ceiling(training.labels, options.seed)
        work.known, work.ceiling = training.part(train), training.part(ceiling) if len(ceiling) else None
    work.judge = judge or judge_of(work.known, len(work.labels), options.device, reader.progress)
    work.known = work.known.part(slice(MOST_KNOWN))
    extractor = work.judge.extractor
    if extractor is None:
        return
    work.pool, work.known = reader.add(work.pool, extractor), reader.add(work.known, extractor)
    work.real = work.pool.part(slice(len(work.real)))
    work.fakes = {name: reader.add(seen, extractor) for name, seen in work.fakes.items()}
    if work.held_out is not None:
        work.held_out = work.ceiling = reader.add(work.held_out, extractor)
    elif work.ceiling is not None:
        work.ceiling = reader.add(work.ceiling, extractor)
    if _own_features(options):
        work.extractors = (extractor, *work.extractors)


def _neighboured(work: Work, reader: Reader) -> None:
    if not any(metric.looks_at == "training" for metric in work.metrics):
        return
    name, real = work.default.name, work.held_out or work.real
    same = None if work.held_out is not None else np.arange(len(real))
    turned = {}
    for subject, seen in (*work.fakes.items(), (HELD_OUT, real)) if work.options.mirrored else ():
        other = reader.see(subject, mirrored(seen.samples), seen.rows, [work.default])
        turned[subject] = other.features[name]
    work.neighbours = Neighbours(work.training.features[name], real.features[name], same, turned)


def _warn(work: Work) -> None:
    for name, bad in work.skipped.items():
        shown = ", ".join(f"{sample} ({why})" for sample, why in sorted(bad.items())[:5])
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        work.warn(f"{len(bad)} of the {name} samples could not be read and were skipped: {shown}{more}.")
    for name, seen in work.fakes.items():
        if work.judge is not None and seen.labels is None:
            work.warn(
                f"How well the emotion of the {name} samples comes through was not measured: {_why(work, seen)}."
            )
    if any(metric.measured_by == "frechet" for metric in work.metrics):
        for extractor in work.extractors:
            few = too_few(len(work.real), work.real.features[extractor.name].shape[1])
            if few:
                work.warn(f"In features of {extractor.name}: {few}")
    if work.halves() is None:
        work.warn("There are too few real samples to show for scale what real data score.")


def _why(work: Work, seen: Seen) -> str:
    if seen.samples.labels is None:
        return "they have no labels"
    unknown = sorted({seen.samples.labels[int(row)] for row in seen.rows} - set(work.labels))
    return f"no real sample has the label {named(unknown)}; the real ones are {named(work.labels)}"
