"""The metrics of images alone, one record each."""

from __future__ import annotations

from evaluation.metrics.record import FEATURES, SAMPLES, Metric, PairMetric

METRICS = (
    Metric(
        "KD rbf-10", FEATURES, "evaluation.kinds.image.measures:kernel_rbf_10", False, "arXiv:2401.09603 (CMMD)",
        "How far are fakes from real images, by the directions of their features?",
        "0 is equal, and it may fall a little below; it has no bias in n.",
        "Made for the features of clip. CMMD has those of a larger CLIP (ViT-L/14), so that its figures are others.",
        by_default=False,
    ),
    Metric(
        "fine detail", SAMPLES, "evaluation.kinds.image.measures:levels", None, "Mallat 1989 (Haar wavelet)",
        "Are images more blurred than real ones, or noisier?",
        "The level of what differs between neighbouring pixels, in dB above real images: 0 is alike, below 0 is blur, "
        "above 0 is noise.",
        "Resizing and JPEG on one side move it; a mean, so that noise in some images and blur in others cancel.",
        through=("image-levels-v1",),
    ),
    Metric(
        "noise level", SAMPLES, "evaluation.kinds.image.measures:levels", None, "Donoho & Johnstone 1994, section 4.2",
        "Is there more noise in images than in real ones?",
        "The level of the noise between edges, in dB above real images: 0 is alike, above 0 is noise or grain.",
        "Fine texture counts as noise; resizing on one side moves it.",
        through=("image-levels-v1",),
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
        "FWD", SAMPLES, "evaluation.kinds.image.measures:wavelet_distance", False, "arXiv:2312.15289",
        "How far are fakes from real images in each band of detail?",
        "The Fréchet distance of Haar wavelet packets, averaged over 256 bands: 0 is equal; needs no network.",
        "Looks at images at 32x32 pixels, so that finer detail is left to fine detail; biased upwards with few samples.",
        through=("wavelet-packets-v1",),
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
PAIR_METRICS = (
    PairMetric(
        "PSNR", "evaluation.kinds.image.pairs:psnr", True,
        "The mean over pairs of 10 log10 (1 / mean square of the difference), in dB: higher is nearer.",
        "Equal images count as 100 dB.",
    ),
    PairMetric(
        "SSIM", "evaluation.kinds.image.pairs:ssim", True,
        "The mean structural similarity of pairs (Wang et al. 2004): 1 is equal.", "Gaussian window of 11 pixels.",
    ),
    PairMetric(
        "LPIPS", "evaluation.kinds.image.pairs:seen_distance", False,
        "The mean perceptual distance of pairs (arXiv:1801.03924): 0 is equal.", model="lpips",
    ),
    PairMetric(
        "random feature distance", "evaluation.kinds.image.pairs:seen_distance", False,
        "The mean distance of pairs in features of fixed random weights, LPIPS without its last layers: 0 is equal.",
        "Sees edges and textures, and no objects.", model="random-levels-v1",
    ),
    PairMetric(
        "learnt feature distance", "evaluation.kinds.image.pairs:seen_distance", False,
        "The mean distance of pairs in features of EfficientNet-Lite0, LPIPS without its last layers: 0 is equal.",
        model="lite0-levels",
    ),
)  # fmt: skip
