"""Audio data: a folder of real sounds, or sounds that the package draws, as two splits of slices of one length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from multigan.audio import lengths, silence, slicing
from multigan.audio.settings import AudioData
from multigan.audio.streaming import StreamedSlices
from multigan.errors import DataError
from multigan.modality import Splits
from multigan.protocols import Batch
from multigan.reading import audio as reading
from multigan.reading import cache, prepare
from multigan.reading.audio import Clip
from multigan.reading.budget import DECODING
from multigan.reading.files import in_order, values_digest
from multigan.reading.listing import AUDIO, Listing, list_files
from multigan.reading.prepare import Progress
from multigan.reading.split import Split, of_equal, split_of
from multigan.writing import new_file

SLICES = cache.Cache("sounds")
PLACES = cache.Cache("sound-places")
"""Where slices begin, of sets that are streamed."""
_WAITING = 16
"""Files of half an hour, in memory at once, are many enough."""


class Slices(Protocol):
    """int16 [n, T], of which an array of row numbers takes some."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray: ...


@dataclass(eq=False)
class AudioArrays:
    """One split of slices of sounds (see ``multigan.modality.DescribedDataset``)."""

    slices: Slices
    """int16 [N, T] as a 16-bit file holds them: memory-mapped, or decoded when they are taken."""
    conditions: np.ndarray | None
    classes: np.ndarray | None
    labels: tuple[str, ...]
    names: tuple[str, ...]
    """Paths relative to the folder, with the start of later slices ("a.flac@1.024s"), or "drawn/joy-00012"."""
    digest: str
    """A key of the content: equal digests, equal data."""
    rate_hz: int
    sample_shape: tuple[int, ...] = field(init=False)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_originals, n_samples = self.slices.shape
        self.sample_shape = (1, n_samples)

    def __len__(self) -> int:
        return self.n_originals

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """float32 [N, 1, T] in [-1, 1), int16 / 2^15, and the condition [N, C] or None."""
        rows = np.asarray(indices, dtype=np.int64)
        real = torch.from_numpy(_as_float(self.slices[rows]))[:, None]
        return Batch(real, None if self.conditions is None else torch.from_numpy(self.conditions[rows]))

    def original(self, index: int) -> Clip:
        return Clip(_as_float(self.slices[np.asarray([index])])[0], self.rate_hz)


def _as_float(slices: np.ndarray) -> np.ndarray:
    return slices.astype(np.float32) / np.float32(2**15)


def open_audio(settings: AudioData, folder: Path | None, progress: Progress) -> Splits:
    """Real sounds of ``folder``, or drawn ones where it is None; prepared once, then read from the cache.

    All slices of a file, and files of equal content, are on one side: the side that a hash of the content says, or the
    column of ``settings.split``. ``Splits.data`` has the length of the slices, where it follows the data. With
    ``settings.cache`` off only the places of the slices are kept, and files are decoded when a batch takes them, to the
    same bits. ``progress(what, done, total)`` is called while files are read or sounds drawn. DataError when there is
    nothing to train on or the cache cannot be written.
    """
    if folder is None:
        settings = replace(settings, n_samples=settings.length)
        key, entry = _drawn(settings, progress)
        return Splits(*_splits(settings, key, entry.table, lambda rows: entry.samples[rows]), data=settings)
    listing = list_files(folder, AUDIO, settings)
    split, notes = split_of(listing.split, settings, settings.held_out, folder, AUDIO.one, AUDIO.several)
    notes = (*listing.notes, *notes)
    if settings.n_samples is None:
        settings, note = lengths.following(settings, listing, progress)
        notes = (*notes, note)
    build = partial(_read, settings, listing, split, progress)
    store = SLICES if settings.cache else PLACES
    facts = _facts(settings, split)
    key, entry = prepare.prepared_files(store, listing, AUDIO, facts, build, progress)

    def slices(rows: slice) -> Slices:
        own = entry.samples[rows]
        return own if settings.cache else StreamedSlices(listing, own, settings)

    sides = _splits(settings, key, entry.table, slices)
    return Splits(*sides, (*notes, *entry.table["notes"]), settings)


