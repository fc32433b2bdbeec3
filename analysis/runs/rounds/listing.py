"""Rounds as the command line lists them: each study with its steps and days, and what is not as it
was signed."""

import json
from collections.abc import Iterator
from pathlib import Path

from analysis.extracts.reading.snapshots import data_of, deleted_snapshot
from analysis.paths import reports
from analysis.plans.registry import load_plan, plan_files
from analysis.rounds.announced import announced, said
from analysis.rounds.frozen import RESULTS, altered_places, hashes_now
from analysis.rounds.log import CORRECTION, FACT_CHECK, Entry, entries
from analysis.rounds.marks import regions_of
from analysis.rounds.steps import Standing, standing
from analysis.rounds.withheld import withheld_by
from analysis.runs.rounds.withheld_runs import again, carried_out
from analysis.said.carried import read_out

NOT_AS_SIGNED = "E326 not as it was signed"


def round_lines() -> Iterator[str]:
    """A line a study of each round that was signed by anybody, by source and round. RunError
    E329."""
    log = entries()
    for key in sorted(dict.fromkeys(entry.key for entry in log)):
        own = [entry for entry in log if entry.key == key]
        source, round_id, study = key
        parts = (*_parts(key, own), *_withheld(key, log))
        yield f"{round_id} {source} {study}: {'; '.join(parts)}"


def _parts(key: tuple[str, str, str], own: list[Entry]) -> Iterator[str]:
    folder = reports().joinpath(*key)
    records = hashes_now(folder)
    plan = load_plan(key[2]) if key[2] in plan_files() else None
    now = standing(own, records, regions_of(plan, records) if plan else ())
    yield ", ".join(f"{entry.step} {entry.day}" for entry in now.taken) or "no step"
    yield from _checked(now, own)
    if made := announced(own, key):
        before = f", before to {', '.join(made.shown_to)}" if made.shown_to else ""
        yield read_out(f"release announced for {said(made.release_at)}{before}")
    for entry in own:
        if entry.step == CORRECTION:
            by = f" by {entry.replaced_by}" if entry.replaced_by else ""
            yield f"corrected{by} ({entry.kind}) {entry.day}"
    if now.signed:
        altered = altered_places(folder, now.signed.records)
        yield f"{NOT_AS_SIGNED}: {', '.join(altered)}" if altered else "frozen"
        yield from _deleted(key)
    elif now.changed:
        yield "records changed: the steps are taken again"
    else:
        yield f"next: {now.next_step}"


def _deleted(key: tuple[str, str, str]) -> Iterator[str]:
    """That the data of a signed round were deleted under their agreement."""
    source, folder = data_of(key[0]), reports().joinpath(*key)
    if source:
        hashes = {_data_hash(file) for file in folder.glob(f"[!.]*/{RESULTS}")}
        for one in filter(None, (deleted_snapshot(source, found) for found in sorted(hashes))):
            yield f"data deleted {one.day}: it can no longer be re-run"


def _data_hash(file: Path) -> str:
    """The hash of the data of a record; empty where it cannot be read, which is said already."""
    try:
        return str(json.loads(file.read_bytes())["data_hash"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _withheld(key: tuple[str, str, str], log: tuple[Entry, ...]) -> Iterator[str]:
    """The places that the disclosure checker withholds, each since when; never the reason."""
    if found := withheld_by(log, key):
        places = ", ".join(f"{place} {entry.day}" for place, entry in sorted(found.items()))
        yield f"withheld by the checker: {places}"
        if not carried_out(reports().joinpath(*key), found):
            yield f"run it again: {again(key)}"


def _checked(now: Standing, own: list[Entry]) -> Iterator[str]:
    if now.fact_check_until and not now.signed:
        answered = sum(region in now.answers for region in now.regions)
        yield f"fact check until {now.fact_check_until}, {answered} of {len(now.regions)} answered"
    elif any(entry.step == FACT_CHECK for entry in own):
        yield f"{len(now.answers)} of {len(now.regions)} regions answered"
