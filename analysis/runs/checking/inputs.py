"""What the record of a notebook would be made from if it were run here: hashes of plan, data and
code."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.disclosure.guard.told import parameters_of
from analysis.paths import NOTEBOOKS, ROOT
from analysis.plans.registry import (
    NATIONAL,
    NATIONAL_NOTEBOOK,
    load_plan,
    notebook_path,
    parse_source,
    plan_hash,
)
from analysis.runs.planning import Run
from analysis.study.data_version import data_hash
from analysis.versions import code_version

EXAMPLE = "example"  # committed records, which keep the hashes of the data and code of their day


def is_committed(file: Path) -> bool:
    """Whether the file is a notebook of the project as it was committed: what made its outputs is
    then the code of that day."""
    if not file.resolve().is_relative_to(NOTEBOOKS):
        return False
    command = ["git", "ls-files", "--error-unmatch", str(file.resolve())]
    try:
        tracked = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=10).returncode
        command = ["git", "diff", "--quiet", "HEAD", "--", str(file.resolve())]
        altered = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=10).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tracked == 0 and altered == 0


def inputs_here(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Names and hashes as a record carries them. ParameterError, PlanError, DataError where plan or
    data are not here."""
    told = parameters_of(notebook)
    plan, source = load_plan(told.get("study_id", "")), parse_source(told.get("data_source", ""))
    if source.name == EXAMPLE:
        return {"plan_hash": plan_hash(plan.study)}
    region = told.get("region_id", NATIONAL)
    own = NATIONAL_NOTEBOOK if region == NATIONAL else notebook_path(plan)
    run = Run(plan.study, region, source, told.get("round_id", ""), own)
    found = {"plan_hash": plan_hash(plan.study), "data_hash": data_hash(run.source, plan.study)}
    return found | ({} if region == NATIONAL else {"code_version": code_version(own)})
