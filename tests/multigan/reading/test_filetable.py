"""Tables beside files: which one is read, Hugging Face's among them, and class folders where a table has no labels."""

import json

import pytest

from multigan.errors import DataError
from multigan.reading.columns import Columns
from multigan.reading.listing import AUDIO, IMAGES, list_files


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"?")
    return folder


def write(folder, name, *rows):
    """A table of these rows: lists of cells, or of objects for JSON lines and Parquet."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith(".parquet"):
        pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        parquet.write_table(pyarrow.Table.from_pylist(list(rows)), path)
    elif name.endswith(".jsonl"):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        mark = "\t" if name.endswith(".tsv") else ","
        path.write_text("".join(mark.join(row) + "\n" for row in rows))
    return folder


HEADER, ROWS = (
    ("file_name", "label", "intensity", "fold"),
    (("a.png", "joy", 0.5, 5), ("sub/b.png", "fear", 1, 4)),
)
OBJECTS = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
CELLS = [HEADER, *(tuple(map(str, row)) for row in ROWS)]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("labels.csv", CELLS),
        ("labels.tsv", CELLS),
        ("labels.jsonl", OBJECTS),
        ("labels.parquet", OBJECTS),
        ("metadata.csv", CELLS),
        ("metadata.jsonl", OBJECTS),
        ("metadata.parquet", OBJECTS),
    ],
)
def test_every_table_says_the_same(tmp_path, name, rows):
    make(tmp_path, "a.png", "sub/b.png", "c.png")
    write(tmp_path, name, *rows)
    listing = list_files(tmp_path, IMAGES, Columns(split="fold=5"))
    assert (listing.names, listing.labels) == (("a.png", "sub/b.png"), ("joy", "fear"))
    assert (listing.intensities, listing.split) == ((0.5, 1.0), ("5", "4"))
    notes = [f"1 file is not in {name} and left out: c.png."]
    assert list(listing.notes) == (
        notes if name == "labels.csv" else [f"{name}: the label is column 'label'.", *notes]
    )


def test_of_several_tables_the_first_is_read_and_the_others_are_named(tmp_path):
    make(tmp_path, "a.png")
    write(tmp_path, "metadata.jsonl", {"file_name": "a.png", "label": "from objects"})
    assert list_files(tmp_path, IMAGES).labels == ("from objects",)
    write(tmp_path, "metadata.csv", ("file_name", "label"), ("a.png", "from metadata"))
    listing = list_files(tmp_path, IMAGES)
    assert listing.labels == ("from metadata",)
    assert listing.notes[0] == (
        "The table that is read is metadata.csv; beside it metadata.jsonl is left out."
    )
    write(tmp_path, "labels.csv", ("file", "label"), ("a.png", "from labels"))
    listing = list_files(tmp_path, IMAGES)
    assert listing.labels == ("from labels",)
    assert listing.notes == (
        "The table that is read is labels.csv; beside it metadata.csv, metadata.jsonl are left out.",
    )


def test_a_table_of_metadata_that_names_no_files_is_passed_over_with_a_note(tmp_path):
    make(tmp_path, "joy/a.png", "fear/b.png")
    write(tmp_path, "metadata.csv", ("author", "label"), ("me", "x"))
    listing = list_files(tmp_path, IMAGES)
    assert listing.labels == ("fear", "joy")
    assert listing.notes == (
        "metadata.csv is left out: no column is named file or file_name or filename or path.",
    )
    write(tmp_path, "metadata.jsonl", {"file_name": "joy/a.png", "label": "x"})
    assert list_files(tmp_path, IMAGES).labels == ("x",)


@pytest.mark.parametrize(
    ("column", "kind", "file"),
    [
        ("image_file_name", IMAGES, "a.png"),
        ("audio_file_name", AUDIO, "a.wav"),
        ("clip_file_name", AUDIO, "a.wav"),
        ("File_Name", IMAGES, "a.png"),
    ],
)
def test_names_of_the_column_of_files(tmp_path, column, kind, file):
    make(tmp_path, file)
    write(tmp_path, "metadata.csv", ("label", column), ("x", file))
    assert list_files(tmp_path, kind).labels == ("x",)


def test_of_several_columns_of_files_that_of_the_kind_is_read(tmp_path):
    make(tmp_path, "a.png")
    write(tmp_path, "metadata.csv", ("label", "mask_file_name", "image_file_name"), ("x", "m.png", "a.png"))
    assert list_files(tmp_path, IMAGES).names == ("a.png",)
    write(tmp_path, "metadata.csv", ("label", "mask_file_name", "scan_file_name"), ("x", "m.png", "a.png"))
    with pytest.raises(
        DataError, match=r"several columns \(mask_file_name, scan_file_name\), and none of them says image"
    ):
        list_files(tmp_path, IMAGES)


# --- a table in each folder


def test_a_table_in_every_folder_names_files_beside_it(tmp_path):
    make(tmp_path, "train/0.png", "train/deep/1.png", "test/0.png")
    write(tmp_path, "train/metadata.csv", ("file_name", "label"), ("0.png", "joy"), ("deep/1.png", "fear"))
    write(tmp_path, "test/metadata.jsonl", {"file_name": "0.png", "label": "fear"})
    listing = list_files(tmp_path, IMAGES)
    assert listing.names == ("test/0.png", "train/0.png", "train/deep/1.png")
    assert listing.labels == ("fear", "joy", "fear")
    assert listing.notes == (
        "test/metadata.jsonl and 1 more: the label is column 'label'.",
        "The folders test and train are taken for the sides of a split.",
    )
    assert listing.split == ("test", "train", "train")


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((("file_name", "label"), ("a.png", "x")), "fear/b.png has none above it"),
        ((("file_name", "text"), ("a.png", "x")), "fear/b.png has none above it"),
    ],
)
def test_tables_that_do_not_cover_all_folders_are_left_out_with_a_note(tmp_path, rows, why):
    make(tmp_path, "joy/a.png", "fear/b.png")
    write(tmp_path, "joy/metadata.csv", *rows)
    listing = list_files(tmp_path, IMAGES)
    assert (listing.names, listing.labels) == (("fear/b.png", "joy/a.png"), ("fear", "joy"))
    assert listing.notes == (f"joy/metadata.csv is left out: {why}.",)


@pytest.mark.parametrize("column", ["text", "label"])
def test_tables_without_labels_in_some_class_folder_are_left_out_with_a_note(tmp_path, column):
    make(tmp_path, "joy/a.png", "joy/c.png", "fear/b.png")
    write(tmp_path, "joy/metadata.csv", ("file_name", "intensity"), ("../a.png", "never read"))
    write(tmp_path, "fear/metadata.csv", ("file_name", column), ("b.png", "x"))
    listing = list_files(tmp_path, IMAGES)
    assert listing.labels == ("fear", "joy", "joy")
    (note,) = listing.notes
    assert note.endswith("are left out: no column of files and one of labels is in each.")


# --- class folders beside a table without labels


def test_class_folders_beside_a_table_without_labels_are_used_with_a_note(tmp_path):
    make(tmp_path, "7/a.wav", "8/b.wav", "8/c.wav", "d.wav")
    rows = ("8/b.wav", "8", "low", "test"), ("7/a.wav", "7", "", "train"), ("9/gone.wav", "9", "1", "test")
    write(tmp_path, "labels.csv", ("file", "digit", "intensity", "part"), *rows)
    listing = list_files(tmp_path, AUDIO, Columns(split="part=test"))
    assert (listing.names, listing.labels) == (("7/a.wav", "8/b.wav", "8/c.wav"), ("7", "8", "8"))
    assert (listing.intensities, listing.split) == ((1.0, 0.25, 1.0), ("train", "test", ""))
    assert listing.notes[1:] == (
        "labels.csv has no column 'emotion' or 'label' or 'class'; its columns are file, digit, intensity, part: labels are "
        "the names of the class folders (--set data.label=NAME names one of these).",
        "1 file is named in labels.csv and missing: 9/gone.wav.",
        "1 file is beside the class folders and left out: d.wav.",
    )
    assert listing.notes[0].startswith("Intensities are words: 'low' is 0.25.")
    with pytest.raises(DataError, match=r"no column 'mood'; its columns are .*, part\. Name one of these"):
        list_files(tmp_path, AUDIO, Columns(label="mood"))
    without = list_files(tmp_path, AUDIO, Columns(intensity="none"))
    assert (without.intensities, without.split) == ((1.0,) * 3, None)


def test_without_class_folders_a_table_of_labels_must_have_some(tmp_path):
    make(tmp_path, "a.png", "b.png")
    write(tmp_path, "labels.csv", ("file", "mood"), ("a.png", "x"))
    with pytest.raises(DataError) as raised:
        list_files(tmp_path, IMAGES)
    assert str(raised.value) == (
        f"{tmp_path / 'labels.csv'} has no column 'emotion' or 'label' or 'class'; its columns are file, mood. Name one of "
        "these (--set data.label=NAME), or leave labels out (--set data.label=none)."
    )
    assert list_files(tmp_path, IMAGES, "mood").labels == ("x",)
    listing = list_files(tmp_path, IMAGES, "none")
    assert (listing.names, listing.labels) == (("a.png",), None)


def test_a_single_folder_beside_a_table_is_no_label(tmp_path):
    make(tmp_path, "clips/a.wav", "clips/b.wav", "clips/c.wav")
    rows = ("clips/a.wav", "x", "0.5", "1"), ("clips/b.wav", "y", "0.25", "5")
    write(tmp_path, "labels.csv", ("file", "mood", "intensity", "fold"), *rows)
    said = r"mood, intensity, fold, and the folder clips is no label\. Name one of these \(--set data\.label=NAME\)"
    with pytest.raises(DataError, match=said):
        list_files(tmp_path, AUDIO)
    assert list_files(tmp_path, AUDIO, "mood").labels == ("x", "y")
    (tmp_path / "labels.csv").rename(tmp_path / "metadata.csv")
    listing = list_files(tmp_path, AUDIO, Columns(split="fold=5"))
    assert (listing.names, listing.labels) == (("clips/a.wav", "clips/b.wav", "clips/c.wav"), None)
    assert (listing.intensities, listing.split) == ((0.5, 0.25, 1.0), ("1", "5", ""))
    assert "(--set data.label=NAME names one of these), and the folder clips is no label." in listing.notes[0]


def test_metadata_without_labels_leaves_flat_files_without(tmp_path):
    make(tmp_path, "a.png", "b.png")
    write(tmp_path, "metadata.jsonl", {"file_name": "a.png", "text": "a face"})
    listing = list_files(tmp_path, IMAGES)
    assert (listing.names, listing.labels) == (("a.png", "b.png"), None)
    assert listing.notes == (
        "metadata.jsonl has no column 'emotion' or 'label' or 'class'; its columns are file_name, text: there are no labels "
        "(--set data.label=NAME names one of these).",
    )


# --- labels that are not used, and columns without a table


def test_labels_that_are_not_used(tmp_path):
    make(tmp_path, "joy/a.png", "b.png", "empty/.hidden")
    listing = list_files(tmp_path, IMAGES, Columns(label="none"))
    assert (listing.names, listing.labels) == (("b.png", "joy/a.png"), None)
    write(tmp_path, "labels.csv", ("file", "label", "part"), ("joy/a.png", "x", "test"))
    listing = list_files(tmp_path, IMAGES, Columns(label="none", split="part=test"))
    assert (listing.names, listing.labels, listing.split) == (("joy/a.png",), None, ("test",))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            Columns(label="mood"),
            r"The label is to be in a column 'mood', but .* has no labels\.csv or other such table; add",
        ),
        (
            Columns(intensity="x"),
            r"The intensity is to be in a column 'x', but .*, or leave out --set data\.intensity=x\.",
        ),
    ],
)
def test_a_column_that_is_asked_for_needs_a_table(tmp_path, columns, message):
    with pytest.raises(DataError, match=message):
        list_files(make(tmp_path, "joy/a.png"), IMAGES, columns)


# --- rows


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"file_name": 3, "label": "x"}], r"metadata\.jsonl, line 1: 3 is not a path inside the folder"),
        (
            [{"file_name": "a.png", "label": [0.5]}],
            r"line 1: the label of a\.png is \[0\.5\]; it must be text, a whole number or a list",
        ),
        (
            [{"file_name": "a.png", "label": 0.5}],
            r"line 1: the label of a\.png is 0\.5; it must be text, a whole",
        ),
        (
            [{"file_name": "a.png"}, {"file_name": "b.png", "label": "x"}],
            r"line 1: a\.png has no label; give it one",
        ),
        (
            [{"file_name": "a.png", "label": "x", "intensity": "fierce"}],
            r"line 1: the intensity is 'fierce', and it",
        ),
        ([{"file_name": "a.png", "label": "\ud83d"}], r"line 1: it holds half a surrogate pair"),
    ],
)
def test_rows_that_cannot_be_used_are_refused_with_their_place(tmp_path, rows, message):
    with pytest.raises(DataError, match=message):
        list_files(write(make(tmp_path, "a.png", "b.png"), "metadata.jsonl", *rows), IMAGES)


def test_labels_may_be_whole_numbers_and_later_objects_may_have_them_first(tmp_path):
    make(tmp_path, "a.png", "b.png")
    write(tmp_path, "metadata.jsonl", {"file_name": "a.png", "Label": 3}, {"Label": 4, "file_name": "b.png"})
    assert list_files(tmp_path, IMAGES).labels == ("3", "4")


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl", "labels.parquet"])
def test_whole_numbers_are_the_same_in_every_table(tmp_path, name):
    make(tmp_path, "a.png", "b.png")
    rows = [
        {"file": "a.png", "label": 1.0, "intensity": 1.0},
        {"file": "b.png", "label": 0.0, "intensity": 2.0},
    ]
    cells = [("file", "label", "intensity"), *(tuple(map(str, row.values())) for row in rows)]
    write(tmp_path, name, *(cells if name.endswith(".csv") else rows))
    listing = list_files(tmp_path, IMAGES, Columns(intensity_values={"1": 0.5, "2": 1}))
    assert (listing.labels, listing.intensities) == (("1", "0"), (0.5, 1.0))


def test_blank_rows_and_long_cells_are_no_rows_of_their_own(tmp_path):
    make(tmp_path, "a.png")
    long = "x" * 200_000
    write(
        tmp_path,
        "labels.csv",
        ("file", "label", "caption"),
        ("a.png", "x", long),
        ("", "", ""),
        (" ", "", ""),
    )
    assert list_files(tmp_path, IMAGES).labels == ("x",)
    (tmp_path / "labels.csv").write_text('file,label\na.png, "x"\nb.png,"y\nc.png,z\n')
    with pytest.raises(DataError, match=r"quotation mark opens in the row of line 3 and never closes"):
        list_files(tmp_path, IMAGES)


def test_a_label_that_swallows_rows_is_refused_and_semicolons_are_read(tmp_path):
    make(tmp_path, "a.png", "b.png", "c.png")
    (tmp_path / "labels.csv").write_text('file,label\na.png,"x\nb.png,x"\nc.png,y\n')
    with pytest.raises(
        DataError, match=r"labels\.csv, line 2: a cell of it runs over 2 lines; close the quotation"
    ):
        list_files(tmp_path, IMAGES)
    (tmp_path / "labels.csv").write_text("File;Label\na.png;x\nb.png;x\nc.png;y\n;\n")
    listing = list_files(tmp_path, IMAGES)
    assert listing.labels == ("x", "x", "y")
    assert "labels.csv: semicolons stand between its cells." in listing.notes
