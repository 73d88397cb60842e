"""Diversity of features and of pairs of images, and the LPIPS network, against independent code."""

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.spatial.distance import pdist

from evaluation.extractors import lpips
from evaluation.metrics import diversity
from evaluation.statistics import neighbours
from evaluation.statistics.estimate import groups
from multigan.errors import CheckpointError, DataError
from multigan.pretrained.weights import read_state


def pictures(seed, n, height, width, noise=40):
    """Smooth uint8 images [n, height, width, 3], each its own slope, with noise."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    slopes = (
        random.normal(size=(n, 1, 1, 3)) * rows[..., None]
        + random.normal(size=(n, 1, 1, 3)) * columns[..., None]
    )
    return (
        (128 + 60 * slopes + random.normal(size=(n, height, width, 3)) * noise).clip(0, 255).astype(np.uint8)
    )


# ---- in features ----


@pytest.mark.parametrize("tile", [2048, 17])
def test_pairwise_distance_agrees_with_scipy_with_each_group_left_out(tile, monkeypatch):
    monkeypatch.setattr(neighbours, "TILE", tile)
    features = np.random.default_rng(0).normal(3, 1, (65, 7)).astype(np.float32)
    found = diversity.estimate_pairwise_distance(features)
    assert found.value == pytest.approx(pdist(features.astype(float)).mean(), rel=1e-9)
    assert diversity.pairwise_distance(features) == pytest.approx(found.value, rel=1e-12)
    for g in range(20):
        kept = features[groups(65, 20) != g].astype(float)
        assert found.left_out[g] == pytest.approx(pdist(kept).mean(), rel=1e-9)


def test_pairwise_distance_by_hand():
    """0, 0, 3, 4 apart: of 6 pairs one at 0, two at 3, two at 4 and one at 5."""
    points = np.array([[0.0, 0], [0, 0], [3, 0], [0, 4]])
    assert diversity.pairwise_distance(points) == pytest.approx((3 + 3 + 4 + 4 + 5) / 6, rel=1e-12)
    assert diversity.pairwise_distance(np.full((50, 9), 0.1)) == 0


def test_collapse_lowers_the_pairwise_distance_beyond_its_interval():
    random = np.random.default_rng(1)
    good = random.normal(size=(400, 12))
    collapsed = good[random.integers(0, 3, 400)] + random.normal(size=(400, 12)) * 0.1
    assert (
        diversity.estimate_pairwise_distance(collapsed).interval.high
        < diversity.estimate_pairwise_distance(good).interval.low
    )


def test_equal_distributions_are_rarely_told_apart():
    differ = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        first, second = (diversity.estimate_pairwise_distance(random.normal(size=(60, 4))) for _ in range(2))
        without = first.left_out - second.left_out
        error = np.sqrt(19 / 20 * ((without - without.mean()) ** 2).sum())
        differ += abs(first.value - second.value) > stats.t.ppf(0.975, 19) * error
    assert differ <= 20  # P(more than 20 of 200 at 5%) = 0.1%


# ---- pairs ----


def test_pairs_share_a_label_and_a_group_and_are_distinct():
    labels = np.random.default_rng(2).integers(0, 3, 300)
    pairs = diversity.pairs_within(300, labels, 500, seed=0)
    assert len(pairs) == 500
    assert (labels[pairs[:, 0]] == labels[pairs[:, 1]]).all()
    assert (pairs[:, 0] % 20 == pairs[:, 1] % 20).all()
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert len({frozenset(pair) for pair in pairs.tolist()}) == 500
    np.testing.assert_array_equal(pairs, diversity.pairs_within(300, labels, 500, seed=0))
    assert not np.array_equal(pairs, diversity.pairs_within(300, labels, 500, seed=1))


def test_all_pairs_where_fewer_are_there_than_asked_for():
    """80 samples: 20 groups of 4, with 6 pairs each; 60: of 3, with 3 each."""
    for n, expected in ((80, 120), (60, 60)):
        pairs = diversity.pairs_within(n, None, 10_000, seed=0)
        assert len({frozenset(pair) for pair in pairs.tolist()}) == len(pairs) == expected


def test_pairs_need_samples_with_the_same_label():
    with pytest.raises(DataError, match="too few samples for pairs"):
        diversity.pairs_within(50, np.arange(50), 100, seed=0)
    with pytest.raises(DataError, match="50 samples and 3 labels"):
        diversity.pairs_within(50, [0, 1, 2], 100, seed=0)


# ---- MS-SSIM ----


def test_ms_ssim_agrees_with_torchmetrics():
    from torchmetrics.image import MultiScaleStructuralSimilarityIndexMeasure

    one, other = pictures(3, 3, 176, 190), pictures(4, 3, 176, 190)
    other[0] = one[0]
    metric = MultiScaleStructuralSimilarityIndexMeasure(data_range=1.0, reduction="none")
    expected = metric(*(torch.from_numpy(held / 255).permute(0, 3, 1, 2).float() for held in (one, other)))
    found = diversity.ms_ssim(one, other)
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)
    assert found[0] == pytest.approx(1)
    assert found[1:].max() < 0.9


def by_definition(one, other, weights):
    """MS-SSIM by scipy's filters in float64, of one channel mean: eq. 7 of Wang et al. 2003."""
    from scipy.ndimage import correlate

    tap = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = (np.outer(tap, tap) / tap.sum() ** 2)[..., None]
    a, b, found = one.astype(float), other.astype(float), 1.0
    for at, weight in enumerate(weights):
        mean_a, mean_b, aa, bb, ab = (
            correlate(held, window, mode="mirror") for held in (a, b, a * a, b * b, a * b)
        )
        contrast = (2 * (ab - mean_a * mean_b) + 58.5225) / (aa - mean_a**2 + bb - mean_b**2 + 58.5225)
        luminance = (2 * mean_a * mean_b + 6.5025) / (mean_a**2 + mean_b**2 + 6.5025)
        last = at == len(weights) - 1
        found *= max(0, (luminance * contrast if last else contrast[5:-5, 5:-5]).mean()) ** weight
        size = len(a) // 2
        a, b = (
            held[: 2 * size, : 2 * size].reshape(size, 2, size, 2, 3).mean(axis=(1, 3)) for held in (a, b)
        )
    return found


