"""One thing that may not leave, in words: where it stands, the rule, and what to do. Never the
value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that may not leave: number of the cell (from 1; None: the notebook), the rule and
    what to do. `file`: what stands outside the notebook, by its kind or a name that was checked."""

    cell: int | None
    rule: str
    remedy: str
    file: str = "notebook"

    def __str__(self) -> str:
        where = self.file if self.cell is None else f"cell {self.cell}"
        return f"{where}: {self.rule}. {self.remedy}."
