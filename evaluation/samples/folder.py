"""Samples that are the files of a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.samples import SampleKind, Samples
from evaluation.samples.digests import digests_of_files
from multigan.reading.listing import Listing


def samples_of_files(
    kind: SampleKind, path: Path, listing: Listing, read: Callable[[Path], Any], version: int | str
) -> Samples:
    """The listed files, each read when it is asked for; ``version`` names the way they are read."""
    return Samples(
        kind,
        listing.names,
        lambda row: read(listing.folder / listing.names[row]),
        listing.labels,
        _intensities(listing),
        digests_of_files(listing.folder, listing.names, f"{kind.name}{version}"),
        str(path),
        listing.folder,
        listing.notes,
    )


def _intensities(listing: Listing) -> np.ndarray | None:
    """None where all are 1, as they are where nobody gave any."""
    values = np.asarray(listing.intensities)
    return None if listing.labels is None or (values == 1).all() else values
