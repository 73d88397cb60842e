"""The metrics and the extractors by name: those of every kind of samples, and those of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.extractors.record import ExtractorRecord, load_model
from evaluation.kinds import Kind, all_kinds
from evaluation.metrics.record import (
    FEATURES,
    INTENSITIES,
    LABELS,
    PROBABILITIES,
    TRAINING,
    USUAL_K,
    USUAL_Q,
    Metric,
)
from evaluation.options import EVERYTHING
from multigan.errors import ConfigError
from multigan.registry import Registry, unknown_name

if TYPE_CHECKING:
    import torch

    from evaluation.extractors.protocol import Extractor

_TABLE = (
    Metric(
        "emotion accuracy", LABELS, "evaluation.measures:accuracy", True, "arXiv:1807.09499, section 3 (GAN-test)",
        "Does the emotion that was asked for come through?",
        "The share of samples in which a classifier of real samples reads the emotion asked for; "
        "compare with that of real samples (the ceiling) and with chance (the floor).",
        "A classifier reads what it was trained on; a generator can satisfy it with one picture per emotion.",
    ),
    Metric(
        "balanced emotion accuracy", LABELS, "evaluation.measures:accuracy", True, "Brodersen et al. 2010",
        "Does every emotion come through, rare ones as well as common ones?",
        "The mean over emotions of the share that is read right: a frequent emotion cannot hide a rare one that fails.",
        "Rare emotions have few samples, so the interval is wide.",
    ),
    Metric(
        "chance accuracy", LABELS, "evaluation.measures:accuracy", None, "",
        "What would guessing give?",
        "The accuracy of guessing among the emotions: the floor of emotion accuracy.",
        "With uneven labels, always answering the commonest does better; the note of emotion accuracy says how well.",
    ),
    Metric(
        "calibration error", LABELS, "evaluation.measures:calibration", False, "arXiv:1706.04599, eq. 3",
        "Is the classifier as sure of these samples as it is right?",
        "The gap between how sure the classifier is and how often it is right, 0 to 1; far above that of real samples, "
        "the samples are unlike what it knows.",
        "It judges classifier and samples together: read it beside that of real samples.",
    ),
    Metric(
        "intensity correlation", INTENSITIES, "evaluation.measures:intensity", True, "Spearman 1904",
        "Does asking for a stronger emotion give one?",
        "The rank correlation of the intensity asked for and the one measured, within each emotion: 1 is perfect.",
        "Measured strength is itself read by a model of real samples: the figure of real samples is the ceiling.",
    ),
    Metric(
        "FD", FEATURES, "evaluation.measures:frechet", False, "arXiv:1706.08500, eq. 6 (FAD: arXiv:1812.08466)",
        "How far is the distribution of fakes from that of real samples?",
        "0 is equal; only differences between sets of the same n, in the same features, mean anything.",
        "Biased upwards, the more the fewer samples; takes features as Gaussian; resizing and JPEG on one side move it.",
        caution="evaluation.metrics.frechet:too_few",
    ),
    Metric(
        "FD infinity", FEATURES, "evaluation.measures:frechet_infinity", False, "arXiv:1911.07023",
        "What would the Fréchet distance be with endless samples?",
        "The Fréchet distance extrapolated to infinite n, so that the bias of few samples is taken out.",
        "An extrapolation: with few samples its interval is wide and, with n below 4 times the number of features, "
        "its value too high.",
    ),
    Metric(
        "KD", FEATURES, "evaluation.measures:kernel", False, "arXiv:1801.01401, section 4",
        "How far are fakes from real samples, where samples are few?",
        "0 is equal, and it may fall a little below; unlike the Fréchet distance it has no bias in n.",
        "Its scale depends on the features; values near 0 are noise: look at the interval.",
    ),
    Metric(
        "KD rbf-median", FEATURES, "evaluation.measures:kernel_rbf_median", False, "arXiv:2502.15602 (KAD)",
        "How far are fakes from real samples, by a kernel as wide as real samples lie apart?",
        "0 is equal, and it may fall a little below; nothing in common is somewhat over 100; it has no bias in n.",
        "Its bandwidth is the median distance of these real samples, so that other real samples are another scale.",
        by_default=False,
    ),
    Metric(
        "MIND", FEATURES, "evaluation.measures:mind", False, "arXiv:2605.06797",
        "How far must samples be moved for the distributions to be equal?",
        "0 is equal; a shift of all features alone costs three times its squared length. Compare at equal n.",
        "Biased upwards, the more the fewer samples; its scale is that of the features.",
        by_default=False,
    ),
    Metric(
        "C2ST", FEATURES, "evaluation.measures:two_sample", False, "arXiv:1610.06545, section 3",
        "Can a classifier tell fakes from real samples?",
        "The accuracy on samples that it did not see: 0.5 is chance, they cannot be told apart; 1 is always.",
        "One small difference that all samples share, such as a frame of one pixel, makes it 1; sees what the features see.",
    ),
    Metric(
        "classifier score", PROBABILITIES, "evaluation.measures:inception_score", True, "arXiv:1606.03498, section 4",
        "Is each sample clearly of one class, and are all classes there?",
        "From 1 to the number of classes; compare with that of real samples.",
        "Blind to variety within a class and to real data altogether; other classes than Inception's are another score.",
        alone=True,
    ),
    Metric(
        "precision", FEATURES, "evaluation.measures:prdc", True, "arXiv:1904.06991, eq. 1 and 2",
        "Do fakes look like real samples?",
        "The share of fakes that lie among real samples; high precision with low recall is a mode collapse.",
        "One real outlier makes a large ball that lets in poor fakes (density does not mind); depends on n and k.",
        k=USUAL_K, fails=8,
    ),
    Metric(
        "recall", FEATURES, "evaluation.measures:prdc", True, "arXiv:1904.06991, eq. 1 and 2",
        "Is every kind of real sample among the fakes?",
        "The share of real samples that lie among the fakes; low recall means that something is never generated.",
        "Fakes that are outliers raise it; depends on n and k.",
        k=USUAL_K, fails=8,
    ),
    Metric(
        "density", FEATURES, "evaluation.measures:prdc", True, "arXiv:2002.09797, section 3",
        "Do fakes lie where real samples are dense?",
        "About 1 for fresh real samples; below, fakes lie in sparse places; above, they crowd in the commonest.",
        "Not bounded by 1, and above 1 is not better than real: read it with coverage.",
        k=USUAL_K, fails=5,
    ),
    Metric(
        "coverage", FEATURES, "evaluation.measures:prdc", True, "arXiv:2002.09797, section 3",
        "Are there fakes near every real sample?",
        "The share of real samples with a fake nearby; fresh real samples reach about 0.97 with k = 5.",
        "Depends on n and k: compare at equal n.",
        k=USUAL_K, fails=7,
    ),
    Metric(
        "clipped density", FEATURES, "evaluation.measures:clipped", True, "arXiv:2507.01761",
        "Which share of the fakes is good?",
        "The share of fakes that lie among real samples as these do among themselves: 0.7 is as if 3 of 10 were bad.",
        "Cut at 1: fakes that crowd in the commonest places score no less; of few samples its interval is wide.",
        k=USUAL_K, fails=4,
    ),
    Metric(
        "clipped coverage", FEATURES, "evaluation.measures:clipped", True, "arXiv:2507.01761",
        "How much of what real samples are do the fakes cover?",
        "What the fakes cover, as the share of as many fresh real samples that would cover as much, 0 to 1.",
        "Calibrated for fakes that are independent; a share of them that is far off costs what losing it would.",
        k=USUAL_K, fails=7,
    ),
    Metric(
        "Vendi score", FEATURES, "evaluation.measures:vendi", True,
        "arXiv:2210.02410, section 3; of order q: arXiv:2310.12952",
        "How many different samples are there, in effect?",
        "The effective number of distinct samples, from 1 to n; compare with that of as many real samples.",
        "Variety of any kind counts, noise too; depends on n (1,000 at most). Features that all point much the same way, "
        "as random convolutions do, keep it near 1.",
        alone=True, q=USUAL_Q,
    ),
    Metric(
        "pairwise distance", FEATURES, "evaluation.measures:pairwise", True, "",
        "How different are two samples from one another?",
        "The mean distance of two samples in features; well below that of real samples means that they are alike.",
        "A mean: two tight modes far apart look varied.",
        alone=True,
    ),
    Metric(
        "copies", TRAINING, "evaluation.measures:copies", False, "arXiv:2301.13188, section 5.1",
        "How many fakes are copies of training samples?",
        "The share of fakes that lie far nearer to a training sample than real samples do; compare with real samples, "
        "where duplicates count too.",
        "Sees copies that its features see: one that is cropped or rewritten may pass; look at the closest pairs.",
    ),
    Metric(
        "authenticity", TRAINING, "evaluation.measures:authenticity", None, "arXiv:2102.08921, section 4.3",
        "Are fakes new, or copies of training samples?",
        "The share of fakes that are farther from their nearest training sample than that one is from its own neighbour; "
        "compare with real samples: copies bring it to 0.",
        "Fresh real samples score anywhere from a third to over 0.8, by features, so that 1 is no aim; "
        "features that see no detail find copies where there are none.",
    ),
    Metric(
        "nearest distance ratio", TRAINING, "evaluation.measures:distance_ratio", None, "",
        "Are fakes nearer to training samples than fresh real samples are?",
        "Near 1: as far from training samples as real ones are; near 0: copies; well above 1: unlike the training data.",
        "A median: a few copies do not move it; copies counts those.",
    ),
)  # fmt: skip
_CHOICES = {
    "k": ("number of neighbours", "a number of neighbours, 1 or more", 1),
    "q": ("order", "an order of 0.01 or more, or inf", 0.01),
}
"""Name of a number that figures depend on -> what it is, what it may be, and the least."""
METRICS: Registry[Metric] = Registry("metric", {metric.name: metric for metric in _TABLE})
"""Those that measure samples of any kind."""


def metrics_of(kind: Kind) -> dict[str, Metric]:
    """The metrics that measure samples of a kind, by name: those of any kind, then its own."""
    return {metric.name: metric for metric in (*(METRICS[name] for name in METRICS), *kind.metrics)}


def metrics_by_name(names: Sequence[str] | None, kind: Kind, features: Sequence[str]) -> tuple[Metric, ...]:
    """The metrics of a kind of these names, or without any those that are measured by default.

    In any case; also FID, IS, KID, FAD, precision[k=3], Vendi score[q=2], and "all" for all of them.
    """
    metrics, others = metrics_of(kind), _other_names(kind)
    if names is None:
        return tuple(metric for metric in metrics.values() if metric.by_default)
    if not names:
        raise ConfigError(
            f"No metric is named. Name some of {', '.join(metrics)}, or {EVERYTHING}, or leave metrics out for those that "
            "are measured by default."
        )
    known = {name.lower(): name for name in (*metrics, *others)}
    chosen = []
    for word in names:
        if word.lower() == EVERYTHING:
            chosen += metrics.values()
            continue
        plain, choice = _without_choice(word)
        name = known.get(plain.lower())
        if name is None:
            raise ConfigError(unknown_name(f"{kind.name} metric", word, list(known.values())))
        metric, record = others.get(name, (name, None))
        if record is not None and record.name not in features:
            chosen_features = (
                f"the features are {', '.join(features)}" if features else "no features were chosen"
            )
            raise ConfigError(
                f"{name} means {record.promise}, and {chosen_features}. Add --features {record.name}, or ask for "
                f"{metric!r}, the same in other features."
            )
        chosen.append(_with_choice(metrics[metric], metrics.values(), **choice))
    return tuple(dict.fromkeys(chosen))


def _without_choice(word: str) -> tuple[str, dict[str, float]]:
    """The name of a metric, and the k of "NAME[k=3]" or the q of "NAME[q=2]"."""
    asked = re.fullmatch(r"(.+)\[(?:k=(?P<k>\d+)|q=(?P<q>\d+|\d*\.\d+|inf))\]", word, re.IGNORECASE)
    if asked is None:
        return word, {}
    return asked[1], {name: float(text) for name, text in asked.groupdict().items() if text}


def _with_choice(metric: Metric, metrics: Iterable[Metric], **choice: float) -> Metric:
    """The metric with another k or q, where it has such a choice and the number is one that it may have."""
    for name, number in choice.items():
        what, allowed, least = _CHOICES[name]
        if not getattr(metric, name):
            others = ", ".join(other.name for other in metrics if getattr(other, name))
            raise ConfigError(
                f"{metric.name} has no {what}; leave out [{name}={number:g}]. Those that have one: {others}."
            )
        if number < least:
            raise ConfigError(f"The {name} of {metric.name} is {allowed}; found {number:g}.")
    return replace(
        metric, **{name: int(number) if name == "k" else number for name, number in choice.items()}
    )


def _other_names(kind: Kind) -> dict[str, tuple[str, ExtractorRecord | None]]:
    """What some metrics are called besides: name -> (metric, the features that alone have this name, if any)."""
    names: dict[str, tuple[str, ExtractorRecord | None]] = {
        name: (metric, record) for record in kind.extractors for metric, name in record.figure_names.items()
    }
    return names | {name: (metric, None) for metric, name in kind.figure_names.items()}


def load_extractor(name: str, kind: Kind, device: torch.device, weights: Path | None = None) -> Extractor:
    """The extractor ``name`` for samples of a kind; ``weights`` is a file or folder that holds its files.

    ConfigError for a name that is not known, one of another kind, and for files that are missing or not the right ones.
    """
    records = {record.name: record for record in kind.extractors}
    if name in records:
        return load_model(records[name], device, weights)
    for other in all_kinds():
        if name in [record.name for record in other.extractors]:
            raise ConfigError(
                f"The extractor {name!r} is for {other.name}, not for {kind.name}; "
                f"for {kind.name} there are {', '.join(records)}."
            )
    raise ConfigError(unknown_name(f"{kind.name} extractor", name, list(records)))


def extractors_by_name() -> dict[str, tuple[Kind, ExtractorRecord]]:
    """The extractors of all kinds whose features may be chosen, each with its kind."""
    return {record.name: (kind, record) for kind in all_kinds() for record in kind.extractors}


def models_by_name() -> dict[str, tuple[Kind, ExtractorRecord]]:
    """What is no choice of features, of all kinds: what single metrics look through, a language model, a distance."""
    return {record.name: (kind, record) for kind in all_kinds() for record in kind.models}
