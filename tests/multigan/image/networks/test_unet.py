"""pix2pix's U-Net: what it sees, that it knows no company, and what it refuses."""

import pytest
import torch

from multigan.errors import ConfigError
from multigan.image.networks.unet import Steered, UNet, UNetSettings, build, normalised, smoothed

SMALL = UNetSettings(width=4, discriminator_width=4)


def networks(side=32, given=3):
    torch.manual_seed(0)
    return build(SMALL, (3, side, side), (given, side, side))


def pictures(n, side=32, channels=3, seed=0):
    return torch.rand(n, channels, side, side, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_normalised_by_hand():
    features = pictures(2, 4) * 3 + 5
    found = normalised(features)
    assert torch.allclose(found.mean((2, 3)), torch.zeros(2, 3), atol=1e-5)
    assert torch.allclose(found.var((2, 3), unbiased=False), torch.ones(2, 3), atol=1e-4)
    assert torch.equal(normalised(features[:, :, :2, :2]), features[:, :, :2, :2])


def test_smoothed_by_hand():
    one = torch.zeros(1, 1, 3, 3)
    one[0, 0, 1, 1] = 16.0
    assert smoothed(one)[0, 0].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    # what alternates from pixel to pixel is gone, and what is flat stays
    rows = torch.arange(8)
    checks = ((rows[:, None] + rows) % 2 * 2.0 - 1)[None, None]
    assert smoothed(checks)[..., 1:-1, 1:-1].abs().max() == 0
    assert torch.equal(smoothed(torch.ones(1, 2, 4, 4)), torch.ones(1, 2, 4, 4))


def test_labels_steer_normalised_features_by_hand():
    steered, features = Steered(2, 3), pictures(2, 4, channels=2)
    labels = torch.tensor([[1.0, 0, 0], [0, 0.5, 0]])
    assert torch.equal(steered(features, labels), normalised(features))
    steered.steer.weight.data = torch.tensor(
        [[1.0, 0, 0], [0, 2, 0], [3, 0, 0], [0, 4, 0]]
    )  # a, a, b, b by label
    found, plain = steered(features, labels), normalised(features)
    torch.testing.assert_close(found[0, 0], 2 * plain[0, 0] + 3)
    torch.testing.assert_close(found[0, 1], plain[0, 1])
    torch.testing.assert_close(found[1, 1], 2 * plain[1, 1] + 2)


def test_a_steered_generator_makes_other_pictures_under_other_labels():
    torch.manual_seed(0)
    generator = UNet(SMALL, 3, 3, 4, n_labels=2)
    for layer in generator.steered:
        torch.nn.init.normal_(layer.steer.weight)
    given = pictures(1).expand(2, -1, -1, -1)
    planes = torch.eye(2)[:, :, None, None].expand(-1, -1, 32, 32)
    made = generator(generator.latent(2), torch.cat((given, planes), 1))
    assert (made[0] - made[1]).abs().max() > 1e-3


@pytest.mark.parametrize("side", [16, 64])
def test_it_turns_at_two_pixels_and_sees_the_whole_picture(side):
    generator = networks(side)["generator"]
    assert 2 ** len(generator.down) == side // 2
    given = pictures(1, side).requires_grad_()
    made = generator(generator.latent(1), given)
    assert made.shape == given.shape
    assert made.abs().max() <= 1
    (slope,) = torch.autograd.grad(made[0, :, 0, 0].sum(), given)
    assert slope[0, :, -2:, -2:].abs().max() > 0


def test_the_narrowest_networks_make_pictures():
    generator = build(UNetSettings(width=1, discriminator_width=1), (3, 16, 16), (3, 16, 16))["generator"]
    assert generator(generator.latent(1), pictures(1, 16)).shape == (1, 3, 16, 16)


def test_a_picture_is_translated_alike_in_any_company():
    generator = networks()["generator"]
    one, others = pictures(1), pictures(3, seed=1)
    alone = generator(generator.latent(1), one)
    among = generator(generator.latent(4), torch.cat((one, others)))[:1]
    assert torch.allclose(alone, among, atol=1e-5)


def test_patches_are_judged_beside_what_is_given():
    critic = networks(given=5)["discriminator"]
    made, given = pictures(2), pictures(2, channels=5)
    logits = critic(made, given)
    assert logits.shape == (2, 8 * 8)
    assert not torch.allclose(logits, critic(made, -given))


@pytest.mark.parametrize(
    ("shape", "given"),
    [((3, 32, 32), ()), ((3, 32, 32), (8,)), ((3, 32, 32), (3, 16, 16)), ((3, 48, 20), (3, 48, 20))],
)
def test_other_shapes_are_refused(shape, given):
    with pytest.raises(ConfigError, match="unet makes pictures"):
        build(SMALL, shape, given)
