"""Text data: a file or folder of real texts, or sentences that the package draws, as two splits of rows of tokens."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from multigan.chance import Chance
from multigan.emotions import ordered
from multigan.errors import DataError
from multigan.modality import Splits
from multigan.reading import prepare
from multigan.reading.files import named
from multigan.reading.prepare import Progress
from multigan.reading.split import Split, chosen_by_hash, split_of
from multigan.reading.text import KINDS_IN_WORDS, TextTable, read_texts
from multigan.reading.utf8 import NOT_UTF8
from multigan.text.arrays import TextArrays, Texts, token_rows
from multigan.text.settings import UNKNOWN, TextData
from multigan.text.vocabulary import Codec, codec_of, normalised

VERSION = 1
"""Of how texts become rows."""
_LONGEST_ROW = 1_024
_SENTENCE_END = re.compile(
    r"""(?<!\b[\w.])(?<!\b(?:dr|mr|ms|st|vs))(?<!\bmrs)(?<!\d)[.!?…]+['")\]]*(?= )""", re.I
)
"""Not after an initial, a number or a title."""
_TEXTS_AT_ONCE = 4_096
_OTHER_ENCODING = 0.01
"""With a larger share of lines that are not UTF-8, and more than one, a file is in another encoding."""
_ATTEMPTS = 10


def open_text(settings: TextData, folder: Path | None, progress: Progress) -> Splits:
    """Real texts of the file or folder, or drawn ones where it is None; ``Splits.data`` holds the vocabulary.

    Equal texts are on one side, the one that a hash of the text says. The vocabulary is learnt from the training texts
    that are kept; byte pairs, which decide what is too long, from all whose hash is for training. ``progress(what, done,
    total)`` is called while texts are drawn and encoded. DataError when there is nothing to train on.
    """
    if folder is not None:
        return _from_files(settings, folder, progress)
    if settings.sentences == "none":
        raise DataError(f"This recipe needs --data FILE: {KINDS_IN_WORDS}, or a folder of such files.")
    return _drawn(settings, progress)


def look(settings: TextData, path: Path | None) -> tuple[str, ...]:
    """The labels of the texts that ``open_text`` would open. DataError where there are none."""
    if path is not None:
        return ordered(set(read_texts(path, settings).labels or ()))
    if settings.sentences == "none":
        raise DataError(f"This recipe needs --data FILE: {KINDS_IN_WORDS}, or a folder of such files.")
    from multigan.text.drawn import sets as grammars

    return grammars.labels(settings.sentences, settings.language)


def decode_samples(tokens: Tensor, data: TextData) -> list[str]:
    """int64 [N, T] -> N texts by the vocabulary that ``data`` holds; DataError where it holds none."""
    if data.tokenizer is None:
        raise DataError(
            "The vocabulary of these texts is missing (data_settings.tokenizer of run.json); restore it or train again."
        )
    return codec_of(data.tokenizer).decode(tokens)


def _from_files(settings: TextData, path: Path, progress: Progress) -> Splits:
    settings = replace(settings, sentences="none")  # so that nobody takes these for drawn ones later
    table = read_texts(path, settings)
    _refuse_other_encodings(table, path)
    notes = list(table.notes)
    usable = _normalised(table, settings, notes)
    split = _split(table, usable, path, settings, notes)
    ruler = _ruler(usable, settings, split)
    fitting = _of_classes_left(_fitting(ruler, usable, settings, notes, progress), notes)
    if len(fitting) < 2:
        count = "1 usable text" if len(fitting) else "no usable text"
        raise DataError(f"{path} holds {count}, and at least 2 are needed. {' '.join(notes)}".rstrip())
    digests = [_digest(text) for text in fitting.texts]
    if split.chosen is not None:
        is_chosen = dict(zip(usable.names, split.chosen, strict=True))
        split = replace(split, chosen=tuple(is_chosen[name] for name in fitting.names))
    labels = [fitting.labels[number] for number in fitting.classes]
    out = split.contents_held_out(range(len(fitting)), fitting.names, labels, digests, notes)
    sides = [
        [place for place, digest in enumerate(digests) if (digest in out) is side] for side in (False, True)
    ]
    return _splits(settings, ruler, fitting.at(sides[0]), fitting.at(sides[1]), notes, progress)


def _refuse_other_encodings(table: TextTable, path: Path) -> None:
    """DataError where so many lines are not UTF-8 that a file is in another encoding: what is left lacks every umlaut."""
    n_lines = Counter(place.rpartition(", ")[0] for place in (*table.names, *table.bad))
    others: dict[str, list[str]] = {}
    for place, why in table.bad.items():
        if why.startswith(NOT_UTF8):
            others.setdefault(place.rpartition(", ")[0], []).append(f"{place} ({why})")
    for name, other in others.items():
        if len(other) > max(1, _OTHER_ENCODING * n_lines[name]):
            where = path if path.is_file() else path / name
            raise DataError(
                f"{len(other):,} of the {n_lines[name]:,} lines or rows of {where} are not UTF-8: {named(other)}. "
                "Save it as UTF-8, or remove them."
            )


