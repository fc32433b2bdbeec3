"""The synthetic tables of selection hold what is planted, and mislead a naive method as their
docstring says."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.designs.selection.change_of_gap import change_by_persons
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.inference.columns import ContrastColumns, Quantity
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.synthetic.selection import selection
from analysis.synthetic.selection.planted_selection import STAGES
from analysis.synthetic.selection.selection import planted_webinar_effect

SCALE = 25  # times a region at full scale: 60,000 candidates
NIL, HARMED, HELPED = "wales", "north_east", "london"
COLUMNS = ContrastColumns(
    period="quarter", sides=("minority", "internal"), outcome="passed", person="person_id"
)
WHAT = Quantity("x", "in_every_100")
# half-width over root 3 is a standard deviation; 14 quarters of two halves, and both shocks
ERRORS = 3.0


@cache
def candidates(region: str) -> pd.DataFrame:
    rows = make_region(region, service="selection", scale=SCALE)["candidates"]
    known = rows[rows["ethnicity"].str[1].str.isdigit()]
    return known.assign(
        minority=(~known["ethnicity"].str.startswith("W")).astype(int),
        internal=(known["route"] == "internal").astype(int),
        since=known["quarter"] >= start(),
    )


def start() -> pd.Timestamp:
    centre = load_planted().selection.centre
    return pd.Timestamp(centre.first_quarter) + pd.DateOffset(months=3 * centre.webinars_from)


def of_shocks() -> float:
    """Standard error of a triple difference that the shocks of quarters bring (share): four cells,
    and quarters before and since the start."""
    centre = load_planted().selection.centre
    each = sum(width**2 / 3 for width in (centre.shock.nation, centre.shock.region))
    since = centre.quarters - centre.webinars_from
    return float(np.sqrt(4 * each * (1 / centre.webinars_from + 1 / since)))


@pytest.mark.parametrize("region", [NIL, HARMED, HELPED])
def test_the_triple_difference_is_what_is_planted(region):
    rows = candidates(region)
    found = change_by_persons(rows[rows["invited"] == 1], COLUMNS, WHAT, start=start())
    off = found.value - planted_webinar_effect(load_planted(), region)
    assert abs(off) < ERRORS * np.hypot(found.std_error, of_shocks())


def test_regions_have_nil_harm_and_help():
    effects = {r: planted_webinar_effect(load_planted(), r) for r in load_planted().regions}
    assert effects[NIL] == effects["south_west"] == 0
    assert effects[HARMED] < -0.05 and effects[HELPED] > 0.05


def test_the_abler_attend_so_that_webinars_that_do_nothing_seem_to_help():
    rows = candidates(NIL)
    offered = rows[rows["webinar_offered"] == 1]
    means = 100 * offered.groupby("webinar_attended")["passed"].mean()
    spread = 100 * np.sqrt(4 * 0.25 / len(offered))
    assert means[1] - means[0] == pytest.approx(selection.NAIVE_WHERE_NIL, abs=3 * spread)


def test_everyone_changes_so_that_before_and_after_seems_to_help():
    rows = candidates(NIL)
    them = rows[(rows["invited"] == 1) & (rows["minority"] == 1) & (rows["internal"] == 1)]
    means = 100 * them.groupby("since")["passed"].mean()
    spread = 100 * np.sqrt(4 * 0.25 / len(them) + of_shocks() ** 2 / 4)
    assert means[True] - means[False] == pytest.approx(selection.ALL_CHANGES, abs=3 * spread)


def test_webinars_are_for_internal_candidates_from_their_start_on():
    offered = candidates(HELPED).query("webinar_offered == 1")
    assert set(offered["route"]) == {"internal"} and offered["quarter"].min() == start()
    assert (offered["invited"] == 1).all()


def test_stages_follow_each_other_and_candidates_apply_again_as_who_they_were():
    rows = make_region(HELPED, service="selection")["candidates"]
    for before, after in zip(("candidates", *STAGES), STAGES, strict=False):
        assert (rows[after] <= rows[before]).all()
    again = rows[rows.duplicated("person_id", keep=False)]
    assert 0.05 < len(again) / len(rows) < 0.30
    alike = again.groupby("person_id")[["ethnicity", "sex", "age_band", "route"]].nunique()
    assert (alike == 1).all(axis=None)
    assert not rows.duplicated(["person_id", "quarter"]).any()


@pytest.mark.parametrize("table", ["candidates", "vacancies"])
def test_rows_keep_the_contract(table):
    rows, contract = make_region(HELPED, service="selection")[table], CONTRACTS[table]
    contract.schema().validate(rows[list(contract.names)])
    for parts, whole in contract.rules.parts:
        assert (rows[list(parts)].sum(axis=1) <= rows[whole]).all()
    for event, base in contract.rules.at_risk:
        assert (rows.loc[rows[event] > 0, base] > 0).all()


def test_a_region_alone_is_that_of_the_nation_and_seeds_differ():
    one, again = (make_region(NIL, service="selection")["candidates"] for _ in range(2))
    assert one.equals(again)
    other = make_region("south_west", service="selection")["candidates"]
    assert not one["passed"].equals(other["passed"])


def test_vacancies_that_are_still_open_make_the_share_look_smaller():
    rows = make_region("yorkshire_and_the_humber", service="selection", scale=40)["vacancies"]
    truth = load_planted().selection.vacancies.appointed["yorkshire_and_the_humber"]
    opened = rows[rows["opened"] == 1]
    ended = opened[opened["ended"] == 1]
    spread = np.sqrt(truth * (1 - truth) / len(ended))
    assert ended["lived_appointed"].mean() == pytest.approx(truth, abs=3 * spread)
    assert opened["lived_appointed"].mean() < truth - 3 * spread


def test_other_regions_open_no_vacancy_and_one_fills_none():
    assert not make_region(NIL, service="selection")["vacancies"]["opened"].any()
    nobody = make_region("east_midlands", service="selection")["vacancies"]
    assert nobody["opened"].any() and not nobody["lived_appointed"].any()