@pytest.mark.parametrize(("size", "scales"), [(24, 2), (64, 3), (112, 4), (176, 5)])
def test_ms_ssim_of_smaller_images_has_fewer_scales_with_weights_of_the_same_sum(size, scales):
    one, other = pictures(5, 1, size, size, 15), pictures(6, 1, size, size, 15)
    other = (one.astype(int) * 2 // 3 + other // 3).astype(np.uint8)
    assert diversity.n_scales(size, size) == scales
    weights = np.array(diversity.WEIGHTS[:scales])
    weights *= sum(diversity.WEIGHTS) / weights.sum()
    expected = by_definition(one[0], other[0], weights)
    assert diversity.ms_ssim(one, other)[0] == pytest.approx(expected, rel=1e-5)
    assert 0.05 < expected < 0.99


def test_ms_ssim_refuses_what_it_cannot_compare():
    with pytest.raises(DataError, match="at least 11x11 pixels; found 10x40"):
        diversity.ms_ssim(pictures(0, 1, 10, 40), pictures(1, 1, 10, 40))
    with pytest.raises(DataError, match="one size"):
        diversity.ms_ssim(pictures(0, 1, 20, 20), pictures(1, 1, 20, 21))


def test_estimate_ms_ssim_notices_collapse_and_says_what_it_did():
    """Images of two sizes; the collapsed ones are 3 pictures over and over, with a little noise."""
    random, labels = np.random.default_rng(7), np.arange(200) // 20 % 2
    good = [pictures(seed, 1, 30 + seed % 2, 28)[0] for seed in range(200)]
    collapsed = [
        (good[2 * at].astype(int) + random.integers(-3, 4, (30, 28, 3))).clip(0, 255).astype(np.uint8)
        for at in random.integers(0, 3, 200)
    ]
    healthy, sick = (
        diversity.estimate_ms_ssim(held, labels, seed=0, n_pairs=100) for held in (good, collapsed)
    )
    assert sick.interval.low > healthy.interval.high
    assert healthy.note == "100 pairs that share a label, at 30x28 pixels, by area. 2 scales."
    pairs = diversity.pairs_within(200, labels, 100, seed=0)
    values = [diversity.ms_ssim(*(collapsed[row][None] for row in pair))[0] for pair in pairs]
    assert sick.value == pytest.approx(np.mean(values), rel=1e-6)
    without = np.array(values)[pairs[:, 0] % 20 != 4].mean()
    assert sick.left_out[4] == pytest.approx(without, rel=1e-6)


# ---- LPIPS ----


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Files of torchvision's networks, with seeded weights: name -> path."""
    import torchvision

    paths = {}
    for name in lpips.LAYERS:
        with torch.device("meta"):
            network = getattr(torchvision.models, name)(weights=None)
        stream, state = torch.Generator().manual_seed(0), {}
        for key, value in network.features.state_dict().items():
            scale = (2 / value[0].numel()) ** 0.5 if value.ndim > 1 else 0.1
            state[f"features.{key}"] = torch.randn(value.shape, generator=stream) * scale
        paths[name] = tmp_path_factory.mktemp("weights") / f"{name}.pth"
        torch.save({**state, "classifier.6.bias": torch.zeros(1000)}, paths[name])
    return paths


@pytest.mark.parametrize(("name", "other_name"), [("alexnet", "alex"), ("vgg16", "vgg")])
def test_lpips_agrees_with_torchmetrics(name, other_name, weights):
    from torchmetrics.functional.image.lpips import _LPIPS

    network = lpips.load(torch.device("cpu"), {"weights": weights[name]})
    other = _LPIPS(pretrained=False, pnet_rand=True, net=other_name)
    held = {key.removeprefix("features."): value for key, value in read_state(weights[name]).items()}
    for part in (other.net.slice1, other.net.slice2, other.net.slice3, other.net.slice4, other.net.slice5):
        part.load_state_dict({key: held[key] for key in part.state_dict()})
    other.load_state_dict(read_state(lpips._heads_file(name)), strict=False)
    first, second = pictures(8, 3, 64, 72), pictures(9, 3, 64, 72)
    second[1] = first[1]
    pixels = (torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1 for images in (first, second))
    with torch.inference_mode():
        expected = other(*pixels).flatten().numpy()
    found = network.distance(first, second)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-8)
    assert found[1] == 0
    assert found[[0, 2]].min() > 1e-3
    np.testing.assert_allclose(network.distance(second, first), found, rtol=1e-5)
    assert network.name == f"lpips-{name}"
    assert len(network.digest) == 64


