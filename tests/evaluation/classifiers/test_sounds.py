"""The sound classifier: what it is trained on, that it learns, that it hears clips of any length, and where it judges."""

from pathlib import Path

import numpy as np
import pytest
import torch

from evaluation.classifiers import sounds as sound_classifier
from evaluation.classifiers.sounds import (
    Levels,
    cached_sound_classifier,
    levels,
    load_sound_classifier,
    n_frames_for,
    train_sound_classifier,
)
from evaluation.extractors.log_mel import FLOOR_DB, N_BANDS, spectrogram
from evaluation.extractors.protocol import features_of
from evaluation.figures import GENERATED, HELD_OUT
from evaluation.pipeline import evaluate
from evaluation.sources import as_samples, open_folder
from multigan.errors import CheckpointError, ConfigError, DataError
from multigan.reading.audio import Clip
from tests.worlds.emotive import FELT, RATE_HZ, tones
from tests.worlds.shared import SHARED

N_FRAMES = 28


def clips(drawn):
    return [Clip(waveform, RATE_HZ) for waveform in drawn.contents]


def numbers(drawn):
    return np.array([FELT.index(label) for label in drawn.labels])


def spectrograms(drawn):
    return np.stack([levels(clip, N_FRAMES) for clip in clips(drawn)])


TRAIN, HELD = tones(240, 0), tones(120, 1)
TRAIN_LEVELS, TRAIN_LABELS = spectrograms(TRAIN), numbers(TRAIN)


@pytest.fixture(scope="module")
def classifier():
    return train_sound_classifier(TRAIN_LEVELS, TRAIN_LABELS, 4, n_samples=2_560)


def quickly(seed=0):
    return train_sound_classifier(TRAIN_LEVELS[:30], TRAIN_LABELS[:30], 4, seed, n_samples=128)


# ---- what it hears ----


def test_clips_are_cut_or_filled_with_the_floor():
    """A tone of 0.5 s makes 29 frames (8,000 samples, windows of 1,024 every 256), and its spectrogram stays as it is."""
    clip = clips(TRAIN)[0]
    heard = spectrogram(clip)
    assert heard.shape == (N_BANDS, 29)
    np.testing.assert_array_equal(levels(clip, 10), heard[:, :10])
    filled = levels(clip, 40)
    np.testing.assert_array_equal(filled[:, :29], heard)
    assert (filled[:, 29:] == FLOOR_DB).all()
    flat = features_of(Levels(40), [clip])
    np.testing.assert_array_equal(flat.reshape(1, N_BANDS, 40)[0], filled)


def test_the_length_is_the_95th_percentile_of_the_training_clips():
    assert n_frames_for([10] * 95 + [1000] * 5) == 60  # 10 + 0.05 * 990, rounded up
    assert n_frames_for([10] * 96 + [1000] * 4) == 10
    assert n_frames_for([7]) == 7
    assert n_frames_for([4000] * 3) == sound_classifier.MOST_FRAMES


def test_augmentation_moves_a_sound_a_little():
    """A click in frame 50 of 100 and band 32: moved by 1.6 bands at most, and to frame 100 (1 +- 0.2) / 2 exp(+-0.15)."""
    held = torch.full((64, 1, N_BANDS, 100), FLOOR_DB)
    held[:, :, 31:34, 49:52] = -20
    found = sound_classifier._augmented(held, torch.Generator().manual_seed(0))
    assert found.shape == held.shape
    assert found.min() >= FLOOR_DB
    loudest, place = found.flatten(1).max(1)
    heard = loudest > -60  # a mask may lie on it
    assert heard.float().mean() > 0.6
    assert loudest.max() <= -20 + 9  # 6 dB of gain, 3 of tilt
    bands, frames = place[heard] // 100, place[heard] % 100
    assert ((bands - 32).abs() <= 3).all()
    assert 32 <= int(frames.min()) < 45
    assert 55 < int(frames.max()) <= 72
    assert len(found.flatten(1).unique(dim=0)) == 64


def test_silence_stays_silence_but_for_its_gain():
    silent = torch.full((16, 1, N_BANDS, N_FRAMES), FLOOR_DB)
    found = sound_classifier._augmented(silent, torch.Generator().manual_seed(0))
    assert found.min() >= FLOOR_DB
    assert found.max() <= FLOOR_DB + 9  # 6 dB of gain and 3 of tilt


# ---- what it learns ----


