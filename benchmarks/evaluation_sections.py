"""The sections of the benchmark of evaluation: each gives what it found as a ``Section``."""

import contextlib
import importlib
import importlib.util
import io
import os
import tempfile
from pathlib import Path

import numpy as np
import torch
from measuring import Section, apart, peak_while, status
from PIL import Image
from safetensors.torch import save_file

from evaluation.extractors import inception
from evaluation.extractors.protocol import features_of
from evaluation.extractors.random_features import RandomFeatures
from evaluation.features.featurise import featurise
from evaluation.metrics.bleu import estimate_self_bleu, self_bleu
from evaluation.metrics.frechet import frechet_distance, frechet_distance_of
from evaluation.metrics.kernel import estimate_kernel, kernel_distance, subset_distances
from evaluation.metrics.mind import estimate_mind, mind
from evaluation.metrics.prdc import estimate_prdc, prdc
from evaluation.metrics.rbf import Gaussian, estimate_rbf_median
from evaluation.pipeline import evaluate
from evaluation.sources import from_memory, open_folder
from evaluation.statistics.moments import moments, streamed

ROOT = Path(__file__).parents[1]
N_FEATURES = 2048
CPU = torch.device("cpu")


def pictures(n, seed, shift=0.0, n_features=N_FEATURES):
    """Features float32 [n, D] as networks give them: correlated, of a falling spectrum, none below 0."""
    mixing = np.random.default_rng(0).normal(size=(n_features, n_features)).astype(np.float32)
    mixing *= np.arange(1, n_features + 1, dtype=np.float32)[:, None] ** -0.5 / 2
    random = np.random.default_rng(seed)
    features = random.standard_normal((n, n_features), np.float32) @ mixing
    features += 0.3 + shift
    return np.maximum(features, 0, out=features)


def relative(found, expected):
    return float(np.max(np.abs(np.subtract(found, expected)) / np.abs(expected)))


def frechet(quick):
    from scipy.linalg import sqrtm

    size, few = (256, 128) if quick else (N_FEATURES, 1000)

    def through(trace_of_root):
        def distance(one, other):
            step, product = one.mean - other.mean, one.covariance @ other.covariance
            return step @ step + np.trace(one.covariance + other.covariance) - 2 * trace_of_root(product)

        return distance

    by_eigenvalues = through(lambda product: np.sqrt(np.clip(np.linalg.eigvals(product).real, 0, None)).sum())
    by_sqrtm = through(lambda product: np.trace(sqrtm(product)).real)
    features = [pictures(4 * size, seed, seed / 50, size) for seed in (1, 2)]
    many, some = [moments(held) for held in features], [moments(held[:few]) for held in features]
    found = Section(f"Fréchet distance of {size} features")
    eigenvalues, reduced = "eigenvalues of the product", f"eigenvalues of the product, n = {few:,}"
    ours, ours_of_few = "ours", f"ours, n = {few:,}, from the features"
    root = "scipy.linalg.sqrtm"
    rounds = 2 if quick else 5
    values = found.time(
        {
            eigenvalues: lambda: by_eigenvalues(*many),
            ours: lambda: frechet_distance(*many),
            reduced: lambda: by_eigenvalues(*some),
            ours_of_few: lambda: frechet_distance_of(*(held[:few] for held in features)),
        },
        rounds,
    )
    values |= found.time({root: lambda: by_sqrtm(*many)}, 1, warm_up=False)
    found.hold("time beside the eigenvalues", found.ratio(ours, eigenvalues), 0.5)
    found.hold(f"the same, n = {few:,}", found.ratio(ours_of_few, reduced), 0.1)
    found.hold("relative difference from the eigenvalues", relative(values[ours], values[eigenvalues]), 1e-6)
    found.hold("the same from sqrtm", relative(values[ours], values[root]), 1e-6)
    found.hold(f"the same, n = {few:,}", relative(values[ours_of_few], values[reduced]), 1e-6)
    return found


