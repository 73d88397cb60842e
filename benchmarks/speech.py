"""What the figures of speech say of recordings: the section on speech in benchmarks/HISTORY.md.

    python benchmarks/speech.py FOLDER [--n 20]

FOLDER has a labels.csv with the columns file, speaker and digit, such as the Free Spoken Digit Dataset, which is not part of
this repository. The weights come by pip, as docs/evaluation.md says. DNSMOS hears n clips of each speaker.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.catalogue import load_extractor
from evaluation.extractors.dnsmos import SCALES
from evaluation.extractors.protocol import features_of
from evaluation.extractors.record import load_model
from evaluation.kinds.audio import AUDIO
from evaluation.metrics.audio import estimate_mean
from evaluation.metrics.pitch import (
    estimate_mean_pitch,
    estimate_pitch_distance,
    estimate_pitch_spread,
    estimate_voiced_share,
)
from multigan.reading.audio import Clip, read_clip

CPU = torch.device("cpu")
N_CLIPS, N_ASKED, N_NEAREST = 1_500, 600, 10


def drawn(folder):
    """Clips, speakers and digits in an order drawn with seed 0."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = [rows[place] for place in np.random.default_rng(0).permutation(len(rows))[:N_CLIPS]]
    clips = [read_clip(folder / row["file"]) for row in rows]
    return clips, np.array([row["speaker"] for row in rows]), np.array([row["digit"] for row in rows])


def noisy(clip, decibels, random):
    """With white noise so far under it."""
    level = np.sqrt(np.mean(np.square(clip.waveform))) * 10 ** (-decibels / 20)
    noise = random.normal(0, level, len(clip.waveform))
    return Clip((clip.waveform + noise).clip(-1, 1).astype(np.float32), clip.rate_hz)


def higher(clip, semitones):
    """Played faster."""
    return Clip(clip.waveform, round(clip.rate_hz * 2 ** (semitones / 12)))


def told(features, labels, apart=None):
    """The share of the first clips whose label most of the nearest others have; ``apart``: of another one of these only."""
    asked, others = np.split(features.astype(np.float64), [N_ASKED])
    distance = (asked**2).sum(1)[:, None] + (others**2).sum(1) - 2 * asked @ others.T
    if apart is not None:
        distance[apart[:N_ASKED, None] == apart[None, N_ASKED:]] = np.inf
    nearest = labels[N_ASKED:][np.argsort(distance, axis=1, kind="stable")[:, :N_NEAREST]]
    return np.mean(
        [Counter(row).most_common(1)[0][0] == label for row, label in zip(nearest, labels, strict=False)]
    )


def speakers_told(clips, speakers, digits):
    random = np.random.default_rng(1)
    asked = [noisy(clip, 6, random) for clip in clips[:N_ASKED]]
    print("| features | speaker | speaker, other digits | the same in noise 6 dB under | digit | s a clip |")
    print("|---|---|---|---|---|---|")
    for name in ("log-mel-v1", "speaker"):
        extractor = load_extractor(name, AUDIO, CPU)
        start = time.process_time()
        features = features_of(extractor, clips)
        seconds = (time.process_time() - start) / len(clips)
        mixed = np.concatenate([features_of(extractor, asked), features[N_ASKED:]])
        shares = (
            told(features, speakers), told(features, speakers, digits), told(mixed, speakers, digits), told(features, digits)
        )  # fmt: skip
        print(f"| {name} | {' | '.join(f'{share:.3f}' for share in shares)} | {seconds:.4f} |")


def shown(estimate, digits):
    interval = estimate.interval
    return f"{estimate.value:.{digits}f} ({interval.low:.{digits}f} to {interval.high:.{digits}f})"


def pitches(clips, speakers):
    crepe = load_model(AUDIO.record("crepe-tiny"), CPU)
    start = time.process_time()
    counts = features_of(crepe, clips).astype(np.float64)
    seconds = sum(len(clip.waveform) / clip.rate_hz for clip in clips)
    print(f"\nCREPE: {(time.process_time() - start) / seconds:.3f} s of processor time a second of sound\n")
    print("| clips | n | mean pitch, Hz | spread, semitones | voiced share | pitch distance to the others |")
    print("|---|---|---|---|---|---|")
    random = np.random.default_rng(2)
    sets = {name: (counts[speakers == name], counts[speakers != name]) for name in sorted(set(speakers))}
    half = len(clips) // 2
    part = slice(half, half + 300)
    sets["all, one half beside the other"] = counts[:half], counts[half:]
    heard = {
        "300 clips": counts[part],
        "played 2 semitones higher": features_of(crepe, [higher(clip, 2) for clip in clips[part]]),
        "in noise 6 dB under": features_of(crepe, [noisy(clip, 6, random) for clip in clips[part]]),
    }
    sets |= {name: (own.astype(np.float64), counts[:half]) for name, own in heard.items()}
    for name, (own, others) in sets.items():
        figures = (
            shown(estimate_mean_pitch(own), 0), shown(estimate_pitch_spread(own), 2),
            shown(estimate_voiced_share(own), 3), shown(estimate_pitch_distance(others, own), 2),
        )  # fmt: skip
        print(f"| {name} | {len(own)} | {' | '.join(figures)} |")


def opinions(clips, speakers, n):
    dnsmos = load_model(AUDIO.record("dnsmos"), CPU)
    random = np.random.default_rng(3)
    names = sorted(set(speakers))
    sets = {name: [clips[place] for place in np.flatnonzero(speakers == name)[:n]] for name in names}
    sets["all"] = [clip for own in sets.values() for clip in own]
    for decibels in (20, 6):
        sets[f"all in noise {decibels} dB under"] = [noisy(clip, decibels, random) for clip in sets["all"]]
    sets["noise alone"] = [Clip(random.normal(0, 0.1, 8_000).astype(np.float32), 16_000) for _ in range(n)]
    print(f"\n| clips | n | {' | '.join(SCALES)} | s a clip |")
    print("|---|---|---|---|---|---|")
    for name, chosen in sets.items():
        start = time.process_time()
        scores = features_of(dnsmos, chosen).astype(np.float64)
        seconds = (time.process_time() - start) / len(chosen)
        figures = " | ".join(shown(estimate_mean(scores[:, place]), 2) for place in range(3))
        print(f"| {name} | {len(chosen)} | {figures} | {seconds:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--n", type=int, default=20)
    arguments = parser.parse_args()
    clips, speakers, digits = drawn(arguments.folder)
    speakers_told(clips, speakers, digits)
    pitches(clips, speakers)
    opinions(clips, speakers, arguments.n)


if __name__ == "__main__":
    main()
