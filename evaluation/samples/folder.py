"""Samples from folders of images or audio, and from text files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluation.samples import Samples
from evaluation.samples.digests import digests_of_files, digests_of_texts
from multigan.errors import ConfigError, DataError
from multigan.reading.columns import NONE, ColumnFlags
from multigan.reading.listing import AUDIO, IMAGES, Listing, list_files
from multigan.registry import unknown_name

MODALITIES = ("image", "audio", "text")


def open_folder(
    path: Path | str, modality: str, labels_column: str | None = None, text_column: str | None = None
) -> Samples:
    """Images or audio of a folder (class folders, ``labels.csv`` or flat), or the texts of a file or folder.

    ``labels_column`` names the column of labels (else emotion, label or class); ``text_column`` that of the texts in
    CSV, TSV and JSONL. Nothing but texts is read yet. DataError when nothing is there, ConfigError for what does not fit.
    """
    path = Path(path)
    if modality not in MODALITIES:
        raise ConfigError(unknown_name("modality", modality, list(MODALITIES)))
    if modality == "text":
        return _texts(path, labels_column, text_column)
    if text_column is not None:
        raise ConfigError(
            f"A text column ({text_column!r}) is of texts, and the samples are {modality}: leave it out."
        )
    if modality == "image":
        from multigan.reading.image import VERSION, read_image

        listing, read = list_files(path, IMAGES, ColumnFlags(label=labels_column)), read_image
    else:
        from multigan.reading.audio import VERSION, read_clip

        listing, read = list_files(path, AUDIO, ColumnFlags(label=labels_column)), read_clip
    return Samples(
        modality,
        listing.names,
        lambda row: read(listing.folder / listing.names[row]),
        listing.labels,
        _intensities(listing),
        digests_of_files(listing.folder, listing.names, f"{modality}{VERSION}"),
        str(path),
        listing.folder,
        listing.notes,
    )


def _intensities(listing: Listing) -> np.ndarray | None:
    """None where all are 1, as they are where nobody gave any."""
    values = np.asarray(listing.intensities)
    return None if listing.labels is None or (values == 1).all() else values


def _texts(path: Path, labels_column: str | None, text_column: str | None) -> Samples:
    """Texts, and after them those that cannot be read: they count among the bad samples as other files do."""
    from multigan.reading.text import read_texts

    if path.suffix.lower() == ".txt":  # the columns are of the tables beside which it is measured
        text_column = labels_column = None
    columns = ColumnFlags(text=text_column, label=labels_column, intensity=NONE)
    table = read_texts(path, columns)
    texts, unusable = table.texts, tuple(table.bad.items())

    def read(row: int) -> str:
        if row < len(texts):
            return texts[row]
        raise DataError(unusable[row - len(texts)][1])

    names = [*table.names, *table.bad]
    # the label of a text that cannot be read is never looked at, but should not be one more label
    labels = None if table.labels is None else [*table.labels, *table.labels[:1] * len(unusable)]
    digests = digests_of_texts([*texts, *(f"not read {item}" for item in unusable)])
    folder = path if path.is_dir() else path.parent
    return Samples("text", names, read, labels, None, digests, str(path), folder, tuple(table.notes))
