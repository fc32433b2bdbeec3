"""What must notice that a rule is gone: each says whether the rule holds."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pandas as pd
from test_output_guard import RECORD, TABLE, bundle, clean, code, notebook

from analysis.disclosure import rules as r
from analysis.disclosure.attack.known import OPEN, Count, Known, at_most, total
from analysis.disclosure.attack.narrowest import attack
from analysis.disclosure.cross_tables import CrossTable, hidden_cells
from analysis.disclosure.dominance import two_may_make_the_sum
from analysis.disclosure.geography import shown_units, whole_may_stand
from analysis.disclosure.guard.output_guard import check_notebook
from analysis.disclosure.partitions import Part, protected
from analysis.disclosure.suppression import (
    clear_estimate,
    cleared_flow,
    merge_small_reasons,
    protected_cell,
    rate_of,
)
from analysis.errors import RunError
from analysis.results import Estimate, NotEstimable, Support, Withheld

Check = Callable[[], bool]
OURS = r.Clearance(public=False, clusters_are_people=False, hidden=frozenset())


# -- S1 to S5, S9, S10, S16 ------------------------------------------------------------------------
def ten_is_enough() -> bool:
    return not r.is_small(10, r.load_rules())


def nine_is_small() -> bool:
    return r.is_small(9, r.load_rules())


def zero_is_small() -> bool:
    return r.is_small(0, r.load_rules())


def complement() -> bool:
    return r.share_is_protected(31, 40, r.load_rules())


def event() -> bool:
    return r.share_is_protected(9, 40, r.load_rules())


def structural() -> bool:
    return r.share_is_protected(0, 9, r.load_rules(), structural=True)


def thirty_is_reliable() -> bool:
    return not r.is_unreliable(30, r.load_rules())


def twenty_nine_is_not() -> bool:
    return r.is_unreliable(29, r.load_rules())


def ten_df_are_enough() -> bool:
    return not r.regression_is_protected(10, r.load_rules())


def nine_df_are_not() -> bool:
    return r.regression_is_protected(9, r.load_rules())


def unit_of_thirty() -> bool:
    return not r.unit_effect_is_protected(30, r.load_rules())


def unit_of_less() -> bool:
    return r.unit_effect_is_protected(29, r.load_rules())


def nearest_five() -> bool:
    return [r.round_to_base(n) for n in (12, 13, 17, 18)] == [10, 15, 15, 20]


def three_figures() -> bool:
    return r.released_figures(OURS) == 3


# -- what clears -----------------------------------------------------------------------------------
def _row(event: int, base: int) -> dict:
    return protected_cell(base, event)


def small_base() -> bool:
    return pd.isna(_row(0, 9)["base"])


def small_event() -> bool:
    return pd.isna(_row(9, 100)["event"])


def no_rate_below_thirty() -> bool:
    return pd.isna(_row(12, 29)["rate"])


def base_in_fives() -> bool:
    return _row(31, 103)["base"] == 105


def rate_of_fives() -> bool:
    return rate_of(31, 103) == 28.6


def reasons_merged() -> bool:
    return set(merge_small_reasons({"a": 6, "b": 7})) == {"other reasons"}


def reasons_withheld() -> bool:
    return merge_small_reasons({"a": 6}) == {"other reasons": None}


def nobody_by_difference() -> bool:
    return cleared_flow(106, 100, {"a": 6})["n_in"] is None


def _estimate(**support: int) -> Estimate:
    whole = {"n": 90, "n_identifying": 90, "cells_identifying": 40, "n_treated": 44}
    whole |= {"clusters_treated": 40, "clusters_comparison": 40, "smallest_cell": 20}
    whole |= {"persons": 90, "residual_df": 50} | support
    numbers = {"value": 1.23456, "std_error": 0.1, "conf_low": 1.0, "conf_high": 1.5}
    return Estimate("gap", "crude", "in_every_100", **numbers, support=Support(**whole))


def estimate_of(name: str) -> Check:
    """An estimate that rests on 9 of something, and on enough of all else."""
    return lambda: isinstance(clear_estimate(_estimate(**{name: 9}), clearance=OURS), Withheld)


def clusters() -> bool:
    asked = replace(OURS, clusters_are_people=True)
    return isinstance(clear_estimate(_estimate(clusters_treated=9), clearance=asked), Withheld)


def reasons_that_tell() -> bool:
    none = NotEstimable("gap", "crude", "in_every_100", "zero_events")
    return isinstance(clear_estimate(none, clearance=OURS), Withheld)


def no_error_of_crude() -> bool:
    return clear_estimate(_estimate(), clearance=OURS, crude=True).std_error is None


def no_minimum() -> bool:
    return clear_estimate(_estimate(), clearance=OURS).support.smallest_cell == 10


# -- what hangs together ---------------------------------------------------------------------------
def _part(name: str, people: int, *, withheld: bool = False) -> Part:
    return Part(name, (people,), shown=not withheld, withheld=withheld)


def two_are_hidden() -> bool:
    found = protected([_part("a", 40, withheld=True), _part("b", 50), _part("c", 60)])
    return len(found.parts) == 2


def enough_is_hidden() -> bool:
    small = [_part("a", 2, withheld=True), _part("b", 3, withheld=True)]
    return len(protected([*small, _part("c", 50), _part("d", 60)]).parts) == 3


def whole_is_hidden() -> bool:
    return protected([_part("a", 4, withheld=True)]).whole


def unit_beside() -> bool:
    return len(shown_units({"a": 0, "b": 60, "c": 70})) < 2


def nation_beside() -> bool:
    return not whole_may_stand({"a": 0, "b": 60, "c": 70})


def two_people() -> bool:
    return two_may_make_the_sum(2, 10.0, 58.0)


def _table() -> np.ndarray:
    counts = np.array([[4, 60, 70], [50, 80, 90], [55, 85, 95]])
    return hidden_cells(CrossTable(counts, (None, None)))


def small_cell() -> bool:
    return bool(_table()[0, 0])


def table_with_margins() -> bool:
    return int(_table().sum()) >= 4


# -- the attack ------------------------------------------------------------------------------------
def _known(small: int = 6) -> Known:
    """A withheld count that a total gives back, and two that hide each other."""
    counts = [Count("all", 60 + small, 60 + small, 60 + small), Count("b", 60, 60, 60)]
    counts += [Count("a", small, 0, OPEN, protected=True)]
    return Known.of(counts, [total("all", ["a", "b"], "the parts of all")])


def attacked() -> bool:
    """What a total gives back is recovered, and what nothing tells is not."""
    alone = Known.of([Count("a", 6, 0, OPEN, protected=True)])
    wide = attack(alone).cells[0]
    tight = Known.of(
        [Count("a", 6, 0, OPEN, protected=True), Count("c", 8, 8, 8)],
        [at_most("a", "c", "a is a part of c")],
    )
    return (
        [cell.key for cell in attack(_known()).recovered] == ["a"]
        and (wide.low, wide.high, attack(alone).recovered) == (0, 9, ())
        and [cell.key for cell in attack(tight).recovered] == ["a"]
    )


def contradiction() -> bool:
    wrong = Known.of([Count("a", 6, 0, 5, protected=True)])
    try:
        attack(wrong)
    except RunError as error:
        return error.code == "E380"
    return False


def needs() -> bool:
    counts = [Count("a", 60, 58, 62), Count("b", 30, 28, 32, needs="a")]
    return Known.of(counts).without(["a"]).counts["b"].is_withheld


# -- the guard -------------------------------------------------------------------------------------
def _edited(edit: Callable[[dict], object]) -> dict:
    nb = deepcopy(clean())
    edit(nb)
    return nb


def _first(nb: dict) -> dict:
    return nb["cells"][1]["outputs"][0]


def _record(nb: dict) -> dict:
    return nb["cells"][-1]["outputs"][0]["data"][RECORD]


def _shown(text: str) -> dict:
    return notebook(code(bundle({"text/plain": "x", "text/html": text})))


PLANTED: dict[str, Callable[[], dict]] = {
    "G01": lambda: notebook(code(bundle({"text/plain": "x", "application/json": {}}))),
    "G02": lambda: _edited(lambda nb: _first(nb).update(metadata={})),
    "G03": lambda: _edited(lambda nb: _first(nb)["data"].update({"text/plain": "y"})),
    "G04": lambda: _edited(
        lambda nb: nb["cells"][1]["outputs"].append(bundle(TABLE | {"text/plain": "z"}))
    ),
    "G05": lambda: notebook(code({"output_type": "stream", "name": "stdout", "text": "x"})),
    "G06": lambda: notebook(code({"output_type": "error", "ename": "x", "traceback": []})),
    "G09 of words": lambda: _edited(lambda nb: nb["cells"][0].update(source="<!-- x -->")),
    "G09": lambda: _shown('<p style="display:none">12</p>'),
    "G11": lambda: _edited(lambda nb: nb["cells"][0].update(attachments={"a": {}})),
    "G12": lambda: _edited(lambda nb: nb["metadata"].update(widgets={})),
    "G14": lambda: _edited(lambda nb: nb["cells"].pop()),
    "G16": lambda: _shown("<p>A1234BC</p>"),
    "G16 of a record": lambda: _edited(lambda nb: _record(nb).update(study="A1234BC")),
    "G19": lambda: _edited(
        lambda nb: nb["cells"][1].update(source="from analysis.private import open_private")
    ),
}


def found(rule: str) -> Check:
    """The guard finds what is planted against a rule."""
    return lambda: (
        rule.split()[0]
        in {finding.rule.split(":")[0] for finding in check_notebook(PLANTED[rule]())}
    )
