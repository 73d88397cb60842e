"""The studio's pages, one a language, as one application that is served."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response

from recipes.studio import compare, generate, steer, train
from recipes.studio.runs import Studio
from recipes.studio.web import LOCAL, Guard
from recipes.studio.words import LANGUAGES, Words

_PATHS = {"en": "/", "es": "/es/"}
_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")
_AT_ONCE = 2
_WAITING = 60
_PAGES = 50
"""Of a language, as many have a memory, of what they show and what was kept in them; the one least used goes first."""


def application(studio: Studio, hosts: Sequence[str] = LOCAL) -> Guard:
    """All pages behind the guard; ``hosts`` as ``web.Guard`` has them."""
    app: Any = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/download/{token}")
    def download(token: str) -> Response:
        found = studio.offers.get(token)
        if found is None:
            return Response("This file is no longer there; make it again.", 404)
        name, content = found
        return Response(content, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    @app.get("/es")
    def spanish() -> RedirectResponse:
        return RedirectResponse("/es/")

    for language in reversed(LANGUAGES):  # "/" is the beginning of every path, and so the last that is asked
        words = Words(language)
        app = gr.mount_gradio_app(
            app,
            page(studio, words),
            path=_PATHS[language].rstrip("/") or "/",
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
            gr.HTML(
                f'<a href="{_PATHS[other]}" hreflang="{other}" lang="{other}">{words("other_language")}</a>'
            )
        with gr.Tabs():
            with gr.Tab(words("generate"), id="generate"):
                parts = generate.tab(studio, words)
            with gr.Tab(words("steer"), id="steer") as entered:
                steer.tab(studio, words, parts, entered)
            with gr.Tab(words("train"), id="train") as entered:
                train.tab(studio, words, entered)
            with gr.Tab(words("compare"), id="compare"):
                compare.tab(studio, words)
        generate.open_page(studio, words, parts, blocks)
    blocks.queue(default_concurrency_limit=_AT_ONCE, max_size=_WAITING, api_open=False)
    blocks.state_session_capacity = _PAGES
    return blocks


def _theme() -> gr.Theme:
    """Fonts that are there, the colours of a report's page, and texts that stand out from it by 4.5 to 1 or more."""
    mono = ("ui-monospace", "Menlo", "Liberation Mono", "monospace")
    return gr.themes.Base(
        primary_hue=gr.themes.colors.sky,
        neutral_hue=gr.themes.colors.stone,
        radius_size="lg",
        font=_FONTS,
        font_mono=mono,
    ).set(
        body_background_fill="#fcfbf8",
        body_background_fill_dark="#14161a",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1b1e23",
        background_fill_secondary="#f4f2ec",
        background_fill_secondary_dark="#22262c",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_padding="0.625rem 0",  # none at the sides: buttons have none, and stand in the same column
        block_label_text_color="#43474c",
        block_title_text_color="#1d1f21",
        block_title_text_color_dark="#e8e6e1",
        block_title_text_weight="600",
        block_info_text_color="#595f66",
        block_info_text_color_dark="#a4a9b0",
        body_text_color="#1d1f21",
        body_text_color_dark="#e8e6e1",
        body_text_color_subdued="#595f66",
        body_text_color_subdued_dark="#a4a9b0",
        border_color_primary="#d9d5cc",
        border_color_primary_dark="#3a4048",
        color_accent="#0b67a3",
        input_background_fill="#ffffff",
        input_background_fill_dark="#1b1e23",
        input_border_color="#b9b4a9",
        input_border_color_dark="#565d66",
        input_border_width="1px",
        slider_color="#0b67a3",
        slider_color_dark="#64b5ef",
        button_primary_background_fill="#0b67a3",
        button_primary_background_fill_hover="#09588b",
        button_primary_background_fill_dark="#0b67a3",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="#ebe8e0",
        button_secondary_background_fill_hover="#dedad0",
        button_secondary_background_fill_dark="#30353c",
        button_large_text_size="*text_md",
        button_large_text_weight="600",
        button_large_padding="0.55rem 1rem",
        link_text_color="#0b5a91",
        link_text_color_dark="#83c1ee",
    )


def serve(studio: Studio, host: str, port: int, share: bool, told: Callable[[str], None]) -> None:
    """Serve until it is stopped; ``told`` gets the address as soon as there is one."""
    hosts = () if studio.open_to_others else LOCAL
    settings = uvicorn.Config(application(studio, hosts), host, port, log_level="error", server_header=False)
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=_tell, args=(server, host, port, share, told), daemon=True)
    thread.start()
    server.run()


def _tell(server: uvicorn.Server, host: str, port: int, share: bool, told: Callable[[str], None]) -> None:
    """Tell the address once somebody answers there, and with ``share`` the one that others may open."""
    while not server.started:
        time.sleep(0.05)
    name = "127.0.0.1" if host in ("0.0.0.0", "localhost") else "::1" if host == "::" else host
    told(f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}")
    if share:
        from gradio.networking import setup_tunnel

        try:
            told(setup_tunnel(name, port, secrets.token_urlsafe(32), None, None))
        except Exception as error:  # noqa: BLE001 (gradio raises whatever its server or its programme does)
            told(f"no other address, since gradio's server gave none ({error})")
