"""The whole way on one machine: run every place, clear each study, make the site, say what came out."""

import shutil
import sys
import textwrap

import click
from tqdm import tqdm

from analysis.errors import ParameterError
from analysis.plans.registry import NATIONAL, Source, load_plan, parse_source, plan_files
from analysis.runs.preparation import prepare
from analysis.runs.publishing import link_path, remove_unlinked_runs
from analysis.runs.runner import Outcome, Run, execute_all, plan_runs

DONE, FAILED, WITHHELD = 0, 1, 3  # exit codes; 2 is for what is wrong before anything starts


def run_batch(studies: tuple[str, ...], regions: tuple[str, ...], source: str | None, round_id: str, jobs: int) -> int:
    """Run what was asked for, clear and publish what can be; returns the exit code."""
    runs = plan_runs(studies, regions, source, round_id)
    prepare(runs)
    remove_unlinked_runs()
    outcomes = _run_with_progress(runs, jobs)
    for study, chosen in dict.fromkeys((run.study, run.source) for run in runs):
        if all(o.state == "published" for o in outcomes if (o.run.study, o.run.source) == (study, chosen)):
            outcomes.append(_clear(study, chosen, round_id, quiet=bool(regions)))
    index = _site(round_id)
    _summary(outcomes)
    _answers(outcomes, round_id)
    click.echo(f"\nPages: {index}")
    return exit_code(outcomes, must_clear=not regions)


def clear_studies(studies: tuple[str, ...], source: str | None, round_id: str) -> int:
    """Clear studies that have been run; without a study, every plan that has runs of this round."""
    outcomes = []
    for study in studies or tuple(plan_files()):
        plan = load_plan(study)
        chosen = parse_source(source) if source else Source(plan.data.sources[0])
        if chosen.name not in plan.data.sources:
            if studies:
                raise ParameterError("E213", f"the plan {study} does not list the source `{chosen.name}`.")
            continue
        outcomes.append(_clear(study, chosen, round_id, quiet=False))
    _summary(outcomes)
    return exit_code(outcomes, must_clear=True)


def make_site(round_id: str) -> None:
    """Make the pages of a round and say where they are."""
    click.echo(f"Pages: {_site(round_id)}")


def exit_code(outcomes: list[Outcome], *, must_clear: bool = False) -> int:
    """3 if a page was withheld by the guard, else 1 if a run failed, else 0."""
    states = {outcome.state for outcome in outcomes}
    if "withheld" in states:
        return WITHHELD
    return FAILED if "failed" in states or (must_clear and "not_cleared" in states) else DONE


def _run_with_progress(runs: tuple[Run, ...], jobs: int) -> list[Outcome]:
    with tqdm(total=len(runs), unit="run", file=sys.stderr, disable=None, dynamic_ncols=True) as bar:

        def report(outcome: Outcome) -> None:
            bar.update()
            bar.set_postfix_str(f"{outcome.run.study} {outcome.run.region}: {outcome.state}")
            if bar.disable:
                click.echo(
                    f"{outcome.run.study} {outcome.run.region}: {outcome.state} ({outcome.seconds:.1f} s)", err=True
                )

        return list(execute_all(runs, jobs=jobs, report=report))


def _clear(study: str, source: Source, round_id: str, *, quiet: bool) -> Outcome:
    from analysis.runs.clearing import clear

    outcome = clear(study, source, round_id)
    if outcome.state == "not_cleared" and not quiet:
        click.echo(f"{study}: {outcome.text}", err=True)
    return outcome


def _site(round_id: str):
    from analysis.paths import reports
    from analysis.site.build import build_site

    return build_site(reports(), round_id=round_id) / "index.html"


def _summary(outcomes: list[Outcome]) -> None:
    """One line a study: how many places are published, and each that is not, with its code and what it says."""
    click.echo("")
    for study in dict.fromkeys(outcome.run.study for outcome in outcomes):
        mine = [o for o in outcomes if o.run.study == study]
        done = [o for o in mine if o.state == "published" and o.run.region != NATIONAL]
        national = next(
            (o.state for o in mine if o.run.region == NATIONAL), "not cleared: the places below did not all succeed"
        )
        all_places = sum(o.run.region != NATIONAL for o in mine)
        click.echo(f"{study}: {len(done)} of {all_places} places run; all together: {national.replace('_', ' ')}")
        for outcome in mine:
            if outcome.state not in ("published",):
                click.echo(f"  {outcome.run.region}: {outcome.state.replace('_', ' ')} {outcome.code} {outcome.text}")
                for finding in outcome.findings:
                    click.echo(f"    {finding}")


def _answers(outcomes: list[Outcome], round_id: str) -> None:
    """The headline and what can be said, for each study that was cleared."""
    from analysis import record as records

    width = min(100, shutil.get_terminal_size().columns)
    for outcome in outcomes:
        if outcome.run.region != NATIONAL or outcome.state != "published":
            continue
        record = records.load(
            link_path(outcome.run.source.folder, round_id, outcome.run.study, NATIONAL) / "results.json"
        )
        title = load_plan(outcome.run.study).title
        synthetic = " (synthetic data: not real people)" if record["synthetic"] else ""
        click.echo(f"\n{title}{synthetic}")
        for text in (record["statement"]["headline"] + ".", record["statement"]["say"]):
            click.echo(textwrap.fill(text, width, initial_indent="  ", subsequent_indent="  "))
