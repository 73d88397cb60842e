"""When something is due that happens once in so many samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class Every:
    """Due once in each ``interval_samples`` of samples seen, at the same counts in a resumed run."""

    def __init__(self, interval_samples: int) -> None:
        self.interval_samples = interval_samples
        self._seen = 0

    def start(self, samples: int) -> None:
        self._seen = samples

    def due(self, samples: int) -> bool:
        """Whether a multiple of the interval lies in (samples of the call before, ``samples``]."""
        before, self._seen = self._seen, samples
        return samples // self.interval_samples > before // self.interval_samples
