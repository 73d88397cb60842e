"""Samples as small pictures, row by row on one."""

import numpy as np
import torch
from PIL import Image

from multigan.tiles import tiled


def grey(sample):
    return Image.new("L", (4, 3), int(sample[0]))


def test_pictures_stand_row_by_row_and_what_is_left_is_white(tmp_path):
    tiled(grey)(torch.tensor([[10.0], [20.0], [30.0]]), 2, tmp_path / "page.png", None)
    page = np.asarray(Image.open(tmp_path / "page.png"))
    assert page.shape == (6, 8, 3)
    corners = [page[top : top + 3, left : left + 4] for top in (0, 3) for left in (0, 4)]
    assert [np.unique(corner).tolist() for corner in corners] == [[10], [20], [30], [255]]


def test_a_tile_has_room_for_the_largest_picture(tmp_path):
    pictures = {0: Image.new("RGB", (2, 5), "red"), 1: Image.new("RGB", (6, 1), "blue")}
    tiled(lambda sample: pictures[int(sample[0])])(torch.tensor([[0], [1]]), 2, tmp_path / "page.png", None)
    page = np.asarray(Image.open(tmp_path / "page.png"))
    assert page.shape == (5, 12, 3)
    assert page[4, 1].tolist() == [255, 0, 0]
    assert page[0, 11].tolist() == [0, 0, 255]
    assert page[1, 11].tolist() == [255, 255, 255]
