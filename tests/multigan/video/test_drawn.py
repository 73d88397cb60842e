"""Drawn clips: what a seed decides, that expressions follow their curve, and that all moves smoothly."""

import numpy as np

from multigan.emotions import NAMES
from multigan.image.drawn.faces import draw_faces
from multigan.video.drawn import clip_labels, curves, draw_clips, movement

N = 64
EMOTIONS, CURVES, SEEDS = clip_labels(N, 16, 0)


def test_a_shorter_set_is_the_beginning_and_labels_are_even():
    emotions, some, seeds = clip_labels(8, 16, 0)
    np.testing.assert_array_equal(emotions, EMOTIONS[:8])
    np.testing.assert_array_equal(some, CURVES[:8])
    np.testing.assert_array_equal(seeds, SEEDS[:8])
    assert np.bincount(EMOTIONS, minlength=8).tolist() == [8] * 8


def test_a_clip_depends_on_its_own_seed_emotion_and_curve():
    whole = draw_clips(16, EMOTIONS[:5], CURVES[:5], SEEDS[:5])
    assert whole.shape == (5, 16, 16, 16, 3)
    np.testing.assert_array_equal(draw_clips(16, EMOTIONS[3:4], CURVES[3:4], SEEDS[3:4])[0], whole[3])


def test_curves_are_smooth_and_peak_where_they_were_asked_to():
    peaks = np.linspace(0.5, 1, 500)
    many = curves(peaks, np.arange(500), 16)
    np.testing.assert_allclose(many.max(1), peaks, rtol=1e-6)
    assert many.min() >= 0
    # the steepest is a rise over a fifth of the clip: 1.5 / 0.2 / 15 a frame
    assert np.abs(np.diff(many, axis=1)).max() <= 0.55
    still = (np.ptp(many, axis=1) < 1e-6).mean()
    assert 0.08 < still < 0.22  # one form in seven stays
    assert (many[:, [0, -1]].max(1) < 0.3).mean() > 0.3  # onset, apex, offset


def test_heads_move_slowly_and_eyes_blink_shortly():
    moved = movement(np.arange(200), 16)
    for name, extent in (("yaw", 0.08), ("rotation", 0.07), ("shift_x", 0.05)):
        values = getattr(moved, name).reshape(200, 16)
        assert np.abs(values).max() <= 1.05 * extent
        assert np.abs(np.diff(values, axis=1)).max() < 0.6 * extent
    blink = moved.blink.reshape(200, 16)
    blinks = blink.max(1) > 0
    assert 0.6 < blinks.mean() < 0.8
    assert ((blink > 0).sum(1)[blinks] <= 5).all()


def test_without_movement_a_frame_is_the_still_face():
    still = movement(SEEDS[:1], 16)
    for name in vars(still):
        getattr(still, name)[:] = 0
    frames = draw_faces(32, np.repeat(EMOTIONS[:1], 16), CURVES[0], np.repeat(SEEDS[:1], 16), still)
    plain = draw_faces(32, np.repeat(EMOTIONS[:1], 16), CURVES[0], np.repeat(SEEDS[:1], 16))
    np.testing.assert_array_equal(frames, plain)


def test_an_expression_moves_away_from_the_neutral_one_and_back():
    joy, seeds = np.array([NAMES.index("joy")]), SEEDS[:1]
    frames = draw_faces(32, np.repeat(joy, 5), np.array([0, 0.5, 1, 0.5, 0.0]), np.repeat(seeds, 5)).astype(
        float
    )
    away = np.abs(frames - frames[0]).mean((1, 2, 3))
    assert away[0] == away[4] == 0
    assert away[2] > away[1] == away[3] > 1


def test_a_blink_changes_the_eyes_alone():
    seeds, emotion = np.repeat(SEEDS[:1], 2), np.repeat(np.array([NAMES.index("neutral")]), 2)
    moved = movement(SEEDS[:1], 2)
    for name in vars(moved):
        getattr(moved, name)[:] = 0
    moved.blink[1] = 1
    frames = draw_faces(64, emotion, np.zeros(2), seeds, moved).astype(int)
    changed = np.abs(frames[1] - frames[0]).sum(2) > 0
    assert 50 < changed.sum() < 900
    assert not changed[44:].any()  # the mouth
