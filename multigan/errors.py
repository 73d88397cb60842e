"""Errors that a person reads.

Libraries raise them; only ``recipes.cli`` turns them into one line and an exit code.
A message says what was wrong, what was found, what is allowed, and what to do.
"""


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
