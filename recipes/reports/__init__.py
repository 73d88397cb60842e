"""Reports of a run beyond what its samples alone tell, by the names that a recipe's ``report`` holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multigan.registry import Registry

if TYPE_CHECKING:
    from recipes.reports.records import RunReport

REPORTS: Registry[RunReport] = Registry(
    "report",
    {
        "language": "recipes.reports.language:LANGUAGE",
        "frontier": "recipes.reports.frontier:FRONTIER",
        "grammar": "recipes.reports.grammar:GRAMMAR",
        "oracle": "recipes.reports.oracle:ORACLE",
        "modes": "recipes.reports.modes:MODES",
        "speech": "recipes.reports.speech:SPEECH",
        "music": "recipes.reports.music:MUSIC_REPORT",
        "pairs": "recipes.reports.pairs:PAIRS",
        "kept": "recipes.reports.kept:KEPT",
    },
)
