"""What the verbs show of a list of promises: plain functions that return cleared sections."""

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from analysis.disclosure.rules import PUBLISHED_NOTE
from analysis.display.figures.promises import (
    slippage_figure,
    slippage_figure_alt,
    states_figure,
    states_figure_alt,
)
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.periods import day_words
from analysis.plans.action_plan import ActionPlan
from analysis.record import store
from analysis.record.record import Record
from analysis.results import Table
from analysis.said.texts import joined, named
from analysis.sections.opened import Opened
from analysis.sections.shows import Shows
from analysis.studies.promises import words
from analysis.studies.promises.bearing import (
    COMPARED,
    DESCRIBED,
    LISTED,
    MONITORED,
    NONE,
    OUTPUTS,
    studies_of,
    with_studies,
)
from analysis.studies.promises.study import (
    EVERY_DOCUMENT,
    STATES,
    ActionPlanStudy,
)
from analysis.vocabulary.commitments import BETWEEN

EVIDENCE_WORDS = {
    COMPARED: "a study that compares",
    MONITORED: "outcomes counted by ethnic group",
    DESCRIBED: "counted, with nobody to compare with",
    OUTPUTS: "outputs counted, which are not outcomes",
    LISTED: "this list",
    NONE: "none",
}
EMPTY = "[z]"
ONE_PLACE = "The documents cover the whole country: there are no places to set beside each other."
SYNTHETIC = (
    "A result on synthetic data shows what the study can find, and nothing that happened: nobody in"
    " it is real."
)
CANNOT = "A list of commitments says what was promised and what was done, not what it changed."


@dataclass(frozen=True, eq=False)
class Listed(Opened):
    """The page about promises: one place, all of them."""

    plan: ActionPlan
    study: ActionPlanStudy = field(repr=False)

    @cached_property
    def exact(self) -> Record:
        return super().exact.with_(cleared=True)

    @cached_property
    def released(self) -> Record:
        return store.validate(self.exact)


def answer(listed: Listed) -> Section:
    """How many commitments are in which state, what moved, and what is known of effects."""
    said = words.statement(listed.study)
    lines = [
        f"{said.headline}.",
        said.say,
        f"You cannot say: {said.cannot_say}",
        *listed.plan.cautions,
    ]
    return Section.of(Prose(joined("\n", lines), "answer"))


def states(listed: Listed, measures: tuple = (), by: str = "document") -> Section:
    """Commitments by state, document by document."""
    table = _states_table(listed)
    drawn = states_table(listed.study)
    figure = states_figure(drawn, words=STATES, title="Commitments by state, as the documents say")
    return Section.of(Chart(figure, states_figure_alt(drawn, words=STATES), drawn, "states"), table)


def _states_table(listed: Listed) -> Table:
    rows = []
    for document in (EVERY_DOCUMENT, *listed.study.documents):
        found = listed.study.states(document)
        cells = {capital(STATES[state]): str(n) for state, n in found.items()}
        rows.append(
            {
                "Document": words.document_words(listed.plan, document),
                "Commitments": str(sum(found.values())),
            }
            | cells
        )
    return _published("Commitments by state", rows)


def slippage(listed: Listed, measures: tuple = ()) -> Section:
    """Target dates as first set and as revised."""
    moved = listed.study.slippage.sort_values(["target_first", "id"])
    rows = [
        {
            "Document": words.document_words(listed.plan, row.document),
            "Item": row.item,
            "Commitment": row.short_title,
            "First target": day_words(str(row.target_first.date())),
            "Revised target": day_words(str(row.target_revised.date())),
            "Months later": f"{row.months:g}",
        }
        for row in moved.itertuples()
    ]
    said = Prose(words.slippage_line(listed.study))
    if not rows:
        return Section.of(said)
    table = _published("Target dates that were revised", rows)
    items = [
        {
            "commitment": f"{_short(row.document)} {row.item.removeprefix('recommendation ')}",
            "first target": str(row.target_first.date()),
            "revised target": str(row.target_revised.date()),
        }
        for row in moved.itertuples()
    ]
    drawn = _published("Target dates, first and revised", items)
    figure = slippage_figure(drawn, title=drawn.title)
    return Section.of(said, Chart(figure, slippage_figure_alt(drawn), drawn, "slippage"), table)


def evidence(listed: Listed) -> Section:
    """What is complete without evidence of effect, and what has a study."""
    parts = [Prose(words.evidence_line(listed.study))]
    items = listed.study.items.assign(evidence=listed.study.evidence)
    for title, chosen in (
        ("Complete, by what this workbook has on it", items[items["state"] == "complete"]),
        (
            "Not complete, with a study of this workbook that compares",
            items[(items["state"] != "complete") & (items["evidence"] == COMPARED)],
        ),
    ):
        rows = [
            {
                "Document": words.document_words(listed.plan, row.document),
                "Item": row.item,
                "Commitment": row.short_title,
                "State": STATES[row.state],
                "Studies": _studies(row.studies) or EMPTY,
                "What there is": EVIDENCE_WORDS[row.evidence],
            }
            for row in chosen.itertuples()
        ]
        if rows:
            parts.append(_published(title, rows))
    return Section.of(*parts)


def everything(listed: Listed) -> Section:
    """Every commitment, document by document."""
    parts = []
    for document in listed.study.documents:
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
                "Studies": _studies(row.studies) or row.why_no_study,
            }
            for row in listed.study.of(document).itertuples()
        ]
        source = listed.study.of(document)["source"].iloc[0]
        title = words.document_words(listed.plan, document)
        parts.append(_published(title, rows, f"Source: {named(source)}."))
    return Section.of(*parts)


def studies(listed: Listed) -> Section:
    """For each commitment its studies, and what each last found."""
    rows = [
        {
            "Document": words.document_words(listed.plan, item["document"]),
            "Item": item["item"],
            "Commitment": item["short_title"],
            "Study": _studies(own.study),
            "What it can show": EVIDENCE_WORDS[own.shows],
            "Level": own.level or EMPTY,
            "Last result": own.found or EMPTY,
        }
        for item, own in with_studies(listed.study.items)
    ]
    title = "Which study bears on which commitment, and what it last found"
    table = Table(title, pd.DataFrame(rows), "rounded", (SYNTHETIC,))
    return Section.of(Prose(words.studies_line(listed.study)), table)


def check(listed: Listed) -> Section:
    """What is known of the effects of what was promised."""
    return Section.of(evidence(listed), studies(listed))


def limits(listed: Listed) -> Section:
    """What a list of commitments can say, and what it cannot."""
    return Section.of(Prose(joined("\n", [CANNOT, *listed.plan.cautions])))


SHOWS = Shows(
    opened=Listed,
    answer=answer,
    people=everything,
    check=check,
    limits=limits,
    rates=states,
    checks={"evidence": evidence, "studies": studies},
    by=(),
    groupings=("document",),
    over={"target_date": slippage},
)


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


def _studies(cell: str) -> str:
    """The studies of a cell as a page names them."""
    return BETWEEN.join(study.replace("_", " ") for study in studies_of(cell))


def _day(day) -> str:
    return EMPTY if pd.isna(day) else day_words(str(day.date()))


def _cut(text: str, most: int = 400) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
