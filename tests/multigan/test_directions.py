"""Directions of styles: each way against a case whose answer is known."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from multigan.directions import (
    Direction,
    boundary,
    difference,
    of_label,
    principal,
    require_styles,
    sefa,
    shift_of,
    style_layers,
    unsupervised,
)
from multigan.errors import ConfigError
from multigan.image.settings import ImageSampling
from multigan.layers import Linear
from multigan.sampling_settings import parse_strengths
from tests.worlds.untrained import untrained

E = torch.eye(3, dtype=torch.float64)


class Styled(nn.Module):
    """A generator whose styles are its latents, heard by two layers whose weights are diagonal."""

    def __init__(self, gains=((3.0, 1.0, 0.0), (0.0, 0.0, 2.0))):
        super().__init__()
        self.first, self.second = nn.Module(), nn.Module()
        for part, own in zip((self.first, self.second), gains, strict=True):
            part.affine = Linear(3, 3)
            with torch.no_grad():
                part.affine.weight.copy_(torch.diag(torch.tensor(own)))

    def latent(self, n, random_state=None):
        return torch.randn(n, 3, generator=random_state)

    def mapping(self, latent, condition):
        return latent[:, None].expand(-1, 2, -1)

    def synthesis(self, styles):
        return styles[:, 0]

    def forward(self, latent, condition):
        return self.synthesis(self.mapping(latent, condition))


def test_sefa_orders_axes_by_the_gains_of_all_layers_together():
    # A'A = diag(9, 1, 4) / 3: the axes 0, 2, 1
    assert torch.allclose(sefa(Styled(), 3), E[[0, 2, 1]])
    assert len(style_layers(Styled())) == 2


def test_principal_components_are_of_styles_within_labels():
    # labels lie far apart along axis 2, samples of one vary along axis 1 most
    spread = torch.tensor([[1.0, 0, 0], [-1.0, 0, 0], [0, 2.0, 0], [0, -2.0, 0]], dtype=torch.float64)
    styles = torch.cat((spread, spread + 10 * E[2]))
    groups = torch.arange(8) // 4
    assert torch.allclose(principal(styles, groups, 2), E[[1, 0]])


def test_the_difference_leads_from_the_mean_of_the_others_means():
    styles = torch.stack((E[0], E[0], E[0], E[1], 4 * E[2]))
    groups = torch.tensor([0, 0, 0, 1, 2])  # three samples of the first label weigh no more than one
    expected = torch.tensor([-0.5, -0.5, 4], dtype=torch.float64)
    assert torch.allclose(difference(styles, groups, 2), expected / expected.norm())


def test_the_boundary_is_normal_to_the_plane_that_parts_the_samples():
    random_state = torch.Generator().manual_seed(0)
    styles = torch.randn(2_000, 3, generator=random_state, dtype=torch.float64) * torch.tensor([1, 5, 0.2])
    true = torch.tensor([0.6, 0.0, 0.8], dtype=torch.float64)
    normal = boundary(styles, styles @ true > 0.5)
    assert float(normal @ true) > 0.99
    assert float(normal.norm()) == pytest.approx(1)


def test_there_is_no_boundary_without_samples_on_both_sides():
    assert boundary(E, torch.tensor([True, False, False])) is None


def test_a_strength_of_one_is_a_deviation_or_the_way_to_a_label():
    styles = torch.tensor([[2.0, 0, 0], [-2.0, 0, 0]], dtype=torch.float64)
    (first, *_) = unsupervised(Styled(), styles, torch.zeros(2), 3)
    assert (first.name, first.way) == ("sefa-1", "sefa")
    assert first.unit == pytest.approx(math.sqrt(8))  # the sample deviation of 2 and -2
    label = of_label("joy", "mean", E[0], torch.stack((3 * E[0], E[0], -E[0])), torch.arange(3), 0)
    assert torch.allclose(label.shift(2.0), torch.tensor([6.0, 0, 0]))


def test_what_is_asked_for_is_a_sum():
    known = {name: Direction(name, "sefa", E[place].float(), 2.0) for place, name in enumerate(("a", "b:c"))}
    assert torch.equal(shift_of(known, "a:1.5,b:c:-1"), torch.tensor([3.0, -2.0, 0.0]))
    with pytest.raises(ConfigError, match=r"no direction of this run named 'aa'\. Did you mean 'a'\?"):
        shift_of(known, "aa:1")


@pytest.mark.parametrize("asked", ["joy", "joy:", ":2", "joy:much", "joy:nan", "joy:inf", "joy:1,,", ""])
def test_a_direction_has_a_name_and_a_strength(asked):
    with pytest.raises(ValueError, match="NAME:STRENGTH"):
        parse_strengths(asked)


def test_a_direction_has_one_strength():
    with pytest.raises(ValueError, match="'joy' has a strength twice"):
        parse_strengths("joy:1,joy:2")


def test_a_recipe_has_no_direction():
    ImageSampling(truncation=0.5).refuse_in_recipe()
    with pytest.raises(ValueError, match="leave 'joy:1' out"):
        ImageSampling(direction="joy:1").refuse_in_recipe()


def test_a_generator_without_styles_has_none(tmp_path):
    from multigan.sampling import load_generator

    trained = load_generator(untrained("audio", tmp_path / "run"), torch.device("cpu"))
    with pytest.raises(ConfigError, match="Directions need a generator with styles"):
        require_styles(trained.network)


def test_samples_move_by_the_shift_and_stay_without_one():
    from multigan.sampling import generate

    network, latent = Styled(), torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    still = generate(network, latent, None)
    moved = generate(network, latent, None, shift=torch.tensor([0.0, 2.0, 0.0]))
    assert np.allclose((moved - still).numpy(), [[0, 2, 0]] * 5, atol=1e-6)
