"""A blind test from its samples to what people said: nothing tells a set, and no answer is lost."""

import csv
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from evaluation.human import human_figures, read_answers
from multigan.errors import ConfigError
from multigan.reading.audio import Clip
from recipes.cli import main
from recipes.judging import blind
from recipes.judging.loudness import LEVEL, aligned
from recipes.judging.sets import names_of_places
from tests.worlds.commands import error_of, invoke, ran
from tests.worlds.untrained import untrained

EMOTIONS = ("joy", "sadness")


def folder_of(place, tone, n=12, side=16):
    """A folder of grey pictures, ``n`` of each emotion in a folder of its name."""
    for label in EMOTIONS:
        (place / label).mkdir(parents=True)
        for number in range(n):
            pixels = np.full((side, side, 3), tone + number, np.uint8)
            Image.fromarray(pixels).save(place / label / f"secret-{place.name}-{number}.png")
    return place


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("folders")
    return (
        folder_of(place / "ours", 10),
        folder_of(place / "theirs", 60, side=32),
        folder_of(place / "photographs", 120),
    )


def prepared(folders, out, question, *more):
    *places, real = folders
    ran(
        "judge",
        "prepare",
        *places,
        "--real",
        real,
        "--modality",
        "image",
        "--question",
        question,
        "--out",
        out,
        *more,
    )
    return blind.open_test(out)


