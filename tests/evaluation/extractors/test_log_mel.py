"""Log-mel features: against torchaudio, at known signals, and what they notice."""

import numpy as np
import pytest
import torch
import torchaudio

from evaluation.extractors import log_mel
from evaluation.extractors.log_mel import (
    LogMel,
    LogMelFrames,
    load_log_mel,
    load_log_mel_frames,
    mean_spectra,
    spectrogram,
)
from evaluation.extractors.protocol import features_of
from evaluation.metrics.frechet import frechet_distance
from evaluation.statistics.moments import moments
from multigan.reading.audio import Clip, read_clip
from tests.worlds.shared import SHARED

REAL = SHARED / "data" / "audio" / "fsdd"
RATE_HZ = log_mel.RATE_HZ


def tone(frequency_hz=1000.0, seconds=1.0, amplitude=1.0, rate_hz=RATE_HZ):
    waveform = amplitude * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate_hz)) / rate_hz)
    return Clip(waveform.astype(np.float32), rate_hz)


def noise(n, seed=0, amplitude=0.1):
    return (amplitude * np.random.default_rng(seed).standard_normal(n)).astype(np.float32)


def test_the_spectrogram_is_torchaudios():
    clip = Clip(
        noise(1024 + 50 * 256) + tone(seconds=1.0, amplitude=0.3).waveform[: 1024 + 50 * 256], RATE_HZ
    )
    peer = torchaudio.transforms.MelSpectrogram(
        RATE_HZ,
        n_fft=1024,
        hop_length=256,
        f_min=40,
        f_max=8000,
        n_mels=64,
        center=False,
        norm=None,
        mel_scale="htk",
    )
    power = peer(torch.from_numpy(clip.waveform)).numpy() / 256**2  # half the sum of a Hann window of 1,024
    expected = 10 * np.log10(np.maximum(power, 1e-8))
    assert expected.min() > -80  # so that the floor hides nothing
    assert np.allclose(spectrogram(clip), expected, atol=2e-3)


@pytest.mark.parametrize("frequency_hz", [100, 440, 1000, 3000, 7000])
def test_a_full_scale_sine_is_at_0_db_and_in_its_band(frequency_hz):
    levels = spectrogram(tone(frequency_hz))[:, 10]
    mel = 2595 * np.log10(1 + np.array([40, 8000, frequency_hz]) / 700)
    band = (mel[2] - mel[0]) / (mel[1] - mel[0]) * 65 - 1
    assert levels.max() == pytest.approx(0, abs=1.8)
    assert levels.argmax() == pytest.approx(band, abs=1)
    assert np.allclose(
        spectrogram(tone(frequency_hz, amplitude=0.1))[levels > -50, 10], levels[levels > -50] - 20, atol=0.05
    )


def test_silence_is_the_floor_and_finite():
    features = LogMel().prepare(Clip(np.zeros(8000, np.float32), 8000))
    assert np.array_equal(features, np.repeat(np.float32([-2, 0]), [64, 192]))


@pytest.mark.parametrize(("n", "frames"), [(1, 1), (1023, 1), (1024, 1), (1025, 2), (1280, 2), (1281, 3)])
def test_short_clips_are_filled_with_zeros(n, frames):
    clip = Clip(noise(n), RATE_HZ)
    padded = Clip(np.pad(clip.waveform, (0, 1024 + (frames - 1) * 256 - n)), RATE_HZ)
    assert spectrogram(clip).shape == (64, frames)
    assert np.array_equal(spectrogram(clip), spectrogram(padded))
    assert np.isfinite(LogMel().prepare(clip)).all()


def test_long_clips_are_done_in_blocks(monkeypatch):
    clip = Clip(noise(20_000), RATE_HZ)
    whole = spectrogram(clip)
    monkeypatch.setattr(log_mel, "_BLOCK", 7)
    assert np.allclose(spectrogram(clip), whole, atol=1e-3)


