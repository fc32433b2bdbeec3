"""Does the section `counts` of a monitor fit its measures, groups, places and characteristics?
Otherwise ValueError.

A plan with this section has its own columns: it is held against itself here, and against no
contract.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from analysis.plans.agreement.group_checks import check_ethnic, check_known
from analysis.plans.counts import NOT_KNOWN, NOT_MAPPED, Counts, Fixed, WideColumn
from analysis.vocabulary.ethnicity import groups_of
from analysis.vocabulary.regions import place_set

if TYPE_CHECKING:
    from analysis.plans.monitor import Monitor

SOURCE = "counts"


def check_counts(plan: "Monitor") -> None:
    """ValueError for the first thing that does not fit."""
    if plan.counts is None:
        if SOURCE in plan.data.sources:
            raise ValueError(
                "counts: is missing; say where the numbers of the table stand (docs/counts.md)"
            )
        check_ethnic(plan.groups)
        return
    if set(plan.data.sources) != {SOURCE}:
        raise ValueError(
            f"data › sources: a plan with `counts` reads a table of counts; write [{SOURCE}]"
        )
    if not plan.data.also_all:
        raise ValueError(
            "data › also_all: write true; the page of all places is made from the whole table"
        )
    _check_dimensions(plan, plan.counts)
    _check_labels(plan, plan.counts)
    _check_characteristics(plan, plan.counts)
    _check_measures(plan, plan.counts)


def _check_dimensions(plan: "Monitor", counts: Counts) -> None:
    """Every number of the table is of one measure, group, place and period."""
    ids = [m.id for m in plan.measures]
    needed = ["group", "period"]
    needed += ["measure"] if len(ids) > 1 else []
    needed += ["place"] if place_set(plan.data.places).ids else []
    for name in needed:
        in_wide = bool(counts.wide) and all(getattr(one, name) for one in counts.wide)
        if not (counts.columns.of(name) or getattr(counts.fixed, name) or in_wide):
            raise ValueError(
                f"counts: nothing says of which {name} a number is; name a column, or write `fixed`"
            )
    named: list[tuple[str, WideColumn | Fixed]] = [
        *((f"counts › wide › {one.column!s}", one) for one in counts.wide),
        ("counts › fixed", counts.fixed),
    ]
    for where, one in named:
        check_known(f"{where} › measure", _given(one.measure), ids)
        check_known(f"{where} › group", _given(one.group), _targets(plan))
        check_known(f"{where} › place", _given(one.place), place_set(plan.data.places).ids)


def _given(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _targets(plan: "Monitor") -> tuple[str, ...]:
    return (*groups_of(plan.groups.coding), NOT_KNOWN, NOT_MAPPED)


def _check_labels(plan: "Monitor", counts: Counts) -> None:
    labels, places = counts.labels, place_set(plan.data.places).ids
    _check_targets("measure", labels.measure.values(), [m.id for m in plan.measures])
    _check_targets("group", labels.group.values(), _targets(plan))
    _check_targets("place", labels.place.values(), places)


def _check_targets(name: str, found: Iterable[str], valid: Iterable[str]) -> None:
    check_known(f"counts › labels › {name}", found, valid)


def _check_characteristics(plan: "Monitor", counts: Counts) -> None:
    """What is allowed for, and the units, are columns of the table."""
    valid = counts.strata or ("none: the table has no `strata`",)
    allowed = (*plan.adjust_for.outside, *plan.adjust_for.service_decided)
    check_known("adjust_for", [name for name in allowed if name not in counts.strata], valid)
    if plan.units is not None:
        check_known(
            "units › column", [c for c in [plan.units.column] if c not in counts.strata], valid
        )
        if plan.units.rounds != 1:
            raise ValueError(
                "units › rounds: a table of counts cannot tell one person in two rounds; write 1"
            )


def _check_measures(plan: "Monitor", counts: Counts) -> None:
    for measure in plan.measures:
        where = f"measures › {measure.id}"
        if (measure.count, measure.of) != ("events", "base"):
            raise ValueError(f"{where}: in a table of counts `count` is events and `of` is base")
        for name in ("table", "unknown_column"):
            if getattr(measure, name) is not None:
                raise ValueError(f"{where}: `{name}` is for records, not for a table of counts")
        if measure.of_days or measure.repeats == "person":
            raise ValueError(
                f"{where}: a table of counts knows no days and no persons; write `repeats: unknown`"
            )
        kinds = {one.value for one in counts.value_columns}
        if measure.kind == "rate" and kinds & {"percent", "others"}:
            raise ValueError(
                f"{where}: a rate is events over `base`; percentages and `others` are of a share"
            )
    if plan.groups.national_only or (plan.groups.second_reference is not None):
        raise ValueError(
            "groups: a table of counts has no finer codes; leave out second_reference and"
            " national_only"
        )
