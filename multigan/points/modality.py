"""The modality of points: its data, its architecture, and how points are written and shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch import Tensor

from multigan.modality import Modality
from multigan.points import map as maps
from multigan.points.data import look, open_points, world_of
from multigan.points.film import FILM
from multigan.points.networks import MLP
from multigan.points.settings import PointData
from multigan.registry import Registry
from multigan.writing import make_folder

_N_REAL = 500


def write_map(samples: Tensor, columns: int, path: Path, data: PointData) -> None:
    """All samples on one map, blue, among brown points of the world."""
    paper = maps.blank()
    maps.draw_dots(paper, world_of(data).draw(_N_REAL, data.seed)[0], real=True)
    maps.draw_dots(paper, samples.numpy().astype(np.float64), real=False, size=4)
    make_folder(path.parent)
    maps.write(paper, path)


POINTS = Modality(
    name="points",
    data_settings=PointData,
    open_data=open_points,
    sample_shape=lambda data: (2,),
    architectures=Registry("point architecture", {"mlp": MLP}),
    augmentations=Registry("point augmentation", {}),
    preview=write_map,
    kind="evaluation.kinds.points:POINTS",
    look=look,
    film=FILM,
)
