"""The tables of the notebook of staff inclusion, each cleared: rounded, suppressed, and saying so
underneath."""

import pandas as pd

from analysis.designs.trials.duration import kaplan_meier
from analysis.disclosure.named.names import PEOPLE
from analysis.disclosure.named.tables import TableNames, counted_table
from analysis.disclosure.people_said import cleared_mean
from analysis.disclosure.rules import is_unreliable, load_rules
from analysis.measurement.scales import item_total
from analysis.plans.plan import Outcome
from analysis.results import Estimate, Table
from analysis.said.numbers import cleared_estimate, cleared_units
from analysis.said.texts import say, worded
from analysis.sections.tables import worded_table
from analysis.studies.staff_inclusion.checks import STARTING, at_the_start
from analysis.studies.staff_inclusion.opinions import weighted
from analysis.studies.staff_inclusion.study import FIRST, WAVE, InclusionStudy
from analysis.study.surveys.scale_quality import DECIMALS, SMALLEST_GROUP

SIDE, ASKED, ANSWERED, RATE = "Site and wave", "Asked", "Answered", "Answered, in every 100"
UNDER, WAITING, NEVER = "after the start", "before the start", "did not ask for the programme"
UNKNOWN, UNRELIABLE = "not known", "[u]"


def response_table(study: InclusionStudy) -> Table:
    """Who answered, by kind of site and ethnic group: before anything that rests on answers."""
    rows = study.everyone[study.everyone["excluded"] != "outside_the_period"]
    side = pd.Series(WAITING, index=rows.index).mask(rows[WAVE] >= rows[FIRST], UNDER)
    side = side.mask(rows["excluded"] == "did_not_ask", NEVER)
    group = rows["ethnic_group"].where(rows["ethnic_group"].isin(study.groups), UNKNOWN)
    seen = rows["answered"].groupby([side.to_numpy(), group.to_numpy()]).agg(["size", "sum"])
    every = pd.MultiIndex.from_product([(UNDER, WAITING, NEVER), (*study.groups, UNKNOWN)])
    frame = seen.reindex(every, fill_value=0).astype(int).reset_index()
    heading = study.plan.group_heading
    frame = frame.set_axis([SIDE, heading, ASKED, ANSWERED], axis=1)
    frame.insert(3, "Did not answer", frame[ASKED] - frame[ANSWERED])
    counts = {ASKED: PEOPLE, ANSWERED: "answered", "Did not answer": "did not answer"}
    table = counted_table(
        "Who answered, over all waves",
        frame,
        names=TableNames(study.place, "response", {SIDE: "arm", heading: "group"}, counts),
        rates={RATE: (ANSWERED, ASKED)},
        together=((ASKED, ANSWERED, "Did not answer"),),
        clearance=study.clearance,
    )
    note = worded("One member of staff can stand in several waves.")
    return Table(table.title, table.to_frame(), table.cleared_by, (note, *table.notes))


def sites_table(study: InclusionStudy) -> Table:
    """How many sites started from which wave on (planned and announced)."""
    first = study.sites[FIRST].where(study.sites[FIRST] <= study.waves)
    rows = [
        {"Under the programme from wave": f"{wave:.0f}", "Sites": cleared_units(int(n)).text}
        for wave, n in first.value_counts().sort_index().items()
    ]
    waits = cleared_units(int(first.isna().sum())).text
    rows.append({"Under the programme from wave": "after the last", "Sites": waits})
    title = "Sites that asked for the programme"
    return worded_table(study.plan, title, pd.DataFrame(rows), clearance=study.clearance)


