"""Runs the cells of a notebook again, in a new kernel and in a folder that is thrown away."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.disclosure.guard.metadata import reduce_metadata
from analysis.disclosure.guard.told import record_of
from analysis.plans.registry import check_round
from analysis.runs.direct.notebook import write_notebook
from analysis.runs.execution import execute_notebook
from analysis.runs.limits import Limits

ROUND = "WORKBOOK_ROUND"  # whose snapshot a kernel reads, and what its record is named after


def outputs_again(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook as it comes out of its own cells, with the parameters that stand in them.

    RunError E321 where it does not come to its end, E322 and others of the study itself.
    """
    with tempfile.TemporaryDirectory(prefix="workbook-check-") as name:
        folder = Path(name)
        (folder / "private").mkdir(mode=0o700)
        (folder / "figures").mkdir()
        path = folder / "notebook.ipynb"
        write_notebook(_bare(notebook), path)
        executed = execute_notebook(path, folder, {}, Limits.from_environment(), _round(notebook))
    return reduce_metadata(executed)


def _round(notebook: Mapping[str, Any]) -> dict[str, str]:
    """The round that the record names, unless the command was told another one."""
    record = record_of(notebook) or {}
    return {} if os.environ.get(ROUND) else {ROUND: check_round(str(record.get("round")))}


def _bare(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """The cells alone: nothing of what they have shown."""
    cells = [
        dict(cell) | ({"outputs": [], "execution_count": None} if _is_code(cell) else {})
        for cell in notebook["cells"]
    ]
    return {**notebook, "cells": cells}


def _is_code(cell: Mapping[str, Any]) -> bool:
    return cell["cell_type"] == "code"
