"""Every optimiser against torch's own or a plain loop; limits, ramps, and what lazy updates change."""

import math

import pytest
import torch
from torch import nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.ramps import Ramp
from multigan.training.optimisers import OPTIMISERS, Optimiser, clip_weights, lazy_correction

N_STEPS = 6


def network(value=None):
    torch.manual_seed(0)
    made = nn.Linear(3, 2).double()
    if value is not None:
        for parameter in made.parameters():
            nn.init.constant_(parameter, value)
    return made


def gradients(step):
    """Those of one step, for a weight [2, 3] and a bias [2]."""
    random_state = torch.Generator().manual_seed(step)
    return [torch.randn(shape, generator=random_state, dtype=torch.float64) for shape in ((2, 3), (2,))]


def optimiser(layer, name, total_samples=1000, intervals=(), **own):
    rule = OPTIMISERS[name]
    return Optimiser([layer], rule, load(rule.settings, own, "test"), total_samples, intervals)


def stepped(layer, optimiser, steps=range(N_STEPS), samples=lambda step: 0):
    for step in steps:
        optimiser.clear()
        for parameter, gradient in zip(layer.parameters(), gradients(step), strict=True):
            parameter.grad = gradient
        optimiser.step(samples(step))
    return layer.state_dict()


TORCHS = {
    "adam": ({"lr": 0.01, "betas": [0.5, 0.9]}, lambda p: torch.optim.Adam(p, 0.01, (0.5, 0.9), eps=1e-8)),
    "rmsprop": ({"lr": 0.01, "alpha": 0.9}, lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9)),
    "sgd": ({"lr": 0.01, "momentum": 0.7}, lambda p: torch.optim.SGD(p, 0.01, momentum=0.7)),
}


@pytest.mark.parametrize("name", TORCHS)
def test_the_rules_of_torch(name):
    own, make = TORCHS[name]
    ours, theirs = network(), network()
    stepped(ours, optimiser(ours, name, **own))
    plain = make(theirs.parameters())
    for step in range(N_STEPS):
        for parameter, gradient in zip(theirs.parameters(), gradients(step), strict=True):
            parameter.grad = gradient
        plain.step()
    assert not torch.allclose(ours.weight, network().weight)
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-13, atol=1e-15)


def adam_directions(betas, eps=1e-8):
    """Adam's direction of each step (arXiv:1412.6980, algorithm 1), for the weight."""
    mean = square = torch.zeros(2, 3, dtype=torch.float64)
    for t in range(1, N_STEPS + 1):
        gradient = gradients(t - 1)[0]
        mean = betas[0] * mean + (1 - betas[0]) * gradient
        square = betas[1] * square + (1 - betas[1]) * gradient**2
        yield mean / (1 - betas[0] ** t) / ((square / (1 - betas[1] ** t)).sqrt() + eps)


