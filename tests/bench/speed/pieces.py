"""Single pieces of work by the way that a library or a slow reference has, and by ours: processor
milliseconds of each, in turn, in one process (of files: their size).

Every piece gives the same by both ways; tests hold that true, here it is only asked where it is
cheap.
"""

import io
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from bench.speed.trees import ROOT

ROUNDS = 5  # the least of so many counts
LEAST_SPENT = 0.01  # seconds
RECORD = ROOT / "tests" / "guards" / "records" / "ethnic_matching" / "west_midlands.json"


@dataclass(frozen=True)
class Piece:
    """One piece of work: what, by which two ways."""

    what: str
    slow_way: str
    fast_way: str
    slow: Callable[[], Any]
    fast: Callable[[], Any]


@dataclass(frozen=True)
class Compared:
    """What both ways took of one piece."""

    what: str
    slow_way: str
    fast_way: str
    slow: float
    fast: float
    unit: str = "ms"


def compare(piece: Piece) -> Compared:
    """Both ways in turn, so that a slow moment of the machine meets both; the least of each."""
    piece.slow(), piece.fast()
    slow, fast = [], []
    for _ in range(ROUNDS):
        slow.append(_spent(piece.slow))
        fast.append(_spent(piece.fast))
    return Compared(piece.what, piece.slow_way, piece.fast_way, min(slow), min(fast))


def _spent(work: Callable[[], Any]) -> float:
    """Milliseconds of one time, of as many as take a hundredth of a second."""
    started, times = time.process_time(), 0
    while (spent := time.process_time() - started) < LEAST_SPENT:
        work()
        times += 1
    return 1000 * spent / times


def cr2_of_a_region() -> Piece:
    from test_clusters import dense_cr2, region

    from analysis.inference.clusters import cr2

    y, regressors, effect, cluster = region(15, n=800, clusters=80, cells=40, extra=3)
    return Piece(
        "CR2 of 800 rows, 80 clusters",
        "every matrix written out",
        "clusters stacked",
        lambda: dense_cr2(y, regressors, 0, effect, cluster),
        lambda: cr2(y, regressors, target=0, effect=effect, clusters=cluster),
    )


def counts_of_a_monitor() -> Piece:
    import duckdb
    import ibis
    from test_table_views import MEASURES, QUARTERS, rows

    from analysis.extracts.counts.counts import counts_by_group
    from analysis.extracts.reading import views

    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/rows.parquet"
        rows(15).to_parquet(file, index=False)
        own = duckdb.connect()
        own.execute(f"CREATE TABLE kept AS SELECT * FROM read_parquet('{file}')")
        backend = ibis.duckdb.from_connection(own)
        view = views.view_of(own, "rows", "SELECT * FROM kept")
        table = backend.table("kept")
    asked = {"by": ["quarter", "unit_id"], "quarters": list(QUARTERS)}
    return Piece(
        "counts of two measures by quarter, unit and group",
        "ibis compiles each time",
        "SQL compiled once",
        lambda: counts_by_group(table, MEASURES, **asked),
        lambda: counts_by_group(view, MEASURES, **asked),
    )


def schema() -> Piece:
    from jsonschema import Draft202012Validator

    from analysis.record import store
    from analysis.record.schema import SCHEMA_FILE

    record = json.loads(RECORD.read_text(encoding="utf-8"))
    reference = Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    return Piece(
        "a record against its schema",
        "jsonschema",
        "jsonschema-rs",
        lambda: list(reference.iter_errors(record)),
        lambda: store.validate_dict(record),
    )


def sanitiser() -> Piece:
    import bleach

    from analysis.site import notebook_html as page

    notebook = json.loads(
        (ROOT / "notebooks" / "pilots" / "ethnic_matching.ipynb").read_text(encoding="utf-8")
    )
    shown = [
        "".join(output["data"]["text/html"])
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]

    def by_bleach() -> list[str]:
        allowed = {"tags": page.TAGS, "attributes": page.ATTRIBUTES, "protocols": []}
        return [bleach.clean(html, **allowed, strip=True, strip_comments=True) for html in shown]

    return Piece(
        "the HTML of a notebook cleaned",
        "bleach",
        "nh3",
        by_bleach,
        lambda: [page.clean(html) for html in shown],
    )


def absorbed() -> Piece:
    import pandas as pd
    from linearmodels.iv.absorbing import AbsorbingLS

    from analysis.inference.absorbed.regression import absorbed_regression

    rng = np.random.default_rng(15)
    rows, cells, clusters = 20_000, 400, 900
    effect = rng.integers(0, cells, rows)
    cluster = rng.integers(0, clusters, rows)
    regressors = rng.normal(size=(rows, 6))
    outcome = regressors @ np.arange(6.0) + rng.normal(size=cells)[effect] + rng.normal(size=rows)

    def by_linearmodels():
        model = AbsorbingLS(
            outcome, regressors, absorb=pd.DataFrame({"effect": pd.Categorical(effect)})
        )
        return model.fit(cov_type="clustered", clusters=cluster, debiased=False, use_cache=False)

    def ours():
        return absorbed_regression(outcome, regressors, effects=[effect], clusters=[cluster])

    if not np.allclose(by_linearmodels().params, ours().params, rtol=1e-9):
        raise RuntimeError("both ways must give the same coefficients")
    return Piece(
        "a regression of 20,000 rows within 400 cells",
        "AbsorbingLS",
        "within-transformation",
        by_linearmodels,
        ours,
    )


def drawn_figure() -> Any:
    """A figure of the house with lines and many words."""
    from analysis.display import style

    figure = style.blank(4.0)
    with style.house_style():
        axes = figure.subplots()
        for number in range(12):
            axes.plot([0, 1, 2], [number, number + 1, number], label=f"Region {number}")
            axes.text(1, number, f"{number} in every 100")
        axes.set(title="A figure of many words", xlabel="People", ylabel="In every 100")
        axes.legend()
    return figure


def in_colour(figure: Any) -> bytes:
    """A PNG with three bytes a pixel and more, as matplotlib writes it."""
    from analysis.display import style

    written = io.BytesIO()
    with style.house_style():
        figure.savefig(written, format="png", dpi=style.DPI, metadata={"Software": None})
    return written.getvalue()


def files_of_a_figure() -> Piece:
    from analysis.display import style

    figure = drawn_figure()
    return Piece(
        "a figure in files",
        "PNG and SVG, two drawings",
        "PNG, one drawing",
        lambda: (in_colour(figure), style.svg(figure)),
        lambda: style.png(figure),
    )


def size_of_a_figure() -> Compared:
    from analysis.display import style

    figure = drawn_figure()
    sizes = [len(content) / 1000 for content in (in_colour(figure), style.png(figure))]
    return Compared("a figure as PNG", "true colour", "palette", *sizes, unit="kB")


PIECES: tuple[Callable[[], Piece], ...] = (
    absorbed,
    cr2_of_a_region,
    counts_of_a_monitor,
    schema,
    sanitiser,
    files_of_a_figure,
)


def all_pieces() -> list[Compared]:
    return [*(compare(make()) for make in PIECES), size_of_a_figure()]


if __name__ == "__main__":
    from dataclasses import asdict

    print(json.dumps([asdict(one) for one in all_pieces()]))
