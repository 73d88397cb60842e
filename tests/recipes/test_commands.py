"""The ``multigan`` command: what it writes, and every error a person can cause."""

import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml
from PIL import Image

from multigan.emotions import NAMES
from multigan.image.drawn import faces
from tests.worlds.commands import invoke
from tests.worlds.runs import SETTINGS, arguments

MULTIGAN = shutil.which("multigan", path=os.path.dirname(sys.executable))


def error_of(*words):
    """The one line that a mistake is answered with."""
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    line = result.output.splitlines()[-1]
    assert line.startswith("Error: "), result.output
    assert "Traceback" not in result.output
    assert result.output.count("Error: ") == 1 + len(re.findall(r"\(\w+Error: ", line))
    return line


# ---- recipes ----


def test_list_names_each_recipe_with_its_description():
    result = invoke("recipe", "list")
    assert result.exit_code == 0
    assert re.search(r"^emotive-images +Faces for an emotion", result.output, re.MULTILINE)


def test_show_prints_the_recipe_as_it_is_written():
    result = invoke("recipe", "show", "emotive-images")
    assert result.exit_code == 0
    assert yaml.safe_load(result.output)["name"] == "emotive-images"
    assert "presets:" in result.output


def test_a_copy_is_a_recipe_of_ones_own(tmp_path):
    file = tmp_path / "mine.yaml"
    result = invoke("recipe", "copy", "emotive-images", file)
    assert result.exit_code == 0
    assert f"multigan recipe run {file}" in result.output
    assert file.read_text() == invoke("recipe", "show", "emotive-images").output
    assert "is valid" in invoke("recipe", "validate", file).output
    assert f"{file} exists already" in error_of("recipe", "copy", "emotive-images", file)
    assert "Cannot write" in error_of("recipe", "copy", "emotive-images", tmp_path / "none" / "mine.yaml")
    (tmp_path / "folder").mkdir()
    assert invoke("recipe", "copy", "emotive-images", tmp_path / "folder").exit_code == 0
    assert (tmp_path / "folder" / "emotive-images.yaml").exists()


def test_every_preset_is_valid():
    result = invoke("recipe", "validate", "emotive-images")
    assert result.exit_code == 0, result.output
    presets = yaml.safe_load(invoke("recipe", "show", "emotive-images").output)["presets"]
    assert f"({', '.join(sorted(presets))})" in result.output


def test_the_default_presets_are_there():
    raw = yaml.safe_load(invoke("recipe", "show", "emotive-images").output)
    assert set(raw["default_preset"]) == {"cpu", "gpu"}
    assert set(raw["default_preset"].values()) <= raw["presets"].keys()


def test_a_dry_run_prints_the_settings_and_the_plan_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke(*arguments(), "--dry-run")
    assert result.exit_code == 0, result.output
    settings, plan = result.output.split("Plan on cpu")
    held = yaml.safe_load(settings)
    assert held["data"]["resolution"] == 16
    assert held["training"]["samples"] == 640
    assert held["training"]["ema"]["ramp_up"] == 0.05  # defaults are written out
    assert held["training"]["schedule"] == {
        "name": "adversarial",
        "discriminator_samples": 0,
        "discriminator_repeat": 1,
    }
    assert held["training"]["optimisers"]["generator"]["clip_weights"] is None
    for words in ("samples to see  640 in 80 steps", "parameters", "training time", "samples/s", "GiB"):
        assert words in plan
    assert not list(tmp_path.iterdir())


def test_counts_may_be_written_with_a_suffix():
    result = invoke(*arguments(training__samples="2k"), "--dry-run")
    assert yaml.safe_load(result.output.split("Plan on")[0])["training"]["samples"] == 2000


# ---- mistakes ----


