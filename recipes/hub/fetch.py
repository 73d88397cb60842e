"""A run on the hub -> a run folder in the cache: its ``run.json`` and its weights are read, and no other file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from multigan.checkpoint import checkpoint_folders, save
from multigan.errors import CheckpointError, ConfigError
from multigan.pretrained.weights import readable_size
from multigan.reading import regular
from multigan.reading.budget import TABLE_BYTES
from multigan.reading.files import cache_root
from multigan.reading.json import parse_json
from multigan.runs import RunFacts
from multigan.writing import draft_folder, private_folder, refuse_links, write_bytes
from recipes.hub.address import SCHEME, Address, address_of
from recipes.hub.client import client, in_a_sentence

RUN, WEIGHTS = "run.json", "generator.safetensors"
_MOST_BYTES = {RUN: TABLE_BYTES, WEIGHTS: 2**33}
"""Of each file that is fetched: somebody else's may be as large as they like."""
_CHECKPOINT = re.compile(r"[0-9]{9,15}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def fetched(text: str) -> Path:
    """The run folder of "hf:user/name" or "hf:user/name@revision", fetched unless its commit is there already.

    ConfigError where there is none, it may not be read, or the hub cannot be reached; CheckpointError where it holds no run.
    """
    address = address_of(text)
    if address.is_commit and _is_whole(folder := _folder(address, address.revision)):
        return folder
    api = client()
    try:
        with in_a_sentence(address.repository, address.revision):
            info = api.model_info(
                address.repository, revision=address.revision, timeout=30, files_metadata=True
            )
    except ConfigError as error:
        raise ConfigError(f"{error} {_instead(address)}".rstrip()) from error
    commit, sizes = str(info.sha), {file.rfilename: file.size or 0 for file in info.siblings or ()}
    if not _COMMIT.fullmatch(commit) or not sizes.keys() >= _MOST_BYTES.keys():
        raise ConfigError(
            f"{address.repository} is no run that `multigan push` wrote: it lacks {RUN} or {WEIGHTS}; choose another."
        )
    for name, most in _MOST_BYTES.items():
        if sizes[name] > most:
            raise ConfigError(
                f"{name} of {address.repository} has {readable_size(sizes[name])}, and none of a run has more than "
                f"{readable_size(most)}, so that nothing was fetched; choose another."
            )
    folder = _folder(address, commit)
    if not _is_whole(folder):
        home = private_folder(folder.parent)
        with draft_folder(home) as draft:
            with in_a_sentence(address.repository, commit):
                for name in _MOST_BYTES:
                    api.hf_hub_download(address.repository, name, revision=commit, local_dir=draft)
            _take_over(address, draft, folder)
    return folder


def name_of(run_folder: Path) -> str:
    """What a person calls a run: its folder, or hf:user/name@commit of one that was fetched."""
    if not is_fetched(run_folder):
        return str(run_folder)
    return f"{SCHEME}{run_folder.name.replace('--', '/', 1)}@{run_folder.parent.name}"


def is_fetched(run_folder: Path) -> bool:
    """Whether a run folder came from the hub into the cache."""
    return run_folder.is_relative_to(_root())


def place_of(run_folder: Path, what: str) -> Path:
    """Where files of a run go unless a person says: RUN/WHAT, or NAME-WHAT here of a run that was fetched.

    ConfigError where a link would lead them elsewhere, since a run may have come from somebody else.
    """
    if is_fetched(run_folder):
        home, place = Path(), Path(f"{run_folder.name.partition('--')[2]}-{what}")
    else:
        home, place = run_folder, run_folder / what
    refuse_links(place, home)
    return place


def _root() -> Path:
    return cache_root() / "hub"


def _folder(address: Address, commit: str) -> Path:
    return _root() / commit / address.repository.replace("/", "--")


def _is_whole(folder: Path) -> bool:
    return (folder / RUN).is_file() and bool(checkpoint_folders(folder / "checkpoints"))


def _instead(address: Address) -> str:
    """What of the repository can be had without the hub."""
    there = [path for path in _root().glob(f"*/{_folder(address, '').name}") if _is_whole(path)]
    if not there:
        return ""
    newest = max(there, key=lambda path: path.stat().st_mtime)
    return f"What was fetched before needs no network: hf:{address.repository}@{newest.parent.name}."


def _take_over(address: Address, draft: Path, folder: Path) -> None:
    """Make the run folder of fetched files; CheckpointError where they are not what they should be."""
    try:
        RunFacts.read(draft)
        content = regular.content(draft / RUN)
        tensors, checkpoint = _weights(draft / WEIGHTS)
    except (CheckpointError, OSError, ValueError) as error:
        reason = str(error).replace(f"{draft}/", "").split(";")[0].rstrip(".")
        raise CheckpointError(
            f"{address} holds no run that can be read: {reason}; choose another."
        ) from error
    private_folder(folder)
    meta = {"samples": int(checkpoint), "figure": None, "better": "lower"}
    save(folder / "checkpoints" / checkpoint, {"parts": {"hooks.ema_generator": tensors}}, meta=meta)
    write_bytes(folder / RUN, content)  # last: it says that the folder is whole


def _weights(path: Path) -> tuple[dict[str, Any], str]:
    """The tensors of a safetensors file by name, and the name of the checkpoint that they are of; ValueError for another."""
    import safetensors

    regular.refuse_other(path)
    try:
        with safetensors.safe_open(path, "pt") as file:
            facts = parse_json((file.metadata() or {}).get("multigan", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
    except safetensors.SafetensorError as error:
        raise ValueError(f"{WEIGHTS} is no safetensors file ({error})") from error
    checkpoint = str(facts.get("checkpoint")) if isinstance(facts, dict) else ""
    return tensors, checkpoint if _CHECKPOINT.fullmatch(checkpoint) else "0" * 9
