"""The modality of bare token numbers: its data, its architectures, and how rows are written and previewed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from multigan.modality import Modality
from multigan.registry import Registry
from multigan.sequences.architectures import architectures
from multigan.sequences.page import write_page
from multigan.tokens.data import look, open_tokens, spaced
from multigan.tokens.sampling import SAMPLING
from multigan.tokens.settings import TokenData
from multigan.writing import replacing


def as_texts(samples: Tensor, data: TokenData) -> list[str]:
    """int64 [N, T] -> N texts of numbers, which the evaluation reads as words."""
    return [spaced(row) for row in samples.tolist()]


def write_rows(samples: Tensor, paths: Sequence[Path], data: TokenData) -> None:
    """Write each sample as a file of one line."""
    for text, path in zip(as_texts(samples, data), paths, strict=True):
        with replacing(path) as stream:
            stream.write(f"{text}\n".encode())


def write_preview(samples: Tensor, columns: int, path: Path, data: TokenData) -> None:
    """One picture of all rows, in groups of ``columns``."""
    write_page(as_texts(samples, data), columns, path)


TOKENS = Modality(
    name="tokens",
    data_settings=TokenData,
    open_data=open_tokens,
    sample_shape=lambda data: (data.length, data.vocabulary_size),
    architectures=architectures("token", 0),
    augmentations=Registry("token augmentation", {}),
    media=as_texts,
    write_samples=write_rows,
    preview=write_preview,
    file_suffix=".txt",
    kind="text",
    look=look,
    random_samples=lambda n, shape: torch.randint(0, shape[1], (n, shape[0])),
    sampling=SAMPLING,
)
