"""The studio as a person starts it: what it answers to an attacker, and how a real browser gets on with it."""

import functools
import http.server
import json
import shlex
import threading
import zipfile

import pytest

from recipes.studio.kept import COMMANDS
from tests.evaluation.report.test_html import CONTRAST
from tests.worlds import browser
from tests.worlds.commands import ran
from tests.worlds.studio import served
from tests.worlds.untrained import untrained

CHROMIUM = browser.find()
in_browser = pytest.mark.skipif(CHROMIUM is None, reason=f"none of {', '.join(browser.NAMES)} is installed")
HOSTILE = (
    '<img src=x onerror="window.taken=1">', "${window.taken=1}{{taken}}", "'); window.taken=1; ('", "a:b,c", "plain",
)  # fmt: skip
SECRET = "a secret beside the run"
PATIENCE_MS = 240_000
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory, session_cache):
    root = tmp_path_factory.mktemp("studio")
    (root / "secret.txt").write_text(SECRET)
    made = [untrained(name, root / name) for name in ("image", "audio", "text")]
    return [*made, untrained("image", root / "hostile", HOSTILE)]


@pytest.fixture(scope="module")
def studio(runs):
    with served(runs[0].parent, runs) as found:
        yield found


# ---- an attack ----


def test_the_pages_tell_the_browser_to_reach_nobody_else(studio):
    for path, language in (("/", "Generate"), ("/es/", "Generar")):
        status, text, headers = studio.ask("GET", path)
        assert status == 200
        assert language in text
        assert "connect-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert studio.ask("GET", "/es")[2]["location"] == "/es/"


ROUTES = (
    "file=/etc/passwd", "file=../../etc/passwd", "file/etc/passwd", "file=image/run.json", "file=https://example.com/x",
    "proxy=https://example.com/", "stream/a/b/c/playlist.m3u8", "deep_link", "run-history/records", "runs", "openapi.json",
    "upload_progress", "custom_component/a/b/c/d", "dev/reload",
)  # fmt: skip
PATHS = (
    "/assets/../../../../etc/passwd", "/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/static/..%2f..%2fetc%2fpasswd",
    "/static/..\\..\\etc\\passwd", "/assets//etc/passwd", "/static//etc/passwd", "/svelte//etc/passwd", "/assets/%00",
    "/download/../../secret.txt", f"/download/{'a' * 32}", "/secret.txt", "/image/run.json", "/es/../secret.txt",
    "//etc/passwd", "/theme.css/../../secret.txt",
)  # fmt: skip


def test_no_route_and_no_path_leads_to_a_file_or_another_server(studio):
    paths = [root + route for route in ROUTES for root in ("/gradio_api/", "/es/gradio_api/", "/")]
    for path in (*paths, *PATHS):
        status, text, _ = studio.ask("GET", path)
        assert status in (400, 403, 404), path
        assert "root:" not in text
        assert SECRET not in text
        assert "stylegan2" not in text


def test_nothing_is_uploaded_and_no_other_event_is_answered(studio):
    form = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.html"\r\n\r\n<script>\r\n--x--\r\n'
    )
    head = {"content-type": "multipart/form-data; boundary=x"}
    for route in (
        "upload",
        "run/predict",
        "api/predict",
        "call/predict",
        "component_server",
        "process_recording",
    ):
        assert studio.ask("POST", f"/gradio_api/{route}", head, form)[0] == 404
        assert studio.ask("POST", f"/gradio_api/{route}", JSON, b"{}")[0] == 404
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert studio.ask(method, "/gradio_api/queue/join", JSON)[0] == 404


def test_an_event_is_json_of_a_bounded_size_from_the_page_itself(studio):
    join = "/gradio_api/queue/join"
    assert studio.ask("POST", join, {"content-type": "text/plain"}, b"{}")[0] == 415
    assert studio.ask("POST", join, {"content-type": "application/x-www-form-urlencoded"}, b"a=1")[0] == 415
    assert studio.ask("POST", join, JSON, b"[" + b" " * 2_000_000 + b"]")[0] == 413
    assert studio.ask("POST", join, JSON | {"content-length": "-5"}, b"")[0] in (400, 413)
    for origin in ("https://example.com", "null", "http://127.0.0.1:1"):
        assert studio.ask("POST", join, JSON | {"origin": origin}, b"{}")[0] == 403
    for host in ("example.com", "127.0.0.1.example.com", "localhost.example.com:80", ""):
        assert studio.ask("GET", "/", {"host": host})[0] in (400, 421)
    assert studio.ask("GET", "/", {"host": f"localhost:{studio.port}"})[0] == 200


