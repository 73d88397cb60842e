"""Audio data: folders of any files, the split, the cache, streaming, and what is said of files that cannot be used."""

import hashlib
import os
import shutil

import numpy as np
import pytest
import soundfile
import torch

from multigan.audio import slicing
from multigan.audio.settings import AudioData
from multigan.errors import DataError
from multigan.reading.audio import pcm16, read_clip
from tests.worlds.clips import PLAIN, clip, fill, opened, samples_of, sides_of, tone, with_
from tests.worlds.shared import SHARED

REAL = SHARED / "data/audio"

pytestmark = pytest.mark.usefixtures("cache_folder")


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "sounds", ["joy", "fear"], 12)


def table(folder, rows):
    (folder / "labels.csv").write_text("\n".join(rows))
    return folder


# --- arrays


def test_every_sample_is_its_file_with_its_condition(folder):
    splits = opened(folder, PLAIN)
    assert splits.notes == ()
    assert len(splits.train) + len(splits.held_out) == 24
    for side in (splits.train, splits.held_out):
        assert (side.labels, side.sample_shape, side.n_originals) == (("joy", "fear"), (1, 1_024), len(side))
        batch = side.batch(range(len(side)))
        assert batch.real.shape == (len(side), 1, 1_024)
        assert batch.real.dtype == torch.float32
        for i, name in enumerate(side.names):
            whole = pcm16(read_clip(folder / name).waveform)
            assert np.array_equal(side.slices[i], np.pad(whole, (0, 24)))
            assert batch.real[i, 0].tolist() == (side.slices[i] / 2**15).tolist()
            assert batch.condition[i].tolist() == ([1.0, 0.0] if name.startswith("joy") else [0.0, 1.0])
            assert side.labels[side.classes[i]] == name.split("/")[0]
            original = side.original(i)
            assert original.rate_hz == 8_000
            assert np.array_equal(original.waveform, batch.real[i, 0])


def test_a_batch_takes_any_indices_and_slices_are_memory_mapped(folder):
    train = opened(folder).train
    batch = train.batch(np.array([3, 0, 3]))
    assert torch.equal(batch.real[0], batch.real[2])
    assert torch.equal(batch.real[1], train.batch([0]).real[0])
    base = train.slices
    assert base.dtype == np.int16
    while not isinstance(base, np.memmap):
        base = base.base
    assert base.mode == "r"


def test_intensity_scales_the_condition_and_the_first_label_column_counts(tmp_path):
    for i in range(8):
        clip(tmp_path / "in" / f"{i}.wav", i)
    rows = [
        "file,class,mood,intensity",
        *(f"{i}.wav,x,{'calm' if i % 2 else 'joy'},{i / 8}" for i in range(8)),
    ]
    splits = opened(table(tmp_path / "in", rows), with_(label=["emotion", "mood", "class"]))
    assert splits.train.labels == ("joy", "calm")
    for side in (splits.train, splits.held_out):
        for name, condition, column in zip(side.names, side.conditions, side.classes, strict=True):
            i = int(name[0])
            assert column == i % 2
            assert condition.tolist() == ([0, i / 8] if i % 2 else [i / 8, 0])


def test_flat_files_have_no_condition(tmp_path):
    train = opened(fill(tmp_path / "in", ["."], 6)).train
    assert (train.labels, train.conditions, train.classes) == ((), None, None)
    assert train.batch([0, 1]).condition is None


# --- rates, lengths, kinds of files