def test_lpips_agrees_with_torch_fidelity(weights, monkeypatch):
    """Its own code, with our files in the place of its downloads."""
    import torchvision
    from torch_fidelity import sample_similarity_lpips as theirs

    heads = read_state(lpips._heads_file("vgg16"))
    with torch.device("meta"):
        backbone = torchvision.models.vgg16(weights=None)
    backbone.load_state_dict(read_state(weights["vgg16"]), strict=False, assign=True)
    monkeypatch.setattr(theirs, "load_state_dict_from_url", lambda *_, **__: heads)
    monkeypatch.setattr(theirs, "torchvision_load_pretrained_vgg16", lambda: backbone)
    first, second = pictures(10, 2, 48, 40), pictures(11, 2, 48, 40)
    with torch.inference_mode():
        expected = theirs.SampleSimilarityLPIPS("lpips")(
            *(torch.from_numpy(images).permute(0, 3, 1, 2) for images in (first, second))
        )
    found = lpips.load(torch.device("cpu"), {"weights": weights["vgg16"]}).distance(first, second)
    np.testing.assert_allclose(found, expected.flatten().numpy(), rtol=1e-5)


def test_estimate_lpips_notices_collapse(weights):
    network = lpips.load(torch.device("cpu"), {"weights": weights["alexnet"]})
    good = pictures(12, 80, 32, 32)
    collapsed = np.repeat(good[:1], 80, axis=0)
    collapsed[:, 0, 0] = np.arange(80)[:, None]
    healthy, sick = (
        diversity.estimate_pairwise_lpips(held, None, network, 0, 40) for held in (good, collapsed)
    )
    assert sick.interval.high < healthy.interval.low
    assert healthy.note == "40 pairs, at 32x32 pixels. lpips-alexnet."


def test_lpips_refuses_other_files_and_images(weights, tmp_path):
    torch.save({"features.0.weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(
        CheckpointError, match=r"other\.pth does not hold the weights of torchvision's AlexNet or VGG16"
    ):
        lpips.load(torch.device("cpu"), {"weights": tmp_path / "other.pth"})
    network = lpips.load(torch.device("cpu"), {"weights": weights["alexnet"]})
    with pytest.raises(DataError, match="32 pixels or more"):
        network.distance(pictures(0, 1, 31, 40), pictures(1, 1, 31, 40))
