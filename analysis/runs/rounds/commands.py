"""The commands of a round: sign-off, fact-check, withhold, correct, pre-release, publish. The
command line adds them; each imports what it needs when it is called."""

import click

from analysis.rounds.log import KINDS, ORDER

of_round = click.option(
    "--round", "round_id", required=True, help="Id of the reporting round: 2026Q3, 2026Q3r2."
)
of_data = click.option(
    "--data", "source", help="The source that was run. Default: the plan's first."
)
by_whom = click.option(
    "--by", required=True, help="Name of who does it: it stays in the log, pages print the role."
)


@click.command("sign-off")
@click.argument("studies", nargs=-1)
@of_round
@click.option("--step", required=True, type=click.Choice(ORDER), help="Whose step, in this order.")
@by_whom
@of_data
def sign_off(studies, round_id, step, by, source) -> None:
    """Sign studies off, step by step: analyst, assurer (another person), then the fact check of the
    regions, disclosure checker, lead. Without a study: every one whose turn it is.

    Each step notes the sha256 of every cleared record. The lead's step freezes the study in the
    round: its runs become read-only, and a later run goes on as r2.
    """
    from analysis.plans.registry import check_round
    from analysis.runs.rounds.signing import sign, signing_of, whose_turn

    check_round(round_id)
    chosen = [signing_of(study, source, round_id) for study in studies]
    chosen = chosen or whose_turn(step, source, round_id)
    for one in chosen:
        made = sign(one, step, by)
        click.echo(f"{made.study}, {made.round_id}: {step} on {made.day} ({_many(made)}).")
        until = one.standing().fact_check_until
        if step == "assurer" and until:
            click.echo(f"  Fact check of the regions until {until}: workbook fact-check.")


def _many(made) -> str:
    return f"{len(made.records)} records"


@click.command("fact-check")
@click.argument("study")
@of_round
@click.option("--region", required=True, help="The region whose page was checked.")
@by_whom
@click.option("--comment", default="", help="At most 600 characters, for its page; no figures.")
@of_data
def fact_check(study, round_id, region, comment, **who) -> None:
    """Note that a region has checked its page: it confirms it, or comments on it.

    A comment stands on the page as the region's own words. It changes no figure.
    """
    from analysis.plans.registry import check_round
    from analysis.runs.rounds.fact_checking import fact_check as check
    from analysis.runs.rounds.signing import signing_of

    signing = signing_of(study, who["source"], check_round(round_id))
    check(signing, region, who["by"], comment)
    now = signing.standing()
    done = "commented" if comment else "confirmed"
    click.echo(f"{study}, {round_id}, {region}: {done}. {_still_open(now)}")


def _still_open(now) -> str:
    left = [region for region in now.regions if region not in now.answers]
    if not left:
        return "Every region has answered."
    return f"To answer until {now.fact_check_until}: {', '.join(left)}."


@click.command()
@click.argument("study")
@of_round
@click.option("--place", required=True, help="The place whose own figures are withheld.")
@by_whom
@click.option("--reason", required=True, help="Why: it stays in the log; no figures.")
@click.option("--undo", is_flag=True, help="Give back a place that was withheld so.")
@of_data
def withhold(study, round_id, place, reason, undo, **who) -> None:
    """Withhold all that a place has of its own, beside what the machine withholds: the disclosure
    checker's, after the assurer and before the lead.

    The study is run again in the same round; then the page of the place shows the answer of all
    places and says that its own figures are withheld to protect people. Its people are in no number
    of the others. The reason stays in the log.
    """
    from analysis.plans.registry import check_round
    from analysis.runs.rounds.signing import signing_of
    from analysis.runs.rounds.withheld_runs import again
    from analysis.runs.rounds.withholding import withhold as withhold_place

    signing = signing_of(study, who["source"], check_round(round_id))
    made = withhold_place(signing, place, who["by"], reason, undo=undo)
    done = "given back" if undo else "withheld"
    click.echo(f"{study}, {round_id}, {place}: {done} on {made.day}. Next: {again(signing.key)}.")


