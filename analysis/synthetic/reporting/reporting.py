"""Synthetic reports of discrimination incidents of one region, people held, and the survey.

Planted (params/synthetic.yml, `reporting`): from the start on more incidents are reported in most
regions, while the share of people who say that they experienced discrimination stays as it was:
more are told, not more happen. In two regions nothing changes; in one region the share who
experienced discrimination rises as well.

What a naive method shows. First, a new form comes with the start in some prisons and files each
report twice: there the forms double with nothing true, and the mean of forms after less before
shows far more than the step (NAIVE_FORMS beside TRUE_STEP). Second, reports rise a little every
month by themselves, and more are filed in some seasons. Third, after the disorder of summer 2024
more are filed for two months. What a month adds is of the whole nation: twelve regions are not
twelve times as much to know.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.extracts.tables.pilots.reporting_tables import AFTER, BEFORE, NEW_FORM, OLD_FORM
from analysis.synthetic.initiatives.months import groups_of, happens
from analysis.synthetic.monitors.quarters import MISSING_KINDS, ids, initials
from analysis.synthetic.planted import GROUPS, Planted
from analysis.synthetic.reporting.planted_reporting import Reporting
from analysis.synthetic.supervision.supervision import WITHIN_GROUP, ethnicity_codes

NATION = 99  # in the seed of what all regions share
PER = 1_000  # people held, of a rate
DAYS = 28  # of a month in which a form can come in
# In the number of a person: site, then group, then who it is.
SITE, PEOPLE_OF_GROUP = 10, 1_000_000
UNDECIDED_MONTHS = 2  # the last ones, in which few are decided yet
# All regions together: by how many times the step multiplies incidents, and what the mean of forms
# after over that before shows. tests/test_synthetic_reporting.py holds them true.
TRUE_STEP, NAIVE_FORMS = 1.31, 2.04


@dataclass(frozen=True, eq=False)
class _Incidents:
    """One row an incident: the number of its site, month and group."""

    site: np.ndarray
    month: np.ndarray
    group: np.ndarray


def make_reporting(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """The tables of one region. `part`: people held, as a share of full scale."""
    held = _held(rng["people_held"], truth, region, part)
    return {
        "discrimination_reports": _reports(rng["discrimination_reports"], truth, region, held),
        "people_held": _held_table(rng["people_held"], truth.reporting, region, held),
        "experience_survey": _survey(rng["experience_survey"], truth, region, part),
    }


def months_of(planted: Reporting) -> pd.DatetimeIndex:
    """First day of each month."""
    return pd.date_range(planted.first_month, periods=planted.months, freq="MS")


def nation_shocks(truth: Planted) -> np.ndarray:
    """What each month adds to the logarithm of the rate, the same in every region: first-order
    autoregression with standard deviation `month_spread`."""
    planted = truth.reporting
    rng = np.random.default_rng(np.random.SeedSequence([truth.seed, 115, NATION]))
    memory, shocks = planted.month_memory, rng.normal(size=planted.months)
    for at in range(1, planted.months):
        shocks[at] = memory * shocks[at - 1] + np.sqrt(1 - memory**2) * shocks[at]
    return planted.month_spread * shocks


def planted_step(truth: Planted) -> float:
    """By how many times reported incidents step at the start, all regions together (each counts by
    what it would report without)."""
    planted, rates = truth.reporting, []
    for region in truth.regions:
        shares = _shares(truth, region)
        rates.append(float(shares @ np.array([planted.rate[name] for name in GROUPS])))
    steps = np.exp([planted.step[region] for region in truth.regions])
    return float(np.average(steps, weights=rates))


def _shares(truth: Planted, region: str) -> np.ndarray:
    minority = truth.regions[region].people_share
    return np.array([1 - sum(minority.values()), *(minority[name] for name in GROUPS[1:])])


def _held(rng: np.random.Generator, truth: Planted, region: str, part: float) -> np.ndarray:
    """People held by site, month and group (exact, before they are counted by code)."""
    planted = truth.reporting
    size = rng.uniform(0.6, 1.4, planted.sites)
    size *= max(planted.people * part, 20.0 * planted.sites) / size.sum()
    moves = 1 + 0.02 * rng.normal(size=(planted.sites, planted.months))
    return size[:, None, None] * moves[:, :, None] * _shares(truth, region)


def _held_table(
    rng: np.random.Generator, planted: Reporting, region: str, held: np.ndarray
) -> pd.DataFrame:
    """A row a site, month and code: people of a group by the shares of its codes, rounded up or
    down by chance so that small ones are not lost."""
    parts = []
    for number, name in enumerate(GROUPS):
        for code, share in WITHIN_GROUP[name].items():
            people = held[:, :, number] * share
            site, month = np.indices(people.shape)
            cells = {"site": site.ravel(), "month": month.ravel(), "people": people.ravel()}
            parts.append(pd.DataFrame(cells).assign(ethnicity=code))
    cells = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(
        {
            "site_id": _sites(planted, region)[cells["site"]],
            "region": region,
            "month": np.asarray(months_of(planted)[cells["month"]].astype("datetime64[us]")),
            "ethnicity": cells["ethnicity"],
            "people": np.floor(cells["people"] + rng.random(len(cells))).astype("int64"),
        }
    )


def _sites(planted: Reporting, region: str) -> np.ndarray:
    return ids(initials(region), "E", planted.sites)


def _incidents(
    rng: np.random.Generator, truth: Planted, region: str, held: np.ndarray
) -> _Incidents:
    planted, months = truth.reporting, months_of(truth.reporting)
    begun, start = pd.Timestamp(planted.begun), pd.Timestamp(planted.start)
    known = np.clip((months - begun) / (start - begun), 0, 1).to_numpy()
    angle = 2 * np.pi * months.month.to_numpy() / 12
    disorder = np.isin(months.strftime("%Y-%m"), planted.disorder_months)
    month = (
        planted.trend_a_year * np.arange(planted.months) / 12
        + planted.season * np.cos(angle)
        + nation_shocks(truth)
        + planted.disorder * disorder
        + planted.step[region] * known
    )
    site = planted.site_spread * rng.normal(size=planted.sites)
    rate = np.array([planted.rate[name] for name in GROUPS]) / PER
    expected = held * rate * np.exp(month[None, :, None] + site[:, None, None])
    counts = rng.poisson(expected)
    at = [np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape)]
    return _Incidents(*at)


def _reports(
    rng: np.random.Generator, truth: Planted, region: str, held: np.ndarray
) -> pd.DataFrame:
    """Forms in the order of their days: each incident once, some by another person too, and all of
    them twice where the new form is used."""
    planted = truth.reporting
    found = _incidents(rng, truth, region, held)
    once = _filed(rng, planted, region, found, held)
    others = once[rng.random(len(once)) < planted.second_reporter]
    others = others.assign(reporter=_reporters(rng, planted, held, others))
    forms = pd.concat([once, others], ignore_index=True)
    copies = forms[forms["form"] == NEW_FORM]
    forms = pd.concat([forms.assign(copy=0), copies.assign(copy=1)], ignore_index=True)
    forms = forms.sort_values(["reported_on", "incident", "reporter", "copy"], ignore_index=True)
    number, people = pd.factorize(forms["reporter"])
    group = (people.to_numpy() // PEOPLE_OF_GROUP) % SITE
    unknown = rng.random(len(people)) < _by_group(planted.missing, group)
    codes = ethnicity_codes(rng, group, unknown, MISSING_KINDS)
    return _with_ids(planted, region, forms.assign(reporter=number), codes)


def _filed(
    rng: np.random.Generator, planted: Reporting, region: str, found: _Incidents, held: np.ndarray
) -> pd.DataFrame:
    """One row an incident, with its day, form and what became of it."""
    months, n = months_of(planted), len(found.site)
    since = (months >= pd.Timestamp(planted.start))[found.month]
    new = months[found.month] >= pd.Timestamp(planted.form_from)
    new &= found.site < planted.new_form.get(region, 0)
    last = found.month >= planted.months - UNDECIDED_MONTHS
    decided = rng.random(n) >= np.where(last, 0.5, planted.undecided)
    upheld = happens(rng, np.array([planted.upheld[name] for name in GROUPS])[found.group])
    in_time = happens(rng, planted.in_time + planted.in_time_risen * since)
    days = pd.to_timedelta(rng.integers(0, DAYS, n), unit="D")
    rows = pd.DataFrame(
        {
            "incident": np.arange(n),
            "site": found.site,
            "month": found.month,
            "group": found.group,
            "reported_on": np.asarray((months[found.month] + days).astype("datetime64[us]")),
            "form": np.where(new, NEW_FORM, OLD_FORM),
            "answered_in_time": np.where(decided, in_time.astype(float), np.nan),
            "upheld": np.where(decided, upheld.astype(float), np.nan),
        }
    )
    return rows.assign(reporter=_reporters(rng, planted, held, rows))


def _reporters(
    rng: np.random.Generator, planted: Reporting, held: np.ndarray, rows: pd.DataFrame
) -> np.ndarray:
    """The number of the person who reports, among those who pass through the site and group."""
    there = held[rows["site"], 0, rows["group"]] * planted.repeats
    number = (rng.random(len(rows)) * np.maximum(there, 1)).astype("int64")
    return (rows["site"].to_numpy() * SITE + rows["group"].to_numpy()) * PEOPLE_OF_GROUP + number


def _with_ids(
    planted: Reporting, region: str, forms: pd.DataFrame, codes: np.ndarray
) -> pd.DataFrame:
    code, n = initials(region), len(forms)
    numbers = pd.factorize(forms["incident"])[0]
    if planted.new_numbers:
        numbers = numbers + forms["copy"].to_numpy() * n
    return pd.DataFrame(
        {
            "report_id": ids(code, "F", n),
            "incident_id": [f"{code}-I-{number + 1:06d}" for number in numbers],
            "region": region,
            "site_id": _sites(planted, region)[forms["site"]],
            "reported_on": forms["reported_on"],
            "reporter_id": [f"{code}-P-{number + 1:06d}" for number in forms["reporter"]],
            "ethnicity": codes[forms["reporter"]],
            "form": forms["form"],
            "answered_in_time": forms["answered_in_time"],
            "upheld": forms["upheld"],
        }
    )


def _survey(rng: np.random.Generator, truth: Planted, region: str, part: float) -> pd.DataFrame:
    planted, own = truth.reporting, truth.reporting.survey
    n, waves = max(round(own.asked * part), 20), []
    for number, wave in enumerate((BEFORE, AFTER)):
        group = groups_of(rng, truth.regions[region].people_share, n)
        answered = happens(rng, _by_group(own.answers, group))
        risen = own.risen.get(region, 0.0) * number
        experienced = happens(rng, _by_group(own.experienced, group) + risen)
        confident = happens(rng, np.full(n, own.confident + own.confident_risen * number))
        unknown = rng.random(n) < _by_group(planted.missing, group)
        waves.append(
            pd.DataFrame(
                {
                    "site_id": _sites(planted, region)[rng.integers(0, planted.sites, n)],
                    "wave": wave,
                    "asked_on": pd.Timestamp(own.days[number]),
                    "ethnicity": ethnicity_codes(rng, group, unknown, MISSING_KINDS),
                    "answered": answered,
                    "experienced": np.where(answered, experienced.astype(float), np.nan),
                    "confident": np.where(answered, confident.astype(float), np.nan),
                }
            )
        )
    table = pd.concat(waves, ignore_index=True)
    table["asked_on"] = table["asked_on"].astype("datetime64[us]")
    table.insert(0, "region", region)
    table.insert(0, "respondent_id", ids(initials(region), "S", len(table)))
    return table


def _by_group(shares: Mapping[str, float], group: np.ndarray) -> np.ndarray:
    return np.array([shares[name] for name in GROUPS])[group]
