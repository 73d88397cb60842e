"""Pickles read without running them: values as pickle reads them, and every way to run code refused by name."""

import io
import subprocess
import sys

import pytest
import torch

from multigan.errors import DataError
from multigan.reading.pickled import Global, read_pickle

VALUES = """
import collections, pickle, sys
value = {"a": [1, -2, 2**70, 1.5, None, True], "b": ("x", b"y" * 300, {3, 4}), "c": {}, "d": ["ü" * 300] * 2}
for protocol in range(6):
    sys.stdout.buffer.write(len(data := pickle.dumps(value, protocol)).to_bytes(4, "big") + data)
"""
VALUE = {"a": [1, -2, 2**70, 1.5, None, True], "b": ("x", b"y" * 300, {3, 4}), "c": {}, "d": ["ü" * 300] * 2}


def test_plain_values_are_read_as_pickle_writes_them():
    stream = io.BytesIO(
        subprocess.run([sys.executable, "-c", VALUES], capture_output=True, check=True).stdout
    )
    for protocol in range(6):
        content = stream.read(int.from_bytes(stream.read(4), "big"))
        assert read_pickle(content, f"protocol {protocol}") == VALUE


ATTACKS = {
    "a command": (b"cos\nsystem\n(S'touch pwned'\ntR.", "os.system"),
    "a command by protocol 4": (b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x0btouch pwned\x85R.", "posix.system"),
    "eval": (b"c__builtin__\neval\n(S'open(\"pwned\", \"w\")'\ntR.", "__builtin__.eval"),
    "getattr": (b"cbuiltins\ngetattr\n(cos\nsystem\nS'x'\ntR.", "builtins.getattr"),
    "a new object": (b"\x80\x02csubprocess\nPopen\nX\x05\x00\x00\x00touch\x85\x81.", "subprocess.Popen"),
    "an old instance": (b"(S'touch pwned'\nios\nsystem\n.", "INST"),
    "an object of a class": (b"(cos\nsystem\nS'touch pwned'\no.", "OBJ"),
    "an extension": (b"\x80\x02\x82\x01.", "EXT1"),
    "attributes of a function": (b"cos\nsystem\n}b.", "changes what has no attributes"),
    "a place outside": (b"\x80\x02X\x01\x00\x00\x00xQ.", "outside of the file"),
    "torch.load": (b"ctorch\nload\n(S'x'\ntR.", "torch.load"),
    "numpy's objects": (b"cnumpy\ndtype\n(S'O8'\nI0\nI1\ntR.", "'O8'"),
    "a call of a value": (b"\x80\x02K\x01K\x02\x85R.", "calls what is no function"),
    "a tensor beyond its values": (
        b"ctorch._utils\n_rebuild_tensor_v2\n(N(I9\nt(I1\ntI0\nNtR.", "tensor without values|of no shape"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_code_is_refused_by_name_and_not_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content, told = ATTACKS[name]
    with pytest.raises(DataError, match=told) as error:
        read_pickle(content, "evil.pkl")
    assert "evil.pkl is refused" in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_name_alone_imports_nothing():
    assert read_pickle(b"cantigravity\nfly\n.", "x") == Global("antigravity", "fly")
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b".",
        b"N",
        b"(((",
        b"\x80\x04\x95",
        b"}K\x01s.",
        b"]K\x01K\x02e.",
        b"\x85.",
        b"h\x05.",
        b"\x80\x04\x8a\xff.",
        b"]]}s.",
    ],
)
def test_nonsense_is_one_sentence(content):
    with pytest.raises(DataError, match=r"cannot be read as a pickle|is refused"):
        read_pickle(content, "odd.pkl")


def rebuilt(storage, offset, size, stride):
    """A pickle of a tensor, by hand: protocol 2, around a storage as torch writes it."""
    file = io.BytesIO()
    torch.save(storage, file, _use_new_zipfile_serialization=False)
    content = file.getvalue()
    whole = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(ctorch.storage\n_load_from_bytes\n"
    whole += b"B" + len(content).to_bytes(4, "little") + content + b"\x85R"
    numbers = [b"(" + b"".join(f"I{n}\n".encode() for n in row) + b"t" for row in (size, stride)]
    return whole + f"I{offset}\n".encode() + b"".join(numbers) + b"I00\nNtR."


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float16, torch.float64, torch.int64, torch.uint8, torch.bool]
)
def test_tensors_are_views_of_their_storages(dtype):
    values = torch.arange(12).to(dtype)
    read = read_pickle(rebuilt(values._typed_storage(), 2, (2, 3), (1, 2)), "x")
    assert torch.equal(read, values[2:].as_strided((2, 3), (1, 2)))
    assert read.dtype == dtype


@pytest.mark.parametrize(
    ("offset", "size", "stride", "told"),
    [
        (0, (13,), (1,), "13 values or more that has 12"),
        (6, (2, 4), (4, 1), "14 values or more that has 12"),
        (0, (10**6,), (0,), "repeats its values"),
        (-1, (2,), (1,), "of no shape"),
        (0, (2, 2), (1,), "of no shape"),
    ],
)
def test_no_tensor_reaches_beyond_its_storage(offset, size, stride, told):
    with pytest.raises(DataError, match=told):
        read_pickle(rebuilt(torch.arange(12.0)._typed_storage(), offset, size, stride), "x")


def test_a_storage_that_is_cut_short_is_refused():
    content = rebuilt(torch.arange(1_000.0)._typed_storage(), 0, (1_000,), (1,))
    # one value less in the file than its header says
    place = content.index(torch.arange(1_000.0).numpy().tobytes())
    head = content.index(b"_load_from_bytes\nB") + len(b"_load_from_bytes\nB")
    size = int.from_bytes(content[head : head + 4], "little") - 4
    cut = content[:head] + size.to_bytes(4, "little") + content[head + 4 : place] + content[place + 4 :]
    with pytest.raises(DataError, match="cut short"):
        read_pickle(cut, "x")
