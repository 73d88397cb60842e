"""A page that makes samples in a browser: what is in it, what is refused, and what a real Chromium draws from a disk.

The last needs the files of onnxruntime-web, which no test fetches: ``npm pack onnxruntime-web``, unpack, and set
$ONNXRUNTIME_WEB to package/dist.
"""

import csv
import os
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from multigan.sampling import condition_for, generate, latents, load_generator
from recipes.demo.page import BINARY, CODE, page, runtime_files
from tests.worlds import browser
from tests.worlds.commands import error_of, ran
from tests.worlds.untrained import untrained

pytest.importorskip("onnxscript")
CPU = torch.device("cpu")
RUNTIME = os.environ.get("ONNXRUNTIME_WEB")
in_a_browser = pytest.mark.skipif(
    RUNTIME is None or browser.find() is None,
    reason="$ONNXRUNTIME_WEB (package/dist of `npm pack onnxruntime-web`) is not set, or there is no Chromium",
)


def test_the_page_holds_all_that_it_needs_and_no_address(tmp_path):
    trained = load_generator(untrained("image", tmp_path / "run", ("calm", "</script><b>")), CPU)
    made = page(trained, b"model", {CODE: b"code", BINARY: b"binary"})
    assert re.search(
        r'<meta http-equiv="Content-Security-Policy" content="default-src &#x27;none&#x27;;', made
    )
    assert not re.search(r"https?://|//\w+\.\w+/| src=|href=", made)
    assert "</script><b>" not in made
    assert {"label", "intensity", "seed", "truncation"} <= set(
        re.findall(r'<(?:input|select) id="(\w+)"', made)
    )


def test_the_runtime_is_found_in_the_package_as_it_is_unpacked(tmp_path):
    (tmp_path / "package" / "dist").mkdir(parents=True)
    for name in (CODE, BINARY):
        (tmp_path / "package" / "dist" / name).write_bytes(name.encode())
    for place in (tmp_path, tmp_path / "package", tmp_path / "package" / "dist"):
        assert runtime_files(place)[CODE] == CODE.encode()


def test_what_is_missing_is_said(tmp_path):
    told = error_of("export", tmp_path, "--demo", tmp_path / "demo.html", "--runtime", tmp_path)
    assert "run `npm pack onnxruntime-web`, unpack the file" in told
    assert "--demo and --runtime go together" in error_of(
        "export", tmp_path, "--demo", tmp_path / "demo.html"
    )
    for name in (CODE, BINARY):
        (tmp_path / name).write_bytes(b"")
    run = untrained("text", tmp_path / "run")
    told = error_of("export", run, "--demo", tmp_path / "demo.html", "--runtime", tmp_path)
    assert "this run is of the modality 'text': leave --demo out" in told
    assert not (tmp_path / "demo.html").exists()


@pytest.fixture(scope="module")
def tab():
    with browser.started(str(browser.find())) as tab:
        yield tab


def opened(tab, run):
    """The page of a run, once it has drawn its first samples; and what it asked of a network or complained about."""
    path = run / "demo.html"
    ran("export", run, "--demo", path, "--runtime", RUNTIME)
    tab.open(path, 900, 900, False)
    assert tab.evaluate(
        "multigan.ready.then(() => document.getElementById('status').textContent)"
    ).startswith("Made in ")
    urls = [
        e["params"]["request"]["url"] for e in tab.events if e.get("method") == "Network.requestWillBeSent"
    ]
    assert {url.partition(":")[0] for url in urls} <= {"file", "blob"}
    assert [e for e in tab.events if e.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown")] == []


def computed(tab, latent, condition, truncation):
    """What the page computes of latents [N, Z] under one condition [C]."""
    given = ", ".join(f"Float32Array.from({one.flatten().tolist()})" for one in (latent, condition))
    values = tab.evaluate(f"multigan.sample({given}, {truncation}).then((values) => Array.from(values))")
    return np.array(values, np.float32)


def turn(tab, **dials):
    for name, value in dials.items():
        tab.evaluate(f"document.getElementById('{name}').value = {value}")
    tab.evaluate("document.getElementById('status').textContent = ''")
    tab.evaluate("document.getElementById('dials').dispatchEvent(new Event('input'))")
    tab.evaluate(
        "new Promise((done) => { const look = () => document.getElementById('status').textContent ? done() : "
        "setTimeout(look, 10); look(); })"
    )


@in_a_browser
def test_a_browser_draws_the_pictures_of_the_generator_from_a_disk(tab, tmp_path):
    run = untrained("image", tmp_path / "run")
    opened(tab, run)
    trained = load_generator(run, CPU)
    latent, condition = (
        latents(trained.network, 5, range(3)),
        condition_for(trained.facts.labels, "sadness", 0.7),
    )
    expected = generate(trained.network, latent, condition.expand(3, -1), 0.8).numpy()
    assert np.abs(expected).max() > 0.1
    assert np.abs(computed(tab, latent, condition, 0.8) - expected.ravel()).max() < 1e-4
    turn(tab, label=2, seed=3)
    ran("sample", run, "--emotion", "calm", "--seed", 3, "--n", 12, "--out", tmp_path / "own")
    with (tmp_path / "own" / "labels.csv").open() as file:
        names = [row["file"] for row in csv.DictReader(file)]
    script = (
        "Array.from(document.querySelectorAll('canvas')[{}].getContext('2d').getImageData(0, 0, 16, 16).data)"
    )
    for place in (0, 11):
        seen = np.array(tab.evaluate(script.format(place))).reshape(16, 16, 4)
        saved = np.asarray(Image.open(tmp_path / "own" / names[place])).astype(int)
        assert np.abs(seen[..., :3] - saved).max() <= 1  # a value on the edge of two levels
        assert saved.std() > 1


@in_a_browser
def test_a_browser_plays_the_sounds_of_the_generator(tab, tmp_path):
    run = untrained("audio", tmp_path / "run")
    opened(tab, run)
    trained = load_generator(run, CPU)
    latent, condition = latents(trained.network, 5, range(2)), condition_for(trained.facts.labels, "joy", 1.0)
    expected = generate(trained.network, latent, condition.expand(2, -1)).numpy()
    assert np.abs(computed(tab, latent, condition, 1) - expected.ravel()).max() < 1e-4
    length = tab.evaluate(
        "new Promise((done) => { const one = document.querySelector('audio'); one.onloadedmetadata = () => "
        "done(one.duration); one.load(); })"
    )
    assert length == pytest.approx(4096 / 8000, abs=0.01)


def test_the_reason_for_skipping_is_true():
    assert RUNTIME is None or all((Path(RUNTIME) / name).is_file() for name in (CODE, BINARY))
