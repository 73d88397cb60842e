"""Threads that wait for each other instead of for the clock: what they do does not hang on how busy a machine is."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

PATIENCE_S = 300
"""How long a test waits for what always comes, however busy the machine, unless the code is broken."""


def told_to_stop(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """An event that is set once a pool of threads has been shut down: what still waits in it then, it will do."""
    event, shutdown = threading.Event(), ThreadPoolExecutor.shutdown

    def watched(pool: ThreadPoolExecutor, wait: bool = True, **more: Any) -> None:
        shutdown(pool, wait=False, **more)
        event.set()
        shutdown(pool, wait=wait)

    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", watched)
    return event
