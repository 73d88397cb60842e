"""The metrics: one record each. Every figure of a report is made through its record."""

from __future__ import annotations

from dataclasses import dataclass

from multigan.errors import ConfigError
from multigan.registry import Registry, unknown_name

IMAGE, AUDIO, TEXT = "image", "audio", "text"
ALL = (IMAGE, AUDIO, TEXT)
REFERENCE_INCEPTION = "inception"
"""The only features that may be called FID, IS and KID."""
_INCEPTION_NAMES = {"FD": "FID", "FD infinity": "FID infinity", "KD": "KID", "classifier score": "IS"}


@dataclass(frozen=True)
class Metric:
    """What a metric answers, what it needs, which way is better, its paper and its traps."""

    name: str
    modalities: tuple[str, ...]
    looks_at: str
    """"features", "probabilities", "labels", "intensities", "training" (features of all training samples) or "samples"."""
    measured_by: str
    """The entry of ``evaluation.measures.MEASURES`` that computes it, perhaps with others."""
    higher_is_better: bool | None
    paper: str
    question: str
    """What it answers."""
    reading: str
    """One plain sentence on how to read it."""
    trap: str
    """What makes it mislead."""

    def named(self, modality: str, extractor: str) -> str:
        """The name of a figure: with its features where there is a choice (FD alone would say Inception)."""
        if self.looks_at not in ("features", "probabilities", "training"):
            return self.name
        if extractor == REFERENCE_INCEPTION and self.name in _INCEPTION_NAMES:
            return _INCEPTION_NAMES[self.name]
        name = self.name.replace("FD", "FAD") if modality == AUDIO else self.name
        return f"{name}[{extractor}]"


