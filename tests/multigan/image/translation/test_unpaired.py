"""Pictures in no pairs: neutral and other drawn faces with planes of a label, and a person's two folders."""

import numpy as np
import pytest
import torch
from PIL import Image

from multigan.errors import ConfigError, DataError
from multigan.image.data import open_images
from multigan.image.networks.cycle import build
from multigan.image.networks.unet import UNetSettings
from multigan.image.translation.data import look_at, open_pairs
from multigan.image.translation.settings import PairData
from multigan.image.translation.unpaired import EMOTIONS
from multigan.protocols import condition_shape_of
from tests.worlds.pictures import silent

DRAWN = PairData(resolution=16, given="unpaired", drawn=40, drawn_held_out=16)


def known(faces):
    """The bytes of each face -> its label."""
    return {faces.original(row).tobytes(): faces.labels[faces.classes[row]] for row in range(len(faces))}


def test_neutral_faces_are_given_and_the_others_are_samples(cache_folder):
    splits, all_faces = open_pairs(DRAWN, None, silent), open_images(DRAWN.images(), None, silent)
    for data, faces, n in ((splits.train, all_faces.train, 40), (splits.held_out, all_faces.held_out, 16)):
        labels = known(faces)
        assert len(data) == data.n_originals == n * 7 // 8
        assert condition_shape_of(data) == (10, 16, 16)
        batch = data.batch(np.arange(len(data)))
        given = ((batch.condition[:, :3] + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
        assert {labels[np.ascontiguousarray(each).tobytes()] for each in given} == {"neutral"}
        assert len({each.tobytes() for each in given}) == n // 8
        planes = batch.condition[:, 3:]
        assert torch.equal(planes, planes[:, :, :1, :1].expand_as(planes))
        assert torch.equal(planes[:, :, 0, 0], torch.from_numpy(data.conditions))
        for row in range(len(data)):
            label = labels[data.original(row).tobytes()]
            assert label == data.labels[data.classes[row]] == EMOTIONS[int(planes[row, :, 0, 0].argmax())]
            assert f"/{label}-" in data.names[row]
    assert look_at(DRAWN, None) == EMOTIONS


def filled(folder, n, colour):
    folder.mkdir(parents=True)
    for number in range(n):
        Image.new("RGB", (16, 16), (colour, 3 * number, 0)).save(folder / f"{colour}-{number}.png")


@pytest.mark.parametrize(("direction", "given", "made"), [("AtoB", 0, 255), ("BtoA", 255, 0)])
def test_two_folders_need_no_names_in_common(tmp_path, cache_folder, direction, given, made):
    filled(tmp_path / "A", 30, 0)
    filled(tmp_path / "B", 12, 255)
    settings = PairData(resolution=16, given="unpaired", direction=direction, held_out=0.3)
    splits = open_pairs(settings, tmp_path, silent)
    for data in (splits.train, splits.held_out):
        batch = data.batch(np.arange(len(data)))
        assert condition_shape_of(data) == (3, 16, 16)
        assert ((batch.real[:, 0] + 1) * 127.5).round().unique().tolist() == [made]
        assert ((batch.condition[:, 0] + 1) * 127.5).round().unique().tolist() == [given]
        assert data.classes is None
        assert data.labels == ()
        assert len(data) >= data.n_originals
    sides = [
        set(map(bytes, side.batch(range(len(side))).condition.numpy()))
        for side in (splits.train, splits.held_out)
    ]
    assert not sides[0] & sides[1]
    assert len(sides[0]) + len(sides[1]) == (30 if given == 0 else 12)


def test_a_missing_folder_is_one_sentence(tmp_path, cache_folder):
    filled(tmp_path / "A", 3, 0)
    with pytest.raises(DataError, match="has no folder B: unpaired pictures of the two kinds lie in A and B"):
        open_pairs(PairData(given="unpaired"), tmp_path, silent)
    with pytest.raises(DataError, match="0 are neutral, and both kinds are needed: raise"):
        open_pairs(PairData(resolution=16, given="unpaired", drawn=1, drawn_held_out=1), None, silent)


def test_the_discriminator_hears_the_label_and_not_the_source():
    torch.manual_seed(0)
    networks = build(UNetSettings(width=4, discriminator_width=4), (3, 16, 16), (5, 16, 16))
    images, condition = torch.rand(2, 3, 16, 16), torch.rand(2, 5, 16, 16)
    for name in ("discriminator", "discriminator_back"):
        logits = networks[name](images, condition)
        assert logits.shape == (2, 16)
        other = torch.cat((1 - condition[:, :3], condition[:, 3:]), 1)
        assert torch.equal(networks[name](images, other), logits)
        assert not torch.equal(networks[name](images, 1 - condition), logits)
    with pytest.raises(ConfigError, match="cycle makes pictures"):
        build(UNetSettings(), (3, 16, 16), (2, 16, 16))
