"""How a generator of token sequences gets its gradient, where none flows through the discrete tokens.

Likelihood, SeqGAN's policy gradient with rollouts, MaliGAN's importance weights, and the straight-through relaxation;
each is an ``Objective`` (see ``multigan.objectives.adversarial``).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn

from multigan.errors import ConfigError
from multigan.game import Players
from multigan.losses import AdversarialLoss
from multigan.objectives import Objective, Outcome, Weight, per_sample
from multigan.objectives.adversarial import pathwise
from multigan.precision import full_precision
from multigan.protocols import Batch, RelaxedGenerator, RollsOut, SequenceGenerator, TabulatedDiscriminator

_SCORED_AT_ONCE = 1024


def likelihood() -> Objective:
    """Maximum likelihood of a SequenceGenerator: -(1/T) sum_t log p(token_t | tokens before t, condition).

    The mean over the T tokens of a row, not the sum: nats a token, whose scale does not depend on the length. Signal
    ``nll``.
    """

    def objective(players: Players, batch: Batch) -> Outcome:
        loss = -_log_prob(players, batch.real, batch.condition).mean(1)
        return Outcome(loss, {"nll": loss.detach()})

    return objective


def no_baseline(rewards: Tensor) -> Tensor:
    """0 [N, T]."""
    return torch.zeros_like(rewards)


def leave_one_out(rewards: Tensor) -> Tensor:
    """Baseline [N, T] of rewards [N, T]: the mean over the other N - 1 sequences at the same time step."""
    n = len(rewards)
    if n < 2:
        raise ConfigError(
            "A leave-one-out baseline needs at least 2 sequences in a batch and found 1; "
            "raise the batch size or take another baseline."
        )
    return (rewards.sum(0) - rewards) / (n - 1)


BASELINES: dict[str, Callable[[Tensor], Tensor]] = {"leave_one_out": leave_one_out, "none": no_baseline}


class _PolicyGradient:
    """See ``policy_gradient``."""

    def __init__(self, n_rollouts: int, baseline: Callable[[Tensor], Tensor], lag: float) -> None:
        self._n_rollouts, self._baseline, self._lag = n_rollouts, baseline, lag
        self._lagged: nn.Module | None = None
        self._saved: Mapping[str, Tensor] = {}

    def __call__(self, players: Players, batch: Batch) -> Outcome:
        n, condition = len(batch.real), batch.condition
        policy = self._policy(players.generator)
        with torch.no_grad(), players.autocast(), _evaluating(players.discriminator):
            tokens = players.generate(n, condition)
            rewards = rewards_of(tokens, condition, policy, _score(players), self._n_rollouts)
            advantages = rewards - self._baseline(rewards)
        log_prob = _log_prob(players, tokens, condition)
        signals = {"reward": rewards[:, -1], "log_prob": log_prob.detach().sum(1)}
        return Outcome(-(advantages * log_prob).sum(1), signals)

    def _policy(self, generator: nn.Module) -> SequenceGenerator:
        """What completes prefixes: the generator, or its lagged copy, which begins as it is now."""
        if not self._lag:
            return cast(SequenceGenerator, generator)
        if self._lagged is None:
            self._lagged = copy.deepcopy(generator).requires_grad_(False)
            if self._saved:
                self._lagged.load_state_dict(self._saved)
        return cast(SequenceGenerator, self._lagged)

    @torch.no_grad()
    def settle(self, players: Players, outcome: Outcome) -> None:
        """Move the lagged copy towards the generator that was just updated."""
        if self._lagged is not None:
            own: list[Tensor] = list(self._lagged.parameters())
            torch._foreach_lerp_(own, list(players.generator.parameters()), 1 - self._lag)

    def state_dict(self) -> dict[str, Tensor]:
        """The lagged copy; empty before the first call."""
        return dict(self._saved) if self._lagged is None else self._lagged.state_dict()

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        self._saved, self._lagged = state, None


def policy_gradient(
    n_rollouts: int = 16, baseline: Callable[[Tensor], Tensor] = leave_one_out, lag: float = 0.0
) -> Objective:
    """REINFORCE with rollouts: -sum_t (Q_t - b_t) log p(token_t | before); arXiv:1609.05473 eq. 2-8.

    Tokens [N, T] are sampled from a SequenceGenerator under the batch's condition. Q is ``rewards_of`` them by P(real) =
    sigmoid(logit) of the discriminator in eval mode, b = ``baseline``(Q) [N, T], and log p is recomputed on the
    sampled tokens by teacher forcing. No gradient flows into Q or b. Prefixes are completed by a copy of the generator
    whose weights are lag * copy + (1 - lag) * generator after each update (0.8 in the paper's code; 0: the generator
    itself); ``settle`` moves that copy, ``state_dict`` and ``load_state_dict`` hold it. Signals: ``reward``,
    P(real) of whole sequences, and ``log_prob``, summed over T. ConfigError for fewer than 1 rollout or a lag outside
    [0, 1).
    """
    if n_rollouts < 1:
        raise ConfigError(
            f"A policy gradient needs at least 1 rollout a step; found {n_rollouts}; give 1 or more."
        )
    if not 0 <= lag < 1:
        raise ConfigError(f"The lag of the rollout policy is at least 0 and below 1; found {lag}.")
    return _PolicyGradient(n_rollouts, baseline, lag)


def rewards_of(
    tokens: Tensor,
    condition: Tensor | None,
    policy: SequenceGenerator,
    score: Callable[[Tensor, Tensor | None], Tensor],
    n_rollouts: int,
) -> Tensor:
    """``expected_rewards``; in one pass over all prefixes and rollouts where the policy ``RollsOut``."""
    if not isinstance(policy, RollsOut):
        return expected_rewards(tokens, condition, policy.complete, score, n_rollouts)
    n, length = tokens.shape
    sequences = policy.roll_out(tokens, condition, n_rollouts)  # [R, T - 1, N, T]
    rows = (
        None
        if condition is None
        else condition.repeat(n_rollouts * (length - 1), *[1] * (condition.ndim - 1))
    )
    values = score(sequences.reshape(-1, length), rows).view(n_rollouts, length - 1, n).mean(0)
    return torch.cat([values, score(tokens, condition)[None]]).T


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


def importance() -> Objective:
    """MaliGAN without rollouts: -(w_i - 1) log p(x_i), w_i = N r_i / sum_j r_j, r = D / (1 - D); arXiv:1702.07983 eq. 4-5.

    N sequences x are sampled from a SequenceGenerator; r = exp(logit) estimates p_real / p_generator where the
    discriminator (in eval mode) is near its optimum, so that w pulls the generator to the data by maximum likelihood
    of the re-weighed samples. The baseline 1, the mean of w, leaves the gradient unbiased up to the normalisation.
    Signals: ``effective_share``, (sum w)^2 / (N sum w^2), the share of samples that carry the gradient, and ``log_prob``,
    summed over T.
    """

    def objective(players: Players, batch: Batch) -> Outcome:
        n, condition = len(batch.real), batch.condition
        with torch.no_grad(), players.autocast(), _evaluating(players.discriminator):
            tokens = players.generate(n, condition)
            weights = n * per_sample(players.logits(players.augment(tokens), condition)).softmax(0)
        log_prob = _log_prob(players, tokens, condition).sum(1)
        effective = (n / weights.square().sum()).expand(n)
        signals = {"effective_share": effective, "log_prob": log_prob.detach()}
        return Outcome(-(weights - 1) * log_prob, signals)

    return objective


def relaxed(loss: AdversarialLoss, classification: Weight, temperature: float) -> Objective:
    """``pathwise`` through straight-through Gumbel-softmax samples (arXiv:1611.01144) of a RelaxedGenerator.

    With a relativistic loss this is RelGAN's update (ICLR 2019, eq. 9-10), but that tokens stay one-hot forward, so that
    the discriminator sees the same kind of samples in every update. ConfigError for a temperature of 0 or less.
    """
    if not 0 < temperature < math.inf:
        raise ConfigError(f"The temperature of the relaxation is above 0; found {temperature}.")

    def fake(players: Players, batch: Batch) -> Tensor:
        with players.autocast():
            generator = cast(RelaxedGenerator, players.generator)
            made = generator.relax(len(batch.real), batch.condition, temperature)
        return players.augment(full_precision(made))

    return pathwise(loss, classification, fake)


def _score(players: Players) -> Callable[[Tensor, Tensor | None], Tensor]:
    """P(real) [N] of many sequences by the discriminator, which is in eval mode."""
    critic = players.discriminator
    if isinstance(critic, TabulatedDiscriminator) and isinstance(players.augment, nn.Identity):
        logits = critic.tabulated()
    else:
        logits = partial(_logits, players)
    return lambda samples, condition: per_sample(full_precision(logits(samples, condition)).sigmoid())


def _logits(players: Players, samples: Tensor, condition: Tensor | None) -> Tensor:
    parts = samples.split(_SCORED_AT_ONCE)
    given: Any = [None] * len(parts) if condition is None else condition.split(_SCORED_AT_ONCE)
    pairs = zip(parts, given, strict=True)
    return torch.cat([players.logits(players.augment(part), rows) for part, rows in pairs])


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
