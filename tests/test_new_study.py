"""A new study in minutes: begun from a worked example it runs at once on synthetic data of its own,
finds what is planted there, and says what is to be filled in before it runs on anything else."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from chosen import quick_where
from command_line import WORKBOOK, workbook

from analysis.errors import ParameterError, RunError
from analysis.paths import PARAMS, ROOT
from analysis.plans.agreement.unfilled import UNFILLED, unfilled_lines
from analysis.plans.kinds import MONITORS, designs, kinds
from analysis.plans.registry import list_plans
from analysis.runs.new_study.examples import (
    TRUTHS,
    Truth,
    designs_offered,
    example_of,
    tables_offered,
)
from analysis.runs.new_study.plan_text import OWN, new_text
from analysis.runs.new_study.test_text import TIMES
from analysis.runs.new_study.writing import begin
from analysis.study.offers import offered_counts
from analysis.synthetic.planted import load_planted, planted_for
from analysis.synthetic.stamp import stamp
from analysis.vocabulary.yaml_file import load_yaml

STUDY = "begun_here"
OFFERED = [f"new-pilot {STUDY} --design {key}" for key in designs_offered()]
OFFERED += [f"new-monitor {STUDY} --table {key}" for key in tables_offered()]
PAGE = (ROOT / "docs" / "new-study.md").read_text(encoding="utf-8")
# Each command of the page, with what its comment says.
COMMANDS = re.findall(r"^\.venv/bin/([^#\n]*?) *(#.*)?$", PAGE, re.M)
FILES = (
    "data/requests/{}.md",
    "tests/test_{}.py",
    "params/planted/{}.yml",
    "params/pilots/{}.yml",
)


@pytest.fixture
def home(tmp_path) -> Path:
    """A body's own folder of plans."""
    shutil.copytree(PARAMS, tmp_path / "params")
    return tmp_path


def asked(home: Path, *arguments: str) -> subprocess.CompletedProcess:
    """The command line over the plans of `home`, with reports, pages and extracts in it."""
    own = {"WORKBOOK_PARAMS": home / "params", "WORKBOOK_WORKSPACE": home / "workspace"}
    own["WORKBOOK_STATE"] = home / "state"
    told = {name: str(path) for name, path in own.items()}
    return workbook(*arguments, reports=home / "reports", **told)