def by_prdc(real, fake):
    from prdc import compute_prdc

    with contextlib.redirect_stdout(io.StringIO()):
        return compute_prdc(real, fake, nearest_k=5)


def by_ours(real, fake):
    each = prdc(real, fake)
    return {name: getattr(each, name).mean() for name in ("precision", "recall", "density", "coverage")}


def by_estimates(real, fake):
    return {name: estimate.value for name, estimate in estimate_prdc(real, fake).items()}


PRDC = {"prdc": by_prdc, "ours": by_ours, "ours, with intervals": by_estimates}


def neighbourhoods(quick):
    n, size = (600, 64) if quick else (10_000, N_FEATURES)
    found = Section(f"Precision, recall, density, coverage of {n:,} x {n:,} x {size}")
    real, fake = pictures(n, 1, 0.0, size), pictures(n, 2, 0.01, size)
    values = found.time(
        {name: lambda one=one: one(real, fake) for name, one in PRDC.items()}, 3, warm_up=quick
    )
    found.figures |= {f"{name} of prdc": value for name, value in values["prdc"].items()}
    found.hold("time beside prdc", found.ratio("ours", "prdc"), 0.5)
    for name in ("ours", "ours, with intervals"):
        difference = max(abs(values[name][key] - expected) for key, expected in values["prdc"].items())
        found.hold(f"largest difference of {name}", difference, 1e-12)  # a count is off by 2e-5 or more
    for name in PRDC:
        # what the allocator keeps differs from process to process
        peaks = [apart(peak_of_prdc, name, n, size) / 1e9 for _ in range(1 if name == "prdc" else 3)]
        found.figures[f"peak GB above the features, {name}"] = max(peaks)
        if name != "prdc":
            found.hold(f"peak GB above the features, {name}, largest of 3", max(peaks), 0.3)
    return found


def peak_of_prdc(name, n, size):
    """Bytes at the peak less those held once the features are there; meant for a fresh process."""
    one, real, fake = PRDC[name], pictures(n, 1, 0.0, size), pictures(n, 2, 0.01, size)
    one(real[:50].copy(), fake[:50].copy())  # loads whatever the libraries load
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before = status("VmRSS")
    one(real, fake)
    return status("VmHWM") - before


def bleu(quick):
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    n, n_sampled = (200, 10) if quick else (5000, 50)
    random = np.random.default_rng(0)
    words = np.minimum(random.zipf(1.3, (n, 20)), 5000)
    texts = [tuple(f"w{word}" for word in row) for row in words.tolist()]
    weights = [(1 / order,) * order for order in (2, 3, 4, 5)]
    sampled = random.choice(n, n_sampled, replace=False)

    def by_nltk():
        smoothing = SmoothingFunction().method1
        return [
            sentence_bleu(texts[:row] + texts[row + 1 :], texts[row], weights, smoothing_function=smoothing)
            for row in sampled
        ]

    found = Section(f"Self-BLEU-2..5 of {n:,} sentences of 20 tokens")
    name = f"nltk, {n_sampled} of the sentences"
    values = found.time({name: by_nltk}, 1, warm_up=False)
    values |= found.time(
        {"ours": lambda: self_bleu(texts), "ours, with intervals": lambda: estimate_self_bleu(texts)},
        2 if quick else 5,
    )
    found.figures["seconds of nltk for all, at that pace"] = found.seconds[name]["wall"] * n / n_sampled
    found.hold("seconds", found.seconds["ours"]["wall"], 3.0)
    found.hold("difference from nltk", np.abs(values["ours"][sampled] - values[name]).max(), 1e-12)
    return found


