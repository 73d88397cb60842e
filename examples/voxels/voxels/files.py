"""Shapes as files: volumes (.npz, .npy, .binvox), and meshes, which are read by trimesh and written as .obj."""

import io
import re

import numpy as np

from multigan.errors import DataError
from multigan.reading.listing import Kind
from multigan.reading.regular import content
from multigan.writing import replacing, write_text

VOLUMES, MESHES = (".npz", ".npy", ".binvox"), (".obj", ".off", ".stl", ".ply", ".glb")
SHAPES = Kind("shape", "shapes", ", ".join((*VOLUMES, *MESHES)), frozenset((*VOLUMES, *MESHES)))
MOST = 512
"""Voxels along a side of what is read."""


def read(path, side):
    """float32 [1, side, side, side], 1 inside and -1 outside; DataError for a file that holds no shape."""
    try:
        solid = _mesh(path, side) if path.suffix.lower() in MESHES else _volume(path)
    except DataError:
        raise
    except Exception as error:  # readers of so many formats fail in many ways
        raise DataError(f"{path.name} cannot be read ({' '.join(str(error).split())[:200]})") from error
    if solid.ndim != 3 or min(solid.shape) < 1 or max(solid.shape) > MOST:
        raise DataError(
            f"{path.name} holds an array {list(solid.shape)}, not a volume of up to {MOST} voxels a side"
        )
    if not solid.any() or solid.all():
        raise DataError(f"{path.name} is {'full' if solid.any() else 'empty'}: it holds no shape")
    return np.where(_resized(solid, side), 1, -1).astype(np.float32)[None]


def _volume(path):
    """bool [up, depth, width]: the first array of a file, above 0 inside (a bool or 0 and 1 as well as -1 and 1)."""
    data = content(path)
    if path.suffix.lower() == ".binvox":
        return _binvox(data)
    loaded = np.load(io.BytesIO(data), allow_pickle=False)
    volume = loaded[loaded.files[0]] if path.suffix.lower() == ".npz" else loaded
    return (volume[0] if volume.ndim == 4 else volume) > 0


def _binvox(data):
    """Runs of 0 and 1 with y (up) as the fastest axis, then z, then x (patrickmin.com/binvox/binvox.html)."""
    head, found, runs = data.partition(b"data\n")
    size = re.search(rb"^dim (\d+) (\d+) (\d+)\s*$", head, re.MULTILINE)
    if not (head.startswith(b"#binvox 1") and found and size):
        raise DataError("it is no binvox file of version 1")
    width, depth, up = (int(number) for number in size.groups())
    values, counts = np.frombuffer(runs, np.uint8).reshape(-1, 2).T
    if counts.sum(dtype=np.int64) != width * depth * up or max(width, depth, up) > MOST:
        raise DataError(f"it has not as many voxels as its head says, or more than {MOST} a side")
    return np.repeat(values > 0, counts).reshape(width, depth, up).transpose(2, 1, 0)


def _mesh(path, side):
    """A mesh (y up) in the unit cube as it stands there; any other is moved and scaled to fill it.

    Solid is what its surface touches and what that encloses, so that thin sheets stay.
    """
    try:
        import trimesh
    except ImportError as error:
        raise DataError('meshes need trimesh: pip install "multigan-voxels[meshes]"') from error
    mesh = trimesh.load(io.BytesIO(content(path)), file_type=path.suffix[1:].lower(), force="mesh")
    low, high = mesh.bounds
    if (low < -1e-6).any() or (high > 1 + 1e-6).any():
        mesh.apply_translation(-(low + high) / 2 * [1, 0, 1] - low * [0, 1, 0])
        mesh.apply_scale(0.999 / (high - low).max())
        mesh.apply_translation([0.5, 0, 0.5])
    mesh.vertices -= 1e-3 / side * mesh.vertex_normals  # a face between two voxels belongs to the one inside
    mesh.apply_translation(
        [-0.5 / side] * 3
    )  # trimesh's voxels have their centres at multiples of their side
    grid = mesh.voxelized(1 / side).fill()
    solid = np.zeros((side,) * 3, bool)
    cells = np.clip(np.rint(grid.points * side).astype(int), 0, side - 1)
    solid[cells[:, 1], cells[:, 2], cells[:, 0]] = True
    return solid


def _resized(solid, side):
    """A bool volume in a cube of ``side`` voxels, on the floor and in the middle; a voxel is what lies at its centre."""
    longest = max(solid.shape)
    cube = np.zeros((longest,) * 3, bool)
    starts = [0, *((longest - own) // 2 for own in solid.shape[1:])]
    cube[tuple(slice(start, start + own) for start, own in zip(starts, solid.shape, strict=True))] = solid
    return cube[np.ix_(*[((np.arange(side) + 0.5) * longest / side).astype(int)] * 3)]


def write(shape, path):
    """A shape [1, R, R, R] as a volume (.npz) or a mesh (.obj)."""
    solid = shape[0] > 0
    if path.suffix == ".obj":
        write_text(path, obj(solid))
    else:
        with replacing(path) as stream:
            np.savez_compressed(stream, solid=solid)


def obj(solid):
    """The outer faces of the voxels as a Wavefront mesh of quads in the unit cube, y up; corners are shared."""
    padded, corners = np.pad(solid, 1), []
    for axis in range(3):
        for toward in (0, 1):
            beyond = np.roll(padded, 1 - 2 * toward, axis)[1:-1, 1:-1, 1:-1]
            cells = np.argwhere(solid & ~beyond)
            square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)][:: 1 if toward == (axis != 1) else -1])
            corners.append(cells[:, None] + np.insert(square, axis, toward, axis=1))
    points, faces = np.unique(np.concatenate(corners).reshape(-1, 3), axis=0, return_inverse=True)
    side = solid.shape[0]
    lines = [f"v {x / side:.6g} {y / side:.6g} {z / side:.6g}" for y, z, x in points]
    return "\n".join([*lines, *("f {} {} {} {}".format(*face) for face in faces.reshape(-1, 4) + 1), ""])
