"""How sounds are read and what can be asked of generated ones: the settings of the audio modality."""

from __future__ import annotations

import math
from typing import Literal

from multigan.config import settings
from multigan.reading.columns import Columns
from multigan.sampling_settings import TruncatedSampling, flagged

SHORTEST = 1_024
"""Samples of a slice, at least."""
LONGEST_S = 4.096
"""Of slices whose length follows the data."""


@settings
class AudioData(Columns):
    """How audio files become slices of one length and rate, or which embedded sounds take their place; and what the columns
    of a table beside them mean."""

    sample_rate_hz: int = 16_000
    n_samples: int | None = 16_384
    """The length of a slice, in samples; None: that of the clips of a folder, so that nearly all are whole, up to 4 s."""
    slices: Literal["first", "sequential", "random"] = "sequential"
    """Of a file that is longer than a slice: its beginning; one after the other; as many from random places."""
    overlap: float = 0.0
    """The share of a slice that the next one repeats."""
    pad: Literal["end", "centre", "repeat"] = "end"
    """What fills a slice of a file that is shorter: zeros after it, zeros around it, or the file again and again."""
    shortest: float = 0.25
    """A file's last part is dropped where it fills less than this share of a slice, unless it is the only one."""
    trim_db: float | Literal["noise"] | None = 60.0
    """Silence at both ends, this much under the peak or lower, is cut, and slices that are such silence throughout are
    left out; "noise": steady noise of the recording is silence too, however loud; None keeps both."""
    loudness_lufs: float | None = -23.0
    """The integrated loudness (ITU-R BS.1770) that each file is brought to, unless it would clip; None leaves it."""
    held_out: float = 0.1
    """The share of the files that is kept out of training, where ``split`` does not say which are."""
    cache: bool = True
    """False: files are decoded whenever a batch needs them, for sets that do not fit on the disk."""
    sounds: Literal["emotive", "soundscapes", "loops", "none"] = "emotive"
    """What is drawn where no folder is given; none: a folder must be."""
    drawn: int = 8_000
    """Sounds drawn for training."""
    drawn_held_out: int = 1_000
    seed: int = 0
    """Of the drawn sounds, and of random slices."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1_000 <= self.sample_rate_hz <= 192_000:
            raise ValueError(f"sample_rate_hz is between 1,000 and 192,000, found {self.sample_rate_hz}")
        if self.n_samples is not None and not SHORTEST <= self.n_samples <= 2**20:
            raise ValueError(
                f"n_samples is between {SHORTEST:,} and {2**20:,}, or null to follow the data, found {self.n_samples}"
            )
        if not 0 <= self.overlap < 1:
            raise ValueError(f"overlap is a share from 0 to below 1, found {self.overlap}")
        if not 0 <= self.shortest <= 1:
            raise ValueError(f"shortest is a share from 0 to 1, found {self.shortest}")
        if isinstance(self.trim_db, float | int) and not 0 < self.trim_db < math.inf:
            raise ValueError(
                f"trim_db is above 0 dB, or noise to cut that of the recording too, or null to keep silence, "
                f"found {self.trim_db}"
            )
        if self.loudness_lufs is not None and not -70 < self.loudness_lufs <= 0:
            raise ValueError(f"loudness_lufs is from -70 to 0, or null, found {self.loudness_lufs}")
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out is a share between 0 and 1, found {self.held_out}")
        if self.seed < 0:
            raise ValueError(f"seed is at least 0, found {self.seed}")
        if self.drawn < 1 or self.drawn_held_out < 1:
            raise ValueError("drawn and drawn_held_out are at least 1 each")

    @property
    def length(self) -> int:
        """Of a slice, in samples: the longest that the data may ask for, where they are to say."""
        return self.n_samples or round(LONGEST_S * self.sample_rate_hz)

    @property
    def lowest_rate_hz(self) -> int:
        """Recordings at a lower rate are skipped."""
        return 0


@settings
class AudioSampling(TruncatedSampling):
    """What can be asked of generated sounds."""

    duration_s: float | None = flagged(
        None,
        "--duration",
        "As long as this; samples run into each other where one is too short.",
        metavar="SECONDS",
    )
    loop: bool = flagged(False, "--loop", "The end runs into the beginning, without a seam.")
    normalise: str | None = flagged(
        None, "--normalise", "A loudness such as -16LUFS, or a peak such as 'peak' or 'peak -1dB'.", "LEVEL"
    )
    format: Literal["wav", "flac"] = flagged("wav", "--format", "Of the files [default: wav].")

    @classmethod
    def of_no_use_between(cls) -> tuple[str, ...]:
        return (*super().of_no_use_between(), "duration_s", "loop", "normalise", "format")

    def distinctions(self) -> dict[str, object]:
        """Without the format, which the suffix of a file tells."""
        return {name: value for name, value in super().distinctions().items() if name != "format"}
