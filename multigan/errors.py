"""Errors that a person reads.

Libraries raise them; only ``recipes.cli`` turns them into one line and an exit code.
A message says what was wrong, what was found, what is allowed, and what to do.
"""

import re

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def for_terminal(text: object) -> str:
    """Text on one line, in which no character steers a terminal or turns the order of others: these are written out.

    Names of files and labels are other people's: an escape sequence among them would reach the terminal as a command.
    """
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), str(text))


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
