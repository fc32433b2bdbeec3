"""`check-output` believes the runner's signature and nothing that a file says of itself; a run is
published when its folder and its record are what the runner works out for itself."""

import json
import os
import shutil
from copy import deepcopy
from pathlib import Path

import pytest

from analysis.disclosure.guard.folder import folder_findings
from analysis.disclosure.guard.ids import EveryData, Hashed
from analysis.disclosure.guard.output_guard import RECORD
from analysis.disclosure.guard.registration import registration_id
from analysis.disclosure.guard.signature import is_signed, signed, signing_key, unbelieved
from analysis.disclosure.guard.vector import svg_faults
from analysis.errors import RunError
from analysis.paths import state_home
from analysis.plans.registry import Source, load_plan
from analysis.record import store
from analysis.runs.checking.again import outputs_again
from analysis.runs.checking.output import output_findings
from analysis.runs.checking.outside import id_findings
from analysis.runs.checking.worked_out import released_again
from analysis.runs.direct.notebook import parameterised, write_notebook
from analysis.runs.planning import Run, Task, made_from, notebook_path
from analysis.runs.runner import execute

PNG = "image/png"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of the plan that is quickest, checked and signed, as a worker hands it back."""
    reports = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBOOK_REPORTS", str(reports))
        run = Run(
            "action_plan",
            "all",
            Source("published"),
            "draft",
            notebook_path(load_plan("action_plan")),
        )
        outcome = execute(Task(run, tuple(sorted(made_from(run).items()))))
    assert outcome.state == "published", (outcome.text, outcome.findings)
    return outcome.scratch


@pytest.fixture
def folder(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "run"))


def notebook_in(folder: Path) -> dict:
    return json.loads((folder / "notebook.ipynb").read_text())


def rules(findings) -> set[str]:
    return {finding.rule[:3] for finding in findings}


def outputs(nb):
    return [output for cell in nb["cells"] for output in cell.get("outputs", ())]


# -- the signature ---------------------------------------------------------------------------------
def test_a_signed_file_is_believed_and_one_that_was_edited_is_not(folder):
    file = folder / "notebook.ipynb"
    assert unbelieved(folder) is None and output_findings(file, notebook_in(folder)) == ()
    file.write_text(file.read_text().replace("commitments", "obligations"))
    assert unbelieved(folder) == "notebook.ipynb"


def test_a_signature_is_of_one_key_and_of_all_of_the_provenance(folder, tmp_path, monkeypatch):
    made = json.loads((folder / "provenance.json").read_text())
    assert is_signed(made)
    for other in (made | {"commit": "x"}, made | {"files": {}}, made | {"signature": "0" * 64}, {}):
        assert not is_signed(other)
    (folder / "provenance.json").write_text(json.dumps(made | {"finished": "1999"}))
    assert unbelieved(folder) == "provenance.json"
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "another"))
    assert not is_signed(made) and is_signed(signed(made))


def test_the_key_is_made_once_is_its_owners_alone_and_in_no_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    key = signing_key()
    path = state_home() / "keys" / "runner.key"
    assert signing_key() == key == path.read_bytes() and len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert not any(key.hex() in value for value in os.environ.values())
    path.chmod(0o644)
    with pytest.raises(RunError, match="E344"):
        signing_key()


# -- a file that is not signed ---------------------------------------------------------------------
def forged(nb, change):
    """The notebook with one table changed and registered again, as a forger would do it."""
    nb = deepcopy(nb)
    table = next(
        o
        for o in outputs(nb)
        if "text/html" in o.get("data", {}) and "<table" in "".join(o["data"]["text/html"])
    )
    change(table)
    table["metadata"]["workbook"]["registration"] = registration_id(table["data"])
    record = next(o for o in outputs(nb) if RECORD in o.get("data", {}))
    record["metadata"]["workbook"]["registrations"].append(registration_id(table["data"]))
    return nb


def test_the_same_file_elsewhere_is_run_again_and_passes(folder, tmp_path):
    alone = tmp_path / "mine.ipynb"
    shutil.copy(folder / "notebook.ipynb", alone)
    assert output_findings(alone, notebook_in(folder)) == ()


def test_a_table_by_hand_that_attests_itself_is_found(folder, tmp_path):
    def change(table):
        table["data"]["text/html"] = "<p>Of the Black managers some were recalled.</p>"

    nb = forged(notebook_in(folder), change)
    assert rules(output_findings(tmp_path / "a.ipynb", nb)) == {"G24"}


def test_outputs_of_other_inputs_are_found_before_anything_is_run(folder, tmp_path):
    for key in ("plan_hash", "data_hash", "code_version"):
        nb = notebook_in(folder)
        record = next(o for o in outputs(nb) if RECORD in o.get("data", {}))
        record["data"][RECORD][key] = "0" * 64
        (found,) = output_findings(tmp_path / "a.ipynb", nb)
        assert found.rule.startswith("G18") and key in found.rule


def test_parameters_edited_by_hand_and_outputs_of_another_execution_are_found(folder, tmp_path):
    nb = notebook_in(folder)
    injected = next(
        c for c in nb["cells"] if "injected-parameters" in c["metadata"].get("tags", ())
    )
    injected["source"] = [line.replace('"all"', '"wales"') for line in injected["source"]]
    assert "G18" in rules(output_findings(tmp_path / "a.ipynb", nb))
    nb = notebook_in(folder)
    code = [c for c in nb["cells"] if c["cell_type"] == "code"]
    code[1]["execution_count"], code[2]["execution_count"] = 3, 2
    assert "G22" in rules(output_findings(tmp_path / "a.ipynb", nb))


def test_a_notebook_that_was_only_prepared_is_found(folder, tmp_path):
    nb = notebook_in(folder)
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    assert {"G14", "G22"} <= rules(output_findings(tmp_path / "a.ipynb", nb))


def test_what_cannot_be_run_again_is_a_finding_and_not_a_pass(folder, tmp_path, monkeypatch):
    nb = notebook_in(folder)
    monkeypatch.setattr("analysis.runs.checking.inputs.load_plan", _no_plan)
    assert rules(output_findings(tmp_path / "a.ipynb", nb)) == {"G25"}


def _no_plan(study):
    raise RunError("E331", "there is no such plan here.")


def test_metadata_that_no_tool_writes_is_found_in_the_file_that_was_handed_in(folder, tmp_path):
    for place in ("notebook", "cell", "output"):
        nb = notebook_in(folder)
        of = {"notebook": nb, "cell": nb["cells"][1], "output": outputs(nb)[0]}[place]
        of["metadata"]["note"] = "3 of 17"
        assert "G13" in rules(output_findings(tmp_path / "a.ipynb", nb)), place


def test_words_beside_the_record_and_in_its_list_are_found(folder, tmp_path):
    nb = notebook_in(folder)
    record = next(o for o in outputs(nb) if RECORD in o.get("data", {}))
    record["data"]["text/plain"] = "3 of 17"
    record["metadata"]["workbook"]["registrations"].append("3 of 17")
    assert {"G04", "G23"} <= rules(output_findings(tmp_path / "a.ipynb", nb))


# -- the folder ------------------------------------------------------------------------------------
def spoil(folder, name, content=b"3 of 17"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


FIRST = "figures/states"
STRAYS = {
    "a file": lambda f: spoil(f, "notes.txt"),
    "a folder": lambda f: (f / "more").mkdir(),
    "a page in figures": lambda f: spoil(f, "figures/x.html"),
    "a name that is words": lambda f: spoil(f, "figures/3 of 17.csv"),
    "a program": lambda f: (f / f"{FIRST}.csv").chmod(0o755),
    "a link": lambda f: (f / "figures" / "x.csv").symlink_to("/etc/hostname"),
    "a figure of its own": lambda f: spoil(f, "figures/mine.png"),
    "numbers without a picture": lambda f: spoil(f, "figures/mine.csv"),
    "a picture replaced": lambda f: spoil(f, f"{FIRST}.png"),
    "numbers replaced": lambda f: spoil(f, f"{FIRST}.csv"),
    "a recipe replaced": lambda f: spoil(f, f"{FIRST}.json", "{}"),
    "a recipe gone": lambda f: (f / f"{FIRST}.json").unlink(),
    "a drawing by hand": lambda f: spoil(f, f"{FIRST}.svg", "<svg><script>x</script></svg>"),
}


@pytest.mark.parametrize("what", STRAYS)
def test_what_no_run_leaves_in_its_folder_is_found(folder, what):
    assert not list(folder_findings(folder, notebook_in(folder)))
    STRAYS[what](folder)
    found = rules(folder_findings(folder, notebook_in(folder)))
    assert found and found <= {"G26", "G27", "G28", "G29"}


@pytest.mark.parametrize("key", ["alt", "title", "notes", "more"])
def test_words_put_into_a_recipe_are_found_where_they_are_not_those_of_the_picture(folder, key):
    path = folder / f"{FIRST}.json"
    recipe = json.loads(path.read_text())
    if key == "alt":
        recipe["alt"] = "3 of 17"
    elif key == "more":
        recipe["comment"] = "3 of 17"
    else:
        recipe["table"][key] = {"title": "A1234BC", "notes": ["someone@example.org"]}[key]
    path.write_text(json.dumps(recipe))
    assert rules(folder_findings(folder, notebook_in(folder))) & {"G28", "G16"}


# -- drawings --------------------------------------------------------------------------------------
def drawing(inside="", head='viewBox="0 0 100 100" width="100pt"'):
    return f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{inside}</svg>'


LETTER = (
    '<g style="fill: #3d3d3d" transform="translate(10 10) scale(0.1 -0.1)"><use href="#D-31"/></g>'
)
DRAWN = [
    "<script>x()</script>",
    "<desc>3 of 17</desc>",
    "<title>3 of 17</title>",
    "<text>3 of 17</text>",
    "<!-- 3 of 17 -->",
    '<g id="three_of_17_recalled"/>',
    '<g data-n="3"/>',
    '<g class="recalled"/>',
    '<g onclick="x()"/>',
    "<foreignObject/>",
    "<image/>",
    '<use href="https://example.org/#a"/>',
    '<a href="#x"/>',
    "<metadata>3 of 17</metadata>",
    "<g>3 of 17</g>",
    "<style>.a{color:red}</style>",
    '<g style="display: none"/>',
    '<g style="opacity: 0.01"/>',
    LETTER.replace("0.1 -0.1", "0.01 -0.01"),
    LETTER.replace("10 10", "-900 10"),
    LETTER.replace("#3d3d3d", "#ffffff"),
]


@pytest.mark.parametrize("inside", DRAWN)
def test_what_a_drawing_may_not_hold_is_found(inside):
    assert svg_faults(drawing(LETTER), alt="Bars.") == ()
    assert svg_faults(drawing(inside), alt="Bars.")


def test_a_drawing_of_the_project_passes_and_its_words_are_those_of_the_picture():
    from matplotlib.figure import Figure

    from analysis.display import style

    figure = Figure(figsize=(3, 2))
    figure.add_subplot().bar(["a", "b"], [1, 2])
    text = style.svg(figure, alt="Two bars.").decode()
    assert svg_faults(text, alt="Two bars.") == () and svg_faults(text, alt="Three of 17.")


# -- ids of the data -------------------------------------------------------------------------------
HASHED = Hashed.of([f"WAL-P-{n:06d}" for n in range(500)], [1234.5678])
HIDDEN = [
    "WAL-P-000012",
    "wal p 000012",
    "WALP000012",
    "W<b>AL-P-0000</b>12",
    "<span>WAL</span>-<span>P</span>-<span>000012</span>",
    "WAL\u200b-P-\u200d000012",
    "\u202eWAL-P-000012\u202c",
    "ＷＡＬ－Ｐ－０００００１２".replace("０００００１２", "００００１２"),
    "V0FMLVAtMDAwMDEy",
    "xxV0FMLVAtMDAwMDEy",
    "57414c2d502d303030303132",
    "WAL%2DP%2D000012",
    "&#87;AL-P-000012",
    "\\u0057AL-P-000012",
    "content: '\\57 AL-P-000012'",
    "caseWAL-P-000012and3",
    "W_A_L/P/0.0.0.0.1.2",
    "1,234.5678",
    "of 1234.56780 pounds",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_an_id_of_the_data_is_found_however_it_is_written(text, folder):
    assert HASHED.is_in(text)
    for cell in (
        {"cell_type": "markdown", "source": text},
        {"source": "", "outputs": [{"data": {"text/html": [text]}}]},
    ):
        (found,) = id_findings(HASHED, {"cells": [cell]}, folder)
        assert found.rule.startswith("G31") and text not in str(found)


def test_other_texts_hold_no_id_and_a_form_that_counts_have_is_left_out():
    for text in ("WAL-P-999999", "12 people of WAL", "000012", "1234.57", "a" * 5000):
        assert not HASHED.is_in(text)
    plain = Hashed.of([str(n) for n in range(1000)] + [f"p{n}" for n in range(9000)], [])
    assert plain.forms == () and not plain.is_in("p17 and 500")


def test_hashes_are_kept_for_their_owner_only_and_hold_no_id(tmp_path):
    HASHED.write(tmp_path / "ids" / "x")
    assert (tmp_path / "ids" / "x").stat().st_mode & 0o077 == 0
    assert b"WAL" not in (tmp_path / "ids" / "x").read_bytes().upper()
    again = Hashed.read(tmp_path / "ids" / "x")
    assert again.is_in("WAL-P-000012") and again.hashes == HASHED.hashes
    assert Hashed.of(["WAL-P-000012"], []).key != HASHED.key


def test_an_id_in_a_file_or_its_name_is_found(folder):
    nothing = {"cells": []}
    assert not list(id_findings(HASHED, nothing, folder))
    spoil(folder, "figures/walp000012.csv", "a")
    assert list(id_findings(HASHED, nothing, folder))


# -- the record ------------------------------------------------------------------------------------
def test_the_released_record_comes_out_of_the_private_one(folder):
    exact = store.load(folder / "private" / "record.json")
    again = released_again(load_plan("action_plan"), exact, Source("published"))
    assert store.as_dict(again) == store.load_json(folder / "results.json")


def test_the_cells_alone_give_the_same_notebook(folder, tmp_path):
    own = notebook_path(load_plan("action_plan"))
    told = {"study_id": "action_plan", "region_id": "all", "data_source": "published"}
    write_notebook(parameterised(own, told), tmp_path / "bare.ipynb")
    again = outputs_again(json.loads((tmp_path / "bare.ipynb").read_text()))
    pictures = [o["data"][PNG] for o in outputs(again) if PNG in o.get("data", {})]
    assert pictures and len(outputs(again)) == len(outputs(notebook_in(folder)))


def test_ids_of_several_sets_are_looked_for_in_one_reading():
    first, last = Hashed.of(["NWS-P-000001"], [98.76543]), HASHED
    every = EveryData((first, last))
    assert every.key == EveryData((last, first)).key != first.key
    for hidden in ("NWS-P-000001", "98.76543", "WAL-P-000012", "1234.5678"):
        assert every.is_in(f"it is {hidden}"), hidden
    assert every.hashes and not every.is_in("group 120, MSE 000471 people")
    assert not EveryData(()).hashes and not EveryData((Hashed.of([], []),)).is_in("NWS-P-000001")
