"""Objectives of token sequences: the policy gradient against full enumeration, and importance weights."""

import copy
import math
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from multigan.errors import ConfigError
from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator
from multigan.objectives.combine import together, weighed
from multigan.objectives.sequence import (
    expected_rewards,
    importance,
    leave_one_out,
    likelihood,
    no_baseline,
    policy_gradient,
    rewards_of,
)
from multigan.protocols import Batch

V, T = 3, 3
SEQUENCES = torch.cartesian_prod(*[torch.arange(V)] * T)  # [27, 3]


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def identity(samples):
    return samples


class Table(nn.Module):
    """A sequence generator over 3 tokens and 3 steps: one row of logits for each prefix."""

    def __init__(self):
        super().__init__()
        self.rows = nn.ParameterList(
            [nn.Parameter(torch.randn(V**t, V, dtype=torch.float64)) for t in range(T)]
        )

    def log_prob(self, tokens, condition):
        steps = []
        for t in range(T):
            log_probs = self.rows[t].log_softmax(1)[prefix_number(tokens[:, :t])]
            steps.append(log_probs.gather(1, tokens[:, t : t + 1]).squeeze(1))
        return torch.stack(steps, 1)

    def latent(self, n, random_state=None):
        return torch.rand(n, T, generator=random_state, dtype=torch.float64)

    def forward(self, latent, condition):
        tokens = torch.zeros(len(latent), 0, dtype=torch.long)
        for t in range(T):
            cumulative = self.rows[t].softmax(1)[prefix_number(tokens)].cumsum(1)
            token = (latent[:, t : t + 1] > cumulative).sum(1, keepdim=True).clamp(max=V - 1)
            tokens = torch.cat([tokens, token], 1)
        return tokens

    def complete(self, prefix, condition, random_state=None):
        for t in range(prefix.shape[1], T):
            probabilities = self.rows[t].softmax(1)[prefix_number(prefix)]
            prefix = torch.cat([prefix, torch.multinomial(probabilities, 1, generator=random_state)], 1)
        return prefix


def prefix_number(prefix):
    powers = V ** torch.arange(prefix.shape[1] - 1, -1, -1)
    return (prefix * powers).sum(1)


class TableCritic(nn.Module):
    """A discriminator with one logit for each of the 27 sequences, and dropout to be switched off."""

    def __init__(self):
        super().__init__()
        self.logits = nn.Parameter(2 * torch.randn(V**T, dtype=torch.float64))
        self.dropout = nn.Dropout(0.5)

    def forward(self, samples, condition):
        assert samples.dtype == torch.long
        return self.dropout(self.logits[prefix_number(samples)])


def text_players(generator=None):
    return Players(generator or Table(), TableCritic(), identity, nullcontext)


def text_batch(n):
    return Batch(torch.zeros(n, T, dtype=torch.long), None)


def gradients(network):
    return torch.cat([parameter.grad.flatten() for parameter in network.parameters()])


def exact_gradient(players):
    """The gradient of -E[P(real)] by enumeration of all sequences."""
    generator = copy.deepcopy(players.generator)
    generator.zero_grad()
    reward = players.discriminator.logits.detach().sigmoid()[prefix_number(SEQUENCES)]
    (-(generator.log_prob(SEQUENCES, None).sum(1).exp() * reward).sum()).backward()
    return gradients(generator)


def test_the_table_is_a_distribution_that_forward_samples():
    generator = Table()
    probabilities = generator.log_prob(SEQUENCES, None).sum(1).exp().detach()
    assert probabilities.sum().item() == pytest.approx(1)
    counts = torch.bincount(prefix_number(generator(generator.latent(20_000), None)), minlength=27) / 20_000
    assert (counts - probabilities).abs().max() < 5 * math.sqrt(0.25 / 20_000)


