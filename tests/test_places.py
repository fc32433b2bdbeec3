"""The page of a place and the portfolio, over every committed record: the rows of the studies'
pages, the three sentences, what stands in full, and no more than 900 words."""

import re
from dataclasses import replace
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from avoided_words import faults
from changed_records import with_rows

from analysis.clearing.ruled import ruled
from analysis.disclosure.guard.ids import Hashed
from analysis.display.amounts import is_drawn
from analysis.errors import ParameterError, PlanError, RunError
from analysis.judgement.classes import HARM_GRADES
from analysis.judgement.wording.rule_lines import NO_RULE_APPLIES, NO_RULE_WORDS, NONE_TO_TAKE
from analysis.paths import EXAMPLE_RECORDS
from analysis.places import journey
from analysis.places.known import EXAMPLES, REAL, SYNTHETIC, Known
from analysis.places.place import Place, difference_cells
from analysis.places.place_view import MOST_ASKED, MOST_SHOWN, PlaceView, place_view
from analysis.places.portfolio import Portfolio
from analysis.places.portfolio_view import PortfolioView
from analysis.plans.decisions import load_decisions
from analysis.plans.kinds import kind_of
from analysis.plans.registry import check_round_parameters, list_plans, parse_source
from analysis.record.record import Record
from analysis.rounds.known_rounds import known_from, known_of
from analysis.rounds.runs_found import FoundRun, FoundStudy
from analysis.said.carried import read_out
from analysis.said.texts import named
from analysis.sections.page.block import page_of
from analysis.site import build
from analysis.site.place_pages import place_path
from analysis.site.signed import signed_state
from analysis.studies.disparity.page.here import explanation_of
from analysis.studies.disparity.shown import words
from analysis.study.words import on_watch
from analysis.vocabulary.regions import NATIONAL, place_set

WORSE, MAY_BE = HARM_GRADES
MOST_WORDS, LONGEST, MEDIAN = 900, 40, 18
VERBS = "summary", "to_do", "differences", "worse", "cannot_tell", "pilots", "ask", "limits"


@cache
def example() -> Known:
    return known_of(parse_source("example"), "draft")


def copied_to(known: Known, place: str, change=lambda record: record) -> Known:
    """Every study with a record of `place`: a monitor of which one region is committed lends it."""
    studies = []
    for study in known.studies:
        ids = place_set(study.plan.data.places).ids
        own = study.places.get(place) or next(iter(study.regions.values()), None)
        there = {place: change(own.with_(region=place))} if own and place in ids else {}
        studies.append(replace(study, places={**study.places, **there}))
    return replace(known, studies=tuple(studies))


@cache
def views() -> dict[str, PlaceView]:
    return {place: place_view(example(), place) for place in example().places()}


# -- the same rows as the pages of the studies -----------------------------------------------------
def test_every_region_has_a_page_and_another_bodys_places_have_none():
    assert tuple(views()) == place_set("probation_regions").ids


@pytest.mark.parametrize("place", views())
def test_rows_are_those_of_the_studies_pages(place):
    view = views()[place]
    for at in view.monitors:
        pages = words.page_rows(at.plan, at.record)
        assert [(d.measure, d.group) for d in at.differences] == [(m.id, g) for m, g, _ in pages]
        for one, (measure, group, row) in zip(at.differences, pages, strict=True):
            assert one.own == words.drawn_row(at.plan, at.record, measure, group)
            assert one.verdict == words.verdict_words(row, measure)
            heading = words.heading_of(at.plan, at.record, measure, group)
            assert heading.lower().endswith(one.said.lower())
    for pilot in view.pilots:
        assert pilot.here.own == pilot.record.sentences.headline


def test_each_row_that_is_shown_has_own_national_and_interval():
    seen = 0
    for view in views().values():
        for _, one in view.in_full:
            cells = difference_cells(one)
            own, whole = (read_out(text) for text in list(cells.values())[2:4])
            if is_drawn(one.own):
                assert re.fullmatch(r"[\d.,]+ \([\d.,]+ to [\d.,]+\)", own)
                assert re.fullmatch(r"[\d.,]+|\[c\]", whole)
                seen += whole != "[c]"
    assert seen >= 10


