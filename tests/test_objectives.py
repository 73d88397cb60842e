"""Objectives: what networks see, where gradient flows, and the policy gradient against full enumeration."""

import copy
import math
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from multigan.errors import ConfigError
from multigan.losses import LOSSES
from multigan.modality import Batch
from multigan.objectives import (
    Players,
    discriminator,
    expected_rewards,
    leave_one_out,
    likelihood,
    pathwise,
    policy_gradient,
)

V, T = 3, 3
SEQUENCES = torch.cartesian_prod(*[torch.arange(V)] * T)  # [27, 3]


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def identity(samples):
    return samples


class Affine(nn.Module):
    """A generator: latent @ weight, plus the condition's sum."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(2, 4))

    def latent(self, n, random_state=None):
        return torch.randn(n, 2, generator=random_state, dtype=self.weight.dtype)

    def forward(self, latent, condition):
        self.was_training, self.had_gradient = self.training, torch.is_grad_enabled()
        return latent @ self.weight + (0 if condition is None else condition.sum(1, keepdim=True))


class Critic(nn.Module):
    """A discriminator that remembers what it was shown."""

    def __init__(self):
        super().__init__()
        self.hidden, self.last = nn.Linear(4, 5), nn.Linear(5, 1)
        self.seen = []

    def forward(self, samples, condition):
        self.seen.append((samples.detach(), condition, torch.is_grad_enabled()))
        return self.last(torch.tanh(self.hidden(samples))).squeeze(1)


def image_players(augment=identity, autocast=nullcontext):
    return Players(Affine(), Critic(), augment, autocast)


def image_batch(n=5):
    return Batch(torch.randn(n, 4), torch.rand(n, 3))


def bfloat16():
    return torch.autocast("cpu", torch.bfloat16)


@pytest.mark.parametrize("name", LOSSES)
def test_discriminator_sees_augmented_real_and_fake_apart_under_one_condition(name):
    players, batch = image_players(augment=lambda samples: samples + 1), image_batch()
    torch.manual_seed(4)
    outcome = discriminator(LOSSES[name])(players, batch)
    torch.manual_seed(4)
    fake = players.generator(players.generator.latent(5), batch.condition).detach() + 1
    (first, *_), (second, *_) = players.discriminator.seen
    assert {tuple(first.flatten().tolist()), tuple(second.flatten().tolist())} == {
        tuple((batch.real + 1).flatten().tolist()),
        tuple(fake.flatten().tolist()),
    }
    assert all(condition is batch.condition for _, condition, _ in players.discriminator.seen)

    real_logits = players.discriminator(batch.real + 1, None)
    fake_logits = players.discriminator(fake, None)
    torch.testing.assert_close(outcome.loss, LOSSES[name].discriminator(real_logits, fake_logits))
    torch.testing.assert_close(
        outcome.signals, {"real_logits": real_logits.detach(), "fake_logits": fake_logits.detach()}
    )


def test_discriminator_makes_fakes_in_train_mode_without_gradient():
    players = image_players()
    discriminator(LOSSES["hinge"])(players, image_batch()).loss.mean().backward()
    assert players.generator.was_training
    assert not players.generator.had_gradient
    assert players.generator.weight.grad is None
    assert players.discriminator.hidden.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("name", LOSSES)
def test_pathwise_goes_through_the_discriminator_and_the_augmentation(name):
    loss, batch = LOSSES[name], image_batch()
    players = image_players(augment=lambda samples: 3 * samples - 1)
    players.discriminator.requires_grad_(False)
    torch.manual_seed(4)
    outcome = pathwise(loss)(players, batch)
    outcome.loss.sum().backward()

    weight = players.generator.weight.detach().requires_grad_()
    torch.manual_seed(4)
    fake = 3 * (players.generator.latent(5) @ weight + batch.condition.sum(1, keepdim=True)) - 1
    critic = copy.deepcopy(players.discriminator)
    expected = loss.generator(critic(fake, None), critic(3 * batch.real - 1, None))
    torch.testing.assert_close(outcome.loss, expected)
    (gradient,) = torch.autograd.grad(expected.sum(), weight)
    torch.testing.assert_close(players.generator.weight.grad, gradient)
    assert all(parameter.grad is None for parameter in players.discriminator.parameters())


@pytest.mark.parametrize("name", LOSSES)
def test_pathwise_looks_at_real_samples_only_where_the_loss_does_and_without_gradient(name):
    players, loss = image_players(), LOSSES[name]
    outcome = pathwise(loss)(players, image_batch())
    assert [gradient for _, _, gradient in players.discriminator.seen] == [True, False][: 1 + loss.uses_real]
    assert set(outcome.signals) == ({"fake_logits", "real_logits"} if loss.uses_real else {"fake_logits"})
    assert not any(signal.requires_grad for signal in outcome.signals.values())


@pytest.mark.parametrize("objective", [discriminator, pathwise])
def test_networks_run_under_autocast_and_losses_in_float32(objective):
    players, batch = image_players(autocast=bfloat16), image_batch()
    torch.manual_seed(4)
    outcome = objective(LOSSES["relativistic"])(players, batch)
    outcome.loss.mean().backward()
    assert outcome.loss.dtype == torch.float32
    assert all(signal.dtype == torch.float32 for signal in outcome.signals.values())
    assert all(samples.dtype == torch.float32 for samples, *_ in players.discriminator.seen)
    # logits are float32 numbers that bfloat16 holds, so the forward pass was in bfloat16
    assert all(torch.equal(signal, signal.bfloat16().float()) for signal in outcome.signals.values())


@pytest.mark.parametrize("objective", [discriminator, pathwise])
def test_float64_stays_float64(objective):
    players = image_players()
    players.generator.double(), players.discriminator.double()
    batch = Batch(torch.randn(3, 4, dtype=torch.float64), None)
    assert objective(LOSSES["relativistic"])(players, batch).loss.dtype == torch.float64


def test_pathwise_gradcheck():
    players = image_players(augment=torch.sin)
    players.generator.double(), players.discriminator.double()
    batch = Batch(torch.randn(3, 4, dtype=torch.float64), None)

    class Given(nn.Module):
        def __init__(self, weight):
            super().__init__()
            self.value = weight

        latent = Affine.latent

        def forward(self, latent, condition):
            return latent @ self.value

        weight = property(lambda self: self.value)

    def losses(weight):
        torch.manual_seed(8)
        return pathwise(LOSSES["relativistic"])(
            Players(Given(weight), players.discriminator, torch.sin, nullcontext), batch
        ).loss

    weight = torch.randn(2, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(losses, (weight,))


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


@pytest.mark.parametrize("baseline", [torch.zeros_like, leave_one_out])
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
    outcome = policy_gradient(n_rollouts=16, baseline=torch.zeros_like)(players, text_batch(27))
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


def test_the_rollout_policy_completes_prefixes_when_given():
    class Refuses(Quota):
        def complete(self, prefix, condition, random_state=None):
            raise AssertionError("the generator must not complete prefixes")

    players = text_players(Refuses())
    outcome = policy_gradient(16, torch.zeros_like, rollout=Quota())(players, text_batch(27))
    torch.testing.assert_close(
        outcome.loss,
        policy_gradient(16, torch.zeros_like)(
            Players(Quota(), players.discriminator, identity, nullcontext), text_batch(27)
        ).loss,
    )


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
