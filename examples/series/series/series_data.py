"""Multichannel time series as training data: from a CSV file with a row per step, or drawn."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from multigan.arrays import ArrayDataset
from multigan.config import settings
from multigan.errors import DataError
from multigan.modality import Splits
from multigan.reading.columns import NONE
from multigan.reading.files import named
from multigan.reading.prepare import Progress
from multigan.registry import unknown_name
from series.cells import Sheet, read_sheet
from series.columns import label_of, refuse_unwritable
from series.drawn import CHANNELS, SHAPES, draw_series
from series.numbers import Numbers, is_missing, numbers_in
from series.splitting import held_out_rows

IDS = ("series", "id", "series_id", "unit", "subject")
N_KNOTS = 33
TIMES = ("time", "step", "timestamp", "date", "datetime", "t")


@settings
class Channel:
    """A channel: its name, how its numbers are written, and where they lie."""

    name: str
    numbers: Numbers
    mean: float
    deviation: float
    """Of all numbers of the training data."""
    knots: tuple[float, ...]
    """Rising: what is scaled linearly between (``scaled``); the first and the last are the range."""

    def __post_init__(self) -> None:
        if len(self.knots) < 2 or not (np.diff(self.knots) > 0).all() or not self.deviation > 0:
            raise ValueError(f"channel {self.name!r} has rising knots, two or more, and a deviation above 0")


@settings
class Channels:
    """How series are read and written: what a run keeps of the file that it was trained on."""

    names: tuple[str, ...]
    """Of all columns that are written, in their order."""
    delimiter: str
    channels: tuple[Channel, ...]
    series: str | None = None
    """The column that says which series a row is of; None where the file is one long recording."""
    time: str | None = None
    """The column of the time, which comes out as the number of the step."""
    label: str | None = None
    labels: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        refuse_unwritable(self.delimiter, self.labels, self.shares)
        others = filter(None, (self.series, self.time, self.label))
        if not self.channels or not {*self.names} == {*(one.name for one in self.channels), *others}:
            raise ValueError(
                "names are those of the channels, the series, the time and the label, and there is a channel"
            )


@settings
class SeriesData:
    """How a file of series is read, or which series are drawn where no file is given."""

    length: int = 48
    """T: steps of a series, a multiple of 8; longer ones are cut into windows, shorter ones left out."""
    stride: int | None = None
    """Steps between two windows; null: as many as a window has, so that none overlap."""
    series: str | None = None
    """The column that says which series a row is of; null: one called series, id, series_id, unit or subject; none: the
    file is one long recording."""
    time: str | None = None
    """The column of the time, which is not learnt: rows are taken in their order; null: one called time, step, timestamp,
    date, datetime or t; none: there is none."""
    label: str | None = None
    """The column of the labels; null: one called emotion, label or class; none: there is no label."""
    held_out: float = 0.2
    """The share of the series that is kept out of training, by a hash of their content: all windows of one together."""
    drawn: int = 5_000
    seed: int = 0
    """Of the drawn series."""
    channels: Channels | None = None
    """Found in the data; a run keeps it."""

    def __post_init__(self) -> None:
        if self.length < 8 or self.length % 8 or self.length > 4_096:
            raise ValueError(f"length is a multiple of 8 from 8 to 4,096, found {self.length}")
        if (self.stride is not None and self.stride < 1) or self.drawn < 100 or self.seed < 0:
            raise ValueError(
                f"stride is at least 1, drawn at least 100 and seed at least 0, found {self.stride}, {self.drawn} and "
                f"{self.seed}"
            )
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out is a share between 0 and 1, found {self.held_out}")


@dataclass(frozen=True, eq=False)
class Recording:
    """One series as it is measured."""

    channels: Channels
    values: np.ndarray
    """float64 [C, T], as they are written."""


@dataclass(eq=False, kw_only=True)
class SeriesDataset(ArrayDataset):
    """Series in [-1, 1], and as they are written."""

    recordings: list[Recording]

    def original(self, index: int) -> Recording:  # type: ignore[override]
        return self.recordings[index]


# ---- the columns of a file ----


def _named_column(sheet: Sheet, wanted: str | None, usual: Sequence[str], setting: str) -> str | None:
    if wanted == NONE:
        return None
    if wanted is not None:
        if wanted not in sheet.names:
            raise DataError(
                f"{sheet.source}: {unknown_name('column', wanted, [*sheet.names])} Set data.{setting}."
            )
        return wanted
    return next((name for usual_name in usual for name in sheet.names if name.lower() == usual_name), None)


def found_in(sheet: Sheet, data: SeriesData) -> tuple[Channels, tuple[str, ...]]:
    """How a file is read and written, and a note that says what its columns were taken for; DataError for one that is no
    channel."""
    label = label_of(sheet, data.label)
    series = _named_column(sheet, data.series, IDS, "series")
    time = _named_column(sheet, data.time, TIMES, "time")
    channels = tuple(_channel(sheet, name) for name in sheet.names if name not in (label, series, time))
    if not channels:
        raise DataError(f"{sheet.source} has no column of numbers beside series, time and label; add one.")
    taken = [f"channels: {named([channel.name for channel in channels], 30)}"]
    taken += [
        f"{role} in {name!r}" if name else f"no {role}" for role, name in (("label", label), ("time", time))
    ]
    taken += [f"which series in {series!r}" if series else "one long recording"]
    found = Channels(
        names=sheet.names, delimiter=sheet.delimiter, channels=channels, series=series, time=time, label=label
    )
    return found, (f"Columns taken as {'; '.join(taken)}.", *sheet.notes)


def _channel(sheet: Sheet, name: str) -> Channel:
    cells = sheet.column(name)
    absent = next((row for row, cell in enumerate(cells) if is_missing(cell)), None)
    if absent is not None:
        raise DataError(
            f"{sheet.source}: channel {name!r} lacks a number in row {absent + 1}; fill the gaps, or remove those series."
        )
    numbers = numbers_in(cells, sheet.delimiter)
    if numbers is None:
        raise DataError(
            f"{sheet.source}: column {name!r} holds something else than numbers, and every column but series, time and "
            "label is a channel; remove it, or name what it is (data.series, data.time, data.label)."
        )
    return channel_of(name, numbers, np.array([numbers.read(cell) for cell in cells]))


def channel_of(name: str, numbers: Numbers, values: np.ndarray) -> Channel:
    """The channel of these values of the data."""
    knots = np.unique(np.quantile(values, np.linspace(0, 1, N_KNOTS)))
    return Channel(
        name=name,
        numbers=numbers,
        mean=float(values.mean()),
        deviation=float(values.std()) or 1.0,
        knots=tuple(map(float, knots if len(knots) > 1 else (knots[0], knots[0] + 1))),
    )


# ---- windows ----

Windows = tuple[np.ndarray, list[str], np.ndarray, tuple[str, ...]]


def windows_of(sheet: Sheet, channels: Channels, data: SeriesData) -> Windows:
    """(float64 [N, C, T], the label of each or "", the number of the series that each is of, notes).

    DataError for a series whose label changes, and where none is as long as a window.
    """
    lacking = [one.name for one in channels.channels if one.name not in sheet.names]
    if lacking:
        raise DataError(
            f"{sheet.source} has no column {lacking[0]!r}; its columns are {', '.join(sheet.names)}."
        )
    numbers = [[one.numbers.read(cell) for cell in sheet.column(one.name)] for one in channels.channels]
    values = np.array(numbers, np.float64)
    which = sheet.column(channels.series) if channels.series in sheet.names else [""] * len(sheet.rows)
    labels = sheet.column(channels.label) if channels.label in sheet.names else [""] * len(sheet.rows)
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(which):
        rows.setdefault(name, []).append(row)
    parts, own, sources, n_short = [], [], [], 0
    for number, (name, places) in enumerate(rows.items()):
        stretches = _stretches(places, labels) if channels.series is None else [places]
        if any(len({labels[place] for place in stretch}) > 1 for stretch in stretches):
            raise DataError(f"{sheet.source}: series {name!r} has several labels; give each series one.")
        for stretch in stretches:
            starts = range(0, len(stretch) - data.length + 1, data.stride or data.length)
            n_short += not len(starts)
            for start in starts:
                parts.append(values[:, stretch[start : start + data.length]])
                own.append(labels[stretch[0]])
                sources.append(number if channels.series else len(sources))
    if not parts:
        raise DataError(
            f"{sheet.source} has no series of {data.length} steps; the longest has "
            f"{max(map(len, rows.values()))}: lower data.length (a multiple of 8)."
        )
    notes = (f"{n_short:,} series of fewer than {data.length} steps were left out.",) if n_short else ()
    if channels.series is None and (data.stride or data.length) < data.length:
        notes += ("Windows of one recording overlap, so that held-out ones share steps with training ones.",)
    return np.stack(parts), own, np.array(sources), notes


def _stretches(places: list[int], labels: list[str]) -> list[list[int]]:
    """Rows of one long recording, cut where the label changes."""
    cuts = [i for i in range(1, len(places)) if labels[places[i]] != labels[places[i - 1]]]
    ends = [0, *cuts, len(places)]
    return [places[a:b] for a, b in itertools.pairwise(ends)]


def drawn(data: SeriesData) -> tuple[Channels, np.ndarray, list[str]]:
    """The drawn series, to two decimals, and how they are written."""
    values, shapes = draw_series(data.drawn, data.length, data.seed)
    values = values.round(2)
    channels = tuple(
        channel_of(name, Numbers(low=float(own.min()), high=float(own.max()), decimals=2, padded=True), own)
        for name, own in zip(CHANNELS, values.transpose(1, 0, 2), strict=True)
    )
    names = ("series", "step", *CHANNELS, "class")
    found = Channels(
        names=names, delimiter=",", channels=channels, series="series", time="step", label="class"
    )
    return found, values, [SHAPES[shape] for shape in shapes]


def scaled(values: np.ndarray, channels: Channels) -> np.ndarray:
    """[N, C, T] as they are written -> float32 in [-1, 1], the ends being the range of the training data.

    The mean of a number's place in the range and of its rank, which is linear between the knots: a few extremes would press
    all other numbers to one end, and ranks alone would spread what is constant but for noise.
    """
    parts = [np.interp(values[:, place], *_curve(one)) for place, one in enumerate(channels.channels)]
    return np.stack(parts, 1).astype(np.float32)


def unscaled(samples: np.ndarray, channels: Channels) -> np.ndarray:
    """float64 [N, C, T] as they are written, with the precision of each channel."""
    parts = []
    for place, one in enumerate(channels.channels):
        knots, heights = _curve(one)
        parts.append(
            np.interp(samples[:, place].astype(np.float64), heights, knots).round(one.numbers.decimals)
        )
    return np.stack(parts, 1)


def _curve(channel: Channel) -> tuple[np.ndarray, np.ndarray]:
    """The knots and their heights in [-1, 1], both rising."""
    knots = np.array(channel.knots)
    heights = (knots - knots[0]) / (knots[-1] - knots[0]) + np.linspace(0, 1, len(knots))
    return knots, heights - 1


# ---- the data set ----


def look(data: SeriesData, folder: Path | None) -> tuple[str, ...]:
    """The labels; DataError where the file cannot be read."""
    _, _, labels, _, _ = _read(data, folder)
    return tuple(sorted(set(filter(None, labels))))


def _read(
    data: SeriesData, folder: Path | None
) -> tuple[Channels, np.ndarray, list[str], np.ndarray, tuple[str, ...]]:
    if folder is None:
        found, values, labels = drawn(data)
        return found, values, labels, np.arange(len(values)), ()
    sheet = read_sheet(folder)
    found, notes = (data.channels, sheet.notes) if data.channels is not None else found_in(sheet, data)
    values, labels, sources, short = windows_of(sheet, found, data)
    return found, values, labels, sources, (*notes, *short)


def open_series(data: SeriesData, folder: Path | None, progress: Progress) -> Splits:
    """Series for training and held-out ones."""
    found, values, cells, sources, notes = _read(data, folder)
    source = "the drawn series" if folder is None else str(folder)
    labels = tuple(sorted(set(cells))) if found.label else ()
    if data.channels is not None and not {*labels} <= {*data.channels.labels}:
        raise DataError(f"{source} has labels that the training data did not have: {named(labels)}.")
    labels = data.channels.labels if data.channels is not None else labels
    if labels and not all(label.strip() for label in labels):
        raise DataError(
            f"{source} has series without a label in column {found.label!r}; give each one, or remove it."
        )
    shares = tuple(cells.count(label) / len(cells) for label in labels)
    found = replace(data.channels or found, labels=labels, shares=shares)
    classes = np.array([labels.index(cell) for cell in cells]) if labels else None
    first = {int(number): place for place, number in reversed(list(enumerate(sources)))}
    contents = [repr(values[first[int(number)]].tolist()) for number in sources]
    out = held_out_rows(contents, cells, data.held_out, source)
    samples = scaled(values, found)

    def split(chosen: np.ndarray) -> SeriesDataset:
        (places,) = chosen.nonzero()
        recordings = [Recording(found, values[place]) for place in places]
        own = None if classes is None else classes[places]
        names = tuple(f"series {place + 1}" for place in places)
        return SeriesDataset(samples[places], labels, own, names, recordings=recordings)

    return Splits(split(~out), split(out), notes, replace(data, channels=found))
