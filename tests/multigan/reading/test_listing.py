"""Which images a folder holds, and their labels; every error in a folder or a labels.csv."""

import os

import pytest
from PIL import Image

from multigan.errors import DataError
from multigan.reading.files import named
from multigan.reading.listing import IMAGES, Kind, list_files


def list_images(folder, labels_column=None):
    return list_files(folder, IMAGES, labels_column)


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"?")
    return folder


def table(folder, text, encoding="utf-8"):
    (folder / "labels.csv").write_text(text, encoding=encoding)
    return folder


def test_class_folders_are_read_recursively_in_the_order_of_names(tmp_path):
    listing = list_images(make(tmp_path, "joy/b.png", "joy/more/a.png", "anger/c.png", "zeal/d.png"))
    assert listing.names == ("anger/c.png", "joy/b.png", "joy/more/a.png", "zeal/d.png")
    assert listing.labels == ("anger", "joy", "joy", "zeal")
    assert listing.intensities == (1.0,) * 4
    assert listing.classes == ("joy", "anger", "zeal")  # the vocabulary's order, then the others
    assert listing.notes == ()


def test_flat_images_have_no_labels(tmp_path):
    listing = list_images(make(tmp_path, "b.png", "a.jpg"))
    assert (listing.names, listing.labels, listing.classes) == (("a.jpg", "b.png"), None, ())


def test_hidden_files_and_texts_are_not_images(tmp_path):
    texts = ("README", "LICENSE", "x.txt", "x.csv", "x.MD", "x.json", "licenses/mit.txt")
    listing = list_images(make(tmp_path, "a.png", ".DS_Store", ".git/c.png", "._a.png", *texts))
    assert listing.names == ("a.png",)


@pytest.mark.parametrize(
    ("kind", "suffix"), [("PNG", ""), ("JPEG", ".bin"), ("WEBP", ".dat"), ("TIFF", ".x"), ("PPM", ".y")]
)
def test_where_a_name_does_not_tell_the_first_bytes_do(tmp_path, kind, suffix):
    make(tmp_path, "a.ogg", "a.svg", "a.dat", "a")
    Image.new("RGB", (4, 4)).save(tmp_path / f"picture{suffix}", kind)
    listing = list_images(tmp_path)
    assert listing.names == (f"picture{suffix}",)
    assert listing.notes[0].endswith("): 1 without a suffix, 1 .dat, 1 .ogg, 1 .svg.")


def test_files_beside_class_folders_are_named(tmp_path):
    listing = list_images(make(tmp_path, "joy/a.png", "b.png", "c.png"))
    assert listing.names == ("joy/a.png",)
    assert listing.notes == ("2 files are beside the class folders and left out: b.png, c.png.",)


def test_a_table_wins_over_class_folders(tmp_path):
    make(tmp_path, "joy/a.png", "joy/b.png", "c.png")
    text = "file,emotion,intensity\njoy/b.png,fear,0.25\njoy/a.png,calm,\n"
    listing = list_images(table(tmp_path, text))
    assert listing.names == ("joy/a.png", "joy/b.png")
    assert listing.labels == ("calm", "fear")
    assert listing.intensities == (1.0, 0.25)
    assert listing.notes == ("1 file is not in labels.csv and left out: c.png.",)


@pytest.mark.parametrize(
    ("header", "asked", "label"),
    [
        ("class,label,file", None, "two"),
        ("class,other,file", None, "one"),
        ("emotion,label,file", "label", "two"),
        ("x,mood,file", "mood", "two"),
    ],
)
def test_which_column_holds_the_label(tmp_path, header, asked, label):
    listing = list_images(table(make(tmp_path, "a.png"), f"{header}\none,two,a.png\n"), asked)
    assert listing.labels == (label,)


def test_a_table_with_a_byte_order_mark_and_other_scripts(tmp_path):
    text = "file,emotion\r\n\u00fc.png,\u5e78\r\n"
    listing = list_images(table(make(tmp_path, "\u00fc.png"), text, "utf-8-sig"))
    assert (listing.names, listing.labels) == (("\u00fc.png",), ("\u5e78",))


