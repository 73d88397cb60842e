"""Which column is the text and which the label, and what the labels' numbers mean."""

import json

import pytest

from multigan.errors import DataError
from multigan.reading.choice import choose
from multigan.reading.columns import TextColumns
from multigan.reading.tables import first_rows
from multigan.reading.text import read_texts
from tests.worlds.shared import SHARED

TEXTS = SHARED / "data/text"
SENTENCES = ("i am so glad.", "why me, of all?", "go away now!", "it was fine, i say.", "a day like this one")


def written(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def tsv(folder, rows, name="a.tsv"):
    return written(folder, name, "".join("\t".join(row) + "\n" for row in rows))


def chosen(path, **settings):
    """The columns of the text and of the label; of the latter the first that the table has."""
    choice = choose(path, TextColumns(**settings))
    names = first_rows(path, 1)[0]
    return choice.text, next((name for name in choice.labels if choice.numbered or name in names), None)


def plain_rows(labels, n=20):
    """Sentences of about one length, a label each, and a number of their own."""
    return [(SENTENCES[i % 5], labels[i % len(labels)], f"id{i}") for i in range(n)]


# --- a row of names


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("id,text", ("text", None)),
        ("id,Text,EMOTION", ("Text", "EMOTION")),
        ("comment,sentence,class,label", ("sentence", "label")),
        ("question_text,answer_text,topic", ("answer_text", None)),
        ("content", ("content", None)),
        ("label,caption", ("caption", "label")),
    ],
)
def test_names_of_columns_tell(tmp_path, header, columns):
    path = written(
        tmp_path,
        "a.csv",
        header + "\n" + "\n".join(",".join("ab" for _ in header.split(",")) for _ in range(9)),
    )
    assert chosen(path) == columns


def test_columns_that_are_asked_for_by_name(tmp_path):
    path = written(tmp_path, "a.csv", "remark,mood,text\none thing,joy,x\nanother,fear,y\n")
    assert chosen(path, text="remark") == ("remark", None)
    assert chosen(path, label="mood") == ("text", "mood")
    assert chosen(path, text="remark", label="mood") == ("remark", "mood")
    table = read_texts(path, TextColumns(text="remark", label="mood"))
    assert (table.texts, table.labels) == (("one thing", "another"), ("joy", "fear"))
    assert table.notes == (
        "a.csv: the text is column 'remark' and the label column 'mood'; 2 classes: joy, fear.",
    )


def test_objects_are_told_by_their_keys(tmp_path):
    lines = [json.dumps({"id": i, "utterance": text, "label": "joy"}) for i, text in enumerate(SENTENCES)]
    path = written(tmp_path, "a.jsonl", "\n".join(["no json", *lines]))
    table = read_texts(path, TextColumns())
    assert table.texts == SENTENCES
    assert table.labels == ("joy",) * 5
    assert table.notes == ("a.jsonl: the text is key 'utterance' and the label key 'label'; 1 class: joy.",)
    assert list(table.bad) == ["a.jsonl, line 1"]


def test_no_labels_where_none_are_wanted(tmp_path):
    path = written(tmp_path, "a.csv", "text,emotion\nhello you,joy\nbye,fear\n")
    table = read_texts(path, TextColumns(label="none"))
    assert table.labels is None
    assert table.texts == ("hello you", "bye")
    assert read_texts(tsv(tmp_path, plain_rows("ab")), TextColumns(label="none")).labels is None


# --- no row of names


def test_cells_tell_where_no_row_holds_names(tmp_path):
    assert chosen(tsv(tmp_path, plain_rows(("4", "27", "4,27")))) == ("0", "1")
    rows = [(one, label, text) for text, label, one in plain_rows(("joy", "fear"))]
    assert chosen(tsv(tmp_path, rows)) == ("2", "1")
    assert chosen(tsv(tmp_path, [(text,) for text in SENTENCES])) == ("0", None)


def test_numbers_with_fractions_and_cells_of_their_own_are_no_labels(tmp_path):
    rows = [(text, f"{i % 2 / 2}", one) for i, (text, _, one) in enumerate(plain_rows("a"))]
    assert chosen(tsv(tmp_path, rows)) == ("0", None)


def test_a_label_that_all_share_is_one_where_there_is_no_other(tmp_path):
    assert chosen(tsv(tmp_path, plain_rows(("joy",)))) == ("0", "1")
    rows = [(text, "train", label) for text, label, _ in plain_rows(("joy", "fear"))]
    assert chosen(tsv(tmp_path, rows)) == ("0", "2")


