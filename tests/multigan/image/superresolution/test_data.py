"""Pieces of a person's pictures with what is left of them at a half or a quarter, and drawn faces."""

import numpy as np
import pytest
import torch
from PIL import Image

from multigan.config import load
from multigan.errors import ConfigError, DataError
from multigan.image.superresolution.data import cut, look_at, made_smaller, open_pairs
from multigan.image.superresolution.settings import EnlargingData
from multigan.protocols import condition_shape_of
from tests.worlds.pictures import noise, silent

SMALL = EnlargingData(resolution=16, pieces=3)


def folder_of(root, sizes):
    """Pictures of noise of these (width, height), by number."""
    root.mkdir()
    for number, (width, height) in enumerate(sizes):
        pixels = np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(root / f"{number:02d}.png")
    return root


def test_the_small_picture_by_hand():
    """Four pixels of 0, 0, 0 and 3 levels have the mean 0.75, which a file holds as 1."""
    levels = torch.tensor([[0.0, 0.0], [0.0, 3.0]]).view(1, 1, 2, 2)
    small = made_smaller(levels / 127.5 - 1, 2)
    assert ((small + 1) * 127.5).item() == pytest.approx(1.0, abs=1e-5)
    whole = torch.from_numpy(noise(2, 0, 16)).permute(0, 3, 1, 2).float()
    means = whole.reshape(2, 3, 4, 4, 4, 4).mean((3, 5)).round()
    assert torch.allclose((made_smaller(whole / 127.5 - 1, 4) + 1) * 127.5, means, atol=1e-4)


def test_pieces_do_not_overlap_and_are_drawn_by_the_seed():
    picture = np.arange(50 * 40 * 3, dtype=np.int64).reshape(50, 40, 3)
    pieces = cut(picture, 16, 100, 5)
    assert pieces.shape == (6, 16, 16, 3)
    assert len(np.unique(pieces)) == pieces.size
    few = cut(picture, 16, 2, 5)
    assert np.array_equal(few, pieces[:2])
    assert not np.array_equal(cut(picture, 16, 2, 6), few)
    assert np.array_equal(cut(picture[:16, :16], 16, 4, 0)[0], picture[:16, :16])
    with pytest.raises(DataError, match="it has 40x15 pixels, and pieces of 16x16 are cut"):
        cut(picture[:15], 16, 2, 0)


def test_pictures_of_any_size_are_held_out_whole(tmp_path, cache_folder):
    folder = folder_of(tmp_path / "own", [(40, 50), (33, 16), (100, 20), (16, 16), (10, 90), (64, 64)])
    splits = open_pairs(SMALL, folder, silent)
    sides = [{name.partition("#")[0] for name in side.names} for side in (splits.train, splits.held_out)]
    assert sides[0] | sides[1] == {"00.png", "01.png", "02.png", "03.png", "05.png"}
    assert not sides[0] & sides[1]
    assert sides[1]
    assert any("04.png (it has 10x90 pixels" in note for note in splits.notes)
    for data in (splits.train, splits.held_out):
        assert len(set(data.names)) == len(data) == data.n_originals
        assert max(sum(name.startswith(f"{number:02d}") for name in data.names) for number in range(6)) <= 3
        batch = data.batch(range(len(data)))
        assert batch.real.shape[1:] == (3, 16, 16)
        assert torch.equal(batch.condition, made_smaller(batch.real, 2))
        assert condition_shape_of(data) == (3, 8, 8)
        assert data.labels == ()
    again = open_pairs(SMALL, folder, silent)
    assert again.train.digest == splits.train.digest
    other = open_pairs(EnlargingData(resolution=16, pieces=3, scale=4), folder, silent)
    assert other.train.digest != splits.train.digest
    assert look_at(SMALL, folder) == ()


def test_mirror_images_have_mirrored_conditions(tmp_path, cache_folder):
    folder = folder_of(tmp_path / "own", [(32, 32)] * 4)
    data = open_pairs(EnlargingData(resolution=16, mirror=True), folder, silent).train
    n = data.n_originals
    assert len(data) == 2 * n
    first, mirrored = data.batch([0]), data.batch([n])
    assert torch.equal(first.real.flip(3), mirrored.real)
    assert torch.equal(first.condition.flip(3), mirrored.condition)


def test_drawn_faces_keep_their_labels_and_are_asked_for_by_none(cache_folder):
    splits = open_pairs(EnlargingData(resolution=16, drawn=24, drawn_held_out=16), None, silent)
    assert len(splits.train.labels) == 8
    assert splits.train.classes.shape == (24,)
    assert condition_shape_of(splits.train) == (3, 8, 8)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"scale": 3}, "scale"),
        ({"resolution": 20}, "a resolution is a power of two from 16 to 1024, and 20 is not"),
        ({"pieces": 0}, "pieces must be at least 1, found 0"),
        ({"held_out": 1.0}, "held_out is a share between 0 and 1"),
    ],
)
def test_settings_that_do_not_fit_are_refused(setting, sentence):
    with pytest.raises(ConfigError, match=sentence):
        load(EnlargingData, setting, "test")


def test_a_folder_of_small_pictures_is_one_sentence(tmp_path, cache_folder):
    with pytest.raises(DataError, match=r"no readable image.*it has 8x8 pixels, and pieces of 16x16 are cut"):
        open_pairs(SMALL, folder_of(tmp_path / "own", [(8, 8)] * 3), silent)
