"""As first published and as now: how far the figures of a study have moved since the last signed
round, and why as far as that can be told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.judgement.wording.figures_in_words import capital, listed
from analysis.judgement.wording.periods import day_words
from analysis.plans.study_plan import StudyPlan
from analysis.record import store
from analysis.record.record import Record
from analysis.rounds.frozen import RESULTS, hash_now
from analysis.rounds.log import LEAD, Entry
from analysis.said.texts import leaves, named, sentence
from analysis.said.told import told
from analysis.sections.page.block import page_of
from analysis.sections.page.nation import place_name
from analysis.sections.page.since import Move, same_period
from analysis.vocabulary.regions import NATIONAL

MOST_NAMED = 12
NEW_DATA, RESTATED, METHOD, PLAN = "new data", "restated data", "method", "plan"


@dataclass(frozen=True)
class Before:
    """The last signed round before another: the lead's step, and its records by place as they were
    signed (empty where they are not here as they were)."""

    entry: Entry
    records: Mapping[str, Record]


@dataclass(frozen=True)
class Since:
    """What a page says of the round before: its title, and a line for each figure."""

    title: str
    lines: tuple[str, ...]

    def __post_init__(self):
        leaves(self, "a sentence of a page", "title", "lines")


def signed_before(log: Iterable[Entry], key: tuple[str, str, str]) -> Entry | None:
    """The last lead's step over the study on this source in another round, before that of this
    one."""
    own = [one for one in log if one.step == LEAD and (one.source, one.study) == (key[0], key[2])]
    signed = next((one.number for one in own if one.round_id == key[1]), None)
    earlier = [one for one in own if signed is None or one.number < signed]
    return earlier[-1] if earlier else None


def records_before(reports: Path, entry: Entry) -> Before:
    """The records of a signed round; none where one of them is not the one that was signed."""
    folder = reports.joinpath(*entry.key)
    if any(hash_now(folder / place) != sha for place, sha in entry.records.items()):
        return Before(entry, {})
    return Before(entry, {p: store.load(folder / p / RESULTS) for p in entry.records})


def causes(then: Record, now: Record, *, same: bool) -> tuple[str, ...]:
    """What differs between two records. same: the figures that are compared are of one period."""
    found = [] if same else [NEW_DATA]
    if same and then.data_hash != now.data_hash:
        found.append(RESTATED)
    found += [METHOD] if then.code_version != now.code_version else []
    return (*found, *([PLAN] if then.plan_hash != now.plan_hash else []))


@sentence
def cause_words(found: tuple[str, ...]) -> str:
    """The cause beside a move. One that stands alone is said alone; of several nobody can tell
    which it was, unless the round before is run again on its own data."""
    if not found:
        return "no change of data, method or plan"
    if len(found) == 1:
        return _not_the_others(found[0])
    return f"{listed(found)}: not told apart"


def _not_the_others(cause: str) -> str:
    data = cause in (NEW_DATA, RESTATED)
    others = [METHOD, PLAN] if data else ["data", *(w for w in (METHOD, PLAN) if w != cause)]
    return f"{cause}, not {' or '.join(others)}"


def since(plan: StudyPlan, before: Before, now: Record) -> Since | None:
    """What the page of a record says of the round before; None where its kind has no such row, or
    the place had no record then."""
    moves = page_of(plan).moves
    then = before.records.get(now.region)
    if moves is None:
        return None
    title = _title(before.entry)
    if not before.records:
        return Since(title, ("The records of that round are not here as they were signed.",))
    if then is None or all(row.status == "withheld" for row in now.rows):
        return None  # what is withheld now is not repeated as it was
    found = moves(plan, then, now)
    moved = [one for one in found if one.is_beyond_rounding]
    still = len(found) - len(moved)
    lines = tuple(move_line(one, then, now) for one in moved)
    unmoved = () if moved else _changed_all_the_same(causes(then, now, same=same_period(then, now)))
    return Since(title, (*lines, *_still(still, len(found)), *unmoved)) if found else None


@sentence
def _title(entry: Entry) -> str:
    return f"Since round {named(entry.round_id)}, signed on {day_words(entry.day)}"


@sentence
def move_line(move: Move, then: Record, now: Record) -> str:
    """ "Recalls: was 2.4 fewer (6.3 fewer to 1.5 more), now 1.8 fewer (...). Cause: new data, not
    method or plan." """
    cause = cause_words(causes(then, now, same=move.same_period))
    start = f"{capital(move.of)}: first published {move.then}, now {move.now}."
    return f"{start} Cause: {cause}."


@sentence
def _still(still: int, of: int) -> tuple[str, ...]:
    """That figures are as first published, beyond rounding."""
    if not still:
        return ()
    if of == 1:
        return ("As first published.",)
    figures = "figure is" if still == 1 else "figures are"
    return (f"{told(still)} of {told(of)} {figures} as first published.",)


@sentence
def _changed_all_the_same(found: tuple[str, ...]) -> tuple[str, ...]:
    """What is another than in the round before, though no figure has moved: a class or a verdict
    can hang on it (a size that matters, a band). That the period moved on is said elsewhere."""
    told_here = tuple(cause for cause in found if cause != NEW_DATA)
    return (f"Changed since then: {listed(told_here)}.",) if told_here else ()


# -- verdicts of a place ---------------------------------------------------------------------------
def verdicts(
    plan: StudyPlan, records: Mapping[str, Record], place: str
) -> dict[tuple[str, str, str], str]:
    """The verdict of each comparison of a place, by study, measure and group; none where its kind
    has none."""
    here = page_of(plan).here
    if here is None or place not in records or NATIONAL not in records:
        return {}
    others = {name: one for name, one in records.items() if name != NATIONAL}
    found = here(plan, records[place], records[NATIONAL], others).differences
    return {(plan.study, one.measure, one.group): one.verdict for one in found}


@sentence
def verdicts_line(rounds: Iterable[str], moved: int, of: int) -> str:
    """ "Since round 2026Q2: 3 of 43 verdicts are others"."""
    start = f"since round {named(listed(tuple(rounds)))}"
    return f"{start}: {told(moved)} of {told(of)} verdicts changed"


# -- what a correction changed ---------------------------------------------------------------------
def changed_rows(then: Mapping[str, Record], now: Mapping[str, Record]) -> dict[str, list[str]]:
    """Outcome and group of each row of which class, verdict or harm watch is another, by place."""
    found: dict[str, list[str]] = {}
    for place in dict.fromkeys((*then, *now)):
        was, is_now = (_judged(records.get(place)) for records in (then, now))
        keys = [key for key in dict.fromkeys((*was, *is_now)) if was.get(key) != is_now.get(key)]
        if keys:
            found[place] = list(dict.fromkeys(f"{outcome}, {group}" for outcome, group, *_ in keys))
    return found


def _judged(record: Record | None) -> dict[tuple, tuple]:
    """Class and harm watch of each row that has one."""
    rows = record.rows if record else ()
    return {
        (row.outcome, row.group, row.estimand, row.method, row.note): (
            row.result_class,
            row.harm_watch,
        )
        for row in rows
        if row.result_class or row.harm_watch
    }


@sentence
def changed_words(plan: StudyPlan, found: Mapping[str, list[str]]) -> tuple[str, ...]:
    """ "Wales: recall, Black to White"; of a long list the first, and how many more."""
    lines = [
        f"{place_name(plan, place)}: {named(row.replace('_', ' '))}"
        for place, rows in found.items()
        for row in rows
    ]
    rest = len(lines) - MOST_NAMED
    more = (f"and {told(rest)} more",) if rest > 0 else ()
    return (*lines[:MOST_NAMED], *more)
