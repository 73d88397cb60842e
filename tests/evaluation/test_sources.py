"""Samples from folders, arrays, tensors, texts and batches: values by hand, what names them, and every refusal."""

import tracemalloc

import numpy as np
import pytest
import soundfile
import torch

from evaluation.sources import as_samples, from_memory, open_folder
from multigan.errors import ConfigError, DataError
from multigan.reading.audio import Clip
from tests.worlds.pictures import fill
from tests.worlds.shared import SHARED

DATA = SHARED / "data"
PIXELS = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 3), dtype=np.uint8)
WAVES = np.random.default_rng(1).uniform(-1, 1, (3, 50)).astype(np.float32)


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path / "cache"))


def read_all(samples):
    return [samples.read(row) for row in range(len(samples))]


# --- folders


def test_images_of_class_folders(tmp_path):
    samples = open_folder(fill(tmp_path / "in", ["joy", "fear"], 2), "image")
    assert (samples.modality, list(samples.names)) == (
        "image",
        ["fear/00.png", "fear/01.png", "joy/00.png", "joy/01.png"],
    )
    assert list(samples.labels) == ["fear", "fear", "joy", "joy"]
    assert samples.intensities is None
    assert samples.folder == tmp_path / "in"
    assert samples.source == str(tmp_path / "in")
    assert samples.read(0).shape == (16, 16, 3)


def test_labels_and_intensities_of_a_table(tmp_path):
    folder = fill(tmp_path / "in", ["."], 2)
    (folder / "labels.csv").write_text("file,mood,intensity\n00.png,calm,0.5\n01.png,wild,1\n02.png,wild,1\n")
    samples = open_folder(folder, "image", labels_column="mood")
    assert list(samples.labels) == ["calm", "wild"]
    assert samples.intensities.tolist() == [0.5, 1]
    assert samples.notes == ("1 file is named in labels.csv and missing: 02.png.",)


def test_audio_of_a_folder(tmp_path):
    for name in ("a.wav", "b.flac"):
        soundfile.write(tmp_path / name, WAVES[0], 8_000, subtype="PCM_16")
    (tmp_path / "c.mp3").write_bytes(b"no sound")
    samples = open_folder(tmp_path, "audio")
    assert list(samples.names) == ["a.wav", "b.flac", "c.mp3"]
    assert samples.read(0).rate_hz == 8_000
    assert np.abs(samples.read(1).waveform - WAVES[0]).max() < 1e-4
    with pytest.raises(DataError):
        samples.read(2)


def test_texts_of_a_file_with_those_that_cannot_be_read_at_the_end(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one", "label": "x"}\nnonsense\n{"text": "two", "label": "y"}\n')
    samples = open_folder(path, "text")
    assert [samples.read(row) for row in (0, 1)] == ["one", "two"]
    assert len(samples) == 3
    assert list(samples.labels) == ["x", "y", ""]  # which is no label (test_reading)
    with pytest.raises(DataError):
        samples.read(2)
    assert "2" in samples.names[2]
    assert len(set(samples.digests())) == 3


def test_equal_files_have_equal_digests_and_unreadable_ones_never(tmp_path):
    folder = fill(tmp_path / "in", ["."], 2)
    (folder / "copy.png").write_bytes((folder / "00.png").read_bytes())
    (folder / "link.png").symlink_to(tmp_path / "gone")
    samples = open_folder(folder, "image")
    assert list(samples.names) == ["00.png", "01.png", "copy.png", "link.png"]
    first, second = samples.digests(), samples.digests()
    assert first[0] == first[2] != first[1]
    assert list(first[:3]) == list(second[:3])
    assert first[3] != second[3]
    assert list(samples.digests([1, 0])) == [first[1], first[0]]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            ("image", None, "text"),
            ConfigError,
            "A text column .'text'. is of texts, and the samples are image",
        ),
        (("pictures",), ConfigError, "There is no modality named 'pictures'.*audio, image, text"),
        (("image", "mood"), DataError, "has no labels.csv"),
        (("audio",), DataError, "No audio file in"),
    ],
)
def test_refusals_of_folders(tmp_path, arguments, error, message):
    with pytest.raises(error, match=message):
        open_folder(fill(tmp_path / "in", ["."], 1), *arguments)


