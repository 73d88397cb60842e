"""One page of three runs: the same emotion and intensity in each, nothing beyond the page, and a ladder that stops."""

import html
import json
import re

import pytest
import torch

from evaluation.classifiers import texts as text_classifier
from multigan.emotions import NAMES
from multigan.errors import ConfigError
from multigan.sampling import conditions_for, load_generator
from recipes.scene.agreement import chance, shares
from recipes.scene.page import INTENDED, MADE
from recipes.settings import sampling_options
from tests.evaluation.report.test_html import CONTRAST, LOADED, complaints
from tests.worlds import browser
from tests.worlds.commands import invoke, ran
from tests.worlds.untrained import SETTINGS, untrained

CHROMIUM = browser.find()
in_browser = pytest.mark.skipif(CHROMIUM is None, reason=f"none of {', '.join(browser.NAMES)} is installed")
ROLES = ("image", "audio", "text")


@pytest.fixture(scope="module")
def runs(tmp_path_factory, session_cache):
    root = tmp_path_factory.mktemp("runs")
    return {role: untrained(role, root / role) for role in ROLES}


@pytest.fixture(scope="module")
def pages(runs, tmp_path_factory):
    """A scene of 3 samples and a ladder of 3 steps, and what was said of them."""
    folder, told = tmp_path_factory.mktemp("pages"), []
    for name, more in (("scene", ("--intensity", 0.6)), ("ladder", ("--ladder", "--intensity", 0.8))):
        words = ("--emotion", "calm", "--n", 3, *more, "--device", "cpu", "--out", folder / f"{name}.html")
        told.append(ran("compose", *(word for role in ROLES for word in (f"--{role}", runs[role])), *words))
    return folder / "scene.html", folder / "ladder.html", told


def drawn(run, emotion, levels, seed=0):
    """Sentences as the sampling of a run gives them."""
    trained = load_generator(run, torch.device("cpu"))
    options = sampling_options(trained.modality, {}, "test")
    conditions = conditions_for(trained, emotion, levels)
    samples = trained.sampling.draw(trained, conditions, seed, len(levels), options)
    return list(trained.modality.media(samples.tensor, trained.data))


def sentences(page):
    found = re.findall(r"<blockquote[^>]*><p>(.*?)</p>", page, re.DOTALL)
    return [html.unescape(text) for text in found]


def test_a_scene_shows_what_the_runs_make_of_one_emotion(pages, runs):
    page = pages[0].read_text("utf-8")
    assert "Wrote 3 images (calm), 3 clips (calm) and 3 texts (calm) to " in pages[2][0]
    assert page.count("<article") == 3
    assert page.count("data:image/png;base64,") == 3 + 3  # pictures and spectrograms
    assert page.count("data:audio/wav;base64,") == page.count("<audio ") == 3
    assert sentences(page) == drawn(runs["text"], "calm", [0.6] * 3)
    for row in (1, 2, 3):
        for noun in ("image", "clip", "text"):
            assert f"{noun} {row}, calm, intensity 0.60" in page


def test_a_scene_says_what_it_is_and_is_not_for(pages):
    for path in pages[:2]:
        page = html.unescape(path.read_text("utf-8"))
        assert INTENDED in page
        assert "Not advice and no substitute for professional help" in page


def test_the_page_holds_all_that_it_needs(pages):
    for path in pages[:2]:
        page = path.read_text("utf-8")
        assert "default-src 'none'; img-src data:; media-src data:;" in html.unescape(page)
        assert "<script" not in page
        assert "http://" not in page
        assert "https://" not in page


def test_a_ladder_is_one_latent_at_rising_intensity(pages, runs):
    page = pages[1].read_text("utf-8")
    levels = [0.0, 0.4, 0.8]
    assert sentences(page) == [drawn(runs["text"], "calm", [level])[0] for level in levels]
    titles = re.findall(r"<h2>(Step [^<]*)</h2>", page)
    assert titles == [f"Step {i} of 3: intensity {level:.2f}" for i, level in enumerate(levels, 1)]


