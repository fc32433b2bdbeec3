"""Tables of programmes in prisons that start in steps: people in each closed quarter, and staff who
were trained or supported. Each extract is of one programme: its prisons start, or never do."""

from analysis.extracts.tables.contract import (
    CONSTANT,
    Blind,
    Column,
    Contract,
    Rules,
    ethnicity_column,
    flag_column,
    outcomes,
    region_column,
)
from analysis.extracts.tables.pilots.training_tables import SEX

_REGION = "probation region in which the prison lies, by the dated crosswalk of prisons"
_PRISON = Column("prison_id", "id", "prison, by its pseudonym")


def _score(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, unit="points", low=0, high=20, empty="not tested")


PRISON_STAYS = Contract(
    "prison_stays",
    "one person in one prison in one closed quarter",
    ("stay_id",),
    (
        Column("stay_id", "id", "pseudonym of the person in that prison and quarter"),
        Column("person_id", "id", "pseudonym of the person; no prison number"),
        region_column(_REGION),
        _PRISON,
        Column("held_from", "date", "first day of the quarter"),
        Column(
            "started_on",
            "date",
            "first day of the programme at the prison",
            empty="the prison did not start by the last quarter",
        ),
        ethnicity_column("person's"),
        SEX,
        Column(
            "custody_days",
            "whole",
            "days in the prison in the quarter",
            unit="days",
            low=1,
            high=92,
        ),
        *outcomes(
            Column(
                "force_incidents",
                "whole",
                "incidents in which force was used on the person",
                low=0,
                high=92,
            ),
            Column("force_used", "truth", "force was used on the person at least once"),
            flag_column(
                "review_good",
                "the review of the last incident was rated good by a reader of reviews",
                "no force was used, or no review was read",
            ),
            flag_column(
                "complaint_good",
                "a complaint of the person was handled well, by a reader of complaints",
                "no complaint was read",
            ),
            Column("reported", "truth", "made a discrimination incident report"),
            flag_column(
                "enhanced",
                "on the enhanced level of incentives on the last day of the quarter",
                "not there on that day",
            ),
        ),
        Column("asked", "truth", "was asked to take part in the survey of the quarter"),
        *outcomes(
            Column(
                "fair_treatment",
                "number",
                "mean of five statements on procedural justice: being heard, told why, treated with"
                " respect, evenly and honestly",
                unit="points",
                low=1,
                high=5,
                empty="was not asked, or did not answer",
            ),
            flag_column("felt_well", "felt well most days", "was not asked, or did not answer"),
        ),
        Column("in_need", "truth", "had a recorded need for a service of the programme"),
        *outcomes(flag_column("took_up", "took the service up", "no need was recorded")),
    ),
    service="prison_culture",
    rules=Rules(
        only_where=(
            ("review_good", "force_used"),
            ("fair_treatment", "asked"),
            ("felt_well", "asked"),
            ("took_up", "in_need"),
        ),
        filled_where=(("took_up", "in_need"),),
        at_risk=(("force_incidents", "custody_days"),),
        constant=CONSTANT,
    ),
)
PRISON_PROGRAMME_STAFF = Contract(
    "prison_programme_staff",
    "one member of staff whom the programme trained or supported",
    ("staff_id",),
    (
        Column("staff_id", "id", "pseudonym of the member of staff; no staff number"),
        region_column(_REGION),
        _PRISON,
        ethnicity_column("member of staff's"),
        *outcomes(flag_column("found_useful", "found the training or support useful", "no answer")),
        _score("score_before", "score on the test of practice before"),
        *outcomes(_score("score_after", "score on the test of practice afterwards")),
    ),
    service="prison_culture",
    blind=Blind(along=(("score_after", "score_before"),)),
)
TABLES = (PRISON_STAYS, PRISON_PROGRAMME_STAFF)
