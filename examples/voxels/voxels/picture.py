"""Shapes as pictures: rays through the cube, from any side, and a turntable."""

import numpy as np
from PIL import Image

from multigan.writing import replacing

PIXELS = 96
TILT = np.radians(24)
LIGHT = np.array([0.75, -0.55, -0.35]) / np.linalg.norm([0.75, -0.55, -0.35])
COLOUR, PAPER = np.array([222, 160, 92.0]), np.array([246, 246, 243.0])


def rendered(shapes, turn):
    """Shapes [N, 1, R, R, R] seen from ``turn`` radians around them and a little from above: uint8 [N, P, P, 3]."""
    solid = np.asarray(shapes, np.float32)[:, 0]
    n, side = solid.shape[:2]
    view = np.linspace(0.74, -0.74, PIXELS)[:, None, None]
    across, far = np.linspace(-0.74, 0.74, PIXELS)[None, :, None], np.linspace(-0.9, 0.9, 2 * side)
    up, ahead = view * np.cos(TILT) - far * np.sin(TILT), view * np.sin(TILT) + far * np.cos(TILT)
    cos, sin = np.cos(turn), np.sin(turn)
    points = np.stack(np.broadcast_arrays(up, ahead * cos - across * sin, ahead * sin + across * cos), -1)
    cells = np.floor((points + 0.5) * side).astype(int)
    inside = ((cells >= 0) & (cells < side)).all(-1)
    places = np.where(inside, np.ravel_multi_index(np.clip(cells, 0, side - 1).T, solid.shape[1:]).T, 0)
    hits = (solid.reshape(n, -1)[:, places] > 0) & inside
    first = hits.argmax(-1)
    where = np.take_along_axis(places[None], first[..., None], -1)[..., 0]
    normal = np.stack(
        [np.take_along_axis(each.reshape(n, -1), where.reshape(n, -1), 1) for each in _normals(solid)], -1
    )
    turned = LIGHT @ np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])  # the light stays with the camera
    light = 0.42 + 0.58 * np.clip(normal.reshape(*where.shape, 3) @ turned, 0, 1)
    return np.where(hits.any(-1)[..., None], light[..., None] * COLOUR, PAPER).astype(np.uint8)


def _normals(solid):
    """Towards the outside: three of [N, R, R, R]."""
    soft = np.pad(solid, ((0, 0), *[(2, 2)] * 3), constant_values=-1)
    for axis in (1, 2, 3):
        soft = (np.roll(soft, 1, axis) + 2 * soft + np.roll(soft, -1, axis)) / 4
    slopes = [-slope[:, 2:-2, 2:-2, 2:-2] for slope in np.gradient(soft, axis=(1, 2, 3))]
    length = np.sqrt(sum(slope**2 for slope in slopes)) + 1e-6
    return [slope / length for slope in slopes]


def sheet(shapes, columns, turn=0.6):
    """All shapes on one picture, row by row."""
    tiles = list(rendered(shapes, turn))
    tiles += [np.zeros_like(tiles[0]) + PAPER.astype(np.uint8)] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[start : start + columns], 1) for start in range(0, len(tiles), columns)]
    return Image.fromarray(np.concatenate(rows))


def of_one(shape):
    """A picture of one shape [1, R, R, R]."""
    return Image.fromarray(rendered(shape[None], 0.6)[0])


def write_sheet(shapes, columns, path, data):
    with replacing(path) as stream:
        sheet(shapes, columns).save(stream, "PNG")


def write_turntable(shapes, columns, path, data=None, n_frames=24):
    """A GIF in which all shapes turn once."""
    turns = 0.6 + 2 * np.pi * np.arange(n_frames) / n_frames
    frames = [sheet(shapes, columns, turn).quantize(48) for turn in turns]
    with replacing(path) as stream:
        frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:], duration=90, loop=0)
