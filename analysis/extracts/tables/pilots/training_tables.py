"""Tables of the training pilots: sites, managers, ratings by staff, staff in post. `programme`
tells the pilots apart."""

from analysis.extracts.tables.contract import (
    CONSTANT,
    Blind,
    Column,
    Contract,
    Every,
    Rules,
    ethnicity_column,
    outcomes,
    region_column,
)

PROGRAMMES = ("gamified", "manager_training")
ARMS = ("wave_1", "wave_2", "cascade", "virtual_reality", "later")
SEX = Column("sex", "category", "sex as recorded", allowed=("female", "male"))
AGE = Column(
    "age_band", "category", "age at the start", unit="years", allowed=("under 35", "35-49", "50+")
)
PROGRAMME = Column("programme", "category", "which pilot the row belongs to", allowed=PROGRAMMES)
SITE = Column("site_id", "id", "site at the start; later moves do not count")
RESIGNED = "resigned"
EXIT_REASONS = (RESIGNED, "retirement", "transfer")


def _score(name: str, meaning: str, low: float, high: float, empty: str) -> Column:
    return Column(name, "number", meaning, unit="points", low=low, high=high, empty=empty)


def _money(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, unit="pounds", low=0, high=100_000)


def _region() -> Column:
    return region_column(
        "probation region, or the region of the dated crosswalk in which the prison lies"
    )


TRAINING_SITES = Contract(
    "training_sites",
    "one site of one pilot",
    ("programme", "site_id"),
    (
        PROGRAMME,
        Column("site_id", "id", "prison or probation unit"),
        _region(),
        Column(
            "site_kind", "category", "prison or probation unit", allowed=("prison", "probation")
        ),
        Column("arm", "category", "when or how the site is trained", allowed=ARMS),
        Column("block", "id", "sites among which the lot was drawn"),
        Column(
            "chosen_by",
            "category",
            "whether the lot decided about the arm",
            allowed=("lot", "site"),
        ),
        Column(
            "provider_id",
            "id",
            "who delivers the training",
            empty="not trained before the cross-over",
        ),
        Column(
            "tier",
            "number",
            "step of the cascade at which the site is trained",
            unit="steps",
            low=1,
            high=3,
            empty="not trained by cascade",
        ),
        Column(
            "module_from",
            "date",
            "day from which the site is trained",
            empty="not trained before the cross-over",
        ),
        Column(
            "crossover_on",
            "date",
            "day on which the waiting sites start: comparisons end before it",
        ),
    ),
    service="training",
)
MANAGERS = Contract(
    "managers",
    "one manager of a site of the pilot",
    ("programme", "manager_id"),
    (
        PROGRAMME,
        Column("manager_id", "id", "pseudonym of the manager; no staff number"),
        _region(),
        SITE,
        ethnicity_column("manager's"),
        SEX,
        AGE,
        Column("grade", "category", "grade at the start", allowed=("middle", "senior")),
        Column(
            "length_of_service_years",
            "number",
            "length of service at the start",
            unit="years",
            low=0,
            high=60,
        ),
        Column("attended", "truth", "took part in any of it before the cross-over"),
        Column("completed", "truth", "completed it before the cross-over"),
        _money(
            "cost_pounds", "what the service spent on this manager's place before the cross-over"
        ),
        *outcomes(
            Column(
                "relevance",
                "rating",
                "agreement with “the module is relevant to my work”, 1 to 5",
                unit="points",
                low=1,
                high=5,
                empty="did not answer, or was not trained",
            )
        ),
        Column("tested_on", "date", "day of the second test", empty="not taken"),
        _score("test_before", "score on the scenario test at the start", 0, 40, "not taken"),
        *outcomes(_score("test_after", "score on the second test", 0, 40, "not taken")),
    ),
    links=(("site_id", "training_sites"),),
    service="training",
    every=(Every("site_id", "training_sites"),),
    rules=Rules(
        # without its day nobody knows whether the second test came before the cross-over
        only_where=(
            ("completed", "attended"),
            ("relevance", "attended"),
            ("test_after", "tested_on"),
        ),
        constant=CONSTANT,
        person="manager_id",
    ),
    blind=Blind(along=(("test_after", "test_before"),)),
)
STAFF_RATINGS = Contract(
    "staff_ratings",
    "one member of staff who was asked to rate the line manager",
    ("programme", "staff_id"),
    (
        PROGRAMME,
        Column("staff_id", "id", "pseudonym of the member of staff; no staff number"),
        _region(),
        SITE,
        Column("manager_id", "id", "line manager at the start; later changes do not count"),
        ethnicity_column("member of staff's"),
        SEX,
        AGE,
        Column("asked_on", "date", "day of the second question"),
        _score(
            "rating_before",
            "fair-conduct rating of the manager at the start, mean of its questions",
            1,
            5,
            "did not answer",
        ),
        *outcomes(
            _score(
                "rating_after",
                "fair-conduct rating of the manager afterwards, mean of its questions",
                1,
                5,
                "did not answer",
            ),
            _score(
                "grievance_handling_after",
                "how grievances are handled, mean of its questions",
                1,
                5,
                "did not answer, or not asked",
            ),
            _score(
                "climate_after",
                "climate of the site, mean of its questions",
                1,
                5,
                "did not answer, or not asked",
            ),
        ),
    ),
    links=(("site_id", "training_sites"),),
    service="training",
    every=(Every("manager_id", "managers", refused=False),),
    rules=Rules(constant=CONSTANT, person="staff_id"),
    blind=Blind(along=(("rating_after", "rating_before"),)),
)
STAFF_IN_POST = Contract(
    "staff_in_post",
    "one member of staff in post at the start",
    ("programme", "staff_id"),
    (
        PROGRAMME,
        Column("staff_id", "id", "pseudonym of the member of staff; no staff number"),
        _region(),
        SITE,
        ethnicity_column("member of staff's"),
        SEX,
        AGE,
        Column(
            "in_post_from", "date", "day on which the clock starts: the start of the first wave"
        ),
        *outcomes(
            Column("left_on", "date", "last day in post", empty="still in post at the extract"),
            Column(
                "exit_reason",
                "category",
                "why the person left",
                allowed=EXIT_REASONS,
                empty="still in post at the extract",
            ),
        ),
    ),
    links=(("site_id", "training_sites"),),
    service="training",
    every=(Every("site_id", "training_sites"),),
    rules=Rules(
        only_where=(("exit_reason", "left_on"),),
        filled_where=(("exit_reason", "left_on"),),
        constant=CONSTANT,
        person="staff_id",
    ),
    blind=Blind(since="in_post_from"),
)
TABLES = (TRAINING_SITES, MANAGERS, STAFF_RATINGS, STAFF_IN_POST)
