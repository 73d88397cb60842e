"""Of a generator whose condition is a sample: how near what it makes of held-out conditions comes to the real samples.

Beside what the condition comes to without a network and, where the run has one, the generator that the stage of content
terms ended with: ``pairs/report.json`` and ``pairs/report.html``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from evaluation.extractors.random_features import RESOLUTION as PATCH
from evaluation.figures import GENERATED, Difference, Figure, Gallery, Report
from evaluation.options import Options
from evaluation.paired import evaluate_pairs
from evaluation.pipeline import evaluate_samples
from evaluation.samples import Samples
from evaluation.sources import of_media
from multigan.errors import ConfigError
from multigan.modality import Splits
from multigan.sampling import TrainedGenerator, load_stage
from multigan.training.translation import CONTENT
from recipes.conditions import conditions_of, takes_tensors
from recipes.kinds import kind_of_modality
from recipes.publish import publish
from recipes.reports.records import Evidence, Findings, RunReport

INPUT, ALONE = "input", "content terms"
"""What the condition comes to without a network, and the generator before the adversarial stage."""
FOLDER = "pairs"
_STREAM = 6
"""Beside the seeds of a run's pictures, validation, evaluation and other reports."""


def check(generator: nn.Module, splits: Splits) -> None:
    """ConfigError where conditions are no samples."""
    if not takes_tensors(splits.train):
        raise ConfigError(
            "The report 'pairs' is of generators whose condition is a sample, such as a picture to enlarge, and this data "
            "has none; leave it out of the recipe's report."
        )


def made_of(evidence: Evidence, rows: np.ndarray) -> dict[str, Tensor]:
    """Name of each set -> samples [N, ...] for the held-out conditions of these rows."""
    trained, data = evidence.trained, evidence.splits.held_out
    conditions = conditions_of(data, rows)
    assert conditions is not None  # as ``check`` found
    seed = int(np.random.SeedSequence((evidence.seed, _STREAM)).generate_state(1)[0])
    options = trained.sampling.settings()

    def drawn(of: TrainedGenerator) -> Tensor:
        return of.sampling.draw(of, conditions, seed, len(rows), options).tensor

    sets: dict[str, Tensor] = {}
    if trained.modality.show_condition is not None:
        parts = [trained.modality.show_condition(part, trained.data) for part in conditions.split(64)]
        sets[INPUT] = torch.cat(parts)
    if (evidence.run_folder / "stages" / CONTENT).is_dir():
        sets[ALONE] = drawn(load_stage(trained, evidence.run_folder, CONTENT))
    return {**sets, GENERATED: drawn(trained)}


def measured(evidence: Evidence) -> tuple[Report, Gallery]:
    """Distances of pairs and the Fréchet distance, with what differs between the sets."""
    modality, data = evidence.trained.modality, evidence.splits.held_out
    n = min(evidence.n, data.n_originals)
    rows = np.random.default_rng((evidence.seed, _STREAM)).permutation(data.n_originals)[:n]
    names = [f"{FOLDER}-{row:06d}" for row in rows]
    real = of_media(modality.kind, names, lambda i: data.original(int(rows[i])), source="held-out samples")
    fakes: Mapping[str, Samples] = {
        name: of_media(
            modality.kind, names, modality.media(made, evidence.trained.data).__getitem__, source=name
        )
        for name, made in made_of(evidence, rows).items()
    }
    device = next(evidence.trained.network.parameters()).device
    options = Options(n=n, seed=evidence.seed, device=device)
    report, gallery = evaluate_pairs(real, fakes, options)
    figures, differences, warnings = as_sets(real, fakes, options)
    report = replace(
        report,
        figures=(*report.figures, *figures),
        differences=(*report.differences, *differences),
        warnings=(*report.warnings, *warnings),
    )
    return report, gallery


def as_sets(
    real: Samples, fakes: Mapping[str, Samples], options: Options
) -> tuple[list[Figure], list[Difference], list[str]]:
    """The Fréchet distance of whole samples and, of pictures that its features see made smaller, of patches of them.

    A picture that averages back to what it was made of has at that size nothing of its own to be measured: sharp or soft,
    the features see the same. A patch per picture is seen as it is: patch FID, arXiv:2204.07156.
    """
    first: Any = real.read(0)
    parts = [("", "", real, fakes)]
    if getattr(first, "ndim", 0) == 3 and min(first.shape[:2]) > PATCH:
        cut = {name: patches(samples, options.seed) for name, samples in fakes.items()}
        told = f"Of one patch of {PATCH}x{PATCH} pixels per picture. "
        parts.append(("patch ", told, patches(real, options.seed), cut))
    figures: list[Figure] = []
    differences: list[Difference] = []
    warnings: list[str] = []
    for name, told, own, others in parts:
        report, _ = evaluate_samples(own, others, None, replace(options, metrics=("FD",)))
        figures += [
            replace(one, name=name + one.name, note=told + one.note)
            for one in report.figures
            if one.subject in fakes
        ]
        differences += [replace(one, figure=name + one.figure) for one in report.differences]
        warnings += [warning for warning in report.warnings if warning not in warnings]
    return figures, differences, warnings


def patches(samples: Samples, seed: int) -> Samples:
    """Of each picture uint8 [H, W, 3] a patch [32, 32, 3] as it is, at a place that its number and the seed give."""
    places = np.random.default_rng((seed, _STREAM, 1)).random((len(samples), 2))

    def read(i: int) -> np.ndarray:
        picture: Any = samples.read(i)
        top, left = (places[i] * (np.array(picture.shape[:2]) - PATCH + 1)).astype(int)
        return picture[top : top + PATCH, left : left + PATCH]

    return of_media(samples.kind, samples.names, read, source=f"patches of {samples.source}")


def _findings(evidence: Evidence) -> Findings:
    kind_of_modality(evidence.trained.modality)
    report, gallery = measured(evidence)
    publish(report, gallery, evidence.folder / FOLDER, {}, Console(quiet=True))
    own = tuple(figure for figure in report.figures if figure.subject == GENERATED)
    lines = [f"Of {own[0].n:,} held-out samples, beside what they should be:"]
    for name in dict.fromkeys(figure.name for figure in report.figures):
        each = [figure for figure in report.figures if figure.name == name]
        lines.append(
            f"  {name}: "
            + ", ".join(f"{one.subject} {one.value:.4g} [{one.low:.4g}, {one.high:.4g}]" for one in each)
        )
    lines += [
        f"  {one.figure}, {one.first} - {one.second}: {one.difference:+.4g} "
        f"[{one.low:+.4g}, {one.high:+.4g}]: {one.verdict}"
        for one in report.differences
    ]
    lines.append(f"These figures, with pictures, are in {evidence.folder / FOLDER / 'report.html'}.")
    return Findings(own, tuple(lines))


PAIRS = RunReport(check, _findings)
