"""Multichannel series as a kind of samples: how they come in, what they are measured with, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evaluation.exhibits.exhibit import Exhibit, Show
from evaluation.exhibits.markup import Html, element
from evaluation.extractors.record import ExtractorRecord
from evaluation.figures import Example
from evaluation.kinds import Kind
from evaluation.kinds.parts import nearest
from evaluation.metrics.record import SAMPLES, Metric
from evaluation.samples import Contents, Samples
from evaluation.samples.digests import array_digest, digests_of
from multigan.errors import DataError
from series import charts
from series.cells import Sheet, read_sheet
from series.series_data import Channels, Recording, SeriesData, found_in, windows_of
from series.series_features import Summary, autocorrelation, summary
from series.series_measures import correlation_differences, step_distances, trained_elsewhere

WIDTH, HEIGHT = 180, 72
N_NEIGHBOURS = 10
"""They read the label of a series."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SheetSeries(Samples):
    """Series of a file, which other series may have to be cut like."""

    sheet: Sheet


def open_folder(path: Path, labels_column: str | None = None) -> Samples:
    """The series of a CSV file, or of the one in a folder, each as long as the shortest."""
    sheet = read_sheet(path)
    channels, notes = found_in(sheet, SeriesData(label=labels_column))
    if channels.series is None:
        raise DataError(
            f"{sheet.source} has no column that says which series a row is of; add one called series."
        )
    names = sheet.column(channels.series)
    length = min(names.count(name) for name in set(names))
    return _cut(sheet, channels, length, str(path), notes)


def _cut(sheet: Sheet, channels: Channels, length: int, source: str, notes: tuple[str, ...]) -> Samples:
    if length < 8:
        raise DataError(f"{sheet.source} has a series of {length} steps; 8 or more are measured.")
    data = replace(SeriesData(), length=length - length % 8)
    values, labels, _, more = windows_of(sheet, channels, data)
    recordings = [Recording(channels, own) for own in values]
    names = [f"series {place + 1}" for place in range(len(recordings))]
    digests = digests_of(len(recordings), lambda place: digest(recordings[place]))
    own = labels if channels.label in sheet.names else None
    told = (*notes, *more)
    return SheetSeries(
        SERIES, names, recordings.__getitem__, own, None, digests, source, notes=told, sheet=sheet
    )


def aligned(real: Samples, other: Samples) -> Samples:
    """Other series with the channels of the real ones, and as long; DataError where they have none of these."""
    channels, length = real.read(0).channels, real.read(0).values.shape[1]
    if other.read(0).channels == channels and other.read(0).values.shape[1] == length:
        return other
    if not isinstance(other, SheetSeries):
        raise DataError(
            f"The series of {other.source} have other channels or lengths than those of {real.source}."
        )
    return _cut(other.sheet, channels, length, other.source, ())


def digest(recording: Recording) -> str:
    """Of a series' numbers and of how they are scaled."""
    return array_digest(
        recording.values, [(one.name, one.mean, one.deviation) for one in recording.channels.channels]
    )


def from_memory(recordings: Sequence[Recording]) -> Contents:
    """Series as they are."""
    return Contents(len(recordings), recordings.__getitem__)


def show(recordings: Sequence[Recording], n_bytes: int) -> tuple[Show, str]:
    """Each series as a small drawing, a colour for each channel."""
    channels = recordings[0].channels.channels
    values = np.stack([one.values for one in recordings])
    low, high = values.min((0, 2)), values.max((0, 2))
    width = np.where(high > low, high - low, 1)[:, None]

    def drawing(example: Example, words: str) -> Html:
        own = (example.content.values - low[:, None]) / width
        across = np.linspace(3, WIDTH - 3, own.shape[1])
        lines = []
        for place in reversed(range(len(own))):
            points = " ".join(
                f"{x:.1f},{HEIGHT - 5 - y * (HEIGHT - 10):.1f}"
                for x, y in zip(across, own[place], strict=True)
            )
            style = f"fill:none;stroke:var(--t{1 + place % 6});stroke-width:1.25"
            lines.append(element("polyline", points=points, style=style))
        frame = element("rect", class_="frame", x=0.5, y=0.5, width=WIDTH - 1, height=HEIGHT - 1, rx=4)
        return element(
            "svg",
            element("title", words),
            frame,
            lines,
            viewBox=f"0 0 {WIDTH} {HEIGHT}",
            role="img",
            width=WIDTH,
        )

    return (
        drawing,
        f"Channels, each on its own scale: {', '.join(one.name for one in channels)} (blue, orange, green, ...).",
    )


