"""The page: its structure, what it refuses to let through, and how it stands in a real browser."""

import itertools
import math
import re
import urllib.parse
from collections import Counter
from html.parser import HTMLParser

import numpy as np
import pytest

from evaluation.exhibits.markup import Html, element
from evaluation.figures import (
    HELD_OUT,
    Advice,
    ClosestPair,
    Difference,
    Equilibrium,
    Example,
    Figure,
    Gallery,
    Report,
)  # fmt: skip
from evaluation.kinds import kind_of
from evaluation.report.html import SECTIONS, page, write_html
from multigan.image.drawn.faces import draw_faces
from multigan.reading.audio import Clip
from tests.worlds import browser

EVIL = "<script>alert(1)</script>"
QUOTED = "\"><img src=x onerror='alert(2)'>"
LABELS = ("joy", "sadness", EVIL)
FAKES = ("stylegan2", QUOTED)
HASH = "84b2c84cb85ad95209f551f2d5e5b2b659e5a23e3a11fe184b8c18e75a9f0aba"
VOID = {"meta", "img", "br"}
MODALITIES = ("image", "audio", "text")


def figures():
    found = []
    for name, features, held_out, values in (
        ("FD[f]", "f", 3.0, (8.5, 60.0)), ("precision[f]", "f", 0.96, (0.92, 0.4)), (f"{EVIL}", "", 0.5, (0.5, 0.5)),
    ):  # fmt: skip
        for subject, value in zip((*FAKES, HELD_OUT), (*values, held_out), strict=True):
            low, high = (value, value) if name == EVIL else (value * 0.95, value * 1.03)
            found.append(
                Figure(
                    name,
                    value,
                    low,
                    high,
                    1000,
                    0,
                    name[0] != "F",
                    features,
                    f"Note {EVIL}",
                    subject,
                    "Read so.",
                )
            )
    return tuple(found)


def shown(modality, seed, label):
    random = np.random.default_rng(seed)
    if modality == "image":
        size = 32 if seed % 2 else 96
        content = draw_faces(size, np.array([seed % 8]), np.array([0.9]), np.array([seed]))[0]
    elif modality == "audio":
        rate_hz = 8000 if seed % 2 else 44_100
        time = np.arange(rate_hz * (1 + 8 * (seed % 3 == 0))) / rate_hz
        tone = 0.3 * np.sin(2 * np.pi * (200 + 40 * seed) * time) + 0.01 * random.normal(size=len(time))
        content = Clip(tone.astype(np.float32), rate_hz)
    else:
        content = f"{EVIL} & a <b>text</b> of its own, number {seed}. " * (1 + 20 * (seed % 2)) + "w" * 80
    return Example(content, f"{QUOTED}/{seed}", label, 0.75)


def reported(modality):
    samples = {
        subject: tuple(shown(modality, 3 * i + j, label) for j, label in enumerate(LABELS))
        for i, subject in enumerate((HELD_OUT, *FAKES))
    }
    random = np.random.default_rng(0)
    differences = (
        Difference("FD[f]", *FAKES, -51.5, -53.0, -50.0, 1000, f"{FAKES[0]} is better"),
        Difference("precision[f]", *FAKES, 0.01, -0.02, 0.04, 1000, "no difference can be told at this n"),
    )
    confusion = ((90, 5, 5), (10, 80, 10), (0, 0, 0))  # a label that was never asked for
    report = Report(
        kind_of(modality), figures(), differences, FAKES, LABELS, dict.fromkeys((*FAKES, HELD_OUT), confusion),
        (ClosestPair(0, 1, 0.5, FAKES[0], EVIL, "b"),), (f"Beware of {EVIL}.",),
        {"command": f"evaluate --fake {EVIL}", "extractors": {"f": {"digest": HASH}}, "losses": [0.5, 1], "notes": [EVIL]},
    )  # fmt: skip
    held = Gallery(
        samples,
        {FAKES[0]: ((samples[FAKES[0]][0], samples[HELD_OUT][0], 0.125),)},
        {"f": {s: random.normal(size=(700, 2)) for s in (HELD_OUT, *FAKES)}},
        {f"loss {EVIL}": tuple((1000.0 * i, 1 / (1 + i)) for i in range(200))},
        random.integers(0, 256, (40, 900, 3), dtype=np.uint8),
        Equilibrium(
            f"Steps: 200, seed 0, {EVIL}.",
            (
                Advice(
                    "the game cycles",
                    f"Round and round {EVIL}.",
                    (f"training.play={EVIL}",),
                    "a paper",
                    False,
                ),
                Advice("converged within noise", "No more to tell.", (), "a paper", True),
            ),
            {f"gap {EVIL}": ((0.0, 1.0, 0.9, 1.1), (1000.0, 0.5, math.nan, math.nan))},
        ),
    )
    return report, held


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Modality -> the file of its page."""
    folder = tmp_path_factory.mktemp("pages")
    for modality in MODALITIES:
        write_html(*reported(modality), folder / f"{modality}.html")
    return {modality: folder / f"{modality}.html" for modality in MODALITIES}


class Outline(HTMLParser):
    """Elements with their attributes, all text, and whether every element is closed in its turn."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.text, self.duplicates = [], [], "", []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        self.duplicates += [name for name in names if names.count(name) > 1]
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module", params=MODALITIES)
def outline(request, pages):
    return request.param, Outline(pages[request.param].read_text("utf-8"))


