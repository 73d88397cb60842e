"""Shapes as a kind of samples: how folders of them are read, features, metrics and a reader of labels of their own."""

import numpy as np

from evaluation.kinds.parts import Computed, kind_of_arrays, mean_over_samples
from voxels import files, picture

SIDE = 32
"""Voxels along each side that shapes of files are looked at with."""


def silhouettes(shape):
    """How thick a shape is, seen from above, the front and the side: 3 views of 8 x 8 places, in [0, 1]."""
    solid = np.asarray(shape)[0] > 0
    views = [solid.mean(axis, dtype=np.float32) for axis in range(3)]
    each = solid.shape[0] // 8
    return np.stack([view.reshape(8, each, 8, each).mean((1, 3)) for view in views]).ravel()


def largest_piece(shape):
    """The share of a shape's voxels that hang together by their faces in its largest piece; 0 of an empty one."""
    solid = np.pad(np.asarray(shape)[0] > 0, 1)
    left, n, largest = set(np.flatnonzero(solid).tolist()), int(solid.sum()), 0
    steps = (1, solid.shape[2], solid.shape[1] * solid.shape[2])
    while left:
        edge, size = [left.pop()], 0
        while edge:
            cell, size = edge.pop(), size + 1
            beside = {cell + step for step in steps} | {cell - step for step in steps}
            edge += beside & left
            left -= beside
        largest = max(largest, size)
    return largest / max(n, 1)


def symmetry(shape):
    """How alike a shape and its mirror image from left to right are: common voxels over those of either."""
    solid = np.asarray(shape)[0] > 0
    mirrored = solid[:, :, ::-1]
    return (solid & mirrored).sum() / max((solid | mirrored).sum(), 1)


VOXELS = kind_of_arrays(
    "voxels",
    files=files.SHAPES,
    read=lambda path: files.read(path, SIDE),
    features=Computed("silhouettes", "inside or not, 3 views of 8x8; v1", silhouettes),
    picture=picture.of_one,
    metrics=(
        mean_over_samples(
            "largest piece",
            largest_piece,
            question="Do shapes hang together?",
            reading="1 is one piece without crumbs; compare with that of real shapes.",
            trap="A full cube is one piece.",
            between=(0, 1),
            higher_is_better=True,
        ),
        mean_over_samples(
            "symmetry",
            symmetry,
            question="Are left and right alike?",
            reading="1 is a shape that is its own mirror image; compare with that of real shapes.",
            trap="A wrong shape may be as symmetrical as a right one.",
            between=(0, 1),
            higher_is_better=True,
        ),
    ),
)
