"""The generator of SeqGAN (arXiv:1609.05473, section 3.3): a long short-term memory over tokens."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from multigan.layers import required_condition
from multigan.sequences.categorical import draw, filtered
from multigan.sequences.decoding import UNCHANGED, Decoding
from multigan.sequences.drawing import TokenGenerator
from multigan.sequences.marks import END

_CACHED = 640_000
"""Logits computed at once: 2.5 MB, which stay in a processor's cache until all is done that needs them."""

_INITIAL_DEVIATION = 0.1
"""Of all weights, as in SeqGAN's own code; at 256 units they learn faster from it than from torch's 1 / sqrt(3 * 256)."""


class _Rows(NamedTuple):
    """Rows in progress: their numbers int64 [K], and the state [K, H] that the next token is drawn from."""

    numbers: Tensor
    hidden: Tensor
    cell: Tensor

    def joined(self, other: _Rows) -> _Rows:
        return _Rows(*(torch.cat(pair) for pair in zip(self, other, strict=True)))

    def only(self, kept: Tensor) -> _Rows:
        return _Rows(*(part[kept] for part in self))

    def repeated(self, first_numbers: Tensor) -> _Rows:
        """Once for each of the first numbers [R, 1], from which theirs count."""
        times = len(first_numbers)
        return _Rows(
            (first_numbers + self.numbers).flatten(), self.hidden.repeat(times, 1), self.cell.repeat(times, 1)
        )


class _Cell(NamedTuple):
    """The recurrence, prepared for many steps: what each token, state and condition adds to the gates.

    ``table`` [V + 1, 4H], ``recurrent`` [H, 4H] and ``steering`` [N, 4H] or None; row k has the condition of k modulo N.
    """

    table: Tensor
    recurrent: Tensor
    steering: Tensor | None

    def start(self, n: int) -> _Rows:
        """Before the first token."""
        zero = self.table.new_zeros(n, len(self.recurrent))
        rows = _Rows(torch.arange(n, device=zero.device), zero, zero)
        return self.after(rows, self.table[-1:].expand(n, -1))

    def after(self, rows: _Rows, inputs: Tensor) -> _Rows:
        """After one more token: int64 [K], or what it adds to the gates [K, 4H]."""
        if not inputs.is_floating_point():
            inputs = self.table[inputs]
        gates = torch.addmm(inputs, rows.hidden, self.recurrent)
        if self.steering is not None:
            gates = gates + self.steering[rows.numbers % len(self.steering)]
        entering, forgetting, new, leaving = gates.chunk(4, 1)
        cell = forgetting.sigmoid() * rows.cell + entering.sigmoid() * new.tanh()
        return _Rows(rows.numbers, leaving.sigmoid() * cell.tanh(), cell)


