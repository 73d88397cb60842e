"""Samples in memory as a data set: what it hands out, what does not fit, and folders that become one."""

import numpy as np
import pytest

from multigan.arrays import ArrayDataset, open_arrays
from multigan.errors import DataError
from multigan.protocols import condition_shape_of
from multigan.reading.columns import Columns
from multigan.reading.listing import Kind

POINTS = np.arange(8, dtype=np.float32).reshape(4, 2)


def test_batches_hold_samples_and_the_one_hot_of_their_labels():
    data = ArrayDataset(POINTS, ("low", "high"), np.array([0, 0, 1, 1]))
    batch = data.batch([3, 0])
    assert batch.real.tolist() == [[6, 7], [0, 1]]
    assert batch.condition.tolist() == [[0, 1], [1, 0]]
    assert (len(data), data.n_originals, data.sample_shape, condition_shape_of(data)) == (4, 4, (2,), (2,))
    assert data.names == ("sample-0", "sample-1", "sample-2", "sample-3")
    assert data.original(1).tolist() == [2, 3]


def test_without_labels_there_is_no_condition():
    data = ArrayDataset(POINTS, names=("a", "b", "c", "d"))
    assert data.batch(np.array([1])).condition is None
    assert (data.labels, data.classes, data.conditions, condition_shape_of(data)) == ((), None, None, ())
    assert data.names == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        (("a",), None, "labels and classes are given together"),
        ((), np.zeros(4, int), "labels and classes are given together"),
        (("a", "b"), np.zeros(3, int), "classes are 4 numbers, one a sample, from 0 to 1"),
        (("a", "b"), np.array([0, 1, 2, 0]), "classes are 4 numbers, one a sample, from 0 to 1"),
    ],
)
def test_classes_that_do_not_fit_are_refused(labels, classes, message):
    with pytest.raises(ValueError, match=message):
        ArrayDataset(POINTS, labels, classes)


def test_conditions_are_labels_times_intensities():
    data = ArrayDataset(
        POINTS, ("low", "high"), np.array([0, 0, 1, 1]), intensities=np.array([0, 0.25, 0.5, 1])
    )
    assert data.conditions.tolist() == [[0, 0], [0.25, 0], [0, 0.5], [0, 1]]
    assert data.batch([2]).condition.tolist() == [[0, 0.5]]


@pytest.mark.parametrize("intensities", [np.ones(3), np.array([0, 1, 1, 1.5]), np.array([0, 1, 1, np.nan])])
def test_intensities_that_do_not_fit_are_refused(intensities):
    with pytest.raises(ValueError, match="intensities are 4 numbers from 0 to 1"):
        ArrayDataset(POINTS, ("a",), np.zeros(4, int), intensities=intensities)
    with pytest.raises(ValueError, match="one a sample that has a label"):
        ArrayDataset(POINTS, intensities=np.ones(4))


# ---- folders ----

PAIRS = Kind("pair", "pairs", ".npy", frozenset({".npy"}))


def read_pair(path):
    pair = np.load(path)
    if pair.shape != (2,):
        raise DataError(f"{pair.shape} is no pair")
    return pair


def opened(folder, columns=None, held_out=0.25):
    return open_arrays(
        folder, PAIRS, read_pair, columns or Columns(), held_out, lambda what, done, total: None
    )


def write_pairs(folder, n):
    for number in range(n):
        path = folder / ("low" if number % 2 else "high") / f"{number}.npy"
        path.parent.mkdir(exist_ok=True)
        np.save(path, np.array([number, -number], np.float32) / n)


def test_a_folder_becomes_training_and_held_out_samples(tmp_path):
    write_pairs(tmp_path, 40)
    np.save(tmp_path / "low" / "odd.npy", np.zeros(3))
    train, held_out, notes = opened(tmp_path)
    assert train.labels == held_out.labels == ("high", "low")
    assert 4 <= len(held_out) <= 20
    assert len(train) + len(held_out) == 40
    names = {*train.names, *held_out.names}
    assert names == {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.npy")} - {
        "low/odd.npy"
    }
    row = train.names.index(next(name for name in train.names if name.startswith("low")))
    assert train.conditions[row].tolist() == [0, 1]
    assert np.array_equal(train.samples[row], np.load(tmp_path / train.names[row]))
    assert any("odd.npy ((3,) is no pair)" in note for note in notes)


