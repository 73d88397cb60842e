"""Ramps at values by hand, and settings that take a number or a ramp."""

import math

import pytest

from multigan.config import load, settings, to_dict
from multigan.errors import ConfigError
from multigan.ramps import Number, Ramp, ends_of, value_of


@settings
class Rate:
    lr: Number = 0.5


def values(ramp, *samples, total=1000):
    value = value_of(ramp, total)
    return [value(n) for n in samples]


def test_a_constant_is_the_same_everywhere():
    assert values(0.25, 0, 500, 10**9) == [0.25] * 3
    assert values(3, 7) == [3.0]


def test_a_linear_ramp_by_hand():
    ramp = Ramp(start=1.0, end=0.2, over=400)
    assert values(ramp, 0, 100, 200, 300, 400) == pytest.approx([1.0, 0.8, 0.6, 0.4, 0.2])
    assert values(ramp, 401, 10_000) == [0.2, 0.2]


def test_a_cosine_ramp_by_hand():
    """(1 + cos(pi t)) / 2 is (2 + sqrt 2) / 4 at a quarter, 1/2 at the half, 1/4 at two thirds."""
    ramp = Ramp(shape="cosine", start=2.0, end=1.0, over=120)
    assert values(ramp, 0, 30, 60, 80, 120) == pytest.approx(
        [2.0, 1 + (2 + math.sqrt(2)) / 4, 1.5, 1.25, 1.0]
    )
    assert values(ramp, 121, 10_000) == [1.0, 1.0]


@pytest.mark.parametrize("shape", ["linear", "cosine"])
def test_a_ramp_may_rise(shape):
    ramp = Ramp(shape=shape, start=0.0, end=0.6, over=10)
    assert values(ramp, 0, 5, 10, 99) == pytest.approx([0.0, 0.3, 0.6, 0.6])


@pytest.mark.parametrize("shape", ["linear", "cosine"])
def test_it_stays_at_its_start_after_which_it_moves(shape):
    ramp = Ramp(shape=shape, start=1.0, end=0.0, after=300, over=100)
    assert values(ramp, 0, 299, 300) == [1.0, 1.0, 1.0]
    assert values(ramp, 350, 400, 500) == pytest.approx([0.5, 0.0, 0.0])


def test_after_may_be_a_share_of_the_run():
    ramp = Ramp(start=1.0, after=0.625)
    assert values(ramp, 0, 625, 700, 1000) == pytest.approx([1.0, 1.0, 0.8, 0.0])
    assert values(ramp, 5_000, 6_250, 7_000, total=10_000) == pytest.approx([1.0, 1.0, 0.8])
    assert values(ramp, *range(0, 1000, 7)) == values(Ramp(start=1.0, after=625), *range(0, 1000, 7))


def test_without_a_length_it_takes_what_is_left_of_the_run():
    assert values(Ramp(start=1.0), 0, 250, 1000) == pytest.approx([1.0, 0.75, 0.0])
    assert values(Ramp(start=1.0, after=600), 600, 700, 1000) == pytest.approx([1.0, 0.75, 0.0])
    # a run that ends before the ramp begins never gets there
    assert values(Ramp(start=1.0, after=600), 0, 100, total=100) == [1.0, 1.0]


def test_ends_for_checks_of_a_range():
    assert ends_of(3) == (3.0, 3.0)
    assert ends_of(Ramp(start=1.0, end=0.5, after=9)) == (1.0, 0.5)


def test_a_setting_is_a_number_or_a_ramp_and_comes_back():
    for raw in (0.1, 2, {"start": 0.1}, {"shape": "cosine", "start": 0.1, "after": 5, "over": 7}):
        read = load(Rate, {"lr": raw}, "test")
        assert load(Rate, to_dict(read), "test") == read
    assert load(Rate, {"lr": {"start": 0.1, "over": "2k"}}, "test").lr == Ramp(start=0.1, over=2000)
    assert load(Rate, {}, "test").lr == 0.5


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"start": 0.1, "shape": "square"}, "square"),
        ({"end": 0.1}, "start"),
        ({"start": 0.1, "ende": 0.0}, "Did you mean 'lr.end'?"),
        ({"start": 0.1, "after": -1}, "a share of the run below 1, found -1"),
        (
            {"start": 0.1, "after": 1.5},
            "after is a number of samples, or a share of the run below 1, found 1.5",
        ),
        ({"start": 0.1, "over": 0}, "over is at least 1 sample"),
        ({"start": ".inf"}, "start"),
        ("fast", "lr"),
    ],
)
def test_a_ramp_that_cannot_be_is_one_sentence(raw, message):
    with pytest.raises(ConfigError) as caught:
        load(Rate, {"lr": raw}, "test")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_ramp_takes_numbers_that_are_finite():
    for odd in (math.inf, math.nan):
        with pytest.raises(ValueError, match="start and end are numbers"):
            Ramp(start=odd)
        with pytest.raises(ValueError, match="start and end are numbers"):
            Ramp(start=1.0, end=odd)
