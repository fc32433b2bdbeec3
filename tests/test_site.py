"""The site: what a reader may rely on when it is opened from a disk, without a network."""

import base64
import hashlib
import itertools
import json
import os
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from multiprocessing import get_context
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from changed_records import with_row

from analysis.clearing.headed import place_statement
from analysis.disclosure.guard.ids import Hashed, kept_ids
from analysis.disclosure.guard.signature import signed
from analysis.display.tables import Prose, render_prose, render_table
from analysis.errors import RunError
from analysis.plans.registry import load_plan
from analysis.record import store
from analysis.record.record import Record, RecordedCheck
from analysis.record.row import Row
from analysis.record.sealed import sealed_files
from analysis.results import Estimate, NotEstimable, Support, Table, Withheld
from analysis.said.texts import named
from analysis.sections.page.answer import answer_block
from analysis.site import build
from analysis.site.build import build_site
from analysis.study.opening import service_of
from analysis.study.place_record import leading_row
from analysis.study.words import national_statement
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

STUDY, SOURCE, ROUND = "ethnic_matching", "synthetic", "draft"
MAIN, POOLED = "cells_by_person_group", "random_effects_reml"
REGIONS = place_set("probation_regions").ids
WITHHELD, NO_ESTIMATE, NOT_CLEARED = "south_west", "kent_surrey_and_sussex", "wales"
HOSTILE = '<script>alert("x")</script> & <img src=x onerror=alert(1)>'
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


# -- records and notebooks that a run would leave --------------------------------------------------
def _row(plan, result, *, group="all", **more):
    """A released row of the plan's leading outcome."""
    outcome = plan.outcome(plan.leading)
    identity = {
        "level": outcome.level,
        "outcome": outcome.id,
        "group": group,
        "direction": outcome.better,
    }
    return Row.of(result, **identity, sesoi=outcome.matters, **more).released


def _estimate(
    plan,
    value,
    half,
    *,
    method=MAIN,
    estimand="matching_effect",
    group="all",
    result_class=None,
    **more,
):
    low, high = round(value - half, 2), round(value + half, 2)
    unit = plan.outcome(plan.leading).unit
    result = Estimate(
        estimand,
        method,
        unit,
        value,
        low,
        high,
        half / 2,
        comparison_value=18.2,
        group_value=18.2 + value,
    )
    judged = {
        "result_class": result_class,
        "claim": "linked",
        "harm_watch": None,
        "p_adjusted": 0.4,
        "mde": 4.6,
    }
    return _row(plan, result, group=group, n=2140, n_identifying=1450, **judged, **more)


def _record(plan, place, rows, *, source=SOURCE, cleared=True):
    return Record(
        study=plan.study,
        region=place,
        data_source=source,
        round=ROUND,
        period_from="2024-04-01",
        period_to="2025-03-31",
        extract_date="2026-10-03",
        follow_up_complete_to="2026-03-31",
        leads=leading_row(plan),
        cleared=cleared,
        synthetic=source == "synthetic",
        plan_hash="a" * 64,
        data_hash="b" * 64,
        code_version="c" * 64,
        n_in=3000,
        n_used=2140,
        excluded={"declined": 860},
        checks=(RecordedCheck(f"like_the_others_{plan.leading}", True, "-", 0.4, 0.05),),
        rows=tuple(rows),
    )


def _place_rows(plan, place, number):
    unit = plan.outcome(plan.leading).unit
    if place == WITHHELD:
        return [_row(plan, Withheld("matching_effect", MAIN, unit), result_class="withheld")]
    if place == NO_ESTIMATE:
        missing = NotEstimable("matching_effect", MAIN, unit, "too_few_practitioners")
        return [_row(plan, missing, result_class="not_estimable")]
    return [
        _estimate(
            plan,
            -1.8 + 0.35 * (number % 5 - 2),
            3.4 + 0.3 * (number % 4),
            result_class="inconclusive",
        ),
        _row(
            plan,
            Withheld("own_group_gap", "within_cells", unit),
            group="Asian",
            result_class="withheld",
        ),
        _estimate(plan, -1.8, 1.5, method="empirical_bayes"),
    ]


