"""What a batch tells: progress while it runs, a summary at its end, the answers, and the same for
machines."""

import json
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from analysis.atomic import write_whole
from analysis.errors import ParameterError, RunError
from analysis.paths import EXTRACTS, open_to_others, readings, reports, snapshots, state_home
from analysis.plans.registry import NATIONAL, load_plan, parse_source
from analysis.record import store
from analysis.record.schema import import_jsonschema
from analysis.rounds.run_links import altered_runs
from analysis.runs.batch import DONE, FAILED, Report, exit_code, run_batch
from analysis.runs.clusters.addresses import Cluster, check_cluster
from analysis.runs.final_table.lines import COLOURS
from analysis.runs.final_table.showing import say_table
from analysis.runs.ledger import Ledger, now
from analysis.runs.planning import Planned, Request, Run
from analysis.runs.release.releases import releases
from analysis.runs.rounds.listing import NOT_AS_SIGNED, round_lines
from analysis.runs.runner import Outcome
from analysis.said.texts import joined
from analysis.site.state import INDEX, altered_pages, kept_state, site_state
from analysis.study.data_version import extract_folder
from analysis.vocabulary.round_ids import round_before

# Files of a run that has failed or was withheld, in its private folder.
KEPT = {
    "fault.txt": "The fault's whole text, which can hold values",
    "executed.ipynb": "The notebook as far as it came",
}


def run_and_tell(
    request: Request,
    *,
    jobs: int,
    force: bool,
    cluster: Cluster | None,
    log: str,
    summary_file: Path | None,
) -> int:
    """Run a batch, make the pages, say what came out; returns the exit code. What would fail at its
    end is refused before it: ParameterError E235, and E390 and
    E391 for a cluster."""
    if summary_file:
        check_can_be_written(summary_file)
    if cluster:
        check_cluster(cluster.address, cluster.certificates)
    made: list[Path | None] = []
    begun = time.monotonic()
    with progress(log=log) as report:
        pages = lambda: made.append(make_pages(request.round_id))  # noqa: E731
        outcomes = run_batch(
            request,
            jobs=jobs,
            force=force,
            cluster=cluster,
            report=report,
            then=pages,
        )
    altered = altered_runs(reports(), request.round_id)
    code = exit_code(outcomes, must_clear=request.clears) or (FAILED if altered else DONE)
    if summary_file:
        write_summary(summary_file, outcomes, code)
    say_reruns((o.run for o in outcomes if o.state != "unchanged"), request.round_id)
    summary(outcomes)
    answers(outcomes)
    in_site = request.clears or not say_alone(outcomes)
    say_table(outcomes, time.monotonic() - begun, alone=not request.clears)
    if in_site:
        say_pages(*made)
    say_altered(altered)
    return code


def kept_private() -> Iterator[Path]:
    """Folders with decisions, releases, locks, signed rounds, deletions and keys; those with the
    exact records of runs."""
    kept = ("protection", "releases", "locks", "rounds", "retention", "keys")
    yield from (state_home() / name for name in kept)
    yield from sorted((reports() / ".runs").glob("*/private"))


def make_pages(round_id: str, *, svg: bool = False) -> Path | None:
    """Make the pages of a round, unless they are there already; returns the front page. None where
    no study of the round is cleared: the pages of another round stay as they are. svg: make all of
    them, with every figure as SVG."""
    state, index = site_state(reports(), round_id), reports() / "site" / "index.html"
    cleared = any(name.endswith(f"/{NATIONAL}") for name in state)
    if not cleared and not altered_runs(reports(), round_id):
        return None
    altered = altered_pages(reports()) if index.is_file() else ()
    if altered:
        text = f"{len(altered)} files of the pages were not as they were made: made again."
        click.echo(f"note: {text}", err=True)
    if svg or altered or kept_state(reports()).get(INDEX) != state[INDEX]:
        import_jsonschema()
        from analysis.site.build import build_site

        build_site(reports(), round_id=round_id, svg=svg)
    return index


def say_alone(outcomes: list[Outcome]) -> bool:
    """The answer, private page and notebook of each place whose study is not set beside the others;
    whether there is such a page, and no page of the site."""
    cleared = {o.run.study for o in outcomes if o.run.region == NATIONAL and o.has_result}
    places = [o.run for o in outcomes if o.has_result and o.run.study not in cleared]
    for run in places:
        from analysis.site.alone import NOTEBOOK, write_alone

        try:
            page, answer = write_alone(run.link)
        except RunError as error:
            click.echo(f"\n{error}", err=True)
            continue
        click.echo(f"\n{load_plan(run.study).title}: {run.region}, on its own")
        for line in answer:
            said = textwrap.fill(line, _width(), initial_indent="  ", subsequent_indent="  ")
            click.echo(said)
        click.echo(f"  Private page, not yet set beside the others: {page}")
        click.echo(f"  Notebook: {run.link / NOTEBOOK}")
    return bool(places) and not cleared


