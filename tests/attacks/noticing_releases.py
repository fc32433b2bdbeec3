"""What must notice that a rule on all places or on earlier releases is gone, and of sentences,
sums, sealed runs and exceptions."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
from pydantic import ValidationError
from test_releases import KEY, cell, release

from analysis.disclosure import dominance, people_said
from analysis.disclosure.attack.known import OPEN, Count, Known, total, write_known
from analysis.disclosure.attack.noted import forget, noted
from analysis.disclosure.attack.printed import Coverage, Printed
from analysis.disclosure.attack.protection import Decision
from analysis.disclosure.joint import joint_decision, pool_input
from analysis.disclosure.people_said import (
    EVENT,
    Asked,
    cleared_count,
    cleared_mean,
    cleared_share,
    decided,
    may_be_told,
)
from analysis.disclosure.rules import SmallestCount
from analysis.errors import RunError
from analysis.plans.registry import Source, load_plan
from analysis.record.sealed import altered_file, sealed_files
from analysis.runs.clearing import Gathered, joint_run
from analysis.runs.joint import alone, attacking, protecting
from analysis.runs.joint.verdict import Attack, Verdict, attack_places
from analysis.runs.planning import PROTECTION, Task
from analysis.runs.release import releases as ledger
from analysis.runs.release import releasing
from analysis.runs.release.differencing import check_against
from analysis.runs.release.releases import add, beside_released, releases
from analysis.runs.runner import Outcome
from analysis.study import exceptions
from analysis.study.public_counts import _is_of_the_plan
from attacks.noticing import OURS, Check, _estimate

SYNTHETIC = Source("synthetic")
STUDY = "court_reports"
RUN = joint_run(STUDY, SYNTHETIC, "draft")


def refused(code: str, asked: Callable[[], object]) -> bool:
    """Whether something is refused with this code, and not with another."""
    try:
        asked()
    except RunError as error:
        return error.code == code
    return False


@contextmanager
def _home() -> Iterator[Path]:
    """A state folder of its own."""
    with tempfile.TemporaryDirectory() as name, patch.dict(os.environ, WORKBOOK_STATE=name):
        yield Path(name)


# -- beside earlier releases (S13) -----------------------------------------------------------------
def _of(people: int, *, rounded: bool, **more):
    return release(counts={KEY: cell(people, rounded=rounded)}, **more)


OPEN_PERIOD = {"extract_date": "2026-09-15"}


def beside(old: int, new: int, code: str, *, rounded: bool = False, **more) -> Check:
    """A new release of other data is refused beside an old one of the same people."""
    before = _of(old, rounded=rounded, number=1, **more)
    after = _of(new, rounded=rounded, data_hash="e", **{"replaces": 1} | more)
    return partial(refused, code, lambda: check_against(after, (before,)))


small_difference = beside(200, 203, "E332")
small_loss = beside(200, 197, "E332")
open_in_fives = beside(200, 203, "E332", rounded=True, **OPEN_PERIOD)
silent_correction = beside(57, 63, "E334", rounded=True, replaces=None)


def same_number_again() -> bool:
    same = _of(200, rounded=False, data_hash="e")
    check_against(same, (_of(200, rounded=False, number=1),))
    return True


def another_folder() -> bool:
    old = _of(50, rounded=False, number=1)
    new = _of(53, rounded=False, data_hash="e", source="extracts-1a2b3c4d", replaces=1)
    return refused("E332", lambda: check_against(new, (old,)))


def _labelled(old: str, new: str) -> bool:
    keys = [f"place=wales;period={label};count=people" for label in (old, new)]
    before = release(number=1, counts={keys[0]: cell(50, rounded=False)})
    counts = {keys[1]: cell(53, rounded=False)}
    after = release(data_hash="e", counts=counts, replaces=1)
    return refused("E332", lambda: check_against(after, (before,)))


month_in_a_quarter = partial(_labelled, "2026 Q1", "2026-03")
own_label = partial(_labelled, "2026 Q1", "a label of its own")


# -- the ledger ------------------------------------------------------------------------------------
def _ledger_after(change: Callable[[list[bytes]], list[bytes]]) -> bool:
    """A ledger of three releases is read, and after a change it is not."""
    with _home() as home:
        for number in range(3):
            add(release(round_id=f"r{number}", data_hash=str(number)))
        file = home / "releases" / ledger.LEDGER
        lines, right = file.read_bytes().splitlines(keepends=True), len(releases()) == 3
        file.write_bytes(b"".join(change(lines)))
        return right and refused("E329", releases)


def _with(line: bytes, **more: object) -> bytes:
    content = json.loads(line) | more
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode() + b"\n"


middle_changed = partial(
    _ledger_after, lambda lines: [lines[0], _with(lines[1], round_id="x"), lines[2]]
)
last_changed = partial(_ledger_after, lambda lines: [*lines[:2], _with(lines[2], round_id="x")])
cut_off = partial(_ledger_after, lambda lines: lines[:2])


def earlier_tells() -> bool:
    """A count that is withheld now and was printed in an earlier release is known."""
    with _home():
        add(release(study=STUDY, counts={"a": (6.0, 6.0)}))
        known = Known.of([Count("a", 6, 0, OPEN, protected=True)])
        return len(beside_released(known, STUDY, "d").relations) == 1


# -- releasing -------------------------------------------------------------------------------------
def _releasing(code: str, *earlier, new=None, replaces=None, **patched) -> bool:
    """Whether a release is refused, where what it is made of is given."""

    def nothing(*_, **__) -> None:
        return None

    made = new or _of(57, rounded=True)
    given = {"_cleared_folders": lambda *_: {}, "_entry": lambda *_, **__: made}
    given |= {"_attack": nothing, "_mark": nothing, "is_exempt": lambda *_: False}
    with _home(), patch.multiple(releasing, **given | patched):
        for one in earlier:
            add(one)
        return refused(
            code, lambda: releasing.release(STUDY, SYNTHETIC, "draft", replaces=replaces)
        )


def held_against_earlier() -> bool:
    old = _of(50, rounded=False)
    return _releasing("E332", old, new=_of(53, rounded=False, data_hash="e", replaces=1))


def attacked_before() -> bool:
    def told(*_) -> None:
        raise RunError("E332", "small counts can be told")

    return _releasing("E332", _attack=told)


replaces_nothing = partial(_releasing, "E335", replaces=7)


class _Pool:
    """Runs at once what is handed to a worker."""

    def __init__(self, *_) -> None:
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        pass

    def submit(self, asked: Callable, *given):
        return SimpleNamespace(result=lambda: asked(*given))


def _attack_says(found: Verdict | Outcome, code: str) -> bool:
    given = {"forked_pool": _Pool, "staged_folders": lambda *_: {}}
    with patch.multiple(releasing, attack_places=lambda _: found, **given):
        plan = load_plan(STUDY)
        return refused(code, lambda: releasing._attack(plan, SYNTHETIC, "draft"))


def _verdict(recovered: int = 2, **further: frozenset[str]) -> Verdict:
    return Verdict(5, 0, recovered, further, ("what helps",), 0.0)


release_of_what_is_told = partial(_attack_says, _verdict(), "E332")
UNKNOWN = Coverage(2, (Printed("notebook.ipynb", "Who is counted, People", 45),))
release_of_what_nobody_noted = partial(_attack_says, replace(_verdict(0), covered=UNKNOWN), "E346")
release_without_attack = partial(_attack_says, Outcome(RUN, "failed", code="E327"), "E327")


def _released_folder(code: str, *, gathered: dict | None = None, **given) -> bool:
    """Whether a folder is refused before it is released: given what is found of it."""
    right = {"cleared": True, "statement": "a record", "altered": None} | given
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / releasing.RESULTS).write_text("{}")
        found = Gathered({"wales": folder}, (), ()) if gathered is None else Gathered(**gathered)
        record = SimpleNamespace(cleared=right["cleared"], statement=right["statement"])
        made = {"gather": lambda *_: found, "link_path": lambda *_: folder}
        made |= {"altered_file": lambda _: right["altered"]}
        made |= {"store": SimpleNamespace(load=lambda _: record)}
        with patch.multiple(releasing, **made):
            plan = load_plan(STUDY)
            return refused(code, lambda: releasing._cleared_folders(plan, SYNTHETIC, "draft"))


release_of_altered = partial(_released_folder, "E326", altered="results.json")
release_of_uncleared = partial(_released_folder, "E333", cleared=False)
release_without_a_place = partial(
    _released_folder, "E333", gathered={"folders": {}, "missing": ("wales",), "unlike": ()}
)
release_of_unlike = partial(
    _released_folder, "E333", gathered={"folders": {}, "missing": (), "unlike": ("data_hash",)}
)


# -- the attack over all places (S4) ---------------------------------------------------------------
def _attacked(known: Known | None, *earlier) -> Verdict | Outcome:
    """What an attack on a study with one place says; None: the place noted no counts."""
    with _home() as home:
        folder = home / "run"
        (folder / "private").mkdir(parents=True)
        made = {"made_from": {"data_hash": "d"}}
        (folder / "provenance.json").write_text(json.dumps(made))
        if known is not None:
            write_known(known, folder / "private" / "counts.json")
        for one in earlier:
            add(one)
        with patch.object(attacking, "known_of_study", lambda *_: known):
            return attack_places(Attack(RUN, (("wales", folder),)))


def _ends_in(code: str, found: Verdict | Outcome) -> bool:
    return isinstance(found, Outcome) and found.code == code


def tells_what_is_recovered() -> bool:
    """A withheld part of a whole, beside the other part, both in fives."""
    counts = [Count("all", 66, 63, 67), Count("b", 60, 58, 62), Count("a", 6, 0, OPEN, True)]
    found = _attacked(Known.of(counts, [total("all", ["a", "b"], "the parts of all")]))
    return isinstance(found, Verdict) and not found.holds and bool(found.further["wales"])


def place_without_counts() -> bool:
    return _ends_in("E327", _attacked(None))


def nothing_noted() -> bool:
    return _ends_in("E327", _attacked(Known.of([])))


def attack_knows_the_ledger() -> bool:
    """A count that nothing but an earlier release tells: withholding takes nothing back."""
    alone = Known.of([Count("a", 6, 0, OPEN, protected=True)])
    found = _attacked(alone, release(study=STUDY, counts={"a": (6.0, 6.0)}))
    return isinstance(found, Verdict) and found.recovered == 1 and not found.further


def printed_and_not_noted() -> bool:
    """`workbook attack` says that a printed count was never noted, and that this is not well."""
    nothing = SimpleNamespace(printed=1, withheld=0, cells=(), recovered=(), enough=10, undecided=0)
    given = {"attack_study": lambda *_: nothing, "coverage_of_study": lambda *_: UNKNOWN}
    with patch.multiple(attacking, source_is_public=lambda *_: False, **given):
        safe, lines = attacking.told(load_plan(STUDY), SYNTHETIC, "draft")
    said = " ".join(lines)
    return not safe and "1 of 2 printed" in said and "People (1)" in said and "45" not in said


GATHERED = Gathered({"wales": Path("run")}, (), ())
MADE = Outcome(RUN, "published")


def _cleared(*verdicts: Verdict, gathered: Gathered = GATHERED, again=(), failed=()) -> tuple:
    """How clearing ends where attacks say this, and what was decided."""
    left, decisions, waiting = list(verdicts), [], list(again)

    def handed(attack):
        return SimpleNamespace(result=lambda: left.pop(0) if left else Outcome(RUN, "failed"))

    def decided(run, found, verdict):
        decisions.append(verdict)
        waiting.append("task")

    def to_run_again(*_):
        found = tuple(waiting)
        waiting.clear()
        return found

    steps = {
        "is_exempt": lambda *_: False,
        "to_run_again": to_run_again,
        "attack_on": lambda *_: Attack(RUN, ()),
        "decide": decided,
        "withheld_by_decision": lambda *_: (),
        "joint_task": lambda *_: Task(RUN),
    }
    given = {
        "gather": lambda *_: gathered,
        "_run_places": lambda *_: list(failed),
        "execute": lambda _: MADE,
        "publish_joint": lambda outcome, _: outcome,
    }
    with patch.multiple(alone, **given), patch.multiple(protecting, **steps):
        workers = SimpleNamespace(submit=handed)
        return alone._cleared(load_plan(STUDY), RUN, (), workers), decisions, left


MORE = {"wales": frozenset({"b"})}


def cleared_when_nothing_is_told() -> bool:
    outcome, decisions, _ = _cleared(_verdict(), _verdict(**MORE), _verdict(0))
    return outcome.code == "E328" and not decisions


def decides_what_the_attack_wants() -> bool:
    outcome, decisions, left = _cleared(_verdict(**MORE), _verdict(0))
    return outcome.state == "published" and len(decisions) == 1 and not left


def not_cleared_in_the_end() -> bool:
    outcome, _, left = _cleared(*[_verdict(**MORE)] * 5)
    return outcome.code == "E328" and len(left) == 2


def not_cleared_with_what_nobody_noted() -> bool:
    outcome, decisions, _ = _cleared(replace(_verdict(0), covered=UNKNOWN))
    return outcome.code == "E346" and not decisions and "45" not in outcome.text


def not_cleared_without_a_place() -> bool:
    lacking = Gathered({}, ("wales",), ())
    return _cleared(_verdict(0), gathered=lacking)[0].code == "E331"


def not_cleared_where_a_place_failed() -> bool:
    return _cleared(_verdict(0), again=("task",), failed=("wales",))[0].code == "E331"


def attacked_in_any_case() -> bool:
    return not _cleared(_verdict(0))[2]


def place_under_an_old_decision() -> bool:
    made = {PROTECTION: "another"}
    with patch.object(protecting, "provenance_in", lambda _: made):
        found = protecting.not_under(Decision(frozenset({"b"}), MORE), GATHERED)
    return found == ("wales",)


def decision_holds_more() -> bool:
    kept: list[Decision] = []
    given = {"data_of": lambda _: "d", "keep": lambda decision, file: kept.append(decision)}
    with _home(), patch.multiple(protecting, **given):
        protecting.decide(RUN, GATHERED, _verdict(**MORE))
    return kept[0].hidden == MORE["wales"]


def _places() -> dict:
    """Three places, of which the last is too small."""
    wide, small = _estimate(), _estimate(smallest_cell=3)
    return {"a": {"cell": wide}, "b": {"cell": wide}, "c": {"cell": small}}


def pool_without_the_withheld() -> bool:
    rows = _places()
    decision = joint_decision(rows, clearance=OURS).cells["cell"]
    exact = {place: row["cell"] for place, row in rows.items()}
    return list(pool_input(decision, exact)) == ["a", "b"]


def no_pool_of_one() -> bool:
    rows = {place: row for place, row in _places().items() if place != "a"}
    return joint_decision(rows, clearance=OURS).cells["cell"].pooled == ()


# -- files of a run --------------------------------------------------------------------------------
def _sealed(change: Callable[[Path], object]) -> str | None:
    """The file that is found to be another, after a change."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "results.json").write_text("one")
        (folder / "notebook.ipynb").write_text("two")
        made = {"files": sealed_files(folder)}
        (folder / "provenance.json").write_text(json.dumps(made))
        if altered_file(folder) is not None:
            return "before"
        change(folder)
        return altered_file(folder)


