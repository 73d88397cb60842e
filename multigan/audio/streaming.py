"""Slices of files that are decoded when they are taken, for sets that do not fit on the disk once prepared."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

import numpy as np

from multigan.audio import slicing
from multigan.audio.settings import AudioData
from multigan.errors import DataError
from multigan.reading import audio as reading
from multigan.reading.budget import DECODING
from multigan.reading.files import in_order
from multigan.reading.listing import Listing

_KEPT_SAMPLES = 2**25
"""Of the files used last, 64 MiB are kept as they were prepared."""


class StreamedSlices:
    """int16 [n, T] by row numbers; ``places`` int64 [n, 3]: each slice's file, start, and the file's prepared length."""

    def __init__(self, listing: Listing, places: np.ndarray, data: AudioData) -> None:
        self.shape: tuple[int, ...] = (len(places), data.length)
        self._listing, self._places, self._data = listing, places, data
        self._recent: OrderedDict[int, np.ndarray] = OrderedDict()
        self._lock = Lock()

    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray:
        places = self._places[rows]
        taken = np.empty((len(places), self.shape[1]), np.int16)
        members = [np.flatnonzero(places[:, 0] == file) for file in np.unique(places[:, 0])]

        def slices(of_file: np.ndarray) -> np.ndarray:
            file, _, length = places[of_file[0]].tolist()
            return slicing.cut(self._sound(file, length), places[of_file, 1], self._data)

        for of_file, cuts in zip(members, in_order(slices, members, waiting=16), strict=True):
            taken[of_file] = cuts
        return taken

    def _sound(self, file: int, length: int) -> np.ndarray:
        with self._lock:
            if file in self._recent:
                self._recent.move_to_end(file)
                return self._recent[file]
        path = self._listing.folder / self._listing.names[file]
        try:
            with DECODING.kept():
                sound = slicing.finished(reading.read_clip(path), self._data)
        except DataError as error:
            raise DataError(
                f"{path} cannot be read any more: {error}. Put it back and start again."
            ) from error
        if len(sound) != length:
            raise DataError(f"{path} has changed since the data was opened; start again.")
        with self._lock:
            self._recent[file] = sound
            while sum(map(len, self._recent.values())) > _KEPT_SAMPLES and len(self._recent) > 1:
                self._recent.popitem(last=False)
        return sound
