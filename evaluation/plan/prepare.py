"""Samples -> everything that is measured: drawn by the seed, read through the extractors, with a classifier of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from evaluation.catalogue import load_extractor
from evaluation.classifiers.label_classifier import LabelClassifier, with_own_features
from evaluation.evidence import Neighbours
from evaluation.extractors.protocol import Extractor, Progress
from evaluation.extractors.record import load_model
from evaluation.features.reader import Reader
from evaluation.features.subset import Subset
from evaluation.figures import HELD_OUT
from evaluation.kinds import Kind
from evaluation.metrics.labels import split_for_ceiling
from evaluation.metrics.record import FEATURES, TRAINING
from evaluation.options import Options
from evaluation.plan.inputs import Inputs
from evaluation.plan.places import good_side_by_side, near_copies_together, rows_side_by_side
from evaluation.plan.request import Request, refuse_too_few, request_of
from evaluation.samples import Samples
from multigan.pretrained.weights import own_place
from multigan.reading.files import named

MOST_KNOWN = 5_000
"""The strength of a label is learnt from as many real samples."""


def prepare(
    real: Samples,
    fakes: Mapping[str, Samples],
    held_out: Samples | None,
    options: Options,
    classifier: LabelClassifier | None,
    progress: Progress | None,
    treated: Mapping[str, Samples] | None = None,
) -> Inputs:
    """Draw, read and featurise every set. DataError or ConfigError where something does not fit."""
    request = request_of(real, fakes, held_out, options, classifier is not None)
    aligned = request.kind.aligned
    if aligned is not None:
        fakes = {name: aligned(real, samples) for name, samples in fakes.items()}
        held_out = None if held_out is None else aligned(real, held_out)
    reader = Reader(options.max_bad, options.cache, progress)
    inputs = _read(request, real, fakes, held_out, treated or {}, reader)
    if request.classifies:
        _classify(inputs, classifier, reader)
    if any(metric.looks_at is TRAINING for metric in request.metrics):
        _search(inputs, reader)
    _warn(inputs, progress)
    return inputs


def _read(
    request: Request,
    reference: Samples,
    fakes: Mapping[str, Samples],
    held_out: Samples | None,
    treated: Mapping[str, Samples],
    reader: Reader,
) -> Inputs:
    options, labels = request.options, request.labels
    loaded, more = _load(request)
    default, everything = loaded[request.kind.default_features], (*loaded.values(), *more)
    listed, notes = rows_side_by_side(fakes, options.max_bad)
    n = min(options.n, len(reference), *map(len, listed.values()))
    n_pool = n if held_out is not None else 2 * n
    order = _order(len(reference), options, 0)
    pool = reader.read("real", reference, order[:n_pool], everything)
    drawn = {name: rows[_order(len(rows), options, 1)[:n]] for name, rows in listed.items()}
    subsets = {name: reader.read(name, fakes[name], rows, everything) for name, rows in drawn.items()}
    n_listed = {name: len(rows) for name, rows in listed.items()}
    subsets, more_notes = good_side_by_side(subsets, drawn, n_listed)
    fresh = None
    if held_out is not None:
        fresh = reader.read(HELD_OUT, held_out, _order(len(held_out), options, 2)[:n], everything)
        fresh = with_numbers(fresh, labels)
    others = {
        name: reader.read(name, samples, _order(len(samples), options, 2)[:n], everything)
        for name, samples in treated.items()
    }
    rest = order[n_pool : request.kind.most_searched] if request.looks_at_all_training else order[:0]
    training = _joined(pool, reader, rest, default)
    for name, subset in (("real", pool), *subsets.items()):
        refuse_too_few(f"readable {name}", len(subset), request.kind.noun)
    n = min(n, len(pool), *map(len, subsets.values()))
    pool = with_numbers(pool, labels)
    real, subsets = pool.part(slice(n)), {name: subset.part(slice(n)) for name, subset in subsets.items()}
    subsets, copy_notes = near_copies_together(subsets, real, default.name, n_listed)
    return Inputs(
        request, tuple(loaded[name] for name in request.features), default, more, real, pool,
        with_numbers(training, labels),
        {name: with_numbers(subset, labels) for name, subset in subsets.items()},
        fresh, treated={name: with_numbers(subset, labels) for name, subset in others.items()},
        skipped=reader.skipped, warnings=[*notes, *more_notes, *copy_notes],
    )  # fmt: skip


def _load(request: Request) -> tuple[dict[str, Extractor], tuple[Extractor, ...]]:
    """The extractors by name, the default one among them, and what single metrics look through besides."""
    kind, device = request.kind, torch.device(request.options.device)
    names = dict.fromkeys((*request.features, kind.default_features))
    loaded = {name: load_extractor(name, kind, device, _place_of(name, request)) for name in names}
    through = dict.fromkeys(name for metric in request.metrics for name in metric.through)
    more = tuple(load_model(kind.record(name), device) for name in through if name not in loaded)
    return loaded, more


def _place_of(name: str, request: Request) -> Path | None:
    """Where the files of an extractor are looked for: what nobody asked for does without ``weights`` of another."""
    weights = request.options.weights
    return own_place(request.kind.record(name), weights) if name in request.beside else weights


def _order(n: int, options: Options, stream: int) -> np.ndarray:
    """All n samples of a set in an order drawn by the seed."""
    return np.random.default_rng([options.seed, stream]).permutation(n)


def with_numbers(subset: Subset, names: Sequence[str]) -> Subset:
    """A subset with its labels as numbers, where the reference has such labels, and its intensities."""
    samples = subset.samples
    intensities = None
    if samples.intensities is not None:
        values = np.asarray(samples.intensities, np.float64)[subset.rows]
        intensities = values if len(values) and np.ptp(values) > 0 else None
    if samples.labels is None or not names:
        return replace(subset, intensities=intensities)
    places = {name: place for place, name in enumerate(names)}
    own = [samples.labels[int(row)] for row in subset.rows]
    if not set(own) <= set(names):
        return replace(subset, intensities=intensities)
    labels = np.array([places[label] for label in own], np.int64)
    return replace(subset, labels=labels, intensities=intensities)


def _joined(pool: Subset, reader: Reader, rows: np.ndarray, default: Extractor) -> Subset:
    """The pool and the rows that are not in it, through the default features."""
    features = pool.features[default.name]
    if not len(rows):
        return replace(pool, features={default.name: features})
    rest = reader.read("real", pool.samples, rows, [default], n_before=len(pool))
    both = np.concatenate([features, rest.features[default.name]])
    return Subset(pool.samples, np.concatenate([pool.rows, rest.rows]), {default.name: both})


def _classify(inputs: Inputs, classifier: LabelClassifier | None, reader: Reader) -> None:
    """Take or train the classifier of labels, and let it see every set."""
    training, request = inputs.training, inputs.request
    assert training.labels is not None
    if inputs.held_out is not None:
        inputs.known, inputs.ceiling = training, inputs.held_out
    elif classifier is not None:
        inputs.known = training  # which of them it was trained on is not known
    else:
        train, ceiling = split_for_ceiling(training.labels, inputs.options.seed)
        inputs.known = training.part(train)
        inputs.ceiling = training.part(ceiling) if len(ceiling) else None
    inputs.classifier = classifier or trained_classifier(inputs.known, request, reader.progress)
    inputs.known = inputs.known.part(slice(MOST_KNOWN))
    extractor = inputs.classifier.extractor
    if extractor is None:
        return
    inputs.pool, inputs.known = (reader.read_again(one, extractor) for one in (inputs.pool, inputs.known))
    inputs.real = inputs.pool.part(slice(len(inputs.real)))
    inputs.fakes = {name: reader.read_again(subset, extractor) for name, subset in inputs.fakes.items()}
    inputs.treated = {name: reader.read_again(subset, extractor) for name, subset in inputs.treated.items()}
    if inputs.held_out is not None:
        inputs.held_out = inputs.ceiling = reader.read_again(inputs.held_out, extractor)
    elif inputs.ceiling is not None:
        inputs.ceiling = reader.read_again(inputs.ceiling, extractor)
    if request.looks_through_classifier:
        inputs.extractors = (extractor, *inputs.extractors)


def trained_classifier(training: Subset, request: Request, progress: Progress | None) -> LabelClassifier:
    """A classifier trained on labelled real samples, or recalled where the same ones have trained one before."""
    record = request.kind.classifier
    assert record is not None
    own = record.train(training, len(request.labels), request.options.device, progress)
    return with_own_features(own)


def _search(inputs: Inputs, reader: Reader) -> None:
    """Look for training samples near the fakes, and near their mirror images where the generator saw those."""
    name, real = inputs.default.name, inputs.held_out or inputs.real
    same = None if inputs.held_out is not None else np.arange(len(real))
    turned = {}
    for subject, subset in (*inputs.fakes.items(), (HELD_OUT, real)) if inputs.options.mirrored else ():
        samples = mirrored(subset.samples, inputs.request.kind)
        turned[subject] = reader.read(subject, samples, subset.rows, [inputs.default]).features[name]
    inputs.neighbours = Neighbours(inputs.training.features[name], real.features[name], same, turned)


def mirrored(samples: Samples, kind: Kind) -> Samples:
    """The mirror images of samples of a kind that has them."""
    mirror, plain = kind.mirror, samples.digests
    assert mirror is not None

    def digests(
        rows: Sequence[int] | np.ndarray | None = None, progress: Progress | None = None
    ) -> Sequence[str]:
        assert plain is not None
        return [f"mirrored-{digest}" for digest in plain(rows, progress)]

    return replace(
        samples,
        read=lambda row: mirror(samples.read(row)),
        digests=None if plain is None else digests,
    )


def _warn(inputs: Inputs, progress: Progress | None) -> None:
    for name, bad in inputs.skipped.items():
        shown = ", ".join(f"{sample} ({why})" for sample, why in sorted(bad.items())[:5])
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        inputs.warn(f"{len(bad)} of the {name} samples could not be read and were skipped: {shown}{more}.")
    n_shared = _n_shared(inputs, progress)
    if inputs.held_out is not None and n_shared:
        inputs.warn(
            f"{n_shared:,} of the {len(inputs.held_out):,} held-out samples are among the real ones too, to the bit: what "
            "real data score, for scale, is better than it should be. Give held-out samples that are none of the real ones."
        )
    lacking = _lacking(inputs)
    if lacking:
        inputs.warn(
            f"No held-out sample is labelled {named(lacking)}: what real data score, for scale, says nothing of these."
        )
    _warn_of_one_label(inputs)
    if inputs.request.would_classify and not inputs.request.classifies:
        inputs.warn(
            f"Labels were not read: there is no classifier of {inputs.request.kind.noun}. Give evaluate one as classifier=."
        )
    for name, subset in inputs.fakes.items():
        if inputs.classifier is not None and subset.labels is None:
            inputs.warn(
                f"How well the emotion of the {name} samples comes through was not measured: {_why(inputs, subset)}."
            )
    for metric in (metric for metric in inputs.request.metrics if metric.looks_at is FEATURES):
        for extractor in inputs.extractors:
            n, n_features = inputs.real.features[extractor.name].shape
            sentence = metric.warning(n, n_features)
            if sentence:
                inputs.warn(f"In features of {extractor.name}: {sentence}")
    for sentence in inputs.request.absent:
        inputs.warn(sentence)
    if inputs.halves() is None:
        inputs.warn("There are too few real samples to show for scale what real data score.")


def _warn_of_one_label(inputs: Inputs) -> None:
    """Where all real samples have one label, which generated ones have not: it may be no label but a folder's name."""
    real = set(inputs.real.samples.labels or ()) - {""}
    for name, subset in inputs.fakes.items() if len(real) == 1 else ():
        others = sorted(set(subset.samples.labels or ()) - real - {""})
        if others:
            inputs.warn(
                f"Labels were not compared: every real sample has the label {named(sorted(real))}, and the {name} ones have "
                f"{named(others)}. If a column of a table beside the real ones has others, name it (--labels-column)."
            )


def _lacking(inputs: Inputs) -> list[str]:
    """Labels of real samples that no held-out sample has, where these have labels."""
    if inputs.held_out is None or inputs.held_out.labels is None:
        return []
    present = set(inputs.held_out.labels.tolist())
    return [label for number, label in enumerate(inputs.labels) if number not in present]


def _n_shared(inputs: Inputs, progress: Progress | None) -> int:
    """How many of the held-out samples have the content of a real one, whether that is looked at otherwise or not.

    Of more real samples than are searched for copies, those that are looked at.
    """
    real, held_out = inputs.training, inputs.held_out
    if held_out is None or real.samples.digests is None or held_out.samples.digests is None:
        return 0
    rows = None if len(real.samples) <= inputs.request.kind.most_searched else real.rows
    known = set(real.samples.digests(rows, progress))
    return sum(digest in known for digest in held_out.samples.digests(held_out.rows, progress))


def _why(inputs: Inputs, subset: Subset) -> str:
    if subset.samples.labels is None:
        return "they have no labels"
    unknown = sorted({subset.samples.labels[int(row)] for row in subset.rows} - set(inputs.labels))
    return f"no real sample has the label {named(unknown)}; the real ones are {named(inputs.labels)}"
