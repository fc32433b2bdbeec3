"""`workbook lock`: the plan of a study as it stands, locked before its outcomes are seen."""

from dataclasses import dataclass
from datetime import UTC, datetime

from analysis.errors import ParameterError
from analysis.plans.agreement.unfilled import refuse_unfilled
from analysis.plans.locks.canonical import canonical_form, changed_keys, hash_of_form
from analysis.plans.locks.lock_log import Lock, add_lock, locks_of
from analysis.plans.locks.roles import check_role
from analysis.plans.locks.standing import day_in_words, named_keys
from analysis.plans.registry import load_plan, plan_files
from analysis.study.offers import check_agrees

SHORTEST, LONGEST = 20, 300  # characters of a reason: as of an override, and as a page has room for
FILLED_IN = "locking"  # whatever the source: a plan is locked whole


@dataclass(frozen=True)
class Locked:
    """A lock, and whether it is new: an unchanged plan is not locked twice."""

    lock: Lock
    is_new: bool

    @property
    def said(self) -> str:
        """What the command tells."""
        lock, day = self.lock, day_in_words(self.lock.day)
        if not self.is_new:
            return f"{lock.study} is as it was locked on {day} by {lock.by}; nothing was added."
        keys = f" Amended: {named_keys(lock.changed)}." if lock.changed else ""
        return f"Locked: {lock.study}, by {lock.by}, {day}, sha256 {lock.sha256[:12]}.{keys}"


def lock_plan(study: str, by: str, reason: str = "") -> Locked:
    """Lock the plan of a study as it stands. by: a role. reason: why a plan is locked again after
    it was changed; it stands on every page.

    PlanError E282 where the plan is not filled in, E209, E237 to E241 where it does not agree with
    its tables; ParameterError E291, E292; RunError E329.
    """
    plan = load_plan(study)
    refuse_unfilled(plan_files()[study], FILLED_IN)
    check_agrees(plan)
    role = check_role(plan, by)
    form = canonical_form(study)
    sha256, earlier = hash_of_form(form), locks_of(study)
    if earlier and earlier[-1].sha256 == sha256:
        return Locked(earlier[-1], is_new=False)
    changed = changed_keys(earlier[-1].form, form) if earlier else ()
    content = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": study,
        "by": role,
        "sha256": sha256,
        "form": form,
        "reason": _reason(reason, changed),
        "changed": list(changed),
    }
    return Locked(add_lock(content), is_new=True)


def _reason(reason: str, changed: tuple[str, ...]) -> str:
    """The reason of an amendment; a first lock needs none. ParameterError E292."""
    said = " ".join(reason.split())
    if not changed and not said:
        return ""
    if not SHORTEST <= len(said) <= LONGEST or "@" in said or not said.isprintable():
        keys = f" Changed: {named_keys(changed)}." if changed else ""
        text = f"the plan was changed after its lock, and --reason says why.{keys}"
        remedy = f"Write {SHORTEST} to {LONGEST} characters without an address: pages show them."
        raise ParameterError("E292", text, remedy=remedy)
    return said
