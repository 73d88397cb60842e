"""What is to be measured: each entry of MEASURES with the evidence that it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evaluation.catalogue import Metric
from evaluation.evidence import Evidence
from evaluation.extractors.protocol import Extractor
from evaluation.features.reading import FEWEST
from evaluation.features.subset import Seen
from evaluation.figures import HELD_OUT
from evaluation.plan.sets import Work

ALONE = {
    "vendi", "pairwise", "inception_score", "ms_ssim", "lpips", "d_self", "spectral_diversity", "audio_checks",
    "self_bleu", "distinct", "perplexity", "nll_oracle",
}  # fmt: skip
"""Entries that look at one set and at nothing beside it: any real samples show what those score, at full n."""


def jobs(work: Work) -> Iterator[tuple[str, tuple[Metric, ...], str, Evidence]]:
    """(entry of MEASURES, the metrics it gives, name of the features, what it looks at) for everything to measure."""
    for subject in (*work.fakes, HELD_OUT):
        for entry in dict.fromkeys(metric.measured_by for metric in work.metrics):
            group = tuple(metric for metric in work.metrics if metric.measured_by == entry)
            for name, evidence in _evidence(work, subject, entry, group[0].looks_at):
                yield entry, group, name, evidence


def _evidence(work: Work, subject: str, entry: str, looks_at: str) -> Iterator[tuple[str, Evidence]]:
    sets = _sets(work, subject, entry)
    if sets is None:
        return
    halves, (real, fake, training) = work.halves(), sets
    everything = (work.real, *work.fakes.values(), *([] if work.held_out is None else [work.held_out]))
    plain = Evidence(
        subject, real, fake, training, None, judge=work.judge, n_labels=len(work.labels), known=work.known,
        neighbours=work.neighbours, n_scale=0 if halves is None else len(halves[1]), sets=everything, models=work.models,
        options=work.options,
    )  # fmt: skip
    if looks_at in ("labels", "intensities"):
        judged = work.ceiling if subject == HELD_OUT else fake
        if work.judge is not None and judged is not None and judged.labels is not None:
            yield work.judge.features, replace(plain, fake=judged)
    elif looks_at == "samples":
        yield "", plain
    elif looks_at == "training":
        yield work.default.name, replace(plain, extractor=work.default)
    else:
        for extractor in work.extractors:
            if looks_at == "features" or hasattr(extractor, "probabilities_of"):
                seen = _through(work, plain, extractor)
                if seen is not None:
                    yield extractor.name, seen


def _sets(work: Work, subject: str, entry: str) -> tuple[Seen, Seen, Seen] | None:
    """(real samples, what is measured beside them, the training samples that it might copy)."""
    if subject != HELD_OUT:
        return work.real, work.fakes[subject], work.training
    halves = work.halves()
    if work.held_out is None and entry in ALONE:
        return work.real, work.real, work.training
    if halves is None:
        return None
    if work.held_out is not None:
        return *halves, work.training
    n = len(
        halves[1]
    )  # the training samples begin with the pool's, and those measured here are no copies of themselves
    others = np.r_[0:n, 2 * n : len(work.training)]
    return *halves, work.training.part(others)


def _through(work: Work, plain: Evidence, extractor: Extractor) -> Evidence | None:
    """``plain`` through an extractor; real samples for scale are ones that it was not trained on, if there are any."""
    seen, known, ceiling = replace(plain, extractor=extractor), work.known, work.ceiling
    own = work.judge is not None and extractor is work.judge.extractor
    if not own or work.held_out is not None:
        return seen
    if known is None or ceiling is None or len(ceiling) < FEWEST:
        return None if plain.subject == HELD_OUT else replace(seen, n_scale=0)
    n = min(len(known), len(ceiling))
    if plain.subject != HELD_OUT:
        return replace(seen, n_scale=n)
    return replace(seen, real=known.part(slice(n)), fake=ceiling.part(slice(n)), n_scale=n)
