"""The audio modality: its data, its architectures, and how sounds are written and previewed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from multigan.audio.data import look, open_audio, read_sound_sample
from multigan.audio.diffaugment import DiffAugment
from multigan.audio.finishing import write_clip
from multigan.audio.sampling import SAMPLING
from multigan.audio.settings import AudioData
from multigan.audio.sheet import write_sheet
from multigan.audio.waveforms import waveforms
from multigan.modality import Modality
from multigan.reading.audio import Clip
from multigan.registry import Registry


def as_clips(samples: Tensor, data: AudioData) -> list[Clip]:
    """Samples [N, 1, T] as their files will be read."""
    return [Clip(waveform, data.sample_rate_hz) for waveform in waveforms(samples)]


def write_clips(samples: Tensor, paths: Sequence[Path], data: AudioData) -> None:
    """Write each sample as a 16-bit file of the kind that its suffix names."""
    for waveform, path in zip(waveforms(samples), paths, strict=True):
        write_clip(path, waveform, data.sample_rate_hz)


def write_preview(samples: Tensor, columns: int, path: Path, data: AudioData) -> None:
    """One picture of all samples: waveforms over their log-mel spectrograms."""
    write_sheet(samples, columns, path, data.sample_rate_hz)


AUDIO = Modality(
    name="audio",
    data_settings=AudioData,
    open_data=open_audio,
    sample_shape=lambda data: (1, data.length),
    architectures=Registry(
        "audio architecture",
        {
            "spectral": "multigan.audio.networks.spectral:SPECTRAL",
            "wavegan": "multigan.audio.networks.wavegan:WAVEGAN",
            "specgan": "multigan.audio.networks.specgan:SPECGAN",
        },
    ),
    augmentations=Registry("audio augmentation", {"diffaugment": DiffAugment}),
    media=as_clips,
    write_samples=write_clips,
    preview=write_preview,
    file_suffix=".wav",
    kind="audio",
    look=look,
    read_sample=read_sound_sample,
    sampling=SAMPLING,
)
