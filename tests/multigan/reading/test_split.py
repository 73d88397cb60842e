"""Which samples are held out: by a column of their table, by a hash of their content, and what cannot be split."""

from pathlib import Path

import pytest

from multigan.errors import DataError
from multigan.reading.columns import ColumnFlags, Columns
from multigan.reading.split import chosen_by_hash, of_equal, split_of

NAMES = ("a", "b", "c", "d")
DIGESTS = ("0" * 64, "8" * 64, "f" * 64, "0" * 64)


def split(values, columns=None, share=0.1):
    return split_of(values, columns or Columns(split="part=test"), share, Path("data"), "image", "images")


def held_out(values, labels=None, places=range(4), notes=None):
    return split(values)[0].contents_held_out(places, NAMES, labels, DIGESTS, [] if notes is None else notes)


def test_files_that_hold_one_sample_have_one_digest():
    digests = ["d", "b", "c", "a", "e"]
    # the second and the last hold one sample, the first and the third another, and the fourth could not be read
    assert of_equal(digests, {0: "x", 1: "y", 2: "x", 4: "y"}) == ["x", "y", "x", "a", "y"]
    assert of_equal(digests, {0: "x", 1: "y", 2: "z"}) == of_equal(digests, {}) == digests
    assert of_equal(["d", "d", "c"], {0: "x", 1: "x", 2: "y"}) == ["d", "d", "c"]  # copies of one file


def test_a_share_of_the_contents_where_no_column_says_more():
    for columns in (Columns(), Columns(split="none")):
        found, notes = split(("test",) * 4, columns, 0.54)
        assert (found.chosen, found.fact, notes) == (None, 0.54, ())
        out = found.contents_held_out(range(4), NAMES, None, DIGESTS, [])
        assert out == chosen_by_hash([set(DIGESTS)], 0.54) == {"0" * 64, "8" * 64}


def test_without_the_column_a_note_says_what_chooses():
    found, notes = split(None)
    assert (found.chosen, found.fact) == (None, 0.1)
    assert notes == (
        "data has no table with a column 'part': what is held out (0.1 of the images) is chosen by a hash of their "
        "contents.",
    )


def test_a_column_chooses_and_copies_follow():
    values = ("test", "train", "", "train")
    found, notes = split(values)
    assert (found.fact, notes) == ([True, False, False, False], ())
    told = ["before"]
    assert held_out(values, notes=told) == {"0" * 64}
    assert told == ["before", "Held out with part=test, as copies of images that are: d."]
    assert held_out(("train", "test", "", "train")) == {"8" * 64}


@pytest.mark.parametrize(
    ("values", "labels", "places", "message"),
    [
        (
            ("train",) * 4,
            None,
            range(4),
            r"No image in data has part=test .* nothing is held out; the values of part are train\.",
        ),
        (
            ("test",) * 4,
            None,
            range(4),
            r"Every image in data has part=test .* nothing is left to train on; the values",
        ),
        (
            ("test", "", "", ""),
            None,
            (1, 2),
            r"has part=test; add some, or hold out something else \(.*split=COLUMN=VALUE.*\) or what a hash .*none\)\.$",
        ),
        (
            ("test", "", "", ""),
            None,
            (0, 3),
            r"No readable image in data is left for training beside those of part=test; add some, or",
        ),
        (
            ("test", "test", "", ""),
            ("x", "y", "z", "z"),
            (0, 1, 2),
            r"The class 'x' in data has no image for training: .*or hold out something else \(--set "
            r"data\.split=COLUMN=VALUE\) or what a hash of the contents chooses \(--set data\.split=none\)\.$",
        ),
    ],
)
def test_what_leaves_nothing_on_a_side_is_refused(values, labels, places, message):
    with pytest.raises(DataError, match=message):
        held_out(values, labels, places)


def test_remedies_are_those_of_the_command():
    with pytest.raises(
        DataError, match=r"\(--set data\.split=COLUMN=VALUE\), or .* \(--set data\.split=none\)\.$"
    ):
        split(("train",))
    with pytest.raises(DataError, match=r"\(--split COLUMN=VALUE\), or"):
        split(("train",), ColumnFlags(split="part=test"))


def test_no_samples_at_all_are_refused_elsewhere():
    assert split(())[0].chosen == ()
