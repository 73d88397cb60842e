"""Small sound files by seed, opened as the tests of audio data need them."""

import dataclasses

import numpy as np
import soundfile

from multigan.audio.data import open_audio
from multigan.audio.settings import AudioData
from multigan.reading import audio as reading
from multigan.reading import prepare

SMALL = AudioData(sample_rate_hz=8_000, n_samples=1_024)
PLAIN = dataclasses.replace(SMALL, trim_db=None, loudness_lufs=None)


def tone(seed, n=1_000, rate_hz=8_000):
    """A tone of its own frequency and phase with a little noise, float32 [n]."""
    random = np.random.default_rng(seed)
    phases = 2 * np.pi * random.uniform(200, 2_000) * np.arange(n) / rate_hz + random.uniform(0, 6)
    return (0.3 * np.sin(phases) + 0.01 * random.standard_normal(n)).astype(np.float32)


def clip(path, seed, n=1_000, rate_hz=8_000, channels=1, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    waves = np.stack([tone(seed + 1_000 * channel, n, rate_hz) for channel in range(channels)], axis=1)
    soundfile.write(path, waves, rate_hz, **how)
    return path


def fill(folder, classes, count, **how):
    for c, name in enumerate(classes):
        for i in range(count):
            clip(folder / name / f"{i:02d}.wav", 100 * c + i, **how)
    return folder


def silent(what, done, total):
    pass


def opened(folder, settings=SMALL):
    return open_audio(settings, folder, silent)


def samples_of(splits):
    """Name -> int16 [T]."""
    sides = (splits.train, splits.held_out)
    return {name: side.slices[np.array([i])][0] for side in sides for i, name in enumerate(side.names)}


def with_(settings=SMALL, **values):
    return dataclasses.replace(settings, **values)


def aged(folder, monkeypatch):
    """Let the files look settled: a time well after their last change."""
    newest = max(p.stat().st_ctime_ns for p in folder.rglob("*"))
    monkeypatch.setattr(prepare.time, "time_ns", lambda: newest + 10**10)


def readings(monkeypatch):
    """A list that grows by the path of every sound that is read."""
    read, read_clip = [], reading.read_clip
    monkeypatch.setattr(reading, "read_clip", lambda path: read.append(path) or read_clip(path))
    return read


def sides_of(splits):
    """Name -> side."""
    return dict.fromkeys(splits.train.names, "train") | dict.fromkeys(splits.held_out.names, "held out")
