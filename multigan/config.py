"""Settings: frozen keyword-only dataclasses, from YAML and ``--set a.b=1``, validated at the boundary."""

from __future__ import annotations

import dataclasses
import json
import re
import typing
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

import yaml
from yaml.scanner import ScannerError

from multigan.errors import ConfigError
from multigan.registry import unknown_name

if TYPE_CHECKING:
    import pydantic

S = TypeVar("S")
_SUFFIXES = {"k": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_COUNT = re.compile(r"^(\d+(?:\.\d+)?)([kMG])$")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def settings(cls: type[S]) -> type[S]:
    """Make ``cls`` a frozen keyword-only dataclass that pydantic validates strictly (no extra keys)."""
    cls.__pydantic_config__ = {"extra": "forbid", "strict": True, "arbitrary_types_allowed": True}  # type: ignore[attr-defined]
    return dataclasses.dataclass(frozen=True, kw_only=True)(cls)


class _Loader(yaml.SafeLoader):
    """YAML 1.2 scalars: ``1e-4`` is a number, and ``off``, ``1:30`` and ``2026-01-31`` are words.

    PyYAML follows YAML 1.1: the reverse. A key is a word, as it is written; one that is given twice is an error here, where
    there the last one wins. Of tags those of JSON's types alone are known.
    """

    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:  # noqa: N803 (its name in PyYAML)
        if self.flow_level >= _DEEPEST:  # what comes would take the scanner time by the square of the depth
            problem = f"it is nested more than {_DEEPEST} deep"
            raise ScannerError(None, None, problem, self.get_mark())
        super().fetch_flow_collection_start(TokenClass)

    def compose_document(self) -> yaml.Node | None:
        node = super().compose_document()
        if node is not None:
            _check_size(node)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise yaml.constructor.ConstructorError(None, None, "a mapping is expected", node.start_mark)
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is a list or a mapping, and must be a word", key.start_mark
                )
            if key.value in seen:
                problem = f"the key {key.value!r} is given twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


def _check_size(root: yaml.Node) -> None:
    """ConstructorError where aliases and merge keys stand for endless content, or the whole is nested too deep."""
    sizes: dict[int, int] = {}
    within: set[int] = set()

    def problem(words: str, node: yaml.Node) -> yaml.YAMLError:
        return yaml.constructor.ConstructorError(None, None, words, node.start_mark)

    def size_of(node: yaml.Node) -> int:
        if id(node) in sizes:
            return sizes[id(node)]
        if id(node) in within:
            raise problem("an alias stands for what it is in itself", node)
        within.add(id(node))
        if len(within) > _DEEPEST:
            raise problem(f"it is nested more than {_DEEPEST} deep", node)
        parts: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            parts = node.value
        size = 1 + sum(map(size_of, parts))
        if size > _MOST_NODES:
            raise problem(f"its aliases stand for more than {_MOST_NODES:,} values", node)
        within.remove(id(node))
        sizes[id(node)] = size
        return size

    size_of(root)


_DEEPEST, _MOST_NODES = 50, 100_000
_MOST_CHARACTERS = 2**18
"""Of a recipe; the longest that comes with the package has a fiftieth of it."""
_TAGS = ("null", "bool", "int", "float", "str", "seq", "map")


def _refuse_tag(loader: yaml.Loader, node: yaml.Node) -> None:
    raise yaml.constructor.ConstructorError(
        None, None, f"the tag {node.tag!r} is not known; leave it out", node.start_mark
    )


_Loader.yaml_constructors = {
    tag: construct
    for tag, construct in yaml.SafeLoader.yaml_constructors.items()
    if tag is not None and tag.rpartition(":")[2] in _TAGS
}
_Loader.add_constructor(None, _refuse_tag)  # type: ignore[arg-type]


class _Dumper(yaml.SafeDumper):
    """Puts quotes around text that either version of YAML would read as something else."""