def run_error(*words):
    return error_of("recipe", "run", *words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["emotive-image"], "no recipe named 'emotive-image'. Did you mean 'emotive-images'?"),
        (["none.yaml"], "Cannot read none.yaml: No such file or directory. Give the path of a YAML recipe."),
        (["emotive-images", "--preset", "cpu-33"], "no preset named 'cpu-33'. Did you mean 'cpu-32'?"),
        (
            ["--set=training.smaples=1", "emotive-images"],
            "'training.smaples'. Did you mean 'training.samples'?",
        ),
        (["--set=data.resolutoin=1", "emotive-images"], "Did you mean 'resolution'?"),
        (["--set=architecture.style_sise=1", "emotive-images"], "Did you mean 'style_size'?"),
        (["--set=architecture.name=stylegan3", "emotive-images"], "Did you mean 'stylegan2'?"),
        (["--set=modality=imag", "emotive-images"], "no modality named 'imag'. Did you mean 'image'?"),
        (["--set=training.samples", "emotive-images"], "--set takes key=value with a dotted key"),
        (["--set=training.samples=many", "emotive-images"], "training.samples is 'many' (text)"),
        (
            ["--set=training.loss=hing", "emotive-images"],
            "no adversarial loss named 'hing'. Did you mean 'hinge'?",
        ),
        (["--set=training.augmentation.name=adda", "emotive-images"], "Did you mean 'ada'?"),
        (
            ["--set=training.penalties=[{name: r9, weight: 1.0}]", "emotive-images"],
            "no penalty named 'r9'",
        ),
        (["--set=training.play=simultanous", "emotive-images"], "Did you mean 'simultaneous'?"),
        (["--set=training.schedule.name=adversary", "emotive-images"], "Did you mean 'adversarial'?"),
        (
            ["--set=training.schedule.discriminator_repat=2", "emotive-images"],
            "Did you mean 'discriminator_repeat'?",
        ),
        (["--set=training.optimisers.generater.lr=0.1", "emotive-images"], "Did you mean 'generator'?"),
        (["--set=training.optimisers.generator.name=adan", "emotive-images"], "Did you mean 'adam'?"),
        (["--set=training.optimisers.generator.beta=0.5", "emotive-images"], "Did you mean 'betas'?"),
        (["--set=data.resolution=33", "emotive-images"], "a power of two from 16 to 1024, and 33 is not"),
        (["--set=device=tpu", "emotive-images"], "device is 'tpu'"),
        (["--set=seed=-1", "emotive-images"], "seed must be at least 0, found -1"),
        (["--set=sampling.truncatoin=1", "emotive-images"], "Did you mean 'truncation'?"),
        (
            ["--set=sampling.truncation=-1", "emotive-images"],
            "sampling: truncation is at least 0, found -1.0",
        ),
        (["--set=sampling.filter=none", "emotive-images"], "There is no setting named 'filter'"),
        (["--set=sampling.truncation=0.8", "emotive-text"], "There is no setting named 'truncation'"),
        (["--set=report=[grammer]", "emotive-images"], "no report named 'grammer'. Did you mean 'grammar'?"),
        (["--set=presets=1", "--preset=cpu-32", "emotive-images"], "'presets'"),
        (
            ["--resume", "--preset=cpu-32", "emotive-images"],
            "A resumed run keeps its own recipe; leave out --preset",
        ),
    ],
)
def test_a_mistake_in_a_recipe_or_setting_is_one_line(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in run_error(*words)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content", ["", "name: [", "- a", "name: x\nname: y", "name: mine", "presets: 3\nname: x"]
)
def test_a_file_that_is_no_recipe_is_one_line(tmp_path, content):
    (tmp_path / "mine.yaml").write_text(content)
    assert "mine.yaml" in run_error(tmp_path / "mine.yaml")
    assert "mine.yaml" in error_of("recipe", "validate", tmp_path / "mine.yaml")


def test_mistakes_with_data_are_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = arguments()[2:]
    assert str(tmp_path / "none") in run_error(*small, "--data", tmp_path / "none")
    (tmp_path / "empty").mkdir()
    assert "looked for" in run_error(*small, "--data", tmp_path / "empty")
    assert "A step takes 512 samples, but the training data has 256" in run_error(
        *arguments(training__batch=512)[2:]
    )
    rng = np.random.default_rng(0)
    for i in range(6):  # one or more are held out, and mirror images are no new ones
        pixels = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "empty" / f"{i}.png")
    assert "training samples; a run needs 6 or more" in run_error(
        *arguments(training__batch=2)[2:], "--data", tmp_path / "empty"
    )
    assert not (tmp_path / "runs").exists()  # a run that never began leaves no folder behind


def test_mistakes_with_run_folders_are_one_line(tmp_path, monkeypatch, finished):
    monkeypatch.chdir(tmp_path)
    small = arguments()[2:]
    line = run_error(*small, "--out", finished.folder)
    assert f"{finished.folder} holds a run already; add --resume to continue it" in line
    (tmp_path / "file").write_text("in the way")
    assert f"{tmp_path / 'file'} is a file; --out takes a folder" in run_error(
        *small, "--out", tmp_path / "file"
    )
    line = run_error(*small, "--out", tmp_path / "file" / "run")
    assert f"Cannot write to {tmp_path / 'file' / 'run'}: Not a directory. Choose another --out." in line
    line = run_error("emotive-images", "--resume")
    assert "There is no run of emotive-images in ./runs to resume; name its folder with --out" in line
    line = run_error("emotive-images", "--resume", "--out", tmp_path / "none")
    assert f"There is no folder {tmp_path / 'none'}; give one that" in line


