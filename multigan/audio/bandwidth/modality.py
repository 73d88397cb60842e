"""The modality of bandwidth extension: sounds, and what is left of them at a lower rate."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from multigan.audio.bandwidth.files import extend_files
from multigan.audio.bandwidth.networks import EXTENDING
from multigan.audio.bandwidth.resample import narrowed, widened
from multigan.audio.data import AudioArrays, look, open_audio
from multigan.audio.modality import as_clips, write_clips, write_preview
from multigan.audio.settings import AudioData
from multigan.config import settings
from multigan.modality import Modality, Splits
from multigan.pairs import DerivedPairs
from multigan.protocols import DescribedDataset
from multigan.reading.prepare import Progress
from multigan.registry import Registry
from multigan.sampling import PLAIN

VERSION = 1
"""Of how sounds are narrowed."""


@settings
class BandwidthData(AudioData):
    """How sounds are read, and how much lower the rate of what is given of them is."""

    factor: Literal[2, 4] = 4
    """16 kHz from 8, or from 4."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_samples is None or self.n_samples % self.factor:
            raise ValueError(
                f"n_samples is a number that factor ({self.factor}) divides, found {self.n_samples}"
            )

    @property
    def lowest_rate_hz(self) -> int:
        """Below it a recording has nothing of the upper band that is to be learnt."""
        return self.sample_rate_hz


def open_pairs(own: BandwidthData, folder: Path | None, progress: Progress) -> Splits:
    """Sounds [1, T] as ``open_audio`` opens them, each with the same [1, T / factor] at the lower rate."""
    splits = open_audio(own, folder, progress)

    def paired(data: DescribedDataset) -> DerivedPairs:
        assert isinstance(data, AudioArrays)
        shape = (1, data.sample_shape[1] // own.factor)
        digest = f"{data.digest}-narrowed-{own.factor}-v{VERSION}"
        return DerivedPairs(data, partial(narrowed, factor=own.factor), shape, digest)

    return Splits(paired(splits.train), paired(splits.held_out), splits.notes, splits.data)


BANDWIDTH = Modality(
    name="audio-super-resolution",
    data_settings=BandwidthData,
    open_data=open_pairs,
    sample_shape=lambda data: (1, data.length),
    condition_shape=lambda data: (1, data.length // data.factor),
    show_condition=lambda conditions, data: widened(conditions, data.factor).clamp(-1, 1),
    architectures=Registry("bandwidth architecture", {"extending": EXTENDING}),
    media=as_clips,
    write_samples=write_clips,
    preview=write_preview,
    file_suffix=".wav",
    kind="audio",
    look=look,
    sampling=replace(PLAIN, from_files=extend_files),
)
