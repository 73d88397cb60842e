"""Penalties at closed forms: linear critics, linear generators, and given noise."""

import math
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from multigan.game import Players
from multigan.objectives.combine import penalise
from multigan.penalties import PENALTIES, PathLength
from multigan.protocols import Batch

SHAPES = [(6,), (1, 9), (3, 4, 5)]
REGULARISERS = ("lecam", "cr", "bcr", "mismatch")
"""Which have a state or a transform, or need labels: ``test_regularisers``, ``test_mismatch``."""
DISCRIMINATOR = [
    name for name in PENALTIES if PENALTIES[name]().network == "discriminator" and name not in REGULARISERS
]


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


class Constant(nn.Module):
    """A generator whose samples all have one value, so that fakes are known."""

    def __init__(self, shape, value=0.0):
        super().__init__()
        self.value = nn.Parameter(torch.full(shape, value))

    def latent(self, n, random_state=None):
        return torch.zeros(n, 1)

    def forward(self, latent, condition):
        return self.value.expand(len(latent), *self.value.shape)


class LinearCritic(nn.Module):
    """D(x) = <weight, x> + <condition, 1>."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, samples, condition):
        logits = samples.flatten(1) @ self.weight.flatten()
        return logits if condition is None else logits + condition.flatten(1).sum(1)


class QuadraticCritic(nn.Module):
    """D(x) = scale * ||x||^2 / 2, whose slope at x is scale * x."""

    def __init__(self, scale=1.0):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, samples, condition):
        return self.scale * samples.flatten(1).square().sum(1) / 2


def penalty_of(name, players, batch):
    """The values [N] of a penalty without state."""
    return PENALTIES[name]()(players, batch)[0]


def make(generator, critic, augment=lambda samples: samples, autocast=nullcontext):
    return Players(generator, critic, augment, autocast)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("condition", [None, torch.ones(5, 2)])
@pytest.mark.parametrize("name", ["r1", "r2"])
def test_r1_and_r2_of_a_linear_critic_are_half_its_squared_norm(name, shape, condition):
    weight = torch.randn(shape)
    players = make(Constant(shape), LinearCritic(weight))
    penalty = penalty_of(name, players, Batch(torch.randn(5, *shape), condition))
    assert penalty.shape == (5,)
    torch.testing.assert_close(penalty, torch.full((5,), 0.5 * weight.square().sum().item()))


def test_r1_looks_at_augmented_real_samples_and_r2_at_augmented_fakes():
    batch = Batch(torch.randn(4, 3), None)
    players = make(Constant((3,), value=2.0), QuadraticCritic(), augment=lambda samples: samples + 1)
    # the slope of ||x||^2 / 2 is x itself
    torch.testing.assert_close(penalty_of("r1", players, batch), 0.5 * (batch.real + 1).square().sum(1))
    torch.testing.assert_close(penalty_of("r2", players, batch), torch.full((4,), 0.5 * 3 * 3.0**2))


@pytest.mark.parametrize("name", ["wgan_gp", "dragan"])
@pytest.mark.parametrize(("slope", "expected"), [(1.0, 0.0), (3.0, 4.0), (0.0, 1.0)])
@pytest.mark.parametrize("shape", SHAPES)
def test_one_centred_penalties_of_a_linear_critic(name, slope, expected, shape):
    weight = torch.randn(shape)
    players = make(Constant(shape), LinearCritic(slope * weight / weight.norm()))
    penalty = penalty_of(name, players, Batch(torch.randn(5, *shape), None))
    torch.testing.assert_close(penalty, torch.full((5,), expected), atol=1e-5, rtol=1e-5)
    penalty.sum().backward()
    assert torch.isfinite(players.discriminator.weight.grad).all()


def points_seen(penalty, real, generator):
    """The samples at which a penalty takes the discriminator's slope."""
    seen = []

    class Spy(QuadraticCritic):
        def forward(self, samples, condition):
            seen.append(samples.detach())
            return super().forward(samples, condition)

    penalty(make(generator, Spy()), Batch(real, None))
    assert len(seen) == 1
    return seen[0]


