"""All places of a process monitor beside each other: their counts, and those of all together."""

from dataclasses import dataclass, field
from functools import cached_property

from analysis.clearing.joint import Joint
from analysis.disclosure.suppression import WITHHELD
from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.judgement.wording.figures_in_words import number
from analysis.paths import private_folder
from analysis.plans.outputs_plan import Output, OutputsPlan
from analysis.plans.registry import NATIONAL, Source
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import EVERYONE, Table
from analysis.said.texts import capital, joined
from analysis.said.told import told
from analysis.studies.process_monitor import words
from analysis.studies.process_monitor.offers import NOT_RECORDED
from analysis.studies.process_monitor.tables import told_table
from analysis.study.place_record import emit, released_record
from analysis.study.public_counts import clearance_of_plan, clearance_of_record
from analysis.vocabulary.ethnicity import coding
from analysis.vocabulary.regions import ALL, place_set

EXAMPLE = "EXAMPLE RECORDS: committed with the project, not from this machine."
NOT_RANKED = "Places stand by name. A count in one place does not say how it compares with another."
NOBODY = "Nobody is followed here: these counts are of what was done, and whom it reached."


def set_outputs_beside(plan: OutputsPlan, exact: dict[str, Record], *, round_id: str) -> Joint:
    """The cleared record of each place, and that of all together as the national one: nothing is
    pooled, and no row has a class."""
    places = {}
    for place, record in exact.items():
        shown = released_record(record, clearance=clearance_of_record(plan, record))
        cleared = shown.with_(cleared=True, round=round_id)
        places[place] = cleared.with_(statement=words.statement(plan, cleared))
    national = places[ALL].with_(region=NATIONAL)
    return Joint(places, national.with_(statement=words.statement(plan, national)))


@dataclass(frozen=True, eq=False)
class OutputsNational:
    """All places of one action together, for the national notebook."""

    plan: OutputsPlan
    source: Source
    _joint: Joint = field(repr=False)

    @property
    def _example(self) -> bool:
        return self.source.name == "example"

    @cached_property
    def _parts(self) -> dict[str, Record]:
        """Records of single places by their names, in alphabetical order."""
        kind = place_set(self.plan.data.places)
        found = {kind.name(p): one for p, one in self._joint.places.items() if p != ALL}
        return dict(sorted(found.items()))

    def answer(self) -> Section:
        """The heading, what can be said, and what cannot."""
        said = self._joint.national.sentences
        lines = (f"{said.headline}.", said.say, f"You cannot say: {said.cannot_say}")
        first = (EXAMPLE,) if self._example else ()
        return Section.of(Prose(joined("\n", (*first, *lines, *self.plan.cautions)), "answer"))

    def places(self) -> Section:
        """Reach of each output, place by place in the order of names."""
        names = {**self._parts, words.place_words(self.plan, NATIONAL): self._joint.national}
        rows = [
            {"Place": name} | self._cells(words.reach(one, output.id, EVERYONE), output)
            for output in self.plan.outputs
            for name, one in names.items()
        ]
        said = Prose(NOT_RANKED) if self._parts else None
        return Section.of(self._table("Place by place", rows), said)

    def alike(self) -> Section:
        return Section.of(Prose(words.NOT_OUTCOMES))

    def outcomes(self) -> Section:
        """What was published of the action, and the levels at which nothing is counted."""
        lines = (*words.stated(self.plan), *words.not_measured(self.plan))
        return Section.of(Prose(joined("\n", lines)))

    def by_group(self) -> Section:
        """Reach of each output by ethnic group, all together."""
        groups = (*coding(self.plan.groups.coding).groups, NOT_RECORDED)
        rows = [
            {"Ethnic group": group}
            | self._cells(words.reach(self._joint.national, output.id, group), output)
            for output in self.plan.outputs
            for group in groups
        ]
        return Section.of(self._table("By ethnic group, all together", rows))

    def harm_watch(self) -> Section:
        return Section.of(Prose(NOBODY))

    def checks(self) -> Section:
        """What the counts rest on."""
        return Section.of(Prose(joined("\n", words.check_texts(self._joint.national))))

    def record(self) -> None:
        """Emit the national record; the cleared records of the places go into the folder that the
        runner named."""
        if (folder := private_folder()) is not None and not self._example:
            (folder / "cleared").mkdir(exist_ok=True)
            for place, record in self._joint.places.items():
                store.write(store.validate(record), folder / "cleared" / f"{place}.json")
        emit(store.validate(self._joint.national))

    def _cells(self, row: Row, output: Output) -> dict[str, str]:
        shown = row.value is not None and row.n is not None
        return {
            "Output": capital(output.noun),
            capital(self.plan.who): told(row.n or 0) if shown else WITHHELD,
            "Reached": told(row.n_treated or 0) if shown else WITHHELD,
            "Reached, in every 100": number(row.value or 0.0, 1) if shown else WITHHELD,
        }

    def _table(self, title: str, rows: list[dict[str, str]]) -> Table:
        return told_table(title, rows, clearance_of_plan(self.plan))
