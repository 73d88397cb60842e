"""Text files in UTF-8: their content, their lines, and why a piece of it cannot be used."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from multigan.errors import DataError
from multigan.reading.budget import TABLE_BYTES, in_words

NOT_UTF8 = "it is not UTF-8"


def content_of(path: Path) -> str:
    """The content of a UTF-8 file, bytes that are not UTF-8 kept as surrogates (PEP 383)."""
    refuse_large(path)
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError(f"{path} is in UTF-16; save it as UTF-8.")
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def refuse_large(path: Path) -> None:
    """DataError for a file of more than ``TABLE_BYTES``, and for what is no file."""
    if not path.is_file():
        raise DataError(f"{path} is not a regular file; remove it.")  # opening a pipe would wait for ever
    if path.stat().st_size > TABLE_BYTES:
        raise DataError(
            f"{path} is larger than {in_words(TABLE_BYTES)}, the most that is read of one file; split it."
        )


def lines_of(content: str) -> Iterator[tuple[int, str]]:
    """Lines from 1, ended by LF, CR LF or CR and nothing else."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    return enumerate(lines.split("\n") if lines else (), 1)


def flaw_of(text: str) -> str:
    """Why a text cannot be used, or nothing."""
    if "\0" in text:
        return "it holds a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        if 0xDC80 <= code <= 0xDCFF:
            return f"{NOT_UTF8}: byte 0x{code - 0xDC00:02X} after {error.start} characters"
        return f"it holds half a surrogate pair, U+{code:04X}, after {error.start} characters"
    return ""


def flaw_of_name(text: str) -> str:
    """Why a label or a file's name cannot be used, or nothing: unlike a text it is within one line."""
    if len(text.splitlines()) > 1:
        return f"a cell of it runs over {len(text.splitlines())} lines; close the quotation mark that opens in it"
    return flaw_of(text)
