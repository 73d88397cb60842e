"""The samples that a report shows: some of every label, the closest pairs, and maps of the features."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evaluation.features.subset import Seen
from evaluation.figures import HELD_OUT, ClosestPair, Media, Shown
from evaluation.plan.sets import Work

PER_LABEL = {"image": 8, "audio": 2, "text": 4}
UNLABELLED = {"image": 32, "audio": 8, "text": 16}
N_PAIRS = 10
N_POINTS = 500


def gallery(work: Work, closest: tuple[ClosestPair, ...]) -> Media:
    """A few samples of each set, in the order drawn, so that nothing is picked by hand."""
    sets = {HELD_OUT: work.held_out or work.real, **work.fakes}
    share = 2 if len(work.fakes) > 1 else 1  # several sets stand side by side
    samples = {subject: tuple(_some(seen, work.labels, share)) for subject, seen in sets.items()}
    return Media(samples, _pairs(work, closest), _maps(work))


def _some(seen: Seen, labels: tuple[str, ...], share: int) -> Iterator[Shown]:
    modality = seen.samples.modality
    if seen.labels is None:
        chosen = np.arange(min(len(seen), UNLABELLED[modality] // share))
    else:
        n = PER_LABEL[modality] // share
        chosen = np.concatenate([np.flatnonzero(seen.labels == number)[:n] for number in range(len(labels))])
    for place in chosen:
        yield _shown(seen, int(seen.rows[place]))


def _shown(seen: Seen, row: int) -> Shown:
    samples = seen.samples
    label = None if samples.labels is None or seen.labels is None else samples.labels[row]
    intensity = None if samples.intensities is None else float(samples.intensities[row])
    return Shown(samples.read(row), samples.names[row], label, intensity)


def _pairs(work: Work, closest: tuple[ClosestPair, ...]) -> dict[str, tuple[tuple[Shown, Shown, float], ...]]:
    return {
        subject: tuple(
            (_shown(seen, pair.fake), _shown(work.training, pair.train), pair.distance)
            for pair in [pair for pair in closest if pair.subject == subject][:N_PAIRS]
        )
        for subject, seen in work.fakes.items()
    }


def _maps(work: Work) -> dict[str, dict[str, np.ndarray]]:
    """Each extractor's features on the first two principal axes of the real ones."""
    maps = {}
    for extractor in work.extractors:
        real = np.asarray(work.real.features[extractor.name][: 4 * N_POINTS], np.float64)
        mean = real.mean(axis=0)
        axes = np.linalg.svd(real - mean, full_matrices=False)[2][:2].T
        sets = {HELD_OUT: work.real, **work.fakes}
        maps[extractor.name] = {
            subject: (np.asarray(seen.features[extractor.name][:N_POINTS], np.float64) - mean) @ axes
            for subject, seen in sets.items()
        }
    return maps
