"""Synthetic staff surveys of one region: anonymous waves at sites that ask for a programme and
start one after the other, and at sites that did not ask.

Planted (params/synthetic.yml, `inclusion`): an effect of each programme on two scales, on thinking
of leaving and on leaving, from a site's start on; nil in some regions, harm in one. What naive
methods show (tests/test_synthetic_inclusion.py): sites ask for a programme because their climate
improves already, so that before and after, and sites that asked beside others, find a benefit where
there is none; unhappy staff answer less and leave, and newcomers take their place, so that the mean
of the answers rises from wave to wave with nothing done. In one programme the unhappy fall silent
once their site has started: no comparison of answers sees that, and only the response does.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.extracts.tables.pilots.inclusion_tables import REVERSED
from analysis.synthetic.inclusion.planted_inclusion import (
    ITEMS,
    Event,
    InclusionSurveys,
    SurveyProgramme,
    SurveyScale,
)
from analysis.synthetic.initiatives.months import groups_of, happens
from analysis.synthetic.monitors.quarters import MISSING_KINDS, ids, initials
from analysis.synthetic.planted import GROUPS, Planted
from analysis.synthetic.supervision.supervision import choice, ethnicity_codes

START_AFTER_DAYS = 14  # after the wave before it
MOVED = 0.015  # to another site between two waves, so that nobody knows whether they left
SITE_DRIFT = 0.01  # points a wave, by which sites drift apart of themselves, standard deviation
SEX = {"female": 0.58, "male": 0.42}
BLACK = GROUPS.index("Black")
NEVER = 10**6


@dataclass(frozen=True, eq=False)
class _Sites:
    """Of each site: whether it asked, the number of its first wave after the start (from 0; NEVER:
    after the last), its level and its drift a wave."""

    asked: np.ndarray
    start: np.ndarray
    level: np.ndarray
    drift: np.ndarray


@dataclass(frozen=True, eq=False)
class _Staff:
    """Who is in post: site, mood (standard normal at entry), group, band of service, sex."""

    site: np.ndarray
    mood: np.ndarray
    group: np.ndarray
    band: np.ndarray
    sex: np.ndarray


def planted_wave_effect(truth: Planted, programme: str, outcome: str, region: str) -> float:
    """What is planted for one programme in one region: points of a scale, or a share (0 to 1)."""
    own = truth.inclusion.programmes[programme]
    return own.effect.get(outcome, 0.0) * own.region.get(region, 1.0)


def planted_of_all(truth: Planted, programme: str, outcome: str) -> float:
    """The same over all sites: each region counts by its sites and waves under the programme."""
    own, waves = truth.inclusion.sites, truth.inclusion.waves
    weight = {}
    for region in truth.regions:
        starts = np.array(own.few.get(region, own.starts))
        weight[region] = int((waves + 1 - starts[starts > 0]).sum())
    found = [planted_wave_effect(truth, programme, outcome, region) for region in weight]
    return float(np.average(found, weights=list(weight.values())))


def make_inclusion(
    rng: np.random.Generator, truth: Planted, region: str, *, part: float
) -> pd.DataFrame:
    """inclusion_waves: every programme, each at sites of its own."""
    own = truth.inclusion
    staff = max(round(own.sites.staff * part), 4)
    found = [survey_rows(rng, truth, region, name, staff=staff) for name in own.programmes]
    rows = pd.concat(found, ignore_index=True)
    return rows.assign(asked_id=ids(initials(region), "I", len(rows)))


def survey_rows(
    rng: np.random.Generator, truth: Planted, region: str, programme: str, *, staff: int
) -> pd.DataFrame:
    """The rows of one programme in one region, without ids; `staff`: of a site."""
    return _Survey(rng, truth, region, programme, staff).rows()


class _Survey:
    """The waves of one programme in one region."""

    def __init__(
        self, rng: np.random.Generator, truth: Planted, region: str, programme: str, staff: int
    ):
        self.rng, self.truth, self.region, self.name = rng, truth, region, programme
        self.own: InclusionSurveys = truth.inclusion
        self.programme: SurveyProgramme = self.own.programmes[programme]
        self.sites, self.staff = self._sites(), staff
        head = f"{initials(region)}-{list(self.own.programmes).index(programme) + 1}-site"
        numbers = range(1, len(self.sites.asked) + 1)
        self.names = np.array([f"{head}-{k}" for k in numbers], dtype=object)
        first = pd.Timestamp(self.own.first_wave)
        apart = range(self.own.waves + 1)
        days = [first + pd.DateOffset(months=k * self.own.months_apart) for k in apart]
        self.days = pd.DatetimeIndex(days)

    def _sites(self) -> _Sites:
        own, rng, climate = self.own.sites, self.rng, self.own.climate
        starts = np.array(own.few.get(self.region, own.starts))
        asked = np.r_[np.ones(len(starts), bool), np.zeros(own.others, bool)]
        start = np.r_[np.where(starts > 0, starts - 1, NEVER), np.full(own.others, NEVER)]
        earlier = np.maximum(self.own.waves - start, 0) * climate.earlier_improve
        drift = climate.everywhere + asked * (climate.improving + earlier)
        drift = drift + rng.normal(0, SITE_DRIFT, len(asked))
        return _Sites(asked, start, rng.uniform(-1, 1, len(asked)) * own.level, drift)

    def rows(self) -> pd.DataFrame:
        """Every wave: whoever leaves is followed by somebody new."""
        people = self._entering(np.repeat(np.arange(len(self.sites.asked)), self.staff))
        found = []
        for wave in range(self.own.waves):
            made, gone = self._wave(people, wave)
            found.append(made)
            new = self._entering(people.site[gone])
            for name in ("mood", "group", "band", "sex"):
                getattr(people, name)[gone] = getattr(new, name)
        return pd.concat(found, ignore_index=True)

    def _entering(self, site: np.ndarray) -> _Staff:
        rng, n = self.rng, len(site)
        shares = dict(self.truth.regions[self.region].practitioners_share)
        group, band = groups_of(rng, shares, n), choice(rng, dict(self.own.service_band), n)
        return _Staff(site, rng.normal(size=n), group, band, choice(rng, SEX, n))

    def _wave(self, people: _Staff, wave: int) -> tuple[pd.DataFrame, np.ndarray]:
        rng, n = self.rng, len(people.site)
        started = wave >= self.sites.start[people.site]
        answered = happens(rng, self._answering(people, started))
        took_part = answered & started & (rng.random(n) < self.programme.took_part)
        useful = happens(rng, np.full(n, self.programme.useful))
        left = happens(rng, self._leaving(people, wave))
        leaves = happens(rng, self._event("intends_to_leave", people, started))
        day, following = self.days[wave], self.days[wave + 1]
        gone = day + pd.to_timedelta(rng.integers(1, (following - day).days, n), unit="D")
        moved = ~left & (rng.random(n) < MOVED)
        missing = (
            rng.random(n) < np.array([self.own.missing[name] for name in GROUPS])[people.group]
        )
        made = {
            "programme": self.name,
            "region": self.region,
            "site_id": self.names[people.site],
            "setting": np.where(people.site % 4 == 0, "probation", "prison"),
            "volunteered": self.sites.asked[people.site],
            "starts_on": self._starts()[people.site],
            "wave": wave + 1,
            "asked_on": np.full(n, day.to_datetime64()),
            "ethnicity": ethnicity_codes(rng, people.group, missing, MISSING_KINDS),
            "sex": people.sex.copy(),
            "service_band": people.band.copy(),
            "answered": answered,
            "took_part": np.where(answered & started, took_part.astype(float), np.nan),
            "found_useful": np.where(took_part, useful.astype(float), np.nan),
            **self._items(people, started, wave, answered),
            "intends_to_leave": np.where(answered, leaves.astype(float), np.nan),
            "left_on": np.where(left, gone.to_numpy(), np.datetime64("NaT")),
            "followed_to": np.where(moved, gone.to_numpy(), following.to_datetime64()),
        }
        frame = pd.DataFrame(made).astype(
            dict.fromkeys(("starts_on", "asked_on", "left_on", "followed_to"), "datetime64[us]")
        )
        return frame, left | moved

    def _starts(self) -> np.ndarray:
        """First day of the programme at each site; none where it did not ask."""
        after = np.timedelta64(START_AFTER_DAYS, "D")
        last = np.minimum(self.sites.start, self.own.waves + 1) - 1
        days = self.days.to_numpy().astype("datetime64[us]")
        ahead = days[-1] + (days[-1] - days[-2])
        starts = np.where(last < len(days), days[np.minimum(last, len(days) - 1)], ahead) + after
        return np.where(self.sites.asked, starts, np.datetime64("NaT"))

    # -- what happens to people --------------------------------------------------------------------
    def _effect(self, outcome: str, started: np.ndarray) -> np.ndarray:
        return planted_wave_effect(self.truth, self.name, outcome, self.region) * started

    def _event(self, name: str, people: _Staff, started: np.ndarray) -> np.ndarray:
        event: Event = getattr(self.own, name)
        group = np.array([event.group.get(g, 0.0) for g in GROUPS])[people.group]
        return event.base + group + event.mood * people.mood + self._effect(name, started)

    def _leaving(self, people: _Staff, wave: int) -> np.ndarray:
        """Up to the next wave: a programme that starts soon after this one counts already."""
        begun = wave + 1 >= self.sites.start[people.site]
        starts = (wave + 1 == self.sites.start[people.site]) & (people.mood < 0)
        return self._event("left", people, begun) + self.programme.leave_at_start * starts

    def _answering(self, people: _Staff, started: np.ndarray) -> np.ndarray:
        own = self.own.answering
        group = np.array([own.group[g] for g in GROUPS])[people.group]
        band = pd.Series(people.band).map(own.service).to_numpy()
        silent = self.programme.silent * (started & (people.mood < 0))
        return own.base + group + band + own.mood * people.mood - silent

    def _items(
        self, people: _Staff, started: np.ndarray, wave: int, answered: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Answers of 1 to 5, empty where nobody answered; at some questions of those who did."""
        rng, found, n = self.rng, {}, len(people.site)
        sites = self.sites.level + self.sites.drift * wave
        for scale, items in ITEMS.items():
            own: SurveyScale = self.own.scales[scale]
            group = np.array([own.group.get(g, 0.0) for g in GROUPS])[people.group]
            shock = rng.normal(0, own.shock, len(sites))
            score = own.level + group + (sites + shock)[people.site] + own.mood * people.mood
            score = score + self._effect(scale, started) + rng.normal(0, own.spread, n)
            spread = self.programme.item.get(scale, own.item)
            for name in items:
                apart = self.programme.works_apart.get(name, 0.0) * (people.group == BLACK)
                own_score = score + apart + rng.normal(0, spread, n)
                rating = np.clip(np.floor(own_score + rng.random(n)), 1, 5)
                rating = 6 - rating if name in REVERSED else rating
                empty = ~answered | (rng.random(n) < self.own.answering.item_empty)
                found[name] = np.where(empty, np.nan, rating)
        return found
