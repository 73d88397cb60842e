"""Weight files from their publishers: fetched when a person asks, gone on with, and checked before they take their place."""

from __future__ import annotations

import http.client
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from evaluation.extractors.protocol import Progress
from multigan import __version__
from multigan.errors import ConfigError
from multigan.locks import locked
from multigan.pretrained.weights import (
    NeedsWeights,
    WeightFile,
    check,
    find,
    folder_for,
    readable_size,
    sha256_of,
)
from multigan.writing import growing, make_folder, private_folder, remove, settle

TIMEOUT_S = 60
"""A server that says nothing for so long is given up."""
BLOCK = 2**20
_AGAIN = "Give the command again"


def fetch(record: NeedsWeights, place: Path | None, progress: Progress) -> dict[str, Path]:
    """The files of a network, those fetched that are not there; into the folder ``place``, or the cache's for weights.

    ConfigError, in one sentence, where the network needs none that can be fetched, a wrong file is in the way, there is no
    network or no room, the server lacks a file, or what came is not the publisher's file.
    """
    if place and place.exists() and not place.is_dir():
        raise ConfigError(f"{place} is a file; --weights names the folder that fetched files go into.")
    there = find(record, place)
    if len(there) == len(record.weights):
        for file in record.weights:  # a wrong one would be looked at first however often it is fetched
            check(record, file, there[file.name])
        return there
    for file in record.weights:
        if not file.fetch:
            command = file.package.command if file.package else "multigan weights"
            raise ConfigError(f"{file.filename} is published in a package alone: run `{command}`.")
    folder = place or folder_for(record.weights)
    make_folder(folder) if place else private_folder(folder)
    with locked(folder, "--weights"):
        for file in record.weights:
            there[file.name] = folder / file.filename
            if there[file.name].exists():
                check(record, file, there[file.name])
            else:
                _fetch_file(file, folder, progress, private=place is None)
    return there


def _fetch_file(file: WeightFile, folder: Path, progress: Progress, private: bool) -> None:
    path, draft = folder / file.filename, folder / f".{file.filename}.partial"
    with growing(draft, private=private) as stream:
        if file.sha256 is None:  # nothing would tell whether two halves are of one file
            stream.truncate(0)
        _fill(stream, file, folder, progress)
        stream.flush()
        os.fsync(stream.fileno())
    digest = sha256_of(draft)
    if file.sha256 not in (None, digest):
        remove(draft)
        raise ConfigError(
            f"What {address(file)} gave is not {file.filename}: its SHA-256 is {digest}, the publisher's is {file.sha256}. "
            f"It was not kept. {_AGAIN}, or fetch the file in another way and put it into {folder}."
        )
    settle(draft, path)


def address(file: WeightFile) -> str:
    """Where a file is downloaded from; $HF_ENDPOINT takes the place of Hugging Face, as its own tools have it."""
    if not file.in_repository:
        return file.fetch
    host = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    return f"{host.rstrip('/')}/{file.fetch}/resolve/{file.revision or 'main'}/{file.filename}"


def _fill(stream: BinaryIO, file: WeightFile, folder: Path, progress: Progress) -> None:
    """Add what a draft lacks of a file, all of it where it is nothing to go on from."""
    n_there = stream.seek(0, os.SEEK_END)
    if n_there and n_there == file.size_bytes:
        return
    response = _answer(file, n_there)
    if response is None or response.status != 206:  # the server has no such range, or sends the whole file
        stream.truncate(0)
        n_there, response = 0, response or _answer(file, 0)
    assert response is not None
    with closing(response):
        length = response.headers.get("Content-Length")
        total = n_there + int(length) if length and length.isdigit() else file.size_bytes
        if total and total - n_there > shutil.disk_usage(folder).free:
            raise ConfigError(
                f"There is no room for {file.filename} in {folder}: it takes {readable_size(total - n_there)} more. Free "
                "some, or choose another folder with --weights."
            )
        for block in _blocks(response, file):
            stream.write(block)
            n_there += len(block)
            progress(file.filename, n_there, total or n_there)
    if total and n_there < total:
        raise _lost(file, f"the connection ended at {readable_size(n_there)} of {readable_size(total)}")


def _answer(file: WeightFile, start: int) -> http.client.HTTPResponse | None:
    """The server's answer to a request of a file from byte ``start`` on; None where it has no such range."""
    headers = {"User-Agent": f"multigan/{__version__}", **({"Range": f"bytes={start}-"} if start else {})}
    request = urllib.request.Request(address(file), headers=headers)
    try:  # by the proxy that the environment names, if any
        return urllib.request.build_opener().open(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and start:
            return None
        raise ConfigError(
            f"{address(file)} cannot be fetched: the server answers {error.code} {error.reason}. {_AGAIN} later, or fetch "
            "the file in another way; `multigan weights` says what it is and where it goes."
        ) from error
    except (
        OSError,
        ValueError,
        http.client.HTTPException,
    ) as error:  # ValueError: an odd address, or one of a proxy
        raise _lost(file, error) from error


def _blocks(response: http.client.HTTPResponse, file: WeightFile) -> Iterator[bytes]:
    while True:
        try:
            block = response.read(BLOCK)
        except (OSError, http.client.HTTPException) as error:
            raise _lost(file, error) from error
        if not block:
            return
        yield block


def _lost(file: WeightFile, error: object) -> ConfigError:
    reason = " ".join(str(getattr(error, "reason", error)).split()) or type(error).__name__
    goes_on = f"{_AGAIN}: it goes on where it stopped" if file.sha256 else _AGAIN
    return ConfigError(
        f"{address(file)} cannot be reached: {reason}. Look after the network, and after the proxy in $https_proxy where "
        f"one is needed. {goes_on}."
    )
