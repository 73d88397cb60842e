"""What a page asks of a run: dials, the command that makes the same, and what is refused."""

import shlex
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
import torch

from multigan.checkpoint import save
from multigan.errors import ConfigError
from recipes.studio import answers, controls
from recipes.studio.dials import MOST_SHOWN, Dials, as_ranges, checked, command, flags_of, words_of
from recipes.studio.kept import COMMANDS, MOST, emotion_in_words, tray, with_one, zipped
from recipes.studio.runs import Studio
from recipes.studio.steering import stepped
from recipes.studio.words import LANGUAGES, TABLE, Words, compare, errors, general, generate, steer, train
from tests.worlds.commands import error_of, ran
from tests.worlds.untrained import untrained

WORDS = Words("en")
NOTHING = dict(answers.DEFAULTS)


@pytest.fixture(scope="module")
def studio(tmp_path_factory, session_cache):
    root = tmp_path_factory.mktemp("runs")
    runs = [untrained(name, root / name) for name in ("image", "audio", "text")]
    return Studio(runs[:2], root, torch.device("cpu"))


def name_of(studio, kind):
    return next(name for name in studio.runs() if name.endswith(kind))


def shown(studio, kind, emotion="joy", n=4, rejected=(), **settings):
    name = name_of(studio, kind)
    asked = answers.asked(studio.open(name), name, emotion, 0.5, 3, n, NOTHING | settings, rejected)
    return answers.draw(studio, WORDS, asked, rejected)


def test_runs_that_were_named_come_first_and_a_name_is_no_path(studio, tmp_path):
    assert [name.rsplit("/", 1)[1] for name in studio.runs()] == ["image", "audio", "text"]
    for name in ("../image", str(tmp_path), "", "/etc", "image\0", None, ["image"]):
        with pytest.raises(ConfigError, match="There is no run"):
            studio.path_of(name)


def test_generators_in_memory_are_few_and_follow_the_run(studio, monkeypatch, tmp_path):
    monkeypatch.setattr("recipes.studio.runs._KEPT", 2)
    few = Studio([], tmp_path, torch.device("cpu"))
    runs = [untrained("image", tmp_path / name, ()) for name in "abc"]
    opened = [few.open(str(run)) for run in runs]
    assert few.open(str(runs[2])) is opened[2]
    assert few.open(str(runs[0])) is not opened[0]
    state = {"parts": {"hooks.ema_generator": opened[2].network.state_dict()}}
    meta = {"samples": 1, "figure": None, "better": "lower"}
    save(runs[2] / "checkpoints" / "000000001", state, meta=meta)
    assert few.open(str(runs[2])) is not opened[2]


