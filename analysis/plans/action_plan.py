"""The plan of a page about promises: which commitments there are, what state they are in, what
bears on them."""

from analysis.plans.study_plan import Key, StudyPlan, Words


class ActionPlan(StudyPlan):
    """One list of commitments, in data/reference/<table>.csv."""

    table: Key
    documents: dict[Key, Words]  # as a page names them, in the order of the page
