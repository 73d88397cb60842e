"""Tables of every kind as rows: names, numbers, blanks, damage, and Parquet with and without pyarrow."""

import json
import sys
import tracemalloc

import pytest

from multigan.errors import DataError
from multigan.reading.tables import DELIMITERS, SUFFIXES, first_rows, open_table
from multigan.reading.text import read_texts


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows_of(table, *columns):
    """(place, values) of rows that can be used, or (place, flaw)."""
    rows = table.rows(columns or table.columns)
    return [(row.place, row.flaw or dict(row.values)) for row in rows if not row.blank]


def parquet(folder, columns, name="a.parquet"):
    """A Parquet file; the test is skipped where pyarrow is not installed."""
    pyarrow = pytest.importorskip("pyarrow")
    tables = pytest.importorskip("pyarrow.parquet")
    tables.write_table(pyarrow.table(columns), folder / name)
    return folder / name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ' name , n\r\n"x, y",1\r\n\r\n , \r\nz,\r\n'),
        ("a.tsv", "name\t n \nx, y\t1\n\n\t\nz\t\n"),
    ],
)
def test_cells_go_by_the_names_above_them_and_blank_rows_are_told(tmp_path, name, content):
    table = open_table(written(tmp_path, name, content))
    assert table.columns == ("name", "n")
    assert rows_of(table) == [("line 2", {"name": "x, y", "n": "1"}), ("line 5", {"name": "z", "n": ""})]
    assert [row.place for row in table.rows(()) if row.blank] == ["line 3", "line 4"]
    assert rows_of(table) == rows_of(table)  # rows can be read again


def test_columns_are_numbers_where_no_row_holds_names(tmp_path):
    table = open_table(written(tmp_path, "a.csv", "\nx,1,2\ny,2\nz,3\n"), numbered=True)
    assert table.columns == ("0", "1")  # as most rows have them, whatever the first has
    assert rows_of(table)[1:] == [("line 3", {"0": "y", "1": "2"}), ("line 4", {"0": "z", "1": "3"})]
    assert rows_of(table)[0][1].startswith("it has 3 cells, and most rows have 2 (put quotation marks")


def test_a_row_that_is_no_csv_has_a_flaw_and_an_open_quotation_is_refused(tmp_path):
    table = open_table(written(tmp_path, "a.csv", 'n,m\n"a"b,1\nc,2\n'))
    assert rows_of(table) == [
        ("line 2", "it is not a row of CSV: ',' expected after '\"'"),
        ("line 3", {"n": "c", "m": "2"}),
    ]
    table = open_table(written(tmp_path, "b.csv", 'n,m\na,1\n"b,2\nc,3\n'))
    with pytest.raises(DataError, match=r"opens in the row of line 3 and never closes"):
        rows_of(table)


def test_spaces_before_a_quotation_mark_count_unless_they_are_said_not_to(tmp_path):
    path = written(tmp_path, "a.csv", 'n,m\na, "b, c"\n')
    assert rows_of(open_table(path)) == [
        (
            "line 2",
            "it has 3 cells, and the row of names has 2 (put quotation marks around a text with commas)",
        )
    ]
    assert rows_of(open_table(path, spaced=True)) == [("line 2", {"n": "a", "m": "b, c"})]


@pytest.mark.parametrize(
    ("name", "content", "marks"),
    [
        ("a.csv", "Text;Emotion\nhello, you;joy\nwell, well, well;fear\n", "semicolons"),
        ("a.csv", 'text\temotion\n"hello, you"\tjoy\nno, no\tfear\n', "tabs"),
        ("a.tsv", 'text,emotion\n"hello, you",joy\nno,fear\n', "commas"),
        ("a.csv", "text|emotion\nhello; you|joy\n", "vertical bars"),
        ("a.csv", "hello, you;joy\nwell;fear\nno, no, no;joy\n", "semicolons"),
        ("a.csv", "sep=;\ntext;emotion, more\nhello, you;joy\n", "semicolons"),
        ("a.csv", "text;emotion\nhello; you;joy\nwell;fear\n", "semicolons"),
    ],
)
def test_the_delimiter_is_found_and_said(tmp_path, name, content, marks):
    table = open_table(written(tmp_path, name, content))
    assert len(table.columns) == 2
    assert table.notes == (f"{name}: {marks} stand between its cells.",)
    assert DELIMITERS[table.delimiter] == marks
    assert rows_of(table)[-1][1][table.columns[1]] in ("joy", "fear")
    assert first_rows(table.path, 1) == [list(table.columns)]