def altered(name: str, change: Callable[[Path], object]) -> Check:
    return lambda: _sealed(change) == name


edited = altered("results.json", lambda folder: (folder / "results.json").write_text("0ne"))
added = altered("people.csv", lambda folder: (folder / "people.csv").write_text("one"))
missing = altered("results.json", lambda folder: (folder / "results.json").unlink())
not_sealed = altered(
    "provenance.json", lambda folder: (folder / "provenance.json").write_text('{"files": {}}')
)


def _for_another(folder: Path) -> None:
    """All that could be told from an empty list is gone with the files."""
    for name in ("results.json", "notebook.ipynb"):
        (folder / name).unlink()
    (folder / "provenance.json").write_text('{"files": {}}')


emptied = altered("provenance.json", _for_another)


# -- exceptions ------------------------------------------------------------------------------------
WHO = {"approved_by": "Senior Statistician", "reason": "an example of the tests"}


def _smallest(value: int, **who: str) -> SmallestCount:
    return SmallestCount(value=value, unit="people", source="an example of a source", **who)


def _is_invalid(value: int, **who: str) -> bool:
    try:
        _smallest(value, **who)
    except ValidationError:
        return True
    return False


def lower_without_approver() -> bool:
    right = _smallest(6, **WHO)
    return right.value == 6 and _is_invalid(6)


