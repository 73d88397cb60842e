"""Measure one half of a real set against the other half, and against a spoilt copy of that, for each set of the data kit.

    python benchmarks/real_data.py --data ../shared/data --out benchmarks/results/evaluation

Folders are made in a temporary place and measured by the ``multigan evaluate`` command; each report.json is kept. ``--page``
makes the example page of the documentation instead: faces of the vendors whose licence is CC BY 4.0.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image, ImageFilter

SEED = 0
SETS = ("faces", "digits", "soundscapes", "texts")
CC_BY = ("twemoji", "emojitwo", "fxemoji")
ATTRIBUTION = (
    "The faces are from Twemoji (Twitter, Inc and other contributors), EmojiTwo (EmojiOne, EmojiTwo) and FxEmojis (Mozilla "
    "Foundation), all under CC BY 4.0; they were scaled and put on white, and those of B were blurred besides."
)
Rows = list[tuple[str, str]]
"""(file, label)."""


def listed(folder: Path, label: str, keep: Callable[[dict[str, str]], bool] = lambda row: True) -> Rows:
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        return [(row["file"], row[label]) for row in csv.DictReader(stream) if keep(row)]


def halves(rows: Rows) -> tuple[Rows, Rows]:
    order = np.random.default_rng(SEED).permutation(len(rows))
    n = len(rows) // 2
    return [rows[i] for i in order[:n]], [rows[i] for i in order[n : 2 * n]]


def copy(source: Path, rows: Rows, target: Path, spoil: Callable[[Path, Path], None] | None = None) -> None:
    target.mkdir()
    table = [("file", "label")]
    for file, label in rows:
        name = file.replace("/", "_")
        if spoil is None:
            shutil.copy(source / file, target / name)
        else:
            name = Path(name).with_suffix(".wav" if Path(name).suffix in (".flac", ".ogg") else ".png").name
            spoil(source / file, target / name)
        table.append((name, label))
    with (target / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(table)


def blurred(source: Path, target: Path) -> None:
    Image.open(source).convert("RGB").filter(ImageFilter.GaussianBlur(3)).save(target)


def noisy(source: Path, target: Path) -> None:
    """White noise 20 dB below the clip."""
    wave, rate_hz = soundfile.read(source)
    random_state = np.random.default_rng(len(wave))
    noise = 0.1 * np.sqrt(np.mean(wave**2)) * random_state.standard_normal(wave.shape)
    soundfile.write(target, np.clip(wave + noise, -1, 1), rate_hz)


def files(source: Path, label: str, spoil: Callable[[Path, Path], None], place: Path,
          keep: Callable[[dict[str, str]], bool] = lambda row: True) -> None:  # fmt: skip
    real, fake = halves(listed(source, label, keep))
    copy(source, real, place / "real")
    copy(source, fake, place / "half")
    copy(source, fake, place / "spoilt", spoil)


def texts(source: Path, place: Path) -> None:
    """Comments with one label, grouped into six emotions and neutral; the spoilt ones have their words shuffled."""
    names = (source / "emotions.txt").read_text(encoding="utf-8").split()
    groups = json.loads((source / "ekman_mapping.json").read_text(encoding="utf-8"))
    group_of = {name: group for group, members in groups.items() for name in members} | {"neutral": "neutral"}
    rows = []
    for line in (source / "train.tsv").read_text(encoding="utf-8").splitlines():
        text, labels, _ = line.split("\t")
        if "," not in labels:
            rows.append((text, group_of[names[int(labels)]]))
    real, fake = halves(rows)
    random_state = np.random.default_rng(SEED)
    shuffled = [(" ".join(random_state.permutation(text.split())), label) for text, label in fake]
    for name, part in (("real", real), ("half", fake), ("spoilt", shuffled)):
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("text", "emotion"), *part])


def evaluate(place: Path, modality: str, more: Sequence[str], environment: dict[str, str]) -> float:
    """Seconds that the command took."""
    suffix = ".csv" if modality == "text" else ""
    sets = ["--real", f"real{suffix}", "--fake", f"half{suffix}", "--fake", f"spoilt{suffix}"]
    command = ["multigan", "evaluate", *sets, "--modality", modality, "--out", "out", *more]
    begun = time.perf_counter()
    subprocess.run(command, check=True, cwd=place, env={**os.environ, **environment})
    return time.perf_counter() - begun


def prepared(name: str, data: Path, place: Path) -> tuple[str, list[str]]:
    """(modality, more options) of a set whose folders are made."""
    if name == "faces":
        files(data / "images" / "emotive", "emotion", blurred, place)
    elif name == "page":
        files(data / "images" / "emotive", "emotion", blurred, place, lambda row: row["vendor"] in CC_BY)
    elif name == "digits":
        files(data / "audio" / "fsdd", "digit", noisy, place)
    elif name == "soundscapes":
        files(data / "audio" / "soundscapes", "mood", noisy, place)
    else:
        texts(data / "text" / "goemotions", place)
        return "text", ["--n", "5000"]
    return ("image" if name in ("faces", "page") else "audio"), []


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of the data kit")
    parser.add_argument(
        "--out", type=Path, required=True, help="the folder of results; with --page, the page"
    )
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--page", action="store_true", help="make the example page")
    options = parser.parse_args()
    for name in ("page",) if options.page else options.sets:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            modality, more = prepared(name, options.data, place)
            # a cache of its own: nothing is recalled, and the report names no folder of this machine
            seconds = evaluate(place, modality, more, {"MULTIGAN_CACHE": "cache"})
            if options.page:
                page = (place / "out" / "report.html").read_text(encoding="utf-8")
                credited = page.replace("</main>", f"<p><small>{ATTRIBUTION}</small></p></main>")
                options.out.write_text(credited, encoding="utf-8")
            else:
                options.out.mkdir(parents=True, exist_ok=True)
                shutil.copy(place / "out" / "report.json", options.out / f"{name}.json")
        sys.stderr.write(f"{name}: {seconds:.0f} s on {os.cpu_count()} cores\n")


if __name__ == "__main__":
    main()
