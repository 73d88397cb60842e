"""The moving average: its half-life in closed form, ramp-up, buffers, and resuming."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from multigan.errors import ConfigError, TrainingError
from multigan.training.hooks.ema import ExponentialMovingAverage


class World:
    """The part of a trainer that the hook reads."""

    def __init__(self, network, step_samples=10):
        self.networks, self.step_samples, self.samples_seen = {"generator": network}, step_samples, 0
        self.updated = {"generator"}

    def step(self, hook):
        self.samples_seen += self.step_samples
        hook.after_step(self)


def started(network, **settings):
    hook, world = ExponentialMovingAverage(**settings), World(network)
    hook.on_start(world)
    return hook, world


def filled(value):
    network = nn.Linear(3, 2)
    for parameter in network.parameters():
        nn.init.constant_(parameter, value)
    return network


def test_after_a_half_life_half_the_distance_remains():
    hook, world = started(filled(0.0), half_life_samples=200, ramp_up=None)
    for parameter in world.networks["generator"].parameters():
        nn.init.constant_(parameter, 8.0)
    for expected in (4.0, 6.0, 7.0):
        for _ in range(20):  # 20 steps of 10 samples
            world.step(hook)
        for average in hook.network.parameters():
            torch.testing.assert_close(average, torch.full_like(average, expected))


def test_the_half_life_does_not_depend_on_the_batch():
    averages = []
    for step_samples, steps in ((5, 60), (50, 6)):
        hook, world = started(filled(1.0), half_life_samples=300, ramp_up=None)
        world.step_samples = step_samples
        nn.init.constant_(world.networks["generator"].weight, 3.0)
        for _ in range(steps):
            world.step(hook)
        averages.append(hook.network.weight)
    torch.testing.assert_close(averages[0], averages[1])
    torch.testing.assert_close(averages[0], torch.full_like(averages[0], 2.0))


def test_the_ramp_up_shortens_the_half_life_early_and_only_then():
    hook, world = started(filled(0.0), half_life_samples=100, ramp_up=0.5)
    nn.init.constant_(world.networks["generator"].weight, 1.0)
    distance = 1.0
    for step in range(1, 41):
        world.step(hook)
        distance *= 0.5 ** (10 / min(100.0, 0.5 * 10 * step))
        torch.testing.assert_close(hook.network.weight, torch.full((2, 3), 1 - distance))


def test_the_default_ramp_up_forgets_the_first_step():
    """samples_seen 10 * 0.05 = half a sample: beta = 0.5 ** 20."""
    hook, world = started(filled(0.0))
    nn.init.constant_(world.networks["generator"].weight, 1.0)
    world.step(hook)
    torch.testing.assert_close(hook.network.weight, torch.full((2, 3), 1 - 0.5**20))


def test_buffers_are_copied_not_averaged():
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    hook, world = started(network, half_life_samples=1e9, ramp_up=None)
    before = [parameter.clone() for parameter in hook.network.parameters()]
    network(torch.randn(16, 3) + 5)
    with torch.no_grad():
        network[0].weight += 1
    world.step(hook)
    for name, buffer in network.named_buffers():
        assert torch.equal(dict(hook.network.named_buffers())[name], buffer), name
    assert int(hook.network[1].num_batches_tracked) == 1
    for old, new in zip(before, hook.network.parameters(), strict=True):
        torch.testing.assert_close(old, new, atol=1e-6, rtol=1e-6)


def test_the_copy_is_apart_in_eval_mode_and_without_gradient():
    network = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5)).train()
    hook, _ = started(network)
    assert network.training
    assert not any(module.training for module in hook.network.modules())
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert not any(parameter.requires_grad for parameter in hook.network.parameters())
    assert {p.data_ptr() for p in network.parameters()}.isdisjoint(
        p.data_ptr() for p in hook.network.parameters()
    )


def test_a_network_without_parameters_or_buffers_does_no_harm():
    hook, world = started(nn.Identity())
    world.step(hook)
    assert hook.state_dict() == {}


def run(hook, world, steps, first=0):
    for step in range(first, first + steps):
        with torch.no_grad():
            for parameter in world.networks["generator"].parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(step)))
        world.step(hook)


def test_resuming_equals_going_on_bit_for_bit():
    straight, straight_world = started(filled(0.0), half_life_samples=50)
    run(straight, straight_world, 9)
    first, first_world = started(filled(0.0), half_life_samples=50)
    run(first, first_world, 4)
    state = {name: tensor.clone() for name, tensor in first.state_dict().items()}
    second, second_world = started(filled(7.0), half_life_samples=50)
    second.load_state_dict(state)
    second_world.samples_seen = first_world.samples_seen
    second.on_start(second_world)  # starting the loop again keeps the copy
    run(second, second_world, 5, first=4)
    for name, tensor in straight.state_dict().items():
        assert torch.equal(second.state_dict()[name], tensor), name


def test_names_and_errors():
    hook = ExponentialMovingAverage("discriminator")
    assert hook.name == "ema_discriminator"
    with pytest.raises(TrainingError, match="discriminator has no copy yet"):
        _ = hook.network
    hook.on_start(SimpleNamespace(networks={"discriminator": filled(0.0)}))
    assert isinstance(hook.network, nn.Linear)
    for settings in ({"half_life_samples": 0}, {"ramp_up": 0.0}):
        with pytest.raises(ConfigError, match="above 0"):
            ExponentialMovingAverage(**settings)


def test_steps_that_leave_the_network_as_it_was_leave_the_average():
    """While the discriminator trains alone, the average of the generator must not become its last state."""
    world = World(filled(0.0))
    hook = ExponentialMovingAverage("generator", half_life_samples=10, ramp_up=None)
    hook.on_start(world)
    world.networks["generator"].weight.data.fill_(1.0)
    world.updated = {"discriminator"}
    world.step(hook)
    assert torch.equal(hook.network.weight, torch.zeros_like(hook.network.weight))
    world.updated = {"generator", "discriminator"}
    world.step(hook)
    torch.testing.assert_close(hook.network.weight, torch.full_like(hook.network.weight, 0.5))