@click.command()
@click.argument("round_id", metavar="ROUND")
@click.argument("study")
@click.option("--reason", required=True, help="What was wrong, for the page; no figures.")
@click.option("--kind", required=True, type=click.Choice(KINDS), help="What was corrected.")
@by_whom
@of_data
def correct(round_id, study, reason, kind, **who) -> None:
    """Correct a signed study by its signed rerun (data, method, plan), or say that its wording was
    wrong (text), or withdraw it (withdrawal).

    The page that was signed stays, with a banner; whether the correction matters is worked out from
    both records.
    """
    from analysis.plans.registry import check_round
    from analysis.runs.rounds.correcting import correct as note
    from analysis.runs.rounds.signing import signing_of

    made = note(signing_of(study, who["source"], check_round(round_id)), kind, reason, who["by"])
    by = f" by {made.replaced_by}" if made.replaced_by else ""
    click.echo(f"{study}, {round_id}: corrected{by} ({kind}).")
    for line in made.changed or ("No class, verdict, decision or harm watch has changed.",):
        click.echo(f"  {line}")
    click.echo("Make the pages again: workbook site; those that were given away: workbook publish.")


@click.command("pre-release")
@click.argument("round_id", metavar="ROUND")
@click.argument("studies", nargs=-1)
@click.option(
    "--audience",
    default="release",
    show_default=True,
    type=click.Choice(["release"]),
    help="For whom: what is internal is not announced.",
)
@click.option(
    "--at",
    "day",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of release, a working day; the time is 9.30 a.m. in England.",
)
@click.option(
    "--to", "roles", multiple=True, help="Role that sees the pages before; more than one may be."
)
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="From when those see them, on clocks in England: at most 24 hours before.",
)
@by_whom
@of_data
def pre_release(round_id, studies, day, roles, since, **who) -> None:
    """Announce the day on which official statistics are released, and which roles see them before.

    Until then `publish --audience release` is refused. Without a study: all official statistics of
    the round. What is announced again holds from then on; both stand in the log of rounds.
    """
    from datetime import UTC, datetime

    from analysis.plans.registry import check_round
    from analysis.rounds.announced import said, to_announce
    from analysis.runs.rounds.announcing import announce, to_be_announced
    from analysis.runs.rounds.signing import signing_of
    from analysis.said.carried import read_out

    check_round(round_id)
    made = to_announce(day.date(), roles, since, datetime.now(UTC))
    chosen = [signing_of(study, who["source"], round_id) for study in studies]
    for one in chosen or to_be_announced(who["source"], round_id):
        entry = announce(one, made, who["by"])
        click.echo(read_out(f"{entry.study}, {round_id}: release on {said(made.release_at)}"))
        if made.shown_from:
            seen = ", ".join(entry.shown_to)
            click.echo(read_out(f"  Seen before, from {said(made.shown_from)}: {seen}"))


@click.command()
@click.argument("studies", nargs=-1)
@click.option("--to", "folder", required=True, type=click.Path(), help="New or empty folder.")
@of_round
@click.option(
    "--audience", required=True, type=click.Choice(["internal", "release"]), help="For whom."
)
@of_data
def publish(studies, folder, round_id, audience, source) -> None:
    """Put the signed pages of a round into a folder of real files, with a zip, README and sha256.

    internal: as they are, for the circulation list. release: what was released alone, without
    pages with code. Everything is read by the guard before it stands there.
    """
    from pathlib import Path

    from analysis.plans.registry import check_round
    from analysis.runs.rounds.leaving import Asked, publish_round

    asked = Asked(check_round(round_id), audience, tuple(studies), source)
    made = publish_round(Path(folder), asked)
    for line in made:
        click.echo(line)


COMMANDS = (sign_off, fact_check, withhold, correct, pre_release, publish)
