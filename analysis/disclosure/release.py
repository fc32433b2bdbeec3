"""From an exact row to the row that may leave: primary suppression, rounding, counts in fives
(rules S1 to S10, S20)."""

from analysis import record as records
from analysis.disclosure.parts import names_in, protected_names
from analysis.disclosure.rules import is_small, load_rules, released_figures, round_to_base
from analysis.disclosure.suppression import clear_estimate, rate_of
from analysis.results import LEVELS, Estimate, NotEstimable, Result, Support, Withheld, significant

IDENTITY = ("level", "outcome", "group", "direction")
KEPT = ("family", "note")  # says nothing about people
ANALYST = "analyst"  # note of rows that stay in the private record
ROUNDED = ("sesoi", "mde")
FACTS = ("share", "mean", "money")  # estimands of what is counted and not compared
CRUDE = (
    "naive_difference",
    "relative_rate_index",
)  # worked out from counts in fives; no standard error leaves (S6)


def result_in(row: dict) -> Result:
    """The result object that an exact row was made from."""
    what = (row["estimand"], row["method"], row["unit"])
    support = Support(
        **{k: v for k, v in (row.get("support") or {}).items() if k in Support.__dataclass_fields__}
    )
    if row["status"] == "estimated":
        numbers = {
            k: row[k]
            for k in (
                "value",
                "conf_low",
                "conf_high",
                "std_error",
                "p_value",
                "df",
                *LEVELS,
                "reason",
                "seed",
            )
        }
        return Estimate(*what, **numbers, support=support, reliable=row["note"] != "not_reliable")
    if row["status"] == "withheld":
        return Withheld(*what, row["reason"], support)
    return NotEstimable(*what, row["reason"], support)


def released_rows(
    rows: list[dict] | tuple[dict, ...], *, already_public: bool, clusters_are_people: bool
) -> list[dict]:
    """Every row as it may be shown. What a withheld group's gap could be worked out from is
    withheld with it.

    `clusters_are_people`: the assigned units are practitioners, of whom 10 must stand on each side
    (rules S1, S12).
    """
    rows = [row for row in rows if row["note"] != ANALYST]
    done = [_released(row, already_public, clusters_are_people) for row in rows]
    if already_public:
        return done
    hidden = protected_names(rows, done)
    pairs = zip(rows, done, strict=True)
    return [_withheld(shown) if names_in(exact) & hidden else shown for exact, shown in pairs]


def _released(row: dict, already_public: bool, clusters_are_people: bool) -> dict:
    if row["status"] == "described":
        return _described(row, already_public)
    crude = row["estimand"] in CRUDE
    cleared = clear_estimate(
        result_in(row),
        already_public=already_public,
        crude=crude,
        clusters_are_people=clusters_are_people,
    )
    identity = {key: row[key] for key in (*IDENTITY, *KEPT)}
    figures = released_figures(already_public=already_public)
    rounded = {key: None if row[key] is None else significant(row[key], figures) for key in ROUNDED}
    if not isinstance(cleared, Estimate):
        rounded["mde"] = None
    released = records.row(cleared, **identity, **rounded)
    if not isinstance(cleared, Estimate) and not already_public:
        released |= dict.fromkeys(records.SUPPORT_KEYS)
    if isinstance(cleared, Estimate) and not cleared.reliable:
        released["note"] = "not_reliable"
    released.pop("support", None)
    return released


def _described(row: dict, already_public: bool) -> dict:
    """A fact: the share from counts in fives, withheld where one of its counts is small; bounds to
    three figures.

    Of counts that were published before every number has six figures (S0).
    """
    figures = released_figures(already_public=already_public)
    released = {
        key: value for key, value in row.items() if key not in ("support", *records.FLOW_KEYS)
    }
    if row["note"] == "bounds":
        return released | {key: significant(row[key], figures) for key in ("conf_low", "conf_high")}
    if already_public:
        return released | {
            "value": None if row["value"] is None else significant(row["value"], figures)
        }
    if row["estimand"] not in FACTS:  # nothing is compared here, and nothing is counted
        return released | dict.fromkeys(records.SUPPORT_KEYS)
    if is_small(row["support"]["smallest_cell"], load_rules()):
        return _withheld(released)
    if row["unit"] != "in_every_100":
        n = round_to_base(row["n"], load_rules().rounding_base.value)
        return (
            released
            | dict.fromkeys(records.SUPPORT_KEYS)
            | {
                "n": n,
                "value": significant(row["value"]),
            }
        )
    n, treated = (
        round_to_base(row[key], load_rules().rounding_base.value) for key in ("n", "n_treated")
    )
    return released | {"n": n, "n_treated": treated, "value": rate_of(row["n_treated"], row["n"])}


def _withheld(row: dict) -> dict:
    """The row with nothing but its place, and why."""
    empty = records.row(
        Withheld(row["estimand"], row["method"], row["unit"]),
        **{key: row[key] for key in (*IDENTITY, *KEPT)},
    )
    return empty | {"sesoi": row["sesoi"]}
