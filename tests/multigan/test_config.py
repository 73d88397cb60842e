"""Settings: YAML as a person means it, and a sentence that helps for everything that does not fit."""

import dataclasses
import math
from pathlib import Path
from typing import Any, Literal

import pytest

from multigan import config
from multigan.config import load, parse_yaml, settings
from multigan.errors import ConfigError


@settings
class Inner:
    weight: float = 1.0
    every: int = 1

    def __post_init__(self):
        if self.every < 1:
            raise ValueError(f"every must be at least 1, found {self.every}")


@settings
class Outer:
    samples: int
    rate: float = 0.002
    compiled: bool = False
    name: str = "none"
    precision: Literal["float32", "bfloat16"] = "float32"
    sizes: tuple[int, ...] = (1, 2)
    folder: Path | None = None
    inner: Inner = dataclasses.field(default_factory=Inner)
    penalties: list[Inner] = dataclasses.field(default_factory=list)
    maybe: Inner | None = None
    options: dict[str, Any] = dataclasses.field(default_factory=dict)


def refused(**values):
    with pytest.raises(ConfigError) as caught:
        config.load(Outer, {"samples": 1, **values}, "recipe faces")
    return str(caught.value)


# ---- YAML ----


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4), ("1E5", 1e5), ("-2.5e+3", -2500.0), (".5", 0.5), ("5.", 5.0), (".inf", math.inf),
        ("-.inf", -math.inf),
        ("12", 12), ("-3", -3), ("1_000", 1000), ("0", 0),
        ("true", True), ("False", False),
        ("off", "off"), ("on", "on"), ("yes", "yes"), ("no", "no"), ("n", "n"),
        ("1:30", "1:30"), ("2026-01-31", "2026-01-31"), ("012", "012"), ("e4", "e4"),
        ("200k", "200k"), ("'1e-4'", "1e-4"),
        ("null", None), ("~", None), ("[1, a]", [1, "a"]), ("{a: {b: off}}", {"a": {"b": "off"}}),
    ],
)  # fmt: skip
def test_yaml_scalars_are_what_they_look_like(text, value):
    found = config.parse_yaml(text, "text")
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_a_float():
    assert math.isnan(config.parse_yaml(".nan", "text"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "line 1, column 6: expected ',' or ']', but got '<stream end>'."),
        ("a: 1\nb:\n  c: 1\n  c: 2", "line 4, column 3: the key 'c' is given twice."),
        ("a: 1\n\tb: 2", "line 2, column 1: found character '\\t' that cannot start any token."),
    ],
)  # fmt: skip
def test_bad_yaml_is_refused_with_its_place(text, message):
    with pytest.raises(ConfigError) as caught:
        config.parse_yaml(text, "text")
    assert str(caught.value) == f"text is not valid YAML at {message}"


