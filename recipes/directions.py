"""Directions of a trained run: made by every way that its generator and labels allow, and what each of them changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from multigan.directions import (
    Direction,
    boundary,
    difference,
    draw_styles,
    of_label,
    require_styles,
    styles_of,
    unsupervised,
)
from multigan.sampling import TrainedGenerator, generate
from recipes.label_reader import LabelReader

STRENGTHS = tuple(half / 2 for half in range(-6, 7))
SHOWN = tuple(place for place, strength in enumerate(STRENGTHS) if strength == round(strength))
"""Places of the whole strengths, which pictures show."""
_START = STRENGTHS.index(0.0)
_STYLES = 1_024


@dataclass(frozen=True)
class Start:
    """The samples that directions are tried on: latents [N, Z], conditions [N, C] or None, and the labels' numbers [N]."""

    latent: Tensor
    conditions: Tensor | None
    groups: Tensor


def made(trained: TrainedGenerator, reader: LabelReader | None, n: int, seed: int) -> list[Direction]:
    """``n`` directions by SeFa, ``n`` by principal components; and with labels, for each, one by samples that are read as it
    (which needs a ``reader``) and one by mean styles, named LABEL and LABEL-mean."""
    network = require_styles(trained.network)
    labels = trained.facts.labels
    latent, conditions, groups = draw_styles(network, len(labels), _STYLES, seed)
    device = next(trained.network.parameters()).device
    styles = styles_of(network, latent.to(device), None if conditions is None else conditions.to(device))
    directions = []
    if len(labels) > 1:
        read = None
        if reader is not None:
            samples = generate(trained.network, latent, conditions)
            read = reader.probabilities(trained.modality.media(samples, trained.data)).argmax(1)
        directions += [
            one for place in range(len(labels)) for one in _of_label(labels, place, styles, groups, read)
        ]
    return directions + unsupervised(network, styles, groups, n)


def _of_label(
    labels: Sequence[str], place: int, styles: Tensor, groups: Tensor, read: np.ndarray | None
) -> list[Direction]:
    name = (
        labels[place].replace(",", "_").replace(":", "_")
    )  # which part names and strengths where they are asked for
    found = []
    if read is not None:
        normal = boundary(styles, torch.from_numpy(read == place))
        if normal is not None:
            found.append(of_label(name, "boundary", normal, styles, groups, place))
    mean = difference(styles, groups, place)
    found.append(of_label(f"{name}-mean", "mean", mean, styles, groups, place))
    return [replace(one, facts={"label": labels[place]}) for one in found]


def start_of(trained: TrainedGenerator, n: int, seed: int) -> Start:
    """``n`` samples, labels in turn, of other latents than those that directions are made from."""
    return Start(*draw_styles(require_styles(trained.network), len(trained.facts.labels), n, seed + 1))


def moved(trained: TrainedGenerator, start: Start, direction: Direction) -> list[Tensor]:
    """The samples [N, ...] at each of ``STRENGTHS``."""
    return [
        generate(trained.network, start.latent, start.conditions, shift=direction.shift(strength))
        for strength in STRENGTHS
    ]


def measured(
    trained: TrainedGenerator,
    reader: LabelReader | None,
    start: Start,
    direction: Direction,
    steps: Sequence[Tensor],
) -> Direction:
    """A direction with what it changes, at each of ``STRENGTHS``.

    ``distance``: the root mean square by which samples differ from those at 0. With a ``reader``: ``changed``, the share of
    samples that are read as another label than at 0; ``towards``, the label whose probability rises most from one end to the
    other; ``probability`` of it (mean), and whether that rises with each step. Of a label's direction ``towards`` is that
    label, and ``read_as_label`` the share of the samples that were asked to be of other labels and are read as it.
    """
    rms = [
        float((step - steps[_START]).square().mean((1, *range(2, step.ndim))).sqrt().mean()) for step in steps
    ]
    facts: dict[str, Any] = {
        **direction.facts,
        "n": len(start.latent),
        "strengths": list(STRENGTHS),
        "distance": _rounded(rms),
        "distance_monotone": _rising(rms[_START:]) and _rising(rms[_START::-1]),
    }
    if reader is None:
        return replace(direction, facts=facts)
    each = np.stack([reader.probabilities(trained.modality.media(step, trained.data)) for step in steps])
    answers = each.argmax(2)
    own = facts.get("label")
    towards = reader.labels.index(own) if own in reader.labels else int((each[-1] - each[0]).mean(0).argmax())
    probability = each[:, :, towards].mean(1).tolist()
    facts |= {
        "changed": _rounded((answers != answers[_START]).mean(1).tolist()),
        "towards": reader.labels[towards],
        "probability": _rounded(probability),
        "monotone": _rising(probability),
    }
    if own is not None:
        others = start.groups.numpy() != trained.facts.labels.index(own)
        facts["read_as_label"] = _rounded((answers[:, others] == towards).mean(1).tolist())
    return replace(direction, facts=facts)


def in_a_sentence(direction: Direction) -> str:
    """What a direction changes, for a person."""
    facts, ends = direction.facts, (0, len(STRENGTHS) - 1)
    far = max(facts["distance"][end] for end in ends)
    if "read_as_label" in facts:
        read = facts["read_as_label"]
        best = max(range(_START, len(STRENGTHS)), key=lambda place: read[place])
        return (
            f"{read[best]:.2f} of the samples of other labels are read as {facts['label']} at {STRENGTHS[best]:g} "
            f"(at 0 {read[_START]:.2f}); distance {facts['distance'][best]:.2f}"
        )
    if "changed" in facts:
        least, most = facts["changed"][0], facts["changed"][-1]
        return (
            f"at -3 and 3 {least:.2f} and {most:.2f} of the samples are read as another label, most towards "
            f"{facts['towards']}; distance {far:.2f}"
        )
    return f"distance {far:.2f} at 3 deviations"


def _rising(values: Sequence[float]) -> bool:
    return all(later >= earlier for earlier, later in pairwise(values))


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 4) for value in values]