def test_a_copy_lies_on_the_side_of_its_original_and_names_do_not_matter(tmp_path):
    write_pairs(tmp_path, 40)
    before = set(opened(tmp_path)[1].names)
    for path in list(tmp_path.rglob("*.npy")):
        (path.parent / f"copy-of-{path.name}").write_bytes(path.read_bytes())
    after = set(opened(tmp_path)[1].names)
    assert after == before | {name.replace("/", "/copy-of-") for name in before}


def test_a_table_says_intensities_and_what_is_held_out(tmp_path):
    for number in range(8):
        np.save(tmp_path / f"{number}.npy", np.full(2, number / 8, np.float32))
    rows = [f"{n}.npy,{'ab'[n % 2]},{n / 8},{'test' if n < 2 else 'train'}" for n in range(8)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label,intensity,side", *rows]))
    train, held_out, _ = opened(tmp_path, Columns(split="side=test"))
    assert held_out.names == ("0.npy", "1.npy")
    assert held_out.conditions.tolist() == [[0, 0], [0, 0.125]]
    assert len(train) == 6


def test_flat_files_have_no_labels(tmp_path):
    for number in range(8):
        np.save(tmp_path / f"{number}.npy", np.full(2, number / 8, np.float32))
    train, held_out, _ = opened(tmp_path)
    assert (train.labels, train.conditions, held_out.batch([0]).condition) == ((), None, None)


def test_a_folder_with_nothing_to_read_is_refused(tmp_path):
    write_pairs(tmp_path, 4)
    for path in (tmp_path / "low").glob("*.npy"):
        np.save(path, np.zeros(3))
    with pytest.raises(DataError, match=r"The class 'low' in .* has no readable pair"):
        opened(tmp_path)


def test_a_file_with_which_reading_fails_in_any_way_is_named_and_left_out(tmp_path):
    write_pairs(tmp_path, 8)
    (tmp_path / "low" / "text.npy").write_text("no array")
    np.save(tmp_path / "low" / "lost.npy", np.array([0, np.nan]))
    train, held_out, notes = opened(tmp_path)
    assert len(train) + len(held_out) == 8
    (note,) = [note for note in notes if note.startswith("2 files were skipped")]
    assert "lost.npy holds something else than finite numbers" in note
    assert "text.npy cannot be read (" in note


@pytest.mark.parametrize("odd", [0, 5])
def test_files_of_another_shape_than_most_are_left_out(tmp_path, odd):
    for number in range(8):
        np.save(tmp_path / f"{number}.npy", np.full(3 if number == odd else 2, number / 8, np.float32))
    train, held_out, notes = open_arrays(tmp_path, PAIRS, np.load, Columns(), 0.25, lambda *counts: None)
    assert {*train.names, *held_out.names} == {f"{number}.npy" for number in range(8) if number != odd}
    assert any(f"{odd}.npy (its shape is [3], and that of most is [2])" in note for note in notes)


def test_numbers_of_any_precision_are_kept_as_the_networks_have_them(tmp_path):
    assert ArrayDataset(POINTS.astype(np.float64)).samples.dtype == np.float32
    assert ArrayDataset(np.zeros((2, 3), np.uint16)).samples.dtype == np.int64
    for number in range(8):
        np.save(tmp_path / f"{number}.npy", np.full(2, number / 8))
    assert opened(tmp_path)[0].samples.dtype == np.float32


def test_numbers_that_are_so_already_are_not_copied():
    assert np.shares_memory(ArrayDataset(POINTS).samples, POINTS)


@pytest.mark.parametrize(
    "samples",
    [np.zeros((4, 1, 2), np.uint8), np.zeros((4, 2), bool), np.zeros((4, 2), complex)],
    ids=lambda samples: samples.dtype.name,
)
def test_what_no_network_takes_is_refused(tmp_path, samples):
    with pytest.raises(ValueError, match=rf"samples are floats from -1 to 1, .*found {samples.dtype} \[4"):
        ArrayDataset(samples)
    for number, sample in enumerate(samples):
        np.save(tmp_path / f"{number}.npy", sample)
    with pytest.raises(
        DataError, match=rf"0\.npy is {samples.dtype} .*: a sample is floats from -1 to 1, or a row"
    ):
        open_arrays(tmp_path, PAIRS, np.load, Columns(), 0.25, lambda *counts: None)


def test_a_number_too_large_for_the_networks_is_left_out(tmp_path):
    write_pairs(tmp_path, 8)
    np.save(tmp_path / "low" / "large.npy", np.array([1e300, 0]))
    assert any("large.npy holds something else than finite numbers" in note for note in opened(tmp_path)[2])
