"""Clips as data: drawn, and from a folder; splits, curves as conditions, and what is told of unusable files."""

import numpy as np
import pytest

from multigan.errors import DataError
from multigan.video.data import look, open_videos
from multigan.video.files import write_animation
from multigan.video.settings import VideoData, VideoSampling
from tests.worlds.videos import noise, steps, write_faces

SMALL = VideoData(frames=8, resolution=16, drawn=24, drawn_held_out=8)


def quietly(what, done, total):
    pass


def test_drawn_clips_carry_their_curves_as_conditions():
    splits = open_videos(SMALL, None, quietly)
    train, held_out = splits.train, splits.held_out
    assert (len(train), len(held_out)) == (24, 8)
    batch = train.batch([0, 5])
    assert batch.real.shape == (2, 3, 8, 16, 16)
    assert batch.condition.shape == (2, 8, 8)
    assert train.condition_shape == (8, 8)
    assert (batch.condition.sum(2) == batch.condition.amax(2)).all()  # one emotion alone
    assert batch.condition.amax(2)[0].numpy().tolist() == train.original(0).curve.tolist()
    original = (batch.real[0].permute(1, 2, 3, 0).numpy() * 127.5 + 127.5).round()
    np.testing.assert_array_equal(original, train.original(0).frames)
    assert not {*train.names} & {*held_out.names}


def test_a_folder_of_clips_with_labels_and_curves(tmp_path):
    write_faces(tmp_path / "data", 24)
    splits = open_videos(SMALL, tmp_path / "data", quietly)
    assert len(splits.train) + len(splits.held_out) == 24
    assert splits.train.labels == look(SMALL, tmp_path / "data")
    conditions = splits.train.conditions
    assert conditions.shape[1:] == (8, 8)
    assert np.ptp(conditions.max(2), axis=1).max() > 0.4  # the curves of the table
    again = open_videos(SMALL, tmp_path / "data", quietly)
    assert again.train.digest == splits.train.digest


def test_clips_without_a_curve_stay_as_strong_as_the_table_says(tmp_path):
    for i in range(12):
        folder = tmp_path / ("joy" if i % 2 else "fear")
        folder.mkdir(exist_ok=True)
        write_animation(noise(1, seed=i)[0], folder / f"{i}.gif", 8.0)
    train = open_videos(SMALL, tmp_path, quietly).train
    assert train.labels == ("joy", "fear")
    assert (train.conditions.max(2) == 1).all()
    assert [train.labels[number] for number in train.classes] == [
        name.partition("/")[0] for name in train.names
    ]


def test_unusable_files_are_named_and_skipped(tmp_path):
    for i in range(6):
        write_animation(noise(1, seed=i)[0], tmp_path / f"{i}.webp", 8.0)
    (tmp_path / "broken.gif").write_bytes(b"no")
    splits = open_videos(SMALL, tmp_path, quietly)
    assert len(splits.train) + len(splits.held_out) == 6
    assert any("broken.gif" in note for note in splits.notes)
    assert splits.train.conditions is None
    assert splits.train.condition_shape == ()


def test_a_folder_without_clips_is_refused(tmp_path):
    write_animation(steps(3), tmp_path / "a.gif", 8.0)
    with pytest.raises(DataError, match="at least 2"):
        open_videos(SMALL, tmp_path, quietly)


@pytest.mark.parametrize(
    ("settings", "values", "told"),
    [
        (VideoData, {"frames": 12}, "frames are 8, 16 or 32"),
        (VideoData, {"resolution": 48}, "a resolution is 16, 32, 64 or 128"),
        (VideoData, {"rate_hz": 0.1}, "rate_hz is from 1 to 50"),
        (VideoSampling, {"curve": "0..2"}, "is no curve of intensity"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, values, told):
    with pytest.raises(ValueError, match=told):
        settings(**values)


def test_samples_of_another_curve_have_another_name():
    assert VideoSampling().distinctions() == {}
    assert VideoSampling(curve="0.0..1..0", video_format="webp").distinctions() == {"curve": "0..1..0"}
    assert VideoSampling(curve="1..0").columns() == {"curve": "1..0"}