def test_no_two_elements_of_a_page_have_one_name(studio):
    config = json.loads(studio.ask("GET", "/config")[1])
    ids = [one["props"]["elem_id"] for one in config["components"] if one["props"].get("elem_id")]
    assert len(ids) > 40
    assert {name for name in ids if ids.count(name) > 1} == set()


def test_events_that_no_page_sends_are_answered_with_a_sentence(studio, runs):
    """Whoever writes events by hand gets an error of the page, never a million samples or a file."""
    config = json.loads(studio.ask("GET", "/config")[1])
    names = {one["id"]: one["props"].get("elem_id") for one in config["components"]}
    draw = next(one for one in config["dependencies"] if [names[i] for i, _ in one["targets"]] == ["n"])
    order = [names[place] for place in draw["inputs"]]
    good = {"run": str(runs[0]), "emotion": "joy", "intensity": 1, "seed": 0, "n": 2, "variation": 1, "truncation": 1,
            "temperature": 1, "top-p": 1, "duration-s": 0, "loop": False, "curve": "0..1..0"}  # fmt: skip
    wrong = [
        ("run", "/etc", "not in the list"), ("run", "../secret.txt", "not in the list"), ("emotion", "nobody", "nobody"),
        ("emotion", "x" * 10_000, ""), ("intensity", 7, "7"), ("n", 10**6, "1"), ("n", "a", ""), ("n", None, ""),
        ("seed", -1, ""), ("curve", "../../etc", "not in the list"), ("duration-s", 10**9, ""), ("truncation", "NaN", ""),
    ]  # fmt: skip
    answers = [
        studio.event(draw["id"], [(good | {name: value}).get(key) for key in order], f"attack{place}")
        for place, (name, value, _) in enumerate(wrong)
    ]
    for (name, value, told), answer in zip(wrong, answers, strict=True):
        assert answer["success"] is False, (name, value)
        assert told in json.dumps(answer["output"], ensure_ascii=False)
        assert "Traceback" not in json.dumps(answer)
    fine = studio.event(draw["id"], [good.get(key) for key in order], "attack-none")
    assert fine["success"] is True


# ---- a real browser ----


@pytest.fixture(scope="module")
def tab(studio):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield functools.partial(opened, studio, chromium)
        chromium.close()


