"""The faces that the package draws: reproducible, alike at every size, moved by the intensity, and varied."""

import hashlib

import numpy as np
import pytest

from multigan.emotions import NAMES
from multigan.errors import DataError
from multigan.image.drawn.faces import (
    EXPRESSIONS,
    INTENSITY_RANGE,
    NEUTRAL,
    draw_faces,
    face_labels,
    hashed,
    uniform,
)
from multigan.image.drawn.painting import Canvas, ellipse, polygon, stroke


def digest(pictures: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(pictures).tobytes()).hexdigest()


def area_downscaled(pictures: np.ndarray, factor: int) -> np.ndarray:
    """Box-filtered pictures, float64."""
    n, height, width, channels = pictures.shape
    blocks = pictures.reshape(n, height // factor, factor, width // factor, factor, channels)
    return blocks.mean(axis=(2, 4), dtype=np.float64)


def test_shape_type_and_range():
    pictures = draw_faces(32, *face_labels(40, 0))
    assert pictures.shape == (40, 32, 32, 3)
    assert pictures.dtype == np.uint8
    assert pictures.flags.c_contiguous
    assert pictures.min() < 60  # outlines are dark
    assert pictures.max() > 240  # eyes and teeth are white
    assert draw_faces(32, *face_labels(0, 0)).shape == (0, 32, 32, 3)


def test_the_same_bytes_at_every_call():
    labels = face_labels(24, 5)
    before = [a.copy() for a in labels]
    assert digest(draw_faces(32, *labels)) == digest(draw_faces(32, *labels))
    assert all((a == b).all() for a, b in zip(before, labels, strict=True))


@pytest.mark.parametrize("resolution", [16, 33, 128])
def test_a_face_does_not_depend_on_the_batch_around_it(resolution):
    emotions, intensities, seeds = face_labels(96, 1)
    together = draw_faces(resolution, emotions, intensities, seeds)
    backwards = draw_faces(resolution, emotions[::-1], intensities[::-1], seeds[::-1])[::-1]
    assert digest(together) == digest(backwards)
    for i in range(0, 96, 7):
        alone = draw_faces(resolution, emotions[i : i + 1], intensities[i : i + 1], seeds[i : i + 1])
        assert digest(alone[0]) == digest(together[i])


@pytest.mark.parametrize(("small", "large"), [(16, 64), (32, 128), (64, 512)])
def test_the_same_face_at_every_resolution(small, large):
    labels = face_labels(16, 2)
    few = draw_faces(small, *labels).astype(np.float64)
    many = area_downscaled(draw_faces(large, *labels), large // small)
    error = np.abs(few - many).mean(axis=(1, 2, 3))
    other = np.abs(few - np.roll(many, 1, axis=0)).mean(axis=(1, 2, 3))
    assert error.max() < 6.0
    assert (error < 0.2 * other).all()


@pytest.mark.parametrize("emotion", [e for e in range(len(NAMES)) if NAMES[e] != "neutral"])
def test_intensity_moves_the_picture_away_from_its_start(emotion):
    intensities = np.tile(np.linspace(0, 1, 6), 12)
    seeds = np.repeat(np.arange(12), 6)
    pictures = draw_faces(32, np.full(72, emotion), intensities, seeds).reshape(12, 6, -1).astype(np.float64)
    distance = np.linalg.norm(pictures - pictures[:, :1], axis=2)
    assert (np.diff(distance, axis=1) > 0).all()


def test_at_no_intensity_every_emotion_is_the_neutral_face():
    faces = draw_faces(32, np.arange(8), np.zeros(8), np.full(8, 3))
    assert (faces == faces[NAMES.index("neutral")]).all()
    assert set(EXPRESSIONS) == set(NAMES)
    assert EXPRESSIONS["neutral"] == NEUTRAL


def test_emotions_of_one_person_differ_even_without_colour():
    """The least distance of two emotions on one face beats what a tenth of the intensity does."""
    grey = draw_faces(32, np.arange(8), np.ones(8), np.full(8, 9)).mean(axis=3).reshape(8, -1)
    apart = np.linalg.norm(grey[:, None] - grey[None], axis=2)[~np.eye(8, dtype=bool)]
    near = draw_faces(32, np.arange(8), np.full(8, 0.9), np.full(8, 9)).mean(axis=3).reshape(8, -1)
    assert apart.min() > 1.5 * np.linalg.norm(grey - near, axis=1).max()


def test_seeds_give_different_people():
    n = 60
    faces = draw_faces(32, np.full(n, 7), np.ones(n), np.arange(n)).reshape(n, -1).astype(np.float64)
    apart = np.sqrt(((faces[:, None] - faces[None]) ** 2).mean(axis=2))[~np.eye(n, dtype=bool)]
    assert apart.min() > 8.0
    assert np.median(apart) > 60.0


def test_edges_are_antialiased():
    """A disc of d pixels across covers about pi * d pixels in part; a hard mask covers none so."""
    resolution = 64
    centres = (np.arange(resolution, dtype=np.float32) + 0.5) * (2 / resolution) - 1
    x = np.broadcast_to(centres[None, None, :], (1, resolution, resolution))
    y = np.broadcast_to(centres[None, :, None], (1, resolution, resolution))
    pixel = np.full((1, 1, 1), 2 / resolution, np.float32)
    canvas = Canvas(np.zeros((1, 3, resolution, resolution), np.float32), x, y, pixel)
    cover = canvas.cover(ellipse(x, y, 0.5, 0.5))
    partial = int(((cover > 0.02) & (cover < 0.98)).sum())
    assert 32 * np.pi * 0.8 < partial < 32 * np.pi * 2
    assert cover.sum() * (2 / resolution) ** 2 == pytest.approx(np.pi * 0.25, rel=2e-3)


def test_signed_distances():
    """By hand: a disc, a 2 x 1 rectangle, and a brush of radius 0.1 to 0.3 from (0, 0) to (1, 0)."""
    points_x, points_y = np.float32([[[0.0, 3.0, 0.6]]]), np.float32([[[0.0, 4.0, 0.8]]])
    assert ellipse(points_x, points_y, 1.0, 1.0)[0, 0, 1:] == pytest.approx([4.0, 0.0], abs=1e-4)
    corners_x, corners_y = np.float32([[-1, 1, 1, -1]]), np.float32([[-0.5, -0.5, 0.5, 0.5]])
    for order in (slice(None), slice(None, None, -1)):
        distance = polygon(points_x, points_y, corners_x[:, order], corners_y[:, order])
        assert distance[0, 0] == pytest.approx([-0.5, np.hypot(2.0, 3.5), 0.3], abs=1e-5)
    x, y = np.float32([[[0.0, 0.5, 2.0]]]), np.float32([[[0.5, 0.5, 0.0]]])
    distance = stroke(x, y, np.float32([[0, 1]]), np.float32([[0, 0]]), np.float32([[0.1, 0.3]]))
    assert distance[0, 0] == pytest.approx([0.4, 0.3, 0.7], abs=1e-5)


def test_random_numbers_are_even_and_independent():
    seeds = np.arange(-2000, 2000)
    first, second = uniform(seeds, "one")[:, 0, 0], uniform(seeds, "two")[:, 0, 0]
    assert np.histogram(first, 10, (0, 1))[0] == pytest.approx(400, abs=5 * np.sqrt(400))
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(4000)
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 5 / np.sqrt(4000)
    assert len(np.unique(hashed(seeds, "one"))) == 4000


def test_labels_are_balanced_and_stable():
    emotions, intensities, seeds = face_labels(804, 7)
    counts = np.bincount(emotions, minlength=len(NAMES))
    assert counts.max() - counts.min() <= 1
    assert intensities.min() >= INTENSITY_RANGE[0]
    assert intensities.max() <= INTENSITY_RANGE[1]
    assert intensities.mean() == pytest.approx(0.75, abs=0.03)
    assert len(np.unique(seeds)) == 804
    assert (seeds >= 0).all()
    assert all(
        (a[:100] == b).all() for a, b in zip((emotions, intensities, seeds), face_labels(100, 7), strict=True)
    )
    assert not np.intersect1d(seeds, face_labels(804, 8)[2]).size
    assert (emotions != face_labels(804, 8)[0]).any()


@pytest.mark.parametrize(
    ("resolution", "emotion", "intensity", "seed", "message"),
    [
        (15, 0, 0.5, 0, "resolution of 15: use 16"),
        (32, 8, 0.5, 0, "no emotion has the index 8: use 0 to 7"),
        (32, -1, 0.5, 0, "no emotion has the index -1"),
        (32, 0, 1.01, 0, "intensity is 1.01"),
        (32, 0, -0.1, 0, "intensity is -0.1"),
        (32, 0, float("nan"), 0, "intensity is nan"),
        (32, 0.5, 0.5, 0, "whole numbers; found float64"),
        (32, 0, 0.5, 0.5, "whole numbers; found int64 and float64"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(resolution, emotion, intensity, seed, message):
    with pytest.raises(DataError, match=message) as caught:
        draw_faces(resolution, np.array([emotion]), np.array([intensity]), np.array([seed]))
    assert "\n" not in str(caught.value)


def test_lengths_must_agree():
    with pytest.raises(DataError, match=r"found shapes \(2,\), \(1,\) and \(2,\)"):
        draw_faces(32, np.zeros(2, int), np.zeros(1), np.zeros(2, int))
    with pytest.raises(DataError, match="ask for 0 or more"):
        face_labels(-1, 0)
