"""A classifier for samples that have no network of our own: logistic regression on another extractor's features."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from torch import Tensor
from torch.nn import functional as F

from evaluation.extractors import Extractor
from evaluation.extractors.training import cached, check_labels, facts_of, save_tensors, softmax
from multigan.errors import DataError

VERSION = 1
"""Part of the cache's key: raise it when the training changes."""
KIND = "linear classifier"
PENALTIES = (1e4, 1e3, 1e2, 1e1, 1e0, 1e-1)
N_FOLDS = 3
TOLERANCE = 1e-5
"""Of the gradient, in units of the curvature: the loss is then within about 1e-10 of the least."""
MOST_ROWS = 50_000
MOST_FOLDED = 20_000
ROWS = 8192


@dataclass(frozen=True, eq=False)
class LinearClassifier:
    """Multinomial logistic regression on the standardised features of an extractor.

    It has no features of its own: those of ``extractor`` are given to ``probabilities_of``.
    """

    extractor: str
    """The name of the extractor that the features are of."""
    extractor_digest: str
    penalty: float
    mean: np.ndarray
    """[D], as all arrays here in float64."""
    scale: np.ndarray
    """[D]: the standard deviation, 1 where the training features are constant."""
    weight: np.ndarray
    """[C, D]."""
    bias: np.ndarray
    """[C]: -inf for a class that the training samples lacked, whose probability is 0."""

    @property
    def name(self) -> str:
        return f"linear-classifier[{self.extractor}]"

    @property
    def digest(self) -> str:
        """sha256 of the weights and of the extractor's digest."""
        digest = hashlib.sha256(f"{self.extractor} {self.extractor_digest}".encode())
        for held in self._arrays().values():
            digest.update(f"{held.shape}".encode() + held.tobytes())
        return digest.hexdigest()

    @property
    def preprocessing(self) -> str:
        return f"features of {self.extractor}, standardised; L2 penalty {self.penalty:g}; version {VERSION}"

    def probabilities_of(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities float64 [N, C] of the extractor's features [N, D]; each row sums to 1."""
        if features.ndim != 2 or features.shape[1] != len(self.mean):
            raise DataError(
                f"{self.name} reads features [N, {len(self.mean)}]; found {list(features.shape)}. "
                f"Give the features of {self.extractor}."
            )
        weight, blocks = (self.weight / self.scale).T, range(0, len(features), ROWS)
        parts = [
            softmax((features[start : start + ROWS] - self.mean) @ weight + self.bias) for start in blocks
        ]
        return np.concatenate([*parts, np.empty((0, len(self.bias)))])

    def save(self, path: Path) -> None:
        """Write weights and facts as safetensors; a file already there is replaced whole or not at all."""
        facts = {
            "format": f"multigan {KIND}",
            "extractor": self.extractor,
            "extractor_digest": self.extractor_digest,
            "penalty": repr(self.penalty),
        }
        save_tensors(path, {name: torch.from_numpy(held) for name, held in self._arrays().items()}, facts)

    def _arrays(self) -> dict[str, np.ndarray]:
        return {"mean": self.mean, "scale": self.scale, "weight": self.weight, "bias": self.bias}


def train_linear_classifier(
    extractor: Extractor, features: np.ndarray, labels: np.ndarray, n_classes: int, seed: int = 0
) -> LinearClassifier:
    """Learn labels int [N] in 0..C-1 from the extractor's features [N, D] of real samples.

    The penalty is the one of ``PENALTIES`` under which samples left out in ``N_FOLDS`` folds are likeliest; folds come
    from ``seed`` and from at most ``MOST_FOLDED`` of these samples. The log-likelihood is what calibrated probabilities
    maximise, so classes are not weighted to be equal: a rare label is read as seldom as it occurs, and the accuracy is
    to be held against the share of the commonest label as well as against 1 / C. Of more than ``MOST_ROWS`` samples
    that many are drawn by ``seed``. The bias is not penalised. DataError where labels do not fit or features are not
    finite.
    """
    if np.ndim(features) != 2:
        raise DataError(f"Features are [N, D] with N > 0; found {list(np.shape(features))}.")
    check_labels(labels, len(features), n_classes, "samples")
    random_state = np.random.default_rng(seed)
    rows = np.sort(random_state.permutation(len(features))[:MOST_ROWS])
    known, target = np.asarray(features[rows], np.float64), np.asarray(labels)[rows]
    if not np.isfinite(known).all():
        raise DataError(
            f"Some features of {extractor.name} are not finite; leave out the samples they are of."
        )
    mean, scale = known.mean(axis=0), known.std(axis=0)
    scale[scale <= 1e-7 * np.abs(mean)] = 1  # constant but for rounding
    known -= mean
    known /= scale
    present, numbered = np.unique(target, return_inverse=True)
    axes, targets = _principal(known), torch.from_numpy(numbered)
    penalty = _chosen_penalty(axes, targets, random_state)
    found = _minimised(axes, targets, penalty, tolerance=TOLERANCE)
    weight, bias = np.zeros((n_classes, len(mean))), np.full(n_classes, -np.inf)
    weight[present] = (found[0] @ axes.basis.T).numpy()
    # of all biases that give the same probabilities, those with mean 0
    bias[present] = (found[1] - found[1].mean()).numpy()
    return LinearClassifier(extractor.name, extractor.digest, penalty, mean, scale, weight, bias)


def _chosen_penalty(axes: _Axes, labels: Tensor, random_state: np.random.Generator) -> float:
    """The penalty with the least log-loss on samples left out; from strong to weak, as far as it falls."""
    drawn = torch.from_numpy(random_state.permutation(len(labels))[:MOST_FOLDED])
    labels = labels[drawn].unique(return_inverse=True)[1]
    folds = torch.from_numpy(_folds(labels.numpy(), random_state))
    # single precision tells penalties a factor of ten apart, in half the time
    rough = _Axes(axes.features[drawn].float(), axes.basis.float(), axes.spread.float())
    best, least = PENALTIES[0], np.inf
    for penalty in PENALTIES:
        loss = 0.0
        for fold in range(N_FOLDS):
            held = folds == fold
            train = _Axes(rough.features[~held], rough.basis, rough.spread)
            weight, bias = _minimised(train, labels[~held], penalty, tolerance=1e-3)
            logits = torch.addmm(bias, rough.features[held], weight.T)
            loss += float(F.cross_entropy(logits.double(), labels[held], reduction="sum"))
        if loss >= least:
            break
        best, least = penalty, loss
    return best


def _folds(labels: np.ndarray, random_state: np.random.Generator) -> np.ndarray:
    """The fold [N] of each sample, each class spread evenly; -1, in no fold, for a class's only sample."""
    order = random_state.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    folds = np.empty(len(labels), np.int64)
    folds[order] = np.arange(len(labels)) % N_FOLDS
    folds[np.bincount(labels)[labels] == 1] = -1
    return folds


@dataclass(frozen=True, eq=False)
class _Axes:
    """Standardised features [N, D] along their principal axes, those axes [D, D], and the mean square [D] along each."""

    features: Tensor
    basis: Tensor
    spread: Tensor


def _principal(features: np.ndarray) -> _Axes:
    values = torch.from_numpy(features)
    spread, basis = torch.linalg.eigh(values.T @ values / len(values))
    return _Axes(values @ basis, basis, spread.clamp(min=0))


def _minimised(axes: _Axes, labels: Tensor, penalty: float, tolerance: float) -> tuple[Tensor, Tensor]:
    """(weight [C, D], bias [C]) along principal axes, by L-BFGS until the gradient is small.

    They minimise sum_i -log softmax(weight x_i + bias)[y_i] + penalty / 2 |weight|^2. Each unknown is measured in units
    of its curvature at the start, q spread + penalty / N with q = share (1 - share) of its class: the Hessian's diagonal
    where weight = 0 and bias = log share. Without that it takes three times as long.
    """
    n = len(labels)
    share = torch.bincount(labels).to(axes.features.dtype) / n
    curvature = (share * (1 - share)).clamp(min=1 / n)
    per_weight = (curvature[:, None] * axes.spread + penalty / n).rsqrt()
    per_bias = curvature.rsqrt()
    weight = torch.zeros_like(per_weight).requires_grad_()
    bias = (share.log() / per_bias).requires_grad_()
    optimiser = torch.optim.LBFGS(
        [weight, bias],
        max_iter=500,
        tolerance_grad=tolerance,
        tolerance_change=1e-14,
        history_size=30,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        scaled = weight * per_weight
        logits = torch.addmm(bias * per_bias, axes.features, scaled.T)
        total = F.cross_entropy(logits, labels) + penalty / (2 * n) * scaled.square().sum()
        total.backward()
        return total

    with torch.enable_grad():
        optimiser.step(loss)  # type: ignore[arg-type]
    return (weight * per_weight).detach(), (bias * per_bias).detach()


def load_linear_classifier(path: Path) -> LinearClassifier:
    """The classifier that ``save`` wrote; CheckpointError when there is none or the file is damaged."""
    with facts_of(path, KIND) as facts:
        arrays = load_file(path)
        held = {name: arrays[name] for name in ("mean", "scale", "weight", "bias")}
        return LinearClassifier(
            facts["extractor"], facts["extractor_digest"], float(facts["penalty"]), **held
        )


def cached_linear_classifier(
    cache_folder: Path,
    extractor: Extractor,
    features: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    seed: int = 0,
) -> LinearClassifier:
    """``train_linear_classifier``, or its saved result when the same features, labels, seed and code have trained one.

    Instead of a damaged file it trains anew.
    """
    through = (extractor.name, extractor.digest, extractor.preprocessing)
    content = (features.shape, str(features.dtype), n_classes, seed)
    key = hashlib.sha256(repr((VERSION, through, content)).encode())
    key.update(np.asarray(labels, np.int64).tobytes())
    for start in range(0, len(features), ROWS):
        key.update(features[start : start + ROWS].tobytes())
    path = cache_folder / f"linear-classifier-{key.hexdigest()[:20]}.safetensors"
    return cached(
        path,
        load_linear_classifier,
        lambda: train_linear_classifier(extractor, features, labels, n_classes, seed),
    )
