"""Cells of tables that multigan writes: what a spreadsheet would take for a formula has an apostrophe before it."""

from __future__ import annotations

from collections.abc import Collection

_STARTS = ("=", "+", "-", "@", "\t", "\r")
WRITTEN = ("seed", "index")
"""Columns of every such table, by which it is known again."""


def no_formula(cell: object) -> object:
    """A cell that no spreadsheet computes (OWASP, CSV injection): text that would be a formula after an apostrophe."""
    if not isinstance(cell, str) or not cell.lstrip("'").startswith(_STARTS):
        return cell
    return f"'{cell}"


def plain_cell(cell: str) -> str:
    """What ``no_formula`` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_STARTS) else cell


def is_written(columns: Collection[str]) -> bool:
    """Whether a table of these columns is one of multigan's."""
    return all(name in columns for name in WRITTEN)