def together(sets: Mapping[str, Sequence[Recording]], tone: Callable[[str], str]) -> Html:
    """For each channel a histogram of its numbers, of their changes, and the mean autocorrelation."""
    channels = next(iter(sets.values()))[0].channels.channels
    stacked = {name: np.stack([one.values for one in own]) for name, own in sets.items()}
    figures = []
    for place, channel in enumerate(channels):
        own = {name: values[:, place] for name, values in stacked.items()}
        changes, title = {name: np.diff(values).ravel() for name, values in own.items()}, channel.name
        levels = {name: values.ravel() for name, values in own.items()}
        lags = {name: autocorrelation(values).mean(0) for name, values in own.items()}
        figures += [
            charts.histogram(title, levels, tone, channel.numbers.write),
            charts.histogram(f"{title}: changes", changes, tone, "{:.3g}".format),
            charts.curves(f"{title}: autocorrelation", lags, tone, "steps"),
        ]
    lead = element("p", "Each channel: real series filled, generated ones over them.", class_="lead")
    return element("div", lead, element("div", figures, class_="plots"))


METRICS = (
    Metric(
        "channel distance", SAMPLES, step_distances, False, "Kolmogorov 1933; Smirnov 1948",
        "Has each channel by itself the distribution of the real one?",
        "The mean of Kolmogorov-Smirnov over the numbers of each channel and their changes from step to step; 0 is equal.",
        "Blind to the order of steps and to which channels go together; equal sets are not at 0.",
    ),
    Metric(
        "worst channel distance", SAMPLES, step_distances, False, "Kolmogorov 1933; Smirnov 1948",
        "Which channel, or whose changes, are furthest off?",
        "The largest of these distances; its note names them in order.",
        "The largest of many is above 0 by chance too: compare with that of real series.",
    ),
    Metric(
        "correlation difference", SAMPLES, correlation_differences, False, "",
        "Do steps and channels hang together as they do in real series?",
        "The mean difference of autocorrelations and of correlations between channels, at lags up to a quarter, 0 to 2.",
        "Means over series: two kinds of series that offset each other are not seen.",
    ),
    Metric(
        "worst correlation difference", SAMPLES, correlation_differences, False, "",
        "Which channel or pair of channels is furthest off?",
        "The largest of these differences; its note names them in order.",
        "The largest of many is above 0 by chance too: compare with that of real series.",
    ),
    Metric(
        "train here, test on real", SAMPLES, trained_elsewhere, True, "arXiv:1706.02633, section 4.1 (TSTR)",
        "Is a model of the label that is trained on generated series as good as one that is trained on real ones?",
        "Balanced accuracy on real series; under real samples stands the same with training on as many real series.",
        "Only what tells the label counts; copies of real series do as well as these.",
    ),
)  # fmt: skip

SERIES = Kind(
    name="series",
    singular="series",
    noun="series",
    extractors=(
        ExtractorRecord("summary", summary, preprocessing="levels, changes, spectra and correlations"),
    ),
    default_features="summary",
    exhibit=Exhibit(show, per_label=6, unlabelled=18, layout="tiles", together=together),
    digest=digest,
    open_folder=open_folder,
    from_memory=from_memory,
    aligned=aligned,
    metrics=METRICS,
    classifier=nearest(Summary(), N_NEIGHBOURS),
)
