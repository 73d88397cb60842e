"""Inception: parity with torch-fidelity on seeded weights of the real architecture, and both kinds of preprocessing."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from evaluation.extractors.inception import clean, load, load_bfloat16, load_clean, reference
from evaluation.extractors.protocol import features_of
from multigan.errors import CheckpointError, DataError
from tests.worlds.inception_weights import original_extractor

CPU = torch.device("cpu")


def images(n, height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, height, width, 3), np.uint8)


@pytest.fixture(scope="module")
def original():
    with original_extractor() as extractor:
        yield extractor


@pytest.fixture(scope="module")
def files(original, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "inception.safetensors"
    save_file(original.state_dict(), path)
    return {"weights": path}


@pytest.mark.parametrize(
    ("height", "width"), [(32, 32), (64, 48), (299, 299), (500, 333), (1, 5), (700, 7), (299, 31)]
)
def test_the_reference_preprocessing_is_that_of_torch_fidelity_bit_for_bit(height, width):
    from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

    (image,) = images(1, height, width)
    pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    resized = interpolate_bilinear_2d_like_tensorflow1x(pixels, size=(299, 299), align_corners=False)
    expected = ((resized - 128) / 128)[0].permute(1, 2, 0)
    assert torch.equal(torch.from_numpy(reference(image)), expected)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (500, 333)])
def test_the_clean_preprocessing_is_pil_on_floats_and_stays_within_a_pixel_s_range(height, width):
    (image,) = images(1, height, width)
    found = clean(image)
    for channel in range(3):
        plane = Image.fromarray(np.ascontiguousarray(image[:, :, channel])).convert("F")
        resized = np.asarray(plane.resize((299, 299), Image.Resampling.BICUBIC))
        np.testing.assert_array_equal(found[:, :, channel], (resized.clip(0, 255) - 128) / 128)
    assert found.dtype == np.float32


def test_the_clean_preprocessing_clips_what_overshoots_and_rounds_nothing():
    """Bicubic rings beside an edge; clean-fid clips to [0, 255], which is [-1, 127 / 128] here."""
    edge = np.zeros((32, 32, 3), np.uint8)
    edge[:, 16:] = 255
    plane = Image.fromarray(edge[:, :, 0]).convert("F").resize((299, 299), Image.Resampling.BICUBIC)
    assert plane.getextrema()[0] < -5
    assert plane.getextrema()[1] > 260
    found = clean(edge)
    assert (found.min(), found.max()) == (-1, 127 / 128)
    assert np.any(found * 128 != np.round(found * 128))


def test_a_flat_image_stays_flat():
    """Every weighted mean of equal pixels is that pixel: (192 - 128) / 128 = 0.5."""
    flat = np.full((40, 50, 3), 192, np.uint8)
    for resize in (reference, clean):
        np.testing.assert_allclose(resize(flat), 0.5, rtol=1e-6)


@pytest.mark.kernels
def test_features_and_probabilities_are_those_of_torch_fidelity(original, files):
    """Errors are told against the largest: a feature near 0, a mean of thousands, has no relative precision in float32."""
    pixels = images(4, 64, 48)
    with torch.inference_mode():
        features, logits = original(torch.from_numpy(pixels).permute(0, 3, 1, 2))
    assert 0.05 < features.std() < 5
    extractor = load(CPU, files)
    found = features_of(extractor, pixels, batch=3)
    assert (found.dtype, found.shape) == (np.float32, (4, 2048))
    assert np.abs(found - features.numpy()).max() < 3e-6 * features.abs().max()
    expected = torch.softmax(logits.double(), 1).numpy()
    probabilities = extractor.probabilities_of(found)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-5)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-12)


def test_a_row_does_not_depend_on_its_neighbours(files):
    extractor = load(CPU, files)
    pixels = images(2, 32, 32)
    both = features_of(extractor, pixels)
    np.testing.assert_allclose(features_of(extractor, pixels[1:])[0], both[1], rtol=1e-4, atol=1e-6)


@pytest.mark.kernels
def test_bfloat16_is_near_and_not_equal(files):
    pixels = images(2, 32, 32)
    exact, fast = load(CPU, files), load_bfloat16(CPU, files)
    expected, found = features_of(exact, pixels), features_of(fast, pixels)
    assert found.dtype == np.float32
    error = np.linalg.norm(found - expected) / np.linalg.norm(expected)
    assert 1e-5 < error < 0.02
    assert exact.digest == fast.digest
    assert exact.name != fast.name
    assert exact.preprocessing != fast.preprocessing


def test_the_clean_extractor_is_the_same_network_after_other_preprocessing(files):
    extractor, plain = load_clean(CPU, files), load(CPU, files)
    pixels = images(2, 40, 40)
    found = features_of(extractor, pixels)
    np.testing.assert_array_equal(found, plain.forward([clean(image) for image in pixels]))
    assert np.linalg.norm(found - features_of(plain, pixels)) > 0.01 * np.linalg.norm(found)
    assert extractor.name == "inception-clean"


def test_other_files_and_other_samples_are_refused(files, tmp_path):
    save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="is not torch-fidelity's Inception: it has no '"):
        load(CPU, {"weights": tmp_path / "other.safetensors"})
    extractor = load(CPU, files)
    with pytest.raises(DataError, match=r"An image is float64 \[4, 4, 3\]; give uint8"):
        extractor.prepare(np.zeros((4, 4, 3)))
