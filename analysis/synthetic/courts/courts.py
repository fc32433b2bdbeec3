"""Synthetic courts of one region: court sites, sentenced cases, audited reports, training of report
writers.

Planted (params/synthetic.yml, `courts`): from its start on a pilot court writes more reports, more
of them on adjournment; the second-proposal tool comes on the same day (but for one court, which has
none). Custody falls among ALL sentenced, the more the longer the pilot runs, more in the first
waves, and more for people from minority ethnic groups, so that the gap narrows. Proposals are
followed neither more nor less often. Ratings of audited reports rise: alike at every cut in three
domains, at the lower cuts only for `proposal`.

What a naive method shows: courts with more custody start first, so pilot and other courts differ
from the beginning; regions drift apart, so that only comparisons within a region hold; effects that
grow and differ between waves bias a two-way fixed-effects regression towards nil. The pilot writes
reports for women, people of 18 to 24 and those at high custody risk rather than others: among
reports written, proposals seem to be followed less often (SELECTION, in every 100), although for
each kind of person nothing changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.synthetic.courts.planted_courts import MONTHS, RISKS, Courts, Reports
from analysis.synthetic.planted import GROUPS, Planted
from analysis.synthetic.supervision.supervision import (
    choice,
    draw_rows,
    ethnicity_codes,
    group_shares,
)

# Proposals followed among reports written, with less without the pilot, from the change of mix
# alone (in every 100). Worked out from the planted shares; tests/test_synthetic_courts.py holds it
# true.
SELECTION = -1.8
TARGET_AGE, TARGET_SEX, TARGET_RISK = "18-24", "female", "high"


@dataclass(frozen=True, eq=False)
class Sites:
    """Court sites of a region. start: month of the start (MONTHS + 1: never); level, diversity: of
    each court."""

    table: pd.DataFrame
    start: np.ndarray
    level: np.ndarray
    diversity: np.ndarray
    month_shock: np.ndarray  # of each month, shared by the region


def make_courts(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """The four tables of one region. `part`: cases a court, as a share of full scale; courts stay
    as many."""
    sites = make_sites(rng["courts"], truth.courts, region)
    cases, hidden = make_cases(rng["sentenced_cases"], truth, region, sites, part)
    return {
        "courts": sites.table,
        "sentenced_cases": cases,
        "audited_reports": make_audits(rng["audited_reports"], truth, region, sites, cases, hidden),
        "report_training": make_training(rng["report_training"], truth, region, sites),
    }


def month_start(courts: Courts, month: int) -> pd.Timestamp:
    """First day of a month; 1 is the first."""
    return pd.Timestamp(courts.first_month) + pd.DateOffset(months=month - 1)


def make_sites(rng: np.random.Generator, courts: Courts, region: str) -> Sites:
    """Pilot courts with their start, and others; the worse ones start first."""
    starts = courts.pilot.get(region, ())
    start = np.array([*starts, *[MONTHS + 1] * courts.others_a_region])
    pilot, n = start <= MONTHS, len(start)
    level = rng.normal(size=n) * courts.level_spread
    level += [courts.level_by_wave[str(month)] if month <= MONTHS else 0.0 for month in start]
    day = pd.Series(
        [month_start(courts, month) if month <= MONTHS else pd.NaT for month in start],
        dtype="datetime64[us]",
    )
    without_tool = np.arange(n) == (len(starts) - 1 if region == courts.no_tool else -1)
    staff = np.where(pilot, rng.integers(*courts.staff_a_court, n), 0)
    code = "".join(word[0] for word in region.split("_")).upper() + region[-1].upper()
    table = pd.DataFrame(
        {
            "court_id": [f"{code}-C-{k:02d}" for k in range(1, n + 1)],
            "region": region,
            "pilot": pilot,
            "started_on": day,
            "tool_from": day.where(~without_tool),
            "staff_trained": staff.astype("int64"),
        }
    )
    slope = rng.uniform(-1, 1) * courts.region_trend
    shock = rng.uniform(-1, 1, MONTHS) * courts.region_month_spread + slope * np.arange(MONTHS)
    return Sites(table, start, level, rng.permutation(np.linspace(-1, 1, n)), shock)


def make_cases(
    rng: np.random.Generator, truth: Planted, region: str, sites: Sites, part: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sentenced cases, and what the released table hides: court number, month, true group, whether
    under the pilot."""
    courts, missing = truth.courts, truth.supervision.ethnicity_missing
    a_month = np.maximum(
        (rng.integers(*courts.cases_a_month, len(sites.start)) * part).round().astype(int), 1
    )
    court = np.repeat(np.arange(len(sites.start)), a_month * MONTHS)
    month = np.concatenate([np.repeat(np.arange(1, MONTHS + 1), k) for k in a_month])
    n = len(court)
    group = draw_rows(rng, group_shares(truth.regions[region].people_share, sites.diversity)[court])
    risk = choice(rng, courts.risk, n)
    age, female = choice(rng, courts.age_band, n), rng.random(n) < courts.female
    since = month - sites.start[court]
    under, tool = since >= 0, (since >= 0) & sites.table["tool_from"].notna().to_numpy()[court]
    rep = courts.reports
    targets = (age == TARGET_AGE).astype(int) + female + (risk == TARGET_RISK)
    written = rng.random(n) < _report_share(courts, risk, targets, under) * _of_group(rep, group)
    custody = rng.random(n) < _custody_share(
        courts, sites, _Sentenced(court, month, group, risk, since)
    )
    adjourned = rng.random(n) < rep.on_adjournment + rep.on_adjournment_added * under
    second = rng.random(n) < rep.second_proposal + rep.second_proposal_added * tool
    followed = rng.random(n) < pd.Series(risk).map(rep.followed).to_numpy()
    first = np.array([month_start(courts, m).to_datetime64() for m in range(1, MONTHS + 1)])
    unknown = rng.random(n) < np.array([missing.person[name] for name in GROUPS])[group]
    code = sites.table["court_id"].iloc[0].split("-")[0]
    table = pd.DataFrame(
        {
            "case_id": [f"{code}-K-{k:06d}" for k in range(1, n + 1)],
            "region": region,
            "court_id": sites.table["court_id"].to_numpy()[court],
            "sentenced_on": (
                (first[month - 1] + rng.integers(0, 28, n).astype("timedelta64[D]")).astype(
                    "datetime64[us]"
                )
            ),
            "ethnicity": ethnicity_codes(rng, group, unknown, missing.person_kinds),
            "sex": np.where(female, "female", "male"),
            "age_band": age,
            "offence_group": choice(rng, courts.offence_group, n),
            "custody_risk": risk,
            "report_written": written,
            "on_adjournment": np.where(written, adjourned, np.nan),
            "second_proposal": np.where(written, second, np.nan),
            "proposal_followed": np.where(written, followed, np.nan),
            "custody": custody.astype(float),
        }
    )
    return table, pd.DataFrame({"court": court, "month": month, "group": group, "under": under})


