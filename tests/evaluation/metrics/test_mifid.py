"""MiFID: by hand, parity with torchmetrics, copies, what is left out, calibration."""

import numpy as np
import pytest
import torch

from evaluation.metrics import mifid as module
from evaluation.metrics.frechet import estimate_frechet, frechet_distance_of
from evaluation.metrics.mifid import estimate_mifid, memorisation_distance, mifid
from evaluation.statistics.comparison import difference
from evaluation.statistics.estimate import interactions, left_out, pairs_of_groups
from multigan.errors import DataError


def pictures(random, n, size=12, scale=1.0, mean=0.3):
    """Features as networks give them: none below 0; the larger the mean, the more they point one way."""
    return np.maximum(random.normal(size=(n, size)) * scale + mean, 0)


def test_by_hand():
    """Directions 0 and 90 degrees; fakes at 0, at 180 (the same line), at 60 and of length 0: 0, 0, 1 - cos 30 and 1."""
    real = np.array([[2.0, 0], [0, 3]])
    fake = np.array([[1.0, 0], [-5, 0], [0.5, np.sqrt(0.75)], [0, 0]])
    expected = (1 - np.sqrt(0.75) + 1) / 4
    assert memorisation_distance(real, fake) == pytest.approx(expected, rel=1e-12)
    assert mifid(real, fake) == frechet_distance_of(real, fake)  # 0.28 is not below 0.1
    near = fake[:3]
    assert memorisation_distance(real, near) == pytest.approx((1 - np.sqrt(0.75)) / 3, rel=1e-12)
    assert mifid(real, near) == pytest.approx(
        3 * frechet_distance_of(real, near) / (1 - np.sqrt(0.75)), rel=1e-10
    )


@pytest.mark.filterwarnings("ignore:Metric `Memorization")
@pytest.mark.parametrize(("mean", "pays"), [(0.3, False), (3.0, True)])
def test_parity_with_torchmetrics(mean, pays, monkeypatch):
    from torchmetrics.image.mifid import MemorizationInformedFrechetInceptionDistance

    monkeypatch.setattr(module, "BLOCK_ROWS", 50)
    random = np.random.default_rng(0)
    real, fake = pictures(random, 120, mean=mean), pictures(random, 120, mean=mean, scale=1.2)
    theirs = MemorizationInformedFrechetInceptionDistance(feature=torch.nn.Identity())
    # it looks from each sample of the set that it takes as real
    theirs.update(torch.from_numpy(fake), real=True)
    theirs.update(torch.from_numpy(real), real=False)
    assert (memorisation_distance(real, fake) < 0.1) == pays
    assert mifid(real, fake) == pytest.approx(theirs.compute().item(), rel=1e-6)
    assert (mifid(real, fake) > 2 * frechet_distance_of(real, fake)) == pays


def test_fakes_that_do_not_pay_have_the_frechet_distance():
    random = np.random.default_rng(1)
    real, fake = pictures(random, 100), pictures(random, 100)
    found, frechet = estimate_mifid(real, fake), estimate_frechet(real, fake)
    assert (found.value, found.interval) == (frechet.value, frechet.interval)
    np.testing.assert_array_equal(found.left_out, frechet.left_out)
    assert found.note.startswith("Mean distance to the nearest real sample 0.1")
    assert found.note.endswith("not below 0.1: as the Fréchet distance.")


@pytest.mark.parametrize(("n", "n_groups"), [(207, 20), (5, 5)])
def test_what_is_left_out_is_computed_anew(n, n_groups):
    """The Fréchet distance in its own way, the memorisation distance exactly, and both groups of a pair alike."""
    random = np.random.default_rng(2)
    real, fake = pictures(random, n, mean=3), pictures(random, n, mean=3)
    found, frechet = estimate_mifid(real, fake), estimate_frechet(real, fake)
    distances = left_out(memorisation_distance, real, fake, n_groups=n_groups)
    np.testing.assert_allclose(found.left_out, frechet.left_out / distances, rtol=1e-9)
    assert found.value == pytest.approx(frechet.value / memorisation_distance(real, fake), rel=1e-9)
    assert found.note.endswith("below 0.1: divided by it.")
    pairs = pairs_of_groups(n_groups)
    both = module._without_both(frechet, pairs)
    again = interactions(frechet.value, frechet.left_out, pairs, both)
    assert again is not None
    assert frechet.interactions is not None
    np.testing.assert_allclose(again, frechet.interactions, atol=1e-9)
    stays = ~np.isin(np.arange(n) % n_groups, pairs[4])
    both = both / memorisation_distance(real[stays], fake[stays])
    assert found.interactions is not None
    expected = interactions(found.value, found.left_out, pairs, both)
    assert expected is not None
    assert found.interactions[4] == pytest.approx(expected[4], rel=1e-6)


def test_copies_pay_where_their_frechet_distance_is_as_large():
    """All are brighter by a half; three of four are then copies of real samples."""
    random = np.random.default_rng(3)
    real, good = pictures(random, 300, mean=1), 1.5 * pictures(random, 300, mean=1)
    copies = np.where(np.arange(300)[:, None] % 4 < 3, 1.5 * real, good)
    assert estimate_frechet(real, copies).value < 1.1 * estimate_frechet(real, good).value
    assert estimate_mifid(real, copies).interval.low > estimate_mifid(real, good).interval.high
    assert 1e9 < estimate_mifid(real, np.vstack([real[:299], real[:1]])).value < np.inf


def test_equal_sets_are_seldom_told_apart():
    random, different = np.random.default_rng(4), 0
    for _ in range(100):
        real, one, other = (pictures(random, 100, 6, mean=2) for _ in range(3))
        assert memorisation_distance(real, one) < 0.1
        _, interval = difference(estimate_mifid(real, one), estimate_mifid(real, other))
        different += not interval.low <= 0 <= interval.high
    assert different <= 10


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(DataError, match=r"found \[5, 3\] and \[5, 4\]"):
        mifid(np.ones((5, 3)), np.ones((5, 4)))
    with pytest.raises(DataError, match="at least 3 samples"):
        estimate_mifid(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(DataError, match="not a number"):
        memorisation_distance(np.ones((5, 3)), np.full((5, 3), np.nan))
