"""The video modality: its data, its architecture, and how clips are written and previewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from multigan.modality import Architecture, Modality
from multigan.reading.video import Video
from multigan.registry import Registry
from multigan.video.data import look, open_videos
from multigan.video.files import to_frames, write_clips, write_sheet
from multigan.video.networks.dvdgan import DVD_GAN
from multigan.video.sampling import SAMPLING
from multigan.video.settings import VideoData


def _media(samples: Tensor, data: VideoData) -> Sequence[Video]:
    return [Video(frames, data.rate_hz) for frames in to_frames(samples)]


def _under(media: Sequence[Video], conditions: Tensor) -> Sequence[Video]:
    """Clips with the curves of intensity in their conditions [N, T, C]."""
    curves = conditions.amax(2).numpy()
    return [replace(video, curve=curve) for video, curve in zip(media, curves, strict=True)]


VIDEO = Modality(
    name="video",
    data_settings=VideoData,
    open_data=open_videos,
    sample_shape=lambda data: (3, data.frames, data.resolution, data.resolution),
    architectures=Registry[Architecture]("video architecture", {"dvd-gan": DVD_GAN}),
    media=_media,
    write_samples=write_clips,
    preview=write_sheet,
    file_suffix=".gif",
    kind="video",
    under=_under,
    look=look,
    sampling=SAMPLING,
)
