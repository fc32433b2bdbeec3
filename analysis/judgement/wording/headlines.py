"""Headlines of a page: someone, something and a direction or a count, in at most 14 words, from
class and claim.

Each class has candidates from full to short; the first that fits is used. Every candidate is true
by itself, so that a long place name costs detail and never truth. Where the estimate leans to the
worse side (`Finding.leans_worse`), the heading names that direction, whatever the class: a harm is
never headed as a hope.
"""

from analysis.judgement.classes import DIFFERENCE, HARM, INCONCLUSIVE
from analysis.judgement.finding import Finding, Slots
from analysis.judgement.wording.figures_in_words import capital, printed
from analysis.judgement.wording.statements import WORSE
from analysis.plans.designs import CAUSAL
from analysis.results import NOT_ESTIMABLE_REASONS, REVEALING_REASONS
from analysis.said.phrases import EVERY_100
from analysis.said.texts import sentence
from analysis.said.told import told

MOST_WORDS = 14  # page rules, section 1
FEWEST_PLACES_ALIKE = (
    3  # below three places nothing is pooled, so nothing is said about how alike they are
)
SETTLED = DIFFERENCE | {"no_meaningful_difference"}


@sentence
def headline(finding: Finding, slots: Slots) -> str:
    """The heading of a place's page."""
    return first_that_fits([f"{slots.place}: {words}" for words in _candidates(finding, slots)])


@sentence
def national_headline(
    finding: Finding,
    slots: Slots,
    *,
    regions_alike: bool | None,
    places_pooled: int,
    groups_unclear: int = 0,
) -> str:
    """The heading of the national page.

    `regions_alike`: True if the test of heterogeneity gives no sign that places differ, False if it
    does, None if it could not be run. Where nobody can tell, places do not "look alike"; where they
    differ, that is why nobody can.
    """
    if finding.result_class == "rank_only":
        return headline(finding, slots)  # a rank is that of a place, which is named
    alike = regions_alike if places_pooled >= FEWEST_PLACES_ALIKE else None
    cannot_tell = finding.result_class in INCONCLUSIVE and not finding.reason
    if alike is False and cannot_tell:
        return first_that_fits([capital(words) for words in _places_differ(finding, slots)])
    endings = _endings(finding, slots, alike, groups_unclear)
    candidates = _candidates(finding, slots)
    return first_that_fits([capital(words + ending) for words in candidates for ending in endings])


def _endings(
    finding: Finding, slots: Slots, regions_alike: bool | None, groups_unclear: int
) -> list[str]:
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
        return _not_estimable(finding, slots)
    if key in DIFFERENCE:
        return _difference(finding, slots)
    if key in INCONCLUSIVE:
        return _cannot_tell(finding, slots)
    if key == "described":
        return _described(slots)
    others = {
        "direction_undefined": _undefined,
        "no_meaningful_difference": _too_small,
        "only_before_adjustment": _before_adjustment,
        "unreliable": _unreliable,
    }
    return others[key](finding, slots) if key in others else _without_number(finding, slots)


def _without_number(finding: Finding, slots: Slots) -> list[str]:
    """Classes without an estimate: a rank, a count, or why there is none."""
    noun, short, n = slots.noun, _short(slots), finding.n
    counted = f"about {told(n)} {slots.people}, too few" if n else f"too few {slots.people}"
    rank = (
        f"rank {told(finding.rank)} of {told(finding.places)} {slots.places_many}"
        if finding.rank and finding.places
        else ""
    )
    ranked = (
        f"{rank} by change in" if rank else f"set beside the other {slots.places_many} by change in"
    )
    return {
        "rank_only": [
            f"{ranked} {noun}; it may be chance",
            f"{ranked} {noun}",
            f"{ranked} {short}",
            f"{rank or f'beside the other {slots.places_many}'}: {short}",
        ],
        "placebo": [
            f"outside the pilot; its {noun} are shown for comparison",
            f"outside the pilot; its {short}",
        ],
        "withheld": _withheld(slots),
        "not_reliable": [f"{counted} for a rate of {noun}", f"{counted} for {short}"],
        "no_base": [
            f"published {noun} only; how many people is not known",
            f"published {short} only",
        ],
    }[finding.result_class]


def _short(slots: Slots) -> str:
    return slots.short or slots.noun


def _withheld(slots: Slots) -> list[str]:
    return [
        f"the figure for {slots.noun} is withheld to protect people",
        f"{_short(slots)} withheld to protect people",
    ]


def _not_estimable(finding: Finding, slots: Slots) -> list[str]:
    if finding.reason in REVEALING_REASONS:
        return _withheld(slots)
    reason, short = NOT_ESTIMABLE_REASONS.get(finding.reason or "", finding.reason), _short(slots)
    because = [f"{slots.noun} not compared, {reason}", f"{short}: {reason}"] if reason else []
    return [*because, f"{slots.noun} could not be compared", f"{short} could not be compared"]


