"""Registry: a literal table from a name to a value, or to a "module:attribute" resolved on first use."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar, cast

from multigan.errors import ConfigError

T = TypeVar("T")


def unknown_name(kind: str, name: str, known: list[str]) -> str:
    """One sentence for a name that is not in a table: what was found, what is known, what was meant."""
    if not known:
        return f"There is no {kind} named {name!r}, and none by another name; leave it out."
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"There is no {kind} named {name!r}.{hint} Known: {', '.join(sorted(known))}."


class Registry(Generic[T]):
    """Names of one kind of thing. A string value "module:attribute" is imported when first asked for."""

    def __init__(self, kind: str, table: Mapping[str, T | str]) -> None:
        self.kind = kind
        self._table = dict(table)

    def __getitem__(self, name: str) -> T:
        """The value of ``name``; ConfigError with a near match when there is none."""
        if not isinstance(name, str) or name not in self._table:  # a file may hold anything in its place
            raise ConfigError(unknown_name(self.kind, str(name), list(self._table)))
        value = self._table[name]
        if isinstance(value, str):
            module, _, attribute = value.partition(":")
            value = cast(T, getattr(importlib.import_module(module), attribute))
            self._table[name] = value
        return cast(T, value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def add(self, name: str, value: T | str) -> None:
        """Register an entry of your own; a name that is taken is a ConfigError."""
        if name in self._table:
            raise ConfigError(f"The {self.kind} {name!r} is already registered; choose another name.")
        self._table[name] = value
