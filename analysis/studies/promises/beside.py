"""The list of promises in the national notebook: the documents cover the whole country, in one
place."""

from dataclasses import dataclass, field
from functools import cached_property

from analysis.clearing.joint import Joint
from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.paths import private_folder
from analysis.plans.action_plan import ActionPlan
from analysis.plans.registry import NATIONAL, Source
from analysis.record import store
from analysis.record.record import Record
from analysis.studies.promises import words
from analysis.studies.promises.study import open_action_plan
from analysis.studies.promises.view import (
    ONE_PLACE,
    Listed,
    answer,
    evidence,
    limits,
    slippage,
    states,
    studies,
)
from analysis.study.place_record import emit
from analysis.vocabulary.regions import ALL


def set_action_plan_beside(plan: ActionPlan, exact: dict[str, Record], *, round_id: str) -> Joint:
    """The cleared record, and the same as the national one: the documents cover the whole
    country."""
    said = words.statement(open_action_plan(plan, ALL))
    places = {
        place: record.with_(round=round_id, cleared=True, statement=said)
        for place, record in exact.items()
    }
    return Joint(places, places[ALL].with_(region=NATIONAL))


@dataclass(frozen=True, eq=False)
class ActionPlanNational:
    """The same for the national notebook: the documents cover the whole country, so that there is
    one place."""

    plan: ActionPlan
    source: Source
    _joint: Joint = field(repr=False)

    @cached_property
    def _listed(self) -> Listed:
        study = open_action_plan(self.plan, ALL)
        return Listed(self.plan, ALL, self.source, study, {}, {})

    def answer(self) -> Section:
        return answer(self._listed)

    def places(self) -> Section:
        return states(self._listed)

    def alike(self) -> Section:
        return Section.of(Prose(ONE_PLACE))

    def outcomes(self) -> Section:
        return slippage(self._listed)

    def by_group(self) -> Section:
        """Which study bears on which commitment, and what it last found."""
        return studies(self._listed)

    def harm_watch(self) -> Section:
        return evidence(self._listed)

    def checks(self) -> Section:
        return limits(self._listed)

    def record(self) -> None:
        """Emit the national record; the cleared record goes into the folder that the runner
        named."""
        if (folder := private_folder()) is not None and self.source.name != "example":
            (folder / "cleared").mkdir(exist_ok=True)
            for place, record in self._joint.places.items():
                store.write(store.validate(record), folder / "cleared" / f"{place}.json")
        emit(store.validate(self._joint.national))