@pytest.mark.kernels
def test_it_learns(classifier):
    features = features_of(classifier, clips(HELD))
    assert (features.dtype, features.shape) == (np.float32, (120, 128))
    probabilities = classifier.probabilities_of(features)
    assert probabilities.shape == (120, 4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert (probabilities.argmax(axis=1) == numbers(HELD)).mean() > 0.95


@pytest.mark.kernels
def test_probabilities_are_the_networks(classifier):
    maps = (torch.from_numpy(spectrograms(HELD))[:, None] + 40) / 20
    with torch.inference_mode():
        logits = classifier.network(maps)
    expected = torch.softmax(logits.double(), 1).numpy()
    found = classifier.probabilities_of(features_of(classifier, clips(HELD)))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_clips_of_any_length_and_rate_are_read(classifier):
    random = np.random.default_rng(0)
    odd = [Clip(random.normal(0, 0.1, n).astype(np.float32), rate) for n, rate in
           ((1, 8_000), (300, 44_100), (20_000, 8_000), (480_000, 48_000))]  # fmt: skip
    assert np.isfinite(features_of(classifier, odd)).all()
    # a longer clip is heard as far as the classifier hears
    longer = [Clip(np.tile(clip.waveform, 2), RATE_HZ) for clip in clips(HELD)[:8]]
    np.testing.assert_allclose(
        features_of(classifier, longer), features_of(classifier, clips(HELD)[:8]), rtol=1e-4, atol=1e-4
    )


@pytest.mark.kernels
def test_rows_do_not_depend_on_the_batch(classifier):
    one, other = (features_of(classifier, clips(HELD)[:20], batch) for batch in (20, 3))
    np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


def test_it_is_its_seed_and_leaves_the_global_random_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    one, same, other = (quickly(seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert one.digest == same.digest != other.digest


def test_long_clips_are_averaged_to_few_columns():
    """400 frames make 134 columns of 3: the last holds the only frame that is left."""
    ramp = torch.arange(400.0).expand(1, N_BANDS, 400)
    found = sound_classifier._columns(ramp)
    assert found.shape == (1, 1, N_BANDS, 134)
    assert found[0, 0, 0].tolist() == [*range(1, 399, 3), 399]
    assert torch.equal(sound_classifier._columns(ramp[..., :160])[:, 0], ramp[..., :160])


def test_long_clips_and_few_clips_are_seen_less_often(monkeypatch):
    """2,560 columns are 64 clips of 40 frames or 128 of 20; 8 clips, 8 times each, are 64."""
    seen = []

    def train(n_frames):
        train_sound_classifier(
            np.zeros((8, N_BANDS, n_frames), np.float32), np.arange(8) % 2, 2,
            progress=lambda what, done, total: seen.append((what, done, total)),
        )  # fmt: skip

    monkeypatch.setattr(sound_classifier, "COLUMNS", 2_560)
    train(40)
    train(20)
    monkeypatch.setattr(sound_classifier, "PASSES", 8)
    train(20)
    what = "training the sound classifier"
    assert seen == [(what, 64, 64), (what, 64, 128), (what, 128, 128), (what, 64, 64)]


# ---- kept and found again ----


def test_it_is_saved_and_loaded_with_equal_bits(classifier, tmp_path):
    path = tmp_path / "new" / "classifier.safetensors"
    classifier.save(path)
    loaded = load_sound_classifier(path)
    assert (loaded.digest, loaded.preprocessing) == (classifier.digest, classifier.preprocessing)
    held = clips(HELD)[:10]
    np.testing.assert_array_equal(features_of(loaded, held), features_of(classifier, held))
    assert f"first {N_FRAMES} frames" in loaded.preprocessing


def test_files_that_are_none_are_refused(tmp_path):
    from evaluation.classifiers.training import save_tensors

    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"not tensors at all")
    for path in (damaged, tmp_path / "missing.safetensors"):
        with pytest.raises(CheckpointError, match=f"{path.name}.*Delete it to train anew"):
            load_sound_classifier(path)
    other = tmp_path / "other.safetensors"
    save_tensors(other, {"a": torch.zeros(1)}, {"format": "multigan emotion classifier"})
    with pytest.raises(CheckpointError, match="is no sound classifier"):
        load_sound_classifier(other)


def test_it_is_cached_by_content(tmp_path, monkeypatch):
    monkeypatch.setattr(sound_classifier, "SAMPLES", 64)

    def cached(digest, read=lambda: TRAIN_LEVELS[:30]):
        return cached_sound_classifier(tmp_path, digest, read, TRAIN_LABELS[:30], 4)

    first = cached("a")
    (file,) = tmp_path.iterdir()
    assert cached("a", lambda: pytest.fail("read again")).digest == first.digest
    cached("b")
    assert len(list(tmp_path.iterdir())) == 2
    file.write_bytes(b"damaged")
    assert cached("a").digest == first.digest
    assert load_sound_classifier(file).digest == first.digest


@pytest.mark.parametrize(
    ("held", "labels", "message"),
    [
        (TRAIN_LEVELS[:, :32], TRAIN_LABELS, r"\[N, 64, F\]; found \[240, 32, 28\]"),
        (TRAIN_LEVELS, TRAIN_LABELS[:5], "each of the 240 clips"),
        (TRAIN_LEVELS, TRAIN_LABELS + 1, "run from 1 to 4; with 4 classes they are 0 to 3"),
    ],
)
def test_data_that_do_not_fit_are_refused(held, labels, message):
    with pytest.raises(DataError, match=message):
        train_sound_classifier(held, labels, 4)


# ---- where it judges ----


@pytest.mark.kernels
def test_a_report_of_labelled_sounds_has_its_figures(monkeypatch, cache_folder):
    """Half of the labels are wrong: it shows in the accuracy, and not in the score, which knows no labels."""
    monkeypatch.setattr(sound_classifier, "SAMPLES", 2_560)
    fakes = tones(60, 2)
    turned = np.roll(FELT, 1)[numbers(fakes)]
    labels = np.where(np.arange(60) % 2, fakes.labels, turned)
    asked = as_samples(fakes.contents, rate_hz=RATE_HZ, labels=labels.tolist())
    report = evaluate(TRAIN.samples(), asked, held_out=HELD.samples())
    assert 0.35 < report.figure("emotion accuracy").value < 0.6
    assert report.figure("emotion accuracy", HELD_OUT).value > 0.9
    scores = [report.figure("classifier score[sound-classifier]", s) for s in (GENERATED, HELD_OUT)]
    assert all(1 < score.value <= 4 and "10 splits" in score.note for score in scores)
    for name in (
        "FAD[sound-classifier]", "KD[sound-classifier]", "precision[sound-classifier]", "recall[sound-classifier]",
        "coverage[sound-classifier]", "FAD[log-mel-v1]", "D self", "D train", "silent clips", "clipped clips",
        "calibration error",
    ):  # fmt: skip
        for subject in (GENERATED, HELD_OUT):
            assert np.isfinite(report.figure(name, subject).value), (name, subject)
    (facts,) = report.provenance["judges"].values()
    assert facts["features"] == "sound-classifier"
    assert np.array(report.confusions[GENERATED]).sum() == 60


def test_its_features_need_labelled_sounds():
    plain = as_samples(TRAIN.contents[:30], rate_hz=RATE_HZ)
    with pytest.raises(ConfigError, match="sound-classifier need real clips with two labels or more"):
        evaluate(plain, plain, features="sound-classifier")
    with pytest.raises(ConfigError, match="emotion-classifier need real images"):
        evaluate(TRAIN.samples(), TRAIN.samples(), features="emotion-classifier")


DIGITS = SHARED / "data" / "audio" / "fsdd"


@pytest.mark.kernels
@pytest.mark.skipif(not DIGITS.is_dir(), reason="the shared recordings are not there")
def test_spoken_digits_are_read():
    """Three digits, 90 recordings of them in training, of six speakers: after a twentieth of the usual training."""
    samples = open_folder(DIGITS, "audio", "digit")
    assert samples.labels is not None
    rows = [row for row in range(len(samples)) if samples.labels[row] in ("0", "6", "8")]
    takes = np.array([int(Path(samples.names[row]).stem.split("_")[2]) for row in rows])
    held = [levels(samples.read(row), 40) for row, take in zip(rows, takes, strict=True) if take < 10]
    labels = np.array(
        ["068".index(samples.labels[row]) for row, take in zip(rows, takes, strict=True) if take < 10]
    )
    known = takes[takes < 10] >= 5
    found = train_sound_classifier(np.stack(held)[known], labels[known], 3, n_samples=1_920)
    features = found.forward([one for one, of_training in zip(held, known, strict=True) if not of_training])
    read = found.probabilities_of(features).argmax(axis=1)
    assert (read == labels[~known]).mean() > 0.85
