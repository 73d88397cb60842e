"""Functions by name: a record can list what it is made of without importing it."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from typing import Any


def resolved(function: Callable[..., Any] | str) -> Callable[..., Any]:
    """The function itself, or the one that "package.module:function" names."""
    return pkgutil.resolve_name(function) if isinstance(function, str) else function


def deferred(path: str) -> Callable[..., Any]:
    """A function that imports "package.module:function" when it is called, and calls that."""

    def call(*arguments: Any, **options: Any) -> Any:
        return resolved(path)(*arguments, **options)

    call.__name__ = call.__qualname__ = path.rpartition(":")[2]
    return call
