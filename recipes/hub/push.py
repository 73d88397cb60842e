"""Files to a repository of the hub, in one commit that replaces only what multigan wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multigan.errors import ConfigError
from recipes.hub.client import LOGIN, client, in_a_sentence
from recipes.hub.contents import SAMPLES
from recipes.hub.fetch import RUN, WEIGHTS

_OF_THE_HUB = {".gitattributes"}


def push_files(repository: str, files: Mapping[str, bytes], message: str, *, public: bool) -> str:
    """Commit the files; the address of the repository's page.

    ConfigError without a token, a permission or a network; where the repository is somebody's other work; and where it is
    public and was not asked to be, or the other way round.
    """
    api = client()
    refuse_without_token()
    with in_a_sentence(repository, writes=True):
        page = str(api.create_repo(repository, private=not public, exist_ok=True))
        info = api.model_info(repository)
    there = {file.rfilename for file in info.siblings or ()} - _OF_THE_HUB
    if there and not {RUN, WEIGHTS} <= there:
        raise ConfigError(
            f"{repository} holds files that `multigan push` did not write ({', '.join(sorted(there)[:3])}), and is left as "
            "it is: choose another name."
        )
    if bool(info.private) == public:
        is_, flag = ("public", "add --public") if not public else ("private", "leave --public out")
        raise ConfigError(
            f"{repository} is {is_} on the hub, and multigan does not change that: {flag}, or set it on its page."
        )
    with in_a_sentence(repository, writes=True):
        api.create_commit(repository, operations=_operations(files, there), commit_message=message)
    return page


def refuse_without_token() -> None:
    """ConfigError where the client has no token to push with."""
    from huggingface_hub import get_token

    if not get_token():
        raise ConfigError(f"Pushing needs a token of the hub: {LOGIN}.")


def _operations(files: Mapping[str, bytes], there: set[str]) -> list[Any]:
    """Every file, and samples of an earlier push away that this one does not replace."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    gone = sorted(name for name in there if name.startswith(f"{SAMPLES}/") and name not in files)
    added = [CommitOperationAdd(name, content) for name, content in files.items()]
    return [*added, *(CommitOperationDelete(name) for name in gone)]
