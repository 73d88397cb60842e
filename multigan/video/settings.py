"""How clips are read and what can be asked of generated ones: the settings of the video modality."""

from __future__ import annotations

from typing import Any, Literal

from multigan.config import settings
from multigan.errors import DataError
from multigan.reading.columns import Columns
from multigan.reading.curves import written
from multigan.sampling_settings import SamplingSettings, flagged

ONSET_APEX_OFFSET = "0..1..0"


@settings
class VideoData(Columns):
    """How clips are read, and what the columns of a table beside them mean. ``background`` lies under transparency and
    padding."""

    frames: int = 16
    """Of a clip; real ones give as many, evenly spaced from their beginning to their end."""
    resolution: int = 32
    rate_hz: float = 8.0
    """Frames per second of the clips that are written."""
    fit: Literal["crop", "pad"] = "pad"
    """crop: the centre square; pad: the whole picture, centred on the background."""
    background: str = "white"
    held_out: float = 0.1
    """The share of the clips that is kept out of training, where ``split`` does not say which are."""
    drawn: int = 3_000
    """Clips drawn for training where no folder is given."""
    drawn_held_out: int = 600
    seed: int = 0
    """Of the drawn clips."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.frames not in (8, 16, 32):
            raise ValueError(f"frames are 8, 16 or 32, and {self.frames} is none of these")
        if self.resolution not in (16, 32, 64, 128):
            raise ValueError(f"a resolution is 16, 32, 64 or 128, and {self.resolution} is none of these")
        if not 1 <= self.rate_hz <= 50:
            raise ValueError(f"rate_hz is from 1 to 50, found {self.rate_hz}")
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out is a share between 0 and 1, and {self.held_out} is not")
        if self.drawn < 1 or self.drawn_held_out < 1:
            raise ValueError("drawn and drawn_held_out are at least 1 each")


@settings
class VideoSampling(SamplingSettings):
    """What can be asked of generated clips."""

    curve: str = ONSET_APEX_OFFSET
    """How the intensity moves over a clip, times ``intensity``; ``multigan sample --intensity 0..1..0`` gives it too."""
    video_format: Literal["gif", "webp", "mp4"] = flagged(
        "gif", "--video-format", "What clips are written as; mp4 needs PyAV [default: gif]."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            written(self.curve)
        except DataError as error:
            raise ValueError(str(error).rstrip(".")) from error

    @classmethod
    def of_no_use_between(cls) -> tuple[str, ...]:
        return (*super().of_no_use_between(), "video_format")

    def distinctions(self) -> dict[str, object]:
        """The settings that make another sample of the same label, seed and index: not the file's format, which is its
        suffix."""
        others = {name: value for name, value in super().distinctions().items() if name != "video_format"}
        if "curve" in others:
            others["curve"] = written(self.curve)
        return others

    def columns(self) -> dict[str, Any]:
        return {"curve": written(self.curve), **super().columns()}