def read_sound_sample(path: Path, data: AudioData) -> torch.Tensor:
    """A person's sound [1, T]: the first slice of it, cut and levelled as training sounds are."""
    sound = slicing.finished(reading.read_clip(path), data)
    return torch.from_numpy(_as_float(slicing.cut(sound, [0], data)))


def look(settings: AudioData, folder: Path | None) -> tuple[str, ...]:
    """The labels of the sounds that ``open_audio`` would open; nothing is decoded. DataError where there are none."""
    if folder is not None:
        return list_files(folder, AUDIO, settings).classes
    _refuse_none(settings)
    from multigan.audio.drawn import sets as sounds

    return tuple(sounds.LABELS[settings.sounds])


def _refuse_none(settings: AudioData) -> None:
    if settings.sounds == "none":
        raise DataError(f"This recipe needs --data FOLDER: a folder of {AUDIO.looked_for}.")


def _facts(settings: AudioData, split: Split) -> list[Any]:
    """What the slices and their split depend on, beside the files and their labels."""
    facts = [reading.VERSION, slicing.VERSION, settings.sample_rate_hz, settings.length, settings.slices]
    facts += [settings.overlap, settings.pad, settings.shortest, settings.trim_db, settings.loudness_lufs]
    facts += [settings.seed if settings.slices == "random" else None]
    facts += [settings.lowest_rate_hz] if settings.lowest_rate_hz else []
    return [*facts, split.fact]


def _splits(
    settings: AudioData, key: str, table: dict[str, Any], slices: Callable[[slice], Slices]
) -> tuple[AudioArrays, AudioArrays]:
    labels, names, n_train = tuple(table["labels"]), tuple(table["names"]), table["n_train"]

    def split(rows: slice, side: str) -> AudioArrays:
        classes, conditions = prepare.conditions_of(table, rows)
        facts = conditions, classes, labels, names[rows], f"{key}-{side}"
        return AudioArrays(slices(rows), *facts, settings.sample_rate_hz)

    return split(slice(None, n_train), "train"), split(slice(n_train, None), "held-out")


def _drawn(settings: AudioData, progress: Progress) -> tuple[str, cache.Entry]:
    _refuse_none(settings)
    from multigan.audio.drawn import sets as sounds

    facts = ["drawn", sounds.VERSION, settings.sounds, settings.sample_rate_hz, settings.length]
    key = prepare.key_of([*facts, settings.drawn, settings.drawn_held_out, settings.seed])
    return key, SLICES.prepared(key, partial(_draw, settings, progress))


def _draw(settings: AudioData, progress: Progress, folder: Path) -> None:
    """Fill a cache entry with drawn sounds; the first are held out, whatever the number for training."""
    from multigan.audio.drawn import sets as sounds

    n, labels = settings.drawn + settings.drawn_held_out, sounds.LABELS[settings.sounds]
    drawn = sounds.sound_labels(settings.sounds, n, settings.seed)
    classes, intensities, seeds = (np.asarray(facts) for facts in drawn)
    order = np.roll(np.arange(n), -settings.drawn_held_out)
    table = {
        "labels": labels,
        "names": [f"drawn/{labels[classes[i]]}-{i:05d}" for i in order],
        "columns": classes[order].tolist(),
        "intensities": intensities[order].tolist(),
        "n_train": settings.drawn,
        "notes": [],
    }

    def draw(rows: np.ndarray) -> np.ndarray:
        rate_hz, n_samples = settings.sample_rate_hz, settings.length
        chosen = classes[rows], intensities[rows], seeds[rows]
        return reading.pcm16(sounds.draw_sounds(settings.sounds, rate_hz, n_samples, *chosen))

    parts = prepare.blocks(order.tolist(), 2 * settings.length)
    done = np.cumsum([len(rows) for rows in parts]).tolist()
    blocks = in_order(draw, parts, lambda i: progress("drawing sounds", done[i - 1], n), waiting=_WAITING)
    cache.write(folder, blocks, (n, settings.length), np.int16, table)


