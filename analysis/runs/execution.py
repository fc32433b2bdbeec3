"""Executes one notebook, and says in words what ended it.

The direct way (direct/client.py) where it is to be had: a fork of the warm server runs the cells
itself. Else papermill in an instant or an ordinary kernel (direct/by_papermill.py), with the same
outputs, limits and words.
"""

import os
import re
from pathlib import Path
from typing import Any

from analysis.errors import RunError
from analysis.record.schema import import_jsonschema
from analysis.runs.direct.client import run_directly
from analysis.runs.kernel_client import CHOOSE, ONE_THREAD
from analysis.runs.limits import MEMORY_VARIABLE, Limits

OURS = ("ParameterError", "PlanError", "DataError", "RunError", "WorkbookError")
OUR_WORDS = re.compile(r"E\d{3}: ")


def execute_notebook(
    notebook: Path,
    folder: Path,
    parameters: dict[str, str],
    limits: Limits,
    environment: dict[str, str],
) -> dict[str, Any]:
    """The executed `notebook`; RunError E321 says what kind of fault ended it.

    What it showed until then is kept in `folder`/private/executed.ipynb, the fault's whole text in
    fault.txt beside it.
    """
    named = {
        "WORKBOOK_PRIVATE": str(folder / "private"),
        "WORKBOOK_FIGURES": str(folder / "figures"),
    }
    memory = {MEMORY_VARIABLE: str(limits.memory_bytes or "")}
    own = dict(os.environ) | CHOOSE | ONE_THREAD | named | memory | environment
    try:
        executed = run_directly(notebook, folder, parameters, limits, own)
        if executed is None:
            executed = _by_papermill(notebook, folder, parameters, limits, own)
        return executed
    except Exception as error:
        (folder / "private" / "fault.txt").write_text(str(error), encoding="utf-8")
        raise (
            error
            if isinstance(error, RunError)
            else RunError("E321", fault_in_words(error, limits))
        ) from None


def _by_papermill(*asked: Any) -> dict[str, Any]:
    import_jsonschema()
    from analysis.runs.direct.by_papermill import run_by_papermill

    os.environ.update(CHOOSE)
    return run_by_papermill(*asked)


def fault_in_words(error: Exception, limits: Limits) -> str:
    """The kind of fault, and our own error's code and text; never a value from a traceback of other
    code."""
    kind, value = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", "")
    ours = kind in OURS and OUR_WORDS.match(value)  # packages have errors of these names too
    if kind in ("DeadKernelError", "ForkEnded"):
        what = "the kernel ended before the notebook did"
    elif kind in ("CellTimeoutError", "CellTooLong"):
        what = f"a cell took longer than {limits.cell_seconds} seconds"
    else:
        what = f"a cell failed ({kind}){': ' + value if ours else ''}"
    return f"{what}; the whole text is in the run's private folder"
