"""Headlines of a page: at most 14 words, from class and claim, never a number alone.

Each class has candidates from full to short; the first that fits is used, and the last always fits. Every candidate
is true by itself, so that a long place name costs detail and never truth.
"""

from analysis.judgement.classes import DIFFERENCE, HARM, INCONCLUSIVE
from analysis.judgement.figures_in_words import capital
from analysis.judgement.finding import Finding, Slots
from analysis.judgement.statements import CAUSAL
from analysis.results import NOT_ESTIMABLE_REASONS, REVEALING_REASONS

MOST_WORDS = 14  # page rules, section 1
FEWEST_PLACES_ALIKE = 3  # below three places nothing is pooled, so nothing is said about how alike they are
SETTLED = DIFFERENCE | {"no_meaningful_difference"}


def headline(finding: Finding, slots: Slots) -> str:
    """The heading of a place's page."""
    return first_that_fits([f"{slots.place}: {words}" for words in _candidates(finding, slots)])


def national_headline(
    finding: Finding, slots: Slots, *, regions_alike: bool | None, places_pooled: int, groups_unclear: int = 0
) -> str:
    """The heading of the national page.

    `regions_alike`: True if the test of heterogeneity gives no sign that places differ, False if it does, None if it
    could not be run. It is said only beside a settled answer: where nobody can tell, places do not "look alike".
    """
    endings = _endings(finding, slots, regions_alike if places_pooled >= FEWEST_PLACES_ALIKE else None, groups_unclear)
    candidates = _candidates(finding, slots)
    return first_that_fits([capital(words + ending) for words in candidates for ending in endings])


def _endings(finding: Finding, slots: Slots, regions_alike: bool | None, groups_unclear: int) -> list[str]:
    """What follows the answer, most telling first, nothing last."""
    places = ""
    if regions_alike is False:
        places = f"; {slots.places_many} differ"
    elif regions_alike and finding.result_class in SETTLED:
        places = f"; {slots.places_many} look alike"
    groups = ""
    if groups_unclear and finding.result_class in SETTLED:
        groups = "; one group is unclear" if groups_unclear == 1 else "; some groups are unclear"
    return list(dict.fromkeys([places + groups, places, ""]))


def first_that_fits(candidates: list[str]) -> str:
    """The first heading of at most 14 words; the shortest where a place name alone is too long."""
    shortest = min(candidates, key=lambda words: len(words.split()))
    return next((words for words in candidates if len(words.split()) <= MOST_WORDS), shortest)


def _candidates(finding: Finding, slots: Slots) -> list[str]:
    """Headings without the place, from full to short."""
    key = finding.result_class
    if key == "not_estimable":
        return _not_estimable(finding)
    if key in DIFFERENCE:
        return _difference(finding, slots)
    if key in INCONCLUSIVE:
        return _cannot_tell(finding, slots)
    if key == "direction_undefined":
        return _undefined(finding, slots)
    noun = _countable(slots)
    return {
        "no_meaningful_difference": [
            f"with {slots.programme}, {noun} differ too little to matter, if at all",
            f"{noun} differ too little to matter, if at all",
            "any difference is too small to matter",
        ],
        "only_before_adjustment": [
            f"{noun} do not stand out once all comparisons are allowed for",
            "nothing stands out once all comparisons are allowed for",
        ],
        "unreliable": [f"the estimate for {slots.noun} is shown, but is not reliable", "an estimate is shown, but is not reliable"],
        "rank_only": [f"set beside the other {slots.places_many} by rank; it may be chance", "ranked only; it may be chance"],
        "placebo": [f"did not take part; its {slots.noun} are for comparison", "did not take part; shown for comparison"],
        "described": [f"counts of {slots.noun} only; there is no comparison here", "counts only; there is no comparison here"],
        "withheld": [f"the figure for {slots.noun} is withheld to protect people", "withheld to protect people"],
        "not_reliable": [f"too few {slots.people} for a rate of {slots.noun}", f"too few {slots.people} for a rate to be relied on"],
        "no_base": [f"published {slots.noun} only; how many people is not known", "published shares only; how many people is not known"],
    }[key]  # fmt: skip


