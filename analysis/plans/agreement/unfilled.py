"""What is still to be filled in of a plan: it runs on the synthetic nation and on nothing else."""

import re
from pathlib import Path

from analysis.errors import PlanError

KEYED = re.compile(r"(?:- )?[a-z_]+:")
UNFILLED = "to fill in"  # how each text begins that a new plan leaves to its authors


def unfilled_lines(text: str) -> tuple[tuple[int, str], ...]:
    """Number of each line of a plan that is still to be filled in, with its key, or for an item of
    a list that above it; comments do not count."""
    found, key = [], ""
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.partition(" #")[0].strip()
        key = said.removeprefix("- ").partition(":")[0] if KEYED.match(said) else key
        if f"{UNFILLED}:" in said and not said.startswith("#"):
            found.append((number, key))
    return tuple(found)


def refuse_unfilled(path: Path, source: str) -> None:
    """PlanError E282 where a plan is to be run on anything but synthetic data and its authors have
    not filled it in."""
    lines = unfilled_lines(path.read_text(encoding="utf-8"))
    if source == "synthetic" or not lines:
        return
    (number, key), *others = lines
    more = f" ({len(others)} more in this file)" if others else ""
    text = f"{path.name}, line {number}: `{key}` is still to be filled in{more}."
    remedy = "Write there what it asks for; until then the study runs on synthetic data alone."
    raise PlanError("E282", text, remedy=remedy)
