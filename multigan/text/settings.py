"""How texts are read: the data settings of the text modality."""

from __future__ import annotations

from typing import Literal

from multigan.config import settings
from multigan.reading.columns import TextColumns

END = 0
"""The token that ends a sentence and fills what is left of its row: the padding."""
UNKNOWN = 1
"""The token of words that the vocabulary lacks."""
N_MARKS = 2


@settings
class TextData(TextColumns):
    """How lines or table cells become rows of token numbers, or which embedded sentences take their place; and what the
    columns of a table mean."""

    tokens: Literal["words", "bpe"] = "words"
    """Words and punctuation marks, or byte-pair encoding (arXiv:1508.07909) of UTF-8 bytes, which knows every text."""
    vocabulary_size: int = 10_000
    """V: tokens at most, the end and unknown marks included; the most frequent of the training texts."""
    least_count: int = 1
    """Words seen fewer times in training are unknown."""
    tokenizer: str | None = None
    """A tokenizer.json of Hugging Face tokenizers to use in place of one learnt from the data: its path; in a run's own
    settings its content."""
    lower_case: bool = True
    length: int = 24
    """T: tokens of a row, the end mark included unless the sentence fills the row."""
    longer: Literal["skip", "cut"] = "skip"
    """What becomes of a text of more tokens."""
    held_out: float = 0.1
    """The share of the texts that is kept out of training, by a hash of their content, where ``split`` does not say which
    are."""
    sentences: Literal["emotive", "supportive", "captions", "oracle", "none"] = "emotive"
    """What is drawn where no file is given; oracle: the token numbers of SeqGAN's synthetic experiment (arXiv:1609.05473);
    none: a file must be."""
    oracle: str | None = None
    """The safetensors file of that oracle's LSTM; None: one drawn by the seed."""
    drawn: int = 20_000
    """Sentences drawn for training."""
    drawn_held_out: int = 2_000
    seed: int = 0
    """Of the drawn sentences."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 <= self.length <= 1_024:
            raise ValueError(f"length is between 2 and 1,024 tokens, found {self.length}")
        if not 8 <= self.vocabulary_size <= 200_000:
            raise ValueError(f"vocabulary_size is between 8 and 200,000, found {self.vocabulary_size}")
        if self.tokens == "bpe" and self.tokenizer is None and self.vocabulary_size < 256 + N_MARKS:
            raise ValueError(
                f"vocabulary_size is at least 258 with tokens=bpe (256 bytes and 2 marks), found {self.vocabulary_size}"
            )
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out is a share between 0 and 1, found {self.held_out}")
        if self.oracle is not None and self.sentences != "oracle":
            raise ValueError(
                f"oracle is of the experiment of token numbers (sentences: oracle), found sentences: {self.sentences}"
            )
        for name in ("least_count", "drawn", "drawn_held_out"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")
        if self.seed < 0:
            raise ValueError(f"seed must be at least 0, found {self.seed}")
