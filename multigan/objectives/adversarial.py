"""The two sides of an adversarial loss, the gradient of the generator flowing through the discriminator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from multigan.game import Players
from multigan.losses import AdversarialLoss
from multigan.objectives import Objective, Outcome, Weight, per_sample, weight_at
from multigan.penalties import (
    LeCam,
    Mismatch,
    SlopePenalty,
    at_other_intensities,
    leaf,
    slope_at,
    without_autocast,
)
from multigan.protocols import Batch


def discriminator(
    loss: AdversarialLoss,
    classification: Weight = 0.0,
    penalties: Sequence[tuple[SlopePenalty | LeCam | Mismatch, Weight]] = (),
) -> Objective:
    """The discriminator's loss on real samples and fresh fakes of the same conditions, with penalties of every step.

    Real and fake go through the discriminator in two calls, so that no statistic of a minibatch mixes them. With
    ``classification`` it also learns to read the label of real samples, by that weight (see ``label_loss``). A penalty at
    real or fake samples shares the loss's pass, and its draw of the augmentation. The pass then runs without autocast
    (penalties stay in float32): R1 and R2 together call the discriminator twice and the generator once, as in
    arXiv:2501.05441. LeCam's regulariser and the mismatch take the loss's own logits.
    """
    slopes = [(p, weight) for p, weight in penalties if isinstance(p, SlopePenalty)]
    of_logits = [(p, weight) for p, weight in penalties if isinstance(p, LeCam)]
    mismatch = next(((p, weight) for p, weight in penalties if isinstance(p, Mismatch)), None)
    shared = {at: [p for p, _ in slopes if p.at == at] for at in ("real", "fake")}

    def objective(players: Players, batch: Batch) -> Outcome:
        condition = batch.condition
        with torch.no_grad():
            fake = players.generate(len(batch.real), condition)
        plain_fake, fake = _augmented(players, fake, shared["fake"])
        plain_real, real = _augmented(players, players.real(batch), shared["real"])
        label = weight_at(classification, players.samples_seen)
        other = at_other_intensities(condition) if mismatch and condition is not None else None
        seen = _exactly(players, real, shared["real"]).seen(real, condition, label=bool(label), other=other)
        real_logits, classes, _ = seen
        fake_logits = _exactly(players, fake, shared["fake"]).logits(fake, condition)
        signals = {"real_logits": real_logits.detach(), "fake_logits": fake_logits.detach()}
        losses = per_sample(loss.discriminator(real_logits, fake_logits))
        outcome = _with_labels(losses, signals, classes, condition, label)
        losses, signals = outcome.loss, outcome.signals
        passes = {"real": (plain_real, real, real_logits), "fake": (plain_fake, fake, fake_logits)}
        for penalty, weight in of_logits:
            values, more = penalty.of_logits(real_logits, fake_logits)
            losses = losses + weight_at(weight, players.samples_seen) * values
            signals = signals | more | {penalty.name: values.detach()}
        if mismatch and condition is not None and other is not None:
            values = mismatch[0].of_logits(seen, condition, other)
            losses = losses + weight_at(mismatch[1], players.samples_seen) * values
            signals = signals | {mismatch[0].name: values.detach()}
        for penalty, weight in slopes:
            if penalty.at in passes:
                before, after, logits = passes[penalty.at]
                values = penalty.value(slope_at(before if penalty.through else after, logits))
            else:
                ends = (plain_real, plain_fake) if penalty.through else (real, fake)
                values = penalty.value_at(players, penalty.points(*ends), condition)
            losses = losses + weight_at(weight, players.samples_seen) * values
            signals = signals | {penalty.name: values.detach()}
        return Outcome(losses, signals)

    return _Settling(objective, of_logits[0][0]) if of_logits else objective


class _Settling:
    """An objective whose penalty learns from what it saw."""

    def __init__(self, objective: Objective, penalty: LeCam) -> None:
        self._objective, self._penalty = objective, penalty
        self.state_dict, self.load_state_dict = penalty.state_dict, penalty.load_state_dict

    def __call__(self, players: Players, batch: Batch) -> Outcome:
        return self._objective(players, batch)

    def settle(self, players: Players, outcome: Outcome) -> None:
        self._penalty.settle(outcome.signals)


def pathwise(
    loss: AdversarialLoss,
    classification: Weight = 0.0,
    fake: Callable[[Players, Batch], Tensor] = Players.fake,
) -> Objective:
    """The generator's loss, its gradient flowing through the discriminator and the augmentation to ``fake`` samples.

    Real logits are computed, without gradient, only where the loss uses them. With ``classification`` the generator
    also makes its label legible to the discriminator, by that weight (see ``label_loss``).
    """

    def objective(players: Players, batch: Batch) -> Outcome:
        condition = batch.condition
        label = weight_at(classification, players.samples_seen)
        fake_logits, classes, _ = players.seen(fake(players, batch), condition, label=bool(label))
        signals = {"fake_logits": fake_logits.detach()}
        real_logits = None
        if loss.uses_real:
            with torch.no_grad():
                real_logits = players.logits(players.augment(batch.real), condition)
            signals["real_logits"] = real_logits
        losses = per_sample(loss.generator(fake_logits, real_logits))
        return _with_labels(losses, signals, classes, condition, label)

    return objective


def label_loss(class_logits: Tensor, condition: Tensor) -> Tensor:
    """-sum_c t_c log softmax(class_logits)_c, [N], where t = condition + (1 - sum_c condition_c) / C: cross-entropy.

    The auxiliary classifier of AC-GAN (arXiv:1610.09585 section 3, L_C). Of a label at intensity w the target has w for the
    label and spreads the rest evenly, so that a faint emotion is to be read as a faint one, and not as clearly as it may. Of
    a condition over time [N, T, C] the strongest moment counts.
    """
    if condition.ndim > 2:
        condition = condition.flatten(1, -2).amax(1)
    rest = (1 - condition.sum(1, keepdim=True)).clamp(min=0) / condition.shape[1]
    return -((condition + rest) * class_logits.log_softmax(1)).sum(1)


def _exactly(players: Players, samples: Tensor, penalties: Sequence[SlopePenalty]) -> Players:
    """The players without autocast, where penalties share the pass."""
    return replace(players, autocast=lambda: without_autocast(samples)) if penalties else players


def _augmented(players: Players, samples: Tensor, shared: Sequence[SlopePenalty]) -> tuple[Tensor, Tensor]:
    """Samples before and after the augmentation, requiring gradient where the ``shared`` penalties take their slope."""
    through = any(penalty.through for penalty in shared)
    before = leaf(samples) if through else samples
    after = players.augment(before)
    return before, leaf(after) if shared and not through else after


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
