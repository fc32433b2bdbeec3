"""The page docs/harm_watch.md and the file params/harm_watch.yml: how often harm watch is wrong,
and what it misses."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from report import table
from scipy import stats

from analysis.judgement.classes import HARM_GRADES
from analysis.results import EVERYONE

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9)
FEWEST = 30  # rows: fewer are counted, and make no share
PRECISE = 0.7  # standard error, in sizes that matter
ERRORS = (
    0,
    0.25,
    0.5,
    0.7,
    1,
    1.5,
    2.5,
    math.inf,
)  # edges of standard errors, in sizes that matter

HOW = """# Harm watch: how often it is wrong

This page and params/harm_watch.yml are made by `make calibrate-harm` (it goes on where it was
stopped; seeds are fixed). Rows are those of the primary outcomes of ethnic_matching: in each
region the row on everyone compared and the rows within groups. Grades: *worse*, the unadjusted 95
% interval lies wholly on the worse side; *may be worse*, the estimate is worse than the size that
matters and so is, with a posterior probability above {level:g}, the true value after shrinking
over places. "Drawn" nations ({drawn:,} of each kind): estimates drawn around what
params/synthetic.yml plants, with the standard errors and degrees of freedom of the committed run,
through the functions that pages use. "Made" nations ({made}): people, practitioners and outcomes
of other seeds, through every region's study and the step that sets regions beside each other
({seconds}). An entry is false where what is planted is not on the worse side. Within a group,
what is planted is the effect of matching and how practitioners of that group do with everybody;
some rows are harmed by very little that way, so the last lines count as harmed only what the
effect of matching alone harms. Each number stands with its Monte Carlo standard error (and the
rows behind it); rows of one nation are counted as independent. As planted, {harmed:.0f} in every
100 rows are harmed ({leading:.0f} of those on everyone compared): where harm is rarer, more
entries are false.
"""
RULE = """## Which rule

The plain interval rule meets the first two targets, so no row needs to be left out of the watch
and *worse* needs no agreement of the posterior. What the grade *may be worse* would do at other
levels of the plan, over drawn nations as planted (false entries among its own; harms of twice the
size that matters named by either grade):
"""
MISSED = """## What is named, by precision