def test_differences_stand_in_the_order_of_the_way_and_not_by_size():
    order = [monitor for stage in journey.load_journey() for monitor in stage.monitors]
    for view in views().values():
        studies = [at.plan.study for at in view.monitors]
        assert studies == sorted(studies, key=order.index)
        shown = [(order.index(at.plan.study), d.measure, d.group) for at, d in view.in_full]
        whole = [(order.index(at.plan.study), d.measure, d.group) for at, d in view.differences]
        assert shown == [one for one in whole if one in shown]


def test_what_asks_for_an_explanation_stands_in_full_before_what_only_leads():
    view = views()["west_midlands"]
    assert len(view.in_full) == MOST_SHOWN
    asking = {id(d) for _, d in view.to_do}
    shown = asking & {id(d) for _, d in view.in_full}
    assert len(shown) == min(len(asking), MOST_SHOWN)
    assert (len(asking) > len(shown)) == bool(view.left_over)
    leads = [d for _, d in view.differences if d.leads]
    assert len(leads) == len(view.monitors)


# -- the three sentences ---------------------------------------------------------------------------
@pytest.mark.parametrize("place", views())
def test_harm_stands_in_the_first_three_sentences_where_it_is_and_nowhere_else(place):
    view = views()[place]
    worse = any(on_watch(at.plan, {place: at.record}, WORSE) for at in view.pilots)
    said = " ".join(view.sentences).lower()
    named = bool(view.stand_out)
    assert ("outcomes are worse" in said) == named == ("worse" in view.heading)
    assert ("chance alone would give" in said) == (worse and not named)
    assert worse or not named
    assert len(view.sentences) == 3


def harmed_places() -> set[str]:
    return {place for place, view in views().items() if view.worse}


def test_some_places_have_harm_and_some_have_none():
    assert {"east_midlands", "kent_surrey_and_sussex"} <= harmed_places() < set(views())


def test_what_only_may_be_worse_is_not_in_the_sentences():
    def only_may_be(record: Record) -> Record:
        return with_rows(record, lambda row: row.harm_watch == WORSE, harm_watch=MAY_BE)

    known = copied_to(example(), "east_midlands", only_may_be)
    view = place_view(known, "east_midlands")
    assert not view.worse and "worse" not in " ".join(view.sentences)


def test_counts_of_the_first_sentence_are_those_of_the_rows():
    view = views()["west_midlands"]
    rows = [
        row.result_class
        for at in view.monitors
        for _, _, row in words.page_rows(at.plan, at.record)
    ]
    made = sum(one not in ("withheld", "insufficient_data", "not_estimable", None) for one in rows)
    start = f"In West Midlands {len(view.to_do)} of the {made} comparisons that could be made ask"
    said = next(one for one in view.sentences if one.startswith(start))
    assert f"; {len(rows) - made} could not be made." in said


LINES = {
    "asked on 3 May 2026, due 4 July 2026, not yet received (Head of X).": (
        "asked",
        "Head of X",
        "4 July 2026",
        False,
        "Asked on 3 May 2026, not yet received",
    ),
    "asked on 3 May 2026, due 4 July 2026, not yet received; overdue (Head of X).": (
        "asked",
        "Head of X",
        "4 July 2026",
        True,
        "Asked on 3 May 2026, not yet received; overdue",
    ),
    "received on 3 May 2026, not decided (Head of X).": (
        "received",
        "Head of X",
        "",
        False,
        "Received on 3 May 2026, not decided",
    ),
    "not accepted by the panel on 30 April 2026, reform by 31 December 2026 (Head of X).": (
        "not_accepted",
        "Head of X",
        "31 December 2026",
        False,
        "Not accepted by the panel on 30 April 2026, reform by 31 December 2026",
    ),
    "not asked yet. An explanation is to be asked of the Head of X; nobody has been asked yet.": (
        "to_be_asked",
        "Head of X",
        "",
        False,
        "Not asked yet",
    ),
}


