"""The safety filter of texts: what it withholds under which disguise, what it lets pass, and filters of one's own."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from multigan.errors import ConfigError
from multigan.text.safety import (
    NOTICES,
    Filter,
    NoFilter,
    Screening,
    load_filter,
    read_lexicon,
    screened,
)

PLANTED = {
    "crisis": (
        "i want to be dead",
        "i'd rather be dead",
        "i would rather die",
        "i'm better off dead",
        "no one would miss me",
        "i want to disappear forever",
        "i want to die",
        "i just wanna die",
        "I can't go on living",
        "i ca n't go on living like this .",
        "I don’t want to be alive anymore",
        "i wish i was never born",
        "there is no reason to live",
        "my life is not worth living",
        "everyone would be better off without me",
        "i have been feeling suicidal",
        "i'd be better off dead",
        "life is not worth it",
        "i wanna end it",
        "nobody would care if i disappeared",
    ),
    "self-harm": (
        "suicide is the answer",
        "suicide is the only way out",
        "nobody would care if you died",
        "i hurt myself on purpose",
        "i cut myself last night",
        "i overdosed",
        "i plan to jump off the bridge",
        "i am going to kill myself tonight",
        "kys",
        "just kill yourself already",
        "nobody would miss you",
        "you should just die",
        "go die in a hole",
        "slit your wrists",
        "how to tie a noose",
        "take the whole bottle of pills",
        "overdose on sleeping pills",
        "drink some bleach",
        "just jump off a bridge",
        "i want to hurt myself",
        "i cut myself to feel something",
        "i want to end it all",
        "end my life",
        "you don't deserve to live",
        "cut yourself",
        "jump off a bridge",
        "take a whole bottle of pills",
        "stop taking your medication",
    ),
    "violence": (
        "i'll kill you",
        "i am going to murder everyone",
        "he should rape her",
        "shoot up the school",
    ),
    "slurs": ("you are a retard", "hateful f[a]gg[o]ts", "those k[i]k[e]s", "dirty n[i]gg[e]rs"),
    "personal-data": (
        "write to jane.doe@example.com",
        "jane . doe @ example . com",
        "jane (at) example (dot) com",
        "jane at example dot org",
        "call +44 20 7946 0958 now",
        "(555) 123-4567",
        "555.123.4567",
        "1-800-555-0199",
        "2125551234",
        "call me on 867-5309",
        "030 12345678",
        "0171/1234567",
        "06 12 34 56 78",
        "+49 (0)30 123456",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111 is the number",
        "378282246310005",
        "GB82 WEST 1234 5698 7654 32",
        "de89370400440532013000",
        "BE68 5390 0754 7034 love",
        "123-45-6789",
        "１２３-４５-６７８９",
        "192.168.10.5",
        "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
        "fe80::1ff:fe23:4567:890a",
        "https://me:secret@example.com/",
        "@some_body hello",
        "thank you /u/some-body",
        "he lives at 742 Evergreen Road",
        "P.O. Box 12",
    ),
}


def meant(text):
    """Texts in which brackets part what a reader need not see whole."""
    return text.replace("[", "").replace("]", "")


@pytest.mark.parametrize(
    ("category", "text"), [(category, text) for category, texts in PLANTED.items() for text in texts]
)
def test_planted_unsafe_text_is_caught(category, text):
    assert category in load_filter().flagged(meant(text) if category == "slurs" else text)


@pytest.mark.parametrize(
    "text",
    [
        "KILL YOURSELF",
        "k1ll yourself",
        "ki11 yourself",
        "k!ll your$elf",
        "(k1ll y0urs3lf!)",
        "kiiiilllll yourself",
        "kill yourselffff",
        "k i l l yourself",
        "k i l l y o u r s e l f",
        "please k i l l yourself",
        "then i k i l l myself",
        "k.i.l.l yourself",
        "k. i. l. l. yourself",
        "k-i-l-l yourself",
        "k_i_l_l yourself",
        "ki-ll yourself",
        "kill-yourself",
        "kill your self",
        "killyourself",
        "kill\nyourself",
        "kill, yourself",
        "ki\u200bll your\u00adself",
        "ki\x00ll yourself",
        "\u202ekill yourself\u202c",
        "ｋｉｌｌ　ｙｏｕｒｓｅｌｆ",
        "kíll yoürsélf",
        "ki\u0336ll yourself",
        "𝓴𝓲𝓵𝓵 yourself",
        "кill yоursеlf",
        "#killyourself",
    ],
)
def test_disguises_are_seen_through(text):
    assert load_filter().flagged(text) == ("self-harm",)


@pytest.mark.parametrize(
    "text",
    [
        # sad
        "i miss my grandmother and i cried all night",
        "i feel empty and alone",
        "my grandfather died last year and i still wake up crying",
        "nobody understands me and everything hurts",
        "i hate my life right now",
        "i can't take it anymore",
        "i don't want to die",
        "my brother took his own life and i miss him every day",
        "we lost her to suicide in the spring",
        # angry
        "i am so angry i could scream",
        "i hate you all , leave me alone",
        "get out of my house , you idiot !",
        "this damn car ruined my whole day",
        # of the same words, and harmless
        "i don't want to be dead",
        "i would rather die than sing in public",
        "nobody will miss me at the office party",
        "suicide is never the answer",
        "i cut myself last night while chopping onions",
        "i overdosed on chocolate",
        "i plan to jump off the train at the next stop",
        # figures of speech
        "this heat is killing me",
        "the deadline is killing us",
        "i could die laughing",
        "i almost want to die laughing",
        "i'm dead tired",
        "i was so embarrassed i could have died",
        "she would kill for a cup of coffee",
        "we killed time at the station",
        "he shot himself in the foot",
        "the soup was to die for",
        "you look drop dead gorgeous",
        "not even with a gun to my head",
        "i'd be better off without you both",
        "take the pressure off yourself",
        "your self-esteem and your self-confidence",
        # other words
        "begin my life again",
        "assess the class in scunthorpe",
        "my therapist is skilled",
        "i want to diet",
        "a goodie bag",
        "dad's pics and the kid's pic",
        "a chink in the armour , all spick and span",
        "a raccoon , a cocoon and a tycoon from niger",
        "someone snigger at the niggardly",
        "we'll see , he'll be in the shell",
        "i ran 10 kms",
        "i cut my hair and burned my hand on the stove",
        "the cat scratched my arms",
        "people walking in front of a train",
        "a man jumping off a cliff into the water",
        # letters and marks
        "u . s . a . , l o l , r i p grandma",
        "a b c d e f g",
        # numbers that are no one's
        "in 1984 we won 3-2 and paid $1,234.50 , not 999,999,999",
        "the score was 21 - 14 on 12/05/2003",
        "12.05.2003 10:15 and 2003-05-12 10:15:30",
        "from 2010-2015 some 500-1000 people came",
        "3.14159265358979 and version 1.2.3 at a ratio of 16:9",
        "1 2 3 4 5 6 7 8 9 10",
        "4111 1111 1111 1112 fails the check , 0000 0000 0000 0000 is empty",
        "GB82 WEST 1234 5698 7654 33",
        "000-12-3456 and 666-12-3456",
        "999.10.20.30",
        "call 911 at 5",
        "i bought it at amazon.com",
        "meet me at noon . see you there",
        "2 men crossing the street and 100 people walking down a street",
        "a 50 mile road trip",
        "ask [NAME] or call [PHONE]",
        "",
        " \t\n",
        "...",
        "😀 ❤️",
    ],
)
def test_ordinary_text_passes(text):
    assert load_filter().flagged(text) == ()


def test_a_text_may_fall_in_several_categories_in_the_order_of_the_lexicon():
    text = "mail a@b.org before i kill myself , i want to die"
    assert load_filter().flagged(text) == ("crisis", "self-harm", "personal-data")


def test_screening_keeps_in_order_and_counts_every_category():
    texts = ["a fine day", "kys", "i want to die , kill me or kill myself", "write to a@b.org", "good night"]
    assert screened(texts, load_filter()) == Screening(
        [0, 4], {"crisis": 1, "personal-data": 1, "self-harm": 2}
    )
    assert screened(texts, NoFilter()) == Screening([0, 1, 2, 3, 4], {})
    assert screened([], load_filter()) == Screening([], {})


@pytest.mark.parametrize(
    "part",
    ["a", "1", "a.", "12 ", "01 23 ", "abcd ", "1:", "i ", "wish i ", "x at ", "!a", "take all of my "],
)
def test_no_expression_goes_back_over_a_long_text_again_and_again(part):
    """Where one did, this would never end."""
    assert load_filter().flagged(part * (20_000 // len(part))) == ()


def test_letters_that_only_look_like_those_of_an_account_number_are_none():
    assert load_filter().flagged("gb82 ıııı 1234 5698 7654 32") == ()


@pytest.mark.parametrize("answer", [None, True, "slurs"])
def test_a_filter_that_gives_no_tuple_is_named(answer):
    class Careless:
        name = "careless"

        def flagged(self, text):
            return answer

    with pytest.raises(ConfigError, match=r"The safety filter 'careless' gave .* must return a tuple"):
        screened(["a text"], Careless())


# ---- filters by name ----


def test_filters_by_name():
    assert load_filter() is load_filter("default")
    assert load_filter(None).name == "default"
    assert load_filter("none").flagged("kys") == ()
    assert all(isinstance(load_filter(name), Filter) for name in ("default", "none"))


class Shouting:
    name = "shouting"

    def flagged(self, text):
        return ("shouting",) if text.isupper() else ()


@pytest.fixture
def plug_in(monkeypatch):
    module = ModuleType("a_plug_in")
    module.__dict__.update(FILTER=Shouting(), SHOUTING=Shouting, NUMBER=3)
    monkeypatch.setitem(sys.modules, "a_plug_in", module)
    return module


def test_a_filter_of_ones_own(plug_in):
    found = load_filter("a_plug_in:FILTER")
    assert found is plug_in.FILTER
    assert screened(["hello", "HELLO"], found) == Screening([0], {"shouting": 1})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("defualt", "no safety filter named 'defualt'. Did you mean 'default'? Known: default, none. Or give the path"),
        ("a_plug_in:NOTHING", "'a_plug_in:NOTHING' cannot be imported"),
        ("no_such_module_here:FILTER", "'no_such_module_here:FILTER' cannot be imported"),
        ("a_plug_in:SHOUTING", "found the class Shouting"),
        ("a_plug_in:NUMBER", "is no safety filter: found a int"),
        ("words/missing.txt", "words/missing.txt cannot be read (No such file or directory)"),
        ("words.txt", "words.txt cannot be read"),
        (".", "cannot be read (Is a directory)"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("plug_in")
def test_a_name_that_leads_to_no_filter(name, said):
    with pytest.raises(ConfigError) as error:
        load_filter(name)
    assert said in str(error.value)


# ---- lexicons ----


@pytest.fixture
def lexicon(tmp_path):
    def write(content, encoding="utf-8"):
        path = tmp_path / "words.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return load_filter(str(path))

    return write


def test_a_lexicon_of_ones_own(lexicon):
    found = lexicon(
        "# ours\n[Weather]\nrain cats-and-dogs  # both\nCafé\nsnow(ing|ed)?(?! white)\n(?<!no )hail\nb[a4]ll\n\n"
        "[numbers]\n{handle}\n\\d{3}\n[weather]\nfog\n"
    )
    assert found.name.endswith("words.txt")
    assert list(found.categories) == ["weather", "numbers"]
    caught = "it rains|rain cats and dogs|raincatsanddogs|RAIN  CATS, AND... DOGS|caffe|cafe|snow|snowing|hail|b4ll|foggg"
    said = {text: found.flagged(text) for text in caught.split("|")}
    assert said.pop("it rains") == ()
    assert said == dict.fromkeys(said, ("weather",))
    assert found.flagged("no hail , snow white , snowball , bal") == ()
    assert found.flagged("@someone 123") == found.flagged("123") == ("numbers",)
    assert found.flagged("1234") == ()


def test_a_byte_order_mark_is_no_word(lexicon):
    assert lexicon("[a]\nword\n", "utf-8-sig").flagged("word") == ("a",)


def test_parentheses_group_and_do_not_count(lexicon):
    assert lexicon("[a]\n(one|two) (three)\n(four)\n").flagged("four") == ("a",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("# nothing\n", "words.txt holds no section; write a line such as [slurs]"),
        ("\nword\n[a]\n", "words.txt, line 2: 'word' comes before any section"),
        ("[a]\n\n[b]\nword\n", "words.txt: the section [a] holds nothing"),
        (
            "[a]\nword\n\nwo(rd\n",
            "words.txt, line 4: 'wo(rd' is no regular expression (missing ), unterminated",
        ),
        ("[a]\n(word)\\1\n", "line 2: '(word)\\\\1' is no regular expression (invalid group reference"),
        ("[a]\n(word)?\n", "line 2: '(word)?' fits the empty text"),
        ("[a]\n{e-mial}\n", "line 2: There is no detector named 'e-mial'. Did you mean 'e-mail'?"),
        (b"[a]\n\xff\xfeword\n", "words.txt is not UTF-8 (invalid start byte); save it as UTF-8."),
    ],
)
def test_a_lexicon_that_does_not_read(lexicon, content, said):
    with pytest.raises(ConfigError) as error:
        lexicon(content)
    assert said in str(error.value)


def test_names_are_kept_by_a_reader(tmp_path):
    path = tmp_path / "one.txt"
    path.write_text("[a]\nb\n")
    assert read_lexicon(path, "mine").name == "mine"


def test_the_notice_says_what_it_must_and_passes_the_filter():
    for words in (
        "Machine-generated by multigan",
        "not written or checked by a person",
        "Not advice",
        "emergency",
    ):
        assert words in NOTICES["en"]  # fmt: skip
    assert load_filter().flagged(NOTICES["en"]) == ()
    assert "\t" not in NOTICES["en"]
    assert "\n" not in NOTICES["en"]
