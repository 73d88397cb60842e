"""Objectives: what networks see, where gradient flows."""

import copy
from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch
from torch import nn

from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator, label_loss, pathwise
from multigan.objectives.combine import penalise
from multigan.penalties import PENALTIES
from multigan.protocols import Batch
from multigan.ramps import Ramp, value_of


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


# ---- several logits per sample, and penalties of every step ----


class Column(Critic):
    """The same discriminator with logits [N, 1]."""

    def forward(self, samples, condition):
        return super().forward(samples, condition)[:, None]


class Heads(Critic):
    """Three logits per sample, some multiples of the one."""

    factors = torch.tensor([1.0, -2.0, 0.5])

    def forward(self, samples, condition):
        return super().forward(samples, condition)[:, None] * self.factors


def gradients_of(players):
    networks = (players.generator, players.discriminator)
    return [p.grad for network in networks for p in network.parameters() if p.grad is not None]


SLOPES = ["r1", "r2", "wgan_gp", "dragan"]
SIDES = [discriminator, lambda loss: discriminator(loss, 0.0, [(PENALTIES[name](), 0.7) for name in SLOPES])]


@pytest.mark.parametrize("side", [pathwise, *SIDES], ids=["generator", "discriminator", "with penalties"])
@pytest.mark.parametrize("name", LOSSES)
def test_logits_n_1_give_the_bits_of_n(name, side):
    players, batch = image_players(), image_batch()
    column = Column()
    column.load_state_dict(players.discriminator.state_dict())
    column = Players(copy.deepcopy(players.generator), column, identity, nullcontext)
    outcomes = []
    for each in (players, column):
        torch.manual_seed(3)
        outcomes.append(side(LOSSES[name])(each, batch))
        outcomes[-1].loss.mean().backward()
    assert outcomes[0].loss.shape == (5,)
    assert torch.equal(outcomes[0].loss, outcomes[1].loss)
    for signal, values in outcomes[0].signals.items():
        assert torch.equal(values, outcomes[1].signals[signal].reshape(5)), signal
    pairs = list(zip(gradients_of(players), gradients_of(column), strict=True))
    assert pairs
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_the_mean_over_several_logits_of_a_sample(name):
    loss, batch = LOSSES[name], image_batch()
    players = Players(Affine(), Heads(), identity, nullcontext)
    torch.manual_seed(3)
    outcome = discriminator(loss)(players, batch)
    real, fake = outcome.signals["real_logits"], outcome.signals["fake_logits"]
    assert real.shape == fake.shape == (5, 3)
    expected = torch.stack([loss.discriminator(real[:, k], fake[:, k]) for k in range(3)]).mean(0)
    torch.testing.assert_close(outcome.loss, expected)
    torch.manual_seed(3)
    outcome = pathwise(loss)(players, batch)
    fake = outcome.signals["fake_logits"]
    expected = torch.stack([loss.generator(fake[:, k], real[:, k]) for k in range(3)]).mean(0)
    torch.testing.assert_close(outcome.loss, expected)


def counting(network):
    """The network, and how often it is called."""
    calls = []
    network.register_forward_hook(lambda *_: calls.append(1))
    return network, calls


@pytest.mark.parametrize(
    ("names", "n_discriminator"),
    [((), 2), (("r1",), 2), (("r2",), 2), (("r1", "r2"), 2), (("wgan_gp",), 3), (("r1", "r2", "dragan"), 3)],
)
def test_penalties_at_every_step_share_the_passes_of_the_loss(names, n_discriminator):
    """R1 and R2 at every step call the discriminator twice and the generator once, as R3GAN's code (arXiv:2501.05441)."""
    generator, of_generator = counting(Affine())
    critic, of_critic = counting(Critic())
    players = Players(generator, critic, identity, nullcontext)
    penalties = [(PENALTIES[name](), 0.5) for name in names]
    outcome = discriminator(LOSSES["relativistic"], 0.0, penalties)(players, image_batch())
    outcome.loss.mean().backward()
    assert (len(of_generator), len(of_critic)) == (1, n_discriminator)
    assert set(names) <= outcome.signals.keys()


def test_shared_penalties_are_those_of_the_very_samples_that_the_loss_saw():
    """R1 at the augmented reals, R2 at the augmented fakes, by hand and weighed, and their gradient with the loss's."""
    loss, batch = LOSSES["relativistic"], image_batch()
    players = image_players(augment=lambda samples: 2 * samples + torch.randn_like(samples))
    torch.manual_seed(6)
    outcome = discriminator(loss, 0.0, [(PENALTIES["r1"](), 3.0), (PENALTIES["r2"](), 5.0)])(players, batch)
    outcome.loss.mean().backward()
    (real, *_), (fake, *_) = players.discriminator.seen

    critic = copy.deepcopy(players.discriminator)
    critic.zero_grad()
    squares, logits = [], []
    for samples in (real, fake):
        points = samples.clone().requires_grad_()
        logits.append(critic(points, batch.condition))
        (slope,) = torch.autograd.grad(logits[-1].sum(), points, create_graph=True)
        squares.append(0.5 * slope.square().sum(1))
    expected = loss.discriminator(*logits) + 3 * squares[0] + 5 * squares[1]
    expected.mean().backward()
    torch.testing.assert_close(outcome.loss, expected)
    torch.testing.assert_close(outcome.signals["r1"], squares[0].detach())
    torch.testing.assert_close(outcome.signals["r2"], squares[1].detach())
    for own, by_hand in zip(players.discriminator.parameters(), critic.parameters(), strict=True):
        torch.testing.assert_close(own.grad, by_hand.grad)
    assert players.generator.weight.grad is None