# ---- structure ----


def test_elements_escape_what_is_not_markup():
    made = element("p", EVIL, [Html("<b>"), None, ["&"]], title=QUOTED, hidden=True, lang=None, class_="a")
    assert made == (
        "<p title=\"&quot;&gt;&lt;img src=x onerror=&#x27;alert(2)&#x27;&gt;\" hidden class=\"a\">"
        "&lt;script&gt;alert(1)&lt;/script&gt;<b>&amp;</p>"
    )  # fmt: skip
    assert element("img", src="x") == '<img src="x">'


def test_the_page_is_well_formed_and_every_section_stands_in_it(outline):
    _, found = outline
    assert not found.open
    assert not found.duplicates
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    # of these kinds none shows whole sets (tests/evaluation/kinds/test_together.py)
    assert ids == [name for name, _, _ in SECTIONS if name != "together"]
    assert [attributes["href"] for attributes in found.all("a")] == [f"#{name}" for name in ids]
    assert found.all("html") == [{"lang": "en-GB"}]
    assert all("scope" in attributes for attributes in found.all("th"))
    assert Counter(tag for tag, _ in found.elements)["svg"] == sum(
        attributes.get("role") == "img" for attributes in found.all("svg")
    )


def test_nothing_comes_from_elsewhere_and_nothing_runs(outline):
    _, found = outline
    assert not found.all("script")
    assert not found.all("link")
    for tag, attributes in found.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "srcset", "poster", "action", "data"):
                assert value.startswith(("data:", "#")), (tag, value[:80])
    styles = " ".join(attributes.get("style", "") for _, attributes in found.elements)
    assert "url(" not in styles
    (policy,) = (a["content"] for a in found.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_names_and_texts_stay_text(outline):
    modality, found = outline
    assert f"Beware of {EVIL}." in found.text
    assert QUOTED in found.text
    assert f"evaluate --fake {EVIL}" in found.text
    if modality == "text":
        assert f"{EVIL} & a <b>text</b>" in found.text


def test_every_image_has_an_alternative_and_every_player_a_name(outline):
    modality, found = outline
    images, players = found.all("img"), found.all("audio")
    n = 9 + 2
    grid, *images = images
    assert grid["alt"].startswith("Samples drawn one after another, none picked")
    assert len(images) == (0 if modality == "text" else n)
    assert len(players) == (n if modality == "audio" else 0)
    assert len(found.all("blockquote")) == (n if modality == "text" else 0)
    assert all("intensity 0.75" in attributes["alt"] for attributes in images)
    assert all("intensity 0.75" in attributes["aria-label"] for attributes in players)


def test_pages_are_small(pages):
    for modality, path in pages.items():
        assert path.stat().st_size < 3_000_000, modality


def test_the_page_says_what_was_found(outline):
    _, found = outline
    for words in (
        "n = 1,000 on each side, seed 0", f"Of 2 compared figures: {FAKES[0]} is better in 1", "lower is better",
        "−51.5", "[−53.0, −50.0]", "Note", "Read so.", HASH, "distance 0.125", "0.92", "[0.874, 0.948]", "90%", "exact",
    ):  # fmt: skip
        assert words in found.text, words


def test_the_page_answers_then_shows_then_measures(outline):
    _, found = outline
    said = "resembles real ones as much as fresh real ones do"  # precision 0.92 beside 0.96
    places = [found.text.index(words) for words in ("Samples drawn one after another", said, "Real ")]
    assert places == sorted(places)  # the grid of a run comes first of all
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert ids[:3] == ["samples", "metrics", "comparison"]
    assert ids.index("warnings") < ids.index("more") < ids.index("provenance")


def cards(html, section):
    """The names of the figures that a section of the page has cards of."""
    own = html.split(f'id="{section}"', 1)[1].split("</section>", 1)[0]
    return re.findall(r"<h4>([^<]+)", own)


def test_few_figures_lead_and_the_rest_are_folded_away(pages):
    html = pages["text"].read_text("utf-8")
    assert cards(html, "metrics") == ["precision"]
    assert cards(html, "more") == ["FD", "&lt;script&gt;alert(1)&lt;/script&gt;"]
    assert "<summary>Show 2 more</summary>" in html
    compared = html.split('id="comparison"', 1)[1].split("</section>", 1)[0]
    led, rest = compared.split("<summary>Show 1 more</summary>")
    assert ("precision" in led, "FD" in led, "FD" in rest) == (True, False, True)


def test_of_many_sets_those_with_the_first_are_compared_on_the_page():
    names = tuple("ABCDEFGH")
    rows = tuple(
        Difference("KD[f]", one, other, 0.1, -1, 1, 9, "no difference can be told at this n")
        for one, other in itertools.combinations(names, 2)
    )
    made = page(Report(kind_of("image"), (), rows, names, (), {}, (), ()), Gallery())
    assert made.count(" minus </h3>") == 0
    assert len(re.findall("<h3>.*? minus ", made)) == 7
    assert "Shown are the pairs with A; report.json has all." in made


def test_missing_weights_are_one_line_at_the_end_and_no_warning():
    missing = "LPIPS diversity was not measured. lpips needs weights that are not there: a.pth; fetch it."
    made = page(
        Report(kind_of("image"), figures(), (), FAKES, (), {}, (), ("Few samples.", missing)), Gallery()
    )
    assert "fetch it" not in made
    before, after = made.split('id="provenance"')
    assert "LPIPS" not in before
    assert "LPIPS diversity (lpips); `multigan weights lpips` says what to fetch." in after
    assert "Few samples." in before


def test_sections_without_content_are_left_out():
    bare = Outline(page(Report(kind_of("text"), figures()[:1], (), FAKES[:1], (), {}, (), ()), Gallery()))
    assert [attributes["id"] for _, attributes in bare.elements if "id" in attributes] == ["metrics"]
    empty = Outline(page(Report(kind_of("image"), (), (), (), (), {}, (), ()), Gallery()))
    assert not [attributes for _, attributes in empty.elements if "id" in attributes]


def test_neighbours_are_named_where_they_cannot_be_shown():
    report, _ = reported("image")
    found = Outline(page(report, Gallery()))
    assert "nearest training sample" in found.text
    assert not found.all("img")


def test_a_file_name_that_is_no_text_can_be_written(tmp_path):
    write_html(
        Report(kind_of("text"), (), (), ("bad\udcff",), (), {}, (), ()), Gallery(), tmp_path / "page.html"
    )
    assert "bad\\udcff" in (tmp_path / "page.html").read_text("utf-8")


# ---- a real browser ----

CHROMIUM = browser.find()
in_browser = pytest.mark.skipif(CHROMIUM is None, reason=f"none of {', '.join(browser.NAMES)} is installed")

LOADED = """(async () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  const waits = [...document.querySelectorAll("audio")].map(a => new Promise(done => {
    if (a.readyState >= 1 || a.error) return done();
    a.onloadedmetadata = a.onerror = done; a.load(); setTimeout(done, 8000);
  }));
  await Promise.all(waits);
  return {
    durations: [...document.querySelectorAll("audio")].map(a => a.duration),
    widths: [...document.querySelectorAll("img")].map(i => i.naturalWidth),
    inside: document.documentElement.clientWidth,
    whole: document.documentElement.scrollWidth,
    cut: [...document.querySelectorAll(".wide:has(.differences)")].filter(e => e.scrollWidth > e.clientWidth + 1).length,
    outside: [...document.querySelectorAll("main *:not(.said):not(.said *)")].filter(e => {
      const box = e.getBoundingClientRect();
      return !e.closest(".wide") && box.width && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
    }).map(e => e.outerHTML.slice(0, 80)),
    background: getComputedStyle(document.body).backgroundColor,
  };
})()"""

CONTRAST = """(() => {
  const parse = c => { const p = c.match(/[\\d.]+/g).map(Number); return p.length < 4 ? [...p, 1] : p; };
  const linear = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
  const ground = e => {
    if (!e) return [255, 255, 255];
    const own = parse(getComputedStyle(e).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, ground(e.parentElement));
  };
  const low = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let n = 0;
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || e.closest("title")) continue;
    const style = getComputedStyle(e), under = ground(e);
    const ink = over(parse(e.closest("svg") ? style.fill : style.color), under);
    const [a, b] = [light(ink), light(under)].sort((x, y) => y - x);
    n++;
    if ((a + .05) / (b + .05) < 4.5) low.push([e.outerHTML.slice(0, 60), (a + .05) / (b + .05)]);
  }
  return {n, low};
})()"""


@pytest.fixture(scope="module")
def tab():
    with browser.started(CHROMIUM) as found:
        yield found


def complaints(events):
    """What a page must not cause: errors, exceptions, and requests beyond itself."""
    found = []
    for event in events:
        parameters = event.get("params", {})
        if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
            found.append(parameters)
        if event.get("method") == "Network.requestWillBeSent":
            url = parameters["request"]["url"]
            if urllib.parse.urlparse(url).scheme not in ("file", "data", "blob"):
                found.append(url)
    return found


@in_browser
@pytest.mark.parametrize("modality", MODALITIES)
def test_a_browser_shows_the_page(tab, pages, modality):
    """On a phone and a desk, light and dark: all loads, nothing else is asked for, nothing sticks out, all can be read."""
    n = 9 + 2
    for width, height in ((360, 800), (1280, 900)):
        grounds = set()
        for dark in (False, True):
            tab.open(pages[modality], width, height, dark)
            found = tab.evaluate(LOADED)
            assert (found["inside"], found["whole"]) == (width, width)
            assert not found["outside"]
            assert not found["cut"]  # the verdicts stand where they are seen without scrolling
            assert len(found["durations"]) == (n if modality == "audio" else 0)
            assert all(duration and 0.5 < duration <= 5.01 for duration in found["durations"])
            assert len(found["widths"]) == 1 + (0 if modality == "text" else n)  # the grid before the samples
            assert all(natural > 0 for natural in found["widths"])
            grounds.add(found["background"])
            contrast = tab.evaluate(CONTRAST)
            assert contrast["n"] > 100
            assert not contrast["low"]
            assert not complaints(tab.events)
            assert tab.evaluate("document.querySelectorAll('script').length") == 0
        assert len(grounds) == 2, "light and dark are alike"


@in_browser
def test_complaints_are_heard(tab, tmp_path):
    """The checks above do see an error, a request and something that sticks out."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!doctype html><meta name=viewport content='width=device-width'><main><div style='width:900px'>wide</div>"
        "<p style='color:#999'>pale</p><img src='http://127.0.0.1:9/none.png'><script>nothing()</script></main>"
    )
    tab.open(bad, 360, 800, dark=False)
    found = tab.evaluate(LOADED)
    assert found["outside"]
    assert found["whole"] > 360
    assert found["widths"] == [0]
    assert tab.evaluate(CONTRAST)["low"]
    heard = complaints(tab.events)
    assert "http://127.0.0.1:9/none.png" in heard
    assert any("exceptionDetails" in one for one in heard if isinstance(one, dict))


@in_browser
def test_the_policy_stops_a_script_that_got_in(tab, tmp_path):
    """Were a name ever written unescaped, the browser would still not run it."""
    report, held = reported("text")
    path = tmp_path / "injected.html"
    path.write_text(
        page(report, held).replace("<main>", "<main><script>document.title = 'taken'</script>"), "utf-8"
    )
    tab.open(path, 360, 800, dark=False)
    assert "taken" not in tab.evaluate("document.title")
    assert complaints(tab.events)
