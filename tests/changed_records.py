"""Records that a test changes: rows are frozen, so that each change gives a new record."""

from collections.abc import Callable
from dataclasses import replace

from analysis.record.record import Record
from analysis.record.row import Row


def with_row(record: Record, row: Row, **values) -> Record:
    """The record with other values in one of its rows."""
    assert any(own is row for own in record.rows), "the record does not hold this row"
    return with_rows(record, lambda own: own is row, **values)


def with_rows(record: Record, where: Callable[[Row], bool], **values) -> Record:
    """The record with other values in each row that is meant; a callable value is asked of the
    row."""

    def changed(row: Row) -> Row:
        return row.with_(**{k: v(row) if callable(v) else v for k, v in values.items()})

    return record.with_(rows=tuple(changed(row) if where(row) else row for row in record.rows))


def with_support(record: Record, where: Callable[[Row], bool], **values) -> Record:
    """The record with other exact numbers behind each row that is meant and has some."""
    return with_rows(
        record,
        lambda row: row.support is not None and where(row),
        support=lambda row: replace(row.support, **values),
    )


def some_row(**values) -> Row:
    """A row with these values and whatever else a row must have."""
    needed = {
        "level": "society",
        "outcome": "any_outcome",
        "group": "all",
        "direction": "undefined",
        "estimand": "any_effect",
        "method": "any_method",
        "unit": "in_every_100",
        "status": "estimated",
    }
    return Row(**needed | values)


def some_record(**values) -> Record:
    """A record with these values and whatever else a record must have."""
    needed = {
        "study": "any_study",
        "region": "wales",
        "data_source": "synthetic",
        "round": "draft",
        "period_from": None,
        "period_to": None,
        "extract_date": None,
        "follow_up_complete_to": None,
        "plan_hash": "a" * 64,
        "data_hash": "b" * 64,
        "code_version": "c" * 64,
        "synthetic": True,
        "n_in": None,
        "n_used": None,
        "excluded": {},
        "checks": (),
        "rows": (),
        "leads": None,
    }
    return Record(**needed | values)
