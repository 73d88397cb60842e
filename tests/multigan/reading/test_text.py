"""Reading texts: which column, which labels, what is skipped, and what is refused with which words."""

import json
import os

import pytest

from multigan.errors import DataError
from multigan.reading.columns import TextColumns
from multigan.reading.text import read_texts
from tests.worlds.shared import SHARED

TEXTS = SHARED / "data/text"


def written(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def by(path, text=None, label=None):
    """The texts by the columns of these names or numbers."""
    return read_texts(path, TextColumns(text=text, label=label))


@pytest.mark.parametrize("depth", [2, 500, 900])
def test_a_label_in_many_brackets_is_refused_and_the_others_are_read(tmp_path, depth):
    deep = '{"text": "so it is", "label": ' + "[" * depth + "1" + "]" * depth + "}\n"
    (tmp_path / "x.jsonl").write_text(deep + '{"text": "so", "label": "joy"}\n' * 3)
    table = read_texts(tmp_path / "x.jsonl")
    assert len(table.texts) == 3
    assert list(table.bad) == ["x.jsonl, line 1"]


def test_a_line_is_a_sample(tmp_path):
    path = written(tmp_path, "a.txt", "one line \n\n  two\r\n\t\nthree\u2028still\x0cthree\rfour")
    found = read_texts(path)
    assert found.texts == ("one line", "two", "three\u2028still\x0cthree", "four")
    assert found.names == ("a.txt, line 1", "a.txt, line 3", "a.txt, line 5", "a.txt, line 6")
    assert found.labels is None
    assert found.bad == {}
    assert found.notes == ("2 empty lines or rows were skipped.",)


def test_a_byte_order_mark_is_no_text(tmp_path):
    assert read_texts(written(tmp_path, "a.txt", b"\xef\xbb\xbfone\ntwo\n")).texts == ("one", "two")
    assert read_texts(written(tmp_path, "a.csv", b"\xef\xbb\xbftext\none\n")).texts == ("one",)


def test_bad_lines_are_named_and_skipped(tmp_path):
    path = written(tmp_path, "a.txt", "caf\u00e9\n".encode() + b"caf\xe9 noir\nnul\0here\n\xed\xa0\x80\nlast")
    found = read_texts(path)
    assert found.texts == ("café", "last")
    assert found.bad == {
        "a.txt, line 2": "it is not UTF-8: byte 0xE9 after 3 characters",
        "a.txt, line 3": "it holds a NUL character",
        "a.txt, line 4": "it is not UTF-8: byte 0xED after 0 characters",
    }


def test_huge_lines_and_cells_are_read(tmp_path):
    huge = "word " * 200_000 + "end"
    assert read_texts(written(tmp_path, "a.txt", huge)).texts == (huge,)
    assert read_texts(written(tmp_path, "a.csv", f'text\n"{huge}"\n')).texts == (huge,)
    assert read_texts(written(tmp_path, "a.jsonl", json.dumps({"text": huge}))).texts == (huge,)


def test_csv_with_names_quotes_and_lines_in_a_cell(tmp_path):
    path = written(
        tmp_path, "a.csv", 'id,text,emotion\n1,"two\nlines, ""quoted""",joy\n\n2,plain, fear \n3,,joy\n'
    )
    found = read_texts(path)
    assert found.texts == ('two\nlines, "quoted"', "plain")
    assert found.labels == ("joy", "fear")
    assert found.names == ("a.csv, line 2", "a.csv, line 5")
    assert found.notes[1:] == ("2 empty lines or rows were skipped.",)


def test_columns_by_name(tmp_path):
    path = written(tmp_path, "a.csv", "answer,topic,text\nyes,love,no\n")
    assert by(path, "answer", "topic").texts == ("yes",)
    assert by(path, "answer", "topic").labels == ("love",)
    assert by(path, label="topic").texts == ("no",)


def test_tsv_by_number_has_no_row_of_names_and_plain_quotes(tmp_path):
    path = written(tmp_path, "a.tsv", '"Hello" he said\t27\tx\n"open\t3\ty\n')
    found = by(path, "0", "1")
    assert found.texts == ('"Hello" he said', '"open')
    assert found.labels == ("27", "3")


def test_bad_rows_of_tables(tmp_path):
    rows = b'text,label\nfine,joy\nshort\nb\xffd,joy\nno label,\n"a"b,joy\nn\0l,joy\nlast,fear\n'
    found = read_texts(written(tmp_path, "a.csv", rows))
    assert found.texts == ("fine", "last")
    assert found.labels == ("joy", "fear")
    assert found.bad == {
        "a.csv, line 3": "it has 1 cell, and the row of names has 2",
        "a.csv, line 4": "it is not UTF-8: byte 0xFF after 1 characters",
        "a.csv, line 5": "it has no label",
        "a.csv, line 6": "it is not a row of CSV: ',' expected after '\"'",
        "a.csv, line 7": "it holds a NUL character",
    }


def test_rows_cut_by_an_unquoted_comma_are_named_and_not_trained_on(tmp_path):
    rows = "text,label\nfine,joy\nwell, i know,fear\nalso fine,fear\n"
    table = read_texts(written(tmp_path, "a.csv", rows))
    assert (table.texts, table.labels) == (("fine", "also fine"), ("joy", "fear"))
    assert list(table.bad) == ["a.csv, line 3"]


def test_semicolons_are_said_and_lines_that_look_like_a_table_too(tmp_path):
    lines = "".join(f"hello, {i};{'joy' if i % 2 else 'fear'}\n" for i in range(12))
    table = read_texts(written(tmp_path, "a.csv", f"Text;Emotion\n{lines}"))
    assert (table.texts[:2], (table.labels or ())[:2]) == (("hello, 0", "hello, 1"), ("fear", "joy"))
    assert "a.csv: semicolons stand between its cells." in table.notes
    (note,) = read_texts(written(tmp_path, "b.txt", lines)).notes
    assert note == (
        "b.txt: every line is read as one text, though semicolons may part its cells; if it is a table, name it b.csv."
    )


def test_a_label_of_several_lines_is_a_flaw(tmp_path):
    table = read_texts(written(tmp_path, "a.csv", 'text,label\na,"joy\nb,joy"\nc,fear\n'))
    assert table.bad == {
        "a.csv, line 2": "a cell of it runs over 2 lines; close the quotation mark that opens in it"
    }


def test_jsonl(tmp_path):
    lines = (
        '{"text": "one", "label": 3}',
        "",
        '{"text": " two ", "label": "joy"}',
        '{"text": "", "label": 1}',
    )
    found = read_texts(written(tmp_path, "a.jsonl", "\n".join(lines)))
    assert found.texts == ("one", "two")
    assert found.labels == ("3", "joy")
    assert found.notes[1:] == ("2 empty lines or rows were skipped.",)
    assert by(written(tmp_path, "b.jsonl", '{"body": "x", "mood": "m"}'), "body", "mood").labels == ("m",)


def test_bad_objects(tmp_path):
    lines = (
        '{"text": "fine"}',
        "{text}",
        "[1]",
        '{"body": "x"}',
        '{"text": 5}',
        '{"text": "half \\ud83d"}',
        '{"text": "nul \\u0000"}',
        "[" * 100_000,
        '{"text": "x", "label": [0.5]}',
    )
    found = read_texts(written(tmp_path, "a.jsonl", "\n".join(lines)))
    assert found.texts == ("fine",)
    reasons = list(found.bad.values())
    assert reasons[0].startswith("it is not JSON: ")
    assert reasons[1] == "it is no JSON object: found a list"
    assert reasons[2] == "it has no text under 'text': found body"
    assert reasons[3] == "it has no text under 'text': found text"
    assert reasons[4] == "it holds half a surrogate pair, U+D83D, after 5 characters"
    assert reasons[5] == "it holds a NUL character"
    assert reasons[6].startswith("it is not JSON: ")
    assert reasons[7] == "its label is [0.5]; it must be text, a whole number or a list of such"


def test_whole_numbers_are_the_same_labels_in_every_table(tmp_path):
    rows = [{"text": "one", "label": 1.0}, {"text": "two", "label": 0.0}]
    written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    written(tmp_path, "a.csv", "text,label\none,1.0\ntwo,0.0\n")
    for name in ("a.jsonl", "a.csv"):
        assert read_texts(tmp_path / name).labels == ("1", "0")
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert read_texts(tmp_path / "a.parquet").labels == ("1", "0")


def test_labels_are_for_all_texts_or_none(tmp_path):
    found = read_texts(written(tmp_path, "a.jsonl", '{"text": "a", "label": "x"}\n{"text": "b"}'))
    assert found.labels is None
    assert found.notes[1:] == ("Labels are left out, because some texts have none: a.jsonl, line 2.",)


def test_a_folder_of_one_kind(tmp_path):
    written(tmp_path, "b.txt", "two")
    written(tmp_path, "a.txt", "one")
    written(tmp_path, "README.txt", "not a sample")
    written(tmp_path, ".hidden.txt", "not a sample")
    written(tmp_path, "notes.md", "not a sample")
    found = read_texts(tmp_path)
    assert found.texts == ("one", "two")
    assert found.names == ("a.txt, line 1", "b.txt, line 1")
    assert found.notes[0] == "Left out, as a file of such a name describes the data: README.txt."


def test_class_folders(tmp_path):
    written(tmp_path, "joy/deep/b.txt", "three")
    written(tmp_path, "joy/a.txt", "one\ntwo")
    written(tmp_path, "fear/a.txt", "four")
    written(tmp_path, "loose.csv", "text\nfive\n")
    found = read_texts(tmp_path)
    assert found.texts == ("four", "one", "two", "three")
    assert found.labels == ("fear", "joy", "joy", "joy")
    assert found.names[-1] == "joy/deep/b.txt, line 1"
    assert found.notes[1:] == ("Files beside the class folders were left out: loose.csv.",)


@pytest.mark.parametrize(
    ("files", "asked", "columns", "message"),
    [
        ({}, "a.txt", (), r"There is no .*a\.txt; give a \.txt, \.csv, \.tsv, \.jsonl or \.parquet"),
        (
            {"a.json": "[]"},
            "a.json",
            (),
            r"a\.json is a \.json file; \.txt, \.csv, \.tsv, \.jsonl or \.parquet files are read",
        ),
        (
            {"a.txt": "\n \n"},
            "a.txt",
            (),
            r"No text in .*: found 2 empty lines or rows and 0 that cannot be used\.",
        ),
        ({"a.txt": b"\xff\xfeo\0n\0e\0"}, "a.txt", (), "is in UTF-16; save it as UTF-8"),
        ({"a.txt": b"\xe9"}, "a.txt", (), "1 that cannot be used; a.txt, line 1: it is not UTF-8: byte 0xE9"),
        ({"a.txt": ""}, "a.txt", (), "found 0 empty lines"),
        ({"a.txt": "x"}, "a.txt", ("text",), "has no columns, but the column 'text' is asked for"),
        (
            {"a.csv": "id,words\n1,x\n"},
            "a.csv",
            ("text",),
            r"has no column 'text'; its columns are id, words\. Name one of these or, where its first row holds no names",
        ),
        ({"a.csv": "id,text\n1,x\n"}, "a.csv", ("text", "mood"), "has no column 'mood'"),
        (
            {"a.csv": "a,b\n"},
            "a.csv",
            ("2",),
            r"has no column 2: numbers mean that no row .* from 0 to 1 here\. Give .*data\.text=NUMBER",
        ),
        (
            {"a.csv": "a,b\n"},
            "a.csv",
            ("0", "b"),
            r"has no column b: numbers mean that no row of it holds names.*data\.label=NUMBER",
        ),
        ({"a.csv": 'text\nx\n"open\nmore\n'}, "a.csv", (), "opens in the row of line 3 and never closes"),
        (
            {"a.txt": "x", "b.csv": "text\ny\n"},
            ".",
            (),
            r"several kinds \(\.csv, \.txt\): a\.txt, b\.csv\. Give one",
        ),
        ({"a.md": "x"}, ".", (), r"No text file in .*; found only a\.md\."),
        ({}, ".", (), "found nothing"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path, files, asked, columns, message):
    for name, content in files.items():
        written(tmp_path, name, content)
    with pytest.raises(DataError, match=message):
        by(tmp_path / asked, *columns)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(DataError, match="not a regular file"):
        read_texts(tmp_path / "a.txt")
    with pytest.raises(DataError, match="not a regular file"):
        read_texts(tmp_path)


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the shared texts are not on this machine")
@pytest.mark.parametrize(
    ("name", "columns", "n"),
    [
        ("goemotions/dev.tsv", ("0", "none"), 5426),
        ("image_coco/test.txt", (), 10_000),
        ("counsel_chat", ("answer_text", "topic"), 2129),
    ],
)
def test_real_texts_are_all_read(name, columns, n):
    found = by(TEXTS / name, *columns)
    assert len(found.texts) == n
    assert found.bad == {}
    assert (found.labels is not None) == ("topic" in columns)


# --- what the text modality asks for beside


def test_a_tsv_text_in_quotes_that_doubles_all_others_is_taken_out_of_them(tmp_path):
    cells = ['"He said ""hi"" to me"', '"plain"', '"a "b" c"', '"half ""open" x"', '""', '"""all"""']
    path = written(tmp_path, "a.tsv", "".join(f"{cell}\tx\n" for cell in cells))
    expected = ('He said "hi" to me', '"plain"', '"a "b" c"', '"half ""open" x"', '""', '"all"')
    assert by(path, "0", "1").texts == expected


def test_intensity_and_split_are_read_where_there_are_such_columns(tmp_path):
    path = written(
        tmp_path, "a.csv", "text,label,intensity,part\none,x, 0.5 ,test\ntwo,y,,\n,z,1,\nthree,x,,\n"
    )
    table = read_texts(path, TextColumns(split="part=test"))
    assert (table.texts, table.intensities) == (("one", "two", "three"), (0.5, 1.0, 1.0))
    assert table.split == ("test", "", "")
    assert read_texts(path, TextColumns(intensity="none")).intensities == (1.0, 1.0, 1.0)
    assert read_texts(path).split is None
    assert read_texts(path, TextColumns(split="other=test")).split is None
    lines = [{"text": "a", "fold": 5}, {"text": "b", "intensity": 0.25}, {"text": "c", "fold": None}]
    path = written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines)))
    table = read_texts(path, TextColumns(split="fold=5"))
    assert table.intensities == (1.0, 0.25, 1.0)  # though the first object has no such key
    assert table.split == ("5", "", "")
    assert read_texts(path, TextColumns(split="intensity=1")).split == ("", "0.25", "")
    assert read_texts(path, TextColumns(split="other=1")).split is None


