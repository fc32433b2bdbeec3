"""A round by the commands of docs/rounds.md, in processes of their own, on real runs."""

import json
import re
from pathlib import Path

from command_line import workbook

from rounds.signed_rounds import forced

STUDY, ROUND, REGIONS = "star_teacher_matching", "2026Q3", ("inner", "suburb", "rural", "urban")
ELSE = "toronto_arrests"


def said(*arguments: str, reports: Path, code: int = 0) -> str:
    done = workbook(*arguments, reports=reports)
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return done.stdout + done.stderr


def test_a_round_from_run_to_correction_by_its_commands(tmp_path):
    reports, log = tmp_path / "reports", tmp_path / "state" / "rounds" / "rounds.jsonl"

    def ask(*arguments: str, code: int = 0) -> str:
        return said(*arguments, reports=reports, code=code)

    def step(name: str, by: str, *studies: str, round_id: str = ROUND, code: int = 0) -> str:
        given = ("--round", round_id, "--step", name, "--by", by)
        return ask("sign-off", *studies, *given, code=code)

    def sign(round_id: str) -> None:
        step("analyst", "Ann Analyst", STUDY, round_id=round_id)
        assert "E397" in step("assurer", "ann analyst", STUDY, round_id=round_id, code=2)
        step("assurer", "Bo Assurer", STUDY, round_id=round_id)
        for region in REGIONS:
            comment = ("--comment", "The schools moved.") if region == "inner" else ()
            given = ("--round", round_id, "--region", region, "--by", "Wyn Wales", *comment)
            ask("fact-check", STUDY, *given)
        step("disclosure", "Di Checker", round_id=round_id)
        step("lead", "Lee Lead", round_id=round_id)

    ask("run", STUDY, ELSE, "--round", ROUND, "--jobs", "2")
    assert "E395" in step("lead", "Lee Lead", STUDY, code=2)
    sign(ROUND)
    listed = ask("list", "--rounds")
    assert re.search(rf"{ROUND} star {STUDY}: analyst .*, lead .*; 4 of 4 regions .*frozen", listed)
    front = (reports / "site" / "index.html").read_text()
    assert "DRAFT, not signed off" in front, "the pages are of before"
    ask("site", "--round", ROUND)
    assert "some of these pages are drafts" in (reports / "site" / "index.html").read_text()

    unchanged = ask("run", STUDY, "--round", ROUND)
    assert "0 of 5 places run, 5 unchanged" in unchanged and "r2" not in unchanged
    again = ask("run", STUDY, "--round", ROUND, "--force", "--jobs", "2")
    assert f"{STUDY} is signed in the round {ROUND}: this run goes on as {ROUND}r2." in again
    assert (reports / "star" / f"{ROUND}r2" / STUDY / "national" / "results.json").is_file()
    sign(f"{ROUND}r2")

    out = tmp_path / "out"
    ask("publish", STUDY, "--round", ROUND, "--audience", "internal", "--to", str(out), code=2)
    reason = ("--reason", "Wording of the source", "--by", "Lee Lead")
    corrected = ask("correct", ROUND, STUDY, "--kind", "method", *reason)
    assert "No class, verdict, decision or harm watch has changed." in corrected
    ask("publish", STUDY, "--round", ROUND, "--audience", "internal", "--to", str(out))
    assert "E388" in ask(
        "publish", "--round", ROUND, "--audience", "release", "--to", f"{out}2", code=2
    )
    page = (out / "pages" / "star" / ROUND / STUDY / "national" / "index.html").read_text()
    assert "This page was corrected on" in page and "signed by the lead on" in page
    ask("release", STUDY, "--round", f"{ROUND}r2", "--data", "star")
    ask("publish", "--round", ROUND, "--audience", "release", "--data", "star", "--to", f"{out}2")
    assert "released" in (Path(f"{out}2") / "README.txt").read_text()

    assert {json.loads(line)["by"] for line in log.read_text().splitlines()} >= {"Lee Lead"}
    frozen = forced(reports / "star" / ROUND / STUDY / "inner" / "results.json")
    frozen.write_text(frozen.read_text().replace("0", "1", 1))
    assert "E326 not as it was signed: inner" in ask("list", "--rounds", code=1)
    assert f"E326: star/{STUDY}/inner: results.json" in ask("site", "--round", ROUND, code=1)
