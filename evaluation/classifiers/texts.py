"""A small classifier trained on real labelled texts: it reads a text's label (emotion, topic), and gives features."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from evaluation.classifiers.content import cache_folder, content_of
from evaluation.classifiers.training import (
    averaged,
    cached,
    check_labels,
    facts_of,
    optimiser_of,
    save_tensors,
    softmax,
)
from evaluation.extractors.networks import digest_of, seeded_weights
from evaluation.extractors.protocol import Progress
from evaluation.features.subset import Subset
from evaluation.metrics.tokens import TOKENISER, tokens
from multigan.errors import DataError

VERSION = 1
"""Part of the cache's key: raise it when the network or its training changes."""
KIND = "text classifier"
FEATURE_SIZE = 64
BUCKETS = 2**15
CHARACTER_ORDERS = (3, 4)
MOST_WORDS = 500
"""What lies beyond is not read."""
SAMPLES = 200_000
"""Texts seen in training, about 10 s on one CPU core, ..."""
FEW = 30_000
"""... but where there are fewer than these, ..."""
SAMPLES_OF_FEW = (10_000, 20_000, 40_000, 80_000)
"""... as many of these as texts left out are read best after: noisy labels are soon learnt by heart."""
LEFT_OUT = 5
"""One of so many texts is left out to find that."""
BATCH = 256
LEARNING_RATE = 8e-3
KEPT = 0.5
"""The share of a text's n-grams that is seen each time in training, ..."""
MOST_KEPT = 500
"""... but of a long text about as many."""
BALANCE = 0.5
"""Samples of a class of share q weigh q^-0.5: rare classes are read, and common ones not given up for them."""
STRENGTH_WEIGHT = 0.5
"""Of the squared error of standardised intensities, beside the cross-entropy."""


class NgramNetwork(nn.Module):
    """fastText (arXiv:1607.01759, section 2) with a hidden layer: the mean of n-grams' embeddings, a layer, classes.

    Embeddings begin at 0, so that an n-gram which no training text holds says nothing.
    """

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.embedding = nn.EmbeddingBag(BUCKETS, FEATURE_SIZE, mode="mean")
        nn.init.zeros_(self.embedding.weight)
        self.hidden = nn.Linear(FEATURE_SIZE, FEATURE_SIZE)
        self.head = nn.Linear(FEATURE_SIZE, n_classes)

    def features(self, ngrams: Sequence[np.ndarray]) -> Tensor:
        """[N, 64] of N texts, each the buckets [T] of its n-grams."""
        device, lengths = self.head.weight.device, [len(buckets) for buckets in ngrams]
        flat = torch.from_numpy(np.concatenate(ngrams).astype(np.int64)).to(device)
        starts = torch.from_numpy(np.cumsum(lengths) - lengths).to(device)
        return F.relu(self.hidden(self.embedding(flat, starts)))


