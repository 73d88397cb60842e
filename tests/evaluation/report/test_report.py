"""A report as JSON and as tables on a terminal, and what the page is made of: words, numbers, charts."""

import io
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from evaluation.figures import HELD_OUT, ClosestPair, Difference, Figure, Report
from evaluation.kinds import kind_of
from evaluation.kinds.text import TEXT
from evaluation.report import charts
from evaluation.report.answers import COMPARED, MIXED, MOST, TOPICS
from evaluation.report.json import FORMAT_VERSION, to_json
from evaluation.report.rules import WORST_FIRST
from evaluation.report.table import print_tables
from evaluation.report.wording import counts, listed, number, tally, told, with_interval
from multigan.pretrained.weights import NOT_THERE, how_to_get
from tests.worlds.schemas import flaws

LABELS = ("joy", "[calm]")  # brackets are markup to the table's printer


def figure(name, value, subject="A", n=1000, better=True, width=0.02, features="hashed"):
    return Figure(
        name, value, value - width, value + width, n, 7, better, features,
        "Interval: jackknife, 20 groups.", subject, "How to read it.",
    )  # fmt: skip


def report(subjects=("A", "B"), held_out=True, **more):
    measured = (*subjects, HELD_OUT) if held_out else subjects
    figures = [figure("FD[hashed]", 12.5 + i, s, better=False, width=1) for i, s in enumerate(measured)]
    figures += [figure("precision[hashed]", 0.9 - 0.1 * i, s) for i, s in enumerate(measured)]
    figures += [figure("self-BLEU-2", 0.25, s, features="") for s in measured]
    given = {
        "differences": (
            Difference("FD[hashed]", "A", "B", -1.0, -1.5, -0.5, 1000, "A is better"),
            Difference(
                "self-BLEU-2", "A", "B", 0.01, -0.02, 0.04, 1000, "no difference can be told at this n"
            ),
        )
        if len(subjects) > 1
        else (),
        "confusions": dict.fromkeys(measured, ((11, 2), (3, 14))),
        "closest": (ClosestPair(3, 4, 0.25, "A", "fake.txt:3", "train.txt:4"),),
        "warnings": ("There are 1,000 samples and 512 [hashed] dimensions.",),
        "provenance": {"seed": 7, "n": {"A": np.int64(1000)}, "share": np.float32(0.5)},
        **more,
    }
    return Report(TEXT, tuple(figures), subjects=subjects, labels=LABELS, **given)


def printed(held, width, encoding="utf-8", full=True):
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding)
    print_tables(held, Console(file=stream, width=width), full)
    stream.flush()
    return buffer.getvalue().decode(encoding)


# ---- JSON ----


def test_json_is_the_report():
    content = json.loads(json.dumps(to_json(report()), allow_nan=False))
    assert content["format_version"] == FORMAT_VERSION == 3
    assert content["figures"][0] == {
        "name": "FD[hashed]", "value": 12.5, "low": 11.5, "high": 13.5, "n": 1000, "seed": 7,
        "higher_is_better": False, "features": "hashed", "note": "Interval: jackknife, 20 groups.",
        "subject": "A", "reading": "How to read it.",
    }  # fmt: skip
    assert content["confusions"] == {s: [[11, 2], [3, 14]] for s in ("A", "B", HELD_OUT)}
    assert content["differences"][0]["verdict"] == "A is better"
    assert content["closest"][0]["train_name"] == "train.txt:4"
    assert content["warnings"] == list(report().warnings)
    assert content["provenance"] == {"seed": 7, "n": {"A": 1000}, "share": 0.5}
    assert content["subjects"] == ["A", "B"]
    assert content["labels"] == list(LABELS)


def test_json_has_null_for_what_is_not_finite():
    provenance = {"losses": [1.0, math.nan], "array": np.array([math.inf, 2.0]), "single": np.float32("nan")}
    content = to_json(report(provenance=provenance))
    assert json.loads(json.dumps(content, allow_nan=False))["provenance"] == {
        "losses": [1.0, None], "array": [None, 2.0], "single": None,
    }  # fmt: skip


SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "report.schema.json").read_text("utf-8"))


def test_json_follows_the_schema_of_the_documentation():
    for held in (report(), report(("A",), held_out=False), Report(TEXT, (), (), ("A",), (), {}, (), ())):
        content = json.loads(json.dumps(to_json(held), allow_nan=False))
        assert list(flaws(content, SCHEMA)) == []
        assert set(content) == set(SCHEMA["required"])
        assert all(
            set(one) == set(SCHEMA["properties"]["figures"]["items"]["properties"])
            for one in content["figures"]
        )
        assert all(
            set(one) == set(SCHEMA["properties"]["closest"]["items"]["properties"])
            for one in content["closest"]
        )
    assert SCHEMA["properties"]["format_version"] == {"const": FORMAT_VERSION}
    said = SCHEMA["properties"]["answers"]["items"]["properties"]
    assert said["about"]["enum"] == ["comparison", *TOPICS, "unclear"]
    assert set(said["verdict"]["enum"]) == {*WORST_FIRST, MIXED, COMPARED}
    assert SCHEMA["properties"]["answers"]["maxItems"] == MOST


def test_what_does_not_follow_the_schema_is_noticed():
    content = json.loads(json.dumps(to_json(report())))
    content["figures"][0]["value"] = "0.5"
    content["answers"] = [{"about": "mood", "verdict": "good", "sentence": "", "figures": [], "more": 1}]
    del content["warnings"], content["figures"][1]["n"]
    content["confusions"]["A"][0][0] = True
    assert sorted(line.split(":")[0] for line in flaws(content, SCHEMA)) == [
        "report", "report.answers[0]", "report.answers[0].about", "report.confusions.A[0][0]", "report.figures[0].value",
        "report.figures[1]",
    ]  # fmt: skip


# ---- the terminal ----


def test_few_figures_are_printed_unless_all_are_asked_for():
    short, full = printed(report(), 100, full=False), printed(report(), 100)
    assert "precision" in short
    assert "FD" not in short
    assert "2 more figures are in the page; multigan evaluate --verbose prints all." in short
    assert "FD[hashed]" in full
    assert "more figure" not in full
    assert "Share read as asked for" not in short


def test_the_sentences_come_first():
    first, second = printed(report(), 120).splitlines()[:2]
    assert first == "How good are the generated texts?"
    assert second.split()[:8] == ["good", "A", "and", "B", "resemble", "real", "ones", "as"]


def test_missing_weights_are_one_line_at_the_end():
    missing = "perplexity was not measured. gpt2 needs weights that are not there: a.bin; fetch it."
    lines = printed(report(warnings=(missing, "Few samples.")), 120).splitlines()
    assert "Warning: Few samples." in lines
    assert not any("fetch it" in line for line in lines)
    assert " ".join(lines[-2:]).endswith("perplexity (gpt2); `multigan weights gpt2` says what to fetch.")


def test_the_phrase_that_missing_weights_are_known_by():
    record = kind_of("text").record("gpt2")
    assert f"gpt2 {NOT_THERE}: " in how_to_get(record, record.weights)


def test_warnings_of_metrics_that_do_not_lead_are_left_to_the_page():
    held = report(warnings=("MAUVE[f] was not measured. Why.", "KD[f] was not measured. Why.", "Few."))
    short = printed(held, 120, full=False)
    assert ("Warning: MAUVE" in short, "Warning: KD" in short, "Warning: Few." in short) == (
        False,
        True,
        True,
    )
    assert "Warning: MAUVE" in printed(held, 120)


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("n_subjects", [1, 2, 5])
def test_tables_fit_the_width_and_hold_every_figure(width, n_subjects):
    held = report(tuple("ABCDE"[:n_subjects]))
    text = printed(held, width)
    assert max(map(len, text.splitlines())) <= width
    for one in held.figures:
        value, interval = with_interval(one.value, one.low, one.high)
        assert value in text
        assert interval in text
    for words in (
        "[hashed]",
        "without features",
        "held-out real",
        "n = 1,000",
        "[calm]",
        "512 [hashed] dimensions",
    ):
        assert words in text, words
    if n_subjects > 1:
        assert "A minus B" in text
        assert "A is better" in text
        assert "no difference can be" in text


