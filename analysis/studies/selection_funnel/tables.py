"""The tables of a selection funnel, each cleared: the gap before and after, the funnel stage by
stage, what was published."""

from collections.abc import Iterator, Sequence

import pandas as pd

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import TableNames, counted_table
from analysis.disclosure.suppression import WITHHELD
from analysis.disparity.chain import Stage, decision_chain
from analysis.disparity.relative_rate import rate_difference, relative_rate_index
from analysis.display.amounts import interval
from analysis.judgement.wording.figures_in_words import number
from analysis.judgement.wording.rates_in_words import times
from analysis.plans.plan import Outcome
from analysis.results import Estimate, Result, Table
from analysis.said.texts import capital, named, sentence, together, worded
from analysis.said.told import told
from analysis.sections.tables import counted, outcome_words, worded_table
from analysis.studies.selection_funnel.published import exact_words, filled, pass_rates
from analysis.studies.selection_funnel.webinars import SIDES, WebinarStudy
from analysis.study.group_rates import COUNTS, shown_counts
from analysis.study.public_counts import clearance_of

MINORITY, WHITE = SIDES[1], SIDES[0]
ROUTES = {1: "internal", 0: "external"}
PERIODS = {0: "before", 1: "since the start"}
Pair = tuple[int, int, int, int]  # events and base of the minority, then of White candidates


def gap_counts(study: WebinarStudy, outcome: Outcome) -> Table:
    """Who reached the stage and came through it: minority ethnic and White, internal and external,
    before and since the start."""
    people = study.people(outcome)
    keys = ["internal", "since", "minority"]
    seen = people.groupby(keys)[outcome.id].agg(["size", "sum"]).astype(int)
    rows = [
        {
            "Candidates": SIDES[minority],
            "Route": ROUTES[internal],
            "Period": PERIODS[since],
            "Reached it": int(seen.loc[(internal, since, minority), "size"]),
            "Came through": int(seen.loc[(internal, since, minority), "sum"]),
        }
        for internal in ROUTES
        for since in PERIODS
        for minority in SIDES
        if (internal, since, minority) in seen.index
    ]
    labels = {"Candidates": "group", "Route": "arm", "Period": "period"}
    columns = [*labels, "Reached it", "Came through"]
    return counted_table(
        f"{capital(outcome_words(outcome))}: before and since the start",
        pd.DataFrame(rows, columns=columns),
        names=TableNames(
            study.place,
            "gap before and since",
            labels,
            {"Reached it": PEOPLE, "Came through": WITH},
            outcome.id,
        ),
        rates={"Came through in every 100": ("Came through", "Reached it")},
        whole_rows=True,
        clearance=study.clearance,
    )


def gap_table(study: WebinarStudy, outcome: Outcome, counts: Table) -> Table:
    """The gap in points between minority ethnic and White candidates, worked out from the counts
    that are shown: so many fewer, or more, minority ethnic candidates came through."""
    frame = counts.to_frame()
    cells = [
        {
            "Route": route,
            "Period": period,
            "Gap, points": _points(found),
            "95% confidence interval": _ends(found, "in_every_100"),
        }
        for route in ROUTES.values()
        for period in PERIODS.values()
        for found in [_gap(frame, route, period)]
    ]
    title = f"{capital(outcome_words(outcome))}: {MINORITY} less White, in points"
    table = worded_table(study.plan, title, pd.DataFrame(cells), clearance=study.clearance)
    return counted(table, study.clearance)


def _gap(frame: pd.DataFrame, route: str, period: str) -> Result | None:
    own = frame[(frame["Route"] == route) & (frame["Period"] == period)]
    numbers: list[int] = []
    for side in (MINORITY, WHITE):
        for column in ("Came through", "Reached it"):
            cell = own.loc[own["Candidates"] == side, column]
            if cell.empty or isinstance(cell.iloc[0], str):
                return None
            numbers.append(int(cell.iloc[0]))
    return rate_difference(*numbers)


def _points(found: Result | None) -> str:
    if not isinstance(found, Estimate):
        return WITHHELD
    way = "fewer" if found.value < 0 else "more"
    return f"{number(abs(found.value), 1)} {way}"


def _ends(found: Result | None, unit: str) -> str:
    if not isinstance(found, Estimate):
        return WITHHELD
    return interval(found.conf_low, found.conf_high, unit)


