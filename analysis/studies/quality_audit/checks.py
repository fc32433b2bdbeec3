"""What the claim of a quality audit rests on, and whether coders drift."""

from collections.abc import Iterator

from analysis.designs.audits.detection import blocks_alike, changes_beside, unit_changes
from analysis.disclosure.people_said import cleared_share, decided, difference
from analysis.disclosure.rules import is_small, load_rules
from analysis.inference.columns import Quantity
from analysis.inference.randomisation import seed_for
from analysis.judgement.classes import DIFFERENTIAL_RESPONSE_POINTS
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome
from analysis.results import CheckResult, Estimate
from analysis.said.numbers import cleared_estimate, cleared_p, planned
from analysis.said.texts import named, say
from analysis.studies.quality_audit.audited import CodedAudit, support_of_cases
from analysis.studies.quality_audit.kind import (
    AGREEMENT,
    BLINDED,
    DRIFT,
    KIND,
    MOVED,
    TAKEN,
    TEAMS,
    TEST,
)
from analysis.study.losses.response import deciding_rates, side_shares
from analysis.study.moved import ALPHA, amount, moved

LEAST_BLINDED = 95.0  # percent of the cases compared. Chosen: the others could move little
# Landis and Koch (1977): from here on agreement is called substantial.
LEAST_AGREEMENT = 0.6
SIDES = ("of those trained", "of those who wait")


def all_checks(study: CodedAudit) -> Iterator[CheckResult]:
    """The checks of the one analysis of all places."""
    yield _blinded(study)
    yield _agreement(study)
    for outcome in study.plan.compared:
        if outcome.id == TEST:
            yield _taken(study, outcome)
        else:
            yield _moved_alike(study, outcome)
            yield _drift(study, outcome)
            yield _teams(study, outcome)


def _blinded(study: CodedAudit) -> CheckResult:
    used = study.everyone[study.everyone["excluded"] == ""]
    hits, n = int(used["blinded"].sum()), len(used)
    asked = study.asked("check: blinded", by="cases read by the panel")
    shown = cleared_share(hits, n, asked, count="blinded")
    percent = 100 * hits / n if n else None
    told = shown.number is not None and percent is not None
    passed = (
        percent >= LEAST_BLINDED
        if told and percent is not None
        else decided(hits, n, lambda share: share >= LEAST_BLINDED)
    )
    text = say(
        "{share}% of the cases compared were read without their date and without who had been"
        " trained; at least {least}% are needed.",
        share=shown,
        least=planned(LEAST_BLINDED),
    )
    percent = 100 * hits / n if n else None
    return CheckResult(BLINDED, passed, text, percent, LEAST_BLINDED, bears_on="claim", shown=shown)


def _agreement(study: CodedAudit) -> CheckResult:
    found = [study.agreement[when]["gwet_ac1"] for when in study.agreement]
    known = [one for one in found if isinstance(one, Estimate)]
    if len(known) < len(found):
        text = "Too few cases were coded twice to say how far coders agree."
        return CheckResult(AGREEMENT, None, text, bears_on="claim")
    least = min(one.value for one in known)
    shown = cleared_estimate(least, decimals=2)
    text = say(
        "Two coders of one case agree with a Gwet AC1 of {before} before the training and {since}"
        " since (1: full agreement); at least {least} is needed.",
        before=cleared_estimate(known[0].value, decimals=2),
        since=cleared_estimate(known[1].value, decimals=2),
        least=planned(LEAST_AGREEMENT),
    )
    passed = least >= LEAST_AGREEMENT
    return CheckResult(
        AGREEMENT, passed, text, least, LEAST_AGREEMENT, bears_on="claim", shown=shown
    )