def test_rows_whose_file_is_missing_are_named(tmp_path):
    rows = "".join(f"gone{i}.png,joy\n" for i in range(7))
    listing = list_images(table(make(tmp_path, "a.png"), f"file,emotion\n{rows}a.png,joy\n"))
    assert listing.names == ("a.png",)
    first = "gone0.png, gone1.png, gone2.png, gone3.png, gone4.png and 2 more"
    assert listing.notes == (f"7 files are named in labels.csv and missing: {first}.",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "name,emotion\na.png,joy\n",
            r"has no column 'file' or 'file_name' or 'filename' or 'path'; its columns are name, emotion\.",
        ),
        ("", r"has no column 'file' or 'file_name' or 'filename' or 'path'; its columns are none\."),
        ("file,mood\na.png,joy\n", r"no column 'emotion' or 'label' or 'class'; .* are file, mood\."),
        ("file,emotion\n", r"No file that .*labels.csv names is there: looked for a row, and found a\.png\."),
        (
            "file,emotion\nb.png,joy\n",
            r"No file that .*labels.csv names is there: looked for b.png, and found a\.png\.",
        ),
        ("file,emotion\na.png,joy\nb.png,fear\n", r"No file of the class 'fear' .* looked for b.png\. Add"),
        (
            "file,emotion\na.png\n",
            r"line 2: it has 1 cell, and the row of names has 2; mend or remove the row\.",
        ),
        ("file,emotion\na.png,\n", r"line 2: a.png has no emotion; give it one or remove the row\."),
        ("file,emotion\n,joy\n", r"line 2: '' is not a path inside the folder"),
        ("file,emotion\n../a.png,joy\n", r"line 2: '../a.png' is not a path inside the folder"),
        ("file,emotion\n..\\a.png,joy\n", r"line 2: '\.\.\\\\a\.png' is not a path inside the folder"),
        ("file,emotion\n\\a.png,joy\n", r"line 2: '\\\\a\.png' is not a path inside the folder"),
        ("file,emotion\n/a.png,joy\n", r"line 2: '/a.png' is not a path inside the folder"),
        (
            "file,emotion,intensity\na.png,joy,1.2\n",
            r"line 2: the intensity is '1.2', and it must be a number from 0 to 1 or",
        ),
        ("file,emotion,intensity\na.png,joy,nan\n", r"line 2: the intensity is 'nan'"),
        ("file,emotion,intensity\na.png,joy,fierce\n", r"line 2: the intensity is 'fierce'"),
        (
            "file,emotion\na.png,joy\na.png,fear\n",
            r"line 3: a.png is \('fear', 1.0\) here and \('joy', 1.0\)",
        ),
    ],
)
def test_errors_of_a_table(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        list_images(table(make(tmp_path, "a.png"), text))


def test_a_column_that_was_asked_for_must_be_there(tmp_path):
    with pytest.raises(
        DataError, match=r"has no column 'mood'; its columns are file, emotion\. Name one of these"
    ):
        list_images(table(make(tmp_path, "a.png"), "file,emotion\na.png,joy\n"), "mood")
    (tmp_path / "labels.csv").unlink()
    with pytest.raises(DataError, match=r"label is to be in a column 'mood', but .* has no labels.csv or"):
        list_images(tmp_path, "mood")


def test_a_table_in_another_encoding(tmp_path):
    with pytest.raises(
        DataError,
        match=r"labels.csv, line 2: it is not UTF-8: byte 0xFC after 0 char.*; save the table as UTF-8",
    ):
        list_images(table(make(tmp_path, "a.png"), "file,emotion\na.png,\u00fc\n", "latin-1"))


def test_no_folder_a_file_and_an_empty_folder(tmp_path):
    with pytest.raises(DataError, match=r"^There is no folder .*gone; give a folder that holds PNG, JPEG"):
        list_images(tmp_path / "gone")
    make(tmp_path, "a.png")
    with pytest.raises(DataError, match=r"a.png is a file; give a folder"):
        list_images(tmp_path / "a.png")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"No image in .*empty: looked for PNG.*; found nothing\."):
        list_images(tmp_path / "empty")
    make(tmp_path, "empty/README.md", "empty/.hidden.png")
    with pytest.raises(DataError, match=r"No image in .*; found only .hidden.png, README.md\."):
        list_images(tmp_path / "empty")


def test_a_class_folder_without_an_image(tmp_path):
    make(tmp_path, "joy/a.png", "fear/notes.txt")
    with pytest.raises(
        DataError,
        match=r"The class folder .*fear holds no image \(it holds 1 \.txt\): .*, found images in joy\.",
    ):
        list_images(tmp_path)
    os.remove(tmp_path / "joy/a.png")
    with pytest.raises(
        DataError, match=r"The class folder .*fear holds no image .*: .* found no image anywhere"
    ):
        list_images(tmp_path)


def test_a_name_that_is_not_utf8_can_be_printed():
    assert named(["a\udcff"]).encode("utf-8") == b"a\\udcff"


def test_a_table_beside_samples_that_are_tables_themselves_is_none_of_them(tmp_path):
    make(tmp_path, "a.csv", "b.CSV")
    table(tmp_path, "file,emotion\na.csv,joy\nb.CSV,calm\n")
    listing = list_files(tmp_path, Kind("palette", "palettes", "CSV", frozenset({".csv"})))
    assert (listing.names, listing.labels, listing.notes) == (("a.csv", "b.CSV"), ("joy", "calm"), ())
