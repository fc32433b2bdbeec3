"""The benchmark's own arithmetic and page; nothing here measures time."""

import pytest
from bench.report import table
from bench.speed.cases import REAL, typical_case
from bench.speed.growth import exponent
from bench.speed.limit import RECORD, compiled, records
from bench.speed.page import PARTS, page
from bench.speed.pieces import PIECES
from bench.speed.profiles import _weights
from bench.speed.targets import Target, number, read_targets, target_rows
from bench.speed.trees import PARTS as TREE_PARTS
from bench.speed.ways import Way, refuse_other_records
from bench.speed.whole import by_study, megabytes
from bench.speed.work import REST, WorkClock, kind_of_file

from analysis.paths import ROOT
from analysis.record import store

WAY = {"seconds": 2.0, "cpu": 3.0}
COMPARED = {
    "runs": 2,
    "ways": {"b": WAY, "c": WAY, "d": WAY},
    "pair_over_engine": 4.0,
    "pair_over_limit": 5.0,
    "engine_over_limit": 1.25,
}
SIZES = {f"x{size:g}": {"size": size, "cpu": 3 * size**1.5, "mb": 200.0} for size in (1, 10)}
TAKEN = {"name": "a/b", "cpu": 2.0, "mb": 300.0, "kinds": {"figures": 1.5, "counts": 0.5}}
FOUND = {
    "machine": "a machine",
    "packages": "numpy 2",
    "cores": 2,
    "commit": "abc",
    "date": "1 January 2027",
    "earlier": "def",
    "whole": {
        "seconds": 100.0,
        "cpu": 190.0,
        "mb": 140.0,
        "site_mb": 60.0,
        "again": 0.4,
        "site": {"seconds": 20.0, "cpu": 20.0},
        "studies_cpu": 170.0,
        "kinds": {"figures": 30.0, "counts": 10.0},
        "runs": [
            {"source": "synthetic", "study": "a", "place": place, "seconds": 2.0}
            for place in ("wales", "london", "all", "national")
        ],
    },
    "ways": {"memory": [500.0, 700.0], "places": 2, "ethnic_matching": COMPARED, "real": COMPARED},
    "typical": COMPARED
    | {
        "engine": [0.2, 0.4],
        "many": {
            "runs": 4,
            "seconds": 2.0,
            "cpu": 3.0,
            "runner_mb": 90.0,
            "limit_seconds": 1.0,
            "limit_cpu": 2.0,
            "pair_over_engine": 9.0,
            "engine_over_limit": 2.0,
        },
    },
    "growth": {"ethnic_matching": SIZES, "hundredfold": {"size": 100, "cpu": 50.0, "mb": 900.0}},
    "before": {"cases": {"a/b": [TAKEN | {"cpu": 8.0}, TAKEN]}},
    "pieces": [
        {"what": "w", "slow_way": "s", "fast_way": "f", "slow": 4.0, "fast": 2.0, "unit": "ms"}
    ],
    "starts": {
        "imports": {"papermill": [0.1, 1.4]},
        "kernels": {"warm": [0.1, 0.1, 0.2]},
        "at_once": {"--help": 0.07},
    },
}


@pytest.mark.parametrize("power", [0.0, 1.0, 2.3])
def test_the_power_of_an_exact_law_is_found(power):
    sizes = (0.1, 0.3, 1, 3, 10)
    assert exponent(sizes, [5 * size**power for size in sizes]) == pytest.approx(power, abs=1e-12)


def test_the_power_is_that_of_least_squares_of_logarithms():
    assert exponent([1, 10, 100], [1, 100, 1]) == pytest.approx(0.0)


@pytest.mark.parametrize(("sizes", "values"), [([1], [1]), ([1, 2], [1, 0]), ([0, 1], [1, 1])])
def test_no_power_without_two_positive_numbers(sizes, values):
    with pytest.raises(ValueError, match="positive"):
        exponent(sizes, values)


def test_every_target_has_one_bound_and_a_path_that_a_part_measures():
    targets = read_targets()
    parts = {target.value.split(".")[0] for target in targets}
    assert len(targets) >= 15
    assert parts <= {"whole", "growth", "ways", "typical", "starts", "tests"}


def test_a_target_with_two_bounds_or_none_is_refused():
    for bounds in ({}, {"at_most": 1, "at_least": 1}):
        with pytest.raises(ValueError, match="one bound"):
            Target("what", "path", **bounds)


