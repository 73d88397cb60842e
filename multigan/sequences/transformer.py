"""A small GPT-2 (of ``transformers``) as a generator of token rows."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.layers import required_condition
from multigan.reading.json import parse_json
from multigan.sequences.categorical import draw, filtered
from multigan.sequences.decoding import UNCHANGED, Decoding
from multigan.sequences.drawing import TokenGenerator
from multigan.sequences.marks import END

if TYPE_CHECKING:
    from transformers import GPT2Model

_CACHED = 1_250_000
"""Logits computed at once in sampling: 5 MB, which stay in a processor's cache while tokens are drawn from them."""
_DEVIATION = 0.02
"""Of GPT-2's fresh weights."""
_NO_DROPOUT: dict[str, Any] = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}


class TransformerGenerator(TokenGenerator):
    """p(token | tokens before, condition) over V tokens, for rows of T; the first S tokens are marks.

    ``body`` maps embedded tokens, a learnt start vector first, to hidden states [N, T, H]; logits are their products with
    the token embedding [V, H]. A linear map of the condition is added to every embedding. Where S > 0 the token END ends
    a row and fills what is left of it.
    """

    def __init__(self, length: int, n_marks: int, condition_size: int, body: GPT2Model) -> None:
        super().__init__()
        self.length, self.condition_size, self.ends = length, condition_size, n_marks > 0
        self.body = body
        hidden_size = body.wte.embedding_dim
        self.start = nn.Parameter(torch.randn(hidden_size) * _DEVIATION)
        if condition_size:
            self.steering = nn.Parameter(torch.randn(condition_size, hidden_size) * _DEVIATION)

    @torch.no_grad()
    def roll_out(self, tokens: Tensor, condition: Tensor | None, n_rollouts: int) -> Tensor:
        """Every prefix of tokens [N, T] completed R times: int64 [R, T - 1, N, T]; entry [r, t - 1] keeps t tokens.

        One batch a prefix, from the keys and values of one pass over the tokens (arXiv:1609.05473, eq. 4).
        """
        n, length = tokens.shape
        steering = self._steering(condition)
        hidden, cache = self._passed(self._shifted(tokens, steering))
        completed = tokens.new_full((n_rollouts, length - 1, n, length), END)
        for t in range(length - 1, 0, -1):
            if t < length - 1:
                cache.crop(-1)
            rolled = completed[:, t - 1].reshape(-1, length)
            rolled[:, :t] = tokens[:, :t].repeat(n_rollouts, 1)
            rows = self._going(rolled[:, :t])
            own = copy.deepcopy(cache)
            own.batch_select_indices(rows % n)
            uniform = torch.rand(rolled.shape, device=tokens.device)
            self._fill(rolled, uniform, UNCHANGED, steering, t, rows, hidden[rows % n, t], own)
            completed[:, t - 1] = rolled.view(n_rollouts, n, length)
        return completed

    def log_prob(self, tokens: Tensor, condition: Tensor | None, temperature: float = 1.0) -> Tensor:
        """log p(token t | tokens before t, condition) [N, T] in nats, at a temperature; 0 after the first END."""
        hidden = self.body(inputs_embeds=self._shifted(tokens, self._steering(condition)), use_cache=False)
        logits = self._logits(hidden.last_hidden_state) / temperature
        values = -functional.cross_entropy(logits.flatten(0, 1), tokens.flatten(), reduction="none")
        values = values.view(tokens.shape)
        if not self.ends:
            return values
        ended = tokens == END
        return values.masked_fill(ended.cumsum(1) > ended.long(), 0)

    def relax(self, n: int, condition: Tensor | None, temperature: float) -> Tensor:
        """``n`` samples as one-hot rows [N, T, V] that carry a gradient: straight-through Gumbel-softmax (arXiv:1611.01144).

        y = one_hot(argmax(logits + g)), g = -log(-log(u)); backward as if y = softmax((logits + g) / temperature). The
        next input is y times the embedding, so that the gradient reaches earlier tokens. Rows after END are END, without.
        """
        steering = self._steering(condition)
        weight = self.body.wte.weight
        end = functional.one_hot(torch.tensor(END, device=weight.device), len(weight)).to(weight.dtype)
        ended = torch.zeros(n, 1, dtype=torch.bool, device=weight.device)
        entering = _steered(self.start.expand(n, 1, -1), steering)
        cache, samples = None, []
        for _ in range(self.length):
            hidden, cache = self._passed(entering, cache)
            sample = functional.gumbel_softmax(self._logits(hidden[:, -1]), temperature, hard=True)
            if self.ends:
                sample = torch.where(ended, end, sample)
                ended = ended | (sample.detach().argmax(1, keepdim=True) == END)
            samples.append(sample)
            entering = _steered((sample @ weight)[:, None], steering)
        return torch.stack(samples, 1)

    def _steering(self, condition: Tensor | None) -> Tensor | None:
        """What each condition adds to embedded tokens [N, 1, H]."""
        if not self.condition_size:
            return None
        condition = required_condition(condition, self.condition_size, "generator")
        return (condition.to(self.steering.dtype) @ self.steering)[:, None]

    def _shifted(self, tokens: Tensor, steering: Tensor | None) -> Tensor:
        """The start and all tokens but the last, embedded: [N, T] -> [N, T, H]."""
        start = self.start.expand(len(tokens), 1, -1)
        return _steered(torch.cat((start, self.body.wte(tokens[:, :-1])), 1), steering)

    def _passed(self, embedded: Tensor, cache: Any = None) -> tuple[Tensor, Any]:
        """Hidden states [N, t, H] after embedded tokens, and the keys and values of these and of the cache's."""
        from transformers import DynamicCache

        cache = DynamicCache(config=self.body.config) if cache is None else cache
        # by its place: its name is past_key_values in older versions of transformers, and cache in newer ones
        outputs = self.body(None, cache, inputs_embeds=embedded, use_cache=True)
        return outputs.last_hidden_state, cache

    def _logits(self, hidden: Tensor) -> Tensor:
        weight = self.body.wte.weight
        with torch.autocast(weight.device.type, enabled=False):  # bfloat16 has too few digits for them
            return functional.linear(hidden.to(weight.dtype), weight)

    def _going(self, prefix: Tensor) -> Tensor:
        """The numbers of the rows [N, t] that have not ended."""
        if not self.ends:
            return torch.arange(len(prefix), device=prefix.device)
        return (prefix != END).all(1).nonzero()[:, 0]

    def _completed(
        self, prefix: Tensor, condition: Tensor | None, uniform: Tensor, decoding: Decoding
    ) -> Tensor:
        n, given = prefix.shape
        steering = self._steering(condition)
        tokens = prefix.new_full((n, self.length), END)
        tokens[:, :given] = prefix
        rows = self._going(prefix)
        if given < self.length and len(rows):
            embedded = self._shifted(tokens[:, : given + 1], steering)[rows]
            hidden, cache = self._passed(embedded)
            self._fill(tokens, uniform, decoding, steering, given, rows, hidden[:, -1], cache)
        return tokens

    def _fill(
        self,
        tokens: Tensor,
        uniform: Tensor,
        decoding: Decoding,
        steering: Tensor | None,
        given: int,
        rows: Tensor,
        hidden: Tensor,
        cache: Any,
    ) -> None:
        """Draw ``tokens[rows, given:]`` in place, from what follows the given tokens: hidden states [K, H] and the cache.

        Row k has the steering of k modulo N.
        """
        for step in range(given, tokens.shape[1]):
            drawn = self._drawn(hidden, uniform[rows, step], decoding)
            tokens[rows, step] = drawn
            if self.ends and bool((drawn == END).any()):
                going = (drawn != END).nonzero()[:, 0]
                rows, drawn = rows[going], drawn[going]
                cache.batch_select_indices(going)
            if step + 1 == tokens.shape[1] or not len(rows):
                return
            own = None if steering is None else steering[rows % len(steering)]
            hidden, cache = self._passed(_steered(self.body.wte(drawn)[:, None], own), cache)
            hidden = hidden[:, -1]

    def _drawn(self, hidden: Tensor, uniform: Tensor, decoding: Decoding) -> Tensor:
        n_rows = max(_CACHED // self.body.wte.num_embeddings, 1)
        parts = zip(hidden.split(n_rows), uniform.split(n_rows), strict=True)
        return torch.cat(
            [draw(filtered(self._logits(states), decoding), numbers) for states, numbers in parts]
        )


def fresh_body(length: int, n_tokens: int, n_layers: int, hidden_size: int, n_heads: int) -> GPT2Model:
    """GPT-2 of these sizes with weights from torch's global random state."""
    from transformers import GPT2Config, GPT2Model

    config = GPT2Config(
        vocab_size=n_tokens,
        n_positions=length,
        n_embd=hidden_size,
        n_layer=n_layers,
        n_head=n_heads,
        bos_token_id=None,
        eos_token_id=END,
        **_NO_DROPOUT,
    )
    return GPT2Model(config)


def checkpoint_body(folder: Path, length: int, n_tokens: int, n_marks: int = 0) -> GPT2Model:
    """GPT-2 from a folder of config.json and safetensors; of its tokens the first V - S. It looks nowhere else.

    Its token k is our token k + S, as the codec of its tokenizer has it: END begins as its own end of text, where it has
    one, and other marks as the mean of its tokens.

    ConfigError where files are missing or of another model, or where it has fewer tokens or positions than asked.
    """
    config = _config(folder)
    for key, found, needed in (
        ("tokens", config.get("vocab_size", 0), n_tokens - n_marks),
        ("positions", config.get("n_positions", 0), length),
    ):
        if found < needed:
            raise ConfigError(
                f"The checkpoint in {folder} has {found} {key} and this data needs {needed}; "
                "give a larger model or lower data.vocabulary_size or data.length."
            )
    body = _loaded(folder)
    # of its own, so that the rest of the table is let go
    table, end = body.wte.weight.detach(), config.get("eos_token_id")
    marks = table.mean(0).repeat(n_marks, 1)
    if n_marks and isinstance(end, int) and 0 <= end < len(table):
        marks[END] = table[end]
    table = torch.cat((marks, table[: n_tokens - n_marks]))
    body.wte = nn.Embedding.from_pretrained(table, freeze=False)
    body.config.vocab_size = n_tokens
    return body


def _config(folder: Path) -> dict[str, Any]:
    if not (folder / "config.json").is_file() or not any(folder.glob("*.safetensors")):
        found = (
            "it holds no config.json or no *.safetensors" if folder.is_dir() else "there is no such folder"
        )
        raise ConfigError(
            f"architecture.checkpoint: {folder} is not a checkpoint of transformers: {found}. Give a folder that "
            "save_pretrained wrote, or leave the setting out."
        )
    try:
        config = parse_json((folder / "config.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{folder / 'config.json'} is not JSON: {error}. Save the checkpoint again."
        ) from error
    kind = config.get("model_type") if isinstance(config, dict) else None
    named = [key for key in config if key.endswith("_implementation")] if kind == "gpt2" else []
    for name in named:  # which may name code that would be fetched
        if config[name] not in (None, "eager", "sdpa"):
            raise ConfigError(
                f"{folder / 'config.json'}: {name} is {str(config[name])[:40]!r}; take that out."
            )
    for name, most in _MOST.items() if kind == "gpt2" else ():
        if name in config and not (type(config[name]) is int and 1 <= config[name] <= most):
            raise ConfigError(
                f"{folder / 'config.json'}: {name} is {str(config[name])[:40]!r}, and must be from 1 to {most:,}. Save the "
                "checkpoint again."
            )
    if kind != "gpt2":
        raise ConfigError(f"The checkpoint in {folder} is of model_type {kind!r}; give one of 'gpt2'.")
    return config


_MOST = {"vocab_size": 2**20, "n_positions": 2**16, "n_embd": 2**14, "n_layer": 256, "n_head": 256}
"""Sizes beyond which a config.json is no GPT-2's, and would take all memory before its weights are looked at."""


def _loaded(folder: Path) -> GPT2Model:
    from transformers import GPT2Model

    try:
        with _quietly():
            loaded: Any = GPT2Model.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                dtype=torch.float32,
                attn_implementation="sdpa",  # a config may name code that would be fetched
                output_loading_info=True,
                **_NO_DROPOUT,
            )
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise ConfigError(
            f"Cannot read the checkpoint in {folder}: {reason} Save or fetch it again."
        ) from error
    body, found = loaded
    missing = sorted(found["missing_keys"])
    if missing:  # they would keep random values
        raise ConfigError(
            f"The checkpoint in {folder} lacks {len(missing)} weights of GPT-2, {missing[0]} for one; "
            "save or fetch it again."
        )
    return body


@contextmanager
def _quietly() -> Iterator[None]:
    """No progress bar, and no list of weights that are not used."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _steered(embedded: Tensor, steering: Tensor | None) -> Tensor:
    return embedded if steering is None else embedded + steering
