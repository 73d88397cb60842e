"""The modality of tables: a CSV file in, a CSV file of the same form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from multigan.modality import Architecture, Modality, Written
from multigan.registry import Registry
from multigan.sampling import PLAIN, TrainedGenerator
from multigan.sampling_settings import SamplingSettings
from series.cells import write_sheet
from series.columns import Columns
from series.handing import check_label_strength, conditions_by_share
from series.pictures import write_rows
from series.table_coding import decode
from series.table_data import Row, TableData, found_in, look, open_table, rows_of, sheet_of
from series.table_networks import CtganSettings, build


def columns_in(data: TableData) -> Columns:
    """How a run's table is read and written; of the drawn table where no run has said so yet."""
    return data.columns or found_in(sheet_of(data, None), data)[0]


def sample_shape(data: TableData) -> tuple[int, int]:
    """(C, 1 + K)."""
    columns = columns_in(data)
    return len(columns.columns), 1 + columns.n_slots


def media(samples: Tensor, data: TableData) -> list[Row]:
    """Each sample as a row of the table, without its label."""
    columns = columns_in(data)
    return rows_of(columns, decode(samples.numpy(), columns))


def cells_of(row: Row) -> list[str]:
    """A row as it is written, without its label."""
    return [
        str(value) if column.numbers is None else column.numbers.write(float(value))
        for column, value in zip(row.columns.columns, row.values, strict=True)
    ]


def with_label(row: Row, label: str | None) -> list[str]:
    """A row as it is written, in the order of the table's columns."""
    cells = dict(zip((column.name for column in row.columns.columns), cells_of(row), strict=True))
    return [label or "" if name == row.columns.label else cells[name] for name in row.columns.names]


def preview(samples: Tensor, columns: int, path: Path, data: TableData) -> None:
    """The rows as text, a rule after each ``columns`` of them."""
    rows = media(samples, data)
    names = [column.name for column in rows[0].columns.columns]
    write_rows(names, [cells_of(row) for row in rows], columns, path)


def write_cells(samples: Tensor, paths: Sequence[Path], data: TableData) -> None:
    """Each sample as a file of one row, without its label."""
    from multigan.writing import write_text

    for row, path in zip(media(samples, data), paths, strict=True):
        write_text(path, row.columns.delimiter.join(cells_of(row)) + "\n")


def write_table(
    trained: TrainedGenerator, options: SamplingSettings, labels: Sequence[str], seed: int, folder: Path
) -> Written:
    """One table of ``options.per_label`` rows in all, in which labels are as frequent as in the training data."""
    columns = columns_in(trained.data)
    conditions, own = conditions_by_share(trained, labels, columns.shares, options.per_label, seed)
    samples = trained.sampling.draw(trained, conditions, seed, options.per_label, options)
    rows = [
        with_label(row, label) for row, label in zip(media(samples.tensor, trained.data), own, strict=True)
    ]
    path = write_sheet(columns.names, rows, columns.delimiter, folder, trained)
    return Written([path], f"Wrote {len(rows):,} row{'s' * (len(rows) != 1)} to {path}.")


def random_rows(n: int, shape: tuple[int, ...]) -> Tensor:
    """Rows [n, C, 1 + K] of random numbers and slots."""
    slots = torch.nn.functional.one_hot(torch.randint(shape[1] - 1, (n, shape[0])), shape[1] - 1)
    return torch.cat((torch.rand(n, shape[0], 1) * 2 - 1, slots.float()), -1)


TABLES = Modality(
    name="tables",
    data_settings=TableData,
    open_data=open_table,
    sample_shape=sample_shape,
    architectures=Registry("table architecture", {"ctgan": Architecture("ctgan", CtganSettings, build)}),
    preview=preview,
    media=media,
    write_samples=write_cells,
    file_suffix=".csv",
    kind="series.table_kind:TABLES",
    random_samples=random_rows,
    look=look,
    sampling=replace(PLAIN, write=write_table, check=check_label_strength),
)