def inception_features(quick):
    n = 4 if quick else 32
    images = np.random.default_rng(0).integers(0, 256, (n, 128, 128, 3), np.uint8)
    original, weights = public_inception()
    loads = {"inception": inception.load, "inception-bf16": inception.load_bfloat16}
    loads["inception-clean"] = inception.load_clean
    extractors = {name: load(CPU, weights) for name, load in loads.items()}
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2)

    def by_original():
        with torch.inference_mode():
            return original(pixels)[0].numpy()

    variants = {"torch-fidelity": by_original}
    for name, extractor in extractors.items():
        variants[name] = lambda extractor=extractor: features_of(extractor, images, batch=n)
    found = Section(f"Inception features of {n} images of 128x128, one batch, preprocessing included")
    values = found.time(variants, 1 if quick else 5)
    for name in variants:
        found.figures[f"images/s, {name}"] = n / found.seconds[name]["wall"]
    expected = values["torch-fidelity"]

    def away(name):
        return np.linalg.norm(values[name] - expected) / np.linalg.norm(expected)

    for name, bar in (("inception", 1.3), ("inception-bf16", 2.5)):
        found.hold(
            f"images/s beside torch-fidelity, {name}", 1 / found.ratio(name, "torch-fidelity"), bar, True
        )
    found.hold("largest difference over the largest feature, inception",
               np.abs(values["inception"] - expected).max() / expected.max(), 1e-5)  # fmt: skip
    found.figures["relative difference, inception"] = away("inception")
    found.figures["relative difference, inception-bf16"] = away("inception-bf16")
    return found


def public_inception():
    """torch-fidelity's extractor with seeded weights of the real architecture, and those weights as a file for ours."""
    path = ROOT / "tests" / "worlds" / "inception_weights.py"
    specification = importlib.util.spec_from_file_location("inception_weights", path)
    assert specification is not None
    assert specification.loader is not None
    seeded = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(seeded)
    with seeded.original_extractor() as original:
        weights = Path(tempfile.mkdtemp(dir=os.environ["MULTIGAN_CACHE"]), "inception.safetensors")
        save_file(original.state_dict(), weights)
        return original, {"weights": weights}


def kernel(quick):
    from torch_fidelity.metric_kid import kid_features_to_metric

    n, n_subsets, size = (300, 10, 100) if quick else (5000, 100, 1000)
    real, fake = pictures(n, 1), pictures(n, 2, 0.01)
    features = [torch.from_numpy(held) for held in (real, fake)]
    options = {"kid_subsets": n_subsets, "kid_subset_size": size, "rng_seed": 2020, "verbose": False}
    found = Section(
        f"Kernel distance, {n_subsets} subsets of {size:,} of {n:,} samples of {N_FEATURES} features"
    )
    values = found.time(
        {
            "torch-fidelity": lambda: kid_features_to_metric(*features, **options),
            "ours": lambda: subset_distances(real, fake, n_subsets, size),
            "ours, all pairs with an interval": lambda: estimate_kernel(real, fake, 0).value,
        },
        2 if quick else 3,
    )
    # torch-fidelity computes in the precision of the features, and float32 loses digits
    exact = [held.double() for held in features]
    expected = kid_features_to_metric(*exact, **options | {"kid_subsets": 10}).values()
    ten = subset_distances(real, fake, 10, size)
    found.hold(
        "relative difference of 10 subsets in float64", relative([ten.mean(), ten.std()], [*expected]), 1e-5
    )
    mean = values["torch-fidelity"]["kernel_inception_distance_mean"]
    found.figures["relative difference of the mean, float32"] = relative(values["ours"].mean(), mean)
    return found


