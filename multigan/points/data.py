"""Points of a world as two splits, drawn anew each time: it takes a moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from multigan.arrays import ArrayDataset
from multigan.errors import DataError
from multigan.modality import Splits
from multigan.points.settings import PointData
from multigan.points.worlds import WORLDS, World
from multigan.reading.prepare import Progress


@dataclass(eq=False, kw_only=True)
class PointDataset(ArrayDataset):
    """One split of points of a world."""

    world: World


def world_of(data: PointData) -> World:
    """The world that these settings name, of their deviation."""
    world = WORLDS[data.world]
    return world if data.deviation is None else replace(world, deviation=data.deviation)


def labels_of(data: PointData) -> tuple[str, ...]:
    """ "ring-1", ...; none where points have no labels."""
    n_modes = len(WORLDS[data.world].centres) if data.labelled else 0
    return tuple(f"{data.world}-{number}" for number in range(1, n_modes + 1))


def look(data: PointData, folder: Path | None) -> tuple[str, ...]:
    """The labels; DataError where a folder is given."""
    if folder is not None:
        raise DataError(
            f"The points of this recipe are drawn from the world {data.world!r}, and {folder} was given; leave out --data, "
            "and choose another world with --set data.world=grid, for one."
        )
    return labels_of(data)


def open_points(data: PointData, folder: Path | None, progress: Progress) -> Splits:
    """Points for training and others that are held out; DataError where a folder is given."""
    labels, world = look(data, folder), world_of(data)
    points, modes = world.draw(data.drawn + data.drawn_held_out, data.seed)

    def split(rows: slice) -> PointDataset:
        names = tuple(f"{world.name}/{row:06d}" for row in range(len(points))[rows])
        return PointDataset(points[rows], labels, modes[rows] if labels else None, names, world=world)

    return Splits(split(slice(None, data.drawn)), split(slice(data.drawn, None)))
