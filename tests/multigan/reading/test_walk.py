"""Files below a folder: links inside it and out of it, rings of links, and what is passed over."""

import os

import pytest

from multigan.errors import ConfigError, DataError
from multigan.reading.columns import ColumnFlags, Columns, TextColumns, column_flags
from multigan.reading.listing import AUDIO, IMAGES, list_files
from multigan.reading.text import read_texts

FOLLOW = Columns(links="follow")


def make(folder, *names, content="?"):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def test_linked_folders_inside_are_followed(tmp_path):
    make(tmp_path, "joy/a.png", "fear/b.png", "joy/.pool/c.png")
    os.symlink("../joy/.pool", tmp_path / "fear/more")
    os.symlink("joy/.pool", tmp_path / "calm")
    listing = list_files(tmp_path, IMAGES)
    assert listing.names == ("calm/c.png", "fear/b.png", "joy/a.png")
    assert listing.notes == (
        "1 link is passed over, to a folder above or one that another link leads to: fear/more.",
    )


def test_hidden_folders_of_data_are_told(tmp_path):
    make(tmp_path, "joy/a.png", "fear/b.png", ".sad/c.png", "joy/.checkpoints/a.png", ".git/config", ".d.png")
    listing = list_files(tmp_path, IMAGES)
    assert listing.labels == ("fear", "joy")
    assert listing.notes == (
        "Passed over, as folders whose names begin with a dot are hidden ones: .sad, joy/.checkpoints. Rename what is data.",
    )
    (tmp_path / ".sad").rename(tmp_path / "sad")
    assert list_files(tmp_path, IMAGES).labels == ("fear", "joy", "sad")


def test_rings_of_links_end(tmp_path):
    make(tmp_path, "joy/a.png", "fear/b.png")
    os.symlink("..", tmp_path / "joy/up")
    os.symlink("../joy", tmp_path / "fear/joy")
    os.symlink("../fear", tmp_path / "joy/fear")
    listing = list_files(tmp_path, IMAGES)
    assert {name for name in listing.names if name.count("/") == 1} == {"fear/b.png", "joy/a.png"}
    assert len(listing.names) < 8


@pytest.mark.parametrize("name", ["joy", "fear/more", "fear/c.png"])
def test_links_that_lead_out_are_refused_with_what_allows_them(tmp_path, name):
    outside, inside = make(tmp_path / "other", "a.png"), make(tmp_path / "data", "fear/b.png")
    target = outside / "a.png" if name.endswith(".png") else outside
    os.symlink(target, inside / name)
    with pytest.raises(DataError) as raised:
        list_files(inside, IMAGES)
    assert str(raised.value) == (
        f"{inside / name} is a link that leads out of {inside}, to {target}. If that is meant, say so with "
        "--set data.links=follow; or put the files themselves there."
    )
    with pytest.raises(DataError, match=r"say so with --links follow; or put"):
        list_files(inside, IMAGES, ColumnFlags())
    expected = name if name.endswith(".png") else f"{name}/a.png"
    assert expected in list_files(inside, IMAGES, FOLLOW).names


def test_rows_of_a_table_go_through_no_link_that_leads_out(tmp_path):
    make(tmp_path / "other", "a.dat"), make(tmp_path / "data", "b.png")
    os.symlink(tmp_path / "other/a.dat", tmp_path / "data/a.txt")
    (tmp_path / "data/labels.csv").write_text("file,label\na.txt,x\nb.png,y\n")
    with pytest.raises(DataError, match="is a link that leads out of"):
        list_files(tmp_path / "data", IMAGES)
    assert list_files(tmp_path / "data", IMAGES, FOLLOW).names == ("a.txt", "b.png")


def test_links_that_lead_nowhere_and_those_to_other_files_matter_not(tmp_path):
    make(tmp_path / "other", "notes.txt"), make(tmp_path / "data", "a.png")
    os.symlink(tmp_path / "other/notes.txt", tmp_path / "data/notes.txt")
    os.symlink(tmp_path / "gone.png", tmp_path / "data/b.png")
    assert list_files(tmp_path / "data", IMAGES).names == ("a.png", "b.png")  # reading it says what is wrong


def test_texts_follow_the_same_links(tmp_path):
    make(tmp_path / "other", "a.txt", content="one\n"), make(tmp_path / "data", "b.txt", content="two\n")
    os.symlink(tmp_path / "other/a.txt", tmp_path / "data/a.txt")
    with pytest.raises(DataError, match=r"say so with --set data\.links=follow"):
        read_texts(tmp_path / "data")
    assert read_texts(tmp_path / "data", TextColumns(links="follow")).texts == ("one", "two")
    os.symlink(tmp_path / "data", tmp_path / "named")
    os.remove(tmp_path / "data/a.txt")
    assert read_texts(tmp_path / "named").texts == ("two",)  # what is asked for itself may be a link


def test_flags_say_which_links():
    assert column_flags().links == column_flags(links="inside").links == "inside"
    assert column_flags(links="follow", label="x") == ColumnFlags(links="follow", label="x")
    with pytest.raises(ConfigError, match="links is inside or follow, found 'all'"):
        column_flags(links="all")


# --- what is passed over


def test_files_that_are_not_read_are_counted_by_suffix(tmp_path):
    make(
        tmp_path,
        "joy/a.wav",
        "joy/b.m4a",
        "joy/c.M4A",
        "fear/a.aiff",
        "fear/b.wma",
        "fear/README",
        "fear/notes",
    )
    (tmp_path / "readme.md").write_text("?")
    listing = list_files(tmp_path, AUDIO)
    assert listing.names == ("fear/a.aiff", "joy/a.wav")
    assert listing.notes == (
        f"Passed over, as no audio files that are read ({AUDIO.formats}): 2 .m4a, 1 without a suffix, 1 .wma.",
    )


@pytest.mark.parametrize(("kind", "suffix"), [(IMAGES, ".png"), (IMAGES, ".JPG"), (AUDIO, ".wav")])
def test_a_suffix_of_data_makes_data_of_any_name(tmp_path, kind, suffix):
    names = tuple(f"joy/{stem}{suffix}" for stem in ("LICENCE", "license", "readme"))
    make(tmp_path, *names, "joy/readme.md", "joy/README", "joy/license.xyz")
    listing = list_files(tmp_path, kind)
    assert listing.names == names
    assert [note.rpartition(": ")[2] for note in listing.notes] == ["1 .xyz."]


def test_what_a_table_names_is_not_passed_over(tmp_path):
    make(tmp_path, "a.wav", "b.m4a")
    (tmp_path / "labels.csv").write_text("file,label\na.wav,x\nb.m4a,x\n")
    listing = list_files(tmp_path, AUDIO)
    assert (listing.names, listing.notes) == (("a.wav", "b.m4a"), ())  # reading it says why it cannot be used


def test_images_and_texts_say_it_too(tmp_path):
    make(tmp_path, "a.png", "a.txt", "b.txt", "c.json", content="one\n")
    assert list_files(tmp_path, IMAGES).notes == (
        f"Passed over, as no images that are read ({IMAGES.formats}): 2 .txt, 1 .json.",
    )
    (note,) = read_texts(tmp_path).notes
    assert note.endswith("): 1 .json, 1 .png.")


def test_a_class_folder_says_what_it_holds_instead(tmp_path):
    make(tmp_path, "joy/a.wav", "fear/a.m4a", "fear/b.m4a")
    with pytest.raises(DataError, match=r"fear holds no audio file \(it holds 2 \.m4a\): looked for"):
        list_files(tmp_path, AUDIO)