def lower_without_reason() -> bool:
    return _is_invalid(6, approved_by=WHO["approved_by"])


def lower_without_name() -> bool:
    return _is_invalid(6, reason=WHO["reason"])


def _exceptions(study: str, source: str) -> list[str]:
    rules = SimpleNamespace(smallest_count=_smallest(6, **WHO))
    with patch.object(exceptions, "load_rules", lambda: rules):
        found = exceptions.exceptions_of(load_plan(study), Source(source))
    return [one["rule"] for one in found if one["approved_by"] and one["reason"]]


def exceptions_are_named() -> bool:
    """A lower count, and published numbers, with approver and reason."""
    return _exceptions("youth_cascade", "published") == ["S0", "S1"]


def _counts_plan(**more) -> SimpleNamespace:
    counts = {"public": WHO, "file": "params/disclosure.yml"} | more
    return SimpleNamespace(counts=SimpleNamespace(**counts))


def another_file_is_not_public() -> bool:
    return _is_of_the_plan(_counts_plan(), None) and not _is_of_the_plan(_counts_plan(), "0" * 64)


def undeclared_file_is_not_public() -> bool:
    return not _is_of_the_plan(_counts_plan(public=None), None)


# -- what is said ----------------------------------------------------------------------------------
def _asked(*hidden: str) -> Asked:
    asked = Asked("wales", "a sentence", OURS, group="Black")
    names = frozenset(asked.key(count) for count in hidden)
    return replace(asked, clearance=replace(OURS, hidden=names))


