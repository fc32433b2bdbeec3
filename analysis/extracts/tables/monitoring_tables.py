"""Tables that monitors count in: one row a person in a closed quarter, or one decision. All counts
are whole numbers."""

from analysis.extracts.tables.contract import (
    CONSTANT,
    LICENCE,
    ORDERS,
    Column,
    Contract,
    DaysOf,
    Every,
    Rules,
    ethnicity_column,
    region_column,
)
from analysis.vocabulary.regions import places

PRISON_PLACES = tuple(place.id for place in places("prison_places"))
PERSON = Column(
    "person_id", "id", "pseudonym of the person; no police, court, prison or staff number"
)
QUARTER = Column("quarter", "date", "first day of the closed quarter")
SEX = Column("sex", "category", "sex as recorded", allowed=("female", "male"))
AGE = Column(
    "age_band",
    "category",
    "age at the start of the quarter",
    unit="years",
    allowed=("18-24", "25-34", "35-49", "50+"),
)
STAFF_AGE = Column(
    "age_band",
    "category",
    "age at the start of the quarter",
    unit="years",
    allowed=("under 35", "35-49", "50+"),
)
GRADE = Column(
    "grade", "category", "grade", allowed=("operational", "first_line_manager", "senior_manager")
)
OFFENCE = Column(
    "offence_group", "category", "main offence", allowed=("violence", "theft", "drugs", "other")
)
CATEGORY = Column(
    "security_category",
    "category",
    "security category, decided by the service",
    allowed=("open", "trainer", "high"),
)
PRISON = Column(
    "prison_id", "id", "prison on the last day of the quarter in which the person was held"
)
DAYS = 92  # of the longest quarter
# Most events that one person can have in one quarter.
ONE_A_WEEK = 13  # chosen: proceedings take days or weeks each, and a quarter has 13 weeks
SHORTEST_RECALL = (
    14  # days; fixed-term recall of sentences under 12 months, Criminal Justice Act 2003 s. 255A
)
RECALLS = DAYS // SHORTEST_RECALL  # a person in prison on recall cannot be recalled
# chosen: force on one person every day of the quarter would be told as one matter, not as a count
ONE_A_DAY = DAYS
TWO_A_DAY = 2 * DAYS  # chosen: entries are made by shifts


def _yes(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="1 yes, 0 no", low=0, high=1)


def _days(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="days", low=0, high=DAYS)


def _always(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="1 in every row", low=1, high=1)


def _events(name: str, meaning: str, most: int) -> Column:
    """Events of one person in one quarter, of which there can be no more than `most`."""
    return Column(name, "whole", meaning, unit="events", low=0, high=most)


