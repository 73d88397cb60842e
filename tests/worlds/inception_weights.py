"""Weights of the FID Inception's real architecture, made by seed: the published ones cannot be had in a test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch


def seeded(shapes):
    """Weights by seed, with statistics under which features neither vanish nor explode."""
    stream = torch.Generator().manual_seed(7)

    def draw(name, shape):
        noise = torch.randn(shape, generator=stream)
        if name.endswith("conv.weight"):
            return noise * (2 / shape[1:].numel()) ** 0.5
        if name.endswith("running_var"):
            return 1 + noise.abs() / 5
        if name.endswith("bn.weight"):
            return 1 + noise / 10
        return noise / (50 if name.startswith("fc") else 10)

    return {name: draw(name, shape) for name, shape in shapes.items()}


@contextmanager
def original_extractor() -> Iterator[torch.nn.Module]:
    """torch-fidelity's extractor with seeded weights in place of those that it would download."""
    from torch_fidelity import feature_extractor_inceptionv3 as module

    def fill(self, _state):
        shapes = {name: value.shape for name, value in self.state_dict().items()}
        counters = {name: torch.tensor(0) for name in shapes if name.endswith("num_batches_tracked")}
        drawn = seeded({name: shape for name, shape in shapes.items() if name not in counters})
        return torch.nn.Module.load_state_dict(self, drawn | counters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "load_state_dict_from_url", lambda *_, **__: None)
        patch.setattr(module.FeatureExtractorInceptionV3, "load_state_dict", fill)
        yield module.FeatureExtractorInceptionV3("inception-v3-compat", ["2048", "logits_unbiased"])
