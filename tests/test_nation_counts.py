"""The counts that the nation prints are sums of what its places print, and known to the attack."""

import pytest
from test_joint import PLAN, exact, pooled, withheld_in  # noqa: F401

from analysis.clearing.joint import set_beside
from analysis.clearing.nation_counts import FIELDS, nation_counts
from analysis.disclosure.attack.narrowest import attack
from analysis.disclosure.attack.noted import forget, noted
from analysis.disclosure.attack.printed import SUMMED, coverage
from analysis.record import store
from analysis.vocabulary.regions import NATIONAL


def nation(exact: dict) -> tuple:  # noqa: F811
    """The cleared records, what the places have noted, and what the nation has."""
    forget()
    joint = set_beside(PLAN, exact, round_id="draft")
    places = noted()
    return joint, places, nation_counts(PLAN, exact, joint, places)


@pytest.fixture(scope="module")
def made(exact):  # noqa: F811
    return nation(exact)


def test_each_count_is_the_sum_of_its_parts_and_leaves_as_much_open(made):
    _, places, found = made
    assert len(found.counts) >= 40 and len(found.relations) == len(found.counts)
    for said in found.relations:
        (whole, _), *parts = said.terms
        own = [places.counts[name] for name, _ in parts]
        count = found.counts[whole]
        assert f"place={NATIONAL};" in whole and said.why == SUMMED and len(own) >= 2
        assert count.exact == sum(one.exact for one in own)
        assert count.high - count.low >= sum(one.high - one.low for one in own)


def test_everything_that_the_record_of_the_nation_prints_is_known(made, tmp_path):
    joint, places, found = made
    store.write(joint.national, tmp_path / "results.json")
    everything = places + found
    covered = coverage(tmp_path, everything)
    assert covered.unknown == () and covered.printed >= 40
    without = coverage(tmp_path, places)
    assert {one.where for one in without.unknown} >= {"n_in", "n_used"}


def test_what_the_nation_prints_tells_no_more_than_its_places(made):
    _, places, found = made
    alone, together = attack(places), attack(places + found)
    same = [(cell.key, cell.low, cell.high) for cell in alone.cells]
    whole = {cell.key: (cell.low, cell.high) for cell in together.cells}
    assert same and all(whole[key] == (low, high) for key, low, high in same)


def test_a_place_that_is_withheld_is_in_no_sum_of_the_row(exact):  # noqa: F811
    joint, _, found = nation(withheld_in(exact, "wales"))
    row = pooled(joint.national)
    by = f"outcome=recalled;group=all;by={row.estimand} {row.method}"
    sums = [one for one in found.relations if by in one.terms[0][0]]
    assert len(sums) == len(FIELDS)
    assert all(len(said.terms) == 1 + row.k == 12 for said in sums)
    assert not any("place=wales" in name for said in sums for name, _ in said.terms)
