"""Which emotions of a run a person asks for: by name, as a mix, or as a point of the valence-arousal plane."""

from __future__ import annotations

import math
from collections.abc import Sequence

from multigan.blends import blend_name, place_of, shares_at, shares_of
from multigan.errors import ConfigError

_NEAR = 0.005


def asked_for(
    labels: Sequence[str], emotions: Sequence[str], valence: float | None, arousal: float | None
) -> tuple[str, ...]:
    """The labels and mixes of a run that are asked for, each once; all of its labels where nothing is."""
    if valence is None and arousal is None:
        return tuple(dict.fromkeys(blend_name(shares_of(labels, emotion)) for emotion in emotions or labels))
    if valence is None or arousal is None:
        missing = "--valence" if valence is None else "--arousal"
        raise ConfigError(f"A point of the plane has a valence and an arousal: add {missing}.")
    if emotions:
        raise ConfigError(
            "--emotion names what --valence and --arousal say in another way: leave --emotion or the two others out."
        )
    return (blend_name(shares_at(labels, valence, arousal)),)


def told(labels: Sequence[str], emotion: str, valence: float, arousal: float) -> str:
    """What a person is told of a point of the plane, which ``asked_for`` made ``emotion`` of."""
    place = place_of(shares_of(labels, emotion))
    nearest = ""
    if math.dist(place, (valence, arousal)) > _NEAR:
        nearest = (
            f", the nearest that the run's emotions reach (valence {place[0]:.2f}, arousal {place[1]:.2f})"
        )
    return f"Valence {valence:g} and arousal {arousal:g}: {emotion}{nearest}."
