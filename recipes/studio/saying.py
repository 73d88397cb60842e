"""How a page's events are answered: in order, and what goes wrong with a sentence in its place, never a trace."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable
from typing import Any

import gradio as gr

from multigan.errors import MultiganError
from recipes.studio.words import Words

_LOG = logging.getLogger("multigan.studio")


def telling(words: Words) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For a function that answers an event: its error becomes a sentence that the page shows."""

    def wrap(answer: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(answer)
        def answered(*inputs: Any) -> Any:
            try:
                return answer(*inputs)
            except MultiganError as error:
                raise sentence(words.error(error)) from None
            except gr.Error:
                raise
            except Exception as error:  # noqa: BLE001 (whatever it is, the other pages go on)
                _LOG.error(
                    "an event of the studio failed: %s",
                    error,
                    exc_info=bool(os.environ.get("MULTIGAN_DEBUG")),
                )
                raise sentence(words("unexpected", kind=type(error).__name__)) from None

        return answered

    return wrap


def in_order(group: str) -> dict[str, Any]:
    """Options of events that write the same: they are answered one after the other, as they came.

    What a page shows at last is then what was asked of it last. Where an event carries data of its own it is sent each
    time (``trigger_mode="multiple"``): of those that gradio keeps for later (``"always_last"``) it sends the data of the
    first.
    """
    return {"concurrency_id": group, "concurrency_limit": 1}


def sentence(text: str) -> gr.Error:
    """An error that a page shows; what it quotes is text, whatever it holds."""
    from html import escape

    return gr.Error(escape(text), title="", print_exception=False)
