"""The modality: curves of 64 numbers in [-1, 1]. Put your own samples in their place, from top to bottom."""

import numpy as np
from PIL import Image, ImageDraw

from multigan.arrays import ArrayDataset, open_arrays
from multigan.config import settings
from multigan.errors import DataError
from multigan.modality import Modality, Splits
from multigan.reading.columns import Columns
from multigan.reading.listing import Kind
from multigan.registry import Registry
from multigan.tiles import tiled
from recipes.starter.networks import PERCEPTRON

LENGTH = 64
LABELS = ("fast", "slow")
FILES = Kind("curve", "curves", ".npy", frozenset({".npy"}))


@settings
class StarterData(Columns):
    """What ``--set data.NAME=VALUE`` changes; the columns of a table beside the files are among them."""

    held_out: float = 0.1
    """The share of a folder's samples that is kept out of training."""
    drawn: int = 2_000
    """Samples drawn for training where no folder is given; a quarter as many are held out."""
    seed: int = 0


def open_data(data, folder, progress):
    """Samples of the files in ``folder``, or drawn ones where it is None."""
    if folder is not None:
        return Splits(*open_arrays(folder, FILES, read, data, data.held_out, progress))
    return Splits(drawn(data.drawn, data.seed), drawn(data.drawn // 4, data.seed + 1))


def drawn(n, seed):
    """``n`` curves as a data set: float32 [n, 64] in [-1, 1], a label each, and how high each is as its intensity."""
    random = np.random.default_rng(seed)
    classes, heights = np.arange(n) % len(LABELS), random.uniform(0.2, 1, n)
    periods = random.uniform(0.9, 1.1, n) * np.where(classes == 0, 16, 48)
    angles = 2 * np.pi * (np.arange(LENGTH) / periods[:, None] + random.random((n, 1)))
    curves = (heights[:, None] * np.sin(angles)).astype(np.float32)
    return ArrayDataset(curves, LABELS, classes, intensities=heights)


def read(path):
    """The sample of one file, float32 [64]. A file with which this fails is named, with the reason, and left out."""
    curve = np.load(path, allow_pickle=False)
    if curve.shape != (LENGTH,) or not (np.abs(curve) <= 1).all():
        raise DataError(
            f"{path.name} is {curve.dtype} {list(curve.shape)}, not {LENGTH} numbers from -1 to 1"
        )
    return curve.astype(np.float32)


def picture(curve):
    """One sample as a small picture, in previews and in the page of the report."""
    side = 64
    image = Image.new("L", (side, side), 255)
    places = zip(np.linspace(4, side - 4, LENGTH), (0.5 - 0.45 * curve) * side, strict=True)
    ImageDraw.Draw(image).line([*places], fill=0, width=2)
    return image


STARTER = Modality(
    name="starter",
    data_settings=StarterData,
    open_data=open_data,
    sample_shape=lambda data: (LENGTH,),
    architectures=Registry("starter architecture", {"perceptron": PERCEPTRON}),
    preview=tiled(picture),
    kind="recipes.starter.kind:STARTER",
    # sample files of another format than .npy: write_samples and file_suffix
)
