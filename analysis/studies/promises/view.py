"""The page about promises as its notebook shows it."""

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd
from IPython.display import display

from analysis.clearing.joint import Joint
from analysis.disclosure.rules import PUBLISHED_NOTE
from analysis.display.figures.promises import (
    slippage_figure,
    slippage_figure_alt,
    states_figure,
    states_figure_alt,
)
from analysis.display.tables import Prose, show
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.periods import day_words
from analysis.paths import private_folder
from analysis.plans.action_plan import ActionPlan
from analysis.plans.registry import DRAFT, NATIONAL, Source
from analysis.record import store
from analysis.record.record import Record
from analysis.results import Table
from analysis.studies.promises import words
from analysis.studies.promises.study import (
    COMPARED,
    EVERY_DOCUMENT,
    MONITORED,
    STATES,
    ActionPlanStudy,
    open_action_plan,
)
from analysis.study.place_record import emit, exact_record
from analysis.vocabulary.regions import ALL

EVIDENCE_WORDS = {
    COMPARED: "a study that compares",
    MONITORED: "outcomes counted by ethnic group",
    "none": "none",
}
EMPTY = "[z]"


@dataclass(frozen=True, eq=False)
class ActionPlanView:
    """All commitments, for a notebook; its cells are the methods."""

    _plan: ActionPlan = field(repr=False)
    place: str
    source: Source
    _study: ActionPlanStudy = field(repr=False)
    _dates: dict = field(repr=False)
    _hashes: dict = field(repr=False)

    def answer(self) -> Prose:
        """How many commitments are in which state, what moved, and what is known of effects."""
        said = words.statement(self._study)
        lines = [
            f"{said.headline}.",
            said.say,
            f"You cannot say: {said.cannot_say}",
            *self._plan.cautions,
        ]
        return Prose("\n".join(lines), "answer")

    def completion(self) -> None:
        """Commitments by state, document by document."""
        table = self._states_table()
        drawn = states_table(self._study)
        figure = states_figure(
            drawn, words=STATES, title="Commitments by state, as the documents say"
        )
        show(figure, alt=states_figure_alt(drawn, words=STATES), table=drawn, name="states")
        display(table)

    def _states_table(self) -> Table:
        rows = []
        for document in (EVERY_DOCUMENT, *self._study.documents):
            states = self._study.states(document)
            cells = {capital(STATES[state]): str(n) for state, n in states.items()}
            rows.append(
                {
                    "Document": words.document_words(self._plan, document),
                    "Commitments": str(sum(states.values())),
                }
                | cells
            )
        return _published("Commitments by state", rows)

    def slippage(self) -> None:
        """Target dates as first set and as revised."""
        moved = self._study.slippage.sort_values(["target_first", "id"])
        rows = [
            {
                "Document": words.document_words(self._plan, row.document),
                "Item": row.item,
                "Commitment": row.short_title,
                "First target": day_words(str(row.target_first.date())),
                "Revised target": day_words(str(row.target_revised.date())),
                "Months later": f"{row.months:g}",
            }
            for row in moved.itertuples()
        ]
        display(Prose(words.slippage_line(self._study)))
        if not rows:
            return
        items = [
            {
                "commitment": f"{_short(row.document)} {row.item.removeprefix('recommendation ')}",
                "first target": str(row.target_first.date()),
                "revised target": str(row.target_revised.date()),
            }
            for row in moved.itertuples()
        ]
        drawn = _published("Target dates, first and revised", items)
        show(
            slippage_figure(drawn, title=drawn.title),
            alt=slippage_figure_alt(drawn),
            table=drawn,
            name="slippage",
        )
        display(_published("Target dates that were revised", rows))

    def evidence(self) -> None:
        """What is complete without evidence of effect, and what has a study."""
        display(Prose(words.evidence_line(self._study)))
        items = self._study.items.assign(evidence=self._study.evidence)
        for title, chosen in (
            ("Complete, by what this workbook has on it", items[items["state"] == "complete"]),
            (
                "Not complete, with a study of this workbook that compares",
                items[(items["state"] != "complete") & (items["evidence"] == COMPARED)],
            ),
        ):
            rows = [
                {
                    "Document": words.document_words(self._plan, row.document),
                    "Item": row.item,
                    "Commitment": row.short_title,
                    "State": STATES[row.state],
                    "Study": row.study.replace("_", " ") or EMPTY,
                    "What there is": EVIDENCE_WORDS[row.evidence],
                }
                for row in chosen.itertuples()
            ]
            if rows:
                display(_published(title, rows))

    def everything(self) -> None:
        """Every commitment, document by document."""
        for document in self._study.documents:
            rows = [
                {
                    "Item": row.item,
                    "Commitment": row.short_title,
                    "What was promised": _cut(row.commitment),
                    "Owner": _cut(row.owner_role) or EMPTY,
                    "First target": _day(row.target_first),
                    "Revised target": _day(row.target_revised),
                    "State": STATES[row.state],
                    "As of": _day(row.state_as_of),
                    "Study": row.study.replace("_", " ") or EMPTY,
                }
                for row in self._study.of(document).itertuples()
            ]
            source = self._study.of(document)["source"].iloc[0]
            display(
                _published(words.document_words(self._plan, document), rows, f"Source: {source}.")
            )

    def limits(self) -> Prose:
        """What a list of commitments can say, and what it cannot."""
        return Prose(
            "\n".join(
                [
                    (
                        "A list of commitments says what was promised and what was done, not what"
                        " it changed."
                    ),
                    *self._plan.cautions,
                ]
            )
        )

    @cached_property
    def _exact(self) -> Record:
        return exact_record(
            self._study,
            plan=self._plan,
            place=self.place,
            data_source=self.source.folder,
            round_id=DRAFT,
            dates=self._dates,
            hashes=self._hashes,
        ).with_(cleared=True)

    def record(self) -> None:
        """Emit the record; write it where the runner named a private folder."""
        if (folder := private_folder()) is not None:
            store.write(store.validate(self._exact), folder / "record.json")
        emit(store.validate(self._exact))


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
    def _view(self) -> ActionPlanView:
        return ActionPlanView(self.plan, ALL, self.source, open_action_plan(self.plan, ALL), {}, {})

    def answer(self) -> Prose:
        return self._view.answer()

    def places(self) -> None:
        self._view.completion()

    def alike(self) -> Prose:
        return Prose(
            "The documents cover the whole country: there are no places to set beside each other."
        )

    def outcomes(self) -> None:
        self._view.slippage()

    def by_group(self) -> Prose:
        return Prose("Commitments are counted here, and nobody's outcomes.")

    def harm_watch(self) -> None:
        self._view.evidence()

    def checks(self) -> Prose:
        return self._view.limits()

    def record(self) -> None:
        """Emit the national record; the cleared record goes into the folder that the runner
        named."""
        if (folder := private_folder()) is not None and self.source.name != "example":
            (folder / "cleared").mkdir(exist_ok=True)
            for place, record in self._joint.places.items():
                store.write(store.validate(record), folder / "cleared" / f"{place}.json")
        emit(store.validate(self._joint.national))


def states_table(study: ActionPlanStudy) -> Table:
    """Commitments by state, document by document, for the figure of them."""
    rows = [
        {"document": words.document_words(study.plan, document)}
        | {STATES[state]: n for state, n in study.states(document).items()}
        for document in study.documents
    ]
    return _published("Commitments by state", rows)


def _published(title: str, rows: list[dict], *notes: str) -> Table:
    return Table(title, pd.DataFrame(rows), "published", (*notes, PUBLISHED_NOTE))


def _short(document: str) -> str:
    return {
        "probation_race_equality": "Probation",
        "release_planning": "Release",
        "prison_response": "Prisons",
        "programme_letter": "Letter",
        "ombudsman": "Ombudsman",
    }.get(document, document)


def _day(day) -> str:
    return EMPTY if pd.isna(day) else day_words(str(day.date()))


def _cut(text: str, most: int = 400) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
