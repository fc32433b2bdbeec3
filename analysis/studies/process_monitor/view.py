"""What the verbs show of a process monitor: plain functions that return cleared sections."""

from dataclasses import dataclass, field
from functools import cached_property

from analysis.disclosure.attack.known import Known
from analysis.disclosure.attack.noted import noted
from analysis.disclosure.named.flow import released_flow
from analysis.disclosure.named.names import linked
from analysis.disclosure.suppression import OTHER_REASONS
from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.plans.kinds import kind_of
from analysis.plans.outputs_plan import Output, OutputsPlan
from analysis.record import store
from analysis.record.record import Record
from analysis.said.texts import capital, joined
from analysis.said.told import told
from analysis.sections.opened import Opened
from analysis.sections.shows import Shows
from analysis.studies.process_monitor import tables, words
from analysis.studies.process_monitor.study import OutputsStudy
from analysis.study.place_record import released_record
from analysis.vocabulary.regions import ALL, place_set

ALONE = "On its own; not yet set beside the other {many}."
NOBODY = "nobody is left out"


@dataclass(frozen=True, eq=False)
class Counted(Opened):
    """One action in one place."""

    plan: OutputsPlan
    study: OutputsStudy = field(repr=False)

    @property
    def known(self) -> Known:
        """Every count that was cleared so far; equal numbers of one group are one."""
        return linked(noted())

    @cached_property
    def released(self) -> Record:
        """The record as it may leave before the places are set beside each other."""
        return store.validate(released_record(self.exact, clearance=self.clearance))


def _said(*lines: str) -> Prose:
    return Prose(joined("\n", (line for line in lines if line)))


def answer(shown: Counted) -> Section:
    """Whom each output reached, and that an output is no outcome."""
    many = place_set(shown.plan.data.places).many
    alone = () if shown.place == ALL else (ALONE.format(many=many),)
    own = tuple(
        words.reach_words(shown.plan, output, words.reach(shown.released, output.id, "all"))
        for output in shown.plan.outputs
    )
    lines = (*alone, words.NOT_OUTCOMES, *own, *shown.plan.cautions)
    return Section.of(Prose(joined("\n", lines), "answer"))


def people(shown: Counted) -> Section:
    """Who is in the data and not counted, and of how many an ethnic group is recorded."""
    study = shown.study
    excluded = released_flow(
        study.n_in, study.n_used, study.excluded, place=study.place, clearance=study.clearance
    )["excluded"]
    named = {reason: _reason(shown, reason) for reason in excluded}
    rows = [
        {"Reason": named[reason], "Staff": "[c]" if n is None else told(n)}
        for reason, n in excluded.items()
    ]
    title = "Who is not counted, and why"
    rows = rows or [{"Reason": NOBODY, "Staff": "0"}]
    return Section.of(tables.told_table(title, rows, shown.clearance))


def _reason(shown: Counted, reason: str) -> str:
    if reason == OTHER_REASONS:
        return reason
    return kind_of(shown.plan).excluded_words(shown.plan, reason)


def rates(shown: Counted, outputs: tuple[Output, ...], by: str) -> Section:
    """Reach of each output by ethnic group, or by kind of site."""
    return Section.of(*(tables.reach_table(shown.study, output, by) for output in outputs))


def check(shown: Counted) -> Section:
    """What the counts rest on: people counted once, events held, ethnic groups recorded."""
    return Section.of(
        _said(*(check.text for check in shown.study.checks)), tables.twice_table(shown.study)
    )


def held(shown: Counted) -> Section:
    """Events planned and held, by kind of event and of site."""
    return Section.of(tables.held_table(shown.study))


def by_quarter(shown: Counted, outputs: tuple[Output, ...] = ()) -> Section:
    """Events and attendances by quarter."""
    return Section.of(tables.quarters_table(shown.study))


def limits(shown: Counted) -> Section:
    """What was published, what is not measured, and what a count cannot say."""
    plan = shown.plan
    rows = [
        {"Level": capital(level), "Not measured, because": why}
        for level, why in plan.not_measured.items()
    ]
    title = "Levels at which nothing is counted"
    table = tables.told_table(title, rows, shown.clearance)
    cannot = joined("", ("It cannot say: ", words.WHAT_FOLLOWED, " ", words.NOT_WHY))
    return Section.of(_said(*words.stated(plan), cannot), table)


SHOWS = Shows(
    opened=Counted,
    answer=answer,
    people=people,
    check=check,
    limits=limits,
    rates=rates,
    checks={"held": held},
    by=(),
    groupings=tables.GROUPINGS,
    over={"quarter": by_quarter},
)