def answers_of(test):
    with (test.folder / "answers.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_an_intensity_that_chooses_nothing_is_refused(tmp_path, folders):
    words = (
        "judge",
        "prepare",
        folders[0],
        "--real",
        folders[2],
        "--modality",
        "image",
        "--question",
        "emotion",
    )
    line = error_of(*words, "--intensity", 0.5, "--out", tmp_path / "test")
    assert "--intensity chooses none of these samples" in line
    assert not (tmp_path / "test").exists()


def test_a_test_of_which_is_better_from_folders_to_figures(tmp_path, folders):
    test = prepared(folders, tmp_path / "judge", "better", "--n", 8)
    assert len(test.trials) == 24  # three pairs, the hidden real ones among them
    words = "".join("2\n" if trial.shown[1].of == "ours" else "0\n" if trial.shown[0].of == "real" else "1\n"
                    for trial in blind.order_for(test.trials, "ada", 0))  # fmt: skip
    result = CliRunner().invoke(main, ["judge", "answer", str(test.folder), "--rater", "ada"], input=words)
    assert result.exit_code == 0, result.output
    assert "Trial 24 of 24: open " in result.output
    assert "ada has answered all 24 trials." in result.output
    rows = answers_of(test)
    assert len(rows) == 24
    by_item = {trial.item: trial for trial in test.trials}
    for row in rows:
        assert [row["first"], row["second"]] == [one.of for one in by_item[row["item"]].shown]
        assert row["label"] in EMOTIONS
    form, read = read_answers(test.folder / "answers.csv")
    assert (form, len(read)) == ("better", 24)
    output = ran("evaluate", "--human", test.folder / "answers.csv", "--out", tmp_path / "said")
    assert "human preference for ours over theirs" in output
    assert "human preference for ours over real" in output


def test_a_test_of_which_emotion_and_two_raters(tmp_path, folders):
    test = prepared(folders, tmp_path / "judge", "emotion", "--n", 4)
    assert test.labels == EMOTIONS
    assert Counter(trial.shown[0].of for trial in test.trials) == {"ours": 4, "theirs": 4, "real": 4}
    for rater in ("ada", "bob"):
        while (trial := blind.next_trial(test, rater)) is not None:
            blind.answer(
                test, rater, trial.item, "joy" if trial.shown[0].of == "ours" else trial.shown[0].label
            )
    figures = {(each.name, each.subject): each for each in human_figures(test.folder / "answers.csv")}
    assert figures["human accuracy", "real"].value == 1
    assert figures["human accuracy", "ours"].value == 0.5
    assert figures["human accuracy", "ours"].n == 8
    assert figures["Krippendorff's alpha", "theirs"].value == 1


def test_no_page_tells_where_its_samples_come_from(tmp_path, folders):
    test = prepared(folders, tmp_path / "judge", "better", "--n", 2)
    for trial in test.trials:
        page = test.page(trial.item).read_text().partition("</style>")[2]
        assert page.count("<img") == 2
        for word in ("ours", "theirs", "photographs", "real", "secret", "joy", "sadness"):
            assert word not in page
        assert "<script" not in page


def test_an_answer_is_kept_at_once_and_only_once(tmp_path, folders):
    test = prepared(folders, tmp_path / "judge", "better", "--n", 2)
    first = blind.next_trial(test, "ada")
    blind.answer(test, "ada", first.item, "1")
    assert [row["better"] for row in answers_of(test)] == [first.shown[0].of]
    with pytest.raises(ConfigError, match=rf"ada has answered trial {first.item} already"):
        blind.answer(test, "ada", first.item, "2")
    assert blind.next_trial(test, "ada").item != first.item
    again = blind.open_test(test.folder)  # whoever comes back goes on
    assert blind.answered(again, "ada") == {first.item}
    assert blind.answered(again, "bob") == frozenset()
    for wrong, message in (("left", "'left' is no answer; give 1, 2 and tie"), ("joy", "is no answer")):
        with pytest.raises(ConfigError, match=message):
            blind.answer(test, "bob", first.item, wrong)
    with pytest.raises(ConfigError, match="has no trial '99'"):
        blind.answer(test, "bob", "99", "1")
    for name in ("", "=cmd()", "a\nb", "x" * 61, "-1"):
        with pytest.raises(ConfigError, match="Who answers is named by"):
            blind.answer(test, name, first.item, "1")


def test_a_line_that_a_crash_cut_short_spoils_no_other(tmp_path, folders):
    test = prepared(folders, tmp_path / "judge", "better", "--n", 2)
    first, second = test.trials[:2]
    blind.answer(test, "ada", first.item, "1")
    path = test.folder / "answers.csv"
    path.write_bytes(path.read_bytes() + b"2,ad")
    blind.answer(test, "ada", second.item, "2")
    rows = answers_of(test)
    assert [rows[0]["item"], rows[2]["item"]] == [first.item, second.item]
    path.unlink()  # and a table that is gone begins anew
    blind.answer(test, "ada", first.item, "1")
    assert [row["item"] for row in answers_of(test)] == [first.item]


def test_a_rater_may_stop_and_mistype(tmp_path, folders):
    test = prepared(folders, tmp_path / "judge", "emotion", "--n", 2)
    words = ["judge", "answer", str(test.folder), "--rater", "ada"]
    result = CliRunner().invoke(main, words, input="3\nsadness\n2\nq\n")
    assert "'3' is no answer." in result.output
    assert "Kept 2 answers in" in result.output
    assert [row["answer"] for row in answers_of(test)] == ["sadness", "sadness"]
    assert "Trial 3 of 6" in CliRunner().invoke(main, words, input="q\n").output


def test_runs_bring_their_own_real_samples(tmp_path):
    run = untrained(
        "text",
        tmp_path / "run",
        labels=("joy", "sadness", "anger", "fear", "surprise", "disgust", "calm", "neutral"),
    )
    ran("judge", "prepare", run, "--question", "emotion", "--n", 8, "--out", tmp_path / "judge")
    test = blind.open_test(tmp_path / "judge")
    assert Counter(trial.shown[0].of for trial in test.trials) == {"run": 8, "real": 8}
    assert set(Counter(trial.shown[0].label for trial in test.trials).values()) == {2}
    sources = json.loads((test.folder / "test.json").read_text())["sets"]
    assert sources["real"].startswith("held-out samples of ")
    # what the run's texts are never shown without
    output = (
        CliRunner().invoke(main, ["judge", "answer", str(test.folder), "--rater", "ada"], input="q\n").output
    )
    assert output.startswith(f"{blind.MADE}\n")
    assert len(test.notes) > 1
    assert all(f"{note}\n" in output for note in test.notes)


def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path, folders):
    ours, theirs, real = folders
    words = ("judge", "prepare", "--question", "better", "--out", tmp_path / "judge")
    assert "Say what the samples of the folders are" in error_of(*words, ours, theirs)
    assert "There is no folder none" in error_of(*words, ours, "none")
    assert "name a folder of them with --real" in error_of(*words, ours, theirs, "--modality", "image")
    assert "is given twice" in error_of(*words, ours, ours, "--modality", "image", "--real", real)
    assert "of 1 to 4 runs or folders" in error_of(*words, *[ours] * 5, "--modality", "image", "--real", real)
    assert "lower --n" in error_of(*words, ours, "--modality", "image", "--real", real, "--n", 100)
    # before anything is drawn
    many = error_of(*words, ours, theirs, "--modality", "image", "--real", real, "--n", 1000)
    assert "That makes 3,000 trials, and at most 2,000 are made" in many
    assert not (tmp_path / "judge").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    full = ("judge", "prepare", ours, "--real", real, "--modality", "image", "--question", "better")
    assert "is not an empty folder" in error_of(*full, "--out", tmp_path / "mine")
    assert "holds no blind test" in error_of("judge", "answer", tmp_path / "mine", "--rater", "ada")
    (tmp_path / "mine" / "test.json").write_text(
        '{"question": "better", "trials": [{"item": "../../x", "shown": []}]}'
    )
    assert "does not describe a blind test" in error_of(
        "judge", "answer", tmp_path / "mine", "--rater", "ada"
    )
    assert invoke("judge", "prepare", ours, "--question", "worse").exit_code == 2