def _normalised(table: TextTable, settings: TextData, notes: list[str]) -> Texts:
    if table.bad:
        count = "1 line or row was" if len(table.bad) == 1 else f"{len(table.bad):,} lines or rows were"
        reasons = [f"{place} ({why})" for place, why in table.bad.items()]
        notes.append(f"{count} skipped: {named(reasons)}.")
    labels = ordered(set(table.labels or ()))
    classes = [labels.index(label) for label in table.labels or ()]
    texts = [normalised(text, settings.lower_case) for text in table.texts]
    everything = Texts(texts, list(table.names), labels, classes, list(table.intensities))
    some = [place for place, text in enumerate(texts) if text]
    if len(some) < len(texts):
        n = len(texts) - len(some)
        count = (
            "1 text of invisible characters was" if n == 1 else f"{n:,} texts of invisible characters were"
        )
        notes.append(f"{count} skipped.")
    return everything.at(some)


def _split(table: TextTable, usable: Texts, path: Path, settings: TextData, notes: list[str]) -> Split:
    """How the usable texts of a table are split."""
    cells = None
    if table.split is not None:
        cell_of = dict(zip(table.names, table.split, strict=True))
        cells = [cell_of[name] for name in usable.names]
    split, more = split_of(cells, settings, settings.held_out, path, "text", "texts")
    notes += more
    return split


def _ruler(training: Texts, settings: TextData, split: Split | None = None) -> Codec:
    """What tells how many tokens a text has; byte pairs are learnt from the texts that ``split`` does not hold out."""
    if settings.tokenizer is not None:
        return codec_of(settings.tokenizer)
    if settings.tokens == "words":
        return Codec.learnt((), settings)  # it knows no word, but where each ends
    digests = [_digest(text) for text in training.texts]
    if split is not None and split.chosen is not None:
        out = {digest for digest, chosen in zip(digests, split.chosen, strict=True) if chosen}
    else:
        out = chosen_by_hash([set(digests)], settings.held_out) if digests else set()
    return Codec.learnt(
        [text for text, digest in zip(training.texts, digests, strict=True) if digest not in out], settings
    )


def _fitting(ruler: Codec, texts: Texts, settings: TextData, notes: list[str], progress: Progress) -> Texts:
    """The texts of at most T tokens; the longer ones cut (see ``_cut``), or left out."""
    lengths = np.array(
        [len(row) for row in _encoded(ruler, texts.texts, "measuring texts", progress)], np.int64
    )
    if not (lengths > settings.length).any():
        return texts
    notes.append(_too_long(lengths, settings))
    if settings.longer == "cut":
        cut = list(texts.texts)
        for place in np.flatnonzero(lengths > settings.length).tolist():
            cut[place] = _cut(cut[place], ruler.ends(cut[place])[settings.length - 1])
        return replace(texts, texts=cut)
    return texts.at(np.flatnonzero(lengths <= settings.length).tolist())


