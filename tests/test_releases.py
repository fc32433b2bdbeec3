"""The release ledger is only added to, and two releases tell nothing of a few people (S13)."""

import json
import multiprocessing
import os
import random
from dataclasses import replace

import pytest

from analysis.chained import HEAD, ChainedLog
from analysis.disclosure.rules import load_rules, round_to_base
from analysis.errors import RunError
from analysis.paths import open_to_others
from analysis.runs.release import releases as ledger
from analysis.runs.release.differencing import check_against
from analysis.runs.release.releases import Release, add, releases
from analysis.runs.telling import kept_private


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "releases"


def cell(number: int, *, rounded: bool) -> tuple[float, float]:
    """What is public of a count."""
    shown = round_to_base(number)
    return (shown - 2.0, shown + 2.0) if rounded else (float(number), float(number))


def release(**more) -> Release:
    made = {
        "number": 0,
        "time": "2026-10-04T09:30:00+00:00",
        "study": "supervision",
        "source": "extracts",
        "round_id": "2026Q3",
        "plan_hash": "p",
        "data_hash": "d",
        "code_version": "c",
        "period_from": "2026-07-01",
        "period_to": "2026-09-30",
        "extract_date": "2026-10-03",
        "counts": {"place=wales;group=Black;count=people": cell(57, rounded=True)},
    }
    return Release(**made | more)


def three(state) -> list[bytes]:
    """A ledger of three releases, and its lines."""
    for number in range(3):
        add(release(round_id=f"r{number}", data_hash=str(number)))
    return (state / ledger.LEDGER).read_bytes().splitlines(keepends=True)


# -- the chain -------------------------------------------------------------------------------------
def test_what_is_added_is_read_again_in_order(state):
    assert releases() == ()
    lines = three(state)
    assert [r.number for r in releases()] == [1, 2, 3] and len(lines) == 3
    assert releases()[1] == release(number=2, round_id="r1", data_hash="1")
    assert state.stat().st_mode & 0o077 == 0 == (state / ledger.LEDGER).stat().st_mode & 0o077


def flipped(line: bytes) -> bytes:
    content = json.loads(line)
    content["round_id"] += "x"
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode() + b"\n"


