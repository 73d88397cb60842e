"""Conditions on figures: what is understood, and what fails by them."""

import math

import pytest

from evaluation.figures import HELD_OUT, Figure, Report
from evaluation.kinds.image import IMAGE
from evaluation.report.conditions import condition, outcomes, refuse_unknown
from multigan.errors import ConfigError


def figure(name, value, subject="generated", half=0.04):
    return Figure(name, value, value - half, value + half, 100, 0, True, "", "", subject)


def report(*figures, subjects=("generated",)):
    return Report(IMAGE, figures, (), subjects, (), {}, (), ())


def met(text, *figures):
    return [outcome.met for outcome in outcomes(report(*figures), [condition(text)])]


@pytest.mark.parametrize(
    ("text", "name", "comparison", "limit"),
    [
        ("emotion accuracy < 0.9", "emotion accuracy", "<", 0.9),
        ("recall[dinov2, k=3]<=.5", "recall[dinov2, k=3]", "<=", 0.5),
        ("FD[f] >= 1e2", "FD[f]", ">=", 100),
        (" KD > -1 ", "KD", ">", -1),
    ],
)
def test_conditions_are_understood(text, name, comparison, limit):
    found = condition(text)
    assert (found.figure, found.comparison, found.limit) == (name, comparison, limit)


@pytest.mark.parametrize("text", ["", "recall", "recall = 3", "< 3", "recall <", "recall 0.5 <"])
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(
        ConfigError, match=r"is no condition: write a figure, one of <, <=, >, >= and a number"
    ):
        condition(text)


@pytest.mark.parametrize("limit", ["half", "nan", "inf", "0,5"])
def test_what_is_no_number_is_refused(limit):
    with pytest.raises(ConfigError, match="is no number to compare with"):
        condition(f"recall < {limit}")


@pytest.mark.parametrize(
    ("text", "expected"), [("x < 0.5", False), ("x <= 0.5", True), ("x > 0.5", False), ("x >= 0.5", True)]
)
def test_the_value_is_compared_and_not_its_interval(text, expected):
    assert met(text, figure("x", 0.5)) == [expected]


def test_a_value_that_is_no_number_fails():
    assert met("x < 0.5", figure("x", math.nan)) == [True]
    assert met("x > 0.5", figure("x", math.nan)) == [True]


def test_features_may_be_left_out_where_there_is_no_choice():
    assert met("RECALL < 0.5", figure("recall[f]", 0.4)) == [True]
    assert met("recall[f] < 0.5", figure("recall[f]", 0.4), figure("recall[g]", 0.9)) == [True]
    with pytest.raises(
        ConfigError, match=r"measured in several features; say which: recall\[f\] and recall\[g\]"
    ):
        met("recall < 0.5", figure("recall[f]", 0.4), figure("recall[g]", 0.9))


def test_every_set_is_asked_and_real_samples_are_not():
    figures = [figure("x", 0.4, "A"), figure("x", 0.6, "B"), figure("x", 0.1, HELD_OUT)]
    found = outcomes(report(*figures, subjects=("A", "B")), [condition("x < 0.5")])
    assert [(one.figure.subject, one.met) for one in found] == [("A", True), ("B", False)]
    assert found[0].sentence == "Failed (x < 0.5): x of A is 0.4, 95% interval [0.360, 0.440]."
    assert found[1].sentence == "Passed (x < 0.5): x of B is 0.6, 95% interval [0.560, 0.640]."


def test_an_interval_that_holds_the_limit_is_told():
    (found,) = outcomes(report(figure("x", 0.52)), [condition("x < 0.5")])
    assert found.sentence == "Passed (x < 0.5): x is 0.52, and its 95% interval [0.480, 0.560] holds 0.5 too."


def test_a_figure_that_was_not_measured_is_named():
    with pytest.raises(
        ConfigError, match=r"There is no figure among those that were measured named 'recal'\. Did you mean"
    ):
        met("recal < 0.5", figure("recall[f]", 0.4))


def test_names_that_cannot_come_are_refused_before():
    refuse_unknown([condition("recall[any] < 1"), condition("fd < 1")], {"recall", "FD"})
    with pytest.raises(ConfigError, match=r"There is no figure named 'recal'\. Did you mean 'recall'"):
        refuse_unknown([condition("recal < 0.5")], {"recall", "FD"})
