"""How images and sounds are made small enough for a page."""

import base64
import io

import numpy as np
from PIL import Image

from evaluation.kinds.audio import exhibit as sounds
from evaluation.kinds.image import exhibit as images
from multigan.reading.audio import Clip


def test_small_images_are_exact_and_large_ones_reduced():
    small = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    made = images.picture(small)
    np.testing.assert_array_equal(decoded(made.uri), small)
    large = images.picture(np.zeros((300, 600, 3), np.uint8))
    assert (large.width, large.height) == (128, 64)
    assert large.uri.startswith("data:image/jpeg")


def decoded(uri):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("RGB"))


def test_a_spectrogram_has_low_pitches_at_the_bottom_and_loud_places_bright():
    bands = np.full((64, 10), -80.0)
    bands[3] = 0.0
    pixels = decoded(sounds.spectrogram_picture(bands, 0.0).uri).astype(int).sum(axis=2)
    assert pixels.shape == (64, 10)
    assert (pixels.argmax(axis=0) == 64 - 1 - 3).all()
    time = np.arange(16_000 * 6) / 16_000
    tone = Clip(np.sin(2 * np.pi * 440 * time).astype(np.float32), 16_000)
    assert sounds.decibels(tone).shape == (64, sounds.SPECTROGRAM_COLUMNS)


def test_clips_are_cut_to_what_a_page_bears():
    clip = Clip(np.zeros(80_000, np.float32), 8_000)
    assert sounds.seconds_shown([clip], 10**6) == sounds.MOST_SECONDS
    assert sounds.seconds_shown([clip] * 50, 10**6) == 1.2  # 10^6 / (50 * 2 * 8,000) = 1.25
    assert sounds.seconds_shown([clip] * 500, 10**6) == sounds.FEWEST_SECONDS
    clip.waveform[40_000:48_000] = 0.5
    start, part = sounds.loudest(clip, 1.2)
    assert len(part.waveform) == 9_600
    assert 5 - 0.2 <= start <= 5
    assert sounds.loudest(clip, 20.0) == (0.0, clip)
