"""The grammar of curves of intensity."""

import numpy as np
import pytest

from multigan.errors import DataError
from multigan.reading.curves import curve_at, places_of, written


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("0..1..0", (0, 1, 0)),
        ("0.2..0.9", (0.2, 0.9)),
        (" 0.5 ", (0.5,)),
        ("1", (1,)),
        ("0 .. 1", (0, 1)),
        ("0...5..1", (0, 0.5, 1)),  # two points, and a number that begins with one
        ("1e-1..1", (0.1, 1)),
    ],
)
def test_a_curve_is_numbers_with_two_points_between(text, places):
    assert places_of(text) == places


@pytest.mark.parametrize(
    "text", ["", "0..", "..1", "0..2", "-0.1..1", "0....1", "up", "0..nan", "0..inf", "0,1", "0.1.2"]
)
def test_what_is_no_curve_is_refused_in_a_sentence(text):
    with pytest.raises(DataError, match=r"is no curve of intensity: give numbers from 0 to 1") as caught:
        places_of(text)
    assert repr(text.strip()) in str(caught.value) or repr(text) in str(caught.value)


def test_endless_curves_are_refused():
    assert len(places_of("..".join("0" * 64))) == 64
    with pytest.raises(DataError, match="at most 64"):
        places_of("..".join("0" * 65))


def test_a_curve_is_piecewise_linear_over_the_whole_clip():
    np.testing.assert_allclose(curve_at("0..1..0", 5), [0, 0.5, 1, 0.5, 0])
    np.testing.assert_allclose(curve_at("0..1..0", 4), [0, 2 / 3, 2 / 3, 0], rtol=1e-6)
    np.testing.assert_allclose(curve_at("0.2..0.8", 4), [0.2, 0.4, 0.6, 0.8], rtol=1e-6)
    np.testing.assert_array_equal(curve_at("0.25", 3), [0.25] * 3)
    assert curve_at("0..1", 16).dtype == np.float32


def test_equal_curves_are_written_alike():
    assert written("0.50..1.0") == written("0.5..1") == "0.5..1"
    assert written("0.3..0.3..0.3") == "0.3"
