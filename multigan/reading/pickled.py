"""Plain values and tensors of a pickle, of which no code is run: nothing is imported or called that the file names.

A pickle is a program for a stack machine. This one knows numbers, texts, bytes, containers, torch's tensors, numpy's
numbers, and the objects that the official StyleGAN2 repositories keep as a name and attributes; what else a file asks for is
refused by name.
"""

from __future__ import annotations

import io
import math
import pickletools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from multigan.errors import DataError

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
"""How torch's older files begin, of which a pickled storage is one."""
_STORAGES = {
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "DoubleStorage": torch.float64,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}
_NUMBERS = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")


@dataclass(frozen=True)
class Global:
    """A name that a pickle asks for; nothing is imported."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass
class Kept:
    """An object that was kept as the name of its class and its attributes."""

    class_name: str
    attributes: dict[str, Any] = field(default_factory=dict)


class RefusedError(DataError):
    """What a pickle asks for and does not get."""


def read_pickle(content: bytes, source: str) -> Any:
    """The value of a pickle. DataError, in one sentence, for a damaged file or one that asks for anything else."""
    try:
        return _Machine(io.BytesIO(content)).run()
    except RefusedError as refused:
        raise DataError(
            f"{source} is refused: {refused}. Only tensors and plain values are read, and none of its code is run; give a "
            "network of the official StyleGAN2, StyleGAN2-ADA or StyleGAN3 (cfg stylegan2) repositories."
        ) from refused
    except (
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
        RuntimeError,
    ) as error:
        raise DataError(
            f"{source} cannot be read as a pickle ({type(error).__name__}: {error}); give a whole file."
        ) from error


# ---- what names may do ----


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> Tensor:
    if not isinstance(storage, Tensor) or storage.dim() != 1:
        raise RefusedError("it has a tensor without values")
    shape, steps = _whole(size), _whole(stride)
    if len(shape) != len(steps) or type(offset) is not int or offset < 0:
        raise RefusedError("it has a tensor of no shape")
    last = offset + sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
    if math.prod(shape) and last >= len(storage):
        raise RefusedError(f"it has a tensor of {last + 1:,} values or more that has {len(storage):,}")
    if math.prod(shape) > max(len(storage), 1):
        raise RefusedError("it has a tensor that repeats its values")
    return storage.as_strided(shape, steps, offset)  # a view: no file makes more of its values than it has


def _whole(numbers: Any) -> tuple[int, ...]:
    if not isinstance(numbers, tuple | list) or not all(type(n) is int and n >= 0 for n in numbers):
        raise RefusedError("it has a tensor of no shape")
    return tuple(numbers)


def _storage(content: Any, *_: Any) -> Tensor:
    """The values [N] of a storage as torch pickled it: an older file of torch within the file."""
    if not isinstance(content, bytes):
        raise RefusedError("it has a storage without bytes")
    stream = io.BytesIO(content)
    magic, protocol = _Machine(stream).run(), _Machine(stream).run()
    _Machine(stream).run()  # of the machine that wrote it
    if (magic, protocol) != (_MAGIC, _PROTOCOL):
        raise RefusedError("it has a storage of another version of torch")
    if sys.byteorder != "little":
        raise RefusedError("it has values of a machine of another order of bytes")
    found = _Machine(stream, persistent=_announced).run()
    keys = _Machine(stream).run()
    if not isinstance(found, _Announced) or keys != [found.key]:
        raise RefusedError("it has a storage that is none")
    n = int.from_bytes(stream.read(8), "little")
    width = torch.empty((), dtype=found.dtype).element_size()
    values = stream.read(n * width)
    if n != found.n or len(values) != n * width:
        raise RefusedError("it has a storage that is cut short")
    return torch.frombuffer(bytearray(values), dtype=found.dtype) if n else torch.empty(0, dtype=found.dtype)


@dataclass(frozen=True)
class _Announced:
    dtype: torch.dtype
    key: str
    n: int


def _announced(told: Any) -> _Announced:
    """What stands for a storage in torch's older files: ("storage", its type, its key, its device, how many, ...)."""
    if not isinstance(told, tuple) or len(told) < 5 or told[0] != "storage":
        raise RefusedError("it has a storage that is none")
    kind = told[1]
    if not isinstance(kind, Global) or kind.module != "torch" or kind.name not in _STORAGES:
        raise RefusedError(f"it asks for {kind}")
    return _Announced(_STORAGES[kind.name], str(told[2]), int(told[4]))


def _kept(meta: Any, *_: Any) -> Kept:
    """An object of the official repositories: {"type": "class", "class_name": ..., "module_src": ..., "state": ...}.

    ``module_src`` is source code, which they run; it is not looked at.
    """
    if not isinstance(meta, Mapping) or not isinstance(meta.get("class_name"), str):
        raise RefusedError("it has an object without a class")
    state = meta.get("state")
    return Kept(meta["class_name"], dict(state) if isinstance(state, Mapping) else {})


@dataclass(frozen=True)
class _Number:
    code: str


def _number_type(code: Any, *_: Any) -> _Number:
    if code not in _NUMBERS:
        raise RefusedError(f"it has numbers of the kind {code!r}")
    return _Number(code)


def _number(kind: Any, content: Any) -> int | float | bool:
    if not isinstance(kind, _Number) or not isinstance(content, bytes):
        raise RefusedError("it has a number that is none")
    (value,) = np.frombuffer(content, dtype=np.dtype(kind.code).newbyteorder("<"))
    return value.item()