def _report_share(
    courts: Courts, risk: np.ndarray, targets: np.ndarray, under: np.ndarray
) -> np.ndarray:
    rep = courts.reports
    return pd.Series(risk).map(rep.written).to_numpy() + under * (
        rep.added + rep.added_for_targets * targets
    )


def _of_group(reports: Reports, group: np.ndarray) -> np.ndarray:
    """By how much the true group of each case changes whether a report is written."""
    return np.array([reports.group.get(name, 1.0) for name in GROUPS])[group]


@dataclass(frozen=True, eq=False)
class _Sentenced:
    """Of each case: number of its court and month, true group, risk, months since the start."""

    court: np.ndarray
    month: np.ndarray
    group: np.ndarray
    risk: np.ndarray
    since: np.ndarray


def _custody_share(courts: Courts, sites: Sites, cases: _Sentenced) -> np.ndarray:
    """Probability of custody: parts that add up, the effect of the pilot among them."""
    truth, court, group, since = courts.custody, cases.court, cases.group, cases.since
    total = (
        truth.base
        + pd.Series(cases.risk).map(truth.risk).to_numpy()
        + np.array([truth.group[g] for g in GROUPS])[group]
    )
    total = total + sites.level[court] + sites.month_shock[cases.month - 1]
    factor = np.array([truth.wave_factor.get(str(month), 0.0) for month in sites.start])[court]
    total = total + np.where(since >= 0, factor * _effect(courts, since, group > 0), 0.0)
    if total.min() < 0 or total.max() > 1:
        raise ValueError(
            "custody: the parts in params/synthetic.yml add up to less than 0 or more than 1"
        )
    return total


