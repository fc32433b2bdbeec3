"""What is published against a default, who approved it and why: on the page's provenance and in the
release ledger."""

from analysis.disclosure.rules import load_rules
from analysis.plans.counts import PublicTable
from analysis.plans.registry import Source
from analysis.plans.study_plan import StudyPlan
from analysis.said.texts import settled
from analysis.study.public_counts import COUNTS, source_is_public


def exceptions_of(plan: StudyPlan, source: Source) -> tuple[dict[str, str], ...]:
    """Each exception with its rule, what it lets through, approver and reason."""
    found = []
    if source_is_public(plan, source):
        found.append(_of_public(_public_table(plan, source)))
    lower = load_rules().smallest_count
    if lower.approved_by and lower.reason:
        found.append(
            {
                "rule": "S1",
                "what": f"counts of {lower.value} people and more are printed",
                "approved_by": lower.approved_by,
                "reason": lower.reason,
            }
        )
    return tuple(found)


def _public_table(plan: StudyPlan, source: Source) -> PublicTable:
    """Who published the numbers. ValueError where the plan does not say: no such plan loads."""
    counts = getattr(plan, "counts", None)
    public = counts.public if source.name == COUNTS and counts else plan.data.already_public
    if public is None:
        raise ValueError(f"{plan.study} does not say who published its numbers")
    return public


def _of_public(public: PublicTable) -> dict[str, str]:
    return {
        "rule": "S0",
        "what": settled(
            f"counts as published by {public.publisher}, {public.published}: {public.url}"
        ),
        "licence": public.licence,
        "approved_by": public.approved_by,
        "reason": public.reason,
    }
