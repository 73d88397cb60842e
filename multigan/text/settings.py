"""How texts are read and what can be asked of generated ones: the settings of the text modality."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Self

from multigan.config import settings
from multigan.reading.columns import TextColumns
from multigan.registry import unknown_name
from multigan.sampling_settings import flagged
from multigan.sequences.settings import DecodedSampling

UNKNOWN = 1
"""The token of words that the vocabulary lacks."""
N_MARKS = 2
SENTENCES = ("emotive", "supportive", "captions", "none")
LANGUAGES = ("en", "es")
_OF_TOKENS = (
    "is of the modality tokens (SeqGAN's experiment of bare token numbers): say `modality: tokens` and leave data.sentences "
    "out, or run the recipe seqgan-oracle"
)
MOVED = {"oracle": f"oracle {_OF_TOKENS}"}
"""Data settings of earlier versions -> what is said of them."""


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
    sentences: str = "emotive"
    """What is drawn where no file is given: emotive, supportive or captions; none: a file must be."""
    language: str = "en"
    """Of the sentences that are drawn, or of yours: en or es. It chooses the default safety filter."""
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
        if self.sentences == "oracle":
            raise ValueError(f"sentences: oracle {_OF_TOKENS}")
        if self.sentences not in SENTENCES:
            raise ValueError(unknown_name("set of sentences", self.sentences, list(SENTENCES)).rstrip("."))
        if self.language not in LANGUAGES:
            raise ValueError(
                f"language is {' or '.join(LANGUAGES)}, found {self.language!r}; for texts of another language leave it out "
                "and give a lexicon of your own (sampling.filter), since the default safety filter knows none of their words"
            )
        for name in ("least_count", "drawn", "drawn_held_out"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")
        if self.seed < 0:
            raise ValueError(f"seed must be at least 0, found {self.seed}")


@settings
class TextSampling(DecodedSampling):
    """What can be asked of generated texts."""

    filter: str = flagged(
        "default",
        "--filter",
        "The safety filter; none, a lexicon's file, or module:attribute [default: default].",
        metavar="NAME",
    )

    def measured(self) -> Self:
        """The model's own distribution, behind the same filter."""
        return replace(type(self)(), filter=self.filter)

    def refuse_in_recipe(self) -> None:
        super().refuse_in_recipe()
        if ":" in self.filter:
            raise ValueError(
                f"filter is default, none or the file of a lexicon, found {self.filter!r}; a filter of your own code is "
                "given to `multigan sample --filter module:attribute`"
            )
