"""Networks of the official StyleGAN2-ADA and StyleGAN3 (cfg stylegan2) repositories, taken over exactly.

Their files are pickles with the code of their networks in them; ``multigan.reading.pickled`` runs none of it. What differs
from ours: a mean style of all labels, which truncation draws towards (``style_mean``), and embedded labels, which they
normalise; each label's is normalised here once, and goes into the weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

from multigan.errors import DataError
from multigan.reading.pickled import Kept, read_pickle

_RESOLUTIONS = tuple(2**k for k in range(4, 11))
_FILTER = (1.0, 3.0, 3.0, 1.0)
_DISCRIMINATORS = {"resnet": "residual", "orig": "plain", "skip": "skip"}
_WHOLE_BATCH = 2**16
"""No batch is larger."""


@dataclass(frozen=True)
class OfficialNetworks:
    """The weights of a generator and a discriminator under our names, and the settings of their architecture."""

    architecture: dict[str, Any]
    weights: dict[str, Tensor]
    shape: tuple[int, int, int]
    n_labels: int
    discriminator: dict[str, Tensor] | None = None
    """None: the file has none that can be taken over."""
    lacking: str = "the file has none"
    """Why there is no discriminator."""


def read_networks(content: bytes, source: str) -> OfficialNetworks:
    """The averaged generator ("G_ema") and the discriminator ("D") of an official file.

    DataError where there is no generator, or none that we have.
    """
    whole = read_pickle(content, source)
    network = whole.get("G_ema") if isinstance(whole, Mapping) else whole
    if not isinstance(network, Kept):
        raise DataError(
            f"{source} has no network called G_ema; give a network-snapshot .pkl of StyleGAN2-ADA or StyleGAN3."
        )
    generator = _read(network, source, _taken_over)
    critic = whole.get("D") if isinstance(whole, Mapping) else None
    if not isinstance(critic, Kept):
        return generator
    own = generator.architecture
    try:
        settings, weights = _read(critic, source, discriminator_of)
    except DataError as error:
        return replace(generator, lacking=str(error))
    beside = {name: settings.pop(name) for name in ("channel_base", "channel_max", "conv_clamp")}
    if any(own[name] != value for name, value in beside.items()):
        return replace(generator, lacking=f"{source} has one of other widths or clamps than its generator.")
    return replace(generator, architecture={**own, **settings}, discriminator=weights)


T = TypeVar("T")


def _read(network: Kept, source: str, read: Callable[[_Part, str], T]) -> T:
    try:
        return read(_Part(network), source)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            f"{source} holds a {network.class_name} that lacks what one of StyleGAN2 has "
            f"({type(error).__name__}: {error}); only networks of StyleGAN2 are read."
        ) from error


class _Part:
    """A module of an official network: its values, tensors and parts by name."""

    def __init__(self, kept: Kept) -> None:
        self._own = kept.attributes

    def __getitem__(self, name: str) -> Any:
        return self._own[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self._own.get(name, default)

    def tensor(self, name: str) -> Tensor:
        for kind in ("_parameters", "_buffers"):
            if isinstance(self._own[kind].get(name), Tensor):
                return self._own[kind][name].detach().clone()
        raise KeyError(name)

    def part(self, name: str) -> _Part:
        return _Part(self._own["_modules"][name])

    def parts(self) -> list[str]:
        return list(self._own["_modules"])


def _taken_over(network: _Part, source: str) -> OfficialNetworks:
    synthesis, mapping = network.part("synthesis"), network.part("mapping")
    blocks = [name for name in synthesis.parts() if name.startswith("b") and name[1:].isdigit()]
    if not blocks:
        raise DataError(
            f"{source} holds a StyleGAN3 generator (cfg stylegan3-t or -r), whose layers are others; only cfg stylegan2 is "
            "read."
        )
    resolution, channels = int(network["img_resolution"]), int(network["img_channels"])
    if resolution not in _RESOLUTIONS or channels != 3:
        raise DataError(
            f"{source} makes pictures of {channels} channels and {resolution} pixels; multigan's have 3 channels and a "
            f"power of two from {_RESOLUTIONS[0]} to {_RESOLUTIONS[-1]}."
        )
    weights: dict[str, Tensor] = {}
    settings = {"latent_size": int(network["z_dim"]), "style_size": int(network["w_dim"])}
    settings |= _mapping(mapping, weights, int(network["z_dim"]), int(network["c_dim"]), source)
    settings |= _synthesis(synthesis, blocks, weights, source)
    architecture = {"name": "stylegan2", **settings, "style_mixing": 0.0, "style_mean": True}
    return OfficialNetworks(architecture, weights, (channels, resolution, resolution), int(network["c_dim"]))


def _mapping(
    mapping: _Part, weights: dict[str, Tensor], n_latent: int, n_labels: int, source: str
) -> dict[str, Any]:
    n_layers = int(mapping["num_layers"])
    multiplier = float(mapping.part("fc0")["bias_gain"])
    for place in range(n_layers):
        layer = mapping.part(f"fc{place}")
        _linear(layer, f"mapping_network.layers.{place}", weights)
    if n_labels:
        embedding = mapping.part("embed")
        weight = embedding.tensor("weight").double() / math.sqrt(n_labels)
        if len(weight) != n_latent:
            raise DataError(
                f"{source} embeds labels in {len(weight)} numbers beside {n_latent} of noise; multigan in as many."
            )
        rows = weight.T + embedding.tensor("bias").double()
        rows = rows * (rows.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        weights["mapping_network.embedding.weight"] = rows.T.float().contiguous()
        weights["mapping_network.embedding.bias"] = torch.zeros(n_latent, dtype=torch.float32)
    weights["style_mean"] = mapping.tensor("w_avg").float()
    return {"mapping_layers": n_layers, "mapping_lr_multiplier": multiplier}


def _synthesis(
    synthesis: _Part, blocks: list[str], weights: dict[str, Tensor], source: str
) -> dict[str, Any]:
    kinds, clamps, noisy, widths = set(), set(), set(), {}
    for place, name in enumerate(blocks):
        block, ours = synthesis.part(name), f"blocks.{place}"
        kinds.add(block["architecture"])
        if place == 0:
            weights[f"{ours}.constant"] = block.tensor("const").float()
        for theirs, our in (("conv0", "grow"), ("conv1", "refine")):
            if theirs in block.parts():
                layer = block.part(theirs)
                _styled(layer, f"{ours}.{our}", weights)
                noisy.add(bool(layer["use_noise"]))
                clamps.add(layer["conv_clamp"])
                _check_filter(layer, source)
        widths[int(name[1:])] = len(block.part("conv1").tensor("weight"))
        if "torgb" in block.parts():
            _to_image(block.part("torgb"), f"{ours}.to_image", weights)
        if "skip" in block.parts():
            weights[f"{ours}.shortcut.weight"] = block.part("skip").tensor("weight").float()
    if not kinds <= {"skip", "resnet"} or len(kinds) != 1 or len(clamps) != 1 or len(noisy) != 1:
        raise DataError(
            f"{source} has a synthesis network of the kind {', '.join(sorted(map(str, kinds)))}; skip and resnet are read, "
            "with the same clamp and noise in all layers."
        )
    (kind,), (clamp,), (noise,) = kinds, clamps, noisy
    return {
        **_channels(widths, source),
        "generator": "skip" if kind == "skip" else "residual",
        "noise": noise,
        "conv_clamp": None if clamp is None else float(clamp),
    }


def discriminator_of(network: _Part, source: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Settings and weights of a discriminator; its labels' layers are m of ``multigan.layers.MappedHead``."""
    names = sorted(
        (n for n in network.parts() if n.startswith("b") and n[1:].isdigit()), key=lambda n: -int(n[1:])
    )
    weights: dict[str, Tensor] = {}
    kinds, clamps, widths = set(), set(), {}
    for place, name in enumerate(names):
        block = network.part(name)
        kinds.add(block["architecture"])
        if "fromrgb" in block.parts():
            ours = f"from_smaller.{place - 1}" if place else "from_image"
            _linear(block.part("fromrgb"), ours, weights)
        if name == "b4":
            widths[4] = len(block.part("conv").tensor("weight"))
            clamps.add(block.part("conv")["conv_clamp"])
            for theirs, ours in (("conv", "last"), ("fc", "features"), ("out", "head.logit")):
                _linear(block.part(theirs), ours, weights)
            continue
        widths[int(name[1:])] = len(block.part("conv0").tensor("weight"))
        for theirs, ours in (("conv0", "first"), ("conv1", "second")):
            _linear(block.part(theirs), f"blocks.{place}.{ours}", weights)
            clamps.add(block.part(theirs)["conv_clamp"])
        _check_filter(block.part("conv1"), source)
        if "skip" in block.parts():
            weights[f"blocks.{place}.shortcut.weight"] = block.part("skip").tensor("weight").float()
    kind, clamp = (kinds.pop() if len(kinds) == 1 else None), (clamps.pop() if len(clamps) == 1 else math.nan)
    if kind not in _DISCRIMINATORS or clamp != clamp:
        raise DataError(
            f"{source} has a discriminator whose layers are of several kinds or clamps; multigan has one of both."
        )
    if int(network["c_dim"]):
        mapping = network.part("mapping")
        n_layers = int(mapping["num_layers"])
        if n_layers != 8 or float(mapping.part("fc0")["bias_gain"]) != 0.01:
            raise DataError(
                f"{source} has {n_layers} layers for the labels of its discriminator; multigan has 8 of rate 0.01."
            )
        _linear(mapping.part("embed"), "head.embedding", weights)
        for place in range(n_layers):
            _linear(mapping.part(f"fc{place}"), f"head.layers.{place}", weights)
    deviation = network.part("b4").part("mbstd")
    group = deviation["group_size"]
    settings = {
        **_channels(widths, source),
        "conv_clamp": None if clamp is None else float(clamp),
        "discriminator": _DISCRIMINATORS[kind],
        "discriminator_head": "mapping" if int(network["c_dim"]) else "projection",
        "minibatch_group": _WHOLE_BATCH if group is None else int(group),
        "minibatch_channels": int(deviation["num_channels"]),
    }
    return settings, weights


