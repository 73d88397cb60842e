"""The field, its Jacobian's eigenvalues and the path by hand, on min max xy and on networks."""

import math

import numpy as np
import pytest
import torch

from multigan.training.monitors.field import field, motion, path, ritz_values, spectrum
from multigan.training.monitors.samples import energy_distance, fieller, modes_of
from multigan.training.monitors.watch import wilson
from tests.multigan.training.monitors.test_gaps import Vector, game_of, watch_of


def product(x, y):
    return (x * y).sum()


def damped(x, y):
    """x^2/4 + xy - y^2/4: the Jacobian of the field (x/2 + y, -x + y/2) has the eigenvalues 1/2 +- i."""
    return (x * x / 4 + x * y - y * y / 4).sum()


def test_the_field_holds_each_players_gradient_by_its_own_loss():
    watch = watch_of(product)
    found = field(game_of(Vector(2.0), Vector(-3.0)), watch, watch.training_batch(0))
    assert found["generator"].tolist() == [-3.0]
    assert found["discriminator"].tolist() == [-2.0]


def test_eigenvalues_of_games_that_turn():
    for value, real, imaginary in ((product, 0.0, 1.0), (damped, 0.5, 1.0)):
        found = spectrum(game_of(Vector(1.0), Vector(0.5)), watch_of(value))
        assert found["lowest_real"] == pytest.approx(real, abs=1e-7)
        assert found["highest_imaginary"] == pytest.approx(imaginary, abs=1e-7)
        assert found["largest"] == pytest.approx(math.hypot(real, imaginary), abs=1e-7)
        assert found["steps"] == 2


def test_arnoldi_finds_the_outermost_eigenvalues_of_a_large_matrix():
    drawn = np.random.default_rng(0)
    inner = drawn.uniform(-1, 1, 60)
    matrix = torch.from_numpy(np.diag([*inner, 0.0, 0.0]))
    matrix[60:, 60:] = torch.tensor([[2.0, 5.0], [-5.0, 2.0]])
    turn = torch.linalg.qr(torch.from_numpy(drawn.standard_normal((62, 62))))[0]
    whole = turn @ matrix @ turn.T
    values = ritz_values(lambda v: whole @ v, torch.from_numpy(drawn.standard_normal(62)), 20)
    outermost = values[values.abs().argmax()]
    assert float(outermost.real) == pytest.approx(2.0, abs=1e-6)
    assert abs(float(outermost.imag)) == pytest.approx(5.0, abs=1e-6)


def test_motion_by_hand():
    before = {"generator": [torch.tensor([4.0])], "discriminator": [torch.tensor([-3.0])]}
    found = motion(game_of(Vector(3.0), Vector(-3.0)), watch_of(product, before=before))
    assert found["generator_gradient"] == 3.0
    assert found["generator_update"] == pytest.approx(1 / 3)
    assert found["discriminator_update"] == 0.0


def ring(n):
    """Once round and on: n points of a circle of 8."""
    angles = [2 * math.pi * i / 8 for i in range(n)]
    return [{"generator": torch.tensor([math.cos(a)]).double(), "discriminator": torch.tensor([math.sin(a)]).double()}
            for a in angles]  # fmt: skip


def test_a_path_that_goes_round_comes_back():
    *past, here = ring(9)
    game = game_of(Vector(float(here["generator"])), Vector(float(here["discriminator"])))
    found = path(game, watch_of(product, past=past))
    assert found["return"] == pytest.approx(0, abs=1e-6)
    assert found["turn"] == pytest.approx(math.cos(2 * math.pi / 8))
    # the field is at right angles to the radius: along a chord, at its end, by half the angle
    assert abs(found["angle_end"]) == pytest.approx(math.cos(math.pi / 8), abs=1e-6)


def test_a_path_that_goes_straight_does_not():
    past = [
        {"generator": torch.tensor([float(i)]).double(), "discriminator": torch.zeros(1).double()}
        for i in range(8)
    ]
    found = path(game_of(Vector(8.0), Vector(0.0)), watch_of(product, past=past))
    assert found["return"] > 1
    assert found["turn"] == pytest.approx(1)
    assert found["angle_end"] == pytest.approx(0, abs=1e-12)


# ---- statistics ----


def test_wilson_by_hand():
    """0 of 10: [0, z^2 / (n + z^2)]."""
    low, high = wilson(0, 10)
    assert low == pytest.approx(0, abs=1e-12)
    assert high == pytest.approx(1.959964**2 / (10 + 1.959964**2))


def test_fieller_covers_the_ratio_in_95_percent_of_draws():
    drawn = np.random.default_rng(0)
    inside, n = 0, 4000
    for _ in range(n):
        train, held_out, fake = drawn.normal((1.0, 0.6, 0.0), 0.1)
        low, high = fieller((train, 0.1), (held_out, 0.1), (fake, 0.1))
        inside += low <= 0.4 <= high
    assert 0.94 < inside / n < 0.96


def test_fieller_knows_nothing_where_training_samples_look_like_fakes():
    assert fieller((0.0, 0.1), (0.1, 0.1), (0.05, 0.1)) == (-math.inf, math.inf)


def test_energy_distance_by_hand_and_of_equal_laws():
    """Of two points each: 2 (1+3+0+2)/4 - 2 (1)/2... by the definition, without the pairs of a sample with itself."""
    real, fake = torch.tensor([[0.0], [1.0]]).double(), torch.tensor([[1.0], [3.0]]).double()
    assert energy_distance(real, fake)[0] == pytest.approx(2 * (1 + 3 + 0 + 2) / 4 - 1 - 2)
    source = torch.Generator().manual_seed(0)
    same = [energy_distance(*torch.randn(2, 300, 3, generator=source).double()) for _ in range(40)]
    assert sum(abs(value) > 1.96 * error for value, error in same) <= 8
    assert abs(float(np.mean([value for value, _ in same]))) < 0.005


def test_modes_by_hand():
    found = modes_of(np.array([100, 100, 100, 0]), 400)
    assert found == {"modes": 3.0, "modes_of": 4.0, "modes_lost": 1.0, "good": 0.75}
    assert modes_of(np.array([9, 10, 11, 0]), 40)["modes_lost"] == 0  # too few to know
