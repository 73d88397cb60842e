"""The contact sheet of sounds: where its pixels are, and what lights them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from multigan.audio.sheet import (
    COLUMN_GAP,
    HIGHEST_DB,
    LOWEST_DB,
    MARGIN,
    MEL_HEIGHT,
    ROW_GAP,
    WAVEFORM_HEIGHT,
    write_sheet,
)

WHITE, PANEL, INK, DARKEST, LIGHTEST = (
    (255, 255, 255),
    (238, 240, 245),
    (38, 62, 110),
    (0, 0, 4),
    (252, 253, 191),
)
HEIGHT = WAVEFORM_HEIGHT + 1 + MEL_HEIGHT


def sine(frequency_hz, rate_hz=16_000, n_samples=16_384, amplitude=1.0):
    return amplitude * torch.sin(2 * torch.pi * frequency_hz * torch.arange(n_samples) / rate_hz)


def sheet(sounds, tmp_path, columns=12, rate_hz=16_000):
    """RGB [H, W, 3] of the file."""
    path = tmp_path / "new" / "sheet.png"
    write_sheet(torch.stack(sounds)[:, None], columns, path, rate_hz)
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def parts(pixels, width=100, row=0, column=0):
    """The waveform and the spectrogram of one cell."""
    top, left = MARGIN + row * (HEIGHT + ROW_GAP), MARGIN + column * (width + COLUMN_GAP)
    cell = pixels[top : top + HEIGHT, left : left + width]
    return cell[:WAVEFORM_HEIGHT], cell[WAVEFORM_HEIGHT + 1 :]


def brightest_row(spectrogram):
    """From the bottom, in the middle of the cell."""
    middle = spectrogram[::-1, spectrogram.shape[1] // 2].sum(axis=1)
    return int(middle.argmax())


def band_of(frequency_hz, rate_hz):
    """The bands' centres are evenly spaced in mel = 2595 log10(1 + f / 700), between 0 and the Nyquist frequency."""
    mel = np.log10(1 + np.array([frequency_hz, rate_hz / 2]) / 700)
    return mel[0] / mel[1] * (MEL_HEIGHT + 1) - 1