def test_resuming_with_a_setting_that_does_not_fit_is_one_line_and_changes_nothing(run_copy):
    before = (run_copy / "recipe.yaml").read_bytes()
    line = run_error("emotive-images", "--resume", "--out", run_copy, "--set=architecture.style_size=8")
    assert "does not fit this run" in line
    assert (run_copy / "recipe.yaml").read_bytes() == before


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m recipes.cli recipe show emotive-images | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert "Error" not in done.stderr


# ---- a run ----


def test_the_smallest_run_leaves_everything_behind(finished):
    folder = finished.folder
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    single = {"grid.png", "intensity.png", "interpolation.png", "closest.png", "report.json", "report.html"}
    assert {*single, "recipe.yaml", "run.json", "metrics.jsonl", "samples/labels.csv"} <= names
    assert {f"previews/{n:09d}.png" for n in (0, 320, 640)} <= names
    assert {f"samples/{name}-truncation=0.8-0-{i:05d}.png" for name in NAMES for i in range(2)} <= names
    assert {f"checkpoints/000000640/{name}" for name in ("state.json", "tensors.safetensors")} <= names
    assert any(name.startswith("tensorboard/events.out") for name in names)
    assert not any(".partial" in name or ".replaced" in name for name in names)
    for name in ("grid.png", "intensity.png", "interpolation.png"):
        assert name in finished.output or name == "intensity.png"


@pytest.mark.kernels
@pytest.mark.parametrize(
    ("name", "columns", "rows"),
    [
        ("grid.png", 12, 8),
        ("intensity.png", 8, 8),
        ("interpolation.png", 10, 8),
        ("previews/000000640.png", 8, 8),
    ],
)
def test_pictures_hold_their_rows_and_columns(finished, name, columns, rows):
    with Image.open(finished.folder / name) as picture:
        assert picture.size == (columns * 64, rows * 64)  # 16 pixels, enlarged four times
        assert np.asarray(picture).std() > 5


@pytest.mark.kernels
def test_pictures_differ_along_and_across_their_rows(finished):
    def cells(name, columns):
        pixels = np.asarray(Image.open(finished.folder / name)).astype(int)
        return pixels.reshape(8, 64, columns, 64, 3).swapaxes(1, 2)

    ladder = cells("intensity.png", 8)
    steps = np.abs(ladder - ladder[:, :1]).mean((2, 3, 4))
    assert (np.diff(steps, axis=1) > 0).mean() > 0.8  # the same face, ever further from intensity 0
    grid = cells("grid.png", 12).reshape(96, -1)
    assert len(np.unique(grid, axis=0)) == 96


def test_the_saved_recipe_says_everything_and_runs_again(finished):
    saved = yaml.safe_load((finished.folder / "recipe.yaml").read_text())
    for name, value in SETTINGS.items():
        held = saved
        for part in name.split("."):
            held = held[part]
        assert held == value
    assert "presets" not in saved
    assert "is valid" in invoke("recipe", "validate", finished.folder / "recipe.yaml").output
    facts = json.loads((finished.folder / "run.json").read_text())
    assert facts["labels"] == list(NAMES)
    assert facts["sample_shape"] == [3, 16, 16]


def test_metrics_are_lines_of_json(finished):
    lines = [json.loads(line) for line in (finished.folder / "metrics.jsonl").read_text().splitlines()]
    figures = [line for line in lines if "checkpoints/figure" in line]
    assert [line["samples"] for line in figures] == [160, 320, 480, 640]
    lines = [line for line in lines if "checkpoints/figure" not in line]
    assert [line["samples"] for line in lines] == list(range(40, 641, 40))
    for key in ("generator/loss", "discriminator/loss", "discriminator/real_logits", "samples_per_second"):
        assert all(isinstance(line[key], float) for line in lines)


def best_checkpoint(folder):
    """The name of the checkpoint with the lowest recorded figure: which one that is hangs on a processor's rounding."""
    states = {
        path.parent.name: json.loads(path.read_text()) for path in folder.glob("checkpoints/*/state.json")
    }
    assert {state["meta"]["better"] for state in states.values()} == {"lower"}
    return min(states, key=lambda name: (states[name]["meta"]["figure"], -int(name)))


