"""Complaints of people in prison: a person in a closed quarter, with what was received and what was
decided kept apart; and race-related complaints by prison and month."""

from analysis.extracts.tables.contract import (
    CONSTANT,
    Column,
    Contract,
    Rules,
    ethnicity_column,
    region_column,
)
from analysis.extracts.tables.monitoring_tables import (
    AGE,
    CATEGORY,
    DAYS,
    OFFENCE,
    ONE_A_DAY,
    PERSON,
    QUARTER,
    SEX,
)

OF = ("adjudications", "incentives", "segregation")  # categories of complaints with own columns
PRISON = Column("prison_id", "id", "prison on the last day of the quarter")
OF_PRISON = region_column("region in which the prison lies")


def _events(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="complaints", low=0, high=ONE_A_DAY)


def _three(what: str = "", about: str = "") -> tuple[Column, ...]:
    """Received, decided and upheld, of all complaints or of one category."""
    end = f"_{what}" if what else ""
    return (
        _events(f"complaints{end}", f"complaints received{about}"),
        _events(f"decided{end}", f"complaints decided in the quarter{about}"),
        _events(f"upheld{end}", f"complaints decided in the person's favour{about}"),
    )


COMPLAINT_QUARTERS = Contract(
    "complaint_quarters",
    "one person held in prison in one closed quarter",
    ("person_id", "quarter"),
    (
        PERSON,
        QUARTER,
        OF_PRISON,
        PRISON,
        ethnicity_column("person's"),
        SEX,
        AGE,
        OFFENCE,
        CATEGORY,
        Column("custody_days", "whole", "days in custody", unit="days", low=0, high=DAYS),
        *_three(),
        *(column for name in OF for column in _three(name, f", about {name}")),
        _events("complaints_race", "race-related complaints received, of whatever category"),
        Column(
            "discrimination_reports",
            "whole",
            "discrimination incident reports that the person made",
            unit="reports",
            low=0,
            high=ONE_A_DAY,
        ),
    ),
    service="complaints",
    by_year=True,
    rules=Rules(
        parts=(
            (tuple(f"complaints_{name}" for name in OF), "complaints"),
            (tuple(f"decided_{name}" for name in OF), "decided"),
            (tuple(f"upheld_{name}" for name in OF), "upheld"),
            (("upheld",), "decided"),
            *(((f"upheld_{name}",), f"decided_{name}") for name in OF),
            (("complaints_race",), "complaints"),
        ),
        at_risk=(("complaints", "custody_days"), ("discrimination_reports", "custody_days")),
        days_at_risk=("custody_days",),
        constant=CONSTANT,
        rising=("age_band",),
        round_quarters=4,
    ),
)
RACE_COMPLAINT_MONTHS = Contract(
    "race_complaint_months",
    "one prison in one month",
    ("prison_id", "month"),
    (
        PRISON,
        Column("month", "date", "first day of the month"),
        OF_PRISON,
        Column("residents", "whole", "people held, on average over the month", low=0, high=100_000),
        Column(
            "race_complaints",
            "whole",
            "race-related complaints received",
            unit="complaints",
            low=0,
            high=100_000,
        ),
        Column("complainants", "whole", "people who made them", low=0, high=100_000),
    ),
    service="complaints",
    rules=Rules(
        parts=((("complainants",), "race_complaints"),),
        at_risk=(("race_complaints", "residents"), ("race_complaints", "complainants")),
    ),
)
TABLES = (COMPLAINT_QUARTERS, RACE_COMPLAINT_MONTHS)