@pytest.mark.skipif(not DATA.is_dir(), reason="the data kit lies beside the repository")
@pytest.mark.parametrize(
    ("place", "modality", "columns", "n", "n_labels"),
    [
        ("images/emotive", "image", {}, 806, 10),
        ("audio/fsdd", "audio", {"labels_column": "digit"}, 3_000, 10),
        ("audio/soundscapes", "audio", {"labels_column": "mood"}, 486, 3),
    ],
)
def test_real_data(place, modality, columns, n, n_labels):
    samples = as_samples(DATA / place, modality, **columns)
    assert (len(samples), len(set(samples.labels))) == (n, n_labels)
    samples.read(n - 1)


# --- images in memory


def test_arrays_are_read_as_they_are():
    samples = from_memory(
        PIXELS, "image", labels=["a"] * 5, intensities=np.linspace(0, 1, 5), names=list("vwxyz")
    )
    assert np.array_equal(read_all(samples), PIXELS)
    assert (samples.names, list(samples.labels), samples.source) == (list("vwxyz"), ["a"] * 5, "memory")
    samples.read(0)[:] = 0  # a copy
    assert np.array_equal(samples.read(0), PIXELS[0])


def test_floats_become_what_a_saved_file_has():
    values = torch.tensor([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5])
    images = values[None, None, None].expand(1, 3, 2, 7)
    # x * 127.5 + 128: 0.5, 64.25, 128, 191.75, 255.5; beyond it is clamped
    assert from_memory(images, "image").read(0)[1, :, 2].tolist() == [0, 0, 64, 128, 191, 255, 255]


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: iter(x.split(2)), lambda x: list(x)])
def test_tensors_and_batches_of_them_are_the_same_images(wrap):
    tensor = torch.from_numpy(PIXELS).permute(0, 3, 1, 2)
    floats = (tensor.double() - 128 + 0.5) / 127.5
    for given in (tensor, floats):
        samples = from_memory(wrap(given), "image")
        assert np.array_equal(read_all(samples), PIXELS)
        assert samples.digests() == from_memory(PIXELS, "image").digests()


def test_batches_of_arrays_of_many_sizes_and_grey():
    sizes = [(4, 6, 3), (2, 3, 1), (9, 1, 3)]
    images = [np.random.default_rng(i).integers(0, 256, size, dtype=np.uint8) for i, size in enumerate(sizes)]
    found = read_all(from_memory(iter([PIXELS, *images]), "image"))
    assert np.array_equal(found[:5], PIXELS)
    assert [image.shape for image in found[5:]] == [(4, 6, 3), (2, 3, 3), (9, 1, 3)]
    assert np.array_equal(found[6], np.repeat(images[1], 3, -1))
    assert np.array_equal(found[7], images[2])


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            PIXELS.astype(np.float32),
            r"A ndarray float32 \[5, 4, 6, 3\] cannot be used: images are uint8 arrays",
        ),
        (PIXELS[0], r"A ndarray uint8 \[4, 6, 3\] cannot"),
        (PIXELS[..., :2], r"uint8 \[5, 4, 6, 2\]"),
        (torch.zeros(2, 4, 5, 5), r"A Tensor float32 \[2, 4, 5, 5\]"),
        (torch.zeros(2, 3, 5, 5, dtype=torch.int64), r"A Tensor int64"),
        (torch.full((1, 3, 2, 2), 200.0), r"The images reach 200, and floats must be in \[-1, 1\]"),
        (torch.full((1, 3, 2, 2), float("nan")), r"The images reach nan"),
        ([(PIXELS, 3)], "A tuple cannot be used: images are"),
        (["a.png"], "A str cannot be used: images are"),
        (7, "A int cannot be used"),
        ([], "There is no image in what was given"),
        (iter(()), "There is no image in what was given"),
    ],
)
def test_what_is_not_images(images, message):
    with pytest.raises(DataError, match=message):
        from_memory(images, "image")


def test_memory_stays_constant_for_batches():
    def peak(n_batches):
        batches = (np.full((16, 64, 64, 3), i % 256, np.uint8) for i in range(n_batches))
        tracemalloc.start()
        samples = from_memory(batches, "image")
        assert (samples.read(16 * n_batches - 1) == (n_batches - 1) % 256).all()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(2)
    few, many = peak(10), peak(200)
    assert 200 * 16 * 64 * 64 * 3 > 30e6
    assert many - few < 3e6  # names and places; the images are 39 MB


# --- audio in memory


def test_waveforms_take_the_rate_that_is_given():
    for given in (
        WAVES,
        WAVES.astype(np.float64),
        torch.from_numpy(WAVES)[:, None],
        list(WAVES),
        iter([WAVES]),
    ):
        samples = from_memory(given, "audio", rate_hz=16_000)
        assert np.array_equal([clip.waveform for clip in read_all(samples)], WAVES)
        assert {clip.rate_hz for clip in read_all(samples)} == {16_000}
        assert (
            samples.digests()
            == from_memory(WAVES, "audio", rate_hz=16_000).digests()
            != from_memory(WAVES, "audio", rate_hz=8_000).digests()
        )


