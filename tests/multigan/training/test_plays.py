"""Orders of play on min max xy, whose rates are known, and what each order asks of data and settles."""

import math
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from multigan.config import load
from multigan.game import Game, Roles
from multigan.objectives import Outcome
from multigan.protocols import Batch
from multigan.training.assemble import assemble
from multigan.training.optimisers import OPTIMISERS, Optimiser
from multigan.training.plays import PLAYS
from multigan.training.settings import RunSettings
from multigan.training.trainer import Stage, Trainer, Update
from tests.worlds.ring import RING, Ring

LR = 0.1


class Numbers:
    """64 samples, which are their own indices."""

    labels, sample_shape = (), (1,)

    def __len__(self):
        return 64

    def batch(self, indices):
        return Batch(torch.as_tensor(indices, dtype=torch.float64)[:, None], None)


class Scalar(nn.Module):
    """A player of one number."""

    def __init__(self, value):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value, dtype=torch.float64))


class Product:
    """What a player minimises of xy: ``sign`` times it. Remembers what it saw and when it settled."""

    def __init__(self, sign):
        self.sign, self.batches, self.settled = sign, [], []

    def __call__(self, players, batch):
        self.batches.append(batch.real.flatten().tolist())
        loss = self.sign * players.generator.value * players.discriminator.value
        loss = loss.expand(len(batch.real))
        return Outcome(loss, {"product": loss.detach()})

    def settle(self, players, outcome):
        self.settled.append((float(outcome.loss[0]), players.generator.value.item()))


class Path:
    """A hook that keeps where the players are after each step, as x + iy."""

    def __init__(self):
        self.points = []

    def after_step(self, trainer):
        x, y = (trainer.networks[name].value.item() for name in ("generator", "discriminator"))
        self.points.append(complex(x, y))


def player(folder, play, n_steps, repeat=1, every=1, rule="sgd", names=("generator", "discriminator")):
    """A trainer of min over x, max over y of xy from (1, 0.5), its objectives and its path."""
    networks = {names[0]: Scalar(1.0), names[1]: Scalar(0.5)}
    game = Game(networks, nn.Identity(), nullcontext)
    own = load(OPTIMISERS[rule].settings, {"lr": LR}, "test")
    optimisers = {name: Optimiser([each], OPTIMISERS[rule], own, 1) for name, each in networks.items()}
    objectives = Product(1.0), Product(-1.0)
    roles = Roles(*names)
    updates = (
        Update(names[0], (names[0],), objectives[0], roles),
        Update(names[1], (names[1],), objectives[1], roles, every=every, repeat=repeat),
    )
    n_batches = max(PLAYS[play].n_batches, repeat)
    stage = Stage("game", 2 * n_batches * n_steps, updates)
    path = Path()
    trainer = Trainer(
        game=game, optimisers=optimisers, stages=[stage], data=Numbers(), batch_size=2, accumulate=1, seed=0,
        device=torch.device("cpu"), run_folder=folder, play=PLAYS[play],
        hooks=[path] if names[0] == "generator" else [],
    )  # fmt: skip
    return trainer, objectives, path


def path_of(folder, play, n_steps, **more):
    trainer, _, path = player(folder, play, n_steps, **more)
    trainer.run()
    assert len(path.points) == n_steps
    return path.points


START = complex(1.0, 0.5)


def test_simultaneous_steps_leave_the_equilibrium_by_sqrt_1_plus_lr2_at_each(tmp_path):
    """z' = (1 + i lr) z: gradient descent-ascent on min max xy."""
    points = path_of(tmp_path, "simultaneous", 200)
    expected = START
    for point in points:
        expected *= complex(1, LR)
        assert abs(point - expected) < 1e-12 * abs(expected)
    growth = abs(points[-1]) / abs(points[0])
    assert growth == pytest.approx(math.sqrt(1 + LR**2) ** 199, rel=1e-10)
    assert growth > 2.5


def test_extragradient_comes_to_the_equilibrium_by_its_known_rate(tmp_path):
    """z' = (1 - lr^2 + i lr) z: the step from z by the gradient at (1 + i lr) z; arXiv:1802.10551."""
    points = path_of(tmp_path, "extragradient", 300)
    expected = START
    for point in points:
        expected *= complex(1 - LR**2, LR)
        assert abs(point - expected) < 1e-11 * abs(expected)
    rate = abs(points[-1]) / abs(points[-2])
    assert rate == pytest.approx(math.sqrt((1 - LR**2) ** 2 + LR**2), rel=1e-10)
    assert abs(points[-1]) < 0.3 * abs(START)


