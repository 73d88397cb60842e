"""A package as pip would install it, without a network: its wheel, built by setuptools and unpacked."""

import shutil
import subprocess
import sys
import zipfile


def install(source, folder):
    """Build the project in ``source`` and unpack its wheel into ``folder``, which Python then has to find."""
    project, wheels = folder / "project", folder / "wheels"
    shutil.copytree(source, project, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    wheels.mkdir()
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(wheels)!r})"
    result = subprocess.run(
        [sys.executable, "-c", build], cwd=project, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    (wheel,) = wheels.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site
