"""The command line: `workbook run | clear | attack | release | lock | verify | sign-off |
fact-check | withhold | correct | pre-release | publish | retention | site | list | lab |
doctor | install-kernel | explain-plan | plan-sample | new-pilot | new-monitor | pull |
check-data | check-output | demo-data | cluster`.

Exit codes: 2 before anything starts (usage, parameters, data); else 3 if a page was withheld by the
output guard; else 1 if a run failed; else 0. 130 on Ctrl-C, 143 on SIGTERM. Cells that are withheld
or not estimable are results: 0. Heavy packages are imported by the command that needs them, so that
planning answers at once.
"""

import errno
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from analysis.errors import (
    FOUND_BY_THE_GUARD,
    WHILE_RUNNING,
    DataError,
    ParameterError,
    WorkbookError,
)
from analysis.runs.retention.commands import retention
from analysis.runs.rounds.commands import COMMANDS
from analysis.said.carried import read_out

BAD_INPUT, FAILED, WITHHELD, INTERRUPTED, TERMINATED = 2, 1, 3, 130, 143
# Tells the kernels of a batch whose snapshot they read (analysis/extracts/reading/snapshots.py).
ROUND = "WORKBOOK_ROUND"
FILE = click.Path(dir_okay=False, path_type=Path)
DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)


def main() -> None:
    """Entry point: our own errors are shown as they are, without a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        workbook(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
    except WorkbookError as error:
        click.echo(read_out(str(error)), err=True)
        if error.code in FOUND_BY_THE_GUARD:
            sys.exit(WITHHELD)
        sys.exit(FAILED if error.code in WHILE_RUNNING else BAD_INPUT)
    except Exception as error:
        if not isinstance(error, OSError) or error.errno not in DISK_FAULTS:
            click.echo(told_without_values(error), err=True)
            sys.exit(FAILED)
        click.echo(
            f"E324: nothing more could be written ({error.strerror}). Make room and run again.",
            err=True,
        )
        sys.exit(FAILED)


def told_without_values(error: BaseException) -> str:
    """A fault of the program itself, by its kind and place alone: the words of other packages can
    hold a value from the data. The whole text is kept where only its owner can read it."""
    import traceback

    from analysis.paths import ROOT, make_own, state_home

    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT / "analysis")]
    last = (own or frames)[-1]
    where = f"{Path(last.filename).name}, line {last.lineno}"
    try:
        file = make_own(state_home()) / "fault.txt"
        with open(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as handle:
            handle.writelines(traceback.format_exception(error))
        kept = f" The whole text, which can hold values, is in {file}."
    except OSError:
        kept = " The whole text could not be kept."
    return f"E393: a fault of the program ({type(error).__name__} in {where}).{kept}"


@click.group()
def workbook() -> None:
    """Evaluates pilots region by region: run, clear, site."""


for _command in (*COMMANDS, retention):  # of a round: analysis/runs/rounds
    workbook.add_command(_command)


def _study_names(_context, _parameter, begun: str) -> list[str]:
    """Studies that begin so, for completion in a shell."""
    from analysis.plans.registry import plan_files

    return [name for name in plan_files() if name.startswith(begun)]


def _place_ids(_context, _parameter, begun: str) -> list[str]:
    """Places of all studies that begin so."""
    from analysis.plans.registry import list_plans, places_to_run

    places = {place for plan in list_plans() for place in places_to_run(plan)}
    return sorted(place for place in places if place.startswith(begun))


def _examples(*lines: str) -> str:
    """What stands below the options of a command: commands to copy, as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@workbook.command(
    epilog=_examples(
        "workbook run ethnic_matching",
        "workbook run ethnic_matching --region west_midlands",
        "workbook run ethnic_matching --region wales --data extracts:my_extract",
        "workbook run --resume",
    )
)
@click.argument("studies", nargs=-1, shell_complete=_study_names)
@click.option(
    "--region",
    "regions",
    multiple=True,
    shell_complete=_place_ids,
    help="Place to run; may be given more than once. Default: all of the plan.",
)
@click.option(
    "--data",
    "source",
    help=(
        "synthetic[:xSCALE], star, extracts[:PATH], database:VARIABLE, counts[:PATH]. Default: the"
        " plan's first source."
    ),
)
@click.option(
    "--round", "round_id", default="draft", show_default=True, help="Id of the reporting round."
)
@click.option(
    "--jobs",
    type=int,
    default=os.cpu_count() or 1,
    show_default="number of cores",
    help="Notebooks at a time.",
)
@click.option(
    "--blind",
    is_flag=True,
    help="Permute outcomes when they are read: needs no lock, and finds nothing.",
)
@click.option("--force", is_flag=True, help="Run also what has not changed since it was run.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with what the last batch was asked for, if it did not end well.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what would be run and what would be skipped; start nothing.",
)
@click.option(
    "--summary",
    "summary_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write how each run ended to this JSON file.",
)
@click.option(
    "--cluster",
    help=(
        "Address of a Dask scheduler that is to do the runs: tcp://127.0.0.1:PORT, tls://HOST:PORT."
    ),
)
@click.option("--tls-ca-file", envvar="WORKBOOK_TLS_CA_FILE", type=FILE, help="Who signs (PEM).")
@click.option("--tls-cert", envvar="WORKBOOK_TLS_CERT", type=FILE, help="Our certificate (PEM).")
@click.option("--tls-key", envvar="WORKBOOK_TLS_KEY", type=FILE, help="Its key (PEM).")
@click.option(
    "--log",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json"]),
    help="json: one line of JSON a run, on standard error.",
)
def run(
    studies: tuple[str, ...],
    regions: tuple[str, ...],
    source: str | None,
    round_id: str,
    resume: bool,
    **how: Any,
) -> None:
    """Run studies in their places, then clear them and make the pages. Without a study: every plan.

    What was run from the same plan, data and code before is skipped.
    """
    # how: the options that change no result
    from analysis.runs.clusters.addresses import Certificates, Cluster
    from analysis.runs.planning import Request, plan_batch
    from analysis.runs.telling import run_and_tell, say_plan, warn_of_open_folders

    if how["jobs"] < 1:
        remedy = f"Write a whole number from 1 on; this machine has {os.cpu_count()} cores."
        raise ParameterError("E230", "--jobs must be at least 1.", remedy=remedy)
    names = ("ca_file", "cert", "key")
    certificates = Certificates(**{name: how.pop(f"tls_{name}") for name in names})
    address = how.pop("cluster")
    cluster = Cluster(address, certificates) if address else None
    request = Request(studies, regions, source, round_id)
    if how.pop("blind"):
        request = request.blind()
    if resume:
        request = request if studies or regions else _last_request()
    os.environ[ROUND] = request.round_id
    if how.pop("dry_run"):
        say_plan(plan_batch(request, force=how["force"]), request.round_id)
    else:
        if how["log"] == "text":
            _tell_what_was_mended()
        warn_of_open_folders(request.source, how["log"])
        sys.exit(run_and_tell(request, cluster=cluster, **how))


