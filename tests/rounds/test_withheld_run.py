"""A place that the disclosure checker withholds, by the commands, on real runs: its figures stand
nowhere, and the others do not give them back."""

import re

import pytest
from command_line import workbook

from analysis.record import store
from analysis.vocabulary.regions import ALL, NATIONAL

STUDY, ELSE, PLACE, SOURCE, ROUND = (
    "race_allyship",
    "hate_crime_resource_pack",
    "london",
    "synthetic:x0.1",
    "2026Q3",
)
OF = ("--round", ROUND, "--data", SOURCE)
REASON = "A case before a court could be told from them."
ROUNDED = 2  # people by which a number in fives may be off


@pytest.mark.slow
def test_a_place_that_is_withheld_is_told_by_nobody(tmp_path):
    reports = tmp_path / "reports"
    own = {"WORKBOOK_STATE": str(tmp_path / "state")}

    def ask(*arguments: str, code: int = 0) -> str:
        done = workbook(*arguments, *OF, reports=reports, **own)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def records(study: str) -> dict:
        folder = reports / SOURCE.replace(":", "-") / ROUND / study
        return {path.name: store.load(path / "results.json") for path in folder.iterdir()}

    ask("run", STUDY, ELSE, "--jobs", "2")
    before, unaffected = records(STUDY), records(ELSE)
    for step, name in (("analyst", "Ann"), ("assurer", "Bo")):
        ask("sign-off", STUDY, "--step", step, "--by", name)
    said = ask("withhold", STUDY, "--place", PLACE, "--by", "Di", "--reason", REASON)
    assert f"Next: workbook run {STUDY} --round {ROUND} --data {SOURCE}." in said
    again = ask("run", STUDY, ELSE, "--jobs", "2")
    assert re.search(rf"{ELSE} +13 +0 +13", again) and re.search(rf"{STUDY} +13 +13", again)
    after = records(STUDY)

    assert records(ELSE) == unaffected
    own_rows = after[PLACE].rows
    assert {row.status for row in own_rows} == {"withheld"} and after[PLACE].n_used is None
    assert all(row.value is None and row.n is None for row in own_rows)
    others = [place for place in after if place not in (PLACE, ALL, NATIONAL)]
    for place in others:
        assert after[place].rows == before[place].rows
    # what the nation has more than the others is nobody, whatever it was before
    for name in ("n_in", "n_used"):
        nation = getattr(after[NATIONAL], name)
        rest = nation - sum(getattr(after[place], name) for place in others)
        assert abs(rest) <= ROUNDED * (len(others) + 1)
        assert getattr(before[NATIONAL], name) - nation > ROUNDED * 2
    told = ask("attack", STUDY)
    assert "0 protected counts can be told" in told

    page = reports / "site" / SOURCE.replace(":", "-") / ROUND / STUDY / PLACE
    words = (page / "index.html").read_text()
    assert (
        "withheld to protect people" in words and REASON not in words and "Di" not in words.split()
    )
    assert not [path for path in page.rglob("*") if path.suffix in (".csv", ".svg", ".png")]
    site = (path.read_text() for path in (reports / "site").rglob("*.html"))
    assert not any(REASON in text for text in site)
    run = reports / SOURCE.replace(":", "-") / ROUND / STUDY / PLACE
    assert "<table" not in (run / "notebook.ipynb").read_text()
    assert not list((run / "figures").iterdir())
