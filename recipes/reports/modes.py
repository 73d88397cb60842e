"""Of a mixture that is known: how many of its modes the generator captured, and how many of its samples are good.

As VEEGAN (arXiv:1705.07761, section 4.1) and PacGAN (arXiv:1712.04086, section 4.1) count them in 2-D.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from torch import nn

from evaluation.figures import GENERATED, HELD_OUT, Figure
from evaluation.statistics.estimate import Estimate, groups, n_groups_of
from evaluation.statistics.intervals import jackknife, wilson
from multigan.errors import ConfigError
from multigan.modality import Splits
from recipes.reports.figures import figure_of
from recipes.reports.records import Evidence, Findings, RunReport


class Mixture(Protocol):
    """A distribution of several modes."""

    def good_of_modes(self, points: np.ndarray) -> np.ndarray:
        """int64 [M]: how many of the samples [N, ...] are good, by the mode that they are nearest to."""
        ...


@runtime_checkable
class FromMixture(Protocol):
    """A data set that knows the mixture that it was drawn from."""

    @property
    def world(self) -> Mixture: ...


def check(generator: nn.Module, splits: Splits) -> None:
    """ConfigError where the data are of no mixture that is known."""
    if not isinstance(splits.train, FromMixture):
        raise ConfigError(
            "The report 'modes' is of data drawn from a mixture that is known, and these are not; leave it out of the "
            "recipe's report."
        )


def divergence_from_even(counts: np.ndarray) -> float:
    """Jensen-Shannon divergence in nats between shares of modes, by counts [M], and equal ones: 0 to ln 2.

    As in PacGAN's code. Without a good sample there are no shares: ln 2, as if all lay elsewhere.
    """
    if not counts.sum():
        return float(np.log(2))
    shares, even = counts / counts.sum(), np.full(len(counts), 1 / len(counts))
    middle = (shares + even) / 2
    own = float((shares[counts > 0] * np.log(shares[counts > 0] / middle[counts > 0])).sum())
    return (own + float((even * np.log(even / middle)).sum())) / 2


def figures_of_modes(points: np.ndarray, world: Mixture, subject: str, seed: int) -> list[Figure]:
    """Modes captured, the share of good samples, and how unevenly they lie, of samples [N, ...] in random order."""
    n, n_groups = len(points), n_groups_of(len(points))
    member = groups(n, n_groups)
    parts = np.stack([world.good_of_modes(points[member == group]) for group in range(n_groups)])
    counts = parts.sum(0)

    def of_counts(statistic: Callable[[np.ndarray], float], highest: float) -> Estimate:
        value, left_out = statistic(counts), np.array([statistic(counts - part) for part in parts])
        return Estimate(value, left_out, jackknife(value, left_out, 0.0, highest), n)

    sizes = np.bincount(member, minlength=n_groups)
    share, good = counts.sum() / n, (counts.sum() - parts.sum(1)) / (n - sizes)
    modes = of_counts(lambda of: float((of > 0).sum()), float(len(counts)))
    modes = modes.with_note(f"Of {len(counts)}; one good sample is enough for a mode.")
    return [
        figure_of("modes captured", modes, subject, seed, True,
                  "How many of the mixture's modes have a good sample nearest to them."),
        figure_of("good samples", Estimate(float(share), good, wilson(float(counts.sum()), n), n), subject, seed, True,
                  "The share of samples within three standard deviations of a mode; of real ones 0.989 are in 2-D."),
        figure_of("mode imbalance", of_counts(divergence_from_even, float(np.log(2))), subject, seed, False,
                  "Jensen-Shannon divergence in nats between the modes' shares of good samples and equal ones: 0 to 0.69."),
    ]  # fmt: skip


def _findings(evidence: Evidence) -> Findings:
    held_out = evidence.splits.held_out
    assert isinstance(held_out, FromMixture)  # as ``check`` found
    fakes = evidence.samples.tensor.numpy()
    rows = np.arange(min(len(held_out), len(fakes)))
    real = held_out.batch(rows).real.numpy()
    figures = [
        *figures_of_modes(fakes, held_out.world, GENERATED, evidence.seed),
        *figures_of_modes(real, held_out.world, HELD_OUT, evidence.seed),
    ]
    own, good, uneven = figures[:3]
    line = (
        f"Modes captured: {own.value:.0f} of {len(held_out.world.good_of_modes(fakes))}; good samples: {good.value:.1%} "
        f"(real ones: {figures[4].value:.1%}); imbalance of modes: {uneven.value:.3f} nats (real ones: "
        f"{figures[5].value:.3f})."
    )
    return Findings(tuple(figures), (line,))


MODES = RunReport(check, _findings)
