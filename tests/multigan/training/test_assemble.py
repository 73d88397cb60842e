"""Assembling a run: the order of samples, devices, and settings and parts that do not fit."""

import numpy as np
import pytest
import torch
from torch import nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.image.ada import AdaptiveAugment
from multigan.image.diffaugment import DiffAugment, colour, cutout, translation
from multigan.image.modality import IMAGE
from multigan.modality import Architecture, Modality
from multigan.registry import Registry
from multigan.training.assemble import assemble, choose_device, whole_training
from multigan.training.hooks.ada import RampedProbability
from multigan.training.sampler import EpochSampler
from multigan.training.settings import RunSettings, TrainingSettings
from tests.worlds import ring

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
        ({"classification": -1.0}, "classification is a weight of at least 0"),
        ({"classification": {"start": 0.1, "end": -0.1}}, "classification is a weight of at least 0"),
        ({"penalties": [{"name": "r1", "weight": 1.0, "every": 0}]}, "every must be at least 1"),
        ({"penalties": [{"name": "r1", "weight": -1.0}]}, "weight at least 0, found 1 and -1.0"),
        ({"penalties": [{"name": "r1", "weight": 1.0}] * 2}, "each penalty is given once, found r1, r1"),
        ({"ema": {"half_life_samples": 0}}, "half_life_samples and ramp_up are above 0"),
        ({"augmentation": {"name": "ada", "p": 1.5}}, r"p is a probability in \[0, 1\], found 1.5"),
        ({"augmentation": {"name": "ada", "kinds": []}}, "kinds is empty; leave it out for all of them"),
        ({"augmentation": {"name": "ada", "min_passes": -1}}, "min_passes is a number from 0 on, found -1"),
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
            {"penalties": [{"name": "wgangp", "weight": 1.0}]},
            "no penalty named 'wgangp'. Did you mean 'wgan_gp'",
        ),
        ({"augmentation": {"name": "adda"}}, "no image augmentation named 'adda'. Did you mean 'ada'"),
        (
            {"augmentation": {"name": "diffaugment", "kinds": ["cutoff"]}},
            "no kind of augmentation named 'cutoff'. Did you mean 'cutout'",
        ),
        (
            {"augmentation": {"name": "flip-and-shift", "kinds": ["flip"]}},
            "flip-and-shift has no kinds to choose",
        ),
        ({"augmentation": {"kinds": ["cutout"]}}, "kinds are of an augmentation; give its name too"),
        ({"augmentation": {"min_passes": 3}}, "min_passes is of an augmentation; give its name too"),
        ({"play": "alternate"}, "no play named 'alternate'. Did you mean 'alternating'"),
        ({"schedule": {"name": "sequences"}}, "no schedule named 'sequences'. Did you mean 'sequence'"),
        ({"optimisers": {"generator": {"name": "adamm"}}}, "no optimiser named 'adamm'. Did you mean 'adam'"),
        (
            {"optimisers": {"generater": {"lr": 0.1}}},
            "no optimiser in the schedule adversarial named 'generater'. Did you mean",
        ),
        (
            {"optimisers": {"generator": {"lr": -0.1}}},
            r"training\.optimisers\.generator adam: lr is above 0 .*found -0.1",
        ),
        (
            {"optimisers": {"generator": {"betas": [0.0, 1.0]}}},
            "each of betas is at least 0 and below 1, found 1.0",
        ),
    ],
)
def test_unknown_parts_are_named_with_what_was_meant(training, message):
    with pytest.raises(ConfigError, match=message):
        whole_training(IMAGE, load(TrainingSettings, training, "test"))


def test_an_augmentation_has_the_kinds_that_are_chosen(tmp_path):
    table = Registry("ring augmentation", {"diffaugment": DiffAugment})
    augmented = Modality(**{**ring.RING.__dict__, "augmentations": table})
    for kinds, expected in ((["cutout"], [cutout]), (None, [colour, translation, cutout])):
        run = settings(augmentation={"name": "diffaugment", "kinds": kinds})
        trainer = assemble(augmented, run, ring.Ring(64), tmp_path / str(kinds))
        assert trainer.game.augment.transforms == expected


