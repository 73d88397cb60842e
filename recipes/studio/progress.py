"""A training as a page shows it: how far it is, its newest picture, its curves, and what its monitors say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.exhibits.embedded import data_uri
from evaluation.exhibits.markup import Child, Html, element
from evaluation.report import charts, equilibrium
from multigan.errors import MultiganError
from multigan.modality import modality_of
from multigan.reading import regular
from recipes.diagnosis import equilibrium_of
from recipes.measure import curves_of
from recipes.settings import saved_recipe
from recipes.studio.trainings import Training
from recipes.studio.words import Words

REAL, FAKE = "discriminator/real_logits", "discriminator/fake_logits"
_LEADING = ("checkpoints/figure", "generator/loss", "discriminator/loss", "ada/p")
_PICTURE_BYTES = 8_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
STYLE = """
.training progress { width: 100%; height: .75rem; }
.training .preview { width: 100%; height: auto; image-rendering: pixelated; }
.training .plots { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); }
.training figure { margin: 0; }
.training figcaption { font-size: .875rem; font-weight: 600; }
.training svg.plot { width: 100%; height: auto; font-size: 11px; fill: var(--body-text-color); }
.training .grid { stroke: var(--border-color-primary); }
.training .curve { fill: none; stroke: var(--color-accent); stroke-width: 1.75; }
.training .curve.fake { stroke: #c2410c; stroke-dasharray: 5 3; }
.training .whisker { stroke: var(--body-text-color-subdued); }
.training .answers { list-style: none; padding: 0; }
.training .answers li { padding: .4rem 0; border-top: 1px solid var(--border-color-primary); }
.training .mark { margin-right: .75rem; }
.training .said { overflow-wrap: anywhere; color: var(--body-text-color-subdued); }
"""


def panel(one: Training, words: Words, plugins: Sequence[str] = ()) -> Html:
    """All of it; whatever a run holds stands in it as text, and its picture as data."""
    style = element("style", Html(STYLE))
    picture = newest_preview(one.folder)
    curves = curves_of(one.folder)
    return element(
        "div",
        style,
        element(
            "p",
            element("b", words(f"state_{one.state.replace(' ', '_')}")),
            f" {_counts(one, words)}",
            role="status",
        ),
        element("progress", value=one.samples, max=one.total, aria_label=words("progress"))
        if one.total
        else None,
        element("p", one.why or one.said, class_="said"),
        _picture(picture, words),
        element("h3", words("curves")) if curves else None,
        _curves(curves, words),
        _verdicts(one.folder, words, plugins),
        class_="training",
    )


def stamp(one: Training) -> tuple[object, ...]:
    """What differs where ``panel`` would."""
    picture = newest_preview(one.folder)
    return (
        one,
        None if picture is None else picture.name,
        _size(one.folder / "metrics.jsonl"),
        _size(one.folder / "monitors.jsonl"),
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def newest_preview(run_folder: Path) -> Path | None:
    """The picture that a run drew last, of samples or at its end; no link is followed."""
    place = run_folder / "previews"
    pictures = [] if place.is_symlink() or not place.is_dir() else sorted(place.glob("[0-9]*.png"))
    return next((path for path in reversed(pictures) if not path.is_symlink() and path.is_file()), None)


def _counts(one: Training, words: Words) -> str:
    if one.total is None:
        return words("samples_seen", samples=f"{one.samples:,}")
    told = words("samples_of", samples=f"{one.samples:,}", total=f"{one.total:,}")
    if one.state != "training" or one.samples_per_second <= 0:
        return told
    minutes = (one.total - one.samples) / one.samples_per_second / 60
    return f"{told}, {words('speed', speed=f'{one.samples_per_second:,.0f}', minutes=f'{minutes:,.1f}')}"


def _picture(path: Path | None, words: Words) -> Child:
    try:
        content = b"" if path is None or path.stat().st_size > _PICTURE_BYTES else regular.content(path)
    except OSError:
        content = b""
    if path is None or not content.startswith(_PNG):
        return None
    told = words("preview_at", samples=f"{int(path.stem):,}" if path.stem.isdecimal() else path.stem)
    return element(
        "figure",
        element("img", src=data_uri("image/png", content), alt=told, class_="preview"),
        element("figcaption", told),
    )


def _curves(curves: Mapping[str, Sequence[tuple[float, float]]], words: Words) -> Child:
    """Those that matter, and the others where a person opens them."""
    seen = words("samples_axis")
    first = []
    if curves.get(REAL) and curves.get(FAKE):
        told = words("logits")
        pair = charts.lines(told, [("", curves[REAL]), ("fake", curves[FAKE])], seen)
        first.append(element("figure", element("figcaption", told), pair))
    first += [_curve(name, curves[name], seen) for name in _LEADING if curves.get(name)]
    others = [
        _curve(name, points, seen)
        for name, points in curves.items()
        if points and name not in (*_LEADING, REAL, FAKE)
    ]
    rest = element(
        "details", element("summary", words("more_curves")), element("div", others, class_="plots")
    )
    return [element("div", first, class_="plots") if first else None, rest if others else None]


def _curve(name: str, points: Sequence[tuple[float, float]], seen: str) -> Html:
    return element("figure", element("figcaption", name), charts.line(name, points, seen))


def _verdicts(folder: Path, words: Words, plugins: Sequence[str]) -> Child:
    """What the monitors of a run say; nothing of one that was not watched, or cannot be read."""
    found: Any = None
    try:
        if (folder / "monitors.jsonl").is_file():
            recipe = saved_recipe(folder, plugins)
            found = equilibrium_of(folder, recipe, modality_of(recipe.modality, plugins))
    except MultiganError as error:
        return element("p", str(error))
    if found is None:
        return None
    return [element("h3", words("verdicts")), equilibrium.content(found)]
