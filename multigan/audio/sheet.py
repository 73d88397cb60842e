"""Sounds for the eye: one picture with the waveform and the mel spectrogram of each."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool1d, adaptive_max_pool1d

from multigan.writing import make_folder, replacing

LOWEST_DB, HIGHEST_DB = -80.0, -10.0
"""The darkest and the brightest colour; 0 dB is a sine of full scale, and hardly a band of a real sound passes -10 dB."""
WAVEFORM_HEIGHT, MEL_HEIGHT = 36, 80
MARGIN, COLUMN_GAP, ROW_GAP = 10, 6, 13

_AIMED_WIDTH, _WIDTHS = 1_200, (96, 200)
_WINDOW_S = 0.05
_SHORTEST_TRANSFORM = 512
_AT_ONCE = 16
_MAGMA = (
    (0, 0, 4), (28, 16, 68), (79, 18, 123), (129, 37, 129), (181, 54, 122), (229, 80, 100), (251, 135, 97),
    (254, 194, 135), (252, 253, 191),
)  # fmt: skip
"""Nine evenly spaced colours of matplotlib's map of that name (CC0), even steps of lightness for the eye."""
_BACKGROUND, _SEPARATOR, _PANEL, _INK = (255, 255, 255), (205, 208, 216), (238, 240, 245), (38, 62, 110)
_N_HEATS, _N_SHADES = 224, 16
"""Colours of the palette: the map's, and the steps from the waveform's panel to its ink. Two more follow."""
_FIRST_SHADE = _N_HEATS
_LINE, _PAPER = _N_HEATS + _N_SHADES, _N_HEATS + _N_SHADES + 1


def write_sheet(samples: Tensor, columns: int, path: Path, rate_hz: int) -> None:
    """A PNG file of sounds [N, 1, T] in [-1, 1], row by row: each its waveform over its mel spectrogram.

    All cells have the same scales: the waveform's height is -1 to 1, low frequencies are at the bottom, and colours go from
    -80 dB (dark) to -10 dB (light) under a full-scale sine. The same bytes for the same sounds.
    """
    width = min(max(_AIMED_WIDTH // columns, _WIDTHS[0]), _WIDTHS[1])
    waveforms = samples.detach()[:, 0].float().cpu().nan_to_num().clamp(-1, 1)
    drawn = [_cells(some, width, rate_hz) for some in waveforms.split(_AT_ONCE)]
    picture = Image.fromarray(_arranged(np.concatenate(drawn), columns), mode="P")
    picture.putpalette(_palette())
    make_folder(path.parent)
    with replacing(path) as stream:
        picture.save(stream, format="PNG")


def _cells(waveforms: Tensor, width: int, rate_hz: int) -> np.ndarray:
    """Palette indices uint8 [N, H, W] of waveforms [N, T], each over its spectrogram."""
    gap = np.full((len(waveforms), 1, width), _PAPER, np.uint8)
    return np.concatenate([_traces(waveforms, width), gap, _spectra(waveforms, width, rate_hz)], axis=1)


def _traces(waveforms: Tensor, width: int) -> np.ndarray:
    """[N, WAVEFORM_HEIGHT, W]: from the lowest to the highest sample of each column, at least a pixel thick."""
    top = (1 - adaptive_max_pool1d(waveforms, width)) / 2 * WAVEFORM_HEIGHT
    bottom = (1 + adaptive_max_pool1d(-waveforms, width)) / 2 * WAVEFORM_HEIGHT
    more = (1 - (bottom - top)).clamp(min=0) / 2
    top, bottom = (top - more)[:, None], (bottom + more)[:, None]
    row = torch.arange(WAVEFORM_HEIGHT)[:, None]
    covered = (torch.minimum(bottom, row + 1) - torch.maximum(top, row)).clamp(0, 1)
    return (_FIRST_SHADE + covered * (_N_SHADES - 1)).round().byte().numpy()


def _spectra(waveforms: Tensor, width: int, rate_hz: int) -> np.ndarray:
    """[N, MEL_HEIGHT, W]: the power in mel bands over that of a full-scale sine, in decibels.

    A column is the mean of its frames, which are under Hann windows of about 50 ms.
    """
    n_samples = waveforms.shape[1]
    length = 2 ** min(round(math.log2(_WINDOW_S * rate_hz)), int(math.log2(n_samples)))
    window = torch.hann_window(length)
    # longer than the window: no mel band falls between two frequencies
    size = max(2 * length, _SHORTEST_TRANSFORM)
    spectrum = torch.stft(
        waveforms,
        size,
        hop_length=min(length // 4, max(1, n_samples // width)),
        win_length=length,
        window=window,
        pad_mode="constant",
        return_complex=True,
    )
    power = torch.view_as_real(spectrum).square().sum(-1) / (size / 4 * window.square().sum())
    bands = adaptive_avg_pool1d(_mel_filters(size, rate_hz).T @ power, width)
    levels_db = 10 * bands.clamp(min=1e-12).log10()
    shares = ((levels_db - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB)).clamp(0, 1)
    return (shares.flip(1) * (_N_HEATS - 1)).round().byte().numpy()


@lru_cache(maxsize=8)
def _mel_filters(size: int, rate_hz: int) -> Tensor:
    """[size / 2 + 1, MEL_HEIGHT], triangles of height 1 up to the Nyquist frequency."""
    from torchaudio.functional import melscale_fbanks

    return melscale_fbanks(size // 2 + 1, 0.0, rate_hz / 2, MEL_HEIGHT, rate_hz)


def _arranged(cells: np.ndarray, columns: int) -> np.ndarray:
    """Cells [N, H, W] on paper, row by row, a thin line between the rows."""
    n, height, width = cells.shape
    rows = -(-n // columns)
    sheet = np.full((rows * columns, height + ROW_GAP, width + COLUMN_GAP), _PAPER, np.uint8)
    sheet[:n, :height, :width] = cells
    sheet[:, height + ROW_GAP // 2] = _LINE
    sheet = sheet.reshape(rows, columns, *sheet.shape[1:]).swapaxes(1, 2)
    sheet = sheet.reshape(rows * (height + ROW_GAP), columns * (width + COLUMN_GAP))
    return np.pad(sheet[:-ROW_GAP, :-COLUMN_GAP], MARGIN, constant_values=_PAPER)


@lru_cache(maxsize=1)
def _palette() -> bytes:
    heat = _between(_MAGMA, _N_HEATS)
    shades = _between((_PANEL, _INK), _N_SHADES)
    return (
        np.concatenate([heat, shades, np.array([_SEPARATOR, _BACKGROUND])]).round().astype(np.uint8).tobytes()
    )


def _between(colours: tuple[tuple[int, int, int], ...], n: int) -> np.ndarray:
    """[n, 3]: evenly spaced on the straight lines from colour to colour."""
    places = np.linspace(0, len(colours) - 1, n)
    return np.stack(
        [np.interp(places, range(len(colours)), channel) for channel in zip(*colours, strict=True)], 1
    )
