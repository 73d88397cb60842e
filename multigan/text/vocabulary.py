"""Texts as rows of token numbers and back: words and marks, byte pairs, or a tokenizer that somebody else trained."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor

from multigan.errors import ConfigError
from multigan.reading import regular
from multigan.sequences.marks import END
from multigan.text.settings import N_MARKS, UNKNOWN, TextData
from multigan.text.tokenizer_json import LARGEST_BYTES, refuse_unsound, refused

MARKS = ("<end>", "<unk>")
"""What tokens END and UNKNOWN are called in a learnt vocabulary."""

_QUOTES = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
}
_INVISIBLE = (
    "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_CONTROL = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()]
_LOOSE = re.compile(r" (?=[.,!?]+(?: |$))")
_PLAIN = str.maketrans({**_QUOTES, **dict.fromkeys([*_INVISIBLE, *_CONTROL], "")})

_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = rf"[\w&&[^{_IDEOGRAPHS}]]+"
_TOKEN = "|".join(
    (
        r"\[\w+\]|<\w+>",
        r"(?<!\w)(?:[:;=]['\-]?[()\[\]/\\|*DPpoOdc3]+|<3+)(?!\w)",
        r"\d+(?:[.,:]\d+)+\w*",
        r"(?<!\w)(?:[^\W\d_]\.){2,}",
        r"(?<!\S)/\w+",
        rf"{_WORD}(?:['\-*&]+{_WORD})*",
        r"(?=\S)\X",
    )
)
"""A mask such as [NAME] or <unk>, a face such as :) or <3, a number such as 10,000 or 8.3k, initials such as u.s., a
command such as /s, a word with its inner apostrophes, hyphens, asterisks and ampersands, or any other mark, an emoji with
its modifiers and an ideograph or kana each as one."""

_NO_SPACE_BEFORE = frozenset(".,!?;:)]}%'…/")
_NO_SPACE_AFTER = frozenset("([{$#@£€^/¿¡")
_PAIRED = frozenset('"*~')
_ENDS = frozenset('.!?)"')


def normalised(text: str, lower_case: bool) -> str:
    """A text as the vocabulary sees it, the same when it is done twice.

    Control characters and invisible marks (soft hyphens, zero-width spaces, marks of direction) are taken out, curly
    quotation marks, apostrophes and primes are made straight, each run of white space becomes one space and what
    surrounds the text goes, as does a space before full stops, commas, exclamation and question marks that end a word;
    then lower case where that is asked for, and Unicode's composed form (NFC).
    """
    plain = _LOOSE.sub("", " ".join(text.translate(_PLAIN).split()))
    return unicodedata.normalize("NFC", plain.lower() if lower_case else plain)


class Codec:
    """A vocabulary: texts to rows of token numbers, and back.

    Token 0 ends a sentence and token 1 stands for unknown words. In a tokenizer learnt here they have these numbers; of
    any other the numbers are shifted by two, and its own unknown token becomes 1.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = True  # a mark spelt out in a text is text
        vocabulary = tokenizer.get_vocab()
        own = all(vocabulary.get(mark) == number for number, mark in enumerate(MARKS))
        self._shift = 0 if own else N_MARKS
        self.json: str = tokenizer.to_str()
        """The content of a tokenizer.json."""
        self.n_tokens: int = max(vocabulary.values(), default=-1) + 1 + self._shift
        """V, the two marks included."""
        model = json.loads(self.json)["model"]
        unknown = model.get("unk_token")
        named = vocabulary.get(unknown) if isinstance(unknown, str) else None
        self._foreign_unknown = None if own else model.get("unk_id", named)

    @classmethod
    def learnt(cls, texts: Iterable[str], settings: TextData) -> Codec:
        """The most frequent tokens of normalised texts, ties in the order of their code points, or their byte pairs."""
        learn = {"words": _learnt_words, "bpe": _learnt_pairs}[settings.tokens]
        return cls(learn(texts, settings.vocabulary_size, settings.least_count))

    @classmethod
    def from_json(cls, content: str) -> Codec:
        """ConfigError where ``content`` is no tokenizer.json, or one that cannot be used."""
        refuse_unsound(content)
        with _checked():
            return cls(Tokenizer.from_str(content))

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The token numbers of normalised texts, without END."""
        with _checked():
            found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [self._ours(row.ids) for row in found]

    def spaced(self, text: str) -> str:
        """A normalised text with its own words, and the spaces that ``decode`` would give them."""
        splitter = self._tokenizer.pre_tokenizer
        if self._tokenizer.decoder is not None or splitter is None:
            return text
        with _checked():
            words = splitter.pre_tokenize_str(text)
        return normalised(joined([word for word, _ in words]), False)

    def ends(self, text: str) -> list[int]:
        """Where each token of a normalised text ends in it."""
        with _checked():
            return [end for _, end in self._tokenizer.encode(text, add_special_tokens=False).offsets]

    def decode(self, tokens: Tensor) -> list[str]:
        """int64 [N, T] -> N texts up to END, on one line each."""
        rows = tokens.tolist()
        return [normalised(self._text(row[: row.index(END)] if END in row else row), False) for row in rows]

    def _ours(self, numbers: list[int]) -> list[int]:
        if self._shift:
            unknown = self._foreign_unknown
            return [UNKNOWN if number == unknown else number + self._shift for number in numbers]
        return [number or UNKNOWN for number in numbers]  # "<end>" spelt out in a text ends nothing

    def _text(self, row: list[int]) -> str:
        if self._tokenizer.decoder is None:
            return joined([self._name(number) for number in row])
        with _checked():
            return self._tokenizer.decode([number - self._shift for number in row if number >= N_MARKS])

    def _name(self, number: int) -> str:
        if number == UNKNOWN:
            return MARKS[UNKNOWN]
        return self._tokenizer.id_to_token(number - self._shift) or MARKS[UNKNOWN]


@contextmanager
def _checked() -> Iterator[None]:
    """ConfigError for whatever the library raises: plain Exceptions, and panics that are none."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = " ".join(str(error).split()).rstrip(".")[:200]
        if "unk" in reason.lower():
            reason = f"it has no token for unknown words, and the data have such words ({reason})"
        raise refused(reason) from error


