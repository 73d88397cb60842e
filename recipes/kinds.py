"""Which kind the evaluation takes a modality's samples for, and what ``multigan evaluate --modality`` names."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.kinds import KINDS, Kind, kind_of
from multigan.errors import ConfigError
from multigan.modality import Modality, modality_of, trusted


def kind_of_modality(modality: Modality) -> Kind:
    """The kind of a modality's samples; ConfigError where it has none."""
    if modality.kind is None:
        raise ConfigError(f"Samples of the modality {modality.name!r} are not measured: its kind is None.")
    return kind_of(modality.kind)


def kind_named(name: str, plugins: Sequence[str] = ()) -> Kind:
    """One of ``KINDS``, or that of a modality as ``modality_of`` finds it; "package.module:ATTR" may be a kind itself.

    ConfigError where there is none, and where code would be imported that ``plugins`` does not name.
    """
    if name in KINDS:
        return KINDS[name]
    if ":" in name:
        own = trusted(name, plugins)
        if isinstance(own, Kind):
            return own
        if not isinstance(own, Modality):
            raise ConfigError(
                f"{name!r} is no modality and no kind of samples: found a {type(own).__name__}; name a "
                "multigan.modality.Modality or an evaluation.kinds.Kind."
            )
    return kind_of_modality(modality_of(name, plugins))
