"""The metrics of texts alone, one record each."""

from __future__ import annotations

from evaluation.metrics.record import FEATURES, SAMPLES, Metric

METRICS = (
    *(
        Metric(
            f"BLEU-{n}", SAMPLES, "evaluation.kinds.text.measures:bleu", True, "Papineni et al. 2002; arXiv:1802.01886",
            f"Are the fakes' runs of up to {n} words found in real text?",
            "0 to 1, higher is more like real text; means nothing without self-BLEU beside it.",
            "One perfect sentence repeated scores highest; depends on number of references, smoothing and tokeniser.",
        )
        for n in (2, 3, 4, 5)
    ),
    *(
        Metric(
            f"self-BLEU-{n}", SAMPLES, "evaluation.kinds.text.measures:self_bleu", False, "arXiv:1802.01886",
            f"Do the fakes repeat each other's runs of up to {n} words?",
            "0 to 1, lower is more varied; compare with that of as many real texts.",
            "Noise scores best: read it with BLEU; depends on n.",
            alone=True,
        )
        for n in (2, 3, 4, 5)
    ),
    *(
        Metric(
            f"distinct-{n}", SAMPLES, "evaluation.kinds.text.measures:distinct", True, "arXiv:1510.03055, section 5",
            f"How many different runs of {n} words are there, for their number?",
            "0 to 1; well below that of as many real texts, the fakes repeat themselves.",
            "Falls with n and with length: compare at equal n.",
            alone=True,
        )
        for n in (1, 2, 3, 4)
    ),
    Metric(
        "MAUVE", FEATURES, "evaluation.kinds.text.measures:mauve", True, "arXiv:2102.01454, eq. 2",
        "How much do the distributions of fakes and real texts overlap?",
        "0 to 1, 1 is equal; wants about 5,000 samples a side and good features.",
        "Depends on n, features and the number of clusters: compare only within one report.",
        wants=5_000,
    ),
    Metric(
        "perplexity", SAMPLES, "evaluation.kinds.text.measures:perplexity", None, "Jelinek et al. 1977",
        "How surprising are the fakes to a language model?",
        "Compare with real text: far above is odd, far below is dull or repeated text.",
        "Repeated text has the lowest perplexity; depends on the language model, here GPT-2, whose weights it needs.",
        alone=True,
    ),
    Metric(
        "NLL-oracle", SAMPLES, "evaluation.kinds.text.measures:nll_oracle", False, "arXiv:1609.05473, eq. 9",
        "How likely are the fakes under the oracle that wrote the real sequences?",
        "In nats a token; compare with that of the oracle's own sequences. Only where --oracle is given.",
        "A collapse lowers it: one likely sequence repeated scores best.",
        alone=True,
    ),
    Metric(
        "exact copies", SAMPLES, "evaluation.kinds.text.measures:copies", False, "",
        "How many fakes stand word for word in the training text?",
        "The share of verbatim copies; compare with that of fresh real text, where short sentences repeat too.",
        "Changing one word hides a copy: see the longest overlap.",
        searches=True,
    ),
    Metric(
        "longest overlap", SAMPLES, "evaluation.kinds.text.measures:longest_overlap", None, "",
        "How much of a fake is one run of words of a training text?",
        "The mean share of a fake that its longest run found in training text makes up; compare with fresh real text.",
        "Short fakes overlap more.",
        searches=True,
    ),
)  # fmt: skip
