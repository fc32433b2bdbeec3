"""All places of a study set beside each other by its kind, and what the nation says of those that
are withheld whole."""

from collections.abc import Mapping

from analysis.clearing.joint import Joint
from analysis.judgement.wording.lines import not_in_line
from analysis.plans.emitted import NOT_IN
from analysis.plans.kinds import kind_of, named
from analysis.plans.study_plan import StudyPlan
from analysis.record.record import Record, RecordedCheck
from analysis.study.place_record import is_withheld
from analysis.study.public_counts import hidden_of
from analysis.vocabulary.regions import ALL, place_set


def set_together(plan: StudyPlan, exact: dict[str, Record], *, round_id: str) -> Joint:
    """Cleared records of all places and of the nation, from the exact ones: the joint step of the
    plan's kind. Where a place is withheld whole its people are in no number of the nation, which
    the nation says."""
    joint = named(kind_of(plan).beside)(plan, exact, round_id=round_id)
    withheld = _withheld(exact)
    if not withheld:
        return joint
    line = not_in_line([place_set(plan.data.places).name(place) for place in withheld])
    said = RecordedCheck(NOT_IN, None, line)
    places = {p: _with(one, said) if p == ALL else one for p, one in joint.places.items()}
    return Joint(places, _with(joint.national, said))


def _withheld(exact: Mapping[str, Record]) -> tuple[str, ...]:
    hidden = frozenset[str]().union(*map(hidden_of, exact.values()))
    return tuple(place for place in exact if is_withheld(place, hidden))


def _with(record: Record, said: RecordedCheck) -> Record:
    return record.with_(checks=(*record.checks, said))
