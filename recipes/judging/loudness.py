"""Sounds as loud as each other, as in listening tests: the louder of two is easily taken for the better one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from multigan.reading.audio import Clip

LEVEL = 0.05
"""The root mean square of a clip that is played, about -26 dB of full scale, where its peaks leave room for that."""


def aligned(sample: Any) -> Any:
    """A clip at ``LEVEL``, or as near to it as no peak passes 1; silence, and what is no clip, as it is."""
    if not isinstance(sample, Clip):
        return sample
    power, peak = (
        float(np.sqrt(np.mean(np.square(sample.waveform, dtype=np.float64)))),
        float(np.abs(sample.waveform).max()),
    )
    if power == 0:
        return sample
    return replace(sample, waveform=(sample.waveform * np.float32(min(LEVEL / power, 1 / peak))))
