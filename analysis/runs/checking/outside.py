"""What a run that is to be published must also pass, outside its kernel: its record is the one that
the runner has worked out from the private record (G30), and no id of the data stands in it (G31).
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.disclosure.attack.known import COUNTS
from analysis.disclosure.guard.finding import Finding
from analysis.disclosure.guard.ids import Hashed, kept_ids
from analysis.disclosure.guard.written.sources import text_of
from analysis.errors import RunError
from analysis.plans.registry import NATIONAL
from analysis.record import store
from analysis.runs.direct.notebook import write_notebook
from analysis.runs.execution import execute_notebook
from analysis.runs.limits import Limits
from analysis.runs.planning import Run
from analysis.vocabulary.regions import ALL

PICTURE = "image/png"
CELL = "from analysis.runs.checking.worked_out import work_out\n\nwork_out({told!r})"
OF_THE_PRIVATE = "G30: a record that does not come out of the private one"
RESULTS = "results.json"
REMEDY = "Find out how it came here; do not publish"


def outside_findings(
    run: Run, notebook: Mapping[str, Any], folder: Path, environment: dict[str, str], *, data: str
) -> Iterator[Finding]:
    """G30 and G31 of a run in `folder`. `environment`: what its kernel was told; `data`: the hash
    of its data. RunError E321 where it cannot be worked out: nothing is published then."""
    nation, exact = run.region == NATIONAL, folder / "private" / "record.json"
    ids = ids_file(run, data)
    with tempfile.TemporaryDirectory(prefix="workbook-outside-") as name:
        released = Path(name) / "released"
        asked = {
            "study": run.study,
            "place": _tables_of(run),
            "source": str(run.source),
            "joint": run.round_id if nation else "",
            "exact": str(exact),
            "released": str(released),
            "ids": "" if ids.is_file() else str(ids),
        }
        _in_a_fork(asked, Path(name), environment)
        if nation:
            yield from joint_findings(released, notebook, folder / "private")
        elif store.load_json(released) != _record(notebook):
            yield Finding(None, OF_THE_PRIVATE, "Run it again; do not publish", RESULTS)
    yield from id_findings(Hashed.read(ids), notebook, folder)


def joint_findings(made: Path, notebook: Mapping[str, Any], private: Path) -> Iterator[Finding]:
    """G30 for each record of the joint step that is not the one in the folder `made`. The counts
    that the nation prints come from there into its `private` folder, for the attack."""
    again = {path.stem: path for path in made.glob("*.json") if path.name != COUNTS}
    here = {path.stem: path for path in (private / "cleared").glob("*.json")}
    if store.load_json(again.pop(NATIONAL)) != _record(notebook):
        yield Finding(None, OF_THE_PRIVATE, "Run it again; do not publish", RESULTS)
    for place in sorted({*again, *here}):
        both = [store.load_json(files[place]) for files in (again, here) if place in files]
        if len(both) < 2 or both[0] != both[1]:
            said = f"the cleared record of {place}" if place in again else "a cleared record"
            yield Finding(None, OF_THE_PRIVATE, "Run it again; do not publish", said)
    if (made / COUNTS).is_file():
        shutil.copyfile(made / COUNTS, private / COUNTS)


def ids_file(run: Run, data: str) -> Path:
    """Where the hashes of the ids of a run's data are kept."""
    from analysis.plans.registry import load_plan
    from analysis.study.opening import service_of

    return kept_ids(service_of(load_plan(run.study)), _tables_of(run), data)


def _tables_of(run: Run) -> str:
    """The place whose tables a run rests on: all of them for the nation."""
    return ALL if run.region == NATIONAL else run.region


def _in_a_fork(asked: dict[str, str], folder: Path, environment: dict[str, str]) -> None:
    """Have it worked out where no cell of a notebook has run."""
    (folder / "private").mkdir(mode=0o700)
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "c",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    cell["source"] = CELL.format(told=json.dumps(asked))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path = folder / "outside.ipynb"
    write_notebook(notebook, path)
    execute_notebook(path, folder, {}, Limits.from_environment(), environment)


def _record(notebook: Mapping[str, Any]) -> Mapping[str, Any]:
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", ()))
    found = [output["data"][store.MIME] for output in outputs if store.MIME in output["data"]]
    if len(found) != 1:
        raise RunError("E322", f"the notebook emitted {len(found)} records; one was expected.")
    return found[0]


def id_findings(hashed: Hashed, notebook: Mapping[str, Any], folder: Path) -> Iterator[Finding]:
    """G31 for each cell, and each file beside the notebook, in which an id of the data stands."""
    if not hashed.hashes:
        return
    rule = "G31: an id of the data, or an exact value of one person"
    for number, cell in enumerate(notebook["cells"], start=1):
        if any(hashed.is_in(text) for text in _texts(cell)):
            yield Finding(number, rule, REMEDY)
    for path in sorted((folder / "figures").glob("*")):
        beside = "" if path.suffix == ".png" else path.read_text(encoding="utf-8")
        if hashed.is_in(f"{path.stem}\n{beside}"):
            yield Finding(None, rule, REMEDY, "the files of a figure")


def _texts(cell: Mapping[str, Any]) -> Iterator[str]:
    """All that a cell says: its own text, and each form of its outputs but pictures."""
    yield text_of(cell.get("source", ""))
    for output in cell.get("outputs", ()):
        for mime, content in output.get("data", {}).items():
            if mime != PICTURE:
                is_text = isinstance(content, str | list)
                yield text_of(content) if is_text else json.dumps(content, ensure_ascii=False)
