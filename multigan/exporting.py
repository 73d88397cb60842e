"""A trained generator for other programs: weights as safetensors, or the whole computation as ONNX."""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn

from multigan.config import to_dict
from multigan.errors import ConfigError, MultiganError
from multigan.modality import architecture_of
from multigan.protocols import Represents, SequenceGenerator, StyleGenerator
from multigan.sampling import TrainedGenerator, generate, latents
from multigan.truncation import latents_of_means, mean_styles
from multigan.writing import write_bytes

TOLERANCE = 1e-4
"""How far onnxruntime may be from torch: largest difference of a value that is about 1."""
_TRIED = 4
_TRUNCATION = 0.7


def facts_of(trained: TrainedGenerator) -> dict[str, Any]:
    """What another program must know of a generator beside its weights."""
    facts = trained.facts
    architecture, settings = architecture_of(trained.modality, dict(facts.architecture))
    return {
        "modality": facts.modality,
        "architecture": {"name": architecture.name, **to_dict(settings)},
        "labels": list(facts.labels),
        "sample_shape": list(facts.sample_shape),
        "data": facts.data,
        "checkpoint": trained.checkpoint.name,
    }


def write_weights(trained: TrainedGenerator, path: Path) -> None:
    """The averaged generator's tensors by name as safetensors; its metadata "multigan" is ``facts_of`` as JSON."""
    tensors = {name: tensor.contiguous() for name, tensor in trained.network.state_dict().items()}
    write_bytes(path, safetensors.torch.save(tensors, metadata={"multigan": json.dumps(facts_of(trained))}))


class _Sampler(nn.Module):
    """latent [N, Z], condition [N, C], truncation [] -> samples [N, ...]; without what the generator has not."""

    drawn: Tensor

    def __init__(self, network: nn.Module, has_labels: bool) -> None:
        super().__init__()
        self.network, self.has_labels = network, has_labels
        if isinstance(network, StyleGenerator):
            self.register_buffer("drawn", latents_of_means(network))

    def forward(self, latent: Tensor, *others: Tensor) -> Tensor:
        condition = others[0] if self.has_labels else None
        if not isinstance(self.network, StyleGenerator):
            return self.network(latent, condition)
        styles = self.network.mapping(latent, condition)
        centres = mean_styles(self.network, self.drawn, condition)
        return self.network.synthesis(centres + (styles - centres) * others[-1])


def write_onnx(trained: TrainedGenerator, path: Path) -> float:
    """``onnx_of`` as a file; how far its samples are from torch's."""
    content, difference = onnx_of(trained)
    write_bytes(path, content)
    return difference


def onnx_of(trained: TrainedGenerator, option: str = "--onnx") -> tuple[bytes, float]:
    """The generator as ONNX, and the largest difference of its samples from torch's as onnxruntime computes them.

    Inputs: latent [N, Z]; condition [N, C] where there are labels (a one-hot times the intensity); truncation [], where
    the generator has styles. Output: samples [N, ...] in [-1, 1]. ConfigError for a generator whose samples are made by
    more than its network; MultiganError where onnxruntime differs by more than ``TOLERANCE``. ``option`` asked for it.
    """
    network = trained.network
    if isinstance(network, SequenceGenerator | Represents):
        raise ConfigError(
            f"A run of the modality {trained.facts.modality!r} makes its samples by more than its network (texts are drawn "
            f"word by word, sounds found again from spectrograms), so that ONNX cannot have it: leave {option} out, and "
            "take --safetensors."
        )
    onnx, runtime = _programs(option)
    inputs, sizes = _inputs(trained)
    expected = _expected(
        trained
    )  # first: filters that networks keep are to be numbers, not the exporter's stand-ins
    sampler = _Sampler(network, bool(trained.facts.labels)).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter about itself
        program = torch.onnx.export(
            sampler,
            tuple(inputs.values()),
            dynamo=True,
            verbose=False,
            input_names=list(inputs),
            output_names=["samples"],
            dynamic_shapes=(sizes[0], tuple(sizes[1:])) if len(sizes) > 1 else (sizes[0],),
        )
    assert program is not None
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "generator.onnx"
        program.save(draft)
        model = onnx.load(draft)
    onnx.helper.set_model_props(model, {"multigan": json.dumps(facts_of(trained))})
    content = model.SerializeToString()
    difference = _difference(runtime, content, trained, expected)
    if not difference <= TOLERANCE:
        raise MultiganError(
            f"The exported network makes other samples than torch (largest difference {difference:.1e}, at most "
            f"{TOLERANCE:g} is taken), and was not written."
        )
    return content, difference


def _programs(option: str) -> tuple[Any, Any]:
    try:
        import onnx
        import onnxruntime
        import onnxscript  # noqa: F401  (torch.onnx needs it)
    except ImportError as error:
        raise ConfigError(
            f'{option} needs the package {error.name}: run pip install "multigan[onnx]".'
        ) from error
    return onnx, onnxruntime


def _inputs(trained: TrainedGenerator, n: int = 2) -> tuple[dict[str, Tensor], list[Any]]:
    """Some of each input by name, and which of their axes may have any size."""
    batch = torch.export.Dim("batch")
    inputs = {"latent": latents(trained.network, 0, range(n))}
    sizes: list[Any] = [{0: batch}]
    n_labels = len(trained.facts.labels)
    if n_labels:
        inputs["condition"] = torch.eye(n_labels)[torch.arange(n) % n_labels]
        sizes.append({0: batch})
    if isinstance(trained.network, StyleGenerator):
        inputs["truncation"] = torch.tensor(_TRUNCATION)
        sizes.append({})
    return inputs, sizes


def _expected(trained: TrainedGenerator) -> Tensor:
    """Torch's samples of the inputs that are tried."""
    inputs, _ = _inputs(trained, _TRIED)
    truncation = _TRUNCATION if "truncation" in inputs else 1.0
    return generate(trained.network, inputs["latent"], inputs.get("condition"), truncation)


def _difference(runtime: Any, content: bytes, trained: TrainedGenerator, expected: Tensor) -> float:
    """Between onnxruntime's samples and torch's, of another number of samples than it was exported with."""
    inputs, _ = _inputs(trained, _TRIED)
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (samples,) = session.run(None, {name: np.asarray(tensor) for name, tensor in inputs.items()})
    return float(np.abs(samples - expected.numpy()).max())