@dataclass(frozen=True)
class TextClassifier:
    """A trained classifier; its columns are those of its labels."""

    network: NgramNetwork
    n_classes: int
    name: str = "text-classifier"
    preprocessing: str = (
        f"tokens {TOKENISER}, the first {MOST_WORDS}; words 1 and 2 and characters 3 and 4 within words, "
        f"hashed to {BUCKETS}; version {VERSION}"
    )

    @property
    def digest(self) -> str:
        """sha256 of the weights."""
        return digest_of(self.network)

    def prepare(self, sample: str) -> np.ndarray:
        """The buckets of a text's n-grams, int32 [T]; none for a text without tokens."""
        return ngrams_of(sample)

    @torch.inference_mode()
    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """Features float32 [N, 64] of prepared texts: the hidden layer."""
        return self.network.features(prepared).float().cpu().numpy()

    def probabilities_of(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities float64 [N, C] of this classifier's own features [N, 64]; each row sums to 1."""
        head = self.network.head
        weight, bias = (tensor.cpu().double().numpy() for tensor in (head.weight, head.bias))
        return softmax(features @ weight.T + bias)

    def save(self, path: Path) -> None:
        """Write weights and shape as safetensors; a file already there is replaced whole or not at all."""
        facts = {"format": f"multigan {KIND}", "n_classes": str(self.n_classes)}
        save_tensors(path, self.network.state_dict(), facts)


def ngrams_of(text: str) -> np.ndarray:
    """The buckets int32 [T] of a text's words, of pairs of neighbours (the first and the last have none), and of the runs
    of 3 and 4 characters of each word between edge marks, as in arXiv:1607.04606, section 3.2."""
    words = tokens(text)[:MOST_WORDS]
    if not words:
        return np.empty(0, np.int32)
    buckets = [bucket for word in words for bucket in _of_word(word)]
    buckets += [_bucket(f"{one} {other}") for one, other in pairwise(("", *words, ""))]
    return np.array(buckets, np.int32)


def load_text_classifier(path: Path, device: torch.device | str = "cpu") -> TextClassifier:
    """The classifier that ``save`` wrote; CheckpointError when there is none or the file is damaged."""
    with facts_of(path, KIND) as facts:
        n_classes = int(facts["n_classes"])
        with seeded_weights(0):
            network = NgramNetwork(n_classes)
        network.load_state_dict(load_file(path))
    network = network.to(torch.device(device)).eval().requires_grad_(False)
    return TextClassifier(network, n_classes)


def train_text_classifier(
    texts: Sequence[str],
    labels: np.ndarray,
    n_classes: int,
    intensities: np.ndarray | None = None,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    n_samples: int | None = None,
    augment: bool = True,
) -> TextClassifier:
    """Train on real texts and labels int [N] in 0..C-1, for a number of samples that no reported text chooses.

    As ``training.averaged`` does, unless ``augment`` is off with a new half of each text's n-grams each time. The loss is
    cross-entropy, in which classes weigh ``BALANCE``, and where texts have ``intensities`` [N] the squared error of
    reading them from the same features: else these would keep nothing of them. ``n_samples`` None: of fewer than ``FEW``
    texts a part is left out at first, to choose from ``SAMPLES_OF_FEW``, from few to many as long as its cross-entropy
    falls. The global random state stays as it was.
    """
    check_labels(labels, len(texts), n_classes, "texts")
    ngrams, numbers = [ngrams_of(text) for text in texts], np.asarray(labels)
    wanted = None if intensities is None else _standardised(intensities, len(texts))
    course = _Course(ngrams, numbers, n_classes, wanted, seed, torch.device(device), progress, augment)
    network = course.trained(np.arange(len(texts)), n_samples or course.chosen_samples())
    return TextClassifier(network, n_classes)


@dataclass(frozen=True, eq=False)
class _Course:
    """What a network is taught, and how: all of it, or some rows."""

    ngrams: list[np.ndarray]
    labels: np.ndarray
    n_classes: int
    strengths: Tensor | None
    """Standardised intensities [N]."""
    seed: int
    device: torch.device
    progress: Progress | None
    augment: bool = True

    def chosen_samples(self) -> int:
        """After how many samples texts that are left out are read best; ``SAMPLES`` where there are many texts."""
        n = len(self.labels)
        if n >= FEW:
            return SAMPLES
        if n < LEFT_OUT or len(SAMPLES_OF_FEW) == 1:
            return SAMPLES_OF_FEW[0]
        order = np.random.default_rng(self.seed).permutation(n)
        left_out, rest = order[: n // LEFT_OUT], order[n // LEFT_OUT :]
        labels = torch.from_numpy(self.labels[left_out]).long()
        best, least = SAMPLES_OF_FEW[0], np.inf
        for n_samples in SAMPLES_OF_FEW:
            network = self.trained(rest, n_samples)
            logits = network.head(network.features([self.ngrams[row] for row in left_out])).cpu()
            loss = float(F.cross_entropy(logits, labels))
            if loss >= least:
                break
            best, least = n_samples, loss
        return best

    def trained(self, rows: np.ndarray, n_samples: int) -> NgramNetwork:
        """A network that has learnt the texts ``rows``."""
        random_state = torch.Generator().manual_seed(self.seed)
        with seeded_weights(self.seed):
            network = NgramNetwork(self.n_classes)
            strength = nn.Linear(FEATURE_SIZE, self.n_classes)
        taught = nn.ModuleList([network, strength]).to(self.device)
        weight = _class_weights(self.labels[rows], self.n_classes).to(self.device)

        def loss_of(places: np.ndarray) -> Tensor:
            chosen = rows[places]
            ngrams = [self.ngrams[row] for row in chosen]
            if self.augment:
                ngrams = [_thinned(each, random_state) for each in ngrams]
            features = network.features(ngrams)
            labels = torch.from_numpy(self.labels[chosen]).long().to(self.device)
            loss = F.cross_entropy(network.head(features), labels, weight)
            if self.strengths is None:
                return loss
            read = strength(features).gather(1, labels[:, None])[:, 0]
            return loss + STRENGTH_WEIGHT * F.mse_loss(read, self.strengths[chosen].to(self.device))

        optimiser = optimiser_of(taught, LEARNING_RATE, fused=True)
        what, progress = f"the {KIND}", self.progress
        average = averaged(
            taught, optimiser, loss_of, len(rows), n_samples, random_state, what, progress, BATCH
        )[0]
        assert isinstance(average, NgramNetwork)
        return average.eval().requires_grad_(False)


def cached_text_classifier(
    folder: Path,
    data_digest: str,
    texts: Callable[[], Sequence[str]],
    labels: np.ndarray,
    n_classes: int,
    intensities: np.ndarray | None = None,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> TextClassifier:
    """``train_text_classifier``, or its saved result when the same data, seed and code have trained one before.

    ``data_digest`` names the content of what ``texts`` gives where it must train, and ``labels``. Instead of a damaged
    file it trains anew.
    """
    told = None if intensities is None else np.asarray(intensities, np.float64).tobytes()
    named = (VERSION, TextClassifier.preprocessing, data_digest, told, n_classes, seed)
    key = hashlib.sha256(repr(named).encode()).hexdigest()[:20]

    def train() -> TextClassifier:
        return train_text_classifier(texts(), labels, n_classes, intensities, seed, device, progress)

    path = folder / f"text-classifier-{key}.safetensors"
    return cached(path, lambda path: load_text_classifier(path, device), train)


def recalled(
    training: Subset, n_labels: int, device: torch.device | str, progress: Progress | None
) -> TextClassifier:
    """The classifier of labelled texts: trained, or recalled where the same ones have trained one before."""
    digest, texts, labels = content_of(training, _texts, progress)
    intensities = training.intensities
    if intensities is not None:
        intensities = intensities[np.argsort(training.rows)]
    return cached_text_classifier(
        cache_folder(), digest, texts, labels, n_labels, intensities, device=device, progress=progress
    )


def taught(
    texts: Sequence[str],
    labels: np.ndarray,
    n_classes: int,
    *,
    seed: int,
    n_samples: int,
    augment: bool,
    device: torch.device | str = "cpu",
) -> TextClassifier:
    """``train_text_classifier`` on texts without intensities; nothing is recalled or kept."""
    return train_text_classifier(
        texts, labels, n_classes, None, seed, device, n_samples=n_samples, augment=augment
    )


def _texts(training: Subset, rows: np.ndarray, progress: Progress | None) -> list[str]:
    return [training.samples.read(int(row)) for row in rows]


@lru_cache(maxsize=2**17)
def _of_word(word: str) -> tuple[int, ...]:
    """The buckets of a word and of its runs of characters; the marks keep these apart from words."""
    marked = f"<{word}>"
    runs = [
        marked[start : start + order]
        for order in CHARACTER_ORDERS
        for start in range(len(marked) - order + 1)
    ]
    return (_bucket(word), *(_bucket(f"\t{run}") for run in runs))


def _bucket(ngram: str) -> int:
    return zlib.crc32(ngram.encode("utf-8", "surrogatepass")) % BUCKETS


def _thinned(ngrams: np.ndarray, random_state: torch.Generator) -> np.ndarray:
    """A share of the n-grams, each drawn by itself."""
    share = min(KEPT, MOST_KEPT / max(1, len(ngrams)))
    return ngrams[torch.rand(len(ngrams), generator=random_state).numpy() < share]


def _class_weights(labels: np.ndarray, n_classes: int) -> Tensor:
    """[C]: q^-BALANCE of each class's share q, 0 of a class without samples."""
    share = np.bincount(labels, minlength=n_classes) / len(labels)
    weights = np.where(share > 0, np.maximum(share, 1 / len(labels)) ** -BALANCE, 0)
    return torch.from_numpy(weights).float()


def _standardised(intensities: np.ndarray, n: int) -> Tensor:
    """[N] with mean 0 and standard deviation 1, or 0 where all are equal."""
    values = np.asarray(intensities, np.float64)
    if values.shape != (n,) or not np.isfinite(values).all():
        raise DataError(
            f"The intensities are {list(values.shape)}; give one number for each of the {n} texts."
        )
    return torch.from_numpy((values - values.mean()) / max(float(values.std()), 1e-9)).float()
