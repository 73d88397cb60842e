"""Generators for other programs: weights that load again, and ONNX whose samples are torch's."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors
import torch

from multigan.errors import ConfigError
from multigan.exporting import write_onnx, write_weights
from multigan.modality import build_networks
from multigan.sampling import generate, latents, load_generator
from tests.worlds.commands import invoke, ran
from tests.worlds.untrained import SETTINGS, untrained

CPU = torch.device("cpu")
SMALL = {"channel_base": 64, "channel_max": 8, "latent_size": 8, "style_size": 8}
ARCHITECTURES = {"stylegan2": {"name": "stylegan2", **SMALL}, "dcgan": {"name": "dcgan", "width": 4}}
HALF = "half-wavelet-stylegan2"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Makes the run folder of a fresh generator."""

    known = {**ARCHITECTURES, HALF: {"name": HALF, **SMALL}}

    def make(architecture="stylegan2", labels=("joy", "calm")):
        monkeypatch.setitem(SETTINGS, "image", ({"resolution": 16}, known[architecture]))
        return untrained("image", tmp_path / f"{architecture}-{len(labels)}", labels)

    return make


def test_weights_load_into_the_network_that_their_facts_name(run, tmp_path):
    trained = load_generator(run(), CPU)
    write_weights(trained, tmp_path / "g.safetensors")
    with safetensors.safe_open(tmp_path / "g.safetensors", "pt") as file:
        facts = json.loads(file.metadata()["multigan"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
    assert facts["labels"] == ["joy", "calm"]
    network = build_networks(trained.modality, facts["architecture"], tuple(facts["sample_shape"]), (2,))
    network["generator"].load_state_dict(tensors)
    latent = latents(trained.network, 0, range(3))
    condition = torch.tensor([[0.5, 0.0]]).expand(3, -1)
    same = generate(network["generator"].eval(), latent, condition)
    assert torch.equal(same, generate(trained.network, latent, condition))


@pytest.mark.parametrize("labels", [(), ("joy", "calm")])
def test_the_page_s_code_needs_no_multigan(run, tmp_path, labels):
    page = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert "multigan import" not in code
    own = {}
    exec(compile(code, "exchange.md", "exec"), own)
    trained = load_generator(run(labels=labels), CPU)
    for name, tensor in trained.network.named_parameters():
        if name.endswith("noise_strength"):
            tensor.fill_(0.3)  # a fresh network has none
    write_weights(trained, tmp_path / "g.safetensors")
    facts, weights = own["load"](tmp_path / "g.safetensors")
    latent = latents(trained.network, 0, range(5))
    condition = torch.rand(5, len(labels), generator=torch.Generator().manual_seed(0)) if labels else None
    expected = generate(trained.network, latent, condition)
    assert float(expected.abs().max()) > 0.1
    assert torch.allclose(own["sample"](facts, weights, latent, condition), expected, atol=1e-4)


@pytest.mark.parametrize("labels", [(), ("joy", "calm")])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_onnx_makes_the_same_samples(run, tmp_path, architecture, labels):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    trained = load_generator(run(architecture, labels), CPU)
    assert write_onnx(trained, tmp_path / "g.onnx") < 1e-4
    session = runtime.InferenceSession(tmp_path / "g.onnx", providers=["CPUExecutionProvider"])
    assert json.loads(session.get_modelmeta().custom_metadata_map["multigan"])["labels"] == list(labels)
    latent = latents(trained.network, 1, range(7))
    condition = torch.rand(7, len(labels), generator=torch.Generator().manual_seed(0)) if labels else None
    fed = {"latent": latent, "condition": condition, "truncation": torch.tensor(0.4)}
    asked = {one.name: fed[one.name].numpy() for one in session.get_inputs()}
    assert ("condition" in asked) == bool(labels)
    expected = generate(trained.network, latent, condition, 0.4 if "truncation" in asked else 1.0)
    assert float(expected.abs().max()) > 0.1
    assert np.abs(session.run(None, asked)[0] - expected.numpy()).max() < 1e-4


def test_waveforms_that_come_out_of_a_network_can_be_exported(tmp_path):
    pytest.importorskip("onnxscript")
    trained = load_generator(untrained("audio", tmp_path / "run"), CPU)
    assert (
        write_onnx(trained, tmp_path / "g.onnx") < 1e-4
    )  # of another number of samples than it was traced with


def test_the_command_writes_both_and_replaces_nothing(run, tmp_path):
    pytest.importorskip("onnxscript")
    words = ("export", run(), "--onnx", tmp_path / "g.onnx", "--safetensors", tmp_path / "g.safetensors")
    assert "onnxruntime's samples differ from torch's by " in ran(*words)
    again = invoke(*words)
    assert again.exit_code == 1
    assert "is there already, and nothing is replaced" in again.output


def test_a_fresh_process_exports_what_no_network_has_run_before(run, tmp_path):
    """Networks keep their filters once they have run: in this process others have, and a fault would not show."""
    pytest.importorskip("onnxscript")
    folder = run(HALF)
    command = [sys.executable, "-m", "multigan", "export", folder, "--onnx", tmp_path / "g.onnx"]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": root},
    )
    assert done.returncode == 0, done.stderr
    assert "onnxruntime's samples differ from torch's by " in done.stdout
    assert (tmp_path / "g.onnx").stat().st_size > 10_000


def test_what_onnx_cannot_have_is_said(tmp_path):
    trained = load_generator(untrained("text", tmp_path / "run"), CPU)
    with pytest.raises(ConfigError, match=r"leave --onnx out, and take --safetensors\."):
        write_onnx(trained, tmp_path / "g.onnx")
    assert not (tmp_path / "g.onnx").exists()


def test_nothing_to_write_is_said(tmp_path):
    assert "give --onnx FILE or --safetensors FILE" in invoke("export", tmp_path).output


def test_a_missing_package_is_named(run, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(
        ConfigError, match=r'--onnx needs the package onnx: run pip install "multigan\[onnx\]"'
    ):
        write_onnx(load_generator(run(), CPU), tmp_path / "g.onnx")
