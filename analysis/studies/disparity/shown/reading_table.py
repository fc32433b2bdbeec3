"""The table of a notebook that says where a table of counts comes from, and how it was read."""

from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.monitor import Monitor
from analysis.results import Table
from analysis.studies.disparity.counted.table_counts import TableCounts
from analysis.studies.disparity.shown.given_words import given_checks
from analysis.studies.disparity.shown.tables import of_counts
from analysis.studies.disparity.study import MonitorStudy


def reading_table(study: MonitorStudy) -> Table | None:
    """Where the table comes from and how it was read; None for counts of records."""
    counts, plan = study.counts, study.plan
    if not isinstance(counts, TableCounts):
        return None
    rows = [{"What": "Table", "How it was read": _source_words(plan, counts)}]
    rows += [
        {"What": "Place in the file", "How it was read": capital(note)}
        for note in counts.found.notes
    ]
    for check in given_checks(study):
        what = (
            "Totals"
            if check.id.startswith("totals")
            else "Labels"
            if check.id.startswith("labels")
            else "Not given"
        )
        rows.append({"What": what, "How it was read": check.text})
    return of_counts(study, "Where the counts come from, and how they were read", rows)


def _source_words(plan: Monitor, counts: TableCounts) -> str:
    public = plan.counts.public
    if public is None or not counts.is_public:
        return "A table of one's own, under the disclosure rules for counts of people"
    note = f". {public.note}" if public.note else ""
    address = public.url.partition("://")[
        2
    ]  # as text: pages hold no address that a browser would load
    return (
        f"{public.publisher}; {address}; published {public.published}; licence:"
        f" {public.licence}{note}"
    )
