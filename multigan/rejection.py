"""Discriminator rejection sampling (arXiv:1810.06758): how probably a sample is accepted, from the discriminator's logit.

The best discriminator's logit is log p(x) / g(x), so that accepting x with probability p(x) / (M g(x)), M the largest
ratio, turns samples of the generator into samples of the data. That accepts few, and so a constant gamma moves all
probabilities up or down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from multigan.checkpoint import EVERY_FORMAT, load
from multigan.errors import CheckpointError, ConfigError
from multigan.modality import build_networks
from multigan.protocols import Pretrained, Represents
from multigan.sampling import MISFIT, TrainedGenerator

GAMMA_PERCENTILE = 80.0
"""Of the generated samples so many percent are accepted with a probability under one half."""
_EPSILON = 1e-8
_ITERATIONS = 50
_RIDGE = 1e-3


@dataclass(frozen=True)
class Acceptance:
    """How probably a sample is accepted by its calibrated logit D*(x) = ``slope`` D(x) + ``offset``.

    sigmoid(F), F(x) = D*(x) - D*_M - log(1 - exp(D*(x) - D*_M - epsilon)) - gamma, the F with a hat of arXiv:1810.06758,
    with D*_M ``highest``. A logit over it counts as it (the paper raises D*_M then, so that samples would hang on earlier
    ones).
    """

    slope: float
    offset: float
    highest: float
    gamma: float

    def probability(self, logits: np.ndarray) -> np.ndarray:
        """[N], float64, of logits [N] as the discriminator gives them."""
        return sigmoid(_raw(self.slope * np.asarray(logits, float) + self.offset, self.highest) - self.gamma)


def acceptance(real: np.ndarray, fake: np.ndarray, percentile: float) -> Acceptance:
    """Calibrated on the logits of real samples [N] and of generated ones [M] under the same conditions.

    D*_M is the largest of the generated ones, and gamma the percentile of their F without it. ConfigError where logits are
    not finite.
    """
    real, fake = np.asarray(real, float), np.asarray(fake, float)
    if not (np.isfinite(real).all() and np.isfinite(fake).all()):
        raise ConfigError(
            "The discriminator's logits are not finite, so that nothing can be rejected by them: sample without --reject."
        )
    slope, offset = calibration(real, fake)
    odds = slope * fake + offset
    highest = float(odds.max())
    return Acceptance(slope, offset, highest, float(np.percentile(_raw(odds, highest), percentile)))


def calibration(real: np.ndarray, fake: np.ndarray) -> tuple[float, float]:
    """The slope (0 or more) and offset by which logits become log-odds of "real".

    Logistic regression, each side weighing half, by Newton's method on standardised logits with a small ridge, so that sides
    which a plane parts have an answer too.
    """
    logits = np.concatenate([real, fake])
    centre, scale = logits.mean(), max(float(logits.std()), 1e-12)
    inputs = np.stack([(logits - centre) / scale, np.ones_like(logits)])
    targets = np.concatenate([np.ones_like(real), np.zeros_like(fake)])
    weights = np.concatenate([np.full_like(real, 0.5 / len(real)), np.full_like(fake, 0.5 / len(fake))])
    line, ridge = np.zeros(2), np.diag([_RIDGE, 0.0])
    for _ in range(_ITERATIONS):
        read = sigmoid(line @ inputs)
        slope = inputs @ (weights * (read - targets)) + ridge @ line
        curvature = (inputs * (weights * read * (1 - read))) @ inputs.T + ridge + 1e-12 * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        line = line - step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
    if line[0] <= 0:  # it tells nothing: all are alike, and as many of them are taken
        return 0.0, 0.0
    return float(line[0] / scale), float(line[1] - line[0] * centre / scale)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without an overflow."""
    return np.exp(-np.logaddexp(0.0, -values))


def _raw(odds: np.ndarray, highest: float) -> np.ndarray:
    """F + gamma of calibrated logits."""
    below = np.minimum(odds - highest, 0.0)
    return below - np.log(-np.expm1(below - _EPSILON))


# ---- the discriminator of a run ----


def load_discriminator(trained: TrainedGenerator) -> nn.Module:
    """The discriminator beside a generator in its checkpoint, in evaluation mode; ConfigError where there is none."""
    parts = load(trained.checkpoint, formats=EVERY_FORMAT).get("parts")
    facts = trained.facts
    if not isinstance(parts, dict) or "networks.discriminator" not in parts:
        raise ConfigError(
            f"{trained.checkpoint} holds no discriminator (an imported generator comes without one): reject by label, or "
            "nothing."
        )
    networks = build_networks(trained.modality, facts.architecture, facts.sample_shape, facts.condition_shape)
    network = networks["discriminator"]
    if isinstance(network, Pretrained):
        network.load_pretrained()
    try:
        network.load_state_dict(parts["networks.discriminator"])
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise CheckpointError(MISFIT.format(trained.checkpoint)) from error
    device = next(trained.network.parameters()).device
    return network.to(device).eval().requires_grad_(False)


@torch.no_grad()
def logits_of(
    trained: TrainedGenerator, discriminator: nn.Module, samples: Tensor, conditions: Tensor | None
) -> np.ndarray:
    """[N], float64: the discriminator's logit of each sample [N, ...] as a person gets it, the mean of several.

    One at a time: what a discriminator sees of how much a batch varies would make an answer hang on its company.
    """
    device = next(discriminator.parameters()).device
    coder = trained.network.representation if isinstance(trained.network, Represents) else None
    answers = []
    for row in range(len(samples)):
        sample = samples[row : row + 1].to(device)
        own = None if conditions is None else conditions[row : row + 1].to(device)
        logits = discriminator(sample if coder is None else coder.encode(sample), own)
        answers.append(float(logits.double().mean()))
    return np.asarray(answers)
