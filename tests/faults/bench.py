"""A bench for faults: plans, places and notebooks of its own, and the real command line with real
kernels over them.

Each study of the bench has one fault, in the place `p02` alone. Its notebook computes nothing: it
emits a committed record under its own name, so that a batch of four places takes seconds and every
fault is the engine's to deal with.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from analysis.paths import ROOT
from analysis.record import store
from analysis.runs.ledger import UNFINISHED, Ledger

WORKBOOK = Path(sys.executable).with_name("workbook")
TEMPLATE, PEOPLE = "star_teacher_matching", "ethnic_matching"
FAULTY, SOUND = "p02", ("p01", "p03", "p04")
PLACES = tuple(f"p{number:02}" for number in range(1, 5))
LONGEST = 120  # seconds that any command may take on a busy machine; most take three
# Cells of a bench hold faults, which are no verbs: sitecustomize.py in this folder lets them run.
FREE = Path(__file__).with_name("free_cells")
GONE_WITHIN = 3.0  # seconds in which whatever a command has started must have ended after it
EXIT_OF_SIGNAL = {signal.SIGTERM: 143, signal.SIGINT: 130}

PARAMETERS = 'study_id = "{study}"\nregion_id = "p01"\ndata_source = "star"'
NATIONAL_PARAMETERS = 'study_id = "{study}"\ndata_source = "star"\nround_id = "draft"'
IMPORTS = """
from analysis.record import store
from analysis.paths import EXAMPLE_RECORDS, NOTEBOOKS, PARAMS, private_folder, reports
from analysis.plans.registry import load_plan, notebook_path, parse_source, places_to_run, plan_hash
from analysis.study.data_version import data_hash
from analysis.study.place_record import emit
from analysis.versions import code_version

def as_named(example, notebook, **more):
    source = parse_source(data_source)
    record = store.load(EXAMPLE_RECORDS / "star_teacher_matching" / example)
    hashes = {
        "plan_hash": plan_hash(study_id),
        "data_hash": data_hash(source),
        "code_version": code_version(notebook),
    }
    said = {"study": study_id, "data_source": source.folder, "cleared": False}
    return record.with_(**hashes | said | more)
"""
RECORD = """
notebook = notebook_path(load_plan(study_id))
record = as_named("rural.json", notebook, region=region_id, statement=None)
store.write(record, private_folder() / "record.json")
emit(record)
"""
# Small is withheld, the other and both together are printed: in the faulty place that leaves nine
# numbers for the small one.
COUNTED = """
from pathlib import Path
from tempfile import TemporaryDirectory
from analysis.disclosure.attack.known import COUNTS, key, total, write_known
from analysis.disclosure.attack.noted import forget, note, note_others, note_relations, noted
from analysis.disclosure.attack.printed import printed_counts
from analysis.disclosure.rules import load_rules, round_to_base
from analysis.study.opening import decided

forget()
source = parse_source(data_source)
hidden = decided(load_plan(study_id), source, data_hash(source))
few = 3 if region_id == "p02" else 33
exact = {"Few": few, "Many": 37, "all": few + 37}
names = {group: key(place=region_id, group=group, count="people") for group in exact}
for group, name in names.items():
    shown = None if exact[group] < 10 or name in hidden else round_to_base(exact[group])
    note(name, exact[group], shown, where="people by group")
note_relations([total(names["all"], [names["Few"], names["Many"]], "all people")])
# Whatever else is printed is noted: here the numbers of the record.
record = as_named("wales.json", notebook_path(load_plan(study_id)))
with TemporaryDirectory() as folder:
    store.write(record, Path(folder) / "results.json")
    numbers = {one.number for one in printed_counts(Path(folder), load_rules())}
for number in numbers:
    name = key(place=region_id, group=str(number), count="of the record")
    note_others(name, number, number, "people", needs=None, where="the record")
write_known(noted(), private_folder() / COUNTS)
"""
NATIONAL_RECORD = """
(private_folder() / "cleared").mkdir()
runs = reports() / parse_source(data_source).folder / round_id / study_id
for place in places_to_run(load_plan(study_id)):
    exact = store.load(runs / place / "private" / "record.json")
    store.write(exact, private_folder() / "cleared" / f"{place}.json")
