"""The direct way shows what papermill shows: cell by cell, on every committed notebook and on a
notebook of everything that cells can do."""

import json
import os
import re
from pathlib import Path

import papermill.translators
import pytest
from chosen import spread
from hypothesis import given
from hypothesis import strategies as st

from analysis.forking import fork_possible
from analysis.paths import EXPLORE, tracked_notebooks
from analysis.runs import execution
from analysis.runs.direct import client, notebook
from analysis.runs.direct.by_papermill import run_by_papermill
from analysis.runs.kernel_client import CHOOSE, ONE_THREAD
from analysis.runs.limits import Limits

pytestmark = pytest.mark.skipif(not fork_possible(), reason="the direct way is a fork")
SMALL = {"data_source": "synthetic:x0.1"}
# Each with parameters of its own where its data are not of the synthetic nation.
OTHER_DATA = {
    "action_plan": {"data_source": "published"},
    "star": {"region_id": "rural"},
    "national": {"study_id": "star_teacher_matching"},
    "place": {"data_source": "example"},
    "portfolio": {"data_source": "example"},
    "protocol": {"data_source": "example"},
}
COMMITTED = [path for path in tracked_notebooks() if path != EXPLORE]

# One of everything that a cell can do; each is a cell of its own.
CELLS = {
    "a value": "1 + 1",
    "nothing": "None",
    "a stream": "print('one'); print('two', end='')",
    "both streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('out again')",
    "text before and after a display": "print('a'); display(1); print('b'); 2",
    "flushed": "print('a', flush=True); print('b', flush=True)",
    "displays in a loop": "for number in range(3):\n    display(number)",
    "a display that is updated": "h = display('first', display_id='x'); h.update('second')",
    "one of an earlier cell": "h.update('third')",
    "output that is cleared": (
        "from IPython.display import clear_output\nprint('gone'); clear_output(); print('kept')"
    ),
    "output that is cleared with the next": (
        "print('gone'); clear_output(wait=True); display('kept'); print('and this')"
    ),
    "a figure": "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])",
    "a figure by magic": "%matplotlib inline\n_ = plt.bar([1, 2], [3, 4])",
    "a frame": "import pandas as pd\npd.DataFrame({'x': [1.5, 2.5]})",
    "magics": "%env OWN_VARIABLE=1\n%precision 3\n3.14159",
    "a cell magic": "%%capture kept\nprint('hidden')",
    "what it kept": "kept.stdout",
    "a shell command": "!echo from a shell",
    "await": "import asyncio\nawait asyncio.sleep(0.01)\nprint('slept')",
    "a task": "task = asyncio.ensure_future(asyncio.sleep(0.01, result=7))",
    "its result": "await task",
    "the running loop": "asyncio.get_running_loop().is_running()",
    "a thread": (
        "import threading\nt = threading.Thread(target=print, args=('in a thread',))\n"
        "t.start(); t.join()"
    ),
    "a forked child": (
        "import os\npid = os.fork()\nif pid == 0:\n    print('in a child', flush=True)\n"
        "    os._exit(0)\n_ = os.waitpid(pid, 0)"
    ),
    "input": "try:\n    input('name?')\nexcept Exception as error:\n    print(type(error), error)",
    "a password": (
        "import getpass\ntry:\n    getpass.getpass()\nexcept Exception as error:\n"
        "    print(type(error), error)"
    ),
    "standard input": "sys.stdin.read()",
    "a warning": "import warnings\nwarnings.warn('careful', stacklevel=1)",
    "what it is": (
        "type(get_ipython()).__name__, __name__, sys.argv[0][-18:], sys.stdout.isatty(),"
        " sys.stdout.encoding, '' in sys.path, os.environ['MPLBACKEND'], len(In)"
    ),
    "not a number": "from IPython.display import JSON\nJSON({'a': [1, None]})",
    "raw": "display({'text/plain': 'raw'}, metadata={'a': 1}, raw=True)",
    "logging": "import logging\nlogging.getLogger('x').warning('logged')",
    "no text": "",
    "an error in a display": (
        "class Bad:\n    __repr__ = lambda self: 'Bad'\n"
        "    def _repr_html_(self):\n        raise ValueError('bad')\nBad()"
    ),
}
ENDS = {
    "an error": "def deep():\n    raise KeyError('x')\nprint('before')\ndeep()",
    "a syntax error": "print('a'\n",
    "an unknown magic": "%no_such_magic",
    "sys.exit with a fault": "import sys\nsys.exit(3)",
    "an interrupt": "raise KeyboardInterrupt",
    "an error after await": "import asyncio\nawait asyncio.sleep(0)\n1 / 0",
}


