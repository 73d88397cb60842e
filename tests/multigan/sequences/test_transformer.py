"""The transformer generator against enumeration of a tiny vocabulary, and the settings of texts' architectures."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.protocols import RelaxedGenerator, RollsOut, SequenceGenerator, TabulatedDiscriminator
from multigan.sequences.architectures import (
    CnnSettings,
    TransformerCnnSettings,
    architectures,
)
from multigan.sequences.decoding import Decoding
from multigan.sequences.marks import END
from multigan.sequences.transformer import TransformerGenerator, checkpoint_body, fresh_body
from multigan.text.settings import N_MARKS
from multigan.text.vocabulary import codec_of

LENGTH, N_TOKENS, N_LABELS = 3, 4, 2
SMALL = {"embedding_size": 4, "widths": [1, 2], "filters": [3, 3]}
BARE = architectures("test", 0)
LSTM_CNN, LSTM_MULTIHEAD, TRANSFORMER_CNN = (
    BARE[name] for name in ("lstm-cnn", "lstm-multihead", "transformer-cnn")
)


def generator(
    n_marks: int = 0, condition_size: int = 0, length: int = LENGTH, n_tokens: int = N_TOKENS
) -> TransformerGenerator:
    """Its weights are larger than fresh ones, so that its distributions are far from uniform."""
    torch.manual_seed(0)
    body = fresh_body(length, n_tokens, 2, 16, 2)
    network = TransformerGenerator(length, n_marks, condition_size, body)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim > 1 or parameter is network.start:
                parameter.mul_(12)
    return network


def condition_of(n: int, size: int) -> Tensor | None:
    return torch.eye(size)[torch.arange(n) % size] if size else None


def every_row(ends: bool) -> Tensor:
    """All rows of LENGTH tokens; where rows end, those that are END after the first END."""
    rows = torch.tensor(list(itertools.product(range(N_TOKENS), repeat=LENGTH)))
    ended = rows == END
    kept = (~ended[:, :-1] | ended[:, 1:]).all(1) if ends else torch.ones(len(rows), dtype=torch.bool)
    return rows[kept]


@pytest.mark.parametrize("n_marks", [0, 2])
@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_probabilities_of_all_rows_sum_to_one(n_marks: int, temperature: float) -> None:
    network, rows = generator(n_marks, N_LABELS), every_row(n_marks > 0)
    condition = torch.tensor([[0.0, 0.7]]).expand(len(rows), -1)
    log_prob = network.log_prob(rows, condition, temperature)
    assert log_prob.sum(1).exp().sum().item() == pytest.approx(1, abs=1e-5)
    assert log_prob.shape == rows.shape
    assert log_prob.sum(1).exp().max() > 1.5 / len(rows)
    if n_marks:
        after = (rows == END).cumsum(1) > (rows == END).long()
        assert (log_prob[after] == 0).all()
        assert (log_prob[~after] < 0).all()


def test_log_prob_is_that_of_each_prefix_alone() -> None:
    """Causality: the distribution after a prefix is that of a pass over start and prefix only."""
    network, rows = generator(condition_size=N_LABELS, length=5, n_tokens=7), torch.randint(7, (6, 5))
    condition = condition_of(6, N_LABELS)
    log_prob = network.log_prob(rows, condition)
    assert condition is not None
    for t in range(5):
        entering = torch.cat((network.start.expand(6, 1, -1), network.body.wte(rows[:, :t])), 1)
        entering = entering + (condition @ network.steering)[:, None]
        hidden = network.body(inputs_embeds=entering).last_hidden_state[:, -1]
        logits = hidden @ network.body.wte.weight.T
        expected = logits.log_softmax(1).gather(1, rows[:, t : t + 1])[:, 0]
        torch.testing.assert_close(log_prob[:, t], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n_marks", [0, 2])
def test_tokens_are_the_inverse_of_their_cumulative_distribution(n_marks: int) -> None:
    """Token k at time t where P(token < k) <= Phi(latent t) < P(token <= k), P from log_prob's full pass, no cache."""
    network = generator(n_marks, N_LABELS, 6, 5)
    latent = network.latent(200, torch.Generator().manual_seed(1))
    condition = condition_of(200, N_LABELS)
    tokens = network(latent, condition)
    assert tokens.dtype == torch.int64
    assert torch.equal(tokens, network(latent, condition))
    uniform = torch.special.ndtr(latent)
    ended = torch.zeros(200, dtype=torch.bool)
    for t in range(6):
        changed = tokens.repeat_interleave(5, 0)
        changed[:, t] = torch.arange(5).repeat(200)
        given = None if condition is None else condition.repeat_interleave(5, 0)
        prefix = network.log_prob(changed, given)[:, t].exp().view(200, 5).cumsum(1)
        below = torch.cat((torch.zeros(200, 1), prefix), 1).gather(1, tokens[:, t : t + 1])[:, 0]
        above = prefix.gather(1, tokens[:, t : t + 1])[:, 0]
        right = (below - 1e-5 <= uniform[:, t]) & (uniform[:, t] <= above + 1e-5)
        assert (right | ended).all()
        assert (tokens[ended, t] == END).all()
        ended |= (tokens[:, t] == END) & (n_marks > 0)
    assert not n_marks or 0 < ended.sum() < 200


