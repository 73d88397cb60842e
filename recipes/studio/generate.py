"""The tab Generate: dials, a grid of samples, and those that are kept."""

from __future__ import annotations

import gradio as gr

from recipes.studio.runs import Studio
from recipes.studio.words import Words


def tab(studio: Studio, words: Words) -> None:
    """Components and events of the tab, inside the ``gr.Tab`` that ``app`` opens."""
    gr.Dropdown(list(studio.runs()), label=words("run"))
