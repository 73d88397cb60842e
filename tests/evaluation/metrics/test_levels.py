"""Noise and lost detail: levels by hand and in closed form, and what they notice in drawn and real samples."""

import numpy as np
import pytest
from PIL import Image

from evaluation.evidence import UnmeasuredError
from evaluation.figures import HELD_OUT
from evaluation.metrics.levels import estimate_level_above_real, image_levels, sound_levels
from evaluation.pipeline import evaluate
from evaluation.statistics.estimate import left_out
from evaluation.statistics.intervals import student
from multigan.errors import DataError
from multigan.reading.audio import Clip, read_clip
from tests.worlds.emotive import blurred, faces, tones
from tests.worlds.pictures import noise
from tests.worlds.shared import SHARED

RATE_HZ = 16_000
DEVIATION = 0.12
NOISE_DB = 20 * np.log10(DEVIATION)


def grey(rows):
    return np.repeat(np.asarray(rows, np.uint8)[..., None], 3, axis=-1)


def noisy(images, seed=0):
    random = np.random.default_rng(seed)
    return (
        np.clip(images + 255 * DEVIATION * random.normal(size=images.shape), 0, 255).round().astype(np.uint8)
    )


def clip_of(waveform, rate_hz=RATE_HZ):
    return Clip(np.asarray(waveform, np.float32), rate_hz)


# ---- of one sample ----


def test_levels_of_images_by_hand():
    """A chequered image has only the last detail, of size 1; stripes only one of the others; a flat image none."""
    chequered, floor = grey(np.indices((6, 8)).sum(axis=0) % 2 * 255), -10 * np.log10(12 * 255**2)
    assert image_levels(chequered) == pytest.approx((10 * np.log10(1 / 3), -20 * np.log10(0.6745)), abs=1e-4)
    stripes = grey(np.indices((6, 8))[1] % 2 * 255)
    assert image_levels(stripes) == pytest.approx((10 * np.log10(1 / 3), floor), abs=1e-4)
    for flat in (np.full((5, 7, 3), 99, np.uint8), np.full((1, 1, 3), 7, np.uint8)):
        assert image_levels(flat) == pytest.approx((floor, floor), abs=1e-4)
    assert floor == pytest.approx(-58.92, abs=0.01)


def test_white_noise_has_the_level_of_its_deviation():
    image = noisy(np.full((200, 200, 3), 128))
    assert image_levels(image) == pytest.approx((NOISE_DB, NOISE_DB), abs=0.15)
    sound = clip_of(np.random.default_rng(0).normal(0, DEVIATION, 8 * RATE_HZ))
    high, floor = sound_levels(sound)
    assert high == pytest.approx(NOISE_DB - 3.01, abs=0.15)
    assert floor == pytest.approx(NOISE_DB, abs=0.7)  # the quietest tenth of frames
    assert floor < NOISE_DB


def test_edges_are_detail_and_no_noise():
    """One edge through the image leaves the median of the details at nothing, and noise beside it is heard."""
    edge = np.full((64, 64, 3), 100)
    edge[:, 32:] = 160
    plain, grainy = image_levels(edge.astype(np.uint8)), image_levels(noisy(edge))
    assert plain[0] > -40
    assert plain[1] < -58
    assert grainy[1] == pytest.approx(NOISE_DB, abs=0.5)


def test_levels_of_tones_by_hand():
    """A tone counts where its frequency lies; the floor is that of the quiet tenth. Silence is -80 dB."""
    times = np.arange(2 * RATE_HZ) / RATE_HZ
    low, high = (0.5 * np.sin(2 * np.pi * hertz * times) for hertz in (1000, 6000))
    assert sound_levels(clip_of(low)) == pytest.approx((-80, 20 * np.log10(0.5) - 3.01), abs=0.1)
    assert sound_levels(clip_of(high)) == pytest.approx((20 * np.log10(0.5) - 3.01,) * 2, abs=0.1)
    halting = np.where(times % 1 < 0.8, low, 0)
    assert sound_levels(clip_of(halting))[1] == pytest.approx(-80, abs=0.1)
    assert sound_levels(clip_of(np.zeros(10))) == pytest.approx((-80, -80))


# ---- of sets ----


def test_the_estimate_by_hand():
    random = np.random.default_rng(0)
    real, fake = random.normal(-30, 4, 200), random.normal(-20, 4, 200)
    found = estimate_level_above_real(real, fake)
    assert found.value == pytest.approx(fake.mean() - real.mean())
    np.testing.assert_allclose(
        found.left_out, left_out(lambda one, other: other.mean() - one.mean(), real, fake, n_groups=20)
    )
    # groups of 10: the interval is Student's for the means of 20 groups
    groups = (fake - real).reshape(10, 20).mean(axis=0)
    assert found.interval.high - found.value == pytest.approx(student(19) * groups.std(ddof=1) / np.sqrt(20))
    with pytest.raises(DataError, match="at least 2 samples a side; found 1"):
        estimate_level_above_real(real[:1], fake)


