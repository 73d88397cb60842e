"""The discriminator of several heads: a mean over heads, each a text CNN of its own embedding."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from multigan.text.networks.multihead import MultiheadDiscriminator

LENGTH, N_TOKENS, N_HEADS, HEAD_SIZE = 6, 9, 3, 4


def critic(condition_size: int = 0) -> MultiheadDiscriminator:
    torch.manual_seed(0)
    return MultiheadDiscriminator(
        LENGTH, N_TOKENS, condition_size, N_HEADS, HEAD_SIZE, (2, 3), (4, 5), 0.25
    ).eval()


def rows(n: int) -> Tensor:
    return torch.randint(N_TOKENS, (n, LENGTH), generator=torch.Generator().manual_seed(1))


def test_a_logit_is_the_mean_over_heads_that_share_their_filters() -> None:
    network, tokens = critic(2), rows(5)
    condition = torch.rand(5, 2)
    logits, classes = [], []
    for head in network.embedding.view(N_TOKENS, N_HEADS, HEAD_SIZE).unbind(1):
        features = network.features(head[tokens])
        logits.append(network.head(features, condition))
        classes.append(network.head.class_logits(features))
    torch.testing.assert_close(network(tokens, condition), torch.stack(logits).mean(0))
    judged = network.judge(tokens, condition)
    torch.testing.assert_close(judged[0], torch.stack(logits).mean(0))
    torch.testing.assert_close(judged[1], torch.stack(classes).mean(0))
    assert not torch.allclose(logits[0], logits[1])  # heads differ


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
