"""How generated images are handed over: files as they are, at a truncation."""

from __future__ import annotations

from dataclasses import replace

from multigan.image.settings import ImageSampling
from multigan.sampling import PLAIN, check_truncation, generate_truncated

SAMPLING = replace(PLAIN, settings=ImageSampling, check=check_truncation, generate=generate_truncated)
