"""Small clips made by seed, as files of every kind that is read."""

import numpy as np
from PIL import Image

from multigan.emotions import NAMES
from multigan.video.drawn import clip_labels, draw_clips
from multigan.video.files import write_animation


def noise(n, n_frames=6, side=16, seed=0):
    """uint8 [n, n_frames, side, side, 3]."""
    return np.random.default_rng(seed).integers(0, 256, (n, n_frames, side, side, 3)).astype(np.uint8)


def steps(n_frames, side=16):
    """uint8 [n_frames, side, side, 3]: grey frames, the i-th of 10 i + 5."""
    levels = (10 * np.arange(n_frames) + 5).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (n_frames, side, side, 3)).copy()


def write_frames(folder, frames):
    """A folder of PNG files, one a frame."""
    folder.mkdir(parents=True)
    for i, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"{i:03d}.png")


def write_faces(folder, n, seed=0, suffix=".gif", frames=8):
    """A folder of drawn faces with labels.csv: file, emotion, and the curve as the drawing has it at three times."""
    folder.mkdir(parents=True)
    emotions, curves, seeds = clip_labels(n, frames, seed)
    rows = ["file,emotion,curve"]
    for i, clip in enumerate(draw_clips(16, emotions, curves, seeds)):
        write_animation(clip, folder / f"{i:03d}{suffix}", 8.0)
        curve = "..".join(f"{value:.3f}" for value in curves[i])
        rows.append(f"{i:03d}{suffix},{NAMES[emotions[i]]},{curve}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
