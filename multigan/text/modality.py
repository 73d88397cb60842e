"""The text modality: its data, its architectures, and how sentences are written and previewed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from multigan.modality import Modality
from multigan.registry import Registry
from multigan.text.data import decode_samples, open_text
from multigan.text.safety import load_filter
from multigan.text.sampling import SAMPLING, write_screened
from multigan.text.settings import END, N_MARKS, TextData


def sample_shape(data: TextData) -> tuple[int, int, int]:
    """(T, V, S): rows of T tokens out of V at most, of which the first S are marks (none in bare token numbers)."""
    if data.sentences == "oracle":
        return 20, 5_000, 0
    return data.length, data.vocabulary_size, N_MARKS


def random_samples(n: int, sample_shape: tuple[int, ...]) -> Tensor:
    """int64 [n, T]: words at random; where there are marks, sentences of random lengths, filled up with the end mark."""
    length, n_tokens, n_marks = sample_shape
    tokens = torch.randint(n_marks, n_tokens, (n, length))
    if n_marks:
        lengths = torch.randint(1, length + 1, (n, 1))
        tokens[torch.arange(length) >= lengths] = END
    return tokens


def write_texts(samples: Tensor, paths: Sequence[Path], data: TextData) -> None:
    """Write each sample as a file of one line."""
    for text, path in zip(decode_samples(samples, data), paths, strict=True):
        path.write_text(f"{text}\n", encoding="utf-8")


def write_preview(samples: Tensor, columns: int, path: Path, data: TextData) -> None:
    """One picture of all sentences, in groups of ``columns``; what the default safety filter withholds is not shown."""
    write_screened(samples, columns, path, data, load_filter("default"))


TEXT = Modality(
    name="text",
    data_settings=TextData,
    open_data=open_text,
    sample_shape=sample_shape,
    architectures=Registry(
        "text architecture",
        {
            "lstm-cnn": "multigan.text.networks.architectures:LSTM_CNN",
            "lstm-multihead": "multigan.text.networks.architectures:LSTM_MULTIHEAD",
            "transformer-cnn": "multigan.text.networks.architectures:TRANSFORMER_CNN",
        },
    ),
    augmentations=Registry("text augmentation", {}),
    media=decode_samples,
    write_samples=write_texts,
    preview=write_preview,
    file_suffix=".txt",
    kind="text",
    random_samples=random_samples,
    sampling=SAMPLING,
)