def gaussian_kernel(quick):
    from torch_fidelity.metric_kid import kid_features_to_metric

    n, size, n_subsets, subset_size = (300, 64, 10, 100) if quick else (10_000, N_FEATURES, 100, 1000)
    real, fake = pictures(n, 1, 0.0, size), pictures(n, 2, 0.01, size)
    options = {"kid_kernel": "rbf", "kid_kernel_rbf_sigma": 50, "rng_seed": 2020, "verbose": False}
    subsets = {"kid_subsets": n_subsets, "kid_subset_size": subset_size}
    found = Section(f"Kernel distance with a Gaussian kernel of {n:,} samples of {size} features")
    theirs, ours = f"torch-fidelity, {n_subsets} subsets of {subset_size:,}", "ours, all pairs"
    features = [torch.from_numpy(held) for held in (real, fake)]
    found.time(
        {
            theirs: lambda: kid_features_to_metric(*features, **options, **subsets),
            ours: lambda: kernel_distance(real, fake, Gaussian.around(real, 50)),
            "ours, all pairs, with bandwidth and interval": lambda: estimate_rbf_median(real, fake),
        },
        1,
        warm_up=quick,
    )
    found.hold("time beside torch-fidelity", found.ratio(ours, theirs), 1.0)
    few = [held[:subset_size].astype(np.float64) for held in (real, fake)]
    exact = [torch.from_numpy(held) for held in few]
    expected = kid_features_to_metric(*exact, **options, kid_subsets=1, kid_subset_size=subset_size)
    distance = kernel_distance(real[:subset_size], fake[:subset_size], Gaussian.around(real, 50))
    found.hold(
        f"relative difference of {subset_size:,} samples in float64",
        relative(distance, expected["kernel_inception_distance_mean"]),
        1e-3,
    )
    return found


def sliced(quick):
    """The reference is newer than torch-fidelity 0.4.0: put a checkout of its repository first on PYTHONPATH."""
    n, size = (300, 64) if quick else (10_000, N_FEATURES)
    real, fake = pictures(n, 1, 0.0, size), pictures(n, 2, 0.01, size)
    found = Section(f"MIND of {n:,} samples of {size} features, 1,000 directions")
    variants = {
        "ours": lambda: mind(real, fake),
        "ours, with interval": lambda: estimate_mind(real, fake).value,
    }
    if importlib.util.find_spec("torch_fidelity.metric_mind") is not None:
        module = importlib.import_module("torch_fidelity.metric_mind")
        features = [torch.from_numpy(held) for held in (real, fake)]
        options = {"mind_num_projections": 1000, "cuda": False, "rng_seed": 2020, "verbose": False}
        theirs = {"torch-fidelity": lambda: module.mind_features_to_metric(*features, **options)}
        variants = theirs | variants
    values = found.time(variants, 3, warm_up=quick)
    if "torch-fidelity" in values:
        found.hold("time beside torch-fidelity", found.ratio("ours", "torch-fidelity"), 1.0)
        expected = values["torch-fidelity"]["monge_inception_distance"]
        found.hold("relative difference", relative(values["ours"], expected), 1e-5)
    return found


def reading(quick):
    """Runs on all cores, the network on one thread: with one core nothing can overlap."""
    torch.set_num_threads(1)
    folder = Path(tempfile.mkdtemp(dir=os.environ["MULTIGAN_CACHE"]))
    (n, size), (n_large, large) = ((40, 64), (4, 256)) if quick else ((1000, 128), (48, 1024))
    for number, name in enumerate(("files", "real", "fake")):
        write_images(folder / name, n, size, number)
    write_images(folder / "large", n_large, large, 3)
    samples, extractor = open_folder(folder / "files", "image"), RandomFeatures()
    found = Section(
        f"Reading and featurising {n:,} images of {size}x{size} and {n_large} of {large}x{large}, half PNG, half JPEG"
    )
    rounds = 2 if quick else 5
    overlap(found, samples, extractor, rounds)
    bfloat16 = inception.load_bfloat16(CPU, public_inception()[1])
    overlap(found, open_folder(folder / "large", "image"), bfloat16, rounds)
    for name, run in (
        ("featurise", lambda: featurise(samples, range(n), [extractor])),
        ("evaluate", lambda: evaluate(folder / "real", folder / "fake", modality="image")),
    ):
        for when in ("first", "second"):
            found.time({f"{name}, {when} time": run}, 1, warm_up=False)
        found.figures[f"{name}: second time over first"] = found.ratio(
            f"{name}, second time", f"{name}, first time"
        )
    return found


