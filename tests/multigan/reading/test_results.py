"""Runs and reports that lie among the data are no data: a run whose data are the folder it began in can go on, and again."""

import numpy as np
import pytest

from multigan.errors import DataError
from multigan.reading.columns import TextColumns
from multigan.reading.listing import IMAGES, list_files
from multigan.reading.packed import packed_files
from multigan.reading.results import of_multigan
from multigan.reading.text import read_texts
from multigan.reading.video import list_clips
from tests.worlds.pictures import fill


def mark(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("{}")


def run(folder):
    """What a run leaves there."""
    mark(folder, ".lock", ".multigan.json", "recipe.yaml", "run.json", "report.json")
    fill(folder / "samples", ["a"], 2)
    (folder / "previews").mkdir()
    fill(folder, ["previews"], 1)


def test_runs_and_reports_among_class_folders_are_passed_over(tmp_path):
    fill(tmp_path, ["joy", "fear"], 3)
    before = list_files(tmp_path, IMAGES)
    run(tmp_path / "runs" / "gan-2014")
    run(tmp_path / "runs" / "gan-2014-2")
    mark(tmp_path / "runs" / "family", "family.json", "family.yaml")
    run(tmp_path / "runs" / "family" / "dcgan-seed-0")
    mark(tmp_path / "evaluation", ".multigan.json", "report.html", "report.json")
    after = list_files(tmp_path, IMAGES)
    assert (after.names, after.labels) == (before.names, before.labels)
    assert after.notes == (
        *before.notes,
        "Passed over, as results of multigan and no data: evaluation, runs.",
    )


def test_a_flat_folder_stays_flat(tmp_path):
    fill(tmp_path / "x", ["joy"], 3)
    flat = tmp_path / "x" / "joy"
    run(flat / "runs" / "a")
    listing = list_files(flat, IMAGES)
    assert (len(listing.names), listing.labels) == (3, None)


def test_a_folder_of_multigan_that_is_asked_for_is_read(tmp_path):
    run(tmp_path / "a")
    assert len(list_files(tmp_path / "a" / "samples", IMAGES).names) == 2
    assert list_files(tmp_path / "a", IMAGES).names  # a person's own choice
    sentence = (
        "No image in .*; found only a, and results of multigan are passed over: give the folder samples of"
    )
    with pytest.raises(DataError, match=sentence):
        list_files(tmp_path, IMAGES)


def test_samples_that_were_written_among_class_folders_are_data(tmp_path):
    fill(tmp_path, ["joy", "fear"], 3)
    mark(tmp_path / "joy", ".multigan.json")
    assert not of_multigan(tmp_path / "joy")
    assert len(list_files(tmp_path, IMAGES).names) == 6


def test_a_persons_own_files_beside_runs_are_seen(tmp_path):
    fill(tmp_path, ["joy", "fear"], 3)
    run(tmp_path / "joy" / "a")
    assert not of_multigan(tmp_path / "joy")
    listing = list_files(tmp_path, IMAGES)
    assert sorted(listing.labels) == ["fear"] * 3 + ["joy"] * 3
    assert "joy/a" in listing.notes[-1]


def test_arrays_texts_and_clips_beside_runs_are_read_as_without(tmp_path):
    np.savez(tmp_path / "set.npz", np.zeros((4, 8, 8), np.uint8))
    run(tmp_path / "runs" / "a")
    assert packed_files(tmp_path) == [tmp_path / "set.npz"]
    for label in ("joy", "fear"):
        (tmp_path / "texts" / label).mkdir(parents=True)
        (tmp_path / "texts" / label / "1.txt").write_text("so it is")
    run(tmp_path / "texts" / "runs" / "a")
    (tmp_path / "texts" / "runs" / "a" / "samples" / "1.txt").write_text("made")
    texts = read_texts(tmp_path / "texts", TextColumns())
    assert texts.texts == ("so it is", "so it is")
    fill(tmp_path / "clips" / "joy", ["1", "2"], 3)
    run(tmp_path / "clips" / "runs" / "a")
    (tmp_path / "clips" / "runs" / "a" / "preview.gif").write_bytes(b"GIF89a")
    assert [files[0] for files in list_clips(tmp_path / "clips").files] == ["1/00.png", "2/00.png"]
