"""Which rows of a study are on harm watch, and with which grade (page rules, section 1a rule 4).

Watched is what answers for a place or for one ethnic group in it: the row that leads an outcome and
the rows within groups. Never a second opinion, a bound, another model or another arm of the same
comparison, and never a difference between groups: each more row would be one more chance of a false
alarm about the same people.
"""

from collections.abc import Iterator, Mapping, Sequence

from analysis.inference.multiplicity import holm
from analysis.inference.sequential import ALPHA
from analysis.judgement import classes
from analysis.judgement.pools.pooling import METHOD as POOLED_METHOD
from analysis.judgement.pools.pooling import Pooled
from analysis.plans.kinds import group_rows, kind_of, lead_method
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import EVERYONE

NOT_AN_ANSWER = ("second_opinion", "bounds", "beside_the_others")


def is_watched(plan: Plan, row: Row) -> bool:
    """Does the row answer for a place, or for one group in it?"""
    kind = kind_of(plan)
    if row.note in NOT_AN_ANSWER or not plan.outcome(row.outcome).compared:
        return False
    methods = {kind.estimand: {lead_method(plan)}}
    if (of_groups := group_rows(plan)) is not None:
        methods[of_groups[0]] = {of_groups[1]}
    if (
        not plan.data.also_all
    ):  # else the one analysis of all answers, and its parts put together are a second look
        methods = {estimand: found | {POOLED_METHOD} for estimand, found in methods.items()}
    everyone = row.group == EVERYONE
    return everyone == (row.estimand == kind.estimand) and row.method in methods.get(
        row.estimand, ()
    )


def with_grade(plan: Plan, row: Row, pools: Mapping[tuple, object], place: str | None) -> Row:
    """The row with its grade of harm watch. `place` None: of all places together, which have no
    others beside them."""
    outcome = plan.outcome(row.outcome)
    if row.status != "estimated" or not is_watched(plan, row):
        return row.with_(harm_watch=None)
    grade = classes.harm_watch(
        *row.estimate,
        matters=outcome.size,
        better=outcome.better,
        ratio=row.unit == "times",
        probability=_beyond(plan, row, pools, place),
        level=plan.harm_watch.probability,
    )
    return row.with_(harm_watch=grade)


def watched_p(plan: Plan, record: Record) -> Iterator[float]:
    """One-sided p-value (0 to 1) of harm of each row of a place that is watched and has a
    direction."""
    for row in record.rows:
        outcome = plan.outcome(row.outcome)
        if row.status == "estimated" and outcome.better and is_watched(plan, row):
            yield classes.harm_p(
                *row.estimate,
                p_value=row.p_value,
                better=outcome.better,
                ratio=row.unit == "times",
            )


def stand_out(watched: Sequence[Sequence[float]]) -> tuple[bool, ...]:
    """Of each study in a place, whether a harm of it stands out among all that is watched there.

    `watched`: one-sided p-values of harm, study by study (`watched_p`). Holm over all of them: of a
    place without harm at most 5 in 100 have one that stands out.
    """
    adjusted = iter(holm(p for own in watched for p in own))
    return tuple(min((next(adjusted) or 0.0 for _ in own), default=1.0) <= ALPHA for own in watched)


def _beyond(plan: Plan, row: Row, pools: Mapping[tuple, object], place: str | None) -> float | None:
    """Posterior probability of harm beyond the size that matters, from the pool that the row is in;
    else None."""
    outcome = plan.outcome(row.outcome)
    pooled = pools.get(row.cell)
    if (
        outcome.better is None
        or not isinstance(pooled, Pooled)
        or place is None
        or place not in {p.place for p in pooled.places}
    ):
        return None
    return pooled.probability_worse(
        place, harm_beyond(outcome.size, outcome.better, row.unit == "times"), outcome.better
    )


def harm_beyond(matters: float, better: str, ratio: bool) -> float:
    """The size that matters on the worse side, in the unit of the row."""
    if ratio:
        return 1 / matters if better == "higher" else matters
    return -matters if better == "higher" else matters
