"""The plan of a page about promises: which commitments there are, what state they are in, what
bears on them."""

from collections.abc import Mapping
from typing import ClassVar

from analysis.plans.study_plan import Evidence, Key, StudyPlan
from analysis.vocabulary.commitments import documents


class ActionPlan(StudyPlan):
    """One list of commitments, in data/reference/<table>.csv."""

    shows_other_studies: ClassVar[bool] = True
    table: Key

    @property
    def can_show(self) -> Evidence:
        """A list shows what others show."""
        return "listed"

    @property
    def documents(self) -> Mapping[str, str]:
        """The documents by id, as a page names them, in the order of the page."""
        return documents()
