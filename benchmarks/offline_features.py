"""Which features that need no weights see which damage: random convolutions beside two made of wavelet packets.

    python benchmarks/offline_features.py --data FOLDER [--n 500]

The pictures and their damages are those of detection.py. "apart": the interval of the damaged set lies apart from that of
the whole one; "paired": only that of their paired difference leaves out zero.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from detection import damages_of_images, images

from evaluation.extractors import random_features
from evaluation.extractors.wavelet_packets import WaveletPackets, packets_of
from evaluation.metrics.frechet import estimate_frechet
from evaluation.metrics.kernel import estimate_kernel
from evaluation.metrics.prdc import estimate_prdc
from evaluation.metrics.two_sample import estimate_two_sample
from evaluation.statistics.comparison import difference


def random_convolutions(pictures):
    extractor = random_features.load(torch.device("cpu"), {})
    return extractor.forward([extractor.prepare(picture) for picture in pictures])


def packet_values(pictures):
    extractor = WaveletPackets()
    return extractor.forward([extractor.prepare(picture) for picture in pictures])


def packet_energies(pictures):
    """log(10^-6 + mean square) of each packet and colour, [N, 768]."""
    packets = packets_of(packet_values(pictures))
    by_colour = packets.reshape(*packets.shape[:2], 3, -1)
    return np.log(1e-6 + (by_colour**2).mean(axis=3)).reshape(len(packets), -1)


FEATURES = {
    "random-conv-v1": random_convolutions,
    "packets": packet_values,
    "packet energies": packet_energies,
}


def estimates(real, fake):
    return {
        "FD": estimate_frechet(real, fake),
        "KD": estimate_kernel(real, fake, 0),
        "C2ST": estimate_two_sample(real, fake, 0),
        **estimate_prdc(real, fake),
    }


def seen(whole, damaged):
    one, other = whole.interval, damaged.interval
    if one.high < other.low or other.high < one.low:
        return "apart"
    gap = difference(damaged, whole)[1]
    return "paired" if gap.low > 0 or gap.high < 0 else "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--n", type=int, default=500)
    given = parser.parse_args()
    random, n = np.random.default_rng(0), given.n
    drawn = images(given.data, random, n)
    real, good, others = (drawn.rows(np.arange(a, b)) for a, b in ((0, n), (n, 2 * n), (2 * n, len(drawn))))
    sets = damages_of_images(good, real, others, random)
    sets.pop("wrong labels")
    print("features | figure | " + " | ".join(sets))
    for name, features in FEATURES.items():
        beside = features(real.contents)
        whole = estimates(beside, features(good.contents))
        found = {damage: estimates(beside, features(one.contents)) for damage, one in sets.items()}
        for figure, estimate in whole.items():
            row = [seen(estimate, found[damage][figure]) for damage in sets]
            print(f"{name} | {figure} | " + " | ".join(row), flush=True)


if __name__ == "__main__":
    main()
