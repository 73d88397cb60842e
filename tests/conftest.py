"""What tests share: one thread, a cache of their own, and one tiny run of the recipe, trained once."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from multigan.pretrained import weights
from multigan.pretrained.weights import folders_of
from tests.worlds.runs import arguments

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: tiny networks are slower on more


@dataclass(frozen=True)
class FinishedRun:
    """A run folder and what the command printed."""

    folder: Path
    output: str


@pytest.fixture(scope="session", autouse=True)
def session_cache(tmp_path_factory):
    """No test reads or fills the cache of whoever runs the tests, or takes their weights (see ``packages``)."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTIGAN_CACHE", str(folder))
        for name in ("HF_HUB_CACHE", "TORCH_HOME", "MULTIGAN_WEIGHTS"):
            patch.setenv(name, str(folder / "no weights"))
        patch.setattr(weights, "folders_of", lambda package: [])
        yield folder


@pytest.fixture
def packages(monkeypatch):
    """Weights are found in installed packages, as they are for a person."""
    monkeypatch.setattr(weights, "folders_of", folders_of)


@pytest.fixture(scope="session")
def quick_classifier(session_cache):
    """The evaluation's classifiers see fewer samples; commands started apart find them in the cache."""
    from evaluation.classifiers import images as image_classifier
    from evaluation.classifiers import sounds as sound_classifier
    from evaluation.classifiers import texts as text_classifier

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image_classifier, "SAMPLES_AT", {32: 640, 64: 640})
        patch.setattr(sound_classifier, "SAMPLES", 640)
        patch.setattr(text_classifier, "SAMPLES_OF_FEW", (10_240,))
        yield


@pytest.fixture(scope="session")
def finished(tmp_path_factory, quick_classifier):
    """The tiny run, from start to report, in this process. Tests read it and never write to it."""
    from click.testing import CliRunner

    from recipes.cli import main

    folder = tmp_path_factory.mktemp("runs") / "finished"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTIGAN_DEBUG", "1")
        result = CliRunner().invoke(main, [*arguments(), "--out", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return FinishedRun(folder, result.output)


@pytest.fixture
def run_copy(finished, tmp_path):
    """A copy of the tiny run, to damage."""
    return Path(shutil.copytree(finished.folder, tmp_path / "run"))


@pytest.fixture
def cache_folder(tmp_path, monkeypatch):
    """A cache of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("MULTIGAN_CACHE", str(folder))
    return folder
