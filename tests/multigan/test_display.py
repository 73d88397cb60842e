"""Output that vanishes, cannot be encoded, or was never there."""

import errno
import io
import os
import subprocess
import sys

import pytest

from multigan.display import Display

POSIX = pytest.mark.skipif(os.name != "posix", reason="descriptors are those of POSIX")


class Failing(io.StringIO):
    """A stream that writes some times and then fails."""

    def __init__(self, error, times=1):
        super().__init__()
        self.error, self.left = error, times

    def write(self, text):
        if not self.left:
            raise self.error
        self.left -= 1
        return super().write(text)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), ""),
        (OSError(errno.EIO, "Input/output error"), ""),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "(No space left on device); the work goes on without it.\n",
        ),
        (ValueError("I/O operation on closed file"), ""),
    ],
)
def test_a_stream_that_fails_is_given_up_once(error, told, capsys):
    stream = Failing(error)
    display = Display(stream)
    for line in ("a\n", "b\n", "c\n"):
        assert display.write(line) == 2
        display.flush()
    assert stream.getvalue() == "a\n"
    assert display.failure is error
    message = capsys.readouterr().err
    assert message.endswith(told)
    assert message.count("Note: ") == bool(told)
    assert not display.isatty()


SPEAKS = """
import sys
from multigan.display import Display, open_standard_streams
open_standard_streams()
display = Display()
for _ in range(3):
    print("Fréchet", file=display, flush=True)
print(f"failed: {display.failure is not None}", file=sys.stderr)
with open(sys.argv[1], "w") as file:
    file.write(f"number {file.fileno()}")
"""


def speak(redirect, tmp_path, **environment):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), **environment}
    command = f'"$0" -c "$1" "$2" {redirect}'
    words = ["bash", "-c", command, sys.executable, SPEAKS, str(tmp_path / "file")]
    return subprocess.run(words, capture_output=True, check=False, env=environment)


@POSIX
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_what_an_encoding_lacks_is_replaced(tmp_path, encoding):
    done = speak("", tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("Fréchet\n" * 3).encode(encoding, "replace")


@POSIX
@pytest.mark.parametrize(("redirect", "failed"), [(">&-", False), (">/dev/full", True), ("| true", None)])
def test_a_standard_output_that_is_not_there_ends_nothing(tmp_path, redirect, failed):
    """Nor does a file get the number of the standard output: what a library prints would go into it."""
    if redirect == ">/dev/full" and not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    done = speak(redirect, tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"Exception" not in done.stderr
    if failed is not None:
        assert f"failed: {failed}".encode() in done.stderr
    assert int((tmp_path / "file").read_text().split()[1]) > 2
