"""Contracts over every entry of every registry, and that the checks notice what they are for."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from multigan.game import Players
from multigan.image.modality import IMAGE
from multigan.losses import LOSSES
from multigan.modality import MODALITIES, Architecture, Modality
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.objectives.combine import penalise
from multigan.penalties import PENALTIES
from multigan.protocols import Batch, StyleGenerator
from multigan.registry import Registry
from multigan.testing import check_architecture, check_files, check_modality
from multigan.text.settings import TextData
from multigan.text.vocabulary import Codec
from tests.worlds import ring

SMALL = {"channel_base": 64, "channel_max": 8, "latent_size": 8, "style_size": 8, "minibatch_group": 2}
SEQUENCES = {
    "lstm-cnn": {"discriminator": {"widths": [1, 2], "filters": [4, 4]}},
    "lstm-multihead": {"discriminator": {"widths": [2, 3], "filters": [4, 4]}},
    "transformer-cnn": {"hidden_size": 8, "discriminator": {"widths": [1, 2], "filters": [4, 4]}},
}
SMALLEST = {
    "image": ((3, 16, 16), dict.fromkeys(IMAGE.architectures, SMALL)),
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
}
"""Modality -> the shape of its samples, and small settings of its architectures."""


@pytest.mark.parametrize("name", list(MODALITIES))
def test_every_modality_keeps_its_contracts(name, tmp_path):
    assert MODALITIES[name].name == name
    shape, architectures = SMALLEST[name]
    data = (
        TextData(tokenizer=Codec.learnt(["a b c d e f g h i j"], TextData()).json) if name == "text" else None
    )
    check_modality(MODALITIES[name], shape, tmp_path, architectures, data=data)


@pytest.mark.parametrize("name", list(IMAGE.architectures))
@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 64, 64)])
def test_image_architectures_make_other_shapes(name, shape, tmp_path):
    check_architecture(IMAGE, {"name": name, **SMALL, "generator": "residual"}, shape, 2, tmp_path)


def test_a_modality_of_ones_own_can_be_checked(tmp_path):
    check_modality(ring.RING, (2,), tmp_path)


class Deaf(ring.Generator):
    """Does not hear the condition."""

    def forward(self, latent, condition):
        return super().forward(latent, None if condition is None else torch.zeros_like(condition))


class Restless(ring.Generator):
    """Draws noise in evaluation too."""

    def forward(self, latent, condition):
        return super().forward(latent, condition) + torch.randn(len(latent), 2)


class Idle(ring.Generator):
    """Has a parameter that takes no part."""

    def __init__(self, options, n_labels):
        super().__init__(options, n_labels)
        self.idle = nn.Parameter(torch.zeros(1))


class Deep(ring.Discriminator):
    """An axis too many."""

    def forward(self, points, condition):
        return super().forward(points, condition)[:, None, None]


class Merged(ring.Discriminator):
    """One logit for a whole batch."""

    def forward(self, points, condition):
        return super().forward(points, condition).mean(0, keepdim=True)


class Twofold(ring.Discriminator):
    """Two logits per sample."""

    def forward(self, points, condition):
        logits = super().forward(points, condition)
        return torch.stack((logits, 2 * logits), 1)


class Forgetful(ring.Generator):
    """Has a state that no checkpoint holds."""

    def __init__(self, options, n_labels):
        super().__init__(options, n_labels)
        self.shift = torch.randn(2)

    def forward(self, latent, condition):
        return super().forward(latent, condition) + self.shift


def modality_of(generator, critic):
    """Points, with these networks."""

    def build(options, shape, condition_shape):
        n_labels = sum(condition_shape)
        return {"generator": generator(options, n_labels), "discriminator": critic(options, n_labels)}

    table = Registry("a", {"odd": Architecture("odd", ring.PerceptronSettings, build)})
    return Modality(**{**ring.RING.__dict__, "architectures": table})


@pytest.mark.parametrize(
    ("generator", "critic", "broken"),
    [
        (Deaf, ring.Discriminator, "the condition changes nothing that is generated"),
        (Restless, ring.Discriminator, "evaluation gives other samples for the same latent"),
        (Idle, ring.Discriminator, "no gradient reaches the generator's idle"),
        (ring.Generator, Deep, r"logits are \[4, 1, 1\], not \[4\] or \[4, K\]"),
        (ring.Generator, Merged, r"logits are \[1\], not \[4\] or \[4, K\]"),
        (Forgetful, ring.Discriminator, "Forgetful is another after a checkpoint's round trip"),
    ],
)
def test_a_broken_contract_is_noticed(generator, critic, broken, tmp_path):
    with pytest.raises(AssertionError, match=f"odd with 3 labels: .*{broken}"):
        check_modality(modality_of(generator, critic), (2,), tmp_path)


def test_a_discriminator_may_have_several_logits(tmp_path):
    check_modality(modality_of(ring.Generator, Twofold), (2,), tmp_path)


def test_files_that_are_all_alike_are_noticed(tmp_path):
    modality = Modality(
        **{
            **ring.RING.__dict__,
            "write_samples": lambda samples, paths, data: [path.write_text("x") for path in paths],
        }
    )
    with pytest.raises(AssertionError, match="one file for different samples"):
        check_files(modality, torch.rand(4, 2), tmp_path)


# ---- losses and penalties, on points and on pictures ----


def players_of(kind):
    torch.manual_seed(0)
    condition = torch.eye(3)[torch.arange(4) % 3]
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
