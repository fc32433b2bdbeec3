"""Promises about recodes: a group that changes between rounds is told on the page with its size,
and only then."""

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.rules import load_rules, round_to_base
from analysis.extracts.counts.counts import NOT_KNOWN, broad_groups
from analysis.extracts.rules.recodes import recoded
from analysis.notebook import clear_together
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.registry import DRAFT, load_plan
from analysis.record import store
from analysis.studies.disparity.counted.counts import counted_rows
from analysis.studies.disparity.counted.recodes import CHECK, recode_lines, recodes_in_short
from analysis.studies.disparity.page.answer import monitor_block
from analysis.studies.disparity.study import open_monitor
from analysis.study.place_record import exact_record
from analysis.synthetic.nation import write_demo
from analysis.vocabulary.regions import ALL

# ibis 12 calls by their old names what duckdb 2 and pandas 3 have renamed.
pytestmark = pytest.mark.filterwarnings(
    "ignore:fetch_arrow_table", "ignore:The 'future.infer_string'"
)
PLACE, NEWEST = "wales", "2026-07-01"
CODES = ["W1", "W2", "B1", "B2", "A1", "not_stated", "refused"]
DATES = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("caseload")
    write_demo(folder, region=PLACE, people=600, service="caseload")
    return folder


def study_of(folder):
    plan = load_plan("supervision")
    counts = counted_rows(plan, PLACE, f"extracts:{folder}", folder)
    return open_monitor(plan, PLACE, counts, shown_on="2026-10-03", hidden=NOTHING)


def record_of(study):
    hashes = dict.fromkeys(("plan_hash", "data_hash", "code_version"), "0" * 64)
    dates = DATES | {"period_from": "2026-07-01", "period_to": "2026-09-30"}
    return exact_record(
        study,
        plan=study.plan,
        place=PLACE,
        data_source="extracts",
        round_id=DRAFT,
        dates=dates,
        hashes=hashes,
    )


def changed(folder, to, people):
    """The folder once so many White people in the newest quarter, who stood in the one before, are
    Black."""
    to.mkdir()
    for file in folder.glob("*.csv"):
        (to / file.name).write_bytes(file.read_bytes())
    frame = pd.read_csv(folder / "supervision_quarters.csv", dtype=str, keep_default_na=False)
    before = frame.loc[frame["quarter"] == "2026-04-01", "person_id"]
    rows = frame.index[
        (frame["quarter"] == NEWEST)
        & (frame["ethnicity"] == "W1")
        & frame["person_id"].isin(before)
    ][:people]
    frame.loc[rows, "ethnicity"] = "B1"
    frame.to_csv(to / "supervision_quarters.csv", index=False)
    return len(rows)


def test_a_series_without_recodes_says_nothing(folder):
    study = study_of(folder)
    assert not [check for check in study.checks if check.id.startswith(CHECK)]


def test_people_recoded_in_the_newest_round_are_told_in_fives(folder, tmp_path):
    n = changed(folder, tmp_path / "extract", 47)
    (check,) = [c for c in study_of(tmp_path / "extract").checks if c.id.startswith(CHECK)]
    shown = round_to_base(n, load_rules().rounding_base.value)
    assert n == 47 and check.passed is None and check.text.startswith(f"{shown} ")
    assert (
        "July to September 2026" in check.text
        and "April to June 2026" in check.text
        and "break" in check.text
    )


def test_a_few_people_are_told_without_their_number(folder, tmp_path):
    changed(folder, tmp_path / "extract", 4)
    (check,) = [c for c in study_of(tmp_path / "extract").checks if c.id.startswith(CHECK)]
    assert check.text.startswith("A few ") and "4" not in check.text.replace("2026", "")


def test_the_page_says_where_the_series_breaks(folder, tmp_path):
    changed(folder, tmp_path / "extract", 47)
    study = study_of(tmp_path / "extract")
    record = clear_together(study.plan, {ALL: record_of(study).with_(region=PLACE)}).places[ALL]
    (line,) = recode_lines(record)
    assert line in "\n".join(monitor_block(study.plan, record, record).lines)


def by_hand(frame, windows):
    """The same in pandas, person by person."""
    found, lasts = [], []
    for _, first, until in windows:
        rows = frame[frame["quarter"].between(first, until)].sort_values(["quarter", "ethnicity"])
        lasts.append(
            broad_groups(
                rows.drop_duplicates("person_id", keep="last").set_index("person_id")["ethnicity"]
            )
        )
    for k in range(1, len(windows)):
        both = pd.DataFrame({"before": lasts[k - 1], "after": lasts[k]}).dropna()
        known = both[both["before"] != NOT_KNOWN]
        found.append(int((known["before"] != known["after"]).sum()))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_engine_counts_what_a_person_counts_by_hand(seed, tmp_path):
    """Any series, with people who come and go, declare, withdraw and are recoded; in quarters and
    in years."""
    import ibis

    rng, n = np.random.default_rng(seed), 300
    quarters = pd.date_range("2024-10-01", periods=8, freq="QS")
    frame = pd.DataFrame(
        {
            "person_id": rng.integers(0, 60, n).astype(str),
            "quarter": rng.choice(quarters, n),
            "ethnicity": rng.choice(CODES, n),
        }
    ).drop_duplicates(["person_id", "quarter"])
    years = [("first", quarters[0], quarters[3]), ("second", quarters[4], quarters[7])]
    frame.to_parquet(tmp_path / "rows.parquet", index=False)
    table = ibis.duckdb.connect().read_parquet(str(tmp_path / "rows.parquet"))
    for windows in ([(str(q), q, q) for q in quarters], years):
        found = recoded(table, windows)
        assert list(found["moved"]) == by_hand(frame, windows)
        assert found["moved"].sum() > 0


def test_recodes_of_several_rounds_are_one_sentence_above_the_fold():
    record = store.load(EXAMPLE_RECORDS / "ethnicity_recording" / "national.json")
    each = recode_lines(record)
    (short,) = recodes_in_short(record)
    assert len(each) == 7 and str(short).startswith("In 7 rounds some people stand")
    assert recodes_in_short(record.with_(checks=())) == ()
