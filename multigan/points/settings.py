"""Which world points are drawn from, and how many."""

from __future__ import annotations

from typing import Literal

from multigan.config import settings


@settings
class PointData:
    """Points that the package draws."""

    world: Literal["ring", "grid", "spiral"] = "ring"
    """8 Gaussians on a circle, 25 on a grid, or a spiral (``multigan.points.worlds.WORLDS``)."""
    deviation: float | None = None
    """The standard deviation of each Gaussian; null: the world's own."""
    labelled: bool = False
    """Whether each point has the Gaussian that it is of as its label, which generator and discriminator then see."""
    drawn: int = 50_000
    """Points for training."""
    drawn_held_out: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("drawn", "drawn_held_out"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")
        if self.deviation is not None and not 0 < self.deviation <= 0.1:
            raise ValueError(f"deviation is above 0 and at most 0.1 (or null), found {self.deviation}")
        if self.seed < 0:
            raise ValueError(f"seed must be at least 0, found {self.seed}")
