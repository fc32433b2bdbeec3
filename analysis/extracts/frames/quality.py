"""Who is in the data, and what is missing: exact counts, which disclosure control rounds later."""

import pandas as pd

from analysis.vocabulary.ethnicity import MISSING, NOT_LINKED

DECLARED = "declared"
MATCHED, OTHER, UNKNOWN = "own_group", "other_group", "unknown"

# Why a row is not compared, in the order in which it is asked; each row is counted once, under its
# first reason.
EXCLUSION_REASONS = {
    "outside_period": "first allocated outside the period of the study",
    "person_ethnicity_not_stated": "the person did not state an ethnic group",
    "person_ethnicity_refused": "the person declined to state an ethnic group",
    "person_ethnicity_not_recorded": "the person's ethnic group was not recorded",
    "person_ethnicity_not_linked": "the record of the person's ethnic group did not join",
    "person_group_not_matched": "the person is of a group that the study does not match",
    "practitioner_unknown": "the practitioner's ethnic group is not known",
    "practitioner_group_not_matched": (
        "the practitioner is of a group that the study does not match"
    ),
    "requested": "the person asked for a practitioner of their own group",
    "outcomes_lost": "the person has no row in the table of outcomes",
}


def declaration(groups: pd.Series) -> pd.DataFrame:
    """How many declared an ethnic group, and how many not, by kind of missing: state, n, share (0
    to 1).

    One row for `declared` and one for each of the four kinds, also where there is none. `groups`
    holds broad groups or kinds of missing: one a person, one a practitioner, or one a dyad
    (practitioners weighted by their people).
    """
    state = groups.where(groups.isin(list(MISSING)), DECLARED)
    counts = state.value_counts().reindex([DECLARED, *MISSING], fill_value=0)
    share = counts / len(groups) if len(groups) else counts.astype("float64")
    return pd.DataFrame(
        {
            "state": counts.index.astype("str"),
            "n": counts.to_numpy(),
            "share": share.to_numpy(dtype=float),
        }
    )


def declaration_rates(frame: pd.DataFrame, practitioners: pd.Series | None = None) -> pd.DataFrame:
    """Declaration of persons, of practitioners (each once) and of practitioners weighted by their
    people: whose, state, n, share.

    `practitioners`: broad group or kind of missing of everyone in the staff table; without it, of
    those in `frame`. Practitioners who did not link are no known practitioners and count in the
    weighted rows only.
    """
    once = (
        frame.drop_duplicates("practitioner_id")["practitioner_group"]
        if practitioners is None
        else practitioners
    )
    parts = {
        "persons": frame.drop_duplicates("person_id")["person_group"],
        "practitioners": once[once != NOT_LINKED],
        "practitioners_by_people": frame["practitioner_group"],
    }
    return pd.concat(
        [declaration(groups).assign(whose=whose) for whose, groups in parts.items()],
        ignore_index=True,
    )[["whose", "state", "n", "share"]]


def exposure(frame: pd.DataFrame, *, matched_groups: tuple[str, ...]) -> pd.Series:
    """own_group, other_group or unknown, for each row: whether the practitioner is of the person's
    broad group."""
    known = frame["person_group"].isin(matched_groups) & frame["practitioner_group"].isin(
        matched_groups
    )
    same = frame["person_group"] == frame["practitioner_group"]
    words = pd.Series(UNKNOWN, index=frame.index, dtype="str")
    return words.mask(known & same, MATCHED).mask(known & ~same, OTHER)


def survey_response(frame: pd.DataFrame, *, matched_groups: tuple[str, ...]) -> pd.DataFrame:
    """Survey response by exposure and ethnic group: exposure, person_group, n, answered, share (0
    to 1)."""
    rows = frame.assign(exposure=exposure(frame, matched_groups=matched_groups))
    table = rows.groupby(["exposure", "person_group"])["answered_survey"].agg(
        n="size", answered="sum"
    )
    return table.assign(share=table["answered"] / table["n"]).reset_index()


def select_for_comparison(
    frame: pd.DataFrame,
    *,
    matched_groups: tuple[str, ...],
    period_from: str | None = None,
    period_to: str | None = None,
    without_requested: bool = False,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Rows that can be compared, and the number of the others by reason (EXCLUSION_REASONS; reasons
    with 0 left out).

    `period_from`, `period_to`: first and last period, as in the column `period`. The rows gain
    `same_group` (bool). N in = N used + N excluded is asserted. `without_requested` leaves
    requested matches out (sensitivity run).
    """
    reason = pd.Series("", index=frame.index, dtype="str")
    for name, rows in _reasons(
        frame, matched_groups, period_from, period_to, without_requested
    ).items():
        reason = reason.mask((reason == "") & rows, name)
    counts = reason[reason != ""].value_counts()
    excluded = {name: int(counts[name]) for name in EXCLUSION_REASONS if name in counts}
    used = frame[reason == ""].assign(
        same_group=lambda rows: rows["person_group"] == rows["practitioner_group"]
    )
    assert len(frame) == len(used) + sum(excluded.values()), (
        "every row is used or excluded for one reason"
    )
    return used.reset_index(drop=True), excluded


def _reasons(
    frame: pd.DataFrame, matched: tuple[str, ...], period_from, period_to, without_requested: bool
) -> dict[str, pd.Series]:
    period = frame["period"]
    outside = (period < period_from if period_from else False) | (
        period > period_to if period_to else False
    )
    no_one = pd.Series(False, index=frame.index)
    missing = {f"person_ethnicity_{kind}": frame["person_group"] == kind for kind in MISSING}
    return {
        "outside_period": pd.Series(outside, index=frame.index),
        **missing,
        "person_group_not_matched": ~frame["person_group"].isin(matched),
        "practitioner_unknown": frame["practitioner_group"].isin(list(MISSING)),
        "practitioner_group_not_matched": ~frame["practitioner_group"].isin(matched),
        "requested": frame["match_requested"] & without_requested,
        "outcomes_lost": ~frame["has_outcomes"] if "has_outcomes" in frame else no_one,
    }


def lost_outcomes(frame: pd.DataFrame, **selection) -> pd.DataFrame:
    """Of those who would be compared, how many have no row in the table of outcomes: index
    own_group and other_group, columns n and lost. `selection`: as for select_for_comparison.
    """
    others = frame.assign(found=frame["has_outcomes"], has_outcomes=True)
    used, _ = select_for_comparison(others, **selection)
    side = used["same_group"].map({True: MATCHED, False: OTHER})
    counts = (~used["found"].astype(bool)).groupby(side).agg(n="size", lost="sum")
    return counts.reindex([MATCHED, OTHER], fill_value=0).astype("int64")
