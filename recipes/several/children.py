"""Commands as processes of their own, which are stopped with this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from multigan.errors import ConfigError

_USED = "Processor seconds and peak memory in bytes: "
"""How the last line of a log begins."""


class Children:
    """The commands that run now; once they are told to stop no other begins."""

    def __init__(self) -> None:
        self.stopping = False
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.RLock()  # a signal may come while this very thread holds it

    def run(self, words: Sequence[str], log: Path, n_threads: int | None = None) -> int:
        """The exit code of a command, negative where a signal ended it or it never began; what it says goes to ``log``.

        The log ends with the processor time and the peak memory that it took.
        """
        environment = {**os.environ, **({} if n_threads is None else {"OMP_NUM_THREADS": str(n_threads)})}
        with log.open("ab") as stream:
            with self._lock:
                if self.stopping:
                    return -signal.SIGTERM
                # a session of its own: a key that stops this process would reach it twice
                child = subprocess.Popen(
                    words,
                    stdout=stream,
                    stderr=stream,
                    stdin=subprocess.DEVNULL,
                    env=environment,
                    start_new_session=True,
                )
                self._running.add(child)
            _, status, usage = os.wait4(child.pid, 0)
            with self._lock:
                self._running.remove(child)
                child.returncode = os.waitstatus_to_exitcode(status)
            peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
            stream.write(f"{_USED}{usage.ru_utime + usage.ru_stime:.1f} {peak}\n".encode())
        return child.returncode

    def stop(self) -> None:
        """Ask all of them to save what they have and end."""
        with self._lock:
            first, self.stopping = not self.stopping, True
            for child in self._running if first else ():
                with suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGTERM)

    @contextmanager
    def passing_signals_on(self) -> Iterator[None]:
        """SIGINT, SIGTERM and SIGHUP stop the commands instead of this process; one that is ignored stays so."""
        before = {
            number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        for number, handler in before.items():
            if handler != signal.SIG_IGN:
                signal.signal(number, lambda number, frame: self.stop())
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def used(log: Path) -> tuple[float, int]:
    """Processor seconds of all the commands of a log together, and the highest peak memory in bytes."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    each = [line.removeprefix(_USED).split() for line in lines if line.startswith(_USED)]
    return round(sum(float(seconds) for seconds, _ in each), 1), max(int(peak) for _, peak in each)


def last_error(log: Path) -> str:
    """What the command said was wrong."""
    said = log.read_text(encoding="utf-8", errors="replace")
    return error_in(said) or f"it ended without a word; see {log}"


def error_in(said: str) -> str:
    """The last error among what a command said; "" where it told none."""
    errors = [line.removeprefix("Error: ") for line in said.splitlines() if line.startswith("Error: ")]
    return errors[-1] if errors else ""


def output_of(words: Sequence[str]) -> str:
    """What ``multigan`` with these words prints, in a process of its own; ConfigError with what it says is wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "multigan", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ConfigError(error_in(done.stderr) or f"multigan {words[0]} ended without a word.")
    return done.stdout
