"""Spectrograms against sines by hand, covariances by numpy, and the sounds that come back."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import pad

from multigan.audio.networks.spectrogram import (
    FLOOR_DB,
    NormalisedSpectrogram,
    PrincipalSpectrogram,
    ShortTimeFourier,
    griffin_lim,
    locked_phases,
    log_magnitudes,
    sounds_of,
)

RATE_HZ = 16_000
FLOOR = 10 ** (FLOOR_DB / 20)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def fourier_of(n_samples, window=512, share=4):
    hop = window // share
    return ShortTimeFourier(n_samples, -(-n_samples // hop), window, hop)


def tones(n, n_samples=8192):
    """Chords of decaying harmonics [N, 1, T]."""
    seconds = torch.arange(n_samples) / RATE_HZ
    sounds = torch.zeros(n, n_samples)
    for sound, root in zip(sounds, torch.linspace(150, 400, n), strict=True):
        for ratio in (1, 1.25, 1.5):
            for harmonic in range(1, 6):
                phase = 2 * math.pi * (root * ratio * harmonic * seconds + torch.rand(()))
                sound += 0.1 / harmonic * phase.sin()
    return (sounds * (-2 * seconds).exp())[:, None]


def noises(n, n_samples=8192):
    """White noise with the level of each sound its own [N, 1, T]."""
    return 0.1 * torch.linspace(0.2, 1, n)[:, None, None] * torch.randn(n, 1, n_samples)


def levels_db(sounds, window=700):
    """The level of sixteen bands [N, 16], over the whole sound, by another transform than the product's."""
    spectra = torch.stft(
        sounds[:, 0], window, window // 4, window=torch.hann_window(window), return_complex=True
    )
    power = spectra.abs().square().mean(2)[:, : 16 * (window // 32)].unflatten(1, (16, -1)).mean(2)
    return 10 * power.clamp(min=1e-9).log10()


def distance_db(sounds, others, window=700):
    """Mean difference of log-spectra, where the first is within 50 dB of its peak."""
    first, second = (
        torch.stft(x[:, 0], window, window // 4, window=torch.hann_window(window), return_complex=True).abs()
        for x in (sounds, others)
    )
    loud = first > first.amax((1, 2), keepdim=True) * 10**-2.5
    return float((20 * (first / second.clamp(min=1e-6)).log10()).abs()[loud].mean())


@pytest.mark.parametrize("share", [2, 4])
def test_a_sine_at_a_bins_centre_has_its_amplitude_and_its_phase_at_the_frames_centre(share):
    window, k, amplitude, phase = 256, 20, 0.3, 0.7
    fourier = fourier_of(4096, window, share)
    n = torch.arange(4096)
    spectra = fourier.within((amplitude * (2 * math.pi * k * n / window + phase).cos())[None])[0]
    middle = torch.arange(4, fourier.n_frames - 4)
    centres = middle * fourier.hop + fourier.hop / 2
    expected = torch.polar(torch.tensor(amplitude), phase + 2 * math.pi * k * centres / window)
    torch.testing.assert_close(spectra[middle, k], expected, atol=1e-4, rtol=0)
    # the neighbours, half as large by the window's shape, agree in phase
    for neighbour in (k - 1, k + 1):
        torch.testing.assert_close(spectra[middle, neighbour], expected / 2, atol=1e-4, rtol=0)


@pytest.mark.parametrize(("n_samples", "window", "share"), [(4096, 512, 4), (5001, 256, 2), (1024, 1024, 4)])
def test_spectra_go_back_to_the_sound(n_samples, window, share):
    fourier = fourier_of(n_samples, window, share)
    sounds = tones(2, n_samples)[:, 0] * torch.hann_window(
        n_samples
    )  # nothing in the last bin, which is left out
    waveforms = pad(sounds, (fourier.left, fourier.length - fourier.left - n_samples))
    torch.testing.assert_close(fourier.sounds(fourier.inverse(fourier(waveforms))), sounds, atol=2e-5, rtol=0)


def test_the_inverse_is_the_nearest_sound():
    """Least squares: what is left of any spectra is orthogonal to the spectra of every sound."""
    fourier = fourier_of(2048, 256)
    spectra = torch.randn(1, fourier.n_frames, 128, dtype=torch.complex64)
    spectra[..., 0] = spectra[..., 0].real  # as real sounds have it
    rest = spectra - fourier(fourier.inverse(spectra))
    probe = fourier(tones(1, fourier.length)[:, 0])
    weights = torch.full((128,), 2.0)
    weights[0] = 1  # every bin but the first stands for its mirror image too
    product = ((rest * probe.conj()).real * weights).sum() / (rest.norm() * probe.norm())
    assert abs(float(product)) < 1e-3


def test_phases_follow_the_parabola_through_each_peak():
    """ln|z| = -c (k - 10.3)^2: the peak's bin is 10, its frequency 10.3 bins, its curvature 2c."""
    logs = torch.stack([-c * (torch.arange(40) - 10.3).square().expand(5, -1) for c in (0.7, 0.325, 0.05)])
    phases, tonality = locked_phases(logs, 0.25)
    expected = torch.remainder(2 * math.pi * 0.25 * 10.3 * torch.arange(5), 2 * math.pi)
    torch.testing.assert_close(phases, expected[None, :, None].expand(3, 5, 40), atol=1e-4, rtol=0)
    wanted = torch.tensor([1.0, 0.5, 0.0])  # curvatures 1.4, 0.65 and 0.1, between 0.3 and 1
    torch.testing.assert_close(tonality, wanted[:, None, None].expand(3, 5, 40), atol=1e-4, rtol=0)


def test_each_bin_follows_the_peak_that_it_rises_to():
    logs = torch.full((1, 3, 64), -20.0)
    for peak, bins in ((10, range(5, 16)), (30, range(22, 40))):
        for k in bins:
            logs[..., k] = -0.7 * (k - peak) ** 2 / 4
    phases, _ = locked_phases(logs, 0.25)
    for peak, bins in ((10, range(6, 15)), (30, range(23, 39))):
        step = math.remainder(2 * math.pi * 0.25 * peak, 2 * math.pi)
        got = torch.remainder(phases[0, 1, list(bins)] - step + math.pi, 2 * math.pi) - math.pi
        assert float(got.abs().max()) < 1e-4


def test_a_steady_sine_between_bins_comes_back_as_one():
    n, frequency_hz = torch.arange(8192), 1234.5
    sound = 0.4 * (2 * math.pi * frequency_hz * n / RATE_HZ).sin()
    fourier = fourier_of(8192, 1024)
    logs = log_magnitudes(sound[None, None], fourier)
    back = sounds_of(logs, fourier, 0, torch.zeros_like)[0, 0, 1024:-1024]  # phases alone, nothing mended
    spectrum = torch.fft.rfft(back * torch.hann_window(len(back))).abs()
    assert abs(int(spectrum.argmax()) * RATE_HZ / len(back) - frequency_hz) < RATE_HZ / len(back)
    assert float(back.abs().max()) == pytest.approx(0.4, rel=0.05)


@pytest.mark.kernels
def test_griffin_lim_makes_magnitudes_consistent():
    fourier = fourier_of(4096)
    magnitudes = fourier(tones(3, fourier.length)[:, 0]).abs()
    start = torch.polar(torch.ones_like(magnitudes), 2 * math.pi * torch.rand_like(magnitudes))
    left = [
        float((fourier(griffin_lim(magnitudes, start, fourier, n)).abs() - magnitudes).norm())
        for n in (0, 4, 32)
    ]
    assert left[2] < 0.7 * left[1] < 0.7 * 0.7 * left[0]


@pytest.mark.kernels
@pytest.mark.parametrize("patch", [1, 2])
def test_principal_components_are_those_of_the_patches(patch):
    sounds, fourier = noises(140, 2048) + tones(140, 2048), fourier_of(2048, 128)
    representation = PrincipalSpectrogram(fourier, 64 * patch, patch, 0)
    representation.fit(sounds)
    logs = log_magnitudes(sounds, fourier)
    frames = logs.reshape(-1, 64 * patch).double().numpy()  # neighbours side by side
    variances = np.linalg.eigvalsh(np.cov(frames.T, bias=True))[::-1]
    encoded = representation.encode(sounds).transpose(1, 2).flatten(0, 1).double().numpy()
    np.testing.assert_allclose(encoded.mean(0), 0, atol=1e-3)
    expected = np.diag(np.sqrt(variances))  # each is divided by the root of its deviation
    np.testing.assert_allclose(np.cov(encoded.T, bias=True), expected, atol=2e-3 * expected.max())
    # all of them hold all there is
    again = encoded @ representation.basis.double().numpy() + representation.mean.double().numpy()
    np.testing.assert_allclose(again, frames, atol=1e-3)


def test_few_components_hold_the_most_that_so_few_can():
    sounds, fourier = tones(40, 2048) + 0.01 * noises(40, 2048), fourier_of(2048, 128)
    representation = PrincipalSpectrogram(fourier, 8, 1, 0)
    representation.fit(sounds)
    logs = log_magnitudes(sounds, fourier)
    again = representation.encode(sounds).transpose(1, 2) @ representation.basis + representation.mean
    variances = np.linalg.eigvalsh(np.cov(logs.flatten(0, 1).double().numpy().T, bias=True))[::-1]
    left = float((again - logs).square().sum(-1).mean())
    assert left == pytest.approx(variances[8:].sum(), rel=1e-3)


def test_normalised_bins_have_mean_0_and_deviation_a_third_within_1():
    sounds, fourier = noises(70, 2048), fourier_of(2048, 128, 2)
    representation = NormalisedSpectrogram(fourier, 0)
    representation.fit(sounds)
    logs = log_magnitudes(sounds, fourier).flatten(0, 1)
    torch.testing.assert_close(representation.mean, logs.mean(0), atol=1e-4, rtol=0)
    torch.testing.assert_close(representation.deviation, logs.std(0, correction=0), atol=1e-3, rtol=0)
    encoded = representation.encode(sounds)
    assert encoded.shape == (70, *representation.shape)
    assert float(encoded.abs().max()) <= 1
    row = (logs[:, 5] - logs[:, 5].mean()) / (3 * logs[:, 5].std(correction=0))
    torch.testing.assert_close(encoded[:, 5].flatten(), row.clamp(-1, 1), atol=1e-3, rtol=0)


def make(kind, sounds, window=512, n_iterations=8, n_components=64, patch=1):
    if kind == "principal":
        representation = PrincipalSpectrogram(
            fourier_of(sounds.shape[-1], window), n_components, patch, n_iterations
        )
    else:
        fourier = fourier_of(sounds.shape[-1], window // 2, 2)
        representation = NormalisedSpectrogram(fourier, n_iterations)
    representation.fit(sounds)
    return representation


@pytest.mark.kernels
@pytest.mark.parametrize("kind", ["principal", "normalised"])
def test_tones_and_noise_come_back_alike(kind):
    sounds = torch.cat((tones(24), noises(24)))
    representation = make(kind, sounds)
    back = representation.decode(representation.encode(sounds))
    power = back[:24].square().mean(-1) / sounds[:24].square().mean(-1)
    assert float((10 * power.log10()).abs().mean()) < 1
    assert float((levels_db(back) - levels_db(sounds))[24:].abs().mean()) < 1
    if kind == "principal":  # SpecGAN's bins of 62 Hz do not tell the tones of a chord apart
        assert distance_db(sounds[:24], back[:24]) < 3.5


def test_a_patch_of_frames_leaves_out_more_of_the_grain_and_no_more_of_the_tones():
    """The grain of white noise lies evenly in all directions: K components of D keep K / D of it."""
    sounds, kept = 0.05 * torch.randn(256, 1, 8192), {}
    for patch in (1, 4):
        representation = make("principal", sounds, n_components=16, patch=patch)
        logs = log_magnitudes(sounds, representation.fourier)
        left = representation._unseen(
            logs - representation.mean.view(patch, -1).repeat(logs.shape[1] // patch, 1)
        )
        inner = slice(4, -4)  # frames at the ends lie over each other, and what they share is less noise
        kept[patch] = 1 - float(left[:, inner].var() / logs[:, inner].var())
    assert kept[4] < 0.5 * kept[1]
    sounds = torch.cat((tones(24), noises(24)))
    for patch in (1, 4):
        representation = make("principal", sounds, patch=patch)
        back = representation.decode(representation.encode(sounds))
        assert distance_db(sounds[:24], back[:24]) < 3.5


def test_noise_of_its_mean_log_spectrum_comes_back_as_noise_of_its_level():
    """The grain that a few components leave out is made anew: neither is it lost, nor does the sound become tonal."""
    sounds = noises(48)
    representation = make("principal", sounds, n_components=4)
    back = representation.decode(representation.encode(sounds))
    assert float((levels_db(back) - levels_db(sounds)).abs().mean()) < 1
    kurtosis = back[24:].double().pow(4).mean(-1) / back[24:].double().square().mean(-1).square()
    torch.testing.assert_close(kurtosis, torch.full_like(kurtosis, 3), atol=0.4, rtol=0)


def test_silence_comes_back_as_silence():
    sounds = torch.cat((noises(8), torch.zeros(8, 1, 8192)))
    representation = make("principal", sounds)
    assert float(representation.decode(representation.encode(sounds[8:])).abs().max()) < 0.003


@pytest.mark.parametrize("kind", ["principal", "normalised"])
def test_a_sound_is_decoded_the_same_whatever_is_beside_it_and_whatever_was_drawn(kind):
    sounds = torch.cat((tones(4), noises(4)))
    representation = make(kind, sounds)
    encoded = representation.encode(sounds)
    state = torch.get_rng_state()
    first = representation.decode(encoded)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(5)
    assert torch.equal(representation.decode(encoded), first)
    torch.testing.assert_close(representation.decode(encoded[5:6]), first[5:6], atol=1e-3, rtol=0)
    assert float(first.abs().max()) <= 1


def test_a_steady_tone_that_is_cut_comes_back_steady_to_its_ends():
    """A frame over the cut sees the tone leak into all bins, and a few components make a burst of that."""
    n = torch.arange(8192)
    pitches = 2 * math.pi * (200 + 1500 * torch.rand(64, 1)) / RATE_HZ
    tone = (0.3 * (pitches * n + 6 * torch.rand(64, 1)).sin() + 0.003 * torch.randn(64, 8192))[:, None]
    representation = PrincipalSpectrogram(fourier_of(8192, 1024), 24, 4, 8)
    representation.fit(tone)
    there, back = (
        x.unflatten(-1, (-1, 256)).square().mean((0, 1, 3))
        for x in (tone, representation.decode(representation.encode(tone)))
    )
    change_db = 10 * (back / there).log10()
    assert float((change_db - change_db[8:-8].mean()).abs()[[0, 1, 2, 3, -4, -3, -2, -1]].max()) < 1.5


def test_sounds_that_fade_in_come_back_without_a_click_at_their_start():
    fade = (torch.arange(8192) / 96).clamp(max=1)
    sounds = tones(64) * fade
    representation = PrincipalSpectrogram(fourier_of(8192, 1024), 24, 4, 8)
    representation.fit(sounds)
    back = representation.decode(representation.encode(sounds))
    levels = [each[..., :16].square().mean().sqrt() for each in (sounds, back)]
    assert levels[1] == pytest.approx(levels[0], rel=0.25)
    assert (representation.fades.diff()[0] >= 0).all()
    assert representation.fades[0, 0] < 0.2
    # what is as loud at its start as later stays so
    representation.fit(noises(64))
    assert representation.fades.min() > 0.8


@pytest.mark.parametrize("n_samples", [1024, 1031, 8200])
def test_fades_change_the_ends_alone_whatever_the_length_of_a_sound(n_samples):
    representation = make("principal", noises(8, n_samples), 1024, n_components=8)
    representation.fades.fill_(1)
    encoded = representation.encode(noises(2, n_samples))
    plain = representation.decode(encoded)
    length = 16 * representation.fades.shape[1]
    assert length == min(1024, n_samples // 32 * 16)
    representation.fades[0], representation.fades[1] = 0.5, 0.25
    gains = torch.ones(n_samples)
    gains[:length], gains[-length:] = 0.5, 0.25
    torch.testing.assert_close(representation.decode(encoded), plain * gains)


def test_what_no_sound_would_give_is_decoded_within_bounds():
    representation = make("principal", tones(8))
    decoded = representation.decode(50 * torch.randn(4, *representation.shape))
    assert bool(decoded.isfinite().all())
    assert float(decoded.abs().max()) <= 1


def test_a_checkpoint_holds_what_was_fitted():
    sounds = tones(8)
    for kind in ("principal", "normalised"):
        fitted, fresh = make(kind, sounds), make(kind, noises(8))
        encoded = fitted.encode(sounds)
        assert not torch.equal(fresh.encode(sounds), encoded)
        fresh.load_state_dict(fitted.state_dict())
        assert torch.equal(fresh.encode(sounds), encoded)
        assert torch.equal(fresh.decode(encoded), fitted.decode(encoded))
    assert set(fitted.state_dict()) == {"mean", "deviation"}  # nothing that the settings give


def test_what_is_far_too_high_comes_back_no_louder_than_the_data():
    """A logarithm that is a little too high would be a bang as a sound."""
    real = 0.05 * tones(8)
    representation = PrincipalSpectrogram(fourier_of(8192), 32, 4, 4)
    representation.fit(real)
    loud = representation.decode(representation.encode(8 * real))
    assert float(loud.abs().max()) < 3 * float(real.abs().max())


def test_a_sound_that_would_clip_is_made_softer_as_a_whole():
    fourier = fourier_of(4096)
    sine = (2 * math.pi * 440 * torch.arange(4096) / RATE_HZ).sin()[None, None]
    soft, loud = (
        sounds_of(log_magnitudes(level * sine, fourier), fourier, 8, torch.zeros_like) for level in (0.5, 1.9)
    )
    assert float(soft.abs().max()) < 0.6
    assert float(loud.abs().max()) == pytest.approx(0.99, abs=1e-5)
    assert float((loud.abs() > 0.985).float().mean()) < 0.1  # clipped, two thirds of it would lie there


def test_frames_beyond_the_end_of_a_sound_tell_nothing_of_the_data():
    """Networks of SpecGAN are often longer than the sound: silence there would lower all means."""
    real = noises(16, 4096)
    longer = ShortTimeFourier(4096, 64, 256, 128)
    fitted = [NormalisedSpectrogram(fourier, 0) for fourier in (longer, ShortTimeFourier(4096, 32, 256, 128))]
    for representation in fitted:
        representation.fit(real)
    torch.testing.assert_close(fitted[0].mean, fitted[1].mean)
    torch.testing.assert_close(fitted[0].deviation, fitted[1].deviation)
