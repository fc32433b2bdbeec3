"""The frames of a training trial: managers, staff who rate them and staff in post, each with the
site's arm.

Arms were drawn for sites. Managers belong to their site; staff who rate belong to the site of their
line manager at the start, and staff in post to the site at the start: where they went afterwards
may be a result of the training.
"""

from dataclasses import dataclass, field

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.vocabulary.ethnicity import coding, crosswalk

BY_LOT = "lot"
SITE = (
    "arm",
    "block",
    "site_kind",
    "provider_id",
    "tier",
    "module_from",
    "crossover_on",
    "chosen_by",
)
EXCLUSION_REASONS = {
    "site_not_linked": "the site is not in the list of sites",
    "site_not_by_lot": "the lot did not decide when the site starts",
    "no_one_to_compare_with": "all sites drawn together start at once",
}


@dataclass(frozen=True, eq=False)
class TrialPeople:
    """Everyone of one programme, nothing dropped. Copies go in and come out.

    Each frame holds person_id, region, site_id, ethnic_group (broad group or a kind of missing),
    sex, age_band, the columns of SITE, offered (1: training at once, 0: waiting, missing: no site),
    excluded (a reason, or ""), and attended and completed (0/1: themselves, or their line manager
    at the start). managers: cost_pounds, relevance, test_before, test_after, late. ratings:
    rating_before, the ratings after, late. in_post: days, exit, left (0/1).
    late: measured after the cross-over, and so without an outcome. Managers' has_staff: somebody
    was asked to rate them. sites: every site with offered, excluded, has_managers and has_in_post
    (bool: it has rows in those tables).
    """

    _managers: pd.DataFrame = field(repr=False)
    _ratings: pd.DataFrame = field(repr=False)
    _in_post: pd.DataFrame = field(repr=False)
    _sites: pd.DataFrame = field(repr=False)

    @property
    def sites(self) -> pd.DataFrame:
        return self._sites.copy()

    @property
    def managers(self) -> pd.DataFrame:
        return self._managers.copy()

    @property
    def ratings(self) -> pd.DataFrame:
        return self._ratings.copy()

    @property
    def in_post(self) -> pd.DataFrame:
        return self._in_post.copy()


def trial_people(tables: dict[str, pd.DataFrame], *, programme: str, waiting: str) -> TrialPeople:
    """The people of one programme with their site's arm, from the four typed tables of the
    contract.

    `waiting`: the arm whose own training starts at the cross-over or later.
    """
    own = {
        name: table[table["programme"] == programme]
        for name, table in tables.items()
        if "programme" in table
    }
    sites = _sites(own["training_sites"], waiting)
    managers = _with_site(own["managers"].rename(columns={"manager_id": "person_id"}), sites)
    managers = _before_crossover(managers, date="tested_on", outcomes=["test_after"])
    managers = managers.assign(
        attended=_number(managers["attended"]), completed=_number(managers["completed"])
    )
    ratings = own["staff_ratings"]
    found = sites.assign(
        has_managers=sites["site_id"].isin(managers["site_id"].unique()),
        has_in_post=sites["site_id"].isin(own["staff_in_post"]["site_id"].unique()),
    )
    return TrialPeople(
        _done(
            managers.assign(has_staff=managers["person_id"].isin(ratings["manager_id"].unique()))
        ),
        _done(_ratings(ratings, managers, sites)),
        _done(_in_post(own["staff_in_post"], sites)),
        found.sort_values("site_id", kind="stable").reset_index(drop=True),
    )


def _sites(sites: pd.DataFrame, waiting: str) -> pd.DataFrame:
    """Sites with what excludes them: not by lot, or a block in which all drawn sites start at
    once."""
    offered = (sites["arm"] != waiting).astype(float)
    lot = sites["chosen_by"] == BY_LOT
    mixed = offered.where(lot).groupby(sites["block"]).transform("nunique") > 1
    excluded = pd.Series("", index=sites.index, dtype="str").mask(~mixed, "no_one_to_compare_with")
    return sites[["site_id", *SITE]].assign(
        offered=offered, excluded=excluded.mask(~lot, "site_not_by_lot")
    )


def _with_site(people: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    joined = people.merge(sites, on="site_id", how="left", validate="many_to_one")
    groups = crosswalk(
        joined["ethnicity"], source=ETHNICITY_CODING, target=coding(ETHNICITY_CODING).broad
    )
    return joined.assign(
        ethnic_group=groups, excluded=joined["excluded"].fillna("site_not_linked").astype("str")
    )


def _before_crossover(people: pd.DataFrame, *, date: str, outcomes: list[str]) -> pd.DataFrame:
    """Outcomes measured on the day of the cross-over or later are no outcomes: by then there is no
    one to compare with."""
    late = (people[date] >= people["crossover_on"]).fillna(False).astype(bool)
    return people.assign(
        late=late, **{name: people[name].astype("float64").mask(late) for name in outcomes}
    )


def _ratings(ratings: pd.DataFrame, managers: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Staff at the site of their line manager at the start; a manager who is not in the table gives
    no site."""
    line = managers[["person_id", "site_id", "attended", "completed"]].rename(
        columns={"person_id": "manager_id"}
    )
    linked = ratings.drop(columns="site_id").merge(
        line, on="manager_id", how="left", validate="many_to_one"
    )
    people = _with_site(linked.rename(columns={"staff_id": "person_id"}), sites)
    after = [name for name in people.columns if name.endswith("_after")]
    return _before_crossover(people, date="asked_on", outcomes=after)


def _in_post(staff: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Days in post from the start, up to the cross-over at the latest, and how they ended (missing:
    still in post then)."""
    people = _with_site(staff.rename(columns={"staff_id": "person_id"}), sites)
    end = (people["crossover_on"] - people["in_post_from"]).dt.days
    gone = (people["left_on"] - people["in_post_from"]).dt.days
    seen = gone.notna() & ~(
        gone >= end
    )  # on the day of the cross-over and later nothing counts; no cross-over: all does
    days = gone.where(seen, end).astype("float64")
    return people.assign(days=days, exit=people["exit_reason"].astype("object").where(seen, None))


def _number(truth: pd.Series) -> pd.Series:
    return truth.astype("boolean").astype("Float64").astype("float64")


def _done(people: pd.DataFrame) -> pd.DataFrame:
    return people.sort_values("person_id", kind="stable").reset_index(drop=True)
