"""What every reader stands on: threads in order, marks and digests of files, kinds of files, images at their own size."""

import hashlib
import os
import threading
import time

import numpy as np
import pytest
from PIL import Image

from multigan.errors import DataError
from multigan.reading import audio
from multigan.reading.columns import Columns
from multigan.reading.files import NOTHING, content_digest, in_order, mark, named, settled
from multigan.reading.image import decode, read_image
from multigan.reading.listing import AUDIO, IMAGES, list_files
from tests.worlds.threads import PATIENCE_S, told_to_stop

# --- files


def test_results_come_in_order_whatever_takes_long():
    """Every even item ends after the odd one that follows it."""
    ticks, ended = [], [threading.Event() for _ in range(40)]

    def work(i):
        if i % 2 == 0:
            assert ended[i + 1].wait(PATIENCE_S)
        ended[i].set()
        return i

    found = list(in_order(work, range(40), ticks.append, threads=4, waiting=8))
    assert found == list(range(40))
    assert ticks == list(range(1, 41))


def test_few_results_run_ahead():
    taken, started = [], []
    items = (taken.append(i) or i for i in range(100))
    results = in_order(lambda i: started.append(i) or i, items, threads=2, waiting=5)
    assert next(results) == 0
    assert len(taken) == 6  # five may run, and the sixth waits for a place
    results.close()
    assert len(started) <= len(taken) == 6


def test_what_a_thread_raises_comes_at_its_turn_and_stops_the_rest():
    started = []

    def work(i):
        started.append(i)
        if i == 3:
            raise KeyError("three")
        return i

    results = in_order(work, range(1000), threads=2, waiting=10)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(KeyError, match="three"):
        next(results)
    assert len(started) < 30


def test_closing_waits_only_for_what_runs(monkeypatch):
    stopped, started, ended = told_to_stop(monkeypatch), [], []

    def work(i):
        started.append(i)
        if i:
            stopped.wait(PATIENCE_S)
            time.sleep(0.05)  # so that a close that does not wait for it comes before its end
        ended.append(i)
        return i

    results = in_order(work, range(100), threads=1, waiting=50)
    assert next(results) == 0
    results.close()
    assert started == ended
    assert started in ([0], [0, 1])


def test_a_file_is_told_by_its_content(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert content_digest(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()
    assert content_digest(tmp_path / "gone") == NOTHING == content_digest(tmp_path)


def test_a_change_shows_in_the_mark_though_size_and_time_are_set_back(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    before, times = mark(path), path.stat()
    while path.stat().st_ctime_ns == times.st_ctime_ns:  # file systems tell times apart from some step on
        path.write_bytes(b"xyz")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert mark(path)[:2] == before[:2]
    assert mark(path) != before
    assert mark(tmp_path / "gone") == (-1, 0, 0)


def test_a_mark_is_settled_after_two_seconds():
    assert settled((5, 10**9, 2 * 10**9), 4 * 10**9 + 1)
    assert not settled((5, 10**9, 2 * 10**9), 4 * 10**9)
    assert not settled((5, 3 * 10**9, 2 * 10**9), 4 * 10**9 + 1)


def test_how_many_are_named():
    assert named(["a", "b", "c"], 2) == "a, b and 1 more"
    assert named(["a", "b"], 2) == "a, b"


# --- listing


def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"?")
    return folder


def test_audio_files_go_by_their_suffix(tmp_path):
    names = ("0/a.WAV", "0/b.flac", "1/c.ogg", "1/d.oga", "1/e.mp3", "1/f.opus")
    listing = list_files(make(tmp_path, *names, "1/cover.png", "1/notes.txt", "0/.hidden.wav"), AUDIO)
    assert listing.names == names
    assert listing.labels == ("0", "0", "1", "1", "1", "1")


def test_the_suffixes_are_those_that_the_reader_reads():
    assert frozenset(audio.SUFFIXES) == AUDIO.suffixes
    assert AUDIO.formats == audio.FORMATS_IN_WORDS


def test_any_column_may_hold_the_labels(tmp_path):
    make(tmp_path, "a.wav", "b.wav", "c.png")
    (tmp_path / "labels.csv").write_text("file,digit,mood\na.wav,7,calm\nb.wav,8,alarming\n")
    assert list_files(tmp_path, AUDIO, "digit").labels == ("7", "8")
    assert list_files(tmp_path, AUDIO, "mood").labels == ("calm", "alarming")
    assert list_files(tmp_path, AUDIO, "mood").notes == (
        f"Passed over, as no audio files that are read ({AUDIO.formats}): 1 .png.",
    )


def test_of_several_columns_the_first_that_is_there_holds_the_labels(tmp_path):
    make(tmp_path, "a.wav", "b.wav")
    (tmp_path / "labels.csv").write_text("file,mood,digit\na.wav,calm,7\nb.wav,alarming,8\n")
    assert list_files(tmp_path, AUDIO, Columns(label=["emotion", "digit", "mood"])).labels == ("7", "8")
    with pytest.raises(DataError, match=r"no column 'x' or 'y'; its columns are file, mood, digit\."):
        list_files(tmp_path, AUDIO, Columns(label=["x", "y"]))


def test_several_columns_are_of_a_table_and_class_folders_need_none(tmp_path):
    columns = Columns(label=["digit"], split="fold=5")
    listing = list_files(make(tmp_path, "7/a.wav", "8/b.wav"), AUDIO, columns)
    assert (listing.labels, listing.split) == (("7", "8"), None)


def test_the_column_of_the_split_is_read_where_it_is(tmp_path):
    make(tmp_path, "a.wav", "b.wav", "c.wav")
    rows = "file,class,fold\nb.wav,x, 5\na.wav,y,\nc.wav,x,4\nb.wav,x,5\n"
    (tmp_path / "labels.csv").write_text(rows)
    by_fold = Columns(split="fold=5")
    listing = list_files(tmp_path, AUDIO, by_fold)
    assert (listing.names, listing.split) == (("a.wav", "b.wav", "c.wav"), ("", "5", "4"))
    assert listing.intensities == (1.0, 1.0, 1.0)
    assert list_files(tmp_path, AUDIO, Columns(split="split=5")).split is None
    assert list_files(tmp_path, AUDIO).split is None
    (tmp_path / "labels.csv").write_text(rows.replace("b.wav,x,5", "b.wav,x,6"))
    with pytest.raises(
        DataError, match=r"line 5: b.wav is \('x', 1.0, '6'\) here and \('x', 1.0, '5'\) above"
    ):
        list_files(tmp_path, AUDIO, by_fold)
    assert list_files(tmp_path, AUDIO).labels == ("y", "x", "x")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (AUDIO, r"No audio file in .*: looked for WAV, .* files .*; found only a.txt\."),
        (IMAGES, r"No image in .*: looked for PNG, .* files .*; found only a.txt\."),
    ],
)
def test_a_folder_without_the_kind(tmp_path, kind, message):
    with pytest.raises(DataError, match=message):
        list_files(make(tmp_path, "a.txt"), kind)


