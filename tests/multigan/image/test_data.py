"""Image data: the arrays, the split, the cache, and what is said about files that cannot be used."""

import hashlib
import os
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from multigan import config
from multigan.emotions import NAMES
from multigan.errors import ConfigError, DataError
from multigan.image.data import ImageData, open_images
from multigan.image.drawn import faces
from multigan.reading import image as reading
from multigan.reading import prepare
from multigan.reading.budget import Budget
from multigan.reading.split import chosen_by_hash
from tests.worlds.pictures import fill, opened, picture, silent, split_of
from tests.worlds.shared import SHARED

REAL = SHARED / "data/images/emotive"


pytestmark = pytest.mark.usefixtures("cache_folder")


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "pictures", ["joy", "fear"], 12)


# --- arrays


def test_every_sample_is_its_file_with_its_condition(folder):
    splits = opened(folder)
    assert len(splits.train) + len(splits.held_out) == 24
    assert sorted(split_of(splits)) == sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.png"))
    for dataset in (splits.train, splits.held_out):
        assert dataset.labels == ("joy", "fear")
        assert dataset.sample_shape == (3, 16, 16)
        batch = dataset.batch(range(len(dataset)))
        for i, name in enumerate(dataset.names):
            with Image.open(folder / name) as image:
                assert np.array_equal(dataset.images[i], np.asarray(image))
            expected = [1.0, 0.0] if name.startswith("joy") else [0.0, 1.0]
            assert batch.condition[i].tolist() == expected
        expected = torch.tensor(dataset.images / 127.5 - 1).permute(0, 3, 1, 2)
        assert batch.real.dtype == torch.float32
        torch.testing.assert_close(batch.real, expected.float(), atol=1e-6, rtol=0)
        assert batch.real.is_contiguous(memory_format=torch.channels_last)


def test_a_batch_takes_any_indices_and_images_are_memory_mapped(folder):
    train = opened(folder).train
    batch = train.batch(np.array([3, 0, 3]))
    assert torch.equal(batch.real[0], batch.real[2])
    assert torch.equal(batch.real[1], train.batch([0]).real[0])
    base = train.images
    while not isinstance(base, np.memmap):
        base = base.base
    assert base.mode == "r"


def test_intensity_scales_the_condition(tmp_path):
    rows = ["file,emotion,intensity"]
    for i in range(8):
        picture(tmp_path / "in" / f"{i}.png", i)
        rows.append(f"{i}.png,{'calm' if i % 2 else 'joy'},{i / 8}")
    (tmp_path / "in/labels.csv").write_text("\n".join(rows))
    splits = opened(tmp_path / "in")
    assert splits.train.labels == ("joy", "calm")
    for dataset in (splits.train, splits.held_out):
        for name, condition in zip(dataset.names, dataset.conditions, strict=True):
            i = int(name[0])
            assert condition.tolist() == ([0, i / 8] if i % 2 else [i / 8, 0])


def test_flat_images_have_no_condition(tmp_path):
    splits = opened(fill(tmp_path / "in", ["."], 6))
    assert splits.train.labels == ()
    assert splits.train.conditions is None
    assert splits.train.batch([0, 1]).condition is None


def test_mirror_doubles_the_training_data_only(folder):
    plain, mirrored = opened(folder), opened(folder, ImageData(resolution=16, mirror=True))
    n = len(plain.train)
    assert len(mirrored.train) == 2 * n == len(mirrored.train.names) == len(mirrored.train.conditions)
    assert len(mirrored.held_out) == len(plain.held_out) == mirrored.held_out.n_originals
    assert mirrored.train.n_originals == n
    assert np.array_equal(mirrored.train.original(2), plain.train.images[2])
    batch, original = mirrored.train.batch([n + 2, 2, 2 * n - 1]), plain.train.batch([2, 2, n - 1])
    assert torch.equal(batch.real[0], original.real[0].flip(-1))
    assert torch.equal(batch.real[1], original.real[1])
    assert torch.equal(batch.real[2], original.real[2].flip(-1))
    assert torch.equal(batch.condition, original.condition)
    with pytest.raises(IndexError):
        mirrored.train.batch([2 * n])
    with pytest.raises(IndexError):
        plain.train.batch([n])