def _read(
    settings: AudioData,
    listing: Listing,
    split: Split,
    progress: Progress,
    digests: Sequence[str],
    folder: Path,
) -> None:
    """Fill a cache entry with the slices of a listing's files, or their places, the training split first."""
    bad: dict[str, str] = {}
    sounds: dict[int, str] = {}
    places, n_silent = _prepare_all(settings, listing, digests, progress, bad, sounds, folder / "decoded")
    good = sorted(set(places[:, 0].tolist()))
    prepare.refuse_unusable(listing, AUDIO, good, bad)
    notes = [prepare.skipped(bad)] if bad else []
    if n_silent:
        notes.append(_silent(n_silent, n_silent + len(places), settings))
    digests = of_equal(digests, sounds)
    out = split.contents_held_out(good, listing.names, listing.labels, digests, notes)
    is_out = np.asarray([digests[file] in out for file in places[:, 0]])
    order = np.argsort(is_out, kind="stable")
    rate_hz, rows = settings.sample_rate_hz, places[order].tolist()
    names = [slicing.slice_name(listing.names[file], start, rate_hz) for file, start, _ in rows]
    files = [file for file, *_ in rows]
    table = prepare.table_of(listing, files, names, int((~is_out).sum()), notes)
    decoded = folder / "decoded"
    if settings.cache:
        shape = (len(order), settings.length)
        cache.write(folder, _reordered(decoded, shape, order), shape, np.int16, table)
    else:
        cache.write(folder, [places[order]], places.shape, np.int64, table)
    decoded.unlink()


def _silent(n: int, of: int, settings: AudioData) -> str:
    noise = " or hold nothing but the steady noise of their recording" if settings.trim_db == "noise" else ""
    under = silence.DEEPEST_DB if settings.trim_db == "noise" else settings.trim_db
    counted = f"{n:,} of {of:,} slices were" if of > 1 else "1 slice was"
    return (
        f"{counted} left out: they are silent ({under:g} dB under the loudest of their file){noise}. "
        "--set data.trim_db=null keeps them."
    )


def _reordered(path: Path, shape: tuple[int, int], order: np.ndarray) -> Iterator[np.ndarray]:
    slices = np.memmap(path, np.int16, "r", shape=shape)
    for rows in prepare.blocks(order.tolist(), 2 * shape[1]):
        yield slices[rows]


def _prepare_all(
    settings: AudioData,
    listing: Listing,
    digests: Sequence[str],
    progress: Progress,
    bad: dict[str, str],
    sounds: dict[int, str],
    target: Path,
) -> tuple[np.ndarray, int]:
    """int64 [n, 3] of every slice of what can be read: its file's place, its start, and the length of the prepared file;
    and how many slices were left out as silent.

    With ``settings.cache`` the slices are written to ``target``. ``bad`` gets the names of other files, and why;
    ``sounds`` a digest of every file's sound.
    """

    def slices(place: int) -> tuple[np.ndarray, np.ndarray, int, str]:
        with DECODING.kept():
            sound = slicing.finished(reading.read_clip(listing.folder / listing.names[place]), settings)
        every = slicing.slice_starts(len(sound), settings, digests[place])
        starts = slicing.heard(sound, every, settings)
        rows = np.stack([np.full_like(starts, place), starts, np.full_like(starts, len(sound))], axis=1)
        cuts = slicing.cut(sound, starts, settings) if settings.cache else np.empty(0, np.int16)
        return rows, cuts, len(every) - len(starts), values_digest(sound)

    places, n_silent = [np.empty((0, 3), np.int64)], 0
    with new_file(target) as stream:
        for place, (rows, cuts, n, digest) in prepare.usable(
            listing, AUDIO, slices, bad, progress, waiting=_WAITING
        ):
            stream.write(cuts.data)
            places.append(rows)
            n_silent += n
            sounds[place] = digest
    return np.concatenate(places), n_silent
