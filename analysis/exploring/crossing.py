"""Cross-tabulations of the rows of a study: counts, shares and means, cleared before anybody sees
them.

What rounding and hiding leave to somebody who asks for many tables. (1) Every table of the same
rows is a part of the table by all of its columns, and a margin is decided by itself: what is hidden
in the table by [a] is hidden, with all its parts, in every table that has [a] in it, and choosing
people (`where`) is a part of the table that has the column in `by`. So tables by [a], [b] and
[a, b], added and subtracted, give no more than the table by [a, b] with its margins, of which no
hidden cell can be bounded within fewer people than the smallest count, even if every number shown
were exact. (2) Each number shown is within 2 of the exact one, so that differences of shown numbers
are within 4, sums of five within 10. (3) Tables with different columns share margins only. What
[a, b], [a, c] and [b, c] together say of [a, b, c] is not decided here before [a, b, c] is asked
for, and neither are tables opened for one place and for all places: between these stands the
rounding alone, and what leaves the platform is decided by `clear`. (4) How many did not answer is
no answer: it is taken to be known, and told to within 4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.disclosure.cross_tables import CrossTable, hidden_cells
from analysis.disclosure.dominance import tells_of_a_person
from analysis.disclosure.rules import (
    PUBLIC_FIGURES,
    PUBLISHED_NOTE,
    is_unreliable,
    load_rules,
    round_to_base,
)
from analysis.disclosure.suppression import NOT_APPLICABLE, UNRELIABLE, WITHHELD, rate_of
from analysis.errors import ParameterError
from analysis.exploring.asked import Asked, asked
from analysis.exploring.noted_cells import CellNames, names_of, note_sides
from analysis.exploring.rows import NOT_KNOWN, Explorable, Field, missing_words
from analysis.results import Table, significant
from analysis.said.numbers import planned
from analysis.said.texts import named, say, worded

MOST_CELLS = 400  # those behind a share or a mean included: some seconds at most
IN_EVERY_100, MEAN, KNOWN = ", in every 100", ", mean", ", known"


def cross_tabulation(
    study: Explorable,
    by: str | Iterable[str] = (),
    count: bool | str | None = None,
    share: str | Iterable[str] | None = None,
    mean: str | Iterable[str] | None = None,
    where: Mapping[str, object] | None = None,
) -> Table:
    """One row a combination of the columns of `by`, cleared: people in fives, shares in every 100
    of those with a known answer, means to three figures.

    by: up to three columns. count: people are counted (True, or the id column; they are where
    nothing else is asked for). share: columns of yes and no. mean: numbers or ratings. where: only
    people with these values. [c] withheld, with others so that no margin gives it back; [u] fewer
    than 30 people; [z] nobody can be in it.

    ParameterError E270 no rows of people, E271 unknown column, E272 a column that cannot be used
    so, E273 unknown value, E274 too many columns, E275 nothing asked for, E276 nobody, or too few
    people, are left, E277 columns of different tables, E280 too many cells.
    """
    call = asked(study, by, count=count, share=share, mean=mean, where=where)
    _check_size(call)
    values = call.rows.values((*call.dimensions, *call.share, *call.mean))
    counted = _Crossing(call, values, study.public, names_of(study, call.rows))
    counted.refuse_few()
    columns = counted.label_columns()
    if call.count:
        columns[call.rows.unit] = counted.people()
    for held in call.share:
        columns |= counted.share(held)
    for held in call.mean:
        columns |= counted.mean(held)
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    for held in call.by:
        frame[held.words] = frame[held.words].astype("str")
    cleared_by = "published" if study.public else "rounded"
    return Table(named(_title(call, study)), frame, cleared_by, _notes(call, study.public))


def _check_size(call: Asked) -> None:
    last = max([len(_levels(f)) for f in call.share] + [2 for _ in call.mean], default=1)
    cells = last * int(np.prod([len(_levels(f)) for f in call.dimensions], initial=1))
    if cells > MOST_CELLS:
        text = f"this table would have {cells:,} cells: at most {MOST_CELLS:,} are worked out."
        raise ParameterError("E280", text, remedy="Leave a column of `by` or `where` out.")


def _levels(held: Field) -> tuple[tuple[object, str], ...]:
    """Levels of a dimension; those whose value is empty stand last, where a cell can be empty."""
    if held.empty is None:
        return held.levels
    words = f"{NOT_KNOWN}: {held.empty}" if not held.answered else held.empty
    return (*held.levels, (None, words))


@dataclass(frozen=True, eq=False)
class _Crossing:
    """The exact counts behind one call, and what is hidden of them. Private."""

    call: Asked
    values: pd.DataFrame
    public: bool
    names: CellNames

    # -- the table behind the call -----------------------------------------------------------------
    def _codes(self, held: Field) -> np.ndarray:
        levels = [value for value, _ in _levels(held)]
        values = self.values[held.name]
        known = [value for value in levels if value is not None]
        if known and isinstance(known[0], float):
            codes = pd.Categorical(values.astype("float64"), categories=known).codes
        else:
            codes = pd.Categorical(values.astype("object"), categories=known).codes
        codes = codes.astype(np.int64)
        if None in levels:
            return np.where(values.isna().to_numpy(), len(known), codes)
        return codes

    def _unanswered(self, held: Field) -> int | None:
        return len(held.levels) if held.empty is not None and not held.answered else None

    def _grid(self, last: tuple[np.ndarray, int] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Code of each row in each dimension (-1: in no cell), and the shape."""
        dimensions = self.call.dimensions
        codes = [self._codes(f) for f in dimensions]
        sizes = [len(_levels(f)) for f in dimensions]
        if last is not None:
            codes, sizes = [*codes, last[0]], [*sizes, last[1]]
        stacked = np.column_stack(codes) if codes else np.zeros((len(self.values), 0), dtype=int)
        return stacked, np.array(sizes, dtype=int)

    def _table(
        self,
        last: tuple[np.ndarray, int] | None = None,
        also: np.ndarray | None = None,
        unanswered: int | None = None,
    ) -> CrossTable:
        codes, sizes = self._grid(last)
        inside = (codes >= 0).all(axis=1)
        counts = np.zeros(tuple(sizes), dtype=np.int64)
        np.add.at(counts, tuple(codes[inside].T), 1)
        known = tuple(self._unanswered(f) for f in self.call.dimensions)
        known += (unanswered,) if last is not None else ()
        return CrossTable(counts, known, also)

    def _hidden(self, table: CrossTable) -> np.ndarray:
        if self.public:
            return np.zeros(table.whole.shape, dtype=bool)
        return hidden_cells(table)

    # -- the rows of the page ----------------------------------------------------------------------
    def _rows(self) -> list[tuple[tuple[int, ...], list[tuple[int, ...]]]]:
        """One row of the page: its level in each column of `by`, and the cells it is made of."""
        kept = {f.name: self._kept(f) for f in self.call.dimensions}
        inner = [kept[f.name] for f in self.call.by]
        beside = [kept[f.name] for f in self.call.dimensions[len(self.call.by) :]]
        return [
            (levels, [(*levels, *rest) for rest in product(*beside)]) for levels in product(*inner)
        ]

    def _kept(self, held: Field) -> list[int]:
        chosen = {f.name: set(values) for f, values in self.call.where}
        told = self.public or not held.answered
        nobody = told and not self.values[held.name].isna().any()
        return [
            i
            for i, (value, _) in enumerate(_levels(held))
            if (held.name not in chosen or value in chosen[held.name])
            and not (value is None and nobody)
        ]

    def label_columns(self) -> dict[str, list]:
        """The columns of `by` in words."""
        words = [[said for _, said in _levels(f)] for f in self.call.by]
        return {
            f.words: [words[i][levels[i]] for levels, _ in self._rows()]
            for i, f in enumerate(self.call.by)
        }

    def refuse_few(self) -> None:
        """ParameterError E276 where nobody is in the data, or those chosen by `where` cannot be
        told of."""
        if not len(self.values):
            raise ParameterError("E276", "there are no rows to count.", remedy="See study.people()")
        if not self.call.where or self.public:
            return
        whole = self._table()
        hidden = self._hidden(whole)
        chosen = {f.name for f, _ in self.call.where}
        levels = [self._kept(f) if f.name in chosen else [-1] for f in self.call.dimensions]
        if any(hidden[cell] for cell in product(*levels)):
            text = (
                "where chooses people of whom too few, or too few beside them, are in one of its"
                " groups: no table is made of them (rules S1, S4)."
            )
            raise ParameterError("E276", text, remedy="Choose fewer columns, or larger groups.")

    def _sum(self, numbers: np.ndarray, cells: list[tuple[int, ...]], *last: int) -> int:
        return int(sum(numbers[(*cell, *last)] for cell in cells))

    def _any(self, hidden: np.ndarray, cells: list[tuple[int, ...]], *last: int) -> bool:
        return any(bool(hidden[(*cell, *last)]) for cell in cells)

    def _number(self, n: int) -> int:
        return n if self.public else round_to_base(n, load_rules().rounding_base.value)

    def people(self) -> list:
        """Each row's people."""
        table = self._table()
        hidden = self._hidden(table)
        return [
            self._noted(
                self.names.people,
                levels,
                self._sum(table.counts, cells),
                self._count(table.counts, hidden, cells),
            )
            for levels, cells in self._rows()
        ]

    def _count(self, counts: np.ndarray, hidden: np.ndarray, cells: list) -> int | str:
        n = self._sum(counts, cells)
        if self._any(hidden, cells) or (not self.public and n < load_rules().threshold):
            return WITHHELD
        return self._number(n)

    # -- names -------------------------------------------------------------------------------------
    def _noted(self, outcome: str, levels: tuple[int, ...], n: int, shown: int | str) -> int | str:
        """A number of people as it may be shown, noted under its name."""
        if self.public:
            return shown
        return self.names.noted(self._name(outcome, levels), n, shown, withheld=WITHHELD)

    def _name(self, outcome: str, levels: tuple[int, ...]) -> str:
        """The name of one row of the page: its levels, and who was chosen."""
        held = {f.name: _levels(f)[at][1] for f, at in zip(self.call.by, levels, strict=True)}
        for chosen, values in self.call.where:
            held.setdefault(chosen.name, _kept_words(chosen, values))
        return self.names.cell(outcome, held.items())

    # -- shares ------------------------------------------------------------------------------------
    def share(self, held: Field) -> dict[str, list]:
        """Those whose answer is known, and how many of every 100 of them are a yes."""
        no_answer = None if held.empty is None else len(held.levels)
        last = (self._codes(held), len(_levels(held)))
        table = self._table(last, unanswered=self._unanswered(held))
        hidden = self._hidden(table)
        known, rates = [], []
        for levels, cells in self._rows():
            n = self._sum(table.counts, cells, 0) + self._sum(table.counts, cells, 1)
            base = self._base(table, hidden, cells, no_answer)
            base = self._noted(f"{self.names.yes(held)}: known", levels, n, base)
            known.append(base)
            rates.append(self._sides(held, table.counts, hidden, levels, cells, base))
        return {f"{held.words}{KNOWN}": known, f"{held.words}{IN_EVERY_100}": rates}

    def _sides(
        self,
        held: Field,
        counts: np.ndarray,
        hidden: np.ndarray,
        levels: tuple[int, ...],
        cells: list,
        base: int | str,
    ) -> float | str:
        """The rate, less what the joint decision withholds; those with a yes and those with a no
        are noted: a rate and its base give both."""
        rate = self._rate(counts, hidden, cells, base)
        if self.public:
            return rate
        yes = self.names.yes(held)
        both = [self._name(outcome, levels) for outcome in (yes, f"{yes}: no")]
        if not isinstance(rate, str) and self.names.hidden.intersection(both):
            rate = WITHHELD
        for at, name in enumerate(both):
            n = self._sum(counts, cells, at)
            told = WITHHELD if isinstance(rate, str) else self._number(n)
            self.names.noted(name, n, told, withheld=WITHHELD)
        note_sides(self._name(f"{yes}: known", levels), *both)
        return rate

    def _base(
        self, table: CrossTable, hidden: np.ndarray, cells: list, no_answer: int | None
    ) -> int | str:
        n = self._sum(table.counts, cells, 0) + self._sum(table.counts, cells, 1)
        if self.public:
            return n
        told = self._any(hidden, cells, -1) or (
            no_answer is not None and self._any(hidden, cells, no_answer)
        )
        return WITHHELD if told or n < load_rules().threshold else self._number(n)

    def _rate(
        self, counts: np.ndarray, hidden: np.ndarray, cells: list, base: int | str
    ) -> float | str:
        if isinstance(base, str):
            return base
        yes, no = self._sum(counts, cells, 0), self._sum(counts, cells, 1)
        if self.public:
            return significant(100 * yes / base, PUBLIC_FIGURES) if base else NOT_APPLICABLE
        if self._any(hidden, cells, 0) or self._any(hidden, cells, 1):
            return WITHHELD
        return UNRELIABLE if is_unreliable(yes + no, load_rules()) else rate_of(yes, yes + no)

    # -- means -------------------------------------------------------------------------------------
    def mean(self, held: Field) -> dict[str, list]:
        """Those whose number is known, and the mean of it."""
        numbers = self.values[held.name].astype("float64").to_numpy()
        known = np.where(np.isnan(numbers), 1, 0)
        codes, sizes = self._grid((known, 2))
        also = _weak_means(codes, sizes, numbers) if not self.public else None
        table = self._table((known, 2), also, unanswered=1)
        hidden = self._hidden(table)
        bases, means = [], []
        inside = (
            pd.Series(range(len(codes))).groupby([*codes[:, :-1].T]) if len(sizes) > 1 else None
        )
        for levels, cells in self._rows():
            n = self._sum(table.counts, cells, 0)
            told = self._any(hidden, cells, 0) or self._any(hidden, cells, 1)
            small = not self.public and n < load_rules().threshold
            base = WITHHELD if not self.public and (told or small) else self._number(n)
            base = self._noted(f"{held.name}: known", levels, n, base)
            bases.append(base)
            means.append(base if isinstance(base, str) else self._mean(numbers, inside, cells))
        return {f"{held.words}{KNOWN}": bases, f"{held.words}{MEAN}": means}

    def _mean(self, numbers: np.ndarray, inside, cells: list) -> float | str:
        if inside is None:
            values = numbers
        else:
            rows = [inside.indices.get(c if len(c) > 1 else c[0], []) for c in cells]
            values = numbers[np.concatenate(rows).astype(int)]
        values = values[~np.isnan(values)]
        if not len(values):
            return NOT_APPLICABLE
        if not self.public and is_unreliable(len(values), load_rules()):
            return UNRELIABLE
        figures = PUBLIC_FIGURES if self.public else load_rules().significant_figures.value
        return significant(float(values.mean()), figures)


