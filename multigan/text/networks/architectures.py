"""The architectures of texts: a generator of tokens and a discriminator of whole rows each."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.layers import vector_size
from multigan.modality import Architecture
from multigan.text.networks.cnn import CnnDiscriminator
from multigan.text.networks.lstm import LstmGenerator
from multigan.text.networks.multihead import MultiheadDiscriminator
from multigan.text.networks.transformer import TransformerGenerator, checkpoint_body, fresh_body


def _require_counts(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} must be at least 1, found {count}")


def _require_filters(widths: tuple[int, ...], filters: tuple[int, ...], dropout: float) -> None:
    if not widths or len(widths) != len(filters):
        raise ValueError(
            f"filters has a count for each of widths, found {len(filters)} for {len(widths)} widths"
        )
    if min(*widths, *filters) < 1:
        raise ValueError(f"widths and filters are at least 1, found {min(*widths, *filters)}")
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout is a share, at least 0 and below 1, found {dropout}")


@settings
class CnnSettings:
    """SeqGAN's discriminator (arXiv:1609.05473); widths and filters are those of its appendix for rows of 20 tokens."""

    embedding_size: int = 64
    widths: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20)
    """Tokens that a filter sees at a time; widths above the length of a row are left out."""
    filters: tuple[int, ...] = (100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160)
    """Filters of each width."""
    dropout: float = 0.25
    """The share of features that is dropped in training."""

    def __post_init__(self) -> None:
        _require_counts(embedding_size=self.embedding_size)
        _require_filters(self.widths, self.filters, self.dropout)


@settings
class MultiheadSettings:
    """RelGAN's discriminator (ICLR 2019): its widths; fewer heads and filters, for a processor's sake."""

    n_heads: int = 16
    head_size: int = 8
    """Of each head's embedding."""
    widths: tuple[int, ...] = (2, 3, 4, 5)
    filters: tuple[int, ...] = (100, 100, 100, 100)
    dropout: float = 0.25

    def __post_init__(self) -> None:
        _require_counts(n_heads=self.n_heads, head_size=self.head_size)
        _require_filters(self.widths, self.filters, self.dropout)


@settings
class LstmCnnSettings:
    """SeqGAN's pair: its generator's sizes, and its discriminator."""

    embedding_size: int = 32
    hidden_size: int = 32
    discriminator: CnnSettings = CnnSettings()

    def __post_init__(self) -> None:
        _require_counts(embedding_size=self.embedding_size, hidden_size=self.hidden_size)


@settings
class LstmMultiheadSettings:
    """SeqGAN's generator beside RelGAN's discriminator."""

    embedding_size: int = 32
    hidden_size: int = 32
    discriminator: MultiheadSettings = MultiheadSettings()

    def __post_init__(self) -> None:
        _require_counts(embedding_size=self.embedding_size, hidden_size=self.hidden_size)


@settings
class TransformerCnnSettings:
    """GPT-2's sizes, and SeqGAN's discriminator."""

    n_layers: int = 2
    hidden_size: int = 128
    n_heads: int = 4
    checkpoint: str | None = None
    """A folder that transformers' save_pretrained wrote of a GPT-2, whose sizes and weights take the place of these; its
    token numbers are those of the data, whose tokenizer must be its own. None: fresh weights."""
    discriminator: CnnSettings = CnnSettings()

    def __post_init__(self) -> None:
        _require_counts(n_layers=self.n_layers, hidden_size=self.hidden_size, n_heads=self.n_heads)
        if self.hidden_size % self.n_heads:
            raise ValueError(
                f"hidden_size is a multiple of n_heads, found {self.hidden_size} and {self.n_heads}"
            )


def _rows(name: str, shape: tuple[int, ...]) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise ConfigError(
            f"{name} makes rows of tokens, of the shape (length, tokens, marks); found {list(shape)}."
        )
    length, n_tokens, n_marks = shape
    return length, n_tokens, n_marks


def _cnn(options: CnnSettings, length: int, n_tokens: int, condition_size: int) -> CnnDiscriminator:
    return CnnDiscriminator(
        length,
        n_tokens,
        condition_size,
        options.embedding_size,
        options.widths,
        options.filters,
        options.dropout,
    )


def build_lstm_cnn(
    options: LstmCnnSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for rows of ``shape`` (T, V, S)."""
    length, n_tokens, n_marks = _rows("lstm-cnn", shape)
    condition_size = vector_size(condition_shape, "lstm-cnn")
    generator = LstmGenerator(
        length, n_tokens, n_marks, condition_size, options.embedding_size, options.hidden_size
    )
    critic = _cnn(options.discriminator, length, n_tokens, condition_size)
    return {"generator": generator, "discriminator": critic}


def build_lstm_multihead(
    options: LstmMultiheadSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for rows of ``shape`` (T, V, S)."""
    length, n_tokens, n_marks = _rows("lstm-multihead", shape)
    condition_size = vector_size(condition_shape, "lstm-multihead")
    generator = LstmGenerator(
        length, n_tokens, n_marks, condition_size, options.embedding_size, options.hidden_size
    )
    own = options.discriminator
    critic = MultiheadDiscriminator(
        length, n_tokens, condition_size, own.n_heads, own.head_size, own.widths, own.filters, own.dropout
    )
    return {"generator": generator, "discriminator": critic}


def build_transformer_cnn(
    options: TransformerCnnSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for rows of ``shape`` (T, V, S)."""
    length, n_tokens, n_marks = _rows("transformer-cnn", shape)
    condition_size = vector_size(condition_shape, "transformer-cnn")
    if options.checkpoint is None:
        body = fresh_body(length, n_tokens, options.n_layers, options.hidden_size, options.n_heads)
    else:
        body = checkpoint_body(Path(options.checkpoint), length, n_tokens, n_marks)
    generator = TransformerGenerator(length, n_marks, condition_size, body)
    critic = _cnn(options.discriminator, length, n_tokens, condition_size)
    return {"generator": generator, "discriminator": critic}


LSTM_CNN = Architecture("lstm-cnn", LstmCnnSettings, build_lstm_cnn)
LSTM_MULTIHEAD = Architecture("lstm-multihead", LstmMultiheadSettings, build_lstm_multihead)
TRANSFORMER_CNN = Architecture("transformer-cnn", TransformerCnnSettings, build_transformer_cnn)