def say_pages(index: Path | None) -> None:
    click.echo(
        f"\nPages: {index}" if index else "\nNo pages yet: no study of this round is cleared."
    )


def say_altered(altered: Mapping[str, str]) -> None:
    """The runs that have no page because a file of theirs is not as they left it."""
    for run, file in altered.items():
        text = (
            f"E326: {run}: {file} is not as the run left it; it has no page. Run the study again."
        )
        click.echo(text, err=True)


def say_plan(planned: Planned, round_id: str) -> None:
    """What a batch would run and what it would skip."""
    say_reruns((task.run for task in planned.to_run), round_id)
    for task in planned.tasks:
        what = "unchanged" if task in planned.unchanged else "run"
        click.echo(f"{what:9} {' '.join(task.run.key)}")
    click.echo(
        f"{len(planned.to_run)} to run, {len(planned.unchanged)} unchanged. Nothing was started."
    )


def list_releases() -> None:
    """Every release of the ledger: number, day, study, round, data, and what it corrects."""
    for one in releases():
        corrects = f", replaces {one.replaces}" if one.replaces else ""
        against = f", {len(one.exceptions)} exception(s)" if one.exceptions else ""
        click.echo(
            f"{one.number:>4} {one.time[:10]} {one.study} {one.source} {one.round_id}:"
            f" {one.period_from or ''} to {one.period_to or ''}, {len(one.counts):,} counts of"
            f" people, data {one.data_hash[:12]}{corrects}{against}"
        )


def list_rounds() -> bool:
    """Each study of each round with its steps and days; whether one is not as it was signed."""
    lines = list(round_lines())
    for line in lines:
        click.echo(line)
    return any(NOT_AS_SIGNED in line for line in lines)


def say_reruns(runs: Iterable[Run], round_id: str) -> None:
    """Which studies are signed in the round that was asked for, and go on as a rerun of it."""
    found = {run.study: run.round_id for run in runs if run.round_id != round_id}
    for study, rerun in found.items():
        before = round_before(rerun)
        click.echo(f"{study} is signed in the round {before}: this run goes on as {rerun}.")


def list_runs() -> None:
    """Every run of the ledger: state, seconds, code and what it says."""
    ledger = Ledger()
    for row in ledger.runs():
        place = " ".join((row["source"], row["round"], row["study"], row["place"]))
        seconds = f"{row['seconds']:.1f} s" if row["seconds"] is not None else ""
        click.echo(
            f"{row['state']:11} {place:60} {row['finished'] or '':26}{seconds:>8} {row['code']}"
            f" {row['text']}".rstrip()
        )
    ledger.close()


def as_line(outcome: Outcome) -> dict:
    """One run for a machine: what it was, how it ended, and where its files are. No value from the
    data."""
    return {
        "study": outcome.run.study,
        "place": outcome.run.region,
        "source": outcome.run.source.folder,
        "round": outcome.run.round_id,
        "state": outcome.state,
        "code": outcome.code,
        "text": outcome.text,
        "findings": list(outcome.findings),
        "seconds": round(outcome.seconds, 3),
        "folder": outcome.folder.name if outcome.folder else None,
    }


@contextmanager
def progress(*, log: str) -> Iterator[Report]:
    """A function to call at the end of each run: a bar with the time left on a terminal, a line in
    a file, or a line of JSON."""
    if log == "json":
        yield lambda outcome, _: click.echo(
            json.dumps({"time": now(), "event": "run", **as_line(outcome)}), err=True
        )
        return
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # its thread must not be there when workers are forked
    with tqdm(total=0, unit="run", file=sys.stderr, disable=None, dynamic_ncols=True) as bar:
        begun, ended = time.monotonic(), 0

        def report(outcome: Outcome, to_come: int) -> None:
            nonlocal ended
            ended += 1
            bar.total = ended + to_come
            bar.set_postfix_str(f"{outcome.run.study} {outcome.run.region}: {_state(outcome)}")
            bar.update()
            if bar.disable:
                left = time_left(time.monotonic() - begun, ended=ended, to_come=to_come)
                name = f"{outcome.run.study} {outcome.run.region}: {_state(outcome)}"
                click.echo(f"{name} ({outcome.seconds:.1f} s){left}", err=True)

        yield report