def opened(studio, chromium, path="/", width=1200, dark=False):
    """A page that has its first samples, and what it complained of and asked for."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.heard = []
    page.on(
        "console", lambda told: page.heard.append(told.text) if told.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    page.on("response", lambda answer: page.heard.append(answer.url) if answer.status >= 400 else None)
    page.on("request", lambda asked: page.heard.append(asked.url) if not own(studio, asked.url) else None)
    page.goto(studio.address + path)
    page.wait_for_selector("#grid .tiles li")
    return page


def own(studio, address):
    return address.startswith((studio.address, "data:", "blob:"))


SETTLED = """() => new Promise((done) => {
  let timer = setTimeout(done, 300);
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 300); })
    .observe(document.body, { subtree: true, childList: true });
})"""


def after(page, act):
    """What the page's command is once it has changed by an act, and the rest of the page with it.

    The parts of an answer are drawn one after the other, and a click on one that is just being drawn is lost.
    """
    before = page.inner_text("#command code")
    act()
    page.wait_for_function(
        "before => document.querySelector('#command code').innerText !== before", arg=before
    )
    page.evaluate(SETTLED)
    return page.inner_text("#command code")


def slide(page, dial, key="ArrowLeft"):
    """By keyboard, as who has no mouse does; a dial of a part that opens takes no key before it is seen."""
    handle = page.locator(f"{dial} input[type=range]")
    handle.wait_for(state="visible")
    handle.press(key)


def choose(page, dial, text):
    page.click(f"{dial} input")
    page.click(f"ul[role=listbox] li:has-text({json.dumps(text)})")


@in_browser
def test_every_dial_of_pictures_moves_and_a_download_is_what_the_command_makes(tab, runs, tmp_path):
    page = tab()
    assert "--only 0-11" in page.inner_text("#command code")
    assert "--emotion calm" in after(page, lambda: page.click(".chip:has-text('calm')"))
    assert "--intensity 0.99" in after(page, lambda: slide(page, "#intensity"))
    page.click("#more-dials button")
    assert "--only 0-10" in after(page, lambda: slide(page, "#n"))
    assert "--variation 0.95" in after(page, lambda: slide(page, "#variation"))
    assert "--truncation 0.95" in after(page, lambda: slide(page, "#truncation"))
    assert not page.is_visible("#temperature")
    assert not page.is_visible("#loop")
    page.click(".mixer summary")
    assert "calm:0.99" in after(page, lambda: slide(page, ".mixer .bar:nth-child(1)", "ArrowRight"))
    for _ in range(4):  # faster than samples are drawn: the last of them counts
        page.press(".mixer .bar:nth-child(2) input", "PageUp")
    page.wait_for_function("document.querySelector('#command code').innerText.includes('sadness:0.28')")
    page.click("#plane-fold button")
    assert "--emotion joy:" in after(page, lambda: slide(page, "#plane .bar:nth-child(1)", "ArrowRight"))
    box = page.locator("#plane svg").bounding_box()
    at_joy = (box["x"] + box["width"] * (0.5 + 0.41 * 0.76), box["y"] + box["height"] * (0.5 - 0.41 * 0.48))
    page.locator("#plane svg").scroll_into_view_if_needed()
    box = page.locator("#plane svg").bounding_box()
    at_joy = (box["x"] + box["width"] * (0.5 + 0.41 * 0.76), box["y"] + box["height"] * (0.5 - 0.41 * 0.48))
    assert "joy" in after(page, lambda: page.mouse.click(*at_joy))
    page.fill("#emotion textarea, #emotion input", "sadness")
    assert "--emotion sadness" in after(page, lambda: page.keyboard.press("Enter"))
    page.fill("#seed input", "42")
    assert "--seed 42" in after(page, lambda: page.keyboard.press("Tab"))
    assert "--seed 42" not in after(page, lambda: page.click("#another-seed"))
    page.fill("#seed input", "7")
    after(page, lambda: page.keyboard.press("Tab"))
    assert "--only 0,2-11" in after(page, lambda: page.click("#grid [data-act=reject][data-number='1']"))
    for kept, number in enumerate((0, 3), 1):
        page.click(f"#grid [data-act=keep][data-number='{number}']")
        page.wait_for_function(f"document.querySelectorAll('#tray li').length === {kept}")
        page.evaluate(SETTLED)
    with page.expect_download() as waiting:
        page.click("#download")
    waiting.value.save_as(tmp_path / "samples.zip")
    with zipfile.ZipFile(tmp_path / "samples.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    words = shlex.split(files.pop(COMMANDS).decode())
    ran(*words[1:-1], tmp_path / "image")
    assert {f"image/{path.name}": path.read_bytes() for path in (tmp_path / "image").iterdir()} == files
    assert sum(name.endswith(".png") for name in files) == 2
    page.click("#tray [data-act=remove] >> nth=0")
    page.wait_for_function("document.querySelectorAll('#tray li').length === 1")
    assert page.heard == []


DECODED = """async () => {
  const audio = document.querySelector('#grid audio');
  const bytes = Uint8Array.from(atob(audio.src.split(',')[1]), letter => letter.charCodeAt(0));
  const sound = await new OfflineAudioContext(1, 1, 8000).decodeAudioData(bytes.buffer);
  return { seconds: sound.duration, loud: Math.max(...sound.getChannelData(0).map(Math.abs)), plays: audio.readyState,
           loops: audio.loop, name: audio.getAttribute('aria-label') };
}"""


@in_browser
def test_sounds_are_heard_and_sentences_come_with_a_notice(tab, runs):
    page = tab()
    after(page, lambda: choose(page, "#run", str(runs[1])))
    page.click("#more-dials button")
    for seconds in ("0.5", "1"):
        assert f"--duration {seconds}" in after(page, lambda: slide(page, "#duration-s", "ArrowRight"))
    page.wait_for_function("document.querySelector('#grid audio')?.readyState >= 1")
    assert "--loop" in after(page, lambda: page.check("#loop input"))
    page.wait_for_function(
        "document.querySelector('#grid audio')?.loop && document.querySelector('#grid audio').readyState"
    )
    heard = page.evaluate(DECODED)
    assert heard["seconds"] == pytest.approx(1.0, abs=0.01)
    assert 0 < heard["loud"] <= 1
    assert heard["loops"]
    assert "number 0" in heard["name"]
    assert page.locator("#grid img[alt^=Spectrogram]").count() == 12
    after(page, lambda: choose(page, "#run", str(runs[2])))
    assert "--temperature 0.95" in after(page, lambda: slide(page, "#temperature"))
    assert "--top-p 0.95" in after(page, lambda: slide(page, "#top-p"))
    assert "safety filter" in page.inner_text("#said")
    assert page.locator("#said .note").count() == 2
    assert page.locator("#grid blockquote").count() > 0
    assert page.heard == []


@in_browser
def test_a_sample_is_steered_and_steps_are_what_the_command_makes(tab, tmp_path):
    page = tab()
    page.click("#grid [data-act=keep][data-number='2']")
    page.wait_for_selector("#tray li")
    page.click("button[role=tab]:has-text('Steer')")
    page.wait_for_function("document.querySelectorAll('#steered figure').length === 2")
    page.fill("#fine textarea, #fine input", "7")
    page.wait_for_function("document.querySelectorAll('#steered figure').length === 3")
    pictures = page.eval_on_selector_all("#steered img", "images => images.map(image => image.src)")
    assert len({*pictures}) == 3
    assert "--style-mix fine:7" in page.inner_text("#steer-command code")
    choose(page, "#towards", "#2")
    page.click("#form label:has-text('GIF')")
    page.click("#make")
    page.wait_for_selector("#stepped img")
    with page.expect_download() as waiting:
        page.click("#steps-link a")
    waiting.value.save_as(tmp_path / "page.gif")
    words = shlex.split(page.inner_text("#steps-command code"))
    ran(*words[1:-1], tmp_path / "steps.gif")
    assert (tmp_path / "page.gif").read_bytes() == (tmp_path / "steps.gif").read_bytes()
    assert page.heard == []


STILL = """() => document.getAnimations().every(
  one => one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity)"""
"""Nothing fades any more that was opened."""
NAMELESS = """() => [...document.querySelectorAll('input, textarea, button, select, audio')]
  .filter(one => one.getClientRects().length && !one.labels?.length && !one.getAttribute('aria-label')
          && !one.getAttribute('aria-labelledby') && !one.textContent.trim() && !one.title)
  .map(one => one.outerHTML.slice(0, 120))"""


@in_browser
@pytest.mark.parametrize(("path", "width", "dark"), [("/", 1200, False), ("/es/", 360, True)])
def test_it_fits_its_texts_stand_out_and_controls_have_names(tab, path, width, dark):
    page = tab(path, width, dark)
    page.click("#more-dials button")
    page.click("#plane-fold button")
    page.wait_for_selector("#plane svg")
    page.wait_for_function(STILL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(NAMELESS) == []
    low = [one for one in page.evaluate(CONTRAST)["low"] if "disabled" not in one[0]]
    assert low == []
    assert page.evaluate("document.documentElement.lang") != ""
    assert page.heard == []


BOX = "place => { const box = document.querySelector(place).getBoundingClientRect(); return [box.left, box.right]; }"
MANY = """() => {
  const place = document.querySelector('#directions'), row = '<label class="bar"><span class="name">one</span></label>';
  place.insertAdjacentHTML('beforeend', `<div class="bars">${row.repeat(30)}</div>`);
  const list = place.querySelector('.bars:last-child'), rows = [...list.children];
  list.scrollTop = 0;
  const bottom = list.getBoundingClientRect().top + list.clientHeight;
  return rows.map(one => (bottom - one.getBoundingClientRect().top) / one.clientHeight);
}"""
"""How much of each row of a long list of directions is seen."""


@in_browser
def test_buttons_stand_in_the_columns_of_what_is_beside_them(tab):
    page = tab()
    samples, download, fields, seed = (
        page.evaluate(BOX, place) for place in ("#grid .tiles", "#download", "#mixer .mixer", "#another-seed")
    )
    assert page.evaluate(BOX, "#keep-all")[0] == pytest.approx(samples[0], abs=1)
    assert download[1] == pytest.approx(samples[1], abs=1)
    assert seed[1] == pytest.approx(fields[1], abs=1)


@in_browser
def test_a_long_list_of_directions_ends_within_a_row(tab):
    """So that it shows that it goes on where no scroll bar stands beside it."""
    page = tab()
    page.get_by_role("tab", name="Steer").click()
    page.wait_for_selector("#steered img")
    seen = page.evaluate(MANY)
    assert [one for one in seen if 0 < one < 1] == [pytest.approx(0.5, abs=0.3)]


@in_browser
def test_labels_of_a_hostile_run_are_text(tab, runs):
    page = tab()
    after(page, lambda: choose(page, "#run", str(runs[3])))
    for place in (1, 2, 0):
        after(page, lambda place=place: page.click(f".chip >> nth={place}"))
    page.click("#keep-all")
    page.wait_for_selector("#tray li")
    page.evaluate(SETTLED)
    assert page.inner_text(".chip >> nth=0") == HOSTILE[0]
    page.click("#more-dials button")
    page.fill("#emotion textarea, #emotion input", "<img src=x onerror='window.taken=2'>")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast-body")
    page.wait_for_timeout(300)
    assert "<img src=x" in page.inner_text(".toast-body")
    assert page.evaluate("window.taken") is None
    assert not [one for one in page.heard if "/x" in one]


@in_browser
def test_the_browser_itself_reaches_no_other_address(tab):
    """Were a script ever to get in, the policy of the page would still stop what it asks for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        page = tab()
        away = f"http://127.0.0.1:{server.server_port}/told"
        assert (
            page.evaluate("address => fetch(address).then(() => 'reached', () => 'stopped')", away)
            == "stopped"
        )
        page.evaluate("address => { new Image().src = address; }", away)
        page.wait_for_timeout(300)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert asked == []
