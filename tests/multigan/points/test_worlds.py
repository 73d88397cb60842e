"""Worlds whose distribution is known: what is drawn from them, and what counts as good and as captured."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from multigan.errors import ConfigError, DataError
from multigan.modality import data_settings_of
from multigan.points.data import open_points
from multigan.points.modality import POINTS
from multigan.points.settings import PointData
from multigan.points.worlds import REAL_GOOD, WORLDS


def opened(**settings):
    return open_points(PointData(**settings), None, lambda *facts: None)


def test_the_ring_and_the_grid_by_hand():
    ring, grid = WORLDS["ring"], WORLDS["grid"]
    half = 0.8 / math.sqrt(2)
    by_hand = [
        (0.8, 0),
        (half, half),
        (0, 0.8),
        (-half, half),
        (-0.8, 0),
        (-half, -half),
        (0, -0.8),
        (half, -half),
    ]
    assert ring.centres == pytest.approx(np.array(by_hand), abs=1e-12)
    assert ring.deviation == pytest.approx(0.8 / 50)
    steps = (-0.8, -0.4, 0, 0.4, 0.8)
    assert grid.centres == pytest.approx(np.array([(x, y) for x in steps for y in steps]), abs=1e-12)
    assert grid.deviation == pytest.approx(0.4 / 40)


def test_the_spiral_is_cut_into_pieces_of_one_length():
    spiral = WORLDS["spiral"]
    assert spiral.centres.shape == (100, 2)
    # of r = a t the length is a/2 (t sqrt(1 + t^2) + asinh t); a centre lies in the middle of each hundredth of it
    a, radius = 0.85 / (4 * math.pi), np.linalg.norm(spiral.centres, axis=1)
    t = radius / a
    length = (t * np.sqrt(1 + t**2) + np.arcsinh(t)) / 2
    end = 4 * math.pi
    whole = (end * math.sqrt(1 + end**2) + math.asinh(end)) / 2
    assert length / whole == pytest.approx((np.arange(100) + 0.5) / 100, abs=1e-4)
    assert spiral.centres[:, 0] == pytest.approx(radius * np.cos(t), abs=1e-3)
    # side by side: good points of neighbouring pieces overlap, so that there is no gap on the curve
    assert np.linalg.norm(np.diff(spiral.centres, axis=0), axis=1).max() < 3 * spiral.deviation


def test_good_points_are_counted_by_hand():
    ring = WORLDS["ring"]
    points = np.array(
        [
            (0.8, 0.0),
            (0.8 + 2.99 * 0.016, 0.0),  # within three deviations of the first
            (0.8 + 3.01 * 0.016, 0.0),  # and not
            (0.8, 2.2 * 0.016),
            (0.8 + 2.2 * 0.016, 2.2 * 0.016),  # 3.1 deviations away
            (0.0, -0.8),
            (0.0, 0.0),
        ]
    )
    assert ring.good_of_modes(points).tolist() == [3, 0, 0, 0, 0, 0, 1, 0]
    modes, distances = ring.nearest(points[:6])
    assert modes.tolist() == [0, 0, 0, 0, 0, 6]
    assert distances == pytest.approx([0, 2.99, 3.01, 2.2, 2.2 * math.sqrt(2), 0], abs=1e-9)
    assert ring.good_of_modes(np.zeros((0, 2))).tolist() == [0] * 8


@pytest.mark.parametrize("name", WORLDS)
def test_points_have_the_distribution_that_they_say(name):
    world, n = WORLDS[name], 40_000
    points, modes = world.draw(n, 3)
    assert points.dtype == np.float32
    assert np.abs(points).max() <= 1
    n_modes = len(world.centres)
    counts = np.bincount(modes, minlength=n_modes)
    # chi-squared with M - 1 degrees of freedom: its mean and five of its deviations
    chi = ((counts - n / n_modes) ** 2 / (n / n_modes)).sum()
    assert abs(chi - (n_modes - 1)) < 5 * math.sqrt(2 * (n_modes - 1))
    noise = (points - world.centres[modes]) / world.deviation
    assert np.abs(noise.mean(0)).max() < 5 / math.sqrt(n)
    assert np.cov(noise.T) == pytest.approx(np.eye(2), abs=5 * math.sqrt(2 / n))
    within = (np.linalg.norm(noise, axis=1) <= 3).mean()
    assert within == pytest.approx(REAL_GOOD, abs=5 * math.sqrt(REAL_GOOD * (1 - REAL_GOOD) / n))
    assert pytest.approx(0.98889, abs=1e-5) == REAL_GOOD
    if name != "spiral":  # whose Gaussians overlap: a point may be good by its neighbour
        assert world.good_of_modes(points).sum() == pytest.approx(within * n, abs=2)


def test_points_are_those_of_their_seed():
    points, modes = WORLDS["ring"].draw(1_000, 0)
    fewer, _ = WORLDS["ring"].draw(10, 0)
    assert np.array_equal(points[:10], fewer)
    assert not np.array_equal(points, WORLDS["ring"].draw(1_000, 1)[0])
    # the same on every machine, but for the last digits of a logarithm
    assert modes[:6].tolist() == [1, 7, 0, 0, 7, 3]
    assert points[:2] == pytest.approx(np.array([(0.5437264, 0.5855638), (0.5200870, -0.5614248)]), abs=1e-6)


def test_two_splits_with_or_without_labels():
    plain = opened(drawn=300, drawn_held_out=100)
    assert (len(plain.train), len(plain.held_out)) == (300, 100)
    assert (plain.train.labels, plain.train.conditions, plain.train.sample_shape) == ((), None, (2,))
    assert plain.train.world is WORLDS["ring"]
    both = np.concatenate([plain.train.samples, plain.held_out.samples])
    assert len(np.unique(both, axis=0)) == 400
    assert len({*plain.train.names, *plain.held_out.names}) == 400
    narrow = opened(drawn=300, drawn_held_out=100, deviation=0.008).train
    centres = narrow.world.centres[narrow.world.nearest(narrow.samples)[0]]
    assert narrow.samples - centres == pytest.approx((plain.train.samples - centres) / 2, abs=1e-6)
    labelled = opened(world="grid", labelled=True, drawn=300, drawn_held_out=100).train
    assert labelled.labels == tuple(f"grid-{number}" for number in range(1, 26))
    batch = labelled.batch([5, 6])
    assert batch.condition.argmax(1).tolist() == labelled.world.nearest(batch.real.numpy())[0].tolist()
    assert torch.equal(batch.condition.sum(1), torch.ones(2))


def test_what_is_refused():
    with pytest.raises(DataError, match=r"drawn from the world 'grid', and mine was given; leave out --data"):
        open_points(PointData(world="grid"), Path("mine"), lambda *facts: None)
    for settings, message in (
        ({"world": "rings"}, "ring"),
        ({"deviation": 0.2}, "deviation is above 0 and at most 0.1"),
        ({"drawn": 0}, "drawn must be at least 1, found 0"),
        ({"seed": -1}, "seed must be at least 0, found -1"),
    ):
        with pytest.raises(ConfigError, match=message):
            data_settings_of(POINTS, settings, "data")