def time_left(seconds: float, *, ended: int, to_come: int) -> str:
    """What is said of the runs to come, which take as long as those that have ended did; nothing
    where there are none."""
    if not to_come:
        return ""
    left = seconds / ended * to_come
    about = f"{left:.0f} s" if left < 100 else f"{left / 60:.0f} min"
    return f"; {to_come} to come, about {about}"


def _state(outcome: Outcome) -> str:
    """How a run ended, in colour where there is no result."""
    return click.style(outcome.state.replace("_", " "), fg=COLOURS.get(outcome.state))


def check_can_be_written(file: Path) -> None:
    """ParameterError E235 where a file cannot be written beside what will be the summary, or the
    summary stands in the way as something else."""
    text = "the file of --summary cannot be written"
    try:
        if file.exists() and not file.is_file():
            raise ParameterError("E235", f"{text}: it is no file.", remedy="Name another.")
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}."):
            pass
        if file.exists():
            file.open("r+").close()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        remedy = "Name a file in a folder that is there and can be written to."
        raise ParameterError("E235", f"{text} ({why}).", remedy=remedy) from None


def warn_of_open_folders(source: str | None, log: str) -> None:
    """Tell once, on standard error, which folders that may hold rows of people are open to other
    users of this machine."""
    asked = parse_source(source) if source else None
    extracts = extract_folder(asked) if asked and asked.name == "extracts" else EXTRACTS
    for line in open_to_others((extracts, state_home(), readings(), snapshots(), *kept_private())):
        told = {"time": now(), "event": "warning", "text": line}
        click.echo(json.dumps(told) if log == "json" else f"warning: {line}", err=True)


def write_summary(file: Path, outcomes: list[Outcome], exit_code: int) -> None:
    """All runs of a batch as JSON, written whole or not at all."""
    states = [outcome.state for outcome in outcomes]
    content = {
        "exit_code": exit_code,
        "finished": now(),
        "runs": [as_line(outcome) for outcome in outcomes],
        "states": {state: states.count(state) for state in sorted(set(states))},
    }
    write_whole(file, json.dumps(content, indent=1, sort_keys=True) + "\n")


def summary(outcomes: list[Outcome]) -> None:
    """One line a study: how many places have a result, and each that has none, with its code and
    what it says."""
    click.echo("")
    for study in dict.fromkeys(outcome.run.study for outcome in outcomes):
        mine = [o for o in outcomes if o.run.study == study]
        places = [o for o in mine if o.run.region != NATIONAL]
        national = next((o for o in mine if o.run.region == NATIONAL), None)
        click.echo(f"{study}: {_places(places)}all together: {_national(national)}")
        if national and national.has_result and national.text:
            click.echo(f"  {national.text}")
        for outcome in mine:
            if not outcome.has_result:
                click.echo(
                    f"  {outcome.run.region}: {_state(outcome)} {outcome.code} {outcome.text}"
                )
                for line in (*outcome.findings, *_kept(outcome)):
                    click.echo(f"    {line}")


def _kept(outcome: Outcome) -> Iterator[str]:
    """What a run that failed has left, where only its owner can look."""
    if outcome.folder is None:
        return
    for name, words in KEPT.items():
        if (file := outcome.folder / "private" / name).is_file():
            yield f"{words}: {file}"


def _places(places: list[Outcome]) -> str:
    if not places:
        return ""
    run = sum(o.state == "published" for o in places)
    same = sum(o.state == "unchanged" for o in places)
    unchanged = f", {same} unchanged since they were last run and skipped" if same else ""
    return f"{run} of {len(places)} places run{unchanged}; "


def _national(outcome: Outcome | None) -> str:
    return "not cleared" if outcome is None else _state(outcome)


def answers(outcomes: list[Outcome]) -> None:
    """The headline and what can be said, for each study that stands cleared."""
    width = _width()
    for outcome in outcomes:
        if outcome.run.region != NATIONAL or not outcome.has_result:
            continue
        record = store.load(outcome.run.link / "results.json")
        synthetic = " (synthetic data: not real people)" if record.synthetic else ""
        plan, statement = load_plan(outcome.run.study), record.statement
        click.echo(f"\n{plan.title}{synthetic}")
        first = (plan.say_first,) if plan.say_first else ()
        heading = joined("", ((statement and statement.headline) or plan.title, "."))
        said = (heading, *first, statement.say or "") if statement else first
        for text in said:
            click.echo(textwrap.fill(text, width, initial_indent="  ", subsequent_indent="  "))


def _width() -> int:
    return min(100, shutil.get_terminal_size().columns)