def _tell_what_was_mended() -> None:
    """Notes of the reading of an extract (file, column, rule, rows) go to standard error before the
    first run."""
    import logging

    notes = logging.getLogger("analysis.runs.preparation")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("note: %(message)s"))
    notes.addHandler(handler)
    notes.setLevel(logging.INFO)


def _last_request():
    """What the last batch was asked for; ends here where it ended well or there was none."""
    from analysis.runs.ledger import Ledger
    from analysis.runs.planning import Request

    ledger = Ledger()
    kept = ledger.unfinished_request()
    ledger.close()
    if kept is None:
        click.echo("Nothing to go on with: the last batch ended well, or there was none.")
        sys.exit(0)
    return Request.from_ledger(kept)


@workbook.command(
    epilog=_examples(
        "workbook clear ethnic_matching", "workbook clear ethnic_matching --without london"
    )
)
@click.argument("studies", nargs=-1, shell_complete=_study_names)
@click.option("--data", "source", help="The source that was run. Default: the plan's first.")
@click.option(
    "--round", "round_id", default="draft", show_default=True, help="Id of the reporting round."
)
@click.option(
    "--without",
    multiple=True,
    help="Place to leave out on purpose; every page of the nation names it.",
)
def clear(studies, source, round_id, without) -> None:
    """Set the places of a study beside each other: disclosure, pooling, classes and claims.

    A place that was not run stops this, unless it is left out by name.
    """
    from analysis.runs.batch import clear_studies, exit_code
    from analysis.runs.telling import summary

    os.environ[ROUND] = round_id
    outcomes = clear_studies(studies, source, round_id, without)
    summary(outcomes)
    sys.exit(exit_code(outcomes, must_clear=True))


