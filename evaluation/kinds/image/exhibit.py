"""How images are shown in the page: small ones pixel by pixel, larger ones reduced, so that a page of them stays light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from evaluation.exhibits.embedded import Picture, embedded_picture
from evaluation.exhibits.exhibit import Show
from evaluation.exhibits.markup import Html, element
from evaluation.figures import Example

EXACT_SIDE = 64
"""Images no larger than this are shown pixel by pixel; larger ones ..."""
REDUCED_SIDE = 128
"""... are reduced to at most this on their longer side and compressed."""
JPEG_QUALITY = 88


def show(images: Sequence[np.ndarray], n_bytes: int) -> tuple[Show, str]:
    """How one of the images uint8 [H, W, 3] is shown, and a note where any is reduced."""
    if all(max(pixels.shape[:2]) <= EXACT_SIDE for pixels in images):
        return _image, ""
    return _image, f"For this page images are reduced to {REDUCED_SIDE} pixels."


def picture(pixels: np.ndarray) -> Picture:
    """uint8 [H, W, 3] as it is where it is small, otherwise reduced."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if max(image.size) <= EXACT_SIDE:
        return embedded_picture(image, "png", optimize=True)
    image.thumbnail((REDUCED_SIDE, REDUCED_SIDE), Image.Resampling.LANCZOS)
    return embedded_picture(image, "jpeg", quality=JPEG_QUALITY, subsampling=0)


def _image(example: Example, words: str) -> Html:
    made = picture(example.content)
    small = max(made.width, made.height) <= EXACT_SIDE
    return element(
        "img", src=made.uri, alt=words, title=words, width=made.width, height=made.height,
        class_="pixels" if small else None,
    )  # fmt: skip
