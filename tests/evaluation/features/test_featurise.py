"""Features: each sample is read once, while extractors compute, and what is done with samples that are bad."""

import signal
import threading
import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from evaluation.extractors.random_features import RandomFeatures
from evaluation.kinds.image import IMAGE
from evaluation.kinds.text import TEXT
from evaluation.samples import Samples, spool
from evaluation.sources import from_memory, open_folder
from multigan.errors import DataError
from multigan.reading import image
from tests.worlds.pictures import fill, noise
from tests.worlds.projections import PIXELS, Projected, expected, features_of, of_folder
from tests.worlds.threads import PATIENCE_S, told_to_stop

pytestmark = pytest.mark.usefixtures("cache_folder")


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "in", ["joy", "fear"], 10)


@pytest.fixture
def reads(monkeypatch):
    """What is decoded, by name."""
    seen, plain = [], image.read_image
    monkeypatch.setattr(image, "read_image", lambda path: seen.append(path.name) or plain(path))
    return seen


# --- features


def test_features_of_the_rows_in_their_order():
    rows = [5, 3, 39, 0, 3]
    found = features_of(from_memory(PIXELS, "image"), rows, [Projected(), Projected("other", 4)], batch=2)
    assert found.rows.tolist() == rows
    assert found.bad == {}
    assert found.features["projected"].dtype == np.float32
    assert np.array_equal(found.features["projected"], expected(PIXELS[rows]))
    assert np.array_equal(found.features["other"], expected(PIXELS[rows], Projected("other", 4)))


@pytest.mark.parametrize("workers", [1, 2, 7])
@pytest.mark.parametrize("batch", [1, 16, 64])
def test_workers_and_batches_change_nothing(workers, batch):
    found = features_of(
        from_memory(PIXELS, "image"), range(40), [Projected()], workers=workers, batch=batch, cache=False
    )
    assert np.array_equal(found.features["projected"], expected(PIXELS))


def test_a_few_samples_have_the_features_that_they_have_among_many():
    """To the bit: what an earlier run left in the cache, in batches of another size, changes no figure."""
    many = features_of(from_memory(noise(60, 0), "image"), range(60), [RandomFeatures()], cache=False)
    few = features_of(from_memory(noise(60, 0), "image"), range(3), [RandomFeatures()], cache=False)
    assert np.array_equal(few.features["random-conv-v1"], many.features["random-conv-v1"][:3])


def test_each_sample_is_read_once_for_all_extractors(folder, reads):
    samples = open_folder(folder, "image")
    features_of(samples, range(20), [Projected(), Projected("other")], cache=False)
    assert sorted(reads) == sorted(path.name for path in folder.rglob("*.png"))


def test_texts_and_no_extractor_at_all():
    words = [f"{i:04d}" for i in range(9)]
    found = features_of(from_memory(words, "text"), [8, 1], [Projected()])
    assert np.array_equal(found.features["projected"], expected([words[8], words[1]]))
    alone = features_of(from_memory(words, "text"), [8, 1], [])
    assert (alone.features, alone.rows.tolist()) == ({}, [8, 1])


def test_features_can_be_written_to_without_harm():
    samples = from_memory(PIXELS, "image")
    for _ in range(2):
        found = features_of(samples, range(40), [Projected()]).features["projected"]
        assert np.array_equal(found, expected(PIXELS))
        found[:] = 0


def test_progress_counts_to_the_end(folder):
    told = []
    samples = open_folder(folder, "image")
    features_of(samples, range(20), [Projected()], progress=lambda *facts: told.append(facts))
    assert told[:20] == [(f"reading {folder}", i, 20) for i in range(1, 21)]
    assert told[20:] == [(f"features of {folder}", i, 20) for i in range(21)]
    told.clear()
    features_of(samples, range(20), [Projected()], progress=lambda *facts: told.append(facts))
    assert told[-1] == (f"features of {folder}", 20, 20)


