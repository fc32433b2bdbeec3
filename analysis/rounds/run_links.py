"""Where the runs of a round and of its reruns stand, and which of them are not as they were left.

Imports nothing heavy: a batch that changed nothing must see so at once.
"""

from collections.abc import Iterator
from pathlib import Path

from analysis.disclosure.guard.signature import unbelieved
from analysis.plans.registry import BLIND
from analysis.rounds.frozen import altered_signed
from analysis.vocabulary.round_ids import FIRST, base_round, rerun_number

SITE = "site"  # folder of the pages, beside those of the sources


def run_name(source: str, round_id: str, study: str, place: str) -> str:
    """What the state of the site knows a run by: source, study and place, and its round where that
    is a rerun."""
    again = f"{round_id}/" if rerun_number(round_id) > FIRST else ""
    return f"{source}/{again}{study}/{place}"


def run_links(reports: Path, round_id: str, source: str | None = None) -> Iterator[Path]:
    """The link of each run of the round and its reruns that has a record, in order; blind runs have
    no page. source: the folder of one source; None for all of them."""
    base = base_round(round_id)
    for folder in sorted(reports.glob(f"*/{base}*")):
        its_source = folder.parent.name
        outside = its_source.startswith((".", f"{BLIND}-")) or its_source == SITE
        if outside or source not in (None, its_source) or base_round(folder.name) != base:
            continue
        for link in sorted(folder.glob("*/*")):
            if not link.name.startswith(".") and (link / "results.json").exists():
                yield link


def altered_runs(reports: Path, round_id: str, source: str | None = None) -> dict[str, str]:
    """Runs of the round that have no page because a file is not as the run left it, or the record
    is not the one that was signed, each with the name of that file."""
    found = {}
    for (folder, its_round, study), places in altered_signed(reports, round_id).items():
        for place in places:
            found[run_name(folder, its_round, study, place)] = "results.json"
    for link in run_links(reports, round_id, source):
        if name := unbelieved(link):
            found[run_name(*link.relative_to(reports).parts)] = name
    return found
