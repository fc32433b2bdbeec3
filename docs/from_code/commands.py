"""Every command with its arguments and options, from the command line itself."""

from collections.abc import Iterator

import click

from analysis.cli import workbook

NO_DEFAULT = (None, False, ())


def commands(group: click.Group = workbook, above: str = "workbook") -> Iterator[tuple]:
    """Every command with its whole name, in the order of the alphabet; groups by what is in
    them."""
    for name, command in sorted(group.commands.items()):
        whole = f"{above} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, whole)
        else:
            yield whole, command


def command_line() -> str:
    """Markdown: a section a command."""
    return "\n\n".join(_section(name, command) for name, command in commands())


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    said = [" ".join(part.split()) for part in (command.help or "").split("\n\n")]
    rows = [_row(one) for one in command.params if isinstance(one, click.Option)]
    table = (
        "\n".join(["| option | what it does | default |", "|---|---|---|", *rows]) if rows else ""
    )
    lines = [line.strip() for line in (command.epilog or "").splitlines()[2:]]
    examples = "\n".join(["```", *lines, "```"]) if lines else ""
    parts = (f"### {name}", f"```\n{usage}\n```", *said, table, examples)
    return "\n\n".join(part for part in parts if part)


def _row(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    if not option.is_flag:
        names += f" {option.make_metavar(click.Context(workbook))}".replace("|", "\\|")
    return f"| {names} | {(option.help or '').replace('|', ' ')} | {_default(option)} |"


def _default(option: click.Option) -> str:
    if option.required:
        return "needed"
    if isinstance(option.show_default, str):
        return option.show_default
    return (
        ""
        if option.default in NO_DEFAULT or "UNSET" in str(option.default)
        else f"`{option.default}`"
    )
