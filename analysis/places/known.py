"""What is known in one round: the cleared records of every study of one source, those of real
people apart from those of the synthetic nation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.errors import ParameterError, RunError
from analysis.judgement.pointed import Looks
from analysis.plans.registry import AnyPlan
from analysis.record.record import Record
from analysis.sections.page.block import page_of
from analysis.vocabulary.regions import ALL, did_you_mean, place_set, place_sets

# Sorts of data, in the order of every page, with their headings: never added up.
REAL, EXAMPLES, SYNTHETIC = "real", "examples", "synthetic"
SORTS = {
    REAL: "Real data",
    EXAMPLES: "Worked examples: published tables of other bodies",
    SYNTHETIC: "Synthetic data: not real people",
}


# The places of the service are these, and those of sets that hold them (groups of prisons); where
# the file of places has no such set, all places are.
REGIONS = "probation_regions"


@dataclass(frozen=True, eq=False)
class KnownStudy:
    """One study of the round: its plan, the folder of its source, the nation's cleared record, and
    those of its places by their id (`all`: all of them at once). looks: those that its rule for
    decisions has had before."""

    plan: AnyPlan
    source: str
    national: Record
    places: Mapping[str, Record]
    looks: Looks = field(default_factory=Looks)

    @property
    def sort(self) -> str:
        """The sort of its data: an example never counts among what is known of the service."""
        return sort_of(self.plan, (self.national, *self.places.values()))

    @property
    def regions(self) -> Mapping[str, Record]:
        """Its places without the analysis of all of them at once."""
        return {place: one for place, one in self.places.items() if place != ALL}


def sort_of(plan: AnyPlan, records: tuple[Record, ...]) -> str:
    """Real, worked example or synthetic."""
    if any(record.synthetic for record in records):
        return SYNTHETIC
    return EXAMPLES if plan.worked_example else REAL


@dataclass(frozen=True, eq=False)
class Known:
    """Every study of one source in one round."""

    source: str
    round_id: str
    studies: tuple[KnownStudy, ...]

    def places(self) -> dict[str, str]:
        """Places with a page of their own, name by id: first the regions, then the others."""
        with_page = {place for study in self.studies if has_places(study) for place in study.places}
        found = {
            place.id: place.name
            for one in place_sets().values()
            for place in one.places
            if place.id in with_page
        }
        return found

    def of_place(self, place: str) -> tuple[KnownStudy, ...]:
        """Studies that have a cleared record of the place. RunError E347 where records of real
        people and of the synthetic nation would stand on one page."""
        found = tuple(one for one in self.studies if has_places(one) and place in one.places)
        if len({study.sort for study in found}) > 1:
            raise RunError(
                "E347",
                f"real and synthetic records of {place} are in one source of one round.",
                remedy="Keep them in rounds of their own: they are never shown together.",
            )
        return found


def has_places(study: KnownStudy) -> bool:
    """Whether its places have pages of their own."""
    return plan_has_places(study.plan)


def plan_has_places(plan: AnyPlan) -> bool:
    """Whether the places of a plan have pages of their own: those of the service have, and not the
    kinds of school of another body's experiment, nor a worked example."""
    if plan.worked_example or page_of(plan).here is None:
        return False
    regions = place_sets().get(REGIONS)
    own = place_set(plan.data.places).ids
    return bool(own) and (regions is None or bool(set(own) & set(regions.ids)))


def is_cleared(record: Record) -> bool:
    """Set beside the other places: it has a statement, and nothing exact is left in it."""
    exact = any(row.is_exact for row in record.rows)
    return record.cleared and record.statement is not None and not exact


def check_known_place(known: Known, place: str) -> str:
    """The place, if the round has a page for it; else ParameterError E212."""
    valid = known.places()
    if place not in valid:
        named = place if place.replace("_", "").isalnum() and len(place) < 60 else "that was given"
        text = f"there is no place `{named}` in the round {known.round_id} of {known.source}."
        raise ParameterError("E212", text, remedy=did_you_mean(place[:60], tuple(valid)))
    return place
