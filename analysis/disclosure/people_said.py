"""Numbers about people as a sentence may say them: cleared by the rules of a cell, and noted where
they are cleared.

S1 to S3: people with the event, people without it, and the base. S5, S6: counts in fives, shares
worked out from them. Whatever is told or withheld here is noted for the attack (attack/noted.py).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from analysis.disclosure.attack.known import Relation, key, total
from analysis.disclosure.attack.noted import note, note_relations
from analysis.disclosure.rules import (
    Clearance,
    is_small,
    is_unreliable,
    load_rules,
    round_to_base,
    share_is_protected,
)
from analysis.disclosure.suppression import rate_of
from analysis.results import significant
from analysis.said.numbers import ClearedNumber, cleared_estimate, made, plain, published, withheld

WHOLE, EVENT, REST = "asked", "event", "without"  # of names: those of tables are others
DECIMALS = 1  # of a share in a sentence; more only where it would read as nothing


@dataclass(frozen=True)
class Asked:
    """People of whom a sentence tells something: the dimensions of their name (`known.key`), and
    the clearance of the study, which knows the names that the joint decision withholds.

    where: what prints it, for the checker.
    """

    place: str
    where: str
    clearance: Clearance
    outcome: str = ""
    period: str = ""
    group: str = ""
    unit: str = ""
    by: str = ""
    arm: str = ""

    def key(self, count: str) -> str:
        """The name of one number of these people."""
        names = ("place", "outcome", "period", "group", "unit", "by", "arm")
        own = {name: getattr(self, name) for name in names}
        return key(**{name: value for name, value in own.items() if value}, count=count)

    def of(self, **dimensions: str) -> "Asked":
        """The same of other people: `of(arm="matched")`."""
        return replace(self, **dimensions)  # type: ignore[arg-type]


def cleared_count(people: int, asked: Asked, *, count: str = WHOLE) -> ClearedNumber:
    """Distinct people in fives; withheld where they are too few (S1, S2), or by the joint
    decision."""
    if asked.clearance.public:
        return published(people, 0)
    rules, name = load_rules(), asked.key(count)
    hidden = is_small(people, rules) or name in asked.clearance.hidden
    shown = None if hidden else round_to_base(people, rules.rounding_base.value)
    note(name, people, shown, where=asked.where)
    return withheld() if shown is None else made(shown, f"{shown:,}", "count")


def _names(asked: Asked, count: str) -> list[str]:
    return [asked.key(WHOLE), asked.key(count), asked.key(f"{REST} {count}")]


def may_be_told(event: int, base: int, asked: Asked, *, count: str = EVENT) -> bool:
    """A share may be told: enough people with the event, without it and in all (S1 to S3), enough
    for a rate (S16), and none of the three counts hidden by the joint decision."""
    if asked.clearance.public:
        return base > 0
    rules = load_rules()
    return not (
        share_is_protected(event, base, rules)
        or is_unreliable(base, rules)
        or any(name in asked.clearance.hidden for name in _names(asked, count))
    )


def cleared_share(
    event: int, base: int, asked: Asked, *, count: str = EVENT, beside: bool = True
) -> ClearedNumber:
    """Percent of people with the event, from counts in fives (S6); withheld where it may not be
    told.

    `count`: what the event is called in the name of its count, so that shares of several events of
    the same people do not stand for one number. `beside`: all that would stand in the same sentence
    may be told; otherwise this share is withheld as well.
    """
    told = beside and may_be_told(event, base, asked, count=count)
    if asked.clearance.public:
        return published(100 * event / base) if told else withheld()
    rules, names = load_rules(), _names(asked, count)
    for name, people in zip(names, (base, event, base - event), strict=True):
        is_told = told and name != names[2]
        shown = round_to_base(people, rules.rounding_base.value) if is_told else None
        note(name, people, shown, where=asked.where)
    note_relations([total(names[0], names[1:], "people with the event and without it")])
    if not told:
        return withheld()
    share = rate_of(event, base, rules)
    return made(share, plain(round(share, DECIMALS) or share), "share")


def cleared_mean(mean: float, people: int, clearance: Clearance) -> ClearedNumber:
    """A mean of people, to three significant figures; withheld where they are too few (S1) or too
    few to rely on it (S16). A mean is no count, and is noted where its table is cleared."""
    rules = load_rules()
    if not clearance.public and (is_small(people, rules) or is_unreliable(people, rules)):
        return withheld()
    return cleared_estimate(mean)


def decided(event: int, base: int, passes: Callable[[float], bool]) -> bool | None:
    """Whether a share that is withheld passes; None where the answer would tell more of the count
    than that it is small.

    passes: of percent. The answer stands only where it is the same for each number that a small
    count can be, so that nothing follows from it.
    """
    rules = load_rules()
    small = range(rules.threshold)
    found = range(base + 1)
    if is_small(event, rules):
        found = range(min(rules.threshold, base + 1))
    elif is_small(base - event, rules):
        found = range(max(0, base - small[-1]), base + 1)
    answers = {passes(100 * count / base) for count in found} if base else set()
    return answers.pop() if len(answers) == 1 else None


def together(whole: Asked, parts: Collection[Asked], counts: Collection[str]) -> None:
    """Note that people of a whole are those of its parts, and so with each count of them."""
    if whole.clearance.public:
        return
    found: list[Relation] = [
        total(whole.key(count), [part.key(count) for part in parts], "both sides together")
        for count in counts
    ]
    note_relations(found)


def difference(one: ClearedNumber, other: ClearedNumber) -> ClearedNumber:
    """Points between two shares as they are told, without a sign; withheld where one of them is."""
    if one.number is None or other.number is None:
        return withheld()
    apart = significant(round(abs(one.number - other.number), 1))
    return made(apart, plain(apart), "share")
