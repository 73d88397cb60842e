"""R3GAN: networks, losses, penalties and steps equal to an independent reference, written from the paper."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from multigan.config import load
from multigan.errors import ConfigError
from multigan.image.modality import IMAGE
from multigan.image.networks.r3gan import R3GAN, Block, R3GANSettings, build
from multigan.modality import build_networks
from multigan.protocols import Batch
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings

TINY = {"channel_base": 64, "channel_max": 8, "group_channels": 4, "latent_size": 6, "blocks": 2}
N_LABELS, BATCH, STEPS = 3, 4, 3
RAMPS = {
    "lr": {"shape": "cosine", "start": 2e-3, "end": 5e-4},
    "gamma": {"shape": "cosine", "start": 0.5, "end": 0.05},
    "beta2": {"shape": "cosine", "start": 0.9, "end": 0.99},
    "half_life": {"shape": "cosine", "start": 3.0, "end": 30.0},
}


def augment(images):
    """A fixed nonlinear T."""
    return torch.sin(1.5 * images).flip(-1) * 1.3


# ---- the reference: plain functions of named tensors ----


def resampled(features, up):
    """Bilinear by two, [1, 3, 3, 1] on each axis, zeros beyond the edges."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=features.dtype) / 8
    n = features.shape[1]
    kernel = torch.outer(taps, taps).expand(n, 1, 4, 4)
    if up:
        return F.conv_transpose2d(features, 4 * kernel, stride=2, padding=1, groups=n)
    return F.conv2d(features, kernel, stride=2, padding=1, groups=n)


def leaky(x):
    return torch.where(x > 0, x, 0.2 * x)


def block(w, name, x, group):
    y = torch.einsum("oi,nihw->nohw", w[f"{name}.widen.weight"][:, :, 0, 0], x)
    y = leaky(y + w[f"{name}.first_bias"].view(1, -1, 1, 1))
    kernel = w[f"{name}.mix.weight"]
    parts = [
        F.conv2d(y[:, k : k + group], kernel[k : k + group], padding=1) for k in range(0, y.shape[1], group)
    ]
    y = leaky(torch.cat(parts, 1) + w[f"{name}.second_bias"].view(1, -1, 1, 1))
    return x + torch.einsum("oi,nihw->nohw", w[f"{name}.narrow.weight"][:, :, 0, 0], y)


def stage(w, number, x, group=4):
    for k in range(TINY["blocks"]):
        x = block(w, f"stages.{number}.{k}", x, group)
    return x


def changed(w, number, x):
    weight = w.get(f"change.{number}.weight")
    return x if weight is None else torch.einsum("oi,nihw->nohw", weight[:, :, 0, 0], x)


def generated(w, latent, condition, n_stages=3):
    inputs = torch.cat((latent, condition @ w["embedding.weight"].T), 1)
    x = stage(w, 0, (inputs @ w["weigh.weight"].T)[:, :, None, None] * w["basis"])
    for k in range(1, n_stages):
        x = stage(w, k, resampled(changed(w, k - 1, x), up=True))
    return torch.einsum("oi,nihw->nohw", w["to_image.weight"][:, :, 0, 0], x)


def judged(w, images, condition, n_stages=3):
    x = torch.einsum("oi,nihw->nohw", w["from_image.weight"][:, :, 0, 0], images)
    for k in range(n_stages - 1):
        x = changed(w, k, resampled(stage(w, k, x), up=False))
    x = stage(w, n_stages - 1, x)
    features = torch.einsum("nchw,chw->nc", x, w["basis"]) @ w["features.weight"].T
    return (features * (condition @ w["embedding.weight"].T + w["embedding.bias"])).sum(1)


def cosine(ramp, samples, total):
    t = min(samples / total, 1.0)
    return ramp["end"] + (ramp["start"] - ramp["end"]) * (1 + math.cos(math.pi * t)) / 2


class Adam:
    """Adam with a beta1 of 0 and a beta2 that moves (arXiv:1412.6980, algorithm 1)."""

    def __init__(self):
        self.second, self.n = {}, 0

    def step(self, weights, grads, lr, beta2):
        self.n += 1
        for name, grad in grads.items():
            if grad is None:
                continue
            before = self.second.get(name, torch.zeros_like(grad))
            self.second[name] = beta2 * before + (1 - beta2) * grad * grad
            corrected = self.second[name] / (1 - beta2**self.n)
            weights[name] = (weights[name] - lr * grad / (corrected.sqrt() + 1e-8)).detach()


def gradients(loss, weights):
    names = list(weights)
    found = torch.autograd.grad(loss, [weights[name] for name in names], allow_unused=True)
    return dict(zip(names, found, strict=True))


