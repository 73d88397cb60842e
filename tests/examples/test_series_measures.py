"""The measures of examples/series: closed forms, independent code, and what is left out."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from evaluation.statistics.estimate import groups
from tests.examples.test_tables import installed  # noqa: F401, a fixture: the package


def of_groups(values, kept, n_groups=20):
    return values[groups(len(values), n_groups) != kept]


def test_kolmogorov_smirnov_is_scipys():
    from series.measures import kolmogorov_smirnov, number_distance

    random = np.random.default_rng(0)
    one, other = random.normal(0, 1, 300).round(1), random.normal(0.4, 1.3, 200).round(1)
    assert kolmogorov_smirnov(one, other) == pytest.approx(stats.ks_2samp(one, other).statistic)
    assert kolmogorov_smirnov(one, one) == 0
    assert number_distance(np.array([np.nan] * 8 + [1.0] * 2), np.array([np.nan, 1.0])) == pytest.approx(0.3)
    assert number_distance(one, np.full(5, np.nan)) == 1


def test_total_variation_by_hand():
    from series.measures import total_variation

    one, other = np.array(list("aabc"), object), np.array(list("abdd"), object)
    assert total_variation(one, other) == pytest.approx((0.25 + 0 + 0.25 + 0.5) / 2)


def test_associations_are_those_of_independent_code():
    from series.measures import association_tables, scores_of

    random = np.random.default_rng(1)
    n = 400
    number = random.normal(0, 1, n).round(1)
    other = number + random.normal(0, 1, n)
    letters = np.array(list("abc"), object)[random.integers(3, size=n)]
    words = np.where(random.random(n) < 0.6, letters, "z").astype(object)
    columns = [(number, None), (other, None), (letters, ("a", "b", "c")), (words, ("a", "b", "c", "z"))]
    scores = [scores_of(values, categories) for values, categories in columns]
    table, without = association_tables(scores, 20)
    assert table[0, 1] == pytest.approx(stats.spearmanr(number, other).statistic)
    counts = stats.contingency.crosstab(letters, words).count
    assert table[2, 3] == pytest.approx(stats.contingency.association(counts, "cramer"))
    ranks = stats.rankdata(other)
    between = sum(
        (letters == one).sum() * (ranks[letters == one].mean() - ranks.mean()) ** 2 for one in "abc"
    )
    assert table[1, 2] == pytest.approx(np.sqrt(between / ((ranks - ranks.mean()) ** 2).sum()))
    again, _ = association_tables([of_groups(own, 3) for own in scores], 20)
    assert without[3] == pytest.approx(again)
    assert (np.diag(table) == 0).all()
    assert (table == table.T).all()


def test_a_constant_column_is_associated_with_nothing():
    from series.measures import association_tables, scores_of

    columns = [
        scores_of(np.full(40, 2.0), None),
        scores_of(np.array(["a"] * 40, object), ("a",)),
        np.arange(40.0)[:, None],
    ]
    assert (association_tables(columns, 20)[0] == 0).all()


def test_differences_of_associations_are_named():
    from series.measures import estimate_associations

    random = np.random.default_rng(2)
    base = random.normal(0, 1, (2, 1_000, 1))
    real, fake = [base[0], base[0], base[1]], [base[0], -base[0], base[1]]
    mean, worst = estimate_associations(["x", "y", "z"], real, fake)
    assert worst.value == pytest.approx(2, abs=0.01)
    assert worst.note.startswith("x and y: real 1.00, here -1.00")
    assert mean.value == pytest.approx(
        (2 + 0 + 2 * abs(np.corrcoef(base[0, :, 0], base[1, :, 0])[0, 1])) / 3, abs=0.01
    )


def test_training_on_what_tells_the_label_is_as_good_as_on_real_ones_and_on_noise_is_not():
    from series.measures import estimate_trained_elsewhere

    random = np.random.default_rng(3)
    labels = np.arange(600) % 2
    ring = np.where(labels == 1, 2.0, 1.0)[:, None] * np.array(
        [[np.cos(a), np.sin(a)] for a in random.uniform(0, 7, 600)]
    )
    test, own = ring[300:], labels[300:]
    good = estimate_trained_elsewhere(ring[:300], labels[:300], test, own, 2, 0)
    assert good.value > 0.97  # which no line through the plane reaches
    bad = estimate_trained_elsewhere(ring[:300], random.permutation(labels[:300]), test, own, 2, 0)
    assert bad.value == pytest.approx(0.5, abs=0.12)
    assert bad.interval.low < 0.5 < bad.interval.high
    assert len(good.left_out) == 20


def test_equal_sets_of_columns_lie_within_the_interval_of_others_like_them():
    from series.measures import estimate_columns, kolmogorov_smirnov

    random = np.random.default_rng(4)
    a, b, shifted = random.normal(0, 1, 1_000), random.normal(0, 1, 1_000), random.normal(0.5, 1, 1_000)
    mean, worst = estimate_columns(["same", "other"], [kolmogorov_smirnov] * 2, [a, a], [b, shifted])
    assert worst.value == pytest.approx(kolmogorov_smirnov(a, shifted))
    assert mean.value == pytest.approx((kolmogorov_smirnov(a, b) + worst.value) / 2)
    assert worst.note.startswith("other 0.")
    assert worst.interval.low < stats.norm.cdf(0.25) - stats.norm.cdf(-0.25) < worst.interval.high


def test_held_out_samples_are_never_tested_on_themselves():
    from series.measures import training_and_test

    real, fake, held_out, treated = (
        SimpleNamespace(labels=[0, 1], name=name) for name in ("real", "fake", "out", "through")
    )

    def sides(subject, side):
        evidence = SimpleNamespace(
            subject=subject, real=real, fake=side, held_out=held_out, sets=(real, fake, held_out), n_labels=2
        )
        return [one.name for one in training_and_test(evidence)]

    assert sides("generated", fake) == ["fake", "out"]
    assert sides("held-out real", held_out) == ["real", "out"]
    assert sides("held-out real, there and back", treated) == ["through", "real"]
    fake.labels = None
    evidence = SimpleNamespace(subject="a", real=real, fake=fake, held_out=None, sets=(fake,), n_labels=2)
    assert training_and_test(evidence) is None
