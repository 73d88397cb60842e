"""The LSTM over tokens, beside the same thing written out step by step."""

import itertools
import math

import pytest
import torch
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.protocols import RelaxedGenerator, RollsOut, SequenceGenerator
from multigan.sequences.categorical import draw
from multigan.sequences.decoding import Decoding
from multigan.sequences.lstm import LstmGenerator
from multigan.sequences.marks import END
from multigan.text.settings import N_MARKS

V, T, C = 7, 5, 3


def generator(n_tokens=V, length=T, n_marks=N_MARKS, condition_size=C, **sizes):
    """In float64, with weights large enough for a distribution that is far from uniform."""
    torch.manual_seed(0)
    made = LstmGenerator(length, n_tokens, n_marks, condition_size, **sizes).double()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.8)
    return made


def conditions(n):
    return (
        torch.eye(C, dtype=torch.float64)[torch.arange(n) % C] * torch.linspace(0.2, 1, n)[:, None].double()
    )


def distributions(made, tokens, condition):
    """log p(. | tokens before t, condition) [N, T, V] by the equations, one step after the other."""
    held = dict(made.named_parameters())
    hidden = cell = torch.zeros(len(tokens), held["output.weight"].shape[1], dtype=torch.float64)
    before = torch.full((len(tokens),), made.n_tokens)
    found = []
    for t in range(tokens.shape[1]):
        inputs = held["embedding"][before]
        if condition is not None:
            inputs = torch.cat((inputs, condition), 1)
        gates = inputs @ held["lstm.weight_ih_l0"].T + hidden @ held["lstm.weight_hh_l0"].T
        gates = gates + held["lstm.bias_ih_l0"] + held["lstm.bias_hh_l0"]
        i, f, g, o = gates.chunk(4, 1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        hidden = torch.sigmoid(o) * torch.tanh(cell)
        found.append((hidden @ held["output.weight"].T + held["output.bias"]).log_softmax(1))
        before = tokens[:, t]
    return torch.stack(found, 1)


def ended_before(tokens, t, n_marks):
    return bool(n_marks) and END in tokens[:t].tolist()


def enumerated(n_tokens, length):
    return torch.tensor(list(itertools.product(range(n_tokens), repeat=length)))


def test_it_is_what_the_engine_asks_for():
    made = generator()
    for protocol in (SequenceGenerator, RollsOut, RelaxedGenerator):
        assert isinstance(made, protocol)


@pytest.mark.parametrize("n_marks", [0, N_MARKS])
@pytest.mark.parametrize("condition_size", [0, C])
def test_log_prob_is_teacher_forcing_by_hand(n_marks, condition_size):
    made = generator(n_marks=n_marks, condition_size=condition_size)
    tokens = torch.randint(0, V, (40, T), generator=torch.Generator().manual_seed(1))
    condition = conditions(40) if condition_size else None
    wanted = distributions(made, tokens, condition).gather(2, tokens[..., None])[..., 0]
    for n, t in itertools.product(range(40), range(T)):
        if ended_before(tokens[n], t, n_marks):
            wanted[n, t] = 0
    assert (wanted == 0).any() == bool(n_marks)
    torch.testing.assert_close(made.log_prob(tokens, condition), wanted)
    with torch.no_grad():
        torch.testing.assert_close(made.log_prob(tokens, condition), wanted)


def test_log_prob_at_a_temperature():
    made = generator(n_marks=0)
    tokens = torch.randint(0, V, (10, T), generator=torch.Generator().manual_seed(1))
    cold = (distributions(made, tokens, conditions(10)) / 0.6).log_softmax(2)
    wanted = cold.gather(2, tokens[..., None])[..., 0]
    torch.testing.assert_close(made.log_prob(tokens, conditions(10), temperature=0.6), wanted)


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_probabilities_sum_to_one(temperature):
    """Over all rows of 3 tokens out of 4, and over all sentences of at most 3 tokens where END ends them."""
    rows = enumerated(4, 3)
    condition = conditions(len(rows))[1:2].expand(len(rows), -1)
    made = generator(4, 3, n_marks=0)
    total = made.log_prob(rows, condition, temperature).sum(1).exp().sum().detach()
    assert float(total) == pytest.approx(1, abs=1e-12)
    sentences = torch.stack([row for row in rows if not row[1:][row[:-1] == END].any()])
    made = generator(4, 3, n_marks=N_MARKS)
    total = made.log_prob(sentences, condition[: len(sentences)], temperature).sum(1).exp().sum().detach()
    assert float(total) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("n_marks", [0, N_MARKS])
def test_log_prob_has_the_right_gradient(n_marks):
    made = generator(n_tokens=5, length=3, n_marks=n_marks, embedding_size=2, hidden_size=3)
    tokens = torch.tensor([[3, 2, 4], [1, 0, 0], [0, 0, 0], [4, 4, 0]])
    names = [name for name, _ in made.named_parameters()]

    def scored(*parameters):
        held = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(made, held, (tokens, conditions(4)), tie_weights=False)

    made.forward = lambda tokens, condition: made.log_prob(tokens, condition, 0.8)
    assert torch.autograd.gradcheck(scored, tuple(made.parameters()))


def test_the_gradient_is_that_of_plain_cross_entropy_in_single_precision():
    torch.manual_seed(0)
    made = LstmGenerator(6, 300, 0, 0)
    tokens = torch.randint(0, 300, (20, 6))
    weights = torch.randn(20, 6)
    (made.log_prob(tokens, None) * weights).sum().backward()
    found = [parameter.grad.clone() for parameter in made.parameters()]
    made.zero_grad()
    start = torch.full((20, 1), 300)
    inputs = functional.embedding(torch.cat((start, tokens[:, :-1]), 1), made.embedding)
    logits = made.output(made.lstm(inputs)[0])
    plain = -functional.cross_entropy(logits.flatten(0, 1), tokens.flatten(), reduction="none").view(20, 6)
    (plain * weights).sum().backward()
    for ours, parameter in zip(found, made.parameters(), strict=True):
        torch.testing.assert_close(ours, parameter.grad, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("n_marks", [0, N_MARKS])
def test_forward_is_the_inverse_of_its_own_distribution(n_marks):
    made = generator(n_marks=n_marks)
    latent = made.latent(300, torch.Generator().manual_seed(3)).double()
    condition = conditions(300)
    tokens = made(latent, condition)
    assert tokens.shape == (300, T)
    assert tokens.dtype == torch.int64
    probability = distributions(made, tokens, condition).exp()
    below = torch.stack([probability[:, t].cumsum(1) for t in range(T)], 1)
    uniform = torch.special.ndtr(latent)
    for n, t in itertools.product(range(300), range(T)):
        if ended_before(tokens[n], t, n_marks):
            assert tokens[n, t] == END
        else:
            assert tokens[n, t] == int((below[n, t] <= uniform[n, t]).sum())
    assert torch.equal(made(latent, condition), tokens)


def test_latents_come_from_the_random_state():
    made = generator()
    first = made.latent(4, torch.Generator().manual_seed(5))
    assert torch.equal(first, made.latent(4, torch.Generator().manual_seed(5)))
    assert first.shape == (4, T)
    assert first.dtype == torch.float32
    torch.manual_seed(1)
    assert not torch.equal(made.latent(4), first)


def test_samples_are_as_likely_as_log_prob_says():
    """Frequencies of all 64 rows of 3 tokens out of 4 over 20,000 samples: a chi-square of 63 degrees of freedom."""
    made = generator(4, 3, n_marks=0, condition_size=0)
    rows = enumerated(4, 3)
    expected = 20_000 * made.log_prob(rows, None).sum(1).exp().detach()
    drawn = made(made.latent(20_000, torch.Generator().manual_seed(0)).double(), None)
    counts = (drawn @ torch.tensor([16, 4, 1])).bincount(minlength=64)
    assert float(((counts - expected) ** 2 / expected).sum()) < 63 + 5 * math.sqrt(2 * 63)


@pytest.mark.kernels
def test_batches_and_threads_change_nothing():
    """Single precision; a sentence is a function of its own latent and condition."""
    torch.manual_seed(0)
    made = LstmGenerator(8, 400, N_MARKS, C)
    latent, condition = made.latent(50), conditions(50).float()
    whole = made(latent, condition)
    parts = [made(latent[k : k + 7], condition[k : k + 7]) for k in range(0, 50, 7)]
    assert (torch.cat(parts) == whole).float().mean() > 0.99
    scores = torch.cat([made.log_prob(whole[k : k + 7], condition[k : k + 7]) for k in range(0, 50, 7)])
    torch.testing.assert_close(scores, made.log_prob(whole, condition))
    n_threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2 if n_threads == 1 else 1)
        assert (made(latent, condition) == whole).float().mean() > 0.99
    finally:
        torch.set_num_threads(n_threads)


@pytest.mark.parametrize("n_marks", [0, N_MARKS])
@pytest.mark.parametrize("n_kept", [0, 1, 3, T])
def test_completions_keep_their_prefix(n_marks, n_kept):
    made, condition = generator(n_marks=n_marks), conditions(60)
    prefix = torch.randint(0, V, (60, n_kept), generator=torch.Generator().manual_seed(2))
    whole = made.complete(prefix, condition, torch.Generator().manual_seed(4))
    assert torch.equal(whole[:, :n_kept], prefix)
    uniform = torch.rand(60, T, generator=torch.Generator().manual_seed(4))
    for n in range(60):
        assert torch.equal(whole[n], completed(made, prefix[n], condition[n], uniform[n], n_marks))


def completed(made, prefix, condition, uniform, n_marks):
    """One prefix [t] -> [T], token by token, each from a whole pass over what is there so far."""
    tokens = prefix
    for t in range(len(prefix), made.length):
        if ended_before(tokens, t, n_marks):
            token = torch.tensor([END])
        else:
            padded = functional.pad(tokens, (0, 1))[None]
            own = None if condition is None else condition[None]
            token = draw(distributions(made, padded, own)[:, t], uniform[t : t + 1].double())
        tokens = torch.cat((tokens, token))
    return tokens


@pytest.mark.parametrize("n_marks", [0, N_MARKS])
@pytest.mark.parametrize("condition_size", [0, C])
def test_roll_outs_are_those_of_a_loop_over_prefixes_and_rollouts(n_marks, condition_size):
    """The same uniform numbers give both the same tokens; some of the sentences have ended, some at their first token."""
    made = generator(n_marks=n_marks, condition_size=condition_size)
    n, n_rollouts = 6, 4
    condition = conditions(n) if condition_size else None
    tokens = made(made.latent(n, torch.Generator().manual_seed(7)).double(), condition)
    tokens[0] = END
    uniform = torch.rand(n_rollouts, T - 1, n, T, generator=torch.Generator().manual_seed(8))
    with torch.no_grad():
        found = made._roll_out(tokens, condition, uniform)
    assert found.shape == (n_rollouts, T - 1, n, T)
    for r, t, k in itertools.product(range(n_rollouts), range(1, T), range(n)):
        own = None if condition is None else condition[k]
        wanted = completed(made, tokens[k, :t], own, uniform[r, t - 1, k], n_marks)
        assert torch.equal(found[r, t - 1, k], wanted), (r, t, k)


def test_roll_outs_keep_prefixes_differ_and_follow_the_global_random_state():
    made = LstmGenerator(9, 300, 0, 0)
    tokens = made(made.latent(5), None)
    torch.manual_seed(3)
    found = made.roll_out(tokens, None, 4)
    for t in range(1, 9):
        assert torch.equal(found[:, t - 1, :, :t], tokens[:, :t].expand(4, -1, -1))
    assert len(found[:, 0].flatten(0, 1).unique(dim=0)) == 20
    torch.manual_seed(3)
    assert torch.equal(made.roll_out(tokens, None, 4), found)


def test_roll_outs_of_sentences_that_have_all_ended():
    made = generator()
    tokens = torch.zeros(3, T, dtype=torch.int64)
    assert torch.equal(
        made.roll_out(tokens, conditions(3), 2), torch.zeros(2, T - 1, 3, T, dtype=torch.int64)
    )
    assert torch.equal(made.complete(tokens[:, :1], conditions(3)), tokens)


def test_a_row_of_one_token_has_no_prefix_to_roll_out_from():
    made = LstmGenerator(1, 9, 0, 0)
    assert made.roll_out(made(made.latent(3), None), None, 2).shape == (2, 0, 3, 1)


def test_the_condition_matters():
    made = generator()
    latent = made.latent(200, torch.Generator().manual_seed(0)).double()
    joy, anger = (torch.eye(C, dtype=torch.float64)[k].expand(200, -1) for k in (0, 1))
    tokens = made(latent, joy)
    assert (tokens != made(latent, anger)).any(1).float().mean() > 0.3
    assert made.log_prob(tokens, joy).sum() > made.log_prob(tokens, anger).sum()
    for call in (lambda: made(latent, None), lambda: made.log_prob(tokens, joy[:, :1])):
        with pytest.raises(ConfigError, match=r"takes a condition \[N, 3\]"):
            call()


def test_banned_tokens_never_come():
    made = generator()
    latent = made.latent(500, torch.Generator().manual_seed(0)).double()
    free = made(latent, conditions(500))
    assert {1, 4} <= set(free.unique().tolist())
    banned = made(latent, conditions(500), Decoding(banned=(1, 4)))
    assert set(banned.unique().tolist()) == set(range(V)) - {1, 4}
    endless = made(latent, conditions(500), Decoding(banned=(END,)))
    assert (endless != END).all()


def test_no_temperature_and_the_smallest_nucleus_follow_the_likeliest_tokens():
    made = generator(n_marks=0)
    latent, condition = made.latent(30, torch.Generator().manual_seed(0)).double(), conditions(30)
    for decoding in (Decoding(temperature=1e-4), Decoding(top_p=1e-6)):
        tokens = made(latent, condition, decoding)
        assert torch.equal(distributions(made, tokens, condition).argmax(2), tokens)


def test_relaxed_samples_are_one_hot_and_drawn_from_the_model():
    made = generator(4, 3, n_marks=0, condition_size=0)
    torch.manual_seed(0)
    samples = made.relax(20_000, None, 0.5).detach()
    assert set(samples.unique().tolist()) == {0.0, 1.0}
    assert (samples.sum(2) == 1).all()
    expected = 20_000 * made.log_prob(enumerated(4, 3), None).sum(1).exp().detach()
    counts = (samples.argmax(2) @ torch.tensor([16, 4, 1])).bincount(minlength=64)
    assert float(((counts - expected) ** 2 / expected).sum()) < 63 + 5 * math.sqrt(2 * 63)


def test_the_relaxed_gradient_of_one_step_by_hand():
    """f = <a, y>: with s = softmax((l + g) / tau), df/dl = s (a - <a, s>) / tau; l is the output's bias plus a constant."""
    tau, made = 0.7, generator(length=1, n_marks=0, condition_size=0)
    weights = torch.randn(20, V, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    torch.manual_seed(5)
    (made.relax(20, None, tau)[:, 0] * weights).sum().backward()
    torch.manual_seed(5)
    logits = distributions(made, torch.zeros(1, 1, dtype=torch.int64), None)[0]
    noise = -torch.empty(20, V, dtype=torch.float64).exponential_().log()
    soft = ((logits + noise) / tau).softmax(1)
    wanted = soft * (weights - (weights * soft).sum(1, keepdim=True)) / tau
    torch.testing.assert_close(made.output.bias.grad, wanted.sum(0))


def test_the_relaxed_gradient_reaches_every_part_through_time():
    made = generator(n_marks=0)
    samples = made.relax(6, conditions(6), 0.8)
    samples[:, -1].square().sum().backward()  # only the last token's
    for name, parameter in made.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_relaxed_rows_after_the_end_are_the_end_without_a_gradient():
    made = generator()
    torch.manual_seed(2)
    samples = made.relax(200, conditions(200), 1.0)
    tokens = samples.argmax(2)
    ended = (tokens == END).cumsum(1) - (tokens == END).long() > 0
    assert ended.any()
    assert (tokens[ended] == END).all()
    assert not torch.equal(ended, torch.ones_like(ended))
    (samples * ended[..., None] * torch.randn(V)).sum().backward()
    assert made.output.bias.grad.abs().sum() == 0


def test_half_precision_around_it_leaves_it_in_single():
    made = LstmGenerator(6, 50, N_MARKS, 0)
    latent = made.latent(20)
    tokens = made(latent, None)
    wanted = made.log_prob(tokens, None)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(made(latent, None), tokens)
        assert torch.equal(made.log_prob(tokens, None), wanted)
        assert made.relax(2, None, 1.0).dtype == torch.float32


@pytest.mark.kernels
def test_it_learns_which_token_follows():
    """Rows that count on from their first token, modulo 6: after some steps they are nearly certain."""
    torch.manual_seed(0)
    made = LstmGenerator(4, 6, 0, 0)
    rows = (torch.arange(6)[:, None] + torch.arange(4)) % 6
    optimiser = torch.optim.Adam(made.parameters(), 0.03)
    for _ in range(100):
        optimiser.zero_grad()
        loss = -made.log_prob(rows, None).sum(1).mean()
        loss.backward()
        optimiser.step()
    assert math.log(6) - 0.01 < float(loss.detach()) < math.log(6) + 0.2
