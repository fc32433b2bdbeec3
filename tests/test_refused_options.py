"""Promises of options and folders: what would fail at the end of a batch is refused before it, and
folders with rows of people are their owner's."""

import csv
import io

import pandas as pd
import pytest
from command_line import workbook

from analysis.display.layout import csv_text
from analysis.errors import ParameterError
from analysis.paths import make_own, open_to_others
from analysis.results import Table
from analysis.runs.telling import check_can_be_written


@pytest.mark.parametrize("jobs", ["0", "-3"])
def test_no_jobs_are_refused_with_the_valid_numbers(tmp_path, jobs):
    done = workbook("run", "release", "--jobs", jobs, reports=tmp_path)
    assert done.returncode == 2 and done.stderr.startswith("E230: ") and "from 1 on" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_summary_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    for file in (tmp_path / "none" / "x.json", tmp_path / "folder", tmp_path / ("x" * 300)):
        with pytest.raises(ParameterError, match="E235"):
            check_can_be_written(file)
    check_can_be_written(tmp_path / "x.json")
    assert not (tmp_path / "x.json").exists()


def test_numbers_written_as_text_stay_numbers_in_csv():
    cells = ["-2.1", "-5%", "+3", "-1,234", "-1+1", "-A1", "=1", "-2 to 3"]
    rows = csv.reader(io.StringIO(csv_text(Table("t", pd.DataFrame({"a": cells}), "model", ()))))
    assert [row[0] for row in rows][1:] == [*cells[:4], *(f"'{cell}" for cell in cells[4:])]


def test_folders_are_made_for_their_owner_and_open_ones_are_told(tmp_path):
    made = make_own(tmp_path / "a" / "b")
    assert [p.stat().st_mode & 0o777 for p in (made, made.parent)] == [0o700, 0o700]
    assert open_to_others([made, tmp_path / "none"]) == ()
    made.chmod(0o750)
    (line,) = open_to_others([made, made])
    assert f"chmod 700 {made}" in line
