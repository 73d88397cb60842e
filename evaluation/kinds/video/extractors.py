"""The extractors of clips: what each sees, and its paper."""

from __future__ import annotations

from evaluation.extractors.record import ExtractorRecord

EXTRACTORS = (
    ExtractorRecord(
        "random-conv3d-v1", "evaluation.extractors.moving:load", (), "after arXiv:2002.09797, section 4.1.1",
        "16 frames at even times, area means to 32x32", "Fixed random weights over time and space: nothing to fetch.",
    ),
)  # fmt: skip
FRAMES = ExtractorRecord(
    "frames-random-conv-v1", "evaluation.extractors.moving:load_frames", (), "after arXiv:2002.09797, section 4.1.1",
    "4 frames at even times, area means to 32x32", "What frame FD compares: nothing to fetch.",
)  # fmt: skip
FACTS = ExtractorRecord(
    "clip-facts-v1", "evaluation.extractors.moving:load_facts", (), "", "none",
    "How a clip moves, and the curve of intensity that it was asked for: nothing to fetch.",
)  # fmt: skip
