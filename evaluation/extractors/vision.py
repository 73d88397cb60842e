"""Image features of pretrained vision transformers: DINOv2 and CLIP, read by transformers from files that are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from torch import Tensor

from evaluation.extractors.networks import quietly
from evaluation.samples.checks import check_images
from multigan.errors import CheckpointError
from multigan.pretrained.weights import digest_of_files

RESOLUTION = 224
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
"""Mean and standard deviation of red, green and blue in [0, 1], as in training."""


def stretched(image: np.ndarray) -> np.ndarray:
    """An image uint8 [H, W, 3] as uint8 [224, 224, 3], stretched by PIL bicubic."""
    return np.asarray(Image.fromarray(image).resize((RESOLUTION, RESOLUTION), Image.Resampling.BICUBIC))


def centred(image: np.ndarray) -> np.ndarray:
    """The middle of an image whose shorter side PIL bicubic has brought to 224: uint8 [224, 224, 3]."""
    height, width = image.shape[:2]
    longer = max(height, width) * RESOLUTION // min(height, width)
    size = (longer, RESOLUTION) if width > height else (RESOLUTION, longer)
    resized = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))
    # OpenAI's own preprocessing rounds an odd remainder's half, to the even number
    top, left = (round((side - RESOLUTION) / 2) for side in resized.shape[:2])
    return resized[top : top + RESOLUTION, left : left + RESOLUTION]


@dataclass(frozen=True, eq=False)
class ImageNetwork:
    """One vector per image, float32, from a network in float32."""

    name: str
    digest: str
    preprocessing: str
    resize: Callable[[np.ndarray], np.ndarray]
    colours: tuple[tuple[float, float, float], tuple[float, float, float]]
    embed: Callable[[Tensor], Tensor]
    """Images [N, 3, 224, 224] -> features [N, D]."""
    device: torch.device

    def prepare(self, sample: np.ndarray) -> np.ndarray:
        """An image uint8 [H, W, 3] as float32 [3, 224, 224]: resized, then (x / 255 - mean) / deviation."""
        check_images(sample[None], "given")
        mean, deviation = (np.array(values, np.float32) for values in self.colours)
        pixels = (self.resize(sample).astype(np.float32) / 255 - mean) / deviation
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """Features float32 [N, D] of prepared images."""
        with torch.inference_mode():
            return self.embed(torch.from_numpy(np.stack(prepared)).to(self.device)).cpu().numpy()


def load_dinov2(device: torch.device, files: Mapping[str, Path]) -> ImageNetwork:
    """``dinov2``: the normalised class token of DINOv2 ViT-L/14 (arXiv:2304.07193), as in FD-DINOv2 (arXiv:2306.04675)."""
    from transformers import Dinov2Model

    model = _model(Dinov2Model, device, files)
    preprocessing = "PIL bicubic to 224x224, stretched; ImageNet mean and deviation; v1"
    return ImageNetwork(
        "dinov2", digest_of_files(files), preprocessing, stretched, IMAGENET,
        lambda images: model(pixel_values=images).pooler_output, device,
    )  # fmt: skip


def load_clip(device: torch.device, files: Mapping[str, Path]) -> ImageNetwork:
    """``clip``: the projected embedding of CLIP ViT-B/32 (arXiv:2103.00020), not of unit length, as in arXiv:2203.06026."""
    from transformers import CLIPModel

    model = _model(CLIPModel, device, files)
    sight, projection = model.vision_model, model.visual_projection  # the half that reads text is let go
    preprocessing = "PIL bicubic, shorter side to 224, centre 224x224 rounded; CLIP mean and deviation; v2"
    return ImageNetwork(
        "clip", digest_of_files(files), preprocessing, centred, CLIP,
        lambda images: projection(sight(pixel_values=images).pooler_output), device,
    )  # fmt: skip


def _model(kind: Any, device: torch.device, files: Mapping[str, Path]) -> Any:
    """A network of transformers from the folder that holds its files; it looks nowhere else and runs no code from it."""
    folder = files["config.json"].parent
    try:
        with quietly():
            model, loading = kind.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
            )
    except (OSError, RuntimeError, ValueError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:300]
        raise CheckpointError(
            f"Cannot read {kind.__name__} in {folder}: {reason} Fetch its files again."
        ) from error
    missing = sorted(loading["missing_keys"])
    if missing:  # they would keep random values
        raise CheckpointError(
            f"The weights in {folder} lack {len(missing)} of {kind.__name__}, {missing[0]} for one; fetch the files that "
            "`multigan weights` names."
        )
    return model.eval().requires_grad_(False).to(device)