def test_decoding_bans_tokens_and_sharpens() -> None:
    network = generator(length=6, n_tokens=5)
    latent = network.latent(300, torch.Generator().manual_seed(1))
    assert not (network(latent, None, Decoding(banned=(2, 3))) == 2).any()
    cold = network(latent, None, Decoding(temperature=1e-4))
    assert (cold == cold[0]).all()  # the likeliest row
    assert (network(latent, None, Decoding(top_p=1e-6)) == cold).all()
    assert len(network(latent, None).unique(dim=0)) > 50


@pytest.mark.parametrize("n_marks", [0, 2])
def test_complete_keeps_prefixes_and_draws_by_the_seed(n_marks: int) -> None:
    network = generator(n_marks, N_LABELS, 6, 5)
    prefix = torch.randint(1, 5, (40, 2))
    prefix[0, 1] = END
    condition = condition_of(40, N_LABELS)
    first, second, other = (
        network.complete(prefix, condition, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(first[:, :2], prefix)
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    if n_marks:
        assert (first[0, 1:] == END).all()
    assert torch.equal(network.complete(first, condition), first)


@pytest.mark.parametrize("n_marks", [0, 2])
def test_roll_out_keeps_every_prefix_and_follows_the_distribution(n_marks: int) -> None:
    """Frequencies of what follows each prefix against its exact probability, by enumeration of the rest."""
    network = generator(n_marks, N_LABELS)
    tokens = torch.tensor([[1, 2, 3], [3, 0, 0]])
    condition = condition_of(2, N_LABELS)
    assert condition is not None
    n_rollouts = 4000
    torch.manual_seed(1)
    rolled = network.roll_out(tokens, condition, n_rollouts)
    assert rolled.shape == (n_rollouts, LENGTH - 1, 2, LENGTH)
    assert rolled.dtype == torch.int64
    rows = every_row(n_marks > 0)
    for i, t in itertools.product(range(2), range(1, LENGTH)):
        drawn = rolled[:, t - 1, i]
        assert (drawn[:, :t] == tokens[i, :t]).all()
        follows = rows[(rows[:, :t] == tokens[i, :t]).all(1)]
        given = condition[i : i + 1].expand(len(follows), -1)
        exact = network.log_prob(follows, given)[:, t:].sum(1).exp()
        found = (drawn[:, None] == follows).all(2).float().mean(0)
        # 5 standard deviations of a frequency
        assert ((found - exact).abs() <= 5 * (exact * (1 - exact) / n_rollouts).sqrt() + 1e-6).all()


def test_relaxed_samples_follow_the_distribution_and_carry_a_gradient() -> None:
    network, rows = generator(2, N_LABELS), every_row(True)
    n = 6000
    condition = torch.tensor([[1.0, 0.0]])
    torch.manual_seed(1)
    samples = network.relax(n, condition.expand(n, -1), 0.5)
    tokens = samples.argmax(2)
    torch.testing.assert_close(samples, nn.functional.one_hot(tokens, N_TOKENS).float())
    exact = network.log_prob(rows, condition.expand(len(rows), -1)).sum(1).exp()
    found = (tokens[:, None] == rows).all(2).float().mean(0)
    assert found.sum().item() == pytest.approx(1)  # END follows END
    assert ((found - exact).abs() <= 5 * (exact * (1 - exact) / n).sqrt() + 1e-6).all()
    # the last token's gradient reaches the start through the earlier ones
    (gradient,) = torch.autograd.grad((samples[:, -1] * torch.arange(4.0)).sum(), network.start)
    assert gradient.abs().sum() > 0


@pytest.mark.kernels
def test_it_learns_a_sentence_for_each_label() -> None:
    torch.manual_seed(0)
    network = TransformerGenerator(5, 2, N_LABELS, fresh_body(5, 8, 1, 16, 2))
    rows = torch.tensor([[2, 3, 4, END, END], [5, 6, 7, 2, 3]])
    condition = torch.eye(2)
    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    for _ in range(80):
        loss = -network.log_prob(rows, condition).sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    made = network(network.latent(100, torch.Generator().manual_seed(1)), condition.repeat(50, 1))
    assert (made.view(50, 2, 5) == rows).all(2).float().mean() > 0.9


def saved(folder: Path, kind: str = "GPT2LMHeadModel", **sizes: int) -> Any:
    import transformers

    torch.manual_seed(3)
    given: dict[str, Any] = {
        "vocab_size": 20,
        "n_positions": 8,
        "n_embd": 16,
        "n_layer": 3,
        "n_head": 2,
    } | sizes
    config = transformers.GPT2Config(**given, bos_token_id=0, eos_token_id=0)
    model = getattr(transformers, kind)(config)
    model.save_pretrained(folder)
    return model.eval()


def test_a_checkpoint_gives_its_own_distribution(tmp_path: Path) -> None:
    """What follows a first token is what GPT-2 itself says, once the start vector is that token's embedding."""
    model = saved(tmp_path)
    options = load(TransformerCnnSettings, {"checkpoint": str(tmp_path), "discriminator": SMALL}, "test")
    network, _ = TRANSFORMER_CNN.build(options, (5, 20), ()).values()
    assert isinstance(network, TransformerGenerator)
    assert len(network.body.h) == 3
    rows = torch.randint(20, (4, 6))
    rows[:, 0] = 7
    with torch.no_grad():
        network.start.copy_(network.body.wte.weight[7])
        expected = model(rows).logits[:, :-1].log_softmax(2).gather(2, rows[:, 1:, None])[:, :, 0]
        torch.testing.assert_close(network.log_prob(rows[:, 1:], None), expected, rtol=1e-5, atol=1e-5)
    assert all(module.p == 0 for module in network.modules() if isinstance(module, nn.Dropout))


def test_a_checkpoint_of_more_tokens_is_cut_and_of_a_bare_body_is_read(tmp_path: Path) -> None:
    model = saved(tmp_path, "GPT2Model")
    body = checkpoint_body(tmp_path, 8, 12)
    assert torch.equal(body.wte.weight, model.wte.weight[:12])
    assert body.wte.weight.requires_grad
    network = TransformerGenerator(8, 0, 0, body)
    assert network(network.latent(50), None).max() < 12


def test_a_checkpoint_goes_with_its_own_tokenizer(tmp_path: Path) -> None:
    """Token k of the checkpoint is our token k + 2: what its tokenizer encodes meets the rows that it was trained with."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["<|endoftext|>", *(f"word{letter}" for letter in "abcdefghijklmnopqrs")]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token=words[0]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    model = saved(tmp_path)
    codec = codec_of(str(tmp_path))
    assert codec.n_tokens == 22
    (row,) = codec.encode(["wordc worda"])
    body = checkpoint_body(tmp_path, 8, codec.n_tokens, N_MARKS)
    table = model.transformer.wte.weight
    assert torch.equal(body.wte.weight[row], table[[3, 1]])
    assert torch.equal(body.wte.weight[END], table[0])
    assert codec.decode(torch.tensor([[*row, END]])) == ["wordc worda"]


def test_what_a_checkpoint_lacks_is_told(tmp_path: Path) -> None:
    def message(folder: Path, length: int = 5, n_tokens: int = 20) -> str:
        with pytest.raises(ConfigError) as caught:
            checkpoint_body(folder, length, n_tokens)
        return str(caught.value)

    assert "there is no such folder" in message(tmp_path / "none")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "holds no config.json or no *.safetensors" in message(empty)
    folder = tmp_path / "model"
    saved(folder)
    assert "has 20 tokens and this data needs 21" in message(folder, n_tokens=21)
    assert "has 8 positions and this data needs 9" in message(folder, length=9)
    config = folder / "config.json"
    held = json.loads(config.read_text())
    config.write_text(json.dumps(held | {"n_layer": 4}))
    assert "lacks 12 weights of GPT-2" in message(folder)
    config.write_text(json.dumps(held | {"n_embd": 8}))
    assert "Cannot read the checkpoint" in message(folder)
    config.write_text(json.dumps(held | {"model_type": "llama"}))
    assert "model_type 'llama'; give one of 'gpt2'" in message(folder)
    config.write_text("{")
    assert "is not JSON" in message(folder)
    config.write_text(json.dumps(held))
    (folder / "model.safetensors").write_bytes(b"nothing of the kind")
    assert "Cannot read the checkpoint" in message(folder)


@pytest.mark.parametrize("name", list(BARE))
@pytest.mark.parametrize(("n_marks", "n_labels"), [(0, 0), (2, 3)])
def test_pairs_fit_together(name: str, n_marks: int, n_labels: int) -> None:
    torch.manual_seed(0)
    architecture, shape = architectures("test", n_marks)[name], (6, 9)
    small = {"widths": [1, 2], "filters": [3, 3]}
    options = load(architecture.settings, {"hidden_size": 8, "discriminator": small}, "test")
    networks: tuple[Any, Any] = tuple(architecture.build(options, shape, (n_labels,)).values())
    made, critic = networks
    for protocol in (SequenceGenerator, RollsOut, RelaxedGenerator):
        assert isinstance(networks[0], protocol)
    assert isinstance(critic, TabulatedDiscriminator) == (name != "lstm-multihead")
    condition = condition_of(4, n_labels)
    tokens = made(made.latent(4), condition)
    assert tokens.shape == (4, 6)
    assert tokens.max() < 9
    assert made.ends == (n_marks > 0)
    assert critic(tokens, condition).shape == ((4, 16) if name == "lstm-multihead" else (4,))
    critic(made.relax(4, condition, 1.0), condition).sum().backward()
    assert any(parameter.grad is not None for parameter in made.parameters())
    with pytest.raises(ConfigError, match=r"makes rows of tokens, of the shape .*; found \[1, 64, 2\]"):
        architecture.build(options, (1, 64, 2), (n_labels,))


def test_defaults_are_the_papers_sizes() -> None:
    _, critic = LSTM_CNN.build(load(LSTM_CNN.settings, {}, "test"), (20, 30), ()).values()
    assert critic.head.logit.in_features == 1720  # type: ignore[union-attr]
    assert sum(CnnSettings().filters) == 1720


@pytest.mark.parametrize(
    ("architecture", "raw", "message"),
    [
        (LSTM_CNN, {"hidden_size": 0}, "hidden_size must be at least 1, found 0"),
        (LSTM_MULTIHEAD, {"embedding_size": 0}, "embedding_size must be at least 1, found 0"),
        (LSTM_MULTIHEAD, {"discriminator": {"n_heads": 0}}, "n_heads must be at least 1, found 0"),
        (LSTM_CNN, {"discriminator": {"embedding_size": 0}}, "embedding_size must be at least 1, found 0"),
        (LSTM_CNN, {"discriminator": {"widths": [1]}}, "found 12 for 1 widths"),
        (LSTM_CNN, {"discriminator": {"widths": [], "filters": []}}, "found 0 for 0 widths"),
        (LSTM_CNN, {"discriminator": {"widths": [0], "filters": [2]}}, "are at least 1, found 0"),
        (
            LSTM_CNN,
            {"discriminator": {"dropout": 1.0}},
            "dropout is a share, at least 0 and below 1, found 1.0",
        ),
        (TRANSFORMER_CNN, {"n_heads": 3}, "hidden_size is a multiple of n_heads, found 128 and 3"),
        (TRANSFORMER_CNN, {"n_layers": 0}, "n_layers must be at least 1, found 0"),
        (TRANSFORMER_CNN, {"discriminator": {"depth": 2}}, "discriminator.depth"),
    ],
)
def test_settings_say_what_is_wrong(architecture: Any, raw: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(architecture.settings, raw, "test")
    assert message in str(caught.value)
