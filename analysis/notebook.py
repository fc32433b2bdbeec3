"""The small face that a notebook imports: `open_study` for one place, `open_national` for all places together.

Importing this module closes the kernel's gate: from then on only cleared tables, sentences and figures can be seen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from IPython import get_ipython
from IPython.display import display

from analysis import record as records
from analysis.disclosure.registration import registrations
from analysis.display import figures
from analysis.display.amounts import axis_words, is_drawn
from analysis.display.tables import Prose, install_formatters, show
from analysis.errors import ParameterError, RunError
from analysis.judgement.lines import prediction_line
from analysis.judgement.statements import kind_not, size
from analysis.paths import EXAMPLE_RECORDS, EXTRACTS, private_folder, reports
from analysis.plans.plan import Outcome, Plan
from analysis.plans.registry import (
    DRAFT,
    NATIONAL,
    Source,
    check_parameters,
    load_plan,
    notebook_path,
    parse_source,
    places_to_run,
    plan_hash,
)
from analysis.results import Table
from analysis.studies import matching_tables as tables
from analysis.studies.ethnic_matching import EVERYONE, MAIN, MatchingStudy
from analysis.studies.joint import Joint, set_beside
from analysis.studies.place_record import exact_record, released_record
from analysis.studies.release import released_rows
from analysis.studies.words import (
    finding,
    in_plan_words,
    lead_row,
    on_watch,
    places_alike,
    pooled_row,
    slots,
    unrecorded_cause,
)
from analysis.versions import code_version
from analysis.vocabulary.levels import level as level_of
from analysis.vocabulary.regions import ALL, place_set

if get_ipython() is not None:
    install_formatters(get_ipython())

ALONE = "On its own; not yet set beside the other {many}."
MAIN_ESTIMANDS, MAIN_NOTES = ("matching_effect", "own_group_gap"), (None, "not_reliable")
NO_OUTCOME = "This pilot has no outcome at this level: {why}."


@dataclass(frozen=True, eq=False)
class Study:
    """One study in one place, for a notebook. Every quantity is computed once, on first use."""

    plan: Plan
    place: str
    source: Source
    _matching: MatchingStudy = field(repr=False)
    _dates: dict = field(repr=False)
    _hashes: dict = field(repr=False)

    @property
    def _public(self) -> bool:
        return self._matching.already_public

    @cached_property
    def _place_name(self) -> str:
        return place_set(self.plan.data.places).name(self.place)

    def _rows(self, outcome_id: str) -> list[dict]:
        """Rows of one outcome as they may leave."""
        return released_rows(self._matching.outcome_rows(outcome_id), already_public=self._public)

    def answer(self) -> Prose:
        """The place's own estimate of the leading outcome, as a sentence."""
        many = place_set(self.plan.data.places).many
        lines = [ALONE.format(many=many)] if self.place != ALL else []
        return self._say(
            *lines, self._sentence(self.plan.outcome(self.plan.leading)), *self.plan.cautions, kind="answer"
        )

    def _say(self, *lines: str, kind: str = "line") -> Prose:
        return Prose(in_plan_words(self.plan, "\n".join(lines)), kind)

    def _sentence(self, outcome: Outcome) -> str:
        """SIZE of the main row, or why there is none; CLASS and CAUSE come after `clear`."""
        row = next(r for r in self._rows(outcome.id) if r["estimand"] == "matching_effect" and r["method"] == MAIN)
        if not is_drawn(row):
            return {"withheld": "Withheld to protect people."}.get(row["status"]) or self._not_estimable(row)
        return size(
            finding(self.plan, row | {"result_class": "inconclusive"}, {"checks": [], "region": self.place}),
            self._slots(outcome),
        )

    def _not_estimable(self, row: dict) -> str:
        from analysis.studies.release import result_in

        return result_in(row | {"support": None}).summary()

    def _slots(self, outcome: Outcome):
        return slots(self.plan, outcome, self.place)

    # -- who is in the data, and is the comparison fair -----------------------------------------------------------
    def people(self) -> Table:
        """Who is in the data, by ethnic group."""
        return tables.people_table(self._matching)

    def excluded(self) -> Table:
        """Who is not in the comparison, and why."""
        return tables.excluded_table(self._matching, self._released["excluded"])

    def declared(self) -> Table:
        """What is known about ethnic group, of people and of practitioners."""
        return tables.declaration_table(self._matching)

    def response(self) -> Table | Prose:
        """Who answered the survey, by exposure and ethnic group; printed before anything that rests on the answers."""
        if not any(outcome.survey for outcome in self.plan.compared):
            return Prose("No outcome of this study comes from a survey.")
        return tables.response_table(self._matching)

    def fairness(self) -> None:
        """How alike matched people and others are: the checks in words, a table and its figure."""
        display(self._say(*(check.text for check in self._matching.checks)))
        balance = self._matching.balance
        if balance is None:
            display(Prose("How alike the two sides are cannot be shown: nothing is compared here."))
            return
        table = tables.balance_table(self._matching)
        display(table)
        rows = balance.to_frame().to_dict("records")
        figure = figures.balance_figure(rows, after=in_plan_words(self.plan, "within office and period"))
        show(figure, alt=figures.balance_figure_alt(rows), table=table, name="balance")

    # -- outcomes, level by level ---------------------------------------------------------------------------------
    def level(self, key: str) -> None:
        """What was found at one outcome level: a table and a figure, or why there is nothing."""
        entries = [outcome for outcome in self.plan.outcomes if outcome.level == key]
        for outcome in entries:
            if outcome.not_measured:
                display(Prose(NO_OUTCOME.format(why=outcome.not_measured)))
        facts = [outcome for outcome in entries if outcome.role == "fact"]
        if facts:
            self._show_facts(facts)
        compared = [outcome for outcome in entries if outcome.compared]
        if compared:
            self._show_compared(key, compared)

    def _show_facts(self, outcomes: list[Outcome]) -> None:
        ids = {outcome.id for outcome in outcomes}
        rows = released_rows([row for row in self._matching.rows if row["outcome"] in ids], already_public=self._public)
        display(tables.estimates_table("Facts, without a comparison", rows, self.plan, already_public=self._public))

    def _show_compared(self, key: str, outcomes: list[Outcome]) -> None:
        main = [
            row
            for outcome in outcomes
            for row in self._rows(outcome.id)
            if row["estimand"] in MAIN_ESTIMANDS and row["note"] in MAIN_NOTES
        ]
        display(self._say(*(self._sentence(outcome) for outcome in outcomes)))
        table = tables.estimates_table(level_of(key).asks, main, self.plan, already_public=self._public)
        display(table)
        lead = [row for row in main if row["estimand"] == "matching_effect"]
        labels = [tables.outcome_words(self.plan.outcome(row["outcome"])) for row in lead]
        self._figure(
            lead,
            labels,
            table=table,
            name=f"level_{key}",
            title=f"{self._place_name}: matched {self._people} less others",
        )

    @property
    def _people(self) -> str:
        return self.plan.words.person.split()[0]

    def _figure(self, rows: list[dict], labels: list[str], *, table: Table, name: str, title: str) -> None:
        """Estimates of one unit in one figure; nothing where none of them can be drawn."""
        if not any(is_drawn(row) for row in rows):
            return
        unit, labels = rows[0]["unit"], [in_plan_words(self.plan, label) for label in labels]
        better = {row["direction"] for row in rows}
        shared = better.pop() if len(better) == 1 else None
        axis = "points on the scale" if unit == "points" else f"in every 100 {self._people}"
        figure = figures.outcome_figure(rows, labels, unit=unit, axis=axis, better=shared, title=title)
        show(
            figure,
            alt=figures.outcome_figure_alt(rows, labels, unit=unit, axis=axis, better=shared),
            table=table,
            name=name,
        )

    # -- by group, how fragile, limits ----------------------------------------------------------------------------
    def by_group(self) -> None:
        """Does the leading outcome differ by ethnic group: gaps within offices, and rates beside the reference group."""
        rows, outcome = self._rows(self.plan.leading), self.plan.outcome(self.plan.leading)
        gaps = [
            row for row in rows if row["note"] in MAIN_NOTES and row["estimand"] in ("own_group_gap", "gap_difference")
        ]
        table = tables.estimates_table("By ethnic group", gaps, self.plan, already_public=self._public)
        display(
            Prose(
                "A group differs from another only where the difference between two gaps says so; the national page tests it."
            )
        )
        display(table)
        own = [row for row in gaps if row["estimand"] == "own_group_gap"]
        self._figure(
            own,
            [row["group"] for row in own],
            table=table,
            name="by_group",
            title=f"{self._place_name}: by ethnic group",
        )
        if outcome.kind == "share":
            for each in self.plan.compared:
                if each.kind == "share":
                    display(tables.rates_table(self._matching, each, self._rows(each.id)))

    def fragility(self) -> None:
        """Other ways to work out the leading outcome, beside the main one."""
        rows = self._rows(self.plan.leading)
        effects = [r for r in rows if r["group"] == EVERYONE and (r["note"] == "second_opinion" or r["method"] == MAIN)]
        others = [r for r in rows if r["group"] != EVERYONE and r["note"] in ("second_opinion", "bounds")]
        table = tables.estimates_table(
            "How fragile is it?", effects + others, self.plan, by_method=True, already_public=self._public
        )
        display(table)
        if self.plan.comparison.how_chosen != "by_lot":
            display(self._say(unrecorded_cause(next(r for r in effects if r["method"] == MAIN))))
        if any(row["method"] == "radius_matching" and is_drawn(row) for row in others):
            display(tables.matching_table(self._matching, self.plan.outcome(self.plan.leading)))
        labels = [tables.method_words(row["method"]) for row in effects]
        self._figure(
            effects, labels, table=table, name="fragility", title=f"{self._place_name}: other ways to work it out"
        )

    def published(self) -> Table:
        """What was published about the same question beside what we get (Project STAR only)."""
        rows = [
            row
            for outcome in self.plan.compared
            for row in self._rows(outcome.id)
            if row["estimand"] == "own_group_gap"
        ]
        return tables.published_table(rows, self.plan)

    def limits(self) -> Prose:
        """What this kind of comparison can say here, and what it cannot."""
        outcome = self.plan.outcome(self.plan.leading)
        row = lead_row(self.plan, {"region": self.place, "estimates": self._rows(outcome.id)})
        shown = row | {"result_class": "inconclusive"} if is_drawn(row) else row
        cannot = kind_not(finding(self.plan, shown, {"checks": [], "region": self.place}), self._slots(outcome))
        return self._say(f"It can say: {self._sentence(outcome)}", f"It cannot say {cannot}.")

    # -- the record -----------------------------------------------------------------------------------------------
    @cached_property
    def _exact(self) -> dict:
        return exact_record(
            self._matching,
            plan=self.plan,
            place=self.place,
            data_source=str(self.source),
            round_id=DRAFT,
            dates=self._dates,
            hashes=self._hashes,
        )

    @cached_property
    def _released(self) -> dict:
        return records.validate(released_record(self._exact, already_public=self._public))

    def record(self) -> None:
        """Emit the record as it may leave; write the exact one only where the runner named a private folder."""
        if (folder := private_folder()) is not None:
            records.write(records.validate(self._exact), folder / "record.json")
        emit(self._released)


