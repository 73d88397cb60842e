"""How voices speak: pitch, energy and speaking rate."""

from __future__ import annotations

from evaluation.metrics.prosody import PROSODY, prosody
from recipes.reports.clips import ClipMeasures, Column

_COLUMNS = (
    Column("voice pitch", "How high voices are, in Hz: the mean over clips; compare with held-out clips.",
           "pitch", 0, " Hz"),
    Column("voice pitch spread",
           "How far the pitch moves within a clip, in semitones; below that of held-out clips, voices are flat.",
           "its spread", 1, " semitones"),
    Column("voiced time", "The share of what is no silence that has a pitch."),
    Column("energy spread",
           "How far loudness moves within a clip, in dB; below that of held-out clips, nothing is stressed.",
           "energy spread", 1, " dB"),
    Column("speaking rate", "Syllables per second, counted as voiced peaks of loudness.", "rate", 1, "/s"),
)  # fmt: skip
VOICES = ClipMeasures(
    "speech",
    "How voices speak",
    dict(zip(PROSODY, _COLUMNS, strict=True)),
    lambda clip, repeats: prosody(clip),
    "Pitch from 60 to 500 Hz by YIN, without a network.",
)
SPEECH = VOICES.report
