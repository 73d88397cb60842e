"""What is shown in a blind test, and in which order: balanced, and drawn by a seed."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from multigan.emotions import ordered
from multigan.errors import DataError
from multigan.reading.files import named

BETTER, EMOTION = "better", "emotion"
QUESTIONS = (BETTER, EMOTION)
Pools = Mapping[str, Mapping[str, Sequence[int]]]
"""Set -> label ("" of samples without any) -> rows, in the order in which they are to be taken."""


@dataclass(frozen=True)
class Shown:
    """One sample of a trial."""

    of: str
    """The name of its set."""
    row: int
    label: str
    """"" where samples have none."""


@dataclass(frozen=True)
class Trial:
    """What is shown at a time: one sample, or two in the order of their sides."""

    item: str
    shown: tuple[Shown, ...]


def shared_labels(pools: Pools) -> tuple[str, ...]:
    """The labels that every set has samples of; DataError where there is none."""
    shared = set.intersection(*(set(own) for own in pools.values()))
    if not shared:
        each = "; ".join(
            f"{name}: {named(sorted(filter(None, own))) or 'none'}" for name, own in pools.items()
        )
        raise DataError(f"The sets have no label in common, so that they cannot be compared ({each}).")
    return ordered(shared)


def emotion_trials(pools: Pools, n: int, seed: int) -> tuple[Trial, ...]:
    """``n`` samples of each set, each label as often as the others (or once more, drawn by the seed), in a drawn order."""
    random = np.random.default_rng((seed, 0))
    labels = shared_labels(pools)
    if labels == ("",):
        raise DataError("The samples have no labels, so that nobody can be asked for their emotion.")
    shown = []
    for of, own in pools.items():
        for label, count in _counts(labels, n, random).items():
            shown += [(Shown(of, row, label),) for row in _take(own[label], count, of, label)]
    return _numbered(shown, random)


def better_trials(pools: Pools, n: int, seed: int) -> tuple[Trial, ...]:
    """``n`` comparisons of each pair of sets, of samples of the same label, in a drawn order.

    Each label is as often compared as the others (or once more), and of each pair each set is as often the first (or once
    more). No sample comes twice within a pair.
    """
    random = np.random.default_rng((seed, 1))
    labels = shared_labels(pools)
    taken = dict.fromkeys(itertools.product(pools, labels), 0)
    shown = []
    for pair in itertools.combinations(pools, 2):
        of_pair = []
        for label, count in _counts(labels, n, random).items():
            rows = []
            for of in pair:
                rows.append(_take(pools[of][label], count, of, label, taken[of, label]))
                taken[of, label] += count
            of_pair += [
                tuple(Shown(of, row, label) for of, row in zip(pair, both, strict=True))
                for both in zip(*rows, strict=True)
            ]
        turned = random.permutation(n) < (n + random.integers(2)) // 2
        shown += [both[::-1] if turn else both for both, turn in zip(of_pair, turned, strict=True)]
    return _numbered(shown, random)


def n_trials(question: str, n_sets: int, n: int) -> int:
    """How many trials ``n`` of each set, or of each pair of sets, make."""
    return n * (math.comb(n_sets, 2) if question == BETTER else n_sets)


def n_needed(question: str, n_sets: int, n_labels: int, n: int) -> int:
    """How many samples of each label a set should have, so that none comes twice."""
    each = -(-n // max(n_labels, 1))
    return each * (n_sets - 1) if question == BETTER else each


def _counts(labels: Sequence[str], n: int, random: np.random.Generator) -> dict[str, int]:
    """How often each label comes among ``n``."""
    more = set(random.permutation(len(labels))[: n % len(labels)].tolist())
    return {label: n // len(labels) + (place in more) for place, label in enumerate(labels)}


def _take(rows: Sequence[int], count: int, of: str, label: str, skipped: int = 0) -> list[int]:
    """``count`` rows after those that were taken before, from the beginning again where they end."""
    if len(rows) < count:
        labelled = f" of {label}" if label else ""
        raise DataError(
            f"{of} has {len(rows)} samples{labelled}, and {count} are to be shown; give more, or a lower --n."
        )
    return [rows[(skipped + place) % len(rows)] for place in range(count)]


def _numbered(shown: Sequence[tuple[Shown, ...]], random: np.random.Generator) -> tuple[Trial, ...]:
    width = len(str(len(shown)))
    mixed = [shown[place] for place in random.permutation(len(shown))]
    return tuple(Trial(f"{number:0{width}}", one) for number, one in enumerate(mixed, 1))


def order_for(trials: Sequence[Trial], rater: str, seed: int) -> Iterator[Trial]:
    """All trials in an order of the rater's own, the same at every call."""
    word = int.from_bytes(hashlib.sha256(rater.encode()).digest()[:8], "big")
    return (trials[place] for place in np.random.default_rng((seed, 2, word)).permutation(len(trials)))
