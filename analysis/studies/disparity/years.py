"""What answers one comparison: its newest round, its rounds added up, or, where these disagree, the
newest of them.

Rounds that disagree about the size of a ratio may agree that there is one. Rule, for a measure
whose rounds are added up:
1. The ratios of the rounds are tested for equality; p-values are adjusted over all comparisons of
the page that are
   tested so, by the method of the page.
2. Where the test does not reject, the sum answers.
3. Where it rejects, the newest round that has a verdict answers, with its own size and the verdict
of its own page.
   Where every round that has a verdict (two at least) lies outside the band on the same side, the
   note says so, and the verdict is a disparity also where only the sum, on that side too, sets
   chance aside.
4. Where no single round has a verdict, the sum answers, and the note says that its rounds disagree.
So a comparison whose sum has enough numbers has a verdict, whatever its rounds are.
"""

from dataclasses import dataclass, replace

from analysis.disparity.equality_of_years import Equality, YearCounts, equality_of_years
from analysis.disparity.relative_rate import Verdict
from analysis.inference.multiplicity import ADJUSTMENTS
from analysis.plans.monitor import Measure
from analysis.results import Estimate, Result
from analysis.said.texts import named
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.figures import MonitorFigures, RoundResult

# Notes of a row that answers where rounds disagree: the round that it is of, or the sum.
ONE_SIDE, DIFFER, SUM = "rounds_one_side_", "rounds_differ_", "rounds_differ_added_up"
ADDED_UP = "added_up"  # note of the ratio of all rounds where it does not answer
OUTSIDE = ("disparity", "practical_only")  # verdicts on a ratio outside the band


@dataclass(frozen=True)
class Agreement:
    """Test that the ratio was the same in every round; p_adjusted: over all tests of this kind on
    the page."""

    test: Equality
    p_adjusted: float


@dataclass(frozen=True)
class Lead:
    """What answers one comparison: ratio, verdict and the p-value that it rests on, and the counts
    of group and reference.

    note: None where nothing disagrees; else ONE_SIDE or DIFFER with the round after it, or SUM.
    """

    result: Result
    p_adjusted: float | None
    verdict: Verdict
    pair: tuple[shown.Cell, shown.Cell]
    note: str | None = None


def agreements(study: MonitorFigures) -> dict[tuple[str, str], Agreement]:
    """By measure and group: do the rounds that are added up tell one ratio. Those that cannot be
    tested are left out."""
    pooled = [(m, g) for m, g in shown.compared(study.plan) if m.pool_rounds]
    tests = {(m.id, g): _equality(study, m, g) for m, g in pooled}
    tested = {key: test for key, test in tests.items() if isinstance(test, Equality)}
    adjusted = ADJUSTMENTS[study.plan.page_family.method](
        [test.p_value for test in tested.values()]
    )
    return {
        key: Agreement(test, p) for (key, test), p in zip(tested.items(), adjusted, strict=True)
    }


def _equality(study: MonitorFigures, measure: Measure, group: str):
    years = []
    for label in study.counts.rounds_of(measure):
        cell, reference = study.pair(measure, group, label)
        if cell.is_shown and reference.is_shown:
            years.append(
                YearCounts(label, cell.events, cell.base, reference.events, reference.base)
            )
    return equality_of_years(years, kind=measure.kind)


def lead_of(
    study: MonitorFigures, measure: Measure, group: str, agreement: Agreement | None
) -> Lead:
    """What answers one comparison, by the rule above. `agreement`: None where its rounds were not
    tested."""
    whole = study.page()[measure.id, group]
    lead = Lead(whole.result, whole.p_adjusted, whole.verdict, study.pair(measure, group))
    agreed = agreement is None or agreement.p_adjusted > study.plan.alpha
    if agreed or whole.verdict.name == "insufficient_data":
        return lead
    told = [one for one in study.history(measure, group) if _has_verdict(one)]
    if not told:
        return replace(lead, note=SUM)
    return _newest(whole, told, study.pair(measure, group, told[-1].round))


def _has_verdict(one: RoundResult) -> bool:
    """Enough numbers, and a ratio: no events in the reference group leave none to print."""
    return isinstance(one.result, Estimate) and one.verdict.name != "insufficient_data"


def _newest(
    whole: RoundResult, told: list[RoundResult], pair: tuple[shown.Cell, shown.Cell]
) -> Lead:
    """The newest of the rounds that have a verdict; their existence is that of the sum where all
    lie on one side."""
    newest, alike = told[-1], on_one_side([one.verdict for one in told])
    lead = Lead(
        newest.result,
        newest.p_adjusted,
        newest.verdict,
        pair,
        (ONE_SIDE if alike else DIFFER) + newest.round,
    )
    same = (whole.verdict.name, whole.verdict.direction) == ("disparity", newest.verdict.direction)
    if alike and same and newest.verdict.name != "disparity":
        return replace(
            lead, verdict=replace(newest.verdict, name="disparity"), p_adjusted=whole.p_adjusted
        )
    return lead


def on_one_side(verdicts: list[Verdict]) -> bool:
    """Two verdicts or more, all on ratios outside the band and all in the same direction."""
    sides = {verdict.direction for verdict in verdicts}
    return (
        len(verdicts) > 1
        and len(sides) == 1
        and all(verdict.name in OUTSIDE for verdict in verdicts)
    )


def round_of(note: str | None) -> str | None:
    """The one round that a row is of, from its note; None: the newest round of the page, or all of
    them."""
    for start in (ONE_SIDE, DIFFER):
        if note and note.startswith(start) and note != SUM:
            return named(note.removeprefix(start))
    return None
