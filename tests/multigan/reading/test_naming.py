"""Names that a table writes otherwise than the disk: matched where one file can be meant, said otherwise."""

import unicodedata

import pytest

from multigan.errors import DataError
from multigan.reading.listing import IMAGES, list_files
from multigan.reading.naming import names_on_disk


@pytest.mark.parametrize(
    ("row", "file"),
    [
        ("sub\\a.png", "sub/a.png"),
        (".\\a.png", "a.png"),
        ("A.PNG", "a.png"),
        ("a", "a.png"),
        ("a.jpg", "a.png"),
        ("caf\u00e9.png", unicodedata.normalize("NFD", "caf\u00e9.png")),
        (unicodedata.normalize("NFD", "caf\u00e9.png"), "caf\u00e9.png"),
        ("Sub\\Caf\u00e9", unicodedata.normalize("NFD", "sub/CAF\u00c9.webp")),
    ],
)
def test_what_one_file_can_be_meant_by_is_matched_with_a_note(row, file):
    meant, notes = names_on_disk([row, "b.png"], [file, "b.png", "c.png"], "labels.csv")
    assert meant == {row: file}
    assert notes == [f"1 file is named otherwise in labels.csv than on the disk: {row} is {file}."]


def test_what_several_may_be_meant_by_is_said_and_not_matched():
    meant, notes = names_on_disk(["a", "b.jpg", "B.gif"], ["a.png", "a.jpg", "b.png"], "labels.csv")
    assert meant == {}
    assert notes == [
        "3 names in labels.csv may mean another file or several, and were not matched: a (a.jpg or a.png), b.jpg (b.png), "
        "B.gif (b.png)."
    ]


def test_the_nearest_name_wins_and_files_of_other_rows_are_theirs():
    meant, _ = names_on_disk(["A.png", "a.jpg"], ["a.png", "a.jpg"], "labels.csv")
    assert meant == {"A.png": "a.png"}
    assert names_on_disk(["a.png", "a"], ["a.png"], "labels.csv") == ({}, [])


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"?")
    return folder


def test_a_folder_is_read_by_a_table_of_another_system(tmp_path):
    make(tmp_path, "sub/000.png", "sub/001.png", "other.png")
    (tmp_path / "labels.csv").write_text("file,label\nsub\\000.png,x\nSUB\\001.PNG,y\n")
    listing = list_files(tmp_path, IMAGES)
    assert (listing.names, listing.labels) == (("sub/000.png", "sub/001.png"), ("x", "y"))
    assert listing.notes[0].startswith(
        "2 files are named otherwise in labels.csv than on the disk: sub\\000.png is sub/000."
    )


def test_names_with_a_space_at_an_end_are_read_back(tmp_path):
    make(tmp_path, "joy .png", " fear.png", "a.png ")
    (tmp_path / "labels.csv").write_text('file,label\njoy .png,joy\n" fear.png",fear\n"a.png ",x\n')
    listing = list_files(tmp_path, IMAGES)
    assert (listing.names, listing.notes) == ((" fear.png", "a.png ", "joy .png"), ())
    make(tmp_path / "b", "a.png")
    (tmp_path / "b/labels.csv").write_text('file,label\n" a.png ",joy\n')
    assert list_files(tmp_path / "b", IMAGES).names == ("a.png",)
    make(tmp_path / "c", "joy /a.png", "fear/b.png")
    assert list_files(tmp_path / "c", IMAGES).classes == (
        "joy",
        "fear",
    )  # as a table that was written of them says


def test_what_is_there_is_said_where_nothing_fits(tmp_path):
    make(tmp_path, "000.png", "001.png")
    (tmp_path / "labels.csv").write_text("file,label\nsub/000.png,x\n")
    with pytest.raises(
        DataError, match=r"looked for sub/000\.png, and found 000\.png, 001\.png\. The file column"
    ):
        list_files(tmp_path, IMAGES)