def _channels(widths: Mapping[int, int], source: str) -> dict[str, Any]:
    """The two settings that give these widths: min(channel_base / r, channel_max) at resolution r."""
    most, last = max(widths.values()), max(widths)
    base = max(width * size for size, width in widths.items() if width < most or size == last)
    if any(max(min(base // size, most), 4) != width for size, width in widths.items()):
        told = ", ".join(f"{width} at {size}" for size, width in widths.items())
        raise DataError(f"{source} has layers of widths that no channel_base and channel_max give: {told}.")
    return {"channel_base": base, "channel_max": most}


def _check_filter(layer: _Part, source: str) -> None:
    row = torch.tensor(_FILTER, dtype=torch.float32)
    expected = torch.outer(row, row) / row.sum() ** 2
    found = layer.tensor("resample_filter").float()
    if found.shape != expected.shape or not torch.allclose(found, expected, atol=1e-6):
        raise DataError(f"{source} resamples with another filter than [1, 3, 3, 1]; multigan has that one.")


def _linear(layer: _Part, name: str, weights: dict[str, Tensor]) -> None:
    weights[f"{name}.weight"] = layer.tensor("weight").float()
    weights[f"{name}.bias"] = layer.tensor("bias").float()


def _styled(layer: _Part, name: str, weights: dict[str, Tensor]) -> None:
    _linear(layer, name, weights)
    _linear(layer.part("affine"), f"{name}.affine", weights)
    if layer["use_noise"]:
        weights[f"{name}.noise_strength"] = layer.tensor("noise_strength").float()
        weights[f"{name}.noise"] = layer.tensor("noise_const").float()[None, None]


def _to_image(layer: _Part, name: str, weights: dict[str, Tensor]) -> None:
    _linear(layer, name, weights)
    _linear(layer.part("affine"), f"{name}.affine", weights)