def test_columns_that_are_asked_for_by_number(tmp_path):
    rows = [(text, text[:9], label, one) for text, label, one in plain_rows(("joy", "fear"))]
    path = tsv(tmp_path, rows)
    assert chosen(path, text="1") == ("1", "2")
    assert chosen(path, label="3", text="0") == ("0", "3")
    assert chosen(path, text="1", label="none") == ("1", None)
    assert chosen(path, text="0", label="2") == ("0", "2")


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([(text, text[::-1], "x") for text in SENTENCES], "text"),
        ([("one", "two")] * 4, "text"),
        ([("remark", "mood"), *((text, "joy") for text in SENTENCES)], "text"),
        ([(text, "ab"[i % 2], "cd"[i % 2]) for i, text in enumerate(SENTENCES * 2)], "label"),
    ],
)
def test_what_is_not_clear_is_said_with_the_first_row(tmp_path, rows, what):
    with pytest.raises(DataError) as raised:
        choose(tsv(tmp_path, rows), TextColumns())
    shown = " | ".join(rows[0])
    assert f"a.tsv: which column holds the {what} is not clear. Its first row is: {shown}. Say" in str(
        raised.value
    )
    assert f"(--set data.{what}=0)" in str(raised.value)
    assert str(raised.value).endswith(", or none for no labels." if what == "label" else "=0).")


def test_keys_that_are_not_clear_and_columns_that_are_not_there(tmp_path):
    path = written(tmp_path, "a.jsonl", '{"words": "x", "id": 3}\n')
    with pytest.raises(
        DataError,
        match=r"key holds the text is not clear. The keys of its first object are: words \| id",
    ):
        choose(path, TextColumns())
    path = written(tmp_path, "a.csv", "text,b\nx,y\n")
    with pytest.raises(DataError, match="has no column 'body'"):
        read_texts(path, TextColumns(text="body"))
    with pytest.raises(DataError, match="has no columns, but the column 'text' is asked for"):
        read_texts(written(tmp_path, "b.txt", "one\ntwo\n"), TextColumns(text="text"))


# --- labels


def labelled(folder, labels, **settings):
    """20 texts with the labels in turn."""
    path = tsv(folder, [(f"{SENTENCES[i % 5]} {i}", labels[i % len(labels)]) for i in range(20)])
    return read_texts(path, TextColumns(text="0", label="1", **settings))


def first_labels(folder, labels, **settings):
    names = labelled(folder, labels, **settings).labels
    assert names is not None
    return names[:2]


def test_numbers_get_the_names_beside_the_data(tmp_path):
    written(tmp_path, "emotions.txt", "joy\nfear\nsadness\n\n")
    table = labelled(tmp_path, ("2", "0", "0", "1"))
    assert table.labels is not None
    assert table.labels[:4] == ("sadness", "joy", "joy", "fear")
    assert table.notes == (
        "a.tsv: the text is column 0 and the label column 1, with the names of emotions.txt; 3 classes: joy, sadness, fear.",
    )


def test_names_of_a_file_that_is_asked_for_win(tmp_path):
    written(tmp_path, "labels.txt", "a\nb\n")
    assert first_labels(tmp_path, ("0", "1")) == ("a", "b")
    other = written(tmp_path, "x/other.txt", "c\nd\n")
    assert first_labels(tmp_path, ("0", "1"), label_names=str(other)) == ("c", "d")


def test_groups_of_labels_and_texts_of_several(tmp_path):
    written(tmp_path, "emotions.txt", "joy\nfear\nlove\nneutral\n")
    written(tmp_path, "ekman_mapping.json", json.dumps({"joy": ["joy", "love"], "fear": ["fear"]}))
    table = labelled(tmp_path, ("0", "0,2", "1,2", "3", "2 , 0"))
    assert table.labels == ("joy", "joy", "neutral", "joy") * 4
    assert table.texts[:3] == ("i am so glad. 0", "why me, of all? 1", "it was fine, i say. 3")
    assert table.names[2] == "a.tsv, line 4"
    assert table.notes == (
        "a.tsv: the text is column 0 and the label column 1, with the names of emotions.txt, in the groups of "
        "ekman_mapping.json; 2 classes: joy, neutral.",
        "4 of 20 texts were left out: their labels are of several classes.",
    )
    fine = labelled(tmp_path, ("0", "0,2", "1,2", "3", "2 , 0"), label_groups="none")
    assert fine.labels == ("joy", "neutral") * 4
    other = written(tmp_path, "x/own.json", json.dumps({"all": ["joy", "fear", "love", "neutral"]}))
    assert first_labels(tmp_path, ("0", "0,2", "1,2", "3"), label_groups=str(other)) == ("all", "all")


def test_several_numbers_without_names_are_no_class_of_their_own(tmp_path):
    assert labelled(tmp_path, ("0", "1", "0,1", "1,1")).labels == ("0", "1", "1") * 5


