"""Quality against diversity over temperatures, of a generator whose samples are texts: frontier.json and frontier.png."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from evaluation.frontier import ORDER, Frontier, text_frontier
from multigan.errors import ConfigError
from multigan.modality import Splits
from multigan.outputs import publishing
from multigan.protocols import SequenceGenerator
from multigan.writing import write_text
from recipes.reports.records import Evidence, Findings, RunReport

TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
MOST = 500
"""Texts of each temperature: self-BLEU compares all with all."""
_STREAM = 5
"""Beside the seeds of a run's pictures, validation, evaluation and oracle."""


def check(generator: nn.Module, splits: Splits) -> None:
    """ConfigError where samples are no texts."""
    if not isinstance(generator, SequenceGenerator) or not isinstance(splits.held_out.original(0), str):
        raise ConfigError(
            "The report 'frontier' is of texts at several temperatures, and this recipe makes none; leave it out of the "
            "recipe's report."
        )


def _findings(evidence: Evidence) -> Findings:
    trained, train, held_out = evidence.trained, evidence.splits.train, evidence.splits.held_out
    n = min(MOST, len(held_out), len(evidence.rows))
    settings = trained.sampling.settings()
    if n < 3 or "temperature" not in {field.name for field in fields(settings)}:
        return Findings()
    rows = evidence.rows[:n]
    conditions = None if train.conditions is None else torch.from_numpy(train.conditions[rows])
    seed = int(np.random.SeedSequence((evidence.seed, _STREAM)).generate_state(1)[0])
    real = [str(held_out.original(row)) for row in range(n)]
    fakes: dict[float, Any] = {}
    for temperature in TEMPERATURES:
        samples = trained.sampling.draw(
            trained, conditions, seed, n, replace(settings, temperature=temperature)
        )
        fakes[temperature] = trained.modality.media(samples.tensor, trained.data)
    return _published(text_frontier(real, fakes), _of_real(evidence, real), evidence)


def _of_real(evidence: Evidence, references: list[str]) -> Frontier:
    """Training texts as if they were generated: what a perfect generator would have."""
    train = evidence.splits.train
    own = [str(train.original(int(row) % train.n_originals)) for row in evidence.rows[: len(references)]]
    return text_frontier(references, {1.0: own})


def _published(frontier: Frontier, real: Frontier, evidence: Evidence) -> Findings:
    content = {
        "checkpoint": evidence.trained.checkpoint.name,
        "seed": evidence.seed,
        "area": frontier.area,
        "points": [asdict(point) for point in frontier.points],
        "real": asdict(real.points[0]),
    }
    with publishing(evidence.folder) as stage:
        write_text(stage.folder / "frontier.json", json.dumps(content, indent=2) + "\n")
        frontier.plot(stage.folder / "frontier.png", {"real text": real})
    lines = [f"{'temperature':>12}{f'BLEU-{ORDER}':>10}{f'1 - self-BLEU-{ORDER}':>20}"]
    lines += [f"{p.setting:>12g}{p.quality:>10.3f}{p.diversity:>20.3f}" for p in frontier.points]
    lines += [f"{'real text':>12}{real.points[0].quality:>10.3f}{real.points[0].diversity:>20.3f}"]
    said = f"The frontier's area is {frontier.area:.3f}, and that of real text, which is one point, {real.area:.3f}."
    return Findings(lines=(*lines, said))


FRONTIER = RunReport(check, _findings)
