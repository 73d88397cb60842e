"""What is to be measured: each measure with the evidence that it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from evaluation.evidence import Evidence
from evaluation.features.subset import Subset
from evaluation.figures import HELD_OUT
from evaluation.metrics.record import (
    FEATURES,
    INTENSITIES,
    LABELS,
    SAMPLES,
    TRAINING,
    USUAL_K,
    USUAL_Q,
    Metric,
)
from evaluation.options import FEWEST
from evaluation.plan.inputs import Inputs


@dataclass(frozen=True, eq=False)
class Job:
    """Metrics that are computed at once, and what they look at."""

    metrics: tuple[Metric, ...]
    features: str
    """The name of the features; "" where they need none."""
    evidence: Evidence


def jobs_of(inputs: Inputs) -> Iterator[Job]:
    """Everything to measure: of each set of fakes, of what was treated as they are, and of real samples for scale."""
    metrics = inputs.request.metrics
    for subject in (*inputs.fakes, *inputs.treated, HELD_OUT):
        for at_once in dict.fromkeys(map(_computed_by, metrics)):
            group = tuple(metric for metric in metrics if _computed_by(metric) == at_once)
            for features, evidence in _evidence(inputs, subject, group[0]):
                yield Job(group, features, evidence)


def _computed_by(metric: Metric) -> tuple:
    return metric.measure, metric.k, metric.q


def _evidence(inputs: Inputs, subject: str, metric: Metric) -> Iterator[tuple[str, Evidence]]:
    sets = _sets(inputs, subject, metric)
    if sets is None:
        return
    halves, (real, fake, training) = inputs.halves(), sets
    held_out = () if inputs.held_out is None else (inputs.held_out,)
    plain = Evidence(
        subject, real, fake, training, None, classifier=inputs.classifier, known=inputs.known,
        n_labels=len(inputs.labels), neighbours=inputs.neighbours, n_scale=0 if halves is None else len(halves[1]),
        held_out=inputs.held_out, sets=(inputs.real, *inputs.fakes.values(), *held_out), models=inputs.models,
        options=inputs.options, k=metric.k or USUAL_K, q=metric.q or USUAL_Q,
    )  # fmt: skip
    if metric.looks_at in (LABELS, INTENSITIES):
        labelled = inputs.ceiling if subject == HELD_OUT else fake
        if inputs.classifier is not None and labelled is not None and labelled.labels is not None:
            yield inputs.classifier.features, replace(plain, fake=labelled)
    elif metric.looks_at is SAMPLES:
        yield "", plain
    elif metric.looks_at is TRAINING:
        yield inputs.default.name, replace(plain, extractor=inputs.default)
    else:
        for extractor in inputs.extractors:
            if metric.looks_at is FEATURES or hasattr(extractor, "probabilities_of"):
                evidence = _through(inputs, replace(plain, extractor=extractor))
                if evidence is not None:
                    yield extractor.name, evidence


def _sets(inputs: Inputs, subject: str, metric: Metric) -> tuple[Subset, Subset, Subset] | None:
    """(real samples, what is measured beside them, the training samples that it might copy)."""
    if subject in inputs.treated:
        treated = inputs.treated[subject]
        n = min(len(inputs.real), len(treated))
        copied = metric.looks_at is TRAINING  # of samples that were none of the training ones
        return (
            None
            if copied or n < FEWEST
            else (inputs.real.part(slice(n)), treated.part(slice(n)), inputs.training)
        )
    if subject != HELD_OUT:
        return inputs.real, inputs.fakes[subject], inputs.training
    halves = inputs.halves()
    if inputs.held_out is None and metric.alone:
        return inputs.real, inputs.real, inputs.training
    if halves is None:
        return None
    if inputs.held_out is not None:
        return *halves, inputs.training
    # the training samples begin with the pool's, and those measured here are no copies of themselves
    n = len(halves[1])
    return *halves, inputs.training.part(np.r_[0:n, 2 * n : len(inputs.training)])


def _through(inputs: Inputs, evidence: Evidence) -> Evidence | None:
    """Evidence in which real samples for scale are ones that the extractor was not trained on, if there are any."""
    known, ceiling, classifier = inputs.known, inputs.ceiling, inputs.classifier
    own = classifier is not None and evidence.extractor is classifier.extractor
    if not own or inputs.held_out is not None:
        return evidence
    if known is None or ceiling is None or len(ceiling) < FEWEST:
        return None if evidence.subject == HELD_OUT else replace(evidence, n_scale=0)
    n = min(len(known), len(ceiling))
    if evidence.subject != HELD_OUT:
        return replace(evidence, n_scale=n)
    return replace(evidence, real=known.part(slice(n)), fake=ceiling.part(slice(n)), n_scale=n)