def _encoded(text: Any, encoding: Any = "latin1") -> bytes:
    """How protocols below 3 write bytes."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise RefusedError("it has bytes that are none")
    return text.encode("latin-1")


_CALLS: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": lambda data, *_: data,
    "torch.storage._load_from_bytes": _storage,
    "torch.Size": lambda numbers=(): _whole(list(numbers)),
    "torch_utils.persistence._reconstruct_persistent_obj": _kept,
    "collections.OrderedDict": lambda pairs=(): dict(pairs),
    "dnnlib.util.EasyDict": lambda pairs=(): dict(pairs),
    "builtins.set": lambda items=(): set(items),
    "__builtin__.set": lambda items=(): set(items),
    "numpy.dtype": _number_type,
    "numpy.core.multiarray.scalar": _number,
    "numpy._core.multiarray.scalar": _number,
    "_codecs.encode": _encoded,
}


def _called(what: Any, arguments: Any) -> Any:
    if not isinstance(what, Global):
        raise RefusedError("it calls what is no function")
    if str(what) not in _CALLS:
        raise RefusedError(f"it asks for {what}")
    if not isinstance(arguments, tuple | list):
        raise RefusedError(f"it calls {what} without arguments")
    return _CALLS[str(what)](*arguments)


# ---- the machine ----

_MARK = object()
_PLAIN = {
    "NONE": None, "NEWTRUE": True, "NEWFALSE": False,
}  # fmt: skip
_VALUES = {
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
    "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
}  # fmt: skip
_TEXTS = {"STRING", "BINSTRING", "SHORT_BINSTRING"}
_EMPTY: dict[str, Callable[[], Any]] = {
    "EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_SET": set, "EMPTY_TUPLE": tuple,
}  # fmt: skip
_SKIPPED = {"PROTO", "FRAME"}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class _Machine:
    """Runs one pickle of a stream and stops behind it."""

    def __init__(self, stream: io.BytesIO, persistent: Callable[[Any], Any] | None = None) -> None:
        self.stream, self.persistent = stream, persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        for opcode, argument, _ in pickletools.genops(self.stream):
            if opcode.name == "STOP":
                return self.stack.pop()
            self._step(opcode.name, argument)
        raise RefusedError("it has no end")

    def _step(self, name: str, argument: Any) -> None:
        if name in _SKIPPED:
            return
        if name in _PLAIN:
            self.stack.append(_PLAIN[name])
        elif name in _VALUES:
            self.stack.append(bytes(argument) if isinstance(argument, bytearray) else argument)
        elif name in _TEXTS:
            self.stack.append(argument if isinstance(argument, str) else argument.decode("latin-1"))
        elif name in _EMPTY:
            self.stack.append(_EMPTY[name]())
        elif name in _TUPLES:
            n = _TUPLES[name]
            self.stack[-n:] = [tuple(self.stack[place] for place in range(-n, 0))]
        elif name in ("MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"):
            self.memo[len(self.memo) if name == "MEMOIZE" else argument] = self.stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            self.stack.append(self.memo[argument])
        elif hasattr(self, f"_{name.lower()}"):
            getattr(self, f"_{name.lower()}")(argument)
        else:
            raise RefusedError(f"it uses {name}, which no network needs")

    def _marked(self) -> list[Any]:
        """What lies above the last mark."""
        place = len(self.stack) - 1 - self.stack[::-1].index(_MARK)
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def _mark(self, _: Any) -> None:
        self.stack.append(_MARK)

    def _pop(self, _: Any) -> None:
        self.stack.pop()

    def _pop_mark(self, _: Any) -> None:
        self._marked()

    def _dup(self, _: Any) -> None:
        self.stack.append(self.stack[-1])

    def _tuple(self, _: Any) -> None:
        self.stack.append(tuple(self._marked()))

    def _list(self, _: Any) -> None:
        self.stack.append(self._marked())

    def _dict(self, _: Any) -> None:
        self.stack.append(_pairs(self._marked()))

    def _frozenset(self, _: Any) -> None:
        self.stack.append(frozenset(self._marked()))

    def _append(self, _: Any) -> None:
        item = self.stack.pop()
        self._top(list).append(item)

    def _appends(self, _: Any) -> None:
        items = self._marked()
        self._top(list).extend(items)

    def _additems(self, _: Any) -> None:
        items = self._marked()
        self._top(set).update(items)

    def _setitem(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._top(dict)[key] = value

    def _setitems(self, _: Any) -> None:
        items = self._marked()
        self._top(dict).update(_pairs(items))

    def _top(self, kind: type) -> Any:
        if not isinstance(self.stack[-1], kind):
            raise RefusedError("it fills what is no container")
        return self.stack[-1]

    def _global(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self.stack.append(Global(module, name))

    def _stack_global(self, _: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(Global(str(module), str(name)))

    def _reduce(self, _: Any) -> None:
        arguments, what = self.stack.pop(), self.stack.pop()
        self.stack.append(_called(what, arguments))

    _newobj = _reduce

    def _newobj_ex(self, _: Any) -> None:
        keywords, arguments, what = self.stack.pop(), self.stack.pop(), self.stack.pop()
        if keywords:
            raise RefusedError(f"it calls {what} with named arguments")
        self.stack.append(_called(what, arguments))

    def _build(self, _: Any) -> None:
        state, what = self.stack.pop(), self.stack[-1]
        if isinstance(what, _Number):
            if isinstance(state, tuple) and ">" in state[:2]:
                raise RefusedError("it has numbers of another order of bytes")
            return
        if isinstance(what, Kept | dict) and isinstance(state, Mapping):
            (what.attributes if isinstance(what, Kept) else what).update(state)
            return
        raise RefusedError("it changes what has no attributes")

    def _binpersid(self, _: Any) -> None:
        if self.persistent is None:
            raise RefusedError("it points to a place outside of the file")
        self.stack.append(self.persistent(self.stack.pop()))


def _pairs(items: Sequence[Any]) -> dict[Any, Any]:
    return dict(zip(items[::2], items[1::2], strict=True))
