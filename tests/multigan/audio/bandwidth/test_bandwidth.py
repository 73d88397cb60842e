"""Sounds at a lower rate and back, the networks that extend their band, and distances of pairs of clips."""

import numpy as np
import pytest
import soundfile
import torch

from evaluation.kinds.audio.pairs import check, log_spectral_distance, snr
from multigan.audio.bandwidth.files import extended
from multigan.audio.bandwidth.modality import BandwidthData, open_pairs
from multigan.audio.bandwidth.networks import ExtendingSettings, build
from multigan.audio.bandwidth.resample import low_pass, narrowed, widened
from multigan.config import load
from multigan.errors import ConfigError, DataError
from multigan.protocols import condition_shape_of
from multigan.reading.audio import Clip
from tests.worlds.pictures import silent

RATE_HZ = 16_000


def tone(hz, n=8192):
    return (
        torch.sin(2 * torch.pi * hz * torch.arange(n, dtype=torch.float64) / RATE_HZ).float()[None, None] / 2
    )


@pytest.mark.parametrize("factor", [2, 4])
def test_the_band_comes_back_and_what_is_above_is_gone(factor):
    edge = RATE_HZ / 2 / factor
    inside, above = tone(0.6 * edge), tone(1.3 * edge)
    for sound, kept in ((inside, 1.0), (above, 0.0)):
        low = narrowed(sound, factor)
        assert low.shape == (1, 1, 8192 // factor)
        back = widened(low, factor)
        assert back.shape == sound.shape
        middle = slice(1000, -1000)
        assert torch.allclose(back[..., middle], kept * sound[..., middle], atol=5e-3)
    assert low_pass(factor).sum().item() == pytest.approx(1.0)
    steps = narrowed(inside, factor) * 2**15
    assert torch.equal(steps, steps.round())


def test_an_untrained_generator_is_near_the_widened_sound_and_makes_any_length():
    torch.manual_seed(0)
    networks = build(ExtendingSettings(width=4, blocks=3, discriminator_width=4), (1, 2048), (1, 512))
    low = narrowed(tone(440, 2048), 4)
    made = networks["generator"](None, low)
    assert made.shape == (1, 1, 2048)
    assert networks["generator"](None, low[..., :100]).shape == (1, 1, 400)
    assert networks["discriminator"](made, low).shape == (1, 2048 // 64)
    assert [level.shape[1] for level in networks["features"](made)] == [129, 257, 513]
    with pytest.raises(ConfigError, match="extending makes sounds"):
        build(ExtendingSettings(), (1, 2048), (1, 700))
    with pytest.raises(ConfigError, match="takes a sound"):
        networks["generator"](None, None)


@pytest.mark.parametrize(("factor", "blocks"), [(2, 1), (4, 4)])
def test_a_long_sound_is_extended_alike_by_stretches_of_any_length(factor, blocks):
    torch.manual_seed(0)
    own = ExtendingSettings(width=4, blocks=blocks, discriminator_width=4)
    network = build(own, (1, 2048), (1, 2048 // factor))["generator"]
    torch.nn.init.normal_(network.leave.weight)
    low = np.random.default_rng(0).normal(0, 0.1, 1001).astype(np.float32)
    whole = extended(network, low)
    assert whole.shape == (1001 * factor,)
    np.testing.assert_allclose(extended(network, low, stretch=100), whole, atol=1e-5)


def test_drawn_sounds_are_paired_with_what_is_left_of_them(cache_folder):
    data = BandwidthData(n_samples=2048, drawn=16, drawn_held_out=8)
    splits = open_pairs(data, None, silent)
    assert condition_shape_of(splits.train) == (1, 512)
    batch = splits.held_out.batch([0, 3])
    assert torch.equal(batch.condition, narrowed(batch.real, 4))
    assert isinstance(splits.held_out.original(0), Clip)
    with pytest.raises(ConfigError, match=r"n_samples is a number that factor \(4\) divides, found 2050"):
        load(BandwidthData, {"n_samples": 2050}, "test")


def clip(waveform, rate_hz=RATE_HZ):
    return Clip(np.asarray(waveform, np.float32), rate_hz)


def test_distances_of_clips_by_hand():
    """A tenth of the signal as the difference: 20 dB. Ten times the amplitude: log power higher by 2 everywhere."""
    noise = np.random.default_rng(0).normal(0, 0.01, 8192)
    assert snr(clip(noise), clip(1.1 * noise)) == pytest.approx(20, abs=1e-4)
    assert snr(clip(noise), clip(noise)) == 100
    assert log_spectral_distance(clip(noise), clip(noise)) == 0
    assert log_spectral_distance(clip(noise), clip(10 * noise)) == pytest.approx(2, abs=1e-3)
    short = noise[:500]
    assert log_spectral_distance(clip(short), clip(10 * short)) == pytest.approx(2, abs=1e-2)
    with pytest.raises(DataError, match="it has 500 samples at 16000 Hz and the real one 8,192 at 16000"):
        check(clip(noise), clip(short))


def test_recordings_without_the_upper_band_are_skipped(tmp_path, cache_folder):
    for number, rate_hz in enumerate((8000, 11_025, 16_000, 44_100) * 4):
        noise = np.random.default_rng(number).normal(0, 0.1, 2 * rate_hz)
        soundfile.write(tmp_path / f"{number:02d}-{rate_hz}.wav", noise, rate_hz)
    settings = load(BandwidthData, {"n_samples": 8192, "held_out": 0.5}, "test")
    splits = open_pairs(settings, tmp_path, silent)
    read = {
        name.split("-")[1].split(".")[0] for side in (splits.train, splits.held_out) for name in side.names
    }
    assert read == {"16000", "44100"}
    notes = " ".join(splits.notes)
    assert "its rate is 8,000 Hz, and nothing between 4,000 and 8,000 Hz can be learnt from it" in notes
    assert "its rate is 11,025 Hz" in notes
