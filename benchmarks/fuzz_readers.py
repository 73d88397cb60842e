"""What the fuzzer gives to be read: small sound files of every kind, and how each is read."""

from __future__ import annotations

import io
import json
import os
import struct
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from PIL import Image

from multigan import checkpoint
from multigan.config import parse_yaml
from multigan.image.settings import ImageData
from multigan.modality import architecture_of, data_settings_of, modality_of
from multigan.reading import cache
from multigan.reading.audio import read_clip
from multigan.reading.columns import TextColumns
from multigan.reading.image import read_image
from multigan.reading.listing import IMAGES, list_files
from multigan.reading.text import read_texts
from multigan.runs import RunFacts, read_run
from multigan.text.safety import read_lexicon
from multigan.text.settings import TextData
from multigan.text.vocabulary import Codec
from recipes.catalogue import read
from recipes.settings import recipe_of, resolve


@dataclass(frozen=True)
class Reader:
    """One way of reading: sound files by name, and what is called once ``damaged`` is put in the place of ``name``."""

    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[Path, bytes], object]
    """(an empty folder of its own, the damaged content)."""
    words: tuple[bytes, ...] = ()
    """What the mutator may put in."""
    sign: Callable[[bytes], bytes] | None = None
    """Makes the checksums of a damaged file fit again."""
    is_json: bool = False


# ---- sound files ----

