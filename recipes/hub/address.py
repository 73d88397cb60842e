"""``hf:user/name@revision``: the address of a run on the Hugging Face hub."""

from __future__ import annotations

import re
from dataclasses import dataclass

from multigan.errors import ConfigError

SCHEME = "hf:"
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9_][\w./-]*", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Address:
    """A repository of the hub, and its branch, tag or commit."""

    repository: str
    revision: str = "main"

    @property
    def name(self) -> str:
        """The repository's, without its owner."""
        return self.repository.partition("/")[2]

    @property
    def is_commit(self) -> bool:
        """Whether the revision is a whole commit, whose files never change."""
        return _COMMIT.fullmatch(self.revision) is not None

    def __str__(self) -> str:
        return f"{SCHEME}{self.repository}" + ("" if self.revision == "main" else f"@{self.revision}")


def repository_of(text: str) -> str:
    """The repository "user/name"; ConfigError for anything else."""
    if not _REPOSITORY.fullmatch(text) or ".." in text or len(text) > 200:
        raise ConfigError(
            f"A repository of the hub is written user/name, in letters, digits, - _ and ., found {text!r}."
        )
    return text


def address_of(text: str) -> Address:
    """What "hf:user/name" or "hf:user/name@revision" names; ConfigError for anything else."""
    repository, at, revision = text.removeprefix(SCHEME).partition("@")
    if at and (not _REVISION.fullmatch(revision) or ".." in revision):
        raise ConfigError(
            f"After @ stands a branch, a tag or a commit of {repository}, found {revision!r}; leave @ out for its newest."
        )
    return Address(repository_of(repository), revision or "main")
