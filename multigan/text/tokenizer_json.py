"""What a tokenizer.json must not ask of the library that reads it, which ends the process where memory runs out."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from multigan.errors import ConfigError
from multigan.reading.json import parse_json

LARGEST_BYTES = 2**26
LARGEST_NUMBER = 2**20
"""Of a token; the largest vocabularies in use have a quarter of it."""
MOST_GROWTH = 64
"""So many characters may become of one by all replacements, one after the other."""


def refuse_unsound(content: str) -> None:
    """ConfigError where the content of a tokenizer.json is no JSON object, or its numbers and replacements are unsound."""
    try:
        tokenizer = parse_json(content, LARGEST_BYTES)
    except ValueError as error:
        raise refused(str(error)) from error
    model = tokenizer.get("model") if isinstance(tokenizer, dict) else None
    if not isinstance(model, dict):
        raise refused("it has no model")
    growth = 1
    for n_parts, part in enumerate(_parts(tokenizer)):
        growth *= _growth(part)
        if growth > MOST_GROWTH or n_parts > 1_000:
            raise refused(f"its replacements make more than {MOST_GROWTH} characters of one")
        if part.get("type") == "Precompiled":
            _check_charsmap(part.get("precompiled_charsmap"))
        if part.get("type") == "FixedLength" and not part.get("length"):
            raise refused("it cuts texts into pieces of length 0")
    _check_vocabulary(model, tokenizer.get("added_tokens"))


def refused(reason: str) -> ConfigError:
    """The error of a tokenizer that cannot be used."""
    return ConfigError(
        f"The tokenizer cannot be used: {reason}. Give another tokenizer.json of Hugging Face tokenizers, or leave "
        "data.tokenizer out, so that a vocabulary is learnt from the data."
    )


def _parts(tokenizer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every mapping below a normaliser, pre-tokeniser or decoder."""
    waiting: list[Any] = [tokenizer.get(key) for key in ("normalizer", "pre_tokenizer", "decoder")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _growth(part: dict[str, Any]) -> int:
    """How many characters a part can make of one."""
    if part.get("type") == "Replace":
        return 1 + len(str(part.get("content", "")))
    if part.get("type") == "Prepend" and len(str(part.get("prepend", ""))) > MOST_GROWTH:
        return MOST_GROWTH + 1
    return 1


def _check_charsmap(charsmap: Any) -> None:
    """A table in base64, whose first four bytes say how long the part after them is."""
    try:
        data = base64.b64decode(charsmap)
    except (TypeError, ValueError):
        data = b""
    size = int.from_bytes(data[:4], "little")
    if len(data) < 8 or size % 4 or not 4 <= size <= len(data) - 4:
        raise refused("its table of normalised characters (precompiled_charsmap) is damaged")


def _check_vocabulary(model: dict[str, Any], added: Any) -> None:
    vocabulary, added = model.get("vocab"), added if isinstance(added, list) else []
    tokens = [token for token in added if isinstance(token, dict)]
    numbers = [*(vocabulary.values() if isinstance(vocabulary, dict) else ()), *(t.get("id") for t in tokens)]
    numbers = [number for number in numbers if isinstance(number, int)]
    size = len(numbers) + (len(vocabulary) if isinstance(vocabulary, list) else 0)
    largest = min(LARGEST_NUMBER, 2 * size + 1_000)
    odd = next((number for number in numbers if not 0 <= number <= largest), None)
    if odd is not None or size > LARGEST_NUMBER:
        raise refused(
            f"it has a token of number {odd}, and with {size:,} tokens numbers go to {largest:,} at most"
        )
    merges = model.get("merges")
    if not isinstance(merges, list) or not isinstance(vocabulary, dict):
        return
    prefix = str(model.get("continuing_subword_prefix") or "")
    for merge in merges:
        pair = merge.split(" ") if isinstance(merge, str) else merge
        known = isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
        if not known or not {*pair, pair[0] + pair[1].removeprefix(prefix)} <= vocabulary.keys():
            raise refused(f"its merge {str(merge)[:40]!r} is not of two tokens of its vocabulary")
