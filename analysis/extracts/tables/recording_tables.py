"""How the ethnic group of each person is recorded: what was said at reception, and what another
system holds."""

from analysis.extracts.tables.contract import (
    CONSTANT,
    Column,
    Contract,
    Rules,
    ethnicity_column,
    region_column,
)
from analysis.extracts.tables.monitoring_tables import AGE, PERSON, QUARTER, SEX

SETTINGS = ("custody", "probation")


def _yes(name: str, meaning: str, low: int = 0) -> Column:
    unit = "1 in every row" if low else "1 yes, 0 no"
    return Column(name, "whole", meaning, unit=unit, low=low, high=1)


ETHNICITY_RECORDS = Contract(
    "ethnicity_records",
    "one person in custody or on probation in one closed quarter",
    ("person_id", "quarter"),
    (
        PERSON,
        QUARTER,
        region_column("probation region of the prison or delivery unit"),
        Column("unit_id", "id", "prison or delivery unit at the end of the quarter"),
        ethnicity_column("person's"),
        SEX,
        AGE,
        Column("setting", "category", "where the person is", allowed=SETTINGS),
        _yes("people", "the person was there: 1 in every row", low=1),
        _yes("declared", "declared an ethnic group at reception"),
        _yes("refused", "was asked at reception and refused"),
        _yes("not_stated", "was asked at reception and the answer is 'not stated'"),
        _yes("not_recorded", "no answer from reception is recorded"),
        _yes("known", "the group is recorded in one source at least"),
        _yes("in_both", "declared at reception, and another system holds a group too"),
        _yes("differs", "the two sources hold different broad groups"),
        _yes("traveller_declared", "declared as Gypsy, Irish Traveller or Roma"),
        _yes("traveller_held", "held as Gypsy, Irish Traveller or Roma in either source"),
    ),
    service="recording",
    rules=Rules(
        parts=(
            (("declared", "refused", "not_stated", "not_recorded"), "people"),
            (("declared",), "known"),
            (("in_both",), "declared"),
            (("differs",), "in_both"),
            (("traveller_declared",), "declared"),
            (("traveller_held",), "known"),
            (("traveller_declared",), "traveller_held"),
        ),
        constant=CONSTANT,
        rising=("age_band",),
    ),
)
TABLES = (ETHNICITY_RECORDS,)
