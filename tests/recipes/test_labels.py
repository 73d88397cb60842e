"""What a person is told of the labels before anything is made of them, and that no name is obeyed by a terminal."""

import os
from pathlib import Path

import pytest
from rich.text import Text

from multigan.errors import DataError, for_terminal
from multigan.reading.audio import Clip, pcm16_wav
from recipes.console import console_of_files, label_counts, say
from recipes.evaluations import _refuse_other_labels
from tests.worlds.clips import tone
from tests.worlds.commands import invoke
from tests.worlds.pictures import picture


def write(folder, modality, counts, first=0):
    """So many samples of each class in folders."""
    for label, n in counts.items():
        for i in range(first, first + n):
            path = folder / label / f"{i:02d}"
            path.parent.mkdir(parents=True, exist_ok=True)
            seed = 100 * sum(map(ord, label)) + i
            if modality == "image":
                picture(path.with_suffix(".png"), seed)
            elif modality == "audio":
                path.with_suffix(".wav").write_bytes(pcm16_wav(Clip(tone(seed), 8_000)))
            else:
                path.with_suffix(".txt").write_text(f"this is text {i} of {label}\n")
    return folder


@pytest.mark.parametrize(
    ("modality", "recipe"),
    [("image", "emotive-images"), ("audio", "emotive-audio"), ("text", "emotive-text")],
)
def test_labels_are_counted_before_training(tmp_path, monkeypatch, modality, recipe):
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path / "cache"))
    folder = write(tmp_path / "data/train", modality, {"fear": 3, "joy": 2}).parent
    write(folder / "test", modality, {"fear": 1, "joy": 2}, first=9)
    result = invoke("recipe", "run", recipe, "--data", folder, "--out", tmp_path / "out")
    shown = result.output.splitlines()
    assert "Training samples: 5, 2 labels: joy 2, fear 3" in shown  # and not train and test
    assert "Held-out samples: 3, 2 labels: joy 2, fear 1" in shown
    assert not any("no held-out sample is" in line for line in shown)
    assert shown[-1].startswith("Error: There are 5 training samples; a run needs")


def test_labels_that_no_held_out_sample_has_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path / "cache"))
    folder = write(tmp_path / "data/train", "image", {"fear": 3, "joy": 2}).parent
    write(folder / "test", "image", {"fear": 1}, first=9)
    shown = invoke("recipe", "run", "emotive-images", "--data", folder, "--out", tmp_path / "out").output
    assert (
        "Note: no held-out sample is labelled joy: what is measured beside held-out samples says nothing"
        in shown
    )


def test_labels_are_counted_before_an_evaluation_and_links_have_a_flag(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    real = write(tmp_path / "real", "text", {"joy": 12, "anger": 20})
    write(tmp_path / "other", "text", {"fear": 3})
    os.symlink(tmp_path / "other/fear", real / "fear")
    words = ("evaluate", "--real", real, "--fake", real, "--modality", "text", "--metrics", "distinct-1")
    result = invoke(*words, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "If that is meant, say so with --links follow" in result.output
    result = invoke(*words, "--out", tmp_path / "out", "--links", "follow")
    assert result.exit_code == 0, result.output
    assert f"real: {real}, 35 samples, 3 labels: joy 12, anger 20, fear 3" in result.output.splitlines()


def test_counts_in_words():
    assert label_counts(None) == label_counts([]) == "no labels"
    assert label_counts(["x", "", "y"]) == "2 labels: x 1, y 1, and 1 that cannot be read"
    assert label_counts(["x"] * 1_200) == "1 label: x 1,200"
    assert label_counts(map(str, range(50))).endswith("and 10 more")


def test_what_a_terminal_would_obey_is_not_shown(capsys):
    assert for_terminal("a\x1b[31mb\nc\u202ed\x9be") == r"a\x1b[31mb\nc\u202ed\x9be"
    assert for_terminal("\u00fc\u5e78 \U0001f600\udc80") == "\u00fc\u5e78 \U0001f600\\udc80"
    console = console_of_files()
    say(console, "label joy\x1b]0;owned\x07\nWarning: forged")
    console.print(Text("two\x1b[2J\nlines"))
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert shown.splitlines() == [
        r"label joy\x1b]0;owned\x07\nWarning: forged",
        r"two\x1b[2J",
        "lines",
    ]


def test_errors_are_one_line_whatever_names_hold(tmp_path):
    folder = write(tmp_path / "data", "image", {"joy": 2})
    (folder / "fe\x1b[2Jar\nError: forged").mkdir()
    result = invoke("recipe", "run", "emotive-images", "--data", folder, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "\x1b" not in result.output
    (line,) = result.output.splitlines()
    assert line.startswith("Error: The class folder ")


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (("joy", "fear", "pride"), r"learned \(joy, fear\): now also pride\. Restore them"),
        (("joy",), r"no longer fear\."),
        (
            ("joy", "pride"),
            r"now also pride, no longer fear\. .* multigan evaluate --modality image --real d --fake",
        ),
    ],
)
def test_labels_that_a_run_did_not_learn_are_one_sentence(now, said):
    with pytest.raises(DataError, match=said):
        _refuse_other_labels(Path("r"), "image", Path("d"), ("joy", "fear"), now)
    _refuse_other_labels(Path("r"), "image", Path("d"), now, now)
