"""The modality: 3-D shapes as volumes [1, R, R, R] in [-1, 1], above 0 inside; their axes are up, depth and width."""

from dataclasses import replace
from typing import Literal

import numpy as np

from multigan.arrays import ArrayDataset, open_arrays
from multigan.chance import Chance
from multigan.config import settings
from multigan.modality import Modality, Splits
from multigan.reading.columns import Columns
from multigan.registry import Registry
from multigan.sampling import PLAIN, write_files
from multigan.sampling_settings import SamplingSettings
from voxels import drawn, files, picture
from voxels.networks import VOLUMES


@settings
class VoxelData(Columns):
    side: int = 32
    """Voxels along each side of the cube: a power of two from 8 to 128."""
    held_out: float = 0.1
    """The share of a folder's shapes that is kept out of training, where ``split`` does not say which are."""
    drawn: int = 2_000
    """Shapes drawn for training where no folder is given."""
    drawn_held_out: int = 500
    seed: int = 0
    """Of the drawn shapes."""

    def __post_init__(self):
        super().__post_init__()
        if self.side not in (8, 16, 32, 64, 128):
            raise ValueError(f"side is a power of two from 8 to 128, found {self.side}")
        if min(self.drawn, self.drawn_held_out) < 4 or not 0 < self.held_out < 1:
            raise ValueError(
                "drawn and drawn_held_out are at least 4 each, and held_out is a share between 0 and 1"
            )


@settings
class VoxelSampling(SamplingSettings):
    format: Literal["obj", "npz"] = "obj"
    """Meshes of the voxels' outer faces, or volumes that numpy.load reads."""

    def distinctions(self):
        """Without the format, which the suffix of a file tells."""
        return {name: value for name, value in super().distinctions().items() if name != "format"}


def open_voxels(data, folder, progress):
    """Shapes of files in ``folder``, or those that the package draws; an intensity is a size."""
    if folder is not None:
        read = lambda path: files.read(path, data.side)  # noqa: E731
        return Splits(*open_arrays(folder, files.SHAPES, read, data, data.held_out, progress))
    first = _drawn(data, range(data.drawn_held_out), progress)  # the same for any number of others
    rest = _drawn(data, range(data.drawn_held_out, data.drawn_held_out + data.drawn), progress)
    return Splits(rest, first)


def _drawn(data, numbers, progress):
    classes, shapes, sizes = np.array(numbers) % len(drawn.LABELS), [], []
    for n, (number, column) in enumerate(zip(numbers, classes, strict=True), 1):
        chance = Chance(data.seed)
        sizes.append(chance.number(f"size {number}"))
        shapes.append(drawn.draw(drawn.LABELS[column], sizes[-1], data.side, chance.bits(f"shape {number}")))
        progress("drawing shapes", n, len(numbers))
    names = tuple(
        f"drawn/{drawn.LABELS[column]}-{number:05d}" for column, number in zip(classes, numbers, strict=True)
    )
    return ArrayDataset(np.stack(shapes), drawn.LABELS, classes, names, np.array(sizes))


def write_shapes(trained, options, labels, seed, folder):
    """A file for each shape, and for each label a GIF in which its shapes turn."""

    def make(conditions, path_of):
        shapes = trained.sampling.draw(trained, conditions, seed, options.per_label, options)
        for shape, index in zip(shapes.tensor.numpy(), shapes.indices, strict=True):
            files.write(shape, path_of(index))
        turntable = path_of(0).with_name(f"{path_of(0).stem.rpartition('-')[0]}-turntable.gif")
        picture.write_turntable(shapes.tensor.numpy(), 8, turntable, trained.data)
        return shapes.indices

    return write_files(trained, options, labels, seed, folder, suffix=f".{options.format}", make=make)


VOXELS = Modality(
    name="voxels",
    data_settings=VoxelData,
    open_data=open_voxels,
    sample_shape=lambda data: (1, *[data.side] * 3),
    architectures=Registry("voxel architecture", {"3d-gan": VOLUMES}),
    preview=picture.write_sheet,
    kind="voxels.kind:VOXELS",
    sampling=replace(PLAIN, settings=VoxelSampling, write=write_shapes),
)
