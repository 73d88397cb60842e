"""The metrics of images alone, one record each."""

from __future__ import annotations

from evaluation.metrics.record import FEATURES, SAMPLES, Metric

METRICS = (
    Metric(
        "KD rbf-10", FEATURES, "evaluation.kinds.image.measures:kernel_rbf_10", False, "arXiv:2401.09603 (CMMD)",
        "How far are fakes from real images, by the directions of their features?",
        "0 is equal, and it may fall a little below; it has no bias in n.",
        "Made for the features of clip. CMMD has those of a larger CLIP (ViT-L/14), so that its figures are others.",
        by_default=False,
    ),
    Metric(
        "MiFD", FEATURES, "evaluation.kinds.image.measures:memorisation_informed", False, "arXiv:2106.03062 (MiFID)",
        "How far is the distribution of fakes from that of real images, if copies pay for it?",
        "FD, over the mean cosine distance of fakes to their nearest real image where that is below 0.1: the note says it.",
        "0.1 is a threshold for Inception features; others pay always or never. Copies that are few, or lower FD as much as "
        "they lower that distance, do not raise it. Looks among as many real images as fakes.",
        caution="evaluation.metrics.frechet:too_few", by_default=False,
    ),
    Metric(
        "MS-SSIM", SAMPLES, "evaluation.kinds.image.measures:ms_ssim", False,
        "Wang et al. 2003, eq. 7; arXiv:1610.09585, section 4.2",
        "How alike are two images of the same label?",
        "The mean structural similarity of two images of a label; above that of real images, they are too alike.",
        "Flat backgrounds alone make images alike; blind to changes of colour.",
        alone=True,
    ),
    Metric(
        "LPIPS diversity", SAMPLES, "evaluation.kinds.image.measures:lpips", True, "arXiv:1801.03924, eq. 1",
        "How different do two images of the same label look?",
        "The mean perceptual distance of two images; compare with that of real images.",
        "Needs the weights of lpips; noise is distance too.",
        alone=True,
    ),
)  # fmt: skip