_TABLE = (
    Metric(
        "emotion accuracy", ALL, "labels", "accuracy", True, "arXiv:1807.09499, section 3 (GAN-test)",
        "Does the emotion that was asked for come through?",
        "The share of samples in which a classifier of real samples reads the emotion asked for; "
        "compare with that of real samples (the ceiling) and with chance (the floor).",
        "A classifier reads what it was trained on; a generator can satisfy it with one picture an emotion.",
    ),
    Metric(
        "balanced emotion accuracy", ALL, "labels", "accuracy", True, "Brodersen et al. 2010",
        "Does every emotion come through, rare ones as well as common ones?",
        "The mean over emotions of the share that is read right: a frequent emotion cannot hide a rare one that fails.",
        "Rare emotions have few samples, so the interval is wide.",
    ),
    Metric(
        "chance accuracy", ALL, "labels", "accuracy", None, "",
        "What would guessing give?",
        "The accuracy of guessing among the emotions: the floor of emotion accuracy.",
        "With uneven labels, always answering the commonest does better; the note of emotion accuracy says how well.",
    ),
    Metric(
        "calibration error", ALL, "labels", "calibration", False, "arXiv:1706.04599, eq. 3",
        "Is the classifier as sure of these samples as it is right?",
        "The gap between how sure the classifier is and how often it is right, 0 to 1; far above that of real samples, "
        "the samples are unlike what it knows.",
        "It judges classifier and samples together: read it beside that of real samples.",
    ),
    Metric(
        "intensity correlation", ALL, "intensities", "intensity", True, "Spearman 1904",
        "Does asking for a stronger emotion give one?",
        "The rank correlation of the intensity asked for and the one measured, within each emotion: 1 is perfect.",
        "Measured strength is itself read by a model of real samples: the figure of real samples is the ceiling.",
    ),
    Metric(
        "FD", ALL, "features", "frechet", False, "arXiv:1706.08500, eq. 6 (FAD: arXiv:1812.08466)",
        "How far is the distribution of fakes from that of real samples?",
        "0 is equal; only differences between sets of the same n, in the same features, mean anything.",
        "Biased upwards, the more the fewer samples; takes features as Gaussian; resizing and JPEG on one side move it.",
    ),
    Metric(
        "FD infinity", ALL, "features", "frechet_infinity", False, "arXiv:1911.07023",
        "What would the Fréchet distance be with endless samples?",
        "The Fréchet distance extrapolated to infinite n, so that the bias of few samples is taken out.",
        "An extrapolation: with few samples its interval is wide and, with n below 4 times the number of features, "
        "its value too high.",
    ),
    Metric(
        "KD", ALL, "features", "kernel", False, "arXiv:1801.01401, section 4",
        "How far are fakes from real samples, where samples are few?",
        "0 is equal, and it may fall a little below; unlike the Fréchet distance it has no bias in n.",
        "Its scale depends on the features; values near 0 are noise: look at the interval.",
    ),
    Metric(
        "classifier score", ALL, "probabilities", "inception_score", True, "arXiv:1606.03498, section 4",
        "Is each sample clearly of one class, and are all classes there?",
        "From 1 to the number of classes; compare with that of real samples.",
        "Blind to variety within a class and to real data altogether; other classes than Inception's are another score.",
    ),
    Metric(
        "precision", ALL, "features", "prdc", True, "arXiv:1904.06991, eq. 1 and 2",
        "Do fakes look like real samples?",
        "The share of fakes that lie among real samples; high precision with low recall is a mode collapse.",
        "One real outlier makes a large ball that lets in poor fakes (density does not mind); depends on n and k.",
    ),
    Metric(
        "recall", ALL, "features", "prdc", True, "arXiv:1904.06991, eq. 1 and 2",
        "Is every kind of real sample among the fakes?",
        "The share of real samples that lie among the fakes; low recall means that something is never generated.",
        "Fakes that are outliers raise it; depends on n and k.",
    ),
    Metric(
        "density", ALL, "features", "prdc", True, "arXiv:2002.09797, section 3",
        "Do fakes lie where real samples are dense?",
        "About 1 for fresh real samples; below, fakes lie in sparse places; above, they crowd in the commonest.",
        "Not bounded by 1, and above 1 is not better than real: read it with coverage.",
    ),
    Metric(
        "coverage", ALL, "features", "prdc", True, "arXiv:2002.09797, section 3",
        "Are there fakes near every real sample?",
        "The share of real samples with a fake nearby; fresh real samples reach about 0.97 with k = 5.",
        "Depends on n and k: compare at equal n.",
    ),
    Metric(
        "Vendi score", ALL, "features", "vendi", True, "arXiv:2210.02410, section 3",
        "How many different samples are there, in effect?",
        "The effective number of distinct samples, from 1 to n; compare with that of as many real samples.",
        "Variety of any kind counts, noise too; depends on n (1,000 at most). Features that all point much the same way, "
        "as random convolutions do, keep it near 1.",
    ),
    Metric(
        "pairwise distance", ALL, "features", "pairwise", True, "",
        "How different are two samples from one another?",
        "The mean distance of two samples in features; well below that of real samples means that they are alike.",
        "A mean: two tight modes far apart look varied.",
    ),
    Metric(
        "authenticity", ALL, "training", "authenticity", None, "arXiv:2102.08921, section 4.3",
        "Are fakes new, or copies of training samples?",
        "The share of fakes that are farther from their nearest training sample than that one is from its own neighbour; "
        "compare with real samples: copies bring it to 0.",
        "Fresh real samples score anywhere from a third to over 0.8, by features, so that 1 is no aim; "
        "features that see no detail find copies where there are none.",
    ),
    Metric(
        "nearest distance ratio", ALL, "training", "distance_ratio", None, "",
        "Are fakes nearer to training samples than fresh real samples are?",
        "Near 1: as far from training samples as real ones are; near 0: copies; well above 1: unlike the training data.",
        "A median: a few copies do not move it; look at the closest pairs.",
    ),
    Metric(
        "MS-SSIM", (IMAGE,), "samples", "ms_ssim", False, "Wang et al. 2003, eq. 7; arXiv:1610.09585, section 4.2",
        "How alike are two images of the same label?",
        "The mean structural similarity of two images of a label; above that of real images, they are too alike.",
        "Flat backgrounds alone make images alike; blind to changes of colour.",
    ),
    Metric(
        "LPIPS diversity", (IMAGE,), "samples", "lpips", True, "arXiv:1801.03924, eq. 1",
        "How different do two images of the same label look?",
        "The mean perceptual distance of two images; compare with that of real images.",
        "Needs the weights of lpips; noise is distance too.",
    ),
    Metric(
        "D self", (AUDIO,), "samples", "d_self", True, "arXiv:1802.04208, section 6.2",
        "How far is each clip from the nearest other clip of its set?",
        "The mean distance to the nearest other clip; well below that of real clips, clips repeat.",
        "Depends on n: compare at equal n.",
    ),
    Metric(
        "D train", (AUDIO,), "samples", "d_train", None, "arXiv:1802.04208, section 6.2",
        "How far is each clip from the nearest training clip?",
        "The mean distance to the nearest training clip: near 0 are copies, well above real clips unlike the data.",
        "Looks among as many real clips as fakes, so that copies of others are missed; depends on n.",
    ),
    Metric(
        "spectral diversity", (AUDIO,), "samples", "spectral_diversity", True, "",
        "How much do the spectra of clips differ?",
        "The spread over clips of each band's mean level, in dB, averaged over bands; compare with real clips.",
        "Loudness that varies counts too.",
    ),
    Metric(
        "silent clips", (AUDIO,), "samples", "audio_checks", False, "",
        "How many clips are silent?",
        "The share of clips that are below -60 dBFS in 95% of their frames or more.",
        "Real recordings may be silent too: compare.",
    ),
    Metric(
        "clipped clips", (AUDIO,), "samples", "audio_checks", False, "",
        "How many clips are overdriven?",
        "The share of clips in which more than 0.1% of the samples stand at full scale in runs of 3 or more.",
        "Loud masters clip as well: compare with real clips.",
    ),
    Metric(
        "DC offset", (AUDIO,), "samples", "audio_checks", False, "",
        "Do waveforms sit off the zero line?",
        "The mean absolute offset of clips as a share of full scale; 0 is right.",
        "Very low rumble counts as well.",
    ),
    *(
        Metric(
            f"BLEU-{n}", (TEXT,), "samples", "bleu", True, "Papineni et al. 2002; arXiv:1802.01886",
            f"Are the fakes' runs of up to {n} words found in real text?",
            "0 to 1, higher is more like real text; means nothing without self-BLEU beside it.",
            "One perfect sentence repeated scores highest; depends on number of references, smoothing and tokeniser.",
        )
        for n in (2, 3, 4, 5)
    ),
    *(
        Metric(
            f"self-BLEU-{n}", (TEXT,), "samples", "self_bleu", False, "arXiv:1802.01886",
            f"Do the fakes repeat each other's runs of up to {n} words?",
            "0 to 1, lower is more varied; compare with that of as many real texts.",
            "Noise scores best: read it with BLEU; depends on n.",
        )
        for n in (2, 3, 4, 5)
    ),
    *(
        Metric(
            f"distinct-{n}", (TEXT,), "samples", "distinct", True, "arXiv:1510.03055, section 5",
            f"How many different runs of {n} words are there, for their number?",
            "0 to 1; well below that of as many real texts, the fakes repeat themselves.",
            "Falls with n and with length: compare at equal n.",
        )
        for n in (1, 2, 3, 4)
    ),
    Metric(
        "MAUVE", (TEXT,), "features", "mauve", True, "arXiv:2102.01454, eq. 2",
        "How much do the distributions of fakes and real texts overlap?",
        "0 to 1, 1 is equal; wants about 5,000 samples a side and good features.",
        "Depends on n, features and the number of clusters: compare only within one report.",
    ),
    Metric(
        "perplexity", (TEXT,), "samples", "perplexity", None, "Jelinek et al. 1977",
        "How surprising are the fakes to a language model?",
        "Compare with real text: far above is odd, far below is dull or repeated text.",
        "Repeated text has the lowest perplexity; depends on the language model, here GPT-2, whose weights it needs.",
    ),
    Metric(
        "NLL-oracle", (TEXT,), "samples", "nll_oracle", False, "arXiv:1609.05473, eq. 9",
        "How likely are the fakes under the oracle that wrote the real sequences?",
        "In nats a token; compare with that of the oracle's own sequences. Only where --oracle is given.",
        "A collapse lowers it: one likely sequence repeated scores best.",
    ),
    Metric(
        "exact copies", (TEXT,), "samples", "copies", False, "",
        "How many fakes stand word for word in the training text?",
        "The share of verbatim copies; compare with that of fresh real text, where short sentences repeat too.",
        "Changing one word hides a copy: see the longest overlap.",
    ),
    Metric(
        "longest overlap", (TEXT,), "samples", "longest_overlap", None, "",
        "How much of a fake is one run of words of a training text?",
        "The mean share of a fake that its longest run found in training text makes up; compare with fresh real text.",
        "Short fakes overlap more.",
    ),
)  # fmt: skip
METRICS: Registry[Metric] = Registry("metric", {metric.name: metric for metric in _TABLE})