def test_an_intensity_of_zero_keeps_its_label(tmp_path):
    folder = fill(tmp_path / "in", ["."], 6)
    rows = [f"{i:02d}.png,{'joy' if i < 3 else 'calm'},0" for i in range(6)]
    (folder / "labels.csv").write_text("\n".join(["file,emotion,intensity", *rows]))
    train = opened(folder).train
    assert not train.conditions.any()
    assert [train.labels[c] for c in train.classes] == [
        "joy" if name < "03" else "calm" for name in train.names
    ]


def table(folder, *rows):
    (folder / "labels.csv").write_text("\n".join(rows))
    return folder


def test_a_column_says_what_is_held_out_and_copies_follow(folder):
    shutil.copy(folder / "joy/03.png", folder / "joy/copy.png")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    rows = [
        f"{name},{name.split('/')[0]},{'test' if name.endswith(('03.png', '07.png')) else ''}"
        for name in names
    ]
    table(folder, "file,emotion,part", *rows)
    splits = opened(folder, ImageData(resolution=16, split="part=test"))
    assert sorted(splits.held_out.names) == [
        "fear/03.png",
        "fear/07.png",
        "joy/03.png",
        "joy/07.png",
        "joy/copy.png",
    ]
    assert len(splits.train) == 20
    assert splits.notes == ("Held out with part=test, as copies of images that are: joy/copy.png.",)
    for settings in (ImageData(resolution=16, split="none"), ImageData(resolution=16, split="fold=1")):
        by_hash = opened(folder, settings)
        assert split_of(by_hash) == split_of(opened(folder))
        assert by_hash.train.digest == opened(folder).train.digest != splits.train.digest
    assert "has no table with a column 'fold'" in by_hash.notes[0]


def test_intensities_in_words_scale_the_condition(tmp_path):
    folder = fill(tmp_path / "in", ["."], 6)
    words = ("normal", "strong", "Very-Strong", "low", "", "0.3")
    table(folder, "file,emotion,intensity", *(f"{i:02d}.png,joy,{word}" for i, word in enumerate(words)))
    expected = {f"{i:02d}.png": value for i, value in enumerate((0.5, 0.75, 1.0, 0.25, 1.0, 0.3))}
    splits = opened(folder)
    for side in (splits.train, splits.held_out):
        for name, condition in zip(side.names, side.conditions, strict=True):
            assert condition.item() == np.float32(expected[name])
    assert splits.notes == (
        "Intensities are words: 'low' is 0.25, 'normal' is 0.5, 'strong' is 0.75, 'very strong' is 1. Others can be given, "
        'such as --set data.intensity_values="{low: 0.25, normal: 0.5, strong: 0.75, very strong: 1}".',
    )
    own = opened(folder, ImageData(resolution=16, intensity_values={"normal": 0.2, "strong": 0.4}))
    values = dict(zip(own.train.names, own.train.conditions[:, 0], strict=True))
    assert values.get("00.png", np.float32(0.2)) == np.float32(0.2)
    assert values.get("01.png", np.float32(0.4)) == np.float32(0.4)
    assert opened(folder, ImageData(resolution=16, intensity="none")).train.conditions.min() == 1


def test_labels_that_are_not_used_leave_no_condition(folder):
    splits = opened(folder, ImageData(resolution=16, label="none"))
    assert (splits.train.labels, splits.train.conditions) == ((), None)
    assert len(splits.train) + len(splits.held_out) == 24


# --- files that cannot be used


def test_bad_files_are_skipped_named_and_counted(folder):
    for i in range(6):
        (folder / "joy" / f"bad{i}.png").write_bytes(b"")
    (folder / "fear/words.png").write_text("words")
    (folder / "fear/notes.txt").write_text("words")
    splits = opened(folder)
    assert len(splits.train) + len(splits.held_out) == 24
    passed, note = splits.notes
    assert passed.endswith("): 1 .txt.")
    assert note.startswith("7 files were skipped: fear/words.png (it is not a PNG")
    assert note.endswith(" image), 6 .png such as joy/bad0.png (it is empty).")
    assert opened(folder).notes == splits.notes  # from the cache too


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_and_a_broken_link_are_skipped(folder):
    os.mkfifo(folder / "joy/pipe.png")
    (folder / "joy/link.png").symlink_to(folder / "gone.png")
    (note,) = opened(folder).notes
    reason = "(it is not a regular file)"
    assert note == f"2 files were skipped: joy/link.png {reason}, joy/pipe.png {reason}."