def test_lookahead_cuts_turns_short_by_its_known_map(tmp_path):
    """z' = (1 - alpha) z + alpha M^k z, M one alternating step; arXiv:2006.14567. Alternating alone stays where it is."""
    points = path_of(tmp_path, "lookahead", 300)
    turn = torch.tensor([[1.0, -LR], [LR, 1 - LR**2]], dtype=torch.float64)
    chord = 0.5 * torch.eye(2).double() + 0.5 * torch.linalg.matrix_power(turn, 5)
    expected = torch.tensor([START.real, START.imag], dtype=torch.float64)
    for number in range(4, 300, 5):
        expected = chord @ expected
        assert points[number].real == pytest.approx(float(expected[0]), abs=1e-12)
        assert points[number].imag == pytest.approx(float(expected[1]), abs=1e-12)
    assert abs(points[-1]) < 0.2 * abs(START)


def test_a_stopped_game_of_lookahead_goes_on_to_the_same_bits(tmp_path):
    whole, _, path = player(tmp_path / "whole", "lookahead", 12, rule="adam")
    whole.run()
    stopped, _, _ = player(tmp_path / "stopped", "lookahead", 12, rule="adam")
    stop = SimpleNamespace(name="stop", after_step=lambda t: setattr(t, "interrupted", t.n_steps == 7))
    stopped.hooks.append(stop)
    stopped.run()
    resumed, _, after = player(tmp_path / "stopped", "lookahead", 12, rule="adam")
    resumed.load_state_dict(stopped.state_dict())
    resumed.run()
    assert after.points == path.points[7:]


@pytest.mark.parametrize("repeat", [1, 3])
def test_alternating_has_the_bits_of_a_plain_loop(tmp_path, repeat):
    points = path_of(tmp_path, "alternating", 300, repeat=repeat)
    x, y = Scalar(1.0), Scalar(0.5)
    descent, ascent = (torch.optim.SGD(each.parameters(), LR) for each in (x, y))
    for point in points:
        descent.zero_grad()
        (x.value * y.value.detach()).backward()
        descent.step()
        for _ in range(repeat):
            ascent.zero_grad()
            (-x.value.detach() * y.value).backward()
            ascent.step()
        assert point == complex(x.value.item(), y.value.item())
    if repeat == 1:  # neither leaves nor comes: x^2 + y^2 + lr xy is constant
        sizes = [abs(point) for point in points]
        assert max(sizes) < 1.2 * abs(START)
        assert min(sizes) > 0.8 * abs(START)


def test_a_lazy_update_is_played_in_its_own_steps_and_weighs_as_many_times_more(tmp_path):
    points = path_of(tmp_path, "alternating", 9, every=3)
    x, y = 1.0, 0.5
    for step, point in enumerate(points):
        x -= LR * y
        y += 3 * LR * x if step % 3 == 0 else 0.0
        assert point == pytest.approx(complex(x, y), rel=1e-12)


def test_networks_of_other_names_play_the_roles_of_an_update(tmp_path):
    trainer, _, _ = player(tmp_path, "alternating", 1, names=("painter", "critic"))
    trainer.run()
    x = 1.0 - LR * 0.5
    assert trainer.networks["painter"].value.item() == pytest.approx(x, rel=1e-12)
    assert trainer.networks["critic"].value.item() == pytest.approx(0.5 + LR * x, rel=1e-12)


# ---- batches, and what settles ----


@pytest.mark.parametrize(
    ("play", "repeat", "generator", "discriminator"),
    [
        ("alternating", 1, [0], [0]),
        ("alternating", 3, [0], [0, 1, 2]),
        ("simultaneous", 1, [0], [0]),
        ("extragradient", 1, [0, 1], [0, 1]),
    ],
)
def test_which_real_batches_an_update_sees(tmp_path, play, repeat, generator, discriminator):
    trainer, objectives, _ = player(tmp_path, play, 2, repeat=repeat)
    n_batches = max(generator + discriminator) + 1
    whole = player(tmp_path, play, 2, repeat=repeat)[0]
    batches = [whole.sampler.take(2).tolist() for _ in range(2 * n_batches)]
    trainer.run()
    for objective, numbers in zip(objectives, (generator, discriminator), strict=True):
        expected = [batches[step * n_batches + number] for step in range(2) for number in numbers]
        assert objective.batches == expected
    assert trainer.samples_seen == 2 * 2 * n_batches
    assert trainer.step_samples == 2 * n_batches