def test_figures_stand_in_the_column_of_their_subject():
    lines = printed(report(), 120).splitlines()
    header = next(line for line in lines if "held-out real" in line)
    row = lines[next(i for i, line in enumerate(lines) if "FD" in line)]
    ends = [header.index(f" {name} ") + len(name) + 1 for name in ("A", "B", HELD_OUT)]
    assert [row[:end].split()[-1] for end in ends] == ["12.5", "13.5", "14.5"]


def test_the_way_that_is_better_is_shown_also_without_unicode():
    assert "↓ FD" in printed(report(), 80)
    assert "↑ precision" in printed(report(), 80)
    assert "v FD" in printed(report(), 80, "ascii")


def test_a_figure_of_another_n_says_so():
    odd = report()
    odd = Report(**{**vars(odd), "figures": (*odd.figures, figure("accuracy", 0.5, n=400, features=""))})
    text = printed(odd, 120)
    assert "n = 400 to 1,000" in text
    assert any(line.split() == ["n", "=", "400"] for line in text.splitlines())


def test_the_confusion_is_that_of_the_first_set():
    text = printed(report(confusions={"A": ((91, 2), (3, 94)), "B": ((57, 2), (3, 54))}), 80)
    assert "91" in text
    assert "57" not in text


def test_the_share_read_as_asked_stands_by_label_for_every_set():
    counts = {"A": ((3, 1), (0, 4)), "B": ((0, 5), (0, 0)), HELD_OUT: ((9, 1), (2, 8))}
    _, table = printed(report(confusions=counts), 80).split("Share read as asked for, by label:")
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines() if line.strip()}
    assert rows["A"] == ["B", "held-out", "real"]
    assert rows["joy"] == ["0.750", "0.000", "0.900"]
    assert rows["[calm]"] == ["1.000", "0.800"]  # of B none was asked for


def test_a_report_of_nearly_nothing_is_printed():
    bare = Report(TEXT, (), (), ("A",), (), {}, (), ())
    assert "How good are the generated texts?" in printed(bare, 80)


# ---- words and numbers ----


@pytest.mark.parametrize(
    ("value", "low", "high", "shown", "interval"),
    [
        (0.95342, 0.9312, 0.9701, "0.953", "[0.931, 0.970]"),  # width 0.039: three decimals
        (123.456, 110.2, 135.3, "123", "[110, 135]"),
        (12.34, 11.9, 12.8, "12.34", "[11.90, 12.80]"),
        (-0.004, -0.02, 0.01, "-0.004", "[-0.020, 0.010]"),
        (0.00001, -0.04, 0.04, "0.000", "[-0.040, 0.040]"),
        (-0.00001, -0.04, 0.04, "0.000", "[-0.040, 0.040]"),  # never -0.000
        (3e-9, 1e-9, 5e-9, "3e-09", "[1e-09, 5e-09]"),
        (123456.7, 120000.1, 130000.9, "123,457", "[120,000, 130,001]"),
        (0.125, 0.125, 0.125, "0.125", ""),
        (math.nan, math.nan, math.nan, "not a number", "[not a number, not a number]"),
    ],
)  # fmt: skip
def test_a_value_has_as_many_digits_as_its_interval_bears(value, low, high, shown, interval):
    assert with_interval(value, low, high) == (shown, interval)