@pytest.mark.parametrize("baseline", [no_baseline, leave_one_out])
def test_policy_gradient_is_the_enumerated_gradient_on_average(baseline):
    players = text_players()
    objective = policy_gradient(n_rollouts=2, baseline=baseline)
    samples = []
    for _ in range(60):
        players.generator.zero_grad()
        objective(players, text_batch(500)).loss.mean().backward()
        samples.append(gradients(players.generator))
    estimates = torch.stack(samples)
    error = estimates.std(0) / math.sqrt(len(estimates))
    exact = exact_gradient(players)
    assert ((estimates.mean(0) - exact).abs() < 4.5 * error + 1e-9).all()
    assert error.norm() < 0.1 * exact.norm()  # sharp enough to notice a wrong gradient


class Quota(nn.Module):
    """Probabilities (1/2, 1/4, 1/4), the likely token depending on the prefix: 16 rollouts enumerate them.

    Sampling is replaced: ``forward`` gives all 27 sequences, and rollout r of a prefix takes slots r // 4 and
    r % 4 of four equally likely ones.
    """

    def __init__(self):
        super().__init__()
        slots = [torch.tensor([[0, 1, 2, (5 * row + t) % V] for row in range(V**t)]) for t in range(T)]
        counts = [nn.functional.one_hot(slot, V).sum(1) for slot in slots]
        self.slots = slots
        self.rows = nn.ParameterList([nn.Parameter((count / 4).double().log()) for count in counts])

    latent, log_prob = Table.latent, Table.log_prob

    def forward(self, latent, condition):
        return SEQUENCES

    def complete(self, prefix, condition, random_state=None):
        rollout = torch.arange(len(prefix)) // len(SEQUENCES)
        for t in range(prefix.shape[1], T):
            slot = rollout // 4 if t == 1 else rollout % 4
            prefix = torch.cat([prefix, self.slots[t][prefix_number(prefix), slot][:, None]], 1)
        return prefix


def test_policy_gradient_is_exact_when_all_sequences_and_rollouts_are_enumerated():
    players = text_players(Quota())
    outcome = policy_gradient(n_rollouts=16, baseline=no_baseline)(players, text_batch(27))
    probabilities = players.generator.log_prob(SEQUENCES, None).sum(1).exp().detach()
    (probabilities * outcome.loss).sum().backward()
    torch.testing.assert_close(gradients(players.generator), exact_gradient(players), rtol=1e-10, atol=1e-12)


def test_action_values_are_conditional_expectations():
    generator, reward = Quota(), torch.rand(27, dtype=torch.float64)
    values = expected_rewards(SEQUENCES, None, generator.complete, lambda s, _: reward[prefix_number(s)], 16)
    probabilities = generator.log_prob(SEQUENCES, None).sum(1).exp().detach()
    for row, sequence in enumerate(SEQUENCES):
        for t in range(1, T + 1):
            same = (SEQUENCES[:, :t] == sequence[:t]).all(1)
            expected = (probabilities * reward)[same].sum() / probabilities[same].sum()
            torch.testing.assert_close(values[row, t - 1], expected)


def test_rollouts_are_averaged_for_each_sequence_with_its_own_condition():
    n, n_rollouts = 4, 3
    tokens = 10 * torch.arange(n)[:, None].expand(n, T).contiguous()
    condition = torch.arange(n, dtype=torch.float64)[:, None]

    def complete(prefix, given):
        rollout = torch.arange(len(prefix)) // n
        assert torch.equal(prefix[:, 0], 10 * given[:, 0].long())
        return torch.cat([prefix, rollout[:, None].expand(-1, T - prefix.shape[1])], 1)

    def score(sequences, given):
        assert torch.equal(sequences[:, 0], 10 * given[:, 0].long())
        return (100 * sequences[:, 0] + sequences[:, -1]).double()

    values = expected_rewards(tokens, condition, complete, score, n_rollouts)
    first = 1000 * torch.arange(n, dtype=torch.float64)
    # the last token of a rollout is its number, 1 on average; that of the whole sequence is its own
    expected = torch.stack([first + 1, first + 1, first + 10 * torch.arange(n)], 1)
    torch.testing.assert_close(values, expected)