emit(as_named("national.json", NOTEBOOKS / "national.ipynb", region="national", round=round_id))
"""


def notebook(*cells: str, parameters: str | None = PARAMETERS) -> dict:
    """A notebook of the bench: its parameters cell, then `cells`."""
    sources = [*([parameters] if parameters is not None else []), *cells]
    made = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for n, source in enumerate(sources)
    ]
    if parameters is not None:
        made[0]["metadata"] = {"tags": ["parameters"]}
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def in_faulty_place(fault: str) -> str:
    """A cell that does `fault` in the one faulty place, and nothing elsewhere."""
    return f"if region_id == '{FAULTY}':\n" + "\n".join(
        f"    {line}" for line in fault.splitlines()
    )


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    error: str
    seconds: float

    @property
    def said(self) -> str:
        return self.out + self.error


class Bench:
    """Folders of plans and notebooks, the command line over them, and what must hold after any
    fault."""

    def __init__(self, folder: Path):
        self.folder, self.params, self.notebooks = folder, folder / "params", folder / "notebooks"
        self.runtime = Path(tempfile.mkdtemp(prefix="wb", dir="/tmp"))  # sockets need a short path
        self._holder: subprocess.Popen | None = None
        for shared in ("disclosure.yml", "documents.yml", "synthetic.yml"):
            (self.params / "pilots").mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "params" / shared, self.params)
        (self.params / "decisions.yml").write_text("rules: []\noverrides: []\n", encoding="utf-8")
        self.write_places()
        (self.notebooks / "pilots").mkdir(parents=True)
        self.write_national(IMPORTS, NATIONAL_RECORD)

    def write_places(self, *extra: str) -> None:
        """The places of the project, four for most faults, and 24 for a crowd."""
        sets = {
            "four": (*PLACES, *extra),
            "crowd": tuple(f"p{number:02}" for number in range(1, 25)),
        }
        text = (ROOT / "params" / "regions.yml").read_text(encoding="utf-8")
        for name, ids in sets.items():
            text += (
                f"{name}:\n  title: Places\n  one: place\n  many: places\n  source: the tests\n "
                " places:\n"
            )
            text += "".join(
                f"    {json.dumps(each)}: Place {number}\n" for number, each in enumerate(ids)
            )
        (self.params / "regions.yml").write_text(text, encoding="utf-8")

    def write_national(self, *cells: str, parameters: str | None = NATIONAL_PARAMETERS) -> None:
        content = notebook(*cells, parameters=parameters and parameters.format(study=TEMPLATE))
        (self.notebooks / "national.ipynb").write_text(json.dumps(content), encoding="utf-8")

    def add(self, study: str, *faults: str, places: str = "four") -> Path:
        """A study of `places` with `faults` as cells between its imports and its record; returns
        its notebook."""
        more = (
            ("places: star_school_types", f"places: {places}"),
            ("also_all: true", "also_all: false"),
        )
        return self._add(study, TEMPLATE, faults, more)

    def add_counted(self, study: str, *faults: str) -> Path:
        """The same of data that were never published, with counts that the attack can narrow in the
        faulty place."""
        of = [text.replace(TEMPLATE, PEOPLE) for text in (IMPORTS, RECORD, NATIONAL_RECORD)]
        imports, record, national = (text.replace("rural", "wales") for text in of)
        said = f"store.load(EXAMPLE_RECORDS / {PEOPLE!r} / 'wales.json').statement"
        national = national.replace(
            "store.write(exact,", f"store.write(exact.with_(cleared=True, statement={said}),"
        ).replace("round=round_id)", "round=round_id, cleared=True)")
        self.write_national(imports, national)
        more = (("places: probation_regions", "places: four"),)
        self._add(study, PEOPLE, (), more)
        told = PARAMETERS.replace('"star"', '"synthetic"')
        cells = (imports, COUNTED, *faults, record)
        return self.write_notebook(study, notebook(*cells, parameters=told))

    def add_of_extracts(self, study: str, *faults: str) -> Path:
        """The same of people on probation, whose data may be an extract."""
        return self._add(study, PEOPLE, faults, ())

    def _add(
        self, study: str, template: str, faults: tuple[str, ...], more: tuple[tuple[str, str], ...]
    ) -> Path:
        path = self.write_notebook(study, notebook(IMPORTS, *faults, RECORD))
        plan = (ROOT / "params" / "pilots" / f"{template}.yml").read_text(encoding="utf-8")
        named = (
            (f"study: {template}", f"study: {study}"),
            (
                "notebook: ethnic_matching",
                f"notebook: {study}\nkind: matching",
            ),
        )
        for old, new in (*named, *more):
            assert plan.count(old) == 1
            plan = plan.replace(old, new)
        (self.params / "pilots" / f"{study}.yml").write_text(plan, encoding="utf-8")
        return path

    def write_notebook(self, study: str, content: dict) -> Path:
        path = self.notebooks / "pilots" / f"{study}.ipynb"
        text = json.dumps(content).replace("{study}", study)
        path.write_text(text, encoding="utf-8")
        return path

    # -- the command line --------------------------------------------------------------------------
    def environment(self, reports: Path | None = None, **more: str) -> dict[str, str]:
        named = {
            "PYTHONPATH": str(FREE),
            "WORKBOOK_PARAMS": str(self.params),
            "WORKBOOK_NOTEBOOKS": str(self.notebooks),
            "XDG_RUNTIME_DIR": str(self.runtime),
        }
        return os.environ | named | ({"WORKBOOK_REPORTS": str(reports)} if reports else {}) | more

    def hold_server(self) -> None:
        """Let one kernel server serve all tests: a process holds it, as a second batch would."""
        hold = (
            "import sys; from analysis.runs.kernel_client import lease; lease(); print(flush=True);"
            " sys.stdin.read()"
        )
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._holder = subprocess.Popen(
            [sys.executable, "-c", hold], env=self.environment(), **pipes
        )
        # from here on it holds the server, and no batch starts one of its own
        self._holder.stdout.readline()

    def start(self, *arguments: str, reports: Path, **more: str) -> subprocess.Popen:
        """A command on its way, in a session of its own."""
        return subprocess.Popen(
            [str(WORKBOOK), *arguments],
            env=self.environment(reports, **more),
            start_new_session=True,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str, reports: Path, **more: str) -> Done:
        """`workbook run ARGUMENTS` to its end."""
        return self.end_of(self.start("run", *arguments, reports=reports, **more))

    @staticmethod
    def end_of(process: subprocess.Popen) -> Done:
        begun = time.monotonic()
        out, error = process.communicate(timeout=LONGEST)
        return Done(process.returncode, out, error, time.monotonic() - begun)

    def close(self) -> None:
        if self._holder is not None:
            self._holder.communicate()
        shutil.rmtree(self.runtime, ignore_errors=True)

    def end_with_peak(self, process: subprocess.Popen) -> tuple[Done, int]:
        """How a command ended, and the most bytes that any one of its processes held."""
        peaks = [0]

        def watch() -> None:
            while process.poll() is None:
                peaks.extend(map(resident_bytes, self.processes()))
                time.sleep(0.1)

        watcher = threading.Thread(target=watch)
        watcher.start()
        done = self.end_of(process)
        watcher.join()
        return done, max(peaks)

    @property
    def alone(self) -> bool:
        """Whether no kernel server is held, so that there is none unless a command starts it."""
        return self._holder is None

    # -- what must hold after any fault ------------------------------------------------------------
    def check(
        self, reports: Path, done: Done | None = None, *, exit_codes: tuple[int, ...] = ()
    ) -> list[dict]:
        """Links lead to whole runs, nothing is left running, the ledger tells the truth; returns
        the ledger's rows."""
        if done is not None:
            assert done.code in exit_codes, done.said
            assert "Traceback" not in done.said, done.said
        self.no_process_left()
        if done is not None:  # what a killed batch has left, the next one removes
            sockets = self.runtime / f"workbook-{os.getuid()}"
            left = [
                str(path) for folder in sockets.glob("k*-*") for path in (folder, *folder.iterdir())
            ]
            assert not left, f"sockets of a kernel were left: {left}"
        for link in published_links(reports):
            assert_whole(link)
        if not (reports / "ledger.sqlite").exists():
            assert not published_links(reports)
            return []
        ledger = Ledger(reports)
        rows = ledger.runs()
        ledger.close()
        assert not [row for row in rows if row["state"] in UNFINISHED], rows
        by_place = {(row["source"], row["round"], row["study"], row["place"]): row for row in rows}
        for row in rows:
            link = reports / row["source"] / row["round"] / row["study"] / row["place"]
            if row["state"] == "published":
                assert link.resolve().name == row["folder"], row
            elif row["state"] in ("failed", "withheld", "not_cleared"):
                assert row["code"].startswith("E3"), row
        assert all(link.relative_to(reports).parts in by_place for link in published_links(reports))
        return rows

    def no_process_left(self) -> None:
        """No planner, worker, kernel or server of this bench lives on, except the server that is
        held."""
        deadline = time.monotonic() + GONE_WITHIN
        while left := self.processes():
            assert time.monotonic() < deadline, f"left running: {left}"
            time.sleep(0.05)

    def processes(self, kind: str = "") -> dict[int, str]:
        """Processes that were started over this bench, and their command lines; not the holder and
        its server."""
        marker = f"WORKBOOK_PARAMS={self.params}\0".encode()
        holder = self._holder.pid if self._holder else None
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if marker in (entry / "environ").read_bytes() + b"\0":
                    words = (entry / "cmdline").read_bytes().decode().replace("\0", " ")
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                    found[int(entry.name)] = (words, parent)
            except OSError:
                continue  # it has ended meanwhile
        held = {holder} | {pid for pid, (words, parent) in found.items() if parent == holder}
        return {
            pid: words for pid, (words, _) in found.items() if pid not in held and kind in words
        }


def resident_bytes(pid: int) -> int:
    """Bytes that a process holds now; 0 where it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def published_links(reports: Path) -> list[Path]:
    """Every link of a run in a reports folder."""
    sources = [
        p
        for p in reports.glob("*")
        if p.is_dir() and not p.name.startswith(".") and p.name != "site"
    ]
    return sorted(path for source in sources for path in source.glob("*/*/*") if path.is_symlink())


def assert_whole(link: Path) -> None:
    """What a reader finds behind a link is all there, and is what the link says."""
    assert not link.name.startswith("."), f"{link} is half a switch"
    record = store.validate(store.load(link / "results.json"))
    assert (record.study, record.region) == (link.parent.name, link.name)
    assert store.load_json(link / "provenance.json")["made_from"]
    assert json.loads((link / "notebook.ipynb").read_text(encoding="utf-8"))["nbformat"] == 4
    assert (link / "private" / "record.json").exists() or link.name == "national"


def results(reports: Path, study: str) -> dict[str, bytes]:
    """The bytes of every results.json of a study, by place."""
    return {
        link.name: (link / "results.json").read_bytes()
        for link in published_links(reports)
        if link.parent.name == study
    }
