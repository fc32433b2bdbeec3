"""All places of a monitor cleared together: each record gets its statement, the nation that of all
places at once.

Verdicts share an error rate with the comparisons of their own page, so that no place waits for
another. All counts are rounded to 5 by themselves and small ones withheld, which is how a monitor
keeps places and nation apart (rule S4). What is drawn towards the other places rests on the cleared
rows alone.
"""

from analysis.clearing.joint import Joint
from analysis.plans.monitor import Monitor
from analysis.record import store
from analysis.record.record import Record
from analysis.studies.disparity.pooled import with_shrunken
from analysis.studies.disparity.protected.flow import flow_of
from analysis.studies.disparity.shown.words import statement
from analysis.study.place_record import is_withheld, withheld_record
from analysis.study.public_counts import hidden_of, record_is_public
from analysis.vocabulary.regions import ALL, NATIONAL


def set_monitor_beside(plan: Monitor, exact: dict[str, Record], *, round_id: str) -> Joint:
    """Cleared records of all places and of the nation."""
    cleared = {place: _cleared(plan, record, round_id) for place, record in exact.items()}
    places = {
        place: store.validate(record) for place, record in with_shrunken(plan, cleared).items()
    }
    whole = places[ALL].with_(region=NATIONAL)
    return Joint(places, whole.with_(statement=statement(plan, whole)))


def _cleared(plan: Monitor, record: Record, round_id: str) -> Record:
    if is_withheld(record.region, hidden_of(record)):
        record = withheld_record(record)
        said = statement(plan, record)
        return record.with_(cleared=True, round=round_id, statement=said)
    people = {"n_in": record.n_in, "n_used": record.n_used, "excluded": record.excluded}
    flow = flow_of(
        plan,
        record.region,
        people,
        public=record_is_public(plan, record),
        hidden=hidden_of(record),
    )
    said = statement(plan, record)
    return record.with_(cleared=True, round=round_id, statement=said, **flow)
