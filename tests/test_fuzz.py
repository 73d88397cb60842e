"""Damaged files of every kind are read or refused: the fuzzer of benchmarks/fuzz.py on a few of each."""

import random

import pytest

from benchmarks.fuzz import PATIENCE_S, Reader, damaged, fuzz, readers
from multigan.errors import DataError

READERS = {reader.name: reader for reader in readers()}


@pytest.mark.parametrize("name", READERS)
def test_sound_files_are_read_and_damaged_ones_read_or_refused(name, tmp_path):
    reader = READERS[name]
    for number, seed in enumerate(reader.seeds):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert reader.read(folder, seed) is not None
    (tmp_path / "damaged").mkdir()
    result = fuzz(reader, 60, 7, tmp_path / "damaged")
    assert result["failures"] == {}
    assert result.get("read", 0) + result.get("refused", 0) == 60


def test_the_fuzzer_notices_what_it_looks_for(tmp_path):
    def read(folder, content):
        if content[:1] == b"a":
            raise DataError("refused")
        if content[:1] == b"b":
            raise KeyError("what")

    reader = Reader("odd", (b"aaaa", b"bbbb", b"cccc"), read)
    result = fuzz(reader, 200, 0, tmp_path)
    assert list(result["failures"]) == ["KeyError: 'what'"]
    assert min(result[outcome] for outcome in ("read", "refused", "failed")) > 10
    assert PATIENCE_S < 60


def test_memory_beyond_the_budget_is_a_readers_own(tmp_path, monkeypatch):
    peaks = iter((3, 3, 3, 4))
    monkeypatch.setattr("benchmarks.fuzz._peak_bytes", lambda: next(peaks) * 2**30)
    reader = Reader("odd", (b"aaaa",), lambda folder, content: content)
    assert fuzz(reader, 1, 0, tmp_path)["failures"] == {}
    assert fuzz(reader, 1, 0, tmp_path)["failures"] == {"more memory than the budget": {"bytes": 4 * 2**30}}


def test_a_seed_gives_the_same_damage():
    reader = READERS["state.json"]
    first, again, other = (
        [damaged(reader.seeds[0], reader, state) for _ in range(20)]
        for state in (random.Random(1), random.Random(1), random.Random(2))
    )
    assert first == again != other
    assert len(set(first)) > 10
