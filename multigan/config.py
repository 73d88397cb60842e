"""Settings: frozen keyword-only dataclasses, read from YAML and ``--set a.b=1``, validated once at the boundary."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

import yaml

from multigan.errors import ConfigError
from multigan.registry import unknown_name

S = TypeVar("S")
_SUFFIXES = {"k": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_COUNT = re.compile(r"^(\d+(?:\.\d+)?)([kMG])$")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def settings(cls: type[S]) -> type[S]:
    """Make ``cls`` a frozen keyword-only dataclass that pydantic validates strictly (no extra keys)."""
    cls.__pydantic_config__ = {"extra": "forbid", "strict": True, "arbitrary_types_allowed": True}  # type: ignore[attr-defined]
    return dataclasses.dataclass(frozen=True, kw_only=True)(cls)


class _Loader(yaml.SafeLoader):
    """YAML 1.2 scalars: ``1e-4`` is a number and ``off`` is a word (PyYAML follows YAML 1.1: the reverse)."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":bool", ":float"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|false|False)$"), list("tTfF"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.inf|\.nan)$"),
    list("-+0123456789."),
)


def parse_yaml(text: str, source: str) -> Any:
    """The value of a YAML text; ConfigError with line and column where it cannot be read."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with other scalar rules
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise ConfigError(f"{source} is not valid YAML{where}: {problem}.") from error


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; ConfigError when the file is missing, unreadable or holds something else."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"Cannot read {path}: {reason}. Give the path of a YAML recipe.") from error
    value = parse_yaml(text, str(path))
    if not isinstance(value, dict):
        raise ConfigError(f"{path} holds {_shown(value)} where a recipe (key: value lines) is expected.")
    return value


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with the keys of ``over`` laid on top, mapping by mapping."""
    result = dict(base)
    for key, value in over.items():
        held = result.get(key)
        result[key] = merge(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value
    return result


def parse_overrides(items: Iterable[str]) -> dict[str, Any]:
    """``["a.b=1", "c=x"]`` as nested mappings; values are YAML."""
    result: dict[str, Any] = {}
    for item in items:
        key, equals, text = item.partition("=")
        parts = key.strip().split(".")
        if not equals or not all(parts):
            raise ConfigError(f"--set takes key=value with a dotted key, such as training.batch=32; found {item!r}.")
        value = parse_yaml(text, f"--set {key}")
        for part in reversed(parts):
            value = {part: value}
        result = merge(result, value)
    return result


def expand_counts(value: Any) -> Any:
    """``200k`` -> 200000 and ``1.5M`` -> 1500000, anywhere in nested mappings and lists."""
    if isinstance(value, Mapping):
        return {key: expand_counts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [expand_counts(item) for item in value]
    match = _COUNT.match(value) if isinstance(value, str) else None
    return round(float(match[1]) * _SUFFIXES[match[2]]) if match else value


def load(cls: type[S], raw: Mapping[str, Any], source: str) -> S:
    """An instance of the settings class ``cls`` from plain values; ConfigError names the key, what was found and what is allowed."""
    import pydantic  # costs 0.15 s: only commands that read settings pay it

    values = expand_counts(raw)
    _refuse_unknown(cls, values, source, "")
    try:
        return pydantic.TypeAdapter(cls).validate_python(values)
    except pydantic.ValidationError as error:
        raise ConfigError(f"{source}: " + "; ".join(_problem(item) for item in error.errors()) + ".") from error


def _refuse_unknown(cls: Any, values: Any, source: str, prefix: str) -> None:
    if not (dataclasses.is_dataclass(cls) and isinstance(values, Mapping)):
        return
    import typing

    known = typing.get_type_hints(cls)
    for key, value in values.items():
        if key not in known:
            raise ConfigError(f"{source}: " + unknown_name("setting", f"{prefix}{key}", [f"{prefix}{k}" for k in known]))
        _refuse_unknown(known[key], value, source, f"{prefix}{key}.")


def _problem(item: Any) -> str:
    key = ".".join(str(part) for part in item["loc"]) or "the whole"
    if item["type"] == "missing":
        return f"{key} is missing; give it a value"
    message = item["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{key} is {_shown(item['input'])}: {message[0].lower()}{message[1:]}"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"a mapping of {', '.join(map(str, value)) or 'nothing'}"
    return f"{value!r} ({type(value).__name__})"


def to_dict(value: Any) -> Any:
    """Settings as plain values that YAML and JSON hold (tuples become lists, paths strings)."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_dict(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_dict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_dict(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def to_yaml(value: Any) -> str:
    """Settings as YAML text that ``read_yaml`` gives back unchanged."""
    return yaml.safe_dump(to_dict(value), sort_keys=False, allow_unicode=True)
