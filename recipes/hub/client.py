"""Hugging Face's client, and its errors in one sentence each."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from multigan.errors import ConfigError

LOGIN = "log in with `hf auth login`, or set HF_TOKEN"


def client() -> Any:
    """The client's ``HfApi`` of $HF_ENDPOINT or huggingface.co; ConfigError where the package is not there."""
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise ConfigError(
            'The hub needs the package huggingface_hub: run pip install "multigan[hub]".'
        ) from error
    return HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None, library_name="multigan")


@contextlib.contextmanager
def in_a_sentence(repository: str, revision: str = "main", *, writes: bool = False) -> Iterator[None]:
    """ConfigError in the place of whatever the client raises; ``writes``: the block pushes."""
    from huggingface_hub import errors

    # of whichever package of HTTP the client's version stands on
    offline: Any = next(kind for kind in errors.HfHubHTTPError.__mro__ if kind.__name__ == "HTTPError")
    try:
        yield
    except errors.GatedRepoError as error:
        raise ConfigError(
            f"{repository} is given to those alone whom its owner lets in: ask for access on its page, and {LOGIN}."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ConfigError(
            f"There is no {repository} on the hub, or it is private and your token may not read it: look at its name, and "
            f"{LOGIN}."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ConfigError(
            f"{repository} has no branch, tag or commit {revision!r}; leave @{revision} out for its newest."
        ) from error
    except errors.HfHubHTTPError as error:
        raise ConfigError(_refused(repository, error, writes)) from error
    except errors.EntryNotFoundError as error:
        raise ConfigError(f"{repository} lacks a file of a run ({_one_line(error)}).") from error
    except (errors.OfflineModeIsEnabled, offline, ConnectionError, TimeoutError) as error:
        raise ConfigError(
            f"The hub cannot be reached for {repository} ({_one_line(error)}): look after the network, and after "
            "HF_HUB_OFFLINE and HF_ENDPOINT where they are set."
        ) from error
    except (errors.HFValidationError, ValueError) as error:
        raise ConfigError(f"The hub does not take {repository}: {_one_line(error)}.") from error


def _refused(repository: str, error: Any, writes: bool) -> str:
    status = error.response.status_code
    if status in (401, 403) and writes:
        return f'Your token may not write to {repository}: take one with the role "write", and {LOGIN}.'
    if status in (401, 403):
        return f"Your token may not read {repository}: {LOGIN}."
    said = _one_line(error.server_message or error.response.reason_phrase or "no reason")
    return f"The hub refuses {repository} ({status}: {said}); try again later, or mend that."


def _one_line(error: object) -> str:
    return " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
