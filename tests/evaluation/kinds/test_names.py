"""Nothing outside ``evaluation/kinds`` names a kind of samples: what differs between kinds stands in their records."""

import re
from pathlib import Path

import pytest

from evaluation.kinds import KINDS, Kind, all_kinds

ROOT = Path(__file__).parents[3]
FILES = [path for path in (ROOT / "evaluation").rglob("*.py") if "kinds" not in path.parts]
NAMES = "|".join(KINDS)
# the tags of HTML and SVG are no kinds
NAMED = re.compile(rf"""(?<!element\()(?P<quote>["'])(?:{NAMES})(?P=quote)|\b(?:{NAMES.upper()})S?\b""")


@pytest.mark.parametrize(
    "source", ["if kind == 'text':", '{"image": 3}', "from a import AUDIO", "IMAGES = 3"]
)
def test_a_name_is_noticed(source):
    assert NAMED.search(source)


@pytest.mark.parametrize(
    "source", ['element("text", label)', "texts, images", "TEXTURE = 1", '"text-classifier"']
)
def test_what_is_no_name_is_not(source):
    assert not NAMED.search(source)


def test_no_kind_is_named_outside_kinds():
    assert len(FILES) > 60
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if NAMED.search(line)
    ]
    assert lines == []


def test_every_kind_has_the_name_that_it_is_found_by():
    assert [kind.name for kind in all_kinds()] == list(KINDS)
    for kind in all_kinds():
        assert isinstance(kind, Kind)
        assert repr(kind) == f"<Kind {kind.name}>"
        assert kind.noun == f"{kind.singular}s"
        assert kind.default_features in [record.name for record in kind.extractors]
