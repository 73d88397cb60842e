"""Files of official networks, written by a process of its own, since it has modules of the official names."""

import subprocess
import sys
from pathlib import Path


def write_official_files(folder):
    """A file and what its networks make for each of ``tests.worlds.official_stylegan2.CASES``."""
    words = [sys.executable, "-m", "tests.worlds.official_stylegan2", str(folder)]
    subprocess.run(words, cwd=Path(__file__).parents[2], check=True)
    return folder
