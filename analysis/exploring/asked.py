"""What a call of `table` asks: each argument is checked against the columns that are there, and an
error names what is valid.

An error repeats what the caller typed, where it reads like a name, and never a value of the data
that the data dictionary does not list.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from analysis.errors import ParameterError
from analysis.exploring.rows import USES, Explorable, Field, Rows, Use

LONGEST_ECHO = 60
MOST_BY, MOST_DIMENSIONS = 3, 4
USE_WORDS = {
    "by": "divides people into groups",
    "share": "is a question of yes and no",
    "mean": "is a number or a rating",
}


@dataclass(frozen=True, eq=False)
class Asked:
    """A call that can be answered. where: by field, the values that are kept."""

    rows: Rows
    by: tuple[Field, ...]
    count: bool
    share: tuple[Field, ...]
    mean: tuple[Field, ...]
    where: tuple[tuple[Field, tuple[object, ...]], ...]

    @property
    def dimensions(self) -> tuple[Field, ...]:
        """Columns of the table behind the call: those of `by`, then those that choose people."""
        held = {f.name for f in self.by}
        return (*self.by, *(f for f, _ in self.where if f.name not in held))


def asked(
    study: Explorable,
    by: object,
    *,
    count: object = None,
    share: object = None,
    mean: object = None,
    where: object = None,
) -> Asked:
    """The call with its columns found. ParameterError E271 to E277."""
    names = {"by": _names("by", by), "share": _names("share", share), "mean": _names("mean", mean)}
    filters = _filters(where)
    _check_amount(names["by"], count, names["share"], names["mean"])
    every = (*names["by"], *names["share"], *names["mean"], *filters)
    counted, id_column = _counted(count)
    rows = _rows_of(study, (*every, *((id_column,) if id_column else ())))
    if id_column:
        _check_id(rows, id_column)
    found = {use: tuple(_field(rows, name, use) for name in names[use]) for use in USES}
    chosen = tuple((_field(rows, name, "by", "where"), value) for name, value in filters.items())
    kept = tuple((f, _values(f, value)) for f, value in chosen)
    made = Asked(
        rows,
        found["by"],
        counted or not (found["share"] or found["mean"]),
        found["share"],
        found["mean"],
        kept,
    )
    _check_dimensions(made)
    return made


# --- the arguments ---
def _names(argument: str, given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    if isinstance(given, str):
        return (given,)
    if isinstance(given, Iterable) and not isinstance(given, Mapping):
        names = tuple(given)
        if all(isinstance(name, str) for name in names):
            return tuple(dict.fromkeys(names))
    raise ParameterError(
        "E271",
        f"{argument} takes names of columns, as text.",
        remedy=f'For example {argument}=["sex"]. study.columns() lists them.',
    )


def _filters(where: object) -> dict[str, object]:
    if where is None:
        return {}
    if isinstance(where, Mapping) and all(isinstance(name, str) for name in where):
        return dict(where)
    raise ParameterError(
        "E271",
        "where takes a column and the values that are kept.",
        remedy='For example where={"sex": "female"}.',
    )


def _check_amount(by: tuple, count: object, share: tuple, mean: tuple) -> None:
    if len(by) > MOST_BY:
        text = f"by has {len(by)} columns: at most {MOST_BY} fit into one table that can be read."
        remedy = "Leave some out, or choose people by them: where={column: value}."
        raise ParameterError("E274", text, remedy=remedy)
    if not by and not share and not mean and not count:
        text = "nothing was asked for: a table needs `by`, `share` or `mean`."
        remedy = 'For example by=["ethnic_group"], share="recalled". study.columns() lists columns.'
        raise ParameterError("E275", text, remedy=remedy)
    if count is False and not share and not mean:
        text = "count=False leaves nothing to show."
        raise ParameterError("E275", text, remedy="Name columns of `share` or `mean`.")


def _counted(count: object) -> tuple[bool, str | None]:
    """Whether people are counted, and the id column that was named for it."""
    if isinstance(count, str):
        return True, count
    if count is None or isinstance(count, bool):
        return bool(count), None
    raise ParameterError(
        "E271", "count takes True, or the name of the id column.", remedy="Use count=True."
    )


def _check_id(rows: Rows, name: str) -> None:
    held = rows.field(name)
    if held is None or held.uses or "identifier" not in held.kind:
        ids = [f.name for f in rows.fields if "identifier" in f.kind]
        text = f"{echo(name)} is no id column of {rows.table}: count counts {rows.unit}, once each."
        raise ParameterError("E272", text, remedy=f"Use count=True, or one of {', '.join(ids)}.")


# --- columns ---
def _rows_of(study: Explorable, names: Iterable[str]) -> Rows:
    """The first table that has all columns. ParameterError E271, E277."""
    wanted = tuple(dict.fromkeys(names))
    for rows in study.tables:
        if all(rows.field(name) for name in wanted):
            return rows
    for name in wanted:
        if not any(rows.field(name) for rows in study.tables):
            valid = dict.fromkeys(n for rows in study.tables for n in rows.usable)
            raise ParameterError(
                "E271",
                f"there is no column {echo(name)} here.",
                remedy=nearest(name, valid),
            )
    where = "; ".join(
        f"`{name}` is in {' and '.join(r.table for r in study.tables if r.field(name))}"
        for name in wanted
    )
    text = "these columns stand in different tables, whose rows are different people."
    raise ParameterError("E277", text, remedy=f"Ask for one table at a time: {where}.")


def _field(rows: Rows, name: str, use: Use, argument: str = "") -> Field:
    found = rows.field(name)
    assert found is not None  # _rows_of has looked
    if use in found.uses:
        return found
    valid = [f.name for f in rows.fields if use in f.uses]
    own = " and ".join(found.uses)
    why = found.why_not or f"it can stand in {own}"
    text = f"`{name}` cannot stand in {argument or use}: {why}."
    need = f"What stands in {argument or use} {USE_WORDS[use]}: {', '.join(valid) or 'none here'}."
    raise ParameterError("E272", text, remedy=need)


def _check_dimensions(made: Asked) -> None:
    both = {f.name for f in made.dimensions} & {f.name for f in (*made.share, *made.mean)}
    if both:
        text = f"`{min(both)}` is asked for twice: as a group, and as what is measured of it."
        raise ParameterError("E274", text, remedy="Leave it out of one of them.")
    if len(made.dimensions) > MOST_DIMENSIONS:
        text = (
            f"by and where have {len(made.dimensions)} columns together: at most"
            f" {MOST_DIMENSIONS}, since each makes the groups smaller."
        )
        raise ParameterError("E274", text, remedy="Leave some out.")


# --- values ---
def _values(held: Field, given: object) -> tuple[object, ...]:
    """The values that are kept, in the order of the column. ParameterError E273."""
    several = isinstance(given, (list, tuple, set, frozenset))
    wanted = list(given) if several else [given]  # type: ignore[call-overload]
    if not wanted:
        text = f"where keeps no value of `{held.name}`."
        raise ParameterError("E276", text, remedy=f"Valid: {', '.join(labels(held))}.")
    found = {_value(held, one) for one in wanted}
    return tuple(value for value, _ in held.levels if value in found)


def _value(held: Field, given: object) -> object:
    for value, words in held.levels:
        if isinstance(given, str) and given.strip().lower() in (
            str(value).lower(),
            words.lower(),
            words.split(":")[0].lower(),
        ):
            return value
        if isinstance(given, (bool, int, float)) and value == float(given):
            return value
    text = f"{echo(given)} is no value of `{held.name}`."
    raise ParameterError("E273", text, remedy=nearest(given, labels(held)))


def labels(held: Field) -> tuple[str, ...]:
    """The values of a column as they can be typed: up to their colon, where that tells them
    apart."""
    words = tuple(words for _, words in held.levels)
    short = tuple(one.split(":")[0] for one in words)
    return short if len({*short}) == len(short) else words


# --- words of errors ---
def echo(word: object) -> str:
    """What was typed, where it reads like a name; never anything else."""
    plain = isinstance(word, str) and len(word) < LONGEST_ECHO
    return f"`{word}`" if plain and _reads(str(word)) else "what was given"


def _reads(word: str) -> bool:
    kept = word.replace("_", "").replace(" ", "").replace("-", "")
    return kept.isalpha() or (kept.isalnum() and len(kept) < 20)


def nearest(word: object, valid: Iterable[str]) -> str:
    """The nearest valid word, then all of them."""
    names = tuple(valid)
    near = get_close_matches(word[:LONGEST_ECHO], names, 1, 0.6) if isinstance(word, str) else []
    first = f"Did you mean `{near[0]}`? " if near else ""
    return f"{first}Valid: {', '.join(names)}."
