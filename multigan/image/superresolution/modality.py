"""The modality of super-resolution: its data, its architecture, and what it makes of a person's pictures."""

from __future__ import annotations

from dataclasses import replace

from multigan.image.networks.enlarging import ENLARGING, interpolated
from multigan.image.pixels import to_uint8, write_grid, write_images
from multigan.image.superresolution.data import look_at, open_pairs
from multigan.image.superresolution.files import enlarge_files
from multigan.image.superresolution.settings import EnlargingData, EnlargingSampling
from multigan.modality import Modality
from multigan.registry import Registry
from multigan.sampling import PLAIN

SUPER_RESOLUTION = Modality(
    name="super-resolution",
    data_settings=EnlargingData,
    open_data=open_pairs,
    sample_shape=lambda data: (3, data.resolution, data.resolution),
    condition_shape=lambda data: (3, data.resolution // data.scale, data.resolution // data.scale),
    show_condition=lambda conditions, data: interpolated(conditions, data.scale).clamp(-1, 1),
    architectures=Registry("super-resolution architecture", {"enlarging": ENLARGING}),
    augmentations=Registry("super-resolution augmentation", {}),
    media=lambda samples, data: list(to_uint8(samples).numpy()),
    write_samples=write_images,
    preview=write_grid,
    file_suffix=".png",
    kind="image",
    look=look_at,
    sampling=replace(PLAIN, settings=EnlargingSampling, from_files=enlarge_files),
)
