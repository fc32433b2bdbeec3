"""A monitor, or a list of commitments, held against the tables that it counts: see
plans/agreement/agrees.py."""

from collections.abc import Iterable, Mapping, Sequence

from analysis.plans.action_plan import ActionPlan
from analysis.plans.agreement.disagreement import (
    NO_SUCH_TABLE,
    WRONG_KIND,
    Disagreement,
    KeyPath,
    not_worked_out,
    raise_first,
    unknown,
)
from analysis.plans.agreement.offered import DAYS, OfferedColumn, OfferedCounts
from analysis.plans.monitor import Measure, Monitor
from analysis.vocabulary.regions import did_you_mean

# Notebooks that set shares beside benchmarks, and the columns that they count for it.
SHARES = {
    "workforce": ("people", "grade"),
    "ethnicity_recording": ("people", "setting", "declared", "traveller_declared"),
}


def check_monitor(plan: Monitor, offered: OfferedCounts) -> None:
    """Raise the first place where a monitor counts what is not there. PlanError E209, E237, E238,
    E240, E241."""
    raise_first(plan, monitor_disagreements(plan, offered))


def check_action_plan(plan: ActionPlan, offered: Mapping[str, Sequence[str]]) -> None:
    """Raise where a list of commitments names a table that is not there, or params/documents.yml a
    document that has no row in it.

    `offered`: documents of each table of data/reference. PlanError E237, E240.
    """
    if plan.table not in offered:
        text = f"there is no table `{plan.table}` of commitments in data/reference."
        remedy = did_you_mean(plan.table, offered)
        raise Disagreement(NO_SUCH_TABLE, ("table",), text, remedy).error(plan)
    held, where = offered[plan.table], f"{plan.table}.csv"
    raise_first(plan, unknown(plan.documents, held, ("table",), where))


def monitor_disagreements(plan: Monitor, offered: OfferedCounts) -> Iterable[Disagreement]:
    """Every place where a monitor and `offered` part, in the order of the plan."""
    yield from unknown([plan.groups.coding], [offered.coding], ("groups", "coding"), "the tables")
    if plan.table in offered.published:
        yield from _of_published(plan, offered.published[plan.table])
        return
    if plan.table not in offered.tables:
        text = f"there is no table `{plan.table}` that rows are counted in."
        known = (*offered.tables, *offered.published)
        yield Disagreement(NO_SUCH_TABLE, ("table",), text, did_you_mean(plan.table, known))
        return
    own = offered.services[plan.table]
    beside = [name for name in offered.tables if offered.services[name] == own]
    for number, measure in enumerate(plan.measures):
        where = ("measures", number)
        if measure.table is not None and measure.table not in beside:
            text = f"`{measure.table}` is no table of {own} in which rows are counted."
            yield Disagreement(
                NO_SUCH_TABLE, (*where, "table"), text, did_you_mean(measure.table, beside)
            )
        else:
            yield from _of_measure(measure, where, offered.tables[measure.table or plan.table])
    yield from _of_every_table(plan, [offered.tables[t] for t in plan.tables if t in beside])
    yield from _of_series(plan, offered)
    yield from _of_notebook(plan, offered)


def _of_series(plan: Monitor, offered: OfferedCounts) -> Iterable[Disagreement]:
    """A series is of a table of the same service by month, and of its columns of whole numbers."""
    series, own = plan.series, offered.services[plan.table]
    if series is None:
        return
    beside = [name for name in offered.months if offered.services[name] == own]
    if series.table not in beside:
        text = f"`{series.table}` is no table of {own} by month."
        remedy = did_you_mean(series.table, beside)
        yield Disagreement(NO_SUCH_TABLE, ("series", "table"), text, remedy)
        return
    counts = [name for name, column in offered.months[series.table].items() if column.is_count]
    for key in ("count", "people_count", "of"):
        yield from unknown([getattr(series, key)], counts, ("series", key), series.table)


