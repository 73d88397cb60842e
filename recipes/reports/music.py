"""How music goes: tempo, key, and how clear both are."""

from __future__ import annotations

import numpy as np

from evaluation.extractors.log_mel import HOP, RATE_HZ, spectrogram
from evaluation.metrics.music import MUSIC, music
from multigan.reading.audio import Clip
from recipes.reports.clips import ClipMeasures, Column

_COLUMNS = (
    Column("tempo", "Beats per minute, the mean over clips; compare with held-out clips.", "tempo", 0, " bpm"),
    Column("beat clarity",
           "How alike what begins is from beat to beat, 0 to 1; below that of held-out clips, the beat is blurred.",
           "beat clarity", 2),
    Column("key clarity",
           "How well notes fit one key, up to 1; below that of held-out clips, notes are out of key or noise.",
           "key clarity", 2),
    Column("major keys", "The share of clips whose key is major.", "major", 2),
)  # fmt: skip
_HOP_S = HOP / RATE_HZ


def measured(clip: Clip, repeats: bool) -> np.ndarray:
    """``music`` of a clip; one that repeats is heard in the middle of three turns."""
    if not repeats:
        return music(clip, spectrogram(clip), _HOP_S)
    levels = spectrogram(Clip(np.tile(clip.waveform, 3), clip.rate_hz))
    turn = len(clip.waveform) / clip.rate_hz / _HOP_S
    return music(clip, levels[:, round(turn) : round(2 * turn)], _HOP_S, repeats=True)


LOOPS = ClipMeasures(
    "music",
    "How music goes",
    dict(zip(MUSIC, _COLUMNS, strict=True)),
    measured,
    "Tempo from 50 to 200 by the autocorrelation of onsets, keys by Krumhansl's profiles, without a network.",
)
MUSIC_REPORT = LOOPS.report
