"""Tables of what an action put out: staff in post with what they took up, and events by site and
month. One extract may hold several actions, each row belongs to one."""

from analysis.extracts.tables.contract import (
    Column,
    Contract,
    Rules,
    ethnicity_column,
    region_column,
)
from analysis.extracts.tables.monitoring_tables import PERSON

ACTIONS = ("race_allyship", "hate_crime_resource_pack", "culture_events")
SITE_KINDS = ("prison", "probation_unit", "court_team", "office")
OCCASIONS = ("allyship_session", "briefing", "heritage_event", "culture_day")
# chosen: a pack that is opened twice on every working day of a year
USES = 520
# chosen: more events of one kind than a site has days in a month
EVENTS = 31
STAFF = 5000  # chosen: more staff than ever came to the events of one site in a month

ACTION = Column("action", "category", "action that it belongs to", allowed=ACTIONS)
SITE = Column("site_id", "id", "site of the member of staff, or of the event")
SITE_KIND = Column("site_kind", "category", "kind of site", allowed=SITE_KINDS)


def _yes(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="1 yes, 0 no", low=0, high=1)


def _events(name: str, meaning: str) -> Column:
    return Column(name, "whole", meaning, unit="events", low=0, high=EVENTS)


OUTPUT_STAFF = Contract(
    "output_staff",
    "one member of staff who was in post at any time of the period, for one action",
    ("action", "person_id"),
    (
        ACTION,
        PERSON,
        region_column("region of the site"),
        SITE,
        SITE_KIND,
        ethnicity_column("member of staff's"),
        _yes("in_post", "in post on the last day of the period; 0: had left"),
        Column(
            "entries",
            "whole",
            "times the person stands in the register: signed up, or was sent the pack",
            unit="entries",
            low=0,
            high=9,
        ),
        Column(
            "uses",
            "whole",
            "times the person came to an event, or opened the pack",
            unit="times",
            low=0,
            high=USES,
        ),
        _yes("used", "the person recorded that they used the pack in a case"),
    ),
    service="outputs",
    rules=Rules(parts=((("used",), "uses"),)),
)
OUTPUT_EVENTS = Contract(
    "output_events",
    "one kind of event at one site in one month of an action",
    ("action", "site_id", "month", "occasion"),
    (
        ACTION,
        SITE,
        region_column("region of the site"),
        SITE_KIND,
        Column("month", "date", "first day of the month"),
        Column("occasion", "category", "kind of event", allowed=OCCASIONS),
        _events("planned", "events that were planned and announced to staff"),
        _events("held", "of them, events that took place"),
        Column(
            "attendances",
            "whole",
            "attendances counted at the door: one person may be counted at several events",
            unit="attendances",
            low=0,
            high=STAFF,
        ),
    ),
    service="outputs",
    rules=Rules(parts=((("held",), "planned"),), at_risk=(("attendances", "held"),)),
)
TABLES = (OUTPUT_STAFF, OUTPUT_EVENTS)
