"""Tables of audited assessments: each audit with its ratings by item, second ratings by another
auditor, and cases that were rated with the old and the new instrument."""

from analysis.extracts.tables.contract import (
    Column,
    Contract,
    ethnicity_column,
    outcomes,
    region_column,
)

OLD, NEW = "old", "new"
INSTRUMENTS = (OLD, NEW)
MINORITY, OTHERS = "minority", "others"
STRATA = (MINORITY, OTHERS)
# Items that the help text of February 2022 is about, and items that it leaves alone.
TOUCHED = ("diversity_considered", "discrimination_explored", "needs_in_plan")
UNTOUCHED = ("offending_analysed", "risk_explained", "sources_used")
ITEMS = (*TOUCHED, *UNTOUCHED)
LOWEST, HIGHEST, GOOD = 1, 4, 3  # of the ratings; good enough from GOOD on
ITEM_WORDS = {
    "diversity_considered": "diversity and protected characteristics are considered",
    "discrimination_explored": "experience of discrimination and disadvantage is explored",
    "needs_in_plan": "the needs that follow from both stand in the plan",
    "offending_analysed": "the offending is analysed",
    "risk_explained": "the risk of harm is explained",
    "sources_used": "all sources of information are used",
}
AUDIT = Column("audit_id", "id", "pseudonym of the audited assessment; no case number")
AUDITOR = Column("auditor_id", "id", "pseudonym of the auditor; no staff number")
ROUND = Column("round_from", "date", "first day of the fortnight in which it was audited")
INSTRUMENT = Column(
    "instrument",
    "category",
    "audit instrument: the old one, or the new one of July 2021",
    allowed=INSTRUMENTS,
)


def _region() -> Column:
    return region_column("probation region that made the assessment")


def _items() -> tuple[Column, ...]:
    return tuple(
        Column(
            name,
            "whole",
            f"rating of “{words}”, 1 inadequate to 4 outstanding",
            unit="points",
            low=LOWEST,
            high=HIGHEST,
        )
        for name, words in ITEM_WORDS.items()
    )


def _sampled() -> Column:
    return Column(
        "sampling_share",
        "number",
        "share of the assessments of its stratum and round that were drawn for audit",
        unit="of 1",
        low=0.0001,
        high=1,
    )


AUDITED_ASSESSMENTS = Contract(
    "audited_assessments",
    "one audited assessment, as its first auditor rated it",
    ("audit_id",),
    (
        AUDIT,
        _region(),
        ROUND,
        AUDITOR,
        ethnicity_column("assessed person's"),
        Column(
            "sampling_stratum",
            "category",
            "stratum of the sample: recorded as minority ethnic, or all others",
            allowed=STRATA,
        ),
        _sampled(),
        INSTRUMENT,
        *outcomes(*_items()),
    ),
    service="assessments",
)
SECOND_RATINGS = Contract(
    "second_ratings",
    "one audited assessment, as a second auditor rated it apart from the first",
    ("audit_id",),
    (AUDIT, _region(), AUDITOR, *outcomes(*_items())),
    links=(("audit_id", "audited_assessments"),),
    service="assessments",
)
BRIDGING_RATINGS = Contract(
    "bridging_ratings",
    "one assessment of the bridging sample, as rated with one of the two instruments; no table"
    " where there is no such sample",
    ("audit_id", "instrument"),
    (AUDIT, _region(), ROUND, _sampled(), INSTRUMENT, *outcomes(*_items())),
    optional=True,
    service="assessments",
)
TABLES = (AUDITED_ASSESSMENTS, SECOND_RATINGS, BRIDGING_RATINGS)
