"""Distances of pairs of images through random and learnt features, against a plain reading of the formula."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from evaluation.extractors import feature_distance
from evaluation.extractors.feature_distance import SEED, load_lite0, load_random
from multigan.errors import CheckpointError, DataError
from multigan.pretrained.efficientnet import levels
from tests.evaluation.extractors.test_efficientnet import STATE
from tests.worlds.emotive import blurred, faces
from tests.worlds.pictures import noise

CPU = torch.device("cpu")


def plainly(maps, others):
    """arXiv:1801.03924 eq. 1 in float64 with w = 1, place by place."""
    total = 0.0
    for one, other in zip(maps, others, strict=True):
        one, other = (each / np.linalg.norm(each, axis=0, keepdims=True).clip(1e-10) for each in (one, other))
        total += ((one - other) ** 2).sum(0).mean()
    return total


def test_the_random_distance_is_that_of_a_plain_reading():
    stream, weights = np.random.RandomState(SEED), []
    for n_in, n_out in ((3, 32), (32, 64), (64, 128)):
        weights.append(
            torch.from_numpy(stream.standard_normal((n_out, n_in, 3, 3)) * (2 / (9 * n_in)) ** 0.5)
        )

    def maps(image):
        now, found = torch.from_numpy(image / 127.5 - 1).permute(2, 0, 1)[None], []
        for weight in weights:
            now = F.conv2d(now, weight, padding=1).clamp(min=0)
            found.append(now[0].numpy())
            now = F.avg_pool2d(now, 2)
        return found

    first, second = noise(2, 0, 24), noise(2, 1, 24)
    network = load_random(CPU, {})
    expected = [plainly(maps(a), maps(b)) for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(network.distance(first, second), expected, rtol=1e-4)
    np.testing.assert_allclose(network.distance(second, first), expected, rtol=1e-4)
    assert network.distance(first, first).tolist() == [0, 0]
    assert network.digest[:16] == "7c5b60e52e35693e"


def test_the_learnt_distance_is_that_of_a_plain_reading(monkeypatch):
    monkeypatch.setattr(feature_distance, "read_state", lambda path: STATE)
    monkeypatch.setattr(feature_distance, "digest_of_files", lambda files: "0" * 64)
    network = load_lite0(CPU, {"weights": None})
    parts = levels(STATE)[:3].eval()

    def maps(image):
        now, found = (torch.from_numpy(image).permute(2, 0, 1)[None].float() - 127) / 128, []
        for part in parts:
            now = part(now)
            found.append(now[0].double().numpy())
        return found

    first, second = noise(1, 0, 32), noise(1, 1, 32)
    expected = plainly(maps(first[0]), maps(second[0]))
    np.testing.assert_allclose(network.distance(first, second), [expected], rtol=1e-3)
    monkeypatch.setattr(feature_distance, "read_state", lambda path: {})
    with pytest.raises(CheckpointError, match="is not EfficientNet-Lite0"):
        load_lite0(CPU, {"weights": None})


def test_more_blur_is_farther():
    images = faces(8, 0).contents
    network = load_random(CPU, {})
    once = blurred(images)
    assert (network.distance(images, once) < network.distance(images, blurred(blurred(once)))).all()


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DataError, match="16 pixels or more"):
        load_random(CPU, {}).distance(noise(1, 0, 8), noise(1, 0, 8))
    with pytest.raises(DataError, match="of one size"):
        load_random(CPU, {}).distance(noise(1, 0, 16), noise(1, 0, 24))
