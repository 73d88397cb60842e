"""Older names of settings, wherever a person wrote them: in a recipe, its presets, a saved run, or ``--set``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multigan.config import renamed
from multigan.modality import MODALITIES


def in_new_names(layer: Mapping[str, Any], modality: object, source: str, notes: list[str]) -> dict[str, Any]:
    """A recipe, or what is laid on one, with the names that the modality's data settings have now.

    Each layer by itself, before they are merged: a setting that is laid on another replaces it under whichever name. What
    has an older name is told in ``notes``, once.
    """
    layer = dict(layer)
    if isinstance(modality, str) and isinstance(layer.get("data"), Mapping):
        settings = MODALITIES[modality].data_settings
        layer["data"], told = renamed(settings, layer["data"], source, "data.")
        notes += [note for note in told if note not in notes]
    if isinstance(layer.get("with_data"), Mapping):
        layer["with_data"] = in_new_names(layer["with_data"], modality, source, notes)
    if isinstance(layer.get("presets"), Mapping):
        layer["presets"] = {
            name: in_new_names(preset, modality, source, notes) if isinstance(preset, Mapping) else preset
            for name, preset in layer["presets"].items()
        }
    return layer