@pytest.mark.parametrize(
    ("play", "expected"),
    [
        # the loss that it was stepped by, and x when it settles
        ("alternating", [((0.5, 0.95),), ((-0.95 * 0.5, 0.95),)]),
        ("simultaneous", [((0.5, 0.95),), ((-0.5, 0.95),)]),
        # at (1 - lr 0.5, 0.5 + lr 1)
        ("extragradient", [((0.95 * 0.6, 0.94),), ((-0.95 * 0.6, 0.94),)]),
    ],
)
def test_an_objective_settles_once_per_update_after_the_step(tmp_path, play, expected):
    trainer, objectives, _ = player(tmp_path, play, 1)
    seen = []
    hook = SimpleNamespace(after_update=lambda trainer, update, outcome: seen.append(update.name))
    trainer.hooks.append(hook)
    trainer.run()
    for objective, settled in zip(objectives, expected, strict=True):
        assert len(objective.settled) == 1
        for got, stated in zip(objective.settled, settled, strict=True):
            assert got == pytest.approx(stated, rel=1e-12)
    assert seen == ["generator", "discriminator"]


def test_moments_of_an_extragradient_step_follow_both_gradients(tmp_path):
    """arXiv:1802.10551, algorithm 4; and the parameters start from where they stood."""
    trainer, _, path = player(tmp_path, "extragradient", 1, rule="adam")
    trainer.run()
    states = [next(iter(each.inner.state.values())) for each in trainer.optimisers.values()]
    assert [int(state["step"]) for state in states] == [2, 2]
    # x's gradients: y = 0.5, then y + lr (Adam's first direction of any gradient g is sign g)
    square = 0.99 * 0.01 * 0.5**2 + 0.01 * 0.6**2
    step = LR * 0.6 / math.sqrt(square / (1 - 0.99**2))
    assert path.points[0].real == pytest.approx(1.0 - step, rel=1e-6)


@pytest.mark.parametrize(
    ("play", "share"), [("alternating", 4 / 5), ("simultaneous", 1.0), ("extragradient", 1.0)]
)
def test_a_lazy_penalty_slows_the_rate_only_where_it_is_a_step_of_its_own(tmp_path, play, share):
    training = {"play": play, "penalties": [{"name": "r1", "weight": 1.0, "every": 4}]}
    raw = {"modality": "ring", "device": "cpu", "architecture": {"name": "perceptron"}, "training": training}
    trainer = assemble(RING, load(RunSettings, raw, "test"), Ring(64), tmp_path)
    rates = {name: each.lr_at(0) for name, each in trainer.optimisers.items()}
    assert rates == pytest.approx({"generator": 0.002, "discriminator": 0.002 * share})


# ---- the game's copy ----


def test_a_copy_of_a_game_shares_nothing():
    class Augment(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("p", torch.tensor(0.25))

        def forward(self, samples):
            return samples * self.p

    networks = {
        "generator": nn.Linear(2, 2),
        "discriminator": nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)),
    }
    game = Game(networks, Augment(), nullcontext, compiled={"generator": networks["generator"]})
    before = {name: [t.clone() for t in each.state_dict().values()] for name, each in networks.items()}
    copy = game.copy()
    assert copy.networks.keys() == networks.keys()
    assert not copy.compiled
    for name, network in copy.networks.items():
        for own, other in zip(network.state_dict().values(), before[name], strict=True):
            assert torch.equal(own, other)
    copy.augment.p.fill_(1.0)
    for network in copy.networks.values():
        optimiser = torch.optim.SGD(network.parameters(), 1.0)
        network(torch.randn(8, 2)).square().sum().backward()
        optimiser.step()
    assert float(game.augment.p) == 0.25
    for name, network in networks.items():
        assert all(p.grad is None for p in network.parameters())
        for own, other in zip(network.state_dict().values(), before[name], strict=True):
            assert torch.equal(own, other)
    players = copy.players()
    assert players.generator is copy.networks["generator"]
    assert game.players().generator is networks["generator"]


@pytest.mark.parametrize("name", list(PLAYS))
def test_every_play_has_its_name_and_source(name):
    assert PLAYS[name].name == name
    assert "arXiv:" in PLAYS[name].paper
