"""``multigan evaluate --paired``: each fake beside the real image of the same name."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from evaluation.kinds.image.pairs import psnr, ssim
from recipes.cli import main
from tests.worlds.emotive import blurred, faces

N = 24


@pytest.fixture(autouse=True)
def nothing_fetched(monkeypatch, tmp_path):
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TORCH_HOME", "MULTIGAN_WEIGHTS"):
        monkeypatch.setenv(name, str(tmp_path / "no weights"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)


def written(folder, images, first=0):
    folder.mkdir(parents=True)
    for number, pixels in enumerate(images, first):
        Image.fromarray(pixels).save(folder / f"{number:03d}.png")
    return folder


def paired(*words):
    return CliRunner().invoke(main, ["evaluate", "--modality", "image", "--paired", *map(str, words)])


def error_of(*words):
    result = CliRunner().invoke(main, ["evaluate", *map(str, words)])
    assert result.exit_code, result.output
    assert "Traceback" not in result.output
    return result.output.splitlines()[-1]


def test_values_by_hand():
    """A difference of 51 of 255 levels everywhere is one of 0.2: 10 log10 25 dB; equal images have 100 dB and 1."""
    dark, light = np.full((16, 16, 3), 51, np.uint8), np.full((16, 16, 3), 102, np.uint8)
    assert psnr(dark, light) == pytest.approx(10 * np.log10(25), abs=1e-4)
    # flat images: SSIM is that of their levels alone, (2 a b + c) / (a^2 + b^2 + c) with c = 0.01^2
    assert ssim(dark, light) == pytest.approx((2 * 0.2 * 0.4 + 1e-4) / (0.2**2 + 0.4**2 + 1e-4), abs=1e-4)
    assert (psnr(dark, dark), ssim(dark, dark)) == (100, pytest.approx(1))
    bright = np.full((64, 64, 3), 250, np.uint8)  # where a variance in float32 is noise
    bright[20:30, 20:40] = 0
    assert ssim(bright, bright) == pytest.approx(1, abs=1e-9)


def test_pairs_are_found_by_name_and_sets_compared(tmp_path):
    images = faces(N, 0).contents
    random = np.random.default_rng(0)
    noisy = np.clip(images + random.normal(0, 80, images.shape), 0, 255).astype(np.uint8)
    real = written(tmp_path / "real", images)
    near, far = written(tmp_path / "near", blurred(images)), written(tmp_path / "far", noisy)
    result = paired("--real", real, "--fake", near, "--fake", far, "--out", "report")
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "report/report.json").read_text())
    figures = {(one["name"], one["subject"]): one for one in found["figures"]}
    names = ("PSNR", "SSIM", "random feature distance")
    assert set(figures) == {(name, subject) for name in names for subject in "AB"}
    for subject, fakes in (("A", blurred(images)), ("B", noisy)):
        squares = ((images / 255 - fakes / 255) ** 2).mean(axis=(1, 2, 3))
        one = figures["PSNR", subject]
        assert one["value"] == pytest.approx(np.mean(-10 * np.log10(squares)), abs=1e-3)
        assert one["low"] < one["value"] < one["high"]
        assert one["n"] == N
    verdicts = {one["figure"]: one["verdict"] for one in found["differences"]}
    assert verdicts == dict.fromkeys(names, "A is better")
    for name in ("LPIPS", "learnt feature distance"):
        assert any(f"{name} was not measured" in warning for warning in found["warnings"])
    assert "PSNR" in (tmp_path / "report/report.html").read_text()


def test_what_is_no_pair_is_one_sentence(tmp_path):
    images = faces(8, 0).contents
    real, same = written(tmp_path / "real", images), written(tmp_path / "same", images)
    later = written(tmp_path / "later", images, first=2)
    line = error_of("--modality", "image", "--paired", "--real", real, "--fake", later)
    assert (
        f"some have no partner: 2 of {real} (000.png, 001.png) and 2 of {later} (008.png, 009.png). Rename"
        in line
    )
    small = written(tmp_path / "small", images[:, ::2, ::2])
    line = error_of("--modality", "image", "--paired", "--real", real, "--fake", small)
    assert (
        f".png of {small} is no pair of the real one: it has 16x16 pixels and the real one 32x32. Resize it."
        in line
    )
    tiny = written(tmp_path / "tiny", images[:, :8, :8])
    line = error_of(
        "--modality",
        "image",
        "--paired",
        "--real",
        tiny,
        "--fake",
        written(tmp_path / "t", images[:, :8, :8]),
    )
    assert "SSIM needs images of 11 pixels a side; found 8x8. Resize it." in line
    line = error_of("--modality", "image", "--paired", "--real", real, "--fake", same, "--metrics", "FD")
    assert line == "Error: --paired compares pairs, and not sets; leave out --metrics."
    assert "leave out --paired." in error_of("--run", tmp_path, "--paired")
    (tmp_path / "words.txt").write_text("one two\n" * 10)
    line = error_of("--modality", "text", "--paired", "--real", "words.txt", "--fake", "words.txt")
    assert line == "Error: Pairs are of images or clips, and the samples are texts: leave out --paired."


def test_pairs_that_cannot_be_read_are_skipped_up_to_max_bad(tmp_path):
    images = faces(8, 0).contents
    real, fake = written(tmp_path / "real", images), written(tmp_path / "fake", images)
    (fake / "003.png").write_bytes(b"")
    assert "More than --max-bad (1%) of the pairs cannot be read: 003.png (" in error_of(
        "--modality", "image", "--paired", "--real", real, "--fake", fake
    )
    result = paired("--real", real, "--fake", fake, "--max-bad", "0.2", "--out", "report")
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "report/report.json").read_text())
    assert {(one["value"], one["n"]) for one in found["figures"] if one["name"] == "PSNR"} == {(100, 7)}
    assert any("1 of the pairs could not be read" in warning for warning in found["warnings"])
