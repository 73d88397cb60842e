"""How images are read and what can be asked of generated ones: the settings of the image modality."""

from __future__ import annotations

import re
from typing import Literal

from multigan.config import settings
from multigan.reading.columns import Columns
from multigan.sampling_settings import TruncatedSampling


@settings
class ImageData(Columns):
    """How images are read, and what the columns of a table beside them mean. ``background`` lies under transparency and
    padding."""

    resolution: int = 32
    fit: Literal["crop", "pad"] = "pad"
    """crop: the centre square; pad: the whole picture, centred on the background."""
    background: str = "white"
    held_out: float = 0.1
    """The share of the images that is kept out of training, where ``split`` does not say which are."""
    mirror: bool = False
    """Train on the mirror image of every picture too."""
    drawn: int = 16_000
    """Faces drawn for training where no folder is given."""
    drawn_held_out: int = 2_000
    seed: int = 0
    """Of the drawn faces."""

    def __post_init__(self) -> None:
        from PIL import (
            ImageColor,
        )  # only where settings are read: `multigan sample --help` imports this module

        super().__post_init__()
        if self.resolution not in (16, 32, 64, 128, 256, 512, 1024):
            raise ValueError(f"a resolution is a power of two from 16 to 1024, and {self.resolution} is not")
        written = re.fullmatch("#[0-9a-fA-F]{6}", self.background)
        if not written and self.background not in ImageColor.colormap:
            raise ValueError(f"a background is a colour name or #rrggbb, and {self.background!r} is neither")
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out is a share between 0 and 1, and {self.held_out} is not")
        if self.drawn < 1 or self.drawn_held_out < 1:
            raise ValueError("drawn and drawn_held_out are at least 1 each")


@settings
class ImageSampling(TruncatedSampling):
    """What can be asked of generated images."""
