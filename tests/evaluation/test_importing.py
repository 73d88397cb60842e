"""What is light stays light, so that commands answer at once: heavy packages are imported when something needs them."""

import subprocess
import sys

import pytest

import evaluation
from evaluation.accumulator import Accumulator
from evaluation.figures import Report
from evaluation.pipeline import evaluate
from evaluation.sources import as_samples

HEAVY = ("torch", "numpy", "PIL", "transformers")


@pytest.mark.parametrize(
    "statement",
    [
        "import evaluation",
        "from evaluation.kinds import all_kinds; all_kinds()",
        "from evaluation.catalogue import metrics_of, extractors_by_name; extractors_by_name()",
        "from evaluation.options import FEWEST, Options; Options()",
        "from evaluation.figures import Report",
    ],
)
def test_what_commands_need_for_their_help_is_light(statement):
    code = f"{statement}\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []


def test_the_package_gives_what_it_lists():
    assert (evaluation.evaluate, evaluation.as_samples, evaluation.Report) == (evaluate, as_samples, Report)
    assert evaluation.Accumulator is Accumulator
    assert (
        {"Accumulator", "evaluate", "as_samples", "Report"} == set(evaluation.__all__) <= set(dir(evaluation))
    )
    with pytest.raises(AttributeError, match="'evaluation' has no attribute 'measure'"):
        evaluation.measure  # noqa: B018