def test_bombs_are_skipped_with_the_limit(folder, monkeypatch):
    Image.new("RGB", (40, 40)).save(folder / "joy/large.png")
    monkeypatch.setattr(reading, "DECODING", Budget(12 * 1_599))
    (note,) = opened(folder).notes
    assert (
        "joy/large.png (decoding it takes 1 MiB of memory, and at most 1 MiB are used: make it smaller)"
        in note
    )


def test_a_class_of_which_nothing_can_be_read(folder):
    (folder / "anger").mkdir()
    (folder / "anger/a.png").write_text("words")
    with pytest.raises(
        DataError, match=r"class 'anger' in .* no readable image: looked for PNG.*anger/a.png \("
    ):
        opened(folder)


def test_too_few_images(tmp_path):
    picture(tmp_path / "in/a.png", 0)
    (tmp_path / "in/b.png").touch()
    with pytest.raises(
        DataError, match=r"holds 1 readable image, and at least 2 .* 1 file was skipped: b.png"
    ):
        opened(tmp_path / "in")
    (tmp_path / "in/a.png").unlink()
    with pytest.raises(DataError, match="holds no readable image, and at least 2 are needed"):
        opened(tmp_path / "in")


def test_copies_of_one_image_cannot_be_split(tmp_path):
    for name in ("a", "b", "c"):
        picture(tmp_path / "in" / f"{name}.png", 0)
    with pytest.raises(DataError, match=r"The 3 images in .* at least two different images of one class"):
        opened(tmp_path / "in")


# --- the split


def test_the_split_is_the_hash_of_the_content(folder):
    def fraction(name):
        return int(hashlib.sha256((folder / name).read_bytes()).hexdigest(), 16) / 2**256

    side = split_of(opened(folder, ImageData(resolution=16, held_out=0.4)))
    assert {name for name, s in side.items() if s == "held out"} == {n for n in side if fraction(n) < 0.4}
    assert 3 < sum(s == "held out" for s in side.values()) < 18


def test_one_picture_in_two_formats_is_on_one_side(folder):
    for path in sorted(folder.rglob("*.png")):
        with Image.open(path) as image:
            image.save(path.with_suffix(".bmp"))
    side = split_of(opened(folder, ImageData(resolution=16, held_out=0.4)))
    assert set(side.values()) == {"train", "held out"}
    assert all(side[name] == side[name.replace(".png", ".bmp")] for name in side)


def test_adding_renaming_and_copying_files_moves_none(folder):
    before = split_of(opened(folder))
    for i in range(30):
        picture(folder / "joy" / f"more{i}.png", 1000 + i)
    (folder / "fear/00.png").rename(folder / "fear/renamed.png")
    for name in before:
        if name != "fear/00.png":
            shutil.copy(folder / name, folder / name.replace(".png", "-copy.png"))
    after = split_of(opened(folder))
    assert after.pop("fear/renamed.png") == before.pop("fear/00.png")
    for name, side in before.items():
        assert after[name] == side
        assert after[name.replace(".png", "-copy.png")] == side


