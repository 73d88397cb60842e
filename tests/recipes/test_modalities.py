"""Recipes know no modality: none is named in their code, and none is loaded but the one that a recipe names."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multigan.modality import MODALITIES
from tests.worlds.runs import SETTINGS

RECIPES = Path(__file__).parents[2] / "recipes"
# the key "points" of a report's own JSON is no modality
NAMED = re.compile(
    rf"""["']({"|".join(MODALITIES)})["'](?!: \[asdict)|multigan\.({"|".join(MODALITIES)})\b"""
)
PLACES = {
    "commands/headings.py",
    "commands/compose.py",
    "commands/importing.py",
    "augmentation/few.py",
    "demo/page.py",
    "hub/card.py",
    "interpolation.py",
    "starting_from.py",
    "studio/blind_test.py",
    "studio/controls.py",
    "studio/notes.py",
    "studio/show.py",
}
"""What `multigan sample --help` calls the flags of each modality, the options of a scene of three, networks of images of
another project (twice), a column of a table, what a browser or a film can show, a task of the hub, words in a drawing,
the notice of texts in the language of a page."""
CODE = sorted(path for path in RECIPES.rglob("*.py"))


@pytest.mark.parametrize(
    "line", ["if x == 'text':", 'modality.name == "image"', "import multigan.audio.data"]
)
def test_names_of_modalities_are_noticed(line):
    assert NAMED.search(line)


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(RECIPES).as_posix())
def test_no_modality_is_named(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if NAMED.search(line)]
    assert bool(lines) == (path.relative_to(RECIPES).as_posix() in PLACES), lines


RUN = """
import sys
from recipes.cli import main
try:
    main({words!r}, standalone_mode=False)
except SystemExit as end:
    assert not end.code, end.code
print("MODULES", *sys.modules)
"""


def test_a_run_of_images_loads_nothing_of_sounds_or_texts(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "data").mkdir()
    for i in range(60):
        pixels = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "data" / f"{i}.png")
    small = SETTINGS | {"training.samples": 16, "evaluation.n": 32, "evaluation.validation": 0}
    words = ["recipe", "run", "emotive-images", *(f"--set={name}={value}" for name, value in small.items())]
    words += ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "run")]
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(words=words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "report.html").is_file()
    modules = set(done.stdout.splitlines()[-1].split()[1:])
    assert "multigan.image.modality" in modules
    others = [
        name
        for name in modules
        if re.match(r"multigan\.(text|audio|tokens|sequences)\b|tokenizers\b|soundfile\b", name)
    ]
    assert others == []
