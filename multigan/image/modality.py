"""The image modality: its data, its architectures, and how pictures are written and previewed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from torch import Tensor, nn

from multigan.image.ada import AdaptiveAugment
from multigan.image.data import look, open_images
from multigan.image.diffaugment import DiffAugment, FlipAndShift
from multigan.image.networks.dcgan import DCGAN
from multigan.image.networks.mlp import MLP
from multigan.image.networks.progressive import PROGRESSIVE
from multigan.image.networks.r3gan import R3GAN
from multigan.image.networks.stylegan2 import HALF_WAVELET_STYLEGAN2, STYLEGAN2, WAVELET_STYLEGAN2
from multigan.image.networks.wgan_gp import WGAN_GP
from multigan.image.sampling import SAMPLING
from multigan.image.settings import ImageData
from multigan.modality import Architecture, Modality
from multigan.registry import Registry
from multigan.writing import make_folder, replacing


def to_uint8(samples: Tensor) -> Tensor:
    """[N, C, H, W] in [-1, 1] -> uint8 [N, H, W, C], rounded as a saved file is: x * 127.5 + 128, clamped."""
    return (samples.float() * 127.5 + 128).clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().cpu()


def write_images(samples: Tensor, paths: Sequence[Path], data: ImageData) -> None:
    """Write each sample as a PNG file."""
    for pixels, path in zip(to_uint8(samples).numpy(), paths, strict=True):
        with replacing(path) as stream:
            Image.fromarray(pixels).save(stream, format="PNG")


def write_grid(samples: Tensor, columns: int, path: Path, data: ImageData) -> None:
    """All samples in one picture, row by row, small ones enlarged so that a person sees them."""
    pixels = to_uint8(samples)
    n, height, width, channels = pixels.shape
    rows = -(-n // columns)
    canvas = pixels.new_full((rows * columns, height, width, channels), 255)
    canvas[:n] = pixels
    sheet = canvas.reshape(rows, columns, height, width, channels).transpose(1, 2)
    picture = Image.fromarray(sheet.reshape(rows * height, columns * width, channels).numpy())
    scale = max(1, 64 // height)
    enlarged = picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
    make_folder(path.parent)
    with replacing(path) as stream:
        enlarged.save(stream, format="PNG")


ARCHITECTURES: Registry[Architecture] = Registry(
    "image architecture",
    {
        "mlp": MLP,
        "dcgan": DCGAN,
        "wgan-gp": WGAN_GP,
        "progressive": PROGRESSIVE,
        "stylegan2": STYLEGAN2,
        "wavelet-stylegan2": WAVELET_STYLEGAN2,
        "half-wavelet-stylegan2": HALF_WAVELET_STYLEGAN2,
        "r3gan": R3GAN,
        "projected": "multigan.image.networks.projected:PROJECTED",
    },
)
AUGMENTATIONS: Registry[type[nn.Module]] = Registry(
    "image augmentation",
    {"ada": AdaptiveAugment, "diffaugment": DiffAugment, "flip-and-shift": FlipAndShift},
)
IMAGE = Modality(
    name="image",
    data_settings=ImageData,
    open_data=open_images,
    sample_shape=lambda data: (3, data.resolution, data.resolution),
    architectures=ARCHITECTURES,
    augmentations=AUGMENTATIONS,
    media=lambda samples, data: list(to_uint8(samples).numpy()),
    write_samples=write_images,
    preview=write_grid,
    file_suffix=".png",
    kind="image",
    look=look,
    sampling=SAMPLING,
)
