"""Which metric sees which damage: twelve of them, in real images, sounds and texts, beyond the interval or not.

    python benchmarks/detection.py --data FOLDER [--n 500] [--only image,audio,text]

FOLDER holds images/benchmark/cifar10, audio/fsdd and text/goemotions. Real samples, and as many fresh ones as fakes:
as they are, and damaged in one way each. "apart" says that the interval of the damaged set lies apart from that of the whole
one, "paired" that only the interval of their paired difference leaves out zero. `python tests/test_docs.py` makes the tables
of docs/metrics.md from the result.
"""

import argparse
import json
import sys
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation import as_samples, evaluate
from multigan.reading.audio import Clip
from tests.worlds.emotive import Drawn, blurred, compressed, mislabelled, shifted, shuffled

RESULTS = Path(__file__).parent / "results" / "evaluation" / "detection.json"
NEAR_COPIES = ("collapse", "silence")
N_MODES = 5
COPIED = 50
"""One in so many is a copy of a training sample."""
N_LABELS = 4
MOST_LOSSLESS = 640
"""Of CIFAR-10's 4,000 lossless images four classes have 1,600: two sets of so many, and fresh ones."""


def images(data, random, n):
    """CIFAR-10, four classes: uint8 [N, 32, 32, 3]; where that needs more, those that were kept as JPEG."""
    folder = data / "images/benchmark/cifar10"
    if n <= MOST_LOSSLESS:
        held = np.load(folder / "cifar10_train4000.npz")
        return _of_few(held["images"], held["labels"].astype(str), random)
    contents, labels = [], []
    with tarfile.open(folder / "cifar10_jpeg_train20000.tar.xz") as archive:
        for member in archive:
            if member.name.endswith(".jpg"):
                contents.append(np.asarray(Image.open(archive.extractfile(member)).convert("RGB")))
                labels.append(Path(member.name).parent.name)
    return _of_few(np.stack(contents), np.array(labels), random)


def sounds(data, random, n):
    """Spoken digits, four of them."""
    samples = as_samples(data / "audio/fsdd", "audio")
    labels = np.array(samples.labels)
    rows = np.flatnonzero(np.isin(labels, np.unique(labels)[: N_LABELS * 2]))
    return _of_few([samples.read(int(row)) for row in rows], labels[rows], random, N_LABELS * 2)


def texts(data, random, n):
    """GoEmotions, texts of one of its four commonest emotions."""
    folder = data / "text/goemotions"
    names = (folder / "emotions.txt").read_text().split()
    rows = [line.split("\t") for line in (folder / "train.tsv").read_text(encoding="utf-8").splitlines()]
    rows = [(text, names[int(label)]) for text, label, _ in rows if "," not in label and int(label) < 27]
    return _of_few([text for text, _ in rows], np.array([label for _, label in rows]), random)


def _of_few(contents, labels, random, n_labels=N_LABELS):
    """Samples of the commonest labels in random order."""
    known, counts = np.unique(labels, return_counts=True)
    chosen = known[np.argsort(-counts, kind="stable")[:n_labels]]
    rows = random.permutation(np.flatnonzero(np.isin(labels, chosen)))
    drawn = Drawn(contents, np.asarray(labels), np.ones(len(labels)))
    return drawn.rows(rows)


def damages_of_all(good, real, others, random):
    """Dropped class, collapse, copies, wrong labels: of any kind of samples; ``others`` are fresh ones."""
    n = len(good)
    modes = np.arange(n) % N_MODES
    copied = np.arange(0, n, COPIED)
    lost = np.unique(good.labels)[0]
    gone, (fresh,) = np.flatnonzero(good.labels == lost), np.nonzero(others.labels != lost)
    rest = list(good.contents) if isinstance(good.contents, list) else good.contents.copy()
    for row, other in zip(gone, fresh, strict=False):
        rest[row] = others.contents[other]
    contents = list(good.contents) if isinstance(good.contents, list) else good.contents.copy()
    for row in copied:
        contents[row] = real.contents[int(random.integers(len(real)))]
    repeated = good.rows(modes)
    return {
        "dropped class": good.of(rest),
        "collapse": good.of(repeated.contents),
        "copies": good.of(contents),
        "wrong labels": mislabelled(good),
    }


