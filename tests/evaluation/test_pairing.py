"""A and B stay side by side: what cannot be read, or is missing, at one place is left out of both; and near-copies."""

from dataclasses import replace

import numpy as np
import pytest

from evaluation import pipeline
from evaluation.features.subset import Subset
from evaluation.pipeline import evaluate
from evaluation.plan import places
from evaluation.sources import as_samples
from evaluation.statistics.copies import kept_together
from evaluation.statistics.estimate import Estimate, left_out_means
from evaluation.statistics.intervals import wilson
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


def near_copies(images):
    """Every image four times, with other noise, in random order."""
    random = np.random.default_rng(5)
    rows = random.permutation(np.repeat(np.arange(N // 4), 4))
    return np.clip(images[rows] + random.integers(-1, 2, images.shape), 0, 255).astype(np.uint8)


def test_near_copies_are_told_with_an_effective_n_and_widen_intervals(pair, monkeypatch):
    one, other = pair
    labels = ["joy", "anger"] * (N // 2)
    sets = {"A": as_samples(near_copies(one), labels=labels), "B": as_samples(other, labels=labels)}
    real = as_samples(faces(N, seed=3).contents, labels=labels)
    metrics = [*METRICS, "MS-SSIM"]

    def report():
        return evaluate(real, sets, metrics=metrics)

    found = report()
    (warning,) = [held for held in found.warnings if "near-copies" in held]
    assert warning.startswith(
        "100% of the A samples are near-copies of each other, so that 120 of them tell about as much as 30 "
    )
    assert "though not wide enough for so few" in warning
    monkeypatch.setattr(places.copies, "usual", lambda real: None)
    apart = report()
    assert not any("near-copies" in held for held in apart.warnings)
    name = "pairwise distance[random-conv-v1]"
    ends = [held.figure(name, "A") for held in (found, apart)]
    assert ends[0].value == pytest.approx(ends[1].value, rel=1e-9)
    assert ends[0].high - ends[0].low > 1.3 * (ends[1].high - ends[1].low)
    # copies that lie in one group are no pairs of MS-SSIM, which would raise it
    assert found.figure("MS-SSIM", "A").value < apart.figure("MS-SSIM", "A").value + 0.1


def test_shares_of_near_copies_have_an_effective_n():
    """Groups of four that are right or wrong together: 400 of them tell as much as 100, so twice as wide an interval."""
    plain = Subset(as_samples(["a"] * 400), np.arange(400), {})
    clustered = replace(plain, clusters=np.zeros(400, np.int64))
    order, ratios = kept_together(np.repeat(np.arange(100) * 4, 4)), []
    for seed in range(20):
        values = np.repeat(np.random.default_rng(seed).random(100) < 0.5, 4)
        share, without = float(values.mean()), left_out_means(values[order], 20)
        estimate = Estimate(share, without, wilson(int(values.sum()), 400), 400)
        assert pipeline._of_dependent(estimate, plain) is estimate
        wide = pipeline._of_dependent(estimate, clustered).interval
        ratios.append((wide.high - wide.low) / (estimate.interval.high - estimate.interval.low))
    assert 1.7 < np.mean(ratios) < 2.3