def _effect(courts: Courts, since, minority) -> np.ndarray:
    truth = courts.custody
    return truth.effect_at_start + truth.effect_a_month * since + truth.effect_minority * minority


# -- audits and training ---------------------------------------------------------------------------
def make_audits(
    rng: np.random.Generator,
    truth: Planted,
    region: str,
    sites: Sites,
    cases: pd.DataFrame,
    hidden: pd.DataFrame,
) -> pd.DataFrame:
    """Ratings of a sample of reports, stratified by recorded ethnic group; one in five by two
    auditors."""
    audit, domains = truth.courts.audit, ("engagement", "analysis", "diversity", "proposal")
    white = cases["ethnicity"].str.startswith("W") | ~cases["ethnicity"].str.fullmatch(
        r"[A-Z][0-9]"
    )
    share = np.where(white, audit.sampled["White"], audit.sampled["minority"])
    rows = np.flatnonzero(cases["report_written"].to_numpy() & (rng.random(len(cases)) < share))
    quality = rng.normal(size=len(rows)) * audit.report_spread + audit.white * (
        hidden["group"].to_numpy()[rows] == 0
    )
    severity = rng.normal(size=audit.auditors) * audit.auditor_spread
    first = rng.integers(0, audit.auditors, len(rows))
    second = (first + rng.integers(1, audit.auditors, len(rows))) % audit.auditors
    double = rng.random(len(rows)) < audit.double_rated
    report = np.concatenate([np.arange(len(rows)), np.flatnonzero(double)])
    auditor = np.concatenate([first, second[double]])
    under, code = (
        hidden["under"].to_numpy()[rows][report],
        sites.table["court_id"].iloc[0].split("-")[0],
    )
    shared = cases.iloc[rows[report]][
        ["case_id", "region", "court_id", "sentenced_on"]
    ].reset_index(drop=True)
    shared = shared.assign(auditor_id=[f"{code}-A-{k + 1:02d}" for k in auditor])
    parts = []
    for domain in domains:
        added = np.array(audit.after_by_cut if domain == "proposal" else [audit.after] * 3)
        latent = (
            (quality[report] - severity[auditor])[:, None]
            + under[:, None] * added
            - np.array(audit.cuts)
        )
        # one draw a rating: the rating is the number of cuts that it passes
        draw = rng.random(len(report))[:, None]
        rating = 1 + (draw < 1 / (1 + np.exp(-latent))).sum(axis=1)
        parts.append(
            shared.assign(
                domain=domain,
                rating=rating.astype("int64"),
                sampling_weight=1 / share[rows][report],
            )
        )
    return pd.concat(parts, ignore_index=True)[
        [
            "case_id",
            "region",
            "court_id",
            "sentenced_on",
            "auditor_id",
            "domain",
            "rating",
            "sampling_weight",
        ]
    ]


