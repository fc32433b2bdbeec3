"""Compares a fresh record with a committed one, with a tolerance for each kind of content.

Released counts are exact. Estimates may differ by 1e-6 of their size: another processor sums in
another order, and three significant figures leave nothing of that but a flip at the edge of
rounding. Sign, class and status must not flip.
"""

import math

RELATIVE = 1e-6
ESTIMATES = (
    "value",
    "std_error",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "mde",
    "tau2",
    "i2",
    "pi_low",
    "pi_high",
    "comparison_value",
    "group_value",
    "comparison_estimated",
    "group_estimated",
    "df",
    "threshold",
    "opposite_value",
    "opposite_low",
    "opposite_high",
)
HASHES = (
    "code_version",
    "plan_hash",
    "data_hash",
)  # change with every edit; compared nowhere but in the ledger


def differences(committed, fresh, where: str = "") -> list[str]:
    """Every place in which `fresh` is not what was committed, as `path: why`."""
    if isinstance(committed, dict) and isinstance(fresh, dict):
        if set(committed) != set(fresh):
            return [f"{where}: keys {sorted(set(committed) ^ set(fresh))}"]
        return [
            found
            for key in committed
            if key not in HASHES
            for found in differences(committed[key], fresh[key], f"{where}/{key}")
        ]
    if isinstance(committed, list) and isinstance(fresh, list):
        if len(committed) != len(fresh):
            return [f"{where}: {len(fresh)} entries, not {len(committed)}"]
        return [
            found
            for i, pair in enumerate(zip(committed, fresh, strict=True))
            for found in differences(*pair, f"{where}/{i}")
        ]
    same = _close(committed, fresh) if where.rsplit("/", 1)[-1] in ESTIMATES else committed == fresh
    return [] if same and type(committed) is type(fresh) else [f"{where}: changed"]


def _close(committed, fresh) -> bool:
    if committed is None or fresh is None:
        return committed is fresh
    if (committed > 0) != (fresh > 0) or (committed < 0) != (fresh < 0):
        return False
    return math.isclose(committed, fresh, rel_tol=RELATIVE, abs_tol=0.0)
