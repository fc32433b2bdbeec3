"""Sentences of the page of a place: what is true of it first, what cannot be told, and what would
lift that."""

from collections.abc import Sequence

from analysis.said.texts import capital, sentence, small, together
from analysis.said.told import told
from analysis.sections.page.at_place import Difference

MOST_NAMED = 3
FALSE_SHARE = 0.025  # of comparisons without harm: the interval lies on the worse side by chance
STANDINGS = {
    "to_be_asked": "still to be asked for",
    "received": "received and not decided",
    "not_accepted": "not accepted, with reform to come",
}
# Why a comparison tells nothing, in words, and what would lift it; in the order of the page.
CAUSES = {
    "too_few": (
        "Too few people or events for a comparison",
        "more rounds added up; elsewhere the same comparison has more people",
    ),
    "withheld": (
        "Withheld to protect people",
        "nothing here; the page of all places has more people",
    ),
    "not_given": (
        "Not in the table that was read",
        "a table that counts these people",
    ),
    "unsure": (
        "Interval too wide to tell a difference from chance",
        "more rounds, or more people",
    ),
}


def many(count: int, one: str, more: str) -> str:
    """ "1 comparison", "3 comparisons"."""
    return f"{told(count)} {one if count == 1 else more}"


@sentence
def comparisons_line(name: str, differences: Sequence[Difference]) -> str:
    """How many comparisons ask for an explanation, of how many that could be made."""
    made = [one for one in differences if one.missing is None]
    asking, missing = sum(one.explanation is not None for one in made), len(differences) - len(made)
    if not differences:
        return f"No monitor has a comparison for {name} in this round."
    if not made:
        return f"In {name} none of {many(missing, 'comparison', 'comparisons')} could be made."
    ask = "asks" if asking == 1 else "ask"
    said = (
        f"In {name} {told(asking)} of the {many(len(made), 'comparison', 'comparisons')} that"
        f" could be made {ask} for an explanation"
    )
    return f"{said}; {told(missing)} could not be made." if missing else f"{said}."


@sentence
def explanations_line(differences: Sequence[Difference]) -> str:
    """Where the explanations stand: those with a day first, then those that nobody was asked for,
    then those that wait for a decision."""
    if not differences:
        return "No monitor was looked at, so that nobody is asked for an explanation."
    owed = [one.explanation for one in differences if one.explanation is not None]
    parts = []
    for due, late in dict.fromkeys((o.due, o.late) for o in owed if o.standing == "asked"):
        count = sum((o.due, o.late, o.standing) == (due, late, "asked") for o in owed)
        one, more = ("was due", "were due") if late else ("is due", "are due")
        said = f"{many(count, 'explanation', 'explanations')} {one if count == 1 else more} by"
        parts.append(f"{said} {due}{', not yet received' if late else ''}")
    for standing, words in STANDINGS.items():
        count = sum(one.standing == standing for one in owed)
        if count:
            whole = many(count, "explanation is", "explanations are")
            parts.append(f"{many(count, 'is', 'are') if parts else whole} {words}")
    return f"{together('; ', parts)}." if parts else "No explanation is due here."


@sentence
def pilots_line(name: str, pilots: int, own: int) -> str:
    """How many pilots have an answer for the place alone."""
    if not pilots:
        return f"No pilot is known for {name} in this round."
    if not own:
        return f"No pilot has an answer for {name} alone."
    has = "has" if own == 1 else "have"
    return f"{told(own)} of {many(pilots, 'pilot', 'pilots')} {has} an answer for {name} alone."


@sentence
def worse_first_line(name: str, titles: Sequence[str], pilots: int) -> str:
    """In which pilots something worse stands out here. The outcomes are named in the list below:
    not every one of them stands out by itself."""
    rest = len(titles) - MOST_NAMED
    more = f"; and {told(rest)} more" if rest > 0 else ""
    this = "This is" if len(titles) == 1 else "These are"
    start = f"Outcomes are worse in {told(len(titles))} of {many(pilots, 'pilot', 'pilots')}"
    named = together("; ", titles[:MOST_NAMED])
    return f"{start} in {name}, by more than chance. {this} {named}{more}."


