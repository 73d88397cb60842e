"""Images in files of arrays: MNIST's idx files and .npz files, whole and broken."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from multigan.errors import DataError
from multigan.image.data import look, open_images
from multigan.image.settings import ImageData
from multigan.reading import packed, prepare
from multigan.reading.budget import Budget
from multigan.reading.columns import Columns
from multigan.reading.listing import Listing
from multigan.reading.packed import packed_files, read_packed
from tests.worlds.pictures import fill, silent

pytestmark = pytest.mark.usefixtures("cache_folder")


def digits(n, seed=0, side=28):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, side, side), np.uint8), (np.arange(n) % 3).astype(np.uint8)


def write_idx(path, values):
    header = bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wb") as stream:
        stream.write(header + values.tobytes())


def mnist(folder, suffix=".gz", labels=True):
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for side, n, seed in (("train", 30, 0), ("t10k", 9, 1)):
        images, numbers = digits(n, seed)
        write_idx(folder / f"{side}-images-idx3-ubyte{suffix}", images)
        if labels:
            write_idx(folder / f"{side}-labels-idx1-ubyte{suffix}", numbers)
        made[side] = images, numbers
    return made


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_files_are_images_labels_and_a_split(tmp_path, suffix):
    made = mnist(tmp_path, suffix)
    settings = ImageData(resolution=32)
    assert look(settings, tmp_path) == ("0", "1", "2")
    splits = open_images(settings, tmp_path, silent)
    assert (len(splits.train), len(splits.held_out)) == (30, 9)
    assert splits.train.labels == ("0", "1", "2")
    assert splits.train.names[:2] == ("train/00000", "train/00001")
    assert splits.held_out.names[-1] == "t10k/00008"
    assert splits.train.classes.tolist() == made["train"][1].tolist()
    assert splits.train.images.shape == (30, 32, 32, 3)
    assert "The 9 images in t10k are held out, and the other 30 are for training" in " ".join(splits.notes)


@pytest.mark.parametrize("split", ["none", "fold=5"])
def test_files_are_no_split_where_another_is_asked_for(tmp_path, split):
    mnist(tmp_path)
    assert read_packed(tmp_path, packed_files(tmp_path), Columns(split=split)).listing.split is None


def test_pixels_of_the_same_side_are_as_they_are_and_grey_in_all_channels(tmp_path):
    images, numbers = digits(6, side=16)
    np.savez(tmp_path / "set.npz", images=images, labels=numbers)
    splits = open_images(ImageData(resolution=16), tmp_path, silent)
    found = {name: pixels for part in (splits.train, splits.held_out)
             for name, pixels in zip(part.names, part.images, strict=True)}  # fmt: skip
    for row, pixels in enumerate(images):
        assert np.array_equal(found[f"set/{row:05d}"], np.repeat(pixels[..., None], 3, 2))


def test_an_npz_names_its_classes_and_may_be_given_by_itself(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (8, 20, 24, 3), np.uint8)
    (tmp_path / "set").mkdir()
    path = tmp_path / "set" / "some.npz"
    np.savez(path, images=images, labels=np.arange(8) % 2, classes=np.array(["cat", "dog"]))
    (path.parent / "more.tar.xz").write_bytes(b"x")
    for place in (path, path.parent):
        splits = open_images(ImageData(resolution=16), place, silent)
        assert splits.train.labels == ("cat", "dog")
        assert len(splits.train) + len(splits.held_out) == 8
    assert "Beside them and left out: more.tar.xz." in splits.notes
    assert open_images(ImageData(resolution=16, label="none"), path, silent).train.labels == ()


def test_their_suffix_may_be_in_capitals(tmp_path):
    images, numbers = digits(4)
    np.savez(tmp_path / "a.npz", images=images, labels=numbers)
    (tmp_path / "a.npz").rename(tmp_path / "SET.NPZ")
    names = {str(number) for number in numbers}
    assert set(look(ImageData(), tmp_path)) == names
    assert set(look(ImageData(), tmp_path / "SET.NPZ")) == names


def test_labels_may_be_words_or_left_out(tmp_path):
    images, _ = digits(4)
    np.savez(tmp_path / "a.npz", images=images, labels=np.array(["joy", "fear", "joy", "fear"]))
    assert look(ImageData(), tmp_path) == ("joy", "fear")
    mnist(tmp_path / "m", labels=False)
    assert look(ImageData(), tmp_path / "m") == ()


def test_arrays_without_a_name_are_images_and_numbers_of_their_labels(tmp_path):
    images, numbers = digits(4)
    np.savez(tmp_path / "samples.npz", images, numbers)
    found = read_packed(tmp_path / "samples.npz", packed_files(tmp_path / "samples.npz"), Columns())
    assert np.array_equal(found.arrays, images)
    assert found.listing.labels == ("0", "1", "2", "0")
    assert found.listing.notes[1].startswith("In samples.npz arrays have no names: arr_0 is taken for images")
    np.savez(tmp_path / "samples.npz", images)
    assert read_packed(tmp_path, packed_files(tmp_path), Columns()).listing.labels is None


def test_an_npy_file_holds_images_alone(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), np.uint8)
    path = tmp_path / "samples.npy"
    np.save(path, images)
    for place in (path, tmp_path):
        found = read_packed(place, packed_files(place), Columns())
        assert np.array_equal(found.arrays, images)
        assert found.listing.labels is None
        assert found.listing.names[1] == "samples/00001"
        assert found.listing.notes == ("Images are read from samples.npy.",)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (np.arange(8), r"int64 \[8\]"),
        (np.zeros((8, 3, 16, 16), np.float32), r"float32 \[8, 3, 16, 16\]"),
        (np.zeros((16, 16, 3), np.uint8), r"uint8 \[16, 16, 3\]"),
        (np.zeros((0, 16, 16, 3), np.uint8), r"uint8 \[0, 16, 16, 3\]"),
    ],
)
def test_an_npy_file_of_other_values_is_one_sentence(tmp_path, values, what):
    np.save(tmp_path / "x.npy", values)
    with pytest.raises(DataError, match=what + r"; needed: uint8 \[N, H, W\] or .* into one \.npz file"):
        read_packed(tmp_path, packed_files(tmp_path), Columns())


def test_a_damaged_npy_file_is_one_sentence_and_none_is_unpickled(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.zeros((8, 16, 16, 3), np.uint8))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"x\.npy is damaged"):
        read_packed(path, packed_files(path), Columns())
    np.save(path, np.array([{"a": 1}], dtype=object))
    with pytest.raises(
        DataError, match=r"x\.npy: images are Python objects, which are not read; save them as uint8"
    ):
        read_packed(path, packed_files(path), Columns())


def test_pictures_and_folders_are_read_as_before(tmp_path):
    fill(tmp_path, ["joy", "fear"], 3)
    images, numbers = digits(4)
    np.savez(tmp_path / "stray.npz", images=images, labels=numbers)
    assert packed_files(tmp_path) is None
    assert look(ImageData(), tmp_path) == ("joy", "fear")
    assert packed_files(tmp_path / "nowhere") is None


def test_other_content_is_another_entry_of_the_cache(tmp_path):
    images, numbers = digits(6, side=16)
    settings = ImageData(resolution=16)
    digests = set()
    for change in (0, 1):
        images[3, 0, 0] = change
        np.savez(tmp_path / "set.npz", images=images, labels=numbers)
        digests.add(open_images(settings, tmp_path / "set.npz", silent).train.digest)
    assert len(digests) == 2


def test_files_that_lie_there_packed_and_unpacked_are_read_once(tmp_path):
    mnist(tmp_path, "")
    mnist(tmp_path, ".gz")
    found = read_packed(tmp_path, packed_files(tmp_path), Columns()).listing
    assert (len(found.names), len(found.labels)) == (39, 39)
    assert found.notes[0] == "Images are read from t10k-images-idx3-ubyte, train-images-idx3-ubyte."
    assert found.notes[1].startswith(
        "Left out, as the same files are there unpacked: t10k-images-idx3-ubyte.gz, t10k-labels"
    )
    assert len(found.notes) == 2


def test_labels_may_be_packed_where_their_images_are_not(tmp_path):
    mnist(tmp_path, "")
    mnist(tmp_path, ".gz")
    for name in (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte.gz",
    ):
        (tmp_path / name).unlink()
    found = read_packed(tmp_path, packed_files(tmp_path), Columns()).listing
    assert found.labels == ("0", "1", "2") * 13
    assert found.notes == ("Images are read from t10k-images-idx3-ubyte.gz, train-images-idx3-ubyte.",)


def test_images_of_several_files_have_names_of_their_own(tmp_path):
    images, numbers = digits(4)
    for name in ("train_1", "train_2", "test", "_test"):
        np.savez(tmp_path / f"{name}.npz", images=images, labels=numbers)
    found = read_packed(tmp_path, sorted(tmp_path.glob("t*.npz")), Columns()).listing
    assert (found.names[0], found.names[4], found.names[-1]) == (
        "test/00000",
        "train_1/00000",
        "train_2/00003",
    )
    assert found.split == ("test",) * 4 + ("train",) * 8
    files = sorted(tmp_path.glob("*test.npz"))
    assert read_packed(tmp_path, files, Columns()).listing.names[::4] == ("_test.npz/00000", "test.npz/00000")


# ---- what is broken is one sentence ----


def broken(tmp_path, **arrays):
    np.savez(tmp_path / "set.npz", **arrays)
    return read_packed(tmp_path, packed_files(tmp_path), Columns())


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros(3)}, r"has no images \(arrays: x\); needed: images or arr_0 \(uint8"),
        ({"images": np.zeros((3, 4, 4))}, r"has images of float64 \[3, 4, 4\]"),
        ({"images": np.zeros((3, 4, 4, 2), np.uint8)}, r"has images of uint8 \[3, 4, 4, 2\]"),
        ({"images": np.zeros((3, 5, 5), np.uint8), "labels": np.zeros(2, int)}, "3 images and 2 labels; give one label"),
        ({"images": np.zeros((2, 5, 5), np.uint8), "labels": np.array([0, 5]), "classes": np.array(["a", "b"])},
         "label 5 is no number below 2"),
    ],
)  # fmt: skip
def test_an_npz_of_other_arrays_is_one_sentence(tmp_path, arrays, message):
    with pytest.raises(DataError, match=message):
        broken(tmp_path, **arrays)


def test_nothing_is_unpickled_and_what_to_save_instead_is_read(tmp_path):
    images = np.full((4, 5, 5), 7, np.uint8)
    words = np.array(["joy", "fear", "joy", "fear"], dtype=object)
    with pytest.raises(
        DataError, match=r"images are Python objects, .*\(np\.stack\(images\)\.astype\(np\.uint8\)\)"
    ):
        broken(tmp_path, images=images.astype(object))
    with pytest.raises(
        DataError, match=r"labels are Python objects, which are not read; .*\(labels\.astype\(str\)\)"
    ):
        broken(tmp_path, images=images, labels=words)
    stacked = np.stack(images.astype(object)).astype(np.uint8)
    assert broken(tmp_path, images=stacked, labels=words.astype(str)).listing.labels == tuple(words)
    np.savez(tmp_path / "set.npz", images=images, labels=words)
    assert read_packed(tmp_path, packed_files(tmp_path), Columns(label="none")).listing.labels is None


def test_bytes_are_the_text_that_they_are_in_utf_8(tmp_path):
    images, words = np.zeros((2, 5, 5), np.uint8), ["fête", "joy"]
    encoded = np.array([word.encode() for word in words])
    assert broken(tmp_path, images=images, labels=encoded).listing.labels == tuple(words)
    found = broken(tmp_path, images=images, labels=np.array([1, 0]), classes=encoded)
    assert found.listing.labels == tuple(reversed(words))
    latin = np.char.encode(words, "latin-1")
    message = r"classes are bytes, and b'f\\xeate' is no UTF-8; save them as text \(np\.char\.decode\(classes, ENCODING\)\)"
    with pytest.raises(DataError, match=message):
        broken(tmp_path, images=images, labels=np.array([1, 0]), classes=latin)
    assert broken(tmp_path, images=images, labels=np.char.decode(latin, "latin-1")).listing.labels == tuple(
        words
    )


def test_whole_numbers_are_labels_however_they_are_saved_and_others_are_not(tmp_path):
    images = np.zeros((2, 5, 5), np.uint8)
    assert broken(tmp_path, images=images, labels=np.array([1.0, 0.0])).listing.labels == ("1", "0")
    found = broken(tmp_path, images=images, labels=np.array([1.0, 0.0]), classes=np.array(["a", "b"]))
    assert found.listing.labels == ("b", "a")
    for labels, value in (
        (np.array([1, 0.5]), "0.5"),
        (np.array([0, np.nan]), "nan"),
        (np.array(["a", " "]), "' '"),
    ):
        with pytest.raises(
            DataError, match=f"image 1 has the label {value}; a label is text or a whole number"
        ):
            broken(tmp_path, images=images, labels=labels)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[:-5], r"its header says 7,056 bytes, and it has 7,051\. Fetch it again"),
        (lambda content: content + b"1", "its header says 7,056 bytes, and it has more"),
        (lambda content: b"\0\0\x0d\3" + content[4:], "with 3 axes: it begins with 00 00 0d 03"),
        (lambda content: b"", "no idx file of unsigned bytes with 3 axes: it begins with , and"),
    ],
)  # fmt: skip
def test_a_damaged_idx_file_is_one_sentence(tmp_path, change, message):
    mnist(tmp_path, "")
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match=message):
        look(ImageData(), tmp_path)


def test_a_cut_gzip_and_a_cut_zip_are_one_sentence(tmp_path):
    mnist(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz is damaged: .*Fetch or write it again"):
        look(ImageData(), tmp_path)
    (tmp_path / "b").mkdir()
    images, _ = digits(4)
    np.savez(tmp_path / "b" / "set.npz", images=images)
    (tmp_path / "b" / "set.npz").write_bytes((tmp_path / "b" / "set.npz").read_bytes()[:500])
    with pytest.raises(DataError, match=r"set\.npz is damaged"):
        look(ImageData(), tmp_path / "b")


def test_a_spoilt_stream_is_one_sentence(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    write_idx(path, digits(4)[0])
    content = path.read_bytes()
    begin = content.index(b"\0", 10) + 1  # behind the header, which ends with the file's name
    path.write_bytes(content[:begin] + b"\xff" + content[begin + 1 :])
    with pytest.raises(DataError, match=r"is damaged: .*invalid block type\. Fetch or write it again"):
        read_packed(tmp_path, [path], Columns())


def test_a_small_file_that_claims_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "DECODING", Budget(2**20))
    header = bytes((0, 0, 8, 3)) + struct.pack(">3I", 2**20, 1024, 1024)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(header)
    with pytest.raises(
        DataError, match=r"holds 1024\.0 GiB of values, and at most 1 MiB are read: give a file with fewer"
    ):
        look(ImageData(), tmp_path)


def test_a_column_that_is_asked_for_is_refused(tmp_path):
    mnist(tmp_path)
    with pytest.raises(DataError, match="The label is to be in a column 'kind', but"):
        look(ImageData(label="kind"), tmp_path)


def test_labels_of_some_files_alone_are_refused(tmp_path):
    mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(
        DataError, match=r"t10k-images-idx3-ubyte\.gz in .* has no labels, and other files have"
    ):
        look(ImageData(), tmp_path)
    assert look(ImageData(label="none"), tmp_path) == ()


def test_the_labels_of_many_samples_are_gathered_once(monkeypatch):
    calls = []
    listing = Listing(Path("x"), tuple("abcdef"), tuple("pqpqpq"), (1.0,) * 6, ())
    monkeypatch.setattr(Listing, "classes", property(lambda self: calls.append(1) or ("p", "q")))
    table = prepare.table_of(listing, range(6), listing.names, 4, [])
    assert table["columns"] == [0, 1, 0, 1, 0, 1]
    assert len(calls) == 1