@pytest.mark.parametrize("line", LINES)
def test_an_explanation_that_is_owed_is_read_from_the_line_of_the_record(line):
    found = explanation_of(named(line))
    assert (found.standing, found.asked_of, found.due, found.late, found.state) == LINES[line]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "accepted until 3 May 2027, by the panel on 3 May 2026 (Head of X).",
        "not asked yet, seen in 1 round of the last 3 rounds. An explanation is to be asked for"
        " if it is seen in 2 of 3 rounds.",
    ],
)
def test_nothing_is_owed_where_it_was_accepted_or_waits(line):
    assert explanation_of(named(line)) is None


# -- real and synthetic, sources, parameters -------------------------------------------------------
def test_real_and_synthetic_records_never_meet_on_a_page():
    def real(record: Record) -> Record:
        return record.with_(synthetic=False)

    one, *others = [s for s in example().studies if "wales" in s.places]
    mixed = replace(one, national=real(one.national), places={"wales": real(one.places["wales"])})
    with pytest.raises(RunError, match="E347"):
        place_view(replace(example(), studies=(mixed, *others)), "wales")


def test_parts_of_the_portfolio_count_their_own_sort_and_kind_alone():
    parts = PortfolioView(example().studies).parts
    assert [part.id for part in parts] == [REAL, EXAMPLES, SYNTHETIC]
    listed = [row.study for part in parts for kind in part.kinds for row in kind.rows]
    assert len(listed) == len({id(study) for study in listed})
    assert len(listed) == sum(page_of(s.plan).listed is not None for s in example().studies)
    for part in parts:
        for kind in part.kinds:
            assert {row.study.sort for row in kind.rows} == {part.id}
            assert {page_of(row.study.plan).heading for row in kind.rows} == {kind.title}
            assert kind.sentence.startswith(f"{len(kind.rows)} ")


def test_the_portfolio_is_grouped_by_what_is_known():
    table = Portfolio("example", PortfolioView(example().studies)).studies().tables[2].to_frame()
    known = list(table["What is known"])
    assert known == sorted(known, key=known.index)
    assert not re.search(r"\b(red|amber|green|average|score)\b", table.to_string(), re.IGNORECASE)


def test_the_portfolio_points_where_the_page_of_the_nation_points():
    rows = [r for p in PortfolioView(example().studies).parts for k in p.kinds for r in k.rows]
    for row in rows:
        plan, (points, decided) = row.study.plan, map(str, row.ruled)
        if not kind_of(plan).compares or plan.worked_example:
            assert (points, decided) == (NO_RULE_APPLIES, NONE_TO_TAKE)
        elif plan.study in load_decisions()[0]:
            lines = [str(line) for line in ruled(plan, row.study.national)]
            assert lines[0].startswith(f"The rule points to: {points}. ") or not lines
            assert decided in (lines[1] if lines else decided)
        else:
            assert points == NO_RULE_WORDS and decided.startswith("not yet taken (")
    assert {row.study.plan.study for row in rows} >= {*load_decisions()[0]}


@pytest.mark.parametrize("place", ["narnia", "national", "all", "inner", "Wales", "../x", ""])
def test_another_place_is_refused(place):
    with pytest.raises(ParameterError, match="E212"):
        place_view(example(), place)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"data_source": "exmaple"}, "E213"),
        ({"data_source": 3}, "E215"),
        ({"region_id": None}, "E215"),
        ({"round_id": "../x"}, "E216"),
        ({"round_id": "2026Q3"}, "E216"),
    ],
)
def test_parameters_are_checked_before_anything_is_read(given, code):
    valid = {"data_source": "example", "round_id": "draft", "region_id": "wales"}
    with pytest.raises(ParameterError, match=code):
        check_round_parameters(**(valid | given))


