"""Every reader of files on damaged files: each must be read or refused in one sentence, in time and within its memory.

    python -m benchmarks.fuzz [N] [SEED] [READER]    # 20,000 of each reader; from 100,000 on the results are kept in
                                                     # benchmarks/results/reliability/fuzz.json

A mutator with a fixed seed damages small files that are sound: bits, spans, numbers and words, and half the time so that
checksums still fit. What counts as a failure is an exception that is no MultiganError, an input that takes longer than
``PATIENCE_S``, and memory beyond ``MOST_BYTES``; a process that dies takes its reader's figure with it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import select
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from benchmarks.fuzz_readers import Reader, readers
from multigan.errors import MultiganError

PATIENCE_S = 20
MOST_BYTES = 2 * 2**30
"""Of the process: the budget of what is decoded, and as much for Python, torch and the rest."""
_MEMORY = "/dev/shm"
"""Where files are written, if it is there: a disk would take most of the time."""
RESULTS = Path(__file__).parent / "results" / "reliability" / "fuzz.json"


# ---- the mutator ----

_NUMBERS = (
    b"\x00",
    b"\xff",
    b"\x00\x00\x00\x00",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
)
_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 10**40, 2**31, 2**63, float("nan"), float("inf"), "", "x", "\ud800", "x" * 300, [], [[]], {},
    {"a": 1},
    ["a", "a"], [1, [2]], {"$tensor": "x"}, {"$tensor": []}, {"$float": "x"}, {"$float": []}, {"$pairs": 3},
    {"$pairs": [[1]]},
    {"$pairs": [[[], 1]]}, {"name": []}, {"name": "x"}, "1" * 50,
)  # fmt: skip


def damaged(content: bytes, reader: Reader, random_state: random.Random) -> bytes:
    """A damaged copy."""
    if reader.is_json and random_state.random() < 0.5:
        content = _odd_json(content, random_state)
    else:
        for _ in range(random_state.choice((1, 1, 1, 2, 4, 8))):
            content = _damaged_once(content, reader, random_state)
    if reader.sign is not None and random_state.random() < 0.5:
        content = reader.sign(content)
    return content


def _damaged_once(content: bytes, reader: Reader, random_state: random.Random) -> bytes:
    data, size = bytearray(content), len(content)
    at = random_state.randrange(size + 1)
    span = random_state.choice((1, 2, 4, 8, 32, 200))
    kind = random_state.randrange(8)
    if kind == 0 and size:
        data[at % size] ^= 1 << random_state.randrange(8)
    elif kind == 1 and size:
        data[at % size] = random_state.randrange(256)
    elif kind == 2:
        del data[at : at + span]
    elif kind == 3:
        data[at:at] = data[max(0, at - span) : at] * random_state.choice((1, 2, 20))
    elif kind == 4:
        del data[at:]
    elif kind == 5:
        word = random_state.choice(reader.words or _NUMBERS)
        data[at : at + random_state.choice((0, len(word)))] = word
    elif kind == 6:
        other = random_state.choice(reader.seeds)
        begin = random_state.randrange(len(other))
        data[at : at + span] = other[begin : begin + span]
    else:
        number = random_state.choice(_NUMBERS)
        data[at : at + len(number)] = number
    return bytes(data)


def _odd_json(content: bytes, random_state: random.Random) -> bytes:
    """A JSON text in which one value, chosen at random, is an odd one, or gone, or under another key."""
    tree = json.loads(content)
    value = random_state.choice(_VALUES)
    places: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        for key, item in items:
            places.append((part, key))
            waiting.append(item)
    if not places:
        return json.dumps(value).encode()
    part, key = random_state.choice(places)
    if random_state.random() < 0.2:
        del part[key]
    elif isinstance(part, dict) and random_state.random() < 0.1:
        part[f"{key}?"] = part.pop(key)
    else:
        part[key] = value
    return json.dumps(tree).encode()


# ---- running ----


class TooLong(Exception):  # noqa: N818
    """An input that takes longer than ``PATIENCE_S``."""


@contextmanager
def _patience() -> Iterator[None]:
    """Within it an input that takes longer than its timer is interrupted."""

    def ring(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, ring)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def fuzz(reader: Reader, n: int, seed: int, folder: Path) -> dict[str, Any]:
    """n damaged files through a reader: how many were read and refused, and what went wrong with which (by number)."""
    random_state, outcomes = random.Random(f"{reader.name} {seed}"), Counter()
    failures: dict[str, dict[str, Any]] = {}
    begun, peak_before = time.process_time(), _peak_bytes()
    with warnings.catch_warnings(), _patience():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files
        for number in range(n):
            content = damaged(random_state.choice(reader.seeds), reader, random_state)
            try:
                signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
                reader.read(folder, content)
                outcomes["read"] += 1
            except MultiganError:
                outcomes["refused"] += 1
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                outcomes["failed"] += 1
                what = f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
                failures.setdefault(what, {"number": number, "content": repr(content)[:300]})
    peak = _peak_bytes()
    if peak > max(MOST_BYTES, peak_before):  # what the process needed before is not the reader's doing
        failures["more memory than the budget"] = {"bytes": peak}
    seconds = round(time.process_time() - begun, 1)
    return {**outcomes, "processor_seconds": seconds, "peak_bytes": peak, "failures": failures}


def _peak_bytes() -> int:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _begin(reader: Reader, n: int, seed: int) -> tuple[int, int]:
    """``fuzz`` in a process of its own, which it may take down: its number, and where its result is read."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # panics of libraries in Rust are said there
        with tempfile.TemporaryDirectory(dir=_MEMORY if os.path.isdir(_MEMORY) else None) as place:
            result = fuzz(reader, n, seed, Path(place))
        with os.fdopen(theirs, "wb") as stream:
            stream.write(json.dumps(result).encode())
        os._exit(0)
    os.close(theirs)
    return child, ours


def _end(child: int, ours: int) -> dict[str, Any]:
    with os.fdopen(ours, "rb") as stream:
        content = stream.read()
    _, status = os.waitpid(child, 0)
    return json.loads(content) if content else {"failures": {"the process died": {"status": status}}}


def main(n: int = 20_000, seed: int = 0, only: str | None = None) -> int:
    """Run all readers (or one), as many at a time as there are cores, and write the results; 1 where anything failed."""
    results, begun = {}, time.perf_counter()
    torch.set_num_threads(1)
    waiting = [reader for reader in readers() if only in (None, reader.name)]
    running: dict[int, tuple[int, str]] = {}
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            reader = waiting.pop(0)
            child, ours = _begin(reader, n, seed)
            running[ours] = child, reader.name
        for ours in select.select(list(running), [], [])[0]:
            child, name = running.pop(ours)
            results[name] = _end(child, ours)
            print(f"{name:<20} {json.dumps(results[name])[:2000]}", flush=True)
    seconds = round(sum(result.get("processor_seconds", 0) for result in results.values()), 1)
    wall = round(time.perf_counter() - begun, 1)
    failed = [name for name, result in results.items() if result["failures"]]
    print(
        f"{n:,} inputs per reader, seed {seed}: {seconds} s of processor time ({wall} s in all); "
        f"failures in {failed or 'none'}."
    )
    if only is None and n >= 100_000:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        facts = {"n": n, "seed": seed, "processor_seconds": seconds, "seconds": wall, "readers": results}
        RESULTS.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(*map(int, arguments[:2]), *arguments[2:3]))
