"""Names of rounds: a rerun of a signed round has a name of its own, `2026Q3r2`, and is of the same
family as `2026Q3`."""

import re

FIRST = 1  # number of a round that was not run again
_RERUN = re.compile(r"(?P<base>.*\d)r(?P<number>[1-9]\d*)|(?P<word>.*\D)-r(?P<again>[1-9]\d*)")


def base_round(round_id: str) -> str:
    """The round that a rerun belongs to: `2026Q3` of `2026Q3r2`; a round itself is its own."""
    return _parts(round_id)[0]


def rerun_number(round_id: str) -> int:
    """1 for a round, 2 for its first rerun."""
    return _parts(round_id)[1]


def rerun_name(round_id: str, number: int) -> str:
    """The name of a rerun of a round; of number 1 the round itself. A name that ends in no digit
    gets a hyphen, so that no word is taken for a rerun."""
    base = base_round(round_id)
    if number == FIRST:
        return base
    return f"{base}{'' if base[-1:].isdigit() else '-'}r{number}"


def round_before(round_id: str) -> str:
    """The round or rerun that a rerun follows; of a round itself the round."""
    return rerun_name(round_id, max(rerun_number(round_id) - 1, FIRST))


def _parts(round_id: str) -> tuple[str, int]:
    found = _RERUN.fullmatch(round_id)
    if found is None:
        return round_id, FIRST
    base, number = found["base"] or found["word"], int(found["number"] or found["again"])
    return (base, number) if number > FIRST else (round_id, FIRST)
