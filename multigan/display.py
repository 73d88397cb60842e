"""Output that may vanish: what is printed tells of work that goes on without it."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TextIO


class Display(io.TextIOBase):
    """A text stream over another that is written to as long as it can be: a closed pipe or terminal ends the display alone.

    The first failure is told on the standard error, but for a reader that has left (``| head``).
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self.failure: Exception | None = None

    def write(self, text: str) -> int:
        if self.failure is None:
            try:
                self._stream.write(text)
            except (OSError, ValueError) as error:  # ValueError: it is closed
                self._fail(error)
        return len(text)

    def flush(self) -> None:
        if self.failure is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._fail(error)

    def isatty(self) -> bool:
        return self.failure is None and self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding

    def _fail(self, error: Exception) -> None:
        self.failure = error
        silence(self._stream)
        if isinstance(error, OSError) and error.errno not in (errno.EPIPE, errno.EIO):
            with contextlib.suppress(OSError, ValueError):
                print(
                    f"Note: the standard output cannot be written ({error.strerror}); the work goes on without it.",
                    file=sys.stderr,
                    flush=True,
                )


def silence(stream: TextIO) -> None:
    """Let a standard stream that fails lead nowhere, so that what it still holds cannot fail at the end."""
    with contextlib.suppress(OSError, ValueError):
        number = stream.fileno()
        if number in (1, 2):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)


def open_standard_streams() -> None:
    """Give a process whose standard streams are closed some that lead nowhere; no file then gets their numbers.

    A character that the standard output's encoding lacks is replaced ("Fr?chet") where it would end the command.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
        if getattr(sys, name) is None:
            raw = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
            setattr(
                sys, name, io.TextIOWrapper(io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw))
            )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")
