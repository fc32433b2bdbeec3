"""Which looks of a rule for decisions have been taken: read from the log of signed rounds and their
frozen records. A draft is no look; a rerun is the look that its round was."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from analysis.clearing.ruled import by_hand, rule_of, seen_at
from analysis.errors import PlanError
from analysis.judgement.pointed import Looks, Seen, Taken, pointed
from analysis.paths import reports
from analysis.plans.decisions import DecisionRule, where_looked
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.plans.study_plan import StudyPlan
from analysis.record import store
from analysis.record.record import Record
from analysis.rounds.frozen import RESULTS, hash_now
from analysis.rounds.log import CORRECTION, LEAD, Entry, entries
from analysis.vocabulary.regions import NATIONAL
from analysis.vocabulary.round_ids import base_round, rerun_number

NEVER = "9999-12-31"
AS_WRITTEN = 0.005  # a share is entered by hand with two decimals
REMEDY = "Take the entry away: signed rounds are looks by themselves (docs/decisions_by_rule.md)."


@dataclass(frozen=True)
class SignedRound:
    """A signed round of a study, as a look could see it.

    day: of the data of the round as it was first signed, empty where there is none; seen: the row
    that answers, of its last signed rerun, None where there is nothing to test. instead: that
    rerun; corrected: that a correction says why.
    """

    round_id: str
    day: str
    seen: Seen | None
    instead: str = ""
    corrected: bool = False
    is_released: bool = False


def looks_of(
    plan: StudyPlan,
    key: tuple[str, str, str],
    log: Iterable[Entry],
    folder: Path,
    *,
    released_only: bool = False,
) -> Looks:
    """The looks before the record of a study (source, round, study), from the log and the records
    in a folder of reports. PlanError E410 where one that was entered by hand is not what the signed
    record gives, E411 where one was entered by hand after the study had signed rounds.

    released_only: of a round that was not released the look is counted, and nothing is said of it.
    """
    if not kind_of(plan).compares:
        return Looks()
    pilot = cast(Plan, plan)  # only a plan of a pilot compares
    rule = rule_of(pilot)
    own = [one for one in log if (one.source, one.study) == (key[0], key[2])]
    families = _families(own)
    if rule is None or not families:
        return Looks()
    read = {base: _read(pilot, base, family, own, folder) for base, family in families.items()}
    here = {base: found for base, found in read.items() if found is not None}
    hand = really_by_hand(plan.study, rule, tuple(here.values()))
    base = base_round(key[1])
    before = _before(tuple(read), base)
    found = Looks(
        taken=taken_in(rule, hand, [here[one] for one in before if one in here]),
        is_signed=any(one.round_id == key[1] for one in families.get(base, ())),
        day=here[base].day or None if base in here else None,
        instead_of=_instead_of(families.get(base, ()), key[1]),
        gone=tuple(one for one in before if one not in here),
    )
    released = {one.round_id for one in here.values() if one.is_released}
    return _told_of(found, released) if released_only else found


def looks_so_far(plan: StudyPlan, source: str) -> Looks:
    """All looks that a study has had on a source, by the log of rounds as it is. PlanError E410,
    E411; RunError E329."""
    return looks_of(plan, (source, "", plan.study), entries(), reports())


def _families(own: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """The lead's steps by round, a round with its reruns, in the order of the first signature."""
    found: dict[str, tuple[Entry, ...]] = {}
    for one in own:
        if one.step == LEAD:
            base = base_round(one.round_id)
            found[base] = (*found.get(base, ()), one)
    return found


def _before(bases: Sequence[str], base: str) -> Sequence[str]:
    """The rounds that were signed before this one; all of them where it is a draft."""
    return bases[: bases.index(base)] if base in bases else bases


def _instead_of(family: Iterable[Entry], round_id: str) -> str:
    """The signed round or rerun that a rerun replaces; empty where there is none."""
    earlier = [one for one in family if rerun_number(one.round_id) < rerun_number(round_id)]
    return max(earlier, key=lambda one: rerun_number(one.round_id)).round_id if earlier else ""


