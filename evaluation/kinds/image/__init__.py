"""All that the evaluation knows of images alone: uint8 [H, W, 3] of any size."""

from __future__ import annotations

from evaluation.deferred import deferred
from evaluation.exhibits.exhibit import Exhibit
from evaluation.kinds import ClassifierRecord, Kind
from evaluation.kinds.image.extractors import EXTRACTORS, LEVELS, LITE0_LEVELS, LPIPS, PACKETS, RANDOM_LEVELS
from evaluation.kinds.image.metrics import METRICS, PAIR_METRICS

IMAGE = Kind(
    name="image",
    singular="image",
    noun="images",
    extractors=EXTRACTORS,
    default_features="random-conv-v1",
    exhibit=Exhibit(
        deferred("evaluation.kinds.image.exhibit:show"), per_label=8, unlabelled=32, layout="tiles"
    ),
    digest=deferred("evaluation.samples.digests:array_digest"),
    open_folder=deferred("evaluation.kinds.image.samples:open_folder"),
    folder_options=("links",),
    from_memory=deferred("evaluation.kinds.image.samples:from_memory"),
    recognises=deferred("evaluation.kinds.image.samples:recognises"),
    mirror=deferred("evaluation.kinds.image.samples:mirrored"),
    models=(LPIPS, RANDOM_LEVELS, LITE0_LEVELS, LEVELS, PACKETS),
    metrics=METRICS,
    pair_metrics=PAIR_METRICS,
    check_pair=deferred("evaluation.kinds.image.pairs:check"),
    classifier=ClassifierRecord(
        "emotion-classifier",
        deferred("evaluation.classifiers.images:recalled"),
        deferred("evaluation.classifiers.images:taught"),
        "images turned by up to 12 degrees, scaled, stretched, shifted, recoloured and with noise, not mirrored",
    ),
)