def _weak_means(codes: np.ndarray, sizes: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Cells, of the table with its margins, whose mean tells of a person: the same number for all
    of them, fewer people above nothing than the threshold, or one or two who make the sum (S7)."""
    also = np.zeros(tuple(sizes + 1), dtype=bool)
    frame = pd.DataFrame(codes).assign(x=numbers)[(codes >= 0).all(axis=1) & ~np.isnan(numbers)]
    dimensions = len(sizes) - 1
    for margins in product((False, True), repeat=dimensions):
        held = [axis for axis in range(dimensions) if not margins[axis]]
        groups = frame.groupby(held)["x"] if held else [((), frame["x"])]
        for key, values in groups:
            key = key if isinstance(key, tuple) else (key,)
            place = [-1] * dimensions
            for axis, level in zip(held, key, strict=True):
                place[axis] = int(level)
            if len(values) and tells_of_a_person(values.to_numpy()):
                also[(*place, 0)] = True
    return also


# --- words ---
def _title(call: Asked, study: Explorable) -> str:
    by = _listed([f.words for f in call.by])
    parts = [call.rows.unit] if call.count else []
    parts += [f.words for f in (*call.share, *call.mean)]
    what = _listed(parts)
    chosen = "; ".join(f"{f.words}: {_kept_words(f, values)}" for f, values in call.where)
    title = f"{what[:1].upper()}{what[1:]}{f' by {by}' if by else ''}, {study.place_name}"
    return f"{title} (only {chosen})" if chosen else title


def _kept_words(held: Field, values: tuple[object, ...]) -> str:
    words = [said.split(":")[0] for value, said in held.levels if value in values]
    return _listed(words, "or")


def _listed(words: list[str], last: str = "and") -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _notes(call: Asked, public: bool) -> tuple[str, ...]:
    said = [f"Counted: {call.rows.which} ({call.rows.table})."]
    for held in (*call.by, *call.share, *call.mean):
        unit = f", {held.unit}" if held.unit else ""
        lacks = held.empty and held in (*call.share, *call.mean)
        empty = f" Without a value: {held.empty}." if lacks else ""
        said.append(f"{held.words}: {held.meaning}{unit}.{empty}")
    said += missing_words(call.by)
    told = tuple(named(text) for text in said)  # names and meanings of the contract
    if public:
        return (*told, PUBLISHED_NOTE)
    hidden = worded(
        "A number is withheld too where others would give back one that is withheld (S4)."
    )
    means = (
        (
            say(
                "Means are rounded to {figures} figures (S7).",
                figures=planned(load_rules().significant_figures.value),
            ),
        )
        if call.mean
        else ()
    )
    return (*told, *load_rules().notes(), hidden, *means)
