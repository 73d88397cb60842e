"""Video files through PyAV, which is there where ``multigan[video]`` is installed."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from multigan.errors import DataError
from multigan.reading.budget import DECODING
from multigan.reading.video import MOST_FRAMES, NO_PYAV, USUAL_MS

_BYTES_A_PIXEL = 24


def has_pyav() -> bool:
    """Whether PyAV is installed."""
    return importlib.util.find_spec("av") is not None


def pyav() -> Any:
    """The module; DataError where it is not installed."""
    if not has_pyav():
        raise DataError(NO_PYAV)
    return importlib.import_module("av")


class Film:
    """A video file that is open for reading; DataError with the reason where it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path, self._av = path, pyav()

    def __enter__(self) -> Film:
        if not self._path.is_file():
            raise DataError("it is not a regular file")
        self._container = self._opened()
        return self

    def __exit__(self, *error: object) -> None:
        self._container.close()

    def _opened(self) -> Any:
        try:
            return self._av.open(
                str(self._path), mode="r", format=None, options={"protocol_whitelist": "file"}
            )
        except Exception as error:  # PyAV has an error of its own for each of libav's
            raise DataError(f"it is no video file that can be read ({_said(error)})") from error

    def _stream(self) -> Any:
        streams = self._container.streams.video
        if not streams:
            raise DataError("it holds no pictures")
        return streams[0]

    def lengths_ms(self) -> list[float]:
        """How long each frame is shown, from the times in the file; nothing is decoded."""
        stream = self._stream()
        try:
            times = [packet.pts for packet in self._container.demux(stream) if packet.pts is not None]
            self._container.seek(0)
        except Exception as error:
            raise DataError(f"it is damaged: {_said(error)}") from error
        if len(times) > MOST_FRAMES:
            raise DataError(f"it has {len(times):,} frames, and at most {MOST_FRAMES:,} are read; cut it")
        seconds = np.asarray(sorted(times), np.float64) * float(stream.time_base)
        gaps = np.diff(seconds) * 1000
        usual = float(np.median(gaps)) if len(gaps) else float(USUAL_MS)
        return [*gaps.tolist(), usual][: len(times)]

    def pixels(self, wanted: set[int], background: str) -> Iterator[tuple[int, np.ndarray]]:
        """The wanted frames, each with its number in the order in which they are shown: uint8 [H, W, 3]."""
        stream = self._stream()
        n_bytes = _BYTES_A_PIXEL * stream.codec_context.width * stream.codec_context.height
        with DECODING.taken(n_bytes, "make it smaller"):
            try:
                for i, frame in enumerate(self._container.decode(stream)):
                    if i in wanted:
                        yield i, frame.to_ndarray(format="rgb24")
                    if i >= max(wanted):
                        return
            except DataError:
                raise
            except Exception as error:
                raise DataError(f"it is damaged: {_said(error)}") from error


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
