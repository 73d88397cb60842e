"""The repository: what a wheel holds, who imports whom, and what no file may contain."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("multigan", "evaluation", "recipes")
FOLDERS = (*PACKAGES, "tests", "benchmarks", "docs", "examples", ".ci")
README_COMMANDS = (
    "pip install -e . && multigan recipe run emotive-images",
    'pip install -e ".[test]" && pytest',
)


def files(*suffixes: str) -> list[Path]:
    """Text files of the repository, those that tools leave about not among them."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    found += ROOT.glob("*") if not suffixes else [path for path in ROOT.glob("*") if path.suffix in suffixes]
    binary = {".png", ".jpg", ".webp", ".gif", ".wav", ".flac", ".npz", ".safetensors", ".pyc"}
    return [
        path
        for path in found
        if path.is_file() and path.suffix not in binary and (not suffixes or path.suffix in suffixes)
    ]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PYTHON_FILES = files(".py")


# ---- the wheel ----


def test_a_wheel_holds_the_three_packages_whole_and_no_tests(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(tmp_path)!r})"
    result = subprocess.run(
        [sys.executable, "-c", build], cwd=source, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    (wheel,) = tmp_path.glob("multigan-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        (entry_points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        commands = archive.read(entry_points).decode()
    wanted = {relative(path) for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    wanted |= {relative(path) for path in (ROOT / "recipes" / "catalogue").rglob("*.yaml")}
    wanted |= {relative(path) for package in PACKAGES for path in (ROOT / package).rglob("*.css")}
    wanted |= {relative(path) for package in PACKAGES for path in (ROOT / package).rglob("*.js")}
    wanted |= {relative(path) for path in (ROOT / "multigan" / "text").rglob("*.txt")}
    wanted |= {relative(path) for path in (ROOT / "recipes" / "starter").glob("*.*") if path.is_file()}
    assert held == wanted
    assert "multigan = recipes.cli:main" in commands


# ---- who imports whom ----

CORE_FOR_EVALUATION = {"errors", "registry", "config", "emotions", "pretrained", "reading", "writing"}
MODALITIES = {"image", "audio", "text", "tokens", "points", "video"}
FRAMES = ("video", "image")
"""A clip is made of pictures: the one modality that stands on another."""


def imports(source: str) -> Iterator[str]:
    """Dotted names that a module imports anywhere in it, ``from a import b`` as a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def may_import(module: str, imported: str) -> bool:
    """Imports go down only: recipes > evaluation and the modalities > testing > training > core."""
    package, part = module.split(".")[0], (*module.split("."), "")[1]
    target, target_part = imported.split(".")[0], (*imported.split("."), "")[1]
    if target not in PACKAGES:
        return target not in FOLDERS
    if package == "recipes" or module == "multigan.__main__":
        return True
    if package == "evaluation":
        return target == "evaluation" or (target == "multigan" and target_part in CORE_FOR_EVALUATION)
    if target != "multigan":
        return False
    if target_part in MODALITIES:
        return part == target_part or (part, target_part) == FRAMES
    if target_part == "testing":
        return part == "testing"
    return target_part != "training" or part in {*MODALITIES, "testing", "training"}


@pytest.mark.parametrize(
    ("module", "imported", "allowed"),
    [
        ("recipes.cli", "multigan.image.data", True),
        ("evaluation.pipeline", "multigan.errors.DataError", True),
        ("evaluation.pipeline", "multigan.modality", False),
        ("evaluation.pipeline", "recipes", False),
        ("multigan.image.data", "multigan.training.hooks.ema", True),
        ("multigan.image.data", "multigan.audio.data", False),
        ("multigan.tokens.data", "multigan.text.data", False),
        ("multigan.video.networks.dvdgan", "multigan.image.networks.stylegan2", True),
        ("multigan.image.data", "multigan.video.data", False),
        ("multigan.tokens.modality", "multigan.sequences.lstm", True),
        ("multigan.sequences.lstm", "multigan.text.settings", False),
        ("multigan.training.trainer", "multigan.image.data", False),
        ("multigan.testing.training", "multigan.training.trainer", True),
        ("multigan.training.trainer", "multigan.testing", False),
        ("multigan.losses", "multigan.training", False),
        ("multigan.losses", "multigan.errors", True),
        ("multigan.config", "recipes.cli", False),
        ("multigan.config", "tests.test_config", False),
        ("multigan.image.data", "evaluation.metrics", False),
    ],
)
def test_the_rule_of_imports(module, imported, allowed):
    assert may_import(module, imported) is allowed


def test_imports_go_down_only():
    wrong = []
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        module = relative(path).removesuffix(".py").replace("/", ".")
        names = imports(path.read_text(encoding="utf-8"))
        wrong += [f"{module} imports {name}" for name in names if not may_import(module, name)]
    assert wrong == []


ELSEWHERE = {"fastapi", "starlette", "uvicorn", "torchvision"}
"""The first three come with gradio; a sentence says who needs the last, for LPIPS alone."""


def test_what_is_imported_is_installed_with_the_package():
    """The tests' own extra hides what a plain installation lacks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: needs for name, needs in project["optional-dependencies"].items() if name != "test"}
    needs = [*project["dependencies"], *(need for each in extras.values() for need in each)]
    installed = {re.split(r"[^\w-]", need)[0].lower().replace("_", "-") for need in needs}
    distributions = packages_distributions()
    missing = set()
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for name in imports(path.read_text(encoding="utf-8")):
            top = name.split(".")[0]
            owners = {owner.lower().replace("_", "-") for owner in distributions.get(top, ())}
            if top not in PACKAGES and owners and not owners & (installed | ELSEWHERE):
                missing.add(f"{relative(path)}: {top}")
    assert missing == set()


# ---- what no file may contain ----

PICKLING = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "marshal", "shelve", "joblib"}


def pickling(source: str) -> list[str]:
    """Whatever in a module would write or read a pickle."""
    found = [name for name in imports(source) if name.split(".")[0] in PICKLING]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            function = ast.unparse(node.func)
            allows = {word.arg: ast.unparse(word.value) for word in node.keywords}.get(
                "allow_pickle", "False"
            )
            if function in ("torch.load", "torch.save") or allows != "False":
                found.append(ast.unparse(node))
    return found + [name for name in imports(source) if name in ("torch.load", "torch.save")]


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "def f():\n    import cloudpickle as c",
        "torch.load('x', weights_only=True)",
        "from torch import save",
        "np.load(path, allow_pickle=True)",
        "numpy.load(path, allow_pickle=flag)",
    ],
)
def test_pickling_is_noticed(source):
    assert pickling(source)


