"""The command `workbook retention`: what is kept of data, until when, and its deletion."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from analysis.runs.retention.kept import Kept

ASKED = 1  # exit code where something is overdue, or nobody can say until when it may be kept


@click.command()
@click.option("--delete", is_flag=True, help="Delete what the workbook keeps and is due.")
@click.option("--by", default="", help="Name of who deletes: it stays in the log of deletions.")
def retention(delete, by) -> None:
    """List what is kept of data of people, and until when by params/agreements.yml.

    Extracts are their owner's: they are named, and never deleted. Exit code 1 where something is
    overdue, or is under no agreement.
    """
    from analysis.runs.retention.deleting import delete_due
    from analysis.runs.retention.kept import all_kept, exact_records

    if bool(by) != delete:
        raise click.UsageError("--delete and --by belong together.")
    today = datetime.now(UTC).date()
    for made in delete_due(by, today) if delete else ():
        of_round = f" of the round {made.round_id}" if made.round_id else ""
        click.echo(f"deleted: {made.kind}{of_round}, {made.data}, under '{made.agreement}'")
    kept = all_kept()
    for line in lines(kept, today):
        click.echo(line)
    for source, many in exact_records().items():
        click.echo(f"{source}: {many} exact records of runs, counts and no rows; they stay")
    if any(one.asks_for_somebody(today) for one in kept):
        sys.exit(ASKED)


def lines(kept: "tuple[Kept, ...]", today: date) -> Iterator[str]:
    """A line for each thing that is kept; one where there is nothing."""
    if not kept:
        yield "Nothing is kept of data of people."
    for one in kept:
        data = f" of {one.held.data}" if one.held and one.kind != "extract" else ""
        yield f"{one.kind} {one.name}{data}: {_standing(one, today)}"


def _standing(one: "Kept", today: date) -> str:
    if one.is_link:
        return "a link; the workbook deletes nothing that it leads to"
    if one.held is None:
        return "whose data they are cannot be told; look at it, and delete it by hand"
    agreement = one.agreement
    if agreement is None:
        return "NO AGREEMENT; write one in params/agreements.yml"
    until = f"'{agreement.name}', delete by {agreement.delete_by}"
    if not agreement.is_due(today):
        return until
    when = "OVERDUE" if agreement.is_overdue(today) else "due today"
    if one.kind == "extract":
        return f"{until}: {when}; for {agreement.owner} to delete"
    return f"{until}: {when}"