_OURS = {
    "bool": (r"true|True|false|False", "tTfF"),
    "int": (r"[-+]?(?:0|[1-9][0-9_]*)", "-+0123456789"),
    "float": (
        r"[-+]?(?:(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.inf)|\.nan",
        "-+0123456789.",
    ),
}
_Loader.yaml_implicit_resolvers = {
    first: [rule for rule in rules if rule[0].rpartition(":")[2] not in {*_OURS, "timestamp"}]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _kind, (_pattern, _first) in _OURS.items():
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(
            f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_pattern})$"), list(_first)
        )


def parse_yaml(text: str, source: str) -> Any:
    """The value of a YAML text; ConfigError with line and column where it cannot be read."""
    if len(text) > _MOST_CHARACTERS:
        raise ConfigError(
            f"{source} has more than {_MOST_CHARACTERS:,} characters; a recipe is a page of settings."
        )
    try:
        return yaml.load(text, Loader=_Loader)  # a SafeLoader with other scalar rules
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise ConfigError(f"{source} is not valid YAML{where}: {problem}.") from error
    except RecursionError as error:
        raise ConfigError(f"{source} is not valid YAML: it is nested too deep.") from error
    except (ValueError, OverflowError, TypeError, LookupError, AttributeError) as error:  # of tagged scalars
        raise ConfigError(f"{source} is not valid YAML: {_one_line(error)}.") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; ConfigError when the file is missing, unreadable or holds another thing."""
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path} is not a regular file. Give the path of a YAML recipe.")
        with path.open(encoding="utf-8-sig") as stream:
            text = stream.read(_MOST_CHARACTERS + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"Cannot read {path}: {reason}. Give the path of a YAML recipe.") from error
    value = parse_yaml(text, str(path))
    if not isinstance(value, dict):
        raise ConfigError(f"{path} holds {_shown(value)} where a recipe is expected: lines of key: value.")
    return value


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with the keys of ``over`` laid on top, mapping by mapping.

    Settings that go with a ``name`` are none of another name: a mapping inside that names another replaces the whole.
    """
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping) and not _another(below, value):
            value = merge(below, value)
        result[key] = value
    return result


