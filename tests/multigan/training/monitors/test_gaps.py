"""Duality gaps where they are known (quadratic games, a matrix game, linear players), and the distance of normal laws."""

import copy
import math
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch import nn

from multigan.game import Game
from multigan.losses import LOSSES
from multigan.objectives import Outcome
from multigan.protocols import Batch
from multigan.training.monitors.responses import Search, distance, duality_gap, proximal_gap, value_of_loss
from multigan.training.monitors.watch import Watch
from multigan.training.updates import Update

CPU = torch.device("cpu")
SEARCH = Search(steps=700, lr=0.02)


class Numbers:
    """Samples [N, 1] from N(mean, 1); as in training, only their number counts where a game looks at none."""

    labels, sample_shape = (), (1,)

    def __init__(self, n=64, mean=0.0, seed=0):
        source = torch.Generator().manual_seed(seed)
        self.samples = mean + torch.randn(n, 1, generator=source)

    def __len__(self):
        return len(self.samples)

    def batch(self, rows):
        return Batch(self.samples[torch.as_tensor(np.asarray(rows))], None)


class Vector(nn.Module):
    """A player of some numbers."""

    def __init__(self, *values):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(values, dtype=torch.float64))


def watch_of(value, data=None, **more):
    """A game of ``value(x, y)``, which the generator x lowers and the discriminator y raises."""

    def payoff(players, batch):
        return value(players.generator.value, players.discriminator.value).expand(len(batch.real))

    def objective(sign):
        return lambda players, batch: Outcome(sign * payoff(players, batch), {})

    updates = (
        Update("generator", ("generator",), objective(1.0)),
        Update("discriminator", ("discriminator",), objective(-1.0)),
    )
    data = data or Numbers()
    facts = {"updates": updates, "value": payoff, "train": data, "held_out": data, "fresh": dict}
    return Watch(**facts | {"batch_size": 8, "seed": 0, "samples_seen": 0, "device": CPU} | more)


def game_of(x, y):
    return Game({"generator": x, "discriminator": y}, nn.Identity(), nullcontext)


def gap(value, x, y, search=SEARCH):
    found = duality_gap(game_of(Vector(*x), Vector(*y)), watch_of(value), search)
    assert found["gap_low"] == pytest.approx(found["gap_high"])  # nothing is drawn
    return found["gap"]


def quadratic(x, y):
    """min over x, max over y of x^2/2 + 2xy - y^2/2; the saddle is at (0, 0)."""
    return (x * x / 2 + 2 * x * y - y * y / 2).sum()


def test_the_gap_is_zero_at_the_saddle_of_a_quadratic_game():
    assert gap(quadratic, (0.0,), (0.0,)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("x", "y"), [(1.0, 0.0), (0.3, -0.7), (-1.0, 1.0)])
def test_the_gap_of_a_quadratic_game_is_its_closed_form(x, y):
    """max over y' is 5 x^2 / 2 (at y' = 2x), min over x' is -5 y^2 / 2 (at x' = -2y)."""
    assert gap(quadratic, (x,), (y,)) == pytest.approx(2.5 * (x * x + y * y), rel=1e-3)


@pytest.mark.parametrize(("theta", "w"), [(0.5, 0.25), (-1.0, 0.5), (2.0, -1.0)])
def test_the_gap_of_linear_players_is_its_closed_form(theta, w):
    """A generator theta of a real mean mu, a critic w x, and both pay for size: w (mu - theta) - w^2/2 + theta^2/2.

    max over w' is (mu - theta)^2/2 + theta^2/2; min over theta' is w mu - w^2/2 - w^2/2. The equilibrium: w = theta = mu/2.
    """
    mu = 1.0
    found = gap(lambda t, v: (v * (mu - t) - v * v / 2 + t * t / 2).sum(), (theta,), (w,))
    expected = (mu - theta) ** 2 / 2 + theta**2 / 2 - (w * mu - w * w)
    assert found == pytest.approx(expected, rel=1e-3)
    assert found > 0


