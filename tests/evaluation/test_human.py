"""Answers of people: alpha by Krippendorff's own example, shares by hand, and tables that do not fit."""

import json
import math

import pytest

from evaluation.human import Answer, human_figures, krippendorff_alpha, read_answers
from multigan.errors import DataError
from tests.worlds.commands import invoke, ran

KRIPPENDORFF = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""Section C of "Computing Krippendorff's Alpha-Reliability" (2011): four observers, twelve units, nominal data."""


def answers(rows):
    return [
        Answer(f"unit {unit}", f"observer {observer}", given, ("", ""))
        for observer, row in enumerate(rows)
        for unit, given in enumerate(row.split())
        if given != "."
    ]


def test_alpha_is_that_of_krippendorffs_example():
    assert krippendorff_alpha(answers(KRIPPENDORFF)) == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_perfect_systematic_and_no_agreement():
    assert krippendorff_alpha(answers(("a b a b", "a b a b"))) == 1
    assert krippendorff_alpha(answers(("a a", "a a"))) == 1  # nothing else was ever said
    # 4 pairs all different: observed 8, expected (64 - 32) / 7
    assert krippendorff_alpha(answers(("a b a b", "b a b a"))) == pytest.approx(1 - 8 / (32 / 7))
    assert math.isnan(krippendorff_alpha(answers(("a b", ". ."))))


def written(tmp_path, *rows):
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_which_emotion_was_read(tmp_path):
    rows = [
        f"{item}.png,{rater},"
        + ("b,joy,Joy" if item % 2 else "a,fear,joy" if rater == "x" else "a,fear,fear")
        for item in range(40)
        for rater in ("x", "y", "z")
    ]
    figures = human_figures(written(tmp_path, "item,rater,set,asked,answer", *rows))
    by_name = {(figure.name, figure.subject): figure for figure in figures}
    # of set a (fear) rater x says joy to all; of set b everybody is right
    accuracy = by_name["human accuracy", "a"]
    assert accuracy.value == pytest.approx(2 / 3)
    assert accuracy.n == 60
    assert accuracy.low < 0.4  # by rater: three answers, not sixty
    assert accuracy.high > 0.85
    assert "60 answers of 3 raters about 20 items. Guessing among 2 labels" in accuracy.note
    assert by_name["human accuracy", "b"].value == 1
    assert by_name["human accuracy", "b"].low == pytest.approx(60 / (60 + 1.959964**2))  # Wilson's
    assert by_name["Krippendorff's alpha", "b"].value == 1


def test_which_of_two_is_better(tmp_path):
    rows = [
        f"{item},r{rater},{'old,new' if item % 2 else 'new,old'},{('tie', 'new', 'new', 'new', 'old')[rater]}"
        for item in range(30)
        for rater in range(5)
    ]
    preference, alpha = human_figures(written(tmp_path, "item,rater,first,second,better", *rows))
    assert preference.name == "human preference for new over old"
    assert preference.value == 0.75
    assert preference.n == 120
    assert "30 prefer neither" in preference.note
    assert preference.low < 0.5 < preference.value  # four raters who never change their mind
    assert alpha.value < 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            ("item,rater,asked", "1,a,joy"),
            "neither a column 'answer' .* nor 'better' .* its columns are item, rater, asked",
        ),
        (("item,answer", "1,joy"), "has a column 'answer' and lacks rater, asked; add them"),
        (("item,rater,asked,answer",), "has no answers"),
        (("item,rater,asked,answer", "1,a,joy,"), "line 2: answer is empty"),
        (
            ("item,rater,asked,answer", "1,a,joy,joy", "1,a,joy,fear"),
            "line 3: a answers about 1 a second time",
        ),
        (("item,rater,asked,answer", "1,a,joy,joy,x"), "line 2: it has 5 cells"),
        (("item,rater,first,second,better", "1,a,p,p,p"), "first and second are both 'p'"),
        (("item,rater,first,second,better", "1,a,p,q,r"), "better is 'r', and it must be 'p', 'q' or tie"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path, rows, message):
    with pytest.raises(DataError, match=message):
        read_answers(written(tmp_path, *rows))


def test_one_rater_gives_no_agreement(tmp_path):
    (accuracy,) = human_figures(written(tmp_path, "item,rater,asked,answer", "1,a,joy,joy", "2,a,fear,joy"))
    assert (accuracy.value, accuracy.n) == (0.5, 2)


def test_the_command(tmp_path):
    path = written(
        tmp_path, "item,rater,asked,answer", "1,a,joy,joy", "2,a,fear,joy", "1,b,joy,joy", "2,b,fear,fear"
    )
    output = ran("evaluate", "--human", path, "--out", tmp_path / "out")
    assert "human accuracy: 0.750 [" in output
    assert "4 answers of 2 raters about 2 items" in output
    figures = json.loads((tmp_path / "out" / "human.json").read_text())["figures"]
    assert [figure["name"] for figure in figures] == ["human accuracy", "Krippendorff's alpha"]
    refused = invoke("evaluate", "--human", path, "--modality", "image")
    assert (refused.exit_code, "leave out --modality" in refused.output) == (2, True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "human.json").write_text("mine")
    refused = invoke("evaluate", "--human", path, "--out", tmp_path / "mine")
    assert (refused.exit_code, "is not as multigan wrote it" in refused.output) == (1, True)
