"""Pairs: folders A and B, two pictures side by side, and line drawings of pictures; what has no partner is named."""

import numpy as np
import pytest
import torch
from PIL import Image

from multigan.config import load
from multigan.errors import ConfigError, DataError
from multigan.image.translation.data import halves, look_at, open_pairs, pair_files
from multigan.image.translation.lines import line_drawing
from multigan.image.translation.settings import PairData
from multigan.protocols import condition_shape_of
from tests.worlds.pictures import silent

SMALL = PairData(resolution=16)


def coloured(red, number, size=(16, 16)):
    """A picture whose red says what it is, and whose green says which."""
    return Image.new("RGB", size, (red, 10 * number, 0))


def folders(root, n=6):
    """A (red 0) and B (red 255) with the same names, of other endings; their green is the number of the pair."""
    for name in ("A", "B"):
        (root / name).mkdir(parents=True)
    for number in range(n):
        coloured(0, number).save(root / "A" / f"{number}.png")
        coloured(255, number, (32, 32)).save(root / "B" / f"{number}.bmp")
    return root


def side_by_side(root, n=6):
    root.mkdir()
    for number in range(n):
        both = Image.new("RGB", (40, 20))
        both.paste(coloured(0, number, (20, 20)), (0, 0))
        both.paste(coloured(255, number, (20, 20)), (20, 0))
        both.save(root / f"{number}.png")
    return root


def everything(splits):
    """Of both sides: name -> the colours of what is given and of what is to be made."""
    found = {}
    for data in (splits.train, splits.held_out):
        batch = data.batch(np.arange(len(data)))
        assert condition_shape_of(data) == (3, 16, 16) == data.sample_shape
        for name, real, given in zip(data.names, batch.real, batch.condition, strict=True):
            colours = [((each + 1) * 127.5).round() for each in (given, real)]
            found[name] = [each[:2, 8, 8].int().tolist() for each in colours]
    return found


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_pictures_of_the_same_name_are_pairs(tmp_path, cache_folder, direction):
    settings = PairData(resolution=16, direction=direction)
    found = everything(open_pairs(settings, folders(tmp_path / "own"), silent))
    given, made, ending = (0, 255, "bmp") if direction == "AtoB" else (255, 0, "png")
    assert found == {f"{n}.{ending}": [[given, 10 * n], [made, 10 * n]] for n in range(6)}


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_two_pictures_side_by_side_are_a_pair(tmp_path, cache_folder, direction):
    settings = PairData(resolution=16, direction=direction)
    splits = open_pairs(settings, side_by_side(tmp_path / "own"), silent)
    given, made = (0, 255) if direction == "AtoB" else (255, 0)
    assert everything(splits) == {f"{n}.png": [[given, 10 * n], [made, 10 * n]] for n in range(6)}
    half = "left" if direction == "AtoB" else "right"
    assert any(f"the {half} half is what is given" in note for note in splits.notes)


def test_halves_by_hand():
    pixels = np.arange(2 * 4 * 3).reshape(2, 4, 3)
    left, right = halves(pixels)
    assert np.array_equal(np.concatenate([left, right], 1), pixels)
    assert left.shape == right.shape == (2, 2, 3)
    with pytest.raises(
        DataError, match="it has 3x2 pixels, and two pictures side by side have an even width"
    ):
        halves(pixels[:, :3])


def test_what_is_no_pair_is_named_and_left_out(tmp_path, cache_folder):
    own = folders(tmp_path / "own")
    coloured(0, 9).save(own / "A" / "alone.png")
    coloured(255, 9).save(own / "B" / "lonely.png")
    (own / "A" / "5.png").write_bytes(b"no picture")
    splits = open_pairs(SMALL, own, silent)
    assert set(everything(splits)) == {f"{n}.bmp" for n in range(5)}
    notes = " ".join(splits.notes)
    assert "nothing in the other folder has the same name: A/alone.png, B/lonely.png." in notes
    assert "5.bmp (its partner 5.png: " in notes
    odd = side_by_side(tmp_path / "odd")
    coloured(0, 1, (41, 20)).save(odd / "wide.png")
    splits = open_pairs(SMALL, odd, silent)
    assert "wide.png (it has 41x20 pixels, and two pictures side by side have an even width)" in " ".join(
        splits.notes
    )