def own_test_of(home: Path, test: str) -> subprocess.CompletedProcess:
    """pytest on a test that was written."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=home,
        env=os.environ | {"WORKBOOK_PARAMS": str(home / "params")},
        capture_output=True,
        text=True,
        timeout=600,
    )


# -- what is offered -------------------------------------------------------------------------------
def test_every_design_that_a_kind_works_out_is_offered():
    named = {key: one for kind in kinds().values() for key, one in kind.designs.items()}
    nothing = {key for key, one in named.items() if set(one.by) == {"everyone"}}
    assert nothing == {"counts_of_vacancies"}  # it compares nothing, so that there is no effect
    assert {*designs_offered()} == {*named} - nothing
    assert {*designs()} == {*designs_offered(), *nothing}  # each is worked out by a study


def test_every_table_is_offered_in_which_a_monitor_of_the_nation_leads():
    led = {p.table for p in list_plans() if getattr(p, "table", "") in offered_counts().tables}
    assert {*tables_offered()} == led


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("new-pilot", STUDY, "--design", "wait_list"), "Did you mean `wait_list_trial`"),
        (("new-pilot", STUDY, "--design", "regression_discontinuity"), "staggered_sites"),
        (("new-monitor", STUDY, "--table", "complaints"), "supervision_quarters"),
        (("new-pilot", "Begun", "--design", "few_regions"), "small letters"),
        (("new-pilot", "national", "--design", "few_regions"), "small letters"),
        (("new-pilot", "supervision", "--design", "few_regions"), "supervision.yml"),
    ],
)
def test_what_cannot_be_begun_names_what_can_and_writes_nothing(home, arguments, said):
    before = sorted(home.rglob("*"))
    done = asked(home, *arguments)
    assert done.returncode == 2 and re.match(r"E28[34]: ", done.stderr) and said in done.stderr
    assert sorted(home.rglob("*")) == before


# -- what is written -------------------------------------------------------------------------------
@pytest.mark.parametrize("command", OFFERED, ids=lambda c: c.split()[-1])
def test_a_new_study_is_read_explained_and_asks_for_what_is_missing(home, monkeypatch, command):
    example = example_of(command.split()[-1], tables_offered() | designs_offered(), "design")
    monkeypatch.setattr("analysis.runs.new_study.writing.PARAMS", home / "params")
    begun = begin(STUDY, example)
    request, test, planted, plan = begun.files
    folders = [path.parent.name for path in begun.files]
    assert folders == ["requests", "tests", "planted", example.folder]
    assert load_yaml(planted).content["seed"] != load_planted().seed
    assert f"# Data for {STUDY}" in request.read_text()
    compile(test.read_text(), str(test), "exec")
    lines = plan.read_text().splitlines()
    asking = [n for n, line in enumerate(lines, 1) if UNFILLED in line and line[0] != "#"]
    assert [number for number, _ in begun.unfilled] == asking
    keys = {key for _, key in begun.unfilled}
    assert {"title", "question", "report", "item", "lead", "assurer", "decides"} <= keys
    own = lines[: lines.index("release: management_information")]
    assert not {example.plan.title, example.plan.people.lead} & {*"\n".join(own).split(": ")}


def test_an_item_of_a_list_is_named_by_its_key_and_a_comment_asks_for_nothing():
    text = 'lead: x  # to fill in: no\nask:\n  - "to fill in: what?"\n# to fill in: no\n'
    assert unfilled_lines(text) == ((3, "ask"),)
    assert unfilled_lines("title: forms to fill in\n- item: 'to fill in: it'") == ((2, "item"),)


def test_the_example_s_own_words_are_left_out_and_its_design_is_kept():
    example = designs_offered()["wait_list_trial"]
    text = new_text(example.text, STUDY, "gamified_training")
    assert example.plan.title not in text.split("data:")[0] and example.plan.question not in text
    assert "illustrative" not in text.replace("# ", "")
    assert text.count(UNFILLED) >= len(OWN) and "design: wait_list_trial" in text


@pytest.mark.parametrize("there", FILES)
def test_nothing_is_overwritten_and_all_is_written_or_nothing(home, monkeypatch, there):
    monkeypatch.setattr("analysis.runs.new_study.writing.PARAMS", home / "params")
    monkeypatch.setattr("analysis.runs.new_study.writing.plan_files", dict)
    path = home / there.format(STUDY)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    before = {p: p.read_bytes() for p in home.rglob("*") if p.is_file()}
    with pytest.raises(ParameterError, match=r"E284.*is there already"):
        begin(STUDY, designs_offered()["few_regions"])
    assert {p: p.read_bytes() for p in home.rglob("*") if p.is_file()} == before


def test_a_plan_that_cannot_be_written_takes_the_other_files_with_it(home, monkeypatch):
    monkeypatch.setattr("analysis.runs.new_study.writing.PARAMS", home / "params")
    (home / "params" / "pilots").rename(home / "pilots_before")
    (home / "params" / "pilots").write_text("a file in the place of the folder")
    before = sorted(home.rglob("*"))
    with pytest.raises(RunError, match="E324"):
        begin(STUDY, designs_offered()["few_regions"])
    assert sorted(home.rglob("*")) == before


# -- what it does ----------------------------------------------------------------------------------
def test_what_is_not_filled_in_is_asked_for_before_other_data_are_read(home):
    assert asked(home, "new-pilot", STUDY, "--design", "few_regions").returncode == 0
    explained = asked(home, "explain-plan", STUDY)
    assert explained.returncode == 0 and UNFILLED in explained.stdout
    planned = asked(home, "run", STUDY, "--dry-run")
    assert planned.returncode == 0 and "13 to run" in planned.stdout
    refused = asked(home, "run", STUDY, "--data", f"extracts:{home}", "--dry-run")
    assert refused.returncode == 2
    assert f"E282: {STUDY}.yml, line 4: `title`" in refused.stderr
    plan = home / "params" / "pilots" / f"{STUDY}.yml"
    plan.write_text(plan.read_text().replace(f"{UNFILLED}: ", "words of its own: "))
    refused = asked(home, "run", STUDY, "--data", f"extracts:{home}", "--dry-run")
    assert "E282" not in refused.stderr


@pytest.mark.parametrize(
    "command",
    quick_where(OFFERED, lambda c: c.endswith("wait_list_trial")),
    ids=lambda c: c.split()[-1],
)
def test_what_is_planted_is_found_by_the_test_that_was_written(home, command):
    made = asked(home, *command.split())
    assert made.returncode == 0, made.stderr
    done = own_test_of(home, f"tests/test_{STUDY}.py")
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", OFFERED, ids=lambda c: c.split()[-1])
def test_one_region_runs_at_once_and_ends_with_a_page(home, command):
    assert asked(home, *command.split()).returncode == 0
    region = ("--region", "west_midlands", "--data", "synthetic:x0.2")
    done = asked(home, "run", STUDY, *region)
    assert done.returncode == 0, done.stdout + done.stderr
    (page,) = home.glob(f"workspace/pages/synthetic-x0.2/draft/{STUDY}/*/index.html")
    assert "NOT YET SET BESIDE THE OTHERS" in page.read_text() and str(page) in done.stdout


def halve_what_is_planted(home: Path, truth: Truth) -> None:
    """For the new study alone: half way to nil, which is 1 of a ratio and 0 of a difference."""
    file = home / "params" / "planted" / f"{STUDY}.yml"
    content = yaml.safe_load(file.read_text())
    nil = 1.0 if truth.unit == TIMES else 0.0
    inner = content
    for part in truth.key[:-1]:
        inner = inner[part]
    held = inner[truth.key[-1]]
    half = {key: nil + (value - nil) / 2 for key, value in _named(held).items()}
    inner[truth.key[-1]] = half if isinstance(held, dict) else half[""]
    file.write_text(yaml.safe_dump(content, sort_keys=False))


def _named(held: object) -> dict:
    return held if isinstance(held, dict) else {"": held}


TOLD = """
import sys
from analysis.plans.registry import load_plan, parse_source
from analysis.runs.new_study.examples import truth_of
from analysis.study.data_version import data_hash
from analysis.study.opening import open_exact
from analysis.synthetic.planted import planted_for

