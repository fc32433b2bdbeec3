"""How a plan stands to its locks, in words, and what is not loaded before there is one."""

from dataclasses import dataclass
from datetime import date

from analysis.errors import ParameterError
from analysis.plans.kinds import kind_of
from analysis.plans.locks.canonical import canonical_form, changed_keys
from analysis.plans.locks.lock_log import Lock, locks_of
from analysis.plans.registry import Source
from analysis.plans.study_plan import StudyPlan

OF_REAL_PEOPLE = ("extracts", "database", "counts")  # sources that can hold outcomes of people
NOT_LOCKED = "plan not locked"
MOST_KEYS = 4  # named in a line: a page names the rest by "and others"


@dataclass(frozen=True)
class Standing:
    """A plan and its locks, in order. changed: keys in which the plan as it stands differs from the
    last of them."""

    study: str
    locks: tuple[Lock, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def is_locked(self) -> bool:
        return bool(self.locks)

    @property
    def amendments(self) -> tuple[Lock, ...]:
        """Every lock after the first: what was changed then stays told for good."""
        return self.locks[1:]

    @property
    def words(self) -> tuple[str, ...]:
        """What every page of the study says of it, a line each."""
        if not self.locks:
            return (NOT_LOCKED,)
        first, last = self.locks[0], self.locks[-1]
        lines = [f"plan locked {day_in_words(first.day)}"]
        lines += [
            f"plan amended after the lock on {day_in_words(lock.day)}: {named_keys(lock.changed)};"
            f" {lock.reason}"
            for lock in self.amendments
        ]
        if self.changed:
            since = "" if last is first else f" on {day_in_words(last.day)}"
            keys = named_keys(self.changed)
            lines.append(f"plan changed since it was locked{since}: {keys}")
        return tuple(lines)


def standing_of(study: str) -> Standing:
    """How the plan of a study stands to its locks. RunError E329; PlanError, ParameterError
    E210."""
    locks = locks_of(study)
    changed = changed_keys(locks[-1].form, canonical_form(study)) if locks else ()
    return Standing(study, locks, changed)


def needs_lock(plan: StudyPlan, source: Source) -> bool:
    """Whether outcomes of the plan are not loaded from a source before it is locked: those of a
    pilot with a comparison, of real people, as they are."""
    return kind_of(plan).compares and source.name in OF_REAL_PEOPLE and not source.blind


def require_lock(plan: StudyPlan, source: Source) -> None:
    """ParameterError E290 where a lock is needed and there is none; RunError E329."""
    if not needs_lock(plan, source) or locks_of(plan.study):
        return
    text = (
        f"the plan of {plan.study} is not locked, so its outcomes are not loaded from the source"
        f" {source.name}."
    )
    remedy = (
        f'Lock it: workbook lock {plan.study} --by "{plan.people.lead}"; or run it on permuted'
        f" outcomes: --blind. See docs/locks.md."
    )
    raise ParameterError("E290", text, remedy=remedy)


def named_keys(keys: tuple[str, ...]) -> str:
    """Keys of a plan in a line."""
    others = " and others" if len(keys) > MOST_KEYS else ""
    return ", ".join(keys[:MOST_KEYS]) + others


def day_in_words(day: str) -> str:
    """A day (ISO) as a page writes it: "12 March 2026"."""
    at = date.fromisoformat(day)
    return f"{at.day} {at:%B %Y}"
