"""From an exact row to the row that may leave: primary suppression, rounding, counts in fives
(rules S1 to S10, S20)."""

from collections.abc import Sequence

from analysis.disclosure.named.rows import FACTS, Counted, counted, note_rows
from analysis.disclosure.parts import names_in, protected_names
from analysis.disclosure.rules import (
    CRUDE,
    Clearance,
    is_small,
    load_rules,
    released_figures,
    round_to_base,
)
from analysis.disclosure.suppression import clear_estimate, rate_of
from analysis.record.row import SUPPORT_KEYS, Row
from analysis.results import Estimate, Fact, Ranked, Support, Withheld, significant

IDENTITY = ("level", "outcome", "group", "direction")
KEPT = ("family", "note")  # says nothing about people
ANALYST = "analyst"  # note of rows that stay in the private record
UNRELIABLE = "not_reliable"  # note of rows of few people
ROUNDED = ("sesoi", "mde")


def released_rows(rows: Sequence[Row], *, place: str, clearance: Clearance) -> tuple[Row, ...]:
    """Every row of a place as it may be shown. Withheld too is what a withheld group's gap could be
    worked out from, and what holds a count that the joint decision withholds. Every count that the
    rows print or withhold is noted."""
    rows = [row for row in rows if row.note != ANALYST]
    done = tuple(_released(row, clearance) for row in rows)
    if clearance.public:
        return done
    numbers = counted(rows, place=place, clearance=clearance)
    done = tuple(
        _under_decision(own, shown, clearance) for own, shown in zip(numbers, done, strict=True)
    )
    hidden = protected_names(rows, done)
    pairs = zip(rows, done, strict=True)
    done = tuple(_withheld(shown) if names_in(exact) & hidden else shown for exact, shown in pairs)
    note_rows(numbers, done)
    return done


def _under_decision(own: Counted | None, shown: Row, clearance: Clearance) -> Row:
    """The row without the counts that the joint decision withholds: as a whole, or without its
    numbers of practitioners."""
    if own is None:
        return shown
    if own.names & clearance.hidden:
        return _withheld(shown)
    empty = own.fields_hidden(clearance.hidden)
    return shown.with_(**dict.fromkeys(empty)) if empty else shown


def _released(row: Row, clearance: Clearance) -> Row:
    result = row.result
    if isinstance(result, Fact):
        return _described(row, clearance)
    cleared = clear_estimate(
        result,
        clearance=clearance,
        crude=row.estimand in CRUDE,
    )
    identity = {key: getattr(row, key) for key in (*IDENTITY, *KEPT)}
    figures = released_figures(clearance)
    rounded = {key: _rounded(getattr(row, key), figures) for key in ROUNDED}
    if isinstance(cleared, Ranked):
        return Row.of(cleared, **identity | rounded).released
    if isinstance(cleared, Estimate):
        note = row.note if cleared.reliable else UNRELIABLE
        released = Row.of(cleared, **identity | rounded | {"note": note}).released
        return _without_few_clusters(row, released, clearance)
    released = Row.of(cleared, **identity | rounded | {"mde": None}).released
    return released if clearance.public else released.without_counts


def _without_few_clusters(row: Row, released: Row, clearance: Clearance) -> Row:
    """Practitioners of whom nobody is in the row are people too: few of them are not told (S12)."""
    few = row.support is not None and is_small(row.support.clusters_left_out, load_rules())
    people = clearance.clusters_are_people and not clearance.public
    return released.with_(clusters_left_out=None) if people and few else released


def _rounded(value: float | None, figures: int) -> float | None:
    return None if value is None else significant(value, figures)


def _described(row: Row, clearance: Clearance) -> Row:
    """A fact: the share from counts in fives, withheld where one of its counts is small; bounds to
    three figures.

    Of counts that were published before every number has six figures (S0).
    """
    figures = released_figures(clearance)
    released = row.released.with_(left_out=None, clusters_left_out=None)
    if row.note == "bounds":
        return released.with_(
            conf_low=_rounded(row.conf_low, figures), conf_high=_rounded(row.conf_high, figures)
        )
    if clearance.public:
        return released.with_(value=_rounded(row.value, figures))
    if row.estimand not in FACTS:  # nothing is compared here, and nothing is counted
        return released.without_counts
    support = row.support or Support()
    if is_small(support.smallest_cell, load_rules()) or row.n is None or row.value is None:
        return _withheld(released)
    base = load_rules().rounding_base.value
    n = round_to_base(row.n, base)
    if row.unit != "in_every_100":
        others = dict.fromkeys(SUPPORT_KEYS) | {"n": n}
        return released.with_(value=significant(row.value), **others)
    if row.n_treated is None:
        return _withheld(released)
    treated = round_to_base(row.n_treated, base)
    return released.with_(n=n, n_treated=treated, value=rate_of(row.n_treated, row.n))


def withheld_whole(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Every row of a place that is withheld whole: what it is about, and nothing that was found."""
    return tuple(_nothing_found(row) for row in rows if row.note != ANALYST)


def _nothing_found(row: Row) -> Row:
    """A row that would have been judged where it was found (of a monitor) is judged as withheld."""
    note = None if row.note == UNRELIABLE else row.note
    judged = None if row.result_class is None else "withheld"
    return _withheld(row.with_(note=note)).with_(result_class=judged)


def _withheld(row: Row) -> Row:
    """The row with nothing but its place, and why."""
    empty = Withheld(row.estimand, row.method, row.unit)
    identity = {key: getattr(row, key) for key in (*IDENTITY, *KEPT)}
    return Row.of(empty, **identity, sesoi=row.sesoi)
