"""The studio's pages, one a language, as one application that is served."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI

from recipes.studio import compare, generate, steer, train
from recipes.studio.runs import Studio
from recipes.studio.web import LOCAL, Guard
from recipes.studio.words import LANGUAGES, Words

TABS = {"generate": generate.tab, "steer": steer.tab, "train": train.tab, "compare": compare.tab}
"""Key of its name -> what builds a tab."""
_PATHS = {"en": "/", "es": "/es"}
_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")
_AT_ONCE = 2
_WAITING = 60


def application(studio: Studio, hosts: Sequence[str] = LOCAL) -> Guard:
    """All pages behind the guard; ``hosts`` as ``web.Guard`` has them."""
    app: Any = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for language in reversed(LANGUAGES):  # "/" is the beginning of every path, and so the last that is asked
        words = Words(language)
        app = gr.mount_gradio_app(
            app,
            page(studio, words),
            path=_PATHS[language],
            theme=_theme(),
            css=resources.files("recipes.studio").joinpath("studio.css").read_text("utf-8"),
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            enable_monitoring=False,
            mcp_server=False,
            pwa=False,
            show_error=True,
            allowed_paths=[],
            max_file_size=1,
        )
    return Guard(app, hosts)


def page(studio: Studio, words: Words) -> gr.Blocks:
    """The page in one language."""
    other = next(language for language in LANGUAGES if language != words.language)
    with gr.Blocks(title=words("title"), analytics_enabled=False) as blocks:
        with gr.Row(elem_id="top"):
            gr.Markdown(f"# {words('title')}")
            gr.HTML(f'<a href="{_PATHS[other]}" hreflang="{other}" lang="{other}">{words("other_language")}</a>')
        with gr.Tabs():
            for key, build in TABS.items():
                with gr.Tab(words(key), id=key):
                    build(studio, words)
    blocks.queue(default_concurrency_limit=_AT_ONCE, max_size=_WAITING, api_open=False)
    return blocks


def _theme() -> gr.Theme:
    return gr.themes.Base(font=_FONTS, font_mono=("ui-monospace", "Menlo", "Liberation Mono", "monospace"))


def serve(studio: Studio, host: str, port: int, share: bool, told: Callable[[str], None]) -> None:
    """Serve until it is stopped; ``told`` gets the address as soon as there is one."""
    hosts = () if share or host not in LOCAL else LOCAL
    settings = uvicorn.Config(application(studio, hosts), host, port, log_level="error", server_header=False)
    server = uvicorn.Server(settings)
    told(f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}")
    if share:
        from gradio.networking import setup_tunnel

        told(setup_tunnel("127.0.0.1", port, secrets.token_urlsafe(32), None, None))
    server.run()