# -- the funnel ------------------------------------------------------------------------------------
def stage_counts(study: WebinarStudy, outcome: Outcome) -> pd.DataFrame:
    """Internal candidates since the start who reached a stage, and who came through it: minority
    ethnic and White, as they may be shown."""
    people = study.offered.dropna(subset=[outcome.id])
    seen = people.groupby("minority")[outcome.id].agg(people="size", events="sum")
    seen.index = seen.index.map(SIDES)
    seen.index.name = "side"
    names = TableNames(study.place, "funnel", {"side": "group"}, COUNTS, outcome.id)
    return shown_counts(seen, names=names, clearance=study.clearance)


def stage_pairs(study: WebinarStudy) -> Iterator[tuple[Outcome, Pair | None]]:
    """Each stage with its counts on both sides; None where one of them may not be shown."""
    for outcome in study.plan.compared:
        shown = stage_counts(study, outcome)
        if not {MINORITY, WHITE} <= set(shown.index):
            yield outcome, None
            continue
        own, other = (shown.loc[side] for side in (MINORITY, WHITE))
        yield (
            outcome,
            (
                int(own["events"]),
                int(own["people"]),
                int(other["events"]),
                int(other["people"]),
            ),
        )


def funnel_table(study: WebinarStudy, pairs: Sequence[tuple[Outcome, Pair | None]]) -> Table:
    """Stage by stage, as selection rates: those who came through among those who reached it, and
    both ways of counting beside White."""
    cells = [{"Stage": capital(outcome_words(outcome)), **_stage(pair)} for outcome, pair in pairs]
    notes = (
        worded(
            "Times as often as White: of those who came through, and of those who did not; the four"
            " fifths convention is 0.8 to 1.25."
        ),
    )
    title = "Stage by stage: internal candidates since the start"
    table = worded_table(
        study.plan, title, pd.DataFrame(cells), notes=notes, clearance=study.clearance
    )
    return counted(table, study.clearance)


def _stage(pair: Pair | None) -> dict[str, str]:
    heads = (MINORITY, WHITE)
    if pair is None:
        rest = ("Came through: times as often", "95% interval", "Did not: times as often")
        return dict.fromkeys((*(capital(head) for head in heads), *rest), WITHHELD)
    events, base, white_events, white_base = pair
    through = relative_rate_index(events, base, white_events, white_base)
    without = relative_rate_index(base - events, base, white_base - white_events, white_base)
    return {
        capital(MINORITY): f"{told(events)} of {told(base)}",
        WHITE: f"{told(white_events)} of {told(white_base)}",
        "Came through: times as often": _times(through),
        "95% interval": _ends(through, "times"),
        "Did not: times as often": _times(without),
    }


def _times(found: Result) -> str:
    return times(found.value) if isinstance(found, Estimate) else WITHHELD


@sentence
def chain_words(pairs: Sequence[tuple[Outcome, Pair | None]]) -> str:
    """What the stages make up together, and which stands apart, where all may be shown."""
    stages = [Stage(o.id, *pair) for o, pair in pairs if pair is not None]
    if len(stages) < len(pairs):
        return "Not all stages can be shown, so that they are not multiplied."
    found = decision_chain(stages, closed=True)
    many = told(len(stages))
    words = {outcome.id: outcome.event for outcome, _ in pairs}
    most = (
        f" Of the {many} stages looked at, the ratio furthest from {told(1)} is that of those who"
        f" {words[found.adds_most]}: its interval stands apart from the others."
        if found.adds_most
        else f" None of the {many} stages stands apart as the one that adds most to the gap."
    )
    if found.product is None:
        return f"The stages are set side by side and not multiplied.{most}"
    steps = together(" × ", (times(s.ratio.value) for s in found.stages if s.distance is not None))
    return f"From the first stage to the last: {steps} = {times(found.product)} times.{most}"


# -- published -------------------------------------------------------------------------------------
def pass_rates_table(study: WebinarStudy) -> Table:
    """The published pass rates as they stand, without a base and so without an interval."""
    rates = pass_rates()
    cells = [
        {
            study.plan.group_heading: rate.group,
            "Came through, in every 100": number(rate.passed_percent, 1),
            "Candidates": "not published" if rate.candidates is None else told(rate.candidates),
            "95% confidence interval": "none without their number",
        }
        for rate in rates
    ]
    return worded_table(
        study.plan,
        "Published pass rates at the online assessment centre",
        pd.DataFrame(cells),
        notes=(named(f"{rates[0].source}, {rates[0].date}: {rates[0].campaign}."),),
        clearance=clearance_of(study.plan, public=True, hidden=NOTHING),
    )


@sentence
def filled_words() -> str:
    """The published count of vacancies with its exact interval, and where it stands."""
    found = filled()
    words = exact_words(found.appointed, found.vacancies)
    return f"Published: {words}. {named(f'{found.source}, {found.date}')}."
