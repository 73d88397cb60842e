"""Small pictures by seed, opened as the tests of image data need them."""

import numpy as np
from PIL import Image

from multigan.image.data import ImageData, open_images
from multigan.reading import image as reading
from multigan.reading import prepare

SMALL = ImageData(resolution=16)


def picture(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def fill(folder, classes, n):
    for c, name in enumerate(classes):
        for i in range(n):
            picture(folder / name / f"{i:02d}.png", 100 * c + i)
    return folder


def noise(n, seed, side=16):
    """uint8 [N, side, side, 3]."""
    return np.random.default_rng(seed).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def written(folder, images, labels=None):
    """The folder with the images as files, in class folders where they have labels."""
    for number, pixels in enumerate(images):
        path = folder / (labels[number] if labels is not None else "") / f"{number:03d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


def silent(what, done, total):
    pass


def opened(folder, settings=SMALL):
    return open_images(settings, folder, silent)


def split_of(splits):
    """Name -> side."""
    return dict.fromkeys(splits.train.names, "train") | dict.fromkeys(splits.held_out.names, "held out")


def entries(cache_folder):
    return sorted(p.name for p in (cache_folder / "images").iterdir() if p.name != "seen")


def no_decoding(monkeypatch):
    def fail(*_):
        raise AssertionError("decoded again")

    monkeypatch.setattr(reading, "decode", fail)


def aged(folder, monkeypatch):
    """Let the files look settled: a time well after their last change."""
    newest = max(p.stat().st_ctime_ns for p in folder.rglob("*"))
    monkeypatch.setattr(prepare.time, "time_ns", lambda: newest + 10**10)
