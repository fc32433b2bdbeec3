"""Every verb of a study with everything that it can be asked, and the parts that it shows."""

from collections.abc import Callable, Iterator

from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.results import Table
from analysis.vocabulary.levels import LEVEL_KEYS
from analysis.workbench.study import Study

SIMPLE = ("answer", "plan", "people", "check", "rates", "ladder", "limits")


def calls(study: Study) -> Iterator[tuple[str, Callable[[], Section]]]:
    """Each verb, each check, design, level, grouping and range, by the words of the call."""
    shows = study._shows
    for verb in SIMPLE:
        yield f"{verb}()", getattr(study, verb)
    for name in study.checks:
        yield f"check({name})", lambda name=name: study.check(name)
    for over in shows.over:
        yield f"rates(over={over})", lambda over=over: study.rates(over=over)
    for by in shows.groupings:
        yield f"rates(by={by})", lambda by=by: study.rates(by=by.split(", "))
    if not shows.designs:
        return
    named = (*study.outcomes, "all", *(LEVEL_KEYS if shows.compare is None else ()))
    for outcome in named:
        yield f"compare({outcome})", lambda outcome=outcome: study.compare(outcome)
    for design in study.designs:
        yield f"compare(design={design})", lambda design=design: study.compare(design=design)
    for by in shows.by:
        yield f"compare(by={by})", lambda by=by: study.compare(by=by)


def parts_shown(study: Study) -> list[Prose | Table]:
    """What a reader of every verb sees: sentences, tables, and of a chart its words and table. The
    sentences of the plan are looked at where plans are (test_plans.py)."""
    seen = []
    for _, call in (pair for pair in calls(study) if pair[0] != "plan()"):
        for part in call().parts:
            seen += [Prose(part.alt), part.table] if isinstance(part, Chart) else [part]
    return seen
