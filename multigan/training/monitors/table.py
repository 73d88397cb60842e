"""The monitors by name."""

from __future__ import annotations

from multigan.registry import Registry
from multigan.training.monitors.field import motion, path, spectrum
from multigan.training.monitors.responses import distance, perturbed_gap, proximal_gap
from multigan.training.monitors.samples import coverage, overfitting
from multigan.training.monitors.watch import FEWEST, Monitor

_TABLE = (
    Monitor("motion", motion, "arXiv:1906.04848 eq. 3", "how strongly players are pushed, and how far a step goes", 2),
    Monitor("overfitting", overfitting, "arXiv:2006.06676 eq. 1", "whether the discriminator knows its training samples", 4,
            FEWEST),
    Monitor("coverage", coverage, "arXiv:2002.09797 eq. 4", "whether fakes cover the real samples", 10, FEWEST),
    Monitor("distance", distance, "arXiv:1406.2661 theorem 1; arXiv:1610.06545",
            "how far the distributions are apart: the minimax half", 120, FEWEST),
    Monitor("path", path, "arXiv:1906.04848 section 4.1", "where the path of the players leads", 10),
    Monitor("gap", perturbed_gap, "arXiv:1811.05512 eq. 2; arXiv:2012.06723",
            "what the players could still win: the duality gap", 250, FEWEST),
    Monitor("proximal", proximal_gap, "arXiv:2105.04801", "the same where the discriminator answers the generator", 250,
            FEWEST),
    Monitor("spectrum", spectrum, "arXiv:1906.04848 section 4.2", "whether the game turns, leaves or comes nearer here", 60),
)  # fmt: skip
MONITORS: Registry[Monitor] = Registry("monitor", {monitor.name: monitor for monitor in _TABLE})
"""In the order in which they take their turn: the cheap ones first."""
