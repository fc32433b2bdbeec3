"""Tables of regional initiatives: applications by day, scores of managers, referrals to support,
performance conversations. Each stands by itself, since another team keeps it."""

from analysis.extracts.tables.contract import (
    Column,
    Contract,
    Rules,
    ethnicity_column,
    flag_column,
    outcomes,
    region_column,
)

PROVIDERS = ("local_specialist", "national_provider", "public_service")
SEX = Column("sex", "category", "sex as recorded", allowed=("female", "male"))

JOB_APPLICATIONS = Contract(
    "job_applications",
    "one application for a post, by the day on which it came in",
    ("application_id",),
    (
        Column("application_id", "id", "pseudonym of the application"),
        Column("applied_on", "date", "day on which the application came in"),
        region_column("region of the post"),
        # whose applications came in is itself what outreach is to change
        *outcomes(ethnicity_column("applicant's")),
        SEX,
        *outcomes(
            Column("shortlisted", "truth", "was shortlisted"),
            flag_column("interviewed", "was interviewed", "was not shortlisted"),
            flag_column("appointed", "was appointed", "was not interviewed"),
        ),
    ),
    service="recruitment",
    rules=Rules(
        only_where=(("interviewed", "shortlisted"), ("appointed", "interviewed")),
        filled_where=(("interviewed", "shortlisted"),),
    ),
)
MANAGER_SCORES = Contract(
    "manager_scores",
    "one line manager in one month in which they were asked",
    ("score_id",),
    (
        Column("score_id", "id", "pseudonym of the manager's answers of that month"),
        Column("asked_on", "date", "day on which the manager was asked"),
        region_column("region in which the manager works"),
        ethnicity_column("manager's"),
        Column("attended", "truth", "had taken part in a workshop on inclusive leadership"),
        *outcomes(
            flag_column("found_useful", "found the workshops useful", "took part in none"),
            Column(
                "knowledge",
                "number",
                "score on questions about inclusive leadership",
                unit="points",
                low=0,
                high=40,
            ),
            Column(
                "inclusive_rating",
                "number",
                "mean of what the manager's staff said of how inclusively they are led",
                unit="points",
                low=1,
                high=5,
            ),
        ),
    ),
    service="leadership",
    rules=Rules(
        only_where=(("found_useful", "attended"),), filled_where=(("found_useful", "attended"),)
    ),
)
SUPPORT_REFERRALS = Contract(
    "support_referrals",
    "one need for support of a person on probation, from the day on which it was seen",
    ("need_id",),
    (
        Column("need_id", "id", "pseudonym of the need; no case number"),
        Column("seen_on", "date", "day on which the need was recorded"),
        region_column(),
        ethnicity_column("person's"),
        SEX,
        *outcomes(
            Column("referred", "truth", "was referred to somebody who meets the need"),
            Column(
                "provider",
                "category",
                "kind of provider: a local specialist organisation, a national provider, or a"
                " public service",
                allowed=PROVIDERS,
                empty="was not referred",
            ),
            flag_column("took_up", "took up the support", "was not referred"),
        ),
    ),
    service="support",
    rules=Rules(
        only_where=(("provider", "referred"), ("took_up", "referred")),
        filled_where=(("provider", "referred"), ("took_up", "referred")),
    ),
)
PERFORMANCE_CONVERSATIONS = Contract(
    "performance_conversations",
    "one member of staff in one month in which a conversation was due",
    ("due_id",),
    (
        Column("due_id", "id", "pseudonym of the conversation that was due"),
        Column("due_on", "date", "day on which it was due"),
        region_column("region in which the site lies"),
        Column("site_id", "id", "site: a prison or a probation delivery unit"),
        Column("setting", "category", "what the site is", allowed=("prison", "probation")),
        Column("early_adopter", "truth", "the site began before all others"),
        ethnicity_column("member of staff's own"),
        *outcomes(
            Column("held", "truth", "the conversation was held"),
            flag_column("good_rating", "was rated good or better that month", "was not rated"),
        ),
    ),
    service="performance",
)
TABLES = (JOB_APPLICATIONS, MANAGER_SCORES, SUPPORT_REFERRALS, PERFORMANCE_CONVERSATIONS)