@pytest.mark.kernels
def test_the_report_says_how_good_the_pictures_are(finished):
    report = json.loads((finished.folder / "report.json").read_text())
    figures = {(figure["name"], figure["subject"]): figure for figure in report["figures"]}
    names = {name for name, _ in figures}
    classifier, random_features = "emotion-classifier", "random-conv-v1"
    expected = {"emotion accuracy", "chance accuracy", f"FD[{classifier}]", f"classifier score[{classifier}]"}
    for metric in ("FD", "KD", "precision", "recall", "density", "coverage", "Vendi score"):
        expected |= {f"{metric}[{classifier}]", f"{metric}[{random_features}]"}
    expected |= {f"nearest distance ratio[{random_features}]", f"authenticity[{random_features}]"}
    expected |= {"balanced emotion accuracy", "calibration error", "intensity correlation", "MS-SSIM"}
    assert report["format_version"] == 3
    assert expected <= names
    assert not names & {"FID", "IS", "KID", "FD"}  # those names promise Inception's features
    held_out = figures["emotion accuracy", "held-out real"]
    assert held_out["n"] == 64
    assert figures["chance accuracy", "generated"]["value"] == 1 / 8
    for figure in report["figures"]:
        assert figure["low"] <= figure["value"] <= figure["high"], figure
        assert figure["note"].startswith("Interval: ")
        assert figure["n"] == (0 if figure["name"] == "chance accuracy" else 64)
    assert report["run"] == {
        "recipe": "emotive-images",
        "preset": "cpu-32",
        "checkpoint": best_checkpoint(finished.folder),
        "truncation": 1.0,
    }
    extractors = {classifier, random_features, "image-levels-v1", "wavelet-packets-v1"}
    assert set(report["provenance"]["extractors"]) == extractors
    assert report["provenance"]["n"] == {"real": 256, "generated": 64, "held-out real": 64}
    for words in ("emotion accuracy", "chance accuracy", "held-out real", "report.html and"):
        assert words in finished.output
    page = (finished.folder / "report.html").read_text()
    for words in (*NAMES, "Training", "discriminator/loss", best_checkpoint(finished.folder)):
        assert words in page, words


# ---- real data ----


@pytest.fixture(scope="module")
def pictures():
    """48 faces of 3 emotions: [48, 16, 16, 3] and the name of each one's emotion."""
    emotions = np.arange(48) % 3
    drawn = faces.draw_faces(16, emotions, np.ones(48), np.arange(48))
    return drawn, [NAMES[i] for i in emotions]


def write(pictures, folder, layout):
    drawn, emotions = pictures
    rows = ["file,emotion,intensity"]
    for i, (pixels, emotion) in enumerate(zip(drawn, emotions, strict=True)):
        name = f"{emotion}/{i}.png" if layout == "classes" else f"{i}.png"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name)
        rows.append(f"{name},{emotion},{0.5 + i / 96:.3f}")
    if layout == "csv":
        (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    (
        folder / "broken.png" if layout == "flat" else next(folder.rglob("0.png")).with_name("broken.png")
    ).write_bytes(b"")
    return folder


@pytest.mark.parametrize("layout", ["classes", "csv", "flat"])
def test_a_run_on_real_pictures(tmp_path, pictures, quick_classifier, layout):
    data = write(pictures, tmp_path / "data", layout)
    small = arguments(training__samples=48, data__held_out=0.3, evaluation__n=32)
    result = invoke(*small, "--data", data, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    labels = [] if layout == "flat" else ["joy", "sadness", "anger"]
    assert facts["labels"] == labels
    assert facts["data"] == str(data)
    names = {
        figure["name"] for figure in json.loads((tmp_path / "run" / "report.json").read_text())["figures"]
    }
    assert ("emotion accuracy" in names) == bool(labels)
    assert (tmp_path / "run" / "intensity.png").exists() == bool(labels)
    assert "precision[random-conv-v1]" in names
    if layout == "csv":
        assert "intensity correlation" in names
    else:
        assert "Note: 1 file was skipped: " in result.output
        assert "broken.png" in result.output
    again = invoke("sample", tmp_path / "run", "--n", "1", "--device", "cpu", "--out", tmp_path / "more")
    assert again.exit_code == 0, again.output
    assert len(list((tmp_path / "more").glob("*.png"))) == max(1, len(labels))
    if layout == "flat":
        assert "trained without labels" in error_of("sample", tmp_path / "run", "--emotion", "joy")
