"""How loud a sound is (ITU-R BS.1770-4), and a sound brought to a loudness or a peak.

torchaudio.functional.loudness clamps what its filters give to full scale (its full-scale sine is 0.27 dB too quiet),
fails on clips shorter than a block and says nan of silence; so only its recursive filter is used here.
"""

from __future__ import annotations

import numpy as np

from multigan.errors import DataError
from multigan.reading.audio import Clip, peak_of, resampled

PEAK = 0.99
"""Nothing is made louder than this: a little room under full scale."""

_RATE_HZ = 48_000
"""The standard gives its filters at this rate; other sounds are measured resampled to it."""
_STEP = _RATE_HZ // 10
_BLOCK_STEPS = 4
"""A block is 0.4 s long and moves by 0.1 s."""
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""Tables 1 and 2 of the standard: numerator and denominator, by the delay."""
_SILENT_LUFS, _RELATIVE_LU, _OFFSET_LU = -70.0, -10.0, -0.691
_STRETCH, _SETTLED = 100 * _STEP, 10 * _STEP
"""Long sounds are filtered by ten seconds, each after the second before it: by then the filter has forgotten the rest."""


def loudness_lufs(waveform: np.ndarray, rate_hz: int) -> float:
    """Integrated loudness of a mono waveform [T]; -inf where no block is over -70 LUFS, such as silence.

    L = -0.691 + 10 log10 of the mean square of the K-weighted signal, over the blocks (0.4 s, every 0.1 s) that are over
    -70 LUFS and over 10 LU under the loudness of all that are (ITU-R BS.1770-4, eqs. 1 to 7).
    A clip shorter than a block is measured as if repeated, a whole number of times; what follows the last whole 0.1 s is
    not heard. A sine of 997 Hz and a peak of 1 has -3.01 LUFS.
    """
    try:
        clip = Clip(np.asarray(waveform, np.float32), rate_hz)
    except DataError as error:
        raise DataError(f"The loudness of a sound cannot be measured: {error}.") from error
    waveform = resampled(clip, _RATE_HZ)
    if len(waveform) < _BLOCK_STEPS * _STEP:
        waveform = np.tile(waveform, -(-_BLOCK_STEPS * _STEP // len(waveform)))
    steps = [_step_powers(np.concatenate([np.zeros(_SETTLED, np.float32), waveform[:_STRETCH]]))]
    for start in range(_STRETCH, len(waveform), _STRETCH):
        steps.append(_step_powers(waveform[start - _SETTLED : start + _STRETCH]))
    steps = np.concatenate(steps)
    powers = np.convolve(steps, np.full(_BLOCK_STEPS, 1 / _BLOCK_STEPS), mode="valid")
    powers = powers[powers > _power(_SILENT_LUFS)]
    if not len(powers):
        return float("-inf")
    loud = powers[powers > powers.mean() * 10 ** (_RELATIVE_LU / 10)]
    return float(_OFFSET_LU + 10 * np.log10(loud.mean()))


def at_loudness(waveform: np.ndarray, rate_hz: int, lufs: float) -> np.ndarray:
    """The waveform [T] with one gain that brings it to ``lufs``, or less where its peak would pass 0.99.

    What is too quiet to be measured (under -70 LUFS) stays as it is, but for its peak.
    """
    loudness = loudness_lufs(waveform, rate_hz)
    gain = 10 ** ((lufs - loudness) / 20) if np.isfinite(loudness) else 1.0
    peak = peak_of(waveform)
    return waveform * np.float32(min(gain, PEAK / peak) if peak > 0 else 1.0)


def at_peak(waveform: np.ndarray, peak: float = PEAK) -> np.ndarray:
    """The waveform [T] with one gain that brings its largest |x| to ``peak``; silence stays as it is."""
    highest = float(np.abs(waveform).max(initial=0.0))
    return waveform * np.float32(peak / highest if highest > 0 else 1.0)


def _power(lufs: float) -> float:
    return 10 ** ((lufs - _OFFSET_LU) / 10)


def _step_powers(stretch: np.ndarray) -> np.ndarray:
    """The mean square of each whole step of 0.1 s after the first second, K-weighted."""
    import torch
    from torchaudio.functional import lfilter

    (shelf_over, shelf_under), (pass_over, pass_under) = _SHELF, _HIGH_PASS
    numerator = torch.from_numpy(np.convolve(shelf_over, pass_over))
    denominator = torch.from_numpy(np.convolve(shelf_under, pass_under))
    with torch.inference_mode():
        samples = torch.from_numpy(stretch.astype(np.float64))
        weighted = lfilter(samples, denominator, numerator, clamp=False).numpy()[_SETTLED:]
    return np.square(weighted[: len(weighted) // _STEP * _STEP]).reshape(-1, _STEP).mean(axis=1)
