"""The table of repeated staff surveys about inclusion: everyone who was asked in a wave, with the
answers of those who answered, and whether they left the service afterwards.

Waves are anonymous: the supplier joins the answers of a wave to the staff list of its day, and no
id leads from one wave to the next.
"""

from analysis.extracts.tables.contract import (
    Blind,
    Column,
    Contract,
    Rules,
    ethnicity_column,
    flag_column,
    item_column,
    outcomes,
    region_column,
)
from analysis.extracts.tables.pilots.initiative_tables import SEX

PROGRAMMES = (
    "everyday_inclusion",
    "safe_spaces",
    "reverse_mentoring",
    "mentoring",
    "reflective_supervision",
)
SERVICE_BANDS = ("under_2", "2_to_9", "10_or_more")
INCLUSION = {
    "asked_my_view": "my manager asks for my view and takes it up",
    "speak_freely": "I can say what I think without fear of what follows",
    "treated_fairly": "people here are treated fairly whatever their background",
    "left_out": "I am left out of talk that matters for my work",
}
WELLBEING = {
    "looked_forward": "in the last month I looked forward to coming to work",
    "had_energy": "in the last month I had energy left after work",
    "worn_out": "in the last month work wore me out",
    "felt_supported": "in the last month I felt supported at work",
}
# Worded the other way round: agreement is the worse answer.
REVERSED = ("left_out", "worn_out")

INCLUSION_WAVES = Contract(
    "inclusion_waves",
    "one member of staff on the list of a site on the day of a wave, all of whom were asked",
    ("asked_id",),
    (
        Column("asked_id", "id", "pseudonym of that wave alone; no id leads to another wave"),
        Column(
            "programme", "category", "the programme that the survey is about", allowed=PROGRAMMES
        ),
        region_column("probation region in which the site lies"),
        Column("site_id", "id", "site: a prison or a probation delivery unit"),
        Column("setting", "category", "what the site is", allowed=("prison", "probation")),
        Column("volunteered", "truth", "the site had asked for the programme by the first wave"),
        Column(
            "starts_on",
            "date",
            "first day of the programme at the site, planned or past",
            empty="did not ask for it",
            may_lie_ahead=True,
        ),
        Column("wave", "whole", "number of the wave, from the first", low=1, high=40),
        Column("asked_on", "date", "day of the wave"),
        ethnicity_column("member of staff's"),
        SEX,
        Column(
            "service_band",
            "category",
            "years in the service on that day",
            unit="years",
            allowed=SERVICE_BANDS,
        ),
        Column("answered", "truth", "answered the survey of that wave"),
        flag_column(
            "took_part", "had taken part in the programme by then", "no answer, or not started"
        ),
        *outcomes(
            flag_column("found_useful", "found the programme useful", "had not taken part by then"),
            *(item_column(name, statement) for name, statement in INCLUSION.items()),
            *(item_column(name, statement) for name, statement in WELLBEING.items()),
            flag_column(
                "intends_to_leave", "thinks of leaving the service within a year", "no answer"
            ),
            Column("left_on", "date", "last day in the service", empty="had not left by then"),
        ),
        Column("followed_to", "date", "the next wave, or as far as leaving is known"),
    ),
    service="inclusion",
    rules=Rules(
        only_where=(
            ("took_part", "answered"),
            ("found_useful", "took_part"),
            ("intends_to_leave", "answered"),
            *((name, "answered") for name in (*INCLUSION, *WELLBEING)),
        ),
    ),
    blind=Blind(since="asked_on", until="followed_to"),
)
TABLES = (INCLUSION_WAVES,)
