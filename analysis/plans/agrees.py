"""A plan held against what is to be worked out from it: every name in it must be one that the data and the kind have.

Asked before a kernel starts (runs/planning.py), when a study is opened, and of every plan by a test. What a name can be
comes from the contracts (studies/offers.py). A name that nothing has would be a KeyError in a kernel, or words on a page
about something that was never computed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.errors import PlanError
from analysis.plans.action_plan import ActionPlan
from analysis.plans.monitor import Monitor
from analysis.plans.offered import DAYS, OfferedCounts, OfferedOutcome, OfferedPilot
from analysis.plans.plan import Outcome, Plan
from analysis.plans.registry import plan_files
from analysis.plans.study_plan import StudyPlan
from analysis.vocabulary.regions import did_you_mean
from analysis.vocabulary.yaml_file import load_yaml

NO_SUCH_NAME, WRONG_KIND, NO_SUCH_FACT = "E237", "E238", "E239"
NO_SUCH_TABLE, NOT_WORKED_OUT = "E240", "E241"
NO_SUCH_CHARACTERISTIC = "E209"  # the code that a characteristic without a column has always had
IN_POST = ("people", "grade")  # columns that the pages on who is in post count
WORKFORCE = "workforce"  # their notebook

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Disagreement:
    """One place where a plan and the computation part: where in the file, which rule, what to do."""

    code: str
    where: KeyPath
    text: str
    remedy: str

    def error(self, plan: StudyPlan) -> PlanError:
        """As it is raised: file, line, key, rule and remedy."""
        path = plan_files().get(plan.study)
        line = f", line {load_yaml(path).line(self.where)}" if path else ""
        keys = " › ".join(str(part) for part in self.where)
        return PlanError(self.code, f"{plan.study}.yml{line}: {keys}: {self.text}", remedy=self.remedy)


def check_pilot(plan: Plan, offered: OfferedPilot) -> None:
    """Raise the first place where a pilot asks for what is not there. PlanError E209, E237 to E239, E241."""
    _raise_first(plan, pilot_disagreements(plan, offered))


def check_monitor(plan: Monitor, offered: OfferedCounts) -> None:
    """Raise the first place where a monitor counts what is not there. PlanError E209, E237, E238, E240, E241."""
    _raise_first(plan, monitor_disagreements(plan, offered))


def check_action_plan(plan: ActionPlan, offered: Mapping[str, Sequence[str]]) -> None:
    """Raise where a list of commitments names a table or a document that is not there.

    `offered`: documents of each table of data/reference. PlanError E237, E240.
    """
    if plan.table not in offered:
        text = f"there is no table `{plan.table}` of commitments in data/reference."
        remedy = did_you_mean(plan.table, offered)
        raise Disagreement(NO_SUCH_TABLE, ("table",), text, remedy).error(plan)
    held, where = offered[plan.table], f"{plan.table}.csv"
    _raise_first(plan, _unknown(plan.documents, held, ("documents",), where))


def _raise_first(plan: StudyPlan, found: Iterable[Disagreement]) -> None:
    first = next(iter(found), None)
    if first is not None:
        raise first.error(plan)


# -- pilots -------------------------------------------------------------------------------------------------------
def pilot_disagreements(plan: Plan, offered: OfferedPilot) -> Iterable[Disagreement]:
    """Every place where a pilot and `offered` part, in the order of the plan."""
    for number, outcome in enumerate(plan.outcomes):
        if outcome.not_measured is None:
            yield from _of_outcome(outcome, ("outcomes", number), offered)
    for key in ("outside", "service_decided"):
        names = getattr(plan.adjust_for, key)
        yield from _unknown(names, offered.covariates, ("adjust_for", key), offered.data)
    yield from _unknown([plan.groups.coding], [offered.coding], ("groups", "coding"), offered.data)
    yield from _of_exposure(plan, offered)
    if offered.programmes:
        programme = plan.data.programme or plan.study
        yield from _unknown([programme], offered.programmes, ("data", "programme"), offered.data)
    elif plan.data.programme is not None:
        yield _not_worked_out(("data", "programme"), f"{offered.data} hold one pilot only.")
    if plan.comparison.arms or plan.comparison.waiting:
        yield from _unknown(plan.comparison.arms, offered.arms, ("comparison", "arms"), offered.data)


def _of_exposure(plan: Plan, offered: OfferedPilot) -> Iterable[Disagreement]:
    if plan.exposure is None:
        return
    where = ("exposure", "match_on")
    yield from _unknown([plan.exposure.match_on], [offered.coding], where, offered.data)
    named = plan.exposure.stratum is not None
    if named and not offered.stratum:
        text = f"{offered.data} have no stratum beside office and period."
        yield _not_worked_out(("exposure", "stratum"), text)
    if offered.stratum and not named:
        text = f"{offered.data} hold a stratum alike beside office and period, and the plan does not say so."
        yield Disagreement(NOT_WORKED_OUT, ("exposure",), text, "Write in `stratum` what it is.")


def _of_outcome(outcome: Outcome, where: KeyPath, offered: OfferedPilot) -> Iterable[Disagreement]:
    """An outcome or a fact is one that is worked out, of its kind and on its scale."""
    fact = outcome.role == "fact"
    known = offered.facts if fact else offered.outcomes
    if outcome.id not in known:
        code, what = (NO_SUCH_FACT, "fact") if fact else (NO_SUCH_NAME, "outcome")
        text = f"no {what} `{outcome.id}` can be worked out from {offered.data}."
        yield Disagreement(code, (*where, "id"), text, did_you_mean(outcome.id, known))
        return
    yield from _of_kind(outcome, where, known[outcome.id])


def _of_kind(outcome: Outcome, where: KeyPath, own: OfferedOutcome) -> Iterable[Disagreement]:
    if outcome.kind != own.kind:
        text = f"`{outcome.id}` is worked out as {own.kind}, and not as {outcome.kind}."
        yield Disagreement(WRONG_KIND, (*where, "kind"), text, f"Write `kind: {own.kind}`.")
    elif outcome.scale is not None and outcome.scale != own.scale:
        ends = "no scale" if own.scale is None else f"the scale [{own.scale[0]:g}, {own.scale[1]:g}]"
        text = f"`{outcome.id}` has {ends} in the data."
        yield Disagreement(WRONG_KIND, (*where, "scale"), text, "Write the scale of the data.")
    if outcome.before and not own.before:
        text = f"`{outcome.id}` was not measured before the start."
        yield _not_worked_out((*where, "before"), text)
    if outcome.survey != own.survey:
        answered = "is answered by some only" if own.survey else "is no answer to a survey"
        text = f"`{outcome.id}` {answered}."
        remedy = f"Write `survey: {str(own.survey).lower()}`."
        yield Disagreement(WRONG_KIND, (*where, "survey"), text, remedy)
    if outcome.only_groups and not own.groups:
        text = f"`{outcome.id}` is worked out on everyone, and on each group beside."
        yield _not_worked_out((*where, "only_groups"), text)
    yield from _of_competing(outcome, (*where, "competing"), own)


def _of_competing(outcome: Outcome, where: KeyPath, own: OfferedOutcome) -> Iterable[Disagreement]:
    """Every way to leave is the event or a competing one."""
    yield from _unknown(outcome.competing, own.other_ways, where, "the ways to leave in the data")
    missing = [way for way in own.other_ways if way not in outcome.competing]
    if missing and all(way in own.other_ways for way in outcome.competing):
        text = f"`{missing[0]}` is another way to leave, and the plan does not name it."
        yield Disagreement(NOT_WORKED_OUT, where, text, f"Write [{', '.join(own.other_ways)}].")


# -- monitors -----------------------------------------------------------------------------------------------------
def monitor_disagreements(plan: Monitor, offered: OfferedCounts) -> Iterable[Disagreement]:
    """Every place where a monitor and `offered` part, in the order of the plan."""
    yield from _unknown([plan.groups.coding], [offered.coding], ("groups", "coding"), "the tables")
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
            yield Disagreement(NO_SUCH_TABLE, (*where, "table"), text, did_you_mean(measure.table, beside))
        else:
            yield from _of_measure(measure, where, offered.tables[measure.table or plan.table])
    yield from _of_every_table(plan, [offered.tables[t] for t in plan.tables if t in beside])
    yield from _of_notebook(plan, offered)


def _of_measure(measure, where: KeyPath, columns: Mapping) -> Iterable[Disagreement]:
    """Events, what they are counted over and what is not recorded are counts; of a share, 0 or 1 for a person."""
    share = measure.kind == "share"
    counts = [name for name, c in columns.items() if (c.is_yes_or_no if share else c.is_count)]
    what = "0 or 1" if share else "a whole number"
    for key in ("count", "of", "unknown_column"):
        name, path = getattr(measure, key), (*where, key)
        if name is None:
            continue
        if name not in columns:
            yield from _unknown([name], counts, path, f"the table of `{measure.id}`")
        elif name not in counts:
            text = f"`{name}` is not {what}, as a {measure.kind} needs."
            yield Disagreement(WRONG_KIND, path, text, f"Valid: {', '.join(counts)}.")
    yield from _of_base(measure, where, columns)


def _of_base(measure, where: KeyPath, columns: Mapping) -> Iterable[Disagreement]:
    """Events are not what they are counted over, and days are printed by the month, other bases as they are."""
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
        return [n for n, c in first if c.kind == kind and not c.is_key and all(n in t for t in tables)]

    where = "every table that the plan counts in"
    for key in ("outside", "service_decided"):
        names = getattr(plan.adjust_for, key)
        yield from _unknown(names, in_all("category"), ("adjust_for", key), where)
    if plan.units is not None:
        yield from _unknown([plan.units.column], in_all("id"), ("units", "column"), where)


def _of_notebook(plan: Monitor, offered: OfferedCounts) -> Iterable[Disagreement]:
    """Who is in post is counted by the notebook on the workforce alone, from columns of its own."""
    in_post = plan.notebook == WORKFORCE
    for key in ("representation", "published_shares"):
        if getattr(plan, key) and not in_post:
            text = f"the notebook `{plan.notebook}` does not work it out."
            yield _not_worked_out((key,), text)
    if in_post and not set(IN_POST) <= set(offered.tables[plan.table]):
        able = [name for name, columns in offered.tables.items() if set(IN_POST) <= set(columns)]
        text = f"the notebook `{plan.notebook}` counts the columns {', '.join(IN_POST)}."
        yield Disagreement(NO_SUCH_TABLE, ("table",), text, f"Valid: {', '.join(able)}.")


def _of_published(plan: Monitor, measures: Sequence[str]) -> Iterable[Disagreement]:
    """Published counts hold events and a base by measure, period and group, and nothing else."""
    for number, measure in enumerate(plan.measures):
        where = ("measures", number)
        yield from _unknown([measure.id], measures, (*where, "id"), f"{plan.table}.csv")
        for key, column in (("count", "events"), ("of", "base")):
            yield from _unknown([getattr(measure, key)], [column], (*where, key), f"{plan.table}.csv")
        for key in ("table", "unknown_column", "of_days"):
            if getattr(measure, key):
                yield _not_worked_out((*where, key), f"{plan.table}.csv holds published counts only.")
    finer = ("groups", "second_reference"), ("groups", "national_only")
    for path in (("adjust_for", "outside"), ("adjust_for", "service_decided"), ("units",), *finer):
        asked = plan
        for key in path:
            asked = getattr(asked, key)
        if asked:
            yield _not_worked_out(path, f"{plan.table}.csv holds published counts only.")


# -- what both say ------------------------------------------------------------------------------------------------
def _unknown(names: Iterable[str], valid: Iterable[str], where: KeyPath, data: str) -> Iterable[Disagreement]:
    """The names that are not valid, each with the nearest one that is."""
    valid = tuple(valid)
    for name in names:
        if name not in valid:
            remedy = did_you_mean(name, valid) if valid else "Leave it out."
            code = NO_SUCH_CHARACTERISTIC if where[0] == "adjust_for" else NO_SUCH_NAME
            yield Disagreement(code, where, f"there is no `{name}` in {data}.", remedy)


def _not_worked_out(where: KeyPath, text: str) -> Disagreement:
    return Disagreement(NOT_WORKED_OUT, where, text, "Leave it out.")
