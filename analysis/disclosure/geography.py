"""Units beside the whole that they make up: which of them may stand with their counts so that none
is given back.

A withheld count of a unit could be bounded by the count of the whole less those of the other units.
Counts are in fives, so each of them leaves an attacker a margin of 2 either way. Where the withheld
count could still be told within fewer than 10 values, a further unit is withheld (rule S4).
tests/test_geography.py holds it against a linear program.
"""

from collections.abc import Mapping

from analysis.disclosure.rules import Rules, is_small, load_rules, round_to_base

NARROW = 10  # S4: a withheld count must not be bounded within fewer values


def shown_units(
    counts: Mapping[str, int], *, whole_shown: bool = True, rules: Rules | None = None
) -> frozenset[str]:
    """Units whose count may stand beside that of the whole. `counts`: exact distinct people (or
    events) by unit.

    Small counts are withheld first; then, smallest first, as many others as it takes. `whole_shown`
    False: the whole is withheld as well, and bounds nothing.
    """
    rules = rules or load_rules()
    shown = {unit for unit, count in counts.items() if not is_small(count, rules)}
    if not whole_shown:
        return frozenset(shown)
    while shown and (hidden := [unit for unit in counts if unit not in shown]):
        if all(
            high - low + 1 >= NARROW
            for low, high in (_bounds(unit, counts, shown, rules) for unit in hidden)
        ):
            break
        shown.discard(min(shown, key=lambda unit: (counts[unit], unit)))
    return frozenset(shown)


def whole_may_stand(counts: Mapping[str, int], *, rules: Rules | None = None) -> bool:
    """Whether the count of the whole gives no withheld unit back, where units are withheld only
    because they are small.

    For pages that are made apart, each with its own small counts withheld: the nation beside its
    places.
    """
    rules = rules or load_rules()
    shown = {unit for unit, count in counts.items() if not is_small(count, rules)}
    hidden = [unit for unit in counts if unit not in shown]
    return all(
        high - low + 1 >= NARROW
        for low, high in (_bounds(unit, counts, shown, rules) for unit in hidden)
    )


def _bounds(unit: str, counts: Mapping[str, int], shown: set[str], rules: Rules) -> tuple[int, int]:
    """What an attacker knows of one withheld unit: from the whole, the units shown, and the rule
    itself."""
    base, margin = rules.rounding_base.value, rules.rounding_base.value // 2
    whole = round_to_base(sum(counts.values()), base)
    known = sum(round_to_base(counts[one], base) for one in shown)
    slack = margin * (len(shown) + 1)
    others = [one for one in counts if one not in shown and one != unit]
    most_of_others = sum(
        rules.threshold - 1 if is_small(counts[one], rules) else whole for one in others
    )
    cap = rules.threshold - 1 if is_small(counts[unit], rules) else whole
    low = max(0, whole - known - slack - most_of_others)
    return low, max(low, min(cap, whole - known + slack))