def test_policy_gradient_uses_advantages_over_the_baseline():
    players = text_players(Quota())
    outcome = policy_gradient(n_rollouts=16)(players, text_batch(27))
    reward = players.discriminator.logits.detach().sigmoid()
    values = expected_rewards(
        SEQUENCES, None, players.generator.complete, lambda s, _: reward[prefix_number(s)], 16
    )
    log_prob = players.generator.log_prob(SEQUENCES, None)
    baseline = torch.stack([values[torch.arange(27) != i].mean(0) for i in range(27)])
    torch.testing.assert_close(outcome.loss, -((values - baseline) * log_prob).sum(1))
    torch.testing.assert_close(outcome.signals["reward"], reward[prefix_number(SEQUENCES)])
    torch.testing.assert_close(outcome.signals["log_prob"], log_prob.detach().sum(1))


def test_the_rollout_policy_is_a_lagged_copy():
    """Each update moves it to lag * itself + (1 - lag) * generator, as SeqGAN's code says, from a copy at the first call."""
    players = text_players()
    seen = []

    class Watched(Table):
        def complete(self, prefix, condition, random_state=None):
            seen.append(self.rows[0].detach().clone())
            return super().complete(prefix, condition, random_state)

    players.generator = Watched()
    objective = policy_gradient(1, no_baseline, lag=0.8)
    expected = players.generator.rows[0].detach().clone()
    for step in range(3):
        seen.clear()
        outcome = objective(players, text_batch(4))
        torch.testing.assert_close(seen[0], expected)
        with torch.no_grad():
            players.generator.rows[0] += step + 1.0
        objective.settle(players, outcome)
        expected = 0.8 * expected + 0.2 * players.generator.rows[0].detach()


def test_the_lagged_copy_survives_a_resume():
    players = text_players()
    objective, resumed = (policy_gradient(2, no_baseline, lag=0.5) for _ in range(2))
    assert objective.state_dict() == {}
    outcome = objective(players, text_batch(4))
    with torch.no_grad():
        players.generator.rows[1] += 1.0
    objective.settle(players, outcome)
    resumed.load_state_dict({name: value.clone() for name, value in objective.state_dict().items()})
    assert resumed.state_dict().keys() == objective.state_dict().keys()  # also before its first call
    losses = []
    for each in (objective, resumed):
        torch.manual_seed(5)
        outcome = each(players, text_batch(4))
        losses.append(outcome.loss)
        each.settle(players, outcome)
    assert torch.equal(*losses)
    for name, value in objective.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], value)


def test_parts_of_one_batch_see_the_same_lagged_copy():
    """Gradient accumulation calls the objective several times for one update."""
    players = text_players()
    objective = policy_gradient(1, no_baseline, lag=0.8)
    objective(players, text_batch(4))
    begun = players.generator.rows[0].detach().clone()
    with torch.no_grad():
        players.generator.rows[0] += 1.0
    copies = []
    for _ in range(2):
        outcome = objective(players, text_batch(4))
        copies.append({name: value.clone() for name, value in objective.state_dict().items()})
    assert all(torch.equal(copies[0][name], copies[1][name]) for name in copies[0])
    assert torch.equal(copies[0]["rows.0"], begun)
    objective.settle(players, outcome)
    torch.testing.assert_close(objective.state_dict()["rows.0"], players.generator.rows[0].detach() - 0.8)


