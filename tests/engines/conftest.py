"""A PostgreSQL server of the tests' own, and the same small extract in DuckDB, PostgreSQL and
Spark."""

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted

SERVICES = ("caseload", "prisons", "workforce")
PEOPLE = 3000
SPARK = "pyspark://?" + "&".join(
    (
        "spark.master=local[1]",
        "spark.driver.host=127.0.0.1",
        "spark.driver.bindAddress=127.0.0.1",
        "spark.sql.shuffle.partitions=2",
        "spark.default.parallelism=1",
        "spark.log.level=ERROR",
    )
)
TYPES = {
    "date": "date",
    "whole": "smallint",
    "number": "double precision",
    "flag": "smallint",
    "truth": "boolean",
}


@pytest.fixture(scope="session")
def frames() -> dict[str, pd.DataFrame]:
    """Tables of three services in one region; one prison changes its place in the middle of the
    time counted."""
    tables = {}
    for service in SERVICES:
        tables |= make_region("wales", people=PEOPLE, service=service)
    quarters = sorted(tables["prison_quarters"]["quarter"].unique())
    tables["prisons"] = moved(tables["prisons"], pd.Timestamp(quarters[len(quarters) // 2]))
    return tables | {
        "extract": pd.DataFrame({"extract_date": [pd.Timestamp(load_planted().extract_date)]})
    }


def moved(prisons: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The crosswalk with one prison of Wales that belongs to another place from `day` on."""
    first = prisons.index[prisons["region"] == "wales"][0]
    later = prisons.loc[[first]].assign(region="womens_prisons", valid_from=day)
    until = prisons["valid_to"].where(prisons.index != first, day - pd.Timedelta(days=1))
    return pd.concat([prisons.assign(valid_to=until), later], ignore_index=True)


@pytest.fixture(scope="session")
def folder(frames, tmp_path_factory) -> Path:
    """The extract as Parquet files, which Spark reads."""
    home = tmp_path_factory.mktemp("extract")
    for table, frame in frames.items():
        frame.to_parquet(home / f"{table}.parquet", index=False)
    return home


@pytest.fixture(scope="session")
def duckdb_url(folder, tmp_path_factory) -> str:
    import duckdb

    path = tmp_path_factory.mktemp("duckdb") / "engine.duckdb"
    with duckdb.connect(str(path)) as connection:
        for file in sorted(folder.glob("*.parquet")):
            connection.execute(f"CREATE TABLE {file.stem} AS SELECT * FROM '{file}'")
    return f"duckdb://{path}"


@pytest.fixture(scope="session")
def postgres_url(frames) -> Iterator[str]:
    """URL of a server on 127.0.0.1 that holds the extract; it is stopped, and its folder removed,
    at the end."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found:
        pytest.skip("PostgreSQL is not installed")
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    server = Server(home, found[-1].parent, _free_port(), secrets.token_hex(8))
    try:
        server.start()
        _load(server.url, frames)
        yield server.url
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


class Server:
    """A PostgreSQL cluster in a temporary folder, run by a user who is not root: initdb refuses
    root."""

    def __init__(self, home: Path, programs: Path, port: int, password: str):
        self.home, self.programs, self.port, self.password = home, programs, port, password
        self.data = home / "data"

    @property
    def url(self) -> str:
        return f"postgres://tester:{self.password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        secret = self.home / "password"
        secret.write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.home, secret):
                shutil.chown(path, "postgres")
        self._run(
            "initdb",
            "-U",
            "tester",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "--no-locale",
            "-E",
            "UTF8",
        )
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.home} -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(self.home / "log"), "-o", options, "start")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_postgres, str(self.programs / program), "-D", str(self.data), *arguments]
        done = subprocess.run(
            command, cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert done.returncode == 0, f"{program} as {getpass.getuser()}: {done.stderr[-1000:]}"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _load(url: str, frames: dict[str, pd.DataFrame]) -> None:
    import psycopg

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for table, frame in frames.items():
            columns = ", ".join(
                f"{c.name} {TYPES.get(c.kind, 'text')}" for c in CONTRACTS[table].columns
            )
            cursor.execute(f"CREATE TABLE {table} ({columns})")
            with cursor.copy(
                f"COPY {table} ({', '.join(frame.columns)}) FROM STDIN (FORMAT csv)"
            ) as copy:
                copy.write(frame.to_csv(index=False, header=False))


@pytest.fixture(scope="session")
def spark_url() -> str:
    if not shutil.which("java"):
        pytest.skip("Java is not installed")
    return SPARK
