"""How samples are measured: what they are looked at through, and a metric of their own."""

import numpy as np

from evaluation.kinds.parts import Computed, kind_of_arrays, mean_over_samples
from recipes.starter.modality import FILES, picture, read


def spectrum(sample):
    """Features: how much of each frequency a curve has, whatever its phase."""
    return np.abs(np.fft.rfft(sample, norm="forward"))[:16]


def roughness(sample):
    """The mean step from one number to the next."""
    return float(np.abs(np.diff(sample)).mean())


STARTER = kind_of_arrays(
    "starter",
    files=FILES,
    read=read,
    features=Computed("spectrum", "magnitudes of the Fourier transform; v1", spectrum),
    picture=picture,
    metrics=(
        mean_over_samples(
            "roughness",
            roughness,
            question="How rough are curves?",
            reading="The mean step from one number to the next; compare with that of real curves.",
            trap="Steep curves are rough as well.",
        ),
    ),
)
