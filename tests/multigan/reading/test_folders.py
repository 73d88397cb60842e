"""What folders mean: around the data, a split, labels, or what cannot be told; labels that name several or look alike."""

import pytest

from multigan.errors import DataError
from multigan.reading.columns import Columns, TextColumns
from multigan.reading.labels import look_alike, several
from multigan.reading.listing import AUDIO, IMAGES, list_files
from multigan.reading.split import split_of
from multigan.reading.text import read_texts


def make(folder, *names, content="?"):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


FER = ("train/joy/a.png", "train/joy/b.png", "train/fear/c.png", "test/joy/d.png", "test/fear/e.png")


def test_train_and_test_above_class_folders_are_a_split(tmp_path):
    listing = list_files(make(tmp_path, *FER), IMAGES)
    assert listing.names == tuple(sorted(FER))
    assert listing.labels == ("fear", "joy", "fear", "joy", "joy")
    assert listing.split == ("test", "test", "train", "train", "train")
    assert listing.notes == ("The folders test and train are taken for the sides of a split.",)
    split, notes = split_of(listing.split, Columns(), 0.1, tmp_path, "image", "images")
    assert split.chosen == (True, True, False, False, False)
    assert notes == (
        "The 2 images in test are held out, and the other 3 are for training (--set data.split=none lets a hash of the "
        "contents choose).",
    )


def test_a_split_of_folders_is_used_only_where_nobody_asks_for_another(tmp_path):
    make(tmp_path, *FER)
    assert list_files(tmp_path, IMAGES, Columns(split="none")).split is None
    assert list_files(tmp_path, IMAGES, Columns(split="fold=5")).split is None
    listing = list_files(tmp_path, IMAGES, Columns(label="none"))
    assert (listing.labels, listing.split) == (None, ("test", "test", "train", "train", "train"))


@pytest.mark.parametrize("split", ["none", "fold=5"])
def test_no_note_says_that_folders_are_sides_where_they_are_not(tmp_path, split):
    note = "The {} are put together, and none of them is held out as a whole."
    make(tmp_path, *FER)
    assert list_files(tmp_path, IMAGES, Columns(split=split)).notes == (
        note.format("folders test and train"),
    )
    make(tmp_path / "texts", "train.txt", "dev.txt", content="one\n")
    assert read_texts(tmp_path / "texts", TextColumns(split=split)).notes == (
        note.format("files dev and train"),
    )


def test_a_class_that_one_side_alone_has_is_refused_with_what_helps(tmp_path):
    make(tmp_path, *FER, "test/calm/f.png")
    digests = [f"{place:x}" * 64 for place in range(6)]

    def held_out(columns):
        listing = list_files(tmp_path, IMAGES, columns)
        split, _ = split_of(listing.split, columns, 0.1, tmp_path, "image", "images")
        return split.contents_held_out(range(6), listing.names, listing.labels, digests, [])

    with pytest.raises(DataError) as raised:
        held_out(Columns())
    assert str(raised.value) == (
        f"The class 'calm' in {tmp_path} has no image for training: all of it has the side test, or a copy that has. Add "
        "others, remove the class, or hold out what a hash of the contents chooses (--set data.split=none)."
    )
    assert held_out(Columns(split="none"))


@pytest.mark.parametrize(
    "names",
    [
        ("Train", "Validation"),
        ("training", "val", "Test"),
        ("train", "dev"),
        ("train_set", "val_set"),
        ("Training", "PublicTest", "PrivateTest"),
    ],
)
def test_names_of_sides(tmp_path, names):
    make(tmp_path, *(f"{side}/{label}/a.png" for side in names for label in ("joy", "fear")))
    listing = list_files(tmp_path, IMAGES)
    assert set(listing.labels or ()) == {"joy", "fear"}
    assert set(listing.split or ()) == set(names)


def test_sides_without_class_folders_have_no_labels(tmp_path):
    listing = list_files(make(tmp_path, "train/a.png", "train/b.png", "test/c.png"), IMAGES)
    assert (listing.labels, listing.split) == (None, ("test", "train", "train"))


def test_sides_of_different_class_folders_are_refused(tmp_path):
    make(tmp_path, "train/joy/a.png", "train/fear/b.png", "test/x/c.png")
    with pytest.raises(
        DataError, match=r"but test holds the folders x and training the folders joy, fear\. Give"
    ):
        list_files(tmp_path, IMAGES)


def test_an_empty_class_folder_of_a_side_is_refused(tmp_path):
    make(tmp_path, *FER, "train/anger/notes.txt")
    with pytest.raises(DataError, match=r"class folder .*train/anger holds no image \(it holds 1 \.txt\)"):
        list_files(tmp_path, IMAGES)


def test_classes_called_test_alone_are_classes(tmp_path):
    listing = list_files(make(tmp_path, "test/a.png", "quiz/b.png"), IMAGES)
    assert (listing.labels, listing.split) == (("quiz", "test"), None)


