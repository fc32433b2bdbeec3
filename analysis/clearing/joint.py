"""All places of a study beside each other: what may be shown together, pooled results, classes,
claims, harm watch.

A pure function of the exact records. It decides for regions and nation at once, because a pooled
result beside its parts is one table (rule S13): only places that are shown are in the pool, and
national numbers are sums over them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.clearing.harm_watch import with_grade
from analysis.clearing.headed import place_statement
from analysis.clearing.judged_rows import (
    POOLED_METHOD,
    in_figures,
    judged_row,
    judged_rows,
)
from analysis.disclosure.joint import joint_decision, pool_input
from analysis.disclosure.rules import Clearance
from analysis.disparity.relative_rate import VerdictRule, verdict, verdict_cells
from analysis.inference.multiplicity import holm
from analysis.inference.planned.power import minimum_detectable_effect
from analysis.judgement.pools.pooling import Pooled, PooledPlace, pool_results
from analysis.plans.kinds import Kind, kind_of
from analysis.plans.plan import Outcome, Plan
from analysis.record.record import Record, RecordedCheck
from analysis.record.row import SUPPORT_KEYS, Row
from analysis.results import EVERYONE, Estimate, Fact, NotEstimable, Result, Support, Withheld
from analysis.said.numbers import cleared_p, tally
from analysis.said.texts import say, worded
from analysis.study.claim_checks import Ran, as_listed, in_place, over_places
from analysis.study.place_record import is_withheld, released_record
from analysis.study.public_counts import PUBLISHED, clearance_of, hidden_of
from analysis.study.words import lead_row, national_statement, there
from analysis.vocabulary.regions import ALL, NATIONAL

I2_DEFINITION = worded("tau2 / (tau2 + typical variance), percent")
SHRUNKEN = "empirical_bayes"
STANDS_APART_ALPHA = 0.05


@dataclass(frozen=True)
class Joint:
    """Cleared records of the places and of the nation; the only thing that pages are made from."""

    places: dict[str, Record]
    national: Record


def set_beside(plan: Plan, exact: dict[str, Record], *, round_id: str) -> Joint:
    """Clear the exact records of all places of `plan` together."""
    source = next(iter(exact.values())).data_source
    kind, hidden = kind_of(plan), frozenset[str]().union(*map(hidden_of, exact.values()))
    clearance = clearance_of(plan, public=source in PUBLISHED, hidden=hidden)
    shown = {place: released_record(record, clearance=clearance) for place, record in exact.items()}
    every = [place for place in exact if place != ALL]
    parts = [place for place in every if not is_withheld(place, hidden)]
    pools = {
        key: _pool(key, exact, shown, parts, clearance, kind)
        for key in pooled_keys(shown, parts, kind)
    }
    national_rows = [
        _national_row(plan, key, pooled, shown, every) for key, pooled in pools.items()
    ]
    if ALL in shown:
        national_rows = [*shown[ALL].rows, *national_rows]
    ran = in_place(plan, shown[ALL].checks) if ALL in shown else over_places(plan, shown, pools)
    national_rows = judged_rows(plan, national_rows, ran, national=True)
    national_rows = [with_grade(plan, row, pools, None) for row in national_rows]
    if ALL in shown:
        national_rows = [_with_verdict(plan, row, exact[ALL]) for row in national_rows]
    places = {place: _place_rows(plan, place, shown, exact, pools) for place in exact}
    national = _national_record(plan, shown, national_rows, parts, round_id)
    national = national.with_(claim_rests_on=as_listed(ran))
    national = national.with_(statement=national_statement(plan, national))
    compared = sum(
        there(lead_row(plan, record)).status == "estimated"
        for place, record in places.items()
        if place != ALL
    )
    cleared = {
        place: record.with_(
            cleared=True,
            round=round_id,
            statement=place_statement(plan, place, record, places_compared=compared),
        )
        for place, record in places.items()
    }
    return Joint(cleared, national)


# -- pooling ---------------------------------------------------------------------------------------
def pooled_keys(shown: dict[str, Record], parts: list[str], kind: Kind) -> list[tuple]:
    """(outcome, estimand, group, method) of every row that is put together over places, in the
    order of the record."""
    keys = [
        row.cell
        for place in parts
        for row in shown[place].rows
        if (row.estimand, row.method) in kind.pooled
    ]
    return list(dict.fromkeys(keys))


def _row_at(record: Record, key: tuple) -> Row | None:
    outcome, estimand, group, method = key
    return record.find(outcome=outcome, estimand=estimand, group=group, method=method)


def _pool(
    key: tuple,
    exact: dict[str, Record],
    shown: dict[str, Record],
    parts: list[str],
    clearance: Clearance,
    kind: Kind,
) -> Pooled | NotEstimable:
    """Pool the exact estimates of the places whose row is shown; the others are not in it."""
    rows = {place: row for place in parts if (row := _row_at(exact[place], key))}
    results = {
        place: _as_shown(row, there(_row_at(shown[place], key))) for place, row in rows.items()
    }
    decision = joint_decision(
        {place: {key: result} for place, result in results.items()},
        clearance=clearance,
    ).cells[key]
    unit = next(iter(results.values())).unit
    log = unit == "times"  # ratios are put together on the log scale alone
    return pool_results(pool_input(decision, results), estimand=key[1], unit=unit, log=log)


def _as_shown(exact: Row, released: Row) -> Result:
    """The exact result, or that it is withheld: also where only its place's other rows would give
    it back (S4)."""
    result = exact.result
    if isinstance(result, Fact):
        raise ValueError(f"the fact {exact.outcome} is nothing to put together over places")
    if released.status != "withheld":
        return result
    return Withheld(result.estimand, result.method, result.unit)


def _national_row(
    plan: Plan,
    key: tuple,
    pooled: Pooled | NotEstimable,
    shown: dict[str, Record],
    parts: list[str],
) -> Row:
    """One pooled row: rounded, with the numbers of the places that are in it."""
    outcome = plan.outcome(key[0])
    identity = _identity(outcome, key[2])
    if isinstance(pooled, NotEstimable):
        row = Row.of(
            NotEstimable(key[1], POOLED_METHOD, pooled.unit, pooled.reason),
            **identity,
            sesoi=outcome.matters,
        )
        return row.released.with_(k=pooled.support.n, places_missing=tuple(parts))
    inside = {place.place for place in pooled.places}
    rows = [there(_row_at(shown[place], key)) for place in parts if place in inside]
    mean = pooled.mean
    detectable = mean.std_error and minimum_detectable_effect(mean.std_error, mean.df)
    row = Row.of(
        _rounded(plan, mean),
        **identity,
        sesoi=outcome.matters,
        mde=in_figures(plan, detectable),
    )
    totals = {name: sum(getattr(r, name) or 0 for r in rows) for name in SUPPORT_KEYS}
    extra = {
        "k": len(rows),
        "tau2": in_figures(plan, pooled.tau2),
        "i2": in_figures(plan, pooled.i2_tau2),
        "i2_definition": I2_DEFINITION,
        "pi_low": in_figures(plan, pooled.prediction_low),
        "pi_high": in_figures(plan, pooled.prediction_high),
        "places_missing": tuple(place for place in parts if place not in inside),
        "comparison_value": _observed(plan, rows, "comparison_value"),
        "group_value": _observed(plan, rows, "group_value"),
        "note": None if pooled.alike_p_value > STANDS_APART_ALPHA else "places_differ",
    }
    return row.released.with_(**totals | extra)


def _identity(outcome: Outcome, group: str) -> dict[str, Any]:
    """What a row is about."""
    return {
        "level": outcome.level,
        "outcome": outcome.id,
        "group": group,
        "direction": outcome.better or "undefined",
    }


def _observed(plan: Plan, rows: Sequence[Row], name: str) -> float | None:
    """The level observed in all places of the pool: each place counts by its people on that side,
    as they are shown.

    None where a place does not show its own: the rest are not those that the pooled difference is
    about.
    """
    if not rows or any(getattr(row, name) is None for row in rows):
        return None
    treated = [row.n_treated or 0 for row in rows]
    others = [(row.n_identifying or 0) - n for row, n in zip(rows, treated, strict=True)]
    people = others if name == "comparison_value" else treated
    whole = sum(getattr(row, name) * n for row, n in zip(rows, people, strict=True))
    return in_figures(plan, whole / sum(people)) if sum(people) else None


def _rounded(plan: Plan, result: Estimate) -> Estimate:
    return Estimate(
        result.estimand,
        POOLED_METHOD,
        result.unit,
        in_figures(plan, result.value),
        in_figures(plan, result.conf_low),
        in_figures(plan, result.conf_high),
        in_figures(plan, result.std_error),
        in_figures(plan, result.p_value),
        df=result.df,
        support=Support(),
    )


# -- the places ------------------------------------------------------------------------------------
def _place_rows(
    plan: Plan, place: str, shown: dict[str, Record], exact: dict[str, Record], pools: dict
) -> Record:
    """A place's record with classes: its main rows by Holm over all places, the others within its
    own page."""
    record, ran = shown[place], in_place(plan, shown[place].checks)
    rows = judged_rows(plan, record.rows, ran, national=place == ALL)
    if place != ALL:
        rows = [_over_places(plan, place, row, shown, ran) for row in rows]
    rows = [with_grade(plan, _with_verdict(plan, row, exact[place]), pools, place) for row in rows]
    apart, shrunken = _beside_the_others(plan, place, pools, shown)
    return record.with_(
        rows=(*rows, *shrunken), checks=(*record.checks, *apart), claim_rests_on=as_listed(ran)
    )


def _over_places(plan: Plan, place: str, row: Row, shown: dict[str, Record], ran: Ran) -> Row:
    """The main row of a place with its p-value adjusted by Holm over the places that are shown."""
    if row.family != f"places_{row.outcome}" or row.status != "estimated":
        return row
    beside = {
        p: r
        for p in shown
        if p != ALL and (r := _row_at(shown[p], row.cell)) and r.status == "estimated"
    }
    adjusted = dict(zip(beside, holm([r.p_value for r in beside.values()]), strict=True))
    return judged_row(plan, row.with_(p_adjusted=in_figures(plan, adjusted[place])), ran)


def _with_verdict(plan: Plan, row: Row, exact_record: Record) -> Row:
    """The verdict on a relative rate, from the counts in fives that it was worked out from, both
    ways of counting."""
    if row.estimand != "relative_rate_index" or row.status != "estimated" or plan.band is None:
        return row
    counts = there(_row_at(exact_record, row.cell)).from_counts
    if counts is None or row.p_adjusted is None:
        raise ValueError(f"no counts or no adjusted p-value for the ratio of {row.outcome}")
    events, base, others, their_base = counts
    rule = VerdictRule(
        counts=plan.outcome(row.outcome).counts,
        band=plan.band.limits,
        alpha=plan.families[0].alpha,
    )
    found = verdict(events, base, others, their_base, rule, p_adjusted=row.p_adjusted)
    return row.with_(result_class=found.name, **verdict_cells(found, rule.counts))


def _beside_the_others(
    plan: Plan, place: str, pools: dict, shown: dict[str, Record]
) -> tuple[list[RecordedCheck], list[Row]]:
    """Does the place stand apart (Holm over places), and its value drawn towards the others, for
    each outcome."""
    checks, rows = [], []
    for outcome in plan.compared:
        key = (outcome.id, kind_of(plan).estimand, EVERYONE, kind_of(plan).method)
        pooled = pools.get(key)
        if not isinstance(pooled, Pooled):
            continue
        mine = next((p for p in pooled.places if p.place == place), None)
        if mine is None:
            continue
        adjusted = dict(
            zip(
                [p.place for p in pooled.places],
                holm([p.p_apart for p in pooled.places]),
                strict=True,
            )
        )
        p = adjusted[place]
        apart = None if p is None else p <= STANDS_APART_ALPHA
        word = (
            "was not tested against"
            if apart is None
            else "stands apart from"
            if apart
            else "was not told apart from"
        )
        checks.append(
            RecordedCheck(
                id=f"like_the_others_{outcome.id}",
                passed=None if apart is None else not apart,
                text=f"It {word} the other places.",
                value=None if p is None else cleared_p(p).number,
                threshold=STANDS_APART_ALPHA,
            )
        )
        rows.append(_shrunken_row(plan, outcome, mine, there(_row_at(shown[place], key))))
    return checks, rows


def _shrunken_row(plan: Plan, outcome: Outcome, mine: PooledPlace, released: Row) -> Row:
    result = Estimate(
        kind_of(plan).estimand,
        SHRUNKEN,
        outcome.unit,
        in_figures(plan, mine.shrunken),
        in_figures(plan, mine.shrunken_low),
        in_figures(plan, mine.shrunken_high),
        support=Support(),
    )
    row = Row.of(
        result,
        **_identity(outcome, EVERYONE),
        sesoi=outcome.matters,
    )
    counts = {name: getattr(released, name) for name in SUPPORT_KEYS}
    return row.released.with_(note="beside_the_others", **counts)


# -- the nation ------------------------------------------------------------------------------------
def _national_record(
    plan: Plan, shown: dict[str, Record], rows: Sequence[Row], parts: list[str], round_id: str
) -> Record:
    """The national record: numbers are sums over the places that are shown, in fives."""
    first = shown[ALL] if ALL in shown else shown[parts[0]]
    counted = [shown[ALL]] if ALL in shown else [shown[place] for place in parts]
    checks = shown[ALL].checks if ALL in shown else _counted_checks(shown, parts)
    return first.with_(
        region=NATIONAL,
        round=round_id,
        cleared=True,
        rows=tuple(rows),
        checks=checks,
        n_in=_total([r.n_in for r in counted]),
        n_used=_total([r.n_used for r in counted]),
        excluded=_summed([r.excluded for r in counted]),
        statement=None,
    )


def _total(numbers: list[int | None]) -> int | None:
    """A sum over the places; None where a place withholds its number."""
    known = [n for n in numbers if n is not None]
    return sum(known) if len(known) == len(numbers) else None


def _summed(parts: Sequence[Mapping[str, int | None]]) -> dict[str, int | None]:
    """Reasons summed over places; None where a place withholds its number."""
    reasons = dict.fromkeys(reason for part in parts for reason in part)
    return {reason: _total([part.get(reason, 0) for part in parts]) for reason in reasons}


def _counted_checks(shown: dict[str, Record], parts: list[str]) -> tuple[RecordedCheck, ...]:
    """How many places passed each check."""
    found: dict[str, list[bool | None]] = {}
    for place in parts:
        for check in shown[place].checks:
            found.setdefault(check.id, []).append(check.passed)
    return tuple(
        RecordedCheck(
            id=name,
            passed=None,
            text=say(
                "{passed} of {all} places passed.",
                passed=tally(sum(p is True for p in passed), "places"),
                all=tally(len(passed), "places"),
            ),
            value=float(sum(p is True for p in passed)),
        )
        for name, passed in found.items()
    )
