"""Points of the plane as a kind of samples: their reader, features, metric, classifier of labels, and a drawing of each.

PYTHONPATH=examples multigan evaluate --modality points:POINTS --plugin points --real A --fake B
"""

import numpy as np

from evaluation.exhibits.exhibit import Exhibit
from evaluation.exhibits.markup import element
from evaluation.extractors.record import ExtractorRecord
from evaluation.kinds import Kind
from evaluation.kinds.parts import mean_over_samples, nearest
from evaluation.samples import Contents
from evaluation.samples.digests import array_digest
from evaluation.samples.folder import samples_of_files
from multigan.errors import DataError
from multigan.reading.columns import ColumnFlags
from multigan.reading.listing import Kind as FileKind
from multigan.reading.listing import list_files

FILES = FileKind("point", "points", "NPY", frozenset({".npy"}))


def open_folder(path, labels_column):
    """Class folders, a labels.csv with files beside it, or files alone, as of images; each file holds a point."""
    listing = list_files(path, FILES, ColumnFlags(label=labels_column))
    return samples_of_files(POINTS, path, listing, read_point, version=1)


def read_point(path):
    """float [2]; DataError for a file that holds something else."""
    try:
        point = np.load(path)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path.name} cannot be read ({error})") from error
    if point.shape != (2,) or not np.isfinite(point).all():
        raise DataError(f"{path.name} holds {point.dtype} {list(point.shape)}, not two finite numbers")
    return point


class Coordinates:
    """The points themselves as features."""

    name, digest, preprocessing = "coordinates", "none", "x and y; v1"

    def prepare(self, sample):
        return np.asarray(sample, np.float32)

    def forward(self, prepared):
        return np.stack(prepared)


def show(points, n_bytes):
    """A small map for each point: where it lies among all that the page shows."""
    reach = 1.25 * max(float(np.abs(point).max()) for point in points)
    places = {id(point): (50 + 50 * point[0] / reach, 50 - 50 * point[1] / reach) for point in points}
    frame = element("rect", class_="frame", x=0.5, y=0.5, width=99, height=99, rx=6)
    path = "".join(f"M{x:.1f} {y:.1f}h.01" for x, y in places.values())
    others = element("path", class_="cloud real", d=path)

    def drawing(example, words):
        x, y = places[id(example.content)]
        dot = element("circle", class_="dot", cx=f"{x:.1f}", cy=f"{y:.1f}", r=7)
        drawn = frame, others, dot
        return element("svg", element("title", words), *drawn, viewBox="0 0 100 100", role="img", width=72)

    return drawing, f"Each square reaches from -{reach:.2f} to {reach:.2f}; faint dots are all points shown."


POINTS = Kind(
    name="points",
    singular="point",
    noun="points",
    extractors=(
        ExtractorRecord("coordinates", lambda device, files: Coordinates(), preprocessing="x and y"),
    ),
    default_features="coordinates",
    exhibit=Exhibit(show, per_label=8, unlabelled=16, layout="tiles"),
    digest=lambda point: array_digest(np.asarray(point)),
    open_folder=open_folder,
    from_memory=lambda points: Contents(len(points), lambda row: np.asarray(points[row])),
    metrics=(
        mean_over_samples(
            "mean radius",
            np.linalg.norm,
            question="How far from the middle are points?",
            reading="The mean distance from the origin; compare with that of real points.",
            trap="One number: two rings may have the mean of one between them.",
        ),
    ),
    classifier=nearest(Coordinates()),
)
