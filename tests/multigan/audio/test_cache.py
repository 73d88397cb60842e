"""The cache of audio data, streaming, and drawn sounds: what is prepared anew, found again, or decoded when taken."""

import numpy as np
import pytest
import torch

from multigan.audio.data import open_audio
from multigan.audio.drawn import sets as sounds
from multigan.errors import DataError
from multigan.reading import cache, prepare
from multigan.reading.audio import pcm16
from tests.worlds.clips import PLAIN, SMALL, aged, clip, fill, opened, readings, with_

pytestmark = pytest.mark.usefixtures("cache_folder")


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "sounds", ["joy", "fear"], 6)


# --- the cache


def test_a_second_start_on_settled_files_reads_nothing(folder, monkeypatch):
    aged(folder, monkeypatch)
    first = opened(folder)
    read = readings(monkeypatch)
    monkeypatch.setattr(prepare, "content_digest", read.append)
    second = opened(folder)
    assert read == []
    assert second.train.digest == first.train.digest
    assert second.train.names == first.train.names
    assert np.array_equal(second.train.slices, first.train.slices)
    assert np.array_equal(second.train.conditions, first.train.conditions)


def test_a_moved_folder_is_found_again_by_its_content(folder, monkeypatch):
    first = opened(folder)
    read = readings(monkeypatch)
    assert opened(folder.rename(folder.with_name("elsewhere"))).train.digest == first.train.digest
    assert read == []


@pytest.mark.parametrize(
    "change",
    [
        *({"sample_rate_hz": 16_000}, {"n_samples": 2_048}, {"slices": "first"}, {"slices": "random"}),
        *(
            {"overlap": 0.5},
            {"pad": "repeat"},
            {"shortest": 0.5},
            {"trim_db": 40.0},
            {"loudness_lufs": -20.0},
        ),
        {"held_out": 0.3},
    ],
    ids=lambda change: "-".join(map(str, next(iter(change.items())))),
)
def test_settings_that_matter_prepare_anew(folder, change):
    assert opened(folder, with_(**change)).train.digest != opened(folder).train.digest


def test_settings_that_do_not_matter_do_not(folder, monkeypatch):
    first = opened(folder)
    read = readings(monkeypatch)
    assert opened(folder, with_(drawn=3, seed=7, sounds="none")).train.digest == first.train.digest
    assert read == []