def test_every_step_of_a_ladder_is_one_step_from_the_next(pages):
    """Each link has a query of its own, so that a browser loads the page anew and nothing plays on."""
    page = pages[1].read_text("utf-8")
    sections = re.findall(r'<section id="(step-\d)".*?</section>', page, re.DOTALL)
    assert sections == ["step-1", "step-2", "step-3"]
    ways = {name: re.findall(r'href="([^"]*)"', part) for name, part in parts_of(page).items()}
    assert ways == {
        "step-1": ["?start#start", "?step-2#step-2"],
        "step-2": ["?step-1#step-1", "?step-3#step-3"],
        "step-3": ["?step-2#step-2", "?start#start"],
        "stopped": ["?start#start"],
    }
    assert '<a href="?stopped#stopped" class="stop">Stop</a>' in page


def parts_of(page):
    starts = [(match[1], match.start()) for match in re.finditer(r'<section id="([^"]+)"', page)]
    ends = [place for _, place in starts[1:]] + [page.index("<footer")]
    return {name: page[start:end] for (name, start), end in zip(starts, ends, strict=True)}


def test_any_of_the_three_and_any_emotion(runs, tmp_path):
    out = tmp_path / "mix.html"
    told = ran(
        "compose", "--text", runs["text"], "--emotion", "joy:3,calm:1", "--n", 2, "--seed", 5, "--out", out
    )
    assert told == f"Wrote 2 texts (joy:0.75,calm:0.25) to {out}.\n"
    page = out.read_text("utf-8")
    assert "<h1>75% joy, 25% calm</h1>" in page
    assert sentences(page) == drawn(runs["text"], "joy:0.75,calm:0.25", [1.0, 1.0], seed=5)
    told = ran(
        "compose", "--image", runs["image"], "--valence", 0.68, "--arousal", -0.46, "--n", 1, "--out", out
    )
    assert "1 image (calm)" in told
    assert MADE in out.read_text("utf-8")
    assert "<h1>Valence 0.68, arousal -0.46</h1>" in out.read_text("utf-8")


