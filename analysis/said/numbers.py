"""Numbers that a sentence may say: each was cleared by the rules of a cell, stands in the plan, or
was published before.

A `ClearedNumber` knows how it is printed and how it was cleared. Nothing can be worked out from it:
it is no float, has no operators, and enters a text through `say` or an f-string, as its own text.
Numbers about people are cleared where the rules are known (`disclosure/people_said.py`).
"""

import math
from dataclasses import dataclass, field
from typing import Literal

from analysis.errors import RunError
from analysis.said.carried import carried

How = Literal["count", "share", "estimate", "p", "plan", "tally", "published", "withheld"]
WITHHELD_MARK = "[c]"
FIGURES = 3  # significant figures of what a model gives (S6)
PUBLIC_DECIMALS = 3
# A p-value of a permutation is a multiple of one over the number of assignments, and that tells how
# many units there were. Of each of these steps every number of assignments above some number is
# possible, so that none of them bounds it from above.
P_STEPS = (0.001, 0.01, 0.05)
FEW_UNITS = 5
P_LINE = 0.1  # from here on: tenths
# Things that are counted and are no people: nobody is told by how many of them there are. Sites,
# courts, practitioners and assignments are none of them.
TALLIES = (
    "characteristics",
    "questions",
    "groups",
    "rounds",
    "years",
    "places",
    "leads",
    "announced events",
    "rows of totals",
)
_DOOR = object()


@dataclass(frozen=True, slots=True)
class ClearedNumber:
    """One number as it may be printed (None: withheld), its text, and how it was cleared.

    Made by the functions of this module and of `disclosure/people_said.py`. RunError E353
    otherwise.
    """

    number: float | None
    text: str
    how: How
    door: object = field(default=None, repr=False, compare=False)

    def __post_init__(self):
        if self.door is not _DOOR:
            raise not_cleared("a number was put into a sentence by hand")

    def __format__(self, spec: str) -> str:
        if spec:
            raise TypeError("a cleared number has no other format than its own")
        return carried(self.text)

    __str__ = None  # type: ignore[assignment]

    @property
    def is_withheld(self) -> bool:
        return self.number is None


def not_cleared(what: str) -> RunError:
    """E353, with the remedy; never the number."""
    return RunError(
        "E353",
        f"{what}.",
        remedy="Clear it first (analysis/said/numbers.py, analysis/disclosure/people_said.py), and"
        " let `say` print it.",
    )


def made(number: float | None, text: str, how: How) -> ClearedNumber:
    """For the functions that apply a rule, and nobody else (a test lists them)."""
    return ClearedNumber(number, text, how, _DOOR)


def withheld() -> ClearedNumber:
    """A number that is not told."""
    return made(None, WITHHELD_MARK, "withheld")


def significant(value: float, figures: int = FIGURES) -> float:
    """`value` rounded to significant figures (three: disclosure rule S6)."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, figures - 1 - math.floor(math.log10(abs(value))))


def planned(number: float) -> ClearedNumber:
    """A number of the plan, a rule, a threshold or a size: public by itself."""
    return made(number, plain(number), "plan")


def tally(number: int, of: str) -> ClearedNumber:
    """How many things there are that are no people. ValueError for what is none of `TALLIES`."""
    if of not in TALLIES:
        raise ValueError(f"no tally of {of!r}; valid: {', '.join(TALLIES)}")
    return made(int(number), f"{int(number):,}", "tally")


def cleared_units(number: int) -> ClearedNumber:
    """How many units an estimate rests on that are no people, and that nobody announced: in
    fives, and below five that they are fewer."""
    shown = int(_in_fives(number))
    few = number < FEW_UNITS
    return made(shown, f"fewer than {FEW_UNITS}" if few else f"{shown:,}", "tally")


def published(number: float, decimals: int = 1) -> ClearedNumber:
    """A number of a source that was published before (S0), as it stands there."""
    return made(number, f"{number:,.{decimals}f}", "published")


def cleared_estimate(
    value: float, *, decimals: int | None = None, signed: bool = False
) -> ClearedNumber:
    """What a model gives, to three significant figures (S6), and no more than `decimals` of them
    behind the point."""
    rounded = significant(value)
    if decimals is not None:
        rounded = round(rounded, decimals) + 0.0
    text = plain(rounded) if decimals is None else _fixed(rounded, decimals)
    if signed:
        text = text.replace("-", "−") if rounded <= 0 else f"+{text}"
    return made(rounded, text, "estimate")


def cleared_p(p: float, *, public: bool = False) -> ClearedNumber:
    """A p-value in words, in steps that do not tell how many units were compared: "p below 0.01",
    "p about 0.3".

    The number is the step itself. `public`: from counts that were published (S0), to three
    decimals.
    """
    if public:
        exact = round(p, PUBLIC_DECIMALS)
        below = p < P_STEPS[0]
        text = f"p below {P_STEPS[0]:g}" if below else f"p = {exact:.{PUBLIC_DECIMALS}f}"
        return made(P_STEPS[0] if below else exact, text, "p")
    for step in P_STEPS:
        if p <= step:
            return made(step, f"p at most {step:g}", "p")
    if p <= P_LINE:
        return made(P_LINE, f"p above {P_STEPS[-1]:g}, at most {P_LINE:g}", "p")
    tenth = max(math.floor(10 * p + 0.5) / 10, P_LINE)
    return made(tenth, f"p about {tenth:g}", "p")


def cleared_df(df: float, *, in_fives: bool) -> ClearedNumber:
    """Degrees of freedom of a reference distribution. in_fives: clusters are people, and these give
    their number."""
    shown = _in_fives(df) if in_fives else significant(df)
    return made(shown, plain(shown), "estimate")


def plain(number: float) -> str:
    """No zeros behind it, thousands with commas, never "-0"."""
    text = f"{number + 0.0:,.10f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _fixed(number: float, decimals: int) -> str:
    return f"{number + 0.0:,.{decimals}f}"


def _in_fives(value: float) -> float:
    return max(5.0, 5.0 * math.floor(value / 5 + 0.5))
