"""The discriminator of several heads: a logit each, by one text CNN on an embedding of its own."""

from __future__ import annotations

from contextlib import nullcontext

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator
from multigan.objectives.sequence import no_baseline, policy_gradient
from multigan.protocols import Batch
from multigan.sequences.lstm import LstmGenerator
from multigan.sequences.multihead import MultiheadDiscriminator

LENGTH, N_TOKENS, N_HEADS, HEAD_SIZE = 6, 9, 3, 4


def critic(condition_size: int = 0) -> MultiheadDiscriminator:
    torch.manual_seed(0)
    return MultiheadDiscriminator(
        LENGTH, N_TOKENS, condition_size, N_HEADS, HEAD_SIZE, (2, 3), (4, 5), 0.25
    ).eval()


def rows(n: int) -> Tensor:
    return torch.randint(N_TOKENS, (n, LENGTH), generator=torch.Generator().manual_seed(1))


def test_every_head_has_a_logit_by_filters_that_all_share() -> None:
    network, tokens = critic(2), rows(5)
    condition = torch.rand(5, 2)
    logits, classes = [], []
    for head in network.embedding.view(N_TOKENS, N_HEADS, HEAD_SIZE).unbind(1):
        features = network.features(head[tokens])
        logits.append(network.head(features, condition))
        classes.append(network.head.class_logits(features))
    assert network(tokens, condition).shape == (5, N_HEADS)
    torch.testing.assert_close(network(tokens, condition), torch.stack(logits, 1))
    judged = network.judge(tokens, condition)
    torch.testing.assert_close(judged[0], torch.stack(logits, 1))
    torch.testing.assert_close(judged[1], torch.stack(classes).mean(0))
    assert not torch.allclose(logits[0], logits[1])  # heads differ


def test_losses_and_rewards_are_averaged_over_the_heads() -> None:
    """The losses of RelGAN are means over heads (ICLR 2019, section 2.3), and so is P(real)."""
    network = critic(2).requires_grad_(False)
    real, fake = rows(5), rows(10)[5:]
    condition = torch.rand(5, 2)
    generator = LstmGenerator(LENGTH, N_TOKENS, 0, 2, 4, 4)
    generator.forward = lambda latent, condition: fake  # pyright: ignore[reportAttributeAccessIssue]
    players = Players(generator, network, nn.Identity(), nullcontext)
    outcome = discriminator(LOSSES["relativistic"])(players, Batch(real, condition))
    heads = network.embedding.view(N_TOKENS, N_HEADS, HEAD_SIZE).unbind(1)
    of_heads = [
        [network.head(network.features(head[tokens]), condition) for tokens in (real, fake)] for head in heads
    ]
    losses = torch.stack([functional.softplus(on_fake - on_real) for on_real, on_fake in of_heads])
    torch.testing.assert_close(outcome.loss, losses.mean(0))
    assert not torch.allclose(losses.mean(0), functional.softplus(_mean(of_heads, 1) - _mean(of_heads, 0)))
    reward = policy_gradient(1, no_baseline)(players, Batch(real, condition)).signals["reward"]
    torch.testing.assert_close(reward, torch.stack([on_fake.sigmoid() for _, on_fake in of_heads]).mean(0))


def _mean(of_heads: list[list[Tensor]], which: int) -> Tensor:
    return torch.stack([pair[which] for pair in of_heads]).mean(0)


def test_one_hot_rows_are_tokens_and_carry_a_gradient() -> None:
    network, tokens = critic(), rows(5)
    relaxed = functional.one_hot(tokens, N_TOKENS).float().requires_grad_()
    logits = network(relaxed, None)
    torch.testing.assert_close(logits, network(tokens, None))
    (gradient,) = torch.autograd.grad(logits.sum(), relaxed)
    assert gradient.shape == relaxed.shape
    assert (gradient.abs().sum((1, 2)) > 0).all()


def test_every_head_is_trained_and_dropout_is_of_training_only() -> None:
    network, tokens = critic(), rows(5)
    assert torch.equal(network(tokens, None), network(tokens, None))
    network.train()
    logits = network(tokens, None)
    assert not torch.allclose(logits, network(tokens, None))
    logits.sum().backward()
    gradient = network.embedding.grad
    assert gradient is not None
    assert (gradient.view(N_TOKENS, N_HEADS, HEAD_SIZE).abs().sum((0, 2)) > 0).all()