def few_are_not_said() -> bool:
    return cleared_count(9, _asked()).number is None


def hidden_are_not_said() -> bool:
    return cleared_count(90, _asked("asked")).number is None


def said_in_fives() -> bool:
    return cleared_count(103, _asked()).number == 105


def said_is_noted() -> bool:
    forget()
    cleared_count(103, _asked())
    names = set(noted().counts)
    forget()
    return names == {_asked().key("asked")}


def share_is_noted() -> bool:
    forget()
    cleared_share(9, 100, _asked())
    known = noted()
    forget()
    return len(known.counts) == 3 and len(known.relations) == 1


def share_of_few() -> bool:
    return not may_be_told(9, 100, _asked())


def share_of_an_unreliable_base() -> bool:
    return not may_be_told(12, 29, _asked())


def share_of_hidden() -> bool:
    return may_be_told(40, 100, _asked()) and not may_be_told(40, 100, _asked(EVENT))


def share_withheld() -> bool:
    return cleared_share(9, 100, _asked()).number is None


def share_beside_a_withheld() -> bool:
    return cleared_share(40, 100, _asked(), beside=False).number is None


def share_of_fives() -> bool:
    return cleared_share(31, 103, _asked()).number == 28.6


def mean_of_few() -> bool:
    """Where means of few people were reliable, they would be told."""
    with patch.object(people_said, "is_unreliable", lambda *_: False):
        return cleared_mean(5.0, 9, OURS).number is None


