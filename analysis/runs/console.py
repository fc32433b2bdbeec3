"""What is told to whoever runs the workbook."""

import click

from analysis.said.carried import read_out


def echo(text: str, *, err: bool = False) -> None:
    """A line for the operator, as it is read; no exit, so that nothing is refused."""
    click.echo(read_out(text), err=err)
