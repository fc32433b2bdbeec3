"""Rule S13: what two releases tell together, by subtraction.

Where the people of two printed counts overlap, their difference is a count of its own. It is nobody
or at least ten people, or both counts are in fives and of periods that were over when the data were
drawn.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from analysis.disclosure.codings import nest
from analysis.disclosure.rules import Rules, load_rules
from analysis.errors import RunError
from analysis.runs.release.releases import Interval, Release

PERIOD = re.compile(r";period=([^;]*)")
LABEL = re.compile(r"(\d{4})(?: Q([1-4])|-(\d{2}))?")
NEWEST = "newest"  # the label of a release's own period
Span = tuple[date, date]


def check_against(new: Release, earlier: tuple[Release, ...]) -> None:
    """RunError E332 names the earlier release from which a small difference would follow, E334 one
    that `new` corrects and does not say that it replaces."""
    rules = load_rules()
    for old in earlier:
        if old.study != new.study or not _same_people(new.source, old.source):
            continue
        _check_coding(new, old)
        if old.data_hash == new.data_hash:
            continue  # the same private numbers: the attack has them
        if found := next(small_differences(new, old, rules), None):
            text = f"beside {old.name}, this release would tell of a few people: {found}."
            remedy = "Release closed periods, rounded to 5, or another cut of the data."
            raise RunError("E332", text, remedy=remedy)
        if (found := next(corrected(new, old), None)) and new.replaces != old.number:
            if any(later.replaces == old.number for later in earlier):
                continue  # it was corrected already, by a release that is looked at itself
            text = f"{found} differs from {old.name}, whose period was over: this corrects it."
            raise RunError("E334", text, remedy=f"Name it: --replaces {old.number}.")


def _check_coding(new: Release, old: Release) -> None:
    """S14: groups of two codings that do not nest differ by a few people of the same time."""
    if not nest(new.coding, old.coding) and next(overlapping(new, old), None):
        text = f"its groups and those of {old.name} are of codings that do not nest, at one time."
        raise RunError("E336", text, remedy="Release one coding, or a time that was not released.")


def _same_people(one: str, other: str) -> bool:
    """Whether two sources can hold the same people: a synthetic nation holds its own."""
    made_up = [source.partition("-")[0] == "synthetic" for source in (one, other)]
    return one == other if any(made_up) else True


def small_differences(new: Release, old: Release, rules: Rules) -> Iterator[str]:
    """Names of counts of `new` of which the difference to a count of `old` that overlaps it would
    be, or could be, of 1 to 9 people."""
    closed = new.is_closed and old.is_closed
    for key, mine, theirs in overlapping(new, old):
        in_fives = _in_fives(mine, rules) and _in_fives(theirs, rules)
        if not (closed and in_fives) and _may_be_small(mine, theirs, rules.threshold):
            yield key


def corrected(new: Release, old: Release) -> Iterator[str]:
    """Names of counts of the same people at the same time that are printed otherwise now."""
    before = {_at(key, old): interval for key, interval in old.counts.items()}
    for key, interval in new.counts.items():
        if before.get(_at(key, new), interval) != interval:
            yield key


def overlapping(new: Release, old: Release) -> Iterator[tuple[str, Interval, Interval]]:
    """Each pair of counts of the same cell whose periods overlap, by the name of the newer one."""
    cells: dict[str, list[tuple[Span | None, Interval]]] = {}
    for key, interval in old.counts.items():
        cells.setdefault(PERIOD.sub("", key), []).append((_span(key, old), interval))
    for key, interval in new.counts.items():
        span = _span(key, new)
        for other, theirs in cells.get(PERIOD.sub("", key), ()):
            if span is None or other is None or (span[0] <= other[1] and other[0] <= span[1]):
                yield key, interval, theirs


def _may_be_small(one: Interval, other: Interval, threshold: int) -> bool:
    """The difference of two counts in these intervals is not surely 0, and not surely that of
    `threshold` people or more."""
    least, most = one[0] - other[1], one[1] - other[0]
    return not (least == most == 0 or least >= threshold or most <= -threshold)


def _in_fives(interval: Interval, rules: Rules) -> bool:
    """As many numbers are left open as rounding leaves; a few less where it would be below 0."""
    low, high = interval
    return high - low + 1 >= rules.rounding_base.value


def _at(key: str, release: Release) -> tuple:
    """A count's cell, and when: a label, or the release's own period."""
    label = _label(key)
    own = (release.period_from, release.period_to)
    return PERIOD.sub("", key), own if label in (None, NEWEST) else label


def _label(key: str) -> str | None:
    found = PERIOD.search(key)
    return found[1] if found else None


def _span(key: str, release: Release) -> Span | None:
    """From when to when a count is; None where that is not known, so that it overlaps all."""
    label = _label(key)
    try:
        if label in (None, NEWEST):
            ends = release.period_from, release.period_to
            return date.fromisoformat(ends[0] or ""), date.fromisoformat(ends[1] or "")
        found = LABEL.fullmatch(label or "")
        return _span_of(found) if found else None
    except ValueError:
        return None


def _span_of(label: re.Match[str]) -> Span:
    """A year, a quarter or a month. ValueError for a month that is none."""
    year = int(label[1])
    first, months = 1, 12
    if label[2]:
        first, months = 3 * int(label[2]) - 2, 3
    elif label[3]:
        first, months = int(label[3]), 1
    after = first + months - 1
    end = date(year + after // 12, after % 12 + 1, 1) - timedelta(days=1)
    return date(year, first, 1), end
