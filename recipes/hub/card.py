"""The model card of a run: README.md with the hub's metadata, in Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from evaluation.figures import GENERATED, HELD_OUT
from evaluation.report.leading import base, leads
from multigan.sampling import TrainedGenerator
from recipes.hub.contents import PICTURE, REPORT, SAMPLES, Contents
from recipes.hub.fetch import WEIGHTS

CARD = "README.md"
_TASKS = {"image": "unconditional-image-generation"}
"""The hub's names of tasks, where it has one that fits."""
INTENDED = (
    "For research, teaching and art: to look at, to listen to, to compare with, and to train and test other programs on. "
    "It is no therapy and no treatment, and no part of one unless a professional who is trained for it has looked at every "
    "sample beforehand. What it makes is not to be passed off as pictures, recordings or words of people."
)
_DRAWN = "Drawn by multigan itself from a seed: no photographs, recordings or texts of people went into it."
_OWN = "The publisher's own samples, which are not published here."


def card_of(
    trained: TrainedGenerator, contents: Contents, repository: str, licence: str, about: str | None
) -> str:
    """The card; ``about`` is what a person says of the data."""
    facts = trained.facts
    title = repository.partition("/")[2]
    metadata: dict[str, Any] = {"license": licence, "library_name": "multigan"}
    if facts.modality in _TASKS:
        metadata["pipeline_tag"] = _TASKS[facts.modality]
    metadata["tags"] = ["multigan", "gan", facts.modality.rpartition(":")[2].lower()]
    head = yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True)
    sections = [
        f"---\n{head}---",
        f"# {title}",
        _what(trained, contents),
        f"## Use\n\n{_use(trained, repository)}",
        "\n\n".join(["## Intended use", INTENDED, *contents.notices]),
        f"## Data\n\n{_data(contents, about)}",
        f"## Figures\n\n{_figures(contents.report)}",
    ]
    if PICTURE in contents.files:
        sections.append(
            f"## Samples\n\n![samples]({PICTURE})\n\nNot chosen: the first of a seed, at intensity 1. The files are in "
            f"`{SAMPLES}/`."
        )
    return "\n\n".join(sections) + "\n"


def _what(trained: TrainedGenerator, contents: Contents) -> str:
    facts = trained.facts
    name = facts.architecture["name"]
    recipe = f" by the recipe {_code(contents.recipe)}" if contents.recipe else ""
    seen = int(trained.checkpoint.name) if trained.checkpoint.name.isdigit() else 0
    trained_for = f" It has seen {seen:,} samples in training." if seen else ""
    of = f"\n\nLabels: {', '.join(map(_code, facts.labels))}." if facts.labels else ""
    return (
        f"A generator of the modality {_code(facts.modality)} and the architecture {_code(name)}, trained with multigan"
        f"{recipe}; one sample has the shape {list(facts.sample_shape)}.{trained_for}{of}"
    )


def _use(trained: TrainedGenerator, repository: str) -> str:
    asked = " --input FOLDER" if trained.facts.condition_tensor else f" --n 8{_flag(trained.facts.labels)}"
    return (
        f'```sh\npip install "multigan[hub]"\nmultigan sample hf:{repository}{asked} --out samples\n```\n\n'
        f"`{WEIGHTS}` holds the averaged generator's tensors by name, with the labels and the architecture's settings as "
        'JSON under "multigan" in its metadata. Nothing here is a pickle, and reading it runs no code.'
    )


def _flag(labels: Sequence[str]) -> str:
    """Of a label that a shell takes as one word."""
    plain = [label for label in labels if label.replace("-", "").replace("_", "").isalnum()]
    return f" --emotion {plain[0]}" if plain else ""


def _data(contents: Contents, about: str | None) -> str:
    n = (contents.report or {}).get("provenance", {}).get("n", {}).get("real")
    said = _DRAWN if contents.is_drawn else _OWN
    count = f" {n:,} samples to train on." if isinstance(n, int) else ""
    words = f" {' '.join(about.split())}" if about else ""
    return said + words + count


def _figures(report: Mapping[str, Any] | None) -> str:
    if report is None:
        return "Not measured at this checkpoint."
    subject = (report["subjects"] or [GENERATED])[0]
    sentences = [f"- {answer['verdict']}: {_plain(answer['sentence'])}" for answer in report["answers"]]
    own = [one for one in report["figures"] if one["subject"] == subject]
    real = {one["name"]: one for one in report["figures"] if one["subject"] == HELD_OUT}
    rows = ["| figure | generated | real | n |", "|---|---|---|---|"]
    for one in [one for one in own if leads(base(one["name"]))] or own:
        beside = real.get(one["name"])
        rows.append(
            f"| {_plain(one['name'])} | {_value(one)} | {_value(beside) if beside else ''} | {one['n']} |"
        )
    warnings = [f"- {_plain(warning)}" for warning in report["warnings"]]
    told = (
        "In brackets: 95% intervals of that row alone; what stands in brackets after a name are the features it is measured "
        f"in. Real: samples that were held out of training. All figures, their seed and how to read them: `{REPORT}`."
    )
    before = ["Before you believe a figure:", "\n".join(warnings)] if warnings else []
    return "\n\n".join(["\n".join(sentences), "\n".join(rows), told, *before])


def _value(figure: Mapping[str, Any]) -> str:
    numbers = [figure[name] for name in ("value", "low", "high")]
    value, low, high = (
        f"{x:.3g}" if isinstance(x, int | float) and math.isfinite(x) else "?" for x in numbers
    )
    return f"{value} [{low}, {high}]"


def _code(text: object) -> str:
    """A person's word in Markdown, which can neither end its own quotation nor begin a line."""
    return "`" + " ".join(str(text).replace("`", "'").split()) + "`"


def _plain(text: object) -> str:
    """A sentence on one line and in one cell, in which nothing is a tag or a link."""
    line = " ".join(str(text).split())
    for mark in "\\|<>*_`":
        line = line.replace(mark, f"\\{mark}")
    return line
