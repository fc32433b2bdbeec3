"""All places of a monitor together, as the national notebook shows them."""

from dataclasses import dataclass, field

import pandas as pd

from analysis.clearing.joint import Joint
from analysis.display import figures
from analysis.display.amounts import is_drawn
from analysis.display.drawn_lines import lines_table
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.judgement.wording.figures_in_words import capital, listed
from analysis.judgement.wording.rates_in_words import times
from analysis.paths import private_folder
from analysis.plans.monitor import Monitor
from analysis.plans.registry import NATIONAL, Source
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import Table
from analysis.said.texts import joined
from analysis.said.told import told
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.shown import words
from analysis.studies.disparity.shown.tables import WITHHELD, interval_words, sides_words
from analysis.studies.disparity.shown.years_words import of_which_round
from analysis.study.declared import check_words
from analysis.study.place_record import emit
from analysis.vocabulary.regions import ALL, place_set

CLEARED = "cleared_record"
LITTLE = "Places are compared where there are several of them; here there is one."


@dataclass(frozen=True, eq=False)
class MonitorNational:
    """All places of one monitor together, for the national notebook."""

    plan: Monitor
    source: Source
    _joint: Joint = field(repr=False)

    @property
    def _national(self) -> Record:
        return self._joint.national

    @property
    def _parts(self) -> dict[str, Record]:
        return {place: record for place, record in self._joint.places.items() if place != ALL}

    def answer(self) -> Section:
        """The headline, what can be said, and what cannot."""
        said, plan = self._national.statement, self.plan
        lines = (
            ["EXAMPLE RECORDS: committed with the project, not from this machine."]
            if self.source.name == "example"
            else []
        )
        lines += [
            plan.say_first or "",
            f"{said.headline}.",
            said.say,
            words.counted_line(plan, self._national),
        ]
        lines += [words.chance_line(self._national)]
        lines += [f"You cannot say: {said.cannot_say}", *plan.cautions]
        return Section.of(Prose(joined("\n", (line for line in lines if line)), "answer"))

    def _name(self, place: str) -> str:
        """The name of a place, with its round where that is not the round of the nation."""
        name = place_set(self.plan.data.places).name(place)
        record = self._joint.places.get(place, self._national)
        same = record.period_to == self._national.period_to
        return name if same else f"{name} ({words.period_of(self.plan, record)})"

    def places(self) -> Section:
        """The comparison that leads the nation, in every place: a table and a figure."""
        if not self._parts:
            return Section.of(Prose(LITTLE))
        measure, group, whole = words.leading(self.plan, self._national)
        kind = place_set(self.plan.data.places)
        pairs = [(kind.together, whole)]
        pairs += [
            (self._name(p), words.answer_row(self.plan, r, measure, group))
            for p, r in self._parts.items()
        ]
        rows = [row for _, row in pairs]
        reference = words.people_from(self.plan.groups.reference, words.people_word(measure))
        sides = f"{words.people_from(group, measure.people)} beside {reference}"
        table = Table(
            f"{capital(measure.noun)}, {sides}, place by place",
            _frame(self.plan, measure, pairs),
            CLEARED,
        )
        labels = [name for name, _ in pairs]
        axis = (
            f"{words.people_from(group, measure.people)}: how many times as often they"
            f" {measure.plain}"
        )
        better = shown.DIRECTIONS[measure.counts]
        scale, drawn = figures.Scale("times", axis, better), lines_table(rows, labels, beside=table)
        figure = figures.outcome_figure(drawn, scale, title=table.title)
        alt = figures.outcome_figure_alt(drawn, scale)
        return Section.of(table, Chart(figure, alt, drawn, "places"))

    def alike(self) -> Section:
        """How many places have which verdict on the comparison that leads."""
        if not self._parts:
            return Section.of(Prose(LITTLE))
        measure, group, _ = words.leading(self.plan, self._national)
        found = [
            words.answer_row(self.plan, record, measure, group).result_class
            for record in self._of_now.values()
        ]
        counts = [
            f"{told(found.count(name))} {label}"
            for name, label in words.VERDICT_WORDS.items()
            if name in found
        ]
        many = place_set(self.plan.data.places).many
        said = (
            f"{capital(measure.noun)}, {words.people_from(group, measure.people)}, in"
            f" {told(len(found))} {many}: {', '.join(counts)}. Too few is not a pass. "
            "A verdict in one place and none in another does not show that the two differ."
            f"{self._of_another_round()}"
        )
        return Section.of(Prose(said))

    @property
    def _of_now(self) -> dict[str, Record]:
        """Places whose newest round is that of the nation."""
        end = self._national.period_to
        return {place: record for place, record in self._parts.items() if record.period_to == end}

    def _of_another_round(self) -> str:
        left = [self._name(place) for place in self._parts if place not in self._of_now]
        return f" Not counted, of another round: {listed(tuple(left))}." if left else ""

    def outcomes(self) -> Section:
        """Every comparison of all places at once."""
        return Section.of(self._grid_of(self._national, "Every comparison, all together"))

    def _grid_of(self, record: Record, title: str) -> Table:
        rows = [
            {
                "Measure": capital(measure.noun + of_which_round(row)),
                capital(self.plan.characteristic): group,
                "Times as often": times(row.value) if is_drawn(row) else WITHHELD,
                "95% confidence interval": interval_words(row) if is_drawn(row) else WITHHELD,
                "Verdict": words.verdict_words(row, measure),
                "Worse off": words.worse_words(self.plan, row),
            }
            for measure, group, row in words.page_rows(self.plan, record)
        ]
        return Table(title, pd.DataFrame(rows), CLEARED)

    def by_group(self) -> Section:
        """The verdict on every measure and group in every place, in words."""
        records_of = self._parts or {ALL: self._national}
        cells = []
        for measure in self.plan.measures:
            for group in self.plan.compared_groups:
                found = {
                    self._name(p): words.answer_row(self.plan, r, measure, group)
                    for p, r in records_of.items()
                }
                cells.append(
                    {"Measure": capital(measure.noun), capital(self.plan.characteristic): group}
                    | {n: _short(measure, row) for n, row in found.items()}
                )
        return Section.of(Table("Verdicts, place by place", pd.DataFrame(cells), CLEARED))

    def harm_watch(self) -> Section:
        """Where explanations stand, place by place."""
        kind, lines = place_set(self.plan.data.places), []
        for place, record in self._parts.items():
            lines += [f"{kind.name(place)}: {line}" for line in words.explanation_lines(record)]
        return Section.of(Prose(joined("\n", lines) if lines else "No explanation is asked for."))

    def checks(self) -> Section:
        """What was checked over all places at once."""
        found = [
            {"Check": capital(check_words(self.plan, c.id)), "Result": c.text}
            for c in self._national.checks
        ]
        frame = pd.DataFrame(found or [{"Check": "none", "Result": "nothing to check"}])
        return Section.of(Table("Checks", frame, CLEARED))

    def record(self) -> None:
        """Emit the national record; the cleared records of the places go into the folder that the
        runner named."""
        if (folder := private_folder()) is not None and self.source.name != "example":
            (folder / "cleared").mkdir(exist_ok=True)
            for place, record in self._joint.places.items():
                store.write(record, folder / "cleared" / f"{place}.json")
        emit(store.validate(self._national))


def _frame(plan: Monitor, measure, pairs) -> pd.DataFrame:
    rows = [
        {
            "Place": name,
            f"Rate in every {measure.per_words}": (
                sides_words(row)[0] if is_drawn(row) else WITHHELD
            ),
            plan.groups.reference: sides_words(row)[1] if is_drawn(row) else WITHHELD,
            "Times as often": times(row.value) if is_drawn(row) else WITHHELD,
            "95% confidence interval": interval_words(row) if is_drawn(row) else WITHHELD,
            "Verdict": words.verdict_words(row, measure),
            "Worse off": words.worse_words(plan, row),
        }
        for name, row in pairs
    ]
    return pd.DataFrame(rows)


def _short(measure, row: Row) -> str:
    """ "disparity 1.75", the ratio being the one that decides; or the verdict alone."""
    ratio = row.opposite_value if row.decided_by == words.OPPOSITE else row.value
    if not is_drawn(row) or row.result_class == "insufficient_data" or ratio is None:
        return words.verdict_words(row, measure)
    word, _, by = words.verdict_words(row, measure).partition(", by ")
    return f"{word} {times(ratio)}{f', by {by}' if by else ''}"


__all__ = ["NATIONAL", "MonitorNational"]