def test_reading_and_computing_overlap():
    """Two workers read at once, and the next batch is read while one is computed: each waits for the other."""
    together, read = threading.Barrier(2, timeout=PATIENCE_S), [threading.Event() for _ in range(40)]
    computing = [threading.Event() for _ in range(5)]

    class Waiting(Projected):
        def forward(self, prepared):
            n_before = self.forwarded
            computing[n_before // 8].set()
            if n_before < 32:
                assert read[n_before + 8].wait(PATIENCE_S), "nothing was read while a batch was computed"
            return super().forward(prepared)

    samples = from_memory(PIXELS, "image")

    def reads(row):
        if row < 2:
            together.wait()
        elif row >= 8:
            assert computing[row // 8 - 1].wait(PATIENCE_S), "nothing was computed while rows were read"
        read[row].set()
        return samples.read(row)

    waiting = replace(samples, read=reads)
    found = features_of(waiting, range(40), [Waiting()], workers=2, batch=8, cache=False)
    assert np.array_equal(found.features["projected"], expected(PIXELS))


def test_memory_is_that_of_a_few_batches():
    class Wide(Projected):
        def prepare(self, sample):
            return np.full(200_000, sample[0, 0, 0], np.float32)

        def forward(self, prepared):
            return np.stack([row[:5_000] for row in prepared])

    samples = from_memory(np.tile(PIXELS, (10, 1, 1, 1)), "image")
    tracemalloc.start()
    found = features_of(samples, range(400), [Wide()], batch=8, workers=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.features["projected"].shape == (400, 5_000)
    # 8 MB of features and 320 MB of prepared samples; at most 8 wait, 8 run ahead and 2 are at work
    assert peak < 22 * 200_000 * 4 + 8.5e6


# --- samples that are bad


def damaged(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"\x89PNG\r\n\x1a\nnot a picture " + name.encode())
    return folder


def test_bad_files_are_named_and_left_out_the_same_from_the_cache(folder):
    damaged(folder, "joy/03.png", "fear/00.png")
    (folder / "joy/04.png").write_bytes(b"")
    plain = of_folder(folder, cache=False)
    assert list(plain.bad) == ["fear/00.png", "joy/03.png", "joy/04.png"]
    assert plain.bad["joy/04.png"] == "it is empty"
    assert plain.rows.tolist() == [row for row in range(20) if row not in (0, 13, 14)]
    for prepared in (17, 0):
        extractor = Projected()
        found = of_folder(folder, extractor)
        assert (found.bad, found.rows.tolist()) == (plain.bad, plain.rows.tolist())
        assert np.array_equal(found.features["projected"], plain.features["projected"])
        assert extractor.prepared == prepared


def test_what_one_extractor_refuses_is_left_out_for_all():
    refused = int(PIXELS[11].ravel()[0])
    places = [row for row in range(40) if PIXELS[row].ravel()[0] == refused]
    samples = from_memory(PIXELS, "image")
    good = [row for row in range(40) if row not in places]
    for _ in range(2):
        picky, plain = Projected("picky", refuses=refused), Projected()
        found = features_of(samples, range(40), [plain, picky], max_bad=0.5)
        assert found.bad == {f"image {row}": "picky refuses it" for row in places}
        assert found.rows.tolist() == good
        assert np.array_equal(found.features["projected"], expected(PIXELS[good]))
        assert np.array_equal(found.features["picky"], expected(PIXELS[good], Projected("picky")))
    alone = features_of(samples, range(40), [Projected()])
    assert alone.bad == {}  # another extractor can use it
    assert np.array_equal(alone.features["projected"], expected(PIXELS))


def test_too_many_bad_files_stop_with_a_list(folder):
    damaged(folder, "joy/03.png", "fear/00.png")
    assert len(of_folder(folder, max_bad=0.1).bad) == 2
    for _ in range(2):  # the second time from the cache
        with pytest.raises(DataError) as caught:
            of_folder(folder, max_bad=0.09)
        message = str(caught.value)
        assert f"{folder}: more than --max-bad (9%) cannot be used, 2 of 20" in message
        assert "fear/00.png (it is" in message
        assert "joy/03.png (it is" in message
    with pytest.raises(
        DataError, match="2 of 20 when reading stopped"
    ):  # it goes on for the sake of the list
        of_folder(folder, max_bad=0, cache=False)


def test_reading_stops_as_soon_as_it_is_too_much(tmp_path):
    texts = [f"{i:04d}" for i in range(2_000)]
    samples = from_memory(texts, "text")
    seen = []

    def read(row):
        seen.append(row)
        raise DataError("it is odd")

    bad = Samples(TEXT, samples.names, read)
    with pytest.raises(DataError, match=r"21 of 2000 .*: text 0 \(it is odd\), .* and 1 more\."):
        features_of(bad, range(2_000), [Projected()], workers=2)
    assert len(seen) < 200


def test_nothing_that_can_be_used(folder):
    with pytest.raises(DataError, match=r"there is nothing that can be used; fear/00\.png"):
        of_folder(damaged(folder, "fear/00.png"), rows=[0])


def test_a_clip_that_is_not_finite_is_named():
    waves = np.zeros((4, 100), np.float32)
    waves[2, 5] = np.inf

    class Power(Projected):
        def prepare(self, sample):
            return np.full(3, np.square(sample.waveform).mean(), np.float32)

    for _ in range(2):
        found = features_of(from_memory(waves, "audio", rate_hz=16_000), range(4), [Power()], max_bad=0.5)
        assert list(found.bad) == ["clip 2"]
        assert found.rows.tolist() == [0, 1, 3]


# --- what goes wrong


def test_another_error_of_a_worker_surfaces_with_the_sample():
    samples = from_memory(PIXELS, "image")

    def read(row):
        if row == 20:
            raise ZeroDivisionError("odd")
        return samples.read(row)

    with pytest.raises(ZeroDivisionError, match="odd") as caught:
        features_of(Samples(IMAGE, samples.names, read), range(40), [Projected()], batch=4)
    assert caught.value.__notes__ == ["while reading image 20 of The samples"]


def test_features_that_are_not_finite_or_of_another_shape():
    class Odd(Projected):
        def forward(self, prepared):
            found = super().forward(prepared)
            found[3, 2] = np.nan
            return found

    class Short(Projected):
        def forward(self, prepared):
            return super().forward(prepared)[1:]

    with pytest.raises(DataError, match="projected gives features of image 3 that are not finite"):
        features_of(from_memory(PIXELS, "image"), range(40), [Odd()], batch=8)
    with pytest.raises(
        ValueError, match=r"must give features \[N, D\] of N samples; it gave \[7, 7\] from 8 samples"
    ):
        features_of(from_memory(PIXELS, "image"), range(40), [Short()], batch=8)


def test_an_interrupt_stops_quickly(monkeypatch):
    """Two workers end with the row that they are at; what waits is not begun, and no thread is left."""
    stopped, seen, threads = told_to_stop(monkeypatch), [], set()

    def read(row):
        seen.append(row)
        threads.add(threading.current_thread())
        if row == 20:
            signal.raise_signal(signal.SIGINT)  # it reaches the main thread
        elif row > 20:
            stopped.wait(PATIENCE_S)
            time.sleep(0.05)  # so that a stop that does not wait for its threads leaves them behind
        return PIXELS[row % 40]

    names = [f"image {row}" for row in range(10_000)]
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let their background jobs ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            features_of(Samples(IMAGE, names, read), range(10_000), [Projected()], workers=2)
    finally:
        signal.signal(signal.SIGINT, before)
    assert max(seen) <= 22
    assert not any(thread.is_alive() for thread in threads)


def test_a_full_temporary_folder(monkeypatch):
    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

    with pytest.raises(
        DataError, match=r"Cannot write to the folder of temporary files .*: No space left.*TMPDIR"
    ):
        spool.append(Full(), PIXELS)
