"""Where the rule that was written before points, and what was decided, in words."""

from collections.abc import Iterable
from typing import Protocol

from analysis.judgement.pointed import Looks, Pointed, Taken
from analysis.judgement.wording.figures_in_words import listed
from analysis.judgement.wording.periods import day_words
from analysis.said.phrases import EVERY_100
from analysis.said.texts import capital, joined, named, sentence, worded
from analysis.said.told import told

NO_RULE = worded("No rule was written before outcomes were seen.")
NO_RULE_WORDS = worded("no rule was written before")
NO_RULE_APPLIES = worded("no rule applies")
NONE_TO_TAKE = worded("none to take")
DECISION_WORDS = {
    "scale": worded("scale it up"),
    "adapt": worded("adapt it"),
    "stop": worded("stop it"),
    "keep_going": worded("keep going"),
}


ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
COUNTS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight")  # in words


class Decided(Protocol):
    """An override: what was decided otherwise, when, by which role and why."""

    @property
    def day(self) -> str: ...
    @property
    def decision(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def reason(self) -> str: ...


@sentence
def rule_line(found: Pointed, before: Looks, *, programme: str, futile_below: float) -> str:
    """ "The rule points to: keep going until 1 April 2027. This is the first of three planned
    looks, with ..." before: the looks before this one."""
    if found.found == "not_as_signed":
        rounds = named(listed(tuple(filter(None, before.gone))))
        of = f" (round {rounds})" if rounds else ""
        return f"The rule cannot point: an earlier look{of} is not here as it was signed."
    if found.decision is None:
        return "The rule cannot point: this design gives a rank, and no test."
    why = _why(found, before, programme, futile_below)
    said = f"The rule points to: {pointed_words(found)}. {why}"
    return f"{said} {earlier}" if (earlier := _taken_before(before.taken or ())) else said


@sentence
def pointed_words(found: Pointed | None) -> str:
    """Where the rule points, in a few words: "keep going until 1 April 2027"."""
    if found is not None and found.found == "not_as_signed":
        return "nothing: an earlier look is not here as it was signed"
    if found is None or found.decision is None:
        return "nothing: there is no test"
    goes_on = found.next_look is not None and found.decision == "keep_going"
    until = f" until {day_words(found.next_look or '')}" if goes_on else ""
    return f"{DECISION_WORDS[found.decision]}{until}"


@sentence
def _why(found: Pointed, before: Looks, programme: str, futile_below: float) -> str:
    """What the look found, first which look it is and how much of what was planned is there."""
    if found.found == "no_look_yet":
        return "No look is due yet, and nothing is tested before."
    if found.found == "between_looks" and found.next_look is None:
        return "The last planned look has been taken, and nothing is tested after it."
    if found.found == "between_looks":
        return "Nothing is tested between two looks."
    share = 0.0 if found.look is None else 100 * found.look.fraction
    here = "all" if share >= 100 else f"{told(share, 0)} {EVERY_100} parts"
    this = "This is" if before.is_signed else "Once the round is signed, this is"
    instead = f", in place of round {named(before.instead_of)}" if before.instead_of else ""
    look = f"{this} {which_look(found.number, found.of)}{instead}"
    finding = capital(_finding(found, programme, futile_below))
    return f"{look}, with {here} of the information planned. {finding}."


@sentence
def which_look(number: int, of: int) -> str:
    """ "the first of three planned looks"."""
    if of == 1:
        return "the only planned look"
    if of < len(COUNTS):
        return f"the {ORDINALS[number]} of {COUNTS[of]} planned looks"
    return f"look {told(number)} of {told(of)} planned"


@sentence
def _taken_before(taken: Iterable[Taken]) -> str:
    """The looks that were taken in signed rounds, and where each pointed; empty where there is
    none."""
    found = [_one_taken(one) for one in taken if one.round_id]
    return f"Taken before: {joined('; ', found)}." if found else ""


@sentence
def _one_taken(one: Taken) -> str:
    look = f"the {ORDINALS[one.number]}" if one.number < len(ORDINALS) else f"{told(one.number)}"
    how = "corrected" if one.corrected else "run again"
    again = f", as {how} in round {named(one.instead)}" if one.instead else ""
    return f"{look} in round {named(one.round_id)}{again} ({DECISION_WORDS[one.decision]})"


@sentence
def _finding(found: Pointed, programme: str, futile_below: float) -> str:
    studies = f"{told(100 * futile_below, 0)} {EVERY_100} such studies"
    return {
        "better": f"outcomes are better by enough, and that may be put down to {programme}",
        "better_link": (
            "outcomes are better by enough, but this is a link and not proof of cause, so that"
            " nothing is scaled on it"
        ),
        "worse": "outcomes are worse by enough",
        "too_small": "any difference is smaller than the size that matters",
        "futile": f"going on would show the size that matters in fewer than {studies}",
        "open": "the difference does not stand out enough for so early a look",
        "open_at_the_end": "the difference does not stand out",
    }[found.found]


@sentence
def decided_line(decides: str, override: Decided | None) -> str:
    """The decision, or that none is taken yet: the role, and why where it departs from the rule."""
    words = decided_words(decides, override)
    if override is None:
        return f"Decision: {words}."
    return f"Decision: {capital(words)}. Otherwise than the rule: {override.reason}"


@sentence
def decided_words(decides: str, override: Decided | None) -> str:
    """The decision in a few words: "not yet taken (Board)"."""
    if override is None:
        return f"not yet taken ({named(decides)})"
    day, by = day_words(override.day), named(override.by)
    return f"{DECISION_WORDS[override.decision]}, taken on {day} ({by})"
