"""A picture enlarged by tiles: as whole, without seams, at any size."""

import numpy as np
import pytest
import torch

from multigan.image.networks.enlarging import EnlargingSettings, build
from multigan.image.superresolution.files import difference_in_levels, enlarged_pixels
from multigan.image.tiles import by_tiles


def generator(scale=2, width=4, blocks=2):
    torch.manual_seed(0)
    own = EnlargingSettings(width=width, blocks=blocks, discriminator_width=4)
    return build(own, (3, 16, 16), (3, 16 // scale, 16 // scale))["generator"].eval().requires_grad_(False)


def photograph(height, width):
    """Smooth light, edges and grain, uint8 [H, W, 3]."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    light = 128 + 60 * np.sin(x / 90) + 40 * np.cos(y / 70)
    edges = 30 * (np.sin(x / 11 + y / 23) > 0)
    grain = np.random.default_rng(0).normal(0, 4, (height, width, 3))
    return np.clip((light + edges)[..., None] * [1, 0.9, 0.8] + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("tile", [16, 23, 64])
def test_tiles_give_what_the_whole_picture_gives(scale, tile):
    network = generator(scale)
    picture = torch.rand(1, 3, 50, 71, generator=torch.Generator().manual_seed(1)) * 2 - 1
    whole = network(None, picture)
    tiled = by_tiles(lambda part: network(None, part), picture, scale, network.reach, tile)
    assert torch.allclose(tiled, whole, atol=1e-5)


def test_with_too_little_around_a_tile_there_would_be_seams():
    """What the test above looks for is there to be seen."""
    network = generator()
    picture = torch.rand(1, 3, 50, 71, generator=torch.Generator().manual_seed(1)) * 2 - 1
    tiled = by_tiles(lambda part: network(None, part), picture, 2, 0, 16)
    assert not torch.allclose(tiled, network(None, picture), atol=1e-3)


def test_a_photograph_has_no_seam():
    """1000 x 700: neighbours across the border of two tiles differ no more than neighbours within them."""
    network, pixels = generator(), photograph(700, 1000)
    tile = 128
    large = enlarged_pixels(network, pixels, tile).astype(np.float64)
    assert large.shape == (1400, 2000, 3)
    for axis, side in ((0, 1400), (1, 2000)):
        steps = np.abs(np.diff(large, axis=axis)).mean(axis=(1 - axis, 2))
        borders = (
            np.arange(2 * tile, side, 2 * tile) - 1
        )  # from the last pixel of a tile to the first of the next
        # pixels of one block and of two are apart differently: of all blocks' ends the same
        others = np.setdiff1d(np.arange(1, side - 1, 2), borders)
        assert steps[borders].mean() <= steps[others].mean() + 2 * steps[others].std() / len(borders) ** 0.5
        assert steps[borders].max() <= steps[others].max()
    assert difference_in_levels(pixels, large.astype(np.uint8)).mean() < 0.5


def test_a_picture_of_one_pixel_is_enlarged():
    assert enlarged_pixels(generator(4), np.full((1, 1, 3), 200, np.uint8)).shape == (4, 4, 3)