def leaves(weights):
    return {name: value.detach().clone().requires_grad_() for name, value in weights.items()}


def reference(of_generator, of_discriminator, real, condition, latents):
    """Three steps; weights, the average, and what the losses and penalties were."""
    g, d, average = leaves(of_generator), leaves(of_discriminator), dict(of_generator)
    adams, log, total = (Adam(), Adam()), [], STEPS * BATCH
    for step in range(STEPS):
        seen = step * BATCH
        lr, gamma, beta2 = (cosine(RAMPS[name], seen, total) for name in ("lr", "gamma", "beta2"))
        fake = generated(g, latents[2 * step], condition)
        gap = judged(d, augment(fake), condition) - judged(d, augment(real), condition)
        loss_g = torch.log1p(torch.exp(-gap))
        adams[0].step(g, gradients(loss_g.mean(), g), lr, beta2)
        g = leaves(g)

        fake = generated(g, latents[2 * step + 1], condition).detach().requires_grad_()
        x = real.clone().requires_grad_()
        on_real, on_fake = judged(d, augment(x), condition), judged(d, augment(fake), condition)
        r1, r2 = (
            torch.autograd.grad(logits.sum(), at, create_graph=True)[0].square().sum((1, 2, 3))
            for logits, at in ((on_real, x), (on_fake, fake))
        )
        loss_d = torch.log1p(torch.exp(on_fake - on_real)) + gamma / 2 * (r1 + r2)
        adams[1].step(d, gradients(loss_d.mean(), d), lr, beta2)
        d = leaves(d)

        keep = 0.5 ** (BATCH / cosine(RAMPS["half_life"], seen + BATCH, total))
        average = {name: keep * average[name] + (1 - keep) * g[name].detach() for name in average}
        log.append({"generator": loss_g, "discriminator": loss_d, "r1": r1 / 2, "r2": r2 / 2})
    return g, d, average, log


class Same:
    """The same real images at every step."""

    labels, sample_shape = ("a", "b", "c"), (3, 16, 16)

    def __init__(self):
        random_state = torch.Generator().manual_seed(1)
        real = torch.rand(BATCH, 3, 16, 16, generator=random_state, dtype=torch.float64) * 2 - 1
        condition = torch.eye(3, dtype=torch.float64)[[0, 1, 2, 0]] * torch.tensor(
            [[1.0], [0.5], [0.0], [0.3]]
        )
        self.whole = Batch(real, condition.double())

    def __len__(self):
        return BATCH

    def batch(self, indices):
        return self.whole


@pytest.fixture
def trainer(tmp_path):
    penalties = [{"name": name, "weight": RAMPS["gamma"], "through": True} for name in ("r1", "r2")]
    adam = {"lr": RAMPS["lr"], "betas": [0.0, RAMPS["beta2"]]}
    training = {
        "samples": STEPS * BATCH, "batch": BATCH, "loss": "relativistic", "penalties": penalties,
        "optimisers": {"generator": adam, "discriminator": adam},
        "ema": {"half_life_samples": RAMPS["half_life"], "ramp_up": None},
    }  # fmt: skip
    raw = {
        "modality": "image",
        "device": "cpu",
        "architecture": {"name": "r3gan", **TINY},
        "training": training,
    }
    made = assemble(IMAGE, load(RunSettings, raw, "test"), Same(), tmp_path)
    made.game = replace(made.game, augment=augment)
    torch.manual_seed(2)
    for network in (*made.networks.values(), made.hooks[0].network):
        network.double()
    for network in made.networks.values():
        for (
            parameter
        ) in network.parameters():  # the last layers of blocks are 0, and biases too: as if training went on
            parameter.data += 0.1 * torch.randn_like(parameter)
    made.hooks[0].network.load_state_dict(made.networks["generator"].state_dict())
    return made


