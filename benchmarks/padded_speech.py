"""What following the data does for recordings with silence around them: spoken digits in noise, before and after.

    python benchmarks/padded_speech.py FSDD [--under peak|full-scale] [--keep FOLDER]

The first 18 takes of the Free Spoken Digit Dataset, a second of white noise before and after each, 50 dB under the clip's
peak or under full scale (seed 0). A slice is empty where its loudest 20 ms lie 20 dB under the loudest of its file. The
accuracy is that with which the evaluation's classifier, trained on the training slices, reads the digit of held-out ones.
``--keep`` writes the padded recordings to a folder that a recipe can be run on, and does nothing else.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.options import Options
from evaluation.pipeline import evaluate_samples
from evaluation.samples import Samples
from evaluation.sources import of_media
from multigan.audio.data import AudioArrays, open_audio
from multigan.reading.audio import peak_of, read_clip
from recipes.settings import load_recipe

RATE_HZ, TAKES, UNDER_DB = 8_000, 18, 50


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("fsdd", type=Path)
    parser.add_argument("--under", choices=("peak", "full-scale"), default="peak")
    parser.add_argument("--keep", type=Path)
    words = parser.parse_args()
    if words.keep:
        words.keep.mkdir()
        pad(words.fsdd, words.keep, words.under == "peak")
        return
    data = replace(load_recipe("emotive-audio", real_data=True).data, label=["digit"], split="split=test")
    before = replace(data, n_samples=16_384, trim_db=60.0)
    with tempfile.TemporaryDirectory() as folder:
        pad(words.fsdd, Path(folder), words.under == "peak")
        for name, settings in (("before", before), ("following the data", data)):
            begun = time.process_time()
            splits = open_audio(settings, Path(folder), lambda *told: None)
            train, held_out = splits.train, splits.held_out
            report, _ = evaluate_samples(
                samples(train), {"held-out": samples(held_out)}, None, Options(metrics=("emotion accuracy",))
            )
            read = report.figure("emotion accuracy")
            print(
                f"{name}: {train.sample_shape[1]:,} samples, {len(train):,} + {len(held_out):,} slices, "
                f"empty {np.mean([*empty(train), *empty(held_out)]):.3f}, accuracy {read.value:.3f} "
                f"({read.low:.3f} to {read.high:.3f}, n = {read.n}), {time.process_time() - begun:.0f} s"
            )
            print(*(f"  {note}" for note in splits.notes), sep="\n")


def pad(fsdd: Path, folder: Path, under_peak: bool) -> None:
    """The takes in noise, and their table."""
    random = np.random.default_rng(0)
    with (fsdd / "labels.csv").open() as table, (folder / "labels.csv").open("w") as padded:
        padded.write("file,digit,split\n")
        for row in csv.DictReader(table):
            if int(row["index"]) < TAKES:
                sound = read_clip(fsdd / row["file"]).waveform
                level = 10 ** (-UNDER_DB / 20) * (peak_of(sound) if under_peak else 1)
                before, after = random.normal(0, level, (2, RATE_HZ)).astype(np.float32)
                path = (folder / row["file"]).with_suffix(".wav")
                path.parent.mkdir(exist_ok=True)
                soundfile.write(path, np.concatenate([before, sound, after]), RATE_HZ, subtype="FLOAT")
                padded.write(f"{path.relative_to(folder)},{row['digit']},{row['split']}\n")


def empty(slices: AudioArrays) -> list[bool]:
    """Whether each slice has nothing of what is loud in its file."""
    size = slices.rate_hz // 50
    n = slices.sample_shape[1] // size * size
    loudest, of_file = [], defaultdict(list)
    for place, name in enumerate(slices.names):
        blocks = slices.original(place).waveform[:n].reshape(-1, size)
        loudest.append(float(np.square(blocks, dtype=np.float64).mean(1).max()))
        of_file[name.partition("@")[0]].append(loudest[-1])
    return [
        level < max(of_file[name.partition("@")[0]]) / 100
        for level, name in zip(loudest, slices.names, strict=True)
    ]


def samples(slices: AudioArrays) -> Samples:
    assert slices.classes is not None
    labels = [slices.labels[number] for number in slices.classes]
    return of_media("audio", slices.names, slices.original, source=f"{len(slices)} slices", labels=labels)


if __name__ == "__main__":
    main()
