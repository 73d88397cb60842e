"""Sounds from folders, arrays, tensors, clips and batches of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from evaluation.kinds.audio import AUDIO
from evaluation.samples import Contents, Samples
from evaluation.samples.digests import array_digest
from evaluation.samples.folder import samples_of_files
from evaluation.samples.memory import batches_of, unfit
from evaluation.samples.spool import spooled
from multigan.errors import DataError
from multigan.reading import listing
from multigan.reading.audio import Clip
from multigan.reading.columns import column_flags

ALLOWED = (
    "audio is float arrays or tensors [N, T] in [-1, 1] with rate_hz, Clips, or an iterable of such batches"
)


def open_folder(path: Path, labels_column: str | None, links: str | None = None) -> Samples:
    """The sounds of a folder: class folders, ``labels.csv`` or flat."""
    from multigan.reading.audio import VERSION, read_clip

    return samples_of_files(
        AUDIO,
        path,
        listing.list_files(path, listing.AUDIO, column_flags(label=labels_column, links=links)),
        read_clip,
        VERSION,
    )


def from_memory(clips: Any, rate_hz: int | None = None) -> Contents:
    """Audio as ``ALLOWED`` says, [N, 1, T] too. ``rate_hz`` is of arrays; a Clip has its own."""
    if isinstance(clips, Sequence) and clips and all(isinstance(clip, Clip) for clip in clips):
        return Contents(len(clips), lambda row: clips[row])
    rates = array("q")
    batches = [clips] if isinstance(clips, Clip) else batches_of(clips, ALLOWED)
    n, stored = spooled(_waveforms(batches, rate_hz, rates), np.float32)
    return Contents(n, lambda row: Clip(stored(row), rates[row]))


def recognises(data: Any) -> bool:
    """Whether data are sounds: a clip, or an array or tensor of one axis, of two, or of three with one channel."""
    if isinstance(data, Clip):
        return True
    return isinstance(data, (np.ndarray, Tensor)) and (
        data.ndim not in (3, 4) or (data.ndim == 3 and data.shape[1] == 1)
    )


def digest(clip: Clip) -> str:
    """What names a clip: its waveform and its rate."""
    return array_digest(clip.waveform, clip.rate_hz)


def _waveforms(batches: Iterable[Any], rate_hz: int | None, rates: array[int]) -> Iterator[np.ndarray]:
    """float32 [T] one by one, each with its rate at the end of ``rates``."""
    for batch in batches:
        rate, waveforms = rate_hz, batch
        if isinstance(batch, Clip):
            rate, waveforms = batch.rate_hz, batch.waveform
        elif isinstance(batch, Sequence) and batch and all(isinstance(clip, Clip) for clip in batch):
            yield from _waveforms(batch, rate_hz, rates)
            continue
        elif isinstance(batch, Tensor):
            waveforms = (
                batch.detach().float().cpu().numpy() if batch.is_floating_point() else batch.cpu().numpy()
            )
        if not isinstance(waveforms, np.ndarray) or not np.issubdtype(waveforms.dtype, np.floating):
            raise DataError(unfit(batch, ALLOWED))
        if waveforms.ndim == 3 and waveforms.shape[1] == 1:
            waveforms = waveforms[:, 0]
        if waveforms.ndim not in (1, 2):
            raise DataError(unfit(batch, ALLOWED))
        if rate is None:
            raise DataError("The rate of the waveforms is not known; give rate_hz, such as rate_hz=16000.")
        for waveform in np.atleast_2d(waveforms):
            rates.append(int(rate))
            yield waveform.astype(np.float32)