# --- folders around the data


def test_folders_around_the_data_are_stepped_through(tmp_path):
    make(
        tmp_path,
        "archive/dataset/joy/a.png",
        "archive/dataset/fear/b.png",
        "__MACOSX/archive/x.png",
        "README.md",
    )
    listing = list_files(tmp_path, IMAGES)
    assert (listing.names, listing.labels) == (("fear/b.png", "joy/a.png"), ("fear", "joy"))
    assert listing.folder == tmp_path / "archive/dataset"
    assert listing.notes == (
        "All images are in the folder archive/dataset, and it is read in place of the outer one.",
    )


def test_a_table_or_a_split_within_is_found(tmp_path):
    make(tmp_path / "one", *(f"data/{name}" for name in FER))
    assert list_files(tmp_path / "one", IMAGES).split == ("test", "test", "train", "train", "train")
    make(tmp_path / "two", "data/a.png", "data/b.png")
    (tmp_path / "two/data/labels.csv").write_text("file,label\na.png,x\nb.png,y\n")
    assert list_files(tmp_path / "two", IMAGES).labels == ("x", "y")


def test_a_single_class_folder_is_a_class(tmp_path):
    listing = list_files(make(tmp_path, "joy/a.png", "joy/more/b.png"), IMAGES)
    assert (listing.labels, listing.notes) == (("joy", "joy"), ())
    make(tmp_path, "fear/notes.md")
    with pytest.raises(DataError, match="fear holds no image"):
        list_files(tmp_path, IMAGES)


# --- folders that are no labels


def test_speakers_are_no_labels(tmp_path):
    make(tmp_path, *(f"Actor_{i:02d}/03-01-06-01-02-01-{i:02d}.wav" for i in (1, 2, 3)))
    with pytest.raises(DataError) as raised:
        list_files(tmp_path, AUDIO)
    assert str(raised.value) == (
        "Which folders are labels is not clear: Actor_01, Actor_02, Actor_03 would be, but look like speakers. Names such "
        "as 03-01-06-01-02-01-01 are RAVDESS's, whose third number is the emotion. Say the label of each audio file in a "
        "labels.csv with the columns file and emotion, or use none (--set data.label=none)."
    )
    assert list_files(tmp_path, AUDIO, Columns(label="none")).labels is None
    rows = "".join(f"Actor_0{i}/03-01-06-01-02-01-0{i}.wav,fear\n" for i in (1, 2, 3))
    (tmp_path / "labels.csv").write_text(f"file,emotion\n{rows}")
    assert list_files(tmp_path, AUDIO).labels == ("fear",) * 3


def test_emotions_below_other_folders_are_refused_and_other_folders_noted(tmp_path):
    make(tmp_path / "a", "google/joy/a.png", "google/sad/b.png", "apple/joy/c.png")
    with pytest.raises(DataError, match=r"apple, google would be, but hold folders such as joy, sad\. Say"):
        list_files(tmp_path / "a", IMAGES)
    make(tmp_path / "b", *(f"{top}/{inner}/a.png" for top in ("cat", "dog") for inner in ("left", "right")))
    (note,) = list_files(tmp_path / "b", IMAGES).notes
    assert note.startswith(
        "The labels are the names of the outer folders (cat, dog), each of which holds the folders left"
    )
    make(tmp_path / "c", *(f"{top}/{inner}/a.png" for top in ("joy", "fear") for inner in ("man", "woman")))
    assert list_files(tmp_path / "c", IMAGES).notes == ()


# --- texts


def test_texts_have_the_same_folders(tmp_path):
    names = [name.replace(".png", ".txt") for name in FER]
    make(tmp_path / "a", *(f"data/{name}" for name in names), content="one\ntwo\n")
    table = read_texts(tmp_path / "a")
    assert set(zip(table.labels or (), table.split or (), strict=True)) == {
        (label, side) for label in ("joy", "fear") for side in ("train", "test")
    }
    assert read_texts(tmp_path / "a", TextColumns(split="none")).split is None
    assert read_texts(tmp_path / "a", TextColumns(label="none")).split == table.split
    make(tmp_path / "b", "speaker1/a.txt", "speaker2/a.txt", content="one\n")
    with pytest.raises(DataError, match="but look like speakers"):
        read_texts(tmp_path / "b")
    assert read_texts(tmp_path / "b", TextColumns(label="none")).labels is None


def test_files_of_texts_may_be_the_sides(tmp_path):
    make(tmp_path, "train.csv", "dev.csv", content="text,label\none,x\ntwo,y\n")
    table = read_texts(tmp_path)
    assert table.split == ("dev", "dev", "train", "train")
    assert "The files dev and train are taken for the sides of a split." in table.notes
    make(tmp_path, "more.csv", content="text,label\none,x\n")
    assert read_texts(tmp_path).split is None


