"""Adversarial losses: pure functions of logits.

Logits [N] or [N, K], larger = more real; losses of the same shape, to be minimised; no mean, step or device inside. Below,
D(x) is the logit and P(x) = sigmoid(D(x)) the probability of "real".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from multigan.errors import ConfigError
from multigan.registry import Registry


@dataclass(frozen=True)
class AdversarialLoss:
    """What each network minimises, and the paper that says so."""

    name: str
    discriminator: Callable[[Tensor, Tensor], Tensor]
    """(real_logits [N], fake_logits [N]) -> [N]."""
    generator: Callable[[Tensor, Tensor | None], Tensor]
    """(fake_logits [N], real_logits [N], or None where ``uses_real`` is False) -> [N]."""
    uses_real: bool
    """Whether the generator's loss depends on real logits."""
    paper: str
    log_odds: bool = False
    """Whether the best logit is log p_real / p_fake, so that sigmoid(logit) = P(real)."""
    zero_is_undecided: bool = False
    """Whether a logit of 0 stands between real and fake, as adaptive augmentation's sign of real logits takes it to be."""


def logistic_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Cross-entropy of real against fake: -log P(real) - log(1 - P(fake)); arXiv:1406.2661 eq. 1, negated."""
    return softplus(-real_logits) + softplus(fake_logits)


def minimax_generator(fake_logits: Tensor, real_logits: Tensor | None) -> Tensor:
    """The generator's side of the minimax game: log(1 - P(fake)) <= 0; arXiv:1406.2661 eq. 1.

    Its gradient vanishes where the discriminator is sure of the fakes.
    """
    return -softplus(fake_logits)


def non_saturating_generator(fake_logits: Tensor, real_logits: Tensor | None) -> Tensor:
    """Raise the probability of fakes: -log P(fake); arXiv:1406.2661, end of section 3."""
    return softplus(-fake_logits)


def least_squares_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """(D(real) - 1)^2 / 2 + D(fake)^2 / 2; arXiv:1611.04076 eq. 2 with a = 0, b = 1 (its eq. 9)."""
    return 0.5 * (real_logits - 1).square() + 0.5 * fake_logits.square()


def least_squares_generator(fake_logits: Tensor, real_logits: Tensor | None) -> Tensor:
    """(D(fake) - 1)^2 / 2; arXiv:1611.04076 eq. 2 with c = 1 (its eq. 9)."""
    return 0.5 * (fake_logits - 1).square()


def wasserstein_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """D(fake) - D(real), for a critic kept Lipschitz by other means; arXiv:1701.07875 eq. 3, negated."""
    return fake_logits - real_logits


def hinge_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """max(0, 1 - D(real)) + max(0, 1 + D(fake)); arXiv:1802.05957 eq. 16, arXiv:1705.02894 section 3."""
    return relu(1 - real_logits) + relu(1 + fake_logits)


def raise_logit_generator(fake_logits: Tensor, real_logits: Tensor | None) -> Tensor:
    """-D(fake): Wasserstein (arXiv:1701.07875 theorem 3), hinge (arXiv:1802.05957 eq. 17) and f-GAN KL.

    For f-GAN KL this is the practical update of arXiv:1606.00709 section 3.2: -g_f(D(fake)) with g_f(v) = v.
    The saddle point's -exp(D(fake) - 1) has a gradient that vanishes on the fakes that the discriminator
    rejects.
    """
    return -fake_logits


def relativistic_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-log sigmoid(D(real) - D(fake)), pair by pair; arXiv:1807.00734 section 4, arXiv:2501.05441 eq. 2."""
    return softplus(fake_logits - real_logits)


def relativistic_generator(fake_logits: Tensor, real_logits: Tensor | None) -> Tensor:
    """-log sigmoid(D(fake) - D(real)), pair by pair; the mirror image of ``relativistic_discriminator``."""
    if real_logits is None:
        raise ConfigError(
            "The relativistic generator loss compares fake with real logits; found no real ones; pass both."
        )
    return softplus(real_logits - fake_logits)


def kl_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """exp(D(fake) - 1) - D(real): f-GAN of KL(real || fake); arXiv:1606.00709 eq. 6 negated, table 6.

    The output activation is g_f(v) = v, the conjugate f*(t) = exp(t - 1). The best D is 1 + log(p_real /
    p_fake), so logits centre on 1, not on 0. The exponential overflows float32 above 89: use it with a
    regulariser.
    """
    return torch.exp(fake_logits - 1) - real_logits


_TABLE = (
    AdversarialLoss(
        "minimax", logistic_discriminator, minimax_generator, False, "arXiv:1406.2661 eq. 1",
        log_odds=True, zero_is_undecided=True,
    ),
    AdversarialLoss(
        "non_saturating", logistic_discriminator, non_saturating_generator, False, "arXiv:1406.2661 section 3",
        log_odds=True, zero_is_undecided=True,
    ),
    AdversarialLoss(
        "least_squares", least_squares_discriminator, least_squares_generator, False, "arXiv:1611.04076 eq. 9",
    ),
    AdversarialLoss(
        "wasserstein", wasserstein_discriminator, raise_logit_generator, False, "arXiv:1701.07875 eq. 3, theorem 3",
    ),
    AdversarialLoss(
        "hinge", hinge_discriminator, raise_logit_generator, False, "arXiv:1802.05957 eq. 16, 17",
        zero_is_undecided=True,
    ),
    AdversarialLoss(
        "relativistic", relativistic_discriminator, relativistic_generator, True,
        "arXiv:1807.00734 section 4; arXiv:2501.05441 eq. 2",
    ),
    AdversarialLoss(
        "f_gan_kl", kl_discriminator, raise_logit_generator, False, "arXiv:1606.00709 eq. 6, section 3.2",
    ),
)  # fmt: skip
LOSSES: Registry[AdversarialLoss] = Registry("adversarial loss", {loss.name: loss for loss in _TABLE})