def test_statistics_over_time(monkeypatch):
    levels = np.tile(np.float32([-60, -40, -20]), (64, 1)) + np.arange(64, dtype=np.float32)[:, None] / 10
    monkeypatch.setattr(log_mel, "spectrogram", lambda clip: levels)
    features = LogMel().prepare(tone()).reshape(4, 64)
    assert np.allclose(features[0], np.arange(64) / 10 / 20, atol=1e-6)
    assert np.allclose(features[1], np.sqrt(2 / 3))
    assert np.allclose(features[2], 1)
    assert np.allclose(features[3], 2)
    assert np.allclose(mean_spectra(features.reshape(1, 256)), levels.mean(axis=1))  # in dB again


def test_frames_are_the_first_second_time_by_time():
    long, short = tone(seconds=2), tone(seconds=0.5)
    features = features_of(LogMelFrames(), [long, short]).reshape(2, 64, 64)
    assert np.array_equal(features[0], spectrogram(long)[:, :64].T)
    n_frames = spectrogram(short).shape[1]
    assert np.array_equal(features[1, :n_frames], spectrogram(short).T)
    assert (features[1, n_frames:] == -80).all()


def test_loading_gives_extractors_with_digests_of_their_own():
    loaded = [load(torch.device("cpu"), {}) for load in (load_log_mel, load_log_mel_frames)]
    assert [extractor.name for extractor in loaded] == ["log-mel-v1", "log-mel-frames-v1"]
    assert len({extractor.digest for extractor in loaded}) == 2
    assert "16000 Hz" in loaded[0].preprocessing


def chirps(n, seed, spread=1.0):
    """Clips of half a second: a decaying tone of random pitch and loudness in faint noise."""
    random_state = np.random.default_rng(seed)
    times = np.arange(8000) / RATE_HZ
    found = []
    for _ in range(n):
        pitch = 300 * 2 ** (2 * random_state.random())
        sound = 0.5 * random_state.random() * np.sin(2 * np.pi * pitch * spread * times) * np.exp(-4 * times)
        found.append((sound + 1e-3 * random_state.standard_normal(8000)).astype(np.float32))
    return found


@pytest.mark.parametrize("change", ["noise", "pitch", "reversed", "quieter"])
def test_the_frechet_distance_notices(change):
    def features(waveforms):
        return features_of(LogMel(), [Clip(held, RATE_HZ) for held in waveforms])

    def apart(fake):
        return frechet_distance(moments(real), moments(fake))

    n = 150
    real, others = features(chirps(n, 1)), chirps(n, 2)
    random_state = np.random.default_rng(3)
    changed = {
        "noise": lambda: [
            held + np.float32(0.01) * random_state.standard_normal(8000).astype(np.float32) for held in others
        ],
        "pitch": lambda: chirps(n, 2, spread=1.2),
        "reversed": lambda: [held[::-1].copy() for held in others],
        "quieter": lambda: [held * np.float32(0.5) for held in others],
    }[change]()
    same = max(apart(features(chirps(n, seed))) for seed in (2, 4, 5))
    assert apart(features(changed)) > 1.5 * same


@pytest.mark.skipif(not REAL.is_dir(), reason="the shared recordings are not there")
def test_noise_on_real_speech_is_noticed():
    paths = sorted(REAL.glob("*/*.flac"))
    order = np.random.default_rng(0).permutation(len(paths))[:600]
    clips = [read_clip(paths[i]) for i in order]
    random_state = np.random.default_rng(1)

    def noisy(clip):
        level = 0.1 * np.sqrt((clip.waveform**2).mean())  # 20 dB under the speech
        added = level * random_state.standard_normal(len(clip.waveform))
        return Clip((clip.waveform + added).astype(np.float32), clip.rate_hz)

    first, second = (moments(features_of(LogMel(), clips[part::2])) for part in (0, 1))
    spoilt = moments(features_of(LogMel(), [noisy(clip) for clip in clips[1::2]]))
    assert frechet_distance(first, spoilt) > 3 * frechet_distance(first, second)
