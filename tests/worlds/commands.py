"""Commands of multigan in this process, and a process that works at a run folder."""

import os
import subprocess
import sys

from click.testing import CliRunner

from recipes.cli import main

_HOLDER = """
import sys
from pathlib import Path
from multigan.locks import locked
with locked(Path(sys.argv[1])):
    print("at work", flush=True)
    sys.stdin.readline()
"""


def invoke(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def ran(*words):
    """What a command that ends well prints."""
    result = invoke(*words)
    assert result.exit_code == 0, result.output
    return result.output


def error_of(*words):
    """The one line that a command prints which ends with an error."""
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    (line,) = result.output.splitlines()
    return line


def holder(folder):
    """A process that has the lock of ``folder``, until it gets a line or is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout.readline() == b"at work\n"
    return process
