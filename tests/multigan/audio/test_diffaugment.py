"""DiffAugment in one dimension: each transform against what it says it does, for waveforms and spectrograms."""

import pytest
import torch

from multigan.audio.diffaugment import DiffAugment, cutout, gain, translation
from multigan.errors import ConfigError

SHAPES = [(64, 1, 40), (64, 6, 40), (64, 1, 5, 40)]


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("shape", SHAPES)
def test_gain_is_one_factor_a_sample_between_a_half_and_three_halves(shape):
    sounds = torch.rand(shape) + 0.5
    factors = (gain(sounds) / sounds).flatten(1)
    torch.testing.assert_close(factors, factors[:, :1].expand_as(factors))
    assert 0.5 <= float(factors.min()) < 0.6
    assert 1.4 < float(factors.max()) <= 1.5


@pytest.mark.parametrize("shape", SHAPES)
def test_translation_shifts_each_sample_by_up_to_an_eighth_and_brings_zeros_in(shape):
    sounds = torch.rand(shape) + 1
    shifts = set()
    for before, after in zip(sounds, translation(sounds), strict=True):
        found = [shift for shift in range(-5, 6) if torch.equal(after, shifted(before, shift))]
        assert len(found) == 1
        shifts.update(found)
    assert shifts == set(range(-5, 6))


def shifted(sound, shift):
    moved = torch.zeros_like(sound)
    length = sound.shape[-1]
    moved[..., max(0, shift) : length + min(0, shift)] = sound[..., max(0, -shift) : length - max(0, shift)]
    return moved


@pytest.mark.parametrize("shape", SHAPES)
def test_cutout_zeroes_one_stretch_of_a_quarter_in_all_channels(shape):
    zeroed = cutout(torch.ones(shape)) == 0
    rows = zeroed.flatten(1, -2)
    assert torch.equal(rows, rows[:, :1].expand_as(rows))
    lengths = rows[:, 0].sum(1)
    assert int(lengths.max()) == 10
    assert int(lengths.min()) >= 5  # half of it beyond an end
    assert all(int(row.int().diff().abs().sum()) <= 2 for row in rows[:, 0])  # one stretch


def test_gradients_flow_through_twice():
    sounds = torch.rand(4, 1, 40, requires_grad=True)
    (slope,) = torch.autograd.grad(DiffAugment()(sounds).square().sum(), sounds, create_graph=True)
    (second,) = torch.autograd.grad(slope.square().sum(), sounds)
    assert bool(second.isfinite().all())
    assert float(second.abs().max()) > 0


def test_kinds_that_are_left_out_change_nothing():
    sounds = torch.rand(4, 1, 40) + 1
    assert torch.equal(DiffAugment(())(sounds), sounds)
    louder = DiffAugment(("gain",))(sounds)
    assert torch.equal(louder != 0, sounds != 0)
    assert not torch.equal(louder, sounds)
    with pytest.raises(ConfigError, match=r"no kind of augmentation named 'gian'\. Did you mean 'gain'"):
        DiffAugment(("gian",))
