"""``demo.html``: one file that draws samples in a browser, from a disk as from a server, and without a network."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from evaluation.exhibits.markup import Html, element
from multigan.errors import ConfigError
from multigan.exporting import facts_of, onnx_of
from multigan.protocols import StyleGenerator
from multigan.reading import regular
from multigan.sampling import TrainedGenerator, latents
from multigan.writing import write_text

CODE, BINARY = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
"""Of the npm package onnxruntime-web: its program for WebAssembly alone, and what that computes with."""
N_SEEDS = 32
_PIXELS = 2**15
"""Of all pictures that are drawn at a time, about: a browser computes them with one thread."""
_MOST, _LEAST = 12, 2
_N_SOUNDS = 4
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; media-src blob:; "
    "img-src data:"
)
"""The browser itself then refuses whatever would come from a network."""


def runtime_files(folder: Path) -> dict[str, bytes]:
    """The two files of onnxruntime-web that a page needs, from its folder or one above; ConfigError without them."""
    for place in (folder, folder / "dist", folder / "package" / "dist"):
        if all((place / name).is_file() for name in (CODE, BINARY)):
            return {name: regular.content(place / name) for name in (CODE, BINARY)}
    raise ConfigError(
        f"{folder} lacks {CODE} or {BINARY} of onnxruntime-web, which computes samples in a browser: run `npm pack "
        "onnxruntime-web`, unpack the file, and give its folder as --runtime package/dist."
    )


def write_demo(trained: TrainedGenerator, path: Path, runtime: Mapping[str, bytes]) -> float:
    """The page, and the largest difference of onnxruntime's samples from torch's (see ``onnx_of``).

    ConfigError for a run whose samples a page cannot make or show.
    """
    refuse_unshown(trained)
    model, difference = onnx_of(trained, option="--demo")
    write_text(path, page(trained, model, runtime))
    return difference


def refuse_unshown(trained: TrainedGenerator) -> None:
    """ConfigError for samples that are no pictures or sounds, or that are made of a person's own files."""
    facts = trained.facts
    if facts.modality not in ("image", "audio") or facts.condition_tensor:
        raise ConfigError(
            f"A page shows pictures and sounds that a generator makes by itself, and this run is of the modality "
            f"{facts.modality!r}: leave --demo out."
        )


def page(trained: TrainedGenerator, model: bytes, runtime: Mapping[str, bytes]) -> str:
    """The page of an ONNX model with the files of ``runtime_files``."""
    shape = trained.facts.sample_shape
    pictures = trained.facts.modality == "image"
    n = max(_LEAST, min(_MOST, _PIXELS // (shape[-1] * shape[-2]))) if pictures else _N_SOUNDS
    rows = [latents(trained.network, seed, range(n)) for seed in range(N_SEEDS)]
    facts: dict[str, Any] = {
        **{name: value for name, value in facts_of(trained).items() if name in ("labels", "sample_shape")},
        "modality": trained.facts.modality,
        "n": n,
        "seeds": N_SEEDS,
        "latent_size": int(rows[0].shape[1]),
        "has_styles": isinstance(trained.network, StyleGenerator),
        "rate_hz": trained.facts.data.get("sample_rate_hz"),
    }
    own = resources.files("recipes.demo")
    data = {
        "latents": b"".join(row.float().contiguous().numpy().tobytes() for row in rows),
        "model": model,
        "code": runtime[CODE],
        "binary": runtime[BINARY],
    }
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", "Samples by multigan"),
        element("style", Html(own.joinpath("page.css").read_text("utf-8"))),
    ]
    scripts = [
        element("script", Html(_harmless(json.dumps(facts))), id="facts", type="application/json"),
        *(
            element("script", Html(base64.b64encode(content).decode()), id=name, type="text/plain")
            for name, content in data.items()
        ),
        element("script", Html(own.joinpath("page.js").read_text("utf-8")), type="module"),
    ]
    body = element("body", _main(trained, facts), *scripts)
    return "<!doctype html>\n" + element("html", element("head", head), body, lang="en-GB")


def _harmless(text: str) -> str:
    """JSON inside of a page: no label in it ends the element that holds it."""
    return text.replace("<", "\\u003c")


def _main(trained: TrainedGenerator, facts: Mapping[str, Any]) -> Html:
    labels = trained.facts.labels
    noun = "Pictures" if trained.facts.modality == "image" else "Sounds"
    options = [element("option", label, value=place) for place, label in enumerate(labels)]
    dials = [
        element("label", "Emotion", element("select", options, id="label")) if labels else None,
        _dial("intensity", "Intensity", 0, 1, 0.01, 1) if labels else None,
        _dial("seed", "Seed", 0, N_SEEDS - 1, 1, 0),
        _dial("truncation", "Truncation", 0, 1, 0.01, 1) if facts["has_styles"] else None,
    ]
    return element(
        "main",
        element("h1", f"{noun}, made here"),
        element("form", dials, id="dials", aria_label="Dials"),
        element("p", "The generator is being read ...", id="status", role="status"),
        element("section", id="samples", aria_label="Samples"),
        element(
            "footer",
            element(
                "p",
                "Each sample is computed in this browser by a generator that multigan trained; nothing is sent or fetched. "
                "Machine-generated and not checked by a person.",
            ),
            element("p", "Computed by ONNX Runtime Web, copyright Microsoft Corporation, MIT licence."),
        ),
    )


def _dial(name: str, title: str, least: float, most: float, step: float, value: float) -> Html:
    return element(
        "label",
        element("span", title, " ", element("output", f"{value:g}", id=f"{name}-value", for_=name)),
        element("input", id=name, type="range", min=least, max=most, step=step, value=value),
    )