def _of_measure(
    measure: Measure, where: KeyPath, columns: Mapping[str, OfferedColumn]
) -> Iterable[Disagreement]:
    """Events, what they are counted over and what is not recorded are counts; of a share, 0 or 1
    for a person."""
    share = measure.kind == "share"
    counts = [name for name, c in columns.items() if (c.is_yes_or_no if share else c.is_count)]
    what = "0 or 1" if share else "a whole number"
    for key in ("count", "of", "unknown_column"):
        name, path = getattr(measure, key), (*where, key)
        if name is None:
            continue
        if name not in columns:
            yield from unknown([name], counts, path, f"the table of `{measure.id}`")
        elif name not in counts:
            text = f"`{name}` is not {what}, as a {measure.kind} needs."
            yield Disagreement(WRONG_KIND, path, text, f"Valid: {', '.join(counts)}.")
    yield from _of_base(measure, where, columns)


def _of_base(
    measure: Measure, where: KeyPath, columns: Mapping[str, OfferedColumn]
) -> Iterable[Disagreement]:
    """Events are not what they are counted over, and days are printed by the month, other bases as
    they are."""
    if measure.count == measure.of:
        text = f"`{measure.of}` is counted over itself."
        yield Disagreement(WRONG_KIND, (*where, "of"), text, "Name those at risk.")
    base = columns.get(measure.of)
    if base is not None and (base.unit == DAYS) != measure.of_days:
        written = "days" if base.unit == DAYS else "no days"
        text = f"`{measure.of}` counts {written}."
        remedy = f"Write `of_days: {str(base.unit == DAYS).lower()}`."
        yield Disagreement(WRONG_KIND, (*where, "of_days"), text, remedy)


def _of_every_table(plan: Monitor, tables: Sequence[Mapping]) -> Iterable[Disagreement]:
    """Characteristics and units are columns of every table that is counted in."""

    def in_all(kind: str) -> list[str]:
        first = tables[0].items()
        return [
            n for n, c in first if c.kind == kind and not c.is_key and all(n in t for t in tables)
        ]

    where = "every table that the plan counts in"
    for key in ("outside", "service_decided"):
        names = getattr(plan.adjust_for, key)
        yield from unknown(names, in_all("category"), ("adjust_for", key), where)
    if plan.units is not None:
        yield from unknown([plan.units.column], in_all("id"), ("units", "column"), where)


def _of_notebook(plan: Monitor, offered: OfferedCounts) -> Iterable[Disagreement]:
    """Shares beside benchmarks are worked out by two notebooks alone, from columns of their own."""
    needs = SHARES.get(plan.notebook, ())
    for key in ("representation", "published_shares"):
        if getattr(plan, key) and not needs:
            text = f"the notebook `{plan.notebook}` does not work it out."
            yield not_worked_out((key,), text)
    if not set(needs) <= set(offered.tables[plan.table]):
        able = [name for name, columns in offered.tables.items() if set(needs) <= set(columns)]
        text = f"the notebook `{plan.notebook}` counts the columns {', '.join(needs)}."
        yield Disagreement(NO_SUCH_TABLE, ("table",), text, f"Valid: {', '.join(able)}.")


def _of_published(plan: Monitor, measures: Sequence[str]) -> Iterable[Disagreement]:
    """Published counts hold events and a base by measure, period and group, and nothing else."""
    for number, measure in enumerate(plan.measures):
        where = ("measures", number)
        yield from unknown([measure.id], measures, (*where, "id"), f"{plan.table}.csv")
        for key, column in (("count", "events"), ("of", "base")):
            yield from unknown(
                [getattr(measure, key)], [column], (*where, key), f"{plan.table}.csv"
            )
        for key in ("table", "unknown_column", "of_days"):
            if getattr(measure, key):
                yield not_worked_out(
                    (*where, key), f"{plan.table}.csv holds published counts only."
                )
    finer = ("groups", "second_reference"), ("groups", "national_only")
    for path in (("adjust_for", "outside"), ("adjust_for", "service_decided"), ("units",), *finer):
        asked = plan
        for key in path:
            asked = getattr(asked, key)
        if asked:
            yield not_worked_out(path, f"{plan.table}.csv holds published counts only.")