# --- labels


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("[0 1]", "[2]", "[]"), (("0", "1"), ("2",), ())),
        (("[0, 1]", "['joy', 'deep sorrow']", '["a"]'), (("0", "1"), ("joy", "deep sorrow"), ("a",))),
        (("a|b", "a"), (("a", "b"), ("a",))),
        (("0,1", "1"), (("0", "1"), ("1",))),
        (("a, b", "a", "b"), (("a", "b"), ("a",), ("b",))),
        (("rock, paper", "a"), (("rock, paper",), ("a",))),
        (("R&B", "a"), (("R&B",), ("a",))),
    ],
)
def test_cells_that_name_several_labels(labels, expected):
    assert tuple(several(labels)) == expected


def test_samples_of_several_labels_are_left_out_with_a_note(tmp_path):
    path = make(tmp_path, "a.csv", content="text,labels\none,[0 1]\ntwo,[1]\nthree,[0]\n") / "a.csv"
    table = read_texts(path, TextColumns(label="labels"))
    assert (table.texts, table.labels) == (("two", "three"), ("1", "0"))
    assert "1 of 3 texts were left out: their labels are of several classes." in table.notes
    make(tmp_path, "a.png", "b.png", "c.png")
    (tmp_path / "labels.csv").write_text("file,label\na.png,x|y\nb.png,x\nc.png,y\n")
    listing = list_files(tmp_path, IMAGES)
    assert (listing.names, listing.labels) == (("b.png", "c.png"), ("x", "y"))
    assert "1 of 3 files were left out: they have several labels, such as 'x|y'." in listing.notes
    (tmp_path / "labels.csv").write_text("file,label\na.png,x|y\nb.png,x|z\n")
    with pytest.raises(
        DataError, match=r"Every file in .* has several labels, such as 'x\|y', and a file needs one"
    ):
        list_files(tmp_path, IMAGES)


def test_lists_of_objects_are_labels_too(tmp_path):
    lines = '{"text": "a", "label": ["x"]}\n{"text": "b", "label": ["x", "deep y"]}\n{"text": "c", "label": ["z"]}\n'
    table = read_texts(make(tmp_path, "a.jsonl", content=lines) / "a.jsonl")
    assert (table.texts, table.labels) == (("a", "c"), ("x", "z"))


def test_labels_that_look_alike_are_noted(tmp_path):
    (note,) = look_alike(
        {"Joy", "joy", "surprise", "surprises", "sadness", "caf\u00e9", "cafe\u0301", "very-low", "very low"}
    )
    assert "'Joy' and 'joy'" in note
    assert "'surprise' and 'surprises'" in note
    assert "'cafe\u0301' and 'caf\u00e9'" in note
    assert "'very low' and 'very-low'" in note
    assert "sadness" not in note
    assert look_alike({"joy", "joyful", "sad", "sadness", "s1", "s11", "c", "c++", "7", "77"}) == []
    listing = list_files(make(tmp_path, "Joy/a.png", "joys/b.png"), IMAGES)
    assert "taken for different ones: 'Joy' and 'joys'" in listing.notes[-1]


def test_labels_that_stand_for_none_are_noted(tmp_path):
    listing = list_files(make(tmp_path, "joy/a.png", "NaN/b.png", "unknown/c.png"), IMAGES)
    assert listing.notes == (
        "Taken for labels: 'NaN', 'unknown'; where that stands for none, remove those rows or files.",
    )
    assert list_files(make(tmp_path / "other", "joy/a.png", "calm/b.png"), IMAGES).notes == ()


def test_columns_that_were_not_taken_are_said(tmp_path):
    path = make(tmp_path, "a.csv", content="text,id,joy,fear\none,7,0,1\ntwo,8,1,0\n") / "a.csv"
    assert read_texts(path).notes[1:] == (
        "The columns joy, fear hold 0 and 1 (or false and true) alone, as those of a label each do, and were not taken: "
        "write the label of each row into one column, such as label.",
        "Columns that were not taken: id; --set data.label=NAME takes one of them for the labels.",
    )
    assert len(read_texts(path, TextColumns(label="none")).notes) == 1
    path = make(tmp_path, "b.csv", content="text,emotion,label,id\none,joy,x,1\n") / "b.csv"
    assert read_texts(path).notes[1:] == (
        "Columns that may hold labels too and were not taken: label (--set data.label=NAME takes another).",
    )
    make(tmp_path, "a.png")
    (tmp_path / "labels.csv").write_text("file,emotion,mood\na.png,joy,x\n")
    assert list_files(tmp_path, IMAGES).notes == (
        "Columns that may hold labels too and were not taken: mood (--set data.label=NAME takes another).",
        f"Passed over, as no images that are read ({IMAGES.formats}): 2 .csv.",
    )
