"""What an estimate allowed for, in words, from its own method and never from the plan alone.

A crude row must not be said "after allowing for" what only the main one took out. A kind declares a
rule for each of its methods (plans/emitted.py); an unknown one is an error, so that a new method
cannot borrow words. A record carries the method alone, so the words of a row are held to
what its design says it had in the model (`Estimate.allowed_for`) when the row is made: where they
differ there is no record.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from analysis.errors import RunError
from analysis.judgement.finding import characteristics
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.record.row import Row
from analysis.study.offers import offered_covariates

MEASURE_BEFORE = "the measure before the start"

Words = tuple[str, ...]


def _nothing(plan: Plan, row: Row) -> Words:
    return ()


def _alike(plan: Plan, row: Row) -> Words:
    return plan.words.held_alike


def _outside(plan: Plan, row: Row) -> Words:
    return (*plan.words.held_alike, *characteristics(plan.adjust_for.outside))


def _everything(plan: Plan, row: Row) -> Words:
    return (*_outside(plan, row), *characteristics(plan.adjust_for.service_decided))


def _recorded(plan: Plan, row: Row) -> Words:
    """Matching like with like looks at everything that is recorded, whatever the plan allows for
    elsewhere."""
    return (*plan.words.held_alike, *characteristics(offered_covariates(plan)))


def _by_quarter(plan: Plan, row: Row) -> Words:
    return tuple(words.replace("month", "quarter") for words in plan.words.held_alike)


def _units_alike(plan: Plan, row: Row) -> Words:
    return plan.words.practitioner, "month"


def _before(plan: Plan, row: Row) -> Words:
    return (MEASURE_BEFORE,) if plan.outcome(row.outcome).before else ()


def _alike_and_before(plan: Plan, row: Row) -> Words:
    return (*plan.words.held_alike, *_before(plan, row))


def _practitioner(plan: Plan, row: Row) -> Words:
    return (plan.words.practitioner, *_everything(plan, row))


RULES: Mapping[str, Callable[[Plan, Row], Words]] = MappingProxyType(
    {
        "nothing": _nothing,
        "held_alike": _alike,
        "outside": _outside,
        "everything": _everything,
        "recorded": _recorded,
        "by_quarter": _by_quarter,
        "units_alike": _units_alike,
        "before": _before,
        "alike_and_before": _alike_and_before,
        "practitioner": _practitioner,
    }
)


def allowed_for(plan: Plan, row: Row) -> Words:
    """What the row's estimate allowed for; a row over places allowed for what its places did.
    ValueError where the plan's kind does not declare its method."""
    kind = kind_of(plan)
    found = kind.method_named(row.method, row.estimand)
    if found.allows_for == "as_in_places":
        found = kind.method_named(dict(kind.pooled).get(row.estimand, kind.method))
    return RULES[found.allows_for](plan, row)


def check_allowed_for(plan: Plan, exact: Row) -> None:
    """The words of an exact row are about what its design had in the model. RunError E244 where
    they are not.

    A design that does not say what it allowed for may have no characteristic and no measure before
    in its words.
    """
    if exact.status not in ("estimated", "ranked"):
        return
    done = exact.allowed_for
    said = _said(plan, allowed_for(plan, exact))
    found = _done(plan, tuple(done or ()))
    silent = done is None and not said[0] and not said[1]
    if not silent and said != found:
        text = (
            f"{plan.study}: `{exact.method}` of {exact.outcome} would be said to allow for "
            f"{_listed(said)}, and its design allowed for {_listed(found)}."
        )
        raise RunError("E244", text, remedy="Correct the method in the kind, or the design.")


Allowed = tuple[frozenset[str], bool, bool]  # characteristics; the measure before; units held alike


def _named(plan: Plan) -> dict[str, str]:
    """Words of every characteristic that a row of this plan can allow for, by its column."""
    adjust = plan.adjust_for
    names = (*adjust.outside, *adjust.service_decided, *offered_covariates(plan))
    return dict(zip(names, characteristics(names), strict=True))


def _said(plan: Plan, words: Words) -> Allowed:
    named = _named(plan)
    own = frozenset(name for name, said in named.items() if said in words)
    rest = set(words) - {named[name] for name in own} - {MEASURE_BEFORE}
    return own, MEASURE_BEFORE in words, bool(rest)


def _done(plan: Plan, columns: tuple[str, ...]) -> Allowed:
    own = frozenset(columns) & frozenset(_named(plan))
    before = {name for name in columns if name.endswith("_before")}
    return own, bool(before), bool(set(columns) - own - before)


def _listed(allowed: Allowed) -> str:
    own, before, units = allowed
    named = [
        *sorted(own),
        *([MEASURE_BEFORE] if before else []),
        *(["units held alike"] if units else []),
    ]
    return ", ".join(named) or "nothing"
