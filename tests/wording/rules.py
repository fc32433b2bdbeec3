"""The rules of sentences (page rules, section 1a), each a function from a page to the texts that
break it.

They know nothing of how a page is made: they read what a reader reads.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from statistics import median

from analysis.plans.plan import Plan
from analysis.plans.registry import load_plan, plan_files
from analysis.vocabulary.months import MONTHS
from analysis.vocabulary.regions import place_set
from wording.reading import Page

MOST_WORDS, MEDIAN_WORDS, MOST_IN_HEADING = 40, 18, 14
COMPARES = re.compile(
    r"times as often|just as often|(?:more|less|about as) often|in every 1?\d|\b(?:fewer|more) "
)
NEGATED = re.compile(
    r"\b(?:were|was|had|has|have|did) (?:not|never|no)\b(?!"
    r" (?:told|tested|shown|asked|known|worked|measured|counted|"
    r"published|in the|enough|yet|set|been|be|run|borne))|\bnot (?:more|less) often\b"
)
DIRECTION = re.compile(
    r"\b(?:fewer|more|less|higher|lower|better|worse|as often|narrow|wide|too little to matter|the"
    r" same|alike|\d[\d.,]*|"
    r"one|withheld)\b",
    re.IGNORECASE,
)
# In place of a direction: why there is none. "Too few to tell whether they differ" is no such
# reason.
INSTEAD = re.compile(
    r"too few (?!.*\bto tell\b)|outside the pilot|did not take part|nobody to compare with"
    r"|do not hang together"
)
PERIOD = re.compile(r"\b(?:19|20)\d\d\b")
DATED = re.compile(rf"\b(?:until|not before|by|due) (\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})")
RATIO = re.compile(
    r"(?<![\d.,])(\d+(?:\.\d+)?) times as often|95% confidence interval (\d[\d.]*) to (\d[\d.]*)"
    r" times"
)
AMOUNT = re.compile(
    r"(?<![\d.,])(\d+(?:\.(\d+))?) (?:fewer|more)\b(?! than \d)|(?<![\d.,])(\d+(?:\.(\d+))?) in"
    r" every 1"
)
SMALLEST = 0.06
OF_MANY = ("places", "portfolio")  # pages of many studies, with the sizes of all of them
CLUMSY = re.compile(r"from (?:the \w+ ethnic group|a Mixed ethnic background|Other ethnic groups)")
NOTE = "including White minority"
DIFFER, ALIKE, RECONCILED = (
    re.compile(r"\bregions differ\b"),
    re.compile(r"does not stand apart|was not told apart"),
    re.compile(r"taken together|no single one"),
)


def negated_events(page: Page) -> list[str]:
    """A comparison of an event that is said as what did not happen reads as its opposite."""
    return [one for one in page.sentences if COMPARES.search(one) and NEGATED.search(one)]


def headings_without_content(page: Page) -> list[str]:
    """A heading says of whom or of what, and a direction, a count, that it is withheld, or what
    there is too little of."""
    if page.name == "index" or page.study in OF_MANY:
        return []
    said = without_place(page)
    named = any(word in said.lower() for word in _subjects(load_plan(page.study)))
    told = DIRECTION.search(said) or INSTEAD.search(said)
    return [] if named and told and len(said.split()) > 3 else [page.heading]


def without_place(page: Page) -> str:
    """The heading without the name of the place at its start."""
    kind = place_set(load_plan(page.study).data.places)
    names = (kind.together, *(place.name for place in kind.places))
    found = next(
        (name for name in sorted(names, key=len)[::-1] if page.heading.startswith(name)), ""
    )
    return page.heading.removeprefix(found).lstrip(":, ")


def _heading_words(page: Page) -> list[str]:
    """Of the page of a place: after its name and the colon."""
    many = page.study in OF_MANY
    return (page.heading.partition(": ")[2] if many else without_place(page)).split()


def _subjects(plan) -> set[str]:
    """What a heading can be about: words of the plan's outcomes, of its programme and of those who
    are counted."""
    outcomes = plan.outcomes if isinstance(plan, Plan) else getattr(plan, "measures", ())
    texts = [
        text
        for one in outcomes
        for text in (one.noun, one.plain, getattr(one, "event", None))
        if text
    ]
    texts += [plan.words.programme] if isinstance(plan, Plan) else ["commitments"]
    words = {word.strip(",.;").lower() for text in texts for word in text.split()}
    return {word for word in words if len(word) > 4} - {
        "people",
        "their",
        "those",
        "after",
        "under",
        "other",
    }


def headings_too_long(page: Page) -> list[str]:
    """At most 14 words after the name of the place."""
    return (
        [page.heading]
        if page.name != "index" and len(_heading_words(page)) > MOST_IN_HEADING
        else []
    )


def pages_without_period(page: Page) -> list[str]:
    """The strip of every page of a study names the period of its figures."""
    return [] if page.name == "index" or PERIOD.search(page.strip) else [page.strip]


def stale_dates(page: Page, today: date) -> list[str]:
    """An instruction whose day has passed; a register says what was due, and that it has not
    come."""
    found = []
    for one in page.sentences:
        for day, month, year in DATED.findall(one):
            passed = date(int(year), MONTHS.index(month) + 1, int(day)) < today
            if passed and not re.search("not received|accepted|asked on|received", one):
                found.append(one)
    return found


def empty_folds(page: Page) -> list[str]:
    """A fold with nothing in it."""
    return [title for title, inside in page.folds if not inside]


def long_sentences(page: Page) -> list[str]:
    """Over 40 words; the title of a document that is cited is as long as it is."""
    return [
        one
        for one in page.whole_sentences
        if len(one.split()) > MOST_WORDS and not one.startswith("Source: ")
    ]


def badly_rounded(page: Page) -> list[str]:
    """Two decimals for ratios and one for points and rates, in sentences; more only where fewer
    would mislead."""
    marks = _sizes(page) | _alike_with_one_decimal(page)
    return [
        one for one in page.whole_sentences if _ratio_is_short(one) or _amount_is_long(one, marks)
    ]


def _ratio_is_short(sentence: str) -> bool:
    numbers = [number for match in RATIO.findall(sentence) for number in match if number]
    return any(len(number.partition(".")[2]) < 2 and number != "0" for number in numbers)


def _amount_is_long(sentence: str, marks: set[float]) -> bool:
    """More decimals than one, and none of the numbers would be printed as one of the `marks` with
    one."""
    found = _amounts(sentence)
    return any(len(tail) > 1 for _, tail in found) and not any(
        _shown(number) in marks for number, _ in found
    )


def _amounts(sentence: str) -> list[tuple[str, str]]:
    return [(match[0] or match[2], match[1] or match[3]) for match in AMOUNT.findall(sentence)]


def _shown(number: str) -> float:
    """As one decimal would show it; what would be shown as 0.1 and is less counts as 0."""
    value = float(number)
    return 0.0 if value < SMALLEST else round(value, 1)


def _alike_with_one_decimal(page: Page) -> set[float]:
    """Numbers that two different ones of the page would both be printed as."""
    found = {
        number for one in page.whole_sentences for number, tail in _amounts(one) if len(tail) > 1
    }
    shown = [_shown(number) for number in found]
    return {one for one in shown if shown.count(one) > 1}


def _sizes(page: Page) -> set[float]:
    """0 and the sizes that matter to the study: a number beside them keeps its side of them."""
    shown = plan_files() if page.study in OF_MANY else {page.study} & set(plan_files())
    plans = [plan for study in shown if isinstance(plan := load_plan(study), Plan)]
    return {0.0} | {o.matters for plan in plans for o in plan.compared if o.matters}


def clumsy_grammar(page: Page) -> list[str]:
    """The group stands before the noun of those at risk; the note on White minority people stands
    once."""
    clumsy = [one for one in page.sentences if CLUMSY.search(one)]
    notes = [one for one in page.sentences if NOTE in one]
    return [*clumsy[1:], *notes[1:]]


def contradictions(page: Page) -> list[str]:
    """ "Regions differ" and "does not stand apart" need the sentence that reconciles them; and
    others that cannot both be."""
    text = " ".join(page.sentences)
    found = []
    if DIFFER.search(text) and ALIKE.search(text) and not RECONCILED.search(text):
        found.append("regions differ / does not stand apart")
    harmed = re.search(r"\bWorse: ", text) and not text.count("Worse: none")
    if harmed and "Harm watch None" in text:
        found.append("worse / harm watch none")
    return found


def unfounded(page: Page) -> list[str]:
    """Words that need more than a default: "no sign" without a size, a reform that nobody was asked
    for."""
    found = []
    for one in page.sentences:
        if re.search(r"\bno sign\b", one, re.IGNORECASE) and not re.search(r"\d", one):
            found.append(one)
        if re.search(r"reform due: no accepted explanation", one, re.IGNORECASE):
            found.append(one)
    return found


RULES: dict[str, Callable[[Page], list[str]]] = {
    "negated events": negated_events,
    "headings without content": headings_without_content,
    "headings too long": headings_too_long,
    "pages without period": pages_without_period,
    "empty folds": empty_folds,
    "long sentences": long_sentences,
    "badly rounded": badly_rounded,
    "clumsy grammar": clumsy_grammar,
    "contradictions": contradictions,
    "unfounded": unfounded,
}


def faults(pages: Iterable[Page], rules: Iterable[str] = RULES) -> dict[str, list[str]]:
    """By rule: "study/place: text" of everything that breaks it, nothing left out."""
    pages = list(pages)
    return {
        name: [f"{page.name}: {text}" for page in pages for text in RULES[name](page)]
        for name in rules
    }


def median_words(pages: Iterable[Page]) -> float:
    """Median number of words of the sentences of all pages."""
    return median(len(one.split()) for page in pages for one in page.whole_sentences)