def test_a_class_folder_without_audio(tmp_path):
    with pytest.raises(
        DataError,
        match=r"class folder .*b holds no audio file \(it holds 1 \.png\): .* found audio files in a\. Add audio",
    ):
        list_files(make(tmp_path, "a/a.wav", "b/a.png"), AUDIO)


# --- images at their own size


def saved(image, path, **options):
    image.save(path, **options)
    return path


def test_an_image_keeps_its_size_and_pixels(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (7, 11, 3), dtype=np.uint8)
    found = read_image(saved(Image.fromarray(pixels), tmp_path / "a.png"))
    assert np.array_equal(found, pixels)
    assert found.flags.writeable


def test_a_large_jpeg_is_decoded_whole(tmp_path):
    y, x = np.mgrid[0:64, 0:640]
    pixels = np.stack([x // 3, y * 3, np.full_like(x, 90)], -1).astype(np.uint8)
    path = saved(Image.fromarray(pixels), tmp_path / "a.jpg", quality=98, subsampling=0)
    with Image.open(path) as image:
        assert np.array_equal(read_image(path), np.asarray(image.convert("RGB")))


def test_orientation_depth_and_transparency_are_those_of_decode(tmp_path):
    turned = Image.new("RGB", (4, 2), (255, 0, 0))
    turned.putpixel((0, 0), (0, 0, 255))
    exif = Image.Exif()
    exif[0x0112] = 6
    found = read_image(saved(turned, tmp_path / "turned.png", exif=exif))
    assert found.shape == (4, 2, 3)
    assert found[0, 1].tolist() == [0, 0, 255]
    deep = np.array([[0, 257 * 100], [257 * 200, 65535]], np.uint16)
    grey = read_image(saved(Image.fromarray(deep), tmp_path / "deep.png"))
    assert grey[..., 0].tolist() == [[0, 100], [200, 255]]
    clear = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
    clear.putpixel((3, 5), (0, 200, 0, 255))
    path = saved(clear, tmp_path / "clear.png")
    assert np.array_equal(read_image(path), decode(path, 16, "pad", "white"))
    assert read_image(path)[0, 0].tolist() == [255, 255, 255]


def test_why_an_image_cannot_be_read(tmp_path, monkeypatch):
    (tmp_path / "empty.png").touch()
    (tmp_path / "words.png").write_text("words")
    whole = saved(Image.new("RGB", (64, 64), (1, 2, 3)), tmp_path / "whole.png")
    (tmp_path / "half.png").write_bytes(whole.read_bytes()[:80])
    for name, why in (
        ("empty.png", "it is empty"),
        ("words.png", "it is not a PNG"),
        ("half.png", "it is damaged"),
        ("gone.png", "it is not a regular file"),
    ):
        with pytest.raises(DataError, match=why):
            read_image(tmp_path / name)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(DataError, match="more than 1000 pixels"):
        read_image(whole)