def test_groups_of_labels_in_words_and_groups_of_something_else(tmp_path):
    written(tmp_path, "sizes_mapping.json", json.dumps({"big": ["huge"]}))
    assert first_labels(tmp_path, ("joy", "fear")) == ("joy", "fear")
    written(tmp_path, "mood_mapping.json", json.dumps({"good": ["joy", "calm"]}))
    assert first_labels(tmp_path, ("joy", "fear")) == ("good", "fear")


def test_class_folders_are_labels(tmp_path):
    for label in ("fear", "joy", "zeal"):
        written(tmp_path, f"in/{label}/a.txt", f"so {label}\nvery {label}\n")
    table = read_texts(tmp_path / "in", TextColumns())
    assert table.labels == ("fear",) * 2 + ("joy",) * 2 + ("zeal",) * 2
    assert table.notes == ("Labels are the names of folders; 3 classes: joy, fear, zeal.",)
    assert read_texts(tmp_path / "in", TextColumns(label="none")).labels is None


@pytest.mark.parametrize(
    ("files", "labels", "settings", "message"),
    [
        (
            {"emotions.txt": "a\nb\n"},
            ("0", "1,2"),
            {},
            r"line 2 has the label 2, but .*emotions\.txt names 2, from 0",
        ),
        (
            {"n.txt": "a\n"},
            ("joy", "0"),
            {"label_names": "n.txt"},
            r"no numbers from 0 \(the first is 'joy'\) that",
        ),
        (
            {},
            ("0",),
            {"label_names": "n.txt"},
            r"Cannot read .*n\.txt: No such file.*another file as data\.label_names",
        ),
        (
            {},
            ("0",),
            {"label_groups": "g.json"},
            r"Cannot read .*g\.json: No such file.*as data\.label_groups",
        ),
        (
            {"g.json": "["},
            ("a",),
            {"label_groups": "g.json"},
            r'g\.json is not JSON: .* as \{"group": \["label"',
        ),
        ({"g.json": "[]"}, ("a",), {"label_groups": "g.json"}, r"g\.json holds no groups of labels; give \{"),
        ({"g.json": '{"a": "b"}'}, ("a",), {"label_groups": "g.json"}, r"g\.json holds no groups of labels"),
        ({"g.json": '{"a": [1]}'}, ("a",), {"label_groups": "g.json"}, r"g\.json holds no groups of labels"),
        (
            {"g.json": '{"a": ["x"]}'},
            ("b", "c"),
            {"label_groups": "g.json"},
            r"holds none of the .* which are b, c;",
        ),
        (
            {"g.json": '{"a": ["x"], "b": ["x"]}'},
            ("x",),
            {"label_groups": "g.json"},
            r"label 'x' in the groups 'a' and 'b'",
        ),
        (
            {"a_mapping.json": '{"g": ["x"]}', "b_mapping.json": '{"h": ["x"]}'},
            ("x",),
            {},
            r"holds several files of groups \(a_mapping\.json, b_mapping\.json\); say which is meant \(--set",
        ),
        (
            {},
            ("0,1", "1,2"),
            {},
            r"Every text of .* has labels of several classes, and a text needs one; give",
        ),
    ],
)
def test_labels_and_names_that_do_not_fit(tmp_path, files, labels, settings, message):
    for name, content in files.items():
        written(tmp_path, name, content)
    with pytest.raises(DataError, match=message):
        labelled(tmp_path, labels, **{key: str(tmp_path / name) for key, name in settings.items()})


# --- real files


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the shared real texts are not on this machine")
def test_real_tables():
    table = read_texts(TEXTS / "goemotions/train.tsv", TextColumns())
    assert table.labels is not None
    assert (table.texts[0], table.labels[0]) == (
        "My favourite food is anything I didn't have to cook myself.",
        "neutral",
    )
    assert len(table.texts) == 39_555
    assert table.notes == (
        "train.tsv: the text is column 0 and the label column 1, with the names of emotions.txt, in the groups of "
        "ekman_mapping.json; 7 classes: joy, sadness, anger, fear, surprise, disgust, neutral.",
        "3,855 of 43,410 texts were left out: their labels are of several classes.",
    )
    assert len(read_texts(TEXTS / "goemotions", TextColumns(label="none")).texts) == 54_263
    answers = read_texts(TEXTS / "counsel_chat/counsel_chat.csv", TextColumns())
    assert answers.notes[0] == "counsel_chat.csv: the text is column 'answer_text'; there are no labels."
    topics = read_texts(TEXTS / "counsel_chat/counsel_chat.csv", TextColumns(label="topic"))
    assert topics.labels is not None
    assert topics.labels.count("depression") == 330
    assert read_texts(TEXTS / "image_coco/train.txt", TextColumns()).labels is None
