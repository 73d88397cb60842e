"""Reports that runs and evaluations left, side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.figures import HELD_OUT
from evaluation.report.leading import LEADING, base
from evaluation.report.wording import counts, listed, with_interval
from multigan.errors import ConfigError
from multigan.reading import regular
from multigan.reading.json import parse_json

FEWEST, MOST = 2, 4
REPORT = "report.json"
OVERLAP = (
    "Where two intervals do not overlap the figures differ; where they do, they may or may not: `multigan evaluate` with "
    "both as --fake compares them on the same real samples, in pairs."
)


@dataclass(frozen=True)
class Column:
    """What one report says of one set."""

    name: str
    kind: str
    figures: Mapping[str, Mapping[str, Any]]
    """Name -> the figure, as ``report.json`` has it."""
    real: Mapping[str, Mapping[str, Any]]
    """The same of held-out real samples."""

    def cell(self, name: str) -> str:
        """ "0.91 [0.89, 0.93]"; "" where there is no such figure."""
        return in_words(self.figures.get(name))


def in_words(figure: Mapping[str, Any] | None) -> str:
    """A figure of a report with its interval."""
    if figure is None or figure.get("value") is None:
        return ""
    value, low, high = (_number(figure.get(key)) for key in ("value", "low", "high"))
    return " ".join(filter(None, with_interval(value, low, high)))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def columns_of(places: Sequence[Path]) -> list[Column]:
    """A column for each set that the reports of runs, or in the folders of evaluations, measured.

    ConfigError where one has no report, or samples are of different kinds.
    """
    if not FEWEST <= len(places) <= MOST:
        raise ConfigError(f"{FEWEST} to {MOST} reports are compared; found {len(places)}.")
    columns = [
        column
        for place, name in zip(places, short_names(places), strict=True)
        for column in _columns_of(place, name)
    ]
    kinds = sorted({column.kind for column in columns})
    if len(kinds) > 1:
        raise ConfigError(
            f"These reports are of {listed(kinds)}, whose figures have no meaning beside each other."
        )
    return columns


def short_names(places: Sequence[Path]) -> list[str]:
    """The last parts of the paths, as many as tell all apart; the paths as they are where none do."""
    for n_parts in range(1, max(len(place.parts) for place in places) + 1):
        names = ["/".join(place.parts[-n_parts:]) for place in places]
        if len({*names}) == len(names) and all(names):
            return names
    return [str(place) for place in places]


def _columns_of(place: Path, called: str) -> list[Column]:
    path = place if place.is_file() else place / REPORT
    try:
        report = parse_json(regular.content(path))
        figures, subjects, kind = report["figures"], report["subjects"], str(report["modality"])
        named = {(str(one["subject"]), str(one["name"])): dict(one) for one in figures}
    except FileNotFoundError as error:
        raise ConfigError(
            f"{place} has no report ({REPORT}); multigan evaluate --run {place} makes one of a run."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} is no report of multigan ({error}); make it anew.") from error
    real = {name: one for (subject, name), one in named.items() if subject == HELD_OUT}
    return [
        Column(
            called if len(subjects) == 1 else f"{called}: {own}",
            kind,
            {name: one for (subject, name), one in named.items() if subject == own},
            real,
        )
        for own in map(str, subjects)
    ]


def names_shown(columns: Sequence[Column], full: bool = False) -> list[str]:
    """The figures that lead, in their order; ``full``: then all others. Those alone that any column has."""
    names = dict.fromkeys(name for column in columns for name in column.figures)
    order = [metric for group in LEADING for metric in group]
    first = sorted((name for name in names if base(name) in order), key=lambda name: order.index(base(name)))
    return [*first, *(name for name in names if name not in first)] if full or not first else first


def real_column(columns: Sequence[Column]) -> Mapping[str, Mapping[str, Any]]:
    """The figures of real samples, of the first report that has them."""
    return next((column.real for column in columns if column.real), {})


def notes(columns: Sequence[Column]) -> list[str]:
    """What to know before figures are compared."""
    found = []
    for what, key in (("numbers of samples", "n"), ("seeds", "seed")):
        values = {column.name: _values(column.figures.values(), key) for column in columns}
        if len({frozenset(own) for own in values.values()}) > 1:
            told = listed(f"{name} {counts(own) or 0}" for name, own in values.items())
            found.append(f"The {what} differ ({told}).")
    shared = set.intersection(*(set(column.real) for column in columns))
    if any(len({in_words(column.real[name]) for column in columns}) > 1 for name in shared):
        first = next(column.name for column in columns if column.real)
        found.append(
            "The real samples that they were measured against differ, so that distances to them are no comparison; "
            f"held-out real ones are shown of {first}."
        )
    return [*found, OVERLAP]


def _values(figures: Iterable[Mapping[str, Any]], key: str) -> set[int]:
    return {int(one[key]) for one in figures if isinstance(one.get(key), int) and one[key]}


def direction(columns: Sequence[Column], name: str) -> str:
    """ "higher" or "lower", whichever is better; "" where neither is."""
    for column in columns:
        if name in column.figures:
            better = column.figures[name].get("higher_is_better")
            return "" if better is None else "higher" if better else "lower"
    return ""
