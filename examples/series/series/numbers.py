"""Numbers as cells of a table have them: how they are recognised, with which precision they are written, and their range."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from multigan.config import settings

MISSING = ("", "na", "n/a", "nan", "null", "none", "?")
"""What stands for a missing value among numbers, in upper or lower case."""
MOST_DECIMALS = 12
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_COMMA = re.compile(r"[-+]?\d+,\d+")
_CODE = re.compile(r"[-+]?0\d+")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([T ].*)?|\d{1,2}:\d{2}(:\d{2}.*)?"
)


@settings
class Numbers:
    """The numbers of a column."""

    low: float
    high: float
    """Nothing is written that is smaller or larger."""
    decimals: int = 0
    """Behind the decimal mark; 0: whole numbers."""
    padded: bool = False
    """Whether every number has all of its decimals, so that zeros stand at its end."""
    mark: str = "."
    """Before the decimals: a full stop or a comma."""
    missing: str | None = None
    """What stands for a missing value, as most cells have it; None where none is missing."""

    def __post_init__(self) -> None:
        if (
            not self.low <= self.high
            or not 0 <= self.decimals <= MOST_DECIMALS
            or self.mark not in (".", ",")
        ):
            raise ValueError(
                f"low is at most high, decimals from 0 to {MOST_DECIMALS} and mark . or ,; found {self.low}, {self.high}, "
                f"{self.decimals} and {self.mark!r}"
            )

    def read(self, cell: str) -> float:
        """The number of a cell, NaN of a missing one; ValueError for another text."""
        text = cell.strip()
        if text.lower() in MISSING:
            return math.nan
        return float(text.replace(",", ".") if self.mark == "," else text)

    def write(self, value: float) -> str:
        """A number within the range and with the precision of the column; NaN as a missing value."""
        if math.isnan(value):
            return self.missing or ""
        text = f"{min(max(value, self.low), self.high):.{self.decimals}f}"
        if self.decimals and not self.padded:
            text = text.rstrip("0").rstrip(".")
        text = "0" + text[2:] if text.startswith("-0") and float(text) == 0 else text
        return text.replace(".", self.mark)


def is_missing(cell: str) -> bool:
    """Whether a cell stands for a missing number."""
    return cell.strip().lower() in MISSING


def are_dates(cells: Sequence[str]) -> bool:
    """Whether all cells but missing ones are days or times, and there is one."""
    there = [cell.strip() for cell in cells if not is_missing(cell)]
    return bool(there) and all(_DATE.fullmatch(cell) for cell in there)


def numbers_in(cells: Sequence[str], delimiter: str) -> Numbers | None:
    """How the numbers of a column are written; None where some cell is neither a number nor a missing value.

    Whole numbers that begin with a zero, such as 007, are codes and no numbers. A comma is a decimal mark where it does not
    stand between cells.
    """
    there = [cell.strip() for cell in cells if not is_missing(cell)]
    commas = delimiter != "," and any(_COMMA.fullmatch(cell) for cell in there)
    plain = [cell.replace(",", ".") if commas else cell for cell in there]
    if not there or any(not _NUMBER.fullmatch(cell) or _CODE.fullmatch(cell) for cell in plain):
        return None
    values = np.array([float(cell) for cell in plain])
    if not np.isfinite(values).all():
        return None
    decimals = {_decimals(cell) for cell in set(plain)}
    absent = [cell for cell in cells if is_missing(cell)]
    return Numbers(
        low=float(values.min()),
        high=float(values.max()),
        decimals=min(max(decimals), MOST_DECIMALS),
        padded=len(decimals) == 1,
        mark="," if commas else ".",
        missing=max(set(absent), key=lambda cell: (absent.count(cell), cell)) if absent else None,
    )


def _decimals(cell: str) -> int:
    """How many digits stand behind the decimal mark of a number; "1.5e-3" has 4."""
    digits, _, exponent = cell.lower().partition("e")
    return max(0, len(digits.partition(".")[2]) - int(exponent or 0))
