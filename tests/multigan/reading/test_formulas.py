"""Cells that a spreadsheet would compute: written with an apostrophe, and read back without."""

import csv
from types import SimpleNamespace

import pytest
from torch import nn

from multigan.reading.columns import TextColumns
from multigan.reading.formulas import no_formula, plain_cell
from multigan.reading.listing import IMAGES, list_files
from multigan.reading.text import read_texts
from multigan.sequences.table import write_table

ODD = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1+1", "'quoted'", "plain", "'", ""]


@pytest.mark.parametrize("cell", ODD)
def test_no_cell_begins_as_a_formula_and_each_comes_back(cell):
    written = no_formula(cell)
    assert not str(written).startswith(("=", "+", "-", "@"))
    assert plain_cell(str(written)) == cell
    assert no_formula(-1.5) == -1.5


def test_texts_come_back_from_the_table_that_they_were_written_to(tmp_path):
    texts = [text for text in ODD if text]
    rows = [(text, "=joy", 0, index) for index, text in enumerate(texts)]
    generator = SimpleNamespace(network=nn.Linear(1, 1))
    path = write_table(tmp_path, ("text", "emotion", "seed", "index"), rows, generator)
    assert path.read_text().splitlines()[1] == "'=1+1\t'=joy\t0\t0"
    table = read_texts(path, TextColumns())
    assert list(table.texts) == texts
    assert set(table.labels or ()) == {"=joy"}


def test_a_table_of_somebody_else_keeps_its_apostrophes(tmp_path):
    (tmp_path / "a.csv").write_text("text,emotion\n'=1+1,joy\n'@you said,joy\n")
    assert read_texts(tmp_path / "a.csv", TextColumns()).texts == ("'=1+1", "'@you said")


def test_labels_come_back_from_labels_csv(tmp_path):
    (tmp_path / "a.png").touch()
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["file", "emotion", "seed", "index"], ["a.png", no_formula("=joy"), 0, 0]]
        )
    assert list_files(tmp_path, IMAGES).labels == ("=joy",)
