"""The answer block of the page about promises, and its one figure."""

from dataclasses import dataclass
from functools import cached_property

from matplotlib.figure import Figure

from analysis.display import style
from analysis.display.figures.promises import states_figure, states_figure_alt
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.periods import day_words
from analysis.plans.action_plan import ActionPlan
from analysis.record.record import Record
from analysis.results import Table
from analysis.said.texts import named, sentence
from analysis.sections.page.block import AnswerBlock, Nations, Page, PageFigure, Place, counted
from analysis.studies.promises import words
from analysis.studies.promises.study import STATES, ActionPlanStudy, open_action_plan
from analysis.studies.promises.view import states_table
from analysis.vocabulary.regions import ALL

BADGE = "FACTS OF THE DOCUMENTS, no effects"


@dataclass(frozen=True)
class PromiseDrawing:
    """Commitments by state, document by document."""

    study: ActionPlanStudy

    @cached_property
    def table(self) -> Table:
        """The numbers of the figure, one row a bar of it."""
        return states_table(self.study)

    def figure(self) -> Figure:
        return states_figure(self.table, words=STATES, title="")

    def narrow(self) -> Figure:
        """For a telephone."""
        return states_figure(self.table, words=STATES, title="", width=style.TELEPHONE)

    def alt(self) -> str:
        return states_figure_alt(self.table, words=STATES)


def promise_drawing(plan: ActionPlan, *_) -> PromiseDrawing:
    return PromiseDrawing(open_action_plan(plan, ALL))


def promise_block(plan: ActionPlan, record: Record, *_) -> AnswerBlock:
    """The block of the page."""
    drawing, said = promise_drawing(plan), record.sentences
    return AnswerBlock(
        headline=said.headline or plan.title,
        lines=(words.slippage_line(drawing.study),),
        badge=BADGE,
        figure=PageFigure(
            "figures/answer", drawing.alt(), "Commitments by state, as the documents say"
        ),
        can_say=(words.evidence_line(drawing.study), words.studies_line(drawing.study)),
        cannot_say=tuple(capital(part.rstrip(".")) + "." for part in said.cannot_say.split("; ")),
        harm_watch="Nobody's outcomes are counted here.",
        by_group="",
        ask=plan.ask_the_region,
        settle=(),
        settle_title="",
        cautions=plan.cautions,
        contact=named(plan.people.contact),
        watch_title="Outcomes",
    )


@sentence
def lists_sentence(lists: Nations) -> str:
    """How many lists there are."""
    return f"{counted(len(lists), 'list', 'lists')} of commitments."


@sentence
def period(plan: ActionPlan, record: Record) -> str:
    """The dates at which the documents state what they state."""
    dates = open_action_plan(plan, ALL).items["state_as_of"].dropna()
    first, last = dates.min().date(), dates.max().date()
    return f"as documents of {day_words(first)} to {day_words(last)} state it"


def place(plan: ActionPlan, record: Record) -> Place:
    """The one place of a list: what the documents say."""
    return Place(record.statement.headline, "Facts of the documents", "shown")


PAGE = Page(
    order=3,
    heading="What was promised",
    found=lists_sentence,
    place=place,
    drawing=promise_drawing,
    block=promise_block,
    sections=lambda plan, record: (),
    period=period,
    leads=lambda plan: "",
    whole=", counted as one",
    everyone=lambda plan: "Every comparison of this page.",
    groups_of=lambda plan: "ethnic group",
)