@pytest.mark.parametrize(
    ("name", "content", "n_columns"),
    [
        ("a.csv", "text,label\nhello; you,joy\nwell; well,fear\n", 2),
        ("a.csv", "text\nhello; you\nwell; well\n", 1),
        ("a.tsv", "text\nhello, you\nwell\n", 1),
        ("a.csv", "hello; you are\nwell; well; well\n", 1),
    ],
)
def test_marks_within_texts_are_no_delimiters(tmp_path, name, content, n_columns):
    table = open_table(written(tmp_path, name, content))
    assert (len(table.columns), table.notes) == (n_columns, ())


def test_delimiters_that_cannot_be_told_apart_are_refused(tmp_path):
    path = written(tmp_path, "a.csv", "text;x|y\nhello;you|z\n")
    with pytest.raises(
        DataError, match=r"a\.csv: semicolons or vertical bars may stand between its cells; save"
    ):
        open_table(path)


def test_rows_with_more_or_fewer_cells_than_the_names_have_a_flaw(tmp_path):
    table = open_table(
        written(tmp_path, "a.csv", "text,label,\nwell, i know,joy\na,b,\nalone\nc,d,,,\ne,f\n")
    )
    assert rows_of(table) == [
        (
            "line 2",
            "it has 3 cells, and the row of names has 2 (put quotation marks around a text with commas)",
        ),
        ("line 3", {"text": "a", "label": "b", "": ""}),
        ("line 4", "it has 1 cell, and the row of names has 2"),
        ("line 5", {"text": "c", "label": "d", "": ""}),  # spreadsheets add empty cells
        ("line 6", {"text": "e", "label": "f"}),
    ]
    table = open_table(written(tmp_path, "a.tsv", "text\tlabel\na\tb\tc\n"))
    assert rows_of(table) == [
        ("line 2", "it has 3 cells, and the row of names has 2 (take tabs out of its texts)")
    ]


def test_a_quotation_mark_that_swallows_rows_is_refused_or_a_flaw(tmp_path):
    table = open_table(written(tmp_path, "a.csv", 'n,m\na,1\n"b,2\nc,3\n"d",4\n'))
    with pytest.raises(
        DataError, match=r"opens in the row of line 3 and closes within line 5, so that 3 lines are one"
    ):
        rows_of(table)
    table = open_table(written(tmp_path, "a.csv", 'n,m\n"a\nb,3\nc,3\nd",3\n"a\nb, x\nc, y\nd",3\n'))
    assert rows_of(table) == [
        (
            "line 2",
            "it runs to line 5, over lines that look like rows: close the quotation mark that opens in it",
        ),
        ("line 6", {"n": "a\nb, x\nc, y\nd", "m": "3"}),
    ]


def test_objects_have_their_own_keys_and_types(tmp_path):
    lines = ['{"a": 1, "b": null}', "", "[1]", "{", '{"c": [2]}', b"\xff", "{}"]
    content = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    table = open_table(written(tmp_path, "a.jsonl", content))
    assert (table.columns, table.typed, table.open_ended) == (("a", "b"), True, True)
    rows = rows_of(table)
    assert rows[:2] == [("line 1", {"a": 1, "b": None}), ("line 3", "it is no JSON object: found a list")]
    assert rows[2][1].startswith("it is not JSON: ")
    assert rows[3:] == [
        ("line 5", {"c": [2]}),
        ("line 6", "it is not UTF-8: byte 0xFF after 0 characters"),
        ("line 7", {}),
    ]


def test_a_column_is_found_in_any_case_and_must_be_one(tmp_path):
    table = open_table(written(tmp_path, "a.csv", "Mood,mood,MIX,x,x,,\n1,2,3,4,5,,\n"))
    assert [table.matching(name) for name in ("mood", "Mood", "MOOD", "mix", "y")] == [
        "mood",
        "Mood",
        "Mood",
        "MIX",
        None,
    ]
    with pytest.raises(DataError, match=r"a\.csv has 2 columns 'x', and one is looked for; rename the other"):
        table.matching("X")


