"""A blind test in its folder: what is shown, what was answered, and what is left for a rater."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evaluation.extractors.protocol import Progress
from evaluation.report.wording import listed
from multigan.errors import ConfigError
from multigan.locks import locked
from multigan.reading import regular
from multigan.reading.formulas import no_formula
from multigan.reading.json import parse_json
from multigan.writing import growing, make_folder, write_text
from recipes.judging.design import (
    BETTER,
    QUESTIONS,
    Shown,
    Trial,
    better_trials,
    emotion_trials,
    n_trials,
    order_for,
    shared_labels,
)
from recipes.judging.loudness import aligned
from recipes.judging.page import trial_page
from recipes.judging.sets import Asked, samples_of
from recipes.request import numbered_folder

FILE, ANSWERS, PAGES = "test.json", "answers.csv", "trials"
ROOT = Path("judge")
"""Where tests are looked for."""
TIE = "tie"
MADE = "Much of what is shown was made by machines, and no person has checked it. You may stop at any moment."
COLUMNS = {
    BETTER: ("item", "rater", "first", "second", "better", "label", "at"),
    "emotion": ("item", "rater", "set", "asked", "answer", "at"),
}
"""Of the table of answers, as ``multigan evaluate --human`` reads it."""
MOST_TRIALS = 2_000
_RATER = re.compile(r"[^\W_][\w .-]{0,59}")


@dataclass(frozen=True)
class BlindTest:
    """What is asked of people."""

    folder: Path
    question: str
    kind: str
    """The kind of samples (``evaluation.kinds``)."""
    labels: tuple[str, ...]
    """What can be answered to "which emotion?"."""
    trials: tuple[Trial, ...]
    seed: int
    notes: tuple[str, ...] = ()
    """What has to be read before the samples."""

    def page(self, item: str) -> Path:
        """The page of a trial, which shows its samples and says nothing of them."""
        return self.folder / PAGES / f"{item}.html"


def make(asked: Asked, question: str, n: int, folder: Path | None, progress: Progress) -> BlindTest:
    """Draw what is shown, ``n`` of each set, or comparisons of each pair of sets, and write it to an empty folder.

    None: the first free one of its question in ``ROOT``.
    """
    if folder is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is not an empty folder; choose another --out.")
    n_made = n_trials(question, len(asked.places) + 1, n)  # with the set of real samples
    if n_made > MOST_TRIALS:
        raise ConfigError(f"That makes {n_made:,} trials, and at most {MOST_TRIALS:,} are made; lower --n.")
    kind, sets, pools = samples_of(asked, question, n, progress)
    trials = (better_trials if question == BETTER else emotion_trials)(pools, n, asked.seed)
    folder = numbered_folder(question, ROOT) if folder is None else folder
    make_folder(folder / PAGES)
    for done, trial in enumerate(trials, 1):
        samples = [aligned(sets[shown.of].read(shown.row)) for shown in trial.shown]
        write_text(folder / PAGES / f"{trial.item}.html", trial_page(kind, samples))
        progress("trials", done, len(trials))
    labels = tuple(label for label in shared_labels(pools) if label)
    # those of a folder are of its files, and would tell a set
    warnings = (note for samples in sets.values() if samples.folder is None for note in samples.notes)
    notes = (MADE, *dict.fromkeys(warnings))
    content = {
        "question": question, "modality": kind.name, "labels": labels, "seed": asked.seed,
        "intensity": asked.intensity, "notes": notes,
        "sets": {name: samples.source for name, samples in sets.items()},
        "trials": [
            {"item": trial.item, "shown": [{**asdict(each), "name": sets[each.of].names[each.row]} for each in trial.shown]}
            for trial in trials
        ],
    }  # fmt: skip
    write_text(folder / ANSWERS, _line(COLUMNS[question]))
    write_text(folder / FILE, json.dumps(content, indent=1) + "\n")  # last: what lacks it is no test
    return BlindTest(folder, question, kind.name, labels, trials, asked.seed, notes)


def open_test(folder: Path) -> BlindTest:
    """The blind test in a folder; ConfigError where there is none, or it was changed by hand."""
    path = folder / FILE
    try:
        content = parse_json(regular.content(path))
        trials = tuple(
            Trial(
                _item(one["item"]),
                tuple(Shown(str(of["of"]), int(of["row"]), str(of["label"])) for of in one["shown"]),
            )
            for one in content["trials"]
        )
        question, sides = content["question"], {len(trial.shown) for trial in trials}
        if question not in QUESTIONS or sides != {2 if question == BETTER else 1}:
            raise ValueError("its question and its trials do not fit")
        labels = tuple(map(str, content["labels"]))
        notes = tuple(map(str, content["notes"]))
        return BlindTest(
            folder, question, str(content["modality"]), labels, trials, int(content["seed"]), notes
        )
    except FileNotFoundError as error:
        raise ConfigError(
            f"{folder} holds no blind test (no {FILE}); make one by multigan judge prepare."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} does not describe a blind test ({error}); prepare it anew.") from error


def all_in(root: Path = ROOT) -> list[Path]:
    """The folders of the blind tests in ``root``, by name."""
    return sorted(path.parent for path in root.glob(f"*/{FILE}"))


def _item(text: Any) -> str:
    """The number of a trial, which names its page."""
    if not re.fullmatch(r"\d{1,6}", str(text)):
        raise ValueError(f"{text!r} is no number of a trial")
    return str(text)


# ---- answers ----


def check_rater(rater: str) -> str:
    """The name of who answers; ConfigError for one that is none."""
    name = rater.strip()
    if not _RATER.fullmatch(name):
        raise ConfigError(
            "Who answers is named by 1 to 60 letters, digits, spaces, . _ or -, a letter or digit first; found "
            f"{rater[:80]!r}."
        )
    return name


def choices(test: BlindTest) -> tuple[str, ...]:
    """What can be answered: "1", "2" or "tie"; or a label."""
    return ("1", "2", TIE) if test.question == BETTER else test.labels


def answered(test: BlindTest, rater: str) -> frozenset[str]:
    """The items that a rater has answered."""
    return frozenset(row.get("item") or "" for row in _rows(test) if row.get("rater") == rater)


def next_trial(test: BlindTest, rater: str) -> Trial | None:
    """What a rater is shown next, in an order of the rater's own; None once all is answered."""
    done = answered(test, rater)
    return next((trial for trial in order_for(test.trials, rater, test.seed) if trial.item not in done), None)