def test_tests_lie_where_the_studio_looks_unless_a_place_is_named(tmp_path, folders, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ours, _, real = folders
    for name in ("better", "better-2"):
        output = ran(
            "judge", "prepare", ours, "--real", real, "--modality=image", "--question=better", "--n=1"
        )
        assert f"multigan judge answer judge/{name} --rater NAME" in output
        assert "page Compare of multigan studio" in output
    assert [str(path) for path in blind.all_in()] == ["judge/better", "judge/better-2"]


def test_a_set_is_not_called_as_an_answer_is(tmp_path):
    places = [tmp_path / name for name in ("tie", "real", "new")]
    assert names_of_places(places) == (str(places[0]), str(places[1]), "new")


def test_sounds_are_as_loud_as_each_other():
    time = np.arange(8000, dtype=np.float32) / 8000
    tones = [Clip((gain * np.sin(2 * np.pi * 440 * time)).astype(np.float32), 8000) for gain in (0.9, 0.01)]
    levels = [float(np.sqrt(np.mean(aligned(tone).waveform ** 2))) for tone in tones]
    assert levels == pytest.approx([LEVEL, LEVEL], rel=1e-3)
    click = np.zeros(8000, np.float32)
    click[10] = 0.25
    assert np.abs(aligned(Clip(click, 8000)).waveform).max() == pytest.approx(
        1
    )  # no further than its peak allows
    silence = Clip(np.zeros(100, np.float32), 8000)
    assert aligned(silence) is silence
    assert aligned("a text") == "a text"


def test_many_raters_at_once_lose_no_answer(tmp_path, folders):
    test = prepared(folders, tmp_path / "judge", "better", "--n", 4)

    def rate(rater):
        while (trial := blind.next_trial(test, rater)) is not None:
            blind.answer(test, rater, trial.item, "1")

    raters = [f"rater {number}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(rate, raters))
    rows = answers_of(test)
    assert Counter(row["rater"] for row in rows) == dict.fromkeys(raters, 12)
    assert len(read_answers(test.folder / "answers.csv")[1]) == 48
