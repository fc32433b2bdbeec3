"""Whether the runs of a study were made with the places withheld that the disclosure checker
withholds. Until they are, nobody signs after the assurer."""

from collections.abc import Collection, Iterable
from pathlib import Path

from analysis.errors import RunError
from analysis.plans.registry import load_plan
from analysis.rounds.frozen import RESULTS
from analysis.rounds.log import Entry
from analysis.rounds.withheld import withheld_by
from analysis.runs.clearing import provenance_in
from analysis.runs.planning import WITHHELD
from analysis.vocabulary.regions import NATIONAL


def check_withheld(folder: Path, key: tuple[str, str, str], log: Iterable[Entry]) -> None:
    """RunError E400 where the runs in the folder of a study are not those in which the places are
    withheld that the log says."""
    if not carried_out(folder, withheld_by(log, key)):
        text = "what the disclosure checker withholds has changed since the study was run."
        raise RunError("E400", text, remedy=f"First: {again(key)}.")


def carried_out(folder: Path, places: Collection[str]) -> bool:
    """Whether every place of a study was run with these places withheld, and no others."""
    runs = [path.parent for path in folder.glob(f"[!.]*/{RESULTS}")]
    made = (provenance_in(run).get(WITHHELD, "") for run in runs if run.name != NATIONAL)
    return set(made) <= {",".join(sorted(places))}


def again(key: tuple[str, str, str]) -> str:
    """The command that runs a study again in its round."""
    source, round_id, study = key
    named = source.replace("-", ":", 1)
    data = "" if named == load_plan(study).data.sources[0] else f" --data {named}"
    return f"workbook run {study} --round {round_id}{data}"
