"""The metrics of sounds alone, one record each."""

from __future__ import annotations

from evaluation.metrics.record import SAMPLES, Metric, PairMetric

METRICS = (
    Metric(
        "D self", SAMPLES, "evaluation.kinds.audio.measures:d_self", True, "arXiv:1802.04208, section 6.2",
        "How far is each clip from the nearest other clip of its set?",
        "The mean distance to the nearest other clip; well below that of real clips, clips repeat.",
        "Depends on n: compare at equal n.",
        alone=True, through=("log-mel-frames-v1",),
    ),
    Metric(
        "D train", SAMPLES, "evaluation.kinds.audio.measures:d_train", None, "arXiv:1802.04208, section 6.2",
        "How far is each clip from the nearest training clip?",
        "The mean distance to the nearest training clip: near 0 are copies, well above real clips unlike the data.",
        "Looks among as many real clips as fakes, so that copies of others are missed; depends on n.",
        through=("log-mel-frames-v1",),
    ),
    Metric(
        "spectral diversity", SAMPLES, "evaluation.kinds.audio.measures:spectral_diversity", True, "",
        "How much do the spectra of clips differ?",
        "The spread over clips of each band's mean level, in dB, averaged over bands; compare with real clips.",
        "Loudness that varies counts too.",
        alone=True, through=("log-mel-v1",),
    ),
    Metric(
        "silent clips", SAMPLES, "evaluation.kinds.audio.measures:audio_checks", False, "",
        "How many clips are silent?",
        "The share of clips that are below -60 dBFS in 95% of their frames or more.",
        "Real recordings may be silent too: compare.",
        alone=True, through=("audio-checks-v1",),
    ),
    Metric(
        "clipped clips", SAMPLES, "evaluation.kinds.audio.measures:audio_checks", False, "",
        "How many clips are overdriven?",
        "The share of clips in which more than 0.1% of the samples stand at full scale in runs of 3 or more.",
        "Loud masters clip as well: compare with real clips.",
        alone=True, through=("audio-checks-v1",),
    ),
    Metric(
        "DC offset", SAMPLES, "evaluation.kinds.audio.measures:audio_checks", False, "",
        "Do waveforms sit off the zero line?",
        "The mean absolute offset of clips as a share of full scale; 0 is right.",
        "Very low rumble counts as well.",
        alone=True, through=("audio-checks-v1",),
    ),
    Metric(
        "high-frequency energy", SAMPLES, "evaluation.kinds.audio.measures:levels", None, "",
        "Do clips hiss more than real ones, or sound duller?",
        "The level of the upper octave of the spectrum, in dB above real clips: 0 is alike, above 0 is hiss, below 0 is "
        "dull.",
        "Loudness moves it too; a mean, so that hiss in some clips and dullness in others cancel.",
        through=("sound-levels-v1",),
    ),
    Metric(
        "noise floor", SAMPLES, "evaluation.kinds.audio.measures:levels", None, "",
        "Is there more noise than in real clips where they are quiet?",
        "The level that the quietest tenth of a clip stays under, in dB above real clips: above 0 is noise or hum.",
        "Sounds that never pause have no quiet tenth: there it is the level of the sound itself.",
        through=("sound-levels-v1",),
    ),
    Metric(
        "pitch distance", SAMPLES, "evaluation.kinds.audio.measures:pitch_distance", False, "after arXiv:1802.06182",
        "Are fakes as high and as low as real clips are?",
        "How far pitches must be moved for both to have them equally often, in semitones: 0 is equal, 12 an octave.",
        "Biased upwards, the more the fewer clips; long clips count more; of several voices one is heard.",
        by_default=False,
    ),
    Metric(
        "voiced share", SAMPLES, "evaluation.kinds.audio.measures:voiced_share", None, "arXiv:1802.06182",
        "How much of the sound has a pitch?",
        "The share of frames with a pitch; well below that of real clips, voices are hoarse, noisy or silent.",
        "Silence and consonants have none either: compare with real clips.",
        alone=True, by_default=False,
    ),
    Metric(
        "mean pitch", SAMPLES, "evaluation.kinds.audio.measures:pitches", None, "arXiv:1802.06182",
        "How high are voices?",
        "The geometric mean over frames with a pitch, in Hz; compare with real clips.",
        "A mean: two voices may make that of one between them; the network errs by an octave now and then.",
        alone=True, by_default=False,
    ),
    Metric(
        "pitch spread", SAMPLES, "evaluation.kinds.audio.measures:pitches", None, "arXiv:1802.06182",
        "How far apart are pitches?",
        "The standard deviation of pitch over frames, in semitones; well below that of real clips, all speak in one tone.",
        "Within and between clips together; errors of an octave raise it.",
        alone=True, by_default=False,
    ),
    *(
        Metric(
            f"DNSMOS {scale}", SAMPLES, "evaluation.kinds.audio.measures:dnsmos", True, "arXiv:2110.01763",
            question, f"The mean opinion from 1 (bad) to 5 that listeners would have of {what}; compare with real speech.",
            "Made for speech of a few seconds and the faults of noise suppressors: it knows no words, and other sounds, "
            "or speech cut short, mean little to it.",
            alone=True, by_default=False,
        )
        for scale, question, what in (
            ("SIG", "Does the voice itself sound good?", "the voice itself"),
            ("BAK", "Is there no noise around the voice?", "what is around the voice"),
            ("OVRL", "Does speech sound good as a whole?", "the speech as a whole"),
        )
    ),
)  # fmt: skip
PAIR_METRICS = (
    PairMetric(
        "SNR", "evaluation.kinds.audio.pairs:snr", True,
        "The mean over pairs of 10 log10 (power of the real clip / power of the difference), in dB: higher is nearer.",
        "Equal clips count as 100 dB.",
    ),
    PairMetric(
        "log-spectral distance", "evaluation.kinds.audio.pairs:log_spectral_distance", False,
        "The mean distance of the log spectra of pairs (arXiv:1708.00853, section 4): 0 is equal.",
        "Frames of 2,048 samples.",
    ),
)  # fmt: skip