def _described(slots: Slots) -> list[str]:
    """How many units of the pilot lie here, where that is known; else that nothing is compared."""
    if slots.sites_here is None:
        return [
            f"counts of {slots.noun} only; nobody to compare with here",
            f"counts of {_short(slots)} only; nobody to compare with",
            f"counts of {_short(slots)} only",
        ]
    n, one = slots.sites_here, slots.sites.removesuffix("s")
    sites = f"{told(n)} {one if n == 1 else slots.sites}"
    if not n:
        return [
            f"outside the pilot; counts of {slots.noun} only",
            f"outside the pilot; counts of {_short(slots)}",
        ]
    if one == slots.place_one:  # the place itself was assigned
        return [
            f"in the pilot; counts of {slots.noun}, nobody to compare with here",
            f"in the pilot; counts of {_short(slots)}, nobody to compare with",
        ]
    return [
        f"{sites} of the pilot, too few to compare {_short(slots)}",
        f"{sites} of the pilot, too few to compare",
    ]


def _amount(finding: Finding) -> str:
    """Fewer, more, lower or higher, before a plural noun; "slightly" where the estimate is below
    the size that matters."""
    size, value = finding.matters, finding.estimate.value
    if finding.kind == "rate":
        small = size is not None and 1 / size < value < size
    else:
        small = size is not None and abs(value) < size
    return ("slightly " if small else "") + _towards(finding)


def _towards(finding: Finding) -> str:
    """The direction of the estimate before a plural noun."""
    value = finding.estimate.value
    if value == finding.centre:
        return _either(finding)
    return _direction(finding, value < finding.centre)


def _either(finding: Finding) -> str:
    return f"{_direction(finding, below=True)} or {_direction(finding, below=False)}"


def _direction(finding: Finding, below: bool) -> str:
    if finding.kind == "scale":
        return "lower" if below else "higher"
    return "fewer" if below else "more"


def _among(slots: Slots) -> str:
    return f" among {slots.among}" if slots.among else ""


def _with(slots: Slots) -> str:
    return f" with {slots.programme}{_among(slots)}"


def _cores(finding: Finding, slots: Slots) -> list[str]:
    """Direction, outcome and group, from full to short: "more recalls with matching among White
    people"."""
    one = " in one group" if slots.among else ""
    nouns = (slots.noun, _short(slots))
    return [
        f"{_towards(finding)} {noun}{who}"
        for who in (_with(slots), _among(slots), one)
        for noun in nouns
    ]


def _difference(finding: Finding, slots: Slots) -> list[str]:
    """Benefit, harm, or a detectable difference too small to matter."""
    amount = f"{_amount(finding)} {slots.noun}"
    verb = {
        "caused": "led to",
        "likely": "probably led to",
        "linked": _leads_or_goes(finding, slots),
    }.get(finding.claim)
    word = "better" if finding.is_better else "worse"
    endings = _difference_endings(finding.result_class, word)
    if verb:
        cores = [
            f"{slots.programme} {verb} {amount}{_among(slots)}{{}}",
            f"{amount}{_with(slots)}{{}}",
        ]
    else:
        cores = [
            f"{amount}{_among(slots)}{{}}; the cause is not known",
            f"{amount}{_among(slots)}{{}}",
        ]
    said = [core.format(ending) for core in cores for ending in endings]
    last = ": worse" if finding.result_class in HARM else ""
    return [*said, *(f"{core}{last}" for core in _cores(finding, slots))]


def _difference_endings(key: str, word: str) -> list[str]:
    """What follows a difference, full to short; a harm is never printed without its word."""
    if key in ("benefit_matters", "harm_matters"):
        return [f": {word}, and enough to matter", f": {word}"] + ([] if key in HARM else [""])
    if key == "detectable_but_small":
        return [": too little to matter"]
    return [f": {word}"] if key in HARM else [""]


def _cannot_tell(finding: Finding, slots: Slots) -> list[str]:
    """Inconclusive in its three forms, and capped: too few answered, or a blunt comparison."""
    few = cause_of_doubt(finding, slots)
    if finding.leans_worse:
        return _leans_worse(finding, slots, f"{few} to be sure")
    verb, short = _leads_or_goes(finding, slots), _short(slots)
    if finding.is_better:
        hoped = _towards(finding)
        return [
            *(
                f"{few} to tell whether {slots.programme} {verb} {hoped} {noun}{_among(slots)}"
                for noun in (slots.noun, short)
            ),
            f"{few} to tell whether {slots.noun} are {hoped}{_with(slots)}",
            f"{few} to tell whether {slots.noun} are {hoped}{_among(slots)}",
            f"{few} to tell whether {short} are {hoped}{_among(slots)}",
            f"{few} to tell: {hoped} {short}{_among(slots)}",
        ]
    return [
        *(
            f"{few} to tell whether {slots.programme} {verb} {_either(finding)}"
            f" {noun}{_among(slots)}"
            for noun in (slots.noun, short)
        ),
        *(
            f"{_either(finding)} {noun}{_with(slots)}: {few} to tell"
            for noun in (slots.noun, short)
        ),
        *(
            f"{_either(finding)} {noun}{_among(slots)}: {few}{ending}"
            for ending in (" to tell", "")
            for noun in (slots.noun, short)
        ),
    ]


