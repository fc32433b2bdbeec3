"""Private sessions: plain tables and free output for those who may see persons.

A session is opened by a person who answers a question, in JupyterLab as `make lab` starts it (whose
server saves no outputs of such a notebook) or in IPython in a terminal. Nothing else can answer it:
a batch, papermill, nbclient, nbconvert and nbval run cells without anybody to ask, and are refused.
The kernel then registers nothing and makes no record, and the output guard refuses every file in
which this room is named (G19).
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from IPython import get_ipython
from IPython.core.formatters import DisplayFormatter

from analysis.disclosure.guard.registration import close_registration
from analysis.errors import ParameterError
from analysis.paths import figures_folder, lab_saves_no_private_output, private_folder, round_named
from analysis.plans.locks.standing import require_lock
from analysis.plans.registry import BLIND_WORDS, check_parameters
from analysis.plans.study_plan import StudyPlan
from analysis.study.opening import open_exact, opened_tables

QUESTION = (
    "This session shows rows of persons. Nothing of it is saved or published by the workbook.\n"
    "Type yes if you may see them: "
)
ANSWER = "yes"


@dataclass(frozen=True, eq=False)
class PrivateStudy:
    """A study with its persons. tables: by name, the checked tables of its service, typed as the
    data dictionary says; study: the exact study of its kind."""

    plan: StudyPlan
    place: str
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    study: object = field(repr=False)


def open_private(study_id: str, region_id: str, data_source: str) -> PrivateStudy:
    """The tables of a study in one place, for those who may see persons; opens the gate of this
    kernel for good.

    >>> private = open_private("ethnic_matching", "west_midlands", "extracts")
    >>> private.tables["people_on_probation"].head()

    ParameterError E281 where nobody is there to be asked, where outputs would be saved, or where
    the answer was another; E210 to E215 and E290 as for open_study; E270 where the study has no
    rows of persons.
    """
    plan, place, source = check_parameters(study_id, region_id, data_source)
    require_lock(plan, source)
    _refuse_unattended()
    _ask()
    if source.blind:
        print(BLIND_WORDS)
    tables = opened_tables(plan, place, source)
    study, _, _ = open_exact(plan, place, source)
    close_registration()
    shell = get_ipython()
    shell.display_formatter = DisplayFormatter(parent=shell)
    return PrivateStudy(plan, place, tables, study)


def _refuse_unattended() -> None:
    """ParameterError E281 in a batch, outside a session that somebody types in, and where
    JupyterLab would save what is shown."""
    if private_folder() or figures_folder() or round_named():
        raise _refused("a batch makes pages, and no private session.")
    shell = get_ipython()
    if shell is None:
        raise _refused("a script has nobody to ask.")
    if getattr(shell, "kernel", None) is None:
        if not sys.stdin.isatty():
            raise _refused("nobody sits at this terminal.")
    elif not lab_saves_no_private_output():
        raise _refused("this server would save what is shown.")


def _ask() -> None:
    """ParameterError E281 where nobody answers, or the answer is another."""
    from IPython.core.error import StdinNotImplementedError

    try:
        answer = input(QUESTION)
    except (StdinNotImplementedError, EOFError, OSError):
        raise _refused("cells are run here without anybody to ask.") from None
    if answer.strip().lower() != ANSWER:
        raise _refused("the answer was not yes.")


def _refused(why: str) -> ParameterError:
    remedy = (
        "Open it in JupyterLab started by `make lab`, or in IPython in a terminal; what pages need"
        " comes from study.table(...). See docs/private.md."
    )
    return ParameterError("E281", f"no private session: {why}", remedy=remedy)


__all__ = ["PrivateStudy", "open_private"]