def _moved_alike(study: CodedAudit, outcome: Outcome) -> CheckResult:
    """The same comparison between the two halves of the time before anybody was trained."""
    rows = study.people(outcome)
    rows = rows[rows["reported_on"] < study.start]
    middle = rows["reported_on"].quantile(0.5)
    changes = unit_changes(rows, study.columns(outcome.id), start=middle)
    support = support_of_cases(rows, changes, outcome.id, middle)
    seed = seed_for(study.plan.study, study.place, outcome.id, MOVED)
    what = Quantity(KIND.estimand, outcome.unit)
    passed, text = moved(changes_beside(changes, what, seed=seed, support=support))
    said = say(
        "{noun}, in the second half of the time before less in the first, trained less waiting:"
        " {text}",
        noun=named(capital(outcome.noun)),
        text=text,
    )
    return CheckResult(f"{MOVED}_{outcome.id}", passed, said, bears_on="claim")


def _taken(study: CodedAudit, outcome: Outcome) -> CheckResult:
    """How many investigators took the second test, on either side."""
    staff = study.staff[~study.staff["between"]]
    sides = [staff[staff["first"].notna()], staff[staff["first"].isna()]]
    counts = [(int(side[TEST].notna().sum()), len(side)) for side in sides]
    asked = study.asked("check: second test", unit="investigators")
    floor, most = study.plan.smallest.response_percent, DIFFERENTIAL_RESPONSE_POINTS
    name, rates = f"{TAKEN}_{outcome.id}", deciding_rates(counts, asked)
    if rates is None:
        text = "Too few investigators to say who took the second test."
        return CheckResult(name, None, text, bears_on="claim")
    passed = rates[2] >= floor and abs(rates[0] - rates[1]) <= most
    shares = side_shares(counts, asked, count="took it", arms=SIDES)
    if shares is None:
        text = say(
            "{many} the {floor}% that are needed took the second test, and the two sides lie"
            " {near} the {most} points apart that are allowed for.",
            many="At least" if rates[2] >= floor else "Fewer than",
            near="within" if abs(rates[0] - rates[1]) <= most else "beyond",
            floor=planned(floor),
            most=planned(most),
        )
        return CheckResult(name, passed, text, threshold=most, bears_on="claim")
    text = say(
        "{one}% of trained and {other}% of waiting investigators took the second test; at least"
        " {floor}% and at most {most} points apart are needed.",
        one=shares[0],
        other=shares[1],
        floor=planned(floor),
        most=planned(most),
    )
    gap = difference(shares[0], shares[1])
    return CheckResult(name, passed, text, None, most, bears_on="claim", shown=gap)


def _teams(study: CodedAudit, outcome: Outcome) -> CheckResult:
    """Whether what training adds differs between teams: an average hides one that is worse."""
    changes = study.changes(study.people(outcome), outcome.id)
    p_value = blocks_alike(changes, seed=seed_for(study.plan.study, study.place, outcome.id, TEAMS))
    name = f"{TEAMS}_{outcome.id}"
    if p_value is None:
        text = "Too few investigators to say whether teams differ."
        return CheckResult(name, None, text, bears_on="nothing")
    alike = p_value > ALPHA
    said = {"noun": named(outcome.noun), "p": cleared_p(p_value)}
    text = say("No sign that teams differ in {noun}, nor is it ruled out ({p}).", **said)
    if not alike:
        text = say(
            "Teams differ in {noun} ({p}): the average hides one that is better or worse.", **said
        )
    return CheckResult(name, alike, text, bears_on="nothing")


def _drift(study: CodedAudit, outcome: Outcome) -> CheckResult:
    """By how much coders say yes more often to the same cases later."""
    name, found = f"{DRIFT}_{outcome.id}", study.drift(outcome)
    few = is_small(found.support.smallest_cell, load_rules())
    if few or not isinstance(found, Estimate):
        text = (
            "Too few cases were coded again later: whether coders drift cannot be said, nor"
            " anything of before and after alone."
        )
        return CheckResult(name, None, text, bears_on="nothing")
    still = found.conf_low <= 0 <= found.conf_high
    text = say(
        "The same cases, coded again later ({noun}): coders say yes to {value} in every 100 (95%"
        " confidence interval {low} to {high}). {so}",
        noun=named(outcome.noun),
        value=amount(found.value),
        low=amount(found.conf_low),
        high=amount(found.conf_high),
        so=STILL if still else MOVES,
    )
    return CheckResult(name, still, text, bears_on="nothing")


STILL = "Drift is not shown, and not ruled out."
MOVES = "No report changed."