def test_noise_and_blur_of_images_are_seen_and_told_apart():
    real, good = faces(100, 0).contents, faces(100, 1).contents
    fakes = {"good": good, "noisy": noisy(good), "blurred": blurred(good)}
    report = evaluate(real, fakes, held_out=faces(100, 2).contents, metrics=["fine detail", "noise level"])
    detail = {subject: report.figure("fine detail", subject) for subject in (*fakes, HELD_OUT)}
    assert detail["noisy"].low > max(0, detail["good"].high, detail[HELD_OUT].high)
    assert detail["blurred"].high < min(0, detail["good"].low, detail[HELD_OUT].low)
    level = {subject: report.figure("noise level", subject) for subject in fakes}
    assert level["noisy"].low > level["good"].high + 5
    said = {(one.figure, one.second): one.verdict for one in report.differences if one.first == "good"}
    assert said["fine detail", "noisy"] == said["noise level", "noisy"] == "noisy is higher"
    assert said["fine detail", "blurred"] == "good is higher"


def test_noise_and_dullness_of_sounds_are_seen_and_told_apart():
    real, good = tones(80, 0).samples(), tones(80, 1)
    hiss = np.random.default_rng(0).normal(0, DEVIATION, good.contents.shape).astype(np.float32)
    dull = np.apply_along_axis(np.convolve, 1, good.contents, np.full(3, 1 / 3), "same").astype(np.float32)
    fakes = {name: good.of(one).samples() for name, one in
             (("good", good.contents), ("noisy", good.contents + hiss), ("dull", dull))}  # fmt: skip
    report = evaluate(real, fakes, metrics=["high-frequency energy", "noise floor"])
    high = {subject: report.figure("high-frequency energy", subject) for subject in fakes}
    assert high["good"].low < 0 < high["good"].high
    assert high["noisy"].low > max(0, high["good"].high)
    assert high["dull"].high < min(0, high["good"].low)
    assert report.figure("noise floor", "noisy").low > report.figure("noise floor", "good").high


def test_sizes_and_rates_that_differ_are_one_sentence():
    small, large = noise(20, 0, side=16), noise(20, 1, side=24)
    with pytest.raises(UnmeasuredError, match=r"16x16 pixels and of the real ones 24x24\. Bring"):
        evaluate(large, small, metrics=["fine detail"])
    whole = evaluate(large, small)
    assert any("Bring both to one size" in warning for warning in whole.warnings)
    one, other = ([clip_of(row, rate) for row in tones(12, 0).contents] for rate in (16_000, 8_000))
    with pytest.raises(
        UnmeasuredError, match=r"have 8000 Hz and the real ones 16000\. Bring both to one rate"
    ):
        evaluate(one, other, metrics=["noise floor"])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are absent")
def test_noise_and_blur_are_seen_in_real_faces_and_digits():
    """200 emoji a side, and 200 spoken digits: beyond the intervals of clean ones."""
    random = np.random.default_rng(0)
    paths = random.permutation(sorted((SHARED / "data/images/emotive").rglob("*.png")))[:400]
    images = np.stack([np.asarray(Image.open(path).convert("RGB").reduce(2)) for path in paths])
    real, good = images[:200], images[200:]
    report = evaluate(real, {"good": good, "noisy": noisy(good), "blurred": blurred(good)},
                      metrics=["fine detail", "noise level"])  # fmt: skip
    good_detail = report.figure("fine detail", "good")
    assert good_detail.low < 0 < good_detail.high
    assert report.figure("fine detail", "noisy").low > good_detail.high + 1
    assert report.figure("fine detail", "blurred").high < good_detail.low - 2
    assert report.figure("noise level", "noisy").low > 20
    paths = random.permutation(sorted((SHARED / "data/audio/fsdd").rglob("*.flac")))[:400]
    clips = [read_clip(path) for path in paths]
    hiss = [
        clip_of(clip.waveform + random.normal(0, DEVIATION, len(clip.waveform)), clip.rate_hz)
        for clip in clips[200:]
    ]
    report = evaluate(clips[:200], {"good": clips[200:], "noisy": hiss}, metrics=["noise floor"])
    assert report.figure("noise floor", "noisy").low > report.figure("noise floor", "good").high + 10
