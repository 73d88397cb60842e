"""Samples of a run as parts of a page: pictures, players with spectrograms, sentences; nothing is fetched."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.exhibits.embedded import data_uri
from evaluation.exhibits.markup import Html, element
from evaluation.figures import Example
from evaluation.kinds.audio import exhibit as sounds
from multigan.audio.sampling import finished_sounds
from multigan.audio.settings import AudioSampling
from multigan.reading.audio import Clip
from multigan.sampling import TrainedGenerator, conditions_for
from multigan.sampling_settings import SamplingSettings
from recipes.kinds import kind_of_modality
from recipes.scene.page import MADE
from recipes.studio.dials import Dials, by_number
from recipes.studio.words import Words

_BYTES = 6_000_000
"""What the sounds or pictures of a page may take, before base64."""
_MEDIA = {
    ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".wav": "audio/wav", ".jpg": "image/jpeg",
}  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """Samples as a page shows them."""

    tiles: dict[int, Html]
    """Number -> the sample, of those that the filter let pass."""
    notes: tuple[str, ...]
    """What has to be read beside them: what a filter did, the notice of generated texts."""


def drawn(
    trained: TrainedGenerator, dials: Dials, options: SamplingSettings, said: str, words: Words
) -> Drawn:
    """What the command makes of the dials; ``said`` with its number is what a sample is called for who cannot see it."""
    conditions = conditions_for(trained, dials.emotion, [dials.intensity] * len(dials.numbers))
    if isinstance(options, AudioSampling):
        rate_hz = trained.data.sample_rate_hz
        clips = [Clip(sound, rate_hz) for sound in finished_sounds(trained, conditions, dials.seed, options)]
        tiles = players(clips, [f"{said} {number}" for number in dials.numbers], words, options.loop)
        return Drawn(dict(zip(dials.numbers, tiles, strict=True)), (MADE,))
    samples = trained.sampling.draw(trained, conditions, dials.seed, len(dials.numbers), options)
    notes = samples.warnings or (MADE,)
    if trained.modality.kind is None:
        return Drawn({0: _on_one_picture(trained, samples.tensor, options, said)}, notes)
    media = trained.modality.media(samples.tensor, trained.data)
    show, note = kind_of_modality(trained.modality).exhibit.show(media, _BYTES)
    numbers = [dials.numbers[row] for row in samples.rows]
    shown = [show(Example(one), f"{said} {number}") for one, number in zip(media, numbers, strict=True)]
    if not by_number(trained):
        return Drawn({0: element("div", shown, class_="several")}, (*notes, note) if note else notes)
    return Drawn(dict(zip(numbers, shown, strict=True)), (*notes, note) if note else notes)


def players(clips: Sequence[Clip], said: Sequence[str], words: Words, repeats: bool) -> list[Html]:
    """Sounds with their spectrograms; where they take too much, the loudest part of each."""
    seconds = max(
        sounds.FEWEST_SECONDS,
        _BYTES / max(1, 2 * sum(min(clip.rate_hz, sounds.PAGE_RATE_HZ) for clip in clips)),
    )
    heard = [sounds.loudest(clip, seconds)[1] for clip in clips]
    levels = [sounds.decibels(clip) for clip in heard]
    highest = max((float(level.max()) for level in levels), default=0.0)
    return [
        _player(clip, level, highest, (name, words("spectrogram", what=name)), repeats)
        for clip, level, name in zip(heard, levels, said, strict=True)
    ]


def _player(clip: Clip, level: np.ndarray, highest: float, said: tuple[str, str], repeats: bool) -> Html:
    picture = sounds.spectrogram_picture(level, highest)
    return element(
        "div",
        element("img", src=picture.uri, alt=said[1], class_="spectrogram"),
        element(
            "audio",
            controls=True,
            preload="metadata",
            loop=repeats,
            src=sounds.sound(clip),
            aria_label=said[0],
        ),
        element("small", f"{len(clip.waveform) / clip.rate_hz:.1f} s"),
        class_="clip",
    )


def _on_one_picture(trained: TrainedGenerator, samples: Any, options: SamplingSettings, said: str) -> Html:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "samples.png"
        trained.sampling.page(trained, samples, 8, path, options)
        return file_in_page(path, said)


def file_in_page(path: Path, said: str) -> Html:
    """A picture or a sound that multigan has just written, as a part of a page."""
    media_type = _MEDIA[path.suffix]
    uri = data_uri(media_type, path.read_bytes())
    if media_type.startswith("audio/"):
        return element("audio", controls=True, src=uri, aria_label=said)
    return element("img", src=uri, alt=said, class_="made")
