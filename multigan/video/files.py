"""Clips as files and on one picture: GIF, WebP, MP4, and sheets of frames."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from multigan.reading.films import pyav
from multigan.video.settings import VideoData
from multigan.writing import make_folder, replacing

_WIDEST = 1_600
"""Pixels of a sheet, which has as many frames of each clip as fit."""
_GAP = 2
_LEAST_SIDE = 64
_LEAST_FILM_SIDE = 128


def to_frames(samples: Tensor) -> np.ndarray:
    """[N, C, T, H, W] in [-1, 1] -> uint8 [N, T, H, W, C], rounded as a saved file is: x * 127.5 + 128, clamped."""
    pixels = (samples.float() * 127.5 + 128).clamp(0, 255).byte()
    return pixels.permute(0, 2, 3, 4, 1).contiguous().cpu().numpy()


def write_clips(samples: Tensor, paths: Sequence[Path], data: VideoData) -> None:
    """Each sample as an endless animation, or as a film, by the suffix of its path; DataError for a film without PyAV."""
    for frames, path in zip(to_frames(samples), paths, strict=True):
        if path.suffix == ".mp4":
            _write_film(frames, path, data.rate_hz)
        else:
            write_animation(frames, path, data.rate_hz)


def write_animation(frames: np.ndarray, path: Path, rate_hz: float) -> None:
    """Frames uint8 [T, H, W, 3] as a GIF, whose palette is that of all frames, or as a WebP without loss."""
    options: dict[str, Any] = {"save_all": True, "loop": 0, "duration": round(1000 / rate_hz)}
    images = [Image.fromarray(frame) for frame in frames]
    if path.suffix == ".webp":
        options |= {"lossless": True}
    else:
        images = in_one_palette(frames)
        options |= {"optimize": False, "disposal": 1}
    with replacing(path) as stream:
        images[0].save(stream, format=path.suffix[1:].upper(), append_images=images[1:], **options)


def in_one_palette(frames: np.ndarray) -> list[Image.Image]:
    """Frames in 256 colours, the same for all, so that nothing flickers that does not in the clip."""
    whole = Image.fromarray(frames.reshape(-1, *frames.shape[2:]))
    palette = whole.quantize(256, method=Image.Quantize.MEDIANCUT)
    return [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]


def _write_film(frames: np.ndarray, path: Path, rate_hz: float) -> None:
    """Frames as an MP4 of H.264, small ones enlarged pixel by pixel: players take colours at half the resolution alone."""
    av = pyav()
    scale = max(1, _LEAST_FILM_SIDE // frames.shape[1])
    frames = frames.repeat(scale, 1).repeat(scale, 2)
    with replacing(path) as file, av.open(file, mode="w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate_hz).limit_denominator(1000))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt, stream.options = "yuv420p", {"crf": "12"}
        for frame in frames:
            for packet in stream.encode(
                av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            ):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def write_sheet(samples: Tensor, columns: int, path: Path, data: VideoData) -> None:
    """A picture of all samples: ``columns`` clips in a row, each as a strip of as many of its frames as fit."""
    frames = to_frames(samples)
    n_frames, side = frames.shape[1:3]
    scale = max(1, _LEAST_SIDE // side) if columns == 1 else 1
    fitting = max(1, min(n_frames, _WIDEST // (columns * side * scale)))
    chosen = np.linspace(0, n_frames - 1, fitting).round().astype(int) if fitting > 1 else [n_frames // 2]
    strips = [np.concatenate(list(clip[chosen]), 1) for clip in frames]
    picture = Image.fromarray(_in_rows(strips, columns))
    picture = picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
    make_folder(path.parent)
    with replacing(path) as stream:
        picture.save(stream, format="PNG")


def write_moving_sheet(samples: Tensor, columns: int, path: Path, data: VideoData) -> None:
    """An animation of all samples beside one another, ``columns`` in a row."""
    frames = to_frames(samples)
    moving = np.stack([_in_rows(list(frames[:, t]), columns) for t in range(frames.shape[1])])
    write_animation(moving, path, data.rate_hz)


def _in_rows(pictures: list[np.ndarray], columns: int) -> np.ndarray:
    """Pictures uint8 [H, W, 3] in rows, white between them."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    columns = min(columns, len(pictures))
    sheet = np.full((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 3), 255, np.uint8)
    for place, picture in enumerate(pictures):
        top, left = place // columns * (height + _GAP), place % columns * (width + _GAP)
        sheet[top : top + height, left : left + width] = picture
    return sheet
