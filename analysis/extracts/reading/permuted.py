"""Outcomes changed about among rows, so that a study can be tried out and nobody sees what it will
find.

All that says who there is, where, in which arm and since when stays as it is; outcomes of a row
move together to another row of its place, and keep the contract of their table:

- only among rows with the same empty cells, where an empty cell says that nothing was measured, and
  alike in the other columns that a rule ties them to; columns that are tied to how much of a
  programme somebody had move by themselves, so that the others are not held to it;
- what was measured before the start moves along with what was measured after it;
- days are moved as time since the day from which a row counts, up to the last day that is known;
- rows that are outcomes of a person go to another person as a whole;
- of reports that are counted by the month, the months change places.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.extracts.tables.contract import Contract
from analysis.extracts.tables.contracts import CONTRACTS

FEWEST = 5  # chosen: rows that change about among themselves; fewer would tell whose is whose
SHARED = ("programme", "action")  # of tables that several pilots share: rows of one stay with it
MEASURED = ("flag", "rating", "number", "whole")  # kinds of which an empty cell was not measured
Tables = Mapping[str, pd.DataFrame]


def permuted_outcomes(tables: Tables, seed: bytes) -> dict[str, pd.DataFrame]:
    """The tables with their outcomes permuted, region by region, so that all places together are
    what each of them is; a rerun from the same seed is equal."""
    return {
        name: frame
        if not CONTRACTS[name].outcomes or frame.empty
        else _permuted(CONTRACTS[name], frame, tables, hashlib.sha256(seed + name.encode()))
        for name, frame in tables.items()
    }


def _permuted(contract: Contract, frame: pd.DataFrame, tables: Tables, seed) -> pd.DataFrame:
    moved = contract.blind
    if moved.months:
        return _months_changed(frame, moved.months, tables[moved.counted_in], seed.digest())
    if moved.owner:
        owners = tables[moved.owner]
        return _to_others(contract, frame, owners, _draws(owners, seed.digest()))
    return _among_rows(contract, frame, _draws(frame, seed.digest()))


def _draws(frame: pd.DataFrame, seed: bytes) -> np.ndarray:
    """A random number for each row: the same for a region alone and among others."""
    drawn = np.empty(len(frame))
    regions = frame["region"] if "region" in frame else pd.Series("", index=frame.index)
    for region, at in regions.groupby(regions, observed=True).indices.items():
        own = hashlib.sha256(seed + str(region).encode()).digest()
        drawn[at] = np.random.default_rng(int.from_bytes(own)).random(len(at))
    return drawn


def _moved(strata: pd.DataFrame, draws: np.ndarray) -> np.ndarray:
    """For each row the row of the same stratum whose outcomes it gets."""
    codes = strata.groupby(list(strata.columns), dropna=False, sort=False).ngroup().to_numpy()
    source = np.empty(len(codes), dtype=int)
    source[np.argsort(codes, kind="stable")] = np.lexsort((draws, codes))
    return source


# -- among the rows of a table ---------------------------------------------------------------------
@dataclass(frozen=True)
class _Together:
    """Outcomes that move together. filled, equal: other columns that a rule ties them to, by
    whether something stands there, or by what. unmeasured: those of which empty cells stay."""

    names: tuple[str, ...]
    filled: tuple[str, ...]
    equal: tuple[str, ...]
    unmeasured: tuple[str, ...]


def _among_rows(contract: Contract, frame: pd.DataFrame, draws: np.ndarray) -> pd.DataFrame:
    blind, made = contract.blind, frame.copy()
    dates = [c.name for c in contract.columns if c.outcome and c.kind == "date"]
    for date in dates if blind.since else ():
        made[date] = frame[date] - frame[blind.since]
    for together in _parts(contract):
        names = list(together.names)
        source = _moved(_strata(contract, frame, together), draws)
        for name in names:
            made[name] = made[name].array.take(source)
    for date in dates if blind.since else ():
        made[date] = (frame[blind.since] + made[date]).astype(frame[date].dtype)
        if blind.until:
            made = _emptied(contract, made, date, made[date] > frame[blind.until])
    return made


def _emptied(contract: Contract, frame: pd.DataFrame, name: str, at: pd.Series) -> pd.DataFrame:
    """Without what came after the last day that is known, and what says more of it."""
    rests = [x for x, y in contract.rules.only_where if y == name and contract.column(x).outcome]
    emptied = {one: frame[one].mask(at) for one in (name, *rests)}
    return frame.assign(**emptied)


def _strata(contract: Contract, frame: pd.DataFrame, together: _Together) -> pd.DataFrame:
    """What a row has in common with those whose outcomes it may get."""
    shared = [n for n in ("region", *SHARED) if n in frame and n not in contract.outcomes]
    parts = {name: frame[name] for name in (*shared, *together.equal)}
    parts |= {f"{name} filled": _filled(frame[name]) for name in together.filled}
    must = pd.DataFrame(parts, index=frame.index)
    if must.empty:
        must = must.assign(all="")
    pattern = frame[list(together.unmeasured)].isna().astype(int).astype(str)
    empty = pattern.agg("".join, axis=1) if together.unmeasured else ""
    fine = must.assign(empty=empty)
    size = fine.groupby(list(fine.columns), dropna=False)[fine.columns[0]].transform("size")
    return fine.assign(empty=fine["empty"].where(size >= FEWEST, "few"))


def _filled(values: pd.Series) -> pd.Series:
    """Whether something stands there, and not no or nothing."""
    there = values.notna()
    return there & (values != 0) if values.dtype.kind in "bif" else there


def _parts(contract: Contract) -> Iterator[_Together]:
    """The outcomes of a table, those together that no rule holds to different other columns."""
    own = {*contract.outcomes}
    found: dict[tuple, list[str]] = {}
    for names in _linked(contract):
        filled, equal = _ties(contract, names)
        found.setdefault((filled, equal), []).extend(names)
    depends = {x for x, y in (*contract.rules.only_where, *contract.rules.filled_where) if y in own}
    for (filled, equal), names in found.items():
        names += [before for after, before in contract.blind.along if after in names]
        columns = [contract.column(name) for name in names if name not in depends]
        unmeasured = [c.name for c in columns if c.empty is not None and c.kind in MEASURED]
        yield _Together(tuple(names), filled, equal, tuple(unmeasured))


def _linked(contract: Contract) -> list[list[str]]:
    """Outcomes in sets that rules link to each other, in the order of the table."""
    sets = [{name} for name in contract.outcomes]
    for names, _ in _rules(contract):
        linked = [s for s in sets if s & names]
        if len(linked) > 1:
            sets = [s for s in sets if s not in linked] + [set().union(*linked)]
    order = {name: at for at, name in enumerate(contract.names)}
    return sorted(
        (sorted(s, key=lambda name: order[name]) for s in sets), key=lambda s: order[s[0]]
    )


def _ties(contract: Contract, names: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Other columns that a rule holds these outcomes to: by being filled, and by their value."""
    filled: dict[str, None] = {}
    equal: dict[str, None] = {}
    for columns, by_value in _rules(contract):
        if columns & {*names}:
            others = [n for n in contract.names if n in columns and n not in contract.outcomes]
            (equal if by_value else filled).update(dict.fromkeys(others))
    always = {c.name for c in contract.columns if c.empty is None and c.low and c.low > 0}
    return tuple(n for n in filled if n not in always), tuple(n for n in equal if n not in always)