def written(folder: Path, *cells: str, tags: tuple[str, ...] = ()) -> Path:
    made = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {"tags": list(tags)} if number else {"tags": ["parameters"]},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(("place = 'nowhere'", *cells))
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    whole = {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "made.ipynb").write_text(json.dumps(whole), encoding="utf-8")
    return folder / "made.ipynb"


WAYS = {"direct": client.run_directly, "papermill": run_by_papermill}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a notebook one of the two ways: its cells, and the kind of what ended it."""
    for name, value in CHOOSE.items():
        monkeypatch.setenv(name, value)

    def one(way: str, path: Path, parameters: dict[str, str], **environment: str):
        folder = tmp_path / way
        (folder / "private").mkdir(parents=True)
        named = {"WORKBOOK_PRIVATE": str(folder / "private")}
        named |= {"WORKBOOK_FIGURES": str(folder / "figures")}
        own = dict(os.environ) | CHOOSE | ONE_THREAD | named | environment
        try:
            content, ended = WAYS[way](path, folder, parameters, Limits(), own), ""
        except Exception as error:
            ended = execution.fault_in_words(error, Limits())
            kept = (folder / "private" / "executed.ipynb").read_text(encoding="utf-8")
            content = json.loads(kept)
        return [as_compared(cell) for cell in content["cells"] if not is_marker(cell)], ended

    return one


def is_marker(cell: dict) -> bool:
    """Whether papermill has put the cell in to point at an error."""
    return "papermill-error-cell-tag" in cell["metadata"].get("tags", ())


def as_compared(cell: dict) -> dict:
    """All of a cell but its id and metadata, texts whole and neighbouring ones of a stream put
    together."""
    shown: list[dict] = []
    for output in json.loads(json.dumps(cell.get("outputs", []))):
        for part in (output, output.get("data", {})):
            part |= {
                k: "".join(v) for k, v in part.items() if k == "text" or ("/" in k and is_text(v))
            }
        if output["output_type"] == "stream" and shown and shown[-1].get("name") == output["name"]:
            shown[-1]["text"] += output["text"]
        else:
            shown.append(output)
    tags = [tag for tag in cell["metadata"].get("tags", ())]
    kept = {"source": "".join(cell["source"]), "tags": tags, "outputs": shown}
    return kept | {"type": cell["cell_type"], "count": cell.get("execution_count")}


def is_text(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


@pytest.mark.parametrize("path", spread(COMMITTED, 7), ids=lambda path: path.stem)
def test_every_committed_notebook_shows_the_same_both_ways(run, path):
    asked = OTHER_DATA.get(path.stem, SMALL)
    direct, papermill = (run(way, path, asked) for way in WAYS)
    assert direct == papermill and direct[1] == ""
    assert any(cell["outputs"] for cell in direct[0])


def test_whatever_a_cell_can_do_it_shows_the_same_both_ways(run, tmp_path):
    path = written(tmp_path, *CELLS.values())
    direct, papermill = (run(way, path, {"place": 'some "where"\n\\'}) for way in WAYS)
    for mine, theirs in zip(direct[0], papermill[0], strict=True):
        assert without_places(mine) == without_places(theirs)
    assert direct[1] == papermill[1]


def without_places(cell: dict) -> dict:
    """A cell without what names the process: a temporary file of its source, a pid."""
    text = re.sub(r"ipykernel_\d+/\d+\.py", "ipykernel/cell.py", json.dumps(cell, sort_keys=True))
    return json.loads(text)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("tags", [(), ("raises-exception",)], ids=["", "tagged"])
def test_an_error_ends_both_ways_in_the_same_words(run, tmp_path, end, tags):
    path = written(tmp_path, "1", ENDS[end], "2", tags=tags)
    direct, papermill = (run(way, path, {}) for way in WAYS)
    assert direct[1] == papermill[1]
    assert without_places({"": direct[0]}) == without_places({"": papermill[0]})


def test_a_good_end_by_sys_exit_is_one_both_ways(run, tmp_path):
    path = written(tmp_path, "import sys\nsys.exit(0)", "2")
    direct, papermill = (run(way, path, {}) for way in WAYS)
    assert direct[1] == papermill[1] == ""
    assert without_places({"": direct[0]}) == without_places({"": papermill[0]})


def test_a_cell_that_is_tagged_to_be_skipped_is_skipped_both_ways(run, tmp_path):
    path = written(tmp_path, "1", tags=("skip-execution",))
    direct, papermill = (run(way, path, {}) for way in WAYS)
    assert direct == papermill and direct[0][-1]["count"] is None


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text(), min_size=1))
def test_parameters_are_written_as_papermill_writes_them(parameters):
    theirs = papermill.translators.PythonTranslator.codify(parameters)
    assert notebook.injected_source(parameters) == theirs


@pytest.mark.parametrize("tagged", [(), ("parameters",), ("parameters", "injected-parameters")])
def test_they_are_injected_where_papermill_injects_them(tmp_path, tagged):
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    path = written(tmp_path, "1", "2", "3")
    content = json.loads(path.read_text())
    content["cells"][0]["metadata"] = {}
    for tag, cell in zip(tagged, content["cells"][1:], strict=False):
        cell["metadata"] = {"tags": [tag]}
    path.write_text(json.dumps(content))
    theirs = parameterize_notebook(load_notebook_node(str(path)), {"place": "x"})["cells"]
    ours = notebook.parameterised(path, {"place": "x"})["cells"]
    assert [as_compared(cell) for cell in ours] == [as_compared(cell) for cell in theirs]


def test_a_notebook_is_written_as_nbformat_writes_it(tmp_path):
    import nbformat

    output = {"output_type": "stream", "name": "stdout", "text": "a\r\nb\u2028c\n"}
    error = {"output_type": "error", "ename": "E", "evalue": "a\nb", "traceback": ["a\nb"]}
    data = {"text/html": "a\nb", "image/svg+xml": "<a>\n</a>", "image/png": "aGk=\n"}
    shown = {"output_type": "display_data", "metadata": {}}
    shown |= {"data": data | {"application/json": {"b": ["é\n"], "a": 1}}}
    made = written(tmp_path, "x = 1\ny = 2", "")
    first = nbformat.read(made, as_version=4)
    first.cells[1].outputs = nbformat.from_dict([output, error, shown])
    for notebook_ in (first, *(nbformat.read(path, as_version=4) for path in COMMITTED)):
        nbformat.write(notebook_, tmp_path / "theirs.ipynb")
        notebook.write_notebook(json.loads(json.dumps(notebook_)), tmp_path / "ours.ipynb")
        ours, theirs = (tmp_path / f"{name}.ipynb" for name in ("ours", "theirs"))
        assert ours.read_bytes() == theirs.read_bytes()


def test_another_kernelspec_is_left_to_papermill(run, tmp_path):
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": ["other", "{connection_file}"], "display_name": "Other", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    path = written(tmp_path, "1")
    (tmp_path / "private").mkdir()
    own = dict(os.environ) | ONE_THREAD | {"JUPYTER_PATH": str(tmp_path / "jupyter")}
    assert client.run_directly(path, tmp_path, {}, Limits(), own) is None


def test_without_a_server_it_is_left_to_papermill(tmp_path, monkeypatch):
    monkeypatch.setattr(client, "fork_of_server", lambda *_: None)
    (tmp_path / "private").mkdir()
    assert client.run_directly(written(tmp_path, "1"), tmp_path, {}, Limits(), {}) is None
