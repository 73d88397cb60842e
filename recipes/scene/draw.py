"""Runs of several kinds -> what each makes for one emotion, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from evaluation.kinds import Kind, kind_of
from multigan.blends import in_words, shares_of
from multigan.errors import ConfigError
from multigan.sampling import TrainedGenerator, conditions_for
from recipes.asked import asked_for
from recipes.kinds import kind_of_modality
from recipes.settings import sampling_options


@dataclass(frozen=True)
class Asked:
    """What a person asks of a scene: one emotion or mix, or a point of the plane; and from which latents."""

    emotion: str | None
    valence: float | None
    arousal: float | None
    seed: int

    def of(self, labels: Sequence[str]) -> str:
        """The label or mix of a run; ConfigError where that has none."""
        emotions = () if self.emotion is None else (self.emotion,)
        return asked_for(labels, emotions, self.valence, self.arousal)[0]


@dataclass(frozen=True)
class Part:
    """What one run makes for a scene."""

    kind: Kind
    run: Path
    checkpoint: str
    emotion: str
    """Its label or mix, as ``--emotion`` takes it."""
    words: str
    """What was asked for, for a person."""
    media: tuple[Any, ...]
    """[N]: a picture, sound or text as the evaluation takes it; None where a filter left it out."""
    warnings: tuple[str, ...]
    """Sentences that whoever shows them must show too."""


def part_of(role: str, run: Path, trained: TrainedGenerator, asked: Asked, levels: Sequence[float]) -> Part:
    """One sample of a run at each of the levels of intensity: equal ones have latents of their own, rising ones all the
    first, so that what changes from step to step is the intensity alone. ConfigError names the run that does not fit."""
    try:
        kind = kind_of_modality(trained.modality)
        if kind.name != role:
            raise ConfigError(
                f"this run makes {kind.noun}, and --{role} is for a run of {kind_of(role).noun}."
            )
        emotion = asked.of(trained.facts.labels)
    except ConfigError as error:
        raise ConfigError(f"--{role} {run}: {error}") from error
    options = sampling_options(trained.modality, {}, "multigan compose")
    warnings: list[str] = []
    media: list[Any] = []
    for some in (levels,) if len({*levels}) == 1 else ([level] for level in levels):
        conditions = conditions_for(trained, emotion, some)
        drawn = trained.sampling.draw(trained, conditions, asked.seed, len(some), options)
        made: Mapping[int, Any] = dict(zip(drawn.rows, _media(trained, drawn.tensor), strict=True))
        media += [made.get(row) for row in range(len(some))]
        warnings += drawn.warnings
    words = in_words(shares_of(trained.facts.labels, emotion))
    if asked.emotion is None:
        words = f"valence {asked.valence:g}, arousal {asked.arousal:g}"
    return Part(
        kind, run, trained.checkpoint.name, emotion, words, tuple(media), tuple(dict.fromkeys(warnings))
    )


def _media(trained: TrainedGenerator, samples: Tensor) -> Sequence[Any]:
    return trained.modality.media(samples, trained.data)