def _rules(contract: Contract) -> Iterator[tuple[set[str], bool]]:
    """Columns of each rule between columns of a row, and whether it compares values."""
    rules = contract.rules
    for pair in (*rules.only_where, *rules.filled_where, *rules.at_risk):
        yield {*pair}, False
    for parts, whole in rules.parts:
        yield {*parts, whole}, True
    for rule in rules.days_of:
        yield {rule.days, rule.column}, True


# -- rows that are outcomes ------------------------------------------------------------------------
def _to_others(
    contract: Contract, frame: pd.DataFrame, owners: pd.DataFrame, draws: np.ndarray
) -> pd.DataFrame:
    """All rows of a person go to another one of the region, at the same time since that person's
    own first day, as far as is known of that person."""
    blind, key = contract.blind, CONTRACTS[contract.blind.owner].key[0]
    source = _moved(owners[["region"]], draws)
    days = owners[[blind.since, blind.until]]
    goes = pd.DataFrame(
        {
            key: owners[key].array.take(source),
            "new": owners[key].array,
            "was": days[blind.since].array.take(source),
            "starts": days[blind.since].array,
            "ends": days[blind.until].array,
        }
    )
    made = frame.merge(goes, on=key, how="left", validate="many_to_one")
    known = made["new"].notna()
    made[key] = made["new"].where(known, made[key])
    for date in (c.name for c in contract.columns if c.kind == "date"):
        shifted = made[date] - made["was"] + made["starts"]
        made[date] = shifted.where(known, made[date]).astype(frame[date].dtype)
    first, *later = [c.name for c in contract.columns if c.kind == "date"]
    for date in later:
        made = _emptied(contract, made, date, made[date] > made["ends"])
    inside = ~(made[first] > made["ends"])
    made = made.loc[inside, list(frame.columns)].astype(frame.dtypes.to_dict())
    return made.sort_values(list(contract.key), kind="stable").reset_index(drop=True)


def _months_changed(
    frame: pd.DataFrame, date: str, counted: pd.DataFrame, seed: bytes
) -> pd.DataFrame:
    """Each month's rows stand in another month, of all regions alike; a day that the other month
    does not have is its last."""
    months = np.sort(counted["month"].dt.to_period("M").unique())
    own = frame[date].dt.to_period("M")
    keys = [hashlib.sha256(seed + str(month).encode()).digest() for month in months]
    other = [months[at] for at in sorted(range(len(months)), key=keys.__getitem__)]
    new = own.map(dict(zip(months, other, strict=True))).fillna(own).astype("period[M]")
    day = np.minimum(frame[date].dt.day, new.dt.days_in_month) - 1
    moved = new.dt.to_timestamp() + pd.to_timedelta(day, unit="D")
    return frame.assign(**{date: moved.astype(frame[date].dtype)})
