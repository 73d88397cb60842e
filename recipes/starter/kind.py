"""How samples are measured: what they are looked at through, a metric of their own, and how one is shown."""

import numpy as np

from evaluation.exhibits.exhibit import Exhibit
from evaluation.exhibits.markup import element
from evaluation.extractors.record import ExtractorRecord
from evaluation.kinds import Kind
from evaluation.kinds.parts import mean_over_samples, nearest
from evaluation.samples import Contents
from evaluation.samples.digests import array_digest
from evaluation.samples.folder import samples_of_files
from multigan.reading.columns import ColumnFlags
from multigan.reading.listing import list_files
from recipes.starter.modality import FILES, read


class Spectrum:
    """Features: how much of each frequency a curve has, whatever its phase."""

    name, digest, preprocessing = "spectrum", "none", "magnitudes of the Fourier transform; v1"

    def prepare(self, sample):
        return np.abs(np.fft.rfft(sample, norm="forward")).astype(np.float32)[:16]

    def forward(self, prepared):
        return np.stack(prepared)


def open_folder(path, labels_column):
    """What ``multigan evaluate --modality starter`` reads: class folders, or files with a labels.csv."""
    listing = list_files(path, FILES, ColumnFlags(label=labels_column))
    return samples_of_files(STARTER, path, listing, read, version=1)


def roughness(sample):
    """The mean step from one number to the next."""
    return float(np.abs(np.diff(sample)).mean())


def show(samples, n_bytes):
    """A drawing of each sample in the page of a report, and a note on all of them."""

    def drawing(example, words):
        curve = np.asarray(example.content)
        places = zip(np.linspace(0, 100, len(curve)), 50 - 45 * curve, strict=True)
        line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        path = element("path", d=line, fill="none", stroke="currentColor", stroke_width=2)
        return element("svg", element("title", words), path, viewBox="0 0 100 100", role="img", width=96)

    return drawing, ""


STARTER = Kind(
    name="starter",
    singular="curve",
    noun="curves",
    extractors=(
        ExtractorRecord("spectrum", lambda device, files: Spectrum(), preprocessing=Spectrum.preprocessing),
    ),
    default_features="spectrum",
    exhibit=Exhibit(show, per_label=8, unlabelled=16, layout="tiles"),
    digest=lambda sample: array_digest(np.asarray(sample)),
    open_folder=open_folder,
    from_memory=lambda samples: Contents(len(samples), lambda row: np.asarray(samples[row])),
    metrics=(
        mean_over_samples(
            "roughness",
            roughness,
            question="How rough are curves?",
            reading="The mean step from one number to the next; compare with that of real curves.",
            trap="Steep curves are rough as well.",
        ),
    ),
    classifier=nearest(Spectrum()),
)
