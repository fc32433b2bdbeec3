"""What each design carries, from the kinds of study that declare them."""

from analysis.plans.designs import NOBODY_TO_COMPARE
from analysis.plans.kinds import designs

HEAD = "| how it was chosen | strongest claim | it rests on |\n|---|---|---|\n"
CHOSEN = {"by_lot": "by lot", "by_choice": "by choice", "by_need": "by need"}


def what_designs_carry() -> str:
    """Markdown: a table a design, with a line for each way of choosing."""
    return "\n\n".join(_section(name, design) for name, design in designs().items())


def _section(name: str, design) -> str:
    rows = [
        f"| {CHOSEN[how]} | {ground.strongest} |"
        f" {'; '.join(ground.check(check).words for check in ground.checks) or '–'} |"
        for how, ground in design.by.items()
        if ground is not NOBODY_TO_COMPARE
    ]
    return f"### {name}\n\n{design.title.capitalize()}.\n\n{HEAD}" + "\n".join(rows)
