"""The gate in the kernel: a real IPython shell shows what is cleared and nothing else."""

import base64

import pytest

pytest.importorskip("IPython")
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from analysis.disclosure.guard.png import png_faults
from analysis.disclosure.guard.registration import registration_id
from analysis.display.tables import WITHHELD, Gate, install_formatters

SETUP = """
import datetime, decimal
import numpy as np, pandas as pd
from IPython.display import HTML, Markdown, display
from matplotlib.figure import Figure
from analysis.display.tables import Prose, show
from analysis.results import Estimate, NotEstimable, Table, Withheld
frame = pd.DataFrame({"crn": ["secret-7319"], "flag": [True], "n": [7319]})
table = Table("People", pd.DataFrame({"Group": ["White"], "People": [40]}), "rounded")
what = ("matching_effect", "main", "in_every_100")
class Sly:
    def __repr__(self): return "secret-7319"
    def _repr_html_(self): return "<b>secret-7319</b>"
    def _repr_mimebundle_(self, include=None, exclude=None): return {"text/plain": "secret-7319"}
    def _ipython_display_(self): print("secret-7319")
class SlyInt(int):
    def __repr__(self): return "secret-7319"
"""
SECRET = [
    "frame",
    "frame['crn']",
    "frame['flag']",
    "frame['n']",
    "frame['n'].astype('Int64')",
    "frame['crn'].astype('category')",
    "frame['flag'].astype('boolean')",
    "frame.index",
    "pd.Index(['secret-7319'])",
    "frame.style",
    "frame.groupby('flag')",
    "frame.describe()",
    "frame.to_dict()",
    "frame.to_html()",
    "HTML(frame.to_html())",
    "Markdown('secret-7319')",
    "frame.values",
    "np.array([7319])",
    "np.int64(7319)",
    "np.float64(73.19)",
    "np.bool_(True)",
    "np.str_('secret-7319')",
    "7319",
    "73.19",
    "True",
    "'secret-7319'",
    "b'secret-7319'",
    "complex(7319)",
    "[frame]",
    "(frame, 1)",
    "{'a': frame}",
    "{7319}",
    "frozenset({7319})",
    "range(7319)",
    "(x for x in [7319])",
    "frame['n'].sum",
    "len",
    "Sly()",
    "SlyInt(1)",
    "pd.NaT",
    "pd.NA",
    "pd.Timestamp('1973-01-09')",
    "datetime.date(1973, 1, 9)",
    "decimal.Decimal('73.19')",
    "Figure()",
    "Figure().add_subplot()",
    "pd.Interval(0, 7319)",
    "frame.items()",
    "[table, frame]",
    "Estimate(*what, 73.19, 70, 80)",
    "slice(7319)",
    "frame.dtypes",
    "np.random.default_rng(7319)",
    "np.ma.array([7319])",
    "np.matrix([[7319]])",
    "type(frame)",
]


@pytest.fixture(scope="module")
def shell():
    InteractiveShell.clear_instance()
    config = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"cache_size": 0}})
    ip = InteractiveShell.instance(config=config)
    install_formatters(ip)
    assert not ip.run_cell(SETUP).error_in_exec
    yield ip
    InteractiveShell.clear_instance()


def run(shell, source):
    """Everything that a cell shows."""
    with capture_output() as captured:
        result = shell.run_cell(source)
    assert result.success, result.error_in_exec or result.error_before_exec
    return captured


@pytest.mark.parametrize("source", SECRET)
def test_what_is_not_cleared_is_withheld(shell, source):
    value = shell.ev(source)
    data, metadata = shell.display_formatter.format(value)
    assert data == {"text/plain": WITHHELD} and metadata == {}


@pytest.mark.parametrize(
    "source", ["frame", "frame['flag']", "Sly()", "7319", "HTML('secret-7319')"]
)
def test_a_cell_that_ends_with_it_or_displays_it_shows_the_words_only(shell, source):
    ended = run(shell, source)
    assert WITHHELD in ended.stdout and "7319" not in ended.stdout + ended.stderr
    for cell in (f"display({source})", f"display({source}, include=['text/html'])"):
        captured = run(shell, cell)
        assert captured.stdout + captured.stderr == ""
        assert [output.data for output in captured.outputs] == [{"text/plain": WITHHELD}]


def test_model_results_are_withheld(shell):
    fitted = (
        "__import__('statsmodels.api').api.OLS([1.0, 2.0, 4.0], [[1.0, 0.0], [1.0, 1.0], [1.0,"
        " 2.0]]).fit()"
    )
    assert shell.display_formatter.format(shell.ev(fitted))[0] == {"text/plain": WITHHELD}
    assert shell.display_formatter.format(shell.ev(fitted + ".summary()"))[0] == {
        "text/plain": WITHHELD
    }


def test_an_open_pyplot_figure_is_withheld(shell):
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure = plt.figure()
    assert shell.display_formatter.format(figure)[0] == {"text/plain": WITHHELD}
    plt.close(figure)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("table", "People"),
        ("Prose('Too few people to tell.', 'answer')", "Too few people to tell."),
        ("Withheld(*what)", "Withheld to protect people."),
        ("NotEstimable(*what, 'no_comparison')", "no one to compare with"),
        ("NotEstimable(*what, 'zero_events')", "Withheld to protect people."),
    ],
)
def test_what_is_cleared_is_shown_and_registered(shell, source, words):
    data, metadata = shell.display_formatter.format(shell.ev(source))
    assert words in data["text/plain"] and set(data) == {"text/plain", "text/html"}
    assert metadata["workbook"]["registration"] == registration_id(data)


def test_the_gate_is_installed_once(shell):
    gate = shell.display_formatter
    install_formatters(shell)
    assert shell.display_formatter is gate and isinstance(gate, Gate)


def test_show_gives_a_picture_with_its_text_and_saves_three_files(shell, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_FIGURES", str(tmp_path / "figures"))
    (output,) = run(
        shell, "show(Figure(), alt='An empty figure', table=table, name='empty')"
    ).outputs
    picture = output.data["image/png"]
    assert output.data["text/plain"] == "An empty figure" and png_faults(picture) == ()
    assert output.metadata == {
        "image/png": {"alt": "An empty figure"},
        "workbook": {"registration": registration_id(output.data), "alt": "An empty figure"},
    }
    saved = {path.name: path.read_bytes() for path in (tmp_path / "figures").iterdir()}
    assert set(saved) == {"empty.png", "empty.svg", "empty.csv"} and saved[
        "empty.png"
    ] == base64.b64decode(picture)
    assert saved["empty.csv"] == b"Group,People\r\nWhite,40\r\n"


def test_show_closes_a_figure_that_pyplot_knows(shell):
    run(
        shell, "import matplotlib.pyplot as plt; show(plt.figure(), alt='x', table=table, name='x')"
    )
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("show(Figure(), alt='x', table=frame, name='x')", "E350"),
        ("show(Figure(), alt=' ', table=table, name='x')", "E351"),
        ("show(Figure(), alt='x', table=table, name='../x')", "E351"),
    ],
)
def test_show_refuses(shell, call, code):
    with pytest.raises(Exception, match=code):
        shell.ev(call)