def test_an_unknown_key_of_a_target_is_refused(tmp_path):
    file = tmp_path / "targets.yml"
    file.write_text("- {what: w, value: v, at_most: 1, at_mots: 2}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="at_mots"):
        read_targets(file)


@pytest.mark.parametrize(
    ("target", "row"),
    [
        (Target("w", "whole.cpu", at_most=190), ("190", "yes", "")),
        (Target("w", "whole.cpu", at_least=200), ("190", "no", "")),
        (
            Target("w", "whole.cpu", at_most=1, profile="whole.kinds", in_the_way="the rest"),
            ("190", "no", "figures 75%, counts 25%; the rest"),
        ),
        (Target("w", "whole.none", at_most=1), ("not measured", "", "")),
        (
            Target("w", "none", at_most=1, only="--full"),
            ("not measured", "", "`--full` measures it"),
        ),
    ],
)
def test_a_target_says_value_met_or_not_and_what_stands_in_the_way(target, row):
    assert target_rows((target,), FOUND)[0][2:] == row


def test_the_page_has_every_part_and_every_target():
    text = page(FOUND)
    assert all(f"## {title}" in text for title in PARTS)
    assert all(target.what in text for target in read_targets())
    assert "1.50 over the last step" in text and "commit def" in text


def test_a_part_that_was_not_measured_is_not_on_the_page():
    known = ("machine", "packages", "cores", "commit", "date")
    bare = {name: FOUND[name] for name in known}
    text = page(bare)
    assert not any(f"## {title}" in text for title in PARTS)


def test_a_table_has_a_rule_of_as_many_columns():
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"


@pytest.mark.parametrize(
    ("value", "text"), [(0.123, "0.12"), (1.0, "1.00"), (12.34, "12.3"), (1234.5, "1,234")]
)
def test_numbers_have_three_digits_that_tell(value, text):
    assert number(value) == text


def test_seconds_are_shared_out_over_studies_and_add_up():
    runs = [{"study": study, "seconds": s} for study, s in (("a", 1.0), ("b", 2.0), ("b", 1.0))]
    assert by_study(runs, 8.0) == {"b": (2, 6.0), "a": (1, 2.0)}


def test_one_place_stands_for_the_others_and_all_and_the_nation_for_themselves():
    weights = _weights(FOUND["whole"]["runs"])
    assert list(weights.values()) == [2, 1, 1]
    assert [key[2] for key in weights] == ["wales", "all", "national"]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/x/analysis/inference/clusters.py", "regression"),
        ("/x/analysis/inference/assignments.py", "permutations"),
        ("/x/analysis/inference/inversion.py", "permutations"),
        ("/x/site-packages/matplotlib/text.py", "figures"),
        ("/x/site-packages/pandas/core/frame.py", None),
        ("<frozen importlib._bootstrap>", "imports"),
    ],
)
def test_a_file_belongs_to_one_kind_of_work_or_serves_all(file, kind):
    assert kind_of_file(file) == kind


def test_every_room_with_numbers_belongs_to_a_kind_of_work():
    serves_all = {
        "paths",
        "errors",
        "atomic",
        "chained",
        "forking",
        "versions",
        "environment",
        "results",
        "notebook",
    }
    serves_all |= {"cli", "private", "explore"}
    rooms = {path.stem for path in (ROOT / "analysis").iterdir() if path.stem[0] not in "_."}
    unknown = {room for room in rooms if kind_of_file(f"/x/analysis/{room}/module.py") is None}
    assert unknown - serves_all == set()


def test_the_clock_gives_all_time_to_some_kind():
    clock = WorkClock()
    clock.start()
    sum(number * number for number in range(400_000))
    kinds = clock.stop()
    assert set(kinds) <= {REST, "counts"} and sum(kinds.values()) > 0


def test_the_last_expression_of_a_cell_is_shown_and_no_other():
    shown = []
    exec(compiled("a = 1\na + 1\na + 2", "cell"), {"_shown": shown.append})
    assert shown == [3]
    exec(compiled("a = 1", "cell"), {"_shown": shown.append})
    assert shown == [3]


def test_the_limit_knows_the_record_by_its_type():
    output = {"data": {store.MIME: {"study": "a"}}}
    assert store.MIME == RECORD
    assert records({"cells": [{"outputs": [output]}, {}]}) == [{"study": "a"}]


@pytest.mark.parametrize("make", PIECES)
def test_every_piece_can_be_done_both_ways(make, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path))
    piece = make()
    piece.slow(), piece.fast()


def test_ways_that_gave_other_records_are_refused():
    one, other = Way(1, 1, {"a": {"n": 1}}), Way(1, 1, {"a": {"n": 2}})
    refuse_other_records({"b": one, "c": one})
    with pytest.raises(RuntimeError, match="b and d gave other records: a"):
        refuse_other_records({"b": one, "c": one, "d": other})


def test_no_module_of_the_benchmark_names_a_folder_that_is_not_there():
    assert all((ROOT / part).is_dir() for part in TREE_PARTS)
    assert all(list((ROOT / "params").glob(f"*/{study}.yml")) for study in REAL)
    assert len(set(typical_case(400).places)) == 400


def test_a_file_under_two_names_is_on_the_disk_once(tmp_path):
    (tmp_path / "one").write_bytes(b"0" * 1_000_000)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    (tmp_path / "link").symlink_to(tmp_path / "one")
    assert megabytes(tmp_path) == 1
