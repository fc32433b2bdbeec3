"""Promotion judged as a selection rate: minority ethnic beside reference staff, among members and
among one partner of each who had not joined.

Counts are rounded and suppressed first; ratios and verdicts rest on them, both ways of counting
(`disparity.relative_rate.verdict`), and are said in the words of the monitors.
"""

from dataclasses import dataclass, replace

import pandas as pd

from analysis.designs.trials.competing_exits import time_until
from analysis.disclosure.attack.noted import note_relations
from analysis.disclosure.named.names import sum_of
from analysis.disclosure.named.tables import TableNames
from analysis.disclosure.rules import load_rules
from analysis.disparity.relative_rate import (
    Verdict,
    VerdictRule,
    relative_rate_index,
    smallest_detectable_ratio,
    verdict,
)
from analysis.display.amounts import interval
from analysis.inference.multiplicity import benjamini_hochberg
from analysis.judgement.disparities import Disparity, rri_can_say
from analysis.judgement.wording.statements import month
from analysis.plans.plan import Outcome
from analysis.results import Estimate, Table
from analysis.said.numbers import cleared_estimate
from analysis.said.texts import joined, named, say
from analysis.studies.progression.events import DAYS_IN_MONTH, EXITS, timed
from analysis.studies.progression.study import ProgressionStudy
from analysis.studies.progression.tables import SIDE, selection_counts, selection_names
from analysis.study.group_rates import COUNTS
from analysis.study.words import slots
from analysis.vocabulary.ethnicity import MISSING

MINORITY = "minority ethnic"
MEMBERS, PARTNERS = "members", "their partners"
WORDS = {
    MEMBERS: ("minority ethnic members", "{reference} members"),
    PARTNERS: ("minority ethnic partners", "{reference} partners"),
}
FIRST = (
    "The first table counts members alone, from the day of joining on. In the second, each member"
    " has one partner of the same region and grade, who had not joined on that day. It is the one"
    " closest to the member in what is recorded, and is counted from the same day."
)
QUARTER = 0.25  # of the people of a side: by when so many had been promoted


@dataclass(frozen=True)
class Side:
    """One side as it may be shown: events and people of the minority ethnic and the reference
    group, in fives; None: withheld."""

    name: str
    counts: tuple[int, int, int, int] | None


def exact_counts(study: ProgressionStudy, outcome: Outcome) -> pd.DataFrame:
    """Exact: people and events by side and group, of those whose ethnic group is known."""
    reference, pairs = study.plan.groups.reference, study.pairs
    frames = {MEMBERS: study.members, PARTNERS: pairs[pairs["member"] == 0]}
    lines = []
    for side, frame in frames.items():
        known = frame[~frame["ethnic_group"].isin(MISSING)].dropna(subset=[outcome.id])
        minority = known["ethnic_group"] != reference
        for group, own in ((MINORITY, known[minority]), (reference, known[~minority])):
            lines.append([side, group, len(own), int(own[outcome.id].sum())])
    columns = [SIDE, study.plan.group_heading, "People", "Promoted"]
    return pd.DataFrame(lines, columns=columns)


def selection(study: ProgressionStudy, outcome: Outcome) -> tuple[Table, tuple[str, ...]]:
    """The table of counts and rates, and one sentence a side: the ratio, and what may be said of
    it."""
    counted = exact_counts(study, outcome)
    table = selection_counts(study, outcome, counted)
    _note_sums(study, outcome)
    shown = table.to_frame()
    sides = [_side(name, shown) for name in WORDS]
    told = [side for side in sides if side.counts is not None]
    ratios = {side.name: relative_rate_index(*side.counts) for side in told if side.counts}
    p = [r.p_value if isinstance(r, Estimate) else None for r in ratios.values()]
    adjusted = dict(zip(ratios, benjamini_hochberg(p), strict=True))
    said = tuple(_sentence(study, outcome, side, adjusted.get(side.name)) for side in sides)
    return _with_ratios(table, ratios), said


def _side(name: str, shown: pd.DataFrame) -> Side:
    own = shown[shown[SIDE] == name][["Promoted", "People"]]
    cells = [cell for row in own.itertuples(index=False, name=None) for cell in row]
    if any(isinstance(cell, str) for cell in cells):
        return Side(name, None)
    minority_events, minority, events, people = (int(cell) for cell in cells)
    return Side(name, (minority_events, minority, events, people))


