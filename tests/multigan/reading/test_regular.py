"""A pipe in the place of any file of a folder that was sent is refused, and never waited for."""

import errno
import os
import signal

import pytest
import torch

from multigan import checkpoint
from multigan.errors import CheckpointError, ConfigError
from multigan.outputs import MANIFEST, clear, publishing
from multigan.reading import regular
from multigan.runs import read_run
from multigan.text.vocabulary import codec_of
from multigan.writing import append_line

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")


@pytest.fixture(autouse=True)
def _not_for_ever():
    """What waits is interrupted after 20 s, and its test fails."""

    def ring(*_):
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_a_regular_file_is_read_and_nothing_else(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    assert regular.content(tmp_path / "a") == b"abc"
    for name in ("pipe", "link", "."):
        with pytest.raises(OSError, match="it is no regular file") as caught:
            regular.content(tmp_path / name)
        assert caught.value.errno == errno.EINVAL
    with pytest.raises(FileNotFoundError):
        regular.content(tmp_path / "absent")


def test_of_a_run(tmp_path):
    os.mkfifo(tmp_path / "run.json")
    with pytest.raises(CheckpointError, match=r"run\.json cannot be read .*it is no regular file"):
        read_run(tmp_path)


@pytest.mark.parametrize("name", [checkpoint.STATE, checkpoint.TENSORS])
def test_of_a_checkpoint(tmp_path, name):
    for samples in (5, 6):
        folder = tmp_path / f"{samples:09d}"
        checkpoint.save(folder, {"a": torch.ones(2)}, meta={"samples": samples})
    (folder / name).unlink()
    os.mkfifo(folder / name)
    for read in (checkpoint.load, checkpoint.read_meta):
        with pytest.raises(CheckpointError, match=r"000000006 is damaged: .* cannot be read .*000000005"):
            read(folder)


def test_of_a_tokenizer(tmp_path):
    os.mkfifo(tmp_path / "tokenizer.json")
    with pytest.raises(ConfigError, match="it is no regular file"):
        codec_of(str(tmp_path))


def test_of_a_log(tmp_path):
    os.mkfifo(tmp_path / "metrics.jsonl")
    with pytest.raises(OSError, match="it is no regular file"):
        append_line(tmp_path / "metrics.jsonl", "{}")


def test_of_results_and_their_list(tmp_path):
    def results():
        with publishing(tmp_path) as stage:
            (stage.folder / "a.txt").write_text("a")

    results()
    (tmp_path / "a.txt").unlink()
    os.mkfifo(tmp_path / "a.txt")
    clear(tmp_path)
    with pytest.raises(ConfigError, match=r"a\.txt is not as multigan wrote it"):
        results()
    (tmp_path / "a.txt").unlink()
    (tmp_path / MANIFEST).unlink()
    os.mkfifo(tmp_path / MANIFEST)
    results()
    assert (tmp_path / "a.txt").read_text() == "a"
