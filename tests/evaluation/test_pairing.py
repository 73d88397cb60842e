"""A and B stay side by side: what cannot be read, or is missing, at one place of a set is left out of both."""

import numpy as np
import pytest

from evaluation.pipeline import evaluate
from evaluation.sources import as_samples
from tests.worlds.emotive import faces
from tests.worlds.pictures import noise, written

N = 120
METRICS = ["Vendi score", "pairwise distance"]


@pytest.fixture(scope="module")
def pair():
    """Faces, and the same ones a little paler."""
    one = faces(N, seed=2).contents
    return one, (one // 10 * 9 + 20).astype(np.uint8)


def written_both(pair, tmp_path):
    return {name: written(tmp_path / name, images) for name, images in zip("AB", pair, strict=True)}


def report_of(folders):
    return evaluate(noise(N, 0), folders, modality="image", metrics=METRICS, max_bad=0.05)


def widths(report):
    return {each.figure: each.high - each.low for each in report.differences}


def test_a_file_that_cannot_be_read_is_left_out_of_both_sets_and_the_report_says_so(pair, tmp_path):
    folders = written_both(pair, tmp_path)
    whole = report_of(folders)
    (folders["A"] / "007.png").write_bytes(b"")
    (folders["B"] / "090.png").write_bytes(b"")
    found = report_of(folders)
    assert widths(found) == pytest.approx(widths(whole), rel=0.5)
    assert [each.verdict for each in found.differences] == [each.verdict for each in whole.differences]
    assert "A is better" in [each.verdict for each in whole.differences]
    assert {figure.n for figure in found.figures if figure.subject in "AB"} == {N - 2}
    assert (
        "2 of the places that were drawn have a sample that could not be read, and were left out of A, B alike: samples of "
        "one place are compared in pairs." in found.warnings
    )


def test_a_file_that_is_missing_is_left_out_of_both_sets(pair, tmp_path):
    """Of equal length or not, sets whose files have the same names are side by side by name."""
    folders = written_both(pair, tmp_path)
    whole = widths(report_of(folders))
    (folders["A"] / "007.png").unlink()
    one_less = report_of(folders)
    (folders["B"] / "090.png").unlink()
    one_less_each = report_of(folders)
    for found in (one_less, one_less_each):
        assert widths(found) == pytest.approx(whole, rel=0.5)
    assert any("(007.png), so they were left out of all" in warning for warning in one_less.warnings)
    assert {figure.n for figure in one_less_each.figures if figure.subject in "AB"} == {N - 2}


def test_sets_with_other_names_or_far_more_samples_are_taken_whole(pair):
    """Nothing is left out of sets that were never side by side."""
    one, other = pair
    report = evaluate(noise(N, 0), {"A": as_samples(one), "B": as_samples(other[: N // 2])}, metrics=METRICS)
    assert report.provenance["n measured"] == N // 2
    assert not any("left out of" in warning for warning in report.warnings)