def _with_ratios(table: Table, ratios: dict) -> Table:
    """The table with the ratio of each side and its interval, in the line of the minority ethnic
    group."""
    frame = table.to_frame()
    ratio, ends = [], []
    for side, group in zip(frame[SIDE], frame.iloc[:, 1], strict=True):
        found = ratios.get(side)
        if group != MINORITY:
            ratio.append("[z]"), ends.append("[z]")
        elif isinstance(found, Estimate):
            ratio.append(f"{found.value:.2f}")
            ends.append(interval(found.conf_low, found.conf_high, "times"))
        else:
            ratio.append("[c]"), ends.append("[c]")
    made = frame.assign(**{"Times as often": ratio, "95% confidence interval": ends})
    return Table(table.title, made, table.cleared_by, table.notes)


def _sentence(
    study: ProgressionStudy, outcome: Outcome, side: Side, p_adjusted: float | None
) -> str:
    """What may be said of one side, in the words of the monitors."""
    if side.counts is None or study.plan.band is None:
        return f"Of {side.name}: withheld to protect people."
    rule = VerdictRule(
        counts=outcome.counts, band=study.plan.band.limits, alpha=study.plan.families[0].alpha
    )
    found = None
    if p_adjusted is not None:
        found = verdict(*side.counts, rule, p_adjusted=p_adjusted)
    group, comparison = WORDS[side.name]
    own = slots(study.plan, outcome, study.place)
    words = replace(
        own,
        event=say("{event} by {month}", event=named(outcome.event), month=month(own)),
        group=group,
        comparison=comparison.format(reference=study.plan.groups.reference),
    )
    return joined(" ", (f"Of {side.name}:", rri_can_say(_disparity(study, side, found), words)))


def _disparity(study: ProgressionStudy, side: Side, found: Verdict | None) -> Disparity:
    band, counts = study.plan.band, side.counts
    if found is None or found.ratio is None or band is None or counts is None:
        return Disparity("insufficient_data")
    events, base, others, their_base = counts
    share = others / their_base
    smallest = (
        smallest_detectable_ratio(base, their_base, reference_rate=share, higher=False)
        if 0 < share < 1
        else None
    )
    return Disparity(
        found.name,
        found.ratio,
        found.conf_low,
        found.conf_high,
        group_rate=100 * events / base,
        reference_rate=100 * share,
        band_low=band.low,
        band_high=band.high,
        mde=smallest,
        asked=None,
        opposite=found.opposite,
        decided_by=found.decided_by or "event",
        worse_off=found.worse_off,
        counts=study.plan.outcome(study.plan.leading).counts,
    )


def _note_sums(study: ProgressionStudy, outcome: Outcome) -> None:
    """Minority ethnic members are those of each group, who stand in the table of rates as well."""
    own, reference = selection_names(study, outcome), study.plan.groups.reference
    groups = TableNames(study.place, "rates", {"ethnic_group": "group"}, COUNTS, outcome.id)
    heading = study.plan.group_heading
    known = study.members.dropna(subset=[outcome.id])["ethnic_group"]
    present = [group for group in study.groups if (known == group).any()]
    for here, there in (("People", "people"), ("Promoted", "events")):
        whole = own.name({SIDE: MEMBERS, heading: MINORITY}, here)
        parts = [
            groups.name({"ethnic_group": group}, there) for group in present if group != reference
        ]
        note_relations([sum_of(whole, parts, "minority ethnic members by group")])


def pace(study: ProgressionStudy, outcome: Outcome) -> str:
    """By which month a quarter of each side had been promoted; nothing where that is few people, or
    never came."""
    months = []
    for member in (1.0, 0.0):
        own = study.pairs[study.pairs["member"] == member]
        found = time_until(
            timed(own, outcome.id),
            time=EXITS.time,
            exit=EXITS.exit,
            cause=outcome.id,
            share=QUARTER,
        )
        if found is None or QUARTER * len(own) < load_rules().threshold:
            return ""
        months.append(cleared_estimate(found / DAYS_IN_MONTH, decimals=0))
    return say(
        "A quarter of matched members had been promoted about {own} months after the day of"
        " joining, and a quarter of their partners about {other} months after it.",
        own=months[0],
        other=months[1],
    )