def example_records(study=STUDY, *, source=SOURCE):
    """Cleared records of a study by place, the national one among them; one place of the study is
    not cleared."""
    plan = load_plan(study)
    places = [place for place in place_set(plan.data.places).ids if place != NOT_CLEARED]
    cleared = {
        place: _record(plan, place, _place_rows(plan, place, i), source=source)
        for i, place in enumerate(places)
    }
    pooled = _estimate(
        plan,
        -1.8,
        1.4,
        method=POOLED,
        result_class="benefit_size_uncertain",
        k=9,
        pi_low=-3.9,
        pi_high=0.3,
    )
    test = _estimate(
        plan, 0.6, 2.0, method=POOLED, estimand="gap_difference", group="Black less White"
    )
    rows = [pooled.with_(places_missing=(WITHHELD, NO_ESTIMATE)), test]
    if plan.data.also_all:
        rows = [_estimate(plan, 4.2, 1.8, result_class="benefit_size_uncertain"), *rows]
        cleared[ALL] = _record(plan, ALL, rows[:1], source=source)
    national = _record(plan, NATIONAL, rows, source=source)
    national = national.with_(statement=national_statement(plan, national))
    cleared = {
        place: record.with_(statement=place_statement(plan, place, record, places_compared=9))
        for place, record in cleared.items()
    }
    if plan.data.places == "probation_regions":
        cleared[NOT_CLEARED] = _record(plan, NOT_CLEARED, [], source=source, cleared=False)
    return {NATIONAL: national, **cleared}


def _notebook():
    table = Table(
        "Who <is> in the data",
        pd.DataFrame({"Group": ["White", HOSTILE], "People": [1340, "[c]"]}),
        "rounded",
    )
    bundles = [render_table(table), render_prose(Prose(named(HOSTILE)))]
    bundles.append(
        ({"image/png": PIXEL, "text/plain": "One dot"}, {"image/png": {"alt": 'A "dot" <small>'}})
    )
    bundles.append(({"application/vnd.workbook.results+json": {"secret": 1}}, {}))
    outputs = [
        nbformat.v4.new_output("display_data", data=data, metadata=metadata)
        for data, metadata in bundles
    ]
    outputs.append(nbformat.v4.new_output("stream", name="stderr", text="a secret line"))
    cells = [
        nbformat.v4.new_markdown_cell("# Ethnic matching\nDo people do better?"),
        nbformat.v4.new_code_cell("study_id = 'ethnic_matching'"),
        nbformat.v4.new_markdown_cell("## Who is in the data\n### A part\n" + HOSTILE),
        nbformat.v4.new_code_cell("study.people()  # a < b", outputs=outputs),
        nbformat.v4.new_markdown_cell("## Is the comparison fair"),
        nbformat.v4.new_code_cell("study.people()", outputs=outputs[:1]),
        nbformat.v4.new_markdown_cell("## A section without anything\n### A heading"),
        nbformat.v4.new_code_cell("study.nothing()"),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def write_run(reports: Path, record: Record) -> Path:
    """What the runner leaves: a folder under .runs, and the link that points to it. The data have a
    hash that no real ones have, as no ids are kept of them."""
    record = record.with_(data_hash=record.data_hash[::-1])
    source, study, place = record.data_source, record.study, record.region
    folder = reports / ".runs" / f"{source}-{study}-{place}"
    (folder / "figures").mkdir(parents=True)
    (folder / "private").mkdir()
    (folder / "private" / "record.json").write_text("exact")
    (folder / "figures" / "dot.png").write_bytes(base64.b64decode(PIXEL))
    (folder / "figures" / "dot.csv").write_text("x\n1\n")
    (folder / "figures" / "notes.html").write_text("not a figure")
    store.write(store.validate(record), folder / "results.json")
    nbformat.write(_notebook(), folder / "notebook.ipynb")
    made = {
        "commit": "f" * 40,
        "packages": {"pandas": "3.1.0"},
        "run_id": folder.name,
        "finished": "2026-10-04T09:30:00",
    }
    (folder / "provenance.json").write_text(json.dumps(made))
    seal(folder)
    keep_ids(record)
    link = reports / source / ROUND / study / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(folder, link.parent), target_is_directory=True)
    return folder


