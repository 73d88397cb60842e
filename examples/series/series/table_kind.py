"""Rows of a table as a kind of samples: how they come in, what they are measured with, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.exhibits.exhibit import Exhibit, Show
from evaluation.exhibits.markup import Html, element
from evaluation.extractors.record import ExtractorRecord
from evaluation.figures import Example
from evaluation.kinds import Kind
from evaluation.kinds.parts import nearest
from evaluation.metrics.record import SAMPLES, Metric
from evaluation.samples import Contents, Samples
from evaluation.samples.digests import digests_of, text_digest
from multigan.errors import DataError
from series import charts
from series.cells import Sheet, read_sheet
from series.table_coding import values_of
from series.table_data import Row, TableData, found_in, rows_of
from series.table_features import ColumnFeatures, column_features
from series.table_measures import (
    association_differences,
    column_distances,
    columns_of_rows,
    identical_rows,
    trained_elsewhere,
)

FLAG = "--labels-column"
N_NEIGHBOURS = 25
"""They read the label of a row."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SheetSamples(Samples):
    """Rows of a file, which another table may have to read anew."""

    sheet: Sheet


def open_folder(path: Path, labels_column: str | None = None) -> Samples:
    """The rows of a CSV file, or of the one in a folder, by what the table itself says of its columns."""
    sheet = read_sheet(path)
    try:
        columns, notes = found_in(sheet, TableData(label=labels_column), lenient=True)
    except DataError as error:
        raise DataError(str(error).replace("data.label", FLAG)) from error
    notes = tuple(note.partition(". --set")[0] + "." if ". --set" in note else note for note in notes)
    return _samples(sheet, rows_of(columns, values_of(sheet, columns)), str(path), notes)


def _samples(sheet: Sheet, rows: list[Row], source: str, notes: tuple[str, ...]) -> Samples:
    label = rows[0].columns.label
    names = [f"row {place + 1}" for place in range(len(rows))]
    digests = digests_of(len(rows), lambda place: digest(rows[place]))
    labels = None if label is None else sheet.column(label)
    return SheetSamples(
        TABLES, names, rows.__getitem__, labels, None, digests, source, notes=notes, sheet=sheet
    )


def aligned(real: Samples, other: Samples) -> Samples:
    """Another table read by what the real one says of its columns; DataError for one with other columns.

    A category that no real row has stays one: it is at a distance from every real one.
    """
    columns, own = real.read(0).columns, other.read(0).columns
    if columns == own:
        return other
    if not isinstance(other, SheetSamples):
        raise DataError(
            f"The rows of {other.source} are of another table than those of {real.source}; give rows of one table."
        )
    rows = rows_of(columns, values_of(other.sheet, columns))
    labels = other.sheet.column(columns.label) if columns.label in other.sheet.names else None
    digests = digests_of(len(rows), lambda place: digest(rows[place]))
    return replace(other, read=rows.__getitem__, labels=labels, digests=digests, notes=())


def digest(row: Row) -> str:
    """Of a row's cells and of how they are read."""
    scales = [(one.name, one.mean, one.deviation, one.categories) for one in row.columns.columns]
    return text_digest(repr((scales, row.values)))


def from_memory(rows: Sequence[Row]) -> Contents:
    """Rows as they are."""
    return Contents(len(rows), rows.__getitem__)


def show(rows: Sequence[Row], n_bytes: int) -> tuple[Show, str]:
    """Each row as its cells in one line."""

    def line(example: Example, words: str) -> Html:
        cells = []
        for column, value in zip(example.content.columns.columns, example.content.values, strict=True):
            shown = str(value) if column.numbers is None else column.numbers.write(float(value))
            cells += [f"{column.name} ", element("b", shown or "missing"), " · "]
        return element("small", cells[:-1], title=words)

    return line, ""


def together(sets: Mapping[str, Sequence[Row]], tone: Callable[[str], str]) -> Html:
    """A histogram, or bars, for each column."""
    columns = next(iter(sets.values()))[0].columns.columns
    by_set = {name: columns_of_rows(rows) for name, rows in sets.items()}
    figures = []
    for place, column in enumerate(columns):
        own = {name: values[place] for name, values in by_set.items()}
        if column.numbers is None:
            figures.append(charts.bars(column.name, own, tone))
        else:
            figures.append(charts.histogram(column.name, own, tone, column.numbers.write))
    lead = element(
        "p", "Shares of the rows in each column: real ones filled, generated ones over them.", class_="lead"
    )
    return element("div", lead, element("div", figures, class_="plots"))


_IN_PAIRS = "Spearman 1904; Cramér 1946; Pearson 1905 (correlation ratio)"
METRICS = (
    Metric(
        "column distance", SAMPLES, column_distances, False, "Kolmogorov 1933; Smirnov 1948",
        "Has each column by itself the distribution of the real one?",
        "The mean over columns of Kolmogorov-Smirnov (numbers) or total variation (categories), 0 to 1; 0 is equal.",
        "Columns may each be right and their rows absurd: look at associations; equal sets of n rows are not at 0.",
    ),
    Metric(
        "worst column distance", SAMPLES, column_distances, False, "Kolmogorov 1933; Smirnov 1948",
        "Which column is furthest off?",
        "The largest of the distances of columns; its note names them in order.",
        "The largest of many is above 0 by chance too: compare with that of real rows.",
    ),
    Metric(
        "association difference", SAMPLES, association_differences, False, _IN_PAIRS,
        "Do columns hang together as they do in real rows?",
        "The mean over pairs of columns, the label among them, of how far their association is from the real one, 0 to 2.",
        "One number for each pair: a dependence that is neither a trend nor a difference of groups is not seen.",
    ),
    Metric(
        "worst association difference", SAMPLES, association_differences, False, _IN_PAIRS,
        "Which pair of columns is furthest off?",
        "The largest of these differences; its note names the pairs in order.",
        "The largest of many is above 0 by chance too: compare with that of real rows.",
    ),
    Metric(
        "train here, test on real", SAMPLES, trained_elsewhere, True, "arXiv:1706.02633, section 4.1 (TSTR)",
        "Is a model of the label that is trained on generated rows as good as one that is trained on real ones?",
        "Balanced accuracy on real rows; under real samples stands the same with training on as many real rows.",
        "Only what tells the label counts; a table of copies does as well as the real one.",
    ),
    Metric(
        "identical rows", SAMPLES, identical_rows, False, "",
        "How many rows are training rows, cell by cell?",
        "A share; where few different rows are possible, real rows that were held out have such twins too.",
        "Blind to rows that differ from a training row in one digit: copies and nearest distance ratio see those.",
        searches=True,
    ),
)  # fmt: skip

TABLES = Kind(
    name="tables",
    singular="row",
    noun="rows",
    extractors=(
        ExtractorRecord("columns", column_features, preprocessing="numbers by mean and deviation, one-hots"),
    ),
    default_features="columns",
    exhibit=Exhibit(show, per_label=5, unlabelled=10, layout="rows", together=together),
    digest=digest,
    open_folder=open_folder,
    from_memory=from_memory,
    aligned=aligned,
    metrics=METRICS,
    classifier=nearest(ColumnFeatures(), N_NEIGHBOURS),
)
