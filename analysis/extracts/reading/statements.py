"""SQL of a question to the tables of an extract, compiled once and kept.

A question is a frozen dataclass whose `of` gives an ibis expression: the one definition of what is
counted, on every engine that ibis speaks. Our own engine, DuckDB, is asked by the SQL of that
expression. To compile it takes 15 to 40 ms and gives the same text for every place and round, so it
is kept by the question, the columns of the tables, the code and the packages.
"""

import hashlib
import shutil
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from analysis.atomic import write_whole
from analysis.paths import ROOT, make_own, statements

DIALECT = ("duckdb", "ibis-framework", "sqlglot")  # packages that decide what the SQL is
CODE = ("analysis/extracts", "analysis/vocabulary")  # folders that do

Columns = tuple[tuple[str, str], ...]  # name and type of each, as the engine tells them


class Question(Protocol):
    """What is asked of tables. Whatever decides about the expression stands in a field, so that two
    questions with the same `repr` have the same SQL."""

    def of(self, *tables):
        """The ibis expression."""


def statement(connection, question: Question, views: Mapping[str, Columns]) -> str:
    """The SQL of a question to these views of a connection to DuckDB."""
    asked = repr((question, tuple(views.items())))
    name = hashlib.sha256(asked.encode()).hexdigest()[:40]
    home = statements() / _code()
    return _kept(home, name) or _keep(home, name, _compiled(connection, question, tuple(views)))


def _compiled(connection, question: Question, views: tuple[str, ...]) -> str:
    """SQL whose whole numbers are BIGINT: DuckDB adds them up to HUGEINT, where ibis says int64."""
    import ibis

    backend = ibis.duckdb.from_connection(connection)
    asked = question.of(*(backend.table(view) for view in views))
    columns = (
        f'"{name}"::BIGINT AS "{name}"' if kind.is_int64() else f'"{name}"'
        for name, kind in asked.schema().items()
    )
    return f"SELECT {', '.join(columns)} FROM ({backend.compile(asked)})"


@cache
def _code() -> str:
    """Hash of the code and the packages that decide what the SQL of a question is."""
    digest = hashlib.sha256(" ".join(map(version, DIALECT)).encode())
    for path in sorted(path for folder in CODE for path in (ROOT / folder).rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:20]


def _kept(home: Path, name: str) -> str | None:
    try:
        return (home / f"{name}.sql").read_text(encoding="utf-8")
    except OSError:
        return None


def _keep(home: Path, name: str, sql: str) -> str:
    """Keep a statement where only its owner can write, since it will be run beside rows of people.
    Those of other code go; where nothing can be kept, the next run compiles it again."""
    with suppress(OSError):
        fresh = not home.is_dir()
        make_own(home)
        statements().chmod(0o700)
        write_whole(home / f"{name}.sql", sql, own=True)
        for other in statements().iterdir() if fresh else ():
            if other != home:
                shutil.rmtree(other, ignore_errors=True)
    return sql
