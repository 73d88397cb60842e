"""The rule of line drawings: by hand, and against independent arithmetic of whole numbers."""

import numpy as np
import pytest
import torch

from multigan.image.drawn.faces import draw_faces, face_labels
from multigan.image.translation.lines import line_drawing
from tests.worlds.pictures import noise


def tensor_of(pixels):
    return torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float() / 127.5 - 1


def drawn(pixels):
    """bool [N, H, W]: where a line is."""
    lines = line_drawing(tensor_of(pixels))
    assert set(lines.unique().tolist()) <= {-1.0, 1.0}
    assert torch.equal(lines[:, :1].expand(-1, 3, -1, -1), lines)
    return (lines[:, 0] < 0).numpy()


def by_hand(pixels):
    """The rule in int64, with the square of each pixel taken out of a picture whose edge repeats."""
    luma = pixels.astype(np.int64) @ np.array([299, 587, 114])
    padded = np.pad(luma, ((0, 0), (2, 2), (2, 2)), mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(1, 2)).sum((3, 4))
    return around - 25 * luma >= 25 * 12_000


def test_a_stroke_is_one_line():
    pixels = np.full((1, 16, 16, 3), 200, np.uint8)
    pixels[:, :, 7] = 20
    expected = np.zeros((1, 16, 16), bool)
    expected[:, :, 7] = True
    assert np.array_equal(drawn(pixels), expected)


@pytest.mark.parametrize(("step", "columns"), [(29, 0), (30, 1), (59, 1), (60, 2), (200, 2)])
def test_a_border_is_drawn_on_its_dark_side(step, columns):
    """The first dark column is two fifths of the step below its square's mean, the second one fifth; a line is 12 below."""
    pixels = np.full((1, 12, 20, 3), 220, np.uint8)
    pixels[:, :, 10:] -= np.uint8(step)
    lines = drawn(pixels)
    assert lines[:, :, 10 : 10 + columns].all()
    assert lines.sum() == 12 * columns


def test_every_drawing_is_that_of_whole_numbers():
    faces = draw_faces(32, *face_labels(8, 0))
    for pixels in (noise(4, 0, 16), faces):
        assert np.array_equal(drawn(pixels), by_hand(pixels))
    assert 0.05 < drawn(faces).mean() < 0.4


def test_a_drawing_moves_with_its_picture():
    pixels = noise(2, 1, 16)
    assert np.array_equal(drawn(pixels[:, :, ::-1]), drawn(pixels)[:, :, ::-1])
    assert np.array_equal(drawn(pixels.transpose(0, 2, 1, 3)), drawn(pixels).transpose(0, 2, 1))
