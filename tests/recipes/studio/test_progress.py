"""A training as a page shows it: its numbers and words, whatever its files hold."""

import json

import pytest

from recipes.studio import progress
from recipes.studio.words import LANGUAGES, Words
from recipes.trainings import training_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    (folder / "previews").mkdir(parents=True)
    (folder / "run.json").write_text('{"training_samples": 2000}')
    values = {
        "samples_per_second": 50.0,
        "discriminator/fake_logits": -1.0,
        "generator/loss": 0.7,
        "<b>odd</b>": 1.0,
    }
    lines = [
        {"samples": at, "discriminator/real_logits": at / 1000, **values, "once": 2.0} for at in (500, 1000)
    ]
    del lines[0]["once"]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for at in (0, 1000):
        (folder / "previews" / f"{at:09d}.png").write_bytes(PNG)
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_far_it_is_with_picture_and_curves(run, language):
    words = Words(language)
    shown = progress.panel(training_of(run), words)
    assert words("state_stopped") in shown
    assert words("samples_of", samples="1,000", total="2,000") in shown
    assert '<progress value="1000" max="2000"' in shown
    assert words("preview_at", samples="1,000") in shown
    assert shown.count("<svg") == 2  # real and fake in one
    assert shown.count("<polyline") == 3


def test_other_curves_are_by_themselves_and_names_are_text(run):
    shown = progress.other_curves(training_of(run), Words("en"))
    assert "&lt;b&gt;odd&lt;/b&gt;" in shown
    assert "<b>odd" not in shown
    assert "once" not in shown  # a point is no line
    assert "generator/loss" not in shown


def test_what_a_log_says_is_text(run):
    (run / "training").mkdir()
    (run / "training" / "record.json").write_text('{"words": [], "code": 1}')
    (run / "training" / "log.txt").write_text("Error: <img src=x onerror=alert(1)> is wrong.\n")
    shown = progress.panel(training_of(run), Words("en"))
    assert "<b>Failed</b>" in shown
    assert "&lt;img src=x onerror=alert(1)&gt; is wrong." in shown
    assert "<img src=x" not in shown


def test_no_link_is_followed_to_a_picture_and_nothing_but_a_picture_is_shown(run, tmp_path):
    (tmp_path / "secret.png").write_bytes(PNG)
    (run / "previews" / "000002000.png").symlink_to(tmp_path / "secret.png")
    assert progress.newest_preview(run).name == "000001000.png"
    (run / "previews" / "000003000.png").write_text("no picture")
    assert "data:image/png" not in progress.panel(training_of(run), Words("en"))
    for path in (run / "previews").iterdir():
        path.unlink()
    (run / "previews").rmdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "000000001.png").write_bytes(PNG)
    (run / "previews").symlink_to(tmp_path / "pictures")
    assert progress.newest_preview(run) is None


def test_the_stamp_changes_with_what_is_shown_and_only_then(run):
    before = progress.stamp(training_of(run))
    assert progress.stamp(training_of(run)) == before
    with (run / "metrics.jsonl").open("a") as log:
        log.write('{"samples": 1000, "checkpoints/figure": 3.0}\n')
    assert progress.stamp(training_of(run)) != before
    (run / "previews" / "000001500.png").write_bytes(PNG)
    (run / "monitors.jsonl").write_text('{"monitor": "motion"}\n')
    shown = progress.panel(
        training_of(run), Words("en")
    )  # a recipe that is not there: a sentence in the place of verdicts
    assert "recipe.yaml" in shown