def test_losses_penalties_and_steps_are_those_of_an_independent_reference(trainer):
    generator, critic = trainer.networks["generator"], trainer.networks["discriminator"]
    latents = [torch.randn(BATCH, TINY["latent_size"], dtype=torch.float64) for _ in range(2 * STEPS)]
    waiting, seen = iter(latents), []
    generator.latent = lambda n, random_state=None: next(waiting)

    def note(trainer, update, outcome):
        seen.append((update.name, outcome))

    before = [
        {name: value.clone() for name, value in dict(n.named_parameters()).items()}
        for n in (generator, critic)
    ]
    trainer.hooks.append(SimpleNamespace(name="note", after_update=note))
    trainer.run()
    data = trainer.data.whole
    g, d, average, log = reference(*before, data.real, data.condition, latents)

    exact = {"rtol": 1e-12, "atol": 1e-12}
    assert [name for name, _ in seen] == ["generator", "discriminator"] * STEPS
    for number, (name, outcome) in enumerate(seen):
        torch.testing.assert_close(outcome.loss, log[number // 2][name].detach(), **exact)
        for penalty in ("r1", "r2") if name == "discriminator" else ():
            torch.testing.assert_close(outcome.signals[penalty], log[number // 2][penalty].detach(), **exact)
    for network, expected in ((generator, g), (critic, d), (trainer.hooks[0].network, average)):
        for name, value in network.named_parameters():
            torch.testing.assert_close(value.detach(), expected[name].detach(), msg=name, **exact)


def test_a_fresh_block_is_the_identity_and_a_fresh_pair_is_linear():
    torch.manual_seed(0)
    own = R3GANSettings(**TINY)
    features = torch.randn(2, 8, 4, 4)
    assert torch.equal(Block(8, own, 6)(features), features)
    generator = build(own, (3, 16, 16), ())["generator"]
    one, other = torch.randn(2, 1, TINY["latent_size"])
    torch.testing.assert_close(
        generator(one + 2 * other, None), generator(one, None) + 2 * generator(other, None)
    )


def test_weights_begin_with_the_deviations_of_fix_up():
    """First two layers of a block: gain L^(-1/4) / sqrt(fan_in), L blocks in all; the gain of the leaky ReLU of 0.2."""
    torch.manual_seed(0)
    own = R3GANSettings(channel_base=1024, channel_max=64)
    networks = build(own, (3, 16, 16), (5,))
    gain = math.sqrt(2 / 1.04) * 6 ** (-1 / 4)
    for network in networks.values():
        layers = network.stages[1][0]
        assert layers.widen.weight.std().item() == pytest.approx(gain / math.sqrt(64), rel=0.05)
        assert layers.mix.weight.std().item() == pytest.approx(gain / math.sqrt(16 * 9), rel=0.05)
        assert layers.mix.weight.shape == (128, 16, 3, 3)
        assert not layers.narrow.weight.any()
        assert not layers.first_bias.any()
    critic = networks["discriminator"]
    assert networks["generator"].basis.std().item() == pytest.approx(1, rel=0.1)
    assert critic.basis.std().item() == pytest.approx(1 / 4, rel=0.1)
    assert critic.embedding.weight.std().item() == pytest.approx(1 / math.sqrt(5 * 64), rel=0.15)
    assert not critic.embedding.bias.any()
    kinds = {type(module) for network in networks.values() for module in network.modules()}
    assert not any("Norm" in kind.__name__ for kind in kinds)


def test_the_defaults_are_the_papers_networks_of_cifar():
    """768 channels and 96 groups from 4x4 to 32x32, two blocks each, latents of 64: counted by hand."""
    own = R3GANSettings()
    assert [own.channels(size) for size in (4, 8, 16, 32, 64, 128)] == [768, 768, 768, 768, 384, 192]
    with torch.device("meta"):
        networks = build_networks(IMAGE, {"name": "r3gan"}, (3, 32, 32), ())
    one = 2 * 768 * 1536 + 1536 * 16 * 9 + 2 * 1536
    blocks = 4 * 2 * one
    counts = {name: sum(p.numel() for p in network.parameters()) for name, network in networks.items()}
    assert counts["generator"] == blocks + 768 * 16 + 64 * 768 + 3 * 768
    assert counts["discriminator"] == blocks + 768 * 16 + 768 + 3 * 768


def test_a_sample_is_judged_alone_and_a_condition_of_intensity_0_has_a_logit():
    torch.manual_seed(0)
    critic = build(R3GANSettings(**TINY), (3, 16, 16), (N_LABELS,))["discriminator"]
    nn.init.normal_(critic.embedding.bias)
    images, condition = torch.randn(3, 3, 16, 16), torch.eye(3)
    condition[1] = 0
    together = critic(images, condition)
    torch.testing.assert_close(
        together, torch.cat([critic(images[k : k + 1], condition[k : k + 1]) for k in range(3)])
    )
    assert together[1] != 0
    logits, classes = critic.judge(images, condition)
    assert torch.equal(logits, together)
    assert classes.shape == (3, N_LABELS)


@pytest.mark.parametrize("shape", [(3, 16, 32), (3, 24, 24), (3, 4, 4)])
def test_other_sides_say_what_is_allowed(shape):
    with pytest.raises(ConfigError, match="power-of-two side from 8"):
        R3GAN.build(R3GANSettings(**TINY), shape, ())


def test_settings_below_one_are_refused():
    with pytest.raises(ConfigError, match="blocks must be at least 1, found 0"):
        load(R3GANSettings, {"blocks": 0}, "test")
