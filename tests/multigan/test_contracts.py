"""Contracts over every entry of every registry."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch
from torch import nn

from multigan.game import Players
from multigan.image.modality import IMAGE
from multigan.image.networks import projected
from multigan.losses import LOSSES
from multigan.modality import MODALITIES
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.objectives.combine import penalise
from multigan.penalties import PENALTIES, Consistency
from multigan.pretrained.efficientnet import levels
from multigan.protocols import Batch, StyleGenerator
from multigan.testing import check_architecture, check_modality
from multigan.text.settings import TextData
from multigan.text.vocabulary import Codec
from tests.evaluation.extractors.test_efficientnet import STATE
from tests.worlds import ring


@pytest.fixture(autouse=True)
def drawn_weights(monkeypatch):
    """What a pretrained network would be read from is not there, and its shapes are."""
    monkeypatch.setattr(projected, "published_levels", lambda: levels(STATE).eval())


SMALL = {"channel_base": 64, "channel_max": 8, "latent_size": 8, "style_size": 8, "minibatch_group": 2}
IMAGES = {
    "mlp": {"latent_size": 8, "width": 16, "units": 8, "pieces": 2},
    "dcgan": {"latent_size": 8, "width": 8},
    "wgan-gp": {"latent_size": 8, "width": 8},
    "progressive": {"channel_base": 64, "channel_max": 8, "minibatch_group": 2},
    "r3gan": {"channel_base": 64, "channel_max": 8, "group_channels": 4, "latent_size": 8},
    "projected": {
        "channel_base": 64,
        "channel_max": 8,
        "latent_size": 8,
        "style_size": 8,
        "feature_size": 64,
        "mixed_channels": 8,
    },
    **dict.fromkeys(("stylegan2", "wavelet-stylegan2", "half-wavelet-stylegan2"), SMALL),
}
SEQUENCES = {
    "lstm-cnn": {"discriminator": {"widths": [1, 2], "filters": [4, 4]}},
    "lstm-multihead": {"discriminator": {"widths": [2, 3], "filters": [4, 4]}},
    "transformer-cnn": {"hidden_size": 8, "discriminator": {"widths": [1, 2], "filters": [4, 4]}},
}
SMALLEST = {
    "image": ((3, 16, 16), IMAGES),
    "audio": (
        (1, 2048),
        {
            "spectral": {**SMALL, "window": 128},
            "wavegan": {"width": 4, "latent_size": 8, "post_filter": 32},
            "specgan": {"width": 4, "latent_size": 8},
        },
    ),
    "text": ((6, 12), SEQUENCES),
    "tokens": ((6, 12), SEQUENCES),
    "points": ((2,), {"mlp": {"width": 8}}),
    "video": (
        (3, 8, 16, 16),
        {
            "dvd-gan": {
                "channel_base": 64,
                "channel_max": 8,
                "clip_channels": 4,
                "latent_size": 6,
                "motion_size": 2,
                "style_size": 8,
            }
        },
    ),
    "audio-super-resolution": (
        (1, 2048),
        {"extending": {"width": 4, "blocks": 1, "discriminator_width": 4}},
    ),
    "image-translation": (
        (3, 16, 16),
        {name: {"width": 4, "discriminator_width": 4} for name in ("unet", "cycle")},
    ),
    "super-resolution": ((3, 16, 16), {"enlarging": {"width": 4, "blocks": 1, "discriminator_width": 4}}),
}
"""Modality -> the shape of its samples, and small settings of its architectures."""
TENSORS = {
    "super-resolution": [(3, 8, 8), (3, 4, 4)],
    "audio-super-resolution": [(1, 1024), (1, 512)],
    "image-translation": [(5, 16, 16)],
}
"""Modality -> shapes of conditions that are samples."""


@pytest.mark.parametrize("name", list(MODALITIES))
def test_every_modality_keeps_its_contracts(name, tmp_path):
    assert MODALITIES[name].name == name
    shape, architectures = SMALLEST[name]
    data = (
        TextData(tokenizer=Codec.learnt(["a b c d e f g h i j"], TextData()).json) if name == "text" else None
    )
    n_labels = 0 if name == "tokens" else 3
    modality = MODALITIES[name]
    check_modality(modality, shape, tmp_path, architectures, n_labels, data, TENSORS.get(name, ()))


@pytest.mark.parametrize("name", list(IMAGE.architectures))
@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 64, 64)])
def test_image_architectures_make_other_shapes(name, shape, tmp_path):
    if name == "projected" and shape[0] != 3:
        pytest.skip("its pretrained network sees colours")
    residual = {"generator": "residual"} if name.endswith("stylegan2") else {}
    check_architecture(IMAGE, {"name": name, **IMAGES[name], **residual}, shape, 2, tmp_path)


# ---- losses and penalties, on points and on pictures ----


def players_of(kind):
    torch.manual_seed(0)
    condition = torch.eye(3)[torch.arange(4) % 3] * torch.tensor([[1.0], [0.5], [0.75], [0.25]])
    if kind == "points":
        networks, shape = tuple(ring.build(ring.PerceptronSettings(width=8), (2,), (3,)).values()), (2,)
    else:
        shape, architecture = (3, 16, 16), IMAGE.architectures["wavelet-stylegan2"]
        networks = tuple(architecture.build(architecture.settings(**SMALL), shape, (3,)).values())
    batch = Batch(torch.rand(4, *shape) * 2 - 1, condition)
    return Players(*networks, nn.Identity(), nullcontext), batch


def gradient_norm(network):
    return sum(float(p.grad.norm()) for p in network.parameters() if p.grad is not None)


@pytest.mark.parametrize("kind", ["points", "pictures"])
@pytest.mark.parametrize("name", list(LOSSES))
def test_every_loss_teaches_both_networks(name, kind):
    players, batch = players_of(kind)
    loss = LOSSES[name]
    assert loss.name == name
    assert loss.paper
    for network, objective in (
        (players.generator, pathwise(loss)),
        (players.discriminator, discriminator(loss)),
    ):
        network.zero_grad()
        outcome = objective(players, batch)
        assert outcome.loss.shape == (4,)
        assert all(not signal.requires_grad for signal in outcome.signals.values())
        outcome.loss.mean().backward()
        assert 0 < gradient_norm(network) < float("inf")


@pytest.mark.parametrize("kind", ["points", "pictures"])
@pytest.mark.parametrize("name", list(PENALTIES))
def test_every_penalty_teaches_its_network(name, kind):
    players, batch = players_of(kind)
    penalty = PENALTIES[name]()
    if isinstance(penalty, Consistency):  # of no transform it is 0
        penalty = replace(penalty, transform=lambda samples: -samples)
    assert penalty.name == name
    assert penalty.paper
    if name == "path_length" and not isinstance(players.generator, StyleGenerator):
        pytest.skip("points have no styles; that assemble says so is tested with the trainer")
    network = getattr(players, penalty.network)
    outcome = penalise(penalty, 2.0)(players, batch)
    assert outcome.loss.shape == (4,)
    assert torch.equal(outcome.loss.detach(), 2.0 * outcome.signals[name])
    assert (outcome.loss >= 0).all()
    outcome.loss.mean().backward()
    assert 0 < gradient_norm(network) < float("inf")
