"""Plans are locked before outcomes are seen: by whom, what changed since, and that nothing of it
can be altered unseen."""

import json
import random

import pytest
import yaml
from command_line import workbook
from hypothesis import given
from hypothesis import strategies as st
from test_releases import TAMPERED

from analysis.errors import ParameterError, PlanError, RunError
from analysis.plans import registry
from analysis.plans.kinds import kind_of
from analysis.plans.locks.canonical import NAMED_BY, canonical_form, changed_keys, hash_of_form
from analysis.plans.locks.lock_log import FILE, all_locks, locks_of
from analysis.plans.locks.roles import check_role
from analysis.plans.locks.standing import needs_lock, require_lock, standing_of
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan, parse_source, plan_files, read_plan
from analysis.plans.study_plan import AdjustFor
from analysis.runs.locks.locking import lock_plan
from analysis.runs.locks.verifying import verify

LEAD = "Head of Evaluation"
STUDY = "gamified_training"
REASON = "The board set another size after the supplier's note."


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def own_plan(tmp_path, monkeypatch):
    """A copy of a plan in a folder of its own, and how to write it anew with other text."""
    path = tmp_path / "pilots" / f"{STUDY}.yml"
    path.parent.mkdir()
    was = plan_files()[STUDY].read_text(encoding="utf-8")

    def write(change=lambda text: text) -> None:
        path.write_text(change(was), encoding="utf-8")
        plan = read_plan(path)
        monkeypatch.setattr("analysis.plans.locks.canonical.load_plan", lambda _: plan)

    monkeypatch.setattr(registry, "plan_files", lambda: {STUDY: path})
    monkeypatch.setattr("analysis.runs.locks.locking.plan_files", lambda: {STUDY: path})
    write()
    return write


def matters(text: str) -> str:
    content = yaml.safe_load(text)
    (leaving,) = [one for one in content["outcomes"] if one.get("id") == "leaving"]
    was = f"matters: {leaving['matters']}"
    before, after = text.rsplit(was, 1)
    return f"{before}matters: 3{after}"


# -- the canonical form ----------------------------------------------------------------------------
def test_comments_layout_and_the_state_of_the_study_change_no_lock(own_plan):
    before = hash_of_form(canonical_form(STUDY))
    own_plan(lambda text: "# a remark\n\n" + text.replace("state: in_field", "state: closed"))
    assert hash_of_form(canonical_form(STUDY)) == before
    own_plan(matters)
    assert hash_of_form(canonical_form(STUDY)) != before


def test_the_rule_for_decisions_is_locked_with_the_plan_and_its_looks_are_not():
    form = canonical_form(STUDY)
    assert form["decision rule"]["alpha"] == 0.05 and "looked" not in form["decision rule"]
    assert "decision rule" not in canonical_form("prison_culture")


@pytest.mark.parametrize("plan", list_plans(), ids=lambda plan: plan.study)
def test_every_plan_has_a_form_that_json_gives_back(plan):
    form = canonical_form(plan.study)
    assert json.loads(json.dumps(form)) == form and "state" not in form
    assert form["study"] == plan.study


@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_is_no_part_of_it(chance):
    form = canonical_form(STUDY)
    keys = list(form)
    chance.shuffle(keys)
    assert hash_of_form({key: form[key] for key in keys}) == hash_of_form(form)


