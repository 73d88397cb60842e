"""The frontier of quality and diversity: its area by hand, and what temperatures do to texts."""

import numpy as np
import pytest
from PIL import Image

from evaluation.frontier import Frontier, Point, text_frontier
from multigan.errors import DataError


def point(setting, quality, diversity):
    return Point(setting, quality, 0.01, diversity, 0.01, 10)


def test_the_area_is_that_of_what_some_point_beats():
    one = point(1.0, 0.5, 0.4)
    assert Frontier((one,)).area == pytest.approx(0.2)
    sharper, wider = point(0.5, 0.8, 0.1), point(1.5, 0.2, 0.9)
    frontier = Frontier((sharper, one, wider))
    # 0.2 x 0.9 below the widest, 0.3 x 0.4 more, 0.3 x 0.1 more
    assert frontier.area == pytest.approx(0.18 + 0.12 + 0.03)
    assert frontier.best == (wider, one, sharper)
    beaten = Frontier((*frontier.points, point(0.7, 0.4, 0.3)))
    assert beaten.area == pytest.approx(frontier.area)
    assert beaten.best == frontier.best
    assert Frontier((point(1, 1, 1),)).area == 1


def texts(n, repeats, seed):
    random = np.random.default_rng(seed)
    own = [" ".join(random.choice([f"w{i}" for i in range(60)], 8)) for _ in range(n)]
    return [own[i % max(1, n // repeats)] for i in range(n)]


def test_copies_of_few_real_texts_are_good_and_alike():
    real = texts(60, 1, 0)
    frontier = text_frontier(real, {0.5: real[:1] * 30, 1.0: real[:40], 2.0: texts(30, 1, 1)})
    low, middle, high = frontier.points
    assert [p.setting for p in frontier.points] == [0.5, 1.0, 2.0]
    assert (low.quality, low.diversity) == (1, 0)
    assert middle.quality == 1
    assert middle.diversity > 0.8
    assert high.quality < 0.2
    assert {p.n for p in frontier.points} == {30}
    with pytest.raises(DataError, match="one setting at least"):
        text_frontier(real, {})


def test_the_plot_is_a_picture(tmp_path):
    frontier = Frontier((point(0.5, 0.8, 0.1), point(1.5, 0.2, 0.9)))
    frontier.plot(tmp_path / "frontier.png", {"real text": Frontier((point(1, 0.6, 0.7),))})
    with Image.open(tmp_path / "frontier.png") as picture:
        assert picture.size == (900, 660)
        assert len(picture.convert("RGB").getcolors(2**20)) > 20
