"""SeqGAN's discriminator: against a convolution by hand, in float64, and against itself by other routes."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.sequences.cnn import CnnDiscriminator, Filters, Highway, TextFeatures, embedded, text_head

LENGTH, N_TOKENS = 7, 11


def critic(condition_size: int = 0, dropout: float = 0.25) -> CnnDiscriminator:
    torch.manual_seed(0)
    return CnnDiscriminator(LENGTH, N_TOKENS, condition_size, 5, (1, 2, 4, 7, 9), (3, 4, 5, 6, 7), dropout)


def rows(n: int, seed: int = 1) -> Tensor:
    return torch.randint(N_TOKENS, (n, LENGTH), generator=torch.Generator().manual_seed(seed))


def by_hand(inputs: Tensor, filters: Filters) -> Tensor:
    """max over t of sum_{j, e} x[t + j, e] w[f, j, e] + b[f], one number at a time."""
    n, length, size = inputs.shape
    weight = filters.weight.view(-1, filters.width, size)
    maxima = []
    for sample in inputs:
        for kernel, bias in zip(weight, filters.bias, strict=True):
            outputs = [
                sum(sample[t + j] @ kernel[j] for j in range(filters.width)) + bias
                for t in range(length - filters.width + 1)
            ]
            maxima.append(torch.stack([torch.as_tensor(output) for output in outputs]).max())
    return torch.stack(maxima).view(n, -1)


@pytest.mark.parametrize("width", [1, 3, 6])
def test_filters_are_a_convolution_and_its_largest_output(width: int) -> None:
    torch.manual_seed(0)
    filters = Filters(4, width, 5).double()
    with torch.no_grad():
        filters.bias.normal_()
    inputs = torch.randn(3, 6, 4, dtype=torch.float64, requires_grad=True)
    given = torch.randn(3, 5, dtype=torch.float64)
    ours, theirs = (
        (maxima, *torch.autograd.grad((maxima * given).sum(), (inputs, filters.weight, filters.bias)))
        for maxima in (filters(inputs), by_hand(inputs, filters))
    )
    for our, their in zip(ours, theirs, strict=True):
        torch.testing.assert_close(our, their, rtol=1e-12, atol=1e-12)


def test_filters_agree_with_numerical_gradients() -> None:
    torch.manual_seed(0)
    filters = Filters(2, 2, 3).double()
    inputs = torch.randn(2, 4, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(filters, (inputs,))


def test_fresh_filters_have_a_deviation_of_one_over_the_root_of_three_inputs() -> None:
    """U(-a, a) has variance a^2 / 3, a^2 = 1 / (width * embedding_size)."""
    torch.manual_seed(0)
    weight = Filters(64, 10, 100).weight.detach()
    assert weight.std().item() == pytest.approx(1 / math.sqrt(3 * 640), rel=0.01)


def test_highway_by_hand() -> None:
    """With W_H = 2, b_H = 1, W_T = 1, b_T = 0 and x = (3, -3): relu(7) = 7, relu(-5) = 0; tau = sigmoid(+-3)."""
    highway = Highway(2)
    with torch.no_grad():
        highway.transform.weight.copy_(2 * torch.eye(2))
        highway.transform.bias.fill_(1)
        highway.gate.weight.copy_(torch.eye(2))
        highway.gate.bias.zero_()
    tau = 1 / (1 + math.exp(-3))
    expected = torch.tensor([[tau * 7 + (1 - tau) * 3, (1 - tau) * 0 + tau * -3]])
    torch.testing.assert_close(highway(torch.tensor([[3.0, -3.0]])), expected)


def test_projection_by_hand() -> None:
    """logit = <w, h> + b + sum_c condition_c <column c of V, h>."""
    head = text_head(2, 3)
    with torch.no_grad():
        head.logit.weight.copy_(torch.tensor([[1.0, 2.0]]))
        head.logit.bias.fill_(0.5)
        head.embedding.weight.copy_(torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    features, condition = torch.tensor([[10.0, 100.0]]), torch.tensor([[0.0, 0.5, 0.0]])
    assert head(features, condition).tolist() == [10 + 200 + 0.5 + 0.5 * (2 * 10 + 5 * 100)]
    with pytest.raises(ConfigError, match=r"takes a condition \[N, 3\]; found none"):
        head(features, None)


def test_the_whole_network_is_filters_highway_and_a_linear_logit() -> None:
    network, tokens = critic().double().eval(), rows(4)
    inputs = network.embedding[tokens]
    features = torch.cat(
        [
            functional.conv1d(
                inputs.transpose(1, 2),
                each.weight.view(len(each.weight), each.width, -1).transpose(1, 2),
                each.bias,
            ).amax(2)
            for each in network.features.filters
            if isinstance(each, Filters)
        ],
        1,
    ).relu()
    assert features.shape == (4, 3 + 4 + 5 + 6)  # no window is 9 tokens wide
    layer = network.features.highway
    tau = (features @ layer.gate.weight.T + layer.gate.bias).sigmoid()
    features = (
        tau * (features @ layer.transform.weight.T + layer.transform.bias).relu() + (1 - tau) * features
    )
    logits = features @ network.head.logit.weight[0] + network.head.logit.bias
    torch.testing.assert_close(network(tokens, None), logits)


def test_one_hot_rows_are_tokens_and_mixtures_carry_a_gradient() -> None:
    network, tokens = critic(3).eval(), rows(4)
    condition = torch.eye(3)[[0, 1, 2, 0]]
    relaxed = functional.one_hot(tokens, N_TOKENS).float().requires_grad_()
    torch.testing.assert_close(network(relaxed, condition), network(tokens, condition))
    logits, classes = network.judge(relaxed, condition)
    assert logits.shape == (4,)
    assert classes.shape == (4, 3)
    (gradient,) = torch.autograd.grad(logits.sum(), relaxed)
    # a step along one token's axis by h changes the logits by h times the gradient
    step = 1e-3
    moved = relaxed.detach().clone()
    moved[2, 3, 5] += step
    change = (network(moved, condition) - logits).sum() / step
    assert gradient[2, 3, 5].item() == pytest.approx(change.item(), abs=2e-3)
    assert gradient.abs().sum() > 0
    torch.testing.assert_close(embedded(relaxed, network.embedding), network.embedding[tokens])


@pytest.mark.parametrize("condition_size", [0, 3])
def test_tables_give_forward_in_evaluation_mode(condition_size: int) -> None:
    network, tokens = critic(condition_size), rows(700)
    tokens[::3] = tokens[1]
    condition = torch.rand(700, 3) if condition_size else None
    optimiser = torch.optim.Adam(network.parameters(), 0.1)
    before = network.tabulated()(tokens, condition)
    assert network.training
    assert not before.requires_grad
    network(tokens, condition).sum().backward()
    optimiser.step()
    after = network.tabulated()(tokens, condition)
    torch.testing.assert_close(after, network.eval()(tokens, condition), rtol=1e-5, atol=1e-5)
    assert not torch.allclose(before, after)
    # one row, few tokens, a row of one token only
    few = torch.full((1, LENGTH), 4)
    given = None if condition is None else condition[:1]
    torch.testing.assert_close(network.tabulated()(few, given), network(few, given), rtol=1e-5, atol=1e-5)


def test_dropout_is_of_training_only_and_not_in_tables() -> None:
    network, tokens = critic(dropout=0.5), rows(6)
    torch.manual_seed(0)
    first, second = network(tokens, None), network(tokens, None)
    assert not torch.allclose(first, second)
    tables = network.tabulated()(tokens, None)
    network.eval()
    assert torch.equal(network(tokens, None), network(tokens, None))
    torch.testing.assert_close(tables, network(tokens, None), rtol=1e-5, atol=1e-5)


def test_autocast_changes_nothing() -> None:
    network, tokens = critic().eval(), rows(6)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        cast, tables = network(tokens, None), network.tabulated()(tokens, None)
    assert torch.equal(cast, network(tokens, None))
    assert cast.dtype == torch.float32
    torch.testing.assert_close(tables, cast, rtol=1e-5, atol=1e-5)


@pytest.mark.kernels
def test_it_learns_to_see_a_word_anywhere() -> None:
    network = critic(dropout=0.0)
    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    tokens = rows(256)
    present = (tokens == 3).any(1).float()
    for _ in range(60):
        loss = functional.binary_cross_entropy_with_logits(network(tokens, None), present)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    unseen = rows(200, seed=2)
    right = (network.eval()(unseen, None) > 0) == (unseen == 3).any(1)
    assert right.float().mean() > 0.95


def test_no_filter_narrow_enough_is_an_error() -> None:
    with pytest.raises(
        ConfigError, match=r"No filter is as narrow as a row of 3 tokens: widths are \[4, 5\]"
    ):
        TextFeatures(3, 8, (4, 5), (2, 2))
