"""How much memory decoded data may take: files of a few kB can claim gigabytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from multigan.errors import DataError

DECODED_BYTES = 2**30
"""What all threads together may decode at once, working copies included; a file that needs more alone is refused."""
TABLE_BYTES = 2**28
"""Of a file of text: a table, lines or JSON; its rows are held in memory."""


def in_words(n_bytes: int) -> str:
    """ "1.0 GiB", "256 MiB"."""
    return f"{n_bytes / 2**30:.1f} GiB" if n_bytes >= 2**30 else f"{max(1, n_bytes >> 20)} MiB"


class Budget:
    """Bytes that threads share: who needs some waits until they are free."""

    def __init__(self, n_bytes: int) -> None:
        self.n_bytes = n_bytes
        self._free = n_bytes
        self._changed = Condition()
        self._own = threading.local()

    @contextmanager
    def taken(self, n_bytes: int, remedy: str) -> Iterator[None]:
        """Hold so many bytes; DataError, which ends in ``remedy``, where that is more than there ever are."""
        if n_bytes > self.n_bytes:
            raise DataError(
                f"decoding it takes {in_words(n_bytes)} of memory, and at most {in_words(self.n_bytes)} are used: {remedy}"
            )
        with self.kept():
            if not self._own.n_bytes:  # whoever holds some never waits for more
                with self._changed:
                    self._changed.wait_for(lambda: self._free >= n_bytes)
                    self._free -= n_bytes
                self._own.n_bytes = n_bytes
            yield

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What this thread takes in the body it holds to the body's end, for what is made of the data."""
        if getattr(self._own, "n_bytes", None) is not None:  # inside another
            yield
            return
        self._own.n_bytes = 0
        try:
            yield
        finally:
            with self._changed:
                self._free += self._own.n_bytes
                self._changed.notify_all()
            self._own.n_bytes = None


DECODING = Budget(DECODED_BYTES)