def keep_ids(record: Record, *ids: str) -> None:
    """Hashes of the ids of the data that a record was made from, as the runs of it leave them."""
    service = service_of(load_plan(record.study))
    Hashed.of(ids, ()).write(kept_ids(service, ALL, record.data_hash))


def seal(folder: Path) -> None:
    """Say what the files of a run hold now, as the runner signs it."""
    file = folder / "provenance.json"
    made = json.loads(file.read_text()) | {"files": sealed_files(folder)}
    file.write_text(json.dumps(signed(made)))


def write_runs(reports: Path, found: dict[str, Record]) -> Path:
    for record in found.values():
        write_run(reports, record)
    return reports


# -- reading pages ---------------------------------------------------------------------------------
class Page(HTMLParser):
    """The elements of a page in order, with their attributes, and its visible words."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.source = path, path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "hr", "link", "source"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (
            f"</{tag}> does not close what is open in {self.path}"
        )

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def make_reports(folder: Path) -> None:
    write_runs(folder, example_records())
    write_runs(folder, example_records("star_teacher_matching", source="star"))
    build_site(folder, round_id=ROUND)


@pytest.fixture(scope="module")
def reports(made_once):
    return made_once("site-reports", make_reports)


@pytest.fixture(scope="module")
def pages(reports):
    return {
        str(path.relative_to(reports / "site")): Page(path)
        for path in (reports / "site").rglob("*.html")
    }


def page(pages, place, name="index", study=STUDY, source=SOURCE):
    return pages[f"{source}/{ROUND}/{study}/{place}/{name}.html"]


# -- promises --------------------------------------------------------------------------------------
def test_every_cleared_place_has_a_page_and_one_with_code(pages):
    assert (
        len(pages) == 2 + 11 + 2 * (12 + 5) + 2
    )  # the front page and the portfolio, places, and two that lead on to all places at once
    assert page(pages, "west_midlands", "code").all("code") and not page(
        pages, "west_midlands"
    ).all("code")


def test_nothing_is_loaded_from_a_network_and_nothing_runs(pages):
    """But the one script of the front page, which its policy names by its hash."""
    for name, found in pages.items():
        assert len(found.all("script")) == (name == "index.html") and not any(found.all("script"))
        assert not {"iframe", "object", "embed", "form", "link", "base", "svg"} & {
            tag for tag, _ in found.elements
        }
        assert (
            "http:" not in found.source
            and "https:" not in found.source
            and "<!--" not in found.source
        )
        for _, attrs in found.elements:
            assert not any(name.startswith("on") or name == "style" for name in attrs)
            assert attrs.get("srcset", "figures/answer_narrow.png") == "figures/answer_narrow.png"
            assert not re.match(r"[a-z]+:|//", attrs.get("src", "") + attrs.get("href", ""))


def test_the_policy_allows_the_pages_own_style_and_pictures_only(pages):
    for found in pages.values():
        policy = next(
            a["content"]
            for a in found.all("meta")
            if a.get("http-equiv") == "Content-Security-Policy"
        )
        css = re.search(r"<style>(.*?)</style>", found.source, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        assert (
            policy.startswith("default-src 'none'; img-src 'self' data:;")
            and f"'sha256-{digest}'" in policy
        )
        assert "url(" not in css and "@import" not in css


def test_every_link_and_picture_is_a_file_of_the_site(pages, reports):
    for found in pages.values():
        ids = {attrs["id"] for _, attrs in found.elements if "id" in attrs}
        for attrs in (*found.all("a"), *found.all("img")):
            target = attrs.get("href") or attrs.get("src")
            if target.startswith("#"):
                assert target[1:] in ids
            else:
                file = (found.path.parent / target).resolve()
                assert file.is_file() and file.is_relative_to((reports / "site").resolve())


def test_every_picture_has_a_text(pages):
    for found in pages.values():
        assert all(attrs.get("alt", "").strip() for attrs in found.all("img"))
    first, second = page(pages, "west_midlands").all("img")
    assert "West Midlands alone" in first["alt"] and second["alt"] == 'A "dot" <small>'


def test_structure_for_screen_readers(pages):
    for found in pages.values():
        levels = [int(tag[1]) for tag, _ in found.elements if re.fullmatch(r"h[1-6]", tag)]
        assert (
            levels[0] == 1
            and levels.count(1) == 1
            and max([b - a for a, b in itertools.pairwise(levels)], default=0) <= 1
        )
        ids = [attrs["id"] for _, attrs in found.elements if "id" in attrs]
        assert len(ids) == len(set(ids)) and not found.open
        assert (
            found.all("html")[0]["lang"] == "en-GB"
            and len(found.all("main")) == len(found.all("footer")) == 1
        )
        assert found.all("title") and found.all("a")[0]["href"] == "#answer"
        assert len(found.all("table")) == len(found.all("caption"))
        assert all(attrs.get("scope") for attrs in found.all("th"))


def test_hostile_content_is_shown_and_not_run(pages):
    found = page(pages, "west_midlands")
    assert "<script" not in found.source and "onerror=alert" not in found.source.replace(
        "&lt;img src=x onerror=alert", ""
    )
    assert HOSTILE in found.words


def test_streams_and_the_record_are_not_shown(pages):
    for found in pages.values():
        assert "a secret line" not in found.source and '"secret"' not in found.source


def test_the_reader_sees_the_answer_in_the_promised_order(pages):
    words = page(pages, "west_midlands").words
    order = [
        "SYNTHETIC DATA: not real people",
        "April 2024 to March 2025, followed to 31 March 2026",
        "DRAFT, not signed off",
        "plan not locked",
        "Ethnic matching",
        "All regions",
        "The same in other places",
        "West Midlands: too few people to tell",
        "In the 9 regions shown together",
        "was not told apart",
        "In West Midlands alone:",
        "LINKED, not proof of cause",
        "You can say",
        "too little information",
        "You cannot say",
        "Harm watch",
        "By group",
        "Withheld here [c]: Asian",
        "What would settle it",
        "Meanwhile:",
        "Ask your team",
        "What would lift".lower(),
        "Equality Act 2010",
        "Contact:",
        "Who is in the data",
        "Is the comparison fair",
        "Where this page comes from",
        "aaaaaaaaaaaa",
    ]
    at = 0
    for part in order:
        found = words.find(part, at)
        assert found >= 0, f"{part!r} does not follow what stands before it"
        at = found


def test_the_national_page_shows_places_by_name_and_what_a_new_one_would_see(pages):
    found = page(pages, NATIONAL)
    assert "A new region would most likely see from 3.9 fewer to 0.3 more" in found.words
    assert "1 region left off to protect people" in found.all("img")[0]["alt"]
    assert "Ask your team" not in found.words


def test_a_place_that_is_not_cleared_has_a_row_and_no_page(pages, reports):
    assert not (reports / "site" / SOURCE / ROUND / STUDY / NOT_CLEARED).exists()
    assert "(not yet set beside the other regions: Wales)" in pages["index.html"].words
    assert not (reports / "site" / SOURCE / ROUND / "places" / NOT_CLEARED).exists()


def test_a_withheld_page_says_so(pages):
    found = page(pages, WITHHELD)
    assert "withheld to protect people" in found.words and "WITHHELD" in found.words
    of_place = page(pages, WITHHELD, study="places").words
    assert "No pilot has an answer for South West alone." in of_place
    assert "withheld to protect people" in of_place


def test_the_front_page_counts_honestly(pages):
    words = pages["index.html"].words
    real, synthetic = words.split("Synthetic data: not real people")
    assert (
        "1 pilot: 1 better." in real
        and "1 pilot: 1 better." in synthetic
        and "2 pilots" not in words
    )
    assert "SYNTHETIC DATA: not real people" not in words  # one of the two studies is on real data


def test_real_data_carry_no_synthetic_banner_and_lead_with_all_at_once(pages):
    found = page(pages, NATIONAL, study="star_teacher_matching", source="star")
    assert "SYNTHETIC" not in found.words and "SYNTHETIC" in page(pages, NATIONAL).words
    assert "All at once" in found.all("img")[0]["alt"]
    assert not page(pages, ALL, study="star_teacher_matching", source="star").all("img")


def test_only_what_may_leave_is_copied(reports):
    copied = {path.name for path in (reports / "site").rglob("*") if path.is_file()}
    assert copied == {
        "index.html",
        "code.html",
        "results.json",
        "answer.png",
        "answer.svg",
        "answer.csv",
        "answer_narrow.png",
        "dot.png",
        "dot.csv",
        "tables.ods",
    }
    assert not any(path.is_symlink() for path in (reports / "site").rglob("*"))
    site, run = (
        folder / "results.json"
        for folder in (
            reports / "site" / SOURCE / ROUND / STUDY / "london",
            reports / SOURCE / ROUND / STUDY / "london",
        )
    )
    assert site.read_bytes() == run.read_bytes()


def test_example_records_say_so(tmp_path):
    found = example_records(source="example")
    write_runs(tmp_path, {place: found[place] for place in (NATIONAL, "london")})
    site = build_site(tmp_path, round_id=ROUND)
    assert (
        "EXAMPLE RECORDS" in Page(site / "example" / ROUND / STUDY / "london" / "index.html").words
    )
    assert "EXAMPLE RECORDS" in Page(site / "index.html").words


def test_places_without_the_national_record_get_no_page(tmp_path):
    write_run(tmp_path, example_records()["london"])
    site = build_site(tmp_path, round_id=ROUND)
    assert not list(site.rglob("results.json"))
    assert "1 pilot: 1 not yet cleared" in Page(site / "index.html").words


def test_a_hostile_headline_is_escaped(tmp_path):
    found = example_records()
    found["london"] = found["london"].with_(
        statement=replace(found["london"].statement, headline=named(HOSTILE))
    )
    write_runs(tmp_path, {place: found[place] for place in (NATIONAL, "london")})
    site = build_site(tmp_path, round_id=ROUND)
    of_london = [site / SOURCE / ROUND / study / "london" for study in (STUDY, "places")]
    for path in (folder / "index.html" for folder in of_london):
        assert "<script" not in path.read_text() and HOSTILE in Page(path).words
    front = (site / "index.html").read_text()
    assert front.count("<script") == 1 and "alert(" not in build.script()


def test_exact_numbers_in_a_record_keep_it_off_the_site(tmp_path):
    found = example_records()
    london = found["london"]
    found["london"] = with_row(london, london.rows[0], support=Support(n=7319))
    write_runs(tmp_path, {place: found[place] for place in (NATIONAL, "london")})
    site = build_site(tmp_path, round_id=ROUND)
    assert not (site / SOURCE / ROUND / STUDY / "london").exists()


def test_a_new_site_replaces_the_old_one_and_a_failed_one_does_not(tmp_path):
    found = example_records()
    folder = write_run(tmp_path, found[NATIONAL])
    site = build_site(tmp_path, round_id=ROUND)
    (site / "old.txt").write_text("old")
    assert build_site(tmp_path, round_id=ROUND) == site and not (site / "old.txt").exists()
    (folder / "results.json").write_text("{")
    seal(folder)
    with pytest.raises(RunError):
        build_site(tmp_path, round_id=ROUND)
    assert (site / "index.html").exists()
    assert {path.name for path in tmp_path.iterdir()} == {".runs", ".site.json", SOURCE, "site"}


@pytest.mark.slow
def test_a_killed_page_process_loses_no_page(tmp_path, monkeypatch):
    found = example_records()
    write_runs(tmp_path, dict(list(found.items())[: build.MANY]) | {NATIONAL: found[NATIONAL]})
    whole = {
        path.relative_to(tmp_path): path.read_bytes()
        for path in build_site(tmp_path, round_id=ROUND).rglob("*.html")
    }
    (tmp_path / ".site.json").unlink()
    killed = partial(
        ProcessPoolExecutor, mp_context=get_context("fork"), initializer=os._exit, initargs=(9,)
    )
    monkeypatch.setattr(build, "forked_pool", killed)
    again = build_site(tmp_path, round_id=ROUND)
    assert {
        path.relative_to(tmp_path): path.read_bytes() for path in again.rglob("*.html")
    } == whole


def test_a_site_without_runs_says_so(tmp_path):
    site = build_site(tmp_path / "reports", round_id="2026Q3")
    words = Page(site / "index.html").words
    assert "No study has been run in this round." in words and "Round 2026Q3" in words


@pytest.mark.slow
def test_the_site_is_the_same_when_it_is_built_again(tmp_path):
    found = example_records()
    write_runs(tmp_path, {place: found[place] for place in (NATIONAL, "london")})
    built = []
    for _ in range(2):
        site = build_site(tmp_path, round_id=ROUND)
        built.append(
            {
                path.relative_to(site): path.read_bytes()
                for path in site.rglob("*")
                if path.is_file()
            }
        )
    assert built[0] == built[1]


def test_harm_watch_is_named_on_the_page_of_the_place_and_of_the_nation():
    found, plan = example_records(), load_plan(STUDY)
    london = found["london"]
    found["london"] = with_row(london, london.rows[0], harm_watch="worse")
    places = {place: record for place, record in found.items() if place != NATIONAL}
    own = answer_block(plan, found["london"], found[NATIONAL])
    assert own.harm_watch.startswith("Worse: London: recalls") and own.may_be_worse == ""
    assert "false alarms, over" in own.harm_watch
    assert answer_block(plan, found["north_east"], found[NATIONAL]).harm_watch == "None."
    assert answer_block(plan, found[NATIONAL], found[NATIONAL], places).harm_watch.startswith(
        "Worse: London: recalls"
    )


def test_what_may_be_worse_stands_lower_and_never_among_what_is_worse():
    found, plan = example_records(), load_plan(STUDY)
    london = found["london"]
    found["london"] = with_row(london, london.rows[0], harm_watch="may_be_worse")
    own = answer_block(plan, found["london"], found[NATIONAL])
    assert own.harm_watch == "None that is worse; what may be worse stands lower on this page."
    assert own.may_be_worse.startswith("London: recalls (everyone compared)")
    assert "above 80 in 100" in own.may_be_worse and "false alarm" in own.may_be_worse


def test_a_long_harm_watch_is_counted_with_its_places():
    found, plan = example_records(), load_plan(STUDY)
    places = {
        place: with_row(record, record.rows[0], harm_watch="worse") if record.rows else record
        for place, record in found.items()
        if place != NATIONAL
    }
    said = answer_block(plan, found[NATIONAL], found[NATIONAL], places).harm_watch
    assert said.startswith("Worse: North East: recalls (everyone compared); North West: recalls")
    assert " more outcomes or groups, each named on the page of its region" in said
    assert said.count(": recalls") + int(said.split("; and ")[1].split()[0]) == 11