example, place, study = sys.argv[1:]
source = parse_source("synthetic")
rows = open_exact(load_plan(study), place, source)[0].rows
print(data_hash(source, study))
print(truth_of(example).value(planted_for(study)))
print([(row.outcome, row.group, row.estimand, row.value) for row in rows])
"""


def told(home: Path, truth: Truth, study: str) -> list[str]:
    """Hash of the data of a study, what is planted in them, and the rows worked out from them."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD, truth.study, truth.place, study],
        env=os.environ | {"WORKBOOK_PARAMS": str(home / "params")},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "command",
    quick_where(OFFERED, lambda c: c.endswith("few_regions")),
    ids=lambda c: c.split()[-1],
)
def test_what_is_planted_for_a_study_changes_its_result_and_no_other(home, command):
    """The test that was written finds the other effect as well; the worked example stays."""
    example = example_of(command.split()[-1], tables_offered() | designs_offered(), "design")
    truth = example.truth
    assert asked(home, *command.split()).returncode == 0
    before = {study: told(home, truth, study) for study in (STUDY, truth.study)}
    (data, _, rows), (data_of_example, _, rows_of_example) = before.values()
    assert data != data_of_example and rows != rows_of_example  # people of its own
    halve_what_is_planted(home, truth)
    after = {study: told(home, truth, study) for study in (STUDY, truth.study)}
    assert after[truth.study] == before[truth.study]
    assert all(a != b for a, b in zip(after[STUDY], before[STUDY], strict=True))
    done = own_test_of(home, f"tests/test_{STUDY}.py")
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: x\n", "line 1: seed"),
        ("seed: 1\ntraining:\n  programs: {}\n", "line 3: training › programs"),
        (
            "training:\n  programmes:\n    gamified:\n      attended_effect:\n        wave1: 2.0\n",
            "line 5: nothing is planted at training › programmes › gamified › attended_effect"
            " › wave1. Did you mean `wave_1`",
        ),
        ("courts:\n  reports:\n    group: {Black: -1}\n", "line 3: courts › reports › group"),
    ],
)
def test_what_cannot_be_planted_is_refused_with_file_and_line(home, text, said):
    assert asked(home, "new-pilot", STUDY, "--design", "wait_list_trial").returncode == 0
    (home / "params" / "planted" / f"{STUDY}.yml").write_text(text)
    refused = asked(home, "run", STUDY, "--region", "wales", "--data", "synthetic:x0.05")
    told = refused.stdout + refused.stderr
    assert refused.returncode and "E208" in told and f"{STUDY}.yml, {said}" in told


def test_a_study_without_a_file_of_its_own_has_what_all_have():
    assert planted_for("ethnic_matching") is load_planted() and stamp(1.0, "none") == stamp()


def test_the_truths_are_of_examples_that_there_are():
    assert {truth.study for truth in TRUTHS} <= {plan.study for plan in list_plans()}
    folders = {example.folder for example in tables_offered().values()}
    assert folders == {MONITORS}


# -- the page --------------------------------------------------------------------------------------
@pytest.mark.slow
def test_every_command_of_the_page_runs(home, monkeypatch):
    """In their order; what the page says to fill in is filled in where it says so."""
    assert len(COMMANDS) >= 8
    monkeypatch.chdir(home)
    for command, comment in COMMANDS:
        program, *arguments = shlex.split(command)
        assert program in ("pytest", WORKBOOK.name)
        run = own_test_of if program == "pytest" else asked
        done = run(home, *arguments)
        refused = "refused (E282)" in comment
        assert done.returncode == (2 if refused else 0), (command, done.stdout, done.stderr)
        assert refused == ("E282" in done.stderr)
        if refused:
            plan = home / "params" / "pilots" / "leadership_2027.yml"
            plan.write_text(plan.read_text().replace(f"{UNFILLED}: ", "words of its own: "))
