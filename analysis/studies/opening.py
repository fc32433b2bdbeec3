"""Reads the data of one place from the source that a run names, before anything is worked out."""

from collections.abc import Callable
from pathlib import Path

from analysis.errors import ParameterError
from analysis.plans.action_plan import ActionPlan
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.registry import Source
from analysis.study.data_version import data_hash, extract_folder
from analysis.study.kinds import WHO, kind_of
from analysis.study.offers import check_agrees
from analysis.study.public_counts import count_file, source_is_public
from analysis.vocabulary.regions import ALL

OF_MANY_REGIONS = (
    "prisons",
)  # places that hold prisons of several regions: all tables are needed for one of them


def open_exact(plan: Plan | Monitor, place: str, source: Source) -> tuple:
    """The exact study of one place, the dates of its record, and the hash of the data.

    DataError, ParameterError E151, E156; PlanError E209, E237 to E241 where the plan names what the
    data do not have.
    """
    check_agrees(plan)
    if source.name == "star":
        from analysis.extracts.frames.dyads import star_dyads

        dates = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))
        return (
            _matching(plan, place, star_dyads(None if place == ALL else place), public=True),
            dates,
            data_hash(source),
        )
    if isinstance(plan, ActionPlan):
        from analysis.studies.promises.study import open_action_plan

        dates = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))
        return open_action_plan(plan, place), dates, data_hash(source)
    if isinstance(plan, Monitor):
        return _open_monitor(plan, place, source)
    opened = _tables(plan, place, source)
    dates = {
        "period_from": plan.data.from_,
        "period_to": plan.data.to,
        "extract_date": _extract_date(opened),
        "follow_up_complete_to": None,
    }
    _require_closed(plan, dates["extract_date"])
    study, followed = _STUDIES[plan.notebook](plan, place, opened)
    return study, dates | {"follow_up_complete_to": followed}, data_hash(source)


def _require_closed(plan: Plan, extract_date: str | None) -> None:
    """ParameterError E156 where the period of the plan was not over when the extract was drawn: the
    page names all of it."""
    if extract_date is not None and plan.data.to is not None and extract_date <= plan.data.to:
        text = (
            f"the period of {plan.study} ends on {plan.data.to}, and the extract was drawn on"
            f" {extract_date}."
        )
        raise ParameterError(
            "E156",
            text,
            remedy="Draw a later extract, or end the period of the plan (data: to) before it.",
        )


def _tables(plan: Plan, place: str, source: Source) -> dict:
    """All tables of the plan's service, of one region or of all."""
    from analysis.extracts.reading.sources import open_tables
    from analysis.extracts.tables.contracts import places_of_extract, tables_of

    service = kind_of(plan).service
    folder, region = (
        _folder(source, place, service, plan.data.places),
        (None if place == ALL else place),
    )
    places = places_of_extract(plan.data.places)
    opened = open_tables(
        str(source), folder=folder, tables=list(tables_of(service)), region=region, places=places
    )
    if opened[WHO[service]].empty:
        raise ParameterError(
            "E151", f"the extract holds nobody in {place}.", remedy="Run the regions that it holds."
        )
    return opened


def _folder(source: Source, place: str, service: str, places: str) -> Path:
    """Where the tables stand; synthetic ones are made first."""
    if source.name in ("extracts", "database"):
        return extract_folder(source)
    from analysis.synthetic.nation import ensure_nation, ensure_region

    if place == ALL or service in OF_MANY_REGIONS:
        return ensure_nation(scale=source.scale, service=service, places=places)
    return ensure_region(place, scale=source.scale, service=service, places=places)


def _extract_date(opened: dict) -> str | None:
    extract = opened.get("extract")
    return None if extract is None or extract.empty else str(extract["extract_date"].iloc[0].date())


def _open_monitor(plan: Monitor, place: str, source: Source) -> tuple:
    """A monitor reads counts: published ones as they are, others worked out by the engine."""

    from analysis.studies.disparity.counted.counts import (
        counted_rows,
        extract_day,
        published_counts,
    )
    from analysis.studies.disparity.study import open_monitor

    dates = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))
    if source.name == "published":
        counts = published_counts(plan)
        return (
            open_monitor(plan, place, counts, shown_on=None),
            dates | _period(counts),
            data_hash(source),
        )
    if source.name == "counts":
        return _open_table(plan, place, source, dates)
    folder = _folder(source, place, kind_of(plan).service, plan.data.places)
    counts = counted_rows(plan, place, str(source), folder)
    drawn = extract_day(plan, str(source), folder)
    shown_on = drawn or str(counts.ends[-1].date())
    dates |= _period(counts) | {"extract_date": drawn}
    return open_monitor(plan, place, counts, shown_on=shown_on), dates, data_hash(source)


def _open_table(plan: Monitor, place: str, source: Source, dates: dict) -> tuple:
    """A monitor whose counts stand in a table that somebody else made."""
    from analysis.studies.disparity.counted.table_counts import table_counts
    from analysis.studies.disparity.study import open_monitor

    counts = table_counts(
        plan, place, count_file(plan, source), is_public=source_is_public(plan, source)
    )
    return (
        open_monitor(plan, place, counts, shown_on=None),
        dates | _period(counts),
        data_hash(source),
    )


def _period(counts) -> dict[str, str | None]:
    """First and last day of the newest round; None where a table names its period without a
    date."""
    from datetime import timedelta

    import pandas as pd

    if pd.isna(counts.ends[-1]):
        return {"period_from": None, "period_to": None}

    last = counts.ends[-1] - timedelta(days=1)
    return {"period_from": str(counts.starts[-1].date()), "period_to": str(last.date())}


def _matching(plan: Plan, place: str, dyads, *, public: bool):
    from analysis.studies.matching.study import MatchingStudy

    return MatchingStudy(plan, place, dyads, public)


def _open_matching(plan: Plan, place: str, opened: dict) -> tuple:
    from analysis.extracts.frames.dyads import people_and_practitioners

    dyads = people_and_practitioners(opened)
    months = plan.outcome(plan.leading).follow_up_months
    followed = dyads.followed_until(plan.data.to, months, period_from=plan.data.from_)
    return _matching(plan, place, dyads, public=False), followed


def _open_psr(plan: Plan, place: str, opened: dict) -> tuple:
    from analysis.studies.rollout.study import open_psr

    return open_psr(plan, place, opened)


def _open_trial(plan: Plan, place: str, opened: dict) -> tuple:
    from analysis.studies.trial.study import open_trial

    return open_trial(plan, place, opened)


# By notebook: tables of one place to the exact study, and the last day to which everyone was
# followed (ISO, or None).
_STUDIES: dict[str, Callable] = {
    "ethnic_matching": _open_matching,
    "psr_quality": _open_psr,
    "training_trial": _open_trial,
}
