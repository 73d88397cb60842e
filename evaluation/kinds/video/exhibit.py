"""How clips are shown in the page: moving, as animations inside it; nothing is fetched and nothing runs."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from evaluation.exhibits.embedded import Picture, data_uri
from evaluation.exhibits.exhibit import Show
from evaluation.exhibits.markup import Html, element
from evaluation.figures import Example
from multigan.reading.video import Video

EXACT_SIDE = 64
"""Frames no larger than this keep their size; larger ones ..."""
REDUCED_SIDE = 96
"""... are reduced to at most this on their longer side."""
MOST_FRAMES = 24
QUALITY = 85


def show(clips: Sequence[Video], n_bytes: int) -> tuple[Show, str]:
    """How one of the clips is shown, and a note where any is reduced."""
    notes = []
    if any(max(clip.frames.shape[1:3]) > EXACT_SIDE for clip in clips):
        notes.append(f"For this page frames are reduced to {REDUCED_SIDE} pixels.")
    if any(len(clip.frames) > MOST_FRAMES for clip in clips):
        notes.append(f"Of each clip {MOST_FRAMES} frames at even times are shown.")
    return _moving, " ".join(notes)


def animation(clip: Video) -> Picture:
    """A clip as an endless WebP animation inside the page."""
    frames = clip.frames
    seconds = len(frames) / clip.rate_hz
    if len(frames) > MOST_FRAMES:
        frames = frames[np.linspace(0, len(frames) - 1, MOST_FRAMES).round().astype(int)]
    images = [Image.fromarray(np.ascontiguousarray(frame)) for frame in frames]
    if max(images[0].size) > EXACT_SIDE:
        for image in images:
            image.thumbnail((REDUCED_SIDE, REDUCED_SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    duration = max(20, round(1000 * seconds / len(frames)))
    images[0].save(
        file,
        "WEBP",
        save_all=True,
        append_images=images[1:],
        loop=0,
        duration=duration,
        quality=QUALITY,
        method=4,
    )
    return Picture(data_uri("image/webp", file.getvalue()), images[0].width, images[0].height)


def _moving(example: Example, words: str) -> Html:
    made = animation(example.content)
    small = max(made.width, made.height) <= EXACT_SIDE
    return element(
        "img", src=made.uri, alt=words, title=words, width=made.width, height=made.height,
        class_="pixels" if small else None,
    )  # fmt: skip
