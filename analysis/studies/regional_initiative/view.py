"""What the verbs show of a regional initiative."""

import pandas as pd

from analysis.display import figures
from analysis.display.amounts import axis_words
from analysis.display.drawn_lines import placebos_table
from analysis.display.section import Chart, Section
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome
from analysis.results import Table
from analysis.sections import frame_shows
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Shows, Way
from analysis.sections.tables import estimates_table
from analysis.studies.regional_initiative.benchmarks import benchmarks
from analysis.studies.regional_initiative.kind import KIND, PERMUTED, PLACEBO, SYNTHETIC
from analysis.studies.regional_initiative.past import expected, past
from analysis.vocabulary.regions import ALL, place_set

SAID_BEFORE = "choices"


def people(shown: Shown) -> Section:
    """Who is left out, and the place beside its own past."""
    outcome = shown.plan.outcome(shown.plan.leading)
    return Section.of(frame_shows.people(shown), past(shown, outcome))


def answer(shown: Shown) -> Section:
    """What so few places can show, said first; then the answer."""
    said = [c.text for c in shown.study.checks if c.id in (SAID_BEFORE, "own_sites")]
    return Section.of(shown.answer(*said))


def by_month(shown: Shown, outcomes: tuple[Outcome, ...]) -> Section:
    """Each outcome in this place by month."""
    return Section.of(*(past(shown, outcome) for outcome in outcomes))


def rates(shown: Shown, outcomes: tuple[Outcome, ...], by: str) -> Section:
    """The event of each ethnic group beside the reference group, step by step: of the outcomes that
    are about groups or, where none of those asked for is, of all that are."""
    asked = any(outcome.only_groups for outcome in outcomes)
    of_groups = tuple(o for o in (outcomes if asked else shown.plan.compared) if o.only_groups)
    if not of_groups:
        return Section.of(shown.say("No outcome of this study is counted by ethnic group."))
    return frame_shows.rates(shown, of_groups, by)


def each_place(shown: Shown, outcome: Outcome) -> Section:
    """How far each place lies from what the others lead one to expect, and the series behind it."""
    rows = [row for row in shown.rows(outcome.id) if row.estimand == PLACEBO]
    if shown.place != ALL or not rows:
        return Section.of()
    kind = place_set(shown.plan.data.places)
    names = [kind.name(row.method) for row in rows]
    own = [row.method in shown.plan.comparison.arms for row in rows]
    title = f"{capital(outcome.noun)}: each {kind.one} beside what the others lead one to expect"
    empty = Table(title, pd.DataFrame(), "cleared_record")
    table = placebos_table(rows, names, own, beside=empty)
    axis = axis_words(outcome.unit, outcome.event, outcome.noun)
    scale = figures.Scale(outcome.unit, axis, outcome.better, outcome.matters)
    heading = f"Each {kind.one} beside what the others lead one to expect"
    figure = figures.placebo_figure(table, scale, title=heading)
    alt = figures.placebo_figure_alt(table, scale)
    chart = Chart(figure, alt, table, f"places_{outcome.id}"[:40])
    fragile = [row for row in shown.rows(outcome.id) if row.method in ("leave_one_out",)]
    left = estimates_table(
        "With one of the others left out",
        fragile,
        shown.plan,
        by_method=True,
        clearance=shown.clearance,
    )
    ranked = shown.plan.comparison.design == "one_region"
    return Section.of(
        table, chart, expected(shown, outcome) if ranked else None, left if fragile else None
    )


def _way(*methods: str, words: str, **more) -> Way:
    """A design that answers of everyone and, where it leads, by group."""
    rows = {None: tuple((KIND.estimand, method) for method in methods)}
    return Way(words, rows, **more)


LEADS = Way(
    "beside the other places, over the same time",
    {
        None: ((KIND.estimand, SYNTHETIC), (KIND.estimand, PERMUTED)),
        ETHNIC_GROUP: (("group_effect", SYNTHETIC), ("group_effect", PERMUTED)),
    },
)
DESIGNS = {
    "beside_the_others": LEADS,
    "every_place": Way(
        "each place as if it alone had the initiative",
        {None: ((PLACEBO, ""),)},
        only={None: lambda shown, outcomes: Section.of(*(each_place(shown, o) for o in outcomes))},
    ),
    "synthetic_control": _way("synthetic_control", words="beside the closest mix of the others"),
    "augmented_synthetic_control": _way(
        "augmented_synthetic_control",
        words="beside the closest mix, corrected for what it leaves before the start",
    ),
    "difference_in_differences": _way(
        "difference_in_differences", words="beside all the others alike"
    ),
    "synthetic_did_of_few": _way(
        "synthetic_did_of_few", words="beside what the others, weighted, lead one to expect"
    ),
    "conformal": _way("conformal", words="by shifting months, under an assumption of the plan"),
}
_FRAME = frame_shows.shows(DESIGNS)
SHOWS: Shows[Shown] = Shows(
    opened=Shown,
    answer=answer,
    people=people,
    check=_FRAME.check,
    limits=_FRAME.limits,
    rates=rates,
    designs=DESIGNS,
    over={"month": by_month, "benchmark": benchmarks},
)