def test_wgan_gp_draws_one_interpolation_factor_a_sample():
    between = points_seen(PENALTIES["wgan_gp"](), torch.full((200, 2, 3), 1.0), Constant((2, 3), value=-1.0))
    share = (between + 1) / 2
    torch.testing.assert_close(share, share[:, :1, :1].expand_as(share))
    assert (share >= 0).all()
    assert (share <= 1).all()
    assert share[:, 0, 0].unique().numel() == 200
    assert share.mean().item() == pytest.approx(0.5, abs=0.1)


def test_dragan_looks_around_real_samples_only():
    real = torch.randn(300, 4)
    noise = points_seen(PENALTIES["dragan"](), real, Constant((4,), value=1000.0)) - real
    assert noise.std().item() == pytest.approx(0.5 * real.std().item(), rel=0.1)
    assert noise.mean().item() == pytest.approx(0, abs=0.1)


def test_finite_differences_of_a_linear_critic_for_given_noise():
    weight, real = torch.randn(3, 4, dtype=torch.float64), torch.randn(5, 3, 4, dtype=torch.float64)
    players = make(Constant((3, 4)), LinearCritic(weight))
    torch.manual_seed(3)
    penalty = penalty_of("finite_difference_r1", players, Batch(real, None))
    torch.manual_seed(3)
    noise = torch.randn_like(real)
    torch.testing.assert_close(penalty, 0.5 * (noise * weight).flatten(1).sum(1).square())


def test_finite_differences_are_r1_on_average():
    players = make(Constant((6,)), QuadraticCritic())
    batch = Batch(torch.randn(1, 6).double().expand(40_000, 6), None)
    penalty = penalty_of("finite_difference_r1", players, batch)
    exact = penalty_of("r1", players, batch)[0].item()
    error = penalty.std().item() / math.sqrt(len(penalty))
    assert penalty.mean().item() == pytest.approx(exact, abs=4 * error + 1e-3 * exact)
    assert 4 * error < 0.05 * exact  # sharp enough to tell 1/2 from 1


class LinearStyles(nn.Module):
    """styles [N, L, W] = latent, scaled; sample [N, *shape] = sum over layers of matrix[l] @ styles[l]."""

    def __init__(self, matrix, shape):
        super().__init__()
        self.scale = nn.Parameter(torch.ones((), dtype=matrix.dtype))
        self.matrix = nn.Parameter(matrix)  # [L, W, D]
        self.shape = shape

    def latent(self, n, random_state=None):
        return torch.randn(n, *self.matrix.shape[:2], dtype=self.matrix.dtype)

    def mapping(self, latent, condition):
        return self.scale * latent

    def synthesis(self, styles):
        return torch.einsum("nlw,lwd->nd", styles, self.matrix).unflatten(1, self.shape)


@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 8)])
def test_path_length_of_a_linear_generator(shape):
    n, layers = 7, 3
    matrix = torch.randn(layers, 4, math.prod(shape), dtype=torch.float64)
    players = make(LinearStyles(matrix, shape), nn.Identity())
    penalty = PathLength()
    batch = Batch(torch.zeros(n, *shape), None)

    mean = 0.0
    for _ in range(2):
        torch.manual_seed(5)
        result, signals = penalty(players, batch)
        torch.manual_seed(5)
        players.generator.latent(n)
        y = torch.randn(n, *shape, dtype=torch.float64).flatten(1) / math.sqrt(math.prod(shape[1:]))
        # J_w^T y for layer l is matrix[l] @ y
        squared = torch.stack([(y @ matrix[layer].T).square().sum(1) for layer in range(layers)])
        lengths = squared.mean(0).sqrt()
        torch.testing.assert_close(signals, {"path_lengths": lengths})
        torch.testing.assert_close(result, (lengths - mean).square(), rtol=1e-6, atol=0)
        assert penalty.mean_length.item() == pytest.approx(
            mean, rel=1e-6
        )  # a part of a batch does not move it
        penalty.settle(signals)
        mean += 0.01 * (lengths.mean().item() - mean)
        assert penalty.mean_length.item() == pytest.approx(mean, rel=1e-6)


