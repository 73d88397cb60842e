"""Pictures and other files inside a page, as data URIs: nothing is fetched when it is read."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True)
class Picture:
    """An image inside the page."""

    uri: str
    width: int
    height: int


def embedded_picture(image: Image.Image, file_format: str, **options: int | bool) -> Picture:
    """An image as a file of a format that Pillow writes, such as "png", inside the page."""
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return Picture(data_uri(f"image/{file_format}", file.getvalue()), image.width, image.height)


def data_uri(media_type: str, content: bytes) -> str:
    """A file as a data URI."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
