"""The fixed order in which the page of a place tells its differences (params/journey.yml): nothing
on a page is ranked, and no monitor is forgotten."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.errors import PlanError
from analysis.paths import PARAMS
from analysis.plans.agreement.unfilled import unfilled_lines
from analysis.plans.kinds import MONITORS, kind_of
from analysis.plans.registry import AnyPlan, load_plan, plan_files
from analysis.said.texts import named
from analysis.vocabulary.regions import did_you_mean
from analysis.vocabulary.yaml_file import YamlFile, load_yaml

WAITING = "Still being written"  # monitors whose plan is to be filled in
NO_FILE = "Standing differences"


@dataclass(frozen=True)
class Stage:
    """One stage of the way, with its monitors by their id."""

    title: str
    monitors: tuple[str, ...]


@cache
def load_journey() -> tuple[Stage, ...]:
    """The stages in their order. PlanError E285 with file and line for an unknown monitor, one that
    stands twice, one that is missing, and anything else that is not a list of stages.

    A folder of plans without the file has one stage, in the order of its plans.
    """
    known, path = monitors(), PARAMS / "journey.yml"
    if not path.exists():
        return (Stage(NO_FILE, tuple(known)),)
    return read_journey(path, known)


def monitors() -> tuple[str, ...]:
    """The monitors that stand on the way: all that are no worked example."""
    plans = (load_plan(study) for study in plan_files())
    return tuple(p.study for p in plans if _is_monitor(p) and not p.worked_example)


def _is_monitor(plan: AnyPlan) -> bool:
    """Counts standing statistics: neither a pilot, nor a list of commitments."""
    return kind_of(plan).folder == MONITORS and not plan.shows_other_studies


def read_journey(path: Path, known: tuple[str, ...]) -> tuple[Stage, ...]:
    """The stages of a file. PlanError E285."""
    file = load_yaml(path)
    entries = file.content.get("stages") if isinstance(file.content, dict) else None
    if not isinstance(entries, list) or set(file.content) != {"stages"}:
        raise _fault(file, (), "has one key, `stages`, with a list of stages")
    stages = tuple(_stage(file, at, entry) for at, entry in enumerate(entries))
    seen: list[str] = []
    for at, stage in enumerate(stages):
        for monitor in stage.monitors:
            if monitor not in known:
                text = f"there is no monitor `{monitor[:60]}`. {did_you_mean(monitor, known)}"
                raise _fault(file, ("stages", at), text)
            if monitor in seen:
                raise _fault(file, ("stages", at), f"`{monitor}` stands twice")
            seen.append(monitor)
    missing = [monitor for monitor in known if monitor not in seen]
    waiting = tuple(monitor for monitor in missing if _is_waiting(monitor))
    if absent := [monitor for monitor in missing if monitor not in waiting]:
        raise _fault(file, (), f"`{absent[0]}` stands on no stage; write where it belongs")
    return (*stages, Stage(WAITING, waiting)) if waiting else stages


def _stage(file: YamlFile, at: int, entry: object) -> Stage:
    if not isinstance(entry, dict) or set(entry) != {"title", "monitors"}:
        raise _fault(file, ("stages", at), "a stage has a `title` and `monitors`")
    listed = entry["monitors"]
    if not isinstance(entry["title"], str) or not isinstance(listed, list) or not listed:
        raise _fault(file, ("stages", at), "`title` is a text, `monitors` a list of ids")
    return Stage(named(entry["title"]), tuple(map(str, listed)))


def _is_waiting(monitor: str) -> bool:
    """Its plan is still to be filled in."""
    return bool(unfilled_lines(plan_files()[monitor].read_text(encoding="utf-8")))


def _fault(file: YamlFile, at: tuple, text: str) -> PlanError:
    return PlanError(
        "E285",
        f"{file.path.name}, line {file.line(at)}: {text}.",
        remedy="Each monitor of params/monitors stands on one stage, once (docs/places.md).",
    )
