"""SeqGAN's oracle: an LSTM with random weights, whose sequences are the real data of a synthetic experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from multigan.errors import DataError

GATES = ("i", "f", "o", "c")
START = 0
ROWS = 256


class LstmOracle:
    """An LSTM language model over V token numbers that scores whole sequences (arXiv:1609.05473, section 4).

    i, f, o = sigmoid(x W + h U + b), g = tanh(x W_c + h U_c + b_c); c' = f c + i g, h' = o tanh(c');
    logits = h' W_out + b_out. The first input is token 0; h and c begin at zero. Rows are vectors.
    """

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        _check(tensors)
        self._embedding = tensors["embedding"]
        self._inputs, self._hidden, self._bias = (
            torch.cat([tensors[f"{part}_{gate}"] for gate in GATES], dim=-1) for part in ("W", "U", "b")
        )
        self._out, self._out_bias = tensors["W_out"], tensors["b_out"]

    @property
    def n_tokens(self) -> int:
        """V: tokens are numbers from 0 to V - 1."""
        return len(self._embedding)

    def log_prob(self, tokens: np.ndarray) -> np.ndarray:
        """log p float64 [N] in nats of sequences of token numbers [N, T]: the sum over their T tokens."""
        tokens = np.asarray(tokens)
        if tokens.ndim != 2 or not np.issubdtype(tokens.dtype, np.integer) or not tokens.size:
            raise DataError(f"Sequences are whole numbers [N, T]; found {tokens.dtype} {list(tokens.shape)}.")
        if tokens.min() < 0 or tokens.max() >= self.n_tokens:
            ends = f"{tokens.min()} to {tokens.max()}"
            raise DataError(f"The oracle knows tokens 0 to {self.n_tokens - 1}; found {ends}.")
        numbers = torch.from_numpy(tokens.astype(np.int64))
        with torch.inference_mode():
            return torch.cat([self._scored(part) for part in numbers.split(ROWS)]).numpy()

    def _scored(self, numbers: Tensor) -> Tensor:
        hidden = cell = torch.zeros(len(numbers), len(self._hidden))
        total = torch.zeros(len(numbers), dtype=torch.float64)
        before = torch.full((len(numbers),), START)
        for token in numbers.T:
            gates = self._embedding[before] @ self._inputs + hidden @ self._hidden + self._bias
            entering, forgetting, leaving, new = gates.chunk(4, dim=1)
            cell = forgetting.sigmoid() * cell + entering.sigmoid() * new.tanh()
            hidden = leaving.sigmoid() * cell.tanh()
            log_prob = (hidden @ self._out + self._out_bias).log_softmax(dim=1)
            total += log_prob.gather(1, token[:, None])[:, 0]
            before = token
        return total


def load_oracle(path: Path) -> LstmOracle:
    """The oracle of a safetensors file: embedding, W_g, U_g and b_g of the gates i, f, o and c, W_out and b_out."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise DataError(f"There is no oracle {path}; give its safetensors file.")
    try:
        return LstmOracle({name: tensor.float() for name, tensor in load_file(path).items()})
    except (SafetensorError, RuntimeError, TypeError, KeyError) as error:
        raise DataError(f"{path} is not a safetensors file: {error}. Give the oracle's file.") from error


def _check(tensors: dict[str, Tensor]) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    vocabulary, size = (*shapes.get("embedding", ()), 0, 0)[:2]
    hidden = (*shapes.get("U_i", ()), 0)[0]
    wanted = {"embedding": (vocabulary, size), "W_out": (hidden, vocabulary), "b_out": (vocabulary,)}
    for gate in GATES:
        wanted |= {f"W_{gate}": (size, hidden), f"U_{gate}": (hidden, hidden), f"b_{gate}": (hidden,)}
    wrong = sorted(name for name in wanted if shapes.get(name) != wanted[name])
    if wrong or not vocabulary:
        described = ", ".join(
            f"{name} {list(shapes[name]) if name in shapes else 'missing'}" for name in wrong
        )
        raise DataError(
            f"These are not an LSTM oracle's tensors: {described}. It has embedding [V, E], W_g [E, H], U_g [H, H] "
            "and b_g [H] for g in i, f, o, c, W_out [H, V] and b_out [V]."
        )
