"""All that the evaluation knows of clips of moving pictures alone: each a ``multigan.reading.video.Video``."""

from __future__ import annotations

from evaluation.deferred import deferred
from evaluation.exhibits.exhibit import Exhibit
from evaluation.kinds import ClassifierRecord, Kind
from evaluation.kinds.video.extractors import EXTRACTORS, FACTS, FRAMES
from evaluation.kinds.video.metrics import METRICS

VIDEO = Kind(
    name="video",
    singular="video",
    noun="videos",
    extractors=EXTRACTORS,
    default_features="random-conv3d-v1",
    exhibit=Exhibit(
        deferred("evaluation.kinds.video.exhibit:show"), per_label=4, unlabelled=16, most=120, layout="tiles"
    ),
    digest=deferred("evaluation.kinds.video.samples:digest"),
    open_folder=deferred("evaluation.kinds.video.samples:open_folder"),
    folder_options=("links",),
    from_memory=deferred("evaluation.kinds.video.samples:from_memory"),
    recognises=deferred("evaluation.kinds.video.samples:recognises"),
    models=(FACTS, FRAMES),
    metrics=METRICS,
    classifier=ClassifierRecord("frame-classifier", deferred("evaluation.classifiers.clips:recalled")),
)