@pytest.mark.parametrize(
    ("rate_hz", "n_samples"), [(8_000, 4_096), (16_000, 16_384), (22_050, 65_536), (48_000, 131_072)]
)
def test_any_rate_and_length(tmp_path, rate_hz, n_samples):
    for i, (rate, channels) in enumerate([(8_000, 1), (44_100, 2), (48_000, 1), (11_025, 3)]):
        clip(tmp_path / "in" / f"{i}.wav", i, n=rate // 2, rate_hz=rate, channels=channels)
    settings = AudioData(sample_rate_hz=rate_hz, n_samples=n_samples, pad="centre", held_out=0.5)
    found = samples_of(opened(tmp_path / "in", settings))
    count = -(-rate_hz // 2 // n_samples)  # half a second each
    assert len(found) == 4 * count
    for name, samples in found.items():
        assert samples.shape == (n_samples,)
        if count == 1:
            heard = np.flatnonzero(samples)
            assert abs(len(heard) - rate_hz / 2) < 0.02 * rate_hz, name
            assert abs(heard[0] - (n_samples - 1 - heard[-1])) < 0.02 * rate_hz, name


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.wav", {"subtype": "FLOAT"}),
        ("a.wav", {"subtype": "PCM_24"}),
        ("a.flac", {}),
        ("a.ogg", {}),
        ("a.opus", {"format": "OGG", "subtype": "OPUS"}),
        ("a.mp3", {}),
    ],
)
def test_every_kind_of_file_gives_the_same_sound(tmp_path, name, how):
    settings = AudioData(sample_rate_hz=16_000, n_samples=8_192, trim_db=None)
    fill(tmp_path / "in", ["."], 3, n=16_000, rate_hz=16_000)
    clip(tmp_path / "in" / name, 0, n=16_000, rate_hz=16_000, **how)
    found = samples_of(opened(tmp_path / "in", settings))
    spectra = [np.abs(np.fft.rfft(found[file])) for file in (name, "00.wav")]
    assert np.corrcoef(*spectra)[0, 1] > 0.99
    assert np.std(found[name]) == pytest.approx(np.std(found["00.wav"]), rel=0.05)


def test_channels_are_averaged(tmp_path):
    fill(tmp_path / "in", ["."], 3)
    clip(tmp_path / "in/stereo.wav", 7, channels=2, subtype="FLOAT")
    expected = pcm16((tone(7) + tone(1_007)) / 2)
    found = samples_of(opened(tmp_path / "in", PLAIN))["stereo.wav"]
    assert np.abs(found[:1_000].astype(int) - expected).max() <= 1


def test_long_files_become_slices_and_their_starts_are_named(tmp_path):
    fill(tmp_path / "in", ["."], 4)
    clip(tmp_path / "in/long.wav", 9, n=5_000)
    settings = with_(PLAIN, overlap=0.5)
    found = samples_of(opened(tmp_path / "in", settings))
    names = [name for name in found if name.startswith("long")]
    starts = [512 * i for i in range(9)]
    assert names == ["long.wav", *(f"long.wav@{start / 8_000}s" for start in starts[1:])]
    whole = np.pad(pcm16(read_clip(tmp_path / "in/long.wav").waveform), (0, 1_024))
    for name, start in zip(names, starts, strict=True):
        assert np.array_equal(found[name], whole[start : start + 1_024])


def test_random_slices_are_those_of_the_files_content(tmp_path):
    fill(tmp_path / "in", ["."], 4, n=4_000)
    settings = with_(PLAIN, slices="random")
    found = samples_of(opened(tmp_path / "in", settings))
    path = tmp_path / "in/02.wav"
    starts = slicing.slice_starts(4_000, settings, hashlib.sha256(path.read_bytes()).hexdigest())
    expected = slicing.cut(pcm16(read_clip(path).waveform), starts, settings)
    assert len(starts) == 4
    for start, samples in zip(starts, expected, strict=True):
        assert np.array_equal(found[slicing.slice_name("02.wav", start, 8_000)], samples)
    again = opened(tmp_path / "in", with_(settings, seed=1))
    assert set(samples_of(again)) != set(found)


# --- files that cannot be used


