"""Reports side by side: what is shown, and what is said where figures are no comparison."""

import json

import pytest

from multigan.errors import ConfigError
from recipes.comparing import columns_of, direction, names_shown, notes, real_column, short_names
from tests.worlds.commands import error_of, ran


def figure(name, value, subject="generated", n=500, better=True):
    return {"name": name, "value": value, "low": value - 0.04, "high": value + 0.04, "n": n, "seed": 0, "subject": subject,
            "higher_is_better": better, "features": ""}  # fmt: skip


def report(folder, *figures, modality="image", subjects=("generated",)):
    folder.mkdir()
    content = {"modality": modality, "subjects": subjects, "figures": figures}
    (folder / "report.json").write_text(json.dumps(content))
    return folder


@pytest.fixture
def reports(tmp_path):
    real = figure("recall[x]", 0.9, "held-out real")
    one = report(tmp_path / "one", figure("noise floor", 1.0, better=None), figure("recall[x]", 0.5), real)
    two = report(
        tmp_path / "two", figure("recall[x]", 0.7), figure("emotion accuracy", 0.25, better=False), real
    )
    return one, two


def test_what_leads_comes_first_and_each_set_has_a_column(reports):
    columns = columns_of(reports)
    assert [column.name for column in columns] == ["one", "two"]
    assert names_shown(columns) == ["emotion accuracy", "recall[x]"]
    assert names_shown(columns, full=True) == ["emotion accuracy", "recall[x]", "noise floor"]
    assert [column.cell("recall[x]") for column in columns] == [
        "0.500 [0.460, 0.540]",
        "0.700 [0.660, 0.740]",
    ]
    assert [column.cell("emotion accuracy") for column in columns] == ["", "0.250 [0.210, 0.290]"]
    assert real_column(columns)["recall[x]"]["value"] == 0.9
    assert [direction(columns, name) for name in names_shown(columns, True)] == ["lower", "higher", ""]
    assert len(notes(columns)) == 1  # nothing but how to read intervals


def test_what_makes_figures_no_comparison_is_said(tmp_path, reports):
    other = report(
        tmp_path / "other", figure("recall[x]", 0.6, n=100), figure("recall[x]", 0.8, "held-out real")
    )
    said = " ".join(notes(columns_of([reports[0], other])))
    assert "The numbers of samples differ" in said
    assert "The real samples that they were measured against differ" in said
    assert "held-out real ones are shown of one." in said


def test_an_evaluation_of_several_sets_has_a_column_for_each(tmp_path, reports):
    several = report(
        tmp_path / "several",
        figure("recall[x]", 0.1, "A"),
        figure("recall[x]", 0.2, "B"),
        subjects=("A", "B"),
    )
    names = [column.name for column in columns_of([reports[0], several])]
    assert names == ["one", "several: A", "several: B"]


def test_folders_of_one_name_are_told_apart(tmp_path):
    places = [tmp_path / "a" / "run", tmp_path / "b" / "run", tmp_path / "b" / "other"]
    assert short_names(places) == ["a/run", "b/run", "b/other"]
    assert short_names(places[1:]) == ["run", "other"]
    assert short_names([places[0]] * 2) == [str(places[0])] * 2


def test_the_command(tmp_path, reports):
    output = ran("compare", *reports)
    assert "recall[x] (higher)" in output
    value, interval = (
        next(line for line in output.splitlines() if part in line) for part in ("0.700", "[0.660")
    )
    assert value.split()[-2:] == ["0.700", "0.900"]
    assert "[0.660, 0.740]" in interval
    assert "Where two intervals do not overlap" in output
    assert "noise floor" in ran("compare", *reports, "--verbose")
    assert "2 to 4 reports are compared; found 1" in error_of("compare", reports[0])
    assert "has no report" in error_of("compare", reports[0], tmp_path)
    sounds = report(tmp_path / "sounds", modality="audio")
    assert "These reports are of audio and image" in error_of("compare", reports[0], sounds)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"modality": "image", "subjects": 3, "figures": [1]}'])
def test_what_is_no_report_is_named(tmp_path, reports, content):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "report.json").write_text(content)
    with pytest.raises(ConfigError, match="is no report of multigan"):
        columns_of([reports[0], tmp_path / "odd"])
