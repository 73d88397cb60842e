"""Arrays on their way through a temporary file, so that memory stays constant however many there are."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterable
from typing import IO

import numpy as np

from multigan.errors import DataError


def spooled(items: Iterable[np.ndarray], dtype: type[np.generic]) -> tuple[int, Callable[[int], np.ndarray]]:
    """Write arrays of any shapes to a file that nobody else sees: their number, and what reads the i-th again.

    The file lies where TMPDIR says, and goes with the last who can read it.
    """
    ends, shapes = array("q", [0]), []
    with tempfile.TemporaryFile() as file:
        for item in items:
            append(file, np.asarray(item, dtype))
            ends.append(ends[-1] + item.size)
            # most have the shape of the one before, and share its tuple
            shapes.append(shapes[-1] if shapes and shapes[-1] == item.shape else item.shape)
        stored = mapped(file, dtype, (ends[-1],))
    return len(shapes), lambda i: np.array(stored[ends[i] : ends[i + 1]]).reshape(shapes[i])


def append(file: IO[bytes], block: np.ndarray) -> None:
    """Write an array's bytes. Not through a memory map, where a full disk would kill the process."""
    try:
        file.write(np.ascontiguousarray(block).data)
        file.flush()
    except OSError as error:
        raise DataError(
            f"Cannot write to the folder of temporary files {tempfile.gettempdir()}: {error.strerror or error}. "
            "Set the environment variable TMPDIR to a folder with space."
        ) from error


def mapped(file: IO[bytes], dtype: type[np.generic], shape: tuple[int, ...]) -> np.ndarray:
    """What a file holds as an array that reads it when asked; what is written to the array stays in memory."""
    if 0 in shape:
        return np.empty(shape, dtype)
    return np.asarray(np.memmap(file, dtype, "c", shape=shape))