def test_bad_files_are_skipped_named_and_counted(folder):
    for name in ("bad1.wav", "bad2.mp3", "bad3.ogg"):
        (folder / "joy" / name).write_bytes(b"")
    (folder / "fear/words.wav").write_text("words")
    soundfile.write(folder / "fear/silence.wav", np.zeros(900), 8_000)
    soundfile.write(folder / "fear/nothing.wav", np.zeros(0), 8_000)
    whole = (folder / "joy/00.wav").read_bytes()
    (folder / "joy/cut.wav").write_bytes(whole[: len(whole) // 2])
    splits = opened(folder)
    assert len(splits.train) + len(splits.held_out) == 24
    (note,) = splits.notes
    assert note.startswith(
        "7 files were skipped: fear/nothing.wav (it has no samples), fear/silence.wav (it is"
    )
    assert "(it is silent: all samples are 0)" in note
    assert "fear/words.wav (it is not a WAV, FLAC, OGG, MP3, AIFF, AU, CAF or W64 file)" in note
    assert note.endswith("joy/bad1.wav (it is empty), joy/bad2.mp3 (it is empty) and 2 more.")
    assert opened(folder).notes == opened(folder, with_(cache=False)).notes == splits.notes


def test_too_many_bad_files(tmp_path):
    clip(tmp_path / "in/a.wav", 0)
    (tmp_path / "in/b.wav").touch()
    with pytest.raises(
        DataError, match=r"1 readable audio file, and at least 2 .* 1 file was skipped: b.wav"
    ):
        opened(tmp_path / "in")
    (tmp_path / "in/a.wav").write_text("words")
    with pytest.raises(DataError, match="holds no readable audio file, and at least 2 are needed"):
        opened(tmp_path / "in")


def test_a_class_of_which_nothing_can_be_used(folder):
    (folder / "anger").mkdir()
    soundfile.write(folder / "anger/a.wav", np.zeros(900), 8_000)
    with pytest.raises(
        DataError,
        match=r"class 'anger' in .* no readable audio file: .*anger/a.wav \(it is silent.* Add audio",
    ):
        opened(folder)


# --- the split


def test_the_split_is_the_hash_of_the_content_for_all_slices_of_a_file(tmp_path):
    folder = fill(tmp_path / "in", ["joy", "fear"], 12, n=3_000)
    sides = sides_of(opened(folder, with_(held_out=0.4)))
    assert len(sides) == 72
    for name, side in sides.items():
        content = hashlib.sha256((folder / name.split("@")[0]).read_bytes()).hexdigest()
        assert side == ("held out" if int(content, 16) / 2**256 < 0.4 else "train")


def test_copies_are_on_one_side(folder):
    for path in sorted((folder / "joy").iterdir()):
        shutil.copy(path, folder / "fear" / f"copy-{path.name}")
    sides = sides_of(opened(folder, with_(held_out=0.5)))
    joys = [name for name in sides if name.startswith("joy/")]
    assert {sides[name] for name in joys} == {"train", "held out"}
    assert all(sides[name] == sides[name.replace("joy/", "fear/copy-")] for name in joys)


def test_one_sound_in_two_formats_is_on_one_side(folder):
    for path in sorted(folder.rglob("*.wav")):
        samples, rate_hz = soundfile.read(path, dtype="int16")
        soundfile.write(path.with_suffix(".flac"), samples, rate_hz)
    sides = sides_of(opened(folder, with_(held_out=0.5)))
    assert set(sides.values()) == {"train", "held out"}
    assert all(sides[name] == sides[name.replace(".wav", ".flac")] for name in sides)


def rows_of(folder, part):
    """A table of the folder with a column ``part``, by the file's number."""
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.wav"))
    return table(folder, ["file,emotion,part", *(f"{n},{n.split('/')[0]},{part(n)}" for n in names)])


def test_a_column_says_what_is_held_out(folder):
    rows_of(folder, lambda name: "test" if name.endswith(("03.wav", "07.wav")) else "train")
    splits = opened(folder, with_(split="part=test"))
    assert sorted(splits.held_out.names) == ["fear/03.wav", "fear/07.wav", "joy/03.wav", "joy/07.wav"]
    assert (len(splits.train), splits.notes) == (20, ())
    hashed = opened(folder)
    assert set(hashed.held_out.names) != set(splits.held_out.names)
    assert hashed.train.digest != splits.train.digest


def test_a_copy_of_what_is_held_out_is_held_out_too(folder):
    shutil.copy(folder / "joy/03.wav", folder / "joy/copy.wav")
    rows_of(folder, lambda name: "test" if name.endswith("03.wav") else "train")
    splits = opened(folder, with_(split="part=test"))
    assert sorted(splits.held_out.names) == ["fear/03.wav", "joy/03.wav", "joy/copy.wav"]
    assert splits.notes == ("Held out with part=test, as copies of audio files that are: joy/copy.wav.",)


@pytest.mark.parametrize("rows", [None, ["file,emotion", *(f"joy/{i:02d}.wav,joy" for i in range(12))]])
def test_without_the_column_the_hash_says_and_a_note(folder, rows):
    if rows:
        table(folder, rows)
    splits = opened(folder, with_(split="fold=5", held_out=0.3))
    note = splits.notes[-1]
    assert (
        "has no table with a column 'fold': what is held out (0.3 of the audio files) is chosen by a hash"
        in note
    )
    assert sides_of(splits) == sides_of(opened(folder, with_(held_out=0.3)))


@pytest.mark.parametrize(
    ("where", "part", "message"),
    [
        (
            "part=tets",
            "test",
            r"No audio file in .* has part=tets in its table.* values of part are test, train\.",
        ),
        (
            "part=train",
            "train",
            r"Every audio file in .* has part=train .* nothing is left to train on.* are train\.",
        ),
    ],
)
def test_a_value_that_no_row_has_or_all_have(folder, where, part, message):
    rows_of(folder, lambda name: part if name.endswith("03.wav") else "train")
    with pytest.raises(DataError, match=message):
        opened(folder, with_(split=where))


def test_a_class_that_is_all_held_out(folder):
    rows_of(folder, lambda name: "test" if name.startswith("fear") else "train")
    with pytest.raises(
        DataError, match=r"class 'fear' in .* has no audio file for training: all of it has part=test"
    ):
        opened(folder, with_(split="part=test"))


def test_nothing_readable_is_held_out_or_left(folder):
    rows_of(folder, lambda name: "test" if name == "joy/03.wav" else "train")
    (folder / "joy/03.wav").write_text("words")
    with pytest.raises(
        DataError,
        match=r"No readable audio file in .* has part=test; add some, .* 1 file was skipped: joy/03",
    ):
        opened(folder, with_(split="part=test"))
    flat = fill(folder.with_name("flat"), ["."], 1)
    shutil.copy(flat / "00.wav", flat / "copy.wav")
    table(flat, ["file,emotion,part", "00.wav,joy,a", "copy.wav,joy,b"])
    with pytest.raises(DataError, match=r"is left for training beside those of part=a"):
        opened(flat, with_(split="part=a"))


def test_a_split_holds_where_labels_are_the_names_of_folders(folder):
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.wav"))
    table(
        folder, ["file,digit,part", *(f"{n},7,{'test' if n.endswith('03.wav') else ''}" for n in names[:-1])]
    )
    splits = opened(folder, with_(split="part=test"))
    assert splits.train.labels == ("joy", "fear")
    assert sorted(splits.held_out.names) == ["fear/03.wav", "joy/03.wav"]
    assert len(splits.train) == 22  # with the one that the table does not name
    (note,) = splits.notes
    assert "its columns are file, digit, part: labels are the names of the class folders" in note


def test_an_audio_folder_of_hugging_face(folder):
    (folder / "metadata.jsonl").write_text(
        "".join(
            f'{{"file_name": "{p.relative_to(folder).as_posix()}", "emotion": "calm", "intensity": "medium"}}\n'
            for p in sorted(folder.rglob("*.wav"))
        )
    )
    splits = opened(folder)
    assert splits.train.labels == ("calm",)
    assert set(splits.train.conditions[:, 0].tolist()) == {0.5}
    assert splits.notes[0] == "metadata.jsonl: the label is column 'emotion'."


# --- real data


@pytest.mark.skipif(not REAL.is_dir(), reason="the shared real sounds are not on this machine")
def test_real_digits(tmp_path):
    kept = tmp_path / "fsdd"
    rows = (REAL / "fsdd/labels.csv").read_text().splitlines()
    chosen = [row for row in rows[1:] if row.split(",")[3] in ("0", "7")]
    for name in (row.split(",")[0] for row in chosen):
        (kept / name).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(REAL / "fsdd" / name, kept / name)
    table(kept, [rows[0], *chosen])
    settings = AudioData(
        sample_rate_hz=8_000,
        n_samples=8_192,
        slices="first",
        label=["digit"],
        split="split=test",
        links="follow",
    )
    splits = opened(kept, settings)
    assert splits.notes == ()
    assert splits.train.labels == tuple("0123456789")
    assert (len(splits.train), len(splits.held_out)) == (60, 60)
    assert all("_0.flac" in name for name in splits.held_out.names)
    peaks = splits.train.batch(range(60)).real.abs().amax((1, 2))
    assert peaks.min() > 0.1
    assert peaks.max() <= 0.99