def test_at_least_one_image_is_held_out_the_one_of_the_smallest_hash(folder):
    settings = ImageData(resolution=16, held_out=1e-9)
    digests = {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*.png")}
    smallest = min(digests, key=lambda path: digests[path])
    assert opened(folder, settings).held_out.names == (smallest.relative_to(folder).as_posix(),)


def test_every_class_keeps_an_image_for_training(folder):
    picture(folder / "anger/only.png", 777)
    splits = opened(folder, ImageData(resolution=16, held_out=0.999999))
    assert sorted(name.split("/")[0] for name in splits.train.names) == ["anger", "fear", "joy"]
    assert len(splits.held_out) == 22


def test_a_copy_in_another_class_stays_on_the_same_side(folder):
    for path in sorted((folder / "joy").iterdir()):
        shutil.copy(path, folder / "fear" / f"copy-{path.name}")
    side = split_of(opened(folder, ImageData(resolution=16, held_out=0.5)))
    joys = [name for name in side if name.startswith("joy/")]
    assert {side[name] for name in joys} == {"train", "held out"}
    assert all(side[name] == side[name.replace("joy/", "fear/copy-")] for name in joys)


def test_held_out_by_hand():
    assert chosen_by_hash([{"0" * 64, "8" * 64, "f" * 64}], 0.54) == {"0" * 64, "8" * 64}
    assert chosen_by_hash([{"0" * 64, "8" * 64, "f" * 64}], 0.5) == {"0" * 64}
    assert chosen_by_hash([{"0" * 64}, {"8" * 64, "f" * 64}], 0.1) == {"8" * 64}
    assert chosen_by_hash([{"0" * 64}, {"8" * 64}], 0.9) == set()


# --- drawn faces


def test_drawn_faces(monkeypatch):
    settings, told = ImageData(resolution=16, drawn=20, drawn_held_out=6, seed=3), []
    splits = open_images(settings, None, lambda *facts: told.append(facts))
    assert told[-1] == ("drawing faces", 26, 26)
    assert (len(splits.train), len(splits.held_out), splits.notes) == (20, 6, ())
    emotions, intensities, seeds = faces.face_labels(26, 3)
    expected = faces.draw_faces(16, emotions, intensities, seeds)
    assert np.array_equal(splits.held_out.images, expected[:6])
    assert np.array_equal(splits.train.images, expected[6:])
    assert splits.train.labels == NAMES
    assert splits.train.names[0] == f"drawn/{NAMES[emotions[6]]}-00006"
    condition = splits.train.batch([0]).condition[0]
    assert condition.argmax() == emotions[6]
    assert condition.sum().item() == pytest.approx(intensities[6])
    monkeypatch.setattr(faces, "draw_faces", lambda *_: pytest.fail("drawn again"))
    assert opened(None, settings).train.digest == splits.train.digest


def test_drawing_in_several_blocks_is_the_same(monkeypatch):
    settings = ImageData(resolution=16, drawn=20, drawn_held_out=6)
    monkeypatch.setattr(
        prepare, "blocks", lambda order, _: [np.asarray(order[i : i + 7]) for i in range(0, 26, 7)]
    )
    told = []
    splits = open_images(settings, None, lambda *facts: told.append(facts[1]))
    assert told == [7, 14, 21, 26]
    assert np.array_equal(splits.held_out.images, faces.draw_faces(16, *faces.face_labels(26, 0))[:6])


def test_another_seed_version_or_count_draws_anew(monkeypatch):
    digests = {opened(None, ImageData(resolution=16, drawn=4, drawn_held_out=2)).train.digest}
    digests.add(opened(None, ImageData(resolution=16, drawn=4, drawn_held_out=2, seed=1)).train.digest)
    digests.add(opened(None, ImageData(resolution=16, drawn=5, drawn_held_out=2)).train.digest)
    monkeypatch.setattr(faces, "VERSION", -1)
    digests.add(opened(None, ImageData(resolution=16, drawn=4, drawn_held_out=2)).train.digest)
    assert len(digests) == 4


# --- settings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"resolution": 48}, "resolution is a power of two from 16 to 1024, and 48 is not"),
        ({"resolution": 2048}, "resolution is a power of two from 16 to 1024, and 2048 is not"),
        ({"background": "whitish"}, "a background is a colour name or #rrggbb, and 'whitish' is neither"),
        ({"background": "#fff"}, "a background is a colour name or #rrggbb, and '#fff' is neither"),
        ({"held_out": 0.0}, "held_out is a share between 0 and 1, and 0.0 is not"),
        ({"drawn": 0}, "drawn and drawn_held_out are at least 1 each"),
        ({"fit": "stretch"}, "fit is 'stretch'"),
    ],
)
def test_settings_that_do_not_fit(values, message):
    with pytest.raises(ConfigError, match=message):
        config.load(ImageData, values, "recipe")


def test_settings_that_fit():
    values = {"resolution": 128, "fit": "crop", "background": "#A0b1C2", "drawn": "2k"}
    assert config.load(ImageData, values, "recipe").drawn == 2000
    assert config.load(ImageData, {}, "recipe") == ImageData()


# --- real data


@pytest.mark.skipif(not REAL.is_dir(), reason="the shared real faces are not on this machine")
def test_real_faces():
    splits = open_images(ImageData(), REAL, silent)
    assert splits.notes == ()
    assert len(splits.train) + len(splits.held_out) == 806
    assert 0.05 < len(splits.held_out) / 806 < 0.15
    assert splits.train.labels == (
        *("joy", "sadness", "anger", "fear", "surprise", "calm", "neutral"),
        *("affection", "playful", "unwell"),
    )
    assert (splits.train.conditions.sum(0) > 20).all()
    assert (splits.held_out.conditions.sum(0) > 0).all()
    for name, condition in zip(splits.train.names, splits.train.conditions, strict=True):
        assert splits.train.labels[condition.argmax()] == name.split("/")[0]
