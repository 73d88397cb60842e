"""An extractor in one record: which files it needs, how it is loaded, its paper, and what its figures are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.deferred import resolved
from multigan.pretrained.weights import Package, WeightFile, locate

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class ExtractorRecord:
    """A network that samples are measured with, and how it is loaded."""

    name: str
    load: str | Callable[[torch.device, Mapping[str, Path]], Any]
    """``(device, files) -> Extractor`` or "module:function" of it; ``files``: the path of each weight file by its name."""
    weights: tuple[WeightFile, ...] = ()
    """All of one repository, or a single one from elsewhere; nothing where it needs no files."""
    paper: str = ""
    preprocessing: str = ""
    note: str = ""
    figure_names: Mapping[str, str] = field(default_factory=dict)
    """Metric -> what its figure is called in these features and in no others."""
    promise: str = ""
    """What those names promise to a reader."""
    beside: bool = False
    """Whether its features are measured beside the default ones, without being asked for, where its files are there: it is
    small enough for that."""


def load_model(record: ExtractorRecord, device: torch.device, weights: Path | None = None) -> Any:
    """What ``record.load`` makes of its checked files."""
    import torch

    if device.type == "cuda":  # else convolutions keep ten bits, and features would not be those of a CPU
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    return resolved(record.load)(device, locate(record, weights))


def repository_files(
    repository: str,
    revision: str,
    licence: str,
    files: Mapping[str, tuple[str | None, int | None]],
    package: Package | None = None,
) -> tuple[WeightFile, ...]:
    """Files of a Hugging Face repository, given as name -> (SHA-256, size), which ``package`` may hold too."""
    return tuple(
        WeightFile(name, name, sha256, size_bytes, repository, licence, revision, package)
        for name, (sha256, size_bytes) in files.items()
    )
