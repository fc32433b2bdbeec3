"""Tables of accredited programmes: people found suitable for one, and the offences of each of them
after the index date.

Proven reoffending is worked out from the second table (extracts/frames/reoffending.py), and never
delivered ready made: which offences count is a rule of the measure and not of a supplier.
"""

from analysis.extracts.tables.contract import (
    LICENCE,
    ORDERS,
    Blind,
    Column,
    Contract,
    Rules,
    ethnicity_column,
    outcomes,
    region_column,
)

PROGRAMMES = ("thinking_skills", "better_relationships", "culturally_adapted")
PROOFS = ("conviction", "caution")
AGE_BANDS = ("18-24", "25-34", "35-49", "50+")
PERSON = Column("person_id", "id", "pseudonym of the person; no police, court or prison number")
PROGRAMME_COHORT = Contract(
    "programme_cohort",
    "one person found suitable for an accredited programme, once",
    ("person_id",),
    (
        PERSON,
        region_column("probation region of the person at the index date; later moves do not count"),
        Column(
            "programme",
            "category",
            "programme that the person was found suitable for",
            allowed=PROGRAMMES,
        ),
        Column("indexed_on", "date", "index date: start of the community order, or release"),
        Column("followed_to", "date", "last day for which offences and convictions are known"),
        Column("started", "truth", "came to at least one session of the programme"),
        Column("completed", "truth", "completed the programme"),
        ethnicity_column("person's"),
        Column("sex", "category", "sex as recorded", allowed=("female", "male")),
        Column("age_band", "category", "age at the index date", unit="years", allowed=AGE_BANDS),
        Column(
            "sentence_type",
            "category",
            "sentence at the index date",
            allowed=(*ORDERS, *LICENCE),
        ),
        Column(
            "risk_score",
            "number",
            "predicted chance of reoffending at the index date, by the service's own tool",
            unit="percent",
            low=0,
            high=100,
            empty="not assessed before the index date",
        ),
        Column(
            "previous_convictions",
            "whole",
            "convictions and cautions before the index date",
            unit="convictions",
            low=0,
            high=300,
        ),
        Column("drug_need", "truth", "drug misuse linked to offending, assessed before"),
        Column("alcohol_need", "truth", "alcohol misuse linked to offending, assessed before"),
    ),
    service="programmes",
    rules=Rules(only_where=(("completed", "started"),)),
)
OFFENCES = Contract(
    "offences",
    "one offence, or breach, of a person of the cohort after the index date",
    ("offence_id",),
    outcomes(
        Column("offence_id", "id", "pseudonym of the offence; no crime or court number"),
        PERSON,
        region_column("region of the person at the index date, wherever it was committed"),
        Column("offended_on", "date", "day of the offence or breach"),
        Column(
            "proven_on",
            "date",
            "day of the conviction or caution",
            empty="not proven by the day of the extract",
        ),
        Column(
            "proven_by",
            "category",
            "how it was proven",
            allowed=PROOFS,
            empty="not proven by the day of the extract",
        ),
        Column("is_breach", "truth", "a breach of an order or licence, and no new offence"),
    ),
    links=(("person_id", "programme_cohort"),),
    service="programmes",
    rules=Rules(
        only_where=(("proven_by", "proven_on"),),
        filled_where=(("proven_by", "proven_on"),),
    ),
    blind=Blind(since="indexed_on", until="followed_to", owner="programme_cohort"),
)
TABLES = (PROGRAMME_COHORT, OFFENCES)
