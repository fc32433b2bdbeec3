"""All places of one study together, as the national notebook shows them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from analysis.clearing.joint import Joint
from analysis.display import figures
from analysis.display.amounts import axis_words, is_drawn
from analysis.display.drawn_lines import forest_table, heat_table, lines_table
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.errors import RunError
from analysis.judgement.classes import HARM_GRADES
from analysis.judgement.false_alarms import load_false_alarms
from analysis.judgement.wording.lines import (
    harm_line,
    left_out_line,
    maybe_worse_line,
    prediction_line,
)
from analysis.paths import EXAMPLE_RECORDS, places_left_out, private_folder, reports
from analysis.plans.plan import Plan
from analysis.plans.registry import (
    NATIONAL,
    Source,
    places_to_run,
)
from analysis.plans.study_plan import StudyPlan
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.said.texts import joined, small
from analysis.said.told import told
from analysis.sections import national_tables, tables
from analysis.sections.checks_table import checks_table
from analysis.study.claim_checks import listed_in
from analysis.study.place_record import emit
from analysis.study.words import finding, lead_row, on_watch, places_alike, pooled_row, slots, there
from analysis.vocabulary.regions import ALL, place_set


@dataclass(frozen=True, eq=False)
class National:
    """All places of one study together, for the national notebook."""

    plan: Plan
    source: Source
    _joint: Joint = field(repr=False)

    @property
    def _example(self) -> bool:
        return self.source.name == "example"

    @cached_property
    def _set(self):
        return place_set(self.plan.data.places)

    def _rows(self, **wanted) -> tuple[Row, ...]:
        return self._joint.national.rows_where(**wanted)

    def answer(self) -> Section:
        """The headline, what can be said, and what cannot."""
        said = self._joint.national.sentences
        lines = (
            ["EXAMPLE RECORDS: committed with the project, not from this machine."]
            if self._example
            else []
        )
        absent = left_out_line(
            [self._set.name(p) for p in self._set.ids if p not in self._joint.places]
        )
        lines += [absent] if absent else []
        lines += [self.plan.say_first] if self.plan.say_first else []
        lines += [
            f"{said.headline}.",
            said.say,
            f"You cannot say: {said.cannot_say}",
            *self.plan.cautions,
        ]
        return Section.of(Prose(joined("\n", lines), "answer"))

    def places(self) -> Section:
        """The leading outcome in every place, sorted by name, and put together: a table and a
        forest."""
        outcome, pooled = (
            self.plan.outcome(self.plan.leading),
            pooled_row(self.plan, self._joint.national),
        )
        if pooled is None:
            return self._places_apart(outcome)
        parts = {place: record for place, record in self._joint.places.items() if place != ALL}
        rows = [there(lead_row(self.plan, record)) for record in parts.values()]
        names = [self._set.name(place) for place in parts]
        frame = national_tables.places_table(
            self.plan,
            names,
            rows,
            pooled,
            together=f"{told(pooled.k or 0)} {self._set.many} together",
        )
        axis = axis_words(outcome.unit, outcome.event, outcome.noun)
        scale = figures.Scale(outcome.unit, axis, outcome.better, outcome.matters)
        drawn = forest_table(
            rows, names, pooled, one=self._set.one, many=self._set.many, beside=frame
        )
        title = f"{self._contrast}, {self._set.one} by {self._set.one}"
        figure = figures.forest_figure(drawn, scale, title=title)
        alt = figures.forest_figure_alt(drawn, scale, one=self._set.one)
        return Section.of(frame, Chart(figure, alt, drawn, "forest"))

    def _places_apart(self, outcome) -> Section:
        """The one analysis of all places, and those places that have an estimate of their own."""
        whole = there(lead_row(self.plan, self._joint.national))
        own = {
            place: there(lead_row(self.plan, record))
            for place, record in self._joint.places.items()
            if place != ALL
        }
        names = [self._set.name(place) for place in own]
        table = national_tables.places_table(
            self.plan,
            names,
            list(own.values()),
            whole,
            together=f"All {self._set.many} in one analysis",
        )
        drawn = [
            (self._set.name(place), row) for place, row in own.items() if row.status == "estimated"
        ]
        rows, labels = (
            [whole, *(row for _, row in drawn)],
            [
                f"All {self._set.many}",
                *(name for name, _ in drawn),
            ],
        )
        if whole.status != "estimated":
            return Section.of(table)
        axis = axis_words(outcome.unit, outcome.event, outcome.noun)
        scale = figures.Scale(outcome.unit, axis, outcome.better)
        lines = lines_table(rows, labels, beside=table)
        figure = figures.outcome_figure(lines, scale, title=self._contrast)
        alt = figures.outcome_figure_alt(lines, scale)
        return Section.of(table, Chart(figure, alt, lines, "places"))

    @property
    def _contrast(self) -> str:
        """The title of a figure of differences."""
        if self.plan.exposure:
            return "Matched people less others"
        return f"With {self.plan.words.programme} less without"

    def _why_no_pool(self) -> str:
        """Why places have no estimates of their own to be put together."""
        apart = f"The {self._set.many} are not put together from estimates of their own:"
        if self.plan.comparison.assigned == "nation":
            return f"{apart} {self.plan.words.programme} came to all of them on the same date."
        people = self.plan.comparison.assigned == "employee"
        units = small(self.plan.comparison.assigned_units) if people else "places"
        return (
            f"{apart} too few {units} of each were assigned. One analysis of all of them answers,"
            " in which each is compared within itself."
        )

    def alike(self) -> Section:
        """Whether places differ from each other, and where a new one would most likely lie."""
        outcome, row = (
            self.plan.outcome(self.plan.leading),
            pooled_row(self.plan, self._joint.national),
        )
        if row is None:
            return Section.of(Prose(self._why_no_pool()))
        alike = places_alike(row)
        words = {
            None: "Whether they differ could not be tested.",
            True: "The test does not tell them apart; how far apart they may be is said next.",
            False: "They differ from each other.",
        }[alike]
        lines = [words]
        if alike is not None:
            lines.append(
                f"Spread between {self._set.many}: tau² {told(row.tau2 or 0.0)},"
                f" I² {told(row.i2 or 0.0)}% ({row.i2_definition})."
            )
            if row.tau2 == 0:
                lines.append(
                    f"A tau² of {told(0)} is the likeliest value, and does not say that"
                    f" {self._set.many} are alike."
                )
            found = finding(
                self.plan,
                row.with_(result_class=row.result_class or "unreliable"),
                self._joint.national,
            )
            lines.append(
                prediction_line(
                    found,
                    slots(self.plan, outcome, NATIONAL),
                    low=row.pi_low,
                    high=row.pi_high,
                    places_pooled=cast(int, row.k),  # a pooled row counts its places
                )
            )
        return Section.of(Prose(joined("\n", (line for line in lines if line))))

    def outcomes(self) -> Section:
        """Every outcome of the nation: the answer to each, in a table and a figure for each
        unit."""
        rows = [
            there(lead_row(self.plan, self._joint.national, outcome.id))
            for outcome in self.plan.compared
        ]
        table = national_tables.outcomes_table(rows, self.plan)
        charts = []
        for unit in dict.fromkeys(row.unit for row in rows):
            chosen = [row for row in rows if row.unit == unit]
            labels = [tables.outcome_words(self.plan.outcome(row.outcome)) for row in chosen]
            words = {"points": "points on the scale", "times": "times as often"}
            axis = words.get(unit, "in every 100 people")
            scale = figures.Scale(unit, axis)
            drawn = lines_table(chosen, labels, beside=table)
            title = f"{self._contrast}, all outcomes"
            figure = figures.outcome_figure(drawn, scale, title=title)
            alt = figures.outcome_figure_alt(drawn, scale)
            charts.append(Chart(figure, alt, drawn, f"outcomes_{unit}"))
        return Section.of(table, *charts, self._by_place())

    def _by_place(self) -> Section | None:
        """Every outcome in every place: a table and a heat map, where places have estimates of
        their own for more than one outcome."""
        records_of = {place: one for place, one in self._joint.places.items() if place != ALL}
        names = {place: self._set.name(place) for place in records_of}
        order = sorted(records_of, key=lambda place: names[place])
        found = {
            outcome: [there(lead_row(self.plan, records_of[place], outcome.id)) for place in order]
            for outcome in self.plan.compared
        }
        shown = {o: rows for o, rows in found.items() if sum(map(is_drawn, rows)) > 1}
        if len(shown) < 2:
            return None
        places = [names[place] for place in order]
        rows_of = {tables.outcome_words(outcome): rows for outcome, rows in shown.items()}
        table = national_tables.places_by_outcome(self.plan, rows_of, places)
        drawn = heat_table(rows_of, places, beside=table)
        figure = figures.heat_figure(drawn, title=f"{self._contrast}, place by place")
        alt = figures.heat_figure_alt(drawn)
        return Section.of(table, Chart(figure, alt, drawn, "places_by_outcome"))

    def by_group(self) -> Section:
        """Gaps by ethnic group and the differences between them, for the leading outcome."""
        found = [
            r
            for kind in ("own_group_gap", "group_effect", "gap_difference")
            for r in self._rows(outcome=self.plan.leading, estimand=kind)
            if r.note not in ("second_opinion", "bounds")
        ]
        title = f"By {self.plan.characteristic}, all together"
        return Section.of(national_tables.tested_table(title, found, self.plan))

    def harm_watch(self) -> Section:
        """Places and groups that are worse, then those that may be, and how often such an entry is
        a false alarm."""
        level, alarms = self.plan.harm_watch.probability, load_false_alarms()
        often = [alarms.sentence(grade, level, study=self.plan.study) for grade in HARM_GRADES]
        worse, maybe = (on_watch(self.plan, self._joint.places, grade) for grade in HARM_GRADES)
        said = [harm_line(worse, often[0])]
        said += [maybe_worse_line(maybe, level, often[1])] if maybe else []
        said += ["What is on harm watch is never counted as a finding."]
        return Section.of(Prose(joined("\n", said)))

    def checks(self) -> Section:
        """The checks on which the claims rest: those that the design names, and no others."""
        national = self._joint.national
        return Section.of(checks_table(self.plan, listed_in(national), national.checks))

    def record(self) -> None:
        """Emit the national record; the cleared records of the places go into the folder that the
        runner named."""
        if (folder := private_folder()) is not None and not self._example:
            (folder / "cleared").mkdir(exist_ok=True)
            for place, record in self._joint.places.items():
                store.write(store.validate(record), folder / "cleared" / f"{place}.json")
        emit(store.validate(self._joint.national))


def private_records(plan: StudyPlan, source: Source, round_id: str) -> dict[str, Record]:
    """The exact records of a round; RunError E331 names the places without one, unless they were
    left out on purpose."""
    folder = reports() / source.folder / round_id / plan.study
    files = {place: folder / place / "private" / "record.json" for place in places_to_run(plan)}
    missing = [
        place
        for place, file in files.items()
        if not file.exists() and place not in places_left_out()
    ]
    if missing:
        raise RunError(
            "E331",
            f"no private record of {', '.join(missing)}.",
            remedy=f"First: workbook run {plan.study}",
        )
    return {
        place: store.load(file) for place, file in files.items() if place not in places_left_out()
    }


def example_records(plan: StudyPlan) -> Joint:
    """The cleared records that are committed with the project."""
    folder = EXAMPLE_RECORDS / plan.study
    places = {place: store.load(folder / f"{place}.json") for place in places_to_run(plan)}
    return Joint(places, store.load(folder / f"{NATIONAL}.json"))
