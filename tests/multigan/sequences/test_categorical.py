"""Draws from many tokens: the inverse of the cumulative distribution, and what is done to it before."""

import math

import pytest
import torch

from multigan.errors import ConfigError
from multigan.sequences.categorical import draw, filtered
from multigan.sequences.decoding import Decoding

NONE = -math.inf


def inverse(logits, uniform):
    """By the definition, in float64: how many cumulative probabilities are at most u."""
    cumulative = logits.double().softmax(1).cumsum(1)
    return (cumulative / cumulative[:, -1:] <= uniform.double()[:, None]).sum(1)


@pytest.mark.parametrize("n_tokens", [1, 2, 100, 128, 129, 256, 1000, 5000])
def test_a_draw_is_the_inverse_of_the_cumulative_distribution(n_tokens):
    random_state = torch.Generator().manual_seed(n_tokens)
    logits = 3 * torch.randn(400, n_tokens, generator=random_state, dtype=torch.float64)
    uniform = torch.rand(400, generator=random_state, dtype=torch.float64)
    drawn = draw(logits, uniform)
    assert drawn.dtype == torch.int64
    assert torch.equal(drawn, inverse(logits, uniform))
    # float32 sums may end on the other side of a boundary, no further
    assert (draw(logits.float(), uniform.float()) != drawn).float().mean() < 0.01


def test_draws_by_hand():
    """P = 0.1, 0.2, 0.3, 0.4: cumulative 0.1, 0.3, 0.6, 1."""
    logits = torch.tensor([0.1, 0.2, 0.3, 0.4]).log().expand(7, 4)
    uniform = torch.tensor([0.0, 0.09, 0.11, 0.29, 0.31, 0.61, 0.999])
    assert draw(logits, uniform).tolist() == [0, 0, 1, 1, 2, 3, 3]


@pytest.mark.parametrize("n_tokens", [5, 128, 300, 640])
@pytest.mark.parametrize("u", [0.0, 1e-30, 0.5, 1 - 2**-24, 1.0])
def test_tokens_of_no_probability_never_come(n_tokens, u):
    """Also at the ends of the uniform numbers, and where a whole block, the first or the last, has none."""
    logits = torch.randn(n_tokens, n_tokens, generator=torch.Generator().manual_seed(0)) * 5
    kept = torch.eye(n_tokens, dtype=torch.bool) | torch.eye(n_tokens, dtype=torch.bool).flip(1)
    logits = logits.masked_fill(~kept, NONE)
    drawn = draw(logits, torch.full((n_tokens,), u))
    assert kept[torch.arange(n_tokens), drawn].all()
    ends = kept.float().argmax(1) if u <= 1e-30 else n_tokens - 1 - kept.flip(1).float().argmax(1)
    # a probability below float32's accuracy is no place for u to fall into
    large = (logits.softmax(1) > 1e-6)[torch.arange(n_tokens), ends]
    if u != 0.5:
        assert torch.equal(drawn[large], ends[large])
        assert large.any()


def test_frequencies_are_the_probabilities():
    """Evenly spread uniform numbers hit each token as often as its probability says, to one number in n."""
    logits = torch.randn(1, 300, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    n = 20_000
    uniform = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    counts = draw(logits.expand(n, -1), uniform).bincount(minlength=300)
    assert (counts - n * logits.softmax(1)[0]).abs().max() <= 1


def test_no_rows_are_no_tokens():
    assert draw(torch.zeros(0, 200), torch.zeros(0)).shape == (0,)


def test_temperature_and_banned_tokens_by_hand():
    logits = torch.tensor([[0.0, 1.0, 3.0, 2.0]])
    changed = filtered(logits, Decoding(temperature=0.5, banned=(2,)))
    weights = [math.exp(0), math.exp(2), 0, math.exp(4)]
    wanted = torch.tensor([[weight / sum(weights) for weight in weights]])
    torch.testing.assert_close(changed.softmax(1), wanted)
    assert torch.equal(logits, torch.tensor([[0.0, 1.0, 3.0, 2.0]]))
    assert filtered(logits, Decoding()) is logits


@pytest.mark.parametrize(
    ("top_p", "kept"), [(0.05, [2]), (0.39, [2]), (0.41, [2, 3]), (0.71, [2, 3, 1]), (1.0, [0, 1, 2, 3])]
)
def test_the_nucleus_by_hand(top_p, kept):
    """P = 0.1, 0.2, 0.4, 0.3: the fewest, likeliest tokens that reach top_p, renormalised."""
    probability = torch.tensor([[0.1, 0.2, 0.4, 0.3]])
    changed = filtered(probability.log(), Decoding(top_p=top_p)).softmax(1)
    wanted = torch.zeros(1, 4)
    wanted[0, kept] = probability[0, kept] / probability[0, kept].sum()
    torch.testing.assert_close(changed, wanted)


def test_a_nucleus_of_equal_tokens_keeps_the_fewest():
    kept = filtered(torch.zeros(3, 10), Decoding(top_p=0.35)) == 0
    assert kept.sum(1).tolist() == [4, 4, 4]


@pytest.mark.parametrize("temperature", [1e-3, 1e-30])
def test_towards_no_temperature_the_likeliest_token_comes(temperature):
    logits = torch.randn(50, 300, generator=torch.Generator().manual_seed(2)) * 20
    changed = filtered(logits, Decoding(temperature=temperature))
    assert not changed.isnan().any()
    assert torch.equal(draw(changed, torch.linspace(0, 1, 50)), logits.argmax(1))


def test_what_cannot_be_drawn_from_is_refused():
    with pytest.raises(ConfigError, match="not all; found 3"):
        filtered(torch.zeros(1, 3), Decoding(banned=(0, 1, 2, 2)))
    with pytest.raises(ConfigError, match="tokens 0 to 2 may be banned, not all; found 1 up to 3"):
        filtered(torch.zeros(1, 3), Decoding(banned=(3,)))
    for temperature in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ConfigError, match="temperature is a number above 0"):
            Decoding(temperature=temperature)
    for top_p in (0.0, 1.1, math.nan):
        with pytest.raises(ConfigError, match="top-p is a probability"):
            Decoding(top_p=top_p)
    with pytest.raises(ConfigError, match="from 0 on, found -1"):
        Decoding(banned=(3, -1))
