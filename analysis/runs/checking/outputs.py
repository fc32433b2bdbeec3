"""Are the outputs of two executions of one notebook the same?"""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from analysis.disclosure.guard.finding import Finding
from analysis.disclosure.guard.output_guard import RECORD
from analysis.disclosure.guard.registration import registration_id


def differing(
    notebook: Mapping[str, Any], again: Mapping[str, Any], *, ignore: tuple[str, ...] = ()
) -> Iterator[Finding]:
    """G24 for each cell of `notebook` whose outputs are not, one for one, those of `again`, but for
    the keys of the record in `ignore`."""
    none: dict[str, Any] = {}
    pairs = zip_longest(notebook["cells"], again["cells"], fillvalue=none)
    for number, (cell, other) in enumerate(pairs, start=1):
        if _prints(cell, ignore) != _prints(other, ignore):
            yield Finding(
                number,
                "G24: an output that does not come out when the notebook is run again",
                "Run the whole notebook again and leave its outputs as they come",
            )


def _prints(cell: Mapping[str, Any], ignore: tuple[str, ...]) -> list[str]:
    """Fingerprints of the outputs of a cell; one without content has that of nothing."""
    return [
        registration_id(_without(output.get("data", {}), ignore))
        for output in cell.get("outputs", ())
    ]


def _without(data: Mapping[str, Any], ignore: tuple[str, ...]) -> Mapping[str, Any]:
    if RECORD not in data:
        return data
    return {**data, RECORD: {k: _figures(v) for k, v in data[RECORD].items() if k not in ignore}}


def _figures(value: Any) -> Any:
    """Numbers to nine figures: the last ones hang on how many threads a kernel adds up with."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {key: _figures(part) for key, part in value.items()}
    return [_figures(part) for part in value] if isinstance(value, list) else value