def test_clips_keep_their_rates_and_lengths():
    clips = [Clip(WAVES[0], 8_000), Clip(WAVES[1, :20], 22_050)]
    for given in (clips, iter(clips), iter([clips])):
        found = read_all(from_memory(given, "audio"))
        assert [(clip.rate_hz, len(clip.waveform)) for clip in found] == [(8_000, 50), (22_050, 20)]
        assert np.array_equal(found[1].waveform, WAVES[1, :20])


def test_a_waveform_that_is_not_finite_is_one_bad_sample():
    waves = WAVES.copy()
    waves[1, 3] = np.nan
    samples = from_memory(waves, "audio", rate_hz=16_000)
    assert len(samples.digests()) == 3
    samples.read(0)
    with pytest.raises(DataError, match="not finite"):
        samples.read(1)


@pytest.mark.parametrize(
    ("clips", "rate_hz", "message"),
    [
        (WAVES, None, "The rate of the waveforms is not known; give rate_hz"),
        (np.zeros((2, 2, 50)), 16_000, r"A ndarray float64 \[2, 2, 50\] cannot be used: audio is"),
        (np.zeros((2, 50), np.int16), 16_000, r"A ndarray int16 \[2, 50\]"),
        (["a.wav"], 16_000, "A str cannot be used: audio is"),
    ],
)
def test_what_is_not_audio(clips, rate_hz, message):
    with pytest.raises(DataError, match=message):
        from_memory(clips, "audio", rate_hz=rate_hz)


# --- texts, and telling them apart


def test_texts_and_batches_of_texts():
    for given in (["a", "b", "a"], ("a", "b", "a"), iter(["a", "b", "a"]), iter([["a", "b"], ["a"]])):
        samples = from_memory(given, "text")
        assert read_all(samples) == ["a", "b", "a"]
        digests = samples.digests()
        assert digests[0] == digests[2] != digests[1]
    for wrong in ([b"a"], [1], "abc"):
        with pytest.raises(DataError, match="cannot be used: texts are a sequence of str"):
            from_memory(wrong, "text")


@pytest.mark.parametrize(
    ("source", "modality"),
    [
        (PIXELS, "image"),
        (torch.zeros(2, 3, 4, 4), "image"),
        ([PIXELS, PIXELS], "image"),
        ([PIXELS[0]], "image"),
        (WAVES, "audio"),
        (torch.zeros(2, 1, 50), "audio"),
        (iter([WAVES]), "audio"),
        ([WAVES[0]], "audio"),
        ([Clip(WAVES[0], 16_000)], "audio"),
        (["a"], "text"),
        (iter([["a"], ["b"]]), "text"),
    ],
)
def test_the_modality_is_told_by_what_comes_first(source, modality):
    rate = 16_000 if modality == "audio" else None
    assert as_samples(source, rate_hz=rate).modality == modality


def test_samples_stay_as_they_are_but_for_what_is_added():
    samples = from_memory(PIXELS, "image")
    assert as_samples(samples, "image") is samples
    marked = as_samples(samples, labels=np.arange(5), intensities=torch.linspace(0, 1, 5))
    assert list(marked.labels) == list("01234")
    assert marked.intensities.tolist() == [0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("folder",), {}, "Say of which modality folder is: image, audio, text"),
        (([{}],), {}, "The modality of a list cannot be told"),
        (
            (from_memory(["a"], "text"), "image"),
            {},
            r"The samples \(memory\) are text, and image was asked for",
        ),
        ((PIXELS, "picture"), {}, "There is no modality named 'picture'"),
        ((PIXELS,), {"rate_hz": 8_000}, "rate_hz is of audio, and the samples are image"),
        ((PIXELS,), {"labels_column": "mood"}, "A column of labels or texts is of files"),
        ((PIXELS,), {"labels": ["a"]}, "There are 1 labels for 5 samples"),
        ((PIXELS,), {"intensities": [0.5]}, r"Intensities are 5 numbers in \[0, 1\], .* found shape \[1\]"),
        ((PIXELS,), {"intensities": [0, 0, 0, 0, 2]}, r"found values outside"),
        ((["a"], "image"), {}, "A str cannot be used: images are"),
    ],
)
def test_what_does_not_fit(arguments, options, message):
    with pytest.raises((DataError, ConfigError), match=message):
        as_samples(*arguments, **options)
