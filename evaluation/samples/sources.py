"""Samples from whatever a person has: folders, arrays, tensors, texts, or batches of them one after another."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from evaluation.samples import Samples
from evaluation.samples.digests import array_digest, digests_of, digests_of_texts, text_digest
from evaluation.samples.folder import MODALITIES, open_folder
from evaluation.samples.spool import spooled
from multigan.errors import ConfigError, DataError
from multigan.reading.audio import Clip
from multigan.registry import unknown_name

IMAGES_ALLOWED = (
    "images are uint8 arrays [N, H, W, 3], uint8 tensors [N, 3, H, W] or float tensors [N, 3, H, W] in [-1, 1] "
    "(one channel instead of 3 is grey), or an iterable of such batches"
)
CLIPS_ALLOWED = (
    "audio is float arrays or tensors [N, T] in [-1, 1] with rate_hz, Clips, or an iterable of such batches"
)
TEXTS_ALLOWED = "texts are a sequence of str, or an iterable of such batches"
_FAR = 16.0
"""Generators overshoot [-1, 1]; what goes further was meant in 0..255."""
_SPLIT = 64


def as_samples(
    source: Any,
    modality: str | None = None,
    *,
    rate_hz: int | None = None,
    labels: Sequence[Any] | None = None,
    intensities: Any = None,
    labels_column: str | None = None,
    text_column: str | None = None,
) -> Samples:
    """Samples from a folder or file (``Path`` or ``str``), an array, a tensor, texts, an iterable of batches, or Samples.

    ``modality`` None is told from arrays and texts by their shape. ``labels`` (names) and ``intensities`` in [0, 1] have
    one entry a sample. DataError or ConfigError where something does not fit.
    """
    if modality is not None and modality not in MODALITIES:
        raise ConfigError(unknown_name("modality", modality, list(MODALITIES)))
    if isinstance(source, Samples):
        if modality not in (None, source.modality):
            raise DataError(
                f"The samples ({source.source or 'memory'}) are {source.modality}, and {modality} was asked for."
            )
        return _marked(source, labels, intensities)
    if isinstance(source, (str, Path)):
        if modality is None:
            raise ConfigError(f"Say of which modality {source} is: {', '.join(MODALITIES)}.")
        return _marked(open_folder(source, modality, labels_column, text_column), labels, intensities)
    if labels_column is not None or text_column is not None:
        raise ConfigError("A column of labels or texts is of files; beside data in memory give labels=[...].")
    if modality is None:
        modality, source = _told(source)
    if modality == "audio":
        return of_clips(source, rate_hz, labels=labels, intensities=intensities)
    if rate_hz is not None:
        raise ConfigError(f"rate_hz is of audio, and the samples are {modality}: leave it out.")
    return (of_images if modality == "image" else of_texts)(source, labels=labels, intensities=intensities)


def of_images(
    images: Any,
    *,
    labels: Sequence[Any] | None = None,
    intensities: Any = None,
    names: Sequence[str] | None = None,
    source: str = "memory",
) -> Samples:
    """Images as ``IMAGES_ALLOWED`` says. Floats become x * 127.5 + 128, clamped, as a saved file has them.

    Arrays are held as they are, memory-mapped ones too; all else goes through a temporary file.
    """
    if isinstance(images, np.ndarray):
        _check_pixels(images, 4)
        n, read = len(images), lambda row: _rgb(images[row])
    else:
        n, stored = spooled(_pixels(_batches(images, IMAGES_ALLOWED)), np.uint8)
        read = lambda row: _rgb(stored(row))  # noqa: E731
    digests = digests_of(n, lambda row: array_digest(read(row)))
    samples = Samples("image", _names("image", n, names), read, digests=digests, source=source)
    return _marked(samples, labels, intensities)


def of_clips(
    clips: Any,
    rate_hz: int | None = None,
    *,
    labels: Sequence[Any] | None = None,
    intensities: Any = None,
    names: Sequence[str] | None = None,
    source: str = "memory",
) -> Samples:
    """Audio as ``CLIPS_ALLOWED`` says, [N, 1, T] too. ``rate_hz`` is of arrays; a Clip has its own."""
    rates = array("q")
    if isinstance(clips, Sequence) and clips and all(isinstance(clip, Clip) for clip in clips):
        n, read = len(clips), lambda row: clips[row]
    else:
        n, stored = spooled(_waveforms(_batches(clips, CLIPS_ALLOWED), rate_hz, rates), np.float32)
        read = lambda row: Clip(stored(row), rates[row])  # noqa: E731

    def digest(row: int) -> str:
        try:
            clip = read(row)
        except DataError as error:  # it says so again when the clip is read
            return text_digest(f"not a clip {row}: {error}")
        return array_digest(clip.waveform, clip.rate_hz)

    samples = Samples("audio", _names("clip", n, names), read, digests=digests_of(n, digest), source=source)
    return _marked(samples, labels, intensities)


def of_media(
    modality: str,
    names: Sequence[str],
    read: Callable[[int], Any],
    *,
    labels: Sequence[Any] | None = None,
    intensities: Any = None,
    source: str = "memory",
) -> Samples:
    """Samples that ``read(i)`` gives, as ``Samples.read`` does: one for each of ``names``, the same at every call."""

    def digest(row: int) -> str:
        sample = read(row)
        if isinstance(sample, str):
            return text_digest(sample)
        if isinstance(sample, Clip):
            return array_digest(sample.waveform, sample.rate_hz)
        return array_digest(sample)

    samples = Samples(modality, names, read, digests=digests_of(len(names), digest), source=source)
    return _marked(samples, labels, intensities)


def of_texts(
    texts: Any,
    *,
    labels: Sequence[Any] | None = None,
    intensities: Any = None,
    names: Sequence[str] | None = None,
    source: str = "memory",
) -> Samples:
    """Texts as ``TEXTS_ALLOWED`` says; they are held in memory."""
    held: list[str] = []
    for item in _batches(texts, TEXTS_ALLOWED):
        batch = [item] if isinstance(item, str) else item
        if not isinstance(batch, Iterable) or isinstance(batch, bytes):
            raise DataError(_unfit(item, TEXTS_ALLOWED))
        for text in batch:
            if not isinstance(text, str):
                raise DataError(_unfit(text, TEXTS_ALLOWED))
            held.append(str(text))
    digests = digests_of_texts(held)
    samples = Samples(
        "text", _names("text", len(held), names), held.__getitem__, digests=digests, source=source
    )
    return _marked(samples, labels, intensities)


def _told(source: Any) -> tuple[str, Any]:
    """The modality of data in memory by what comes first, and the data as they were."""
    first, whole = source, source
    if isinstance(source, Iterator):
        first = next(source, None)
        whole = itertools.chain([first], source)
    for _ in range(2):
        if isinstance(first, (str, Clip)):
            return ("text" if isinstance(first, str) else "audio"), whole
        if isinstance(first, (np.ndarray, Tensor)):
            channels = first.shape[1] if first.ndim == 3 else 0
            return ("image" if first.ndim == 4 or (first.ndim == 3 and channels != 1) else "audio"), whole
        first = next(iter(first), None) if isinstance(first, Iterable) else None
    raise ConfigError(
        f"The modality of a {type(source).__name__} cannot be told; say which: {', '.join(MODALITIES)}."
    )


def _batches(source: Any, allowed: str) -> Iterator[Any]:
    if isinstance(source, Tensor):
        yield from source.split(_SPLIT)
    elif isinstance(source, (np.ndarray, Clip)):
        yield source
    elif isinstance(source, Iterable) and not isinstance(source, (str, bytes)):
        yield from source
    else:
        raise DataError(_unfit(source, allowed))


def _pixels(batches: Iterable[Any]) -> Iterator[np.ndarray]:
    """uint8 [H, W, C] one by one; a batch may also be one image without its first axis."""
    lowest = highest = 0.0
    for batch in batches:
        if isinstance(batch, Tensor):
            if batch.is_floating_point() and batch.numel():
                ends = torch.aminmax(batch.detach())
                lowest, highest = min(lowest, float(ends.min)), max(highest, float(ends.max))
            yield from _quantised(batch if batch.ndim == 4 else batch[None])
        elif isinstance(batch, np.ndarray):
            images = batch if batch.ndim == 4 else batch[None]
            _check_pixels(images, 4)
            yield from images
        else:
            raise DataError(_unfit(batch, IMAGES_ALLOWED))
    if lowest == 0 and 0 < highest <= 1:
        raise DataError(
            f"No value of the images is below 0 (the largest is {highest:g}): they seem to be in [0, 1], and floats must be "
            "in [-1, 1]. Give x * 2 - 1, or uint8."
        )


def _quantised(images: Tensor) -> np.ndarray:
    """Tensor [N, C, H, W] -> uint8 [N, H, W, C]; floats in [-1, 1] as x * 127.5 + 128, clamped."""
    if images.ndim != 4 or images.shape[1] not in (1, 3) or not images.numel():
        raise DataError(_unfit(images, IMAGES_ALLOWED))
    if images.is_floating_point():
        images = images.detach().float()
        extent = float(images.abs().max())
        if not extent <= _FAR:
            raise DataError(f"The images reach {extent:g}, and floats must be in [-1, 1]; {IMAGES_ALLOWED}.")
        images = (images * 127.5 + 128).clamp(0, 255).to(torch.uint8)
    elif images.dtype != torch.uint8:
        raise DataError(_unfit(images, IMAGES_ALLOWED))
    return images.permute(0, 2, 3, 1).cpu().numpy()


def _check_pixels(images: np.ndarray, ndim: int) -> None:
    if images.dtype != np.uint8 or images.ndim != ndim or images.shape[-1] not in (1, 3) or not images.size:
        raise DataError(_unfit(images, IMAGES_ALLOWED))


def _rgb(image: np.ndarray) -> np.ndarray:
    """A copy [H, W, 3] of an image [H, W, 1] or [H, W, 3]."""
    return np.array(np.broadcast_to(image, (*image.shape[:2], 3)), order="C")


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
            raise DataError(_unfit(batch, CLIPS_ALLOWED))
        if waveforms.ndim == 3 and waveforms.shape[1] == 1:
            waveforms = waveforms[:, 0]
        if waveforms.ndim not in (1, 2):
            raise DataError(_unfit(batch, CLIPS_ALLOWED))
        if rate is None:
            raise DataError("The rate of the waveforms is not known; give rate_hz, such as rate_hz=16000.")
        for waveform in np.atleast_2d(waveforms):
            rates.append(int(rate))
            yield waveform.astype(np.float32)


def _names(what: str, n: int, names: Sequence[str] | None) -> Sequence[str]:
    if n == 0:
        raise DataError(f"There is no {what} in what was given; give at least one.")
    if names is not None and len(names) != n:
        raise DataError(f"There are {len(names)} names for {n} samples; give one a sample.")
    return [f"{what} {row}" for row in range(n)] if names is None else names


def _marked(samples: Samples, labels: Sequence[Any] | None, intensities: Any) -> Samples:
    """``samples`` with these labels and intensities; those that are None stay as they are."""
    if labels is not None:
        names = [str(label) for label in (labels.tolist() if hasattr(labels, "tolist") else labels)]  # type: ignore[union-attr]
        if len(names) != len(samples):
            raise DataError(f"There are {len(names)} labels for {len(samples)} samples; give one a sample.")
        samples = replace(samples, labels=names)
    if intensities is not None:
        values = np.asarray(intensities, np.float64)
        if values.shape != (len(samples),) or not ((values >= 0) & (values <= 1)).all():
            found = f"shape {list(values.shape)}" if values.shape != (len(samples),) else "values outside"
            raise DataError(f"Intensities are {len(samples)} numbers in [0, 1], one a sample; found {found}.")
        samples = replace(samples, intensities=values)
    return samples


def _unfit(found: Any, allowed: str) -> str:
    """One sentence: what was found, and what is allowed."""
    what = type(found).__name__
    if isinstance(found, (np.ndarray, Tensor)):
        what = f"{what} {str(found.dtype).removeprefix('torch.')} {list(found.shape)}"
    return f"A {what} cannot be used: {allowed}."
