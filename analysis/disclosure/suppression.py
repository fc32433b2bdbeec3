"""Disclosure control of counts, estimates and tables: rounding, primary suppression and four marks.

[c] withheld to protect people, [u] too few people for a rate to be relied on, [z] does not apply, 0
a zero that is structural. Inputs are exact and are never changed; what comes out may be shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.disclosure.rules import (
    PUBLISHED_NOTE,
    Clearance,
    Rules,
    is_small,
    is_unreliable,
    load_rules,
    regression_is_protected,
    round_to_base,
    share_is_protected,
)
from analysis.errors import RunError
from analysis.results import (
    ESTIMATED_LEVELS,
    REVEALING_REASONS,
    Estimate,
    NotEstimable,
    Ranked,
    Result,
    Support,
    Table,
    Withheld,
    significant,
)
from analysis.said.numbers import cleared_df, planned
from analysis.said.texts import say

WITHHELD, UNRELIABLE, NOT_APPLICABLE, ZERO = "[c]", "[u]", "[z]", "0"
OTHER_REASONS = "other reasons"
LONGEST_LABEL = 200  # S18: a label is not a free text


# --- counts ---
def protected_cell(
    base: Any, event: Any, structural: bool = False, rules: Rules | None = None
) -> dict:
    """A cell of distinct people (`base`) and those with the event: cleared counts, rate and mark.

    Keys: `base`, `event` (in fives), `rate` (in every 100, from the rounded counts) and `mark`. A
    small base withholds all; a small number with, or without, the event leaves the base (S1 to
    S3). Bases below 30 keep their counts and get no rate. `structural`: the zero of an event that
    cannot happen is shown. A missing base does not apply.
    """
    rules = rules or load_rules()
    if pd.isna(base) or pd.isna(event):
        return {"base": None, "event": None, "rate": None, "mark": NOT_APPLICABLE}
    base, event = int(base), int(event)
    if is_small(base, rules):
        return {"base": None, "event": None, "rate": None, "mark": WITHHELD}
    shown = round_to_base(base, rules.rounding_base.value)
    if structural and event == 0:
        return {"base": shown, "event": 0, "rate": 0.0, "mark": ZERO}
    if share_is_protected(event, base, rules):
        return {"base": shown, "event": None, "rate": None, "mark": WITHHELD}
    if is_unreliable(base, rules):
        return {
            "base": shown,
            "event": round_to_base(event, rules.rounding_base.value),
            "rate": None,
            "mark": UNRELIABLE,
        }
    return {
        "base": shown,
        "event": round_to_base(event, rules.rounding_base.value),
        "rate": rate_of(event, base, rules),
        "mark": "",
    }


def rate_of(event: int, base: int, rules: Rules | None = None) -> float:
    """Rate in every 100 from counts rounded first (S6): a rate of exact counts would give them
    back."""
    step = (rules or load_rules()).rounding_base.value
    return significant(100 * round_to_base(event, step) / round_to_base(base, step))


def merge_small_reasons(
    excluded: Mapping[str, int], rules: Rules | None = None
) -> dict[str, int | None]:
    """Reasons for exclusion in fives; small ones are put together as "other reasons" (S6).

    A reason that removed nobody is not listed. Where all small reasons together are still small,
    the next smallest joins them. Where nothing is left to join, the number is withheld (None), and
    so must be the number that came in (`cleared_flow`): otherwise N in less N used would give it
    back. That nobody is left out is told, so that a withheld number is at least one; it is withheld
    up to the threshold itself, so that it may still be any of ten.
    """
    rules = rules or load_rules()
    listed = {reason: count for reason, count in excluded.items() if count > 0}
    by_size = sorted(listed, key=lambda reason: listed[reason])
    merged = [reason for reason in by_size if is_small(listed[reason], rules)]
    while (
        merged
        and len(merged) < len(by_size)
        and sum(listed[reason] for reason in merged) <= rules.threshold
    ):
        merged.append(by_size[len(merged)])
    kept: dict[str, int | None] = {
        reason: round_to_base(n, rules.rounding_base.value)
        for reason, n in listed.items()
        if reason not in merged
    }
    if not merged:
        return kept
    together = sum(listed[reason] for reason in merged)
    return kept | {
        OTHER_REASONS: (
            None
            if together <= rules.threshold
            else round_to_base(together, rules.rounding_base.value)
        )
    }


def cleared_flow(
    n_in: int, n_used: int, excluded: Mapping[str, int], rules: Rules | None = None
) -> dict:
    """N in, N used and the reasons, cleared together: {"n_in", "n_used", "excluded"} (None:
    withheld).

    Exact numbers must add up. Each number shown is rounded by itself; N in is withheld wherever the
    number excluded is, so that no difference of two numbers shown holds a small one alone.
    """
    rules = rules or load_rules()
    if n_in != n_used + sum(excluded.values()):
        raise ValueError(
            "people in the data are those used and those excluded, each with one reason"
        )
    reasons = merge_small_reasons(excluded, rules)
    hidden = any(count is None for count in reasons.values())
    numbers = {
        name: None if is_small(n, rules) else round_to_base(n, rules.rounding_base.value)
        for name, n in (("n_in", n_in), ("n_used", n_used))
    }
    return numbers | {
        "n_in": None if hidden or numbers["n_used"] is None else numbers["n_in"],
        "excluded": reasons,
    }


# --- estimates ---
def clear_estimate(
    result: Result,
    *,
    clearance: Clearance,
    crude: bool = False,
    rules: Rules | None = None,
) -> Result:
    """The result as it may be shown: rounded, or withheld. Deny by default: support that is not
    stated is too small.

    Withheld: fewer people than the threshold with or without the event, or on either side (S1, S9);
    residual degrees of freedom below 10 (S9); a reason that tells about a small cell (S20).
    Where the clusters are people (S12), each side needs the threshold of them as well. `crude`:
    worked out from rounded counts by the caller, shown without a standard error (S6). Public
    sources pass unchanged (S0).
    """
    if clearance.public:
        return result
    rules = rules or load_rules()
    if isinstance(result, Withheld) or _is_protected(result, clearance, rules):
        return Withheld(result.estimand, result.method, result.unit, "small_numbers")
    if isinstance(result, NotEstimable):
        return replace(result, support=Support(), detail="")
    if isinstance(result, Ranked):
        value = significant(result.value, rules.significant_figures.value)
        return replace(result, value=value, support=_rounded_support(result.support, rules))
    return _rounded(result, crude, clearance, rules)


def _is_protected(
    result: Estimate | NotEstimable | Ranked, clearance: Clearance, rules: Rules
) -> bool:
    if isinstance(result, NotEstimable):
        return result.reason in REVEALING_REASONS
    support = result.support
    people = [
        support.persons,
        support.smallest_cell,
        support.n_treated,
        support.n_identifying - support.n_treated,
    ]
    if clearance.clusters_are_people:
        people += [support.clusters_treated, support.clusters_comparison]
    return any(is_small(n, rules) for n in people) or regression_is_protected(
        support.residual_df, rules
    )


def _rounded(result: Estimate, crude: bool, clearance: Clearance, rules: Rules) -> Estimate:
    """Three significant figures and counts in fives; rounding keeps order, so the interval still
    holds the estimate. Degrees of freedom give the number of clusters: in fives where these are
    people."""
    figures = rules.significant_figures.value
    names = ("value", "conf_low", "conf_high", "std_error", "p_value", "df")
    numbers: dict[str, Any] = {
        name: None if getattr(result, name) is None else significant(getattr(result, name), figures)
        for name in names
    }
    if result.df is not None:
        people = clearance.clusters_are_people
        numbers["df"] = cleared_df(result.df, in_fives=people).number
    if crude:
        numbers["std_error"] = None
    levels: dict[str, Any] = {
        name: _level(getattr(result, name), side, result.unit, rules)
        for name, side in _sides(result.support).items()
    }
    return replace(result, **numbers, **levels, support=_rounded_support(result.support, rules))


def _sides(support: Support) -> dict[str, int]:
    """The people whose level it is: an estimated level is one of the group, and as close to a count
    of theirs (S6)."""
    own = dict.fromkeys(("group_value", *ESTIMATED_LEVELS), support.n_treated)
    return own | {"comparison_value": support.n_identifying - support.n_treated}


def _level(level: float | None, people: int, unit: str, rules: Rules) -> float | None:
    """A level; a share moves to a multiple of 5 people in every so many, so that it gives no count
    back (S6)."""
    if level is None:
        return None
    if unit != "in_every_100":
        return significant(level, rules.significant_figures.value)
    return rate_of(max(0, min(people, round(level * people / 100))), people, rules)


def _rounded_support(support: Support, rules: Rules) -> Support:
    """Counts in fives. The smallest cell is told as the threshold only: "at least so many" (S8: no
    minimum leaves)."""
    base = rules.rounding_base.value
    names = (
        "n",
        "n_identifying",
        "cells_identifying",
        "n_treated",
        "clusters_treated",
        "clusters_comparison",
        "persons",
        "residual_df",
    )
    rounded = {
        name: round_to_base(getattr(support, name), base) for name in (*names, "clusters_left_out")
    }
    left_out = None
    if support.left_out is not None:
        exact = {reason: int(n or 0) for reason, n in support.left_out}
        left_out = tuple(merge_small_reasons(exact, rules).items())
    return Support(**rounded, left_out=left_out, smallest_cell=rules.threshold)


# --- tables ---
def clear_table(
    title: str,
    frame: pd.DataFrame,
    *,
    clearance: Clearance,
    counts: Sequence[str] = (),
    rates: Mapping[str, tuple[str, str]] | None = None,
    model: Sequence[str] = (),
    structural: Sequence[str] = (),
    rules: Rules | None = None,
) -> Table:
    """A table that may be shown. Every column is a label (text), a count of distinct people, a rate
    or a model number.

    `rates` names new columns by (count with the event, count of the base). `model` columns come
    from cleared estimates. `structural` names count columns whose zeros are structural. Any other
    column is refused: numbers, dates and true/false alike can hold a person.
    """
    rules, rates = rules or load_rules(), dict(rates or {})
    _check_columns(frame, counts, rates, model)
    if clearance.public:
        shares = {
            name: (100 * frame[event] / frame[base]).map(significant)
            for name, (event, base) in rates.items()
        }
        return Table(title, frame.assign(**shares), "published", (PUBLISHED_NOTE,))
    cleared = frame.copy()
    for name in counts:
        cleared[name] = [_mark_or_count(n, name in structural, rules) for n in frame[name]]
    for name, (event, base) in rates.items():
        cells = _rate_cells(frame, event, base, structural=event in structural, rules=rules)
        cleared[event] = [_shown(cell, "event") for cell in cells]
        cleared[name] = [_shown(cell, "rate") for cell in cells]
    for name in model:
        cleared[name] = [
            NOT_APPLICABLE if pd.isna(x) else significant(float(x), rules.significant_figures.value)
            for x in frame[name]
        ]
    if not counts:
        return Table(
            title,
            cleared,
            "model",
            (
                say(
                    "Estimates are rounded to {figures} significant figures (S6).",
                    figures=planned(rules.significant_figures.value),
                ),
            ),
        )
    return Table(title, cleared, "rounded", rules.notes())


def _check_columns(
    frame: pd.DataFrame, counts: Sequence[str], rates: Mapping, model: Sequence[str]
) -> None:
    known = {*counts, *model}
    missing = [
        name
        for name in (*known, *(part for pair in rates.values() for part in pair))
        if name not in frame
    ]
    if missing or not {part for pair in rates.values() for part in pair} <= set(counts):
        raise RunError(
            "E320",
            "a count or rate column that was named is not in the table.",
            remedy="Name counts first, then rates of them.",
        )
    for name in frame.columns:
        if name in known:
            continue
        is_label = all(isinstance(x, str) and len(x) <= LONGEST_LABEL for x in frame[name])
        if not is_label:
            text = f"the column `{name}` is neither a label nor named as counts, rates or model."
            raise RunError("E320", text, remedy="Say what it is, or leave it out.")


def _mark_or_count(count, structural: bool, rules: Rules) -> str | int:
    if pd.isna(count):
        return NOT_APPLICABLE
    if count != int(count):
        raise RunError(
            "E320",
            "a column of counts holds a number that is no count.",
            remedy="Name it under `model`.",
        )
    if is_small(int(count), rules, structural=structural):
        return WITHHELD
    return round_to_base(int(count), rules.rounding_base.value)


def _rate_cells(
    frame: pd.DataFrame, event: str, base: str, *, structural: bool, rules: Rules
) -> list[dict]:
    """Event and rate of each row: the event is withheld too where the people without it are few."""
    pairs = zip(frame[base], frame[event], strict=True)
    return [protected_cell(*pair, structural, rules) for pair in pairs]


def _shown(cell: dict, name: str):
    return cell["mark"] if pd.isna(cell[name]) else cell[name]
