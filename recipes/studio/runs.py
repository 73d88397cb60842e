"""Which runs the studio shows, and a run's generator: read when it is first asked for, the last few kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from multigan.runs import RunFacts
from multigan.sampling import TrainedGenerator, load_generator
from recipes.hub.fetch import name_of
from recipes.studio.offers import Offers
from recipes.studio.words import StudioError

_KEPT = 3
"""Generators in memory at a time."""
_MOST = 500
"""Folders of ``Studio.folder`` that are looked into."""


@dataclass
class Studio:
    """What all pages share: the runs that were named, the folder that new ones appear in, and generators in memory.

    No name that a page sends is a path: it is looked up among ``runs()``.
    """

    named: Sequence[Path]
    folder: Path
    device: Any
    """A ``torch.device``."""
    plugins: Sequence[str] = ()
    """Packages that a modality may be imported from."""
    open_to_others: bool = False
    """Whether it is served beyond this machine (``--host``, ``--share``)."""
    offers: Offers = field(default_factory=Offers)
    drawing: threading.Lock = field(default_factory=threading.Lock)
    """One page at a time draws: more would share the same processors and take more memory."""
    training: threading.Lock = field(default_factory=threading.Lock)
    """One page at a time begins a training, so that those that run can be counted."""
    _opened: OrderedDict[tuple[Path, str], TrainedGenerator] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def runs(self) -> dict[str, Path]:
        """Name -> folder of every run that can be sampled from: those named, then those in ``folder`` by name.

        The name is what a command takes: the folder, or hf:user/name@commit.
        """
        found = {name_of(path): path for path in self.named}
        if self.folder.is_dir():
            inside = sorted(path for path in self.folder.iterdir() if (path / "run.json").is_file())
            found |= {str(path): path for path in inside[:_MOST]}
        return {name: path for name, path in found.items() if (path / "checkpoints").is_dir()}

    def path_of(self, name: str) -> Path:
        """The folder of a run that a page names; ConfigError for any other name."""
        runs = self.runs()
        if not isinstance(name, str) or name not in runs:
            raise StudioError("no_run_named", name=str(name)[:80], runs=", ".join(runs) or "…")
        return runs[name]

    def facts(self, name: str) -> RunFacts:
        """What a run says of itself."""
        return RunFacts.read(self.path_of(name))

    def open(self, name: str) -> TrainedGenerator:
        """The averaged generator of a run's best checkpoint, from memory where it is still that one."""
        path = self.path_of(name)
        with self._lock:
            key = (path, _newest(path))
            if key not in self._opened:
                for old in [other for other in self._opened if other[0] == path]:
                    del self._opened[old]
                self._opened[key] = load_generator(path, self.device, self.plugins)
                while len(self._opened) > _KEPT:
                    self._opened.popitem(last=False)
            self._opened.move_to_end(key)
            return self._opened[key]


def _newest(path: Path) -> str:
    """What changes when a run in training has another checkpoint."""
    try:
        return max((entry.name for entry in (path / "checkpoints").iterdir()), default="")
    except OSError:
        return ""
