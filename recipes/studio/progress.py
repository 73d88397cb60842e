"""A training as a page shows it: how far it is, its newest picture, its curves, and what its monitors say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evaluation.exhibits.embedded import data_uri
from evaluation.exhibits.markup import Child, Html, element
from evaluation.figures import Equilibrium
from evaluation.report import charts, equilibrium
from multigan.errors import MultiganError
from multigan.modality import modality_of
from multigan.reading import regular
from recipes.diagnosis import equilibrium_of
from recipes.measure import curves_of
from recipes.settings import saved_recipe
from recipes.studio.words import Words
from recipes.trainings import Training

REAL, FAKE = "discriminator/real_logits", "discriminator/fake_logits"
_LEADING = ("checkpoints/figure", "generator/loss", "discriminator/loss", "ada/p")
_PICTURE_BYTES = 8_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
STYLE = """
.training progress { width: 100%; height: .75rem; }
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
    """What matters of it; whatever a run holds stands in it as text, and its picture as data."""
    curves, state = _curves(one.folder), words(f"state_{one.state.replace(' ', '_')}")
    return _page(
        element("p", element("b", state), f" {_counts(one, words)}", role="status"),
        element("progress", value=one.samples, max=one.total, aria_label=words("progress"))
        if one.total
        else None,
        element("p", words("in_english", said=one.why) if one.why else one.said, class_="said"),
        _picture(newest_preview(one.folder), words),
        element("h3", words("curves")) if curves else None,
        _leading(curves, words),
        _verdicts(one.folder, words, plugins),
    )


def other_curves(one: Training, words: Words) -> Html:
    """All curves that ``panel`` leaves out."""
    shown = (*_LEADING, REAL, FAKE)
    others = {name: points for name, points in _curves(one.folder).items() if name not in shown}
    return _page(element("div", [_curve(*each, words) for each in others.items()], class_="plots"))


def _page(*parts: Child) -> Html:
    return element("div", element("style", Html(STYLE)), *parts, class_="training")


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
        element("img", src=data_uri("image/png", content), alt=told, class_="made"),
        element("figcaption", told),
    )


def _curves(run_folder: Path) -> dict[str, Sequence[tuple[float, float]]]:
    """Those that have a line to show."""
    return {name: points for name, points in curves_of(run_folder).items() if len(points) > 1}


def _leading(curves: Mapping[str, Sequence[tuple[float, float]]], words: Words) -> Child:
    """Those that matter."""
    first = []
    if REAL in curves and FAKE in curves:
        told = words("logits")
        pair = charts.lines(told, [("", curves[REAL]), ("fake", curves[FAKE])], words("samples_axis"))
        first.append(element("figure", element("figcaption", told), pair))
    first += [_curve(name, curves[name], words) for name in _LEADING if name in curves]
    return element("div", first, class_="plots") if first else None


def _curve(name: str, points: Sequence[tuple[float, float]], words: Words) -> Html:
    return element("figure", element("figcaption", name), charts.line(name, points, words("samples_axis")))


def _verdicts(folder: Path, words: Words, plugins: Sequence[str]) -> Child:
    """What the monitors of a run say; nothing of one that was not watched, or cannot be read."""
    found: Equilibrium | None = None
    try:
        if (folder / "monitors.jsonl").is_file():
            recipe = saved_recipe(folder, plugins)
            found = equilibrium_of(folder, recipe, modality_of(recipe.modality, plugins))
    except MultiganError as error:
        return element("p", words.error(error))
    if found is None:
        return None
    lines = {title: points for title, points in found.curves.items() if len(points) > 1}
    return [element("h3", words("verdicts")), equilibrium.content(replace(found, curves=lines))]
