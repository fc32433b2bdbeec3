"""The covers of spreadsheets: what the tables are, of whom and when, how far they may go, and how
they are cited."""

from collections.abc import Iterable

from analysis.disclosure.rules import PUBLISHED_NOTE, load_rules
from analysis.display.spreadsheet.book import Cover
from analysis.judgement.wording.figures_in_words import capital
from analysis.places.place_view import MonitorAt, PilotAt, PlaceView
from analysis.plans.registry import AnyPlan
from analysis.record.record import Record
from analysis.rounds.runs_found import FoundRun
from analysis.said.texts import joined, named, say, together
from analysis.sections.page.block import page_of
from analysis.sections.page.nation import place_name
from analysis.sections.page.period import day
from analysis.site import facts
from analysis.study.public_counts import record_is_public

Strip = tuple[tuple[str, bool], ...]  # banners, each with whether it is a warning
WORKBOOK = "Pilot evaluation workbook"
REAL = "Records of a service; not synthetic."
NO_LICENCE = "None is given: the page is internal, and not to be passed on."
OF_RELEASE = "As the release says that the tables belong to."
WHAT = "The tables behind the figures, the sentences and the analysis of one page of the workbook."
WHAT_OF_PLACE = "The tables of the page that puts together what is known of one place."
WHAT_OF_PORTFOLIO = "The tables of the page that lists every study of the round."


def study_cover(plan: AnyPlan, run: FoundRun, strip: Strip) -> Cover:
    """The cover of a page of a study. strip: the banners of the page."""
    record, place = run.record, place_name(plan, run.place)
    title = named(f"{plan.title}: {place}")
    extract = day(record.extract_date)
    period = capital(page_of(plan).period(plan, record))
    cited = (title, facts.round_words(run.round_id), f"extract of {extract}" if extract else "")
    lines = (
        ("What this is", WHAT),
        ("Question", plan.question),
        ("Place", place),
        ("Round", facts.round_words(run.round_id)),
        ("Period", period),
        ("Extract of the data", extract),
        ("Data", _data((record,), public=record_is_public(plan, record))),
        ("Status", _status(strip)),
        ("Publisher and contact", plan.people.contact),
        ("Licence", _licence(plan, record)),
        ("How to cite", _citation(cited)),
    )
    return Cover(title, plan.title, _named(lines), _source(plan, record))


def place_cover(view: PlaceView, strip: Strip) -> Cover:
    """The cover of a page of a place."""
    title = named(f"{view.name}: everything we know")
    shown: list[MonitorAt | PilotAt] = [*view.monitors, *view.pilots]
    contact = dict.fromkeys(one.plan.people.contact for one in shown)
    records = tuple(one.record for one in shown)
    lines = (
        ("What this is", WHAT_OF_PLACE),
        ("Place", view.name),
        ("Round", facts.round_words(view.round_id)),
        ("Extract of the data", _newest(records)),
        ("Data", _data(records)),
        ("Status and periods", _status(strip)),
        ("Publisher and contact", "; ".join(contact)),
        ("Licence", _licence_of(records)),
        ("How to cite", _citation((title, facts.round_words(view.round_id)))),
    )
    return Cover(title, view.name, _named(lines), _of_records(records))


def portfolio_cover(records: tuple[Record, ...], round_id: str, strip: Strip) -> Cover:
    """The cover of the portfolio."""
    title = named("Portfolio: every study")
    lines = (
        ("What this is", WHAT_OF_PORTFOLIO),
        ("Round", facts.round_words(round_id)),
        ("Extract of the data", _newest(records)),
        ("Data", _data(records)),
        ("Status", _status(strip)),
        ("Licence", _licence_of(records)),
        ("How to cite", _citation((title, facts.round_words(round_id)))),
    )
    return Cover(title, WORKBOOK, _named(lines), _of_records(records))


def rule_notes(*, public: bool) -> tuple[str, ...]:
    """The disclosure rules in force: what is withheld, and how counts are rounded."""
    return (PUBLISHED_NOTE,) if public else load_rules().notes()


def _named(lines: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Names, dates and words of plans: each is public by itself."""
    return tuple((term, named(words)) for term, words in lines if words)


def _status(strip: Iterable[tuple[str, bool]]) -> str:
    return together(". ", (words for words, _ in strip)) + "."


def _citation(parts: Iterable[str]) -> str:
    return f"{WORKBOOK}. {', '.join(part for part in parts if part)}."


def _data(records: Iterable[Record], *, public: bool = False) -> str:
    """Whether people stand behind the numbers."""
    records = tuple(records)
    sorts = {
        "Synthetic data: no real people.": any(record.synthetic for record in records),
        "Example records.": any(record.data_source == "example" for record in records),
        "Published figures.": public,
    }
    said = [words for words, holds in sorts.items() if holds]
    real = not public and any(not record.synthetic for record in records)
    return " ".join([*said, *([REAL] if real and records else [])])


def _newest(records: Iterable[Record]) -> str:
    return day(max((one.extract_date for one in records if one.extract_date), default=None))


def _licence(plan: AnyPlan, record: Record) -> str:
    published = plan.data.already_public
    if published is not None and record_is_public(plan, record):
        return f"{published.licence} ({published.publisher})"
    return _licence_of((record,))


def _licence_of(records: Iterable[Record]) -> str:
    released = all(record.audience == "release" for record in records)
    return OF_RELEASE if released else NO_LICENCE


def _source(plan: AnyPlan, record: Record) -> str:
    period = capital(page_of(plan).period(plan, record))
    return joined("; ", (named(plan.title), named(period), named(_data((record,)).rstrip("."))))


def _of_records(records: Iterable[Record]) -> str:
    return say("cleared records of the studies; {data}", data=named(_data(records)))