def chosen(names: tuple[str, ...] | None, modality: str, features: tuple[str, ...]) -> tuple[Metric, ...]:
    """The metrics of a modality that are asked for by name (any case; also FID, IS, KID, FAD), or all of them."""
    of_modality = {name: METRICS[name] for name in METRICS if modality in METRICS[name].modalities}
    if names is None:
        return tuple(of_modality.values())
    others = _other_names(modality)
    if not names:
        raise ConfigError(
            f"No metric is named. Name some of {', '.join(of_modality)}, or leave metrics out for all of them."
        )
    known = {name.lower(): name for name in (*of_modality, *others)}
    found = []
    for asked in names:
        name = known.get(asked.lower())
        if name is None:
            raise ConfigError(unknown_name(f"{modality} metric", asked, list(known.values())))
        metric = METRICS[others.get(name, name)]
        if modality == IMAGE and name in others and REFERENCE_INCEPTION not in features:
            chosen_features = (
                f"the features are {', '.join(features)}" if features else "no features were chosen"
            )
            raise ConfigError(
                f"{name} means Inception features with the reference preprocessing, and {chosen_features}. "
                f"Add --features {REFERENCE_INCEPTION}, or ask for {metric.name!r}, the same in other features."
            )
        found.append(metric)
    return tuple(dict.fromkeys(found))


def _other_names(modality: str) -> dict[str, str]:
    """What some metrics are called beside their own names: FID, IS and KID of images, FAD of audio."""
    if modality == IMAGE:
        return {short: name for name, short in _INCEPTION_NAMES.items()}
    if modality == AUDIO:
        return {name.replace("FD", "FAD"): name for name in _INCEPTION_NAMES if name.startswith("FD")}
    return {}