def test_one_pass_of_rollouts_is_averaged_as_the_slow_search():
    """Each rollout says in its last token which it is: a reshape where a transpose belongs would mix them."""
    n, n_rollouts = 4, 3
    tokens = 10 * torch.arange(n)[:, None].expand(n, T).contiguous()
    condition = torch.arange(n, dtype=torch.float64)[:, None]

    class Slow(nn.Module):
        def latent(self, n, random_state=None): ...

        def log_prob(self, tokens, condition): ...

        def complete(self, prefix, given, random_state=None):
            rollout = torch.arange(len(prefix)) // n
            return torch.cat([prefix, rollout[:, None].expand(-1, T - prefix.shape[1])], 1)

    class Fast(Slow):
        def roll_out(self, tokens, condition, n_rollouts):
            out = tokens.expand(n_rollouts, T - 1, -1, -1).clone()
            for rollout in range(n_rollouts):
                for t in range(1, T):
                    out[rollout, t - 1, :, t:] = rollout
            return out

    def score(sequences, given):
        assert torch.equal(sequences[:, 0], 10 * given[:, 0].long())
        prefix_length = (sequences == sequences[:, :1]).sum(1)
        return (100 * sequences[:, 0] + 7 * prefix_length + sequences[:, -1] ** 2).double()

    slow, fast = (rewards_of(tokens, condition, make(), score, n_rollouts) for make in (Slow, Fast))
    assert slow.unique().numel() > n  # it tells time steps and sequences apart
    torch.testing.assert_close(fast, slow)


def test_rewards_are_scored_by_a_tabulated_discriminator_where_there_is_one():
    players = text_players(Quota())
    plain = policy_gradient(16, no_baseline)(players, text_batch(27))
    asked = []

    class Tabulated(TableCritic):
        def tabulated(self):
            asked.append(self.training)
            return lambda samples, condition: self(samples, condition)

        def forward(self, samples, condition):
            assert asked, "scored without the table"
            return super().forward(samples, condition)

    critic = Tabulated()
    critic.load_state_dict(players.discriminator.state_dict())
    critic.dropout.p = 0.0
    players.discriminator, players.augment = critic, nn.Identity()
    torch.testing.assert_close(policy_gradient(16, no_baseline)(players, text_batch(27)).loss, plain.loss)
    assert len(asked) == 1


def test_importance_weights_by_hand():
    """-(w - 1) log p with w = N exp(logit) / sum exp(logit): MaliGAN, arXiv:1702.07983 eq. 4-5."""
    players = text_players(Quota())
    outcome = importance()(players, text_batch(27))
    ratio = players.discriminator.logits.detach().exp()[prefix_number(SEQUENCES)]
    weights = 27 * ratio / ratio.sum()
    log_prob = players.generator.log_prob(SEQUENCES, None).sum(1)
    torch.testing.assert_close(outcome.loss, -(weights - 1) * log_prob)
    torch.testing.assert_close(
        outcome.signals["effective_share"], (27 / weights.square().sum()).expand(27).detach()
    )
    assert not any(signal.requires_grad for signal in outcome.signals.values())
    assert players.discriminator.training


def test_importance_weights_of_the_best_discriminator_lead_to_the_data():
    """With D = p / (p + q), the mean gradient is that of maximum likelihood of the data p."""
    players = text_players()
    target = Table()
    with torch.no_grad():
        log_p, log_q = (each.log_prob(SEQUENCES, None).sum(1) for each in (target, players.generator))
        players.discriminator.logits.copy_(log_p - log_q)
    exact_model = copy.deepcopy(players.generator)
    exact_model.zero_grad()
    (-log_p.exp() @ exact_model.log_prob(SEQUENCES, None).sum(1)).backward()
    exact = gradients(exact_model)
    samples = []
    for _ in range(40):
        players.generator.zero_grad()
        importance()(players, text_batch(2000)).loss.mean().backward()
        samples.append(gradients(players.generator))
    estimate = torch.stack(samples).mean(0)
    assert torch.nn.functional.cosine_similarity(estimate, exact, dim=0) > 0.98
    assert (estimate - exact).norm() < 0.2 * exact.norm()


