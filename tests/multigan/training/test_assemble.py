"""Assembling a run: the order of samples, devices, and settings and parts that do not fit."""

import numpy as np
import pytest
import torch
from torch import nn
from worlds import ring

from multigan.config import load
from multigan.errors import ConfigError
from multigan.image.modality import IMAGE
from multigan.modality import Architecture, Modality
from multigan.registry import Registry
from multigan.training.assemble import assemble, check_names, choose_device
from multigan.training.sampler import EpochSampler
from multigan.training.settings import RunSettings, TrainingSettings

CPU = torch.device("cpu")


def settings(**training):
    raw = {"modality": "ring", "device": "cpu", "architecture": {"name": "perceptron"}, "training": training}
    return load(RunSettings, raw, "test")


def assembled(folder, data=None, **training):
    return assemble(ring.RING, settings(**training), data or ring.Ring(64), folder)


# ---- the sampler ----


@pytest.mark.parametrize(("n", "size"), [(10, 5), (10, 3), (7, 7), (5, 1), (3, 8)])
def test_every_sample_comes_once_an_epoch(n, size):
    sampler = EpochSampler(n, seed=3)
    indices = np.concatenate([sampler.take(size) for _ in range(4 * n)])
    for epoch in indices[: len(indices) // n * n].reshape(-1, n):
        assert sorted(epoch) == list(range(n))


def test_epochs_and_seeds_are_shuffled_apart():
    first, second = (EpochSampler(100, seed=0) for _ in range(2))
    a = first.take(100)
    assert np.array_equal(a, second.take(100))
    assert not np.array_equal(a, first.take(100))
    assert not np.array_equal(a, EpochSampler(100, seed=1).take(100))
    assert not np.array_equal(a, np.arange(100))


@pytest.mark.parametrize("taken", [1, 4, 7, 10, 25])
def test_the_place_of_a_sampler_resumes(taken):
    sampler = EpochSampler(10, seed=5)
    sampler.take(taken)
    resumed = EpochSampler(10, seed=5)
    resumed.load_state_dict(sampler.state_dict())
    assert np.array_equal(sampler.take(23), resumed.take(23))


# ---- settings and parts that do not fit ----


def test_a_device_that_is_not_here_is_an_error_that_says_what_is():
    assert choose_device("cpu") == CPU
    missing = next(name for name in ("mps", "cuda") if not _present(name))
    with pytest.raises(
        ConfigError, match=f"Device '{missing}' is not available on this machine .found: .*cpu"
    ):
        choose_device(missing)


def test_auto_takes_what_is_here():
    expected = next((name for name in ("cuda", "mps") if _present(name)), "cpu")
    assert choose_device("auto").type == expected


def _present(name):
    return {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}[name]()


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({"precision": "float16"}, "precision is 'float16' .*float32.*bfloat16"),
        ({"batch": 0}, "batch must be at least 1, found 0"),
        ({"batch": 6, "accumulate": 4}, "batch 6 cannot be cut into 4 equal parts"),
        ({"generator_lr": -0.1}, "generator_lr must be above 0, found -0.1"),
        ({"beta2": 1.0}, "beta2 is at least 0 and below 1, found 1.0"),
        ({"classification": -1.0}, "classification is a weight of at least 0"),
        ({"regularisers": [{"name": "r1", "weight": 1.0, "every": 0}]}, "every must be at least 1"),
        ({"regularisers": [{"name": "r1", "weight": -1.0}]}, "weight at least 0, found 1 and -1.0"),
        (
            {"regularisers": [{"name": "r1", "weight": 1.0}] * 2},
            "each regulariser is given once, found r1, r1",
        ),
    ],
)
def test_settings_out_of_range_are_named(training, message):
    with pytest.raises(ConfigError, match=message):
        settings(**training)


def test_a_negative_seed_is_an_error():
    with pytest.raises(ConfigError, match="seed must be at least 0, found -1"):
        load(RunSettings, {"modality": "image", "seed": -1}, "test")


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({"loss": "hing"}, "no adversarial loss named 'hing'. Did you mean 'hinge'"),
        (
            {"regularisers": [{"name": "wgangp", "weight": 1.0}]},
            "no regulariser named 'wgangp'. Did you mean 'wgan_gp'",
        ),
        ({"augmentation": {"name": "adda"}}, "no image augmentation named 'adda'. Did you mean 'ada'"),
    ],
)
def test_unknown_parts_are_named_with_what_was_meant(training, message):
    with pytest.raises(ConfigError, match=message):
        check_names(IMAGE, load(TrainingSettings, training, "test"))


def test_an_unknown_architecture_is_named_with_what_was_meant(tmp_path):
    run = load(RunSettings, {"modality": "ring", "architecture": {"name": "perceptrons"}}, "test")
    with pytest.raises(
        ConfigError, match=r"no ring architecture named 'perceptrons'. Did you mean 'perceptron'"
    ):
        assemble(ring.RING, run, ring.Ring(64), tmp_path)


def test_parts_that_do_not_fit_each_other_are_named(tmp_path):
    with pytest.raises(
        ConfigError, match=r"path_length needs .*mapping and synthesis.*perceptron \(Generator\)"
    ):
        assembled(tmp_path, regularisers=[{"name": "path_length", "weight": 1.0}])
    with pytest.raises(
        ConfigError, match=r"classification is 0.5, .*perceptron \(Discriminator\) has no judge"
    ):
        assembled(tmp_path, ring.Ring(64, labelled=True), classification=0.5)
    with pytest.raises(ConfigError, match="A step takes 128 samples, but the training data has 64"):
        assembled(tmp_path, batch=64, discriminator_repeat=2)


def test_a_generator_without_latent_is_an_error_that_names_it(tmp_path):
    table = Registry(
        "bare architecture",
        {"bare": Architecture("bare", ring.PerceptronSettings, lambda *_: (nn.Linear(2, 2),) * 2)},
    )
    bare = Modality(**{**ring.RING.__dict__, "architectures": table})
    run = load(RunSettings, {"modality": "ring", "architecture": {"name": "bare"}}, "test")
    with pytest.raises(ConfigError, match=r"The generator of architecture 'bare' \(Linear\) lacks latent"):
        assemble(bare, run, ring.Ring(64), tmp_path)
