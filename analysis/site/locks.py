"""What pages say of the lock of a plan, and of outcomes that were permuted."""

from collections.abc import Sequence

from analysis.plans.locks.standing import NOT_LOCKED, Standing, standing_of
from analysis.plans.registry import BLIND, BLIND_WORDS, AnyPlan, plan_files
from analysis.record.record import Record

ALL_LOCKED = "plans locked"
SOME_LOCKED = "some plans locked: the page of each study says which"


def blind_words(record: Record) -> tuple[str, ...]:
    """What a page says first whose outcomes were permuted; nothing of any other."""
    return (BLIND_WORDS,) if record.data_source.startswith(f"{BLIND}-") else ()


def lock_words(study: str) -> tuple[str, ...]:
    """The banners of a study: how its plan stands to its locks; after the first come changes, which
    must not be overlooked. RunError E329; nothing of a plan that has been taken away."""
    return standing_of(study).words if study in plan_files() else ()


def locks_here(plans: Sequence[AnyPlan]) -> tuple[str, ...]:
    """The banners of a page of several studies: whether their plans are locked, and each that was
    changed after its lock."""
    found = {plan.title: standing_of(plan.study) for plan in plans}
    locked = [standing.is_locked for standing in found.values()]
    whole = ALL_LOCKED if all(locked) else SOME_LOCKED if any(locked) else NOT_LOCKED
    return (whole, *(line for title, one in found.items() for line in _changed(title, one)))


def _changed(title: str, standing: Standing) -> tuple[str, ...]:
    first = 1 if standing.is_locked else len(standing.words)
    return tuple(f"{title}: {said}" for said in standing.words[first:])
