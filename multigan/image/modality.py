"""The image modality: its data, its architectures, and how pictures are written and previewed."""

from __future__ import annotations

from torch import nn

from multigan.image.ada import AdaptiveAugment
from multigan.image.data import look, open_images, read_image_sample
from multigan.image.diffaugment import DiffAugment, FlipAndShift
from multigan.image.networks.dcgan import DCGAN
from multigan.image.networks.features import RandomLevels
from multigan.image.networks.mlp import MLP
from multigan.image.networks.progressive import PROGRESSIVE
from multigan.image.networks.r3gan import R3GAN
from multigan.image.networks.stylegan2 import HALF_WAVELET_STYLEGAN2, STYLEGAN2, WAVELET_STYLEGAN2
from multigan.image.networks.wgan_gp import WGAN_GP
from multigan.image.pixels import to_uint8, write_grid, write_images
from multigan.image.sampling import SAMPLING
from multigan.image.settings import ImageData
from multigan.modality import Architecture, Modality
from multigan.registry import Registry

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
    read_sample=read_image_sample,
    levels=lambda sample_shape: RandomLevels(sample_shape[0]),
    sampling=SAMPLING,
)
