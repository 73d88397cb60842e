"""How pairs of pictures are read, and what can be asked of translated ones: the settings of translation."""

from __future__ import annotations

from typing import Literal

from multigan.config import settings
from multigan.image.settings import ImageData
from multigan.reading.columns import NONE, Columns
from multigan.sampling_settings import SamplingSettings


@settings
class PairData:
    """Pictures in pairs: what is given, and what should come of it."""

    resolution: int = 64
    """The side in pixels of both pictures of a pair."""
    given: Literal["pairs", "lines", "unpaired"] = "pairs"
    """What a folder holds: pairs (folders A and B, or two pictures side by side in each file), or pictures of which line
    drawings are made; unpaired: pictures of two kinds in folders A and B that do not belong together. Of drawn faces it is
    their line drawings, and unpaired the neutral ones among them."""
    direction: Literal["AtoB", "BtoA"] = "AtoB"
    """Which picture of a pair is given, and which is to be made of it; A is the left one of two side by side."""
    fit: Literal["crop", "pad"] = "pad"
    """crop: the centre square; pad: the whole picture, centred on the background."""
    background: str = "white"
    """Lies under transparency and padding."""
    held_out: float = 0.1
    """The share of the pairs that is kept out of training, where neither ``split`` nor folders say which are."""
    split: str | None = None
    """COLUMN=VALUE of a table beside the pictures: those that are kept out of training (``multigan.reading.columns``)."""
    links: Literal["inside", "follow"] = "inside"
    """Which links in the folder are followed: those that stay inside it, or all."""
    mirror: bool = False
    """Train on the mirror image of every pair too."""
    drawn: int = 8_000
    """Faces drawn for training where no folder is given."""
    drawn_held_out: int = 1_000
    seed: int = 0
    """Of the drawn faces."""

    def __post_init__(self) -> None:
        self.images()  # their ranges are those of all images

    def columns(self) -> Columns:
        """What of a table beside the pictures is used: no labels."""
        return Columns(label=NONE, split=self.split, links=self.links)

    def images(self) -> ImageData:
        """The settings of the pictures that line drawings are made of."""
        return ImageData(
            resolution=self.resolution, fit=self.fit, background=self.background, held_out=self.held_out,
            split=self.split, links=self.links, mirror=self.mirror, drawn=self.drawn,
            drawn_held_out=self.drawn_held_out, seed=self.seed,
        )  # fmt: skip


@settings
class TranslatedSampling(SamplingSettings):
    """What can be asked of translated pictures."""

    lines: bool = False
    """Of ``--input``: make line drawings of its pictures first, by the rule of the package."""
    label: str | None = None
    """Of ``--input``: what faces are changed to, where a run was trained with labels."""
