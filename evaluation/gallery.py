"""The samples that a report shows: some of every label, the closest pairs, and maps of the features."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evaluation.exhibits.exhibit import Exhibit
from evaluation.features.subset import Subset
from evaluation.figures import HELD_OUT, ClosestPair, Example, Gallery
from evaluation.plan.inputs import Inputs

N_PAIRS = 10
N_POINTS = 500


def gallery_of(inputs: Inputs, closest: tuple[ClosestPair, ...]) -> Gallery:
    """A few samples of each set, in the order drawn, so that nothing is picked by hand."""
    sets = {HELD_OUT: inputs.held_out or inputs.real, **inputs.fakes}
    share = 2 if len(inputs.fakes) > 1 else 1  # several sets stand side by side
    exhibit, n_labels = inputs.request.kind.exhibit, len(inputs.labels)
    samples = {subject: tuple(_some(subset, n_labels, exhibit, share)) for subject, subset in sets.items()}
    together = {} if exhibit.together is None else {subject: one.contents for subject, one in sets.items()}
    return Gallery(samples, _pairs(inputs, closest), _maps(inputs), sets=together)


def _some(subset: Subset, n_labels: int, exhibit: Exhibit, share: int) -> Iterator[Example]:
    if subset.labels is None:
        chosen = np.arange(min(len(subset), max(1, exhibit.unlabelled // share)))
    else:
        n = max(1, exhibit.per_label // share)
        chosen = np.concatenate([np.flatnonzero(subset.labels == number)[:n] for number in range(n_labels)])
    for place in chosen:
        yield _example(subset, int(subset.rows[place]))


def _example(subset: Subset, row: int) -> Example:
    samples = subset.samples
    label = None if samples.labels is None or subset.labels is None else samples.labels[row]
    intensity = None if samples.intensities is None else float(samples.intensities[row])
    return Example(samples.read(row), samples.names[row], label, intensity)


def _pairs(
    inputs: Inputs, closest: tuple[ClosestPair, ...]
) -> dict[str, tuple[tuple[Example, Example, float], ...]]:
    return {
        subject: tuple(
            (_example(subset, pair.fake), _example(inputs.training, pair.train), pair.distance)
            for pair in [pair for pair in closest if pair.subject == subject][:N_PAIRS]
        )
        for subject, subset in inputs.fakes.items()
    }


def _maps(inputs: Inputs) -> dict[str, dict[str, np.ndarray]]:
    """Each extractor's features on the first two principal axes of the real ones."""
    maps = {}
    for extractor in inputs.extractors:
        real = np.asarray(inputs.real.features[extractor.name][: 4 * N_POINTS], np.float64)
        mean = real.mean(axis=0)
        axes = np.linalg.svd(real - mean, full_matrices=False)[2][:2].T
        sets = {HELD_OUT: inputs.real, **inputs.fakes}
        maps[extractor.name] = {
            subject: (np.asarray(subset.features[extractor.name][:N_POINTS], np.float64) - mean) @ axes
            for subject, subset in sets.items()
        }
    return maps
