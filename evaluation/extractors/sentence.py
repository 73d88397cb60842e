"""Sentence embeddings by a transformer from a local folder, such as all-MiniLM-L6-v2."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from evaluation.extractors.networks import digest_of, quietly
from multigan.errors import CheckpointError, DataError
from multigan.reading import regular
from multigan.reading.json import parse_json

LONGEST = 256


class Sentence:
    """``sentence``: the mean of a transformer's last states over a text's tokens, at unit length (arXiv:1908.10084).

    Padding is masked out of attention and mean, so that a row does not depend on its neighbours.
    """

    name = "sentence"

    def __init__(self, folder: Path, device: torch.device) -> None:
        from transformers import AutoModel

        self._device = device
        self._tokenizer = tokenizer_of(folder)
        self._network, self._longest = network_of(AutoModel, folder, device, LONGEST)

    @cached_property
    def digest(self) -> str:
        """sha256 of the weights and the tokeniser."""
        return digest_with_tokenizer(self._network, self._tokenizer)

    @property
    def preprocessing(self) -> str:
        """How texts become tokens, and states features."""
        return f"the model's own tokens, the first {self._longest}; mean of the last states, unit length; v1"

    def prepare(self, sample: str) -> list[int]:
        """Token numbers of one text, with the model's marks around them."""
        numbers = self._tokenizer(sample)["input_ids"]
        if not numbers:
            raise DataError(f"the tokeniser finds nothing in {sample[:40]!r}")
        return numbers if len(numbers) <= self._longest else [*numbers[: self._longest - 1], numbers[-1]]

    def forward(self, prepared: Sequence[list[int]]) -> np.ndarray:
        """Features float32 [N, D] of unit length."""
        with torch.inference_mode():
            numbers, mask = padded(prepared, self._device)
            states = self._network(input_ids=numbers, attention_mask=mask).last_hidden_state.float()
            weights = mask[:, :, None].float()
            means = (states * weights).sum(dim=1) / weights.sum(dim=1)
            return torch.nn.functional.normalize(means, dim=1).cpu().numpy()


def load(device: torch.device, files: Mapping[str, Path]) -> Sentence:
    """The sentence embedder whose files these are."""
    return Sentence(folder_of(files), device)


def folder_of(files: Mapping[str, Path]) -> Path:
    """The folder that transformers loads: the one of config.json."""
    return next(path.parent for path in files.values() if path.name == "config.json")


def padded(prepared: Sequence[list[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Token numbers and their mask [N, T] (1 where there is a token), padded with 0 on the right."""
    longest = max(map(len, prepared))
    numbers = torch.tensor([[*row, *[0] * (longest - len(row))] for row in prepared], device=device)
    lengths = torch.tensor([len(row) for row in prepared], device=device)
    return numbers, (torch.arange(longest, device=device) < lengths[:, None]).long()


def network_of(kind: Any, folder: Path, device: torch.device, longest: int) -> tuple[Any, int]:
    """A frozen float32 network of transformers' class ``kind``, and the most tokens it takes, ``longest`` at most."""
    _check_config(folder)
    with _read_from(folder), quietly():
        network = kind.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            attn_implementation="sdpa",  # a config may name code that would be fetched
        )
        positions = getattr(network.config, "max_position_embeddings", None) or longest
        return network.float().eval().requires_grad_(False).to(device), min(longest, positions)


def tokenizer_of(folder: Path) -> Any:  # transformers has no one type for tokenisers
    """The tokeniser of a folder, neither padding nor truncating: several threads may use it."""
    from transformers import AutoTokenizer

    with _read_from(folder), quietly():
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        tokenizer("")  # the first call drops what padding and truncation its file asks for
        return tokenizer


_MOST_LAYERS, _LARGEST = 256, 2**24


def _check_config(folder: Path) -> None:
    """CheckpointError where a config.json asks for a network that would take all memory before its weights are read."""
    with _read_from(folder):
        config = parse_json(regular.content(folder / "config.json"))
        for name, value in config.items():
            if name.endswith("_implementation") and value not in (None, "eager", "sdpa"):
                raise ValueError(
                    f"its {name} is {str(value)[:40]!r}, which may name code to fetch; take that out"
                )
            most = _MOST_LAYERS if "layer" in name and not name.startswith("layer_norm") else _LARGEST
            if type(value) is int and not -1 <= value <= most:
                raise ValueError(f"its {name} is {str(value)[:40]}, and {most:,} is the most")


@contextmanager
def _read_from(folder: Path) -> Iterator[None]:
    """CheckpointError for whatever goes wrong inside: at odd files transformers raises almost anything."""
    try:
        yield
    except MemoryError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = " ".join(str(error).split())[:300].rstrip(".")
        raise CheckpointError(
            f"The model in {folder} cannot be read: {reason or type(error).__name__}. Save or fetch it again."
        ) from error


def digest_with_tokenizer(network: nn.Module, tokenizer: Any) -> str:
    """sha256 of a network's weights and of its tokeniser: its definition, or its vocabulary where that is not held."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    definition = (
        backend.to_str() if backend is not None else json.dumps(sorted(tokenizer.get_vocab().items()))
    )
    return hashlib.sha256((digest_of(network) + definition).encode()).hexdigest()