def test_path_length_has_gradients_and_a_running_mean_without():
    generator = LinearStyles(torch.randn(2, 3, 8), (1, 2, 4))
    penalty = PathLength()
    values, signals = penalty(make(generator, nn.Identity()), Batch(torch.zeros(4, 1, 2, 4), None))
    values.mean().backward()
    assert generator.matrix.grad.abs().sum() > 0
    assert not signals["path_lengths"].requires_grad
    penalty.settle(signals)
    assert not penalty.mean_length.requires_grad
    assert penalty.mean_length > 0


def test_the_running_mean_of_path_length_survives_a_resume():
    players = make(LinearStyles(torch.randn(2, 3, 8), (1, 2, 4)), nn.Identity())
    batch = Batch(torch.zeros(4, 1, 2, 4), None)
    before, after = (penalise(PENALTIES["path_length"](), 2.0) for _ in range(2))
    before.settle(players, before(players, batch))
    after.load_state_dict({name: value.clone() for name, value in before.state_dict().items()})
    torch.manual_seed(9)
    expected = before(players, batch)
    torch.manual_seed(9)
    assert torch.equal(after(players, batch).loss, expected.loss)
    torch.manual_seed(9)
    fresh = penalise(PENALTIES["path_length"](), 2.0)(players, batch)
    assert not torch.equal(fresh.loss, expected.loss)


def test_each_path_length_has_its_own_state():
    first, second = PENALTIES["path_length"](), PENALTIES["path_length"]()
    first.settle({"path_lengths": torch.tensor([2.0, 4.0])})
    assert first.state_dict()["mean_length"].item() == pytest.approx(0.03)
    assert second.state_dict()["mean_length"].item() == 0
    assert not any(hasattr(PENALTIES[name](), "state_dict") for name in DISCRIMINATOR)
    assert penalise(PENALTIES["r1"](), 1.0).state_dict() == {}


class Curved(nn.Module):
    """A smooth critic with curvature in samples and weights."""

    def __init__(self, size):
        super().__init__()
        self.first = nn.Linear(size, 4)
        self.last = nn.Linear(4, 1)

    def forward(self, samples, condition):
        return self.last(torch.tanh(self.first(samples.flatten(1)))).squeeze(1)


@pytest.mark.parametrize("name", DISCRIMINATOR)
def test_second_derivatives(name):
    critic = Curved(6).double()
    batch = Batch(torch.randn(3, 2, 3, dtype=torch.float64), None)
    names, values = zip(*critic.named_parameters(), strict=True)

    def of_weights(*weights):
        def call(samples, condition):
            return torch.func.functional_call(
                critic, dict(zip(names, weights, strict=True)), (samples, condition)
            )

        torch.manual_seed(2)
        players = make(Constant((2, 3), value=0.3).double(), call)
        return penalty_of(name, players, batch)

    inputs = tuple(value.detach().requires_grad_() for value in values)
    # the last bias moves no slope
    assert torch.autograd.gradcheck(of_weights, inputs, atol=1e-6)


@pytest.mark.parametrize("name", DISCRIMINATOR)
def test_penalties_leave_the_generator_and_frozen_networks_alone(name):
    generator, critic = Constant((6,), value=0.5), Curved(6)
    batch = Batch(torch.randn(3, 6), None)
    recording = []
    generator.register_forward_hook(lambda *_: recording.append(torch.is_grad_enabled()))
    penalty_of(name, make(generator, critic), batch).mean().backward()
    assert generator.value.grad is None
    assert not any(recording)
    assert critic.first.weight.grad.abs().sum() > 0

    critic.zero_grad()
    critic.first.requires_grad_(False)
    penalty_of(name, make(generator, critic), batch).mean().backward()
    assert critic.first.weight.grad is None
    assert critic.last.weight.grad.abs().sum() > 0


def bfloat16():
    return torch.autocast("cpu", torch.bfloat16)


