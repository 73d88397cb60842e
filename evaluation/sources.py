"""Samples from whatever a person has: folders, arrays, tensors, texts, or batches of them one after another."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.kinds import KINDS, Kind, all_kinds, kind_of
from evaluation.samples import Contents, SampleKind, Samples
from evaluation.samples.digests import digests_of, text_digest
from multigan.errors import ConfigError, DataError


def as_samples(
    source: Any,
    modality: str | SampleKind | None = None,
    *,
    rate_hz: int | None = None,
    labels: Sequence[Any] | None = None,
    intensities: Any = None,
    labels_column: str | None = None,
    text_column: str | None = None,
    links: str | None = None,
) -> Samples:
    """Samples from a folder or file (``Path`` or ``str``), an array, a tensor, texts, an iterable of batches, or Samples.

    ``modality`` is a name in ``evaluation.kinds.KINDS``, a ``Kind``, or "package.module:ATTRIBUTE" of one; None is told
    from data in memory. ``rate_hz`` is of arrays of audio. ``labels`` (names) and ``intensities`` in [0, 1] have one entry
    a sample; ``labels_column`` and ``text_column`` are columns of tables; ``links`` is "follow" where links may lead out
    of a folder. DataError or ConfigError where something does not fit.
    """
    kind = None if modality is None else kind_of(modality)
    if isinstance(source, Samples):
        if kind is not None and kind.name != source.kind.name:
            raise DataError(
                f"The samples ({source.source or 'memory'}) are {source.kind.name}, and {kind.name} was asked for."
            )
        return marked(source, labels, intensities)
    if isinstance(source, (str, Path)):
        if kind is None:
            raise ConfigError(f"Say of which modality {source} is: {', '.join(KINDS)}.")
        return marked(open_folder(source, kind, labels_column, text_column, links), labels, intensities)
    if labels_column is not None or text_column is not None:
        raise ConfigError("A column of labels or texts is of files; beside data in memory give labels=[...].")
    if links is not None:
        raise ConfigError("Links are of folders, and the data are in memory: leave links out.")
    if kind is None:
        kind, source = _recognised(source)
    return from_memory(source, kind, rate_hz=rate_hz, labels=labels, intensities=intensities)


def open_folder(
    path: Path | str,
    modality: str | SampleKind,
    labels_column: str | None = None,
    text_column: str | None = None,
    links: str | None = None,
) -> Samples:
    """The samples of a folder (class folders, ``labels.csv`` or flat) or of a file.

    ``labels_column`` names the column of labels (else emotion, label or class); ``text_column`` that of the texts in
    CSV, TSV and JSONL; ``links`` is "inside" (else) or "follow": which are followed. Nothing but texts is read yet.
    DataError when nothing is there, ConfigError for what does not fit.
    """
    kind = kind_of(modality)
    if kind.open_folder is None:
        raise ConfigError(f"The kind {kind.name!r} opens no folders: its open_folder is None.")
    words = {"text_column": f"A text column ({text_column!r}) is", "links": "The choice of links is"}
    own = _own_options(
        kind,
        {"text_column": text_column, "links": links},
        lambda one: one.folder_options,
        lambda name, owner: f"{words[name]} of {owner.noun}",
    )
    return replace(kind.open_folder(Path(path), labels_column, **own), kind=kind)


def from_memory(
    data: Any,
    modality: str | SampleKind,
    *,
    rate_hz: int | None = None,
    labels: Sequence[Any] | None = None,
    intensities: Any = None,
    names: Sequence[str] | None = None,
    source: str = "memory",
) -> Samples:
    """Samples of data in memory, as their kind takes them; ``rate_hz`` is of arrays of audio."""
    kind = kind_of(modality)
    if kind.from_memory is None:
        raise ConfigError(f"The kind {kind.name!r} takes no data from memory: its from_memory is None.")
    own = _own_options(
        kind,
        {"rate_hz": rate_hz},
        lambda one: one.memory_options,
        lambda name, owner: f"{name} is of {owner.name}",
    )
    contents = kind.from_memory(data, **own)
    if contents.n == 0:
        raise DataError(f"There is no {kind.singular} in what was given; give at least one.")
    return _named(kind, contents, names, labels, intensities, source)


def of_media(
    modality: str | SampleKind,
    names: Sequence[str],
    read: Callable[[int], Any],
    *,
    labels: Sequence[Any] | None = None,
    intensities: Any = None,
    source: str = "memory",
) -> Samples:
    """Samples that ``read(i)`` gives, as ``Samples.read`` does: one for each of ``names``, the same at every call."""
    return _named(kind_of(modality), Contents(len(names), read), names, labels, intensities, source)


def marked(samples: Samples, labels: Sequence[Any] | None, intensities: Any) -> Samples:
    """``samples`` with these labels and intensities; those that are None stay as they are."""
    if labels is not None:
        names = [str(label) for label in (labels.tolist() if hasattr(labels, "tolist") else labels)]  # type: ignore[union-attr]
        if len(names) != len(samples):
            raise DataError(f"There are {len(names)} labels for {len(samples)} samples; give one a sample.")
        samples = replace(samples, labels=names)
    if intensities is not None:
        values = np.asarray(intensities, np.float64)
        if values.shape != (len(samples),) or not ((values >= 0) & (values <= 1)).all():
            what = f"shape {list(values.shape)}" if values.shape != (len(samples),) else "values outside"
            raise DataError(f"Intensities are {len(samples)} numbers in [0, 1], one a sample; found {what}.")
        samples = replace(samples, intensities=values)
    return samples


def _named(
    kind: Kind,
    contents: Contents,
    names: Sequence[str] | None,
    labels: Sequence[Any] | None,
    intensities: Any,
    source: str,
) -> Samples:
    n = contents.n
    if names is not None and len(names) != n:
        raise DataError(f"There are {len(names)} names for {n} samples; give one a sample.")

    def digest(row: int) -> str:
        try:
            return kind.digest(contents.read(row))
        except DataError as error:  # it says so again when the sample is read
            return text_digest(f"not a {kind.singular} {row}: {error}")

    names = [f"{kind.singular} {row}" for row in range(n)] if names is None else names
    digests = contents.digests or digests_of(n, digest)
    return marked(Samples(kind, names, contents.read, digests=digests, source=source), labels, intensities)


def _own_options(
    kind: Kind,
    options: Mapping[str, Any],
    options_of: Callable[[Kind], tuple[str, ...]],
    in_words: Callable[[str, Kind], str],
) -> dict[str, Any]:
    """The options that are not None; ConfigError, which says whose they are, for those of other kinds."""
    own = {name: value for name, value in options.items() if value is not None}
    for name in own:
        if name not in options_of(kind):
            owner = next(other for other in all_kinds() if name in options_of(other))
            raise ConfigError(f"{in_words(name, owner)}, and the samples are {kind.name}: leave it out.")
    return own


def _recognised(source: Any) -> tuple[Kind, Any]:
    """The kind of data in memory by what comes first, and the data as they were."""
    first, whole = source, source
    if isinstance(source, Iterator):
        first = next(source, None)
        whole = itertools.chain([first], source)
    for _ in range(2):
        for kind in all_kinds():
            if kind.recognises(first):
                return kind, whole
        first = next(iter(first), None) if isinstance(first, Iterable) else None
    raise ConfigError(
        f"The modality of a {type(source).__name__} cannot be told; say which: {', '.join(KINDS)}."
    )