TAMPERED = {
    "first changed": lambda a, b, c: [flipped(a), b, c],
    "middle changed": lambda a, b, c: [a, flipped(b), c],
    "last changed": lambda a, b, c: [a, b, flipped(c)],
    "swapped": lambda a, b, c: [b, a, c],
    "cut at the end": lambda a, b, c: [a, b],
    "cut at the start": lambda a, b, c: [b, c],
    "cut in the middle": lambda a, b, c: [a, c],
    "cut inside": lambda a, b, c: [a, b, c[:-10]],
    "without its end": lambda a, b, c: [a, b, c[:-1]],
    "doubled": lambda a, b, c: [a, b, c, c],
    "two added": lambda a, b, c: [a, b, c, b"x\n", b"y\n"],
    "all gone": lambda a, b, c: [],
    "a space": lambda a, b, c: [a, b.replace(b'": ', b'":  ', 1), c],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_ledger_that_was_tampered_with_is_found_and_nothing_is_added(state, how):
    content = b"".join(TAMPERED[how](*three(state)))
    (state / ledger.LEDGER).write_bytes(content)
    for attempt in (releases, lambda: add(release(data_hash="new"))):
        with pytest.raises(RunError, match="E329"):
            attempt()
    assert (state / ledger.LEDGER).read_bytes() == content


def test_any_bit_of_a_line_that_is_changed_is_found(state):
    whole = b"".join(three(state))
    for seed in range(200):
        content, chance = bytearray(whole), random.Random(seed)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        (state / ledger.LEDGER).write_bytes(content)
        with pytest.raises(RunError, match="E329"):
            releases()


@pytest.mark.parametrize("text", ["", "{}", '{"lines": 2, "last": "x"}', '{"lines": 9}'])
def test_a_head_that_was_tampered_with_is_found(state, text):
    three(state)
    (state / HEAD).write_text(text)
    with pytest.raises(RunError, match="E329"):
        releases()


@pytest.mark.parametrize("left", [0, 1, 20])
def test_a_line_that_was_not_finished_is_overwritten(state, left):
    lines = three(state)
    with (state / ledger.LEDGER).open("ab") as file:
        file.write(lines[0][:left])
    assert len(releases()) == 3
    assert add(release(data_hash="new")).number == 4 and len(releases()) == 4


def test_a_process_that_is_killed_before_the_head_is_written_loses_nothing(state, monkeypatch):
    three(state)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(
            ChainedLog, "_keep_head", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        add(release(data_hash="new"))
    assert len(releases()) == 4 and add(release(data_hash="newer")).number == 5


def _add_many(number: int) -> None:
    for one in range(10):
        add(release(round_id=f"{number}-{one}", data_hash=f"{number}-{one}"))


def test_many_processes_add_one_after_the_other(state):
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.map(_add_many, range(4))
    assert [one.number for one in releases()] == list(range(1, 41))


def test_no_exact_number_stands_in_a_line(state):
    add(release(counts={"place=wales;count=people": cell(58, rounded=True)}))
    (entry,) = [json.loads(line) for line in (state / ledger.LEDGER).read_text().splitlines()]
    assert entry["counts"] == {"place=wales;count=people": [58.0, 62.0]}


# -- what two releases tell together ---------------------------------------------------------------
KEY = "place=wales;group=Black;count=people"


def of(people: int, *, rounded: bool, **more) -> Release:
    return release(counts={KEY: cell(people, rounded=rounded)}, **more)


@pytest.mark.parametrize("difference", range(-30, 31))
@pytest.mark.parametrize("period_to", ["2026-09-30", "2026-12-31"])
def test_exact_counts_of_overlapping_people_differ_by_nobody_or_by_ten(difference, period_to):
    old = of(200, rounded=False, number=1)
    later = {"data_hash": "e", "period_to": period_to, "extract_date": "2027-01-04"}
    new = of(200 + difference, rounded=False, replaces=1, **later)
    if 1 <= abs(difference) <= 9:
        with pytest.raises(RunError, match=r"E332.*release 1 \(supervision"):
            check_against(new, (old,))
    else:
        check_against(new, (old,))


def refused_or_safe(seed: int) -> bool:
    """Whether a release beside an earlier one is refused, or leaves nobody to be told."""
    chance = random.Random(seed)
    before, now = (chance.randint(10, 60) for _ in range(2))
    fives = [chance.random() < 0.5 for _ in range(2)]
    closed = [chance.random() < 0.7 for _ in range(2)]
    drawn = ["2026-10-03" if each else "2026-09-15" for each in closed]
    old = of(before, rounded=fives[0], number=1, extract_date=drawn[0])
    new = of(now, rounded=fives[1], data_hash="e", extract_date=drawn[1], replaces=1)
    try:
        check_against(new, (old,))
    except RunError as error:
        return error.code == "E332" and not (all(fives) and all(closed))
    (a, b), (c, d) = old.counts[KEY], new.counts[KEY]
    possible = {int(y - x) for x in range(int(a), int(b) + 1) for y in range(int(c), int(d) + 1)}
    threshold = load_rules().threshold
    rounded_and_closed = all(fives) and all(closed) and len(possible) >= 9
    return rounded_and_closed or possible == {0} or min(map(abs, possible)) >= threshold


def test_whatever_passes_leaves_the_difference_at_nobody_at_ten_or_open_by_rounding():
    assert [seed for seed in range(300) if not refused_or_safe(seed)] == []


def test_monthly_cumulative_exact_counts_are_refused_and_closed_rounded_ones_are_not():
    """The example of the rule: region by group, of which half move by 1 to 9 a month."""
    chance, refused = random.Random(7), {True: 0, False: 0}
    for rounded in (True, False):
        earlier: tuple[Release, ...] = ()
        total = 40
        for month, last in enumerate((31, 28, 31, 30, 31, 30), start=1):
            total += chance.randint(1, 9)
            new = of(
                total,
                rounded=rounded,
                number=month,
                data_hash=str(month),
                round_id=f"2026-{month:02}",
                period_from="2026-01-01",
                period_to=f"2026-{month:02}-{last}",
                extract_date=f"2026-{month + 1:02}-02",
            )
            try:
                check_against(new, earlier)
                earlier += (new,)
            except RunError as error:
                assert error.code == "E332"
                refused[rounded] += 1
    assert refused[True] == 0 and refused[False] >= 3


@pytest.mark.parametrize(
    ("label", "other", "refused"),
    [
        ("2026 Q1", "2026 Q2", False),
        ("2026 Q1", "2026 Q1", True),
        ("2026 Q1", "2026", True),
        ("2026-03", "2026 Q1", True),
        ("2026-04", "2026 Q1", False),
        ("2026-12", "2027-01", False),
        ("a label of its own", "2026 Q1", True),
    ],
)
def test_periods_that_do_not_overlap_tell_nothing_together(label, other, refused):
    keys = [f"place=wales;period={each};count=people" for each in (label, other)]
    old = release(number=1, counts={keys[0]: cell(50, rounded=False)})
    new = release(data_hash="e", counts={keys[1]: cell(53, rounded=False)}, replaces=1)
    if refused:
        with pytest.raises(RunError, match="E332"):
            check_against(new, (old,))
    else:
        check_against(new, (old,))


def test_the_newest_period_of_two_releases_is_not_the_same():
    key = "place=wales;period=newest;count=people"
    old = release(number=1, counts={key: cell(50, rounded=False)})
    later = {"period_from": "2026-10-01", "period_to": "2026-12-31", "extract_date": "2027-01-02"}
    new = release(data_hash="e", counts={key: cell(53, rounded=False)}, **later)
    check_against(new, (old,))
    with pytest.raises(RunError, match="E332"):
        check_against(replace(new, period_from="2026-07-01"), (old,))


def test_a_correction_names_what_it_replaces():
    old = of(57, rounded=True, number=1)
    check_against(of(57, rounded=True, data_hash="e"), (old,))  # nothing printed is another
    with pytest.raises(RunError, match=r"E334.*--replaces 1"):
        check_against(of(63, rounded=True, data_hash="e"), (old,))
    corrected = of(63, rounded=True, data_hash="e", replaces=1, number=2)
    check_against(corrected, (old,))
    check_against(of(63, rounded=True, data_hash="f"), (old, corrected))
    with pytest.raises(RunError, match=r"E334.*--replaces 2"):
        check_against(of(70, rounded=True, data_hash="f"), (old, corrected))
    with pytest.raises(RunError, match="E332"):
        check_against(of(63, rounded=False, data_hash="e", replaces=1), (old,))


def test_other_studies_and_other_synthetic_nations_hold_other_people():
    old = of(50, rounded=False, number=1)
    check_against(of(53, rounded=False, data_hash="e", study="workforce"), (old,))
    small = of(50, rounded=False, number=1, source="synthetic-x0.1")
    check_against(of(53, rounded=False, data_hash="e", source="synthetic"), (small,))
    with pytest.raises(RunError, match="E332"):  # another folder may hold the same people
        check_against(of(53, rounded=False, data_hash="e", source="extracts-1a2b3c4d"), (old,))


def test_the_ledger_is_beside_what_outlives_a_checkout(state):
    add(release())
    assert sorted(os.listdir(state)) == [".lock", "head.json", "releases.jsonl"]


@pytest.mark.parametrize("name", ["protection", "releases", "keys"])
def test_folders_of_the_state_that_are_open_to_others_are_named(tmp_path, monkeypatch, name):
    monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path / "reports"))
    private = tmp_path / "reports" / ".runs" / "a-run" / "private"
    for folder in (tmp_path / "state" / name, private):
        folder.mkdir(parents=True)
        folder.chmod(0o700)
    assert not open_to_others(kept_private())
    for folder in (tmp_path / "state" / name, private):
        folder.chmod(0o750)
        (line,) = open_to_others(kept_private())
        assert f"chmod 700 {folder}" in line
        folder.chmod(0o700)
