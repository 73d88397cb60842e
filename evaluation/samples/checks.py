"""What is asked of samples before anything looks at them."""

from __future__ import annotations

import numpy as np

from multigan.errors import DataError


def check_images(images: np.ndarray, what: str) -> None:
    """DataError unless ``images`` is a uint8 array [N, H, W, 3] with at least one image."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3 or not len(images):
        raise DataError(
            f"The {what} images are {images.dtype} {list(images.shape)}; "
            "give a uint8 array [N, H, W, 3] with at least one image."
        )