def emit(record: dict) -> None:
    """Show a record as the one output by which a run is known to have succeeded, with the list of what was shown."""
    said = f"{record['study']}, {record['region']}: {len(record['estimates'])} rows"
    metadata = {"workbook": {"registrations": list(registrations())}}
    display({records.MIME: record, "text/plain": said}, metadata=metadata, raw=True)


def open_study(study_id: str, region_id: str, data_source: str) -> Study:
    """Open a study in one place. ParameterError E210–E215 before anything is read; DataError for faulty tables."""
    plan, place, source = check_parameters(study_id, region_id, data_source)
    dyads, dates, data_hash = _OPENERS[source.name](plan, place, source)
    hashes = {
        "plan_hash": plan_hash(study_id),
        "data_hash": data_hash,
        "code_version": code_version(notebook_path(plan)),
    }
    return Study(plan, place, source, MatchingStudy(plan, place, dyads, source.name == "star"), dates, hashes)


def _open_tables(plan: Plan, place: str, folder: Path, source: Source, data_hash: str) -> tuple:
    from analysis.extracts.contracts import CONTRACTS
    from analysis.extracts.dyads import people_and_practitioners
    from analysis.extracts.sources import open_tables

    opened = open_tables(str(source), folder=folder, tables=list(CONTRACTS), region=None if place == ALL else place)
    if opened["people_on_probation"].empty:
        raise ParameterError("E151", f"the extract holds nobody in {place}.", remedy="Run the regions that it holds.")
    extract = opened.get("extract")
    extract_date = None if extract is None or extract.empty else str(extract["extract_date"].iloc[0].date())
    dyads = people_and_practitioners(opened)
    dates = {
        "period_from": plan.data.from_, "period_to": plan.data.to, "extract_date": extract_date,
        "follow_up_complete_to": dyads.followed_until(plan.data.to, plan.outcome(plan.leading).follow_up_months),
    }  # fmt: skip
    return dyads, dates, data_hash


