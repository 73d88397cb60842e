"""Spectrograms as representations of sound: what networks see in place of waveforms, and the way back.

Magnitudes alone are modelled; phases are found again from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from scipy.linalg import eigh
from torch import Tensor, nn
from torch.nn import functional

FLOOR_DB = -80.0
"""Added to all magnitudes before the logarithm, relative to a sine of full scale: quieter parts are silence."""
_FLOOR = 10 ** (FLOOR_DB / 20)
_MOMENTUM = 0.99
_PEAK = 0.99
_NOISE, _TONE = 0.3, 1.0
_BLOCK = 16
_FADED = 256


class ShortTimeFourier(nn.Module):
    """Waveforms [N, L] <-> complex spectra [N, M, F] of M frames; F = window/2, the Nyquist bin is left out.

    z[m, k] = 2 / sum(w) sum_n w[n] x[m hop + n] e^{-2 pi i k (n - window/2) / window}

    with a periodic Hann window. The phase is that at the frame's centre, so that the bins of one main lobe agree; a sine
    of amplitude 1 at a bin's centre has magnitude 1. A sound of T samples is the middle of a waveform of
    L = (M - 1) hop + window: (window - hop)/2 lie before it, and the rest behind it.
    """

    window: Tensor
    signs: Tensor
    weights: Tensor
    starts: Tensor

    def __init__(self, n_samples: int, n_frames: int, window: int, hop: int) -> None:
        super().__init__()
        self.n_samples, self.n_frames, self.size, self.hop = n_samples, n_frames, window, hop
        self.left, self.length = (window - hop) // 2, (n_frames - 1) * hop + window
        shape = torch.hann_window(window)
        signs = 1.0 - 2.0 * (torch.arange(window // 2) % 2)
        weights = self._overlap_add(shape.square().expand(1, n_frames, -1)).clamp(min=1e-4)
        starts = (torch.arange(n_frames) * hop - self.left).clamp(0, max(n_samples - window, 0))
        self.register_buffer("window", shape, persistent=False)
        self.register_buffer("signs", signs * 2 / shape.sum(), persistent=False)
        self.register_buffer("weights", weights, persistent=False)
        self.register_buffer("starts", starts, persistent=False)

    def forward(self, waveforms: Tensor) -> Tensor:
        return self._spectra(waveforms.unfold(-1, self.size, self.hop))

    def within(self, sounds: Tensor) -> Tensor:
        """[N, T] -> [N, M, F]: frames that would reach over an end of the sound are moved inside.

        A cut tone leaks into all bins, which is nothing that a few components tell of a sound.
        """
        padded = functional.pad(sounds, (0, max(self.size - self.n_samples, 0)))
        return self._spectra(padded.unfold(-1, self.size, 1)[..., self.starts, :])

    def inverse(self, spectra: Tensor) -> Tensor:
        """[N, M, F] -> [N, L]: the waveform whose spectra are nearest in the least-squares sense."""
        frames = torch.fft.irfft(spectra / self.signs, n=self.size) * self.window
        return self._overlap_add(frames) / self.weights

    def sounds(self, waveforms: Tensor) -> Tensor:
        """[N, L] -> [N, T]."""
        return waveforms[:, self.left : self.left + self.n_samples]

    def _spectra(self, frames: Tensor) -> Tensor:
        return torch.fft.rfft(frames * self.window)[..., :-1] * self.signs

    def _overlap_add(self, frames: Tensor) -> Tensor:
        """[N, M, window] -> [N, length]: frame m is added from m * hop on, a hop at a time."""
        parts = frames.unflatten(-1, (-1, self.hop))
        total = frames.new_zeros(len(frames), self.length // self.hop, self.hop)
        for index in range(parts.shape[2]):
            total[:, index : index + self.n_frames] += parts[:, :, index]
        return total.flatten(1)


class NormalisedSpectrogram(nn.Module):
    """Log-magnitudes [F, M] of a sound [1, T], bin by bin: SpecGAN's, arXiv:1802.04208, section 4.

    e[k, m] = (ln(|z[m, k]| + floor) - mean[k]) / (3 deviation[k]), clipped to [-1, 1].
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, fourier: ShortTimeFourier, n_iterations: int) -> None:
        super().__init__()
        self.fourier, self.n_iterations = fourier, n_iterations
        self.shape = (fourier.size // 2, fourier.n_frames)
        self.register_buffer("mean", torch.full((self.shape[0],), math.log(_FLOOR) / 2))
        self.register_buffer("deviation", torch.full((self.shape[0],), -math.log(_FLOOR) / 4))

    @torch.no_grad()
    def fit(self, samples: Tensor) -> None:
        """Mean and deviation of each bin over real samples [N, 1, T], all frames together."""
        mean, covariance = _moments(samples, self.fourier)
        self.mean.copy_(mean)
        self.deviation.copy_(covariance.diagonal().sqrt().clamp(min=0.1))

    @torch.no_grad()
    def encode(self, samples: Tensor) -> Tensor:
        logs = log_magnitudes(samples, self.fourier)
        return ((logs - self.mean) / (3 * self.deviation)).clamp(-1, 1).transpose(1, 2)

    @torch.no_grad()
    def decode(self, encoded: Tensor) -> Tensor:
        logs = encoded.float().clamp(-1, 1).transpose(1, 2) * (3 * self.deviation) + self.mean
        return sounds_of(logs, self.fourier, self.n_iterations, torch.zeros_like)


class PrincipalSpectrogram(nn.Module):
    """The principal components [K, P] of the log-magnitudes of a sound [1, T], ``patch`` frames at a time.

    e[:, p] = S^-1 V' (ln(|z[m]| + floor) - mean), the frames m of patch p side by side, where V [patch F, K] holds the
    first eigenvectors of the patches' covariance over the data and S = diag(deviation ** WHITENING) (``fit``). A few
    components hold harmonics, envelopes and how they change within a patch. The grain of noise, which nobody can
    predict, lies evenly in all of a patch's directions: all but K / (patch F) of it is left out, so that the networks
    hardly see it and need not make it, and the way back gives it anew (``sounds_of``).

    A frame hears no onset that is shorter than itself, so that what comes back would begin and end at full level, with a
    click, where real sounds fade. ``fades`` [2, B] are the gains of the first and last blocks of samples that mend that;
    they rise towards the middle of the sound, and are 1 where real sounds do not fade.
    """

    mean: Tensor
    basis: Tensor
    dual: Tensor
    highest: Tensor
    fades: Tensor
    WHITENING = 0.5

    def __init__(self, fourier: ShortTimeFourier, n_components: int, patch: int, n_iterations: int) -> None:
        super().__init__()
        n_bins = fourier.size // 2
        size = patch * n_bins
        self.fourier, self.patch, self.n_iterations = fourier, patch, n_iterations
        self.shape = (min(n_components, size), fourier.n_frames // patch)
        self.register_buffer("mean", torch.full((size,), math.log(_FLOOR) / 2))
        self.register_buffer("basis", torch.eye(self.shape[0], size))
        self.register_buffer("dual", torch.eye(self.shape[0], size))
        self.register_buffer("highest", torch.full((n_bins,), math.log(2)))
        self.register_buffer("fades", torch.ones(2, min(fourier.size, fourier.n_samples // 2) // _BLOCK))

    @torch.no_grad()
    def fit(self, samples: Tensor) -> None:
        """Mean, principal components, highest values and fades of the patches of real samples [N, 1, T]."""
        mean, covariance = _moments(samples, self.fourier, self.patch)
        n = len(covariance)
        highest = (n - self.shape[0], n - 1)
        variances, vectors = map(torch.from_numpy, eigh(covariance.numpy(), subset_by_index=highest))
        vectors = vectors.flip(1).T
        vectors = vectors * vectors.gather(1, vectors.abs().argmax(1, keepdim=True)).sign()
        scales = variances.flip(0)[:, None].clamp(min=1e-4).sqrt() ** self.WHITENING
        self.mean.copy_(mean)
        self.basis.copy_(vectors * scales)
        self.dual.copy_(vectors / scales)
        tops = [_heard(part, self.fourier).amax((0, 1)) for part in samples.split(64)]
        self.highest.copy_(torch.stack(tops).amax(0))
        self.fades.fill_(1)
        some = samples[:_FADED].to(self.mean)
        energies = [_energies_of_ends(sounds, self.fades) for sounds in (some, self._there_and_back(some))]
        start, end = (energies[0] / energies[1].clamp(min=1e-12)).sqrt().clamp(max=1)
        self.fades.copy_(torch.stack((start.cummax(0).values, end.flip(0).cummax(0).values.flip(0))))

    @torch.no_grad()
    def encode(self, samples: Tensor) -> Tensor:
        logs = _patches(log_magnitudes(samples, self.fourier), self.patch)
        return ((logs - self.mean) @ self.dual.T).transpose(1, 2)

    @torch.no_grad()
    def decode(self, encoded: Tensor) -> Tensor:
        patches = encoded.float().transpose(1, 2) @ self.basis + self.mean
        # what is a little too high as a logarithm would be a bang as a sound
        logs = patches.unflatten(-1, (self.patch, -1)).flatten(-3, -2).minimum(self.highest)
        sounds = sounds_of(logs, self.fourier, self.n_iterations, self._unseen)
        length = self.fades.shape[1] * _BLOCK
        first, last = functional.interpolate(self.fades[None], length, mode="linear")[0]
        return torch.cat(
            (sounds[..., :length] * first, sounds[..., length:-length], sounds[..., -length:] * last), -1
        )

    def _there_and_back(self, samples: Tensor) -> Tensor:
        return torch.cat([self.decode(self.encode(part)) for part in samples.split(64)])

    def _unseen(self, logs: Tensor) -> Tensor:
        """What the components leave out of the deviation of log-magnitudes from their mean."""
        patches = _patches(logs, self.patch)
        return logs - (patches @ self.dual.T @ self.basis).view_as(logs)


def _patches(logs: Tensor, patch: int) -> Tensor:
    """Neighbouring frames side by side: [..., M, F] -> [..., M / patch, patch F]; frames that fill no patch are left out."""
    n_patches = logs.shape[-2] // patch
    return logs[..., : n_patches * patch, :].unflatten(-2, (n_patches, patch)).flatten(-2)


def log_magnitudes(samples: Tensor, fourier: ShortTimeFourier) -> Tensor:
    """ln(|z| + floor) [N, M, F] of sounds [N, 1, T]."""
    return (fourier.within(samples[:, 0]).abs() + _FLOOR).log()


def sounds_of(
    logs: Tensor, fourier: ShortTimeFourier, n_iterations: int, unseen: Callable[[Tensor], Tensor]
) -> Tensor:
    """Sounds [N, 1, T] of ``log_magnitudes`` [N, M, F], |x| <= 0.99; the same for the same input.

    Where they are as peaked as tones, phases start from ``locked_phases``; where they are as flat as the mean of noise,
    from white noise, the same for all sounds, and what is ``unseen`` of its log-magnitudes [M, F] is added.
    """
    logs = logs.clamp(math.log(_FLOOR), math.log(2))
    drawn = torch.randn(1, fourier.length, generator=torch.Generator().manual_seed(0))
    noise = fourier(drawn.to(logs.device))
    grain = noise.abs().clamp(min=1e-6).log()
    phases, tonality = locked_phases(logs, fourier.hop / fourier.size)
    magnitudes = (logs.exp() - _FLOOR) * (unseen(grain - grain.mean()) * (1 - tonality)).exp()
    units = torch.polar(tonality, phases) + torch.sgn(noise) * (1 - tonality)
    waveforms = fourier.sounds(griffin_lim(magnitudes, units, fourier, n_iterations))
    # a sound that would clip is made softer as a whole
    return (waveforms / (waveforms.abs().amax(1, keepdim=True) / _PEAK).clamp(min=1))[:, None]


def _energies_of_ends(sounds: Tensor, fades: Tensor) -> Tensor:
    """Energy of each block of samples at the start and at the end of sounds [N, 1, T], all together: like ``fades``."""
    blocks = sounds[:, 0].square().sum(0)
    length = fades.shape[1] * _BLOCK
    return torch.stack((blocks[:length], blocks[-length:])).unflatten(1, (-1, _BLOCK)).sum(-1)


def _heard(samples: Tensor, fourier: ShortTimeFourier) -> Tensor:
    """``log_magnitudes`` without the frames that lie beyond the sound's end and fill the networks' lengths."""
    return log_magnitudes(samples, fourier)[:, : -(-fourier.n_samples // fourier.hop)]


def _moments(samples: Tensor, fourier: ShortTimeFourier, patch: int = 1) -> tuple[Tensor, Tensor]:
    """Mean [D] and covariance [D, D] of patches of D log-magnitudes, float64, on the CPU."""
    size, count, middle = patch * fourier.size // 2, 0, math.log(_FLOOR) / 2
    total = torch.zeros(size, dtype=torch.float64)
    products = torch.zeros(size, size, dtype=torch.float64)
    for part in samples.split(64):
        frames = _patches(_heard(part, fourier), patch).flatten(0, 1) - middle
        total += frames.sum(0).cpu()
        products += (frames.T @ frames).cpu()
        count += len(frames)
    mean = total / count
    return mean + middle, products / count - mean[:, None] * mean


def locked_phases(logs: Tensor, hop_share: float) -> tuple[Tensor, Tensor]:
    """Phases and tonality [N, M, F] of log-magnitudes [N, M, F], in a single pass; SPSI (Beauregard et al., DSP 2015).

    A parabola through a peak and its neighbours gives the peak's frequency k + p, in bins; its phase is that of the
    same bin a frame earlier plus 2 pi (k + p) hop / window, and all bins that rise towards the peak share it.

    Tonality goes by the peak's curvature, from 0 at ``_NOISE`` to 1 at ``_TONE`` nepers; a Hann window's main lobe, that
    is a tone, has 1.4.
    """
    padded = functional.pad(logs, (1, 1), mode="replicate")
    below, above = padded[..., :-2], padded[..., 2:]
    bins = torch.arange(logs.shape[-1], device=logs.device)
    rises = (above > logs) & (above >= below)
    peak = bins + rises.long() - ((below > logs) & ~rises).long()
    for _ in range(math.ceil(math.log2(logs.shape[-1]))):
        peak = peak.gather(-1, peak)
    curvature = (2 * logs - below - above).clamp(min=1e-6)
    offset = (0.5 * (above - below) / curvature).clamp(-0.5, 0.5)
    steps = (2 * math.pi * hop_share * (bins + offset)).gather(-1, peak)
    phases = [torch.zeros_like(logs[:, 0])]
    for step, source in zip(steps.unbind(1)[1:], peak.unbind(1)[1:], strict=True):
        phases.append(torch.remainder(phases[-1].gather(-1, source) + step, 2 * math.pi))
    tonality = ((curvature - _NOISE) / (_TONE - _NOISE)).clamp(0, 1).gather(-1, peak)
    return torch.stack(phases, 1), tonality


def griffin_lim(magnitudes: Tensor, spectra: Tensor, fourier: ShortTimeFourier, n_iterations: int) -> Tensor:
    """Waveforms [N, L] of given magnitudes [N, M, F], the phases starting from those of ``spectra``.

    Fast Griffin-Lim (Perraudin, Balazs and Sondergaard, WASPAA 2013, algorithm 2): c_n = P(s e^{i arg t_{n-1}}),
    t_n = c_n + a (c_n - c_{n-1}), where P goes to a waveform and back; a = 0.99.
    """
    guess, before = spectra, None
    for _ in range(n_iterations):
        consistent = fourier(fourier.inverse(magnitudes * torch.sgn(guess)))
        guess = consistent if before is None else torch.lerp(before, consistent, 1 + _MOMENTUM)
        before = consistent
    return fourier.inverse(magnitudes * torch.sgn(guess))
