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
