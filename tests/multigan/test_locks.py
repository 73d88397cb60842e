"""One process at a time works in a folder, and a lock dies with its process."""

import errno
import os
import threading

import pytest

from multigan import locks
from multigan.errors import ConfigError
from multigan.locks import at_work, locked
from tests.worlds.commands import holder


@pytest.mark.parametrize("end", ["kill", "done"])
def test_another_process_is_refused_until_the_first_one_ends(tmp_path, end):
    with holder(tmp_path) as process:
        with pytest.raises(ConfigError) as caught, locked(tmp_path):
            pytest.fail("two at once")
        assert str(caught.value) == (
            f"Another multigan (process {process.pid}) is at work in {tmp_path}; wait until it ends or stop it, or choose "
            "another --out."
        )
        if end == "kill":
            process.kill()
        process.communicate(b"\n" if end == "done" else None)
    with locked(tmp_path):
        assert (tmp_path / ".lock").read_text() == f"{os.getpid()}\n"
    with locked(tmp_path):  # and again
        pass


def test_a_file_system_without_locks_hinders_nobody(tmp_path, monkeypatch):
    def take(handle, wait=False):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(locks, "_take", take)
    done = False
    with locked(tmp_path):
        done = True
    assert done


@pytest.mark.skipif(os.name != "posix", reason="links are those of POSIX")
def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("mine")
    (tmp_path / ".lock").symlink_to(tmp_path / "precious")
    with (
        pytest.raises(ConfigError, match=r"Cannot write to .*: .* \(.*\.lock\)\. Choose another --out"),
        locked(tmp_path),
    ):
        pytest.fail("it was followed")
    assert (tmp_path / "precious").read_text() == "mine"


def test_who_is_at_work_is_told_by_the_lock_and_not_by_the_file(tmp_path):
    assert at_work(tmp_path) is None
    with holder(tmp_path) as process:
        assert at_work(tmp_path) == process.pid
        process.communicate(b"\n")
    assert at_work(tmp_path) is None  # its number is still in the file
    for other in (f"{os.getpid()}\n", "-1\n", "no number", f"{2**70}\n"):
        (tmp_path / ".lock").write_text(other)
        assert at_work(tmp_path) is None


def test_a_moments_work_waits_for_its_turn(tmp_path):
    with holder(tmp_path) as process:
        letting_go = threading.Timer(0.2, lambda: process.communicate(b"\n"))
        letting_go.start()
        with locked(tmp_path, wait=True):
            assert (tmp_path / ".lock").read_text() == f"{os.getpid()}\n"
        letting_go.join()
