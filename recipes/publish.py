"""A report as files and on the terminal."""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from evaluation.figures import Gallery, Report
from evaluation.report.html import write_html
from evaluation.report.json import to_json
from evaluation.report.sets import print_sets, sets_csv, sets_latex
from evaluation.report.table import print_tables
from multigan.errors import ConfigError
from multigan.outputs import publishing, refuse_others
from multigan.writing import make_folder, write_text
from recipes.console import say

REPORT_FILES = (
    "report.json", "report.html", "table.csv", "table.tex", "closest.png", "oracle.json", "oracle.png",
    "frontier.json", "frontier.png",
)  # fmt: skip
"""What the report of folders or of a run may write."""


def publish(
    report: Report,
    gallery: Gallery,
    folder: Path,
    more: dict[str, Any],
    console: Console,
    full: bool = False,
    table: bool = False,
) -> None:
    """Write ``report.json`` and ``report.html`` to a folder, and print the tables.

    ``full``: with all figures. ``table``: one table of all sets in their place, and as ``table.csv`` and ``table.tex``.
    """
    command = shlex.join(["multigan", *sys.argv[1:]])
    report = replace(report, provenance={**report.provenance, "command": command})
    with publishing(folder) as stage:
        write_text(stage.folder / "report.json", json.dumps({**to_json(report), **more}, indent=2) + "\n")
        write_html(report, gallery, stage.folder / "report.html")
        if table:
            write_text(stage.folder / "table.csv", sets_csv(report))
            write_text(stage.folder / "table.tex", sets_latex(report, full))
    if table:
        print_sets(report, console, full)
        say(console, f"The table is in {folder / 'table.csv'} and {folder / 'table.tex'}.")
    else:
        print_tables(report, console, full)
    say(console, f"The report is in {folder / 'report.html'} and {folder / 'report.json'}.")


def refuse_unwritable(folder: Path, names: Sequence[str] = REPORT_FILES) -> None:
    """ConfigError before any work where the report could not be written after it, or would take the place of a person's
    own files; nothing is left behind."""
    refuse_others(folder, names)
    absent = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = "it is a file" if folder.is_file() else error.strerror
        raise ConfigError(f"Cannot write to {folder}: {reason}. Choose another --out.") from error
    finally:
        for path in absent:
            with suppress(OSError):
                path.rmdir()