@sentence
def by_chance(watched: int) -> str:
    """How many of so many comparisons without harm would look worse: "about 2"."""
    expected = round(watched * FALSE_SHARE)
    return f"about {told(expected)}" if expected else f"fewer than {told(1)}"


@sentence
def watched_line(watched: int) -> str:
    """How many comparisons are watched, and how many of them chance alone would make look worse."""
    said = many(watched, "comparison is", "comparisons are")
    return f"{said} watched; chance alone would make {by_chance(watched)} of them look worse."


@sentence
def worse_by_chance_line(name: str, worse: int, watched: int, *, stand_out: bool) -> str:
    """How many comparisons are worse before any allowance, and how many chance alone would make
    look so."""
    looked = (
        f"of {many(watched, 'comparison', 'comparisons')} {many(worse, 'is', 'are')} worse before"
        f" any allowance; chance alone would give {by_chance(watched)}"
    )
    return capital(f"{looked}.") if stand_out else f"No pilot stands out in {name}: {looked}."


@sentence
def cannot_tell_line(cause: str, count: int) -> str:
    """One cause: how many comparisons, and what would lift it."""
    words, lift = CAUSES[cause]
    start = f"{words}: {many(count, 'comparison', 'comparisons')}."
    return f"{start} What would lift it: {lift}."


@sentence
def heading(name: str, asking: int, worse: int, pilots: int) -> str:
    """The heading of the page: what is worse, else what asks for an explanation, else how many
    pilots are known. `worse`: pilots with an outcome that is worse here."""
    if worse:
        first = f"{name}: outcomes worse in {many(worse, 'pilot', 'pilots')}"
        return f"{first}; {_asking(asking)}" if asking else first
    if asking:
        return f"{name}: {_asking(asking)}"
    return f"{name}: no comparison asks for an explanation; {many(pilots, 'pilot', 'pilots')}"


def _asking(count: int) -> str:
    ask = "asks" if count == 1 else "ask"
    return f"{many(count, 'comparison', 'comparisons')} {ask} for an explanation"


@sentence
def owed_words(one: Difference) -> str:
    """ "recall (Black)"."""
    return f"{one.noun} ({one.group})"


@sentence
def row_numbers(own: str, whole: str, one: Difference) -> str:
    """Verdict, then how many times as often here with the interval, and over all places."""
    if one.missing is not None:
        return f"{capital(one.whole)}: {whole}."
    return f"{capital(one.verdict)}: {own}; {small(one.whole)} {whole}."


@sentence
def elsewhere_words(count: int) -> str:
    """ "21 more"."""
    return f"{told(count)} more"


@sentence
def by_title_line(name: str, own: int, pilots: int, *, others: bool) -> str:
    """How many pilots stand by their title alone, and how many of them have an answer for the place
    (`own`); `others`: beside some that stand in full."""
    other = "other " if others else ""
    start = many(pilots, f"{other}pilot", f"{other}pilots")
    if not own:
        return f"{start} without an answer for {name} alone:"
    return f"{start}, {told(own)} of them with an answer for {name} alone:"


@sentence
def not_shown_line(shown: int, whole: int) -> str:
    """How many comparisons stand in full, and how they were chosen."""
    if not whole:
        return "No comparison of a monitor stands here."
    return (
        f"{told(shown)} of {many(whole, 'comparison', 'comparisons')} stand here in full: those"
        " that ask for an explanation, and the one that leads each monitor. After the verdict: how"
        " many times as often, with its interval."
    )


@sentence
def most_line(shown: int, whole: int) -> str:
    """That a list was cut, in its own fixed order; empty where all of it stands."""
    rest = whole - shown
    return f"And {told(rest)} more, each on the page of its study." if rest > 0 else ""
