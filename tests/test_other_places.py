"""Places by YAML alone: a set of params/regions.yml that holds no probation region gets contracts,
data and pages."""

import csv
import shutil
from itertools import product

import numpy as np
import pytest
from command_line import workbook

from analysis.errors import ParameterError
from analysis.extracts.tables.contract import REGIONS
from analysis.extracts.tables.contracts import CONTRACTS, contract_of
from analysis.paths import PARAMS
from analysis.record import store
from analysis.synthetic.nation import TABLES, ensure_nation, make_region, nation_folder, write_demo
from analysis.synthetic.other_places import planted_as
from analysis.vocabulary import regions
from analysis.vocabulary.regions import Place, PlaceSet, place_sets

MANY = tuple(
    f"area_{number:02d}" for number in range(1, 15)
)  # more than there are probation regions
SETS = {
    "health_regions": ("coast", "hills", "river", "metropolis", "plains"),
    "areas": MANY,
}


@pytest.fixture(autouse=True)
def other_sets(monkeypatch):
    held = place_sets() | {
        key: PlaceSet(key, key, "area", "areas", "made up", tuple(Place(i, i.title()) for i in ids))
        for key, ids in SETS.items()
    }
    monkeypatch.setattr(regions, "place_sets", lambda: held)


@pytest.mark.parametrize("service", TABLES)
def test_tables_of_other_places_keep_their_contract(service):
    for place in SETS["health_regions"][:2]:
        tables = make_region(place, people=300, service=service, places="health_regions")
        for name, frame in tables.items():
            contract_of(name, "health_regions").schema().validate(frame, lazy=True)
            if contract_of(name).regional and len(frame):  # not every region has a pilot court
                assert set(frame["region"]) == {place}


@pytest.mark.parametrize("service", TABLES)
def test_places_modelled_on_one_region_hold_other_people_with_other_ids(service):
    first, thirteenth = (
        make_region(place, people=300, service=service, places="areas")
        for place in (MANY[0], MANY[12])
    )
    assert planted_as(MANY[0], "areas") == planted_as(MANY[12], "areas") == REGIONS[0]
    for name, frame in first.items():
        key = next((c for c in CONTRACTS[name].key if CONTRACTS[name].column(c).kind == "id"), None)
        assert key and not set(frame[key]) & set(thirteenth[name][key])
    drawn = [
        frame.drop(
            columns=[
                c.name for c in CONTRACTS[name].columns if c.kind == "id" or c.name == "region"
            ]
        )
        for tables in (first, thirteenth)
        for name, frame in tables.items()
        if name not in ("prisons", "courts") and len(frame)  # set by the plan, not drawn
    ]
    half = len(drawn) // 2
    assert not any(a.equals(b) for a, b in zip(drawn[:half], drawn[half:], strict=True))


def test_ids_still_join_after_the_move():
    tables = make_region("river", people=400, places="health_regions")
    people, staff = tables["people_on_probation"], tables["practitioners"]
    assert people["first_practitioner_id"].isin(staff["practitioner_id"]).mean() > 0.9
    assert set(tables["supervision_outcomes"]["person_id"]) <= set(people["person_id"])


def test_a_nation_of_another_set_has_a_folder_of_its_own(tmp_path):
    assert nation_folder(1.0) == nation_folder(1.0, "prison_places")
    home = ensure_nation(scale=0.02, folder=tmp_path, service="training", places="health_regions")
    assert home.name == nation_folder(0.02, "health_regions") != nation_folder(0.02)
    made = {path.stem.removeprefix("region=") for path in (home / "managers").glob("*.parquet")}
    assert made == set(SETS["health_regions"])


def test_a_place_of_no_set_and_a_set_that_is_none_are_refused(tmp_path):
    with pytest.raises(ParameterError, match="E212"):
        make_region("wales", people=100, places="health_regions")
    with pytest.raises(ParameterError, match=r"E211.*health_regions"):
        contract_of("managers", "health_region")
    with pytest.raises(ParameterError, match="E212"):
        write_demo(tmp_path, region="wales", places="health_regions")


THREE = """
health_regions:
  title: Health regions
  one: health region
  many: health regions
  source: "made up for this test"
  places: {coast: Coast, hills: Hills, river: River}
"""


@pytest.fixture(scope="module")
def plans_of_three(tmp_path_factory):
    """The plans of the workbook in three health regions: lines of YAML, and nothing else."""
    params = tmp_path_factory.mktemp("params")
    shutil.copytree(PARAMS, params, dirs_exist_ok=True)
    with (params / "regions.yml").open("a") as file:
        file.write(THREE)
    for study in ("pilots/ethnic_matching.yml", "monitors/use_of_force.yml"):
        text = (params / study).read_text()
        for places in ("probation_regions", "prison_places"):
            text = text.replace(f"  places: {places}", "  places: health_regions")
        (params / study).write_text(text)
    return params