def test_reading_arrays_is_not_pickling():
    assert pickling("np.load(path)\nnp.load(path, allow_pickle=False)\nimport json") == []


# published weights come as torch files; read without unpickling objects, and only once their SHA-256 is the publisher's
READS_WEIGHTS = "multigan/pretrained/weights.py"
RESTRICTED = "torch.load(path, map_location='cpu', weights_only=True)"
# official networks come as pickles, which multigan reads without unpickling; the stand-in for them is written as they are
WRITES_PICKLES = "tests/worlds/official_stylegan2.py"


@pytest.mark.parametrize("path", PYTHON_FILES, ids=relative)
def test_no_file_pickles(path):
    found = pickling(path.read_text(encoding="utf-8"))
    if relative(path) == READS_WEIGHTS:
        assert found == [RESTRICTED]
    elif relative(path) == WRITES_PICKLES:
        assert found == ["pickle"]
    elif relative(path).startswith("tests/"):
        assert [call for call in found if not call.startswith("torch.save(")] == []  # such a file, to read
    else:
        assert found == []


@pytest.mark.parametrize("path", PYTHON_FILES, ids=relative)
def test_no_file_is_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


# with brackets and in parts, so that this file does not hold what it looks for
MACHINE = re.compile(r"/[r]oot/|/[w]ork/|/[h]ome/\w|/[U]sers/\w|[A-Z]:\\+[U]sers")
INDEX = re.compile(r"[i]ndex-url|[f]ind-links|py[p]i\.|python[h]osted|download\.py[t]orch\.org/[w]hl")


@pytest.mark.parametrize(
    "parts",
    [
        ("see /w", "ork/main"),
        ("/h", "ome/ada/x"),
        ("C:\\", "Users"),
        ("--extra-i", "ndex-url x"),
        ("files.python", "hosted.org"),
    ],
)
def test_machines_and_package_indices_are_noticed(parts):
    assert MACHINE.search("".join(parts)) or INDEX.search("".join(parts))


@pytest.mark.parametrize("path", files(), ids=relative)
def test_no_file_names_a_machine_or_a_package_index(path):
    text = path.read_text(encoding="utf-8")
    assert not MACHINE.search(text)
    assert not INDEX.search(text)


# ---- what belongs together ----


def test_the_readme_and_ci_hold_the_same_commands():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert set(README_COMMANDS) <= {line.strip() for line in lines}
    assert README_COMMANDS[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_ci_runs_every_linter_and_is_executable():
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in ("ruff check .", "ruff format --check .", "pyright", "lint-imports"):
        assert f"step '{command}'" in text
    assert (
        "step 'ATEN_CPU_CAPABILITY=default OMP_NUM_THREADS=2 OMP_WAIT_POLICY=PASSIVE pytest -m kernels'"
        in text
    )
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_a_failing_step_fails_ci(tmp_path):
    """Commands stand in for the tools: what fails stops the run, and what follows is not run."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    commands = tmp_path / "commands"
    commands.mkdir()
    fake_python = commands / "python3"
    # a venv whose tools only say their name, but for the one that with its first word is $FAIL
    fake_python.write_text(
        """#!/bin/sh
[ "$2" = venv ] || exit 0
mkdir -p "$3/bin"
for tool in pip python pytest ruff pyright lint-imports; do
    printf '#!/bin/sh\\necho ran %s\\n[ "%s$1" != "$FAIL" ]\\n' $tool $tool > "$3/bin/$tool"
    chmod +x "$3/bin/$tool"
done
"""
    )
    fake_python.chmod(0o755)

    def run(fail):
        environment = {"PATH": f"{commands}:/usr/bin:/bin", "FAIL": fail, "TMPDIR": str(tmp_path)}
        result = subprocess.run(
            [tmp_path / ".ci" / "run"], env=environment, capture_output=True, text=True, check=False
        )
        return result.returncode == 0, re.findall(r"^ran (\S+)", result.stdout, re.MULTILINE)

    every = ["pip", "pytest", "ruff", "ruff", "pyright", "lint-imports", "pytest", "python"]
    assert run("none") == (True, every)
    assert run("python-m") == (False, every)
    assert run("pipinstall") == (False, ["pip"])
    assert run("pytest") == (False, ["pip", "pytest"])
    assert run("lint-imports") == (False, ["pip", "pytest", "ruff", "ruff", "pyright", "lint-imports"])
    assert run("pytest-m") == (False, every[:-1])
    assert {path.name for path in tmp_path.iterdir()} == {".ci", "commands"}


def test_the_changelog_knows_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"## {version}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_linters_are_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for tool in ("ruff", "pyright"):
        (wanted,) = (need for need in project["optional-dependencies"]["test"] if need.startswith(tool))
        assert re.fullmatch(rf"{tool}(\[\w+\])?==[\d.]+", wanted)