@pytest.mark.parametrize(
    ("samples", "penalties", "augmented"),
    # a penalty that compares samples with their augmented ones needs these
    [(640, [], True), (639, [], False), (639, [{"name": "cr", "weight": 1.0}], True)],
)
def test_what_is_seen_too_few_times_is_not_augmented(tmp_path, samples, penalties, augmented):
    table = Registry("ring augmentation", {"ada": AdaptiveAugment})
    modality = Modality(**{**ring.RING.__dict__, "augmentations": table})
    own = {"name": "ada", "p": 0.5, "min_passes": 10}
    run = settings(samples=samples, penalties=penalties, augmentation=own)
    trainer = assemble(modality, run, ring.Ring(64), tmp_path)
    assert hasattr(trainer.game.augment, "p") == augmented
    assert any(isinstance(hook, RampedProbability) for hook in trainer.hooks) == augmented


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
        assembled(tmp_path, penalties=[{"name": "path_length", "weight": 1.0}])
    with pytest.raises(
        ConfigError, match=r"classification is 0.5, .*perceptron \(Discriminator\) has no judge"
    ):
        assembled(tmp_path, ring.Ring(64, labelled=True), classification=0.5)
    with pytest.raises(
        ConfigError, match=r"2 batches of 64 samples, but .* has 64; set training\.batch to 32 or less, or"
    ):
        assembled(tmp_path, batch=64, schedule={"name": "adversarial", "discriminator_repeat": 2})
    assembled(tmp_path, batch=32, schedule={"name": "adversarial", "discriminator_repeat": 2})
    with pytest.raises(
        ConfigError, match=r"In the play simultaneous every player moves once per step.*repeated 2 times"
    ):
        assembled(tmp_path, play="simultaneous", schedule={"name": "adversarial", "discriminator_repeat": 2})


def test_a_generator_without_latent_is_an_error_that_names_it(tmp_path):
    table = Registry(
        "bare architecture",
        {
            "bare": Architecture(
                "bare",
                ring.PerceptronSettings,
                lambda *_: dict.fromkeys(("generator", "discriminator"), nn.Linear(2, 2)),
            )
        },
    )
    bare = Modality(**{**ring.RING.__dict__, "architectures": table})
    run = load(RunSettings, {"modality": "ring", "architecture": {"name": "bare"}}, "test")
    with pytest.raises(ConfigError, match=r"The generator of architecture 'bare' \(Linear\) lacks latent"):
        assemble(bare, run, ring.Ring(64), tmp_path)


def test_networks_without_the_names_that_are_played_are_an_error_that_says_what_is_there(tmp_path):
    table = Registry(
        "odd architecture",
        {"odd": Architecture("odd", ring.PerceptronSettings, lambda *_: {"generator": nn.Linear(2, 2)})},
    )
    odd = Modality(**{**ring.RING.__dict__, "architectures": table})
    run = load(RunSettings, {"modality": "ring", "architecture": {"name": "odd"}}, "test")
    with pytest.raises(ConfigError, match=r"'odd' builds generator and lacks discriminator"):
        assemble(odd, run, ring.Ring(64), tmp_path)


def test_settings_of_training_are_written_out_whole():
    """A saved recipe never changes meaning: what is chosen by name stands there with its defaults."""
    raw = {"optimisers": {"generator": {"lr": 0.5}}, "schedule": {"name": "adversarial"}}
    whole = whole_training(IMAGE, load(TrainingSettings, raw, "test"))
    assert whole["schedule"] == {"name": "adversarial", "discriminator_samples": 0, "discriminator_repeat": 1}
    adam = {"name": "adam", "betas": [0.0, 0.99], "clip_gradient": None, "clip_weights": None}
    assert whole["optimisers"] == {"generator": {**adam, "lr": 0.5}, "discriminator": {**adam, "lr": 0.002}}
    assert whole_training(IMAGE, load(TrainingSettings, whole, "again")) == whole


def test_settings_of_another_rule_are_passed_over_and_slips_are_not():
    """A recipe gives Adam's betas; a person who names sgd on top need not take them away."""
    raw = {"optimisers": {"generator": {"name": "sgd", "lr": 0.5, "betas": [0.5, 0.9]}}}
    whole = whole_training(IMAGE, load(TrainingSettings, raw, "test"))
    assert whole["optimisers"]["generator"]["momentum"] == 0.0
    assert "betas" not in whole["optimisers"]["generator"]
    with pytest.raises(ConfigError, match=r"no setting named 'momentun'. Did you mean 'momentum'"):
        whole_training(
            IMAGE,
            load(TrainingSettings, {"optimisers": {"generator": {"name": "sgd", "momentun": 0.5}}}, "test"),
        )