def _cut(text: str, n_characters: int) -> str:
    """The sentences that end within the first characters; where that is less than a third of these, just these."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text[: n_characters + 1])]
    return text[: ends[-1] if ends and ends[-1] * 3 >= n_characters else n_characters]


def _of_classes_left(texts: Texts, notes: list[str]) -> Texts:
    """The same texts without the labels that none of them has."""
    present = sorted(set(texts.classes))
    lost = [label for number, label in enumerate(texts.labels) if number not in present]
    if not lost:
        return texts
    notes.append(f"No usable text of {named(lost)} is short enough, so that there is no such class.")
    classes = [present.index(number) for number in texts.classes]
    return replace(texts, labels=tuple(texts.labels[number] for number in present), classes=classes)


def _too_long(lengths: np.ndarray, settings: TextData) -> str:
    n_long = int((lengths > settings.length).sum())
    wanted = int(np.quantile(lengths, 0.95, method="higher"))
    wanted = min(wanted if wanted > settings.length else int(lengths.max()), _LONGEST_ROW)
    cut = "cut there or where the last sentence before ends"
    done, better = (cut, "leaves") if settings.longer == "cut" else ("skipped", "keeps")
    note = (
        f"{n_long:,} of {len(lengths):,} texts ({n_long / len(lengths):.1%}) have more than {settings.length} tokens and "
        f"were {done}"
    )
    if wanted == settings.length:
        return f"{note}."
    share, whole = (lengths <= wanted).mean(), " whole" if settings.longer == "cut" else ""
    return f"{note}; --set data.length={wanted} {better} {'all' if share == 1 else f'{share:.1%}'}{whole}."


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _encoded(codec: Codec, texts: Sequence[str], what: str, progress: Progress) -> list[list[int]]:
    rows: list[list[int]] = []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        rows += codec.encode(texts[start : start + _TEXTS_AT_ONCE])
        progress(what, len(rows), len(texts))
    return rows


def _splits(
    settings: TextData,
    ruler: Codec,
    train: Texts,
    held_out: Texts,
    notes: list[str],
    progress: Progress,
    grammar: Any = None,
) -> Splits:
    learnt = settings.tokenizer is None and settings.tokens == "words"
    codec = Codec.learnt(train.texts, settings) if learnt else ruler
    train_rows = _encoded(codec, train.texts, "encoding texts", progress)
    held_out_rows = _encoded(codec, held_out.texts, "encoding texts", progress)
    facts = [VERSION, codec.json, settings.length, len(train), train.labels]
    for side in (train, held_out):
        facts += [side.texts, side.names, side.classes, side.intensities]
    key = prepare.key_of(facts)

    def split(side: Texts, rows: list[list[int]], name: str) -> TextArrays:
        # with the spaces that generated texts have: a metric must not tell the two apart by them
        side = replace(side, texts=[codec.spaced(text) for text in side.texts])
        tokens = token_rows(rows, settings.length)
        return side.arrays(tokens, f"{key}-{name}", codec.n_tokens, grammar)

    return Splits(
        split(train, train_rows, "train"),
        split(held_out, held_out_rows, "held-out"),
        (*notes, *_unknown(codec, train_rows, held_out_rows)),
        replace(settings, tokenizer=codec.json),
    )


def _unknown(codec: Codec, train: Sequence[Sequence[int]], held_out: Sequence[Sequence[int]]) -> list[str]:
    """What share of the tokens the vocabulary lacks."""
    shares = []
    for rows in (train, held_out):
        shares.append(sum(row.count(UNKNOWN) for row in rows) / max(1, sum(map(len, rows))))
    if not any(shares):
        return []
    return [
        f"{shares[0]:.2%} of the training tokens and {shares[1]:.2%} of the held-out ones are words beyond the vocabulary "
        f"of {codec.n_tokens:,} tokens, and become <unk>."
    ]


def _drawn(settings: TextData, progress: Progress) -> Splits:
    from multigan.text.drawn import sets as grammars

    n, notes = settings.drawn + settings.drawn_held_out, []
    train = _draw(settings, settings.drawn, settings.seed)
    progress("drawing sentences", len(train), n)
    held_out = _fresh(settings, set(train.texts), notes)
    progress("drawing sentences", n, n)
    ruler = _ruler(train, settings)
    sides, first = [], 0
    for side in (train, held_out):
        fitting = _fitting(ruler, side, settings, notes, progress)
        names = [
            f"drawn/{f'{side.labels[number]}-' if side.labels else ''}{first + place:05d}"
            for place, number in enumerate(fitting.classes or [0] * len(fitting))
        ]
        sides.append(replace(fitting, names=names))
        first += settings.drawn
    if not all(map(len, sides)):
        raise DataError(
            f"No drawn sentence of {settings.sentences!r} is left {'to hold out' if sides[0] else 'to train on'}. "
            f"{' '.join(notes)} Draw fewer (--set data.drawn=...), or give data."
        )
    grammar = grammars.NamedGrammar(settings.sentences, settings.language)
    return _splits(settings, ruler, sides[0], sides[1], notes, progress, grammar)


def _draw(settings: TextData, n: int, seed: int) -> Texts:
    """Sentences without names."""
    from multigan.text.drawn import sets as grammars

    texts, classes, intensities = grammars.draw(settings.sentences, n, seed, settings.language)
    plain = [normalised(text, settings.lower_case) for text in texts]
    numbers = [] if classes is None else np.asarray(classes).tolist()
    strengths = np.asarray(intensities, np.float64).tolist()
    return Texts(plain, [""] * n, tuple(grammars.LABELS[settings.sentences]), numbers, strengths)


def _fresh(settings: TextData, known: set[str], notes: list[str]) -> Texts:
    """As many drawn sentences as are to be held out, none of them among the ``known``."""
    wanted, n_known, n_drawn = settings.drawn_held_out, 0, 0
    kept: Texts | None = None
    for attempt in range(_ATTEMPTS):
        seed = Chance(settings.seed).bits(f"held-out sentences {attempt}") % 2**32
        sentences = _draw(settings, wanted, seed)
        fresh = [place for place, text in enumerate(sentences.texts) if text not in known]
        more = sentences.at(fresh[: wanted - (len(kept) if kept else 0)])
        n_known, n_drawn = n_known + len(sentences) - len(fresh), n_drawn + len(sentences)
        kept = more if kept is None else kept.and_also(more)
        if len(kept) == wanted:
            break
    assert kept is not None
    if n_known:
        short = "" if len(kept) == wanted else f", and only {len(kept):,} of {wanted:,} could be held out"
        notes.append(
            f"{n_known:,} of {n_drawn:,} sentences drawn to be held out are in training, and were dropped{short}."
        )
    return kept
