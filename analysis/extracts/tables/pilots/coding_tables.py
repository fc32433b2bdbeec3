"""Tables of an audit of investigations: coded cases, the investigators with the day of their
training and their tests, and anchor cases that were coded again later."""

from analysis.extracts.tables.contract import (
    Blind,
    Column,
    Contract,
    Rules,
    ethnicity_column,
    flag_column,
    outcomes,
    region_column,
)

LOWEST_SCORE, HIGHEST_SCORE = 0, 20
CASE = Column("case_id", "id", "pseudonym of the case; no case number")
INVESTIGATOR = Column("investigator_id", "id", "pseudonym of the investigator; no staff number")
RECOGNISES = "the report recognises subtle racism"


def _score(name: str, meaning: str) -> Column:
    return Column(
        name,
        "number",
        meaning,
        unit="points",
        low=LOWEST_SCORE,
        high=HIGHEST_SCORE,
        empty="not taken",
    )


CODED_CASES = Contract(
    "coded_cases",
    "one investigated case, as coders and the panel read it; of somebody with several, the first",
    ("case_id",),
    (
        CASE,
        region_column("probation region in which the prison or probation unit lies"),
        INVESTIGATOR,
        Column("reported_on", "date", "first day of the month in which the report was finished"),
        ethnicity_column("complainant's"),
        Column("race_named", "truth", "the complaint itself names race or ethnicity"),
        Column(
            "blinded",
            "truth",
            "whoever read the case saw neither its date nor who had been trained",
        ),
        *outcomes(
            flag_column(
                "first_code", f"first coder, when it was reported: {RECOGNISES}", "never empty"
            ),
            flag_column(
                "second_code",
                f"second coder, at the end and in mixed order: {RECOGNISES}",
                "not coded twice",
            ),
        ),
        flag_column("panel_code", "panel: the case holds subtle racism", "not put to the panel"),
        Column(
            "sampling_share",
            "number",
            "share of the cases of its stratum (race named or not) that were put to the panel",
            unit="of 1",
            low=0.0001,
            high=1,
        ),
    ),
    service="investigations",
    links=(("investigator_id", "investigators"),),
)
INVESTIGATORS = Contract(
    "investigators",
    "one investigator",
    ("investigator_id",),
    (
        INVESTIGATOR,
        region_column("probation region whose cases the investigator's team takes"),
        ethnicity_column("investigator's"),
        Column(
            "trained_from",
            "date",
            "first day of the investigator's training",
            empty="not trained by then",
            may_lie_ahead=True,
        ),
        _score("test_before", "score on the test of worked cases before anybody was trained"),
        *outcomes(
            _score("test_after", "score on the same kind of test before the others were trained")
        ),
    ),
    service="investigations",
    rules=Rules(constant=("ethnicity",), person="investigator_id"),
    blind=Blind(along=(("test_after", "test_before"),)),
)
ANCHOR_CASES = Contract(
    "anchor_cases",
    "one anchor case: coded again later, mixed among new ones; no table where there are none",
    ("case_id",),
    (
        CASE,
        region_column("probation region in which the prison or probation unit lies"),
        *outcomes(flag_column("code_again", f"first coders, later: {RECOGNISES}", "never empty")),
    ),
    optional=True,
    service="investigations",
    links=(("case_id", "coded_cases"),),
)
TABLES = (CODED_CASES, INVESTIGATORS, ANCHOR_CASES)