def test_yaml_cannot_make_objects():
    with pytest.raises(
        ConfigError,
        match=r"the tag 'tag:yaml.org,2002:python/object/apply:os.getcwd' is not known; leave it out",
    ):
        config.parse_yaml("!!python/object/apply:os.getcwd []", "text")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"- 1\n- 2\n", "holds [1, 2] (a list) where a recipe is expected"),
        (b"", "holds nothing (null) where a recipe is expected"),
        (b"\xff\xfe\x00", "it is not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused(tmp_path, content, message):
    path = tmp_path / "recipe.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        config.read_yaml(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigError) as caught:
        config.read_yaml(tmp_path / "absent.yaml")
    expected = (
        f"Cannot read {tmp_path / 'absent.yaml'}: No such file or directory. Give the path of a YAML recipe."
    )
    assert str(caught.value) == expected


# ---- --set ----


def test_overrides_nest_and_merge():
    found = config.parse_overrides(
        ["training.batch=32", "training.rate=1e-4", "name=off", "sizes=[4, 8]", "x=a=b"]
    )
    assert found == {"training": {"batch": 32, "rate": 1e-4}, "name": "off", "sizes": [4, 8], "x": "a=b"}


def test_the_last_override_wins():
    assert config.parse_overrides(["a.b=1", "a.b=2"]) == {"a": {"b": 2}}
    assert config.parse_overrides(["a=1", "a.b=2"]) == {"a": {"b": 2}}


@pytest.mark.parametrize("text", ["batch", "", "=3", "a..b=1", ".a=1", "a.=1"])
def test_a_bad_override_is_refused_with_an_example(text):
    with pytest.raises(ConfigError) as caught:
        config.parse_overrides([text])
    assert str(caught.value) == (
        f"--set takes key=value with a dotted key, such as training.batch=32; found {text!r}."
    )


def test_bad_yaml_in_an_override_names_the_key():
    with pytest.raises(ConfigError, match=r"^--set sizes is not valid YAML at line 1, column 3"):
        config.parse_overrides(["sizes=[1"])


def test_merge_lays_mappings_over_each_other_and_replaces_the_rest():
    base = {"a": {"b": 1, "c": 2}, "d": [1], "e": 1}
    assert config.merge(base, {"a": {"c": 3}, "d": [2], "e": {"f": 4}}) == {
        "a": {"b": 1, "c": 3},
        "d": [2],
        "e": {"f": 4},
    }
    assert base == {"a": {"b": 1, "c": 2}, "d": [1], "e": 1}


# ---- counts ----


@pytest.mark.parametrize(
    ("text", "value"),
    [("200k", 200_000), ("1.5M", 1_500_000), ("2G", 2_000_000_000), ("0.1k", 100), ("4.35M", 4_350_000),
     ("5m", "5m"), ("k", "k"), ("10K", "10K"), ("a 5k", "a 5k"), ("-5k", "-5k")],
)  # fmt: skip
def test_counts_with_a_suffix(text, value):
    assert config.expand_counts({"a": [text], "b": 3}) == {"a": [value], "b": 3}


# ---- settings ----


def test_values_of_every_kind_fit():
    raw = config.parse_yaml(
        "{samples: 200k, rate: 1, compiled: true, name: off, precision: bfloat16, sizes: [4, 8], "
        "folder: a/b, inner: {every: 4}, penalties: [{weight: 1e-2}], maybe: {every: 2}, "
        "options: {depth: [1, off]}}",
        "text",
    )
    assert config.load(Outer, raw, "text") == Outer(
        samples=200_000,
        rate=1.0,
        compiled=True,
        name="off",
        precision="bfloat16",
        sizes=(4, 8),
        folder=Path("a/b"),
        inner=Inner(every=4),
        penalties=[Inner(weight=0.01)],
        maybe=Inner(every=2),
        options={"depth": [1, "off"]},
    )


def test_settings_are_frozen_and_keyword_only():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Inner().weight = 2.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        Inner(2.0)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rate": "fast"}, "rate is 'fast' (text) where a number is expected"),
        ({"samples": 1.5}, "samples is 1.5 (a number) where a whole number is expected"),
        ({"samples": 1e5}, "samples is 100000.0 (a number) where a whole number is expected"),
        ({"samples": True}, "samples is true where a whole number is expected"),
        ({"samples": "12"}, "samples is '12' (text) where a whole number is expected"),
        ({"compiled": "off"}, "compiled is 'off' (text) where true or false is expected"),
        ({"compiled": 1}, "compiled is 1 (a whole number) where true or false is expected"),
        ({"name": 3}, "name is 3 (a whole number) where text is expected"),
        ({"rate": None}, "rate is nothing (null) where a number is expected"),
        ({"precision": "float16"}, "precision is 'float16' (text) where 'float32' or 'bfloat16' is expected"),
        ({"sizes": [1, "x"]}, "sizes.1 is 'x' (text) where a whole number is expected"),
        ({"inner": 3}, "inner is 3 (a whole number) where a mapping, lines of key: value, is expected"),
        ({"rate": {"a": 1}}, "rate is a mapping of a where a number is expected"),
        ({"penalties": [{"weight": "x"}]}, "penalties.0.weight is 'x' (text) where a number is expected"),
        ({"inner": {"every": 0}}, "inner: every must be at least 1, found 0"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_says_key_found_and_allowed(values, message):
    assert refused(**values) == f"recipe faces: {message}."


def test_every_wrong_value_is_named_at_once():
    message = refused(rate="a", name=1)
    assert "rate is 'a'" in message
    assert "name is 1" in message


def test_a_missing_setting_is_named():
    with pytest.raises(ConfigError, match=r"^text: samples is missing; give it a value\.$"):
        config.load(Outer, {}, "text")


@pytest.mark.parametrize(
    ("values", "found", "meant"),
    [
        ({"sampels": 1}, "sampels", "samples"),
        ({"inner": {"wieght": 1}}, "inner.wieght", "inner.weight"),
        ({"penalties": [{}, {"evry": 1}]}, "penalties.1.evry", "penalties.1.every"),
        ({"maybe": {"weigth": 1}}, "maybe.weigth", "maybe.weight"),
    ],
)
def test_an_unknown_key_gets_a_near_match(values, found, meant):
    message = refused(**values)
    assert message.startswith(
        f"recipe faces: There is no setting named {found!r}. Did you mean {meant!r}? Known: "
    )


def test_settings_come_back_from_yaml_unchanged(tmp_path):
    held = Outer(
        samples=3,
        rate=1e-5,
        name="1e-4",
        sizes=(),
        folder=Path("é"),
        penalties=[Inner(weight=math.inf), Inner(every=2)],
        maybe=Inner(weight=1e22),
        options={"off": "off", "yes": "no", "time": "1:30", "day": "2026-01-31", "n": "12", "t": "true",
                 "none": "null", "empty": "", "octal": "012", "lines": "a\nb: c", "number": 1e-7,
                 "list": [None, True, 0.1]},
    )  # fmt: skip
    path = tmp_path / "recipe.yaml"
    path.write_text(config.to_yaml(held), encoding="utf-8")
    assert config.read_yaml(path) == config.to_dict(held)
    assert config.load(Outer, config.read_yaml(path), "text") == held


def test_other_yaml_readers_understand_the_file_too():
    import yaml

    held = {"word": "off", "number": "1e-4", "rate": 1e-5, "flag": True, "day": "2026-01-31"}
    assert yaml.safe_load(config.to_yaml(held)) == held


# --- YAML that nobody means


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("? [a]\n: b", "line 1, column 3: a key is a list or a mapping, and must be a word"),
        ("? {a: 1}\n: b", "a key is a list or a mapping"),
        ("a: !!binary YQ==", "the tag .*binary' is not known; leave it out"),
        ("a: !!timestamp 2020", "the tag .*timestamp' is not known"),
        ("a: !!set {a, b}", "the tag .*set' is not known"),
        ("a: !!int abc", "invalid literal"),
        ("a: !!float ''", "not valid YAML"),
        ("a: !!bool 7", "not valid YAML"),
        ("a: !!map [1]", "a mapping is expected"),
        ("a: !!str [1]", "expected a scalar node"),
        ("a: " + "9" * 5_000, "5000 digits"),
        ("a: " + "[" * 5_000, "nested more than 50 deep"),
        ("a:\n" + "".join(" " * n + "a:\n" for n in range(1, 80)), "nested more than 50 deep"),
        ("<<: 5", "for merging, but found scalar"),
        ("a: &a [*a]", "an alias stands for what it is in itself"),
        ("a: \x07", "special characters are not allowed"),
        ("a: =", "not known"),
        ("x" * 2**18 + "x", "more than 262,144 characters"),
    ],
)
def test_odd_yaml_is_refused_in_one_sentence(text, reason):
    with pytest.raises(ConfigError, match=f"(?s)^a.yaml .*{reason}") as caught:
        parse_yaml(text, "a.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("join", ["[{0}, {0}]", "{{<<: [{0}, {0}]}}"])
def test_aliases_that_stand_for_endless_content_are_refused(join):
    lines = ["a0: &a0 {x: 1}", *(f"a{n}: &a{n} " + join.format(f"*a{n - 1}") for n in range(1, 40))]
    with pytest.raises(ConfigError, match="its aliases stand for more than 100,000 values"):
        parse_yaml("\n".join(lines), "a.yaml")


def test_aliases_merge_keys_and_keys_of_any_word_are_read():
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\ntrue: 1\nnull: 2\n5: 3\n"
    a = {"x": 1, "y": 2}
    assert parse_yaml(text, "a.yaml") == {"a": a, "b": {"x": 1, "y": 3}, "c": a, "true": 1, "null": 2, "5": 3}


def test_numbers_beyond_64_bits_are_no_settings():
    @settings
    class Some:
        sizes: list[int]

    with pytest.raises(
        ConfigError, match=r"^a: sizes\.1 is .* where at most 9223372036854775807 is possible\.$"
    ):
        load(Some, {"sizes": [2**63 - 1, 2**63]}, "a")
    assert load(Some, {"sizes": [2**63 - 1]}, "a").sizes == [2**63 - 1]
