"""How a small classifier of samples is trained, judged by nothing but its labels, saved and found again."""

from __future__ import annotations

import contextlib
import copy
import math
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol, Self, TypeVar

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional as F

from evaluation.extractors.protocol import Progress
from multigan.errors import CheckpointError, DataError
from multigan.writing import make_folder, write_bytes

BATCH = 64
LEARNING_RATE = 4e-3
EMA_HALF_LIFE_SAMPLES = 6_000


class Network(nn.Module):
    """Convolution blocks, whose channel means [N, D] are features, and a linear layer: [N, C, H, W] -> logits [N, K]."""

    def __init__(self, blocks: list[nn.Sequential], n_features: int, n_classes: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(n_features, n_classes)

    def features(self, maps: Tensor) -> Tensor:
        return self.blocks(maps.contiguous(memory_format=torch.channels_last)).mean((2, 3))

    def forward(self, maps: Tensor) -> Tensor:
        return self.head(self.features(maps))

    def probabilities_of(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities float64 [N, K] of features [N, D]; each row sums to 1."""
        weight, bias = (tensor.cpu().double().numpy() for tensor in (self.head.weight, self.head.bias))
        return softmax(features @ weight.T + bias)

    def finished(self, device: torch.device) -> Self:
        """The network as it is used: on its device, without gradients."""
        placed = self.to(device=device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return placed.eval().requires_grad_(False)


def block(
    inputs: int,
    outputs: int,
    kernel: int | tuple[int, int] = 3,
    stride: int | tuple[int, int] = 1,
    padding: int = 1,
) -> nn.Sequential:
    """A convolution, batch normalisation and a rectifier."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


def trained(
    network: Network,
    batch_of: Callable[[np.ndarray], Tensor],
    labels: np.ndarray,
    n_samples: int,
    random_state: torch.Generator,
    device: torch.device,
    what: str,
    progress: Progress | None = None,
) -> Network:
    """The ``averaged`` network, trained on plain cross-entropy (smoothed labels would level the margins that intensity
    shows in).

    ``batch_of`` takes indices [B] to network inputs, freshly augmented; ``labels`` int [N] are theirs.
    """
    network = network.to(device=device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def loss_of(chosen: np.ndarray) -> Tensor:
        inputs = batch_of(chosen)
        targets = torch.as_tensor(labels[chosen], dtype=torch.long, device=device)
        return F.cross_entropy(network(inputs), targets)

    optimiser, n = optimiser_of(network), len(labels)
    return averaged(network, optimiser, loss_of, n, n_samples, random_state, what, progress).finished(device)


Trained = TypeVar("Trained", bound=nn.Module)


def averaged(
    network: Trained,
    optimiser: torch.optim.Optimizer,
    loss_of: Callable[[np.ndarray], Tensor],
    n: int,
    n_samples: int,
    random_state: torch.Generator,
    what: str,
    progress: Progress | None = None,
    batch: int = BATCH,
) -> Trained:
    """The network after ``n_samples`` samples, as the average of its weights, so that no held-out figure chooses it.

    The learning rate of ``optimiser`` warms up and follows a cosine. ``loss_of`` takes indices [batch] below ``n`` to the
    loss of ``network``, which is trained in place; the average is another one.
    """
    average, rates = copy.deepcopy(network), [group["lr"] for group in optimiser.param_groups]
    n_steps = max(1, n_samples // batch)
    for step, chosen in enumerate(_draws(n, n_steps, batch, random_state)):
        loss = loss_of(chosen)
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * _schedule((step + 0.5) / n_steps)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        _follow(average, network, min(0.5 ** (batch / EMA_HALF_LIFE_SAMPLES), (step + 1) / (step + 10)))
        if progress:
            progress(f"training {what}", (step + 1) * batch, n_steps * batch)
    return average


def optimiser_of(
    network: nn.Module, learning_rate: float = LEARNING_RATE, fused: bool = False
) -> torch.optim.AdamW:
    """AdamW whose decay spares biases and normalisation. Fused is faster for large tables, and rounds otherwise."""
    weights = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.99), fused=fused)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities [N, C] of logits [N, C]."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def check_labels(labels: np.ndarray, n: int, n_classes: int, what: str) -> None:
    """DataError unless ``labels`` holds n whole numbers, n > 0, from 0 to C-1: one for each of ``what``."""
    labels = np.asarray(labels)
    if not n or labels.shape != (n,) or not np.issubdtype(labels.dtype, np.integer):
        description = f"{labels.dtype} {list(labels.shape)}"
        raise DataError(f"The labels are {description}; give one whole number for each of the {n} {what}.")
    if labels.min() < 0 or labels.max() >= n_classes:
        raise DataError(
            f"The labels run from {labels.min()} to {labels.max()}; "
            f"with {n_classes} classes they are 0 to {n_classes - 1}."
        )


class Saved(Protocol):
    """What ``cached`` keeps."""

    def save(self, path: Path) -> None: ...


Kept = TypeVar("Kept", bound=Saved)


def cached(path: Path, load: Callable[[Path], Kept], train: Callable[[], Kept]) -> Kept:
    """What ``train`` gives, or what it gave before and saved in ``path``. Instead of a damaged file it trains anew."""
    if path.exists():
        try:
            return load(path)
        except CheckpointError:
            path.unlink()
    result = train()
    # a cache that cannot be written costs time, not the report
    with contextlib.suppress(OSError, SafetensorError):
        result.save(path)
    return result


def save_tensors(path: Path, tensors: Mapping[str, Tensor], facts: dict[str, str]) -> None:
    """Write tensors and facts as safetensors; a file already there is replaced whole or not at all."""
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    make_folder(path.parent)
    write_bytes(path, save(plain, metadata={**facts, "sum": _sum(plain)}))


def _sum(tensors: Mapping[str, Tensor]) -> str:
    """A checksum of names, types, shapes and values."""
    total = 0
    for name, tensor in sorted(tensors.items()):
        total = zlib.crc32(repr((name, str(tensor.dtype), tuple(tensor.shape))).encode(), total)
        total = zlib.crc32(tensor.reshape(-1).view(torch.uint8).numpy().data, total)
    return str(total)


@contextlib.contextmanager
def facts_of(path: Path, kind: str) -> Iterator[dict[str, str]]:
    """The facts of a saved classifier, "format" being "multigan KIND". CheckpointError where it is none or damaged.

    What the file lacks, or holds in another form, is found by the code inside; its error becomes a CheckpointError too.
    """
    try:
        with safe_open(path, "pt") as file:
            facts = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in list(file.keys())}
        if facts.get("format") != f"multigan {kind}":
            raise CheckpointError(f"{path} is no {kind}; give a file that its method save wrote.")
        if facts["sum"] != _sum(tensors):
            raise ValueError("its weights are not what was written")
        yield facts
    except (OSError, SafetensorError, RuntimeError, KeyError, ValueError) as error:
        raise CheckpointError(f"Cannot read the {kind} {path}: {error}. Delete it to train anew.") from error


def _draws(n: int, n_steps: int, batch: int, random_state: torch.Generator) -> Iterator[np.ndarray]:
    """Indices [batch] of each step: every sample once, in random order, before any comes again."""
    order = torch.empty(0, dtype=torch.long)
    for _ in range(n_steps):
        while len(order) < batch:
            order = torch.cat([order, torch.randperm(n, generator=random_state)])
        yield order[:batch].numpy()
        order = order[batch:]


def _schedule(fraction: float) -> float:
    """A factor of the learning rate: up over the first tenth, down along a cosine."""
    return min(1.0, fraction / 0.1) * (0.5 + 0.5 * math.cos(math.pi * fraction))


@torch.no_grad()
def _follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)
