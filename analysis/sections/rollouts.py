"""Tables and figures that every roll-out over units shows: who is in each comparison, and the
effect by time since the start, with the time before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.disclosure.rules import Clearance
from analysis.disclosure.suppression import OTHER_REASONS
from analysis.display.figures import rollout as figures
from analysis.display.section import Chart, Section
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Row
from analysis.results import EVERYONE, Table
from analysis.said.numbers import cleared_units
from analysis.sections.tables import method_words, worded_table

LEFT_OUT_REASONS = {  # short: all of a row must fit into one label
    "no_start_in_block": "no start there in time",
    "no_figures_before": "no figures before the start",
    "no_comparison_then": "nobody to compare with",
    "need_seen_then": "when need was seen, before the start",
    "no_other_group_there": "one of the groups only",
    "incomplete_periods": "no figures in some month",
}


@dataclass(frozen=True)
class Timed:
    """How effects by time are said. units: "Courts"; period: "month"; base: periods before the
    start that they are measured from."""

    units: str
    period: str
    base: int


def events(
    plan: Plan, outcome: Outcome, effects: pd.DataFrame, timed: Timed, clearance: Clearance
) -> Section:
    """The effect on one outcome by time since the start, with the time before it: a table, and a
    figure of what is counted in every 100."""
    table = event_table(plan, outcome, effects, timed, clearance)
    if outcome.unit != "in_every_100":
        return Section.of(table)
    figure = figures.event_study_figure(
        table,
        title=f"Effect on {outcome.noun} by {timed.period} since the start",
        base=timed.base,
        better=outcome.better,
        period=timed.period,
    )
    alt = figures.event_study_figure_alt(table, base=timed.base, period=timed.period)
    name = "event_study" if outcome.id == plan.leading else f"event_study_{outcome.id}"
    return Section.of(Chart(figure, alt, table, name), table)


def event_table(
    plan: Plan, outcome: Outcome, effects: pd.DataFrame, timed: Timed, clearance: Clearance
) -> Table:
    """The numbers of the figure of effects by time since the start."""
    value = "In every 100" if outcome.unit == "in_every_100" else "Points"
    since = f"{capital(timed.period)}s since the start"
    frame = pd.DataFrame(
        {
            since: effects["event_time"].astype(int).astype(str),
            value: ((effects["value"].round(1) + 0.0).map("{:.1f}".format).str.replace("-", "−")),
            "95% interval": [
                interval_numbers(low, high)
                for low, high in zip(effects["conf_low"], effects["conf_high"], strict=True)
            ],
            timed.units: [cleared_units(int(n)).text for n in effects["units"]],
        }
    )
    title = f"Effect by {timed.period} since the start"
    if outcome.id != plan.leading:
        title = f"{capital(outcome.noun)}: {title[0].lower()}{title[1:]}"
    return worded_table(plan, title, frame, clearance=clearance)


def flow_table(plan: Plan, rows: Sequence[Row], *, left_out: str, clearance: Clearance) -> Table:
    """Of each comparison: people used, people and courts left out, and why. `rows` as they may
    leave."""
    cells = [
        {
            "Outcome": capital(plan.outcome(row.outcome).noun),
            "Group": "everyone" if row.group == EVERYONE else row.group,
            "How worked out": method_words(plan, row),
            "People used": f"{row.n:,}",
            "People left out, by reason": _reasons_words(row.left_out),
            left_out: str(row.clusters_left_out),
        }
        for row in rows
        if row.left_out is not None and row.note != "second_opinion"
    ]
    title = "Who is in each comparison, and who is left out"
    notes = (f"Numbers of people and {left_out.split()[0].lower()} in fives.",)
    return worded_table(plan, title, pd.DataFrame(cells), notes=notes, clearance=clearance)


def _reasons_words(left_out: Mapping[str, int | None]) -> str:
    words = {**LEFT_OUT_REASONS, OTHER_REASONS: "other reasons"}
    parts = (
        f"{'[c]' if n is None else f'{n:,}'}: {words[reason]}" for reason, n in left_out.items()
    )
    return "; ".join(parts) or "nobody"


def interval_numbers(low: float, high: float) -> str:
    """Both ends with two decimals, or one from 10 on; a minus sign that is one."""
    places = 1 if max(abs(low), abs(high)) >= 2 else 2
    return f"{low:.{places}f} to {high:.{places}f}".replace("-", "−")
