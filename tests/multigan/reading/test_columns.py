"""What the columns of a table mean: settings that say it, words for intensities, and remedies that work."""

import re

import pytest

from multigan.audio.settings import AudioData
from multigan.config import load, parse_overrides, renamed
from multigan.errors import ConfigError, DataError
from multigan.image.data import ImageData
from multigan.reading.columns import (
    ColumnFlags,
    Columns,
    TextColumns,
    intensity_column,
    label_column,
    required,
    split_column,
)
from multigan.reading.intensities import WORDS, key_of_word
from multigan.reading.tables import open_table
from multigan.text.settings import TextData

OF_EVERY_MODALITY = ("label", "intensity", "intensity_values", "split")


def table(folder, header, name="a.csv"):
    path = folder / name
    path.write_text(f"{header}\n{','.join('x' for _ in header.split(','))}\n")
    return open_table(path)


@pytest.mark.parametrize("settings", [ImageData, AudioData, TextData])
def test_every_modality_says_it_in_the_same_words(settings):
    assert issubclass(settings, Columns)
    values = {"label": ["a", "b"], "intensity": "none", "intensity_values": {"mild": 1}, "split": "fold=5"}
    given = load(settings, values, "x")
    assert [getattr(given, name) for name in OF_EVERY_MODALITY] == [
        ["a", "b"],
        "none",
        {"mild": 1.0},
        "fold=5",
    ]
    with pytest.raises(ConfigError, match="split is COLUMN=VALUE or none, found 'fold'"):
        load(settings, {"split": "fold"}, "x")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"label": []}, "label names at least one column, or is none"),
        ({"split": " =5"}, "split is COLUMN=VALUE or none, found ' =5'"),
        ({"intensity_values": {"low": 1.5}}, "intensity_values are numbers from 0 to 1, found 1.5 for 'low'"),
        (
            {"label": True},
            "label is true where text or a whole number or a list, such as [1, 2], is expected",
        ),
        ({"label": [1]}, "label.0 is 1 (a whole number) where text is expected"),
        ({"text": {"a": 1}}, "text is a mapping of a where text or a whole number is expected"),
    ],
)
def test_settings_that_mean_nothing_are_refused_in_a_sentence(values, message):
    with pytest.raises(ConfigError, match=f"^x: {re.escape(message)}\\.$"):
        load(TextData, values, "x")


# --- names that settings had before


def test_older_names_are_read_and_told():
    old = {"label_columns": ["mood"], "held_out_where": "fold=5", "n_samples": 2048}
    values, notes = renamed(AudioData, old, "x", "data.")
    assert values == {"label": ["mood"], "split": "fold=5", "n_samples": 2048}
    assert notes == [
        "data.label_columns is called data.label now; the older name is still understood.",
        "data.held_out_where is called data.split now; the older name is still understood.",
    ]
    assert load(AudioData, old, "x") == AudioData(label=["mood"], split="fold=5", n_samples=2048)
    assert load(ImageData, {"labels_column": "mood"}, "x") == ImageData(label="mood")
    old = {"text_column": "body", "label_column": "none"}
    assert load(TextData, old, "x") == TextData(text="body", label="none")


def test_what_a_saved_run_left_open_needs_no_note():
    assert renamed(AudioData, {"held_out_where": None}, "x") == ({"split": None}, [])
    assert renamed(AudioData, {"label": "a"}, "x") == ({"label": "a"}, [])


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"label_column": "a", "label": "b"}, "data.label_column and data.label are"),
        ({"label": "b", "label_column": "a"}, "data.label and data.label_column are"),
        ({"labels_column": "a", "label_columns": ["b"]}, "data.labels_column and data.label_columns are"),
    ],
)
def test_a_setting_under_two_names_is_refused(values, names):
    with pytest.raises(ConfigError) as raised:
        renamed(TextData, values, "recipe x", "data.")
    message = f"recipe x: {names} one setting, which is called data.label now; give it once, under that name."
    assert str(raised.value) == message


def test_settings_without_older_names_stay_as_they_are():
    assert renamed(int, {"a": 1}, "x") == ({"a": 1}, [])
    with pytest.raises(ConfigError, match="no setting named 'RENAMED'"):
        load(ImageData, {"RENAMED": "x"}, "x")


# --- which column


def test_the_first_label_that_is_there_in_any_case(tmp_path):
    assert label_column(table(tmp_path, "file,class,Emotion"), Columns()) == "Emotion"
    assert label_column(table(tmp_path, "file,mood,class"), Columns(label=["genre", "class"])) == "class"
    assert label_column(table(tmp_path, "file,mood"), Columns()) is None
    assert label_column(table(tmp_path, "file,label,none"), Columns(label="none")) is None
    assert label_column(table(tmp_path, "file,label,0"), Columns(label=0)) == "0"


