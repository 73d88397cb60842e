"""Older names of settings, wherever a person wrote them: in a recipe, its presets, a saved run, or ``--set``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multigan.config import renamed
from multigan.modality import Modality
from multigan.training.former import in_new_form


def in_new_names(
    layer: Mapping[str, Any],
    modality: Modality,
    source: str,
    notes: list[str],
    below: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A recipe, or what is laid on one, with the names that settings of data and training have now.

    Each layer by itself, before they are merged: a setting that is laid on another replaces it under whichever name. What is
    only half given (one of two betas) is completed by ``below``, what the layer is laid on, or by the recipe for its presets
    and ``with_data``. What has an older name is told in ``notes``, once.
    """
    layer, own = dict(layer), (below or {}).get("training")
    if isinstance(layer.get("data"), Mapping):
        layer["data"], told = renamed(modality.data_settings, layer["data"], source, "data.")
        notes += [note for note in told if note not in notes]
    if isinstance(layer.get("training"), Mapping):
        layer["training"], told = in_new_form(layer["training"], own if isinstance(own, Mapping) else None)
        notes += [note for note in told if note not in notes]
    if isinstance(layer.get("with_data"), Mapping):
        layer["with_data"] = in_new_names(layer["with_data"], modality, source, notes, layer)
    if isinstance(layer.get("presets"), Mapping):
        layer["presets"] = {
            name: in_new_names(preset, modality, source, notes, layer)
            if isinstance(preset, Mapping)
            else preset
            for name, preset in layer["presets"].items()
        }
    return layer
