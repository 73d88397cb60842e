"""Features on disk by content: what is computed anew, what is found again, and what harms nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evaluation.features import cache as feature_cache
from evaluation.features import featurise
from evaluation.kinds.image import IMAGE
from evaluation.samples import Samples, digests
from evaluation.sources import from_memory, open_folder
from tests.worlds.pictures import fill, picture
from tests.worlds.projections import PIXELS, Projected, entries, expected, features_of, of_folder

pytestmark = pytest.mark.usefixtures("cache_folder")


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "in", ["joy", "fear"], 10)


@pytest.fixture
def reads(monkeypatch):
    """What is read: the names of files whose content is hashed or decoded."""
    from multigan.reading import image

    seen = []
    for module, name in ((digests, "content_digest"), (image, "read_image")):
        plain = getattr(module, name)
        monkeypatch.setattr(module, name, lambda path, plain=plain: seen.append(path.name) or plain(path))
    return seen


@pytest.fixture
def settled(folder, monkeypatch):
    """Let the files look as if they had changed long ago."""
    newest = max(p.stat().st_ctime_ns for p in folder.rglob("*"))
    monkeypatch.setattr(digests.time, "time_ns", lambda: newest + 10**10)


def test_the_cache_changes_no_bit_and_is_used(folder):
    plain, first = of_folder(folder, cache=False), of_folder(folder)
    again = Projected()
    second = of_folder(folder, again)
    assert (again.prepared, again.forwarded) == (0, 0)
    for found in (first, second):
        assert np.array_equal(found.features["projected"], plain.features["projected"])
        assert np.array_equal(found.rows, plain.rows)


def test_the_second_time_nothing_is_read(folder, settled, reads):
    of_folder(folder)
    assert len(reads) == 40  # each file hashed, then decoded
    reads.clear()
    of_folder(folder)
    assert reads == []


def test_files_that_have_just_changed_are_hashed_again(folder, reads, monkeypatch):
    newest = max(p.stat().st_ctime_ns for p in folder.rglob("*"))
    monkeypatch.setattr(digests.time, "time_ns", lambda: newest + 10**9)
    of_folder(folder)
    reads.clear()
    extractor = Projected()
    of_folder(folder, extractor)
    assert (len(reads), extractor.prepared) == (20, 0)


def test_subsets_and_grown_folders_compute_only_what_is_new(folder):
    of_folder(folder, rows=[3, 1, 7])
    more = Projected()
    found = of_folder(folder, more, rows=[0, 1, 2, 3, 4])
    assert more.prepared == 3
    assert np.array_equal(
        found.features["projected"], of_folder(folder, rows=range(5), cache=False).features["projected"]
    )
    picture(folder / "joy/new.png", 999)
    grown = Projected()
    of_folder(folder, grown)
    assert grown.prepared == 21 - 6


def test_moved_and_copied_files_are_known_by_their_content(folder):
    of_folder(folder)
    moved = folder.rename(folder.with_name("elsewhere"))
    (moved / "joy/copy.png").write_bytes((moved / "fear/03.png").read_bytes())
    extractor = Projected()
    found = of_folder(moved, extractor).features["projected"]
    assert extractor.prepared == 0
    assert np.array_equal(found, of_folder(moved, cache=False).features["projected"])


def test_a_changed_file_is_noticed_even_with_its_old_size_and_time(folder, settled):
    path = folder / "fear/00.png"
    Image.new("RGB", (16, 16), (1, 2, 3)).save(path, format="BMP")
    first, times = of_folder(folder).features["projected"], path.stat()
    while path.stat().st_ctime_ns == times.st_ctime_ns:  # file systems tell times apart from some step on
        Image.new("RGB", (16, 16), (9, 8, 7)).save(path, format="BMP")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    extractor = Projected()
    second = of_folder(folder, extractor).features["projected"]
    assert extractor.prepared == 1
    assert not np.array_equal(second[0], first[0])
    assert np.array_equal(second[1:], first[1:])


def test_a_file_that_changes_while_it_is_read_is_not_kept(folder):
    class Meddles(Projected):
        def forward(self, prepared):
            picture(folder / "fear/00.png", 12345)
            return super().forward(prepared)

    of_folder(folder, Meddles())
    extractor = Projected()
    found = of_folder(folder, extractor).features["projected"]
    assert extractor.prepared == 1
    assert np.array_equal(found, of_folder(folder, cache=False).features["projected"])


@pytest.mark.parametrize("field", ["name", "digest", "preprocessing"])
def test_another_extractor_has_features_of_its_own(folder, field):
    of_folder(folder)
    extractor = Projected()
    setattr(extractor, field, "another")
    of_folder(folder, extractor)
    assert extractor.prepared == 20


def test_samples_without_digests_are_not_cached(cache_folder):
    samples = from_memory(PIXELS, "image")
    plain = Samples(IMAGE, samples.names, samples.read)
    assert np.array_equal(
        features_of(plain, range(40), [Projected()]).features["projected"], expected(PIXELS)
    )
    assert not cache_folder.exists()


@pytest.mark.parametrize("suffix", [".npy", ".json"])
@pytest.mark.parametrize("harm", ["cut", "empty", "flipped", "gone", "other"])
def test_a_damaged_entry_is_made_anew(folder, cache_folder, suffix, harm):
    whole = of_folder(folder).features["projected"].copy()
    (path,) = entries(cache_folder, f"*{suffix}")
    content = bytearray(path.read_bytes())
    path.unlink()
    if harm != "gone":
        content[-9] ^= 1
        other = b"[1, 2]" if suffix == ".json" else b"\x93NUMPY\x01\x00"
        path.write_bytes({"cut": content[:-30], "empty": b"", "flipped": content, "other": other}[harm])
    extractor = Projected()
    assert np.array_equal(of_folder(folder, extractor).features["projected"], whole)
    assert extractor.prepared > 0
    again = Projected()
    assert np.array_equal(of_folder(folder, again).features["projected"], whole)
    assert again.prepared == 0


def test_damaged_notes_of_files_are_read_anew(folder, cache_folder, settled, reads):
    of_folder(folder)
    for text in ("{", "[]", '{"fear/00.png": 3}'):
        (note,) = (cache_folder / "features/seen").iterdir()
        note.write_text(text)
        reads.clear()
        of_folder(folder)
        assert len(reads) == 20


def test_a_cache_that_cannot_be_used_costs_time_only(folder, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path / "file/cache"))
    plain = of_folder(folder, cache=False).features["projected"]
    assert np.array_equal(of_folder(folder).features["projected"], plain)
    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(feature_cache.np, "save", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full")))
    assert np.array_equal(of_folder(folder).features["projected"], plain)
    assert entries(tmp_path / "cache") == []


def test_a_pass_that_is_stopped_keeps_what_it_computed():
    class Stops(Projected):
        def forward(self, prepared):
            if self.forwarded == 24:
                raise KeyboardInterrupt
            return super().forward(prepared)

    samples = from_memory(PIXELS, "image")
    with pytest.raises(KeyboardInterrupt):
        features_of(samples, range(40), [Stops()], batch=8)
    extractor = Projected()
    found = features_of(samples, range(40), [extractor], batch=8)
    assert extractor.forwarded == 16
    assert np.array_equal(found.features["projected"], expected(PIXELS))


def test_long_passes_keep_entries_on_the_way(cache_folder, monkeypatch):
    monkeypatch.setattr(featurise, "KEPT_EVERY", 16)
    samples = from_memory(PIXELS, "image")
    features_of(samples, range(40), [Projected()], batch=8)
    assert len(entries(cache_folder)) == 3
    found = features_of(samples, range(39, -1, -1), [Projected()])
    assert np.array_equal(found.features["projected"], expected(PIXELS[::-1]))


def test_many_features_are_gathered_in_a_file(monkeypatch):
    samples = from_memory(PIXELS, "image")
    features_of(samples, range(0, 40, 2), [Projected()])
    monkeypatch.setattr(featurise, "MOST_IN_MEMORY_BYTES", 0)
    monkeypatch.setattr(featurise, "_GATHERED", 7)
    order = np.random.default_rng(3).permutation(40)
    found = features_of(samples, order, [Projected()]).features["projected"]
    assert np.array_equal(found, expected(PIXELS[order]))
    assert found.base is not None  # a map of a file


def test_the_least_lately_used_entries_go(cache_folder, monkeypatch):
    samples = from_memory(PIXELS, "image")
    for age, rows in enumerate((range(10), range(10, 20), range(20, 30))):
        known = set(entries(cache_folder, "*"))
        features_of(samples, rows, [Projected()])
        for path in set(entries(cache_folder, "*")) - known:
            os.utime(path, (1e9 + age, 1e9 + age))
    features_of(samples, range(5), [Projected()])  # uses the oldest
    size = sum(path.stat().st_size for path in entries(cache_folder, "*"))
    monkeypatch.setattr(feature_cache, "LIMIT_BYTES", int(0.7 * size))
    feature_cache.prune()
    assert len(entries(cache_folder, "*")) == 4
    for rows, n_prepared in ((range(10), 0), (range(20, 30), 0), (range(10, 20), 10)):
        extractor = Projected()
        features_of(samples, rows, [extractor])
        assert extractor.prepared == n_prepared


def test_what_killed_processes_left_goes_after_a_day(cache_folder):
    features_of(from_memory(PIXELS, "image"), range(10), [Projected()])
    (path,) = entries(cache_folder)
    draft, orphan = path.with_name(f".multigan-{'0a' * 16}.partial"), path.with_name(f"{'0b' * 16}.npy")
    others = [
        cache_folder / "features" / name for name in (".git/config", "notes/todo.txt", "notes/.gitignore")
    ]
    others += [path.with_name(".gitignore"), path.with_name("notes.json")]
    for left in (draft, orphan, *others):
        left.parent.mkdir(exist_ok=True)
        left.write_bytes(b"?")
    for other in others:
        os.utime(other, (0, 0))
    feature_cache.prune()
    assert draft.exists()
    assert orphan.exists()
    for left in (draft, orphan):
        os.utime(left, (0, 0))
    feature_cache.prune()
    assert entries(cache_folder, "*.npy") == [path]
    assert not draft.exists()
    assert all(other.exists() for other in others)


def use_and_prune(folder, cache_folder):
    """Evaluate subsets again and again, while entries vanish as they do when another process prunes."""
    for seed in range(6):
        found = of_folder(folder, rows=np.random.default_rng(seed).permutation(20)[:15])
        for path in entries(cache_folder)[:2]:
            path.unlink(missing_ok=True)
        plain = of_folder(folder, rows=found.rows, cache=False)
        assert np.array_equal(found.features["projected"], plain.features["projected"])


def test_two_processes_at_once(folder, cache_folder):
    start = (
        f"import sys; sys.path[:0] = [{str(Path(__file__).parents[3])!r}]; "
        "from tests.evaluation.features.test_cache import *; "
        "print('ready', flush=True); input(); "
        f"use_and_prune(Path({str(folder)!r}), Path({str(cache_folder)!r})); print('right')"
    )
    environment = os.environ | {"MULTIGAN_CACHE": str(cache_folder)}
    other = subprocess.Popen(
        [sys.executable, "-c", start],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert other.stdout.readline() == b"ready\n"
    other.stdin.write(b"\n")
    other.stdin.flush()
    use_and_prune(folder, cache_folder)
    output, errors = other.communicate()
    assert (output, other.returncode) == (b"right\n", 0), errors.decode()
    assert not list(cache_folder.rglob(".*"))


def test_entries_are_plain_files(folder, cache_folder):
    of_folder(folder)
    (path,) = entries(cache_folder)
    index = json.loads(path.with_suffix(".json").read_text())
    assert np.load(path, allow_pickle=False).shape == (20, 7)
    assert set(index["digests"]) == set(open_folder(folder, "image").digests())