def test_intensity_and_split_are_optional_unless_they_are_named(tmp_path):
    strength = table(tmp_path, "file,Intensity,strength")
    assert intensity_column(strength, Columns()) == "Intensity"
    assert intensity_column(strength, Columns(intensity="strength")) == "strength"
    assert intensity_column(strength, Columns(intensity="none")) is None
    assert intensity_column(table(tmp_path, "file,label"), Columns()) is None
    assert split_column(strength, Columns(split="STRENGTH=x")) == "strength"
    assert split_column(strength, Columns(split="fold=x")) is None
    assert split_column(strength, Columns(split="none")) is None
    assert split_column(strength, Columns()) is None
    columns = Columns(split=" part = of it ")
    assert (columns.split_column, columns.split_value) == ("part", "of it")


@pytest.mark.parametrize(
    ("columns", "remedy"),
    [(TextColumns(), "(--set data.label=NAME)"), (ColumnFlags(), "(--labels-column NAME)")],
)
def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path, columns, remedy):
    names = table(tmp_path, ",".join(f"c{i}" for i in range(14)))
    with pytest.raises(DataError) as raised:
        required(names, "mood", columns, "label")
    shown = ", ".join(f"c{i}" for i in range(12))
    assert str(raised.value) == (
        f"{names.path} has no column 'mood'; its columns are {shown} and 2 more. Name one of these {remedy}."
    )


# --- intensities


def test_words_rise_from_very_low_to_very_strong():
    order = ("very low", "low", "normal", "strong", "very strong")
    assert [WORDS[word] for word in order] == [0.1, 0.25, 0.5, 0.75, 1.0]
    assert (WORDS["medium"], WORDS["high"], WORDS["very high"]) == (0.5, 0.75, 1.0)
    assert key_of_word(" Very_HIGH ") == key_of_word("very-high") == "very high"


def test_numbers_have_a_point_or_a_comma():
    scale = Columns().scale()
    assert [scale.value(cell, "x") for cell in ("0,5", "0,25", "1,0", "1,00", "0.5")] == [
        0.5,
        0.25,
        1.0,
        1.0,
        0.5,
    ]
    for cell in ("1,5", "1,000", "0,5,1", ",5"):
        with pytest.raises(DataError, match="it must be a number from 0 to 1"):
            scale.value(cell, "x")


def test_words_are_told_and_numbers_are_not():
    scale = Columns().scale()
    assert [scale.value(cell, "x") for cell in ("0.3", 1, 0, "", None, " 1e-1 ")] == [
        0.3,
        1.0,
        0.0,
        1.0,
        1.0,
        0.1,
    ]
    assert scale.notes == ()
    assert [scale.value(cell, "x") for cell in ("Strong", "normal", "strong")] == [0.75, 0.5, 0.75]
    assert scale.notes == (
        "Intensities are words: 'normal' is 0.5, 'strong' is 0.75. Others can be given, such as "
        '--set data.intensity_values="{normal: 0.67, strong: 1}".',
    )


def test_ones_own_words_and_codes_come_first():
    overrides = parse_overrides(["data.intensity_values={Normal: 0.5, 'strong': 1, 1: 0.2, 02: 0.9}"])
    scale = load(AudioData, overrides["data"], "x").scale()
    assert [scale.value(cell, "x") for cell in ("normal", "STRONG", "1", 1, "02", "low")] == [
        0.5,
        1.0,
        0.2,
        0.2,
        0.9,
        0.25,
    ]
    assert scale.notes[0].startswith("Intensities are words: 'low' is 0.25. Others")  # one's own need no note


@pytest.mark.parametrize("cell", ["fierce", "1.2", "-0.1", "nan", "inf", "5", True, "50%"])
def test_what_is_neither_is_refused_with_remedies_that_work(cell):
    with pytest.raises(DataError) as raised:
        Columns().scale().value(cell, "a.csv, line 3")
    message = str(raised.value)
    assert message.startswith(
        f"a.csv, line 3: the intensity is '{cell}', and it must be a number from 0 to 1 or one of the words very low, "
    )
    remedies = re.findall(r"\(--set (.*?)\)", message)
    assert [remedy.partition("=")[0] for remedy in remedies] == [
        "data.intensity_values",
        "data.intensity",
        "data.intensity",
    ]
    own = parse_overrides([remedies[0].replace('"', "").replace("WORD", f"'{cell}'")])["data"]
    assert load(ImageData, own, "x").scale().value(cell, "x") == 0.5
    assert load(ImageData, parse_overrides(remedies[2:])["data"], "x").intensity == "none"


def test_flags_are_spelt_as_flags():
    flags = ColumnFlags(text="a", label="b", intensity="c")
    assert flags.setting("label", "X") == "--labels-column X"
    assert flags.setting("text", "X") == "--text-column X"
    assert flags.setting("intensity_values", "X") == "in the table"
    assert flags.setting("intensity", "none") == "by taking the column away"
    assert flags.setting("label_names", "FILE") == "an emotions.txt beside them"
    assert TextColumns().setting("label_names", "FILE") == "--set data.label_names=FILE"
