"""Rule S14: nested levels stand together only where the attack knows how they hang together, and
codings that do not nest never.

A level is a coding of groups (the fine codes in the broad groups), of places (units in a place,
places in the nation) or of a further column (age bands, sexes). A whole beside its parts tells what
is withheld of one part. So that they are a whole and its parts is said to the attack wherever both
are noted, by the kind of study or, where it does not, here from their names (`held_together`). What
is still loose is not attacked, and the study is not cleared (`check_levels`, E336).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from analysis.disclosure.attack.known import OPEN, Known, Relation
from analysis.disclosure.named.names import dimensions_of
from analysis.disclosure.rules import load_rules
from analysis.errors import RunError
from analysis.plans.study_plan import StudyPlan
from analysis.vocabulary.ethnicity import CODINGS
from analysis.vocabulary.group_sets import group_sets
from analysis.vocabulary.regions import ALL

GROUPS, PLACES, UNITS, COLUMNS = "groups", "places", "units", "columns"
ALL_UNITS = "all units"  # unit: the sum of units, in which a person of two units counts twice
MOST_NAMED = 3
Dimensions = Mapping[str, str]


def coding_of(plan: StudyPlan) -> str:
    """The coding of the groups of a plan; empty for one without groups."""
    groups = getattr(plan, "groups", None)  # a list of commitments has none
    return groups.coding if groups is not None else ""


def tree_of(coding: str) -> str:
    """The tree of codings that one of groups belongs to: codings of one tree nest, and no other
    ones do. Empty for one that is not known."""
    if coding in CODINGS:
        return f"ethnicity, {CODINGS[coding].series}"
    return coding if coding in group_sets() else ""


def nest(one: str, other: str) -> bool:
    """Whether groups of two codings may stand beside each other: in one tree, or unknown."""
    return not (one and other) or tree_of(one) == tree_of(other)


@cache
def _broad(coding: str) -> Mapping[str, str]:
    """The broad group of each code and label of the finer codings of one tree."""
    finer = (one for one in CODINGS.values() if tree_of(one.id) == tree_of(coding))
    return {
        name: category.group
        for one in finer
        for category in one.categories
        for name in (category.code, category.label)
        if name != category.group
    }


def levels_above(said: Dimensions, coding: str) -> Iterator[tuple[str, Dimensions]]:
    """Each level (of what it is one: groups, places, ...) that a count with these dimensions is a
    part of, and the dimensions of its whole."""
    if (broad := _broad(coding).get(said.get("group", ""))) is not None:
        yield GROUPS, {**said, "group": broad}
    if said.get("place", ALL) != ALL and "unit" not in said:
        yield PLACES, {**said, "place": ALL}
    if said.get("unit", ALL_UNITS) != ALL_UNITS:
        yield UNITS, {name: value for name, value in said.items() if name != "unit"}
        yield UNITS, {**said, "unit": ALL_UNITS}
    columns = [part for part in said.get("by", "").split(", ") if part]
    for column in (part for part in columns if "=" in part):
        left = ", ".join(part for part in columns if part != column)
        whole = {name: value for name, value in said.items() if name != "by"}
        yield f"{COLUMNS} {column.partition('=')[0]}", whole | ({"by": left} if left else {})


def loose_levels(known: Known, coding: str) -> list[tuple[str, str, str]]:
    """(level, whole, part) of each two counts of nested levels that no relation holds together.

    Small wholes are left out: they are withheld, and equal to a sum by chance; so are parts that
    are more than the whole, exposure, which tells of nobody.
    """
    tied = _Tied.of(known)
    return [
        (level, whole, part)
        for (level, whole), parts in _nested(known, coding).items()
        if known.counts[whole].exact >= load_rules().threshold
        and sum(known.counts[part].exact for part in parts) <= known.counts[whole].exact
        for part in parts
        if not tied.together(whole, part)
    ]


def _nested(known: Known, coding: str) -> dict[tuple[str, str], list[str]]:
    """By level and whole its parts, of the counts that were noted."""
    counted = [name for name, count in known.counts.items() if count.unit != "exposure"]
    by_said = {frozenset(dimensions_of(name).items()): name for name in counted}
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in counted:
        for level, above in levels_above(dimensions_of(name), coding):
            whole = by_said.get(frozenset(above.items()))
            if whole is not None:
                found[level, whole].append(name)
    return found


@dataclass(frozen=True)
class _Tied:
    """direct: counts that stand on the two sides of one relation. made_of: of what a count is the
    sum."""

    direct: frozenset[frozenset[str]]
    made_of: Mapping[str, list[frozenset[str]]]

    @classmethod
    def of(cls, known: Known) -> "_Tied":
        direct: set[frozenset[str]] = set()
        made_of: dict[str, list[frozenset[str]]] = defaultdict(list)
        for said in known.relations:
            ones = frozenset(name for name, times in said.terms if times > 0)
            others = frozenset(name for name, times in said.terms if times < 0)
            for whole, parts in ((ones, others), (others, ones)):
                if len(whole) == 1 and parts:
                    (name,) = whole
                    direct.update(frozenset((name, part)) for part in parts)
                    made_of[name].append(parts)
        return cls(frozenset(direct), made_of)

    def together(self, whole: str, part: str) -> bool:
        """One relation holds both, or the part is made of some of what the whole is made of: two
        margins of one table."""
        if frozenset((whole, part)) in self.direct:
            return True
        own, all_of_it = self.made_of.get(part, ()), self.made_of.get(whole, ())
        return any(some <= every for some in own for every in all_of_it)


def held_together(known: Known, coding: str) -> tuple[Relation, ...]:
    """Each whole of which a part is loose is the sum of its parts, or at least that."""
    loose = dict.fromkeys((level, whole) for level, whole, _ in loose_levels(known, coding))
    nested, found = _nested(known, coding), []
    for level, whole in loose:
        parts = nested[level, whole]
        together = sum(known.counts[part].exact for part in parts)
        low = 0.0 if together == known.counts[whole].exact else -OPEN
        terms = (*((part, 1.0) for part in parts), (whole, -1.0))
        found.append(Relation(terms, low, 0.0, f"levels of {level} make up their whole"))
    return tuple(found)


def check_levels(known: Known, coding: str) -> None:
    """RunError E336 where two levels stand together and are not attacked together; names of counts,
    never a value."""
    if loose := loose_levels(known, coding):
        named = "; ".join(f"{part} in {whole}" for _, whole, part in loose[:MOST_NAMED])
        raise RunError(
            "E336",
            f"{len(loose)} counts stand beside a whole that they are a part of, and nothing says"
            f" so to the attack: {named}.",
            remedy="Say it where they are noted or in hangs_together (docs/trust.md, S14).",
        )