_TEXT = (
    b"0", b"-1", b"9" * 40, b"1e999", b"NaN", b"null", b"true", b"[]", b"{}", b'""', b"\\ud800", b"'", b'"', b",", b"\t",
    b"\n", b"\r", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xe2\x80\xae", b"\x1b[2J", b"=1+1", b"[" * 60,
    b"9" * 4400, b"\x00",
)  # fmt: skip


def _pictures(kind: str, **options: Any) -> tuple[bytes, ...]:
    contents = []
    for mode in ("RGB", "L", "P") if kind != "JPEG" else ("RGB", "L"):
        stream = io.BytesIO()
        Image.effect_mandelbrot((12, 9), (-2, -1, 1, 1), 20).convert(mode).save(stream, kind, **options)
        contents.append(stream.getvalue())
    return tuple(contents)


def _sounds(kind: str, subtype: str | None = None) -> tuple[bytes, ...]:
    contents = []
    for n_channels in (1, 2):
        stream = io.BytesIO()
        tone = np.sin(np.arange(600)[:, None] / 9 * np.ones(n_channels)).astype(np.float32) * 0.5
        soundfile.write(stream, tone, 16_000, format=kind, subtype=subtype)
        contents.append(stream.getvalue())
    return tuple(contents)


def _signed_png(content: bytes) -> bytes:
    """A PNG whose chunks have the checksums that they should have."""
    result, at = bytearray(content[:8]), 8
    while at + 12 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        body = content[at + 4 : at + 8 + size]
        result += content[at : at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + size
    return bytes(result) + content[at:]


def _signed_state(content: bytes) -> bytes:
    """A state.json whose tree has the digest that it should have."""
    try:
        tree = json.loads(content)
        tree["sha256"]["tree"] = checkpoint._tree_digest(tree)
        return json.dumps(tree).encode()
    except (ValueError, KeyError, TypeError):
        return content


def _checkpoint() -> tuple[bytes, bytes]:
    """state.json and the tensors of a small checkpoint."""
    state = {
        "samples": 5, "parts": {"a": torch.ones(2, 3), "b": [1, 2.5, None], "c": {1: "x"}}, "nan": float("nan"),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "000000005"
        checkpoint.save(folder, state, meta={"samples": 5, "figure": 1.5, "better": "lower"})
        return (folder / checkpoint.STATE).read_bytes(), (folder / checkpoint.TENSORS).read_bytes()


def _tokenizers() -> tuple[bytes, ...]:
    texts = ["a small text, of words", "and another small one"]
    words = Codec.learnt(texts, TextData(vocabulary_size=30)).json
    unigram = json.loads(words)
    unigram["model"] = {
        "type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["a", -1.0], ["small", -2.0]], "byte_fallback": False,
    }  # fmt: skip
    pairs = json.loads(words)
    pairs["model"] = {
        "type": "BPE",
        "unk_token": "<unk>",
        "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3},
        "merges": [["a", "b"]],
    }
    pairs["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "NFC"}]}
    return words.encode(), json.dumps(unigram).encode(), json.dumps(pairs).encode()


_RECIPES = (
    b"name: a\nmodality: image\narchitecture: {name: wavelet-stylegan2, channel_base: 128}\ndefault_preset: {cpu: small}\n"
    b"presets: {small: {data: {resolution: 32}}}\n",
    b"name: a\nmodality: image\narchitecture: {name: stylegan2}\ndata: &data {resolution: 16, held_out: 0.1, drawn: 2k}\n"
    b"with_data: {training: {augmentation: {name: ada}}}\n",
    b"name: a\nmodality: audio\narchitecture: {name: spectral}\ntraining:\n  batch: 8\n  samples: 1.5k\n"
    b"  schedule: {name: adversarial}\n  ema: {half_life_samples: 4k}\n",
    b"name: a\nmodality: audio\narchitecture: {name: spectral}\ntraining:\n"
    b"  penalties: [{name: r1, weight: 1.0, every: 8}]\n  optimisers: {generator: {lr: 1e-3, betas: [0.0, 0.99]}}\n",
    b"name: a\nmodality: text\nseed: 3\narchitecture: {name: lstm-cnn}\nevaluation: {n: 64, validation: 32}\n"
    b"sampling: {per_label: 4, temperature: 0.7}\nwith_data: {seed: 1}\n",
)
"""Every section of a recipe; PyYAML takes time by their length."""
_YAML = (
    b"? [a]", b"!!binary YQ==", b"!!set {a}", b"!!int abc", b"!!timestamp 1", b"&a ", b"*a", b"*data", b"<<: *data",
    b"<<: ", b"? ",
    b"- ", b": ", b"{", b"}", b"[", b"]", b"|", b">", b"'", b'"', b"#", b"---", b"%YAML 3.0", b"~", b".inf", b".nan",
    b"9" * 40,
    b"9" * 4400, b"[" * 60, b"name: ", b"base: ", b"null", b"5", b"[]", b"{}", b"\n", b"  ", b"\x00", b"\xff",
)  # fmt: skip


def _recipe(folder: Path, content: bytes) -> object:
    (folder / "a.yaml").write_bytes(content)
    raw, source = read(str(folder / "a.yaml"))
    return recipe_of(resolve(raw, source, preset=None, accelerated=False, real_data=True), source)


_RUN = {
    "multigan": "0.1", "command": "x", "data": None, "data_settings": {"resolution": 16, "held_out": 0.1},
    "modality": "image",
    "architecture": {"name": "stylegan2", "channel_base": 128}, "labels": ["joy", "fear"], "sample_shape": [3, 16, 16],
}  # fmt: skip


def _run(folder: Path, content: bytes) -> object:
    (folder / "run.json").write_bytes(content)
    read_run(folder)
    facts = RunFacts.read(folder)
    modality = modality_of(facts.modality)
    return architecture_of(modality, facts.architecture), data_settings_of(modality, facts.data, "data")


_STATE, _TENSORS = _checkpoint()


def _load(folder: Path, state: bytes, tensors: bytes) -> object:
    place = folder / "000000005"
    place.mkdir(exist_ok=True)
    (place / checkpoint.STATE).write_bytes(state)
    (place / checkpoint.TENSORS).write_bytes(tensors)
    checkpoint.best(folder)
    checkpoint.read_meta(place)
    return checkpoint.load(place)


def _tensors(folder: Path, content: bytes) -> object:
    tree = json.loads(_STATE)
    tree["sha256"][checkpoint.TENSORS] = checkpoint._digest(content)
    return _load(folder, json.dumps(tree).encode(), content)


def _table_of_files(name: str) -> Callable[[Path, bytes], object]:
    def read_it(folder: Path, content: bytes) -> object:
        for file in ("a.png", "b.png"):
            (folder / file).touch()
        (folder / name).write_bytes(content)
        return list_files(folder, IMAGES, ImageData())

    return read_it


def _table_of_texts(name: str) -> Callable[[Path, bytes], object]:
    def read_it(folder: Path, content: bytes) -> object:
        (folder / name).write_bytes(content)
        return read_texts(folder / name, TextColumns())

    return read_it


def _of_file(name: str, function: Callable[[Path], object]) -> Callable[[Path, bytes], object]:
    def read_it(folder: Path, content: bytes) -> object:
        (folder / name).write_bytes(content)
        return function(folder / name)

    return read_it


def _tokenizer(_: Path, content: bytes) -> object:
    codec = Codec.from_json(content.decode("utf-8", "replace"))
    rows = codec.encode(["a small text", "other words", ""])
    return codec.decode(torch.tensor([[*row[:4], 0, 0, 0, 0][:4] for row in rows]))


def _lexicon(folder: Path, content: bytes) -> object:
    (folder / "a.txt").write_bytes(content)
    return read_lexicon(folder / "a.txt", "a").flagged(
        "they hate aaaaaaaaaaaaaaaaaa a b c d, call 555-1234 you"
    )


def _entry() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as place:
        samples = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)
        table = {
            "labels": ["joy"],
            "names": ["a", "b"],
            "columns": [0, 0],
            "intensities": [1.0, 1.0],
            "n_train": 1,
            "notes": [],
        }
        cache.write(Path(place), [samples], samples.shape, np.uint8, table)
        return {path.name: path.read_bytes() for path in Path(place).iterdir()}


_ENTRY = _entry()


def _cached(file: str) -> Callable[[Path, bytes], object]:
    def read_it(folder: Path, content: bytes) -> object:
        entry = folder / "images" / "key"
        entry.mkdir(parents=True, exist_ok=True)
        for name, sound in _ENTRY.items():
            (entry / name).write_bytes(content if name == file else sound)
        os.environ["MULTIGAN_CACHE"] = str(folder)
        found = cache.Cache("images").find("key")
        assert found is None or found.table == json.loads(_ENTRY["table.json"])
        return found

    return read_it


_CSV = b'file,emotion,intensity\na.png,joy,0.5\n"b.png","fear ""big""",strong\n'
_TSV = b"file\temotion\tintensity\na.png\tjoy\t0.5\nb.png\tfear\tstrong\n"
_JSONL = b'{"file_name": "a.png", "label": "joy", "intensity": 0.5}\n{"file_name": "b.png", "label": 3}\n'
_TEXTS_CSV = b'text,emotion,seed,index\n"a text, of words",joy,0,0\nanother one,fear,0,1\n\'=1+1,joy,0,2\n'
_TEXTS_JSONL = b'{"text": "a text", "label": "joy"}\n{"text": "another", "label": "fear"}\n'
_LEXICON = b"# words\n[hate]\n(i|we) hate (\\w+ ){0,2}(you|them)\ngo+ away\n[personal]\n{e-mail}\n{american-number}\n"
_PATTERN = (
    b"(",
    b")",
    b"+",
    b"*",
    b"?",
    b"{2,}",
    b"{0,9999}",
    b"|",
    b"[",
    b"]",
    b"\\w",
    b"\\1",
    b"(?=",
    b"(?<!",
    b".*",
    b"(\\w+\\s?)+",
)


def readers() -> tuple[Reader, ...]:
    """All of them."""
    pictures = {kind: _pictures(kind) for kind in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP")}
    pictures["JPEG"] += _pictures("JPEG", progressive=True)
    sounds = {
        "WAV": _sounds("WAV") + _sounds("WAV", "FLOAT"),
        "FLAC": _sounds("FLAC"),
        "OGG": _sounds("OGG"),
        "MP3": _sounds("MP3"),
    }
    return (
        Reader("recipe", _RECIPES, _recipe, _YAML),
        Reader(
            "recipe values",
            tuple(json.dumps(parse_yaml(text.decode(), "recipe")).encode() for text in _RECIPES),
            _recipe,
            _YAML,
            is_json=True,
        ),
        Reader("run.json", (json.dumps(_RUN).encode(),), _run, _TEXT, is_json=True),
        Reader(
            "state.json",
            (_STATE,),
            lambda folder, content: _load(folder, content, _TENSORS),
            _TEXT,
            _signed_state,
            True,
        ),
        Reader("tensors.safetensors", (_TENSORS,), _tensors, _TEXT),
        Reader("labels.csv", (_CSV,), _table_of_files("labels.csv"), _TEXT),
        Reader("labels.tsv", (_TSV,), _table_of_files("labels.tsv"), _TEXT),
        Reader("metadata.jsonl", (_JSONL,), _table_of_files("metadata.jsonl"), _TEXT),
        Reader("texts.csv", (_TEXTS_CSV,), _table_of_texts("a.csv"), _TEXT),
        Reader("texts.jsonl", (_TEXTS_JSONL,), _table_of_texts("a.jsonl"), _TEXT),
        *(
            Reader(
                kind,
                seeds,
                _of_file(f"a.{kind.lower()}", read_image),
                sign=_signed_png if kind == "PNG" else None,
            )
            for kind, seeds in pictures.items()
        ),
        *(Reader(kind, seeds, _of_file(f"a.{kind.lower()}", read_clip)) for kind, seeds in sounds.items()),
        Reader("tokenizer.json", _tokenizers(), _tokenizer, _TEXT, is_json=True),
        Reader("samples.npy", (_ENTRY["samples.npy"],), _cached("samples.npy"), _TEXT),
        Reader("table.json", (_ENTRY["table.json"],), _cached("table.json"), _TEXT, is_json=True),
        Reader("lexicon", (_LEXICON,), _lexicon, _PATTERN),
    )
