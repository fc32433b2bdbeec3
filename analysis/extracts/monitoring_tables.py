"""Tables that monitors count in: one row a person in a closed quarter, or one decision. All counts are whole numbers."""

from analysis.extracts.contract import Column, Contract, ethnicity_column, region_column
from analysis.vocabulary.regions import places

PRISON_PLACES = tuple(place.id for place in places("prison_places"))
PERSON = Column("person_id", "id", "pseudonym of the person; no police, court, prison or staff number")
QUARTER = Column("quarter", "date", "first day of the closed quarter")
SEX = Column("sex", "category", "sex as recorded", allowed=("female", "male"))
AGE = Column(
    "age_band", "category", "age at the start of the quarter", unit="years", allowed=("18-24", "25-34", "35-49", "50+")
)
STAFF_AGE = Column(
    "age_band", "category", "age at the start of the quarter", unit="years", allowed=("under 35", "35-49", "50+")
)
GRADE = Column("grade", "category", "grade", allowed=("operational", "first_line_manager", "senior_manager"))
OFFENCE = Column("offence_group", "category", "main offence", allowed=("violence", "theft", "drugs", "other"))
CATEGORY = Column(
    "security_category", "category", "security category, decided by the service", allowed=("open", "trainer", "high")
)
PRISON = Column("prison_id", "id", "prison on the last day of the quarter in which the person was held")
DAYS = 92  # of the longest quarter


def _yes(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="1 yes, 0 no", low=0, high=1)


def _days(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="days", low=0, high=DAYS)


def _events(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="events", low=0, high=200)


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
        Column("sentence_type", "category", "sentence supervised", allowed=("community_order", "suspended_sentence", "licence")),
        Column("risk_tier", "category", "tier of risk, decided by the service", allowed=("low", "medium", "high", "very_high")),
        _days("order_days", "days on a community order or suspended sentence"),
        _events("breaches", "times taken back to court for breach of the order"),
        _days("licence_days", "days on licence"),
        _events("recalls", "times recalled to prison"),
        _yes("orders_ended", "the order ended in the quarter"),
        _yes("orders_completed", "it ended completed"),
        _yes("housing_known", "supervision ended and the housing is recorded"),
        _yes("housing_unknown", "supervision ended and the housing is not recorded"),
        _yes("settled_home", "settled accommodation at the end of supervision"),
        _yes("work_known", "six months after the start fall into the quarter and work is recorded"),
        _yes("in_work", "in work six months after the start"),
    ),
    service="caseload",
)  # fmt: skip
PRISONS = Contract(
    "prisons",
    "one prison from one day to another: the dated crosswalk of prisons to regions and strata",
    ("prison_id", "valid_from"),
    (
        Column("prison_id", "id", "prison"),
        Column("region", "category", "probation region in which it lies, or the stratum to which it belongs", allowed=PRISON_PLACES),
        Column("valid_from", "date", "first day"),
        Column("valid_to", "date", "last day; 2099-12-31 where it still holds", may_lie_ahead=True),
    ),
    service="prisons",
)  # fmt: skip
_PRISONER = (PERSON, QUARTER, PRISON, ethnicity_column("person's"), SEX, AGE, OFFENCE, CATEGORY)
PRISON_QUARTERS = Contract(
    "prison_quarters",
    "one person held in one closed quarter",
    ("person_id", "quarter"),
    (
        *_PRISONER,
        _days("custody_days", "days in custody"),
        _events("force_incidents", "incidents in which force was used on the person"),
        _yes("people", "the person was held: 1 in every row"),
        _yes("force_used", "force was used on the person at least once"),
        _yes("force_repeated", "force was used on the person more than once"),
        _events("negative_entries", "negative behaviour entries under the incentives scheme"),
        _yes("at_snapshot", "present at the snapshot on the last day of the quarter"),
        _yes("on_basic", "on the basic level at the snapshot"),
        _yes("on_enhanced", "on an enhanced level at the snapshot"),
        _yes("activity_eligible", "may take up an activity or rehabilitation programme"),
        _yes("activity_started", "started one in the quarter"),
        _yes("activity_completed", "completed it"),
    ),
    links=(("prison_id", "prisons"),),
    service="prisons",
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
        _yes("people", "the person was in post: 1 in every row"),
        _yes("promotion_eligible", "below the highest grade"),
        _yes("promoted", "was promoted"),
        _yes("coached", "had coaching or mentoring"),
        _yes("deputised", "deputised in a higher grade"),
        _yes("seconded", "was on secondment"),
        _events("grievances", "grievances brought by the person"),
        _events("conduct_cases", "conduct and discipline cases opened against the person"),
        _yes("rated", "had a performance rating in the quarter"),
        _yes("low_rating", "the rating was below the expected level"),
    ),
    service="workforce",
    by_year=True,
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
        _yes("applications", "the application counts: 1 in every row"),
        _yes("shortlisted", "was shortlisted"),
        _yes("appointed", "was appointed"),
    ),
    service="workforce",
    by_year=True,
)
TABLES = (SUPERVISION_QUARTERS, PRISONS, PRISON_QUARTERS, RELEASE_DECISIONS, STAFF_QUARTERS, APPLICATIONS)
