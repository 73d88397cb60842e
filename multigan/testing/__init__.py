"""Contract checks for the author of a modality or an architecture: call ``check_modality`` in a test.

Each check raises AssertionError with a sentence. Networks are those of the given settings, so give small ones: they are
trained for a few updates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from multigan.errors import ConfigError
from multigan.modality import Modality
from multigan.testing.networks import check_networks
from multigan.testing.samples import check_files, check_sampling
from multigan.testing.subject import BATCH, Subject, conditions_in_words, require
from multigan.testing.training import check_training

__all__ = ["check_architecture", "check_files", "check_modality"]

_TENSOR = (2, 4, 4)
"""What every architecture is offered as a condition, to take or to refuse."""


def check_modality(
    modality: Modality,
    sample_shape: tuple[int, ...],
    folder: Path,
    architectures: Mapping[str, Mapping[str, Any]] | None = None,
    n_labels: int = 3,
    data: Any = None,
    conditions: Sequence[tuple[int, ...]] = (),
) -> None:
    """Check every architecture of ``modality``, and how samples are drawn and written.

    Each is offered ``n_labels`` labels (0: the modality's data have none), no condition, a tensor, and the ``conditions``
    (shapes of one sample's): it takes some of them and refuses the others with ConfigError. It is trained under the first
    that it takes and under the ``conditions``. ``architectures``: settings of an architecture by its name (default: its
    own); ``data``: the modality's data settings (default: their own). Files are written to ``folder``, which must exist.
    AssertionError says which architecture broke which promise.
    """
    labels = (n_labels,) if n_labels else ()
    for name in modality.architectures:
        raw = {"name": name, **(architectures or {}).get(name, {})}
        taken: list[tuple[int, ...]] = []
        refusal = None
        for shape in dict.fromkeys((labels, (), *conditions, _TENSOR)):
            subject = Subject(modality, raw, sample_shape, shape, data)
            within = folder / f"{name}-{'x'.join(map(str, shape)) or 'none'}"
            trained = not taken or shape in conditions
            checks = (check_networks, *([check_training] if trained else []), check_sampling)
            refusal = _offered(subject, within, *checks)
            if refusal is None:
                taken.append(shape)
        require(bool(taken), f"{name} refuses whatever it is offered as a condition: {refusal}")
    check_files(modality, modality.random_samples(BATCH, sample_shape), folder, data)


def check_architecture(
    modality: Modality,
    raw: Mapping[str, Any],
    sample_shape: tuple[int, ...],
    condition: int | tuple[int, ...],
    folder: Path,
) -> None:
    """Check the pair of networks that ``raw`` (name and settings) makes, by itself and trained a little.

    ``condition``: a number of labels (0: none), or the shape of one sample's condition.
    """
    shape = condition if isinstance(condition, tuple) else (condition,) if condition else ()
    subject = Subject(modality, raw, sample_shape, shape)
    refusal = _offered(subject, folder, check_networks, check_training)
    require(refusal is None, f"{raw['name']} refuses to be built {conditions_in_words(shape)}: {refusal}")


def _offered(subject: Subject, folder: Path, *checks: Callable[[Subject, Path], None]) -> ConfigError | None:
    """Do the checks of what is built for the subject's condition; the ConfigError with which it is refused, or None."""
    try:
        subject.networks()
    except ConfigError as refusal:
        return refusal
    except Exception as error:
        raise AssertionError(
            f"{subject.what}: build fails ({type(error).__name__}: {error}); for what it cannot take it raises ConfigError"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for check in checks:
            check(subject, folder)
    except (AssertionError, OSError):
        raise
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise AssertionError(
            f"{subject.what}: what was built fails ({reason}); for conditions that it cannot take, build raises ConfigError"
        ) from error
    return None
