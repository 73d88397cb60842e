"""The oracle of SeqGAN's synthetic experiment (arXiv:1609.05473, section 4): an LSTM with random weights, the true data."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from multigan.errors import DataError
from multigan.sequences.lstm import LstmGenerator

START = 0
"""The token whose embedding is the oracle's first input; it is an ordinary token too."""
_GATES = ("i", "f", "c", "o")
"""In the order of torch's LSTM."""


def oracle_tensors(path: Path | None, seed: int, n_tokens: int = 5_000, size: int = 32) -> dict[str, Tensor]:
    """The float32 tensors of a safetensors file or, without one, of that layout and drawn from N(0, 1) by ``seed``.

    embedding [V, E]; W_g [E, H], U_g [H, H], b_g [H] of the gates i, f, o and c; W_out [H, V], b_out [V].
    """
    if path is not None:
        return _read(path)
    random_state = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(shape, generator=random_state)
        for name, shape in _layout(n_tokens, size, size).items()
    }


def oracle_generator(tensors: dict[str, Tensor], length: int = 20) -> LstmGenerator:
    """A generator of rows of T tokens with these weights; every token is an ordinary one, and it takes no condition."""
    (n_tokens, embedding_size), hidden_size = tensors["embedding"].shape, len(tensors["U_i"])
    generator = LstmGenerator(length, n_tokens, 0, 0, embedding_size, hidden_size)
    weights = {
        "embedding": torch.cat((tensors["embedding"], tensors["embedding"][START, None])),
        "lstm.weight_ih_l0": torch.cat([tensors[f"W_{gate}"].T for gate in _GATES]),
        "lstm.weight_hh_l0": torch.cat([tensors[f"U_{gate}"].T for gate in _GATES]),
        "lstm.bias_ih_l0": torch.cat([tensors[f"b_{gate}"] for gate in _GATES]),
        "lstm.bias_hh_l0": torch.zeros(4 * hidden_size),
        "output.weight": tensors["W_out"].T,
        "output.bias": tensors["b_out"],
    }
    generator.load_state_dict(weights)
    return generator.eval().requires_grad_(False)


def _layout(n_tokens: int, embedding_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
    layout: dict[str, tuple[int, ...]] = {"embedding": (n_tokens, embedding_size)}
    for gate in _GATES:
        layout[f"W_{gate}"] = (embedding_size, hidden_size)
        layout[f"U_{gate}"] = (hidden_size, hidden_size)
        layout[f"b_{gate}"] = (hidden_size,)
    return {**layout, "W_out": (hidden_size, n_tokens), "b_out": (n_tokens,)}


def _read(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise DataError(f"There is no oracle {path}; give its safetensors file, or none to draw one.")
    try:
        tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
    except (SafetensorError, RuntimeError, TypeError, KeyError) as error:
        raise DataError(f"{path} is not a safetensors file: {error}. Give the oracle's file.") from error
    _check(path, tensors)
    return tensors


def _check(path: Path, tensors: dict[str, Tensor]) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    n_tokens, embedding_size = (*shapes.get("embedding", ()), 0, 0)[:2]
    layout = _layout(n_tokens, embedding_size, (*shapes.get("U_i", ()), 0)[0])
    wrong = [name for name in layout if shapes.get(name) != layout[name]]
    if wrong or not n_tokens:
        described = ", ".join(
            f"{name} {list(shapes[name]) if name in shapes else 'missing'}" for name in wrong
        )
        raise DataError(
            f"{path} is not an LSTM oracle: {described}. It has embedding [V, E], W_g [E, H], U_g [H, H] and b_g [H] "
            "for g in i, f, o, c, W_out [H, V] and b_out [V]; give such a file."
        )
    unusable = sorted(name for name in layout if not tensors[name].isfinite().all())
    if unusable:
        raise DataError(
            f"The oracle {path} holds numbers that are not finite, in {', '.join(unusable)}; give another file."
        )
