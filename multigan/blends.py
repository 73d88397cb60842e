"""Mixes of a run's emotions: "joy:0.7,surprise:0.3", in place of one of its labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from multigan.errors import ConfigError
from multigan.registry import unknown_name

_DECIMALS = 4
_MOST = 1_000


def shares_of(labels: Sequence[str], emotion: str) -> dict[str, float]:
    """Label -> its share: {emotion: 1} for a label, else those of the mix that ``emotion`` writes out, in the labels' order.

    Only the proportion of a mix's weights counts; shares are rounded to 0.0001, so that the name of a mix (``blend_name``)
    is exact. What is a label, whatever it holds, is no mix. ConfigError for what is neither.
    """
    if emotion in labels:
        return {emotion: 1.0}
    if not labels:
        raise ConfigError(
            f"This run was trained without labels, so it cannot make {emotion!r}; leave out --emotion."
        )
    if ":" not in emotion:
        hint = " A mix has weights, such as joy:0.7,surprise:0.3." if "," in emotion else ""
        raise ConfigError(unknown_name("emotion in this run", emotion, list(labels)) + hint)
    return _normalised(labels, _weights(labels, emotion), emotion)


def blend_name(shares: Mapping[str, float]) -> str:
    """How a mix is written: "joy:0.7,surprise:0.3"; one label alone is its own name."""
    if len(shares) == 1:
        return next(iter(shares))
    return ",".join(f"{label}:{share:g}" for label, share in shares.items())


def _weights(labels: Sequence[str], emotion: str) -> dict[str, float]:
    """The weights that a mix writes out; the longest label that fits is meant, since labels may hold ":" and ","."""
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    part = re.compile(rf"\s*({names})\s*:([^,:]*)(?:,|$)")
    weights: dict[str, float] = {}
    place = 0
    while place < len(emotion):
        match = part.match(emotion, place)
        if match is None:
            rest = emotion[place:].partition(",")[0]
            name = (rest.rpartition(":")[0] or rest).strip()
            if name not in labels:
                raise ConfigError(unknown_name("emotion in this run", name, list(labels)))
            raise _bad_weight(emotion, name, "none")
        label, text = match[1], match[2].strip()
        if label in weights:
            raise ConfigError(f"The mix {emotion!r} names {label!r} twice; give each emotion one weight.")
        try:
            weights[label] = float(text)
        except ValueError:
            raise _bad_weight(emotion, label, repr(text)) from None
        if not 0 <= weights[label] <= _MOST:
            raise _bad_weight(emotion, label, text)
        place = match.end()
    return weights


def _bad_weight(emotion: str, label: str, found: str) -> ConfigError:
    return ConfigError(
        f"In the mix {emotion!r} the weight of {label!r} is a number from 0 to {_MOST:,}, found {found}; write it as in "
        "joy:0.7,surprise:0.3."
    )


def _normalised(labels: Sequence[str], weights: Mapping[str, float], emotion: str) -> dict[str, float]:
    total = sum(weights.values())
    if not total:
        raise ConfigError(f"The mix {emotion!r} has no weight above 0; give one emotion or more a weight.")
    shares = {label: round(weights[label] / total, _DECIMALS) for label in labels if label in weights}
    return {label: share for label, share in shares.items() if share}