@pytest.mark.parametrize(
    ("columns", "width"), [(1, 200), (6, 200), (7, 171), (10, 120), (12, 100), (13, 96), (50, 96)]
)
def test_the_sheet_has_the_size_of_its_cells(tmp_path, columns, width):
    pixels = sheet([torch.zeros(1_024)] * 3, tmp_path, columns)
    rows = -(-3 // columns)
    assert pixels.shape == (
        2 * MARGIN + rows * (HEIGHT + ROW_GAP) - ROW_GAP,
        2 * MARGIN + columns * (width + COLUMN_GAP) - COLUMN_GAP,
        3,
    )


def test_silence_is_a_line_over_darkness(tmp_path):
    waveform, spectrogram = parts(sheet([torch.zeros(16_384)], tmp_path))
    assert (spectrogram == DARKEST).all()
    assert (waveform[: WAVEFORM_HEIGHT // 2 - 1] == PANEL).all()
    assert (waveform[WAVEFORM_HEIGHT // 2 + 1 :] == PANEL).all()
    assert (waveform[WAVEFORM_HEIGHT // 2 - 1 : WAVEFORM_HEIGHT // 2 + 1, :, 0] < 160).all()


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("share", [0.06, 0.25, 0.7])
def test_a_sine_lights_the_row_of_its_frequency(tmp_path, rate_hz, share):
    frequency_hz = share * rate_hz / 2
    _, spectrogram = parts(sheet([sine(frequency_hz, rate_hz, amplitude=0.1)], tmp_path, rate_hz=rate_hz))
    assert brightest_row(spectrogram) == pytest.approx(band_of(frequency_hz, rate_hz), abs=0.75)
    far = abs(np.arange(MEL_HEIGHT)[::-1] - band_of(frequency_hz, rate_hz)) > 8
    assert (spectrogram[far, 20:80] == DARKEST).all()


def test_colours_are_decibels_under_a_full_scale_sine(tmp_path):
    """The quieter of two sines is 35 dB under the louder, half of the range: from the last colour to the middle one."""
    centre_hz = 700 * (10 ** (np.log10(1 + 8_000 / 700) * 41 / (MEL_HEIGHT + 1)) - 1)
    levels_db = [0.0, HIGHEST_DB, (HIGHEST_DB + LOWEST_DB) / 2, LOWEST_DB - 1]
    sounds = [sine(centre_hz, amplitude=10 ** (level_db / 20)) for level_db in levels_db]
    pixels = sheet(sounds, tmp_path)
    lit = [parts(pixels, column=column)[1][::-1][40, 50] for column in range(4)]
    assert tuple(lit[0]) == LIGHTEST
    assert lit[1] == pytest.approx(LIGHTEST, abs=12)
    assert lit[2] == pytest.approx((181, 54, 122), abs=12)
    assert tuple(lit[3]) == DARKEST


def test_a_waveform_reaches_from_its_lowest_to_its_highest_sample(tmp_path):
    """A square wave between -0.5 and 0.5 in the first half, full scale in the second."""
    square = torch.tensor([1.0, -1.0]).repeat(8_192)
    waveform, _ = parts(sheet([square * torch.tensor([0.5, 1.0]).repeat_interleave(8_192)], tmp_path))
    quarter = WAVEFORM_HEIGHT // 4
    assert (waveform[quarter : 3 * quarter, :49] == INK).all()
    assert (waveform[:quarter, :49] == PANEL).all()
    assert (waveform[3 * quarter :, :49] == PANEL).all()
    assert (waveform[:, 51:] == INK).all()


def test_up_is_up(tmp_path):
    waveform, _ = parts(sheet([torch.full((1_024,), 0.75)], tmp_path))
    assert np.abs(waveform - PANEL).sum(axis=(1, 2)).nonzero()[0] == pytest.approx([4], abs=1)


@pytest.mark.parametrize("n_samples", [16_384, 131_072])
def test_a_click_stands_where_it_is(tmp_path, n_samples):
    """Wherever it is: between the frames of a long sound, none is lost."""
    places = (20.4 + 1.21 * np.arange(48)) / 100 * n_samples
    clicks = [torch.zeros(n_samples).index_fill(0, torch.tensor(int(place)), 1.0) for place in places]
    pixels = sheet(clicks, tmp_path)
    for i, place in enumerate(places):
        waveform, spectrogram = parts(pixels, 100, *divmod(i, 12))
        column = int(place * 100 / n_samples)
        assert (waveform[:, :, 0].min(axis=0) < 60).nonzero()[0].tolist() == [column]
        assert spectrogram.sum(axis=(0, 2)).argmax() == pytest.approx(column, abs=1)
        assert (
            spectrogram[:, column - 1 : column + 2].sum(axis=2).max(axis=1).min() > 100
        )  # bright in all bands
        assert (spectrogram[:, : column - 8] == DARKEST).all()


def test_sounds_are_arranged_row_by_row(tmp_path):
    sounds = [sine(500.0 * (i + 1), n_samples=4_096) for i in range(5)]
    pixels = sheet(sounds, tmp_path, columns=3)
    rows = [brightest_row(parts(pixels, 200, *divmod(i, 3))[1]) for i in range(5)]
    assert rows == sorted(set(rows))
    for part in parts(pixels, 200, 1, 2):
        assert (part == WHITE).all()
    separator = MARGIN + HEIGHT + ROW_GAP // 2
    assert (pixels[separator, MARGIN:-MARGIN] == (205, 208, 216)).all()
    assert (pixels[separator - 1] == WHITE).all()


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000])
@pytest.mark.parametrize("n_samples", [1_024, 5_000, 131_072])
def test_any_length_and_rate_is_drawn(tmp_path, n_samples, rate_hz):
    noise = torch.rand(n_samples, generator=torch.Generator().manual_seed(0)) - 0.5
    waveform, spectrogram = parts(sheet([noise], tmp_path, rate_hz=rate_hz))
    assert (waveform == INK).any()
    assert (spectrogram[:, 5:-5].sum(axis=2) > 150).all()  # white noise lights all of it


def test_the_same_sounds_give_the_same_bytes(tmp_path):
    sounds = torch.rand(20, 1, 4_096, generator=torch.Generator().manual_seed(0)) - 0.5
    for name in ("a", "b"):
        write_sheet(sounds, 5, tmp_path / f"{name}.png", 16_000)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_what_is_beyond_full_scale_or_not_a_number_is_drawn_at_the_edge(tmp_path):
    bad = torch.full((2, 16_384), 3.0)
    bad[0] = torch.nan
    pixels = sheet(list(bad), tmp_path)
    silent, loud = (parts(pixels, column=column)[0] for column in range(2))
    assert np.array_equal(silent, parts(sheet([torch.zeros(16_384)], tmp_path))[0])
    assert (loud[0, :, 0] < 160).all()
    assert (loud[1:] == PANEL).all()
