"""All that the evaluation knows of texts alone: each a ``str``."""

from __future__ import annotations

from evaluation.deferred import deferred
from evaluation.exhibits.exhibit import Exhibit
from evaluation.kinds import ClassifierRecord, Kind
from evaluation.kinds.text.extractors import EXTRACTORS, LANGUAGE_MODEL
from evaluation.kinds.text.metrics import METRICS

TEXT = Kind(
    name="text",
    singular="text",
    noun="texts",
    extractors=EXTRACTORS,
    default_features="hashed-ngrams-v1",
    exhibit=Exhibit(deferred("evaluation.kinds.text.exhibit:show"), per_label=4, unlabelled=16),
    digest=deferred("evaluation.samples.digests:text_digest"),
    open_folder=deferred("evaluation.kinds.text.samples:open_folder"),
    folder_options=("text_column", "links"),
    from_memory=deferred("evaluation.kinds.text.samples:from_memory"),
    recognises=deferred("evaluation.kinds.text.samples:recognises"),
    models=(LANGUAGE_MODEL,),
    metrics=METRICS,
    classifier=ClassifierRecord(
        "text-classifier",
        deferred("evaluation.classifiers.texts:recalled"),
        deferred("evaluation.classifiers.texts:taught"),
        "texts of which each time another half of the words, pairs of words and runs of characters is dropped",
    ),
    most_searched=200_000,
)