def make_training(
    rng: np.random.Generator, truth: Planted, region: str, sites: Sites
) -> pd.DataFrame:
    """Report writers trained in the month before their court starts, with a test before and
    after."""
    courts, table = truth.courts, sites.table
    court = np.repeat(np.arange(len(table)), table["staff_trained"])
    n, missing = len(court), truth.supervision.ethnicity_missing
    group = draw_rows(
        rng,
        np.repeat(
            group_shares(truth.regions[region].practitioners_share, np.zeros(1)), max(n, 1), axis=0
        ),
    )[:n]
    ability = rng.normal(size=n)
    before = (courts.score_before + 2.2 * ability + 1.3 * rng.normal(size=n)).round().clip(0, 20)
    after = (
        (courts.score_before + courts.score_gain + 2.2 * ability + 1.3 * rng.normal(size=n))
        .round()
        .clip(0, 20)
    )
    code = table["court_id"].iloc[0].split("-")[0]
    return pd.DataFrame(
        {
            "staff_id": [f"{code}-W-{k:04d}" for k in range(1, n + 1)],
            "region": region,
            "court_id": table["court_id"].to_numpy()[court].astype(object),
            "ethnicity": ethnicity_codes(
                rng, group, rng.random(n) > 0.8, missing.practitioner_kinds
            ),
            "trained_on": (
                (
                    table["started_on"].to_numpy()[court]
                    - rng.integers(3, 28, n).astype("timedelta64[D]")
                ).astype("datetime64[us]")
            ),
            "relevance": np.where(
                rng.random(n) < 0.8, choice(rng, courts.relevance, n).astype(float), np.nan
            ),
            "score_before": np.where(rng.random(n) < 0.05, np.nan, before),
            "score_after": np.where(rng.random(n) < 0.08, np.nan, after),
        }
    ).astype({"staff_id": object, "region": object})


# -- what is true ----------------------------------------------------------------------------------
def planted_custody_effect(
    courts: Courts, *, minority: bool | None = None, minority_share: float = 0.0
) -> float:
    """True average effect on custody (share) over months since the start, each court and month
    alike.

    minority True or False: among people from minority ethnic groups, or White; None: among all, of
    whom
    `minority_share` are from minority ethnic groups.
    """
    share = minority_share if minority is None else float(minority)
    cells = [
        (str(start), k)
        for starts in courts.pilot.values()
        for start in starts
        for k in range(MONTHS - start + 1)
    ]
    return float(
        np.mean([courts.custody.wave_factor[wave] * _effect(courts, k, share) for wave, k in cells])
    )


def planted_report_effect(courts: Courts, outcome: str) -> float:
    """True effect (share of ALL sentenced) on a report of some kind: report_written,
    on_adjournment, second_proposal.

    second_proposal: at courts with the tool.
    """
    rep = courts.reports
    kind = {
        "report_written": (1.0, 0.0),
        "on_adjournment": (rep.on_adjournment, rep.on_adjournment_added),
        "second_proposal": (rep.second_proposal, rep.second_proposal_added),
    }[outcome]
    total = 0.0
    for weight, risk, targets in _mix(courts):
        without, added = rep.written[risk], rep.added + rep.added_for_targets * targets
        total += weight * ((without + added) * sum(kind) - without * kind[0])
    return total


def selection(courts: Courts) -> float:
    """Difference in proposals followed among reports written (share) that the change of mix alone
    makes."""
    rep, with_pilot, without = courts.reports, np.zeros(2), np.zeros(2)
    for weight, risk, targets in _mix(courts):
        base = weight * rep.written[risk]
        more = base + weight * (rep.added + rep.added_for_targets * targets)
        without += [base * rep.followed[risk], base]
        with_pilot += [more * rep.followed[risk], more]
    return float(with_pilot[0] / with_pilot[1] - without[0] / without[1])


def _mix(courts: Courts):
    """Share of sentenced people, custody risk and number of targets met, for each kind of
    person."""
    for risk in RISKS:
        for young, young_share in (
            (1, courts.age_band[TARGET_AGE]),
            (0, 1 - courts.age_band[TARGET_AGE]),
        ):
            for female, female_share in ((1, courts.female), (0, 1 - courts.female)):
                yield (
                    courts.risk[risk] * young_share * female_share,
                    risk,
                    young + female + (risk == TARGET_RISK),
                )