def test_a_round_without_a_cleared_record_says_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path))
    with pytest.raises(RunError, match="E348"):
        known_of(parse_source("synthetic"), "draft")


# -- the way ---------------------------------------------------------------------------------------
def way(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "journey.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("stages:\n- title: A\n  monitors: [one, tow]\n", "no monitor `tow`"),
        ("stages:\n- title: A\n  monitors: [one]\n", "`two` stands on no stage"),
        ("stages:\n- title: A\n  monitors: [one, two, one]\n", "`one` stands twice"),
        ("stages:\n- title: A\n  monitor: [one, two]\n", "a `title` and `monitors`"),
        ("stages:\n- title: A\n  monitors: []\n", "`monitors` a list"),
        ("steps: []\n", "one key, `stages`"),
    ],
)
def test_a_faulty_way_is_refused_with_its_line(tmp_path, monkeypatch, text, fault):
    monkeypatch.setattr(journey, "_is_waiting", lambda monitor: False)
    with pytest.raises(PlanError, match="E285") as found:
        journey.read_journey(way(tmp_path, text), ("one", "two"))
    assert fault in str(found.value) and "line" in str(found.value)


def test_a_monitor_that_is_still_being_written_stands_last(tmp_path, monkeypatch):
    monkeypatch.setattr(journey, "_is_waiting", lambda monitor: monitor == "two")
    stages = journey.read_journey(
        way(tmp_path, "stages:\n- title: A\n  monitors: [one]\n"), ("one", "two")
    )
    assert [stage.monitors for stage in stages] == [("one",), ("two",)]


def test_every_monitor_of_the_project_stands_on_the_way():
    assert {m for stage in journey.load_journey() for m in stage.monitors} == set(
        journey.monitors()
    )


# -- words -----------------------------------------------------------------------------------------
def said_in(view: PlaceView) -> list[str]:
    place = Place(view)
    return [
        sentence
        for verb in VERBS
        for line in getattr(place, verb)().text.splitlines()
        for sentence in re.split(r"(?<=[.?]) (?=[A-Z])", line)
        if sentence
    ]


