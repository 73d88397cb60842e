"""Saves that are killed or find no room: the last good checkpoint stays."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from multigan import checkpoint
from multigan.errors import CheckpointError
from tests.multigan.test_checkpoint import STATE, names, same

# ---- a kill in the middle of a save ----

KILLED = """
import os, shutil, signal, sys
from pathlib import Path
import torch
from multigan import checkpoint

point, root = sys.argv[1], Path(sys.argv[2])
kill = lambda *ignored, **also: os.kill(os.getpid(), signal.SIGKILL)
rename = Path.rename
if point == "between the files":
    write = checkpoint._write
    checkpoint._write = lambda path, data: kill() if path.name == "state.json" else write(path, data)
elif point == "before the rename":
    Path.rename = kill
elif point == "between the renames":
    Path.rename = lambda path, target: kill() if path.name.endswith(".partial") else rename(path, target)
elif point == "before the old one is removed":
    shutil.rmtree = lambda path, **also: kill() if path.exists() else None
samples = int(sys.argv[3])
checkpoint.save_and_prune(root, samples, {"weight": torch.zeros(3), "step": 99}, keep_last=1)
print("was not killed")
"""


def killed(point, root, samples):
    result = subprocess.run(
        [sys.executable, "-c", KILLED, point, str(root), str(samples)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == -signal.SIGKILL, result.stdout + result.stderr


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
@pytest.mark.parametrize(
    ("point", "samples", "step"),
    [
        ("between the files", 200, 7),
        ("before the rename", 200, 7),
        ("between the renames", 100, 7),
        ("before the old one is removed", 100, 99),
    ],
)
def test_a_kill_in_the_middle_of_a_save_loses_nothing(tmp_path, point, samples, step):
    checkpoint.save_and_prune(tmp_path, 100, STATE, keep_last=1)
    killed(point, tmp_path, samples)
    assert len(names(tmp_path)) == 2
    newest = checkpoint.latest(tmp_path)
    assert newest == tmp_path / "000000100"
    assert checkpoint.load(newest)["step"] == step
    checkpoint.save_and_prune(tmp_path, 300, STATE, keep_last=2)
    assert names(tmp_path) == ["000000100", "000000300"]
    assert checkpoint.load(tmp_path / "000000100")["step"] == step


# ---- a full disk ----


def no_room(*ignored, **also):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("point", ["first file", "second file", "flush", "make the folder", "rename"])
def test_a_full_disk_keeps_the_last_good_checkpoint(tmp_path, monkeypatch, point):
    checkpoint.save_and_prune(tmp_path, 100, STATE, keep_last=1)
    write = checkpoint._write
    with monkeypatch.context() as patch:
        if point in ("first file", "second file"):
            full = "tensors.safetensors" if point == "first file" else "state.json"
            patch.setattr(
                checkpoint, "_write", lambda path, data: no_room() if path.name == full else write(path, data)
            )
        elif point == "flush":
            patch.setattr(os, "fsync", no_room)
        else:
            patch.setattr(Path, "mkdir" if point == "make the folder" else "rename", no_room)
        with pytest.raises(CheckpointError) as caught:
            checkpoint.save_and_prune(tmp_path, 200, STATE, keep_last=1)
    assert "no room" in str(caught.value)
    assert f"the last good checkpoint is {tmp_path / '000000100'}. Free some room" in str(caught.value)
    assert names(tmp_path) == ["000000100"]
    assert same(checkpoint.load(tmp_path / "000000100"), STATE)


def test_a_full_disk_while_replacing_keeps_the_one_to_be_replaced(tmp_path, monkeypatch):
    checkpoint.save(tmp_path / "000000100", STATE)
    rename = Path.rename
    with monkeypatch.context() as patch:
        patch.setattr(
            Path, "rename", lambda path, to: no_room() if path.name.endswith(".partial") else rename(path, to)
        )
        with pytest.raises(CheckpointError, match=r"the last good checkpoint is .*000000100\."):
            checkpoint.save(tmp_path / "000000100", {"step": 8})
    assert checkpoint.load(tmp_path / "000000100")["step"] == 7
    checkpoint.save(tmp_path / "000000100", {"step": 9})
    assert checkpoint.load(tmp_path / "000000100")["step"] == 9


LIMITED = """
import resource, signal, sys
from pathlib import Path
import torch
from multigan import checkpoint
from multigan.errors import CheckpointError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    checkpoint.save(Path(sys.argv[1]), {"weight": torch.zeros(50_000)})
except CheckpointError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="file size limits are of POSIX")
def test_a_real_write_that_finds_no_room_is_one_sentence_and_leaves_no_rest(tmp_path):
    checkpoint.save(tmp_path / "000000100", STATE)
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "000000200")]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "no room for the checkpoint" in result.stdout
    assert str(tmp_path / "000000100") in result.stdout
    assert names(tmp_path) == ["000000100"]