@workbook.command()
@click.argument("study")
@click.option("--data", "source", help="As for run. Default: the plan's first source.")
@click.option(
    "--round", "round_id", default="draft", show_default=True, help="Id of the reporting round."
)
def attack(study, source, round_id) -> None:
    """Solve for what anybody can tell of small counts from all that a study is to publish.

    Prints intervals, what helps most, and the cheapest further counts to withhold; never a count.
    Exit code 3 where something small can be told.
    """
    from analysis.plans.registry import check_round, load_plan, parse_source
    from analysis.runs.joint.attacking import told

    plan = load_plan(study)
    data = parse_source(source or plan.data.sources[0])
    safe, lines = told(plan, data, check_round(round_id))
    for line in lines:
        click.echo(line)
    if not safe:
        sys.exit(WITHHELD)


@workbook.command()
@click.argument("study")
@click.option("--data", "source", help="The source that was run. Default: the plan's first.")
@click.option("--round", "round_id", required=True, help="Id of the cleared round.")
@click.option(
    "--replaces", type=int, help="Number of the release that this one corrects (list --releases)."
)
def release(study, source, round_id, replaces) -> None:
    """Release a cleared round: attack it beside all that was released before, note it in the
    release ledger, and mark its records and pages. Until then they are internal."""
    from analysis.plans.registry import check_round, load_plan, parse_source
    from analysis.runs.release.releasing import release as release_round
    from analysis.runs.telling import make_pages, say_pages

    chosen = parse_source(source or load_plan(study).data.sources[0])
    os.environ[ROUND] = check_round(round_id)
    made = release_round(study, chosen, round_id, replaces=replaces)
    click.echo(f"Released: {made.name}. It stands in the release ledger as number {made.number}.")
    say_pages(make_pages(round_id))


@workbook.command()
@click.option(
    "--round", "round_id", default="draft", show_default=True, help="Id of the reporting round."
)
@click.option("--svg", is_flag=True, help="Also draw every figure of the analyses as SVG.")
def site(round_id, svg) -> None:
    """Make reports/site from what has been run and cleared."""
    from analysis.paths import reports
    from analysis.rounds.run_links import altered_runs
    from analysis.runs.telling import make_pages, say_altered, say_pages

    say_pages(make_pages(round_id, svg=svg))
    if altered := altered_runs(reports(), round_id):
        say_altered(altered)
        sys.exit(FAILED)


@workbook.command(
    epilog=_examples(
        'workbook lock ethnic_matching --by "Head of Evaluation"',
    )
)
@click.argument("study", shell_complete=_study_names)
@click.option("--by", required=True, help="The role that locks it: never a person's name.")
@click.option("--reason", default="", help="Why a plan is locked again; every page shows it.")
def lock(study, by, reason) -> None:
    """Lock the plan of a study, before its outcomes are seen. Outcomes of real people are not
    loaded before; a change after the lock is named on every page."""
    from analysis.runs.locks.locking import lock_plan

    click.echo(lock_plan(study, by, reason).said)


@workbook.command(epilog=_examples("workbook verify", "workbook verify ethnic_matching"))
@click.argument("studies", nargs=-1, shell_complete=_study_names)
def verify(studies) -> None:
    """Look whether every log is as it was written, and plans are as they were locked.

    Exit code 1 where a line was edited, moved or taken away, or a plan was changed after its lock.
    """
    from analysis.runs.locks.verifying import verify as verified

    found = verified(studies)
    for one in found:
        click.echo(one.said)
    if not all(one.holds for one in found):
        sys.exit(FAILED)


