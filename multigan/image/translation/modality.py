"""The modality of translation: pairs of pictures, their architecture, and what it makes of a person's pictures."""

from __future__ import annotations

from dataclasses import replace

from multigan.image.networks.cycle import CYCLE
from multigan.image.networks.unet import UNET
from multigan.image.pixels import to_uint8, write_grid, write_images
from multigan.image.translation.data import look_at, open_pairs
from multigan.image.translation.files import translate_files
from multigan.image.translation.settings import PairData, TranslatedSampling
from multigan.image.translation.unpaired import EMOTIONS
from multigan.modality import Modality
from multigan.registry import Registry
from multigan.sampling import PLAIN

TRANSLATION = Modality(
    name="image-translation",
    data_settings=PairData,
    open_data=open_pairs,
    sample_shape=lambda data: (3, data.resolution, data.resolution),
    # before data is read: of a person's unpaired folders there is no label
    condition_shape=lambda data: (
        3 + len(EMOTIONS) * (data.given == "unpaired"),
        data.resolution,
        data.resolution,
    ),
    show_condition=lambda conditions, data: conditions[:, :3],
    architectures=Registry("translation architecture", {"unet": UNET, "cycle": CYCLE}),
    augmentations=Registry("translation augmentation", {}),
    media=lambda samples, data: list(to_uint8(samples).numpy()),
    write_samples=write_images,
    preview=write_grid,
    file_suffix=".png",
    kind="image",
    look=look_at,
    sampling=replace(PLAIN, settings=TranslatedSampling, from_files=translate_files),
)
