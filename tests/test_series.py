"""Rule S19: one length of period a figure, the finest at which every cell passes; what overlaps in
time is attacked together or not printed."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from attacked_tables import count

from analysis.disclosure.attack.known import Known, key
from analysis.disclosure.attack.narrowest import attack
from analysis.disclosure.attack.noted import forget, noted
from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.rules import Clearance, load_rules, share_is_protected
from analysis.disclosure.series import (
    LENGTHS,
    TOGETHER,
    Series,
    Span,
    check_periods,
    finest,
    held_in_time,
    span_of,
)
from analysis.display.drawn_rounds import RoundPoint, trend_table
from analysis.errors import RunError
from analysis.results import Table
from analysis.studies.disparity.counted.counts import TOGETHER as ROUNDS_TOGETHER
from analysis.studies.rollout.tables import periods_table

JANUARY = 12 * 2026


def named(people: int, period: str, **said: str):
    return count(key(place="wales", period=period, group="Black", count="people", **said), people)


def tied(known: Known) -> Known:
    check_periods(known)
    return known + Known.of((), held_in_time(known))


# -- labels ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("label", "first", "months"),
    [
        ("2026", 0, 12),
        ("2026 Q1", 0, 3),
        ("2026 Q3", 6, 3),
        ("2026 H2", 6, 6),
        ("2026-12", 11, 1),
        ("year to 2026 Q3", -3, 12),
        ("2026 Q1 + 2026 Q2", 0, 6),
        ("2026 Q2 + 2026 Q1", 0, 6),
    ],
)
def test_a_label_is_a_period(label, first, months):
    assert span_of(label) == Span(JANUARY + first, months)


@pytest.mark.parametrize("label", ["", "newest", "2026 Q5", "2026-13", "2026 Q1 + 2026 Q3", "26"])
def test_any_other_label_is_none(label):
    assert span_of(label) is None


def test_the_sign_between_rounds_is_that_of_the_monitors():
    assert TOGETHER == ROUNDS_TOGETHER


# -- one figure ------------------------------------------------------------------------------------
@pytest.mark.parametrize("months", LENGTHS)
def test_periods_of_one_length_beside_each_other_are_a_series(months):
    Series(tuple(Span(JANUARY + k * months, months) for k in (0, 1, 3)))


@pytest.mark.parametrize(
    "periods",
    [
        (Span(0, 3), Span(3, 6)),
        (Span(0, 3), Span(2, 3)),
        (Span(3, 3), Span(0, 3)),
        (Span(0, 2), Span(2, 2)),
        (Span(0, 3), Span(0, 3)),
    ],
)
def test_other_periods_are_refused(periods):
    with pytest.raises(RunError, match="E337"):
        Series(periods)


def test_a_trend_of_overlapping_rounds_is_not_drawn():
    beside = Table("Trend", pd.DataFrame({"Round": ["x"]}), ("S5",))
    rolling = [RoundPoint(f"year to 2026 Q{quarter}", 1.2) for quarter in (3, 4)]
    with pytest.raises(RunError, match="E337"):
        trend_table(rolling, centre=None, beside=beside)
    mixed = [RoundPoint("2025", 1.2), RoundPoint("2026 Q1", 1.3)]
    with pytest.raises(RunError, match="E337"):
        trend_table(mixed, centre=None, beside=beside)
    apart = [RoundPoint(f"year to {year} Q3", 1.2) for year in (2025, 2026)]
    assert len(trend_table(apart, centre=None, beside=beside).to_frame()) == 2


def counted(events: np.ndarray, base: np.ndarray):
    """Cells of one line of 24 months at each length."""

    def at(months):
        return [
            (int(events[k : k + months].sum()), int(base[k : k + months].sum()))
            for k in range(0, len(base), months)
        ]

    return at


@pytest.mark.parametrize(
    ("events", "length"), [(10, 1), (9, 3), (4, 3), (3, 6), (2, 6), (1, 12), (0, None)]
)
def test_the_finest_length_at_which_every_cell_passes_is_chosen(events, length):
    """The edge: so many people a month with the event, of forty."""
    assert finest(counted(np.full(24, events), np.full(24, 40))) == length


def test_one_small_cell_of_one_line_decides_for_the_whole_figure():
    fine = counted(np.full(24, 15), np.full(24, 40))
    poor = counted(np.where(np.arange(24) == 7, 0, 15), np.full(24, 40))
    assert finest(fine) == 1
    assert finest(lambda months: [*fine(months), *poor(months)]) == 3


def test_a_figure_is_never_finer_than_it_is_made_for():
    assert finest(counted(np.full(24, 15), np.full(24, 40)), from_months=6) == 6
    assert finest(lambda months: []) is None


@pytest.mark.parametrize("seed", range(100))
def test_whatever_is_chosen_passes_in_every_cell_and_nothing_finer_does(seed):
    rng = np.random.default_rng(seed)
    base = rng.poisson(rng.gamma(1, 30), 24)
    at = counted(rng.binomial(base, rng.uniform(0.05, 0.95)), base)
    chosen, rules = finest(at), load_rules()

    def passes(months):
        return not any(share_is_protected(*cell, rules) for cell in at(months))

    assert chosen is None or passes(chosen)
    assert not any(passes(months) for months in LENGTHS if months < (chosen or 24))


def sentences(each_month: int, of_pilots: int) -> SimpleNamespace:
    """A study of courts in one place: 24 months of sentences, half of them with a report and a
    third in custody, and other courts beside those of the pilot."""
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    rows = [
        {"sentenced_on": month, "pilot": pilot, "report_written": n % 2, "custody": n % 3 == 0}
        for month in months
        for pilot, people in ((True, of_pilots), (False, each_month))
        for n in range(people)
    ]
    clearance = Clearance(public=False, clusters_are_people=False, hidden=NOTHING)
    return SimpleNamespace(cases=pd.DataFrame(rows), place="wales", clearance=clearance)


@pytest.mark.parametrize(
    ("of_pilots", "column", "periods"),
    [(12, "Half-year", 4), (4, "Half-year", 4), (3, "Year", 2), (2, "Year", 2), (1, "Time", 1)],
)
def test_sentences_stand_in_the_finest_periods_that_pass_for_all_courts(of_pilots, column, periods):
    forget()
    table = periods_table(sentences(40, of_pilots)).to_frame()
    known = noted()
    forget()
    assert table.columns[1] == column and table[column].nunique() == periods
    assert (table == "[c]").any(axis=None) == (periods == 1)  # everybody of a few is in custody
    check_periods(known)
    if periods > 1:
        Series(tuple(sorted({span_of(label) for label in table[column]})))


# -- periods of one cell ---------------------------------------------------------------------------
QUARTERS = ("2026 Q1", "2026 Q2", "2026 Q3", "2026 Q4")


@pytest.mark.parametrize("whole", ["2026", "year to 2026 Q4", "2026 H1 + 2026 H2"])
@pytest.mark.parametrize("small", [0, 1, 4, 9])
def test_a_small_half_year_beside_its_year_is_found(whole, small):
    """The planted leak: one half and the year are printed, of people who come once."""
    halves = [named(30, "2026 H1"), named(small, "2026 H2")]
    known = Known.of([*halves, named(30 + small, whole)])
    assert not attack(known).recovered
    assert [cell.key for cell in attack(tied(known)).recovered] == [halves[1].key]


@pytest.mark.parametrize("withheld", [(30, 40, 4, 9), (30, 4, 9, 8)])
def test_quarters_that_hide_each_other_are_not_withheld(withheld):
    """The harmless one: two small quarters that are at least the rule's width together."""
    quarters = [named(n, label) for n, label in zip(withheld, QUARTERS, strict=True)]
    assert not attack(tied(Known.of([*quarters, named(sum(withheld), "2026")]))).recovered