@workbook.command("list")
@click.option("--runs", is_flag=True, help="List every run that was started, and how it ended.")
@click.option("--releases", is_flag=True, help="List what was released, from the release ledger.")
@click.option(
    "--rounds", is_flag=True, help="List who signed what when, and what is not as it was."
)
def list_(runs, releases, rounds) -> None:
    """List the studies, their sources and places; or the runs; or the releases; or the rounds."""
    if rounds:
        from analysis.runs.telling import list_rounds

        sys.exit(FAILED if list_rounds() else 0)
    if releases:
        from analysis.runs.telling import list_releases

        list_releases()
        return
    if runs:
        from analysis.runs.telling import list_runs

        list_runs()
        return
    from analysis.plans.registry import list_plans, places_to_run

    for plan in list_plans():
        places = ", ".join(places_to_run(plan))
        click.echo(
            f"{plan.study}: {plan.question}\n  sources {', '.join(plan.data.sources)}; places"
            f" {places}"
        )


@workbook.command(
    epilog=_examples(
        "workbook lab",
        "workbook lab notebooks/pilots/ethnic_matching.ipynb",
        "workbook lab --fresh",
    )
)
@click.argument("notebook", required=False, type=click.Path(path_type=Path))
@click.option(
    "--port", default=8888, show_default=True, help="First port to try, on this machine only."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--fresh",
    is_flag=True,
    help="Start from the project's notebook again; your copy is kept beside it.",
)
def lab(notebook, port, no_browser, fresh) -> None:
    """Open JupyterLab on a copy of a notebook in workspace/, which git leaves out: loopback only,
    with a token."""
    from analysis.runs.lab import lab_command, own_copy, start_lab

    own = own_copy(notebook, fresh=fresh)
    click.echo(
        f"Your copy: {own}. What you do in it stays out of the project; `--fresh` starts it again."
    )
    click.echo(
        "JupyterLab prints its address below; it answers on this machine only. Stop it with Ctrl-C."
    )
    start_lab(lab_command(own, port=port, browser=not no_browser))


@workbook.command()
def doctor() -> None:
    """Look whether this machine has what the workbook needs: Python, packages against the lock,
    kernels, data, disk, ports, rights of folders with rows of people.

    Exit code 1 where something is missing without which nothing runs.
    """
    from analysis.runs.checking.doctor import findings

    colours = {"good": "green", "warning": "yellow", "fault": "red"}
    states = set()
    for found in findings():
        states.add(found.state)
        mark = click.style(f"{found.state:<8}", fg=colours[found.state])
        click.echo(f"{mark} {found.of:<9} {found.said}")
        if found.remedy:
            click.echo(f"{'':<18} {found.remedy}")
    sys.exit(FAILED if "fault" in states else 0)


@workbook.command("install-kernel")
def install_kernel() -> None:
    """Install the kernel "Workbook (instant)", which starts with its imports done, for notebooks of
    your own."""
    from analysis.runs.lab import KERNEL_NAME
    from analysis.runs.lab import install_kernel as install

    click.echo(f"{KERNEL_NAME}: {install()}")


@workbook.command("explain-plan", epilog=_examples("workbook explain-plan ethnic_matching"))
@click.argument("study", shell_complete=_study_names)
def explain_plan(study) -> None:
    """Print a plan as ten sentences for the steering group to sign."""
    from analysis.plans.explain import sentences
    from analysis.plans.registry import load_plan
    from analysis.study.offers import check_agrees

    plan = load_plan(study)
    check_agrees(plan)
    for number, sentence in enumerate(sentences(plan), start=1):
        click.echo(f"{number:>2}. {sentence!s}")


