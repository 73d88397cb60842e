"""How generated clips are handed over: under a curve of intensity, as GIF, WebP or MP4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from multigan.errors import ConfigError
from multigan.modality import Written
from multigan.reading.curves import curve_at
from multigan.reading.films import has_pyav
from multigan.reading.video import NO_PYAV
from multigan.sampling import PLAIN, TrainedGenerator, generate, write_files
from multigan.video.files import write_clips, write_moving_sheet, write_sheet
from multigan.video.settings import VideoSampling


def _check(generator: nn.Module, options: VideoSampling) -> None:
    """ConfigError for films without what writes them."""
    if options.video_format == "mp4" and not has_pyav():
        raise ConfigError(f"MP4 cannot be written: {NO_PYAV}.")


def _generate(
    trained: TrainedGenerator, latent: Tensor, conditions: Tensor | None, options: VideoSampling
) -> Tensor:
    """Clips under conditions at each frame [N, T, C], or under [N, C] times the curve of the options."""
    if conditions is not None and conditions.ndim == 2:
        curve = torch.from_numpy(curve_at(options.curve, trained.facts.sample_shape[1]))
        conditions = conditions[:, None] * curve[:, None]
    return generate(trained.network, latent, conditions)


def _write(
    trained: TrainedGenerator, options: VideoSampling, labels: Sequence[str], seed: int, folder: Path
) -> Written:
    def make(conditions: Tensor | None, path_of: Callable[[int], Path]) -> Sequence[int]:
        samples = trained.sampling.draw(trained, conditions, seed, options.per_label, options)
        write_clips(samples.tensor, [path_of(index) for index in samples.indices], trained.data)
        return samples.indices

    return write_files(trained, options, labels, seed, folder, suffix=f".{options.video_format}", make=make)


def _page(
    trained: TrainedGenerator, samples: Tensor, columns: int, path: Path, options: VideoSampling
) -> None:
    """A sheet of frames, and beside it the same clips moving."""
    write_sheet(samples, columns, path, trained.data)
    write_moving_sheet(samples, columns, path.with_suffix(".gif"), trained.data)


SAMPLING = replace(PLAIN, settings=VideoSampling, check=_check, generate=_generate, write=_write, page=_page)
