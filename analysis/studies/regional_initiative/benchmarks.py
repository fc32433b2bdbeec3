"""The leading share beside a benchmark with its vintage, and what people without a known ethnic
group leave open."""

import pandas as pd

from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import TableNames, counted_table
from analysis.disparity.representation import Recorded, true_share_bounds
from analysis.display.section import Section
from analysis.plans.plan import Outcome
from analysis.results import Table
from analysis.said.numbers import planned
from analysis.said.texts import say
from analysis.sections.showing import Shown
from analysis.sections.tables import table_in_plan_words, worded_table
from analysis.studies.regional_initiative.study import DAY, RegionalStudy

BEFORE, SINCE = "before", "since the start"
RECORDED, MINORITY = "With a known group", "Minority ethnic"
SHARE = "Minority ethnic, in every 100"
EVERYONE_SEEN, DECLARED = "People", "Declared, in every 100"


def benchmarks(shown: Shown, outcomes: tuple[Outcome, ...]) -> Section:
    """Share of minority ethnic people among those whose group is known, before and since the start,
    beside the benchmarks of the plan; how many declared, and between which ends the share of all
    lies whatever the others are."""
    study, plan = shown.study, shown.plan
    assert isinstance(study, RegionalStudy)
    if not plan.benchmarks:
        return Section.of(shown.say("The plan names no benchmark."))
    table = _counts(shown, study)
    return Section.of(table_in_plan_words(plan, table), _ends(shown, table))


def _counts(shown: Shown, study: RegionalStudy) -> Table:
    rows = study.everyone[study.everyone["excluded"] == ""]
    time = (rows[DAY] >= study.start).map({True: SINCE, False: BEFORE})
    frame = pd.DataFrame(
        {
            EVERYONE_SEEN: rows.groupby(time).size(),
            RECORDED: rows["minority"].groupby(time).count(),
            MINORITY: rows["minority"].groupby(time).sum().astype(int),
        }
    )
    frame = frame.reindex([BEFORE, SINCE]).fillna(0).astype(int).reset_index(names="Time")
    names = TableNames(
        study.place,
        "benchmarks",
        {"Time": "arm"},
        {EVERYONE_SEEN: PEOPLE, RECORDED: "recorded", MINORITY: WITH},
        shown.plan.leading,
    )
    return counted_table(
        f"{shown.place_name}: who is known to be of a minority ethnic group",
        frame,
        names=names,
        rates={DECLARED: (RECORDED, EVERYONE_SEEN), SHARE: (MINORITY, RECORDED)},
        clearance=study.clearance,
    )


def _ends(shown: Shown, table: Table) -> Table:
    """From the counts as they are printed: the lowest and highest share of all, and the
    benchmarks."""
    lines = []
    for line in table.to_frame().to_dict("records"):
        counts = [line[name] for name in (MINORITY, RECORDED, EVERYONE_SEEN)]
        low, high = _bounds(counts)
        lines.append({"What": f"share of all, {line['Time']}", "Lowest": low, "Highest": high})
    for one in shown.plan.benchmarks:
        lines.append(
            {
                "What": f"{one.plain} ({one.vintage})",
                "Lowest": one.percent,
                "Highest": one.percent,
            }
        )
    said = say(
        "Counted in every {n}. The ends hold whatever the group of those is who did not state one.",
        n=planned(100.0),
    )
    return worded_table(
        shown.plan,
        "The share of all, whatever the others are, and benchmarks",
        pd.DataFrame(lines),
        notes=(said,),
        clearance=shown.clearance,
    )


def _bounds(counts: list) -> tuple[str | float, str | float]:
    if any(isinstance(number, str) for number in counts):
        return "[c]", "[c]"
    members, known, everyone = (int(number) for number in counts)
    found = true_share_bounds(Recorded(members, known, everyone))
    if found is None:
        return "[z]", "[z]"
    return round(100 * found.low, 1), round(100 * found.high, 1)
