"""What the benchmarks of evaluation share: seconds of variants in turn, peaks of memory, and bars."""

import multiprocessing
import statistics
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Bar:
    """A figure, and what it must be at most or, with ``at_least``, at least."""

    what: str
    found: float
    bar: float
    at_least: bool = False

    @property
    def met(self):
        return self.found >= self.bar if self.at_least else self.found <= self.bar


@dataclass
class Section:
    """The seconds of each variant, the first being what the others stand beside; other figures; and bars."""

    title: str
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    bars: list[Bar] = field(default_factory=list)

    def time(self, variants, rounds, warm_up=True):
        """Run the variants in turn and note their medians; what each gave last."""
        taken, results = {name: [] for name in variants}, {}
        for number in range(rounds + warm_up):
            for name, variant in variants.items():
                start = time.perf_counter(), time.process_time()
                results[name] = variant()
                end = time.perf_counter(), time.process_time()
                if number or not warm_up:
                    taken[name].append([after - before for before, after in zip(start, end, strict=True)])
        for name, rows in taken.items():
            wall, cpu = (statistics.median(column) for column in zip(*rows, strict=True))
            self.seconds[name] = {"wall": wall, "cpu": cpu, "rounds": rounds}
        return results

    def ratio(self, name, beside):
        return self.seconds[name]["wall"] / self.seconds[beside]["wall"]

    def hold(self, what, found, bar, at_least=False):
        self.bars.append(Bar(what, float(found), bar, at_least))


def apart(function, *arguments):
    """What a function gives in a fresh process, which has the cores and threads of this one."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def peak_while(run):
    """Anonymous memory at its peak above where it was, looked at every 2 ms; pages of files are not in it."""
    run_done, seen = threading.Event(), [status("RssAnon")]

    def watch():
        while not run_done.wait(0.002):
            seen.append(status("RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run()
    finally:
        run_done.set()
        watcher.join()
    return max(seen) - seen[0]


def status(name):
    """Bytes of an entry of /proc/self/status."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return 1024 * int(line.split()[1])
    raise LookupError(name)