def overlap(found, samples, extractor, rounds, batch=16):
    """Reading and extracting alone, and at once with one worker and two."""
    rows, name = range(len(samples)), extractor.name

    def read():
        return [extractor.prepare(samples.read(row)) for row in rows]

    prepared = read()
    variants = {
        f"reading alone, {name}": read,
        f"extracting alone, {name}": lambda: [
            extractor.forward(prepared[start : start + batch]) for start in range(0, len(rows), batch)
        ],
    }
    alone = list(variants)
    for n_workers in (1, 2):
        variants[f"both, {name}, {n_workers} worker(s)"] = lambda n_workers=n_workers: featurise(
            samples, rows, [extractor], batch=batch, workers=n_workers, cache=False
        )
    found.time(variants, rounds)
    total = sum(found.seconds[one]["wall"] for one in alone)
    for both in [*variants][2:]:
        found.hold(f"{both}, beside one after the other", found.seconds[both]["wall"] / total, 1.0)


def write_images(folder, n, size, seed):
    """Smooth coloured noise, every second file a JPEG."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    for number in range(n):
        small = Image.fromarray(random.integers(0, 256, (8, 8, 3), np.uint8))
        smooth = np.asarray(small.resize((size, size), Image.Resampling.BICUBIC), np.int16)
        noisy = np.clip(smooth + random.integers(-8, 9, smooth.shape), 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / f"{number:05}.{('png', 'jpg')[number % 2]}")


def constant_memory(quick):
    few, many = (2_000, 8_000) if quick else (50_000, 500_000)
    found = Section(f"Memory for {few:,} and {many:,} samples of 64 features (256 bytes each)")
    passes = {
        "moments": (peak_of_moments,),
        "featurise": (peak_of_featurise, False),
        "featurise, cached": (peak_of_featurise, True),
    }
    for name, (peak, *options) in passes.items():
        peaks = [apart(peak, n, *options) for n in (few, many)]
        for n, held in zip((few, many), peaks, strict=True):
            found.figures[f"peak MB, {name}, {n:,}"] = held / 1e6
        found.figures[f"bytes a further sample, {name}"] = (peaks[1] - peaks[0]) / (many - few)
    found.hold("bytes a further sample, moments", found.figures["bytes a further sample, moments"], 1.0)
    return found


def peak_of_moments(n):
    """Bytes at the peak while the moments of n samples are streamed; meant for a fresh process."""

    def batches():
        random = np.random.default_rng(0)
        for _ in range(n // 1000):
            yield random.standard_normal((1000, 64), np.float32)

    return peak_while(lambda: streamed(batches()))


class Projection:
    """Images of 4x4 pixels as 64 features."""

    name, digest, preprocessing = "projection", "0", "none"

    def __init__(self):
        self.weight = np.random.default_rng(0).standard_normal((48, 64), np.float32)

    def prepare(self, sample):
        return sample.reshape(-1).astype(np.float32)

    def forward(self, prepared):
        return np.stack(prepared) @ self.weight


def peak_of_featurise(n, cache):
    """The same for batches of images that go through a file, an extractor, a file and into the moments."""

    def run():
        random = np.random.default_rng(0)
        images = (random.integers(0, 256, (1000, 4, 4, 3), np.uint8) for _ in range(n // 1000))
        found = featurise(from_memory(images, "image"), range(n), [Projection()], cache=cache)
        moments(found.features["projection"])

    return peak_while(run)


SECTIONS = {
    "frechet": frechet,
    "prdc": neighbourhoods,
    "bleu": bleu,
    "inception": inception_features,
    "kernel": kernel,
    "gaussian kernel": gaussian_kernel,
    "mind": sliced,
    "reading": reading,
    "memory": constant_memory,
}
