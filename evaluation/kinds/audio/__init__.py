"""All that the evaluation knows of sounds alone: each a ``multigan.reading.audio.Clip`` of any length and rate."""

from __future__ import annotations

from evaluation.deferred import deferred
from evaluation.exhibits.exhibit import Exhibit
from evaluation.kinds import ClassifierRecord, Kind
from evaluation.kinds.audio.extractors import EXTRACTORS, MODELS
from evaluation.kinds.audio.metrics import METRICS, PAIR_METRICS

AUDIO = Kind(
    name="audio",
    singular="clip",
    noun="clips",
    extractors=EXTRACTORS,
    default_features="log-mel-v1",
    exhibit=Exhibit(
        deferred("evaluation.kinds.audio.exhibit:show"), per_label=2, unlabelled=8, most=24, most_pairs=6
    ),
    digest=deferred("evaluation.kinds.audio.samples:digest"),
    open_folder=deferred("evaluation.kinds.audio.samples:open_folder"),
    folder_options=("links",),
    from_memory=deferred("evaluation.kinds.audio.samples:from_memory"),
    memory_options=("rate_hz",),
    recognises=deferred("evaluation.kinds.audio.samples:recognises"),
    models=MODELS,
    metrics=METRICS,
    pair_metrics=PAIR_METRICS,
    check_pair=deferred("evaluation.kinds.audio.pairs:check"),
    figure_names={"FD": "FAD", "FD infinity": "FAD infinity", "KD rbf-median": "KAD"},
    classifier=ClassifierRecord(
        "sound-classifier",
        deferred("evaluation.classifiers.sounds:recalled"),
        deferred("evaluation.classifiers.sounds:taught"),
        "sounds earlier or later, faster or slower, higher or lower, louder or softer, brighter or duller, and with "
        "stretches of time and frequency masked",
    ),
)