def _not_estimable(finding: Finding) -> list[str]:
    if finding.reason in REVEALING_REASONS:
        return ["withheld to protect people"]
    reason = NOT_ESTIMABLE_REASONS.get(finding.reason, finding.reason)
    because = [f"could not be worked out: {reason}", str(reason)] if reason else []
    return [*because, "a difference could not be worked out"]


def _amount(finding: Finding) -> str:
    """Fewer, more, lower or higher, before a plural noun; "slightly" where the estimate is below the size that matters."""
    if finding.kind == "rate":
        below = finding.value < 1
        small = finding.matters is not None and 1 / finding.matters < finding.value < finding.matters
    else:
        below = finding.value < 0
        small = finding.matters is not None and abs(finding.value) < finding.matters
    return ("slightly " if small else "") + _direction(finding, below)


def _direction(finding: Finding, below: bool) -> str:
    if finding.kind == "scale":
        return "lower" if below else "higher"
    return "fewer" if below else "more"


def _difference(finding: Finding, slots: Slots) -> list[str]:
    """Benefit, harm, or a detectable difference too small to matter."""
    amount = f"{_amount(finding)} {slots.noun}"
    verb = {"caused": "led to", "likely": "probably led to", "linked": "goes with"}.get(finding.claim)
    word = "better" if finding.is_better else "worse"
    endings = _difference_endings(finding.result_class, word)
    if verb:
        cores = [f"{slots.programme} {verb} {amount}{{}}", f"{amount} with {slots.programme}{{}}"]
    else:
        cores = [f"{amount}{{}}; the cause is not known", f"{amount}{{}}"]
    little = "slightly " if finding.result_class == "detectable_but_small" else ""
    outcomes = f"{little}{word} outcomes"
    last = {"caused": outcomes, "likely": f"probably {outcomes}", "linked": f"{outcomes}, a link only"}
    shortest = last.get(finding.claim, f"{outcomes}; the cause is not known")
    said = [core.format(ending) for core in cores for ending in endings]
    return [*said, f"{slots.programme} {verb} {outcomes}" if verb else shortest, shortest]


def _difference_endings(key: str, word: str) -> list[str]:
    """What follows a difference, full to short; a harm is never printed without its word."""
    if key in ("benefit_matters", "harm_matters"):
        return [f": {word}, and enough to matter", f": {word}"] + ([] if key in HARM else [""])
    if key == "detectable_but_small":
        return [": too little to matter"]
    return [f": {word}"] if key in HARM else [""]


def _cannot_tell(finding: Finding, slots: Slots) -> list[str]:
    """Inconclusive in its three forms, and capped because too few answered."""
    few = "too few answers to tell" if finding.reason else f"too few {slots.people} to tell"
    verb = "leads to" if finding.claim in CAUSAL else "goes with"
    hoped = f"{_direction(finding, below=finding.better == 'lower')} {slots.noun}"
    noun = _countable(slots)
    return [
        f"{few} whether {slots.programme} {verb} {hoped}",
        f"{few} whether {noun} differ with {slots.programme}",
        f"{few} whether {noun} differ",
        f"{few} whether outcomes differ with {slots.programme}",
        few,
    ]


def _countable(slots: Slots) -> str:
    """A plural that can differ: recalls differ, and so do numbers of people who ..., while people do not."""
    return f"numbers of {slots.noun}" if " who " in slots.noun else slots.noun


def _undefined(finding: Finding, slots: Slots) -> list[str]:
    """The plan calls neither direction better: the direction is told only where the interval is on one side."""
    if not finding.one_side:
        return _cannot_tell(finding, slots)[1:]
    amount = f"{_direction(finding, finding.value < finding.centre)} {slots.noun}"
    return [
        f"{amount} with {slots.programme}; neither better nor worse by the plan",
        f"{amount}; neither better nor worse by the plan",
        f"{amount}; neither better nor worse",
        "a difference; neither better nor worse by the plan",
    ]
