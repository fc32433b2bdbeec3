"""Processor milliseconds of one drawing of a figure with many words, by whichever matplotlib is
found first: python -P -m bench.speed.drawing prints them.

`other_matplotlib` asks another version, installed into a folder of its own.
"""

import io
import subprocess
import sys
import time
from pathlib import Path

from bench.speed.measure import measure
from bench.speed.trees import BIN, Tree

ROUNDS = 7


def drawing() -> float:
    """The least of some drawings; the first is left out."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.8, 4.0), dpi=176)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for number in range(12):
        axes.plot([0, 1, 2], [number, number + 1, number], label=f"Region {number}")
        axes.text(1, number, f"{number} in every 100")
    axes.set(title="A figure of many words", xlabel="People", ylabel="In every 100")
    axes.legend()
    spent = []
    for _ in range(ROUNDS + 1):
        started = time.process_time()
        figure.savefig(io.BytesIO(), format="png")
        spent.append(1000 * (time.process_time() - started))
    return min(spent[1:])


def other_matplotlib(version: str, tree: Tree, folder: Path) -> tuple[float, float]:
    """Milliseconds of a drawing by another version of matplotlib, and by the one of the lock."""
    command = [
        str(BIN / "uv"),
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--python",
        sys.executable,
    ]
    subprocess.run([*command, "--target", str(folder), f"matplotlib=={version}"], check=True)
    ours = tree.environment(folder)
    theirs = ours | {"PYTHONPATH": f"{folder}:{ours['PYTHONPATH']}"}
    command = [sys.executable, "-P", "-m", "bench.speed.drawing"]
    other, own = (float(measure(command, env).output.split()[-1]) for env in (theirs, ours))
    return other, own


if __name__ == "__main__":
    print(drawing())
