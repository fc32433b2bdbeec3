"""One study in one place, opened: what each verb reads. `study` is exact and private; what leaves
a verb is cleared."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from analysis.disclosure.attack.known import COUNTS, Known, write_known
from analysis.disclosure.attack.noted import noted
from analysis.disclosure.rules import Clearance
from analysis.paths import private_folder
from analysis.plans.registry import DRAFT, Source
from analysis.plans.study_plan import StudyPlan
from analysis.record import store
from analysis.record.record import Record
from analysis.study.place_record import emit, exact_record, withheld_record
from analysis.vocabulary.regions import place_set


class Exact(Protocol):
    """An exact study of any kind, as far as every kind of study has the same."""

    @property
    def clearance(self) -> Clearance: ...


@dataclass(frozen=True, eq=False)
class Opened:
    """One study in one place. dates: period_from, period_to, extract_date, follow_up_complete_to.
    hashes: plan_hash, data_hash, code_version."""

    plan: StudyPlan
    place: str
    source: Source
    study: Exact = field(repr=False)
    dates: dict = field(repr=False)
    hashes: dict = field(repr=False)

    @property
    def clearance(self) -> Clearance:
        """What the release of its numbers hangs on: that of the exact study."""
        return self.study.clearance

    @property
    def public(self) -> bool:
        """All of its data were published before (rule S0)."""
        return self.clearance.public

    @cached_property
    def place_name(self) -> str:
        return place_set(self.plan.data.places).name(self.place)

    @cached_property
    def exact(self) -> Record:
        """The exact record: for the private folder, and for pooling."""
        return exact_record(
            self.study,
            plan=self.plan,
            place=self.place,
            data_source=self.source.folder,
            round_id=DRAFT,
            dates=self.dates,
            hashes=self.hashes,
        )

    @property
    def known(self) -> Known:
        """Every count that was cleared so far: for the private folder, and the joint decision."""
        return noted()

    @cached_property
    def released(self) -> Record:
        """The record as it may leave before the places are set beside each other."""
        raise NotImplementedError

    def record(self) -> None:
        """Emit the record as it may leave; write the exact one, and every count that was cleared
        on the way, only where the runner named a private folder."""
        released = self.released
        self._keep(self.exact, self.known)
        emit(released)

    def record_withheld(self) -> None:
        """The same of a place that is withheld whole: nothing that was found stands in any of the
        three."""
        withheld = store.validate(withheld_record(self.exact))
        self._keep(withheld, Known.of(()))
        emit(withheld)

    def _keep(self, exact: Record, known: Known) -> None:
        if (folder := private_folder()) is not None:
            store.write(store.validate(exact), folder / "record.json")
            write_known(known, folder / COUNTS)
