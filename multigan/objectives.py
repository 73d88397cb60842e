"""How a network gets its gradient.

An objective maps (players, batch) to an ``Outcome``: one loss a sample, to be minimised, and signals to log.
It draws from torch's global random state, leaves train or eval mode as it finds it, and never steps, averages
or freezes: the trainer freezes the other network, takes the mean and calls backward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from multigan.errors import ConfigError
from multigan.losses import AdversarialLoss
from multigan.modality import Batch, SequenceGenerator
from multigan.regularisers import Players, Regulariser, full_precision

__all__ = [
    "Objective",
    "Outcome",
    "Players",
    "discriminator",
    "expected_rewards",
    "label_loss",
    "leave_one_out",
    "likelihood",
    "pathwise",
    "policy_gradient",
    "regularise",
    "together",
]


@dataclass(frozen=True)
class Outcome:
    """Loss [N], carrying gradient, and detached signals, each [N], such as ``real_logits``."""

    loss: Tensor
    signals: dict[str, Tensor]


Objective = Callable[[Players, Batch], Outcome]


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


def pathwise(loss: AdversarialLoss, classification: float = 0.0) -> Objective:
    """The generator's loss, its gradient flowing through the discriminator and the augmentation.

    Real logits are computed, without gradient, only where the loss uses them. With ``classification`` the generator
    also makes its label legible to the discriminator, by that weight (see ``label_loss``).
    """

    def objective(players: Players, batch: Batch) -> Outcome:
        if classification:
            fake_logits, classes = players.judge(players.fake(batch), batch.condition)
        else:
            fake_logits, classes = players.logits(players.fake(batch), batch.condition), None
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


class _Regularise:
    """See ``regularise``."""

    def __init__(self, regulariser: Regulariser, weight: float) -> None:
        self._regulariser, self._weight = regulariser, weight

    def __call__(self, players: Players, batch: Batch) -> Outcome:
        penalty = self._regulariser.penalty(players, batch)
        return Outcome(self._weight * penalty, {self._regulariser.name: penalty.detach()})

    def state_dict(self) -> dict[str, Tensor]:
        state = self._regulariser.state
        return {} if state is None else state.state_dict()

    def load_state_dict(self, held: Mapping[str, Tensor]) -> None:
        state = self._regulariser.state
        if state is not None:
            state.load_state_dict(held)


def regularise(regulariser: Regulariser, weight: float) -> _Regularise:
    """``weight`` times the penalty, without autocast; the signal is the penalty, by the regulariser's name.

    The objective has ``state_dict`` and ``load_state_dict``: the regulariser's (empty where it has no state).
    """
    return _Regularise(regulariser, weight)


class _Together:
    """See ``together``."""

    def __init__(self, objective: Objective, penalties: Sequence[_Regularise]) -> None:
        self._objective, self._penalties = objective, tuple(penalties)

    def __call__(self, players: Players, batch: Batch) -> Outcome:
        outcome = self._objective(players, batch)
        for penalty in self._penalties:
            more = penalty(players, batch)
            outcome = Outcome(outcome.loss + more.loss, outcome.signals | more.signals)
        return outcome

    def state_dict(self) -> dict[str, dict[str, Tensor]]:
        return {str(place): penalty.state_dict() for place, penalty in enumerate(self._penalties)}

    def load_state_dict(self, held: Mapping[str, Mapping[str, Tensor]]) -> None:
        for place, penalty in enumerate(self._penalties):
            penalty.load_state_dict(held[str(place)])


def together(objective: Objective, penalties: Sequence[_Regularise]) -> Objective:
    """An objective and penalties of the same network in one loss, as WGAN-GP has them (arXiv:1704.00028, eq. 3)."""
    return _Together(objective, penalties) if penalties else objective


def likelihood() -> Objective:
    """Maximum likelihood of a SequenceGenerator: -(1/T) sum_t log p(token_t | tokens before t, condition).

    The mean over the T tokens, not the sum: nats a token, whose scale does not depend on the length. Signal
    ``nll``.
    """

    def objective(players: Players, batch: Batch) -> Outcome:
        loss = -_log_prob(players, batch.real, batch.condition).mean(1)
        return Outcome(loss, {"nll": loss.detach()})

    return objective


def leave_one_out(rewards: Tensor) -> Tensor:
    """Baseline [N, T] of rewards [N, T]: the mean over the other N - 1 sequences at the same time step."""
    n = len(rewards)
    if n < 2:
        raise ConfigError(
            "A leave-one-out baseline needs at least 2 sequences in a batch and found 1; "
            "raise the batch size or take another baseline."
        )
    return (rewards.sum(0) - rewards) / (n - 1)


def policy_gradient(
    n_rollouts: int = 16,
    baseline: Callable[[Tensor], Tensor] = leave_one_out,
    rollout: nn.Module | None = None,
) -> Objective:
    """REINFORCE with rollouts: -sum_t (Q_t - b_t) log p(token_t | before); arXiv:1609.05473 eq. 2-8.

    Tokens [N, T] are sampled from a SequenceGenerator under the batch's condition. Q is ``expected_rewards``
    by P(real) of the discriminator in eval mode, b = ``baseline``(Q) [N, T] (``torch.zeros_like`` for none),
    and log p is recomputed on the sampled tokens by teacher forcing. No gradient flows into Q or b.
    ``rollout`` completes prefixes in place of the generator (SeqGAN's lagged copy). Signals: ``reward``,
    P(real) of whole sequences, and ``log_prob``, summed over T. ConfigError for fewer than 1 rollout.
    """
    if n_rollouts < 1:
        raise ConfigError(
            f"A policy gradient needs at least 1 rollout a step; found {n_rollouts}; give 1 or more."
        )

    def objective(players: Players, batch: Batch) -> Outcome:
        policy = cast(SequenceGenerator, players.generator if rollout is None else rollout)
        n, condition = len(batch.real), batch.condition
        with torch.no_grad(), players.autocast(), _evaluating(players.discriminator):
            tokens = players.generate(n, condition)
            rewards = expected_rewards(
                tokens,
                condition,
                complete=policy.complete,
                score=lambda samples, given: players.logits(players.augment(samples), given).sigmoid(),
                n_rollouts=n_rollouts,
            )
            advantages = rewards - baseline(rewards)
        log_prob = _log_prob(players, tokens, condition)
        signals = {"reward": rewards[:, -1], "log_prob": log_prob.detach().sum(1)}
        return Outcome(-(advantages * log_prob).sum(1), signals)

    return objective


def expected_rewards(
    tokens: Tensor,
    condition: Tensor | None,
    complete: Callable[[Tensor, Tensor | None], Tensor],
    score: Callable[[Tensor, Tensor | None], Tensor],
    n_rollouts: int,
) -> Tensor:
    """Action values [N, T] of tokens [N, T] by Monte-Carlo search; SeqGAN, arXiv:1609.05473 eq. 4.

    Q_t = mean over R rollouts of score(complete(tokens[:, :t])) for t < T, and Q_T = score(tokens).
    ``complete`` takes prefixes [R*N, t] to sequences [R*N, T] and ``score`` sequences to rewards [R*N], both
    with the condition; rollout r of sequence i is row r*N + i.
    """
    n, length = tokens.shape
    repeated = None if condition is None else condition.repeat(n_rollouts, *[1] * (condition.ndim - 1))
    steps = []
    for t in range(1, length):
        sequences = complete(tokens[:, :t].repeat(n_rollouts, 1), repeated)
        steps.append(score(sequences, repeated).view(n_rollouts, n).mean(0))
    return torch.stack([*steps, score(tokens, condition)], dim=1)


def _log_prob(players: Players, tokens: Tensor, condition: Tensor | None) -> Tensor:
    with players.autocast():
        return full_precision(cast(SequenceGenerator, players.generator).log_prob(tokens, condition))


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