@pytest.mark.parametrize("streamed", [False, True])
def test_a_run_that_dies_leaves_nothing_that_is_used(folder, monkeypatch, cache_folder, streamed):
    settings, kind = with_(cache=not streamed), "sound-places" if streamed else "sounds"
    write = cache.write

    def dies(*arguments):
        write(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(cache, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        opened(folder, settings)
    assert list((cache_folder / kind).iterdir()) == []
    monkeypatch.setattr(cache, "write", write)
    opened(folder, settings)
    (entry,) = (p for p in (cache_folder / kind).iterdir() if p.name != "seen")
    assert sorted(p.name for p in entry.iterdir()) == ["samples.npy", "sums.json", "table.json"]


def test_progress_counts_to_the_end(folder):
    told = []
    open_audio(SMALL, folder, lambda *facts: told.append(facts))
    what = ("reading audio files", "preparing audio files")
    assert told == [(words, i, 12) for words in what for i in range(1, 13)]


# --- streaming


@pytest.mark.parametrize("slices", ["first", "sequential", "random"])
def test_streaming_gives_the_same_bits(tmp_path, slices):
    folder = fill(tmp_path / "in", ["joy", "fear"], 4, n=3_500)
    for i, rate_hz in enumerate((44_100, 11_025)):
        clip(folder / "fear" / f"{rate_hz}.flac", i, n=rate_hz, rate_hz=rate_hz, channels=2)
    settings = with_(slices=slices, overlap=0.3, pad="centre")
    cached, streamed = opened(folder, settings), opened(folder, with_(settings, cache=False))
    for one, other in ((cached.train, streamed.train), (cached.held_out, streamed.held_out)):
        assert (one.names, one.labels, one.digest) == (other.names, other.labels, other.digest)
        rows = np.random.default_rng(0).integers(0, len(one), 3 * len(one))
        expected, found = one.batch(rows), other.batch(rows)
        assert torch.equal(expected.real, found.real)
        assert torch.equal(expected.condition, found.condition)


def test_streaming_keeps_little_on_the_disk_and_reads_each_file_of_a_batch_once(
    tmp_path, monkeypatch, cache_folder
):
    folder = fill(tmp_path / "in", ["."], 6, n=20_000)
    streamed = opened(folder, with_(cache=False)).train
    assert len(streamed) >= 50
    assert sum(p.stat().st_size for p in cache_folder.rglob("*") if p.is_file()) < 10_000
    read = readings(monkeypatch)
    streamed.batch(range(len(streamed)))
    streamed.batch([0, 3])
    assert sorted(read) == sorted({folder / name.split("@")[0] for name in streamed.names})


def test_of_streamed_files_only_the_last_are_kept(tmp_path, monkeypatch):
    folder = fill(tmp_path / "in", ["."], 6, n=1_000)
    streamed = opened(folder, with_(PLAIN, cache=False)).train
    monkeypatch.setattr("multigan.audio.streaming._KEPT_SAMPLES", 2_500)
    read = readings(monkeypatch)
    for row in (0, 1, 0, 2, 0, 1):  # 1 has been forgotten for 2, since 0 was asked for after it
        streamed.batch([row])
    assert [path.name for path in read] == [streamed.names[row] for row in (0, 1, 2, 1)]


def test_a_streamed_file_that_goes_or_changes_is_named(folder):
    streamed = opened(folder, with_(cache=False)).train
    first, second = (folder / streamed.names[row] for row in (0, 1))
    first.unlink()
    clip(second, 5, n=700)
    with pytest.raises(DataError, match=r"cannot be read any more: it is not a regular file\. Put it back"):
        streamed.batch([0])
    with pytest.raises(DataError, match=r"wav has changed since the data was opened; start again"):
        streamed.batch([1])
    assert len(streamed.batch([2]).real) == 1


# --- drawn sounds


def test_drawn_sounds(monkeypatch):
    monkeypatch.setattr(
        prepare, "blocks", lambda order, _: [np.asarray(order[i : i + 7]) for i in range(0, 26, 7)]
    )
    settings, told = with_(sounds="loops", drawn=20, drawn_held_out=6, seed=3), []
    splits = open_audio(settings, None, lambda *facts: told.append(facts))
    assert told == [("drawing sounds", n, 26) for n in (7, 14, 21, 26)]
    assert (len(splits.train), len(splits.held_out), splits.notes) == (20, 6, ())
    classes, intensities, seeds = sounds.sound_labels("loops", 26, 3)
    expected = pcm16(sounds.draw_sounds("loops", 8_000, 1_024, classes, intensities, seeds))
    assert np.array_equal(splits.held_out.slices, expected[:6])
    assert np.array_equal(splits.train.slices, expected[6:])
    labels = sounds.LABELS["loops"]
    assert splits.train.labels == labels
    assert splits.train.names[0] == f"drawn/{labels[classes[6]]}-00006"
    assert splits.train.conditions[0, classes[6]] == pytest.approx(intensities[6])
    monkeypatch.setattr(sounds, "draw_sounds", lambda *_: pytest.fail("drawn again"))
    assert opened(None, settings).train.digest == splits.train.digest


def test_other_drawn_sounds_are_drawn_anew(monkeypatch):
    settings = with_(sounds="loops", drawn=4, drawn_held_out=2)
    changes = [{}, {"seed": 1}, {"drawn": 5}, {"sample_rate_hz": 16_000}, {"n_samples": 2_048}]
    changes.append({"sounds": "emotive"})
    digests = {opened(None, with_(settings, **change)).train.digest for change in changes}
    monkeypatch.setattr(sounds, "VERSION", -1)
    digests.add(opened(None, settings).train.digest)
    assert len(digests) == 7


def test_a_recipe_without_sounds_of_its_own_needs_a_folder():
    with pytest.raises(
        DataError, match=r"^This recipe needs --data FOLDER: a folder of WAV, FLAC, .* or W64 files in"
    ):
        opened(None, with_(sounds="none"))