def test_the_gap_of_linear_players_is_zero_at_their_equilibrium():
    found = gap(lambda t, v: (v * (1.0 - t) - v * v / 2 + t * t / 2).sum(), (0.5,), (0.5,))
    assert found == pytest.approx(0, abs=1e-9)


PENNIES = torch.tensor([[2.0, -1.0], [-1.0, 1.0]], dtype=torch.float64)
"""What the row player loses. The mixed equilibrium: both play the first with 2/5."""


def bilinear(x, y):
    return x.softmax(0) @ PENNIES @ y.softmax(0)


def logits(share):
    return (math.log(share / (1 - share)), 0.0)


def test_the_gap_is_zero_at_the_mixed_equilibrium_of_a_matrix_game():
    assert gap(bilinear, logits(0.4), logits(0.4)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("p", "q"), [(0.5, 0.5), (0.8, 0.1)])
def test_the_gap_of_a_matrix_game_is_what_pure_answers_win(p, q):
    """Exploitability: the best column against p, minus the best row against q."""
    rows, columns = torch.tensor([p, 1 - p]).double(), torch.tensor([q, 1 - q]).double()
    expected = float((rows @ PENNIES).max() - (PENNIES @ columns).min())
    found = gap(bilinear, logits(p), logits(q), Search(steps=800, lr=0.1))
    assert found == pytest.approx(expected, abs=0.02)
    assert found <= expected + 1e-9  # a search misses something, and never finds too much


def double_well(x, y):
    """The discriminator stands on a ridge between two hills: no slope, and no equilibrium. Its best is 1 at y = 1 or -1."""
    return (-((y * y - 1) ** 2) + 1 + x * x).sum()


def test_a_stationary_point_that_is_no_equilibrium_reads_zero_until_copies_are_perturbed():
    assert gap(double_well, (0.0,), (0.0,)) == pytest.approx(0, abs=1e-9)
    assert gap(double_well, (0.0,), (0.0,), Search(700, 0.02, n_perturbed=1)) == pytest.approx(1, rel=1e-3)


# ---- networks ----


class Shift(nn.Module):
    """z + theta."""

    def __init__(self, theta):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor(float(theta)))

    def latent(self, n, random_state=None):
        return torch.randn(n, 1, generator=random_state)

    def forward(self, latent, condition):
        return latent + self.theta


