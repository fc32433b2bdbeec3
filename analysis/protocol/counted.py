"""People counted in tables without outcomes: in fives, and small counts withheld."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.disclosure.rules import Rules, is_small, load_rules, round_to_base
from analysis.errors import ParameterError
from analysis.plans.kinds import kind_of, kinds, named
from analysis.plans.plan import Plan
from analysis.plans.registry import EXAMPLE, Source
from analysis.protocol.formulas import Sizes
from analysis.protocol.planned import planned_of
from analysis.protocol.sample import ByGroup, Sample, assembled, example_sample, primaries
from analysis.study.opening import opened_without_outcomes
from analysis.vocabulary.ethnicity import CODINGS
from analysis.vocabulary.regions import ALL, place_set

Groups = dict[str, ByGroup]


def sample_from(plan: Plan, source: Source) -> Sample:
    """The people of a source: of committed records, or counted in its tables. RunError E348;
    ParameterError E270, E288."""
    return example_sample(plan) if source.name == EXAMPLE else counted_sample(plan, source)


def counted_sample(plan: Plan, source: Source) -> Sample:
    """People of a source of tables, none of whom is lost yet. ParameterError E288 for a kind of
    study that has not said how they are counted; E270 for a source without tables of persons."""
    kind = kind_of(plan)
    if not kind.sampled:
        able = ", ".join(one.id for one in kinds().values() if one.sampled)
        raise ParameterError(
            "E288",
            f"people of {plan.study} can be counted in example records alone.",
            remedy=f"Write example. Kinds of study that can be counted in tables: {able}.",
        )
    opened, rules = opened_without_outcomes(plan, ALL, source), load_rules()
    people = {o.id: named(kind.sampled)(plan, o, opened) for o in primaries(plan)}
    at = {
        place: {o: frame[frame["region"] == place] for o, frame in people.items()}
        for place in place_set(plan.data.places).ids
    }
    made = assembled(
        plan,
        nation=_known({o: sizes_of(plan, frame, rules) for o, frame in people.items()}),
        places={
            place: _known({o: sizes_of(plan, frame, rules) for o, frame in of.items()})
            for place, of in at.items()
        },
        groups=_groups(plan, people, rules),
        place_groups={place: _groups(plan, of, rules) for place, of in at.items()},
        there={place: _people(of[plan.leading], rules) for place, of in at.items()},
    )
    return replace(made, lost=True)


def _known(sizes: dict[str, Sizes | None]) -> dict[str, Sizes]:
    return {outcome: one for outcome, one in sizes.items() if one is not None}


def _groups(plan: Plan, people: dict[str, pd.DataFrame], rules: Rules) -> Groups:
    """Each ethnic group by itself, in the order of the coding."""
    return {
        outcome: {
            group: sizes_of(plan, frame[frame["ethnic_group"] == group], rules)
            for group in CODINGS[plan.groups.coding].groups
        }
        for outcome, frame in people.items()
    }


def sizes_of(plan: Plan, frame: pd.DataFrame, rules: Rules) -> Sizes | None:
    """People and clusters of both sides in fives; None where a side is too small to be shown."""
    with_it = frame["with_it"].to_numpy(dtype=bool)
    sides = int(with_it.sum()), int((~with_it).sum())
    if any(is_small(people, rules) for people in sides):
        return None
    base = rules.rounding_base.value
    crossing = planned_of(plan) == "dyads"
    people = (sum(sides), sides[0])
    units = _clusters(frame["cluster"], with_it, crossing=crossing)
    everybody, ours, theirs, others = (float(round_to_base(n, base)) for n in (*people, *units))
    return Sizes(everybody, ours, theirs, others)


def _clusters(clusters: pd.Series, with_it: np.ndarray, *, crossing: bool) -> tuple[int, int]:
    """Clusters that ever have the programme, and those that never have; where one can hold people
    of both sides (practitioners), those with people on either."""
    ever, other = set(clusters[with_it]), set(clusters[~with_it])
    if ever | other <= {""}:
        return 0, 0
    return len(ever), len(other if crossing else other - ever)


def _people(frame: pd.DataFrame, rules: Rules) -> int | None:
    people = len(frame)
    return None if is_small(people, rules) else round_to_base(people, rules.rounding_base.value)