@pytest.mark.parametrize("betas", [(0.0, 0.99), (0.5, 0.9)])
def test_adam_by_its_formula(betas):
    layer = network()
    expected = layer.weight.detach().clone() - 0.01 * sum(adam_directions(betas))
    stepped(layer, optimiser(layer, "adam", lr=0.01, betas=list(betas)))
    torch.testing.assert_close(layer.weight.detach(), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("betas", [(0.0, 0.99), (0.5, 0.9)])
def test_optimistic_adam_by_its_formula_step_by_step(betas):
    """theta_t = theta_(t-1) - 2 eta u_t + eta u_(t-1), u_0 = 0; arXiv:1711.00141, algorithm 1."""
    layer = network()
    own = optimiser(layer, "optimistic_adam", lr=0.01, betas=list(betas))
    expected, before = layer.weight.detach().clone(), 0.0
    for step, direction in enumerate(adam_directions(betas)):
        expected = expected - 2 * 0.01 * direction + 0.01 * before
        before = direction
        stepped(layer, own, [step])
        torch.testing.assert_close(layer.weight.detach(), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("betas", [(0.0, 0.99), (0.5, 0.9)])
def test_adamw_shrinks_weights_by_its_formula_and_leaves_biases(betas):
    """theta_t = (1 - eta lambda) theta_(t-1) - eta u_t; arXiv:1711.05101, algorithm 2."""
    layer, plain = network(), network()
    expected = layer.weight.detach().clone()
    for direction in adam_directions(betas):
        expected = (1 - 0.01 * 0.4) * expected - 0.01 * direction
    stepped(layer, optimiser(layer, "adamw", lr=0.01, betas=list(betas), weight_decay=0.4))
    stepped(plain, optimiser(plain, "adam", lr=0.01, betas=list(betas)))
    torch.testing.assert_close(layer.weight.detach(), expected, rtol=1e-12, atol=1e-13)
    assert torch.equal(layer.bias, plain.bias)


# ---- rates ----


@pytest.mark.parametrize("name", list(OPTIMISERS))
def test_a_rate_may_be_a_ramp_over_samples(name):
    """Twice the rate, twice the way: with one gradient only, so that no moments come between."""
    ways = {}
    for samples in (0, 500, 750, 1000, 5000):
        layer = network()
        own = optimiser(layer, name, lr={"start": 0.02})
        stepped(layer, own, [0], lambda step, samples=samples: samples)
        ways[samples] = network().weight - layer.weight
    assert float(ways[0].detach().abs().min()) > 0
    for samples, share in ((500, 0.5), (750, 0.25), (1000, 0.0), (5000, 0.0)):
        torch.testing.assert_close(ways[samples], share * ways[0], rtol=1e-9, atol=1e-12)


def test_the_rate_of_the_moment_is_told():
    own = optimiser(network(), "sgd", intervals=[4], lr={"start": 0.1, "over": 100})
    assert own.lr_at(0) == pytest.approx(0.08)
    assert own.lr_at(50) == pytest.approx(0.04)
    assert own.inner.param_groups[0]["lr"] == pytest.approx(0.04)


# ---- limits ----


def way(gradient, **own):
    """How far SGD goes with a rate of 1 for this gradient of the weight and none of the bias."""
    layer = network(0.0)
    steps = optimiser(layer, "sgd", lr=1.0, **own)
    layer.weight.grad, layer.bias.grad = gradient.clone(), torch.zeros(2, dtype=torch.float64)
    steps.step(0)
    return -layer.weight.detach()


def test_a_gradient_is_cut_to_its_norm_and_left_below_it():
    gradient = torch.tensor([[3.0, 0.0, 0.0], [0.0, 4.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(way(gradient), gradient)
    torch.testing.assert_close(way(gradient, clip_gradient=1.0), gradient / 5, rtol=1e-5, atol=0)
    torch.testing.assert_close(way(gradient, clip_gradient=5.1), gradient)


def test_the_norm_is_that_of_all_parameters_of_all_networks():
    layers = [network(0.0), network(0.0)]
    rule = OPTIMISERS["sgd"]
    own = Optimiser(layers, rule, load(rule.settings, {"lr": 1.0, "clip_gradient": 1.0}, "test"), 1)
    layers[0].weight.grad = torch.full((2, 3), 3 / math.sqrt(6), dtype=torch.float64)  # norm 3
    layers[1].bias.grad = torch.full((2,), 4 / math.sqrt(2), dtype=torch.float64)  # norm 4
    own.step(0)
    assert float(layers[0].weight.detach().norm()) == pytest.approx(3 / 5, rel=1e-5)
    assert float(layers[1].bias.detach().norm()) == pytest.approx(4 / 5, rel=1e-5)


@pytest.mark.parametrize("name", list(OPTIMISERS))
def test_weights_are_kept_in_a_box_after_each_step_of_their_own_optimiser_only(name):
    critic, generator = network(0.0), network(5.0)
    with torch.no_grad():
        critic.weight.copy_(torch.tensor([[-3.0, 0.005, 2.0], [0.0, 0.0, -0.5]]))
    clipping, other = (
        optimiser(critic, name, lr=1e-9, clip_weights=0.01),
        optimiser(generator, name, lr=1e-9),
    )
    stepped(generator, other, [0])
    assert critic.weight[0, 0] == -3.0
    stepped(critic, clipping, [0])
    expected = torch.tensor([[-0.01, 0.005, 0.01], [0.0, 0.0, -0.01]], dtype=torch.float64)
    torch.testing.assert_close(critic.weight.detach(), expected, atol=1e-7, rtol=0)
    torch.testing.assert_close(generator.weight.detach(), torch.full_like(expected, 5.0), atol=1e-7, rtol=0)


def test_clipping_leaves_buffers_alone():
    module = nn.BatchNorm1d(2)
    module.running_mean.fill_(7.0)
    clip_weights(module.parameters(), 0.5)
    assert module.weight.tolist() == [0.5, 0.5]
    assert module.running_mean.tolist() == [7.0, 7.0]


# ---- lazy updates ----


def test_lazy_correction_by_hand():
    """k / (k + 1) for one penalty of every k-th step (arXiv:1912.04958, appendix B); 1 without any."""
    assert lazy_correction([]) == 1
    assert lazy_correction([16]) == pytest.approx(16 / 17)
    assert lazy_correction([4, 8]) == pytest.approx(1 / (1 + 1 / 4 + 1 / 8))


def test_lazy_updates_slow_rates_and_memories():
    correction = 4 / 5
    adam = optimiser(network(), "adam", intervals=[4], lr=0.1, betas=[0.5, 0.9]).inner.param_groups[0]
    assert adam["lr"] == pytest.approx(0.1 * correction)
    assert adam["betas"] == pytest.approx((0.5**correction, 0.9**correction))
    optimistic = optimiser(network(), "optimistic_adam", intervals=[4], lr=0.1, betas=[0.0, 0.9])
    assert optimistic.inner.param_groups[0]["betas"] == pytest.approx((0.0, 0.9**correction))
    rmsprop = optimiser(network(), "rmsprop", intervals=[4], lr=0.1, alpha=0.9).inner.param_groups[0]
    assert (rmsprop["lr"], rmsprop["alpha"]) == pytest.approx((0.1 * correction, 0.9**correction))
    sgd = optimiser(network(), "sgd", intervals=[4], lr=0.1, momentum=0.5).inner.param_groups[0]
    assert (sgd["lr"], sgd["momentum"]) == pytest.approx((0.1 * correction, 0.5**correction))
    plain = optimiser(network(), "adam", lr=0.1, betas=[0.5, 0.9]).inner.param_groups[0]
    assert (plain["lr"], *plain["betas"]) == (0.1, 0.5, 0.9)


# ---- state ----


@pytest.mark.parametrize("name", list(OPTIMISERS))
def test_a_resumed_optimiser_goes_on_with_the_same_bits(name):
    own = {"lr": {"start": 0.02}, **({"momentum": 0.5} if name == "sgd" else {})}
    straight, resumed = network(), network()
    whole = stepped(straight, optimiser(straight, name, **own), samples=lambda step: 100 * step)
    first = optimiser(resumed, name, **own)
    stepped(resumed, first, range(3), lambda step: 100 * step)
    second = optimiser(resumed, name, **own)
    second.load_state_dict(first.state_dict())
    stepped(resumed, second, range(3, N_STEPS), lambda step: 100 * step)
    assert all(torch.equal(whole[key], resumed.state_dict()[key]) for key in whole)


def test_rates_and_memories_are_settings_and_not_state():
    before = optimiser(network(), "adam", lr=0.1, betas=[0.5, 0.9])
    after = optimiser(network(), "adam", lr=0.3, betas=[0.0, 0.99])
    after.load_state_dict(before.state_dict())
    group = after.inner.param_groups[0]
    assert (group["lr"], *group["betas"]) == (0.3, 0.0, 0.99)


def test_where_a_ramp_ended_is_no_state():
    """A checkpoint after the end of a stage is the same, whether or not the run was resumed since."""
    layer = network()
    undisturbed = optimiser(layer, "adam", lr={"start": 0.1})
    stepped(layer, undisturbed, samples=lambda step: 100 * step)
    resumed = optimiser(network(), "adam", lr={"start": 0.1})
    resumed.load_state_dict(undisturbed.state_dict())
    before, after = undisturbed.state_dict(), resumed.state_dict()
    assert before.keys() == after.keys()
    assert repr(before) == repr(after)


# ---- settings ----


@pytest.mark.parametrize("limit", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("which", ["clip_gradient", "clip_weights"])
@pytest.mark.parametrize("name", list(OPTIMISERS))
def test_a_limit_that_limits_nothing_is_refused(name, which, limit):
    with pytest.raises(ValueError, match=f"{which} is above 0, or null for none, found"):
        OPTIMISERS[name].settings(**{which: limit})


@pytest.mark.parametrize("lr", [0.0, -0.1, math.nan, math.inf, Ramp(start=-0.1), Ramp(start=0.0)])
@pytest.mark.parametrize("name", list(OPTIMISERS))
def test_a_rate_that_is_none_is_refused(name, lr):
    with pytest.raises(ValueError, match="lr is above 0"):
        OPTIMISERS[name].settings(lr=lr)


@pytest.mark.parametrize(
    ("name", "own", "message"),
    [
        ("adam", {"betas": [0.0, 1.0]}, "each of betas is at least 0 and below 1, found 1.0"),
        ("optimistic_adam", {"betas": [-0.1, 0.9]}, "each of betas is at least 0 and below 1, found -0.1"),
        ("rmsprop", {"alpha": 1.0}, "alpha is at least 0 and below 1, found 1.0"),
        ("sgd", {"momentum": 1.0}, "momentum is at least 0 and below 1, found 1.0"),
        ("sgd", {"betas": [0.0, 0.9]}, "no setting named 'betas'"),
    ],
)
def test_settings_that_cannot_be_are_one_sentence(name, own, message):
    with pytest.raises(ConfigError) as caught:
        load(OPTIMISERS[name].settings, own, "test")
    assert message in str(caught.value)


@pytest.mark.parametrize("name", list(OPTIMISERS))
def test_every_rule_has_its_name_and_source(name):
    assert OPTIMISERS[name].name == name
    assert OPTIMISERS[name].paper


def test_betas_may_be_ramps_and_are_corrected_for_lazy_updates():
    beta2 = {"shape": "cosine", "start": 0.9, "end": 0.99}
    own = optimiser(network(), "adam", 100, (4,), betas=[0.5, beta2])
    for samples, expected in ((0, 0.9), (50, 0.945), (100, 0.99), (900, 0.99)):
        own.lr_at(samples)
        found = own.inner.param_groups[0]["betas"]
        assert found == pytest.approx((0.5 ** (4 / 5), expected ** (4 / 5)))
    with pytest.raises(ConfigError, match=r"each of betas is at least 0 and below 1, found 1\.0"):
        optimiser(network(), "adam", betas=[0.0, {"start": 0.9, "end": 1.0}])
