"""Files that a page may download: in memory, for a while, each behind a name that nobody can guess."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

_MOST_BYTES = 128_000_000
_MOST = 40


@dataclass
class Offers:
    """The last files that were offered; older ones are gone."""

    _files: OrderedDict[str, tuple[str, bytes]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def offer(self, name: str, content: bytes) -> str:
        """Where a page finds a file of this name."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._files[token] = (name, content)
            while len(self._files) > 1 and (
                len(self._files) > _MOST or sum(len(one) for _, one in self._files.values()) > _MOST_BYTES
            ):
                self._files.popitem(last=False)
        return f"/download/{token}"

    def get(self, token: str) -> tuple[str, bytes] | None:
        """The name and the content of a file; None where there is none, or no more."""
        with self._lock:
            return self._files.get(token)
