"""Contract checks for the author of a modality or an architecture: call ``check_modality`` in a test.

Each check raises AssertionError with a sentence. They train nothing; networks are those of the given settings,
so give small ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from multigan import checkpoint
from multigan.game import Players
from multigan.losses import LOSSES
from multigan.modality import Modality, build_networks
from multigan.objectives import Objective
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.objectives.sequence import likelihood
from multigan.protocols import Batch, Generates, Representation, Represents, SequenceGenerator, StyleGenerator

_BATCH = 4


def check_modality(
    modality: Modality,
    sample_shape: tuple[int, ...],
    folder: Path,
    architectures: Mapping[str, Mapping[str, Any]] | None = None,
    n_labels: int = 3,
    data: Any = None,
) -> None:
    """Check every architecture of ``modality``, with ``n_labels`` labels and with none, and how samples are written.

    ``architectures``: settings of an architecture by its name (default: its own); ``data``: the modality's data settings
    (default: their own). Files are written to ``folder``,
    which must exist. AssertionError says which architecture broke which promise.
    """
    for name in modality.architectures:
        for n in (n_labels, 0):
            raw = {"name": name, **(architectures or {}).get(name, {})}
            check_architecture(modality, raw, sample_shape, n, folder / f"{name}-{n}")
    check_files(modality, modality.random_samples(_BATCH, sample_shape), folder, data)


def check_architecture(
    modality: Modality, raw: Mapping[str, Any], sample_shape: tuple[int, ...], n_labels: int, folder: Path
) -> None:
    """Check the pair of networks that ``raw`` (name and settings) makes: shapes, gradients, condition, checkpoint."""
    torch.manual_seed(0)
    shapes = sample_shape, (n_labels,) if n_labels else ()
    networks = build_networks(modality, dict(raw), *shapes)
    generator, critic = networks["generator"], networks["discriminator"]
    condition = torch.eye(n_labels)[torch.arange(_BATCH) % n_labels] if n_labels else None
    real, other = (modality.random_samples(_BATCH, sample_shape) for _ in range(2))
    what = f"{raw['name']} with {n_labels} labels"
    if isinstance(generator, Represents):
        real = _encoded(what, generator.representation, real)
        other = -real
    batch = Batch(real, condition)
    _check_generator(what, generator, batch)
    _check_discriminator(what, critic, batch, other)
    _check_gradients(what, generator, critic, batch)
    again = build_networks(modality, dict(raw), *shapes)
    inputs = {"generator": _latent(generator, _BATCH), "discriminator": batch.real}
    for name, samples in inputs.items():
        _check_round_trip(what, networks[name], again[name], (samples, condition), folder)


def check_files(modality: Modality, samples: Tensor, folder: Path, data: Any = None) -> None:
    """Each sample is one file, the same bytes each time, and a preview is one picture."""
    data = modality.data_settings() if data is None else data
    media = modality.media(samples, data)
    _require(len(media) == len(samples), f"media gives {len(media)} for {len(samples)} samples")
    written: list[list[bytes]] = []
    for name in ("first", "second"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        paths = [folder / name / f"{i}{modality.file_suffix}" for i in range(len(samples))]
        modality.write_samples(samples, paths, data)
        _require(all(path.is_file() for path in paths), "write_samples leaves out files")
        written.append([path.read_bytes() for path in paths])
    _require(written[0] == written[1], "write_samples gives other bytes for the same samples")
    _require(len(set(written[0])) == len(samples), "write_samples gives one file for different samples")
    preview = folder / "previews" / "preview.png"
    preview.parent.mkdir(exist_ok=True)
    modality.preview(samples, 2, preview, data)
    _require(preview.is_file() and preview.stat().st_size > 0, "preview writes no file")


def _encoded(what: str, representation: Representation, samples: Tensor) -> Tensor:
    """What the networks see of ``samples``: of the stated shape, and taken back to samples, always the same."""
    representation.fit(samples)
    encoded = representation.encode(samples)
    found, stated = list(encoded.shape), [len(samples), *representation.shape]
    _require(found == stated, f"{what}: encoded samples are {found}, not {stated}")
    _require(encoded.dtype == torch.float32, f"{what}: encoded samples are {encoded.dtype}, not float32")
    decoded = representation.decode(encoded)
    found, stated = list(decoded.shape), list(samples.shape)
    _require(found == stated, f"{what}: decoded samples are {found}, not {stated}")
    finite = bool(encoded.isfinite().all() and decoded.isfinite().all())
    _require(finite, f"{what}: encoded or decoded samples are not finite")
    same = torch.equal(decoded, representation.decode(encoded))
    _require(same, f"{what}: decode gives other samples for the same input")
    return encoded


def _check_generator(what: str, generator: nn.Module, batch: Batch) -> None:
    condition = batch.condition
    first, second = (_latent(generator, _BATCH, torch.Generator().manual_seed(1)) for _ in range(2))
    _require(torch.equal(first, second), f"{what}: latent differs for the same random state")
    other = _latent(generator, _BATCH, torch.Generator().manual_seed(2))
    _require(not torch.equal(first, other), f"{what}: latent is the same for another random state")
    for training in (True, False):
        generator.train(training)
        samples = generator(first, condition)
        mode = "training" if training else "evaluation"
        shape, expected = list(samples.shape), list(batch.real.shape)
        _require(shape == expected, f"{what}: samples in {mode} are {shape}, not {expected}")
        kind = batch.real.dtype
        _require(samples.dtype == kind, f"{what}: samples in {mode} are {samples.dtype}, not {kind}")
        _require(bool(samples.isfinite().all()), f"{what}: samples in {mode} are not finite")
    with torch.no_grad():
        samples = generator(first, condition)
        same = torch.equal(samples, generator(first, condition))
        _require(same, f"{what}: evaluation gives other samples for the same latent")
        _require(not _alike(samples, generator(other, condition)), f"{what}: the latent changes nothing")
        if condition is not None:
            ignored = _alike(
                *(_heard(generator, first, samples, c) for c in (condition, condition.roll(1, 1)))
            )
            _require(not ignored, f"{what}: the condition changes nothing that is generated")
        if isinstance(generator, StyleGenerator):
            styles = generator.mapping(first, condition)
            _require(styles.ndim == 3, f"{what}: mapping gives {list(styles.shape)}, not [N, L, W]")
            close = torch.allclose(generator.synthesis(styles), samples, atol=1e-5)
            _require(close, f"{what}: synthesis(mapping(latent)) is not forward(latent) in evaluation")
    generator.train()


def _heard(generator: nn.Module, latent: Tensor, samples: Tensor, condition: Tensor) -> Tensor:
    """What a condition changes: samples, or how likely they are, since few draws of tokens turn on a fresh condition."""
    if isinstance(generator, SequenceGenerator):
        return generator.log_prob(samples, condition)
    return generator(latent, condition)


def _check_discriminator(what: str, critic: nn.Module, batch: Batch, other: Tensor) -> None:
    with torch.no_grad():
        logits = critic(batch.real, batch.condition)
        _require(list(logits.shape) == [_BATCH], f"{what}: logits are {list(logits.shape)}, not [{_BATCH}]")
        _require(bool(logits.isfinite().all()), f"{what}: logits are not finite")
        _require(not torch.allclose(logits, critic(other, batch.condition)), f"{what}: logits ignore samples")
        if batch.condition is not None:
            turned = critic(batch.real, batch.condition.roll(1, 1))
            _require(not torch.allclose(logits, turned), f"{what}: the condition changes no logit")


def _check_gradients(what: str, generator: nn.Module, critic: nn.Module, batch: Batch) -> None:
    """Every parameter is reached by the losses (of sequences, by the likelihood); the label classifier's by its own."""
    players = Players(generator, critic, nn.Identity(), nullcontext)
    weight = 1.0 if batch.condition is not None and hasattr(critic, "judge") else 0.0
    objectives: list[tuple[str, nn.Module, Objective]] = [
        (
            "generator",
            generator,
            likelihood()
            if isinstance(generator, SequenceGenerator)
            else pathwise(LOSSES["non_saturating"], weight),
        ),
        ("discriminator", critic, discriminator(LOSSES["non_saturating"], weight)),
    ]
    for which, network, objective in objectives:
        generator.zero_grad(set_to_none=True)
        critic.zero_grad(set_to_none=True)
        objective(players, batch).loss.mean().backward()
        missing = [name for name, p in network.named_parameters() if p.requires_grad and p.grad is None]
        _require(not missing, f"{what}: no gradient reaches the {which}'s {', '.join(missing)}")
        odd = [
            name
            for name, p in network.named_parameters()
            if p.grad is not None and not p.grad.isfinite().all()
        ]
        _require(not odd, f"{what}: gradients of the {which}'s {', '.join(odd)} are not finite")


def _check_round_trip(
    what: str, network: nn.Module, fresh: nn.Module, inputs: Sequence[Tensor | None], folder: Path
) -> None:
    """A checkpoint gives back the network: its output in evaluation, bit for bit."""
    checkpoint.save(folder / "000000001", network.state_dict())
    fresh.load_state_dict(checkpoint.load(folder / "000000001"))
    with torch.no_grad():
        same = torch.equal(network.eval()(*inputs), fresh.eval()(*inputs))
    _require(same, f"{what}: {type(network).__name__} is another after a checkpoint's round trip")


def _alike(first: Tensor, second: Tensor) -> bool:
    return torch.allclose(first.float(), second.float())


def _latent(generator: nn.Module, n: int, random_state: torch.Generator | None = None) -> Tensor:
    return cast(Generates, generator).latent(n, random_state)


def _require(kept: bool, broken: str) -> None:
    if not kept:
        raise AssertionError(broken)