class LstmGenerator(TokenGenerator):
    """p(token | tokens before, condition) over V tokens, for rows of T; the first S tokens are marks.

    i, f, o = sigmoid(x W + h U + b), g = tanh(x W_g + h U_g + b_g); c' = f c + i g, h' = o tanh(c');
    logits = h' W_out + b_out. x is the embedding of the token before (at first, of a start mark of its own) beside
    the condition; h and c begin at zero. Where S > 0 the token END ends a row and fills what is left of it.
    """

    def __init__(
        self,
        length: int,
        n_tokens: int,
        n_marks: int,
        condition_size: int,
        embedding_size: int = 32,
        hidden_size: int = 32,
    ) -> None:
        super().__init__()
        self.length, self.n_tokens, self.condition_size = length, n_tokens, condition_size
        self.ends = n_marks > 0
        self.embedding = nn.Parameter(torch.empty(n_tokens + 1, embedding_size))
        """Of every token and, last, of the start."""
        self.lstm = nn.LSTM(embedding_size + condition_size, hidden_size, batch_first=True)
        self.output = nn.Linear(hidden_size, n_tokens)
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=_INITIAL_DEVIATION)

    @torch.no_grad()
    def roll_out(self, tokens: Tensor, condition: Tensor | None, n_rollouts: int) -> Tensor:
        """Every prefix of tokens [N, T] completed R times: int64 [R, T - 1, N, T]; entry [r, t - 1] keeps t tokens.

        All advance together, each from the state cached after its prefix (arXiv:1609.05473, eq. 4).
        """
        n, length = tokens.shape
        return self._roll_out(
            tokens, condition, torch.rand(n_rollouts, length - 1, n, length, device=tokens.device)
        )

    def log_prob(self, tokens: Tensor, condition: Tensor | None, temperature: float = 1.0) -> Tensor:
        """log p(token t | tokens before t, condition) [N, T] in nats, at a temperature; 0 after the first END."""
        with torch.autocast(tokens.device.type, enabled=False):
            start = tokens.new_full((len(tokens), 1), self.n_tokens)
            inputs = functional.embedding(torch.cat((start, tokens[:, :-1]), 1), self.embedding)
            if self.condition_size:
                condition = required_condition(condition, self.condition_size, "generator")
                steering = condition.to(inputs.dtype)[:, None].expand(-1, tokens.shape[1], -1)
                inputs = torch.cat((inputs, steering), 2)
            hidden = self.lstm(inputs)[0] / temperature
            bias = self.output.bias / temperature
            if not self.ends:
                values = _log_prob(hidden.flatten(0, 1), self.output.weight, bias, tokens.flatten())
                return values.view(tokens.shape)
            counted = ~_ended_before(tokens)
            values = _log_prob(hidden[counted], self.output.weight, bias, tokens[counted])
            return hidden.new_zeros(tokens.shape).masked_scatter(counted, values)

    def relax(self, n: int, condition: Tensor | None, temperature: float) -> Tensor:
        """``n`` samples as one-hot rows [N, T, V] that carry a gradient: straight-through Gumbel-softmax (arXiv:1611.01144).

        y = one_hot(argmax(logits + g)), g = -log(-log(u)); backward as if y = softmax((logits + g) / temperature). The
        next input is y times the embedding, so that the gradient reaches earlier tokens. Rows after END are END, without.
        """
        with torch.autocast(self.embedding.device.type, enabled=False):
            cell = self._cell(condition)
            rows = cell.start(n)
            end = functional.one_hot(torch.tensor(END, device=rows.hidden.device), self.n_tokens)
            ended = torch.zeros(n, 1, dtype=torch.bool, device=end.device)
            samples: list[Tensor] = []
            for _ in range(self.length):
                logits = functional.linear(rows.hidden, self.output.weight, self.output.bias)
                noise = -torch.empty_like(logits).exponential_().clamp_(min=1e-30).log_()
                sample = _one_hot(((logits + noise) / temperature).softmax(1))
                if self.ends:
                    sample = torch.where(ended, end.to(sample.dtype), sample)
                    ended = ended | (sample.detach()[:, END : END + 1] == 1)
                samples.append(sample)
                rows = cell.after(rows, self._entering(sample @ self.embedding[:-1]))
            return torch.stack(samples, 1)

    def _entering(self, embedded: Tensor) -> Tensor:
        """What embedded tokens [N, E] add to the gates [N, 4H], biases included."""
        weight, _, first, second = self.lstm.all_weights[0]
        return torch.addmm(first + second, embedded, weight[:, : embedded.shape[1]].T)

    def _cell(self, condition: Tensor | None) -> _Cell:
        weight, recurrent, *_ = self.lstm.all_weights[0]
        steering = None
        if self.condition_size:
            condition = required_condition(condition, self.condition_size, "generator")
            steering = condition.to(weight.dtype) @ weight[:, self.embedding.shape[1] :].T
        return _Cell(self._entering(self.embedding), recurrent.T, steering)

    def _completed(
        self, prefix: Tensor, condition: Tensor | None, uniform: Tensor, decoding: Decoding
    ) -> Tensor:
        n, given = prefix.shape
        with torch.autocast(prefix.device.type, enabled=False):
            cell = self._cell(condition)
            rows = cell.start(n)
            for column in prefix.unbind(1):
                rows = cell.after(rows, column)
            tokens = prefix.new_full((n, self.length), END)
            tokens[:, :given] = prefix
            if self.ends:
                rows = rows.only((prefix != END).all(1))
            self._fill(tokens, uniform, decoding, cell, {given: rows})
        return tokens

    def _roll_out(self, tokens: Tensor, condition: Tensor | None, uniform: Tensor) -> Tensor:
        """``roll_out`` as a function of uniform numbers [R, T - 1, N, T]."""
        n_rollouts, n_prefixes, n, length = uniform.shape
        with torch.autocast(tokens.device.type, enabled=False):
            cell = self._cell(condition)
            rows = cell.start(n)
            completed = tokens.new_full(uniform.shape, END)
            first_of = torch.arange(n_rollouts, device=tokens.device)[:, None] * (n_prefixes * n)
            joining: dict[int, _Rows] = {}
            for t in range(1, length):
                completed[:, t - 1, :, :t] = tokens[:, :t]
                rows = cell.after(rows, tokens[:, t - 1])
                going = rows.only((tokens[:, :t] != END).all(1)) if self.ends else rows
                joining[t] = going.repeated(first_of + (t - 1) * n)
            self._fill(completed.view(-1, length), uniform.view(-1, length), UNCHANGED, cell, joining)
        return completed

    def _fill(
        self,
        tokens: Tensor,
        uniform: Tensor,
        decoding: Decoding,
        cell: _Cell,
        joining: dict[int, _Rows],
    ) -> None:
        """Draw tokens [M, T] in place: at each step new rows join, all draw their token, and those that ended leave."""
        weight = self.output.weight.T.contiguous()
        rows = cell.start(0)
        for step in range(tokens.shape[1]):
            if step in joining:
                rows = rows.joined(joining[step])
            if len(rows.numbers):
                drawn = self._drawn(rows.hidden, uniform[rows.numbers, step], weight, decoding)
                tokens[rows.numbers, step] = drawn
                if self.ends:
                    going = drawn != END
                    rows, drawn = rows.only(going), drawn[going]
                rows = cell.after(rows, drawn)

    def _drawn(self, hidden: Tensor, uniform: Tensor, weight: Tensor, decoding: Decoding) -> Tensor:
        n_rows = max(_CACHED // self.n_tokens, 1)
        tokens = [
            draw(filtered(torch.addmm(self.output.bias, states, weight), decoding), numbers)
            for states, numbers in zip(hidden.split(n_rows), uniform.split(n_rows), strict=True)
        ]
        return torch.cat(tokens)


def _ended_before(tokens: Tensor) -> Tensor:
    """bool [N, T]: where an END lies before."""
    ends = tokens == END
    return (ends.cumsum(1) - ends.long()) > 0


def _log_prob(hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """log softmax(hidden weight^T + bias) at the targets: [M, H], [V, H], [V], int64 [M] -> [M]."""
    if torch.is_grad_enabled():
        return _LogProb.apply(hidden, weight, bias, targets)  # pyright: ignore[reportReturnType]
    return _softmax(hidden, weight, bias, targets, None)


def _softmax(
    hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, probability: Tensor | None
) -> Tensor:
    """``_log_prob``; the softmax goes into ``probability`` [M, V] where there is one."""
    n_rows = max(_CACHED // len(weight), 1)
    values = hidden.new_empty(len(hidden))
    for start in range(0, len(hidden), n_rows):
        part = slice(start, start + n_rows)
        logits = torch.addmm(bias, hidden[part], weight.T)
        out = torch.empty_like(logits) if probability is None else probability[part]
        torch.softmax(logits, 1, out=out)
        # log sum exp is the largest logit less the logarithm of its probability, which is never small
        total = logits.amax(1) - out.amax(1).log()
        values[part] = logits.gather(1, targets[part, None])[:, 0] - total
    return values


class _LogProb(torch.autograd.Function):
    """``_log_prob`` with a gradient.

    With p the softmax and g the gradient of the result, that of the logits is g (one_hot - p): only p is kept, and the
    difference, as large, is never made.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        probability = hidden.new_empty(len(hidden), len(weight))
        values = _softmax(hidden, weight, bias, targets, probability)
        ctx.save_for_backward(hidden, weight, targets, probability)
        return values

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *gradients: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, None]:
        hidden, weight, targets, probability = ctx.saved_tensors
        gradient = gradients[0][:, None]
        # a column of ones for the bias
        inputs = torch.cat((hidden, torch.ones_like(gradient)), 1) * gradient
        outputs, mean = inputs.new_zeros(inputs.shape[1], len(weight)), torch.empty_like(hidden)
        # in parts, so that p is fetched from memory once for both products
        n_rows = max(_CACHED // len(weight), 1)
        for own, part, found in zip(
            inputs.split(n_rows), probability.split(n_rows), mean.split(n_rows), strict=True
        ):
            torch.mm(part, weight, out=found)
            outputs.addmm_(own.T, part, alpha=-1)
        outputs = outputs.T.index_add(0, targets, inputs)
        return gradient * (weight[targets] - mean), outputs[:, :-1], outputs[:, -1], None


def _one_hot(relaxed: Tensor) -> Tensor:
    return _StraightThrough.apply(relaxed)  # pyright: ignore[reportReturnType]


class _StraightThrough(torch.autograd.Function):
    """The one-hot row of the largest entry [N, V]; backward as if it were the entries themselves."""

    @staticmethod
    def forward(ctx: Any, relaxed: Tensor) -> Tensor:
        return torch.zeros_like(relaxed).scatter_(1, relaxed.argmax(1, keepdim=True), 1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0]
