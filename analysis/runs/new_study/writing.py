"""Writes a new study: its plan, what is planted for it alone, what to ask the supplier for, and its
test; all of it or nothing.

Nothing that is there is overwritten. The plan is read and held against its data before a file is
written, and is written last: without it there is no study.
"""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import ParameterError, RunError
from analysis.extracts.tables.contracts import CONTRACTS, EXTRACT, tables_of
from analysis.paths import PARAMS
from analysis.plans.agreement.unfilled import unfilled_lines
from analysis.plans.registry import AnyPlan, plan_files, read_plan
from analysis.runs.new_study.examples import Example
from analysis.runs.new_study.plan_text import new_text
from analysis.runs.new_study.planted_text import planted_text
from analysis.runs.new_study.request_text import request_text
from analysis.runs.new_study.test_text import test_text
from analysis.study.offers import check_agrees
from analysis.study.opening import service_of
from analysis.synthetic.planted import OWN

NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")
RESERVED = ("all", "national", "site")


@dataclass(frozen=True)
class Begun:
    """A new study: its files in the order in which they were written, its plan last, and the lines
    of the plan that are still to be filled in."""

    files: tuple[Path, ...]
    unfilled: tuple[tuple[int, str], ...]


def begin(study: str, example: Example) -> Begun:
    """Write a new study from a worked example. ParameterError E284 for a name that cannot be one,
    or that is taken; RunError E324 where nothing can be written."""
    _check_name(study)
    text = new_text(example.text, study, example.plan.study)
    plan = _checked(text, study, example.folder)
    home = PARAMS.parent
    contents = {
        home / "data" / "requests" / f"{study}.md": request_text(plan, tables_read(plan)),
        home / "tests" / f"test_{study}.py": test_text(plan, example.truth),
        PARAMS / OWN.name / f"{study}.yml": planted_text(study, example.truth),
        PARAMS / example.folder / f"{study}.yml": text,
    }
    for path in contents:
        if path.exists():
            raise _taken(path)
    _write_all(contents)
    return Begun(tuple(contents), unfilled_lines(text))


def tables_read(plan: AnyPlan) -> tuple[str, ...]:
    """The tables of persons that a plan is worked out from."""
    own = getattr(plan, "tables", ())
    found = own or tables_of(service_of(plan))
    return tuple(table for table in found if table in CONTRACTS and table != EXTRACT.table)


def _check_name(study: str) -> None:
    """ParameterError E284."""
    if not NAME.fullmatch(study) or study in RESERVED:
        text = "the name of a study is 3 to 40 small letters, digits and underscores."
        raise ParameterError("E284", text, remedy="Write for instance mentoring_2027.")
    if study in plan_files():
        text = f"there is a study of this name: {plan_files()[study].name}."
        raise ParameterError("E284", text, remedy="Choose another name.")


def _checked(text: str, study: str, folder: str) -> AnyPlan:
    """The new plan, read as every plan is and held against its data."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / folder / f"{study}.yml"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        plan = read_plan(path)
    check_agrees(plan)
    return plan


def _write_all(contents: Mapping[Path, str]) -> None:
    """All files, or none: what was written is taken away where one cannot be. ParameterError E284
    where one is there already, RunError E324."""
    written: list[Path] = []
    made: list[Path] = []
    try:
        for path, text in contents.items():
            made += [one for one in path.parents if not one.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except BaseException as error:
        _take_away(written, made)
        if isinstance(error, FileExistsError) and error.filename in map(str, contents):
            raise _taken(error.filename) from None
        if isinstance(error, OSError):
            text = f"the files of the new study could not be written ({error.strerror})."
            raise RunError("E324", text, remedy="Nothing was kept.") from None
        raise


def _take_away(files: list[Path], folders: list[Path]) -> None:
    """What was written, and folders that were made for it and hold nothing else."""
    for path in files:
        path.unlink(missing_ok=True)
    for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _taken(path: object) -> ParameterError:
    return ParameterError("E284", f"{path} is there already.", remedy="Choose another name.")
