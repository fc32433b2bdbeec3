"""What must notice that a rule on nested levels (S14), on periods (S19) or on what is worked out
outside the kernel is gone."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from test_codings import CODING, LEVELS, named
from test_releases import release
from test_series import named as in_time

from analysis.disclosure.attack.known import Known
from analysis.disclosure.attack.narrowest import attack
from analysis.disclosure.codings import check_levels
from analysis.disclosure.series import Series, Span, check_periods, finest
from analysis.record import store
from analysis.runs.checking import outside
from analysis.runs.joint.attacking import with_levels_and_periods
from analysis.runs.release.differencing import check_against
from attacks.noticing import Check
from attacks.noticing_files import HASHED, PERSON
from attacks.noticing_releases import RUN, refused


def _two_levels(small: int) -> Known:
    whole, large, hidden = LEVELS["18+1 in 5"]
    people = (60 + small, 60, small)
    return Known.of(
        [named(n, **said) for n, said in zip(people, (whole, large, hidden), strict=True)]
    )


def _recovers(known: Known) -> bool:
    return len(attack(with_levels_and_periods(known, CODING)).recovered) == 1


def loose_level_blocks() -> bool:
    return refused("E336", lambda: check_levels(_two_levels(4), CODING))


def levels_are_attacked() -> bool:
    """Found from above (4) and from below (9), as the parts are all of the whole."""
    return _recovers(_two_levels(4)) and _recovers(_two_levels(9))


def other_coding_is_refused() -> bool:
    new = release(coding=CODING, data_hash="e", replaces=1)
    old = release(number=1, coding="ons_2001_5+1")
    return refused("E336", lambda: check_against(new, (old,)))


def periods_are_attacked() -> bool:
    return _recovers(Known.of([in_time(30, "2026 H1"), in_time(4, "2026 H2"), in_time(34, "2026")]))


def periods_fill_their_whole() -> bool:
    return _recovers(Known.of([in_time(30, "2026 H1"), in_time(0, "2026 H2"), in_time(30, "2026")]))


def _rolling() -> Known:
    return Known.of([in_time(103, "year to 2026 Q3"), in_time(106, "year to 2026 Q4")])


def overlap_blocks() -> bool:
    return refused("E337", lambda: check_periods(_rolling()))


def overlap_blocks_a_study() -> bool:
    return refused("E337", lambda: with_levels_and_periods(_rolling(), CODING))


def series(*periods: Span) -> Check:
    return lambda: refused("E337", lambda: Series(periods))


two_lengths = series(Span(0, 3), Span(3, 6))
overlapping = series(Span(0, 3), Span(2, 3))
odd_length = series(Span(0, 2), Span(2, 2))


def finest_that_passes() -> bool:
    return finest(lambda months: [(2 * months, 20 * months)]) == 6


def no_finer_than_made_for() -> bool:
    return finest(lambda months: [(40, 100)], from_months=6) == 6


# -- outside the kernel ----------------------------------------------------------------------------
def _outside(kept: dict, shown: dict) -> bool:
    """Whether a record is found that does not come out of the private one."""
    notebook = {"cells": [{"outputs": [{"data": {store.MIME: shown}}]}]}
    with tempfile.TemporaryDirectory() as name:
        given = {
            "ids_file": lambda *_: Path(name) / "ids",
            "_in_a_fork": lambda *_: None,
            "store": SimpleNamespace(load_json=lambda _: kept, MIME=store.MIME),
        }
        HASHED.write(Path(name) / "ids")
        with patch.multiple(outside, **given):
            found = outside.outside_findings(RUN_OF_A_PLACE, notebook, Path(name), {}, data="d")
            return any(finding.rule.startswith("G30") for finding in found)


RUN_OF_A_PLACE = SimpleNamespace(study=RUN.study, region="wales", source=RUN.source)


def record_of_its_own() -> bool:
    return _outside({"n": 120}, {"n": 121}) and not _outside({"n": 120}, {"n": 120})


def _with_id(plant: Callable[[Path, dict], object]) -> bool:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "figures").mkdir()
        notebook = {"cells": [{"source": "study.people()", "outputs": []}]}
        plant(Path(name), notebook)
        return bool(list(outside.id_findings(HASHED, notebook, Path(name))))


def id_in_a_cell() -> bool:
    return _with_id(lambda folder, nb: nb["cells"][0].update(source=f"# {PERSON}"))


def id_in_an_output() -> bool:
    output = {"data": {"text/html": f"<p>{PERSON}</p>"}}
    return _with_id(lambda folder, nb: nb["cells"][0]["outputs"].append(output))


def id_in_a_name() -> bool:
    return _with_id(lambda folder, nb: (folder / "figures" / "wms_p_000471.png").write_bytes(b""))


def id_in_a_file() -> bool:
    return _with_id(lambda folder, nb: (folder / "figures" / "bars.csv").write_text(PERSON))