SUPERVISION_QUARTERS = Contract(
    "supervision_quarters",
    "one person under supervision in one closed quarter",
    ("person_id", "quarter"),
    (
        PERSON,
        QUARTER,
        region_column("probation region of the delivery unit at the end of the quarter"),
        Column("unit_id", "id", "delivery unit at the end of the quarter"),
        ethnicity_column("person's"),
        AGE,
        SEX,
        Column(
            "sentence_type",
            "category",
            "sentence supervised",
            allowed=("community_order", "suspended_sentence", "licence"),
        ),
        Column(
            "risk_tier",
            "category",
            "tier of risk, decided by the service",
            allowed=("low", "medium", "high", "very_high"),
        ),
        _days("order_days", "days on a community order or suspended sentence"),
        _events("breaches", "times taken back to court for breach of the order", ONE_A_WEEK),
        _days("licence_days", "days on licence"),
        _events("recalls", "times recalled to prison", RECALLS),
        _yes("orders_ended", "the order ended in the quarter"),
        _yes("orders_completed", "it ended completed"),
        _yes("housing_known", "supervision ended and the housing is recorded"),
        _yes("housing_unknown", "supervision ended and the housing is not recorded"),
        _yes("settled_home", "settled accommodation at the end of supervision"),
        _yes("work_known", "six months after the start fall into the quarter and work is recorded"),
        _yes("in_work", "in work six months after the start"),
    ),
    service="caseload",
    rules=Rules(
        parts=(
            (("orders_completed",), "orders_ended"),
            (("settled_home",), "housing_known"),
            (("in_work",), "work_known"),
        ),
        at_risk=(
            ("breaches", "order_days"),
            ("recalls", "licence_days"),
        ),
        days_of=(
            DaysOf("order_days", "sentence_type", ORDERS),
            DaysOf("licence_days", "sentence_type", LICENCE),
        ),
        days_at_risk=("order_days", "licence_days"),
        constant=CONSTANT,
        rising=("age_band",),
    ),
)
PRISONS = Contract(
    "prisons",
    "one prison from one day to another: the dated crosswalk of prisons to regions and strata",
    ("prison_id", "valid_from"),
    (
        Column("prison_id", "id", "prison"),
        Column(
            "region",
            "category",
            "probation region in which it lies, or the stratum to which it belongs",
            allowed=PRISON_PLACES,
        ),
        Column("valid_from", "date", "first day"),
        Column("valid_to", "date", "last day; 2099-12-31 where it still holds", may_lie_ahead=True),
    ),
    service="prisons",
)
_PRISONER = (PERSON, QUARTER, PRISON, ethnicity_column("person's"), SEX, AGE, OFFENCE, CATEGORY)
PRISON_QUARTERS = Contract(
    "prison_quarters",
    "one person held in one closed quarter",
    ("person_id", "quarter"),
    (
        *_PRISONER,
        _days("custody_days", "days in custody"),
        _events("force_incidents", "incidents in which force was used on the person", ONE_A_DAY),
        _always("people", "the person was held: 1 in every row"),
        _yes("force_used", "force was used on the person at least once"),
        _yes("force_repeated", "force was used on the person more than once"),
        _events(
            "negative_entries", "negative behaviour entries under the incentives scheme", TWO_A_DAY
        ),
        _yes("at_snapshot", "present at the snapshot on the last day of the quarter"),
        _yes("on_basic", "on the basic level at the snapshot"),
        _yes("on_enhanced", "on an enhanced level at the snapshot"),
        _yes("activity_eligible", "may take up an activity or rehabilitation programme"),
        _yes("activity_started", "started one in the quarter"),
        _yes("activity_completed", "completed it"),
    ),
    links=(("prison_id", "prisons"),),
    service="prisons",
    every=(Every("prison_id", "prisons"),),
    rules=Rules(
        parts=(
            (("force_used",), "force_incidents"),
            (("force_used",), "people"),
            (("force_repeated",), "force_used"),
            (("on_basic", "on_enhanced"), "at_snapshot"),
            (("activity_started",), "activity_eligible"),
            (("activity_completed",), "activity_started"),
        ),
        at_risk=(
            ("force_incidents", "custody_days"),
            ("negative_entries", "custody_days"),
            ("force_incidents", "force_used"),
        ),
        days_at_risk=("custody_days",),
        constant=CONSTANT,
        rising=("age_band",),
    ),
)
RELEASE_DECISIONS = Contract(
    "release_decisions",
    "one person whose release fell due in one closed quarter",
    ("person_id", "quarter"),
    (
        *_PRISONER,
        _yes("curfew_eligible", "statutorily eligible for home detention curfew"),
        _yes("curfew_applied", "applied for it"),
        _yes("curfew_granted", "was granted it"),
        _yes("curfew_returned", "was returned to custody from it"),
        _yes("leave_eligible", "eligible for release on temporary licence"),
        _yes("leave_granted", "was granted it at least once"),
        _yes("parole_heard", "a parole hearing was held"),
        _yes("parole_released", "the hearing directed release"),
    ),
    links=(("prison_id", "prisons"),),
    service="prisons",
    rules=Rules(
        parts=(
            (("curfew_applied",), "curfew_eligible"),
            (("curfew_granted",), "curfew_applied"),
            (("curfew_returned",), "curfew_granted"),
            (("leave_granted",), "leave_eligible"),
            (("parole_released",), "parole_heard"),
        ),
        constant=CONSTANT,
        rising=("age_band",),
    ),
)
STAFF_QUARTERS = Contract(
    "staff_quarters",
    "one person in post in one closed quarter",
    ("person_id", "quarter"),
    (
        PERSON,
        QUARTER,
        region_column("region in which the person works"),
        ethnicity_column("person's"),
        SEX,
        STAFF_AGE,
        GRADE,
        _days("days_in_post", "days in post"),
        _always("people", "the person was in post: 1 in every row"),
        _yes("promotion_eligible", "below the highest grade"),
        _yes("promoted", "was promoted"),
        _yes("coached", "had coaching or mentoring"),
        _yes("deputised", "deputised in a higher grade"),
        _yes("seconded", "was on secondment"),
        _events("grievances", "grievances brought by the person", ONE_A_WEEK),
        _events(
            "conduct_cases", "conduct and discipline cases opened against the person", ONE_A_WEEK
        ),
        _yes("rated", "had a performance rating in the quarter"),
        _yes("low_rating", "the rating was below the expected level"),
    ),
    service="workforce",
    by_year=True,
    rules=Rules(
        parts=(
            (("promoted",), "promotion_eligible"),
            (("coached",), "people"),
            (("deputised",), "people"),
            (("seconded",), "people"),
            (("low_rating",), "rated"),
        ),
        at_risk=(("grievances", "days_in_post"), ("conduct_cases", "days_in_post")),
        days_at_risk=("days_in_post",),
        constant=CONSTANT,
        rising=("age_band",),
        round_quarters=4,
    ),
)
APPLICATIONS = Contract(
    "applications",
    "one application for a post",
    ("application_id",),
    (
        Column("application_id", "id", "pseudonym of the application"),
        QUARTER,
        region_column("region of the post"),
        ethnicity_column("applicant's"),
        SEX,
        STAFF_AGE,
        GRADE,
        _always("applications", "the application counts: 1 in every row"),
        _yes("shortlisted", "was shortlisted"),
        _yes("appointed", "was appointed"),
    ),
    service="workforce",
    by_year=True,
    rules=Rules(
        parts=((("shortlisted",), "applications"), (("appointed",), "shortlisted")),
        round_quarters=4,
    ),
)
TABLES = (
    SUPERVISION_QUARTERS,
    PRISONS,
    PRISON_QUARTERS,
    RELEASE_DECISIONS,
    STAFF_QUARTERS,
    APPLICATIONS,
)