def _read(
    plan: Plan, base: str, family: Sequence[Entry], own: Iterable[Entry], folder: Path
) -> SignedRound | None:
    """A signed round with its reruns; None where a record of it is not here as it was signed."""
    last = max(family, key=lambda one: rerun_number(one.round_id))
    first, newest = _nation(folder, family[0]), _nation(folder, last)
    if first is None or newest is None:
        return None
    replaced = {one.replaced_by for one in own if one.step == CORRECTION}
    return SignedRound(
        base,
        first.extract_date or "",
        seen_at(plan, newest),
        instead="" if last is family[0] else last.round_id,
        corrected=last.round_id in replaced,
        is_released=newest.audience == "release",
    )


def _nation(folder: Path, entry: Entry) -> Record | None:
    """The nation's record as it was signed; None where it is another, or gone."""
    run = folder.joinpath(*entry.key) / NATIONAL
    if hash_now(run) != entry.records.get(NATIONAL):
        return None
    return store.load(run / RESULTS)


# -- the looks themselves --------------------------------------------------------------------------
def taken_in(
    rule: DecisionRule, hand: Sequence[Taken], rounds: Iterable[SignedRound]
) -> tuple[Taken, ...]:
    """The looks by hand, then those of signed rounds in their order: a round is the look of the
    last planned day before its data, unless that was taken already, or nothing new is there."""
    taken = tuple(hand)
    for one in rounds:
        if one.seen is None:
            continue
        found = pointed(rule, one.seen, shown_on=one.day, taken=taken)
        if found.look is not None:
            look = Taken(found.number, found.look.fraction, found.decision or "", one.round_id)
            taken = (*taken, replace(look, instead=one.instead, corrected=one.corrected))
    return taken


def really_by_hand(
    study: str, rule: DecisionRule, rounds: Sequence[SignedRound]
) -> tuple[Taken, ...]:
    """Of the looks that were entered by hand those before any signed round; one that a signed round
    has taken is checked against it. PlanError E410, E411."""
    hand, copied = [], {}
    for look, entered in zip(by_hand(rule), rule.looked, strict=True):
        same = next((one for one in rounds if _due(rule, one.day) == look.number), None)
        if same is not None and entered.taken_on in (None, same.day):
            copied[look.number] = same
        elif entered.seen_on >= min((one.day for one in rounds if one.day), default=NEVER):
            raise _after_rounds(study, look.number, rounds[0])
        else:
            hand.append(look)
    found = {one.round_id: one for one in taken_in(rule, hand, rounds)}
    for number, one in copied.items():
        fraction = rule.looked[number - 1].fraction
        was = found.get(one.round_id)
        if was is None or abs(was.fraction - fraction) > AS_WRITTEN:
            raise _not_as_signed(study, number, one)
    return tuple(hand)


def _due(rule: DecisionRule, day: str) -> int:
    """How many planned looks are due on a day."""
    return sum(look <= day for look in rule.looks)


def _not_as_signed(study: str, number: int, one: SignedRound) -> PlanError:
    where, of = where_looked(study, number, "fraction"), one.instead or one.round_id
    text = f"{where}: not what the signed record of {study} in the round {of} gives."
    return PlanError("E410", text, remedy=REMEDY)


def _after_rounds(study: str, number: int, first: SignedRound) -> PlanError:
    where = where_looked(study, number, "day")
    text = f"{where}: {study} is in signed rounds since {first.round_id}, and none of them is it."
    return PlanError("E411", text, remedy=REMEDY)


def _told_of(found: Looks, shown: Collection[str]) -> Looks:
    """The looks as a page may tell them that names these rounds alone."""
    taken = tuple(
        one if one.round_id in shown else Taken(one.number, one.fraction)
        for one in found.taken or ()
    )
    instead_of = found.instead_of if base_round(found.instead_of) in shown else ""
    gone = tuple(one if one in shown else "" for one in found.gone)
    return replace(found, taken=taken, instead_of=instead_of, gone=gone)
