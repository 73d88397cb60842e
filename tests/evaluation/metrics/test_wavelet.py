"""The Fréchet wavelet distance: packets by hand, an independent implementation, and what it notices."""

import itertools

import numpy as np
import pytest
from scipy import linalg

from evaluation.extractors.protocol import features_of
from evaluation.extractors.wavelet_packets import WaveletPackets, packets_of
from evaluation.metrics.frechet import estimate_frechet
from evaluation.metrics.wavelet import estimate_wavelet_distance, frechet_wavelet_distance, packets
from evaluation.statistics.comparison import difference
from multigan.errors import DataError
from tests.worlds.emotive import blurred, faces, shifted

LOW, HIGH = np.array([1.0, 1.0]) / np.sqrt(2), np.array([1.0, -1.0]) / np.sqrt(2)


def by_convolution(images, level):
    """Packets by the two filters, axis by axis: the textbook's way."""
    found = []
    for path in itertools.product(itertools.product((LOW, HIGH), repeat=2), repeat=level):
        band = images
        for across, down in path:
            band = down[0] * band[:, 0::2] + down[1] * band[:, 1::2]
            band = across[0] * band[:, :, 0::2] + across[1] * band[:, :, 1::2]
        found.append(band.reshape(len(images), -1))
    return np.stack(found, axis=1)


def by_sqrtm(real, fake):
    """The mean over packets of the Fréchet distance, by scipy's root of a matrix."""
    distances = []
    for one, other in zip(real.swapaxes(0, 1), fake.swapaxes(0, 1), strict=True):
        step = one.mean(axis=0) - other.mean(axis=0)
        first, second = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
        root = np.real(linalg.sqrtm(first @ second))
        distances.append(step @ step + np.trace(first + second - 2 * root))
    return np.mean(distances)


def pictures(n, seed, side=16):
    """Smooth random pictures in [0, 1]."""
    random = np.random.default_rng(seed)
    coarse = random.random((n, side // 4, side // 4, 3)).repeat(4, axis=1).repeat(4, axis=2)
    return np.clip(coarse + 0.05 * random.normal(size=coarse.shape), 0, 1)


def test_packets_by_hand():
    """Level 1 of one block 1, 2 / 3, 5: sum 11/2, rows -5/2, columns -3/2, diagonal 1/2; flat images have a mean."""
    block = np.repeat(np.array([[[1.0], [2.0]], [[3.0], [5.0]]]), 3, axis=2)[None]
    np.testing.assert_allclose(packets(block, 1)[0, :, 0], [5.5, -2.5, -1.5, 0.5])
    flat = packets(np.full((1, 16, 16, 3), 0.25))
    assert flat.shape == (1, 256, 3)
    np.testing.assert_allclose(flat[0, 0], 0.25 * 16)
    np.testing.assert_allclose(flat[0, 1:], 0, atol=1e-12)
    with pytest.raises(DataError, match="multiples of 16; found 24x16"):
        packets(np.zeros((1, 24, 16, 3)))


@pytest.mark.parametrize("level", [1, 2, 4])
def test_packets_are_those_of_the_filters(level):
    images = pictures(3, 0)
    found = packets(images, level)
    expected = by_convolution(images, level)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert (found**2).sum() == pytest.approx((images**2).sum())  # orthonormal


@pytest.mark.parametrize("level", [1, 2])
def test_the_distance_is_that_of_an_independent_implementation(level):
    real, fake = pictures(400, 0, side=8), pictures(300, 1, side=8) ** 1.2
    expected = by_sqrtm(by_convolution(real, level), by_convolution(fake, level))
    assert frechet_wavelet_distance(packets(real, level), packets(fake, level)) == pytest.approx(
        expected, rel=1e-6
    )


def test_of_one_packet_it_is_the_frechet_distance_with_its_interval():
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(300, 6)), random.normal(0.3, 1.2, (300, 6))
    found, expected = estimate_wavelet_distance(real[:, None], fake[:, None]), estimate_frechet(real, fake)
    assert found.value == pytest.approx(expected.value)
    np.testing.assert_allclose(found.left_out, expected.left_out)
    np.testing.assert_allclose(found.interactions, expected.interactions)
    assert found.interval.high == pytest.approx(expected.interval.high)


def test_bands_that_are_empty_add_nothing():
    """Pictures of half the size, doubled: the finest bands are 0, and so are their distances."""
    real, fake = (pictures(50, seed, side=8) for seed in (0, 1))
    doubled = (packets(one.repeat(2, axis=1).repeat(2, axis=2), 2) for one in (real, fake))
    half = frechet_wavelet_distance(packets(real, 1), packets(fake, 1))
    assert frechet_wavelet_distance(*doubled) == pytest.approx(half * 4 * 4 / 16)
    assert frechet_wavelet_distance(packets(real, 2), packets(real, 2)) == pytest.approx(0, abs=1e-9)


def test_noise_blur_and_colour_are_seen_in_faces():
    random, extractor = np.random.default_rng(0), WaveletPackets()
    real, held_out, good = (faces(150, seed).contents for seed in range(3))
    noisy = np.clip(good + 30 * random.normal(size=good.shape), 0, 255).astype(np.uint8)
    sets = {
        "real": held_out,
        "good": good,
        "noisy": noisy,
        "blurred": blurred(good),
        "tinted": shifted(good, (24, 0, -24)),
    }
    reference = packets_of(features_of(extractor, real))
    found = {
        name: estimate_wavelet_distance(reference, packets_of(features_of(extractor, one)))
        for name, one in sets.items()
    }
    gap = difference(found["good"], found["real"])[1]
    assert gap.low < 0 < gap.high
    for name in ("noisy", "blurred", "tinted"):
        assert found[name].interval.low > found["good"].interval.high, name
        assert difference(found[name], found["good"])[1].low > 0, name


def test_equal_sets_are_seldom_told_apart():
    told = []
    for seed in range(100):
        random = np.random.default_rng(seed)
        real, one, other = (random.normal(size=(100, 4, 5)) for _ in range(3))
        gap = difference(estimate_wavelet_distance(real, one), estimate_wavelet_distance(real, other))[1]
        told.append(not gap.low <= 0 <= gap.high)
    assert np.mean(told) <= 0.11  # P(more at 5%) < 1%
