"""The emotion vocabulary that every modality shares.

Valence and arousal are the pleasure and arousal means, in [-1, 1], that Russell & Mehrabian (1977), "Evidence for a
three-factor theory of emotions", J. Research in Personality 11:273-294, give for the nearest of their 151 terms.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Emotion:
    """A label with its place on the circumplex; ``term`` is the word of the source."""

    name: str
    valence: float
    arousal: float
    term: str


EMOTIONS: tuple[Emotion, ...] = (
    Emotion("joy", 0.76, 0.48, "joyful"),
    Emotion("sadness", -0.63, -0.27, "sad"),
    Emotion("anger", -0.51, 0.59, "angry"),
    Emotion("fear", -0.64, 0.60, "fearful"),
    Emotion("surprise", 0.40, 0.67, "surprised"),
    Emotion("disgust", -0.60, 0.35, "disgusted"),
    Emotion("calm", 0.68, -0.46, "relaxed"),
    Emotion("neutral", 0.0, 0.0, "the origin"),
)
NAMES: tuple[str, ...] = tuple(emotion.name for emotion in EMOTIONS)


def ordered(labels: set[str]) -> tuple[str, ...]:
    """Labels in the vocabulary's order, then the others by name: the column order of a condition."""
    return tuple(name for name in NAMES if name in labels) + tuple(sorted(labels - set(NAMES)))
