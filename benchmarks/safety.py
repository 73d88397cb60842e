"""What the default safety filter withholds of ordinary text: the table of benchmarks/HISTORY.md.

    python benchmarks/safety.py --data DATA

DATA is a folder with goemotions/, counsel_chat/ and image_coco/, which are not part of this repository. The package's own
grammars are counted too.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from pathlib import Path

from multigan.text.drawn import sets as grammars
from multigan.text.safety import load_filter

N_DRAWN = 6_000
SPANISH = f"the Spanish grammar, {N_DRAWN:,} sentences, by the Spanish filter"


def remarks(path):
    return [line.split("\t")[0] for line in path.read_text(encoding="utf-8").split("\n") if line]


def sentences_of_answers(path):
    with path.open(encoding="utf-8", newline="") as file:
        answers = [row["answer_text"] for row in csv.DictReader(file)]
    parts = [part.strip() for answer in answers for part in re.split(r"(?<=[.!?])\s+|\n+", answer)]
    return [part for part in parts if part]


def texts_by_name(data):
    goemotions, captions = data / "goemotions", data / "image_coco"
    yield "GoEmotions, `train.tsv`", remarks(goemotions / "train.tsv")
    held_out = [text for name in ("dev.tsv", "test.tsv") for text in remarks(goemotions / name)]
    yield "GoEmotions, `dev.tsv` and `test.tsv`", held_out
    answers = sentences_of_answers(data / "counsel_chat" / "counsel_chat.csv")
    yield "counsellors' answers, by sentence", answers
    yield (
        "image captions",
        [text for name in ("train.txt", "test.txt") for text in (captions / name).read_text().splitlines()],
    )
    drawn = [text for name in grammars.LABELS for text in grammars.draw(name, N_DRAWN, 0)[0]]
    yield f"the package's own grammars, {N_DRAWN:,} sentences each", drawn
    yield SPANISH, grammars.draw("emotive", N_DRAWN, 0, "es")[0]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    print("| text | lines | flagged | of these |\n|---|---:|---:|---|")
    for name, texts in texts_by_name(data):
        safety = load_filter("default", "es" if name == SPANISH else "en")
        found = [categories for categories in map(safety.flagged, texts) if categories]
        counts = Counter(category for categories in found for category in categories)
        by_category = ", ".join(f"{category} {n}" for category, n in counts.most_common())
        share = f" ({len(found) / len(texts):.2%})" if found else ""
        print(f"| {name} | {len(texts):,} | {len(found):,}{share} | {by_category} |")


if __name__ == "__main__":
    main()