One place of each pool harmed by twice the size that matters, the others as planted; by the
standard error of the row in sizes that matter. "First rule": every estimate worse than the size
that matters, or interval on the worse side. Both grades are among what it watched, so that no
level of the plan can name more.
"""


def page(drawn: dict, nations: int, made: Sequence, seconds: Sequence[float], level: float) -> str:
    """The whole page as Markdown."""
    cost = f"{np.median(seconds):.0f} processor seconds each" if seconds else "none yet"
    harmed, leading = (
        100 * np.mean([is_harmed(r) for r in part])
        for part in _all_and_leading(drawn["as_planted"])
    )
    head = HOW.format(
        level=level, drawn=nations, made=len(seconds), seconds=cost, harmed=harmed, leading=leading
    )
    parts = [
        head,
        "## Targets",
        _targets(drawn, made),
        _verdict(drawn),
        "## Entries",
        _entries(drawn, made),
    ]
    parts += [RULE, _levels(drawn), MISSED, _precision(drawn["one_harmed"]), _closing(drawn)]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def result_file(
    planted: Sequence, nations: int, made: Sequence, made_nations: int, level: float
) -> str:
    """What pages read: counts of entries, and of the false ones among them."""
    lines = [
        "# Written by `make calibrate-harm` (docs/harm_watch.md); never by hand.",
        f"probability: {level:g}",
    ]
    for name, rows, count in (("drawn", planted, nations), ("made", made, made_nations)):
        lines += [f"{name}:", f"  nations: {count}"]
        for grade in HARM_GRADES:
            entries = [row for row in rows if row.grade == grade]
            lines.append(
                f"  {grade}: {{entries: {len(entries)}, false:"
                f" {sum(not is_harmed(r) for r in entries)}}}"
            )
    return "\n".join(lines) + "\n"


def is_harmed(row) -> bool:
    return row.harm > 0


def share(hits: Iterable[bool]) -> str:
    """A share in percent with its Monte Carlo standard error."""
    hits = list(hits)
    if not hits:
        return "-"
    if len(hits) < FEWEST:
        return f"{sum(hits)} of {len(hits)}"
    p = sum(hits) / len(hits)
    error, decimals = math.sqrt(p * (1 - p) / len(hits)), 2 if p < 0.05 else 1
    return f"{100 * p:.{decimals}f} ± {100 * error:.{decimals}f} ({len(hits):,})"


def _leads(rows: Iterable) -> list:
    return [row for row in rows if row.group == EVERYONE]


def _all_and_leading(rows: Sequence) -> tuple[Sequence, Sequence]:
    return rows, _leads(rows)


def _twice(rows: Iterable) -> list:
    """Rows on everyone compared that are harmed by twice the size that matters."""
    return [row for row in _leads(rows) if abs(row.harm - 2) < 1e-6]


def _targets(drawn: dict, made: Sequence) -> str:
    planted = drawn["as_planted"]
    rows = [["", "target, %", "drawn", "made"]]
    none = [r for r in drawn["no_effect"]]
    exact = [r for r in made if r.harm == 0]
    rows.append(
        [
            "(i) *worse* in a row without any effect",
            "at most 2.5",
            share(r.grade == "worse" for r in none),
            share(r.grade == "worse" for r in exact),
        ]
    )
    rows.append(
        [
            "(i) *worse* in a row without harm, as planted",
            "at most 2.5",
            *(
                share(r.grade == "worse" for r in part if not is_harmed(r))
                for part in (planted, made)
            ),
        ]
    )
    rows.append(
        [
            "(ii) false among *worse*",
            "at most 20",
            *(
                share(not is_harmed(r) for r in part if r.grade == "worse")
                for part in (planted, made)
            ),
        ]
    )
    rows.append(
        [
            "(ii) the same, rows on everyone compared",
            "at most 20",
            *(
                share(not is_harmed(r) for r in _leads(part) if r.grade == "worse")
                for part in (planted, made)
            ),
        ]
    )
    for words, wanted in (("*worse*", ("worse",)), ("either grade", HARM_GRADES)):
        rows.append(
            [
                f"(iii) planted harms of twice the size that matters: {words}",
                "at least 80",
                *(share(r.grade in wanted for r in _twice(part)) for part in (planted, made)),
            ]
        )
    rows.append(
        [
            "the same by the first rule (estimate worse than the size that matters, or interval)",
            "",
            *(
                share(r.beyond or r.grade == "worse" for r in _twice(part))
                for part in (planted, made)
            ),
        ]
    )
    return table(rows[0], rows[1:])


def _verdict(drawn: dict) -> str:
    """Which targets are met, from the numbers themselves."""
    planted, none = drawn["as_planted"], drawn["no_effect"]
    fires = np.mean([r.grade == "worse" for r in none])
    false = np.mean([not is_harmed(r) for r in planted if r.grade == "worse"])
    named = np.mean([r.grade is not None for r in _twice(planted)])
    error = math.sqrt(fires * (1 - fires) / len(none))
    words = {True: "met", False: "NOT met"}
    return (
        f"Over drawn nations: (i) is {words[bool(fires <= 0.025 + 2 * error)]} within its Monte"
        f" Carlo error, (ii) is {words[bool(false <= 0.2)]}, (iii) is {words[bool(named >= 0.8)]}."
    )


def _entries(drawn: dict, made: Sequence) -> str:
    rows = [["rows", "rule", "false, drawn", "false, made"]]
    groups = (
        ("all", list),
        ("everyone compared", _leads),
        ("within groups", lambda r: [x for x in r if x.group != EVERYONE]),
    )
    parts = (drawn["as_planted"], made)
    for words, chosen in groups:
        for grade in HARM_GRADES:
            cells = [
                share(not is_harmed(r) for r in chosen(part) if r.grade == grade) for part in parts
            ]
            rows.append([words, grade.replace("_", " "), *cells])
        first = [
            share(not is_harmed(r) for r in chosen(p) if r.beyond or r.grade == "worse")
            for p in parts
        ]
        rows.append([words, "first rule", *first])
    alone = [share(r.harm_of_matching <= 0 for r in p if r.grade == "worse") for p in parts]
    rows.append(["all, harmed by the effect of matching alone", "worse", *alone])
    alone = [share(r.harm_of_matching <= 0 for r in p if r.grade == "may_be_worse") for p in parts]
    rows.append(["all, harmed by the effect of matching alone", "may be worse", *alone])
    return table(rows[0], rows[1:])


def _levels(drawn: dict) -> str:
    rows = [
        ["level", "entries a nation", "false, %", "named as planted, %", "named, one harmed, %"]
    ]
    planted, harmed = drawn["as_planted"], _leads(drawn["one_harmed"])
    per_nation = len(planted) / len({(r.outcome, r.group, r.place) for r in planted})
    for level in LEVELS:
        entries = [r for r in planted if _at(r, level)]
        named = [
            share(r.grade == "worse" or _at(r, level) for r in part)
            for part in (_twice(planted), harmed)
        ]
        rows.append(
            [
                f"{level:g}",
                f"{len(entries) / per_nation:.2f}",
                share(not is_harmed(r) for r in entries),
                *named,
            ]
        )
    return table(rows[0], rows[1:])


def _at(row, level: float) -> bool:
    """The row would be *may be worse* at this level."""
    return (
        row.grade != "worse"
        and row.beyond
        and row.probability is not None
        and row.probability > level
    )


def _precision(rows: Sequence) -> str:
    cells = [["standard error, sizes that matter", "worse, %", "either grade, %", "first rule, %"]]
    for low, high in pairwise(ERRORS):
        inside = [r for r in rows if low <= r.error < high]
        named = [
            share(r.grade == "worse" for r in inside),
            share(r.grade is not None for r in inside),
        ]
        edge = f"{low:g} to {high:g}" if high < math.inf else f"{low:g} or more"
        cells.append([edge, *named, share(r.beyond or r.grade == "worse" for r in inside)])
    return table(cells[0], cells[1:])


def _closing(drawn: dict) -> str:
    """What no rule can do: from the normal distribution, and from the precise rows."""
    precise, power = [r for r in drawn["one_harmed"] if r.error < PRECISE], stats.norm.ppf(0.8)
    error = float(np.median([r.error for r in _twice(drawn["as_planted"])]))
    fires = float(stats.norm.sf((2 - power * error) / error))
    return (
        "An interval shows a harm of twice the size that matters with power 80 % only where the"
        f" standard error is at most\n{2 / (power + stats.norm.ppf(0.975)):.2f} sizes that matter."
        f" Below {PRECISE:g}, {share(r.grade is not None for r in precise)} % are named. The rest"
        " need\nmore people, not another rule: at the standard error of the planted harm of that"
        f" size ({error:.2f} sizes that matter),\nany rule on the estimate that names 80 % of such"
        f" harms fires in {100 * fires:.0f} % of the rows without effect."
    )