def test_the_same_seed_gives_the_same_page(runs, tmp_path):
    for name in ("a", "b"):
        ran(
            "compose",
            "--text",
            runs["text"],
            "--emotion",
            "joy",
            "--n",
            2,
            "--out",
            tmp_path / f"{name}.html",
        )
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_what_a_run_is_called_cannot_become_markup(tmp_path, session_cache):
    run = untrained("image", tmp_path / "<b>run", labels=("<i>joy", "calm"))
    out = tmp_path / "page.html"
    ran("compose", "--image", run, "--emotion", "<i>joy", "--n", 1, "--out", out)
    page = out.read_text("utf-8")
    assert "<i>" not in page
    assert "<b>run" not in page
    assert "&lt;i&gt;joy" in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--emotion", "calm"), "There is no run to compose a scene of: give --image, --audio or --text"),
        (("--image", "IMAGE"), "A scene is of one emotion: add --emotion NAME"),
        (("--image", "IMAGE", "--emotion", "calmm"), "named 'calmm'. Did you mean 'calm'?"),
        (("--image", "IMAGE", "--valence", "0.5"), "add --arousal"),
        (
            ("--audio", "IMAGE", "--emotion", "calm"),
            "this run makes images, and --audio is for a run of clips",
        ),
        (
            ("--image", "IMAGE", "--emotion", "calm", "--ladder", "--n", "1"),
            "A ladder rises in 2 steps or more",
        ),
        (("--image", "IMAGE", "--emotion", "calm", "--out", "scene.txt"), "its name ends in .html"),
    ],
)
def test_what_does_not_fit_is_one_sentence(runs, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    result = invoke("compose", *(runs["image"] if word == "IMAGE" else word for word in words))
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert sentence in line
    assert list(tmp_path.iterdir()) == []


def test_a_persons_own_page_is_not_replaced(runs, tmp_path):
    out = tmp_path / "scene.html"
    out.write_text("mine")
    result = invoke("compose", "--text", runs["text"], "--emotion", "joy", "--n", 1, "--out", out)
    assert "is not as multigan wrote it" in result.output
    assert out.read_text() == "mine"


# ---- how often the runs agree ----


def test_rows_are_alike_where_all_readers_say_the_same():
    readings = [["joy", "calm", "joy", None, "fear"], ["joy", "calm", "calm", "joy", "fear"]]
    found = shares(readings, ("joy", "calm"))
    assert found["n"] == 4
    assert found["alike"]["value"] == 0.75
    assert [share["value"] for share in found["as_asked"]] == [0.5, 0.5]
    assert found["alike"] == {
        "value": 0.75,
        "low": pytest.approx(0.3006, abs=1e-4),
        "high": pytest.approx(0.9544, abs=1e-4),
    }
    with pytest.raises(ConfigError, match="no sample in which all runs have something to read"):
        shares([[None], ["joy"]], ("joy", "joy"))


def test_chance_is_that_of_guesses_among_each_runs_labels():
    assert chance([NAMES, NAMES, NAMES]) == 1 / 64
    assert chance([("a", "b"), ("b", "c", "d")]) == 1 / 6
    assert chance([("a",), ("b",)]) == 0


@pytest.mark.kernels
def test_real_samples_are_read_as_what_they_are_and_those_of_untrained_runs_are_not(
    tmp_path, quick_classifier, monkeypatch
):
    for role, n in (("image", 128), ("text", 2048)):
        monkeypatch.setitem(SETTINGS[role][0], "drawn", n)
        monkeypatch.setitem(SETTINGS[role][0], "drawn_held_out", 128)
    monkeypatch.setattr(text_classifier, "SAMPLES_OF_FEW", (80_000,))
    runs = {role: untrained(role, tmp_path / role, NAMES) for role in ("image", "text")}
    out = tmp_path / "page.html"
    words = [word for role in runs for word in (f"--{role}", runs[role])]
    told = ran(
        "compose", *words, "--emotion", "joy", "--n", 1, "--agreement", 40, "--device", "cpu", "--out", out
    )
    found = json.loads((tmp_path / "page.json").read_text())
    assert [part["kind"] for part in found["parts"]] == ["image", "text"]
    assert found["generated"]["n"] == 40
    assert found["chance"] == 1 / 8
    # of images the reader of the tests has seen too few to tell; it reads texts
    real, made = (found[name]["as_asked"][1]["value"] for name in ("real", "generated"))
    assert made < 0.6 < real
    assert f"by chance 0.125. {tmp_path / 'page.json'} has it." in told
    ran(
        "compose",
        *words,
        "--emotion",
        "joy:1,fear:1",
        "--n",
        1,
        "--agreement",
        8,
        "--out",
        tmp_path / "mix.html",
    )
    assert json.loads((tmp_path / "mix.json").read_text())["real"] is None


# ---- a real browser ----

SEEN = """(() => ({
  shown: [...document.querySelectorAll(".start, .step")].filter(e => e.getBoundingClientRect().height).map(e => e.id),
  playing: [...document.querySelectorAll("audio")].filter(a => !a.paused).length,
  stop: (box => document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).textContent)(
    document.querySelector(".stop").getBoundingClientRect()),
}))()"""


def press(tab, words):
    """Follow the link of these words that is seen, and wait for what it loads."""
    seen = f"a => a.textContent === {words!r} && a.getBoundingClientRect().height"
    tab.events.clear()
    tab.evaluate(f"[...document.querySelectorAll('a')].find({seen}).click()")
    tab.wait_for_load()
    return tab.evaluate(SEEN)


def play_all(tab):
    """Every sound of the page, on and on, as if a person had pressed its button."""
    plays = "[...document.querySelectorAll('audio')].map(a => { a.loop = true; return a.play(); })"
    tab.call("Runtime.evaluate", expression=f"Promise.all({plays})", awaitPromise=True, userGesture=True)


@in_browser
def test_a_browser_shows_one_step_at_a_time_and_stops(pages):
    with browser.started(CHROMIUM) as tab:
        for width, dark in ((360, False), (1280, True)):
            for path in pages[:2]:
                tab.open(path, width, 800, dark)
                found = tab.evaluate(LOADED)
                assert (found["inside"], found["whole"]) == (width, width)
                assert not found["outside"]
                assert not tab.evaluate(CONTRAST)["low"]
                assert not complaints(tab.events)
        assert tab.evaluate(SEEN) == {"shown": ["start"], "playing": 0, "stop": "Stop"}
        assert press(tab, "First step") == {"shown": ["step-1"], "playing": 0, "stop": "Stop"}
        assert press(tab, "Next step")["shown"] == ["step-2"]
        play_all(tab)
        assert tab.evaluate(SEEN)["playing"] == 3
        assert press(tab, "Next step") == {"shown": ["step-3"], "playing": 0, "stop": "Stop"}
        play_all(tab)
        assert press(tab, "Stop") == {"shown": ["stopped"], "playing": 0, "stop": "Stop"}
        assert press(tab, "To the beginning")["shown"] == ["start"]
        assert not complaints(tab.events)