def leaves(value, path=()):
    """Every value of a form that is no part of another, with the way to it."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        for at, part in enumerate(value):
            yield from leaves(part, (*path, at))
    else:
        yield path


@pytest.mark.parametrize("plan", list_plans(), ids=lambda plan: plan.study)
def test_any_value_that_is_changed_is_named(plan):
    """By its own key, wherever it stands, and nothing else is named."""
    before = canonical_form(plan.study)
    every = list(leaves(before))
    for path in random.Random(1).sample(every, min(25, len(every))):
        now = json.loads(json.dumps(before))
        inside = now
        for step in path[:-1]:
            inside = inside[step]
        inside[path[-1]] = "something else"
        named = changed_keys(before, now)
        words = [step for step in path if isinstance(step, str)]
        assert named and all(key.split(" › ")[0] == words[0] for key in named), path
        own = [key for key in named if key.split(" › ")[-1] == words[-1]]
        assert own or words[-1] in NAMED_BY or named[0] in (words[0], " › ".join(words[:2])), path


def test_changes_are_named_as_the_plan_calls_them():
    before = canonical_form(STUDY)
    now = json.loads(json.dumps(before))
    (leaving,) = [one for one in now["outcomes"] if one.get("id") == "leaving"]
    leaving["matters"] = 3.0
    now["families"] = now["families"][:-1] or None
    named = changed_keys(before, now)
    assert "outcomes › leaving › matters" in named and any("families" in key for key in named)


# -- locking ---------------------------------------------------------------------------------------
def test_a_first_lock_needs_no_reason_and_an_unchanged_plan_is_not_locked_twice():
    locked = lock_plan(STUDY, LEAD)
    assert locked.is_new and "Locked" in locked.said
    again = lock_plan(STUDY, "Senior Statistician")
    assert not again.is_new and "nothing was added" in again.said
    assert len(all_locks()) == 1 and all_locks()[0].form == canonical_form(STUDY)


def test_a_changed_plan_is_an_amendment_with_a_reason_and_stays_one(own_plan):
    lock_plan(STUDY, LEAD)
    own_plan(matters)
    standing = standing_of(STUDY)
    assert standing.changed == ("outcomes › leaving › matters",)
    assert "plan changed since it was locked: outcomes › leaving › matters" in standing.words
    for reason in ("", "short", "x" * 301, "Ask jane@example.org about the new size of it."):
        with pytest.raises(ParameterError, match="E292") as raised:
            lock_plan(STUDY, LEAD, reason)
        assert "jane" not in str(raised.value)
    lock_plan(STUDY, LEAD, REASON)
    own_plan()  # what was changed back is a second amendment, and both stay told
    assert standing_of(STUDY).changed
    lock_plan(STUDY, LEAD, REASON)
    words = standing_of(STUDY).words
    assert len(words) == 3 and not standing_of(STUDY).changed
    assert all("amended after the lock" in said and REASON in said for said in words[1:])


@pytest.mark.parametrize(
    "by",
    [
        "Jane Smith",
        "jane.smith@example.org",
        "JS1",
        "",
        "  ",
        "Dr A. Lead",
        "Mr Head",
        "x" * 70,
        "Head of Evaluation 2",
        "analyst; drop",
    ],
)
def test_a_person_is_no_role(by):
    with pytest.raises(ParameterError, match="E291") as raised:
        check_role(load_plan(STUDY), by)
    assert not by.strip() or by.strip() not in str(raised.value).replace(LEAD, "")


@pytest.mark.parametrize("plan", list_plans(), ids=lambda plan: plan.study)
def test_each_role_of_a_plan_may_lock_it(plan):
    for role in (plan.people.lead, plan.people.assurer, plan.people.decides):
        assert check_role(plan, f" {str(role).upper()} ") == str(role)


def test_a_plan_that_is_not_filled_in_or_does_not_agree_is_not_locked(own_plan, monkeypatch):
    own_plan(lambda text: text.replace("question: ", "question: 'to fill in: which?' #", 1))
    with pytest.raises(PlanError, match="E282"):
        lock_plan(STUDY, LEAD)
    own_plan()
    wrong = load_plan(STUDY).model_copy(update={"adjust_for": AdjustFor(outside=("shoe_size",))})
    monkeypatch.setattr("analysis.runs.locks.locking.load_plan", lambda _: wrong)
    with pytest.raises(PlanError, match="E209"):
        lock_plan(STUDY, LEAD)
    assert not all_locks()


# -- the log ---------------------------------------------------------------------------------------
def three(state) -> list[bytes]:
    for study in (STUDY, "psr_quality", "ethnic_matching"):
        lock_plan(study, LEAD)
    return (state / "locks" / FILE).read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    "how",
    [name for name in TAMPERED if name not in ("first changed", "middle changed", "last changed")],
)
def test_a_log_of_locks_that_was_tampered_with_is_found(state, how):
    (state / "locks" / FILE).write_bytes(b"".join(TAMPERED[how](*three(state))))
    for attempt in (all_locks, lambda: locks_of(STUDY), lambda: lock_plan("mentoring", LEAD)):
        with pytest.raises(RunError, match="E329"):
            attempt()
    with pytest.raises(RunError, match="E329"):  # an outcome is not loaded either
        require_lock(load_plan(STUDY), parse_source("extracts"))
    assert not all(one.holds for one in verify())


def test_any_bit_of_a_lock_that_is_changed_is_found(state):
    whole = b"".join(three(state))
    for seed in range(60):
        content, chance = bytearray(whole), random.Random(seed)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        (state / "locks" / FILE).write_bytes(content)
        assert not all(one.holds for one in verify())


def test_verify_tells_of_every_log_and_every_lock(state, own_plan):
    assert verify() == ()
    lock_plan(STUDY, LEAD)
    said = [one.said for one in verify()]
    assert said[0].startswith("locks/locks.jsonl: 1 entry")
    assert said[1].startswith(f"{STUDY}: locked on") and said[1].endswith("unchanged.")
    own_plan(matters)
    changed = verify((STUDY,))[-1]
    assert not changed.holds and "outcomes › leaving › matters" in changed.said
    lock_plan(STUDY, LEAD, REASON)
    amended = verify()[-1]
    assert amended.holds and "amended on" in amended.said and REASON in amended.said
    (state / "locks" / FILE).unlink()
    assert not all(one.holds for one in verify())


def test_the_command_line_ends_with_one_where_something_was_altered(state, tmp_path):
    own = {"WORKBOOK_STATE": str(state), "reports": tmp_path / "reports"}
    named = workbook("lock", STUDY, "--by", "Jane Smith", **own)
    assert named.returncode == 2 and "E291" in named.stderr and "Jane" not in named.stderr
    assert workbook("lock", STUDY, "--by", LEAD, **own).returncode == 0
    assert workbook("verify", **own).returncode == 0
    file = state / "locks" / FILE
    file.write_text(file.read_text().replace(f'"by": "{LEAD}"', '"by": "Head of Nothing"'))
    done = workbook("verify", **own)
    assert done.returncode == 1 and "E329" in done.stdout


# -- what is not loaded before ---------------------------------------------------------------------
def test_outcomes_of_a_pilot_with_a_comparison_need_a_lock_and_of_a_monitor_do_not():
    for plan in list_plans():
        pilot = isinstance(plan, Plan) and kind_of(plan).compares
        for source in ("extracts", "extracts:mine", "database:URL"):
            assert needs_lock(plan, parse_source(source)) == pilot
            assert not needs_lock(plan, parse_source(f"blind:{source}"))
        for source in ("synthetic", "star", "published"):
            assert not needs_lock(plan, parse_source(source))


def test_the_error_names_the_command():
    plan = load_plan(STUDY)
    with pytest.raises(ParameterError, match="E290") as raised:
        require_lock(plan, parse_source("extracts"))
    assert f'workbook lock {STUDY} --by "{LEAD}"' in str(raised.value)
    lock_plan(STUDY, LEAD)
    require_lock(plan, parse_source("extracts"))