@sentence
def _leads_or_goes(finding: Finding, slots: Slots) -> str:
    """What the programme does, as far as the claim lets a heading say it, in its number."""
    if finding.claim in CAUSAL:
        return "lead to" if slots.programme_is_many else "leads to"
    return "go with" if slots.programme_is_many else "goes with"


@sentence
def cause_of_doubt(finding: Finding, slots: Slots) -> str:
    """What there is too little of to tell: answers, a comparison that finds all there is, points
    of a series, or people."""
    if finding.reason:
        return "too few answers"
    blunt = finding.attenuated and finding.rules_something_out
    return "too blunt a comparison" if blunt else f"too few {slots.points or slots.people}"


def _leans_worse(finding: Finding, slots: Slots, unsure: str) -> list[str]:
    """The worse direction first, then that nobody can be sure of it."""
    cores = _cores(finding, slots)
    return [*(f"{core}; {unsure}" for core in cores), *(f"{core}; not certain" for core in cores)]


def _places_differ(finding: Finding, slots: Slots) -> list[str]:
    """Places that differ, and not too few people, are why the answer over all of them is not
    known."""
    if finding.leans_worse:
        return _leans_worse(finding, slots, f"{slots.places_many} differ too much to be sure")
    verb = _leads_or_goes(finding, slots)
    way = _towards(finding) if finding.is_better else _either(finding)
    differ = f"{slots.places_many} differ too much to tell whether"
    return [
        *(
            f"{differ} {slots.programme} {verb} {way} {noun}"
            for noun in (slots.noun, _short(slots))
        ),
        f"{differ} {slots.noun} are {way}{_with(slots)}",
        f"{differ} {slots.noun} are {way}",
        f"{differ} {_short(slots)} are {way}",
        f"{way} {_short(slots)}; {slots.places_many} differ too much to tell",
    ]


def _too_small(finding: Finding, slots: Slots) -> list[str]:
    """Any difference is smaller than the size that matters; if it is wholly on the worse side, that
    side is named."""
    noun, short, size = slots.noun, _short(slots), _size_in_heading(finding)
    if not size:
        return [
            f"{noun} differ too little to matter, if at all",
            f"{short} differ too little to matter",
        ]
    if finding.leans_worse:
        cores = _cores(finding, slots)
        ends = (f"by less than {size}", f"by under {size.replace('every ', '')}")
        return [
            *(f"{core}, {end}" for core in cores for end in ends),
            *(f"slightly {core}" for core in cores),
        ]
    return [
        (
            f"{noun} with and without {slots.programme}{_among(slots)} differ by less than {size},"
            " if at all"
        ),
        f"{noun}{_among(slots)} differ by less than {size}, if at all",
        f"{short}{_among(slots)} differ by less than {size}",
        f"{short} differ by under {size.replace('every ', '')}",
    ]


def _size_in_heading(finding: Finding) -> str:
    if finding.matters is None:
        return ""
    figures = printed(finding)
    unit = {"rate": "times", "scale": "point" if figures.matters == "1" else "points"}
    return f"{figures.matters} {unit.get(finding.kind, EVERY_100)}"


def _before_adjustment(finding: Finding, slots: Slots) -> list[str]:
    """A difference taken alone, and none among all comparisons; on harm watch where it is worse."""
    ends = [", but not once all comparisons count", "; it may be chance", "; may be chance"]
    if finding.harm_watch == WORSE:
        cores = _cores(finding, slots)
        return [core + end for end in ("; on harm watch", "; harm watch") for core in cores]
    if finding.leans_worse:
        ends = [
            ", worse before all comparisons are counted",
            "; worse, not certain",
            "; not certain",
        ]
    return [core + end for core in _cores(finding, slots) for end in ends]


def _unreliable(finding: Finding, slots: Slots) -> list[str]:
    """An estimate that is shown and rests on too few units."""
    few = f", but too few {slots.sites} to rely on it"
    cores = _cores(finding, slots)
    return [*(core + few for core in cores), *(f"{core}; not reliable" for core in cores)]


def _undefined(finding: Finding, slots: Slots) -> list[str]:
    """The plan calls neither direction better: the direction is told only where the interval is on
    one side."""
    if not finding.one_side:
        return _cannot_tell(finding, slots)
    amount = f"{_towards(finding)} {slots.noun}"
    return [
        f"{amount}{_with(slots)}; neither better nor worse by the plan",
        f"{amount}; neither better nor worse by the plan",
        f"{_towards(finding)} {_short(slots)}; neither better nor worse",
    ]