class Line(nn.Module):
    """w x + b: the best discriminator of two normal laws of one deviation."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)
        nn.init.zeros_(self.layer.weight)

    def forward(self, samples, condition):
        return self.layer(samples).squeeze(1)


def jsd_of_normals(shift):
    """Of N(0, 1) and N(shift, 1), in nats, by a sum over a grid."""
    x = np.linspace(-12, 12 + shift, 200_001)
    p, q = (np.exp(-((x - m) ** 2) / 2) / math.sqrt(2 * math.pi) for m in (0.0, shift))
    m = (p + q) / 2
    terms = 0.5 * p * np.log(p / m + 1e-300) + 0.5 * q * np.log(q / m + 1e-300)
    return float(np.where(m > 1e-200, terms, 0).sum() * (x[1] - x[0]))


@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0])
def test_the_distance_of_two_normal_laws_is_their_jensen_shannon_divergence(shift):
    train, held_out = Numbers(8000), Numbers(4000, seed=1)
    game = game_of(Shift(shift), Line())
    value = value_of_loss(LOSSES["wasserstein"])  # the run's own loss does not matter
    facts = {"updates": (), "value": value, "train": train, "held_out": held_out, "batch_size": 256}
    watch = Watch(**facts, fresh=lambda: {"discriminator": Line()}, seed=0, samples_seen=0, device=CPU)
    found = distance(game, watch, Search(steps=400, lr=0.02))
    expected = jsd_of_normals(shift)
    width = found["jsd_high"] - found["jsd_low"]
    assert abs(found["jsd"] - expected) < max(width, 0.005)
    assert width < 0.05
    right = 0.5 * (1 + math.erf(shift / 2 / math.sqrt(2)))
    assert found["accuracy_low"] - 0.02 < right < found["accuracy_high"] + 0.02
    if not shift:
        assert found["jsd_low"] <= 0.001


class Pictures:
    """Of two pictures: real ones are either, half and half."""

    labels, sample_shape = (), (3, 16, 16)

    def __init__(self, n, seed):
        source = torch.Generator().manual_seed(seed)
        self.pair = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)
        self.which = torch.randint(2, (n,), generator=source)

    def __len__(self):
        return len(self.which)

    def batch(self, rows):
        return Batch(self.pair[self.which[torch.as_tensor(np.asarray(rows))]], None)


class First(nn.Module):
    """Makes the first picture alone."""

    def __init__(self, picture):
        super().__init__()
        self.picture = nn.Parameter(picture)

    def latent(self, n, random_state=None):
        return torch.zeros(n, 1)

    def forward(self, latent, condition):
        return self.picture.expand(len(latent), *self.picture.shape)


@pytest.mark.parametrize("layer", [nn.BatchNorm2d(8), nn.Identity()])
def test_layers_that_look_at_a_batch_do_not_make_distributions_look_farther_apart(layer):
    """Real: A or B by a coin; fake: A. With m = (3/4, 1/4): JSD = H(m) - log(2)/2 = 0.2158; the best accuracy is 3/4.

    Real samples and fakes in batches of their own are told by what the others of a batch are: 0.69 nats, accuracy 1.
    """
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 4, 2, 1), layer, nn.LeakyReLU(), nn.Flatten(), nn.Linear(512, 1), nn.Flatten(0)
    )

    class Judge(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = copy.deepcopy(network)

        def forward(self, samples, condition):
            return self.network(samples)

    train, held_out = Pictures(1000, 1), Pictures(1000, 2)
    facts = {"updates": (), "value": None, "train": train, "held_out": held_out, "batch_size": 32}
    watch = Watch(**facts, fresh=lambda: {"discriminator": Judge()}, seed=0, samples_seen=0, device=CPU)
    found = distance(game_of(First(train.pair[0]), Judge()), watch, Search(steps=100))
    assert found["jsd_low"] < 0.2158
    assert found["accuracy_low"] < 0.75
    assert found["jsd"] > 0.1
    assert found["accuracy"] > 0.68


def test_fakes_that_choose_a_player_do_not_score_it():
    watch = watch_of(lambda x, y: x * y)
    seen = [watch.scores(game_of(Shift(0.0), Line()), rows, lambda players, batch: players.fake(batch)[:, 0])
            for rows in (*watch.halves(), watch.halves()[0])]  # fmt: skip
    assert not torch.equal(seen[0], seen[1])
    assert torch.equal(seen[0], seen[2])


def test_the_proximal_gap_of_a_wasserstein_game_is_zero_where_the_generator_is_right_and_larger_elsewhere():
    """The critic pays for its slope at real samples, so that the best answer is finite: (mu - theta)^2 / 2."""
    train = Numbers(4000)

    def critic(players, batch):
        return -value(players, batch) + 0.5 * players.discriminator.layer.weight.square().sum()

    loss = LOSSES["wasserstein"]
    value = value_of_loss(loss)
    updates = (
        Update("generator", ("generator",), lambda p, b: Outcome(-p.logits(p.fake(b), None), {})),
        Update("discriminator", ("discriminator",), lambda p, b: Outcome(critic(p, b), {})),
    )
    facts = {"updates": updates, "train": train, "held_out": train, "batch_size": 256, "value": value}
    watch = Watch(**facts, fresh=dict, seed=0, samples_seen=0, device=CPU)
    gaps = [
        proximal_gap(game_of(Shift(theta), Line()), watch, Search(steps=20, lr=0.02)) for theta in (0.0, 1.5)
    ]
    near, far = (found["proximal_gap"] for found in gaps)
    assert abs(near) < 0.1
    assert far > 0.5