def answer(test: BlindTest, rater: str, item: str, choice: str) -> None:
    """Keep an answer: a line at the end of the table, on the disk before this returns.

    ConfigError for what cannot be answered, or was already.
    """
    rater = check_rater(rater)
    trial = next((trial for trial in test.trials if trial.item == item), None)
    if trial is None:
        raise ConfigError(f"{test.folder} has no trial {item!r}.")
    if choice not in choices(test):
        raise ConfigError(f"{choice!r} is no answer; give {listed(choices(test))}.")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    if test.question == BETTER:
        first, second = (shown.of for shown in trial.shown)
        better = {"1": first, "2": second}.get(choice, TIE)
        row = (item, rater, first, second, better, trial.shown[0].label, at)
    else:
        row = (item, rater, trial.shown[0].of, trial.shown[0].label, choice, at)
    path = test.folder / ANSWERS
    with locked(test.folder, wait=True):
        if item in answered(test, rater):
            raise ConfigError(f"{rater} has answered trial {item} already.")
        try:
            old = regular.content(path) if path.exists() else b""
            # a line that a crash cut short stays by itself, and the table begins with its columns
            before = _line(COLUMNS[test.question]) if not old else "" if old.endswith(b"\n") else "\n"
            with growing(path) as stream:
                stream.write((before + _line(row)).encode())
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise ConfigError(
                f"The answer cannot be kept in {path}: {error.strerror}. Mend that and answer again."
            ) from error


def _rows(test: BlindTest) -> list[dict[str, str]]:
    path = test.folder / ANSWERS
    try:
        text = regular.content(path).decode("utf-8", "replace") if path.exists() else ""
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Mend that.") from error
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _line(cells: Sequence[str]) -> str:
    table = io.StringIO(newline="")
    csv.writer(table, lineterminator="\n").writerow([no_formula(cell) for cell in cells])
    return table.getvalue()
