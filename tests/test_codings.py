"""Rule S14: a whole and its parts are attacked together wherever both are noted, in any kind of
study; codings that do not nest never stand beside each other."""

import numpy as np
import pytest
from attacked_tables import count
from test_releases import release

from analysis.disclosure.attack.known import Known, key, total
from analysis.disclosure.attack.narrowest import attack
from analysis.disclosure.codings import (
    check_levels,
    coding_of,
    held_together,
    levels_above,
    loose_levels,
    nest,
    tree_of,
)
from analysis.disclosure.named.names import dimensions_of
from analysis.errors import RunError
from analysis.plans.registry import list_plans
from analysis.runs.release.differencing import check_against
from analysis.vocabulary.ethnicity import CODINGS
from analysis.vocabulary.group_sets import group_sets

CODING = "ons_2021_5+1"


def named(people: int, **said: str):
    return count(key(**said, count="people"), people)


def tied(known: Known, coding: str = CODING) -> Known:
    return known + Known.of((), held_together(known, coding))


# A whole, one part that is printed and one that is withheld, of each kind of level.
WALES = {"place": "wales"}
LEVELS = {
    "18+1 in 5": [WALES | {"group": group} for group in ("Asian", "A1", "A4")],
    "labels of 18+1 in 5": [
        WALES | {"group": group} for group in ("Black", "Caribbean", "African")
    ],
    "regions in the nation": [
        {"place": place, "group": "Black"} for place in ("all", "wales", "london")
    ],
    "offices in a region": [WALES, *(WALES | {"unit": office} for office in ("a", "b"))],
    "age bands": [WALES, *(WALES | {"by": f"age_band={band}"} for band in ("18-24", "25+"))],
    "age bands of a sex": [
        WALES | {"by": f"{band}sex=female"} for band in ("", "age_band=18-24, ", "age_band=25+, ")
    ],
    "two groups in a table": [
        WALES | {"by": by} for by in ("planted", "planted, reads=yes", "planted, reads=no")
    ],
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("small", [0, 1, 4, 9])
def test_a_part_that_its_whole_gives_back_is_found_by_its_name_alone(level, small):
    """The planted leak: nobody said that the two tables are of the same people."""
    whole, large, hidden = LEVELS[level]
    counts = [named(60 + small, **whole), named(60, **large), named(small, **hidden)]
    known = Known.of(counts)
    assert not attack(known).recovered
    with pytest.raises(RunError, match=r"E336: 2 counts stand beside a whole"):
        check_levels(known, CODING)
    check_levels(tied(known), CODING)
    assert [cell.key for cell in attack(tied(known)).recovered] == [counts[2].key]


@pytest.mark.parametrize("level", LEVELS)
def test_levels_that_hide_each_other_are_not_withheld(level):
    """The harmless one: two small parts of a whole, as far apart as the rule asks."""
    whole, *parts = LEVELS[level]
    more = parts[0] | ({"unit": "c"} if "unit" in parts[0] else {"outcome": "another"})
    known = Known.of([named(60, **whole), named(9, **parts[0]), named(4, **more)])
    assert not attack(tied(known)).recovered


def test_a_relation_that_the_kind_of_study_noted_is_enough():
    whole, *parts = LEVELS["regions in the nation"]
    counts = [named(n, **said) for n, said in zip((99, 60, 39), (whole, *parts), strict=True)]
    said = total(counts[0].key, [c.key for c in counts[1:]], "the places make up the whole")
    known = Known.of(counts, [said])
    assert loose_levels(known, CODING) == [] == list(held_together(known, CODING))


def test_two_margins_of_one_table_hang_together_by_its_cells():
    cells = [
        named(n, **WALES, by=f"t, sex={sex}", group=group)
        for n, (sex, group) in zip(
            (30, 40, 50, 20), [(s, g) for s in ("f", "m") for g in ("Asian", "Black")], strict=True
        )
    ]
    names = [cell.key for cell in cells]
    margins = [named(140, **WALES, by="t"), named(70, **WALES, by="t, sex=f")]
    relations = [total(margins[0].key, names, ""), total(margins[1].key, names[:2], "")]
    assert loose_levels(Known.of([*cells, *margins], relations), CODING) == []
    assert loose_levels(Known.of([*cells, *margins], relations[:1]), CODING)


def test_small_wholes_and_exposure_are_left_out():
    """A small whole equals a sum by chance; exposure tells of nobody."""
    whole, *parts = LEVELS["regions in the nation"]
    small = Known.of([named(9, **whole), named(9, **parts[0])])
    days = [count(key(**said, count="base"), 90, unit="exposure") for said in (whole, parts[0])]
    assert loose_levels(small, CODING) == [] == loose_levels(Known.of(days), CODING)


@pytest.mark.parametrize("seed", range(30))
def test_whatever_is_held_together_is_true_of_the_counts(seed):
    """Two groupings of the same people, at random: each relation holds, and nothing is loose."""
    rng = np.random.default_rng(seed)
    cells = rng.poisson(rng.gamma(1.0, 20, (3, 4, 2)))
    bands, places = ("18-24", "25-49", "50+"), ("wales", "london", "north_east", "all")
    counts = []
    for band, place, group in np.ndindex(cells.shape):
        said = {"place": places[place], "by": f"age_band={bands[band]}, sex={group}"}
        counts.append(named(int(cells[band, place, group]), **said))
    for place, group in np.ndindex(cells.shape[1:]):
        said = {"place": places[place], "by": f"sex={group}"}
        counts.append(named(int(cells[:, place, group].sum()), **said))
    known = tied(Known.of(counts))
    check_levels(known, CODING)
    for said in known.relations:
        found = sum(times * known.counts[name].exact for name, times in said.terms)
        assert said.low <= found <= said.high, said


def test_every_fine_code_and_label_has_a_broad_group_above_it():
    for one in CODINGS.values():
        for category in one.categories:
            for name in {category.code, category.label} - {category.group}:
                above = list(levels_above({"group": name}, one.broad))
                assert ("groups", {"group": category.group}) in above, name


# -- codings that do not nest ----------------------------------------------------------------------
def test_codings_of_one_tree_nest_and_no_others():
    ids = [*CODINGS, *group_sets()]
    for one in ids:
        assert nest(one, one) and nest(one, "") and tree_of(one)
        for other in ids:
            assert nest(one, other) == nest(other, one) == (tree_of(one) == tree_of(other))
    assert nest("ons_2011_18+1", "ons_2021_5+1") and not nest("ons_2001_5+1", "ons_2021_5+1")
    assert not nest("sex", "ons_2021_5+1")


def test_the_coding_of_each_plan_is_known():
    assert all(tree_of(coding_of(plan)) for plan in list_plans() if coding_of(plan))


@pytest.mark.parametrize("data", ["d", "e"])
def test_a_release_in_a_coding_that_does_not_nest_in_an_earlier_one_is_refused(data):
    """Chinese people are Other in 2001 and Asian since: the two tables differ by them."""
    old = release(number=1, coding="ons_2001_5+1")
    new = release(coding=CODING, data_hash=data, replaces=1)
    with pytest.raises(RunError, match=r"E336.*release 1"):
        check_against(new, (old,))
    for before in ("ons_2021_19+1", CODING, ""):
        check_against(new, (release(number=1, coding=before),))
    later = {"period_from": "2026-10-01", "period_to": "2026-12-31", "extract_date": "2027-01-02"}
    check_against(release(coding=CODING, data_hash="f", **later), (old,))


def test_a_count_of_an_earlier_release_hangs_together_with_its_parts(tmp_path, monkeypatch):
    """The whole left in an earlier release, and is withheld now: it still tells of its parts."""
    from analysis.runs.release.releases import add, beside_released

    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path))
    whole, large, hidden = LEVELS["18+1 in 5"]
    counts = [named(64, **whole).hidden, named(60, **large), named(4, **hidden)]
    known = tied(Known.of(counts))
    assert not attack(known).recovered
    add(release(study="release", counts={counts[0].key: (63.0, 67.0)}))
    told = attack(beside_released(known, "release", "d")).recovered
    assert [cell.key for cell in told] == [counts[2].key]
    assert dimensions_of(counts[2].key)["group"] == hidden["group"]