def test_first_rows_are_cells_of_any_kind_of_row(tmp_path):
    path = written(tmp_path, "b.csv", '\n"a, b", c \n,\n"d"d,e\nf,g\n')
    assert first_rows(path, 2) == [["a, b", "c"], ["f", "g"]]
    path = written(tmp_path, "c.jsonl", 'no\n3\n{"k": 1, "text": "t"}\n{"z": 1}\n')
    assert first_rows(path, 9) == [["k", "text"]]
    assert first_rows(written(tmp_path, "d.jsonl", "no\n"), 9) == []


def test_cells_that_are_blank_by_another_delimiter(tmp_path):
    table = open_table(written(tmp_path, "a.tsv", ","))
    assert (table.columns, rows_of(table)) == ((",",), [])


def test_a_file_of_another_kind_is_no_table(tmp_path):
    with pytest.raises(
        DataError, match=r"a\.xlsx is a \.xlsx file; tables are \.csv, \.tsv, \.jsonl, \.parquet files"
    ):
        open_table(written(tmp_path, "a.xlsx", "x"))
    assert SUFFIXES == (".csv", ".tsv", ".jsonl", ".parquet")


# --- Parquet


def test_parquet_rows_are_those_of_the_same_objects(tmp_path):
    columns = {
        "name": ["a", "b", None],
        "n": [1, 2, 3],
        "share": [0.5, 1.0, float("nan")],
        "tags": [["x"], [], None],
    }
    table = open_table(parquet(tmp_path, columns))
    assert (table.columns, table.typed, table.open_ended) == (tuple(columns), True, False)
    assert rows_of(table) == [
        ("row 1", {"name": "a", "n": 1, "share": 0.5, "tags": ["x"]}),
        ("row 2", {"name": "b", "n": 2, "share": 1, "tags": []}),
        ("row 3", {"name": None, "n": 3, "share": None, "tags": None}),
    ]
    assert [json.dumps(values) for _, values in rows_of(table, "n")] == ['{"n": 1}', '{"n": 2}', '{"n": 3}']
    assert first_rows(table.path, 9) == [list(columns)]


def test_a_damaged_parquet_file_is_refused_in_words(tmp_path):
    pytest.importorskip("pyarrow")
    with pytest.raises(DataError, match=r"a\.parquet is not a Parquet file: .*; save it again, or as CSV\."):
        open_table(written(tmp_path, "a.parquet", b"PAR1 and no more"))
    path = parquet(tmp_path, {"name": [f"name {i}" * 9 for i in range(1000)]})
    content = bytearray(path.read_bytes())
    content[8:600] = bytes(592)
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"a\.parquet is damaged after row 0: "):
        rows_of(open_table(path))


def test_without_pyarrow_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(
        DataError, match=r"a\.parquet is a Parquet file, .* run `pip install pyarrow`, or save .* as CSV"
    ):
        open_table(written(tmp_path, "a.parquet", b"PAR1"))


def test_a_small_file_of_long_texts_that_repeat_does_not_take_the_memory(tmp_path, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow")
    texts = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 5_000), pyarrow.array(["x" * 10_000]))
    path = parquet(tmp_path, {"text": texts})
    assert path.stat().st_size < 50_000
    monkeypatch.setattr("multigan.reading.tables.DECODED_BYTES", 2**22)
    tracemalloc.start()
    with pytest.raises(
        DataError, match=r"a\.parquet takes more than 4 MiB of memory, and that is reached at row 409"
    ):
        rows_of(open_table(path))
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


# --- memory


def test_a_table_of_cells_takes_little_more_than_its_texts(tmp_path):
    content = "text,emotion\n" + "".join(f"{'word ' * 18}{i},joy\n" for i in range(10_000))
    path = written(tmp_path, "a.csv", content)
    tracemalloc.start()
    texts = read_texts(path).texts
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(texts) == 10_000
    assert peak < 6 * len(content)
