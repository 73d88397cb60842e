"""Image files of every kind as pixels: values by hand, and what is refused."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multigan.errors import DataError
from multigan.reading.image import decode, read_image

R = 16
ORANGE = (240, 120, 40)


def saved(image, path, **options):
    image.save(path, **options)
    return path


def read(path, fit="pad", background="white"):
    pixels = decode(path, R, fit, background)
    assert pixels.shape == (R, R, 3)
    assert pixels.dtype == np.uint8
    return pixels


def smooth():
    """A picture of which every format keeps the colours: R rises to the right, G downwards."""
    y, x = np.mgrid[0:R, 0:R]
    return Image.fromarray(np.stack([x * 12, y * 12, np.full_like(x, 90)], -1).astype(np.uint8))


@pytest.mark.parametrize(
    ("suffix", "options", "tolerance"),
    [
        ("png", {}, 0),
        ("bmp", {}, 0),
        ("tiff", {}, 0),
        ("ppm", {}, 0),
        ("webp", {"lossless": True}, 0),
        ("jpg", {"quality": 98, "subsampling": 0}, 5),
    ],
)
def test_formats_give_the_pixels_that_were_saved(tmp_path, suffix, options, tolerance):
    pixels = read(saved(smooth(), tmp_path / f"a.{suffix}", **options))
    assert np.abs(pixels.astype(int) - np.asarray(smooth()).astype(int)).max() <= tolerance


def test_only_the_first_frame_of_a_gif_is_read(tmp_path):
    frames = [Image.new("RGB", (R, R), colour).quantize() for colour in (ORANGE, (0, 0, 255))]
    path = saved(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert (read(path) == ORANGE).all()


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGB", ORANGE, ORANGE),
        ("L", 77, (77, 77, 77)),
        ("1", 1, (255, 255, 255)),
        ("P", 0, ORANGE),
        ("LA", (100, 255), (100, 100, 100)),
        ("RGBA", (*ORANGE, 0), (10, 20, 30)),
        ("LA", (100, 0), (10, 20, 30)),
    ],
)
def test_modes_of_a_png(tmp_path, mode, colour, expected):
    image = Image.new(mode, (20, 20), colour)
    if mode == "P":
        image.putpalette([*ORANGE, 0, 0, 0])
    assert (read(saved(image, tmp_path / "a.png"), background="#0a141e") == expected).all()


def test_cmyk_jpeg(tmp_path):
    path = saved(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), tmp_path / "a.jpg", quality=98)
    assert np.abs(read(path).astype(int) - (255, 0, 0)).max() <= 4


def test_half_transparency_is_composited_on_the_background(tmp_path):
    # alpha 128 of 255: (200 * 128 + 100 * 127) / 255 = 150.2, (0 * 128 + 255 * 127) / 255 = 127
    path = saved(Image.new("RGBA", (R, R), (200, 0, 0, 128)), tmp_path / "a.png")
    assert np.abs(read(path, background="#64ff00")[0, 0].astype(int) - (150, 127, 0)).max() <= 1


def test_palette_transparency_is_composited_before_resizing(tmp_path):
    image = Image.new("P", (64, 64), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (0, 0, 32, 64))
    pixels = read(saved(image, tmp_path / "a.png", transparency=0), background="#00ff00")
    assert (pixels[:, -4:] == (0, 255, 0)).all()
    assert (pixels[:, :4] == (0, 0, 255)).all()
    assert pixels[..., 0].max() == 0  # no red from under the transparency at the edge


def test_a_transparent_colour_of_rgb_is_composited(tmp_path):
    image = Image.new("RGB", (R, R), ORANGE)
    pixels = read(saved(image, tmp_path / "a.png", transparency=ORANGE), background="navy")
    assert (pixels == (0, 0, 128)).all()


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (257, 1), (32896, 128), (65535, 255), (12850, 50)])
def test_16_bit_grey_is_scaled_not_clipped(tmp_path, value, expected):
    path = saved(Image.fromarray(np.full((R, R), value, np.uint16)), tmp_path / "a.png")
    with Image.open(path) as image:
        assert image.mode == "I;16"
    assert (read(path) == expected).all()


def tiff(path, body, bits, photometric=1, sample_format=1):
    """A TIFF file of 2 x 2 grey samples with this body."""
    tags = {
        256: 2,
        257: 2,
        258: bits,
        259: 1,
        262: photometric,
        273: 8,
        277: 1,
        278: 2,
        279: len(body),
        339: sample_format,
    }
    entries = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in tags.items())
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    path.write_bytes(struct.pack("<2sHI", b"II", 42, 8 + len(body)) + body + directory)
    return path


@pytest.mark.parametrize(("kind", "bits"), [("<i4", 32), ("<i2", 16)])
def test_integers_whose_range_is_not_stated_are_refused(tmp_path, kind, bits):
    path = tiff(tmp_path / "a.tif", np.array([0, 100, 200, 255], kind).tobytes(), bits, sample_format=2)
    with Image.open(path) as image:
        assert image.mode == "I"
    for reading in (read, read_image):
        with pytest.raises(
            DataError, match=r"whole numbers of 32 bits or with a sign, whose range is not stated; save"
        ):
            reading(path)


def test_grey_of_12_bits_and_of_a_ppm_is_scaled_and_0_may_be_white(tmp_path):
    path = tiff(tmp_path / "a.tif", bytes.fromhex("000fff" + "800400"), 12)
    assert read_image(path)[..., 0].tolist() == [[0, 255], [128, 64]]
    path = tiff(tmp_path / "a.tif", np.array([0, 65535, 32896, 257], "<u2").tobytes(), 16, photometric=0)
    assert read_image(path)[..., 0].tolist() == [[255, 0], [127, 254]]
    path = tmp_path / "a.pgm"
    path.write_bytes(b"P5 2 1 1023\n" + struct.pack(">HH", 1023, 512))
    assert read_image(path)[..., 0].tolist() == [[255, 128]]


def test_a_transparent_value_of_16_bit_grey_is_composited(tmp_path):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", R, R, 16, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress((b"\0" + struct.pack(">H", 5000) * R) * R))
    path = tmp_path / "a.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"tRNS", struct.pack(">H", 5000)) + rows + chunk(b"IEND", b"")
    )
    assert (read(path, background="#0a141e") == (10, 20, 30)).all()


def test_exif_orientation_is_applied(tmp_path):
    image = Image.new("RGB", (64, 64), (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, 64, 32))  # red above blue
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise by a quarter: the top goes to the right
    pixels = read(saved(image, tmp_path / "a.jpg", exif=exif, quality=95)).astype(int)
    assert (pixels[:, -5:, 0] > 200).all()
    assert (pixels[:, :5, 2] > 200).all()


def test_pad_centres_the_whole_picture_on_the_background(tmp_path):
    path = saved(Image.new("RGB", (64, 32), ORANGE), tmp_path / "a.png")
    pixels = read(path, background="#010203")
    assert (pixels[4:12] == ORANGE).all()
    assert (pixels[:4] == (1, 2, 3)).all()
    assert (pixels[12:] == (1, 2, 3)).all()


def test_crop_takes_the_centre_square(tmp_path):
    image = Image.new("RGB", (64, 32), (0, 0, 0))
    image.paste(ORANGE, (16, 0, 48, 32))
    assert (read(saved(image, tmp_path / "a.png"), fit="crop") == ORANGE).all()


@pytest.mark.parametrize("fit", ["crop", "pad"])
@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (17, 31)])
def test_any_size_and_shape(tmp_path, size, fit):
    pixels = read(saved(Image.new("RGB", size, ORANGE), tmp_path / "a.png"), fit=fit)
    assert (pixels.shape, pixels.dtype) == ((R, R, 3), np.uint8)
    assert (pixels == ORANGE).all() or (fit == "pad" and size[0] != size[1])
    assert (pixels == ORANGE).all(axis=2).any()


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_resizing_is_antialiased(tmp_path, suffix):
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255  # a resize without antialiasing gives all black or all white
    pixels = read(saved(Image.fromarray(stripes), tmp_path / f"a.{suffix}")).astype(int)
    assert np.abs(pixels[2:-2, 2:-2] - 127.5).max() < 6


def test_a_text_an_empty_file_and_a_folder_are_refused(tmp_path):
    (tmp_path / "a.png").write_text("no picture")
    (tmp_path / "b.png").touch()
    with pytest.raises(DataError, match=r"^it is not a PNG, JPEG, WebP, GIF, BMP, TIFF or PPM image$"):
        read(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"^it is empty$"):
        read(tmp_path / "b.png")
    with pytest.raises(DataError, match=r"^it is not a regular file$"):
        read(tmp_path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "gif"])
def test_a_truncated_file_is_refused(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = saved(Image.fromarray(noise), tmp_path / f"a.{suffix}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=r"^it is (damaged|not a PNG)"):
        read(path)


def test_a_format_that_starts_other_programs_is_not_tried(tmp_path):
    path = saved(Image.new("RGB", (R, R)), tmp_path / "a.eps")
    with pytest.raises(DataError, match="not a PNG"):
        read(path)


@pytest.mark.parametrize(
    "limit", [300, 399]
)  # 400 pixels: Pillow warns over the limit, and refuses over its double
def test_decompression_bombs_are_refused_at_the_limit(tmp_path, monkeypatch, limit):
    path = saved(Image.new("RGB", (20, 20)), tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(
        DataError, match=f"^it has more than {limit} pixels, the limit against decompression bombs$"
    ):
        read(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match="more than 100 pixels"):
        read(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 400)
    assert read(path).shape == (R, R, 3)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_decompression_bombs_are_refused_where_warnings_are_ignored(tmp_path, monkeypatch):
    path = saved(Image.new("RGB", (20, 20)), tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 300)
    with pytest.raises(DataError, match="more than 300 pixels"):
        read(path)


def test_floating_point_pixels_are_refused(tmp_path):
    with pytest.raises(DataError, match="floating-point"):
        read(saved(Image.new("F", (R, R), 0.5), Path(tmp_path) / "a.tiff"))
