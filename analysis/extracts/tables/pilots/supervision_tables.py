"""Tables of the probation service: people, practitioners, outcomes, the relationship survey."""

from analysis.extracts.tables.contract import (
    LICENCE,
    ORDERS,
    Column,
    Contract,
    Every,
    ethnicity_column,
    flag_column,
    item_column,
    outcomes,
    region_column,
)

WITHIN_A_YEAR = 12  # months: the window of the outcomes
REOFFENDING = 18  # months: 12 to offend, 6 to be convicted (METHODS section 1)
PERSON = Column(
    "person_id", "id", "pseudonym of the person on probation; no police, court or prison number"
)
PEOPLE_ON_PROBATION = Contract(
    "people_on_probation",
    "one person at the first allocation within the window",
    ("person_id",),
    (
        PERSON,
        region_column(),
        Column("office_id", "id", "delivery office that allocated"),
        Column(
            "first_practitioner_id",
            "id",
            "FIRST practitioner allocated; later changes do not count",
            empty="no practitioner on the record",
        ),
        Column("first_allocated_on", "date", "day of the first allocation"),
        Column(
            "match_requested",
            "truth",
            "the person asked for a practitioner of their own ethnic group",
        ),
        ethnicity_column("person's"),
        Column("sex", "category", "sex as recorded", allowed=("female", "male")),
        Column(
            "age_band",
            "category",
            "age at first allocation",
            unit="years",
            allowed=("18-24", "25-34", "35-49", "50+"),
        ),
        Column(
            "sentence_type",
            "category",
            "sentence supervised at first allocation",
            allowed=(*ORDERS, *LICENCE),
        ),
        Column(
            "risk_tier",
            "category",
            "tier of risk, decided by the service",
            allowed=("low", "medium", "high", "very_high"),
        ),
    ),
    links=(("first_practitioner_id", "practitioners"),),
)
PRACTITIONERS = Contract(
    "practitioners",
    "one practitioner in post within the window",
    ("practitioner_id",),
    (
        Column("practitioner_id", "id", "pseudonym of the practitioner; no staff number"),
        region_column(),
        Column("office_id", "id", "delivery office of the practitioner"),
        ethnicity_column("practitioner's"),
        Column(
            "grade",
            "category",
            "grade at the start of the window",
            allowed=("probation_services_officer", "probation_officer", "senior_probation_officer"),
        ),
        Column(
            "length_of_service_years",
            "number",
            "length of service at the start of the window",
            unit="years",
            low=0,
            high=60,
        ),
    ),
)
SUPERVISION_OUTCOMES = Contract(
    "supervision_outcomes",
    "one person; outcomes within 12 months of the first allocation",
    ("person_id",),
    (
        PERSON,
        region_column(),
        # at most one appointment a day for a year
        *outcomes(
            Column(
                "appointments_offered",
                "whole",
                "appointments offered within 12 months",
                unit="appointments",
                low=0,
                high=366,
                window_months=WITHIN_A_YEAR,
            ),
            Column(
                "appointments_kept",
                "whole",
                "of these, appointments kept",
                unit="appointments",
                low=0,
                high=366,
                window_months=WITHIN_A_YEAR,
            ),
            flag_column(
                "breached",
                "taken back to court for breach within 12 months",
                "not on a community order or suspended sentence, or followed for under 12 months",
                ORDERS,
                WITHIN_A_YEAR,
            ),
            flag_column(
                "recalled",
                "recalled to prison within 12 months",
                "not on licence, or followed for under 12 months",
                LICENCE,
                WITHIN_A_YEAR,
            ),
            flag_column(
                "completed",
                "completed the order or licence within 12 months",
                "did not end within the window, or followed for under 12 months",
                window_months=WITHIN_A_YEAR,
            ),
            flag_column(
                "reoffended",
                "proven reoffending: offence within 12 months, proven within a further 6",
                "followed for under 18 months",
                window_months=REOFFENDING,
            ),
        ),
        Column("followed_to", "date", "last day for which outcomes are known"),
    ),
    links=(("person_id", "people_on_probation"),),
    every=(Every("person_id", "people_on_probation"),),
)
RELATIONSHIP_SURVEY = Contract(
    "relationship_survey",
    "one person who answered",
    ("person_id",),
    (
        PERSON,
        region_column(),
        Column(
            "answered_on", "date", "day of the answer, about six months after the first allocation"
        ),
        *outcomes(
            item_column("treated_with_respect", "My practitioner treats me with respect"),
            item_column("listened_to", "My practitioner listens to me"),
            item_column("trusted", "I trust my practitioner"),
            item_column("treated_fairly", "My practitioner treats me fairly"),
            item_column("understood", "My practitioner understands where I come from"),
        ),
    ),
    links=(("person_id", "people_on_probation"),),
)
RELATIONSHIP_ITEMS = tuple(
    column.name for column in RELATIONSHIP_SURVEY.columns if column.kind == "rating"
)
TABLES = (PEOPLE_ON_PROBATION, PRACTITIONERS, SUPERVISION_OUTCOMES, RELATIONSHIP_SURVEY)
