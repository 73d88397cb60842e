"""How a network gets its gradient.

An objective maps (players, batch) to an ``Outcome``: one loss a sample, to be minimised, and signals to log.
It draws from torch's global random state, leaves train or eval mode as it finds it, and never steps, averages
or freezes: the trainer freezes the other network, takes the mean and calls backward.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from multigan.game import Players
from multigan.losses import AdversarialLoss
from multigan.objectives import Objective, Outcome
from multigan.protocols import Batch


def discriminator(loss: AdversarialLoss, classification: float = 0.0) -> Objective:
    """The discriminator's loss on real samples and fresh fakes of the same conditions.

    Real and fake go through the discriminator in two calls, so that no statistic of a minibatch mixes them. With
    ``classification`` it also learns to read the label of real samples, by that weight (see ``label_loss``).
    """

    def objective(players: Players, batch: Batch) -> Outcome:
        with torch.no_grad():
            fake = players.fake(batch)
        real = players.augment(batch.real)
        if classification:
            real_logits, classes = players.judge(real, batch.condition)
        else:
            real_logits, classes = players.logits(real, batch.condition), None
        fake_logits = players.logits(fake, batch.condition)
        signals = {"real_logits": real_logits.detach(), "fake_logits": fake_logits.detach()}
        losses = loss.discriminator(real_logits, fake_logits)
        return _with_labels(losses, signals, classes, batch.condition, classification)

    return objective


def pathwise(
    loss: AdversarialLoss,
    classification: float = 0.0,
    fake: Callable[[Players, Batch], Tensor] = Players.fake,
) -> Objective:
    """The generator's loss, its gradient flowing through the discriminator and the augmentation to ``fake`` samples.

    Real logits are computed, without gradient, only where the loss uses them. With ``classification`` the generator
    also makes its label legible to the discriminator, by that weight (see ``label_loss``).
    """

    def objective(players: Players, batch: Batch) -> Outcome:
        if classification:
            fake_logits, classes = players.judge(fake(players, batch), batch.condition)
        else:
            fake_logits, classes = players.logits(fake(players, batch), batch.condition), None
        signals = {"fake_logits": fake_logits.detach()}
        real_logits = None
        if loss.uses_real:
            with torch.no_grad():
                real_logits = players.logits(players.augment(batch.real), batch.condition)
            signals["real_logits"] = real_logits
        losses = loss.generator(fake_logits, real_logits)
        return _with_labels(losses, signals, classes, batch.condition, classification)

    return objective


def label_loss(class_logits: Tensor, condition: Tensor) -> Tensor:
    """-sum_c condition_c log softmax(class_logits)_c, [N]: cross-entropy weighed by intensity.

    The auxiliary classifier of AC-GAN (arXiv:1610.09585 section 3, L_C); a faint emotion counts less than a strong one.
    """
    return -(condition * class_logits.log_softmax(1)).sum(1)


def _with_labels(
    losses: Tensor,
    signals: dict[str, Tensor],
    classes: Tensor | None,
    condition: Tensor | None,
    weight: float,
) -> Outcome:
    if classes is None or condition is None:
        return Outcome(losses, signals)
    labels = label_loss(classes, condition)
    return Outcome(losses + weight * labels, signals | {"label_loss": labels.detach()})
