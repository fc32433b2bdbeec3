"""The plan of a page about promises: which commitments there are, what state they are in, what
bears on them."""

from collections.abc import Mapping

from analysis.plans.study_plan import Key, StudyPlan
from analysis.vocabulary.commitments import documents


class ActionPlan(StudyPlan):
    """One list of commitments, in data/reference/<table>.csv."""

    table: Key

    @property
    def documents(self) -> Mapping[str, str]:
        """The documents by id, as a page names them, in the order of the page."""
        return documents()