@pytest.mark.parametrize("place", views())
def test_sentences_are_short_and_hold_no_avoided_word(place):
    said = said_in(views()[place])
    assert not {text: found for text in said if (found := faults(text))}
    lengths = sorted(len(text.split()) for text in said)
    assert lengths[-1] <= LONGEST and lengths[len(lengths) // 2] <= MEDIAN


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_shows_something_in_every_place(verb):
    for view in views().values():
        section = getattr(Place(view), verb)()
        assert section.text.strip() or section.tables


def test_at_most_six_questions_are_asked_and_none_twice():
    for view in views().values():
        assert 0 < len(view.ask) <= MOST_ASKED and len(set(view.ask)) == len(view.ask)


# -- the site --------------------------------------------------------------------------------------
class Links(HTMLParser):
    """Ways of a page, and its words above the folds, of its answer alone."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.ways, self.words = path, [], ""
        source = path.read_text(encoding="utf-8")
        self.feed(source)
        answer = re.search(r"<article.*?</article>", source, re.DOTALL)
        self.words = unescape(re.sub(r"<[^>]+>", " ", answer[0])) if answer else ""

    def handle_starttag(self, tag, attrs):
        way = dict(attrs).get("href") if tag == "a" else None
        if way and not way.startswith("#"):
            self.ways.append((self.path.parent / way.partition("#")[0]).resolve())


def found_studies() -> tuple[FoundStudy, ...]:
    """Studies as found on a disk, from every committed record."""
    return tuple(
        FoundStudy(
            study.plan,
            study.national.data_source,
            tuple(
                FoundRun(
                    study.national.data_source,
                    "draft",
                    study.plan.study,
                    place,
                    EXAMPLE_RECORDS,
                    record,
                )
                for place, record in {NATIONAL: study.national, **study.places}.items()
            ),
        )
        for study in example().studies
    )


def make_overviews(folder: Path) -> None:
    studies = found_studies()
    build._write_overviews(folder, signed_state(folder, studies), studies, "draft")


@pytest.fixture(scope="module")
def site(made_once):
    return made_once("overviews", make_overviews)


def place_page(site: Path, place: str) -> Path:
    return site / "synthetic" / "draft" / "places" / place / "index.html"


def number_of_words(text: str) -> int:
    return sum(bool(re.search(r"\w", word)) for word in text.split())


def test_a_page_holds_at_most_900_words_above_its_folds(site):
    for place in views():
        assert 100 < number_of_words(Links(place_page(site, place)).words) <= MOST_WORDS, place


def test_what_is_known_of_black_people_and_recall_takes_two_clicks(site):
    """The front page leads to the place, which has the comparison or leads to its study's page."""
    page = Links(place_page(site, "west_midlands"))
    assert page.path in Links(site / "index.html").ways
    assert "32 recalls per 1,000 licence-months among Black people" in page.words
    study = site / "synthetic" / "draft" / "supervision"
    assert {study / p / "index.html" for p in ("west_midlands", NATIONAL)} <= set(page.ways)


def test_the_index_of_the_search_leads_to_it_in_one(site):
    source = (site / "index.html").read_text(encoding="utf-8")
    found = re.search(r'<a href="([^"]+)">West Midlands: Recall \(([^)]+)\)', source)
    assert found and found[1] == "synthetic/draft/supervision/west_midlands/index.html"
    assert "Black" in found[2]


def test_the_front_page_holds_the_one_script_that_its_policy_allows(site):
    scripts = {
        path: re.findall(r"<script>(.*?)</script>", path.read_text(encoding="utf-8"), re.DOTALL)
        for path in site.rglob("*.html")
    }
    assert [path.name for path, found in scripts.items() if found] == ["index.html"]
    assert scripts[site / "index.html"] == [build.script()]
    policy = build.head(build.script()).policy
    assert build._digest(build.script()) in policy and "unsafe" not in policy
    assert "script-src" not in build.head().policy
    assert not re.search(r"fetch|XMLHttp|import|eval|innerHTML|https?:", build.script())


def test_only_the_front_page_may_hold_a_script(site):
    readers, none = build._readers(), Hashed.of((), ())
    front = (site / "index.html").read_text(encoding="utf-8")
    assert not readers.front.faults("index.html", front, none)
    assert readers.pages.faults("index.html", front, none)
    changed = front.replace("Nothing found.", "Nothing at all.")
    assert changed != front and readers.front.faults("index.html", changed, none)
    twice = front.replace("</footer>", "<script>1</script></footer>")
    assert readers.front.faults("index.html", twice, none)


def test_finished_pages_of_places_are_read_and_nothing_is_found(site):
    readers, none = build._readers(), Hashed.of((), ())
    for path in site.rglob("*.html"):
        name = path.relative_to(site).as_posix()
        reader = readers.front if name == "index.html" else readers.pages
        assert not reader.faults(name, path.read_text(encoding="utf-8"), none), name


def test_places_and_portfolio_stand_where_links_lead(site):
    known = known_from(found_studies(), "draft", {})
    for one in known:
        for place in one.places():
            page = site / place_path(one, place)
            assert page.exists() and site / "index.html" in Links(page).ways
            assert site / "portfolio" / "index.html" in Links(page).ways


def test_no_plan_is_forgotten():
    """Every study with a record stands on the pages of its places and in the portfolio."""
    with_records = {p.study for p in list_plans() if (EXAMPLE_RECORDS / p.study).is_dir()}
    assert {study.plan.study for study in example().studies} == with_records
    on_pages = {one.plan.study for v in views().values() for one in (*v.monitors, *v.pilots)}
    expected = {
        study.plan.study for study in example().studies if set(study.regions) & set(views())
    }
    assert on_pages == expected
