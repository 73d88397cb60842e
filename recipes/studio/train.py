"""The tab Train: a recipe, a folder and a preset; a run as a process of its own."""

from __future__ import annotations

from recipes.studio.runs import Studio
from recipes.studio.words import Words


def tab(studio: Studio, words: Words) -> None:
    """Components and events of the tab, inside the ``gr.Tab`` that ``app`` opens."""
