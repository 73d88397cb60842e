"""Errors that a person reads.

Libraries raise them; only ``recipes.cli`` turns them into one line and an exit code.
A message says what was wrong, what was found, what is allowed, and what to do.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of what follows."""


def printable(text: str, *, lines: bool = False) -> str:
    """A text as a terminal may show it: what would move, colour or hide other text is U+FFFD, half a pair is "\\udc80".

    ``lines``: it may have several.
    """
    shown = _UNSEEN.sub(lambda found: found[0] if lines and found[0] == "\n" else "\ufffd", text)
    return shown.encode("utf-8", "backslashreplace").decode()


class MultiganError(Exception):
    """Something that the person who gave the input can mend; the message is the whole story."""


class ConfigError(MultiganError):
    """A setting, a recipe file or a combination of parts that does not fit."""


class DataError(MultiganError):
    """Samples that cannot be found, read or used."""


class CheckpointError(MultiganError):
    """A checkpoint that is missing, damaged, or of another version or run."""


class TrainingError(MultiganError):
    """Training that cannot go on, such as a loss that is not finite."""
