"""Tables of selection: candidates of assessment centres by quarter, and vacancies."""

from analysis.extracts.tables.contract import (
    CONSTANT,
    Column,
    Contract,
    Rules,
    ethnicity_column,
    outcomes,
    region_column,
)
from analysis.extracts.tables.monitoring_tables import PERSON, QUARTER, SEX, STAFF_AGE

# chosen: more people than ever applied for one vacancy of the service
APPLICANTS = 5000


def _yes(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="1 yes, 0 no", low=0, high=1)


def _always(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="1 in every row", low=1, high=1)


def _people(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="people", low=0, high=APPLICANTS)


CANDIDATES = Contract(
    "candidates",
    "one candidate in the quarter of one campaign",
    ("person_id", "quarter"),
    (
        PERSON,
        QUARTER,
        region_column("region of the post applied for"),
        ethnicity_column("candidate's"),
        SEX,
        STAFF_AGE,
        Column(
            "grade",
            "category",
            "grade applied for",
            allowed=("trainee_probation_officer", "senior_probation_officer", "manager"),
        ),
        Column(
            "route",
            "category",
            "internal: in post in the service when applying",
            allowed=("internal", "external"),
        ),
        _always("candidates", "the candidate counts: 1 in every row"),
        *outcomes(
            _yes("sifted_in", "came through the sift of applications"),
            _yes("invited", "was invited to the assessment centre"),
            _yes("webinar_offered", "was offered a webinar before the assessment centre"),
            _yes("webinar_attended", "attended a webinar"),
            _yes("passed", "passed the assessment centre"),
            _yes("appointed", "was appointed"),
        ),
    ),
    service="selection",
    rules=Rules(
        parts=(
            (("sifted_in",), "candidates"),
            (("invited",), "sifted_in"),
            (("webinar_offered",), "invited"),
            (("webinar_attended",), "webinar_offered"),
            (("passed",), "invited"),
            (("appointed",), "passed"),
        ),
        constant=CONSTANT,
        rising=("age_band",),
    ),
)
VACANCIES = Contract(
    "vacancies",
    "one vacancy in the quarter in which it was advertised",
    ("vacancy_id",),
    (
        Column("vacancy_id", "id", "pseudonym of the vacancy; no reference number"),
        QUARTER,
        region_column("region of the post"),
        Column(
            "grade",
            "category",
            "grade of the post",
            allowed=("administration", "probation_services_officer", "manager"),
        ),
        _always("vacancies", "the vacancy counts: 1 in every row"),
        _yes("opened", "was opened to people with lived experience"),
        _yes("ended", "recruitment had ended on the day of the extract"),
        *outcomes(
            _people("applicants", "people who applied"),
            _people("lived_applied", "of them, under a scheme for people with lived experience"),
            _people("lived_shortlisted", "of these, those who were shortlisted"),
            _yes("lived_appointed", "one of these was appointed"),
        ),
    ),
    service="selection",
    rules=Rules(
        parts=(
            (("lived_applied",), "applicants"),
            (("lived_shortlisted",), "lived_applied"),
            (("lived_appointed",), "lived_shortlisted"),
            (("lived_appointed",), "ended"),
        ),
        at_risk=(("lived_applied", "opened"),),
    ),
)
TABLES = (CANDIDATES, VACANCIES)