@lru_cache(maxsize=8)
def codec_of(tokenizer: str) -> Codec:
    """The codec of ``TextData.tokenizer``: a tokenizer.json's content, its path, or a folder that holds one."""
    if tokenizer.lstrip().startswith("{"):
        return Codec.from_json(tokenizer)
    path = Path(tokenizer)
    path = path / "tokenizer.json" if path.is_dir() else path
    try:
        regular.refuse_other(path)
        with path.open(encoding="utf-8") as stream:
            return Codec.from_json(stream.read(LARGEST_BYTES + 1))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"Cannot read the tokenizer {path}: {getattr(error, 'strerror', None) or error}; give the path of a "
            "tokenizer.json of Hugging Face tokenizers, or of a folder that holds one."
        ) from error


def joined(tokens: Sequence[str]) -> str:
    """Words and marks as a text: spaces where English prose has them, none between equal marks."""
    runs = [(token, len(list(run))) for token, run in groupby(tokens)]
    n_apostrophes = sum(token == "'" for token, _ in runs)
    paired = _PAIRED | {"'"} if n_apostrophes % 2 == 0 else _PAIRED
    parts: list[str] = []
    opened: set[tuple[str, int]] = set()
    before, glued = "", True
    for run in runs:
        token, n = run
        closes, opens = run in opened, token in paired and run not in opened
        if token in paired:
            opened ^= {run}
        stuck = closes or (token in _NO_SPACE_BEFORE and not opens and not (token == "/" and before in _ENDS))
        is_mark = not any(character.isalnum() for character in token)
        parts += ["" if glued or stuck else " ", token * n if is_mark else " ".join([token] * n)]
        glued = opens or token in _NO_SPACE_AFTER
        before = token
    return "".join(parts)


def _words() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Split(Regex(_TOKEN), behavior="removed", invert=True)


def _learnt_words(texts: Iterable[str], size: int, least_count: int) -> Tokenizer:
    counted = Tokenizer(models.WordLevel({}, unk_token=MARKS[UNKNOWN]))
    counted.pre_tokenizer = _words()
    every = trainers.WordLevelTrainer(
        vocab_size=size, min_frequency=least_count, special_tokens=[], show_progress=False
    )
    counted.train_from_iterator(texts, every)
    numbers = counted.get_vocab()
    words = sorted(numbers.keys() - set(MARKS), key=lambda word: numbers[word])
    vocabulary = {word: number for number, word in enumerate([*MARKS, *words[: size - N_MARKS]])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=MARKS[UNKNOWN]))
    tokenizer.pre_tokenizer = _words()
    return tokenizer


def _learnt_pairs(texts: Iterable[str], size: int, least_count: int) -> Tokenizer:
    """Byte-pair encoding of UTF-8 bytes (arXiv:1508.07909)."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    pairs = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=least_count,
        special_tokens=list(MARKS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, pairs)
    return tokenizer
