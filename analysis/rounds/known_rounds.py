"""What is known in one round, from disk: the cleared records of every study in the round and its
reruns, the newest of each. Notebooks and the site read it here, so that both show the same."""

from collections.abc import Iterable, Iterator, Mapping

from analysis.errors import RunError
from analysis.judgement.pointed import Looks
from analysis.paths import EXAMPLE_RECORDS, reports
from analysis.places.known import Known, KnownStudy, is_cleared
from analysis.plans.registry import EXAMPLE, AnyPlan, Source, list_plans, load_plan
from analysis.record import store
from analysis.record.record import Record
from analysis.rounds.log import entries
from analysis.rounds.looks import looks_of
from analysis.rounds.runs_found import FoundStudy, find_studies, newest
from analysis.vocabulary.regions import ALL, NATIONAL, place_set
from analysis.vocabulary.round_ids import base_round

Key = tuple[str, str, str]  # source, round, study


def known_of(source: Source, round_id: str) -> Known:
    """The cleared records of a round, of the newest rerun of each study, or the committed ones
    (`example`). RunError E348 where there are none, E310 or E311 where one is faulty."""
    if source.name == EXAMPLE:
        known = Known(source.folder, round_id, tuple(_example()))
    else:
        known = _on_disk(source.folder, round_id)
    if not known.studies:
        raise RunError(
            "E348",
            f"no cleared record of {source.name} in the round {round_id}.",
            remedy="First: workbook run",
        )
    return known


def _on_disk(source: str, round_id: str) -> Known:
    found = newest(find_studies(reports(), round_id, source=source))
    log = entries()
    looks = {one.key: looks_of(one.plan, one.key, log, reports()) for one in found}
    known = known_from(found, base_round(round_id), looks)
    return next(iter(known), Known(source, base_round(round_id), ()))


def known_from(
    studies: Iterable[FoundStudy], round_id: str, looks: Mapping[Key, Looks]
) -> tuple[Known, ...]:
    """What is known of each source of the round, in whatever rerun of it."""
    found: dict[str, list[KnownStudy]] = {}
    for study in studies:
        if study.national is not None:
            nation, own = study.national.record, looks.get(study.key, Looks())
            one = KnownStudy(study.plan, study.source, nation, study.places, own)
            found.setdefault(study.source, []).append(one)
    return tuple(Known(source, round_id, tuple(own)) for source, own in found.items())


# -- the records that are committed with the project ---------------------------------------------
def _example() -> Iterator[KnownStudy]:
    for plan in list_plans():
        files = sorted((EXAMPLE_RECORDS / plan.study).glob("*.json"))
        yield from _study(load_plan(plan.study), {f.stem: store.load(f) for f in files})


def _study(plan: AnyPlan, records: dict[str, Record]) -> Iterator[KnownStudy]:
    cleared = {place: one for place, one in records.items() if is_cleared(one)}
    national = cleared.pop(NATIONAL, None)
    if national is not None:
        order = (ALL, *place_set(plan.data.places).ids)
        yield KnownStudy(plan, EXAMPLE, national, {p: cleared[p] for p in order if p in cleared})
