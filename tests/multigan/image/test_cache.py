"""The cache of image data: what is prepared anew, what is found again, and what a kill or a full disk leaves."""

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multigan.errors import DataError
from multigan.image import data
from multigan.image.data import ImageData, open_images
from multigan.reading import cache, prepare
from multigan.reading.files import cache_root
from tests.worlds.pictures import SMALL, aged, entries, fill, no_decoding, opened, split_of
from tests.worlds.threads import PATIENCE_S

pytestmark = pytest.mark.usefixtures("cache_folder")


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "pictures", ["joy", "fear"], 12)


def test_where_the_cache_is(monkeypatch, tmp_path):
    assert cache_root() == tmp_path / "cache"
    monkeypatch.delenv("MULTIGAN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache_root() == Path("/x/multigan")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_root() == Path.home() / ".cache/multigan"


def test_a_second_start_decodes_nothing(folder, monkeypatch, cache_folder):
    first = opened(folder)
    no_decoding(monkeypatch)
    second = opened(folder)
    assert second.train.digest == first.train.digest
    assert second.train.names == first.train.names
    assert np.array_equal(second.train.images, first.train.images)
    assert np.array_equal(second.train.conditions, first.train.conditions)
    assert len(entries(cache_folder)) == 1


def test_a_second_start_on_settled_files_reads_nothing(folder, monkeypatch):
    aged(folder, monkeypatch)
    first = opened(folder)
    monkeypatch.setattr(prepare, "content_digest", lambda path: pytest.fail("read again"))
    assert opened(folder).train.digest == first.train.digest


def test_files_that_just_changed_are_not_trusted_by_their_time(folder, monkeypatch):
    newest = max(p.stat().st_ctime_ns for p in folder.rglob("*"))
    monkeypatch.setattr(prepare.time, "time_ns", lambda: newest + 10**9)
    opened(folder)
    read = []
    digest = prepare.content_digest
    monkeypatch.setattr(prepare, "content_digest", lambda path: read.append(path) or digest(path))
    opened(folder)
    assert len(read) == 24


def test_a_moved_folder_is_found_again_by_its_content(folder, monkeypatch):
    first = opened(folder)
    no_decoding(monkeypatch)
    assert opened(folder.rename(folder.with_name("elsewhere"))).train.digest == first.train.digest


def test_a_changed_file_is_noticed_even_with_its_old_size_and_time(folder, monkeypatch):
    aged(folder, monkeypatch)
    path = folder / "joy/00.png"
    Image.new("RGB", (16, 16), (1, 2, 3)).save(path, format="BMP")
    first = opened(folder)
    times = path.stat()
    while path.stat().st_ctime_ns == times.st_ctime_ns:  # file systems tell times apart from some step on
        Image.new("RGB", (16, 16), (9, 8, 7)).save(path, format="BMP")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    second = opened(folder)
    assert second.train.digest != first.train.digest
    dataset = second.train if "joy/00.png" in second.train.names else second.held_out
    assert (dataset.images[dataset.names.index("joy/00.png")] == (9, 8, 7)).all()


@pytest.mark.parametrize(
    "change",
    [{"resolution": 32}, {"fit": "crop"}, {"background": "black"}, {"held_out": 0.3}],
    ids=lambda change: next(iter(change)),
)
def test_settings_that_matter_prepare_anew(folder, change):
    first = opened(folder)
    second = opened(folder, ImageData(**{"resolution": 16} | change))
    assert second.train.digest != first.train.digest


def test_labels_and_a_changed_table_prepare_anew(folder):
    first = opened(folder)
    names = sorted(split_of(first))
    for label in ("joy", "calm"):
        (folder / "labels.csv").write_text("file,label\n" + "".join(f"{n},{label}\n" for n in names))
        second = opened(folder)
        assert second.train.labels == (label,)
        assert second.train.digest != first.train.digest


def test_a_run_that_dies_leaves_nothing_that_is_used(folder, monkeypatch, cache_folder):
    write = cache.write

    def dies(*arguments):
        write(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(cache, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        opened(folder)
    assert entries(cache_folder) == []
    monkeypatch.setattr(cache, "write", write)
    opened(folder)
    assert len(entries(cache_folder)) == 1


def test_a_draft_of_a_killed_run_is_not_used_and_goes_after_a_day(folder, cache_folder):
    """And nothing else goes, however old: other hidden folders are somebody's own."""
    draft = cache_folder / f"images/.multigan-{'0a' * 16}.partial"
    others = [
        cache_folder / "images" / name
        for name in (".git", ".multigan", ".multigan-x.partial", f".{'0a' * 16}")
    ]
    for place in (draft, *others):
        place.mkdir(parents=True)
        (place / "table.json").write_text("{")
        os.utime(place, (0, 0))
    os.utime(draft)
    opened(folder)
    assert draft.exists()  # it might belong to a run that still goes on
    os.utime(draft, (0, 0))
    opened(folder, ImageData(resolution=32))
    assert not draft.exists()
    assert all((place / "table.json").exists() for place in others)


def test_a_link_among_the_drafts_goes_and_what_it_leads_to_stays(folder, cache_folder, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("mine")
    link = cache_folder / f"images/.multigan-{'0b' * 16}.partial"
    link.parent.mkdir(parents=True)
    link.symlink_to(precious)
    os.utime(link, (0, 0), follow_symlinks=False)
    opened(folder)
    assert not link.is_symlink()
    assert (precious / "file").read_text() == "mine"


@pytest.mark.parametrize("file", ["samples.npy", "table.json", "sums.json"])
def test_a_single_flipped_bit_in_an_entry_is_noticed(folder, cache_folder, monkeypatch, file):
    """The file has its length and times, and reads as before: only its content tells."""
    aged(folder, monkeypatch)
    first = opened(folder)
    expected, labels = np.array(first.train.images), first.train.labels
    del first
    (entry,) = entries(cache_folder)
    path = cache_folder / "images" / entry / file
    whole, times = path.read_bytes(), path.stat()
    flipped = bytearray(whole)
    flipped[-5] ^= 1
    path.unlink()
    path.write_bytes(flipped)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    again = opened(folder)
    assert np.array_equal(again.train.images, expected)
    assert again.train.labels == labels
    assert path.read_bytes() == whole


@pytest.mark.parametrize("file", ["samples.npy", "table.json"])
@pytest.mark.parametrize("keep", [0, 100])
def test_a_damaged_entry_is_prepared_again(folder, cache_folder, monkeypatch, file, keep):
    aged(folder, monkeypatch)
    first = opened(folder)
    expected = np.array(first.train.images)
    del first
    (entry,) = entries(cache_folder)
    path = cache_folder / "images" / entry / file
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[:keep])
    assert np.array_equal(opened(folder).train.images, expected)
    assert path.read_bytes() == whole


def test_two_runs_at_once(folder, monkeypatch, cache_folder):
    barrier, decoded, results = threading.Barrier(2, timeout=PATIENCE_S), data._decoded, []

    def together(*arguments):
        barrier.wait()
        return decoded(*arguments)

    monkeypatch.setattr(data, "_decoded", together)
    threads = [threading.Thread(target=lambda: results.append(opened(folder))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(results[0].train.images, results[1].train.images)
    assert len(entries(cache_folder)) == 1


def test_a_run_that_is_overtaken_at_the_last_moment_takes_the_other_entry(folder, monkeypatch, cache_folder):
    rename = Path.rename

    def overtaken(draft, target):
        shutil.copytree(draft, target)
        return rename(draft, target)

    monkeypatch.setattr(Path, "rename", overtaken)
    assert len(opened(folder).train) > 0
    assert len(entries(cache_folder)) == 1


def test_a_cache_that_cannot_be_written(folder, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path / "file/cache"))
    with pytest.raises(
        DataError, match=r"Cannot write the cache .*file/cache: .* MULTIGAN_CACHE to a folder"
    ):
        opened(folder)


def test_a_full_disk(folder, monkeypatch, cache_folder):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "write", full)
    with pytest.raises(DataError, match="No space left on device"):
        opened(folder)
    assert entries(cache_folder) == []


def test_progress_counts_to_the_end(folder):
    told = []
    open_images(SMALL, folder, lambda *facts: told.append(facts))
    assert told == [(what, i, 24) for what in ("reading images", "preparing images") for i in range(1, 25)]
