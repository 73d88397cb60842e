"""The worlds: mixtures of equally likely Gaussians in [-1, 1]^2, so that what a generator missed can be counted.

A point is good where it lies within three standard deviations of the nearest centre, and a mode is captured where a good
point lies nearest to it (VEEGAN, arXiv:1705.07761, section 4.1; PacGAN, arXiv:1712.04086, section 4.1). Of real points
1 - exp(-9/2) = 0.989 are good where modes lie far apart; the spiral's overlap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from multigan.chance import Chance

GOOD_DEVIATIONS = 3
"""Within so many standard deviations of a centre a point is good."""
REAL_GOOD = 1 - math.exp(-(GOOD_DEVIATIONS**2) / 2)
"""The share of real points that are, where modes lie far apart: the distance of each from its centre is Rayleigh's."""
_AT_ONCE = 10_000


@dataclass(frozen=True, eq=False)
class World:
    """Gaussians of one deviation, all equally likely."""

    name: str
    centres: np.ndarray
    """float64 [M, 2]."""
    deviation: float

    def draw(self, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Points float32 [n, 2] and the Gaussian int64 [n] of each; the first ones stay as they are if n grows.

        By Box and Muller's transform of ``Chance``, whose numbers are the same on every machine.
        """
        chance = Chance(seed)
        modes = (chance.many(f"{self.name} mode", n) % len(self.centres)).astype(np.int64)
        radius = np.sqrt(-2 * np.log1p(-chance.numbers(f"{self.name} radius", n)))
        angle = 2 * np.pi * chance.numbers(f"{self.name} angle", n)
        noise = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
        return (self.centres[modes] + self.deviation * noise).astype(np.float32), modes

    def nearest(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The nearest centre int64 [N] to each of the points [N, 2], and its distance [N] in standard deviations."""
        modes, distances = [np.zeros(0, np.int64)], [np.zeros(0)]
        for start in range(0, len(points), _AT_ONCE):
            part = np.asarray(points[start : start + _AT_ONCE], np.float64)
            apart = np.linalg.norm(part[:, None] - self.centres, axis=2)
            modes.append(apart.argmin(1))
            distances.append(apart.min(1) / self.deviation)
        return np.concatenate(modes), np.concatenate(distances)

    def good_of_modes(self, points: np.ndarray) -> np.ndarray:
        """int64 [M]: how many of the points [N, 2] are good, by the mode that they are nearest to."""
        modes, distances = self.nearest(points)
        return np.bincount(modes[distances <= GOOD_DEVIATIONS], minlength=len(self.centres))


def _ring() -> World:
    """8 Gaussians on a circle, their deviation 1/50 of its radius (PacGAN's is 1/100)."""
    angle = np.arange(8) * (2 * np.pi / 8)
    return World("ring", 0.8 * np.stack([np.cos(angle), np.sin(angle)], 1), 0.016)


def _grid() -> World:
    """5 x 5 Gaussians, their deviation 1/40 of the step between them (PacGAN's, with a step of 2 there)."""
    steps = np.linspace(-0.8, 0.8, 5)
    return World("grid", np.stack(np.meshgrid(steps, steps, indexing="ij"), 2).reshape(-1, 2), 0.01)


def _spiral() -> World:
    """100 Gaussians side by side along two turns of r = a t: a curve, whose "modes" are pieces of equal length."""
    turn = np.linspace(0, 4 * np.pi, 20_001)
    curve = 0.85 / turn[-1] * turn[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    places = (np.arange(100) + 0.5) / 100 * length[-1]
    centres = np.stack([np.interp(places, length, curve[:, axis]) for axis in (0, 1)], 1)
    return World("spiral", centres, 0.02)


WORLDS = {world.name: world for world in (_ring(), _grid(), _spiral())}