@workbook.command(
    "plan-sample",
    epilog=_examples(
        "workbook plan-sample gamified_training",
        "workbook plan-sample psr_quality --outcome on_adjournment --icc 0.02 --to sample.csv",
        "workbook plan-sample accredited_programmes --people 400 --base 45",
    ),
)
@click.argument("study", shell_complete=_study_names)
@click.option("--power", default=80.0, show_default=True, help="Of every 100 studies, to find it.")
@click.option("--outcome", help="One primary outcome. Default: each.")
@click.option("--matters", type=float, help="Size that matters, in the place of the plan's.")
@click.option("--icc", type=float, help="Correlation of people in one cluster, 0 to 1.")
@click.option("--base", type=float, help="In every 100, without the programme.")
@click.option("--assume", multiple=True, help="NAME=VALUE: another assumption (docs/protocol.md).")
@click.option("--people", type=int, help="People a side, in the place of those there are.")
@click.option("--clusters", type=int, help="Clusters a side, likewise.")
@click.option("--data", "source", help="Where people are counted. Default: example records.")
@click.option("--to", "file", type=FILE, help="Write the table to this CSV file too.")
def plan_sample(study, source, file, assume, icc, base, **options) -> None:
    """How many people and clusters would find the size that matters, what there is, and what can
    be done with it: for each primary outcome, before outcomes are seen.

    Every assumption is printed with its source; what nobody has written down has no default.
    """
    from analysis.protocol import plan_sample as planning
    from analysis.protocol.told import printed, write_csv

    values = planning.assumed_values(assume, intraclass_correlation=icc, base=base)
    planned = planning.plan_sample(study, source, planning.Options(values=values, **options))
    for line in printed(planned):
        click.echo(read_out(line))
    if file is not None:
        write_csv(planned, file)
        click.echo(f"Written: {file}")


@workbook.command("new-pilot")
@click.argument("name")
@click.option("--design", required=True, help="How it compares; a wrong one names those there are.")
def new_pilot(name, design) -> None:
    """Begin a pilot: its plan, what is planted for it, what to ask the supplier for, and its test.

    It runs at once on synthetic data of its own; what its authors must fill in says so.
    """
    from analysis.runs.new_study.examples import designs_offered, example_of

    _begin(name, example_of(design, designs_offered(), "design"))


@workbook.command("new-monitor")
@click.argument("name")
@click.option(
    "--table", required=True, help="What it counts in; a wrong one names those there are."
)
def new_monitor(name, table) -> None:
    """Begin a monitor: its plan, what is planted for it, what to ask the supplier for, and its
    test.

    It runs at once on synthetic data of its own; what its authors must fill in says so.
    """
    from analysis.runs.new_study.examples import example_of, tables_offered

    _begin(name, example_of(table, tables_offered(), "table"))


def _begin(name: str, example) -> None:
    from analysis.runs.new_study.writing import begin

    begun = begin(name, example)
    for path in begun.files:
        click.echo(f"Written: {path}")
    lines = ", ".join(str(number) for number, _ in begun.unfilled)
    click.echo(f"To fill in, in {begun.files[-1].name}: lines {lines}.")
    click.echo(f"It runs now: workbook run {name} --region {example.place} --data synthetic")
    click.echo(f"As people sign it: workbook explain-plan {name}")


@workbook.command()
@click.option(
    "--from",
    "source",
    required=True,
    help="database:VARIABLE, the NAME of the environment variable with the URL.",
)
@click.option("--round", "round_id", required=True, help="Id of the reporting round.")
@click.option("--tables", multiple=True, help="Table to read; may be given more than once.")
@click.option(
    "--service", help="Whose tables. Default: every service of which the database holds one."
)
def pull(source, round_id, tables, service) -> None:
    """Freeze tables of a database as a snapshot with a receipt, which `workbook run --round` then
    reads.

    They are checked like an extract; where there is a problem nothing is kept. A snapshot is never
    overwritten.
    """
    from analysis.extracts.reading.pull import pull as freeze
    from analysis.plans.registry import check_round, parse_source

    receipt, notes = freeze(
        parse_source(source), round_id=check_round(round_id), tables=tables, service=service
    )
    for note in notes:
        click.echo(f"note: {note}")
    for table, pulled in receipt.tables.items():
        click.echo(f"{table}: {pulled.rows:,} rows")
    click.echo(
        f"Snapshot of the round {round_id}, with receipt.json. Run it with: --data {source} --round"
        f" {round_id}"
    )


@workbook.command(
    "check-data", epilog=_examples("workbook check-data data/extracts", "workbook check-data mine")
)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--places", help="Set of places in params/regions.yml. [default: what mapping.yml says]"
)
def check_data(folder, places) -> None:
    """Check the tables of an extract; prints what to send back to the supplier. Nothing is
    changed."""
    from analysis.paths import EXTRACTS
    from analysis.runs.preparation import check_extract

    found = check_extract(folder or EXTRACTS, places)
    for note in found.notes:
        click.echo(f"note: {note}")
    if found.problems:
        raise DataError(found.problems)
    for table, rows in found.rows:
        click.echo(f"{table}: {rows:,} rows")
    click.echo("The tables keep their contract.")


