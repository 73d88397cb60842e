"""Clips from GIF, WebP, MP4 and folders of frames."""

import numpy as np
import pytest
from PIL import Image

from multigan.errors import DataError
from multigan.reading import films
from multigan.reading.video import decode, even, list_clips, read_clip
from multigan.video.files import write_animation, write_clips
from multigan.video.settings import VideoData
from tests.worlds.videos import noise, steps, write_frames

needs_pyav = pytest.mark.skipif(not films.has_pyav(), reason="PyAV is not installed (multigan[video])")


def test_frames_are_taken_at_even_times():
    assert even([100] * 4, 4) == [0, 1, 2, 3]
    assert even([100] * 5, 3) == [0, 2, 4]
    assert even([100] * 2, 4) == [0, 0, 1, 1]
    # a frame that is shown long counts long: times 50, 250, 450, 650, of ends 100, 600, 700
    assert even([100, 500, 100], 4) == [0, 1, 1, 2]


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_an_animation_is_read_as_it_was_written(tmp_path, suffix):
    frames, path = steps(6), tmp_path / f"a{suffix}"
    write_animation(frames, path, 10.0)
    clip = read_clip([path], 64)
    np.testing.assert_array_equal(clip.frames, frames)
    assert clip.rate_hz == pytest.approx(10.0)
    np.testing.assert_array_equal(decode([path], 3, 16, "pad", "white")[:, 0, 0, 0], [5, 35, 55])
    assert decode([path], 8, 8, "crop", "white").shape == (8, 8, 8, 3)
    assert len(read_clip([path], 4).frames) == 4


def test_large_frames_are_reduced_for_measuring(tmp_path):
    write_animation(steps(2, 300), tmp_path / "a.gif", 8.0)
    assert read_clip([tmp_path / "a.gif"], 64).frames.shape == (2, 256, 256, 3)


def test_webp_is_without_loss(tmp_path):
    (frames,) = noise(1)
    write_animation(frames, tmp_path / "a.webp", 8.0)
    np.testing.assert_array_equal(read_clip([tmp_path / "a.webp"], 64).frames, frames)


def test_frames_in_a_folder_are_a_clip_in_the_order_of_their_names(tmp_path):
    write_frames(tmp_path / "joy" / "one", steps(4))
    write_frames(tmp_path / "joy" / "two", steps(5))
    write_frames(tmp_path / "fear" / "one", steps(3)[::-1])
    files = list_clips(tmp_path)
    assert files.listing.names == ("fear/one", "joy/one", "joy/two")
    assert files.listing.labels == ("fear", "joy", "joy")
    assert [len(names) for names in files.files] == [3, 4, 5]
    clip = read_clip(files.paths(0), 64)
    assert clip.frames[:, 0, 0, 0].tolist() == [25, 15, 5]


def test_folders_of_frames_without_a_folder_above_have_no_labels(tmp_path):
    write_frames(tmp_path / "one", steps(4))
    write_frames(tmp_path / "two", steps(4))
    assert list_clips(tmp_path).listing.labels is None


def test_class_folders_and_a_table_with_a_curve(tmp_path):
    for name in ("joy", "fear"):
        (tmp_path / "folders" / name).mkdir(parents=True)
        write_animation(steps(3), tmp_path / "folders" / name / "a.gif", 8.0)
    assert list_clips(tmp_path / "folders").listing.labels == ("fear", "joy")
    (tmp_path / "table").mkdir()
    for name in "ab":
        write_animation(steps(3), tmp_path / "table" / f"{name}.gif", 8.0)
    table = tmp_path / "table" / "labels.csv"
    table.write_text("file,emotion,intensity,curve\na.gif,joy,0.5,0..1..0\nb.gif,fear,1,\n")
    files = list_clips(tmp_path / "table")
    assert files.curves == ("0..1..0", "1")
    assert files.listing.intensities == (0.5, 1.0)
    table.write_text("file,emotion,curve\na.gif,joy,up\nb.gif,fear,\n")
    with pytest.raises(DataError, match=r"labels.csv, line 2: 'up' is no curve"):
        list_clips(tmp_path / "table")


def test_what_is_no_clip_is_refused_in_a_sentence(tmp_path):
    Image.fromarray(steps(1)[0]).save(tmp_path / "still.gif")
    with pytest.raises(DataError, match="it has one frame, and a clip has at least two"):
        decode([tmp_path / "still.gif"], 8, 16, "pad", "white")
    (tmp_path / "broken.gif").write_bytes(b"GIF89a no")
    with pytest.raises(DataError, match=r"damaged|not a"):
        decode([tmp_path / "broken.gif"], 8, 16, "pad", "white")
    write_frames(tmp_path / "sizes", steps(2))
    Image.fromarray(steps(1, 20)[0]).save(tmp_path / "sizes" / "9.png")
    with pytest.raises(DataError, match="its frames differ in size"):
        read_clip(sorted((tmp_path / "sizes").iterdir()), 64)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"No clip in .*looked for GIF, WebP, MP4"):
        list_clips(tmp_path / "empty")


def test_a_transparent_gif_lies_on_the_background(tmp_path):
    frames = [Image.new("RGBA", (16, 16), (0, 0, 0, 0)), Image.new("RGBA", (16, 16), (200, 0, 0, 255))]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100, disposal=2)
    clip = decode([tmp_path / "a.gif"], 2, 16, "pad", "#00ff00")
    assert clip[0, 3, 3].tolist() == [0, 255, 0]
    assert clip[1, 3, 3].tolist() == [200, 0, 0]


def test_without_pyav_a_film_is_refused_and_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(films, "has_pyav", lambda: False)
    (tmp_path / "a.mp4").write_bytes(b"any")
    with pytest.raises(DataError, match=r"pip install 'multigan\[video\]'"):
        decode([tmp_path / "a.mp4"], 8, 16, "pad", "white")


@needs_pyav
def test_a_film_is_read_as_it_was_written(tmp_path):
    import torch

    frames = steps(6, 64)
    samples = (torch.from_numpy(frames).permute(3, 0, 1, 2)[None].float() - 128) / 127.5
    write_clips(samples, [tmp_path / "a.mp4"], VideoData(resolution=64))
    clip = read_clip([tmp_path / "a.mp4"], 64)
    assert clip.frames.shape == (6, 128, 128, 3)  # small films are enlarged
    assert clip.rate_hz == pytest.approx(8.0, rel=0.05)
    assert np.abs(clip.frames.mean((1, 2, 3)) - frames.mean((1, 2, 3))).max() < 4
    assert decode([tmp_path / "a.mp4"], 4, 16, "pad", "white").shape == (4, 16, 16, 3)


@needs_pyav
def test_a_damaged_film_is_refused(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(200))
    with pytest.raises(DataError, match=r"it is no video file|it holds no pictures|damaged"):
        decode([tmp_path / "a.mp4"], 8, 16, "pad", "white")
