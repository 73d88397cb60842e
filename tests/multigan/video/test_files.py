"""Clips on one picture."""

import numpy as np
import torch
from PIL import Image

from multigan.video.files import to_frames, write_moving_sheet, write_sheet
from multigan.video.settings import VideoData

DATA = VideoData(frames=8, resolution=16)
CLIPS = torch.linspace(-1, 1, 8).view(1, 1, 8, 1, 1).expand(3, 3, 8, 16, 16)


def test_frames_are_rounded_as_a_saved_file_is():
    values = torch.tensor([-1.0, 0.0, 1.0, 3.0]).view(1, 1, 4, 1, 1).expand(1, 3, 4, 2, 2)
    assert to_frames(values)[0, :, 0, 0, 0].tolist() == [0, 128, 255, 255]


def test_a_sheet_shows_each_clip_as_a_strip_from_its_first_frame_to_its_last(tmp_path):
    write_sheet(CLIPS, 2, tmp_path / "a.png", DATA)
    with Image.open(tmp_path / "a.png") as image:
        pixels = np.asarray(image)
    assert pixels.shape == (2 * 16 + 2, 2 * 8 * 16 + 2, 3)
    strip = pixels[8, 8 : 8 * 16 : 16, 0].astype(int)
    assert strip.tolist() == to_frames(CLIPS)[0, :, 0, 0, 0].astype(int).tolist()
    assert (pixels[20, 8 * 16 + 4 :] == 255).all()  # no fourth clip


def test_a_sheet_of_many_clips_shows_fewer_frames_of_each(tmp_path):
    write_sheet(CLIPS.repeat(10, 1, 1, 1, 1), 25, tmp_path / "a.png", DATA)
    with Image.open(tmp_path / "a.png") as image:
        assert image.width == 25 * (4 * 16 + 2) - 2


def test_a_moving_sheet_moves_as_the_clips_do(tmp_path):
    write_moving_sheet(CLIPS, 3, tmp_path / "a.gif", DATA)
    with Image.open(tmp_path / "a.gif") as image:
        assert (image.n_frames, image.size, image.info["duration"]) == (8, (3 * 18 - 2, 16), 120)
