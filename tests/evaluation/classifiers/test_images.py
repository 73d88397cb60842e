"""The emotion classifier and the fixed random features of images."""

import numpy as np
import pytest
import torch

from evaluation.classifiers.images import cached_classifier, load_classifier, train_classifier
from evaluation.extractors import image_tensors
from evaluation.extractors.image_tensors import prepared
from evaluation.extractors.random_features import RandomFeatures
from multigan.errors import CheckpointError, DataError


def shapes(n, seed, resolution=32):
    """Bars across, bars down or a disc, of any colours and place; intensity is their contrast."""
    random = np.random.default_rng(seed)
    labels, intensities = np.arange(n) % 3, random.uniform(0.4, 1, n)
    y, x = np.mgrid[:resolution, :resolution] / resolution
    (down, across), paper = random.uniform(0, 1, (2, n, 1, 1)), random.uniform(60, 110, (n, 1, 1, 3))
    masks = np.select(
        [labels[:, None, None] == 0, labels[:, None, None] == 1],
        [np.sin(2 * np.pi * (3 * y + down)) > 0, np.sin(2 * np.pi * (3 * x + across)) > 0],
        (x - 0.35 - 0.3 * across) ** 2 + (y - 0.35 - 0.3 * down) ** 2 < 0.07,
    )
    ink = 120 * intensities[:, None, None, None] * random.uniform(0.8, 1, (n, 1, 1, 3))
    noise = random.normal(0, 4, (n, resolution, resolution, 3))
    return np.clip(paper + masks[..., None] * ink + noise, 0, 255).astype(np.uint8), labels, intensities


TRAIN, TRAIN_LABELS, _ = shapes(300, 0)
HELD, HELD_LABELS, _ = shapes(120, 1)
FAKE = shapes(150, 2)[0]


@pytest.fixture(scope="module")
def classifier():
    return train_classifier(TRAIN, TRAIN_LABELS, 3, n_samples=2_000)


@pytest.mark.kernels
def test_classifier_learns(classifier):
    probabilities = classifier.probabilities(HELD)
    assert probabilities.shape == (120, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert (probabilities.argmax(axis=1) == HELD_LABELS).mean() > 0.95
    features = classifier.features(HELD)
    assert (features.dtype, features.shape) == (np.float32, (120, 128))
    with torch.inference_mode():
        logits = classifier.network(prepared(HELD, 32, classifier.device))
    np.testing.assert_allclose(torch.softmax(logits.double(), 1).numpy(), probabilities, atol=1e-5)


def test_classifier_leaves_the_global_random_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    train_classifier(TRAIN[:30], TRAIN_LABELS[:30], 3, n_samples=128)
    RandomFeatures()
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.kernels
def test_classifier_is_its_seed():
    one, same, other = (
        train_classifier(TRAIN[:30], TRAIN_LABELS[:30], 3, seed=seed, n_samples=128) for seed in (1, 1, 2)
    )
    assert one.digest == same.digest != other.digest


def test_classifier_saves_and_loads_equal_bits(classifier, tmp_path):
    path = tmp_path / "new" / "classifier.safetensors"
    classifier.save(path)
    loaded = load_classifier(path)
    assert loaded.digest == classifier.digest
    np.testing.assert_array_equal(loaded.probabilities(FAKE), classifier.probabilities(FAKE))
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_classifier_refuses_what_is_none(tmp_path):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"not tensors at all")
    for path in (damaged, tmp_path / "missing.safetensors"):
        with pytest.raises(CheckpointError, match=path.name):
            load_classifier(path)


def test_classifier_is_cached_by_content(tmp_path):
    def cached(digest, seed=0):
        return cached_classifier(tmp_path, digest, TRAIN[:30], TRAIN_LABELS[:30], 3, seed, n_samples=64)

    first = cached("a")
    file = next(tmp_path.iterdir())
    written = file.stat().st_mtime_ns
    assert cached("a").digest == first.digest
    assert file.stat().st_mtime_ns == written
    cached("b"), cached("a", seed=1)
    assert len(list(tmp_path.iterdir())) == 3
    unread = cached_classifier(
        tmp_path, "a", lambda: pytest.fail("read again"), TRAIN_LABELS[:30], 3, n_samples=64
    )
    assert unread.digest == first.digest
    file.write_bytes(b"damaged")
    assert cached("a").digest == first.digest
    assert load_classifier(file).digest == first.digest


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (TRAIN.astype(np.float32), TRAIN_LABELS, "float32"),
        (TRAIN[..., :1], TRAIN_LABELS, r"\[300, 32, 32, 1\]"),
        (TRAIN, TRAIN_LABELS[:5], "each of the 300 images"),
        (TRAIN, TRAIN_LABELS + 1, "run from 1 to 3; with 3 classes they are 0 to 2"),
    ],
)
def test_classifier_refuses_data_that_do_not_fit(images, labels, message):
    with pytest.raises(DataError, match=message):
        train_classifier(images, labels, 3)


@pytest.mark.kernels
def test_classifier_takes_large_images():
    images, labels, _ = shapes(60, 3, resolution=96)
    held, held_labels, _ = shapes(60, 4, resolution=96)
    found = train_classifier(images, labels, 3, n_samples=1_000)
    assert found.resolution == 64
    assert (found.probabilities(held).argmax(axis=1) == held_labels).mean() > 0.8


def test_random_features_are_fixed():
    one, other = RandomFeatures(), RandomFeatures()
    assert one.digest == other.digest
    assert one.digest == "84b2c84cb85ad95209f551f2d5e5b2b659e5a23e3a11fe184b8c18e75a9f0aba"
    features = one.features(HELD)
    assert (features.dtype, features.shape) == (np.float32, (120, 512))
    assert one.features(shapes(2, 0, resolution=50)[0]).shape == (2, 512)


@pytest.mark.kernels
def test_features_do_not_depend_on_the_batch(classifier, monkeypatch):
    whole = {extractor.name: extractor.features(HELD) for extractor in (classifier, RandomFeatures())}
    monkeypatch.setattr(image_tensors, "BATCH", 7)
    for extractor in (classifier, RandomFeatures()):
        np.testing.assert_allclose(extractor.features(HELD), whole[extractor.name], rtol=1e-3, atol=1e-5)


def test_preparation_is_the_training_scale():
    """0, 127.5 and 255 are -1, 0 and 1; area means of 2x2 pixels are exact."""
    pixels = np.zeros((1, 4, 4, 3), np.uint8)
    pixels[0, :2, :2] = 255
    pixels[0, 2:, ::2] = 255
    found = prepared(pixels, 2, torch.device("cpu"))
    assert found[0, 0].tolist() == [[1, -1], [0, 0]]


def test_memory_maps_are_read(classifier, tmp_path):
    np.save(tmp_path / "train.npy", TRAIN)
    mapped = np.load(tmp_path / "train.npy", mmap_mode="r")
    np.testing.assert_array_equal(classifier.features(mapped), classifier.features(TRAIN))