def test_rewards_come_from_a_discriminator_in_eval_mode_and_carry_no_gradient():
    players = text_players()
    modes = []
    players.discriminator.dropout.register_forward_hook(lambda module, *_: modes.append(module.training))
    frozen = nn.Dropout().eval()
    players.discriminator.frozen = frozen
    outcome = policy_gradient(n_rollouts=2)(players, text_batch(6))
    outcome.loss.mean().backward()
    assert modes == [False] * T
    assert players.discriminator.training
    assert players.discriminator.dropout.training
    assert not frozen.training
    assert players.generator.training
    assert players.discriminator.logits.grad is None
    assert not any(signal.requires_grad for signal in outcome.signals.values())


def test_leave_one_out_by_hand():
    rewards = torch.tensor([[1.0, 0.0], [2.0, 4.0], [6.0, 2.0]])
    torch.testing.assert_close(leave_one_out(rewards), torch.tensor([[4.0, 3.0], [3.5, 1.0], [1.5, 2.0]]))
    with pytest.raises(ConfigError, match="at least 2 sequences in a batch and found 1"):
        leave_one_out(rewards[:1])


def test_a_policy_gradient_without_rollouts_is_refused():
    with pytest.raises(ConfigError, match="at least 1 rollout"):
        policy_gradient(n_rollouts=0)


@pytest.mark.parametrize("lag", [-0.1, 1.0])
def test_a_lag_outside_its_range_is_refused(lag):
    with pytest.raises(ConfigError, match="at least 0 and below 1"):
        policy_gradient(lag=lag)


def test_objectives_in_one_loss_are_added_and_keep_their_state():
    players = text_players()
    anchored = together(policy_gradient(2, no_baseline, lag=0.5), weighed(likelihood(), 3.0))
    torch.manual_seed(1)
    whole = anchored(players, text_batch(4))
    torch.manual_seed(1)
    alone = policy_gradient(2, no_baseline)(players, text_batch(4))
    nll = likelihood()(players, text_batch(4))
    torch.testing.assert_close(whole.loss, alone.loss + 3 * nll.loss)
    assert {"reward", "nll"} <= whole.signals.keys()
    assert anchored.state_dict().keys() == {"0"}
    assert anchored.state_dict()["0"].keys() == players.generator.state_dict().keys()
    begun = players.generator.rows[0].detach().clone()
    with torch.no_grad():
        players.generator.rows[0] += 1.0
    anchored.settle(players, whole)
    torch.testing.assert_close(anchored.state_dict()["0"]["rows.0"], begun + 0.5)


def test_discriminator_takes_tokens_as_they_are():
    players = text_players()  # its discriminator asserts integers
    outcome = discriminator(LOSSES["non_saturating"])(players, text_batch(4))
    assert outcome.loss.shape == (4,)


def test_likelihood_by_hand():
    players = text_players(Quota())
    with torch.no_grad():
        for row in players.generator.rows:
            row.copy_(torch.tensor([0.5, 0.25, 0.25]).log())
    tokens = torch.tensor([[0, 0, 0], [0, 1, 2], [2, 2, 1]])
    outcome = likelihood()(players, Batch(tokens, None))
    # 1, 5/3 and 2 bits a token
    expected = math.log(2) * torch.tensor([1, 5 / 3, 2], dtype=torch.float64)
    torch.testing.assert_close(outcome.loss, expected, rtol=1e-6, atol=0)
    torch.testing.assert_close(outcome.signals["nll"], outcome.loss.detach())
    outcome.loss.mean().backward()
    # d/d logits = (p - how often each token follows) x visits / (3 sequences x 3 tokens)
    expected = (3 * torch.tensor([0.5, 0.25, 0.25]) - torch.tensor([2.0, 0.0, 1.0])) / 9
    torch.testing.assert_close(players.generator.rows[0].grad[0], expected.double(), rtol=1e-6, atol=1e-9)
    assert all(parameter.grad is None for parameter in players.discriminator.parameters())
