"""The metrics of clips alone, one record each."""

from __future__ import annotations

from evaluation.metrics.record import LABELS, SAMPLES, Metric

METRICS = (
    Metric(
        "frame FD", SAMPLES, "evaluation.kinds.video.measures:frame_distance", False, "arXiv:1706.08500, eq. 6",
        "How far are single frames from those of real videos?",
        "0 is equal; compare with real videos. FD itself is of whole videos, how they move among it.",
        "Says nothing of motion: stills of good faces score well. Biased upwards with few samples.",
        through=("frames-random-conv-v1",),
    ),
    Metric(
        "flicker", SAMPLES, "evaluation.kinds.video.measures:flickering", None, "",
        "Do successive frames differ as much as in real videos?",
        "The mean difference of successive frames over that of real videos: 1 is alike, above 1 flickers, below 1 is too "
        "still.",
        "A mean: videos that flicker and others that stand still cancel. The rate of frames moves it.",
        through=("clip-facts-v1",),
    ),
    Metric(
        "frames read right", LABELS, "evaluation.kinds.video.measures:by_frame", True, "",
        "Does the emotion show in each frame in which it should?",
        "The share of frames read as the emotion asked for, of those at which at least half of the video's highest "
        "intensity was; compare with real videos.",
        "Where no curve is known every frame counts, also those before an onset.",
        through=("clip-facts-v1",),
    ),
    Metric(
        "curve agreement", LABELS, "evaluation.kinds.video.measures:curve_agreement", True, "",
        "Does the emotion come and go when it was asked to?",
        "The correlation over time of the intensity asked for and the strength read, averaged over videos; compare with "
        "real videos.",
        "Of videos whose curve moves alone; blind to how strong the strongest moment is. Neutral faces are left out.",
        through=("clip-facts-v1",),
    ),
)  # fmt: skip