@pytest.mark.parametrize(
    ("kind", "settings", "written"),
    [
        ("image", {"truncation": 0.5, "variation": 0.25}, "--variation 0.25 --truncation 0.5"),
        ("audio", {"duration_s": 1.5, "loop": True}, "--duration 1.5 --loop"),
        ("text", {"temperature": 0.7, "top_p": 0.9, "truncation": 0.3}, "--temperature 0.7 --top-p 0.9"),
    ],
)
def test_what_is_shown_is_what_its_command_makes(studio, tmp_path, kind, settings, written):
    """The words of the page, run as a command, write the samples that the zip of the page holds, bit for bit."""
    made = shown(studio, kind, "joy:3,calm:1", rejected=(1,), **settings)
    assert written in answers.line(studio, made)
    assert "--only 0,2-4 " in answers.line(studio, made) + " "
    kept = answers.all_kept(studio, made, [])
    with zipfile.ZipFile(BytesIO(zipped(studio, kept))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    (line,) = files.pop(COMMANDS).decode().splitlines()
    words = shlex.split(line)[1:]
    assert words[-2:] == ["--out", kind]
    ran(*words[:-1], tmp_path / kind)
    folder = tmp_path / kind
    assert {f"{kind}/{path.name}": path.read_bytes() for path in folder.iterdir()} == files
    assert len(files) == (2 if kind == "text" else 6)


def test_a_zip_has_a_folder_for_each_run_and_a_line_for_each_command(studio):
    kept = []
    for kind, emotion in (("image", "joy"), ("image", "calm"), ("audio", "joy")):
        kept = answers.kept_or_not(studio, shown(studio, kind, emotion), kept, 2)
    content = zipped(studio, kept)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names, lines = archive.namelist(), archive.read(COMMANDS).decode().splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["image", "image", "audio"]
    assert sum(name.endswith(".png") for name in names) == 2
    assert sum(name.endswith("labels.csv") for name in names) == 2
    assert content == zipped(studio, kept)
    with pytest.raises(ConfigError, match="No sample is kept yet"):
        zipped(studio, [])


def test_to_keep_is_a_switch_and_has_a_bound(studio):
    made = shown(studio, "image")
    one = answers.kept_or_not(studio, made, [], 2)
    assert [kept.dials.numbers for kept in one] == [(2,)]
    assert answers.kept_or_not(studio, made, one, 2) == []
    assert len(answers.all_kept(studio, made, one)) == 4
    with pytest.raises(ConfigError, match="not among those shown"):
        answers.kept_or_not(studio, made, one, 77)
    full = [replace(one[0], dials=replace(one[0].dials, seed=seed)) for seed in range(10, 10 + MOST)]
    with pytest.raises(ConfigError, match=f"{MOST} samples are kept already"):
        with_one(full, made.dials, None)


def test_what_is_rejected_gives_its_place_to_the_next(studio):
    assert answers.first_numbers(4, (1, 4)) == (0, 2, 3, 5)
    assert list(shown(studio, "image", rejected=(0,)).drawn.tiles) == [1, 2, 3, 4]


def test_texts_come_with_the_filters_count_and_the_notice(studio):
    made = shown(studio, "text")
    page = answers.said(made, WORDS)
    assert "safety filter" in page
    assert "draws" in page
    assert len(made.drawn.notes) == 2


def test_a_page_may_not_ask_for_everything(studio):
    trained, name = studio.open(name_of(studio, "text")), name_of(studio, "text")

    def asked(**more):
        given = {"emotion": "joy", "intensity": 1, "seed": 0, "n": 2, "settings": NOTHING} | more
        return answers.asked(trained, name, *given.values())

    for wrong, sentence in (
        ({"n": 10**6}, "1,000,000 were asked for"),
        ({"n": float("nan")}, "whole number"),
        ({"n": "2"}, "whole number"),
        ({"n": 0}, f"1 to {MOST_SHOWN} samples"),
        ({"intensity": 1.5}, "Intensity is from 0 to 1"),
        ({"intensity": "1"}, "Intensity is from 0 to 1"),
        ({"intensity": float("nan")}, "Intensity is from 0 to 1"),
        ({"seed": 0.5}, "whole number"),
        ({"seed": None}, "whole number"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            asked(**wrong)
    for dials, sentence in (
        (Dials(name, "joy", seed=-1), "A seed is"),
        (Dials(name, "joy", seed=2**63), "A seed is"),
        (Dials(name, "joy", numbers=tuple(range(MOST_SHOWN + 1))), "samples are made at a time"),
        (Dials(name, "joy", settings={"filter": "os:system"}), "cannot set 'filter'"),
        (Dials(name, "rage"), "rage"),
        (Dials(name, "joy:1,calm:x"), "weight"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            checked(trained, dials)
    with pytest.raises(ConfigError, match="at most 60 s"):
        checked(studio.open(name_of(studio, "audio")), Dials("audio", "joy", settings={"duration_s": 600.0}))


def test_a_point_of_the_plane_and_sliders_are_mixes():
    labels = ("joy", "sadness", "calm")
    assert controls.weights_as_mix(labels, [0, 100, 0]) == "sadness"
    assert controls.weights_as_mix(labels, [50, 0, 25]) == "joy:50,calm:25"
    assert controls.mix_at(labels, [0.76, 0.48]) == "joy"
    for wrong in ([0, 0, 0], [101, 0, 0], ["1"], [1, 2, 3, 4], [float("nan")], [None]):
        with pytest.raises(ConfigError):
            controls.weights_as_mix(labels, wrong)
    for wrong in (None, [0], [0, 2], ["0", 0], [0, float("nan")], {"valence": 0}):
        with pytest.raises(ConfigError):
            controls.mix_at(labels, wrong)


def test_words_and_ranges():
    assert as_ranges((0, 1, 2, 5, 7, 8)) == "0-2,5,7-8"
    assert as_ranges((3, 1)) == "3,1"
    assert flags_of({"variation": 0.1 + 0.2}) == ["--variation", "0.30000000000000004"]
    assert flags_of({"loop": True, "truncation": 0.5, "format": "flac"}) == [
        "--loop", "--truncation", "0.5", "--format", "flac",
    ]  # fmt: skip
    assert (
        command(["multigan", "sample", "a b", "--emotion", "it's"])
        == """multigan sample 'a b' --emotion 'it'"'"'s'"""
    )
    assert emotion_in_words("joy:0.7,calm:0.3") == "70% joy, 30% calm"
    assert emotion_in_words("joy") == "joy"
    assert emotion_in_words("a:b,c") == "a:b,c"


def test_a_curve_over_time_and_an_intensity_are_one_command(studio):
    trained = studio.open(name_of(studio, "image"))
    words = words_of(trained, Dials("x", "joy", 0.5, settings={"curve": "0..1"}), studio.folder)
    assert words[3:9] == ["--emotion", "joy", "--intensity", "0..1", "--set", "intensity=0.5"]


def test_of_a_run_without_labels_no_command_has_an_intensity(tmp_path):
    alone = Studio([untrained("image", tmp_path / "alone", ())], tmp_path, torch.device("cpu"))
    dials, _ = checked(alone.open(str(tmp_path / "alone")), Dials(str(tmp_path / "alone"), "", 0.5))
    words = words_of(alone.open(dials.run), dials, alone.path_of(dials.run), str(tmp_path / "out"))
    assert "--intensity" not in words
    ran(*words[1:])
    for asked in (("--intensity", 0.5), ("--set", "intensity=0.5")):
        assert "An intensity is of an emotion, and this run has no labels" in error_of(*words[1:], *asked)
    assert "--n says how many samples are drawn, and --only names them" in error_of(*words[1:], "--n", 3)


def test_steps_of_sounds_leave_out_how_files_of_sounds_are_finished(studio):
    dials = Dials(
        name_of(studio, "audio"), "joy", settings={"duration_s": 2.0, "loop": True, "variation": 0.5}
    )
    made = stepped(studio, WORDS, dials, None, 2, ".wav")
    assert shlex.split(made.command)[5:] == ["--steps", "2", "--set", "variation=0.5", "--out", "steps.wav"]


HOSTILE = (
    '<img src=x onerror="alert(1)">',
    "'); alert(1); ('",
    "</script><script>alert(1)</script>",
    "a:b,c",
    "\x1b[31m‮",
)


def test_labels_are_text_whatever_they_hold(tmp_path, session_cache):
    run = untrained("image", tmp_path / "hostile", HOSTILE)
    studio = Studio([run], tmp_path / "none", torch.device("cpu"))
    made = shown(studio, "hostile", HOSTILE[0], n=1)
    kept = answers.all_kept(studio, made, [])
    parts = (answers.grid(made, kept, WORDS), answers.said(made, WORDS), tray(kept, WORDS))
    whole = "".join((*parts, controls.mixer(HOSTILE, HOSTILE[0], WORDS)))
    assert "<img src=x" not in whole
    assert "<script" not in whole
    assert "&lt;img src=x" in whole
    words = shlex.split(answers.line(studio, made))
    assert words[words.index("--emotion") + 1] == HOSTILE[0]


def test_both_languages_have_every_string_with_the_same_places():
    import string

    assert list(LANGUAGES) == ["en", "es"]
    for key, texts in TABLE.items():
        assert len(texts) == len(LANGUAGES), key
        assert all(text.strip() for text in texts), key
        places = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts]
        assert places[0] == places[1], key


def test_no_two_tabs_have_a_string_of_one_name():
    """The later tab would take the place of the earlier one's."""
    tables = [module.WORDS for module in (general, generate, steer, train, compare, errors)]
    assert len(TABLE) == sum(map(len, tables))


def test_the_studios_own_sentences_are_in_the_pages_language_and_others_say_theirs(studio):
    spanish = Words("es")
    with pytest.raises(ConfigError, match="Sample 9 is not among those shown") as own:
        answers.one_of(studio, shown(studio, "image"), 9)
    assert spanish.error(own.value) == "La muestra 9 no está entre las que se ven."
    with pytest.raises(ConfigError, match="A seed is a whole number") as own:
        answers.asked(studio.open(name_of(studio, "image")), "image", "joy", 1, None, 1, NOTHING)
    assert spanish.error(own.value) == "Una semilla es un número entero, y se ha dado 'None'."
    with pytest.raises(ConfigError) as other:
        checked(studio.open(name_of(studio, "image")), Dials("image", "rage"))
    assert spanish.error(other.value) == f"multigan dice, en inglés: {other.value}"
    assert WORDS.error(other.value) == str(other.value)


def test_notes_of_sentences_are_in_the_pages_language_or_say_theirs(studio):
    page = answers.said(shown(studio, "text"), Words("es"))
    assert "Generado automáticamente por multigan" in page
    assert "Machine-generated" not in page
    assert "multigan dice, en inglés: The safety filter" in page
    assert "Creado por una máquina" in answers.said(shown(studio, "image"), Words("es"))


def test_another_run_keeps_the_emotion_where_it_has_it():
    labels = ("joy", "anger", "calm")
    assert answers.emotion_of_run(labels, "calm") == "calm"
    assert answers.emotion_of_run(labels, "joy:0.5,calm:0.5") == "joy:0.5,calm:0.5"
    assert answers.emotion_of_run(labels, "joy:0.5,dread:0.5") == "joy"
    assert answers.emotion_of_run(labels, "") == "joy"
    assert answers.emotion_of_run((), "calm") == ""


def test_without_gradio_there_is_one_sentence(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert error_of("studio") == (
        "Error: The studio needs gradio, which is not installed: pip install 'multigan[studio]'."
    )


def test_what_is_served_on_an_address_of_ipv6_is_not_shared(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    line = error_of("studio", "--share", "--host", "::1", "--port", 0, "--no-browser")
    assert "--share passes on what is served on an IPv4 address, and ::1 is one of IPv6" in line


def test_a_run_that_is_none_and_a_port_that_is_taken_are_one_sentence_each(tmp_path):
    import socket

    assert "There is no folder" in error_of("studio", tmp_path / "none")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Nothing can be served on 127.0.0.1, port {port}" in error_of("studio", "--port", port)