def scale_table(study: InclusionStudy, outcome: Outcome) -> Table | None:
    """Question by question, how far each goes with the others; None where too few answered."""
    scale = study.scale(outcome.id)
    if scale.answers[list(scale.items)].notna().all(axis=1).sum() < SMALLEST_GROUP:
        return None
    found = item_total(scale.answers, items=list(scale.items))
    rows = [
        {
            "Question": str(row.item).replace("_", " "),
            "Correlation with the others": _coefficient(row.item_rest_correlation, row.n),
            "Alpha without it": _coefficient(row.alpha_without, row.n),
        }
        for row in found.itertuples()
    ]
    title = f"How the questions hang together: {outcome.noun}"
    note = worded("Answers given before a start; questions worded the other way round are turned.")
    frame = pd.DataFrame(rows)
    return worded_table(study.plan, title, frame, notes=(note,), clearance=study.clearance)


def _coefficient(value: float, n: int) -> str:
    few = is_unreliable(n, load_rules())
    return UNRELIABLE if few else cleared_estimate(value, decimals=DECIMALS).text


def waves_table(study: InclusionStudy, outcome: Outcome) -> Table:
    """The plain mean of the answers in each wave: at sites that asked, started or not."""
    scale = study.columns(outcome).scale
    rows = study.asked_in(outcome)
    rows = rows[rows[outcome.id].notna()]
    unit = " in every 100" if outcome.unit == "in_every_100" else " points"
    lines = []
    for wave, part in rows.groupby(WAVE):
        line = {"Wave": f"{wave}"}
        for words, side in ((f"{UNDER},{unit}", 1.0), (f"{WAITING},{unit}", 0.0)):
            values = scale * part.loc[part["started"] == side, outcome.id]
            few = len(values) < SMALLEST_GROUP
            told = "[c]" if few else cleared_mean(values.mean(), len(values), study.clearance).text
            line[words] = told
        lines.append(line)
    note = worded(
        "Plain means compare nothing: they move when unhappy staff leave or fall silent, and when"
        " sites improve anyway."
    )
    title = f"{outcome.noun[:1].upper() + outcome.noun[1:]}: plain means, wave by wave"
    frame = pd.DataFrame(lines)
    return worded_table(study.plan, title, frame, notes=(note,), clearance=study.clearance)


def leaving_table(study: InclusionStudy) -> Table:
    """How many of the staff on the list before a start were still in the service at the next wave:
    Kaplan-Meier, since some move to another site and are followed no further."""
    rows, lines = at_the_start(study), []
    horizon = float(rows["days"].max()) if len(rows) else 0.0
    for words, side in zip(STARTING, (1.0, 0.0), strict=True):
        own = rows[rows["side"] == side]
        found = kaplan_meier(own, time="days", event="gone", horizon=horizon)
        known = isinstance(found, Estimate) and int(own["gone"].sum()) >= load_rules().threshold
        lines.append(
            {
                "Staff": words,
                "Still in the service, in every 100": (
                    cleared_estimate(found.value).text if known else "[c]"
                ),
                "95% confidence interval": (
                    say(
                        "{low} to {high}",
                        low=cleared_estimate(found.conf_low),
                        high=cleared_estimate(found.conf_high),
                    )
                    if known
                    else "[c]"
                ),
            }
        )
    title = "Staff on the list of the last wave before a start: still there at the next wave"
    note = worded("The interval takes staff one by one.")
    frame = pd.DataFrame(lines)
    return worded_table(study.plan, title, frame, notes=(note,), clearance=study.clearance)


def weights_table(study: InclusionStudy, outcomes: tuple[Outcome, ...]) -> Table:
    """What weights for those who did not answer rest on: the effective number of answers."""
    rows = []
    for outcome in outcomes:
        found = weighted(study, outcome)
        rows.append(
            {
                "Outcome": outcome.noun,
                "Effective answers, in every 100": cleared_estimate(
                    100 * found.effective_n / max(found.answers, 1)
                ).text,
                "Largest weight, times the mean": cleared_estimate(found.largest).text,
            }
        )
    title = "Weights for those who did not answer"
    note = worded(
        "A weight is one over the share who answered, by wave, kind of site, ethnic group and years"
        " in the service; the largest are trimmed. Effective: how many"
        " answers of equal weight would tell as much."
    )
    frame = pd.DataFrame(rows)
    return worded_table(study.plan, title, frame, notes=(note,), clearance=study.clearance)
