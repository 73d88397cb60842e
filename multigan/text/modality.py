"""The text modality: its data, its architectures, and how sentences are written and previewed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from multigan.modality import Modality
from multigan.registry import Registry
from multigan.sequences.architectures import architectures
from multigan.sequences.marks import END
from multigan.text.data import decode_samples, look, open_text
from multigan.text.safety import load_filter
from multigan.text.sampling import SAMPLING, write_screened
from multigan.text.settings import MOVED, N_MARKS, TextData
from multigan.writing import replacing


def random_samples(n: int, sample_shape: tuple[int, ...]) -> Tensor:
    """int64 [n, T]: words at random in sentences of random lengths, filled up with the end mark."""
    length, n_tokens = sample_shape
    tokens = torch.randint(N_MARKS, n_tokens, (n, length))
    lengths = torch.randint(1, length + 1, (n, 1))
    tokens[torch.arange(length) >= lengths] = END
    return tokens


def write_texts(samples: Tensor, paths: Sequence[Path], data: TextData) -> None:
    """Write each sample as a file of one line."""
    for text, path in zip(decode_samples(samples, data), paths, strict=True):
        with replacing(path) as stream:
            stream.write(f"{text}\n".encode())


def write_preview(samples: Tensor, columns: int, path: Path, data: TextData) -> None:
    """One picture of all sentences, in groups of ``columns``; what the default safety filter withholds is not shown."""
    write_screened(samples, columns, path, data, load_filter("default", data.language))


TEXT = Modality(
    name="text",
    data_settings=TextData,
    open_data=open_text,
    sample_shape=lambda data: (data.length, data.vocabulary_size),
    architectures=architectures("text", N_MARKS),
    augmentations=Registry("text augmentation", {}),
    media=decode_samples,
    write_samples=write_texts,
    preview=write_preview,
    file_suffix=".txt",
    kind="text",
    look=look,
    random_samples=random_samples,
    moved=MOVED,
    sampling=SAMPLING,
)