def test_shared_penalties_equal_those_computed_apart():
    """Without an augmentation R1 sees the same reals, and R2 the same fakes once they are drawn from the same state."""
    loss, batch = LOSSES["non_saturating"], image_batch()
    players = image_players()
    torch.manual_seed(6)
    shared = discriminator(loss, 0.0, [(PENALTIES["r1"](), 3.0), (PENALTIES["r2"](), 5.0)])(players, batch)
    parts = []
    for objective in (
        discriminator(loss),
        penalise(PENALTIES["r1"](), 3.0),
        penalise(PENALTIES["r2"](), 5.0),
    ):
        torch.manual_seed(6)
        parts.append(objective(players, batch).loss)
    torch.testing.assert_close(shared.loss, sum(parts))


def test_shared_penalties_stay_in_float32_under_autocast():
    """The pass that a penalty shares is in float32, since its slope is taken through it; the other one in bfloat16."""
    batch = image_batch()
    players = image_players(autocast=bfloat16)
    torch.manual_seed(6)
    outcome = discriminator(LOSSES["hinge"], 0.0, [(PENALTIES["r1"](), 1.0)])(players, batch)
    exact = Players(players.generator, players.discriminator, identity, nullcontext)
    expected, _ = PENALTIES["r1"]()(exact, batch)
    assert torch.equal(outcome.signals["r1"], expected.detach())
    assert torch.equal(outcome.signals["real_logits"], exact.logits(batch.real, batch.condition))
    fake = outcome.signals["fake_logits"]
    assert torch.equal(fake, fake.bfloat16().float())


def test_a_weight_follows_the_samples_seen():
    batch = image_batch()
    weight = value_of(Ramp(start=8.0, end=2.0, over=100), 1000)
    networks = image_players()
    for samples_seen, expected in ((0, 8.0), (50, 5.0), (100, 2.0), (700, 2.0)):
        players = replace(networks, samples_seen=samples_seen)
        apart = penalise(PENALTIES["r1"](), weight)(players, batch)
        torch.testing.assert_close(apart.loss, expected * apart.signals["r1"])
        torch.manual_seed(6)
        plain = discriminator(LOSSES["hinge"])(players, batch).loss
        torch.manual_seed(6)
        shared = discriminator(LOSSES["hinge"], 0.0, [(PENALTIES["r1"](), weight)])(players, batch)
        torch.testing.assert_close(shared.loss, plain + expected * shared.signals["r1"])


def test_a_faint_label_is_to_be_read_as_a_faint_one():
    """t = w for the label and (1 - w) / C for all: least where the classifier says just that."""
    condition = torch.tensor([[1.0, 0, 0, 0], [0, 0.6, 0, 0], [0, 0, 0, 0], [0.5, 0.5, 0, 0]])
    targets = torch.tensor([[1.0, 0, 0, 0], [0.1, 0.7, 0.1, 0.1], [0.25] * 4, [0.5, 0.5, 0, 0]])
    logits = torch.randn(4, 4, generator=torch.Generator().manual_seed(0))
    by_hand = -(targets * logits.log_softmax(1)).sum(1)
    torch.testing.assert_close(label_loss(logits, condition), by_hand)
    least = label_loss(targets.clamp(min=1e-6).log(), condition)
    assert least[1] < label_loss(torch.tensor([[0, 9.0, 0, 0]] * 4), condition)[1]
    over_time = torch.stack((condition / 2, condition), 1)
    torch.testing.assert_close(label_loss(logits, over_time), by_hand)


class Judge(Critic):
    """A critic that reads three labels too."""

    def __init__(self):
        super().__init__()
        self.classes = nn.Linear(5, 3)

    def judge(self, samples, condition):
        return self(samples, condition), self.classes(torch.tanh(self.hidden(samples)))


@pytest.mark.parametrize("side", [discriminator, pathwise])
def test_the_weight_of_the_label_follows_the_samples_seen(side):
    """From 2 at the start to 0 after 100 samples: 1.5 times the label's loss after 25, and the label unread at 100."""
    objective = side(LOSSES["non_saturating"], value_of(Ramp(start=2.0, end=0.0), 100))
    batch, players = image_batch(), Players(Affine(), Judge(), identity, nullcontext)

    def outcome(samples_seen):
        torch.manual_seed(1)
        return objective(replace(players, samples_seen=samples_seen), batch)

    early, late = outcome(25), outcome(100)
    assert torch.allclose(early.loss - late.loss, 1.5 * early.signals["label_loss"])
    assert "label_loss" not in late.signals
    shown = batch.real if side is discriminator else players.discriminator.seen[0][0]
    wanted = label_loss(players.discriminator.judge(shown, None)[1], batch.condition)
    assert torch.allclose(early.signals["label_loss"], wanted)