def test_columns_by_number_where_no_row_holds_names(tmp_path):
    path = written(tmp_path, "a.tsv", "one\tx\t0.5\tt\ntwo\ty\t0.25\tu\n")
    table = read_texts(path, TextColumns(text=0, label=1, intensity=2, split="3=t"))
    assert (table.texts, table.labels) == (("one", "two"), ("x", "y"))
    assert (table.intensities, table.split) == ((0.5, 0.25), ("t", "u"))


def test_texts_keep_their_rows_where_labels_are_not_used(tmp_path):
    path = written(tmp_path, "a.csv", "text,label\none,x\ntwo,\nthree,y\n")
    assert list(read_texts(path).bad) == ["a.csv, line 3"]
    table = read_texts(path, TextColumns(label="none"))
    assert (table.texts, table.labels, table.bad) == (("one", "two", "three"), None, {})
    assert table.notes == ("a.csv: the text is column 'text'; there are no labels.",)


def test_parquet_is_read_as_a_table_with_names(tmp_path):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {
        "Sentence": ["one", None, "two", " ", "three"],
        "label": [0, 1, 2, 1, None],
        "intensity": [0.5, None, 1, 1, 1],
        "part": ["test", None, None, "x", "x"],
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    written(tmp_path, "labels.txt", "joy\nfear\nsadness\n")
    table = read_texts(tmp_path, TextColumns(split="part=test"))
    assert (table.texts, table.labels) == (("one", "two"), ("joy", "sadness"))
    assert (table.intensities, table.split) == ((0.5, 1.0), ("test", ""))
    assert table.names == ("a.parquet, row 1", "a.parquet, row 3")
    assert table.bad == {
        "a.parquet, row 2": "it has no text under 'Sentence': found Sentence, intensity, label, part",
        "a.parquet, row 5": "it has no label under label",
    }
    assert table.notes == (
        "a.parquet: the text is column 'Sentence' and the label column 'label', with the names of labels.txt; 2 classes: "
        "joy, sadness.",
        "1 empty line or row was skipped.",
    )
    with pytest.raises(
        DataError, match=r"no column 'mood'; its columns are Sentence, label, intensity, part"
    ):
        read_texts(tmp_path, TextColumns(label="mood"))


def test_parquet_beside_other_tables_is_left_out_with_a_note(tmp_path):
    written(tmp_path, "a.csv", "text\none\n")
    written(tmp_path, "a.parquet", b"PAR1")
    table = read_texts(tmp_path)
    assert table.texts == ("one",)
    assert table.notes[1:] == ("Parquet files beside other tables were left out: a.parquet.",)


def test_names_of_labels_beside_tables_are_no_texts(tmp_path):
    written(tmp_path, "a.tsv", "text\none\n")
    written(tmp_path, "emotions.txt", "joy\n")
    assert read_texts(tmp_path).texts == ("one",)
    (tmp_path / "a.tsv").unlink()
    assert read_texts(tmp_path).texts == ("joy",)