def test_the_very_name_comes_before_another_suffix(tmp_path):
    for name in (
        "A/0.jpg",
        "A/0.png",
        "B/0.bmp",
        "B/0.png",
        "A/1.bmp",
        "A/1.png",
        "B/1.jpg",
        "A/2.png",
        "B/3.png",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        coloured(0, 1).save(tmp_path / name)
    found = pair_files(SMALL, tmp_path)
    pairs = list(zip(found.given.names, found.made.names, strict=True))
    assert pairs == [("0.png", "0.png"), ("1.bmp", "1.jpg")]
    assert found.notes == (
        "Left out, as nothing in the other folder has the same name: A/2.png, B/3.png.",
        "Left out, as another of that name, with another suffix, is paired: A/0.jpg, A/1.png, B/0.bmp.",
    )
    coloured(0, 1).save(tmp_path / "A" / "0.bmp")
    found = pair_files(SMALL, tmp_path)
    assert found.given.names == ("0.bmp", "0.png", "1.bmp")
    assert found.made.names == ("0.bmp", "0.png", "1.jpg")


def test_folders_without_pairs_are_one_sentence(tmp_path, cache_folder):
    own = folders(tmp_path / "own")
    for number in range(6):
        (own / "B" / f"{number}.bmp").rename(own / "B" / f"{number}-b.bmp")
    with pytest.raises(DataError, match=r"No picture in .*A has one of the same name in .*B: found A/0\.png"):
        open_pairs(SMALL, own, silent)
    for path in (own / "B").iterdir():
        path.unlink()
    (own / "B").rmdir()
    with pytest.raises(DataError, match="has a folder A and no folder B: pairs lie in both"):
        look_at(SMALL, own)


def test_folders_of_a_split_are_followed(tmp_path, cache_folder):
    own = folders(tmp_path / "own")
    for name in ("A", "B"):
        for place, side in enumerate(("train", "test")):
            (own / name / side).mkdir()
            for path in list((own / name).glob("[0-9].*")):
                if (path.stem in "01") == bool(place):
                    path.rename(own / name / side / path.name)
    splits = open_pairs(SMALL, own, silent)
    assert set(splits.held_out.names) == {"test/0.bmp", "test/1.bmp"}
    assert len(splits.train) == 4


def test_both_pictures_of_a_pair_are_mirrored(tmp_path, cache_folder):
    (tmp_path / "own").mkdir()
    for number in range(4):
        pixels = np.random.default_rng(number).integers(0, 256, (16, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "own" / f"{number}.png")
    train = open_pairs(PairData(resolution=16, mirror=True), tmp_path / "own", silent).train
    n = train.n_originals
    plain, mirrored = train.batch([0]), train.batch([n])
    assert len(train) == 2 * n
    assert torch.equal(mirrored.real, plain.real.flip(3))
    assert torch.equal(mirrored.condition, plain.condition.flip(3))


def test_copies_of_what_is_made_are_on_one_side(tmp_path, cache_folder):
    own = folders(tmp_path / "own")
    for number in range(6, 9):
        coloured(0, number).save(own / "A" / f"{number}.png")
        coloured(255, 0, (32, 32)).save(own / "B" / f"{number}.bmp")
    splits = open_pairs(SMALL, own, silent)
    copies = {"0.bmp", "6.bmp", "7.bmp", "8.bmp"}
    assert len({copies <= set(side.names) for side in (splits.train, splits.held_out)}) == 2


@pytest.mark.parametrize("own", [False, True])
def test_line_drawings_are_those_of_the_pictures(tmp_path, cache_folder, own):
    settings = PairData(resolution=16, given="lines", drawn=20, drawn_held_out=6)
    splits = open_pairs(settings, folders(tmp_path / "own") if own else None, silent)
    for data in (splits.train, splits.held_out):
        batch = data.batch([0, 1])
        assert torch.equal(batch.condition, line_drawing(batch.real))
    assert len(splits.train) + len(splits.held_out) == (12 if own else 26)
    assert len(look_at(settings, None)) == 8
    assert splits.train.digest.endswith("lines-v1")


def test_a_setting_out_of_range_is_refused():
    with pytest.raises(ConfigError, match="power of two"):
        load(PairData, {"resolution": 50}, "test")
    with pytest.raises(ConfigError, match="AtoB"):
        load(PairData, {"direction": "sideways"}, "test")
