"""One measurement of tests/bench/scale.py, in a process of its own: makes the rows, or counts them
in one way.

python tests/bench/scale_counts.py generate ROWS FOLDER | (workbook | sql) FOLDER MEMORY
"""

import json
import resource
import sys
import threading
import time
from pathlib import Path

TABLE = "supervision_quarters"
ROUNDS = 8  # quarters of each person
LOOK_EVERY = 0.05  # seconds between two looks at the memory
WORKBOOK, SQL = "workbook", "sql"


def generate(rows: int, folder: Path) -> None:
    """One Parquet file of the columns of supervision_quarters, made by DuckDB from the number of
    the row alone."""
    import duckdb

    from analysis.extracts.tables.contracts import CONTRACTS

    columns = ", ".join(_column(column) for column in CONTRACTS[TABLE].columns)
    with duckdb.connect(
        config={"memory_limit": "4GB", "temp_directory": str(folder)}
    ) as connection:
        connection.execute(
            f"COPY (SELECT {columns} FROM (SELECT range AS i, range // {ROUNDS} AS person FROM"
            f" range({rows}))) TO '{folder / TABLE}.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
    from analysis.extracts.reading.normal_form import MADE_HERE, seal

    seal(
        folder, [folder / f"{TABLE}.parquet"], "bench", code=MADE_HERE
    )  # measured is the counting, not the checks


def _column(column) -> str:
    """SQL of one column: the same for a person in all quarters where it is a characteristic."""
    name, spread = column.name, "hash(i, '{}') % {}"
    if name == "person_id":
        return "'P-' || lpad(person::VARCHAR, 9, '0') AS person_id"
    if name == "quarter":
        return f"(DATE '2024-10-01' + to_months(3 * (i % {ROUNDS})::INTEGER))::TIMESTAMP AS quarter"
    if name == "unit_id":
        return "'U-' || (hash(person, 'unit') % 120)::VARCHAR AS unit_id"
    if column.allowed:
        words = ", ".join(f"'{word}'" for word in column.allowed)
        return f"[{words}][(1 + hash(person, '{name}') % {len(column.allowed)})::BIGINT] AS {name}"
    if column.unit == "days":
        return f"greatest(({spread.format(name, 150)})::INTEGER - 58, 0)::BIGINT AS {name}"
    if column.unit == "events":
        return (
            f"((({spread.format(name, 40)}) = 0)::BIGINT * (1 + hash(i, 'n') % 2))::BIGINT AS"
            f" {name}"
        )
    return f"(({spread.format(name, 3)}) = 0)::BIGINT AS {name}"


def count(way: str, folder: Path, memory: str) -> dict:
    """Seconds, processor seconds, peak memory and the counts themselves, in one way."""
    import ibis

    from analysis.plans.registry import load_plan

    engine = ibis.duckdb.connect(
        threads=1, memory_limit=memory, temp_directory=str(folder / "spilled")
    )
    measures = load_plan("supervision").measures
    look = Look(engine.con.cursor())
    look.start()
    started, used = time.perf_counter(), time.process_time()
    frame = WAYS[way](engine, measures, folder)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    look.end()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    counts = frame.to_csv(index=False)
    return {
        "seconds": seconds,
        "cpu": cpu,
        "peak_mb": peak,
        "engine_mb": look.engine_mb,
        "counts": counts,
    }


class Look(threading.Thread):
    """Looks at what the engine says that it holds, while it counts: megabytes at their highest."""

    def __init__(self, cursor):
        super().__init__(daemon=True)
        self.cursor, self.engine_mb, self.ended = cursor, 0.0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(LOOK_EVERY):
            held = self.cursor.execute(
                "SELECT sum(memory_usage_bytes) FROM duckdb_memory()"
            ).fetchone()[0]
            self.engine_mb = max(self.engine_mb, held / 2**20)

    def end(self) -> None:
        self.ended.set()
        self.join()


def _by_workbook(engine, measures, folder: Path):
    """As a study counts (analysis/extracts/reading/sources.py, analysis/extracts/counts/counts.py),
    with a limit on the engine's memory."""
    from analysis.extracts.counts.counts import Counted, counts_by_group
    from analysis.extracts.reading.sources import table_view
    from analysis.extracts.reading.views import TableView

    own = TableView(engine.con, "", ())  # the connection whose memory is limited
    table = table_view("bench", folder=folder, table=TABLE, beside=own)
    return counts_by_group(table, [Counted(m.id, m.count, m.of) for m in measures], by=["quarter"])


def _by_sql(engine, measures, folder: Path):
    """The same sums by hand, one statement a measure."""
    import pandas as pd

    found = [
        engine.con.execute(
            f"SELECT '{m.id}' AS measure, quarter, ethnicity, {_sums(m.count, m.of)} FROM"
            f" '{folder / TABLE}.parquet' WHERE {m.of} > 0 GROUP BY quarter, ethnicity"
        ).df()
        for m in measures
    ]
    return _grouped(pd.concat(found, ignore_index=True))


WAYS = {WORKBOOK: _by_workbook, SQL: _by_sql}


def _sums(event: str, base: str) -> str:
    parts = {
        "rows": "count(*)",
        "persons": "count(*)",  # a row is a person in its quarter
        "persons_with_event": f"count(*) FILTER ({event} > 0)",
        "events": f"sum({event})",
        "base": f"sum({base})",
        "events_squared": f"sum({event} * {event})",
        "events_times_base": f"sum({event} * {base})",
        "base_squared": f"sum({base} * {base})",
    }
    return ", ".join(f"({sql})::BIGINT AS {name}" for name, sql in parts.items())


def _grouped(whole):
    """Codes to broad groups, as counts_by_group ends."""
    from analysis.extracts.counts.counts import SUMS, broad_groups

    whole["group"] = broad_groups(whole.pop("ethnicity").astype("str"))
    keys = ["measure", "quarter", "group"]
    return (
        whole.groupby(keys, as_index=False, sort=True)[list(SUMS)]
        .sum()
        .astype(dict.fromkeys(SUMS, "int64"))
    )


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "generate":
        generate(int(arguments[0]), Path(arguments[1]))
    else:
        print(json.dumps(count(what, Path(arguments[0]), arguments[1])))
