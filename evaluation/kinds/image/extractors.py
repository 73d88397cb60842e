"""The extractors of images: what each sees, which files it needs, and its paper."""

from __future__ import annotations

from dataclasses import replace

from evaluation.extractors.record import ExtractorRecord, repository_files
from multigan.pretrained.records import LITE0
from multigan.pretrained.weights import WeightFile

# SHA-256 and sizes are those that several independent publications agree on; where none was found, none stands here

INCEPTION = (
    WeightFile(
        "weights",
        "weights-inception-2015-12-05-6726825d.pth",
        "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
        95_628_359,
        "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
        "Apache-2.0",
    ),
)
ALEXNET = (
    WeightFile(
        "weights",
        "alexnet-owt-7be5be79.pth",
        "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
        244_408_911,
        "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
        "BSD-3-Clause",
    ),
)
DINOV2 = repository_files(
    "facebook/dinov2-large", "47b73eefe95e8d44ec3623f8890bd894b6ea2d6c", "Apache-2.0", {
        "config.json": ("12df51c069a2dc1305e34ba71ef58bc2407ea553b75f4722a1715c1bce3bbed0", 549),
        "model.safetensors": ("399fba97a95f22c36834418bc69373364a99af3a1153da1c0fb31db567c92e23", 1_217_522_888),
    },
)  # fmt: skip
CLIP = repository_files(
    "openai/clip-vit-base-patch32", "b33cedfd0df4e43b8238760678fcc89e1a0d38b3", "MIT", {
        "config.json": ("b575ef3c36f2a057fa19e221650105052d61cc9c1a972ec15019c6261ec98770", 4_186),
        "model.safetensors": ("99d28a652e6ec46629ab7047a0ac82c69b1fe11e0ce672c43af65d3a9a3fc05d", 605_157_884),
    },
)  # fmt: skip

_INCEPTION = ExtractorRecord(
    "inception", "evaluation.extractors.inception:load", INCEPTION, "arXiv:1512.00567; FID: arXiv:1706.08500",
    "bilinear to 299x299 without antialiasing, bit for bit as torch-fidelity",
    "The only features whose figures are called FID, IS and KID.",
)  # fmt: skip
_REFERENCE = replace(
    _INCEPTION, figure_names={
        "FD": "FID", "FD infinity": "FID infinity", "KD": "KID", "classifier score": "IS", "MiFD": "MiFID",
    },
    promise="Inception features with the reference preprocessing",
)  # fmt: skip
EXTRACTORS = (
    ExtractorRecord(
        "random-conv-v1", "evaluation.extractors.random_features:load", (), "after arXiv:2002.09797, section 4.1.1",
        "area means to 32x32", "Fixed random weights: nothing to fetch.",
    ),
    ExtractorRecord(
        LITE0.name, "evaluation.extractors.efficientnet:load", LITE0.weights, "arXiv:1905.11946",
        "PIL bicubic to 224x224, stretched", "Has learnt the classes of ImageNet; small enough for a CPU.", beside=True,
    ),
    _REFERENCE,
    replace(
        _INCEPTION, name="inception-clean", load="evaluation.extractors.inception:load_clean",
        paper="arXiv:1512.00567; clean-fid: arXiv:2104.11222",
        preprocessing="PIL bicubic to 299x299 on floats, clipped, as clean-fid",
        note="Its Fréchet distance is the clean-fid of the literature.",
    ),
    replace(
        _INCEPTION, name="inception-bf16", load="evaluation.extractors.inception:load_bfloat16",
        note="The network in bfloat16: about twice as fast, features 0.4% away; not to be compared with inception.",
    ),
    ExtractorRecord(
        "dinov2", "evaluation.extractors.vision:load_dinov2", DINOV2, "arXiv:2304.07193; FD: arXiv:2306.04675",
        "PIL bicubic to 224x224, stretched", "Nearer to people's judgement than Inception (arXiv:2306.04675).",
    ),
    ExtractorRecord(
        "clip", "evaluation.extractors.vision:load_clip", CLIP, "arXiv:2103.00020; FD: arXiv:2203.06026",
        "PIL bicubic, shorter side to 224, centre 224x224", "Its weights lie in a pull request of the repository.",
    ),
)  # fmt: skip
LEVELS = ExtractorRecord(
    "image-levels-v1", "evaluation.extractors.levels:load_image_levels", (), "", "none",
    "What fine detail and noise level compare: nothing to fetch.",
)  # fmt: skip
PACKETS = ExtractorRecord(
    "wavelet-packets-v1", "evaluation.extractors.wavelet_packets:load", (), "arXiv:2312.15289", "area means to 32x32",
    "What FWD compares, 256 Haar packets of level 4: nothing to fetch.",
)  # fmt: skip
RANDOM_LEVELS = ExtractorRecord(
    "random-levels-v1", "evaluation.extractors.feature_distance:load_random", (), "after arXiv:1801.03924, eq. 1", "none",
    "A distance of two images through fixed random weights: nothing to fetch.",
)  # fmt: skip
LITE0_LEVELS = ExtractorRecord(
    "lite0-levels", "evaluation.extractors.feature_distance:load_lite0", LITE0.weights, "after arXiv:1801.03924, eq. 1",
    "none", "A distance of two images through the first levels of efficientnet-lite0.",
)  # fmt: skip
LPIPS = ExtractorRecord(
    "lpips", "evaluation.extractors.lpips:load", ALEXNET, "arXiv:1801.03924", "none",
    "A distance of two images; torchmetrics holds the weights of its last layers.",
)  # fmt: skip