@workbook.command("check-output")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_output(file) -> None:
    """Check an executed notebook that was made outside `workbook run`. One line a finding; exit
    code 3 if there is one.

    A file of a run that `workbook run` has signed is believed. Any other is run again here, from
    its own cells and parameters, and each output must be the one that comes out. A hint of a
    tool (times, paths) is not read: `reduce_metadata` takes it out of what is published.
    """
    from analysis.record.schema import import_jsonschema

    import_jsonschema()
    import nbformat

    from analysis.runs.checking.output import output_findings

    try:
        notebook = nbformat.read(file, as_version=4)
    except Exception:
        raise ParameterError("E217", f"{file.name} is not a notebook that can be read.") from None
    findings = output_findings(file, notebook)
    for finding in findings:
        click.echo(str(finding))
    if findings:
        sys.exit(WITHHELD)
    click.echo(
        "Nothing was found that must not leave. The regions are not yet set beside each other: that"
        " is `workbook clear`."
    )


@workbook.command(
    "demo-data",
    epilog=_examples(
        "workbook demo-data --to mine --region wales",
        "workbook demo-data --to courts --service courts",
    ),
)
@click.option(
    "--to", "folder", required=True, type=click.Path(path_type=Path), help="New or empty folder."
)
@click.option(
    "--region", help="A place of the set. [default: wales, or the first place of another set]"
)
@click.option(
    "--format",
    "form",
    default="csv",
    show_default=True,
    type=click.Choice(["csv", "parquet"]),
    help="Kind of file.",
)
@click.option(
    "--people",
    default=2000,
    show_default=True,
    type=click.IntRange(100, 100_000),
    help="How many people, 100 to 100,000.",
)
@click.option(
    "--service",
    default="supervision",
    show_default=True,
    help="Whose tables: supervision, courts, training, caseload, prisons, workforce.",
)
@click.option(
    "--places",
    default="probation_regions",
    show_default=True,
    help="Set of places in params/regions.yml.",
)
def demo_data(folder, region, form, people, service, places) -> None:
    """Write a valid synthetic extract to start from."""
    from analysis.synthetic.nation import MAKERS, write_demo
    from analysis.vocabulary.regions import check_place, place_set

    ids = place_set(places).ids
    region = region or ("wales" if "wales" in ids else next(iter(ids), ""))
    check_place(places, region)
    if folder.exists() and any(folder.iterdir()):
        raise ParameterError(
            "E218", "the folder to write to is not empty.", remedy="Name a new one."
        )
    if service not in MAKERS:
        raise ParameterError(
            "E218", "no such service.", remedy=f"Write one of: {', '.join(MAKERS)}."
        )
    write_demo(folder, region=region, people=people, fmt=form, service=service, places=places)
    click.echo(
        f"Written to {folder}: synthetic people, {region}. Check it with: workbook check-data"
        f" {folder}"
    )


@workbook.group()
def cluster() -> None:
    """A Dask cluster on this machine, which answers to this machine only."""


@cluster.command()
@click.option(
    "--workers",
    default=os.cpu_count() or 1,
    show_default="number of cores",
    type=click.IntRange(min=1),
    help="Processes, each for one notebook at a time.",
)
@click.option(
    "--port",
    default=8786,
    show_default=True,
    type=click.IntRange(1024, 65535),
    help="Of the scheduler, on 127.0.0.1.",
)
def up(workers, port) -> None:
    """Start a scheduler and workers, and wait until they are there."""
    from analysis.runs.clusters.local import up as start

    started, now = start(workers, port)
    click.echo(
        f"{'Started' if now else 'Runs already'}: {started.address}. Use it: workbook run --cluster"
        f" {started.address}"
    )


@cluster.command()
def down() -> None:
    """End what `workbook cluster up` has started."""
    from analysis.runs.clusters.local import down as end

    click.echo("The cluster has ended." if end() else "No cluster of `workbook cluster up` runs.")


__all__ = ["DataError", "main", "workbook"]
