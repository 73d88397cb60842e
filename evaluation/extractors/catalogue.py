"""Every extractor by name: what it sees, which files it needs, and its paper. Loaded when first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from evaluation.extractors.protocol import Extractor
from evaluation.extractors.weights import WeightFile, locate
from multigan.errors import ConfigError
from multigan.registry import Registry, unknown_name


@dataclass(frozen=True)
class ExtractorRecord:
    """A network that samples are measured with, and how it is loaded."""

    name: str
    modality: str
    load: str
    """"module:function" of ``(device, files) -> Extractor``; ``files`` maps the name of each weight file to its path."""
    weights: tuple[WeightFile, ...]
    """All of one repository, or a single one from elsewhere; nothing where it needs no files."""
    paper: str
    preprocessing: str
    note: str = ""


def load_extractor(name: str, modality: str, device: torch.device, weights: Path | None = None) -> Extractor:
    """The extractor ``name`` for samples of ``modality``; ``weights`` is a file or folder that holds its files.

    ConfigError for a name that is not known, one of another modality, and for files that are missing or not the right ones.
    """
    fitting = [known for known in EXTRACTORS if EXTRACTORS[known].modality == modality]
    if name in EXTRACTORS and name not in fitting:
        raise ConfigError(
            f"The extractor {name!r} is for {EXTRACTORS[name].modality}, not for {modality}; "
            f"for {modality} there are {', '.join(fitting)}."
        )
    if name not in EXTRACTORS:
        raise ConfigError(unknown_name(f"{modality} extractor", name, fitting))
    return load_model(EXTRACTORS[name], device, weights)


def load_model(record: ExtractorRecord, device: torch.device, weights: Path | None = None) -> Any:
    """What ``record.load`` makes of its checked files."""
    if device.type == "cuda":  # else convolutions keep ten bits, and features would not be those of a CPU
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    module, _, function = record.load.partition(":")
    files = locate(record, weights)
    return getattr(importlib.import_module(module), function)(device, files)


def _repository(
    repository: str, revision: str, licence: str, files: Mapping[str, tuple[str | None, int | None]]
) -> tuple[WeightFile, ...]:
    """Files of a Hugging Face repository, given as name -> (SHA-256, size)."""
    return tuple(
        WeightFile(name, name, sha256, size_bytes, repository, licence, revision)
        for name, (sha256, size_bytes) in files.items()
    )


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
DINOV2 = _repository(
    "facebook/dinov2-large", "47b73eefe95e8d44ec3623f8890bd894b6ea2d6c", "Apache-2.0", {
        "config.json": ("12df51c069a2dc1305e34ba71ef58bc2407ea553b75f4722a1715c1bce3bbed0", 549),
        "model.safetensors": ("399fba97a95f22c36834418bc69373364a99af3a1153da1c0fb31db567c92e23", 1_217_522_888),
    },
)  # fmt: skip
CLIP = _repository(
    "openai/clip-vit-base-patch32", "b33cedfd0df4e43b8238760678fcc89e1a0d38b3", "MIT", {
        "config.json": ("b575ef3c36f2a057fa19e221650105052d61cc9c1a972ec15019c6261ec98770", 4_186),
        "model.safetensors": ("99d28a652e6ec46629ab7047a0ac82c69b1fe11e0ce672c43af65d3a9a3fc05d", 605_157_884),
    },
)  # fmt: skip
CLAP = _repository(
    "laion/clap-htsat-unfused", "79b58ed25fc00386262a2bea4b19fd21dc4310a0", "Apache-2.0", {
        "config.json": (None, None), "preprocessor_config.json": (None, None), "model.safetensors": (None, None),
    },
)  # fmt: skip
WAV2VEC2 = _repository(
    "facebook/wav2vec2-base-960h", "22aad52d435eb6dbaf354bdad9b0da84ce7d6156", "Apache-2.0", {
        "config.json": ("d3ec255c063d9f95057b553b19c20135b259875834a4fe9deb218a6be25b4cf3", 1_596),
        "preprocessor_config.json": ("b225d617c025463b9e157e06afea8b90dc7078fc70b013c533328423e0486b4a", 159),
        "model.safetensors": ("8aa76ab2243c81747a1f832954586bc566090c83a0ac167df6f31f0fa917d74a", 377_607_901),
    },
)  # fmt: skip
ENCODEC = _repository(
    "facebook/encodec_24khz", "c1dbe2ae3f1de713481a3b3e7c47f357092ee040", "not declared", {
        "config.json": (None, None), "model.safetensors": (None, None),
    },
)  # fmt: skip
SENTENCE = _repository(
    "sentence-transformers/all-MiniLM-L6-v2", "1110a243fdf4706b3f48f1d95db1a4f5529b4d41", "Apache-2.0", {
        "config.json": ("953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41", 612),
        "tokenizer.json": ("be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037", 466_247),
        "tokenizer_config.json": ("acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b", 350),
        "model.safetensors": ("53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db", 90_868_376),
    },
)  # fmt: skip
GPT2 = _repository(
    "openai-community/gpt2", "607a30d783dfa663caf39e06633721c8d4cfcd7e", "MIT", {
        "config.json": ("0daed7749b4f02b8f76240d5444551d7b08712dab4d0adb8239c56ba823bb7b4", 665),
        "tokenizer.json": ("8414cab924d8b9b33013f0d221c5862f365ee9be39c5c2bfae8a5a9e970478a6", 1_355_256),
        "tokenizer_config.json": ("5e04eb606e3a1583530a42e36c2a6b6615c86f34fe77e44d9ddeb43ff940931f", 26),
        "model.safetensors": ("248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707", 548_105_171),
    },
)  # fmt: skip

_INCEPTION = ExtractorRecord(
    "inception", "image", "evaluation.extractors.inception:load", INCEPTION, "arXiv:1512.00567; FID: arXiv:1706.08500",
    "bilinear to 299x299 without antialiasing, bit for bit as torch-fidelity",
    "The only features whose figures are called FID, IS and KID.",
)  # fmt: skip
_TABLE = (
    ExtractorRecord(
        "random-conv-v1", "image", "evaluation.extractors.random_features:load", (), "after arXiv:2002.09797, section 4.1.1",
        "area means to 32x32", "Fixed random weights: nothing to fetch.",
    ),
    _INCEPTION,
    replace(
        _INCEPTION, name="inception-clean", load="evaluation.extractors.inception:load_clean",
        paper="arXiv:1512.00567; clean-fid: arXiv:2104.11222",
        preprocessing="PIL bicubic to 299x299 on floats, as clean-fid",
        note="Its Fréchet distance is the clean-fid of the literature.",
    ),
    replace(
        _INCEPTION, name="inception-bf16", load="evaluation.extractors.inception:load_bfloat16",
        note="The network in bfloat16: about twice as fast, features 0.4% away; not to be compared with inception.",
    ),
    ExtractorRecord(
        "dinov2", "image", "evaluation.extractors.vision:load_dinov2", DINOV2, "arXiv:2304.07193; FD: arXiv:2306.04675",
        "PIL bicubic to 224x224, stretched", "Nearer to people's judgement than Inception (arXiv:2306.04675).",
    ),
    ExtractorRecord(
        "clip", "image", "evaluation.extractors.vision:load_clip", CLIP, "arXiv:2103.00020; FD: arXiv:2203.06026",
        "PIL bicubic, shorter side to 224, centre 224x224", "Its weights lie in a pull request of the repository.",
    ),
    ExtractorRecord(
        "log-mel-v1", "audio", "evaluation.extractors.log_mel:load_log_mel", (), "", "log-mel spectrogram",
        "Statistics of the spectrogram: nothing to fetch.",
    ),
    ExtractorRecord(
        "clap", "audio", "evaluation.extractors.sound:Clap", CLAP, "arXiv:2211.06687", "48 kHz, windows of 10 s",
        "Its weights lie in a pull request of the repository.",
    ),
    ExtractorRecord(
        "wav2vec2", "audio", "evaluation.extractors.sound:Wav2vec2", WAV2VEC2,
        "arXiv:2006.11477; FAD: arXiv:2311.01616", "16 kHz", "For speech; trained further to recognise it.",
    ),
    ExtractorRecord(
        "encodec", "audio", "evaluation.extractors.sound:Encodec", ENCODEC,
        "arXiv:2210.13438; FAD: arXiv:2311.01616", "24 kHz", "Hears sound quality more than content.",
    ),
    ExtractorRecord(
        "hashed-ngrams-v1", "text", "evaluation.extractors.hashed_ngrams:load", (), "arXiv:0902.2206",
        "tokens and characters", "Hashed counts of n-grams: nothing to fetch.",
    ),
    ExtractorRecord(
        "sentence", "text", "evaluation.extractors.sentence:load", SENTENCE, "arXiv:1908.10084; arXiv:2002.10957",
        "its own tokeniser, at most 256 tokens", "English.",
    ),
    ExtractorRecord(
        "gpt2-state", "text", "evaluation.extractors.language_model:load_states", GPT2,
        "Radford et al. 2019; MAUVE: arXiv:2102.01454", "its own tokeniser", "MAUVE's own kind of features. English.",
    ),
)  # fmt: skip
_MODELS = (
    ExtractorRecord(
        "log-mel-frames-v1", "audio", "evaluation.extractors.log_mel:load_log_mel_frames", (), "after arXiv:1802.04208",
        "log-mel spectrogram of the first second", "What |D|self and |D|train compare: nothing to fetch.",
    ),
    ExtractorRecord(
        "audio-checks-v1", "audio", "evaluation.extractors.audio_checks:load", (), "", "none",
        "Silence, clipping and offset of a clip: nothing to fetch.",
    ),
    ExtractorRecord(
        "gpt2", "text", "evaluation.extractors.language_model:load", GPT2, "Radford et al. 2019", "its own tokeniser",
        "The language model of perplexity.",
    ),
    ExtractorRecord(
        "lpips", "image", "evaluation.extractors.lpips:load", ALEXNET, "arXiv:1801.03924", "none",
        "A distance of two images; torchmetrics holds the weights of its last layers.",
    ),
)  # fmt: skip

EXTRACTORS: Registry[ExtractorRecord] = Registry("extractor", {record.name: record for record in _TABLE})
MODELS: Registry[ExtractorRecord] = Registry("model", {record.name: record for record in _MODELS})
"""What is no choice of features: what single metrics look through, a language model, and a distance."""
