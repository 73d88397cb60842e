"""Shapes as a kind of samples: how folders of them are read, features, metrics and a reader of labels of their own."""

import numpy as np
from PIL import Image

from evaluation.exhibits.embedded import embedded_picture
from evaluation.exhibits.exhibit import Exhibit
from evaluation.exhibits.markup import element
from evaluation.extractors.record import ExtractorRecord
from evaluation.kinds import Kind
from evaluation.kinds.parts import mean_over_samples, nearest
from evaluation.samples import Contents
from evaluation.samples.digests import array_digest
from evaluation.samples.folder import samples_of_files
from multigan.reading.columns import ColumnFlags
from multigan.reading.listing import list_files
from voxels import files, picture

SIDE = 32


def open_folder(path, labels_column):
    """Class folders, a labels.csv with files beside it, or files alone; all are looked at as 32^3 voxels."""
    listing = list_files(path, files.SHAPES, ColumnFlags(label=labels_column))
    return samples_of_files(VOXELS, path, listing, lambda file: files.read(file, SIDE), version=1)


class Silhouettes:
    """How thick a shape is, seen from above, the front and the side: 3 views of 8 x 8 places, in [0, 1]."""

    name, digest, preprocessing = "silhouettes", "none", "inside or not, 3 views of 8x8; v1"

    def prepare(self, shape):
        solid = np.asarray(shape)[0] > 0
        views = [solid.mean(axis, dtype=np.float32) for axis in range(3)]
        each = solid.shape[0] // 8
        return np.stack([view.reshape(8, each, 8, each).mean((1, 3)) for view in views]).ravel()

    def forward(self, prepared):
        return np.stack(prepared)


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


def show(shapes, n_bytes):
    """A picture of each shape."""

    def drawing(example, words):
        one = embedded_picture(Image.fromarray(picture.rendered(example.content[None], 0.6)[0]), "png")
        return element("img", src=one.uri, width=one.width, height=one.height, alt=words, title=words)

    return drawing, ""


VOXELS = Kind(
    name="voxels",
    singular="shape",
    noun="shapes",
    extractors=(
        ExtractorRecord(
            "silhouettes", lambda device, files: Silhouettes(), preprocessing=Silhouettes.preprocessing
        ),
    ),
    default_features="silhouettes",
    exhibit=Exhibit(show, per_label=8, unlabelled=16, layout="tiles"),
    digest=lambda shape: array_digest(np.asarray(shape)),
    open_folder=open_folder,
    from_memory=lambda shapes: Contents(len(shapes), lambda row: np.asarray(shapes[row])),
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
    classifier=nearest(Silhouettes()),
)
