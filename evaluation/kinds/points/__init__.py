"""All that the evaluation knows of points of the plane alone: float [2]."""

from __future__ import annotations

from evaluation.deferred import deferred
from evaluation.exhibits.exhibit import Exhibit
from evaluation.extractors.record import ExtractorRecord
from evaluation.kinds import Kind

POINTS = Kind(
    name="points",
    singular="point",
    noun="points",
    extractors=(
        ExtractorRecord(
            "coordinates", "evaluation.kinds.points.samples:coordinates", preprocessing="x and y as they are"
        ),
    ),
    default_features="coordinates",
    exhibit=Exhibit(
        deferred("evaluation.kinds.points.exhibit:show"), per_label=2, unlabelled=16, layout="tiles"
    ),
    digest=deferred("evaluation.samples.digests:array_digest"),
    from_memory=deferred("evaluation.kinds.points.samples:from_memory"),
)
"""Of 2-D worlds, which recipes train on; no folder of a person's holds such samples, so that commands do not name it."""