def mean_of_some() -> bool:
    return cleared_mean(5.0, 29, OURS).number is None


def no_answer_from_a_small_count() -> bool:
    """8 of 40 is above 15 percent, and a small count of 40 may be below it."""
    return decided(8, 40, lambda share: share > 15) is None


def answer_for_every_small_count() -> bool:
    return decided(8, 100, lambda share: share > 15) is False


# -- sums (S7) -------------------------------------------------------------------------------------
def two_make_nine_tenths() -> bool:
    return dominance.is_dominated(np.array([50.0, 50.0, *[0.2] * 40]))


def sizes_without_sign() -> bool:
    """Losses that are alike are nobody's own."""
    return not dominance.is_dominated(-np.arange(30.0, 70.0))


def few_have_anything() -> bool:
    return dominance.tells_of_a_person(np.array([10.0, 11.0] * 4 + [0.0] * 40))


def all_have_the_same() -> bool:
    return dominance.tells_of_a_person(np.full(40, 5.0))


def mean_of_dominated() -> bool:
    return dominance.tells_of_a_person(np.array([900.0, 900.0, *[1.0, 2.0] * 20]))


def few_behind() -> bool:
    return dominance.people_behind(np.array([1.0, 2.0, 3.0] * 3)) == 0


def two_behind() -> bool:
    return dominance.people_behind(np.array([900.0, 900.0, *[1.0] * 40])) == 0


def smaller_of_two() -> bool:
    values, side = np.array([1.0, 2.0] * 30), np.arange(60) < 20
    return dominance.smaller_side(values, side) == 20


def sum_of_many() -> bool:
    return not dominance.two_may_make_the_sum(40, 800, 40 * 20**2)


def sum_of_which_one_has_most() -> bool:
    """Seven tenths, and all others one each."""
    return not dominance.two_may_make_the_sum(31, 100, 70**2 + 30)
