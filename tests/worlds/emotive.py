"""Small worlds drawn by a seed, with an emotion and an intensity: faces, tones and sentences, and what spoils them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from evaluation.samples import Samples
from evaluation.sources import as_samples
from multigan.emotions import NAMES
from multigan.image.drawn.faces import draw_faces, face_labels
from tests.worlds.sentences import sentences

FELT = NAMES[:4]
"""The emotions of faces and tones."""
TOPICS = ("pets", "sea")
"""The labels of sentences."""
RATE_HZ, LENGTH = 16_000, 8_000


@dataclass(frozen=True, eq=False)
class Drawn:
    """Samples of a world in random order: contents by row, with the label and intensity asked for."""

    contents: Any
    """Images uint8 [N, H, W, 3], waveforms float32 [N, T], or texts [N]."""
    labels: np.ndarray
    """[N] of str."""
    intensities: np.ndarray
    """[N] in [0, 1]."""

    def __len__(self) -> int:
        return len(self.labels)

    def samples(self) -> Samples:
        """As ``evaluate`` takes them."""
        rate_hz = RATE_HZ if getattr(self.contents, "dtype", None) == np.float32 else None
        return as_samples(
            self.contents, rate_hz=rate_hz, labels=self.labels.tolist(), intensities=self.intensities
        )

    def of(self, contents: Any) -> Drawn:
        """The same labels and intensities asked for, and other contents."""
        return replace(self, contents=contents)

    def rows(self, rows: np.ndarray) -> Drawn:
        """Some of them, in another order, or again."""
        return Drawn(_rows(self.contents, rows), self.labels[rows], self.intensities[rows])


def faces(n: int, seed: int, n_people: int | None = None) -> Drawn:
    """Drawn faces of 32x32 pixels with one of four emotions, each of someone else or all of a few people."""
    emotions, intensities, seeds = face_labels(n, seed)
    emotions %= len(FELT)
    seeds = seeds[np.arange(n) % (n_people or n)]
    return Drawn(draw_faces(32, emotions, intensities, seeds), np.array(FELT)[emotions], intensities)


def tones(n: int, seed: int) -> Drawn:
    """Half a second of a tone with overtones: its glide and its decay tell the emotion, its level the intensity."""
    random = np.random.default_rng(seed)
    emotions, intensities = random.integers(0, len(FELT), n), random.uniform(0, 1, n)
    time = np.arange(LENGTH) / RATE_HZ
    glide = np.array([1.0, -0.6, 2.0, 0.0])[emotions, None] * time  # octaves a second
    pitch = random.uniform(150, 600, (n, 1)) * 2**glide
    phase = 2 * np.pi * np.cumsum(pitch, axis=1) / RATE_HZ
    decay = np.exp(-np.array([0.0, 2.0, 6.0, 9.0])[emotions, None] * random.uniform(0.7, 1.3, (n, 1)) * time)
    brightness = random.uniform(0.2, 0.9, (n, 1))
    sound = sum(brightness**k * np.sin(k * phase) for k in range(1, 6)) * decay
    sound = sound / np.abs(sound).max(axis=1, keepdims=True) * 10 ** (-1.5 * (1 - intensities[:, None])) * 0.8
    sound += random.normal(0, 3e-3, (n, LENGTH))
    return Drawn(sound.astype(np.float32), np.array(FELT)[emotions], intensities)


def lines(n: int, seed: int) -> Drawn:
    """Sentences on one of two topics; the intensity is that of the last word's exclamation."""
    random = np.random.default_rng(seed)
    topics, intensities = random.integers(0, len(TOPICS), n), random.integers(0, 4, n) / 3
    by_topic = [sentences(n, 2 * seed + place, topic) for place, topic in enumerate(TOPICS)]
    texts = [
        by_topic[topic][row] + " !" * round(3 * intensity)
        for row, (topic, intensity) in enumerate(zip(topics, intensities, strict=True))
    ]
    return Drawn(texts, np.array(TOPICS)[topics], intensities)


# ---- what spoils any of them ----


def mislabelled(drawn: Drawn) -> Drawn:
    """Every other label is another one than was asked for."""
    names = np.unique(drawn.labels)
    places = np.searchsorted(names, drawn.labels)
    wrong = names[(places + np.arange(len(drawn)) % 2) % len(names)]
    return replace(drawn, labels=wrong)


def heedless(drawn: Drawn, seed: int) -> Drawn:
    """The intensities asked for have nothing to do with the samples."""
    return replace(drawn, intensities=np.random.default_rng(seed).permutation(drawn.intensities))


def collapsed(drawn: Drawn, n_modes: int) -> Drawn:
    """Of each label only the first few samples, again and again."""
    rows = np.empty(len(drawn), np.int64)
    for label in np.unique(drawn.labels):
        (own,) = np.nonzero(drawn.labels == label)
        rows[own] = own[np.arange(len(own)) % n_modes]
    return replace(drawn, contents=_rows(drawn.contents, rows))


def without(drawn: Drawn, *labels: str) -> Drawn:
    """Samples of the other labels where one of these was asked for."""
    lost = np.isin(drawn.labels, labels)
    (others,) = np.nonzero(~lost)
    rows = np.arange(len(drawn))
    rows[lost] = others[np.arange(lost.sum()) % len(others)]
    return replace(drawn, contents=_rows(drawn.contents, rows))


# ---- what spoils images ----


def blurred(images: np.ndarray) -> np.ndarray:
    """Means over 3x3 pixels, the border repeated."""
    height, width = images.shape[1:3]
    padded = np.pad(images.astype(float), ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    around = (padded[:, y : y + height, x : x + width] for y in range(3) for x in range(3))
    return (sum(around) / 9).round().astype(np.uint8)  # type: ignore[union-attr]


def compressed(images: np.ndarray, quality: int) -> np.ndarray:
    """As JPEG files give them back."""
    found = []
    for image in images:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=quality)
        found.append(np.asarray(Image.open(file)))
    return np.stack(found)


def shifted(images: np.ndarray, by: Sequence[int]) -> np.ndarray:
    """Other levels of red, green and blue."""
    return np.clip(images.astype(int) + np.asarray(by), 0, 255).astype(np.uint8)


# ---- what spoils texts ----


def shuffled(texts: Sequence[str], seed: int) -> list[str]:
    """The words of each text in random order."""
    random = np.random.default_rng(seed)
    return [" ".join(random.permutation(text.split())) for text in texts]


def _rows(contents: Any, rows: np.ndarray) -> Any:
    if isinstance(contents, np.ndarray):
        return contents[rows]
    return [contents[row] for row in rows]
