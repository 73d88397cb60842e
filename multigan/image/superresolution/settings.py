"""What pictures are enlarged by, and how they are read: the settings of super-resolution."""

from __future__ import annotations

from typing import Literal

from multigan.config import settings
from multigan.image.settings import ImageData
from multigan.reading.columns import NONE, Columns
from multigan.sampling_settings import SamplingSettings


@settings
class EnlargingData:
    """Pictures of any size, of which square pieces are cut, and how much smaller their inputs are."""

    scale: Literal[2, 4] = 2
    """How many times the sides of a picture grow."""
    resolution: int = 64
    """The side in pixels of the pieces that are trained on; of drawn faces, their size."""
    pieces: int = 16
    """Pieces of a picture, at most; where more would fit, their places are drawn."""
    background: str = "white"
    """Lies under transparency."""
    held_out: float = 0.1
    """The share of the pictures that is kept out of training, where ``split`` does not say which are."""
    split: str | None = None
    """COLUMN=VALUE of a table beside the pictures: those that are kept out of training (``multigan.reading.columns``)."""
    links: Literal["inside", "follow"] = "inside"
    """Which links in the folder are followed: those that stay inside it, or all."""
    mirror: bool = False
    """Train on the mirror image of every piece too."""
    drawn: int = 8_000
    """Faces drawn for training where no folder is given."""
    drawn_held_out: int = 1_000
    seed: int = 0
    """Of the drawn faces."""

    def __post_init__(self) -> None:
        self.faces()  # their ranges are those of all images
        if self.pieces < 1:
            raise ValueError(f"pieces must be at least 1, found {self.pieces}")

    def columns(self) -> Columns:
        """What of a table beside the pictures is used: no labels."""
        return Columns(label=NONE, split=self.split, links=self.links)

    def faces(self) -> ImageData:
        """The settings of the drawn faces."""
        return ImageData(
            resolution=self.resolution, background=self.background, held_out=self.held_out, split=self.split,
            mirror=self.mirror, drawn=self.drawn, drawn_held_out=self.drawn_held_out, seed=self.seed,
        )  # fmt: skip


@settings
class EnlargingSampling(SamplingSettings):
    """What can be asked of enlarged pictures."""
