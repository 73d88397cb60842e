"""Choices that are looked for again whenever a page is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.context import Context


def anew(dropdown: Any, names: Callable[[], list[str]]) -> None:
    """Offer ``names()`` in a page that is opened; what the page was built with may be old by then."""
    if Context.root_block is not None:
        Context.root_block.load(lambda: gr.update(choices=names()), None, dropdown, show_progress="hidden")
