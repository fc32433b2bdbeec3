"""Where the rule of a pilot points, from its national record, and what was decided."""

from typing import Literal, cast

from analysis.judgement.pointed import Looks, Pointed, Seen, Taken, pointed
from analysis.judgement.wording.rule_lines import (
    NO_RULE,
    NO_RULE_APPLIES,
    NO_RULE_WORDS,
    NONE_TO_TAKE,
    decided_line,
    decided_words,
    pointed_words,
    rule_line,
)
from analysis.plans.decisions import DecisionRule, Override, load_decisions
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.plans.study_plan import StudyPlan
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.study.words import lead_row


def rule_of(plan: Plan) -> DecisionRule | None:
    """The rule of the pilot; None where none was written before. PlanError E208, E209."""
    return load_decisions()[0].get(plan.study)


def override_of(plan: Plan) -> Override | None:
    """The newest decision that departs from the rule."""
    own = [one for one in load_decisions()[1] if one.study == plan.study]
    return max(own, key=lambda one: one.day, default=None)


def pointed_at(plan: Plan, national: Record, before: Looks = Looks()) -> Pointed | None:
    """Where the rule points; None where there is no rule, no estimate, or no direction. before: the
    looks before this record."""
    rule, row = rule_of(plan), lead_row(plan, national)
    if rule is None or row is None or national.extract_date is None:
        return None
    if before.gone:
        return Pointed("not_as_signed", None, 0, len(rule.looks))
    if row.status == "ranked":
        return Pointed("no_test", None, 0, len(rule.looks))
    seen = seen_at(plan, national)
    if seen is None:
        return None
    taken = by_hand(rule) if before.taken is None else before.taken
    return pointed(rule, seen, shown_on=before.day or national.extract_date, taken=taken)


def by_hand(rule: DecisionRule) -> tuple[Taken, ...]:
    """The looks that were entered by hand."""
    return tuple(Taken(n, look.fraction) for n, look in enumerate(rule.looked, 1))


def seen_at(plan: Plan, national: Record) -> Seen | None:
    """What a look at this record sees: the row that answers; None where there is nothing to
    test."""
    row = lead_row(plan, national)
    if row is None or row.status != "estimated" or plan.outcome(plan.leading).better is None:
        return None
    return _seen(plan, row)


def _seen(plan: Plan, row: Row) -> Seen:
    outcome = plan.outcome(plan.leading)
    return Seen(
        *row.estimate,
        p_value=row.p_value,
        matters=outcome.size,
        better=cast(Literal["higher", "lower"], outcome.better),
        ratio=row.unit == "times",
        claim=row.claim or "described",
        attenuated=bool(kind_of(plan).attenuated(row)),
    )


def ruled(plan: Plan, national: Record, before: Looks = Looks()) -> tuple[str, ...]:
    """The lines of the nation's page: where the rule points, and what was decided. before: the
    looks before this record."""
    found, rule = pointed_at(plan, national, before), rule_of(plan)
    if rule is None:
        return (NO_RULE,)
    if found is None:
        return ()
    line = rule_line(found, before, programme=plan.words.programme, futile_below=rule.futile_below)
    return line, decided_line(plan.people.decides, override_of(plan))


def ruled_words(plan: StudyPlan, national: Record, before: Looks = Looks()) -> tuple[str, str]:
    """Where the rule points and what was decided, as cells of a row: a few words each. What
    compares nothing, or only shows how a table is read, has nothing to scale or to stop."""
    if not kind_of(plan).compares or plan.worked_example:
        return NO_RULE_APPLIES, NONE_TO_TAKE
    return _ruled_words(cast(Plan, plan), national, before)  # only a plan of a pilot compares


def _ruled_words(plan: Plan, national: Record, before: Looks) -> tuple[str, str]:
    decided = decided_words(plan.people.decides, override_of(plan))
    if rule_of(plan) is None:
        return NO_RULE_WORDS, decided
    return pointed_words(pointed_at(plan, national, before)), decided