def damages_of_images(good, real, others, random):
    noise = 255 * 0.12 * random.normal(size=good.contents.shape)
    return {
        "blur": good.of(blurred(good.contents)),
        "noise": good.of(np.clip(good.contents + noise, 0, 255).round().astype(np.uint8)),
        "colour": good.of(shifted(good.contents, (24, 0, -24))),
        "JPEG": good.of(compressed(good.contents, 25)),
        **damages_of_all(good, real, others, random),
    }


def damages_of_sounds(good, real, others, random):
    def each(change):
        clips = [Clip(change(one.waveform).astype(np.float32), one.rate_hz) for one in good.contents]
        return good.of(clips)

    silent = [
        Clip(one.waveform * np.float32(row % 5 != 0), one.rate_hz) for row, one in enumerate(good.contents)
    ]
    return {
        "blur": each(lambda waveform: np.convolve(waveform, np.full(3, 1 / 3), "same")),
        "noise": each(lambda waveform: waveform + random.normal(0, 0.02, len(waveform))),
        "silence": good.of(silent),
        "clipping": each(lambda waveform: np.clip(8 * waveform / np.abs(waveform).max(), -1, 1)),
        **damages_of_all(good, real, others, random),
    }


def damages_of_texts(good, real, others, random):
    doubled = [f"{text} {text}" if row % 2 else text for row, text in enumerate(good.contents)]
    return {
        "repeated text": good.of(doubled),
        "shuffled text": good.of(shuffled(good.contents, 0)),
        **damages_of_all(good, real, others, random),
    }


MODALITIES = {
    "image": (images, damages_of_images),
    "audio": (sounds, damages_of_sounds),
    "text": (texts, damages_of_texts),
}


def samples_of(drawn, modality):
    return as_samples(drawn.contents, modality, labels=drawn.labels.tolist())


def seen(report, damage):
    """Figure -> "apart", "paired" or "no", of the damaged set beside the whole one."""
    found = {}
    for difference in report.differences:
        if (difference.first, difference.second) != ("good", damage):
            continue
        one, other = (report.figure(difference.figure, subject) for subject in ("good", damage))
        apart = one.high < other.low or other.high < one.low
        paired = difference.low > 0 or difference.high < 0
        found[difference.figure] = "apart" if apart else "paired" if paired else "no"
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--only", default=",".join(MODALITIES))
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    table = json.loads(given.out.read_text()) if given.out.exists() else {}
    for modality in given.only.split(","):
        load, damage = MODALITIES[modality]
        random = np.random.default_rng(0)
        drawn = load(given.data, random, given.n)
        n = min(given.n, 2 * len(drawn) // 5)
        real, good, others = (drawn.rows(np.arange(len(drawn))[place:end]) for place, end in
                              ((0, n), (n, 2 * n), (2 * n, None)))  # fmt: skip
        sets, rows = damage(good, real, others, random), {}
        # a set of near-copies widens the intervals of all that it is compared with, so it stands alone
        alone = [name for name in NEAR_COPIES if name in sets]
        for names in ([name for name in sets if name not in alone], *([name] for name in alone)):
            fakes = {"good": good, **{name: sets[name] for name in names}}
            fakes = {name: samples_of(one, modality) for name, one in fakes.items()}
            report = evaluate(samples_of(real, modality), fakes, metrics="all")
            rows |= {name: seen(report, name) for name in names}
        table.setdefault(str(given.n), {})[modality] = {"n": n, "seen": rows}
        given.out.write_text(json.dumps(table, indent=1) + "\n")
        for name, row in rows.items():
            print(modality, n, name, {word: sum(one == word for one in row.values()) for word in ("apart", "paired", "no")},
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
