"""What is different where an evaluator sits at JupyterLab: plain values are seen, and an error of
ours is one sentence with its traceback folded below it.

Neither leaves: a published notebook holds verbs and registered outputs only (docs/trust.md).
"""

import re
from html import escape
from types import NoneType

from IPython.display import display

from analysis.errors import WorkbookError
from analysis.paths import lab_saves_no_private_output

# Exactly these: a number of numpy or pandas comes from data, and a subclass from anywhere.
PLAIN = (bool, int, float, complex, str, NoneType)


def is_plain(shown: object) -> bool:
    """A value such as a person types, in a session of JupyterLab: 1 + 1, a name, True."""
    return type(shown) in PLAIN and lab_saves_no_private_output()


def install_short_errors(ip) -> None:
    """An error of the workbook shows its sentence, and what was called where in a fold below. Only
    in JupyterLab; a batch keeps the whole traceback."""
    if lab_saves_no_private_output():
        ip.set_custom_exc((WorkbookError,), _show)


def _show(ip, kind, error, traceback, tb_offset=None) -> list[str]:
    lines = ip.InteractiveTB.structured_traceback(kind, error, traceback, tb_offset=tb_offset)
    ip._showtraceback(kind, error, [f"{kind.__name__}: {error}"])
    display({"text/html": _folded(lines), "text/plain": ""}, raw=True)
    return lines


def _folded(lines: list[str]) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))
    return f"<details><summary>Where it arose</summary><pre>{escape(text)}</pre></details>"
