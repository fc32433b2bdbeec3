"""The pages of a monitor, and what the front page says of it."""

from analysis.judgement.wording.figures_in_words import capital, listed
from analysis.plans.monitor import Monitor
from analysis.record.record import Record
from analysis.said.texts import sentence
from analysis.said.told import told
from analysis.sections.page.block import NOT_CLEARED, Nations, Page, Place, counted
from analysis.sections.page.period import dated_period
from analysis.studies.disparity.page.answer import monitor_block, monitor_sections
from analysis.studies.disparity.page.drawing import monitor_drawing
from analysis.studies.disparity.page.here import ORDER, monitor_here, monitor_listed
from analysis.studies.disparity.page.moves import monitor_moves
from analysis.studies.disparity.page.provisional import provisional
from analysis.studies.disparity.shown.words import counted_line, page_rows
from analysis.vocabulary.regions import place_set


@sentence
def monitors_sentence(monitors: Nations) -> str:
    """How many comparisons over all places show a disparity; monitors not yet cleared are counted
    apart."""
    cleared = [(plan, national) for plan, national in monitors if national is not None]
    rows = [row for plan, national in cleared for _, _, row in page_rows(plan, national)]
    shown = sum(row.result_class == "disparity" for row in rows)
    open_ = len(monitors) - len(cleared)
    of_all = f"{told(shown, thousands=False)} of {told(len(rows), thousands=False)}"
    parts = [f"{of_all} comparisons over all places show a disparity"] if rows else []
    parts += [f"{told(open_, thousands=False)} {NOT_CLEARED}"] if open_ else []
    return f"{counted(len(monitors), 'monitor', 'monitors')}: {listed(tuple(parts))}."


def place(plan: Monitor, record: Record) -> Place:
    """One place of a monitor: its heading, and how many comparisons show what."""
    status = counted_line(plan, record).partition(": ")[2]
    return Place(record.statement.headline, "Rates side by side", capital(status))


def period(plan: Monitor, record: Record) -> str:
    """The newest round, and until when its cases are still being entered."""
    until = provisional(plan, record)
    return dated_period(plan, record, lambda _: f", {until}" if until else "")


def leads_line(plan: Monitor) -> str:
    """Which answer leads the page of the nation and why; empty where there is only one to give."""
    kind = place_set(plan.data.places)
    if not kind.ids:
        return ""
    return (
        f"The counts of all {kind.many} added up lead this page, since they rest on everyone in"
        f" the data; each {kind.one} has a page of its own."
    )


PAGE = Page(
    order=2,
    heading="Standing differences",
    found=monitors_sentence,
    place=place,
    drawing=monitor_drawing,
    block=monitor_block,
    sections=monitor_sections,
    period=period,
    leads=leads_line,
    whole=", counted as one",
    everyone=lambda plan: "Every comparison of this page.",
    groups_of=lambda plan: plan.characteristic,
    here=monitor_here,
    listed=monitor_listed,
    known=ORDER,
    moves=monitor_moves,
    provisional=provisional,
)