@pytest.mark.parametrize("ambient", [nullcontext, bfloat16])
@pytest.mark.parametrize("name", ["r1", "finite_difference_r1"])
def test_penalties_stay_in_float32_under_autocast(name, ambient):
    critic, batch = Curved(6), Batch(torch.randn(3, 6), None)
    torch.manual_seed(1)
    exact = penalty_of(name, make(Constant((6,)), critic), batch)
    torch.manual_seed(1)
    with ambient():
        penalty = penalty_of(name, make(Constant((6,)), critic, autocast=bfloat16), batch)
    assert penalty.dtype == torch.float32
    assert torch.equal(penalty, exact)


def test_path_length_stays_in_float32_under_autocast():
    generator, batch = LinearStyles(torch.randn(2, 3, 8), (1, 2, 4)), Batch(torch.zeros(4, 1, 2, 4), None)
    torch.manual_seed(1)
    exact, _ = PathLength()(make(generator, nn.Identity()), batch)
    torch.manual_seed(1)
    with bfloat16():
        penalty, _ = PathLength()(make(generator, nn.Identity(), autocast=bfloat16), batch)
    assert penalty.dtype == torch.float32
    assert torch.equal(penalty, exact)


def test_penalise_scales_by_its_weight_and_reports_the_bare_penalty():
    weight = torch.tensor([3.0, 4.0])
    players = make(Constant((2,)), LinearCritic(weight))
    outcome = penalise(PENALTIES["r1"](), 10.0)(players, Batch(torch.randn(3, 2), None))
    torch.testing.assert_close(outcome.loss, torch.full((3,), 125.0))
    torch.testing.assert_close(outcome.signals, {"r1": torch.full((3,), 12.5)})
    assert outcome.loss.requires_grad
    assert not outcome.signals["r1"].requires_grad


@pytest.mark.parametrize("name", PENALTIES)
def test_every_entry_carries_its_name_and_paper(name):
    penalty = PENALTIES[name]()
    assert penalty.name == name
    assert penalty.network in ("discriminator", "generator")
    assert "arXiv:" in penalty.paper


class Column(Curved):
    """The same critic with logits [N, 1]."""

    def forward(self, samples, condition):
        return super().forward(samples, condition)[:, None]


class Pair(Curved):
    """Two logits per sample, D and 3 D: the slope of their mean is twice that of D."""

    def forward(self, samples, condition):
        logits = super().forward(samples, condition)
        return torch.stack((logits, 3 * logits), 1)


@pytest.mark.parametrize("name", DISCRIMINATOR)
def test_logits_n_1_give_the_bits_of_n(name):
    batch, results = Batch(torch.randn(3, 6), None), []
    for kind in (Curved, Column):
        torch.manual_seed(1)
        critic = kind(6)
        values = penalty_of(name, make(Constant((6,), value=0.5), critic), batch)
        values.mean().backward()
        results.append([values.detach(), *(p.grad for p in critic.parameters() if p.grad is not None)])
    assert results[0][0].shape == (3,)
    assert len(results[0]) > 2
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))


@pytest.mark.parametrize("name", ["r1", "r2", "wgan_gp", "dragan"])
def test_the_slope_of_several_logits_is_that_of_their_mean(name):
    batch, results = Batch(torch.randn(3, 6).double(), None), []
    for kind, scale in ((Pair, 1.0), (Curved, 2.0)):
        torch.manual_seed(1)
        critic = kind(6).double()
        with torch.no_grad():
            critic.last.weight *= scale
        results.append(penalty_of(name, make(Constant((6,), value=0.5).double(), critic), batch))
    torch.testing.assert_close(*results)


def test_finite_differences_of_several_logits_are_the_mean_of_their_squares():
    batch, results = Batch(torch.randn(3, 6).double(), None), []
    for kind in (Pair, Curved):
        torch.manual_seed(1)
        results.append(
            penalty_of("finite_difference_r1", make(Constant((6,)).double(), kind(6).double()), batch)
        )
    torch.testing.assert_close(results[0], 5 * results[1])  # (1 + 9) / 2


def test_a_penalty_at_real_samples_says_that_it_needs_them():
    for name in ("r1", "wgan_gp", "dragan"):
        with pytest.raises(ValueError, match=f"the penalty {name} needs real samples"):
            PENALTIES[name]().points(None, torch.zeros(2, 3))
