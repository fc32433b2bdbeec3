"""Where processor time goes, by kind of work: a clock that looks at the stack every few
milliseconds of processor time.

A share belongs to the innermost function of the stack whose file is known to do one kind of work:
pandas called by a regression is regression. What lies between two looks belongs to what is seen at
the second, so that a long call into a library is counted whole.
"""

import json
import signal
import time
from collections import Counter
from types import FrameType

EVERY = 0.002  # processor seconds between two looks

# Kind of work: parts of file names, the first that fits decides. Files of the project begin with
# "analysis/"; every other part is a library.
KINDS: dict[str, tuple[str, ...]] = {
    "imports": ("<frozen importlib",),
    "site": ("analysis/site/", "/nbconvert/", "/bleach/", "/jinja2/"),
    "schema": ("/jsonschema/", "/referencing/", "analysis/record/"),
    "figures": (
        "/matplotlib/",
        "/seaborn/",
        "/PIL/",
        "analysis/display/figures/",
        "analysis/display/style",
        "analysis/display/drawn",
        "analysis/display/group_ratios",
        "analysis/display/rungs",
    ),
    "permutations": (
        "analysis/inference/assignments",
        "analysis/inference/unit_permutation",
        "analysis/inference/coefficient_permutation",
        "analysis/inference/constant_effect",
        "analysis/inference/sequential",
        "analysis/inference/randomisation",
        "analysis/inference/inversion",
        "analysis/designs/rollouts/",
    ),
    "regression": (
        "/linearmodels/",
        "/pyhdfe/",
        "/statsmodels/",
        "/diff_diff/",
        "analysis/inference/",
        "analysis/designs/",
    ),
    "counts": ("/ibis/", "/duckdb/", "/sqlglot/", "analysis/extracts/"),
    "data made": ("analysis/synthetic/",),
    "rates and verdicts": ("analysis/disparity/", "analysis/studies/disparity/"),
    "frames and checks": ("analysis/studies/", "analysis/measurement/", "analysis/study/"),
    "disclosure": ("analysis/disclosure/", "analysis/said/"),
    "tables and words": (
        "analysis/display/",
        "analysis/sections/",
        "analysis/judgement/",
        "analysis/workbench/",
        "analysis/places/",
        "analysis/protocol/",
        "analysis/rounds/",
        "analysis/exploring/",
    ),
    "places together": ("analysis/clearing/",),
    "plans": ("analysis/plans/", "analysis/vocabulary/", "/pydantic/", "/yaml/"),
    "engine": ("analysis/runs/", "/papermill/", "/nbclient/", "/nbformat/", "/zmq/", "/ipykernel/"),
}
REST = "other"


def kind_of_file(name: str) -> str | None:
    """The kind of work of a file, by its name; None for one that serves all kinds."""
    return next(
        (kind for kind, parts in KINDS.items() if any(part in name for part in parts)), None
    )


class WorkClock:
    """Processor seconds of this process by kind of work, between `start` and `stop`."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._kinds: dict[str, str | None] = {}
        self._seen = 0.0

    def start(self) -> None:
        self._seen = time.process_time()
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def stop(self) -> dict[str, float]:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        return dict(self.seconds)

    def _look(self, _: int, frame: FrameType | None) -> None:
        now = time.process_time()
        self.seconds[self._kind(frame)] += now - self._seen
        self._seen = time.process_time()

    def _kind(self, frame: FrameType | None) -> str:
        while frame is not None:
            name = frame.f_code.co_filename
            if name not in self._kinds:
                self._kinds[name] = kind_of_file(name)
            if (kind := self._kinds[name]) is not None:
                return kind
            frame = frame.f_back
        return REST


if __name__ == "__main__":
    # The pages of the reports that the environment names, made from nothing.
    pages = WorkClock()
    pages.start()
    from analysis.paths import reports
    from analysis.site.build import build_site

    build_site(reports(), round_id="draft")
    print(json.dumps(pages.stop()))
