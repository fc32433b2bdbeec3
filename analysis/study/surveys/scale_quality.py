"""Whether a survey scale can carry a comparison: how well its questions hang together, and whether
they work alike.

The functions stand in `measurement/`; here they are asked of one scale in one place, and answered
as checks in words.
"""

from dataclasses import dataclass

import pandas as pd

from analysis.disclosure.rules import is_unreliable, load_rules
from analysis.inference.multiplicity import holm
from analysis.judgement.wording.figures_in_words import listed
from analysis.measurement.item_check import ALPHA, item_check
from analysis.measurement.scales import alpha_by_group, cronbach_alpha, omega_total
from analysis.results import CheckResult, Estimate, NotEstimable
from analysis.said.numbers import cleared_estimate, planned, tally
from analysis.said.texts import joined, named, say

# Nunnally 1978, Psychometric Theory, chapter 7: enough to compare groups, not to judge a person
RELIABLE = 0.7
DECIMALS = 2
SMALLEST_GROUP = (
    60  # answers; below, four curves a question say nothing (Zumbo 1999 advises 200 a group)
)


@dataclass(frozen=True, eq=False)
class Scale:
    """Complete or partial answers (people x `items`), reversed where declared, with each person's
    group."""

    outcome: str
    answers: pd.DataFrame
    items: tuple[str, ...]
    group: str
    reference: str
    groups: tuple[str, ...]
    seed: int


def scale_checks(scale: Scale) -> tuple[CheckResult, CheckResult]:
    """`reliability_<outcome>` and `questions_alike_<outcome>`; passed None where there are too few
    answers."""
    return _reliability(scale), _alike(scale)


def reliability_of(scale: Scale) -> dict[str, Estimate | NotEstimable]:
    """Cronbach's alpha (Feldt's interval) and McDonald's omega (bootstrap over people) of everyone
    who answered."""
    items = list(scale.items)
    return {
        "alpha": cronbach_alpha(scale.answers, items=items),
        "omega": omega_total(scale.answers, items=items, seed=scale.seed),
    }


def _reliability(scale: Scale) -> CheckResult:
    """The whole interval of alpha lies above what is needed, in everyone and in no group below it
    altogether."""
    name, found = f"reliability_{scale.outcome}", reliability_of(scale)
    alpha = found["alpha"]
    if not isinstance(alpha, Estimate):
        return CheckResult(
            name,
            None,
            "How well the questions hang together could not be worked out.",
            None,
            RELIABLE,
            bears_on="nothing",
        )
    if is_unreliable(alpha.support.n, load_rules()):
        return CheckResult(
            name,
            None,
            "How well the questions hang together is not told: too few people answered.",
            None,
            RELIABLE,
            bears_on="nothing",
        )
    said = joined(
        "; ",
        (
            say("{word} {numbers}", word=word, numbers=_with_interval(each))
            for word, each in found.items()
            if isinstance(each, Estimate)
        ),
    )
    noisy = [
        group
        for group, own in _by_group(scale).items()
        if isinstance(own, Estimate) and own.conf_high < RELIABLE
    ]
    text = say(
        "How well the {items} questions hang together: {said}; at least {needed} is needed.{noisy}",
        items=tally(len(scale.items), "questions"),
        said=said,
        needed=planned(RELIABLE),
        noisy=_noisy(noisy),
    )
    return CheckResult(
        name,
        alpha.conf_low >= RELIABLE and not noisy,
        text,
        alpha.value,
        RELIABLE,
        bears_on="nothing",
        shown=cleared_estimate(alpha.value, decimals=DECIMALS),
    )


def _noisy(groups: list[str]) -> str:
    if not groups:
        return ""
    return say(
        " They do so too little among {groups} people, where differences look smaller than they"
        " are.",
        groups=named(listed(tuple(groups))),
    )


def _by_group(scale: Scale) -> dict[str, Estimate | NotEstimable]:
    known = scale.answers[scale.answers[scale.group].isin(_large(scale))]
    return alpha_by_group(known, items=list(scale.items), group=scale.group)


def _alike(scale: Scale) -> CheckResult:
    """No question is answered differently by people of one group and of the reference with the same
    score (Holm over all questions and groups)."""
    name, large = f"questions_alike_{scale.outcome}", _large(scale)
    compared = [group for group in large if group != scale.reference]
    if scale.reference not in large or not compared:
        return CheckResult(
            name,
            None,
            "Whether the questions work alike in each group could not be tested.",
            bears_on="nothing",
        )
    found = pd.concat([_screened(scale, group) for group in compared], ignore_index=True)
    known = found[found["p_value"].notna()]
    flags = known[[p is not None and p <= ALPHA for p in holm(known["p_value"].tolist())]]
    flagged = {
        group: [item.replace("_", " ") for item in part["item"]]
        for group, part in flags.groupby("group", sort=False)
    }
    if flagged:
        found_in = "; ".join(f"{group} ({', '.join(items)})" for group, items in flagged.items())
        return CheckResult(
            name,
            False,
            say("Some questions work differently at the same score: {said}.", said=named(found_in)),
            len(flagged),
            bears_on="nothing",
            shown=tally(len(flagged), "groups"),
        )
    text = say(
        "No question stood out between {reference} people and {others} people with the same score.",
        reference=named(scale.reference),
        others=named(listed(tuple(compared))),
    )
    return CheckResult(
        name,
        True if len(known) == len(found) else None,
        text,
        0.0,
        bears_on="nothing",
        shown=tally(0, "groups"),
    )


def _screened(scale: Scale, group: str) -> pd.DataFrame:
    """item, p_value and group of each question between one group and the reference."""
    found = item_check(
        scale.answers,
        items=list(scale.items),
        group=scale.group,
        between=(scale.reference, group),
    )
    return found.to_frame().assign(group=group)


def _large(scale: Scale) -> list[str]:
    """Groups with enough complete answers, in the order of the coding."""
    whole = scale.answers[scale.answers[list(scale.items)].notna().all(axis=1)]
    sizes = whole[scale.group].value_counts()
    return [group for group in scale.groups if sizes.get(group, 0) >= SMALLEST_GROUP]


def _with_interval(found: Estimate) -> str:
    value, low, high = (
        cleared_estimate(number, decimals=DECIMALS)
        for number in (found.value, found.conf_low, found.conf_high)
    )
    return say("{value} ({low} to {high})", value=value, low=low, high=high)
