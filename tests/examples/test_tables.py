"""examples/series as a person installs it: tables with numbers and categories, from a CSV file to a CSV file."""

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from multigan.errors import ConfigError, DataError
from multigan.modality import modality_of
from multigan.testing import check_modality
from tests.worlds.commands import error_of, invoke, ran
from tests.worlds.packages import install

ROOT = Path(__file__).parents[2]
SMALL = {
    "device": "cpu", "data.drawn": 400, "architecture.width": 16, "training.samples": 500, "training.batch": 50,
    "training.checkpoint_every": 250, "training.preview_every": 500, "evaluation.n": 64, "evaluation.validation": 32,
    "sampling.per_label": 50,
}  # fmt: skip
SETS = [f"--set={name}={value}" for name, value in SMALL.items()]
OWN = {"column distance", "worst column distance", "association difference", "worst association difference",
       "train here, test on real", "identical rows"}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory):
    site = install(ROOT / "examples" / "series", tmp_path_factory.mktemp("series"))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        yield site
    for name in [name for name in sys.modules if name.partition(".")[0] == "series"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A table as a spreadsheet of some countries saves it: semicolons, decimal commas, quotes, gaps."""
    path = tmp_path_factory.mktemp("people") / "people.csv"
    random = np.random.default_rng(0)
    rows = ["name;zip;height;weight;children;town;note;class"]
    for row in range(300):
        tall = row % 2
        height = f"{random.normal(1.6 + 0.2 * tall, 0.05):.2f}".replace(".", ",")
        weight = "NA" if row % 10 == 0 else f"{random.normal(60 + 20 * tall, 5):.0f}"
        town = ('"New; York"', "Bonn ", "=Ulm")[row % 3]
        rows.append(f"n{row};0{row % 7};{height};{weight};{row % 4};{town};;{('low', 'high')[tall]}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory, people):
    folder = tmp_path_factory.mktemp("tables") / "run"
    output = ran(
        "recipe", "run", "tables", *SETS, "--set=data.types.name=left-out", "--data", people, "--out", folder
    )
    assert "The report is in" in output
    assert "numbers: height, weight; categories: zip, children, town, note; left out: name" in output.replace(
        "\n", " "
    )
    return folder


def opened(text, folder, **settings):
    from series.table_data import TableData, open_table

    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return open_table(TableData(**settings), path, lambda *at: None)


def read(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter=";"))


# ---- the package ----


def test_it_is_there_by_name_once_it_is_installed():
    assert modality_of("tables").name == "tables"
    assert "tables is valid" in ran("recipe", "validate", "tables")


@pytest.mark.kernels
def test_it_keeps_the_contracts_of_a_modality(tmp_path):
    """Also a resume to the same bits, and two processes as one."""
    from series.table_data import TableData, found_in, sheet_of
    from series.tables import TABLES, sample_shape

    data = TableData(drawn=200)
    data = replace(data, columns=found_in(sheet_of(data, None), data)[0])
    check_modality(TABLES, sample_shape(data), tmp_path, {"ctgan": {"width": 8, "latent_size": 8}}, 3, data)


# ---- columns ----

HEADER = "a,b,class\n"


@pytest.mark.parametrize(
    ("cells", "written"),
    [
        (["1.50", "12.25", "3.00"], "7.46"),
        (["1.5", "12.25", "3"], "7.46"),
        (["1", "99", "50"], "7"),
        (["1e-3", "50", "2"], "7.458"),
        (["-0.5", "9.5", "+3"], "7.5"),
    ],
)
def test_numbers_keep_the_precision_of_the_input(cells, written):
    from series.numbers import numbers_in

    assert numbers_in(cells, ",").write(7.458) == written


def test_numbers_keep_zeros_and_range_and_sign():
    from series.numbers import numbers_in

    padded, plain = numbers_in(["1.50", "3.00"], ","), numbers_in(["-1", "2.5"], ",")
    assert [padded.write(value) for value in (2, 9, -9)] == ["2.00", "3.00", "1.50"]
    assert [plain.write(value) for value in (2, -0.01, 1.26)] == ["2", "0", "1.3"]
    commas = numbers_in(["1,5", "2", "?"], ";")
    assert (commas.write(1.75), commas.write(np.nan), commas.read("1,5")) == ("1,8", "?", 1.5)
    assert np.isnan(commas.read(" N/A "))
    assert numbers_in(["1,5"], ",") is None
    assert numbers_in(["007", "12"], ",") is None
    assert numbers_in(["inf", "1"], ",") is None


def test_types_follow_the_stated_rules(tmp_path):
    rows = [f"{row / 7:.2f},{row},{row % 10},0{row},{'xy'[row % 2]}" for row in range(60)]
    text = "share,number,digit,code,class\n" + "\n".join(rows)
    splits = opened(text, tmp_path, most_categories=60)
    kinds = {one.name: one.numbers is not None for one in splits.data.columns.columns}
    assert kinds == {"share": True, "number": True, "digit": False, "code": False}
    assert splits.train.labels == ("x", "y")
    turned = opened(
        text, tmp_path, most_categories=60, types={"digit": "number", "code": "left-out"}, label="none"
    )
    assert [one.name for one in turned.data.columns.columns] == ["share", "number", "digit", "class"]
    assert turned.data.columns.columns[2].numbers is not None
    assert turned.train.labels == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEADER + "2020-01-31,x,l\n2021-02-01,y,m\n",
            r"column 'a' holds dates or times, .*data.types.a=left-out",
        ),
        (
            HEADER + "".join(f"t{row},x,{'lm'[row % 2]}\n" for row in range(60)),
            r"'a' has 60 different texts in 60 rows",
        ),
        (HEADER + "1,x,l\n2,y,\n", r"rows without a label in column 'class'"),
        ("a,a,class\n1,2,l\n", r"has two columns 'a'"),
        ("a,,class\n1,2,l\n", r"has a column without a name"),
        (HEADER + "1,2\n", r"line 2: it has 2 cells, and the row of names has 3"),
        (HEADER, r"has no rows below the names"),
        ("class\nl\nm\n", r"has no column to learn beside the label"),
        (HEADER + "1,x,l\n", r"no two different samples of one label"),
    ],
)
def test_what_cannot_be_learnt_is_one_sentence(text, message, tmp_path):
    with pytest.raises(DataError, match=message):
        opened(text, tmp_path)


def test_wrong_names_and_files_are_one_sentence(tmp_path):
    text = HEADER + "".join(f"{row}.5,x,{'lm'[row % 2]}\n" for row in range(40))
    for settings, message in (
        ({"label": "clas"}, "Did you mean 'class'"),
        ({"types": {"c": "number"}}, "data.types"),
        ({"types": {"b": "number"}}, "'b' has cells that are no numbers"),
    ):
        with pytest.raises(DataError, match=message):
            opened(text, tmp_path, **settings)
    from series.cells import read_sheet

    (tmp_path / "more.csv").write_text(text)
    with pytest.raises(DataError, match=r"holds 2 CSV files \(more.csv, table.csv\)"):
        read_sheet(tmp_path)
    with pytest.raises(DataError, match=r"is no CSV file"):
        read_sheet(Path(__file__))


def test_what_a_run_says_of_its_columns_is_checked(tmp_path):
    """A run may come from somebody else."""
    from series.table_data import TableData

    from multigan.config import load, to_dict

    text = HEADER + "".join(f"{row}.5,{'pqr'[row % 3]},{'lm'[row % 2]}\n" for row in range(40))
    data = opened(text, tmp_path).data
    assert load(TableData, to_dict(data), "run") == data
    for place, value in (
        (("columns", "delimiter"), "xx"),
        (("columns", "shares"), [0.5]),
        (("columns", "columns", 0, "modes"), []),
        (("columns", "columns", 0, "modes", 0, 1), 0.0),
        (("columns", "columns", 0, "numbers", "decimals"), 999),
        (("columns", "names"), ["a", "b"]),
    ):
        plain = part = json.loads(json.dumps(to_dict(data)))
        for key in place[:-1]:
            part = part[key]
        part[place[-1]] = value
        with pytest.raises(ConfigError, match="run: columns"):
            load(TableData, plain, "run")


# ---- modes and coding ----


def test_modes_are_those_of_a_mixture():
    from series.modes import modes_of

    random = np.random.default_rng(1)
    values = np.concatenate([random.normal(0, 1, 3_000), random.normal(20, 2, 2_000)])
    modes = modes_of(values)
    assert np.array(modes) == pytest.approx(np.array([[0, 1], [20, 2]]), abs=0.15)
    assert modes_of(np.full(10, 3.0)) == ((3.0, 1.0),)
    assert all(deviation > 0 for _, deviation in modes_of(np.array([0.0] * 50 + [1.0, 2.0, 5.0])))


def test_rows_survive_encoding(tmp_path):
    """Numbers as they were written, missing ones and categories too."""
    from series.table_coding import decode

    splits = opened(
        HEADER
        + "".join(
            f"{'' if row % 5 == 0 else row * 1.25},{'pqr'[row % 3]},{'lm'[row % 2]}\n" for row in range(90)
        ),
        tmp_path,
    )
    assert splits.train.samples.shape[1:] == splits.train.sample_shape
    assert set(np.unique(splits.train.samples[..., 1:])) == {0, 1}
    assert np.abs(splits.train.samples[..., 0]).max() <= 1
    for place, values in enumerate(decode(splits.train.samples, splits.data.columns)):
        for value, row in zip(values, splits.train.rows, strict=True):
            assert value == row.values[place] or (value != value and row.values[place] != row.values[place])


def test_copies_lie_on_one_side_and_no_label_vanishes(tmp_path):
    lines = [f"{row % 20}.5,x,{'lm'[row % 2]}\n" for row in range(100)]
    splits = opened(HEADER + "".join(lines) + "99.5,x,rare\n98.5,y,rare\n", tmp_path, held_out=0.5)
    sides = [{row.values for row in side.rows} for side in (splits.train, splits.held_out)]
    assert sides[0].isdisjoint(sides[1])
    assert set(splits.train.classes) == {0, 1, 2}


def test_labels_are_as_frequent_as_asked_and_stay_when_more_are():
    from series.splitting import labels_by_share

    labels, shares = ("a", "b", "c"), (0.5, 0.3, 0.2)
    many = labels_by_share(labels, labels, shares, 1_000, 3)
    assert np.bincount(many) / 1_000 == pytest.approx(shares, abs=0.003)
    assert (labels_by_share(labels, labels, shares, 10, 3) == many[:10]).all()
    assert set(labels_by_share(labels, ["c"], shares, 10, 3)) == {2}
    with pytest.raises(ConfigError, match=r"'a:0.5,b:0.5' is a mix"):
        labels_by_share(labels, ["a:0.5,b:0.5"], shares, 10, 3)


def test_slots_that_no_row_uses_are_never_generated():
    from series.table_networks import CtganSettings, build

    torch.manual_seed(0)
    generator = build(CtganSettings(width=8, latent_size=4), (2, 5), ())["generator"].eval()
    rows = torch.zeros(20, 2, 5)
    rows[:, 0, 0], rows[:, 0, 1], rows[:10, 1, 2], rows[10:, 1, 3] = 0.5, 1, 1, 1
    generator.representation.fit(rows)
    with torch.no_grad():
        made = generator(generator.latent(200, torch.Generator().manual_seed(1)), None)
    assert set(made[:, 0, 1:].argmax(1).tolist()) == {0}
    assert set(made[:, 1, 1:].argmax(1).tolist()) <= {1, 2, 0}
    assert (made[:, 1, 0] == 0).all()
    assert (made[..., 1:].sum(-1) == 1).all()


# ---- a run ----


def test_a_run_leaves_one_table_of_the_same_form(run, people):
    given, made = read(people), read(run / "samples" / "samples.csv")
    kept = [name for name in given[0] if name != "name"]
    assert made[0] == kept
    assert len(made) == 51
    columns = {name: [row[place] for row in made[1:]] for place, name in enumerate(kept)}
    before = {name: {row[place] for row in given[1:]} for place, name in enumerate(given[0])}
    for name in ("zip", "children", "town", "note", "class"):
        assert set(columns[name]) <= before[name]
    assert before["town"] == {"New; York", "Bonn ", "=Ulm"}
    heights = [float(cell.replace(",", ".")) for cell in columns["height"]]
    assert all(len(cell.partition(",")[2]) == 2 for cell in columns["height"])
    every = [float(cell.replace(",", ".")) for cell in before["height"]]
    assert min(every) <= min(heights) <= max(heights) <= max(every)
    assert all(cell == "NA" or cell.isdecimal() for cell in columns["weight"])
    assert columns["class"].count("low") == pytest.approx(25, abs=1)


def test_more_rows_are_sampled_into_a_file(run, tmp_path):
    ran("sample", run, "--n", 1000, "--out", tmp_path / "x.csv")
    ran("sample", run, "--n", 10, "--out", tmp_path / "few")
    many, few = read(tmp_path / "x.csv"), read(tmp_path / "few" / "samples.csv")
    assert len(many) == 1001
    assert many[:11] == few
    ran("sample", run, "--n", 20, "--emotion", "low", "--out", tmp_path / "x.csv")
    assert {row[-1] for row in read(tmp_path / "x.csv")[1:]} == {"low"}
    (tmp_path / "own.csv").write_text("mine")
    assert "is not as multigan wrote it" in error_of("sample", run, "--out", tmp_path / "own.csv")
    assert "intensity is 1, found 0.5" in error_of(
        "sample", run, "--intensity", 0.5, "--out", tmp_path / "y.csv"
    )
    assert "is a mix" in error_of("sample", run, "--emotion", "low:0.5,high:0.5", "--out", tmp_path / "y.csv")


def test_a_run_is_measured_and_shown_column_by_column(run):
    figures = json.loads((run / "report.json").read_text())["figures"]
    of = {(figure["subject"], figure["name"]): figure for figure in figures}
    assert {name for subject, name in of if subject == "generated"} >= OWN | {
        "FD[columns]",
        "copies[columns]",
    }
    assert {name for subject, name in of if subject == "held-out real"} >= OWN
    assert of["held-out real", "train here, test on real"]["value"] > 0.9  # height and weight tell the class
    page = (run / "report.html").read_text()
    assert "Whole sets beside each other" in page
    assert page.count("<figcaption><b>") == 6  # a chart for each column


def test_tables_from_anywhere_are_measured(run, people, tmp_path):
    """Columns that cannot be learnt, such as names, are left out here; the table that is measured lacks them."""
    asked = "evaluate", "--modality", "tables", "--real", people, "--fake"
    output = ran(*asked, run / "samples" / "samples.csv", "--out", tmp_path / "report")
    assert "left out: name; the label is 'class'." in " ".join(output.split())
    names = {
        figure["name"] for figure in json.loads((tmp_path / "report" / "report.json").read_text())["figures"]
    }
    assert names >= OWN
    other = tmp_path / "other.csv"
    other.write_text("zip;height;class\n" + "01;1,50;low\n" * 40)
    refused = invoke(*asked, other, "--out", tmp_path / "r")
    assert refused.exit_code == 1
    assert "has no column 'weight'" in refused.output.splitlines()[-1]
