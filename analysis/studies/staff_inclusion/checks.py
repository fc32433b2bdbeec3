"""What is asked before any effect is believed: who answered, whether scales hold, whether sites
moved alike before the start, and whether as many staff had left on either side."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from analysis.designs.rollouts.answers import of_cells, wave_means
from analysis.designs.rollouts.block_rollout import Since, lead_check
from analysis.designs.trials.attrition import attrition_table, differential_attrition
from analysis.designs.trials.duration import LogRank, log_rank
from analysis.inference.columns import BlockColumns, Pair, TrialColumns
from analysis.inference.randomisation import seed_for
from analysis.inference.sequential import ALPHA, Draws
from analysis.inference.sequential import FIRST as FIRST_DRAWS
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome
from analysis.results import CheckResult
from analysis.said.numbers import cleared_p, planned, tally
from analysis.said.texts import named, say, small
from analysis.studies.staff_inclusion.kind import COMPOSITION
from analysis.study.losses.response import response_check, side_shares
from analysis.study.surveys.scale_quality import Scale, scale_checks
from analysis.vocabulary.regions import ALL, place_set

if TYPE_CHECKING:
    from analysis.studies.staff_inclusion.study import InclusionStudy

SITE, WAVE, FIRST, FIRST_LEFT = "site_id", "wave", "first_wave", "first_interval"
LEADS = (-3, -2)  # waves before the start that are set beside the last one before it
SIDES = ("where it had started", "where it still waited")
STARTING = ("at sites about to start", "at sites that waited")


def checks_of(study: "InclusionStudy") -> tuple[CheckResult, ...]:
    """Every check of one place; where too few sites are in it, how many there are."""
    if study.place != ALL and not study.enough_sites:
        return (own_sites(study),)
    found = [] if study.place == ALL else [own_sites(study)]
    compared = study.plan.compared
    found += [response(study, o) for o in compared if o.survey]
    for reliability, alike in study.scale_checks.values():
        found += [reliability, replace(alike, bears_on="claim")]
    return (*found, composition(study), *(pre_trend(study, o) for o in compared))


def scale_checks_of(scale: Scale, outcome: Outcome) -> tuple[CheckResult, CheckResult]:
    """Do the questions hang together, and do they work alike in each ethnic group; each says of
    which scale it is."""
    noun, (whole, alike) = named(capital(outcome.noun)), scale_checks(scale)
    return (
        replace(whole, text=say("{noun}: {text}", noun=noun, text=small(whole.text))),
        replace(alike, text=say("{noun}: {text}", noun=noun, text=small(alike.text))),
    )


def own_sites(study: "InclusionStudy") -> CheckResult:
    """How many sites of the place asked for the programme, and how many of them have started."""
    started = int((study.sites[FIRST] <= study.waves).sum())
    enough, n = study.enough_sites, len(study.sites)
    tail = (
        "each is set beside those that wait"
        if enough
        else "too few for an effect to be worked out here, so these are its own figures"
    )
    text = say(
        "Sites in {place} that asked for the programme: {n}, of which {started} had started by the"
        " last wave; {tail}.",
        place=named(place_set(study.plan.data.places).name(study.place)),
        n=tally(n, "places"),
        started=tally(started, "places"),
        tail=tail,
    )
    shown = planned(float(n))  # which sites take part, and from when, was announced
    return CheckResult("own_sites", None, text, float(n), bears_on="nothing", shown=shown)


def response(study: "InclusionStudy", outcome: Outcome) -> CheckResult:
    """Who answered at sites that had started and at sites that waited, in waves with both."""
    rows = in_waves_with_both(study)
    minority = rows[rows["ethnic_group"].isin(set(study.groups) - {study.plan.groups.reference})]

    def counts(part: pd.DataFrame) -> list[tuple[int, int]]:
        sides = (part[part["started"] == side]["answered"] for side in (1.0, 0.0))
        return [(int(one.sum()), len(one)) for one in sides]

    return response_check(
        f"response_{outcome.id}",
        counts(rows),
        study.asked(f"check: response {outcome.id}", by="waves with both"),
        floor=study.plan.smallest.response_percent,
        of=SIDES,
        minority=counts(minority),
    )


def in_waves_with_both(study: "InclusionStudy") -> pd.DataFrame:
    """Everyone asked in waves in which some sites had started and others had not; `started`."""
    rows = study.compared.assign(started=(study.compared[WAVE] >= study.compared[FIRST]) * 1.0)
    sides = rows.groupby(WAVE)["started"].transform("nunique")
    return rows[sides == 2]


def pre_trend(study: "InclusionStudy", outcome: Outcome) -> CheckResult:
    """Did sites about to start move apart from those of their region that waited longer?"""
    name, noun = f"pre_trend_{outcome.id}", named(outcome.noun)
    unknown = say("Whether sites moved alike before the start is not known of {noun}.", noun=noun)
    if study.refusal(outcome):
        return CheckResult(name, None, unknown, bears_on="claim")
    asked, columns = study.asked_in(outcome), study.columns(outcome)
    cells = wave_means(asked, columns)
    own = of_cells(columns)
    block = BlockColumns(
        unit=own.unit,
        period=own.period,
        first_treated=own.first_treated,
        block=own.block,
        outcome=own.outcome,
    )
    seed = seed_for(study.plan.study, study.place, outcome.id, "leads")
    found = lead_check(
        cells, block, Draws(seed=seed, draws=FIRST_DRAWS), since=Since(LEADS), check_id=name
    )
    if found.value is None:
        return replace(found, text=unknown)
    text = say(
        "Before the start, {noun}: sites about to start {words} the others of their region ({p}).",
        noun=noun,
        words="could not be told from" if found.passed else "were moving apart from",
        p=cleared_p(found.value),
    )
    return replace(found, text=text)


# -- who left --------------------------------------------------------------------------------------
def at_the_start(study: "InclusionStudy") -> pd.DataFrame:
    """Staff on the list of the last wave before a start: at the sites about to start, and at those
    of their region that waited still; `side` (1: about to start), `layer` (region and wave)."""
    rows = study.compared
    begins = rows[FIRST_LEFT] == rows[WAVE]
    layer = rows["region"].astype("str") + " " + rows[WAVE].astype("str")
    waits = ~(rows[FIRST_LEFT] <= rows[WAVE])
    both = layer.isin(set(layer[begins])) & (begins | waits)
    gone = rows["left_on"].notna()
    return rows.assign(side=begins * 1.0, layer=layer, gone=gone * 1.0)[both]


def composition(study: "InclusionStudy") -> CheckResult:
    """Had about as many staff left by the first wave after a start on either side? Those who are
    gone answer no second wave, so that the mean of those who do can rise with nothing done.

    Passed: at most 10 points apart, and not told apart by a log-rank test within region and wave
    (people one by one, and so stricter than a test by sites).
    """
    rows = at_the_start(study)
    test = log_rank(rows, time="days", event="gone", group="side", strata="layer")
    if not isinstance(test, LogRank):
        text = "Whether as many staff had left on either side could not be worked out."
        return CheckResult(COMPOSITION.id, None, text, bears_on="claim")
    stayed = rows.assign(stayed=rows["gone"].where(rows["gone"] == 0))
    columns = TrialColumns(arm="side", outcome="stayed", scale=100.0)
    apart = differential_attrition(stayed, columns, Pair(1.0, 0.0))
    passed = bool(apart.passed and test.p_value > ALPHA)
    table = attrition_table(stayed, arm="side", outcome="stayed").set_index("arm")
    counts = [(int(table.loc[k, "missing"]), int(table.loc[k, "assigned"])) for k in (1.0, 0.0)]
    asked = study.asked("check: who had left", by="before a start")
    shares = side_shares(counts, asked, count="left", arms=STARTING)
    told = ""
    if shares is not None:
        told = say(
            " Of staff {of_one} {one}% had left, and {of_other} {other}%.",
            one=shares[0],
            other=shares[1],
            of_one=STARTING[0],
            of_other=STARTING[1],
        )
    text = say(
        "Leavers up to the first wave after a start {words} ({p}).{told}",
        told=told,
        words="could not be told apart" if passed else "differ",
        p=cleared_p(test.p_value),
    )
    shown = cleared_p(test.p_value)
    return CheckResult(
        COMPOSITION.id, passed, text, test.p_value, ALPHA, bears_on="claim", shown=shown
    )
