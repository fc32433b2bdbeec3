"""Places that the disclosure checker withholds beside what the machine withholds, by the log of
rounds. Imports nothing heavy: a batch reads it before it plans."""

from collections.abc import Iterable

from analysis.rounds.log import GIVEN_BACK, WITHHELD, Entry, entries
from analysis.vocabulary.round_ids import base_round, rerun_number


def withheld_now(key: tuple[str, str, str]) -> tuple[str, ...]:
    """Places of a study (source, round, study) that the checker withholds, by name. RunError
    E329."""
    return tuple(sorted(withheld_by(entries(), key)))


def withheld_by(log: Iterable[Entry], key: tuple[str, str, str]) -> dict[str, Entry]:
    """The entry by which each place is withheld. A rerun withholds what the round before it has
    withheld, so that the two do not differ by a place that one of them protects."""
    source, round_id, study = key
    found: dict[str, Entry] = {}
    for one in log:
        same = (one.source, one.study, base_round(one.round_id)) == (
            source,
            study,
            base_round(round_id),
        )
        if not same or rerun_number(one.round_id) > rerun_number(round_id):
            continue
        if one.step == WITHHELD:
            found[one.region] = one
        elif one.step == GIVEN_BACK:
            found.pop(one.region, None)
    return found
