"""Samples -> features: each sample is read once for all extractors, while the networks are at work on earlier ones."""

from __future__ import annotations

import contextlib
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.extractors.protocol import Extractor, Progress
from evaluation.features import cache as feature_cache
from evaluation.samples import Samples
from evaluation.samples.spool import append, mapped
from multigan.errors import DataError
from multigan.reading.budget import DECODING
from multigan.reading.files import in_order, named

N_NAMED = 20
"""Bad samples that an error lists."""
MOST_WORKERS = 16
KEPT_EVERY = 8_192
"""Rows after which features go to the cache: what a process that is killed has lost at most."""
MOST_IN_MEMORY_BYTES = 2**28
"""Features that are gathered from several entries go to a temporary file beyond this."""
_GATHERED = 8_192


@dataclass(frozen=True, eq=False)
class Featured:
    """Features of the samples that can be used, in the order asked for."""

    features: dict[str, np.ndarray]
    """Name of an extractor -> float32 [n, D], memory-mapped."""
    rows: np.ndarray
    """int64 [n]: which samples."""
    bad: dict[str, str]
    """Name of a sample that was skipped -> why."""


@dataclass(frozen=True)
class _Unusable:
    """Why a sample cannot be used, and by which extractors: all where it cannot be read."""

    why: str
    columns: tuple[_Column, ...]


def featurise(
    samples: Samples,
    rows: Sequence[int] | np.ndarray,
    extractors: Sequence[Extractor],
    *,
    max_bad: float = 0.01,
    before: tuple[int, int] = (0, 0),
    batch: int = 64,
    workers: int | None = None,
    cache: bool = True,
    progress: Progress | None = None,
) -> Featured:
    """Features of the samples ``rows`` through every extractor, in this order.

    ``workers`` threads (None: one per core, 16 at most) read and prepare samples while the extractors compute. Features go
    to temporary files and, with ``cache``, to the feature cache, where those of unchanged samples are found again without
    reading anything. A sample that cannot be read, or that an extractor refuses, is left out for all of them; DataError
    as soon as those are more than the share ``max_bad`` of ``rows`` and of the (good, bad) rows ``before``.
    Other errors of a worker are raised as they are.
    """
    rows = np.asarray(rows, np.int64)
    digests = list(samples.digests(rows, progress)) if cache and samples.digests and extractors else None
    with contextlib.ExitStack() as stack:
        columns = tuple(
            stack.enter_context(_Column(extractor, samples, rows, digests, batch)) for extractor in extractors
        )
        bad = _Bad(samples, rows, max_bad, *before)
        for place, why in (item for column in columns for item in column.lookup.bad.items()):
            bad.add(place, why)
        _fill(samples, rows, columns, bad, workers or min(os.cpu_count() or 1, MOST_WORKERS), batch, progress)
        bad.judge()
        good = np.array([place for place in range(len(rows)) if place not in bad.why], np.int64)
        if not len(good):
            raise DataError(f"{_source(samples)}: there is nothing that can be used; {bad.listed()}.")
        features = {column.extractor.name: column.features_of(good) for column in columns}
    return Featured(features, rows[good], dict(bad.items()))


def _fill(
    samples: Samples,
    rows: np.ndarray,
    columns: tuple[_Column, ...],
    bad: _Bad,
    threads: int,
    batch: int,
    progress: Progress | None,
) -> None:
    """Read what a column lacks, once, and compute its features."""
    lacking = np.logical_or.reduce([column.lookup.entry < 0 for column in columns]) if columns else rows >= 0
    todo = [place for place in np.flatnonzero(lacking).tolist() if place not in bad.why]
    n_known = len(rows) - len(todo)

    def work(place: int) -> list[tuple[_Column, Any]] | _Unusable:
        return _prepared(samples, int(rows[place]), place, columns)

    def tick(done: int) -> None:
        if progress:
            progress(f"features of {samples.source or 'samples'}", n_known + done, len(rows))

    tick(0)
    results = in_order(work, todo, tick, threads=threads, waiting=max(batch, 2 * threads))
    with contextlib.closing(results), _quiet():
        for place, result in zip(todo, results, strict=True):
            if isinstance(result, _Unusable):
                for column in result.columns:
                    column.fresh_bad[place] = result.why
                bad.add(place, result.why)
            else:
                for column, prepared in result:
                    column.add(place, prepared)
        for column in columns:
            column.compute()


class _Bad:
    """What cannot be used, by place among the rows asked for; DataError once that is too much."""

    def __init__(
        self, samples: Samples, rows: np.ndarray, max_bad: float, n_good_before: int, n_bad_before: int
    ) -> None:
        self.why: dict[int, str] = {}
        self._samples, self._rows, self._max_bad = samples, rows, max_bad
        self._n, self._n_before = len(rows) + n_good_before + n_bad_before, n_bad_before

    def add(self, place: int, why: str) -> None:
        self.why[place] = why
        if len(self.why) >= N_NAMED:
            self.judge()

    def judge(self) -> None:
        """DataError where there are too many; with a list, for which reading goes on until it has ``N_NAMED``."""
        n_bad = len(self.why) + self._n_before
        if n_bad > self._max_bad * self._n:
            raise DataError(
                f"{_source(self._samples)}: more than --max-bad ({100 * self._max_bad:g}%) cannot be used, "
                f"{n_bad} of {self._n} when reading stopped: {self.listed()}. "
                "Mend or remove them, or raise --max-bad."
            )

    def items(self) -> Iterator[tuple[str, str]]:
        """Names and reasons in the order of the rows."""
        return ((self._samples.names[int(self._rows[place])], self.why[place]) for place in sorted(self.why))

    def listed(self) -> str:
        return named([f"{name} ({why})" for name, why in self.items()], N_NAMED)