@pytest.mark.slow
def test_a_pilot_and_a_monitor_run_in_other_places_up_to_the_page_of_all(plans_of_three, tmp_path):
    studies = ("ethnic_matching", "use_of_force")
    done = workbook(
        "run",
        *studies,
        "--data",
        "synthetic:x0.1",
        reports=tmp_path,
        WORKBOOK_PARAMS=str(plans_of_three),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for study in studies:
        home = tmp_path / "synthetic-x0.1" / "draft" / study
        assert {path.name for path in home.iterdir()} >= {*SETS["health_regions"][:3], "national"}
        record = store.load(home / "hills" / "results.json")
        assert record.region == "hills" and record.rows


@pytest.mark.slow
def test_an_extract_of_other_places_says_so_and_is_counted(plans_of_three, tmp_path):
    extract, reports = tmp_path / "extract", tmp_path / "reports"
    own = {"reports": reports, "WORKBOOK_PARAMS": str(plans_of_three)}
    made = workbook(
        "demo-data",
        "--to",
        str(extract),
        "--places",
        "health_regions",
        "--service",
        "prisons",
        **own,
    )
    checked = workbook("check-data", str(extract), **own)
    assert made.returncode == checked.returncode == 0, made.stderr + checked.stderr
    ran = workbook(
        "run", "use_of_force", "--region", "coast", "--data", f"extracts:{extract}", **own
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (extract / "mapping.yml").unlink()
    assert "E140" in workbook("check-data", str(extract), **own).stderr
    assert workbook("check-data", str(extract), "--places", "health_regions", **own).returncode == 0
    assert "E211" in workbook("check-data", str(extract), "--places", "health_region", **own).stderr


# -- another country: places, groups and words by YAML ---------------------------------------------
FIVE = """
care_regions:
  title: Care regions
  one: care region
  many: care regions
  whole: The whole island
  source: "made up for this test"
  places: {coast: Coast, hills: Hills, river: River, metropolis: Metropolis, plains: Plains}
"""
COMMUNITIES = """
community:
  title: Community
  characteristic: community
  source: "made up for this test"
  groups:
    Harbour: {}
    Upland: {}
    Lakeside: {}
    Islanders: {alone: islanders, before: islander, children: islander children}
"""
SCREENING = """
study: screening
title: Coming to heart screening, by community
question: Do people of each community come to heart screening equally often?
answers:
  - {report: "made up for this test", item: "recommendation 1, screening"}
state: planned
people: {lead: Head of Prevention, assurer: Chief Statistician, decides: the health council}
release: management_information
notebook: disparity
data:
  sources: [counts]
  places: care_regions
  also_all: true
  cohort: "people invited to screening, 2023 to 2026"
table: screening
level: society
person: people invited
groups: {coding: community, reference: Upland}
round: {length: year}
band: {low: 0.8, high: 1.25, source: "made up for this test"}
smallest: {base: 30, expected: 5}
leads: {measure: came, group: Harbour}
measures:
  - id: came
    plain: came to screening
    opposite: stayed away
    noun: coming to screening
    kind: share
    at_risk: people invited to screening
    people: people invited
    counts: good
    count: events
    of: base
trend: {rounds: 4}
families: [{name: page, method: benjamini_hochberg, alpha: 0.05}]
ask_the_region: ["Who is invited, and in which language?"]
counts:
  header_rows: [1]
  layout: long
  columns: {place: area, group: community, period: year, events: came, base: invited}
  labels: {place: {C: coast, H: hills, R: river, M: metropolis, P: plains}}
  fixed: {measure: came}
"""
CAME = {"Harbour": 0.42, "Upland": 0.60, "Lakeside": 0.60, "Islanders": 0.57}
INVITED = 3_000


@pytest.fixture(scope="module")
def another_country(tmp_path_factory):
    """Its params, from YAML alone, and a table of counts."""
    home = tmp_path_factory.mktemp("country")
    shutil.copytree(PARAMS, home / "params")
    for name, text in (("regions.yml", FIVE), ("groups.yml", COMMUNITIES)):
        with (home / "params" / name).open("a") as file:
            file.write(text)
    (home / "params" / "monitors" / "screening.yml").write_text(SCREENING)
    draw = np.random.default_rng(20261129)
    with (home / "screening.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("area", "community", "year", "came", "invited"))
        for area, group, year in product("CHRMP", CAME, range(2023, 2027)):
            came = draw.binomial(INVITED, CAME[group])
            rows.writerow((area, group, year, came, INVITED))
    return home


def test_another_country_is_explained_in_its_own_words(another_country, tmp_path):
    own = {"WORKBOOK_PARAMS": str(another_country / "params")}
    done = workbook("explain-plan", "screening", reports=tmp_path, **own)
    assert done.returncode == 0, done.stderr
    assert "5 care regions" in done.stdout and "Upland" in done.stdout
    assert not {"White", "ethnic", "probation"} & set(done.stdout.replace(",", " ").split())


@pytest.mark.slow
def test_a_study_of_another_country_comes_to_its_pages_by_yaml_alone(another_country, tmp_path):
    own = {"WORKBOOK_PARAMS": str(another_country / "params")}
    table = another_country / "screening.csv"
    done = workbook("run", "screening", "--data", f"counts:{table}", reports=tmp_path, **own)
    assert done.returncode == 0, done.stdout + done.stderr
    (home,) = tmp_path.glob("counts-*/draft/screening")
    places = {*SETS["health_regions"], "all", "national"}
    assert {path.name for path in home.iterdir()} == places
    record = store.load(home / "hills" / "results.json")
    led = [
        row
        for row in record.rows
        if (row.outcome, row.group) == ("came", "Harbour to Upland")
        and row.estimand == "relative_rate_index"
    ]
    assert led and led[0].conf_low <= CAME["Harbour"] / CAME["Upland"] <= led[0].conf_high
    assert {row.level for row in record.rows} == {"society"}
    site = tmp_path / "site" / home.relative_to(tmp_path)
    words = {place: (site / place / "index.html").read_text() for place in ("hills", "national")}
    assert "Hills" in words["hills"] and "The whole island" in words["national"]
    for page in words.values():
        assert "care regions" in page and "Upland" in page and "community" in page
        assert "White" not in page and "ethnic group" not in page and "probation" not in page
