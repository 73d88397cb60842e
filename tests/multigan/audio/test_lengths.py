"""Slices whose length follows the data: which one is chosen, what is told, and that it is found again."""

import numpy as np
import pytest
import soundfile

from multigan.audio.lengths import length_for
from multigan.errors import DataError
from tests.worlds.clips import aged, opened, readings, samples_of, tone, with_

pytestmark = pytest.mark.usefixtures("cache_folder")

FOLLOWING = with_(n_samples=None, trim_db="noise")


def recordings(folder, n=12, shortest=6_000, step=100):
    """Tones of 0.75 s and longer, each with a second of noise at -50 dB under its peak before and after it."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for i in range(n):
        sound = tone(i, shortest + step * i)
        whole = random.normal(0, 10 ** (-50 / 20) * np.abs(sound).max(), len(sound) + 16_000)
        whole[8_000:-8_000] += sound
        soundfile.write(folder / f"{i:02d}.wav", whole, 8_000, subtype="FLOAT")
    return folder


def test_the_length_is_that_of_nearly_all_clips_up_to_four_seconds():
    assert length_for(np.full(40, 1.0), 8_000) == 8_192  # the next multiple of 1,024
    assert length_for(np.full(40, 1.024), 8_000) == 8_192
    assert length_for(np.full(40, 0.01), 8_000) == 1_024
    seconds = np.r_[np.full(95, 1.5), np.full(5, 3.9)]  # five of a hundred may be longer
    assert length_for(seconds, 16_000) == 24_576
    assert length_for(np.r_[seconds, 3.9], 16_000) == 62_464
    assert length_for(np.full(3, 30.0), 16_000) == length_for(np.full(3, 4.1), 16_000) == 65_536
    assert length_for(np.full(3, 3.0), 44_100) == 133_120


def test_padded_recordings_give_whole_slices_without_silence(tmp_path):
    folder = recordings(tmp_path / "speech")
    splits = opened(folder, FOLLOWING)
    # the longest tone has 7,100 samples; at most 60 ms of noise stay on either side of it
    assert splits.data.n_samples == splits.train.sample_shape[1] == 8_192
    assert splits.notes == (
        "Slices are 1.024 s long (data.n_samples 8,192): 12 of 12 clips, the silence at their ends cut, fit into one. "
        "Training takes longer the longer they are; --set data.n_samples=N chooses another length.",
    )
    for name, samples in samples_of(splits).items():
        length = 6_000 + 100 * int(name[:2])
        sounding = np.flatnonzero(np.abs(samples.astype(int)) > 0.03 * np.abs(samples.astype(int)).max())
        assert sounding[0] <= 480  # 60 ms
        assert abs(sounding[-1] - sounding[0] - length) <= 50
        assert not samples[sounding[-1] + 500 :].any()  # filled up with zeros, not noise
    before = opened(folder, with_(FOLLOWING, trim_db=60.0))
    assert before.data.n_samples == 23_552  # the noise is not 60 dB under the peak


def test_a_length_that_is_given_wins_and_silent_slices_are_told(tmp_path):
    folder = recordings(tmp_path / "speech", n=4)
    chosen = opened(folder, with_(FOLLOWING, n_samples=2_048))
    assert chosen.train.sample_shape == (1, 2_048)
    assert chosen.data.n_samples == 2_048
    assert chosen.notes == ()  # nothing is silent once the ends are cut
    pause = np.concatenate([tone(1, 4_096), 1e-3 * tone(2, 8_192), tone(3, 4_096)])
    for i in range(4):
        soundfile.write(folder / f"{i:02d}.wav", pause * (1 - i / 10), 8_000, subtype="FLOAT")
    sides = {n: opened(folder, with_(FOLLOWING, n_samples=4_096, trim_db=n)) for n in ("noise", 50.0, None)}
    assert {n: len(each.train) + len(each.held_out) for n, each in sides.items()} == {
        "noise": 8,
        50.0: 8,
        None: 16,
    }
    assert sides["noise"].notes[-1] == (
        "8 of 16 slices were left out: they are silent (60 dB under the loudest of their file) or hold nothing but the "
        "steady noise of their recording. --set data.trim_db=null keeps them."
    )
    assert sides[50.0].notes[-1] == (
        "8 of 16 slices were left out: they are silent (50 dB under the loudest of their file). --set data.trim_db=null "
        "keeps them."
    )
    assert sides[None].notes == ()


def test_it_is_measured_once_and_the_same_data_come_of_the_length_that_was_found(tmp_path, monkeypatch):
    folder = recordings(tmp_path / "speech", n=6)
    aged(folder, monkeypatch)
    first = opened(folder, FOLLOWING)
    read = readings(monkeypatch)
    again, kept = opened(folder, FOLLOWING), opened(folder, first.data)
    assert read == []
    assert again.train.digest == kept.train.digest == first.train.digest
    assert (again.data, again.notes) == (first.data, first.notes)
    streamed = opened(folder, with_(FOLLOWING, cache=False))
    assert streamed.data.n_samples == first.data.n_samples
    assert all(np.array_equal(samples_of(streamed)[name], each) for name, each in samples_of(first).items())


def test_files_that_cannot_be_read_do_not_count(tmp_path):
    folder = recordings(tmp_path / "speech", n=4)
    (folder / "bad.wav").write_bytes(b"RIFF")
    splits = opened(folder, FOLLOWING)
    assert "4 of 4 clips" in splits.notes[0]
    assert "1 file was skipped: bad.wav" in splits.notes[1]
    for path in folder.glob("0[1-3].wav"):
        path.unlink()
    with pytest.raises(DataError, match=r"holds 1 readable .* bad\.wav"):
        opened(folder, FOLLOWING)


def test_drawn_sounds_are_of_the_longest_length():
    drawn = with_(n_samples=None, drawn=2, drawn_held_out=1)
    assert opened(None, drawn).train.sample_shape == (1, drawn.length) == (1, 32_768)


def test_rain_is_neither_cut_nor_left_out(tmp_path):
    (tmp_path / "rain").mkdir()
    random = np.random.default_rng(0)
    for i in range(4):
        soundfile.write(tmp_path / f"rain/{i}.wav", random.normal(0, 0.05, 20_000), 8_000, subtype="FLOAT")
    splits = opened(tmp_path / "rain", with_(FOLLOWING, loudness_lufs=None))
    assert splits.data.n_samples == 20_480
    assert len(splits.train) + len(splits.held_out) == 4
    assert all(len(np.trim_zeros(samples, "b")) > 19_900 for samples in samples_of(splits).values())