class _Column:
    """One extractor's features of the rows asked for: those that the cache has, and fresh ones in a temporary file."""

    def __init__(
        self,
        extractor: Extractor,
        samples: Samples,
        rows: np.ndarray,
        digests: list[str] | None,
        batch: int,
    ) -> None:
        self.extractor = extractor
        self.fresh_bad: dict[int, str] = {}
        self._samples, self._rows, self._digests, self._batch = samples, rows, digests, batch
        self._key = "" if digests is None else feature_cache.key_of(extractor)
        self.lookup = (
            feature_cache.nothing(len(rows)) if digests is None else feature_cache.find(self._key, digests)
        )
        self._waiting: list[tuple[int, Any]] = []
        self._fresh: list[int] = []
        """The places of the rows in the file."""
        self._n_kept = 0
        self._size = 0
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed in __exit__)

    def add(self, place: int, prepared: Any) -> None:
        self._waiting.append((place, prepared))
        if len(self._waiting) == self._batch:
            self.compute()

    def compute(self) -> None:
        """Features of what waits."""
        if not self._waiting:
            return
        places, prepared = zip(*self._waiting, strict=True)
        self._waiting = []
        # a full batch each time: a small one rounds otherwise, and equal samples are to have equal features
        filled = [*prepared, *prepared[-1:] * (self._batch - len(prepared))]
        block = np.asarray(self.extractor.forward(filled), np.float32)
        if block.ndim != 2 or len(block) != len(filled) or (self._size and block.shape[1] != self._size):
            shape = f"{list(block.shape)} from {len(filled)} samples"
            raise ValueError(
                f"{self.extractor.name} must give features [N, D] of N samples; it gave {shape}."
            )
        block = block[: len(places)]
        odd = np.flatnonzero(~np.isfinite(block).all(axis=1))
        if len(odd):
            name = self._samples.names[int(self._rows[places[odd[0]]])]
            raise DataError(
                f"{self.extractor.name} gives features of {name} that are not finite; remove it or choose other features."
            )
        self._size = block.shape[1]
        append(self._file, block)
        self._fresh += places
        if len(self._fresh) - self._n_kept >= KEPT_EVERY:
            self._keep()

    def features_of(self, good: np.ndarray) -> np.ndarray:
        """Features [n, D] of the places ``good``."""
        entries, entry, row = [*self.lookup.entries], self.lookup.entry.copy(), self.lookup.row.copy()
        if self._fresh:
            entry[self._fresh], row[self._fresh] = len(entries), np.arange(len(self._fresh))
            entries.append(self._written())
        return _gathered(entries, entry[good], row[good])

    def __enter__(self) -> _Column:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep in the cache what was computed, also when something stopped the pass."""
        self._keep()
        self._file.close()

    def _written(self) -> np.ndarray:
        return mapped(self._file, np.float32, (len(self._fresh), self._size))

    def _keep(self) -> None:
        """Put fresh features under the digests of their samples: those that did not change while they were read."""
        places, start = self._fresh[self._n_kept :], self._n_kept
        self._n_kept = len(self._fresh)
        unkept = [*places, *self.fresh_bad]
        if self._digests is None or self._samples.digests is None or not unkept:
            return
        digests = self._samples.digests(self._rows[unkept])
        same = dict(zip(unkept, digests, strict=True))
        same = {place: digest for place, digest in same.items() if digest == self._digests[place]}
        rows = [row for row, place in enumerate(places, start) if place in same]
        if rows:
            feature_cache.store(self._key, [same[self._fresh[row]] for row in rows], self._written()[rows])
        reasons = {same[place]: why for place, why in self.fresh_bad.items() if place in same}
        feature_cache.store_bad(self._key, reasons)
        self.fresh_bad = {}


def _prepared(
    samples: Samples, row: int, place: int, columns: tuple[_Column, ...]
) -> list[tuple[_Column, Any]] | _Unusable:
    """A sample, prepared for every extractor that lacks it; in a worker."""
    column, result = None, []
    try:
        with DECODING.kept():
            sample = samples.read(row)
            for column in columns:
                if column.lookup.entry[place] < 0:
                    result.append((column, column.extractor.prepare(sample)))
    except DataError as error:
        return _Unusable(str(error), columns if column is None else (column,))
    except Exception as error:
        error.add_note(f"while reading {samples.names[row]} of {_source(samples)}")
        raise
    return result


def _gathered(entries: Sequence[np.ndarray], entry: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Row ``row[i]`` of ``entries[entry[i]]`` for every i, float32 [n, D]; in a temporary file where that is much."""
    first = entries[entry[0]]
    if (entry == entry[0]).all() and np.array_equal(row, np.arange(len(first))):
        return first

    def block(among: np.ndarray, rows: np.ndarray) -> np.ndarray:
        features = np.empty((len(rows), first.shape[1]), np.float32)
        for number in np.unique(among):
            features[among == number] = entries[number][rows[among == number]]
        return features

    if first[0].nbytes * len(row) <= MOST_IN_MEMORY_BYTES:
        return block(entry, row)
    with tempfile.TemporaryFile() as file:
        for start in range(0, len(row), _GATHERED):
            append(file, block(entry[start : start + _GATHERED], row[start : start + _GATHERED]))
        return mapped(file, np.float32, (len(row), first.shape[1]))


def _source(samples: Samples) -> str:
    return samples.source or "The samples"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without Pillow's remarks on odd files; what matters is raised."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")
        yield
