"""Another country by YAML alone: its places, its coding of ethnicity and another reference group
(params/codings.yml), for pilots of persons as well as for monitors."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import locked, workbook, workspace_of

from analysis.paths import PARAMS
from analysis.record import store
from analysis.synthetic.other_codings import DRAWN, recoding
from analysis.vocabulary.ethnicity import CENSUS, CODINGS, GROUPS, RECORDED

CARE_REGIONS = """
care_regions:
  title: Care regions
  one: care region
  many: care regions
  whole: The whole island
  source: "made up for this test"
  places: {coast: Coast, hills: Hills, river: River, metropolis: Metropolis, plains: Plains}
"""
COMMUNITIES = """
recorded: communities_2020
codings:
  communities_2020:
    title: Communities of the island, 2020
    broad: communities_2020_broad
    characteristic: community
    source: made up for this test
    groups:
      Upland: {codes: {U1: Upland villages, U2: Upland towns}}
      Lakeside: {codes: {L1: Northern lakes, L2: Southern lakes}}
      Harbour: {codes: {H1: Old harbour, H2: New harbour, H3: Ferry towns}}
      Islanders:
        codes: {I1: Outer islands}
        words: {alone: islanders, before: islander, children: islander children}
"""
# Lines of the worked example in the words of the other country; the rest of its plan stays.
OWN_LINES = {
    r"study: .*": "study: own_community_nurse",
    r"title: .*": "title: Nurses of the same community",
    r"question: .*": "question: Do people do better with a nurse of their community?",
    r"  - document: .*\n    item: .*\n    part: .*": (
        "  - {report: a report, item: recommendation 1}"
    ),
    r"  places: probation_regions": "  places: care_regions",
    r"  matched_groups: .*": "  matched_groups: [Upland, Lakeside, Harbour]",
    r"  left_out: .*": "  left_out: [Islanders]",
    r"  why_left_out: .*": "  why_left_out: too few islanders are nurses",
    r"  match_on: .*": "  match_on: communities_2020_broad",
    r"  coding: ons_2021_5\+1": "  coding: communities_2020_broad",
    r"  reference: White": "  reference: Lakeside",
    r"same broad ethnic group": "same community",
    r"another broad ethnic group": "another community",
    r"held_alike: \[office, quarter, ethnic group\]": "held_alike: [office, quarter, community]",
    r"by ethnicity": "by community",
    r"their ethnic group": "their community",
    r"an ethnic group": "a community",
}
STUDY = "own_community_nurse"
REFERENCE, OTHERS = "Lakeside", ("Upland", "Harbour", "Islanders")
CENSUS_WORDS = re.compile(r"\b(White|Black|Asian|Mixed)\b")


def island_plan() -> str:
    text = (PARAMS / "pilots" / "ethnic_matching.yml").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.M)
    for line, own in OWN_LINES.items():
        text, times = re.subn(line, own, text)
        assert times, line
    return text


@pytest.fixture(scope="module")
def island(tmp_path_factory) -> Path:
    """Its params: those of the workbook that are of no country, and its own YAML."""
    home = tmp_path_factory.mktemp("island")
    shutil.copytree(PARAMS, home / "params")
    for folder in ("pilots", "monitors"):
        shutil.rmtree(home / "params" / folder)
        (home / "params" / folder).mkdir()
    with (home / "params" / "regions.yml").open("a") as file:
        file.write(CARE_REGIONS)
    (home / "params" / "codings.yml").write_text(COMMUNITIES)
    (home / "params" / "pilots" / f"{STUDY}.yml").write_text(island_plan())
    return home


def asked(home: Path, *arguments: str, reports: Path) -> subprocess.CompletedProcess:
    return workbook(*arguments, reports=reports, WORKBOOK_PARAMS=str(home / "params"))


# -- the coding ------------------------------------------------------------------------------------
def test_the_census_is_what_is_recorded_where_nothing_else_is_said():
    assert RECORDED == CENSUS[-1] == DRAWN
    assert all(CODINGS[one].groups == GROUPS for one in CODINGS)
    assert recoding(DRAWN) == {code: code for code in CODINGS[DRAWN].codes}


TOLD = """
from analysis.synthetic.other_codings import recoding
from analysis.vocabulary.ethnicity import CODINGS, RECORDED, characteristic_of, of_group
codes = recoding(RECORDED)
print(RECORDED, *CODINGS[RECORDED].groups, sep=",")
print(*sorted({*codes.values()}), sep=",")
print(of_group("Islanders", "people on probation"), of_group("Harbour", "people"), sep=",")
print(characteristic_of(CODINGS[RECORDED].broad))
"""


def test_a_coding_of_its_own_has_its_groups_codes_and_words(island):
    done = subprocess.run(
        [sys.executable, "-c", TOLD],
        env=os.environ | {"WORKBOOK_PARAMS": str(island / "params")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    recorded, codes, people, of = done.stdout.splitlines()
    assert recorded == "communities_2020,Upland,Lakeside,Harbour,Islanders"
    assert codes == "H1,H2,H3,I1,L1,L2,U1,U2"  # somebody has each code
    assert people == "islanders on probation,Harbour people" and of == "community"


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("recorded: communities_2020", "recorded: communities", "E209: codings.yml, line 2"),
        ("recorded: communities_2020", "recorded: ons_2021_5+1", "E209: codings.yml, line 2"),
        ("    broad:", "    brood:", "E206: codings.yml, line 6"),
        ("    title: Communities of the island, 2020\n", "", "E207: codings.yml, line 4"),
        ("broad: communities_2020_broad", "broad: communities_2020", "two codings are called"),
        ("{L1: Northern", "{U1: Northern", "the code U1 stands in two groups"),
        (
            "Lakeside: {codes: {L1: Northern lakes, L2: Southern lakes}}",
            "Lakeside: {codes: {}}",
            "line 11",
        ),
    ],
)
def test_what_is_wrong_in_a_coding_is_named_with_file_and_line(
    island, tmp_path, wrong, right, said
):
    home = tmp_path / "country"
    shutil.copytree(island, home)
    assert wrong in COMMUNITIES
    (home / "params" / "codings.yml").write_text(COMMUNITIES.replace(wrong, right))
    done = asked(home, "explain-plan", STUDY, reports=tmp_path / "reports")
    assert done.returncode == 2 and said in done.stderr, done.stderr


def test_a_plan_names_the_groups_of_its_coding(island, tmp_path):
    home = tmp_path / "country"
    shutil.copytree(island, home)
    plan = home / "params" / "pilots" / f"{STUDY}.yml"
    plan.write_text(plan.read_text().replace("reference: Lakeside", "reference: White"))
    done = asked(home, "explain-plan", STUDY, reports=tmp_path / "reports")
    assert done.returncode == 2
    assert "must be one of Upland, Lakeside, Harbour, Islanders" in done.stderr


# -- a pilot ---------------------------------------------------------------------------------------
def test_a_pilot_is_explained_in_its_own_words(island, tmp_path):
    done = asked(island, "explain-plan", STUDY, reports=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "5 care regions" in done.stdout and REFERENCE in done.stdout
    assert not CENSUS_WORDS.search(done.stdout)


def test_one_place_alone_has_a_page_with_its_coding_and_its_reference(island, tmp_path):
    reports = tmp_path / "reports"
    data = ("--region", "hills", "--data", "synthetic:x0.2")
    own = {"WORKBOOK_PARAMS": str(island / "params")}
    own = locked(tmp_path / "state", STUDY, reports=reports, **own)
    done = workbook("run", STUDY, *data, reports=reports, **own)
    assert done.returncode == 0, done.stdout + done.stderr
    (page,) = workspace_of(reports).glob(f"pages/*/draft/{STUDY}/hills/index.html")
    text = page.read_text()
    assert "Hills" in text and "By community" in text and not CENSUS_WORDS.search(text)
    assert all(f">{group}<" in text for group in (REFERENCE, *OTHERS))
    # in a table of rates a reference has no ratio to itself, and is the one without
    rates = text[text.index("By community: people on probation who") :]
    (line,) = re.findall(rf">{REFERENCE}</t[hd]>(.*?)</tr>", rates, re.S)[:1]
    assert "[z]" in line


@pytest.mark.slow
def test_a_pilot_comes_to_the_pages_of_all_places_by_yaml_alone(island, tmp_path):
    done = asked(island, "run", STUDY, "--data", "synthetic:x0.3", reports=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    home = tmp_path / "synthetic-x0.3" / "draft" / STUDY
    places = {"coast", "hills", "river", "metropolis", "plains", "national"}
    assert {path.name for path in home.iterdir()} == places
    record = store.load(home / "hills" / "results.json")
    groups = {row.group for row in record.rows}
    assert {"Upland", "Harbour"} <= groups and not groups & {*GROUPS}
    for place in ("hills", "national"):
        text = (tmp_path / "site" / home.relative_to(tmp_path) / place / "index.html").read_text()
        assert "Lakeside" in text and "care region" in text and not CENSUS_WORDS.search(text)
    assert "The whole island" in text


@pytest.mark.slow
def test_an_extract_is_checked_by_the_codes_of_its_coding(island, tmp_path):
    extract, reports = tmp_path / "extract", tmp_path / "reports"
    made = ("demo-data", "--to", str(extract), "--places", "care_regions", "--region", "hills")
    assert asked(island, *made, "--people", "6000", reports=reports).returncode == 0
    assert asked(island, "check-data", str(extract), reports=reports).returncode == 0
    data = ("--region", "hills", "--data", f"extracts:{extract}")
    own = {"WORKBOOK_PARAMS": str(island / "params")}
    own = locked(tmp_path / "state", STUDY, reports=reports, **own)
    done = workbook("run", STUDY, *data, reports=reports, **own)
    assert done.returncode == 0, done.stdout + done.stderr
    people = extract / "people_on_probation.csv"
    people.write_text(people.read_text().replace(",L1,", ",A1,"))
    refused = asked(island, "check-data", str(extract), reports=reports)
    assert "E113" in refused.stdout + refused.stderr
    assert "communities_2020" in refused.stdout + refused.stderr
