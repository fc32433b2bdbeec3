"""Tables of the courts: court sites, sentenced cases, audited reports, training of those who write
reports."""

from analysis.extracts.tables.contract import (
    Blind,
    Column,
    Contract,
    Every,
    Rules,
    ethnicity_column,
    flag_column,
    outcomes,
    region_column,
)

NO_REPORT = "no report was written"
OF_A_REPORT = ("on_adjournment", "second_proposal", "proposal_followed")
DOMAINS = ("engagement", "analysis", "diversity", "proposal")
COURT = Column("court_id", "id", "court site that sentenced")
CASE = Column("case_id", "id", "pseudonym of the sentenced case; no case or police number")


def _region():
    return region_column("probation region, by the dated crosswalk of courts")


COURTS = Contract(
    "courts",
    "one court site",
    ("court_id",),
    (
        Column("court_id", "id", "court site"),
        _region(),
        Column("pilot", "truth", "takes part in the pilot"),
        Column(
            "started_on", "date", "first day of the pilot at this court", empty="not a pilot court"
        ),
        Column(
            "tool_from",
            "date",
            "day from which reports make a second proposal",
            empty="no second-proposal tool",
        ),
        Column(
            "staff_trained",
            "whole",
            "report writers trained for the pilot",
            unit="staff",
            low=0,
            high=500,
        ),
    ),
    service="courts",
    rules=Rules(
        only_where=(("started_on", "pilot"), ("tool_from", "pilot")),
        filled_where=(
            ("started_on", "pilot"),
        ),  # a pilot court without a start would be one that never starts
    ),
)
SENTENCED_CASES = Contract(
    "sentenced_cases",
    "one sentenced case, with or without a report",
    ("case_id",),
    (
        CASE,
        _region(),
        COURT,
        Column("sentenced_on", "date", "day of the sentence"),
        ethnicity_column("person's"),
        Column("sex", "category", "sex as recorded", allowed=("female", "male")),
        Column(
            "age_band",
            "category",
            "age at sentence",
            unit="years",
            allowed=("18-24", "25-34", "35-49", "50+"),
        ),
        Column(
            "offence_group",
            "category",
            "main offence",
            allowed=("violence", "theft", "drugs", "motoring", "other"),
        ),
        Column(
            "custody_risk",
            "category",
            "risk of custody from offence and record, known before any report",
            allowed=("low", "medium", "high"),
        ),
        *outcomes(
            Column("report_written", "truth", "a pre-sentence report was written"),
            flag_column(
                "on_adjournment", "the report was written on adjournment, not on the day", NO_REPORT
            ),
            flag_column("second_proposal", "the report makes a second proposal", NO_REPORT),
            flag_column(
                "proposal_followed", "the court followed a proposal of the report", NO_REPORT
            ),
            flag_column("custody", "sentenced to immediate custody", "sentence not recorded"),
        ),
    ),
    links=(("court_id", "courts"),),
    service="courts",
    every=(Every("court_id", "courts"),),
    rules=Rules(
        only_where=tuple((name, "report_written") for name in OF_A_REPORT),
        filled_where=tuple((name, "report_written") for name in OF_A_REPORT),
    ),
)
AUDITED_REPORTS = Contract(
    "audited_reports",
    "one rating of one domain of one report by one auditor",
    ("case_id", "auditor_id", "domain"),
    (
        CASE,
        _region(),
        COURT,
        Column("sentenced_on", "date", "day of the sentence"),
        Column("auditor_id", "id", "pseudonym of the auditor"),
        Column("domain", "category", "what was rated", allowed=DOMAINS),
        *outcomes(
            Column(
                "rating",
                "whole",
                "1 inadequate, 2 requires improvement, 3 good, 4 outstanding",
                unit="points",
                low=1,
                high=4,
            )
        ),
        Column(
            "sampling_weight",
            "number",
            "written reports that the audited one stands for",
            unit="reports",
            low=1,
            high=10_000,
        ),
    ),
    links=(("case_id", "sentenced_cases"), ("court_id", "courts")),
    service="courts",
)
REPORT_TRAINING = Contract(
    "report_training",
    "one member of staff trained for the pilot",
    ("staff_id",),
    (
        Column("staff_id", "id", "pseudonym of the member of staff; no staff number"),
        _region(),
        COURT,
        ethnicity_column("member of staff's"),
        Column("trained_on", "date", "day of the training"),
        *outcomes(
            Column(
                "relevance",
                "rating",
                "agreement with “the training is relevant to my work”, 1 to 5",
                unit="points",
                low=1,
                high=5,
                empty="did not answer",
            )
        ),
        Column(
            "score_before",
            "number",
            "score on the test before",
            unit="points",
            low=0,
            high=20,
            empty="not taken",
        ),
        *outcomes(
            Column(
                "score_after",
                "number",
                "score on the test after",
                unit="points",
                low=0,
                high=20,
                empty="not taken",
            )
        ),
    ),
    links=(("court_id", "courts"),),
    service="courts",
    blind=Blind(along=(("score_after", "score_before"),)),
)
TABLES = (COURTS, SENTENCED_CASES, AUDITED_REPORTS, REPORT_TRAINING)