def _open_synthetic(plan: Plan, place: str, source: Source) -> tuple:
    import hashlib

    from analysis.synthetic.nation import ensure_nation, ensure_region, stamp

    folder = ensure_nation(scale=source.scale) if place == ALL else ensure_region(place, scale=source.scale)
    return _open_tables(plan, place, folder, source, hashlib.sha256(stamp(source.scale).encode()).hexdigest())


def _open_extracts(plan: Plan, place: str, source: Source) -> tuple:
    from analysis.extracts.sources import data_manifest_hash

    folder = Path(source.argument).expanduser().resolve() if source.argument else EXTRACTS
    return _open_tables(plan, place, folder, source, data_manifest_hash(folder, cache=reports() / "data_hashes.json"))


def _open_star(plan: Plan, place: str, source: Source) -> tuple:
    import hashlib

    from analysis.extracts.dyads import star_dyads
    from analysis.extracts.star import star_file

    dates = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))
    return star_dyads(None if place == ALL else place), dates, hashlib.sha256(star_file().read_bytes()).hexdigest()


_OPENERS: dict[str, Callable] = {"synthetic": _open_synthetic, "extracts": _open_extracts, "star": _open_star}


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

    def _table(self, title: str, rows: list[dict]) -> Table:
        return tables.estimates_table(title, rows, self.plan, already_public=tables.is_public(self.plan))

    def _rows(self, **wanted) -> list[dict]:
        return records.rows(self._joint.national, **wanted)

    def answer(self) -> Prose:
        """The headline, what can be said, and what cannot."""
        said = self._joint.national["statement"]
        lines = ["EXAMPLE RECORDS: committed with the project, not from this machine."] if self._example else []
        lines += [f"{said['headline']}.", said["say"], f"You cannot say: {said['cannot_say']}", *self.plan.cautions]
        return Prose("\n".join(lines), "answer")

    def places(self) -> None:
        """The leading outcome in every place, sorted by name, and put together: a table and a forest."""
        outcome, pooled = self.plan.outcome(self.plan.leading), pooled_row(self.plan, self._joint.national)
        parts = {place: record for place, record in self._joint.places.items() if place != ALL}
        rows = [lead_row(self.plan, record) for record in parts.values()]
        names = [self._set.name(place) for place in parts]
        frame = tables.places_table(self.plan, names, rows, pooled, many=self._set.many)
        display(frame)
        axis = axis_words(outcome.unit, outcome.event, outcome.noun)
        words = {
            "better": outcome.better,
            "unit": outcome.unit,
            "axis": axis,
            "one": self._set.one,
            "many": self._set.many,
        }
        figure = figures.forest(
            rows,
            names,
            pooled,
            matters=outcome.matters,
            title=f"Matched people less others, {self._set.one} by {self._set.one}",
            **words,
        )
        show(figure, alt=figures.forest_alt(rows, names, pooled, **words), table=frame, name="forest")

    def alike(self) -> Prose:
        """Whether places differ from each other, and where a new one would most likely lie."""
        outcome, row = self.plan.outcome(self.plan.leading), pooled_row(self.plan, self._joint.national)
        alike = places_alike(row)
        words = {
            None: "Whether they differ could not be tested.",
            True: "There is no sign that they differ.",
            False: "They differ from each other.",
        }[alike]
        lines = [words]
        if alike is not None:
            lines.append(
                f"Spread between {self._set.many}: tau² {row['tau2']:g}, I² {row['i2']:g}% ({row['i2_definition']})."
            )
            found = finding(
                self.plan, row | {"result_class": row["result_class"] or "unreliable"}, self._joint.national
            )
            lines.append(
                prediction_line(
                    found,
                    slots(self.plan, outcome, NATIONAL),
                    low=row["pi_low"],
                    high=row["pi_high"],
                    places_pooled=row["k"],
                )
            )
        return Prose("\n".join(line for line in lines if line))

    def outcomes(self) -> None:
        """Every outcome of the nation: the answer to each, in a table and a figure for each unit."""
        rows = [lead_row(self.plan, self._joint.national, outcome.id) for outcome in self.plan.compared]
        table = tables.outcomes_table(rows, self.plan)
        display(table)
        for unit in dict.fromkeys(row["unit"] for row in rows):
            chosen = [row for row in rows if row["unit"] == unit]
            labels = [tables.outcome_words(self.plan.outcome(row["outcome"])) for row in chosen]
            axis = "points on the scale" if unit == "points" else "in every 100 people"
            figure = figures.outcome_figure(
                chosen, labels, unit=unit, axis=axis, title="Matched people less others, all outcomes"
            )
            show(
                figure,
                alt=figures.outcome_figure_alt(chosen, labels, unit=unit, axis=axis),
                table=table,
                name=f"outcomes_{unit}",
            )

    def by_group(self) -> Table:
        """Gaps by ethnic group and the differences between them, for the leading outcome."""
        found = [
            r
            for kind in ("own_group_gap", "gap_difference")
            for r in self._rows(outcome=self.plan.leading, estimand=kind)
            if r["note"] not in ("second_opinion", "bounds")
        ]
        return tables.tested_table("By ethnic group, all together", found, self.plan)

    def harm_watch(self) -> Prose:
        """Places and groups whose own figures lie on the worse side, before anything is adjusted."""
        watched = on_watch(self.plan, self._joint.places)
        return Prose("Harm watch: " + ("; ".join(watched) + " (own figures only)." if watched else "none."))

    def checks(self) -> Table:
        """The checks on which the claim rests."""
        return tables.checks_table(self.plan, self._joint.national["checks"])

    def record(self) -> None:
        """Emit the national record; the cleared records of the places go into the folder that the runner named."""
        if (folder := private_folder()) is not None and not self._example:
            (folder / "cleared").mkdir(exist_ok=True)
            for place, record in self._joint.places.items():
                records.write(records.validate(record), folder / "cleared" / f"{place}.json")
        emit(records.validate(self._joint.national))


def open_national(study_id: str, data_source: str, round_id: str = DRAFT) -> National:
    """Open all places of a study. RunError E331 where a private record is missing; `example` reads committed records."""
    plan, source = load_plan(study_id), parse_source(data_source)
    if source.name == "example":
        return National(plan, source, _example_records(plan))
    return National(plan, source, set_beside(plan, _private_records(plan, source, round_id), round_id=round_id))


def _private_records(plan: Plan, source: Source, round_id: str) -> dict[str, dict]:
    folder = reports() / source.folder / round_id / plan.study
    files = {place: folder / place / "private" / "record.json" for place in places_to_run(plan)}
    missing = [place for place, file in files.items() if not file.exists()]
    if missing:
        raise RunError(
            "E331", f"no private record of {', '.join(missing)}.", remedy=f"First: workbook run {plan.study}"
        )
    return {place: records.load(file) for place, file in files.items()}


def _example_records(plan: Plan) -> Joint:
    folder = EXAMPLE_RECORDS / plan.study
    places = {place: records.load(folder / f"{place}.json") for place in places_to_run(plan)}
    return Joint(places, records.load(folder / f"{NATIONAL}.json"))


__all__ = ["National", "Study", "open_national", "open_study"]