def test_quarters_alone_are_harmless():
    known = Known.of([named(n, label) for n, label in zip((30, 40, 5, 9), QUARTERS, strict=True)])
    assert held_in_time(known) == () and not attack(tied(known)).recovered


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("year to 2026 Q3", "year to 2026 Q4"),
        ("2026", "year to 2027 Q1"),
        ("2026 Q1 + 2026 Q2", "2026 Q2 + 2026 Q3"),
        ("2026 H1", "2026 Q2 + 2026 Q3"),
    ],
)
def test_periods_that_overlap_in_part_are_refused(one, other):
    """The planted leak: rolling years tell of those who came in the newest quarter alone."""
    known = Known.of([named(103, one), named(106, other)])
    with pytest.raises(RunError, match=r"E337: 1 pairs of periods overlap in part: place=wales"):
        check_periods(known)
    check_periods(Known.of([named(103, one), named(4, other)]))  # one of them is withheld
    check_periods(Known.of([named(103, one), named(106, other, outcome="another")]))


def test_periods_beside_each_other_and_within_each_other_pass():
    check_periods(Known.of([named(90, "2025"), named(80, "2026"), named(30, "2026 Q2")]))


@pytest.mark.parametrize("seed", range(30))
def test_what_is_held_in_time_is_true_of_people_who_come_again(seed):
    rng = np.random.default_rng(seed)
    came = rng.random((rng.integers(30, 300), 8)) < rng.uniform(0.02, 0.6)
    labels = [f"{year} Q{quarter}" for year in (2025, 2026) for quarter in (1, 2, 3, 4)]
    counts = [named(int(came[:, k].sum()), label) for k, label in enumerate(labels)]
    for year, own in (("2025", came[:, :4]), ("2026", came[:, 4:])):
        counts.append(named(int(own.any(axis=1).sum()), year))
        counts.append(named(int(own[:, :2].any(axis=1).sum()), f"{year} H1"))
    known = tied(Known.of(counts))
    assert len(known.relations) >= 2 * (6 + 2)
    for said in known.relations:
        found = sum(times * known.counts[name].exact for name, times in said.terms)
        assert said.low <= found <= said.high, said
