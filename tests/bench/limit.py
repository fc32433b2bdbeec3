"""The limit: the cells of a notebook as plain functions in two processes forked after the imports.
No kernel, no engine.

python limit.py NOTEBOOK FOLDER STUDY SOURCE PLACE...: writes FOLDER/measured.json, seconds and
processor seconds from the fork to the end. What a cell ends with is made into the text that a
reader would see, figures are drawn, encoded and saved, and the record is written, as in the
notebook. Nothing is checked and nothing is published.
"""

import ast
import gc
import json
import os
import sys
import time
from pathlib import Path
from types import CodeType

PROCESSES = 2
SHOWN = "_shown"
MEASURED = "measured.json"


def forget(*objects, **_) -> None:
    """In place of IPython's `display`: make what would be seen, and show nobody."""
    from analysis.display.tables import cleared_bundle

    for shown in objects:
        if not isinstance(shown, dict | type(None)):
            cleared_bundle(shown)


def compiled(notebook: Path) -> list[CodeType]:
    """Each code cell as one compiled function body; its last expression is handed to `forget`."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    kept = [cell for cell in code if "parameters" not in cell["metadata"].get("tags", [])]
    return [
        _with_last_shown("".join(cell["source"]), f"cell {n}")
        for n, cell in enumerate(kept, start=1)
    ]


def _with_last_shown(source: str, name: str) -> CodeType:
    tree = ast.parse(source)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        tree.body[-1] = ast.Expr(ast.Call(ast.Name(SHOWN, ast.Load()), [last.value], []))
    return compile(ast.fix_missing_locations(tree), name, "exec")


def run(cells: list[CodeType], parameters: dict[str, str], folder: Path) -> None:
    """All cells of one notebook, with folders of its own for the record and the figures."""
    for variable, part in (("WORKBOOK_PRIVATE", "private"), ("WORKBOOK_FIGURES", "figures")):
        (folder / part).mkdir(parents=True)
        os.environ[variable] = str(folder / part)
    names = parameters | {SHOWN: forget}
    for cell in cells:
        exec(cell, names)
    if not (folder / "private" / "record.json").is_file():
        raise RuntimeError("the cells wrote no record")


def main(notebook: Path, folder: Path, study: str, source: str, places: list[str]) -> None:
    import IPython.core.display_functions
    import IPython.display

    IPython.display.display = IPython.core.display_functions.display = forget
    from analysis.runs.kernel_server import preload

    preload()
    import matplotlib

    import analysis.notebook  # noqa: F401

    matplotlib.use("agg")
    cells = compiled(notebook)
    gc.collect()
    gc.freeze()
    started, before = time.perf_counter(), os.times()
    children = [
        os.fork() or _child(cells, study, source, places[n::PROCESSES], folder)
        for n in range(PROCESSES)
    ]
    ended = [os.waitpid(child, 0)[1] for child in children]
    seconds, used = time.perf_counter() - started, os.times()
    if any(ended):
        raise SystemExit("the cells failed")
    cpu = used.children_user + used.children_system - before.children_user - before.children_system
    found = {"seconds": seconds, "cpu": cpu}
    (folder / MEASURED).write_text(json.dumps(found), encoding="utf-8")


def _child(cells: list[CodeType], study: str, source: str, places: list[str], folder: Path) -> None:
    code = 1
    try:
        for place in places:
            run(
                cells,
                {"study_id": study, "region_id": place, "data_source": source},
                folder / place,
            )
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    os.environ.update(
        dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    )
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5:])