def test_numbers():
    assert [number(n) for n in (0, 7, 1234567, 0.123456, 1500.7, -2.5, math.inf)] == [
        "0", "7", "1,234,567", "0.1235", "1,501", "-2.5", "infinite",
    ]  # fmt: skip


def test_counts_and_lists():
    assert counts([0, 1000, 1000]) == "1,000"
    assert counts([1000, 400]) == "400 to 1,000"
    assert counts([0]) == ""
    assert [listed(words) for words in ("A", "AB", "ABC")] == ["A", "A and B", "A, B and C"]


def test_differences_are_told_and_counted():
    held = report().differences
    assert [told(row) for row in held] == [True, False]
    assert tally(held) == (
        "Of 2 compared figures: A is better in 1; no difference can be told at this n in 1."
    )


# ---- charts ----


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ((0.05, 0.95), (0, 1, 0.5)),
        ((3.1, 61.7), (0, 80, 20)),
        ((0.801, 0.99), (0.8, 1.0, 0.1)),
        ((-3.0, 4.0), (-5, 5, 5)),
        ((5.0, 5.0), (4.5, 5.5, 0.5)),
        ((0.0, float("nan")), (-1, 1, 1)),
    ],
)  # fmt: skip
def test_scales_are_round_and_hold_their_values(values, scale):
    assert charts.scale_of(values) == pytest.approx(scale)
    assert charts.ticks(charts.scale_of(values))[-1] == pytest.approx(scale[1])


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ((0.6, 118.0), ["0.5", "1", "2", "5", "10", "20", "50", "100", "200"]),
        ((1.0, 10.0), ["1", "2", "5", "10"]),
        ((3.0, 3.0, -1.0, 0.0, float("nan")), ["2", "5"]),
        ((), ["1"]),
    ],
)  # fmt: skip
def test_a_logarithmic_axis_has_ones_twos_and_fives_around_its_values(values, labels):
    marks = charts.logarithmic(values)
    assert [label for _, label in marks] == labels
    assert [at for at, _ in marks] == pytest.approx([np.log10(float(label)) for label in labels])


def test_given_marks_stand_where_they_say():
    """From the lowest mark to the highest, with a little room, whatever lies between."""
    drawn = charts.lines(
        "", [("", [(0, 0.5), (4, 1.5)])], "x", up_marks=[(0.0, "one"), (1.0, "ten"), (2.0, "hundred")]
    )
    heights = [float(y) for y in re.findall(r'<line class="grid"[^>]* y1="([\d.]+)"', str(drawn))]
    points = [float(y) for y in re.findall(r'points="0?[\d.]+,([\d.]+) [\d.]+,([\d.]+)"', str(drawn))[0]]
    assert all(label in str(drawn) for label in ("one", "ten", "hundred"))
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    assert points == pytest.approx([(heights[0] + heights[1]) / 2, (heights[1] + heights[2]) / 2], abs=0.2)


def test_a_whisker_is_where_its_figure_is():
    drawn = charts.whisker("", (0.5, 0.25, 1.0), (0, 2, 1), (1.0,))
    assert 'cx="25%"' in drawn
    assert 'x1="12.5%" x2="50%"' in drawn
    assert 'class="grid" x1="50%"' in drawn


def test_points_are_capped_and_inside_the_frame():
    points = np.random.default_rng(0).normal(size=(3000, 2)) * (5, 1)
    drawn = charts.scatter("", points, points[:100] * 0.5, [points])
    places = np.array(re.findall(r"M([-\d.]+) ([-\d.]+)h", drawn), float)
    assert len(places) == charts.MOST_POINTS + 100
    width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn).groups())
    assert (places >= 0).all()
    assert (places <= (width, height)).all()
    assert charts.scatter("", np.zeros((0, 2)), np.full((3, 2), np.nan), [np.full((3, 2), np.nan)])


def test_thousands():
    assert [charts.thousands(n) for n in (0, 500, 20_000, 1_500_000)] == ["0", "500", "20k", "1.5M"]