def _another(below: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    return "name" in below and value.get("name", below["name"]) != below["name"]


def parse_overrides(items: Iterable[str]) -> dict[str, Any]:
    """``["a.b=1", "c=x"]`` as nested mappings; values are YAML."""
    result: dict[str, Any] = {}
    for item in items:
        key, equals, text = item.partition("=")
        parts = key.strip().split(".")
        if not equals or not all(parts):
            raise ConfigError(
                f"--set takes key=value with a dotted key, such as training.batch=32; found {item!r}."
            )
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
    match = _COUNT.match(value) if isinstance(value, str) and len(value) < 100 else None
    return round(float(match[1]) * _SUFFIXES[match[2]]) if match else value


def renamed(
    cls: type, raw: Mapping[str, Any], source: str, prefix: str = ""
) -> tuple[dict[str, Any], list[str]]:
    """``raw`` under the names that settings of ``cls`` have now, and a note for each that had an older one.

    ``cls.RENAMED`` maps older names to those of now; ``prefix`` stands before names in messages. ConfigError where a setting
    is there under two names.
    """
    values: dict[str, Any] = {}
    notes, written = [], {}
    for key, value in raw.items():
        name = getattr(cls, "RENAMED", {}).get(key, key)
        if name in written:
            raise ConfigError(
                f"{source}: {prefix}{written[name]} and {prefix}{key} are one setting, which is called {prefix}{name} now; "
                "give it once, under that name."
            )
        written[name] = key
        values[name] = value
        if name != key and value is not None:
            notes.append(f"{prefix}{key} is called {prefix}{name} now; the older name is still understood.")
    return values, notes


def load(cls: type[S], raw: Mapping[str, Any], source: str) -> S:
    """Settings of class ``cls`` from plain values; ConfigError says what was found and what is allowed."""
    import pydantic  # costs 0.15 s: only commands that read settings pay it

    values = expand_counts(renamed(cls, raw, source)[0])
    _refuse_unknown(cls, values, source, "")
    _refuse_huge(values, source, "")
    try:
        # as JSON: there a list may fill a tuple and text a Path, while types stay strict
        return _adapter(cls).validate_json(json.dumps(to_dict(values)))
    except pydantic.ValidationError as error:
        raise ConfigError(f"{source}: " + "; ".join(_problems(error.errors())) + ".") from error


@lru_cache(maxsize=256)
def _adapter(cls: type[S]) -> pydantic.TypeAdapter[S]:
    import pydantic

    return pydantic.TypeAdapter(cls)


def _refuse_unknown(hint: Any, values: Any, source: str, where: str) -> None:
    """ConfigError for a key that ``hint`` (a settings class, or a list or union of some) does not have."""
    if isinstance(values, list):
        for index, value in enumerate(values):
            for part in typing.get_args(hint):
                _refuse_unknown(part, value, source, f"{where}{index}.")
    if not isinstance(values, Mapping):
        return
    classes = [part for part in (hint, *typing.get_args(hint)) if dataclasses.is_dataclass(part)]
    if len(classes) != 1:
        return
    known = _hints(classes[0])
    for key, value in values.items():
        if key not in known:
            raise ConfigError(
                f"{source}: " + unknown_name("setting", f"{where}{key}", [f"{where}{k}" for k in known])
            )
        _refuse_unknown(known[key], value, source, f"{where}{key}.")


@lru_cache(maxsize=256)
def _hints(cls: type) -> dict[str, Any]:
    """Field -> its type, of a settings class."""
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def _refuse_huge(values: Any, source: str, where: str) -> None:
    """ConfigError for a whole number beyond 64 bits, which no setting can be."""
    if isinstance(values, Mapping | list):
        items = values.items() if isinstance(values, Mapping) else enumerate(values)
        for key, value in items:
            _refuse_huge(value, source, f"{where}.{key}" if where else str(key))
    elif isinstance(values, int) and not -_LARGEST <= values <= _LARGEST:
        raise ConfigError(f"{source}: {where} is {_shown(values)} where at most {_LARGEST} is possible.")


_LARGEST = 2**63 - 1


def _problems(items: Iterable[Any]) -> list[str]:
    """Pydantic's complaints, one a setting: of one that may be of several kinds it has one for each."""
    by_place: dict[tuple[Any, ...], list[Any]] = {}
    for item in items:
        place = tuple(part for part in item["loc"] if not _BRANCH.fullmatch(str(part)))
        by_place.setdefault(place, []).append(item)
    deepest = [a for a in by_place if not any(b[: len(a)] == a and b != a for b in by_place)]
    return [_problem(".".join(map(str, place)), by_place[place]) for place in deepest]


_BRANCH = re.compile(r"str|int|float|bool|(?:list|dict|tuple)\[.*\]")
"""What pydantic puts into the place of a complaint for one of several kinds."""


def _problem(key: str, items: list[Any]) -> str:
    """The complaints about one setting as: key, what was found, what is allowed."""
    item, whole = items[0], key or "the whole"
    if item["type"] == "missing":
        return f"{whole} is missing; give it a value"
    message = item["msg"].removeprefix("Value error, ").rstrip(".")
    if item["type"] == "value_error":  # from the settings' own check, which says what it found
        return f"{whole}: {message}" if key else message
    allowed = [
        str(_WORDS.get(each["type"]) or each["msg"].removeprefix("Input should be ").rstrip("."))
        for each in items
    ]
    return f"{whole} is {_shown(item['input'])} where {' or '.join(allowed)} is expected"


_WORDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list, such as [1, 2],",
    "tuple_type": "a list, such as [1, 2],",
    "dict_type": "a mapping, lines of key: value,",
    "dataclass_type": "a mapping, lines of key: value,",
}


def _shown(value: Any) -> str:
    """A value in a person's words, with what YAML takes it for."""
    if isinstance(value, Mapping):
        return f"a mapping of {', '.join(map(str, value)) or 'nothing'}"
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return str(value).lower()
    kind = {str: "text", int: "a whole number", float: "a number", list: "a list"}.get(type(value))
    shown = repr(value) if not isinstance(value, int) or abs(value) < 10**40 else "a number of over 40 digits"
    return f"{shown if len(shown) <= 200 else shown[:200] + '...'} ({kind or type(value).__name__})"


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
    return yaml.dump(to_dict(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True)
