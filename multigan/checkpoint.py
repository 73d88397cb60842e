"""A run's state on disk and back: tensors (safetensors) and JSON, atomic, versioned, verified.

A checkpoint is a folder with ``tensors.safetensors`` and ``state.json``. It is written into a hidden sibling,
flushed to the disk and renamed, so that a kill or a full disk leaves the previous checkpoint as it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from multigan.errors import CheckpointError
from multigan.reading import regular
from multigan.reading.json import parse_json
from multigan.writing import NO_ROOM, new_file, remove

FORMAT_VERSION = 2
"""2: no random states, since each part of a batch has a seed of its own; heads of discriminators in a module."""
_WRITTEN_BY = {1: "multigan 0.1.0"}
EVERY_FORMAT = tuple(range(1, FORMAT_VERSION + 1))
"""Those whose tensors can be read, to sample from; a run goes on from the newest only."""
_PATIENCE = 20
"""Times that the folders are looked at while a run in training removes some."""
TENSORS, STATE = "tensors.safetensors", "state.json"
_ODD = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError)
"""What comes of a tree that no run wrote."""
_NAME = re.compile(r"^\d{9,}$")
_LEFTOVER = re.compile(r"^\.\d{9,}\.(?:partial|replaced)$")
_OF_TREE = "state.json"
"""Among the facts of the tensors: the digest of the state that they belong to."""


# ---- one checkpoint ----


def save(folder: Path, state: Mapping[str, Any], *, meta: Mapping[str, Any] | None = None) -> None:
    """Write ``state`` as the checkpoint ``folder``, atomically; one of the same name is replaced.

    ``state`` nests mappings (keys: str or int), lists and tuples (which return as lists) of tensors, numbers,
    strings, bools and None. ``meta`` is JSON that ``read_meta`` gives back without reading the tensors.
    CheckpointError when a value has no place in a checkpoint or the files cannot be written.
    """
    tensors: dict[str, Tensor] = {}
    tree = {"state": _encode(state, tensors, ()), "meta": _encode(meta or {}, {}, ("meta",))}
    payload = safetensors.torch.save(tensors, metadata={_OF_TREE: _tree_digest(tree)})
    header = {
        "format_version": FORMAT_VERSION,
        "sha256": {TENSORS: _digest(payload), "tree": _tree_digest(tree)},
    }
    partial, replaced = _sibling(folder, "partial"), _sibling(folder, "replaced")
    try:
        _recover(folder)
        for leftover in (partial, replaced):
            remove(leftover)
        partial.mkdir(parents=True)
        _write(partial / TENSORS, payload)
        _write(partial / STATE, json.dumps(header | tree, allow_nan=False, indent=1).encode())
        _flush_folder(partial)
        if folder.exists():
            folder.rename(replaced)
        partial.rename(folder)
        _flush_folder(folder.parent)
    except OSError as error:
        remove(partial)
        raise CheckpointError(_why_not_saved(folder, error)) from error
    remove(replaced)


def load(
    folder: Path, device: str | torch.device = "cpu", *, formats: tuple[int, ...] = (FORMAT_VERSION,)
) -> dict[str, Any]:
    """What ``save`` wrote, tensors on ``device``; CheckpointError if absent, damaged or of none of these ``formats``."""
    tree, payload = _verified(folder, formats)
    try:
        tensors = safetensors.torch.load(payload)
        state = _decode(tree["state"], {key: tensor.to(device) for key, tensor in tensors.items()})
    except (safetensors.SafetensorError, *_ODD) as error:
        raise _damaged(folder, f"its {TENSORS} and {STATE} do not fit each other") from error
    if not isinstance(state, dict):
        raise _damaged(folder, f"its {STATE} holds no state")
    return state


def read_meta(folder: Path) -> dict[str, Any]:
    """What was given as ``meta`` when the checkpoint was saved, in any format; CheckpointError if absent or damaged."""
    tree = _read_tree(folder, EVERY_FORMAT)
    _refuse_foreign(folder, tree)
    try:
        meta = _decode(tree["meta"], {})
    except _ODD as error:
        raise _damaged(folder, f"its {STATE} is not what a run writes") from error
    figure = meta.get("figure") if isinstance(meta, dict) else ""
    if not isinstance(figure, int | float | None) or (figure is not None and "better" not in meta):
        raise _damaged(folder, f"its {STATE} is not what a run writes")
    return meta


# ---- the checkpoints of a run, in folders named by samples seen: 000080000 ----


def checkpoint_folders(root: Path) -> list[Path]:
    """The checkpoints in ``root``, fewest samples first; what an interrupted save left is not among them."""
    if not root.is_dir():
        return []
    names = {path.name.removeprefix(".").removesuffix(".replaced") for path in root.iterdir()}
    return sorted((root / name for name in names if _NAME.match(name)), key=lambda path: int(path.name))


def latest(root: Path) -> Path:
    """The checkpoint in ``root`` with the most samples seen; CheckpointError when there is none."""
    folders = checkpoint_folders(root)
    if not folders:
        raise CheckpointError(
            f"There is no checkpoint in {root}; give a run that has saved one, or start anew."
        )
    return folders[-1]


def best(root: Path) -> Path | None:
    """The checkpoint with the best recorded figure, or None; NaN is never best, the newest wins a tie.

    CheckpointError where one of them is damaged: which is best cannot be told then. One that a run in training removes
    meanwhile is none of them.
    """
    for _ in range(_PATIENCE):
        folders = checkpoint_folders(root)
        try:
            return _best_of({folder: read_meta(folder) for folder in folders})
        except CheckpointError:
            if checkpoint_folders(root) == folders:
                raise
    raise CheckpointError(f"The checkpoints in {root} change faster than they can be read; try again.")


def _best_of(metas: Mapping[Path, Mapping[str, Any]]) -> Path | None:
    """By what was recorded of each, fewest samples first."""
    scored: list[tuple[float, Path]] = []
    for folder, meta in metas.items():
        figure = meta.get("figure")
        if figure is not None and not math.isnan(figure):
            scored.append((figure if meta["better"] == "higher" else -figure, folder))
    return max(reversed(scored), key=lambda pair: pair[0])[1] if scored else None


def save_and_prune(
    root: Path,
    samples: int,
    state: Mapping[str, Any],
    *,
    keep_last: int,
    figure: float | None = None,
    better: Literal["lower", "higher"] = "lower",
    owed: bool = False,
) -> Path:
    """Save the state after ``samples`` in ``root``; keep the ``keep_last`` newest, the best one, and damaged ones.

    ``figure`` comes from validation data (None: not validated; ``owed``: it is to be once the run goes on). Nothing goes
    before the new checkpoint is on the disk, but for what an interrupted save left.
    """
    for path in root.glob(".*") if root.is_dir() else ():
        if _LEFTOVER.match(path.name):
            _recover(root / path.name[1:].rpartition(".")[0])
            remove(path)
    folder = root / f"{samples:09d}"
    meta = {"samples": samples, "figure": figure, "better": better} | ({"owed": True} if owed else {})
    save(folder, state, meta=meta)
    folders = checkpoint_folders(root)
    metas: dict[Path, Mapping[str, Any]] = {}
    for each in folders:
        with contextlib.suppress(CheckpointError):
            metas[each] = read_meta(each)
    for old in set(metas) - set(folders[-max(keep_last, 1) :]) - {folder, _best_of(metas)}:
        gone = old.rename(_sibling(old, "partial"))  # it vanishes at once: a kill cannot leave half of it
        remove(gone)
    return folder


# ---- the tree: JSON, with {"$tensor": key}, {"$float": "nan"}, {"$pairs": [[1, 2]]} for what JSON lacks ----


def _encode(value: Any, tensors: dict[str, Tensor], path: tuple[str, ...]) -> Any:
    if isinstance(value, Tensor):
        key = "/".join(path)
        while key in tensors or key == "__metadata__":  # safetensors keeps that name for itself
            key += "'"
        # a copy of its own: safetensors refuses tensors that share memory or have gaps
        tensors[key] = value.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
        return {"$tensor": key}
    if isinstance(value, Mapping):
        items = {key: _encode(item, tensors, (*path, str(key))) for key, item in value.items()}
        if all(isinstance(key, str) and not key.startswith("$") for key in items):
            return items
        if all(type(key) in (str, int) for key in items):
            return {"$pairs": [[key, item] for key, item in items.items()]}
    if isinstance(value, list | tuple):
        return [_encode(item, tensors, (*path, str(index))) for index, item in enumerate(value)]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": str(float(value))}
    if value is None or isinstance(value, bool | int | str):
        return value
    where = "/".join(path) or "the state"
    raise CheckpointError(
        f"{where} is {type(value).__name__}, which a checkpoint cannot hold; give tensors, numbers, strings, "
        "bools, None, or lists and mappings (with str or int keys) of them."
    )


def _decode(tree: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(tree, list):
        return [_decode(item, tensors) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if "$tensor" in tree:
        return tensors[tree["$tensor"]]
    if "$float" in tree:
        return float(tree["$float"])
    if "$pairs" in tree:
        return {key: _decode(item, tensors) for key, item in tree["$pairs"]}
    return {key: _decode(item, tensors) for key, item in tree.items()}


# ---- files ----


def _sibling(folder: Path, kind: Literal["partial", "replaced"]) -> Path:
    return folder.with_name(f".{folder.name}.{kind}")


def _recover(folder: Path) -> None:
    """Put back a checkpoint that was moved aside for its successor when the successor never came."""
    replaced = _sibling(folder, "replaced")
    if not folder.exists() and replaced.exists():
        replaced.rename(folder)


def _write(path: Path, data: bytes) -> None:
    with new_file(path) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable, where the system has a way to."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _tree_digest(tree: Mapping[str, Any]) -> str:
    return _digest(json.dumps({"state": tree["state"], "meta": tree["meta"]}).encode())


def _held(folder: Path) -> Path:
    """Where the checkpoint lies: in its place, or moved aside for a successor that never came."""
    replaced = _sibling(folder, "replaced")
    return replaced if replaced.exists() and not folder.exists() else folder


def _read_tree(folder: Path, formats: tuple[int, ...]) -> dict[str, Any]:
    """``state.json``, its version and digest checked."""
    if not _held(folder).is_dir():
        good = _last_good(folder)
        hint = f"the newest good one beside it is {good}" if good else "nor is there a good one beside it"
        raise CheckpointError(f"There is no checkpoint at {folder}; {hint}.")
    try:
        tree = parse_json(regular.content(_held(folder) / STATE))
        version = tree["format_version"]
        sound = version not in formats or _tree_digest(tree) == tree["sha256"]["tree"]
        sound = sound and isinstance(version, int | float | str) and isinstance(tree["sha256"][TENSORS], str)
    except OSError as error:
        raise _damaged(folder, f"its {STATE} cannot be read ({error.strerror})") from error
    except _ODD as error:
        raise _damaged(folder, f"its {STATE} is not what was written") from error
    if sound and version not in formats:
        writer = _WRITTEN_BY.get(
            int(version) if version in _WRITTEN_BY else 0, "the version of multigan that wrote it"
        )
        raise CheckpointError(
            f"{folder} has checkpoint format {version} and this multigan goes on from format {FORMAT_VERSION}: "
            f"resume it with {writer}, or train anew."
        )
    if not sound:
        raise _damaged(folder, f"its {STATE} is not what was written")
    return tree


def _refuse_foreign(folder: Path, tree: Mapping[str, Any]) -> None:
    """CheckpointError where the state is of another checkpoint than the folder or the tensors beside it."""
    samples = tree["meta"].get("samples") if isinstance(tree["meta"], dict) else None
    if isinstance(samples, int) and _NAME.match(folder.name) and samples != int(folder.name):
        raise _damaged(folder, f"its {STATE} is of the checkpoint after {samples:,} samples")
    try:
        regular.refuse_other(_held(folder) / TENSORS)
        with safetensors.safe_open(_held(folder) / TENSORS, "pt") as file:
            facts = file.metadata() or {}
    except OSError as error:
        raise _damaged(folder, f"its {TENSORS} cannot be read ({error.strerror or error})") from error
    except safetensors.SafetensorError as error:
        raise _damaged(folder, f"its {TENSORS} is not what was written") from error
    # those of earlier versions do not tell
    if facts.get(_OF_TREE, tree["sha256"]["tree"]) != tree["sha256"]["tree"]:
        raise _damaged(folder, f"its {STATE} is not that of its {TENSORS}")


def _verified(folder: Path, formats: tuple[int, ...]) -> tuple[dict[str, Any], bytes]:
    """The tree and the tensor file of a checkpoint, both with the digests that they were written with."""
    tree = _read_tree(folder, formats)
    try:
        payload = regular.content(_held(folder) / TENSORS)
    except OSError as error:
        raise _damaged(folder, f"its {TENSORS} cannot be read ({error.strerror})") from error
    if _digest(payload) != tree["sha256"][TENSORS]:
        raise _damaged(folder, f"its {TENSORS} ({len(payload):,} bytes) is not what was written")
    return tree, payload


def _is_whole(folder: Path) -> bool:
    try:
        tree = parse_json(regular.content(_held(folder) / STATE))
        payload = regular.content(_held(folder) / TENSORS)
        return tree["sha256"] == {TENSORS: _digest(payload), "tree": _tree_digest(tree)}
    except (OSError, *_ODD):
        return False


def _last_good(folder: Path) -> Path | None:
    """The newest whole checkpoint beside ``folder``, itself left out."""
    others = reversed(checkpoint_folders(folder.parent))
    return next((other for other in others if other.name != folder.name and _is_whole(other)), None)


def _damaged(folder: Path, reason: str) -> CheckpointError:
    good = _last_good(folder)
    advice = (
        f"remove it and resume from {good}, which is good"
        if good
        else "no other checkpoint beside it is good"
    )
    return CheckpointError(f"The checkpoint {folder} is damaged: {reason}; {advice}.")


def _why_not_saved(folder: Path, error: OSError) -> str:
    good = folder if _is_whole(folder) else _last_good(folder)
    kept = f"the last good checkpoint is {good}" if good else "there is no earlier checkpoint"
    if error.errno in NO_ROOM:
        problem, advice = "The disk has no room for the checkpoint", "Free some room and resume"
    else:
        problem, advice = "Cannot write the checkpoint", "Make its folder writable and resume"
    return f"{problem} {folder} ({error.strerror}); {kept}. {advice}."
