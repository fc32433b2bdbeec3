"""Pages as their readers meet them, over a site made from committed records of pilots, monitors and
the list of promises."""

import base64
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from changed_records import some_record, with_rows
from test_site import PIXEL, Page, seal, write_run

from analysis.display.tables import Prose, render_prose
from analysis.errors import PlanError
from analysis.judgement.wording.periods import period_words
from analysis.paths import EXAMPLE_RECORDS, GLOSSARY
from analysis.plans.monitor import Monitor
from analysis.plans.registry import load_plan
from analysis.record import store
from analysis.record.record import Record, RecordedCheck
from analysis.rounds.runs_found import FoundRun, FoundStudy
from analysis.sections.checks_table import checks_table
from analysis.sections.page.block import page_of
from analysis.sections.page.nation import place_name, whole_title
from analysis.sections.page.period import not_over
from analysis.site import glossary
from analysis.site.build import build_site
from analysis.site.folds import named_apart
from analysis.site.front.front_page import front_parts
from analysis.site.front.harm_found import MOST_NAMED, harm_lists
from analysis.site.glossary import Glossary, load_terms
from analysis.site.notebook_html import prepare, render, without_empty_folds
from analysis.site.state import site_state
from analysis.studies.disparity.national import LITTLE
from analysis.study.words import lead_row
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

ROUND = "draft"
SHOWN = {
    "ethnic_matching": (NATIONAL, "greater_manchester", "wales"),
    "gamified_training": (NATIONAL, ALL, "kent_surrey_and_sussex"),
    "psr_quality": (NATIONAL, ALL, "wales"),
    "star_teacher_matching": (NATIONAL, ALL, "urban"),
    "supervision": (NATIONAL, ALL, "west_midlands"),
    "youth_cascade": (NATIONAL, ALL),
    "action_plan": (NATIONAL, ALL),
    "berkeley_admissions": (NATIONAL, ALL),
}
COMMITTED = sorted(EXAMPLE_RECORDS.glob("*/*.json"))
YEAR = re.compile(r"\b(19|20)\d\d\b")
# Words of statistics that no first screen may need; "confidence interval" has its entry in the
# glossary.
METHOD = re.compile(
    r"\b(Holm|CR2|REML|random effects|tau²|I²|p-value|p"
    r" =|permut\w+|bootstrap\w*|heterogene\w+|regression|Bayes|Hartung|"
    r"Benjamini|posterior|standard error|degrees of"
    r" freedom|hypothes\w+|significan\w+|estimand|odds)\b",
    re.IGNORECASE,
)


def leads_line(plan) -> str:
    return page_of(plan).leads(plan)


def period(plan, record) -> str:
    return page_of(plan).period(plan, record)


def committed(study: str, place: str) -> dict:
    return store.load(EXAMPLE_RECORDS / study / f"{place}.json")


def make_site(folder: Path) -> None:
    for study, places in SHOWN.items():
        for place in places:
            write_run(folder, committed(study, place))
    build_site(folder, round_id=ROUND)


@pytest.fixture(scope="module")
def site(made_once):
    return made_once("shown-pages", make_site) / "site"


@pytest.fixture(scope="module")
def pages(site):
    return {str(path.relative_to(site)): Page(path) for path in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="module")
def answers(pages):
    """Pages with an answer: not the front page, and not those that lead on."""
    return {name: page for name, page in pages.items() if page.all("article")}


def page(pages, study, place, name="index") -> Page:
    return next(
        found for key, found in pages.items() if key.endswith(f"{study}/{place}/{name}.html")
    )


def studies_of(*wanted: str, change=lambda record: record) -> tuple[FoundStudy, ...]:
    """Studies as found on a disk, from committed records."""
    found = []
    for study in wanted:
        every = {place: change(committed(study, place)) for place in SHOWN[study]}
        runs = tuple(
            FoundRun(r.data_source, ROUND, study, p, Path("."), r) for p, r in every.items()
        )
        found.append(FoundStudy(load_plan(study), runs[0].source, runs))
    return tuple(found)


# -- one page for the nation -----------------------------------------------------------------------
def test_the_nation_has_one_page_that_says_which_answer_leads(pages):
    for study, places in SHOWN.items():
        words, plan = page(pages, study, NATIONAL).words, load_plan(study)
        assert page_of(plan).leads(plan) in words
        if ALL in places:
            assert words.count(whole_title(plan)) >= 1 and not page(pages, study, ALL).all(
                "article"
            )
    assert "look" in leads_line(
        load_plan("star_teacher_matching")
    ) and "too few sites" in leads_line(load_plan("gamified_training"))


def test_what_is_said_to_lead_is_what_leads(pages):
    for study in SHOWN:
        plan = load_plan(study)
        if isinstance(plan, Monitor) or not hasattr(plan, "leading"):
            continue
        pooled = lead_row(plan, committed(study, NATIONAL)).method == "random_effects_reml"
        assert page_of(plan).leads(plan).startswith("The ") == pooled


def test_no_link_goes_to_a_page_of_all_places_at_once(pages):
    for found in pages.values():
        assert not any(re.search(r"(^|/)all/(index|code)\.html", a["href"]) for a in found.all("a"))


def test_the_old_address_leads_on_and_its_files_stay(pages, site):
    for name in ("index", "code"):
        found = page(pages, "psr_quality", ALL, name)
        assert [a["href"] for a in found.all("a")][1] == f"../national/{name}.html"
    folder = next(site.glob("*/*/psr_quality/all"))
    kept = {path.name for path in folder.rglob("*") if path.is_file()}
    assert {"results.json", "dot.png", "dot.csv"} <= kept
    assert store.load(folder / "results.json").region == ALL


def test_a_change_in_all_places_at_once_makes_the_nations_page_again(tmp_path):
    folders = {
        place: write_run(tmp_path, committed("psr_quality", place))
        for place in (NATIONAL, ALL, "wales")
    }
    before = site_state(tmp_path, ROUND)
    with (folders[ALL] / "results.json").open("a") as file:
        file.write("\n")
    seal(folders[ALL])
    changed = {name for name, state in site_state(tmp_path, ROUND).items() if before[name] != state}
    assert changed == {"synthetic/psr_quality/all", "synthetic/psr_quality/national", "index"}


def test_a_kept_page_of_the_nation_keeps_all_places_at_once(tmp_path):
    for place in (NATIONAL, ALL):
        write_run(tmp_path, committed("youth_cascade", place))
    files = [
        {p.relative_to(s) for p in s.rglob("*")}
        for s in (build_site(tmp_path, round_id=ROUND) for _ in range(2))
    ]
    assert files[0] == files[1] and any(
        path.parts[-2:] == ("all", "results.json") for path in files[1]
    )


# -- the period ------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_record_has_a_period_with_a_year(path):
    found = store.load(path)
    assert YEAR.search(period(load_plan(found.study), found))


def test_every_page_names_its_period_in_the_strip(answers):
    for name, found in answers.items():
        strip = re.search(r'<ul class="strip".*?</ul>', found.source, re.DOTALL)[0]
        assert YEAR.search(strip), name


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-07-01", "2026-09-30", "July to September 2026"),
        ("2024-04-01", "2025-03-31", "April 2024 to March 2025"),
        ("2024-02-01", "2024-02-29", "February 2024"),
        ("2023-02-01", "2023-02-27", "1 February 2023 to 27 February 2023"),
        ("2025-10-06", "2026-04-12", "6 October 2025 to 12 April 2026"),
    ],
)
def test_a_period_is_said_by_month_where_months_are_whole(first, last, words):
    assert period_words(first, last) == words


def test_provisional_figures_say_until_when_and_others_do_not():
    plan, found = load_plan("supervision"), committed("supervision", NATIONAL)
    assert period(plan, found) == "July to September 2026, provisional until April 2027"
    settled = found.with_(
        checks=tuple(check for check in found.checks if check.id != "provisional")
    )
    assert period(plan, settled) == "July to September 2026"


@pytest.mark.parametrize(
    "study", ["supervision", "use_of_force", "release", "workforce", "activities", "incentives"]
)
def test_the_strip_and_the_line_of_a_page_end_the_provisional_months_in_one_form(study):
    plan, found = load_plan(study), committed(study, NATIONAL)
    line = next(check.text for check in found.checks if check.id == "provisional")
    until = re.search(r"provisional until ([A-Z][a-z]+ \d{4})", line, re.IGNORECASE)[1]
    assert period(plan, found).endswith(f", provisional until {until}")


def test_people_of_a_pilot_were_followed_to_a_day_that_is_said_once():
    assert period(load_plan("ethnic_matching"), committed("ethnic_matching", NATIONAL)).endswith(
        "followed to 31 March 2026"
    )
    assert "followed" not in period(
        load_plan("gamified_training"), committed("gamified_training", NATIONAL)
    )


# -- the front page --------------------------------------------------------------------------------
def test_each_sentence_of_the_front_page_counts_its_own_kind_and_sort_of_data(pages):
    words = pages["index.html"].words
    real, synthetic = words.split("Synthetic data: not real people")
    real = real.split("Worked examples")[0]
    assert (
        "1 pilot: 1 better." in real and "1 monitor: " in real and "1 list of commitments." in real
    )
    assert (
        "3 pilots: " in synthetic
        and "1 monitor: " in synthetic
        and "list of" not in synthetic.split("Places stand")[0]
    )
    assert "Teacher matching in Project STAR" in real and "Teacher matching" not in synthetic


def test_a_worked_example_is_never_counted_among_what_is_known_of_the_service(pages):
    real, rest = pages["index.html"].words.split(
        "Worked examples: published tables of other bodies"
    )
    examples, synthetic = rest.split("Synthetic data: not real people")
    assert "Graduate admissions" in examples and "1 monitor: " in examples
    assert "Graduate admissions" not in real and "Graduate admissions" not in synthetic


def test_parts_of_the_front_page_share_no_study():
    parts = front_parts(studies_of(*SHOWN))
    each = [study.id for part in parts for kind in part.kinds for study in kind.studies]
    assert len(each) == len(set(each)) == len(SHOWN)
    for part in parts:
        assert {study.synthetic for kind in part.kinds for study in kind.studies} == {
            part.id == "synthetic"
        }
        assert all(kind.sentence.startswith(f"{len(kind.studies)} ") for kind in part.kinds)


def _every_row_worse(record: Record) -> Record:
    return with_rows(record, lambda row: True, harm_watch="worse")


def test_harm_is_named_by_study_place_and_outcome_and_a_long_list_is_counted():
    whole, single = harm_lists(
        studies_of("ethnic_matching", "psr_quality", change=_every_row_worse)
    )
    assert whole.named and all(
        one.words.startswith("Better pre-sentence reports, All regions: ") for one in whole.named
    )
    assert all(one.href.endswith("psr_quality/national/index.html") for one in whole.named)
    assert single.named[0].words.startswith("Ethnic matching, Greater Manchester: ")
    assert single.named[0].href.endswith("greater_manchester/index.html")
    assert len(single.named) == MOST_NAMED and single.more > 0
    assert not any(
        "All regions" in one.words for one in single.named
    )  # never counted with its parts


def test_harm_stands_on_the_front_page(tmp_path):
    for place in SHOWN["ethnic_matching"]:
        write_run(tmp_path, _every_row_worse(committed("ethnic_matching", place)))
    words = Page(build_site(tmp_path, round_id=ROUND) / "index.html").words
    assert (
        "Ethnic matching, Greater Manchester: recalls (" in words
        and " more, each named on its page" in words
    )


def test_the_portfolio_names_the_period_of_each_study_and_the_day_of_the_newest_data(pages):
    assert "Newest data: extract of 3 October 2026" in pages["index.html"].words
    words = pages["portfolio/index.html"].words
    assert "Newest data: extract of 3 October 2026" in words
    for study in SHOWN:
        if page_of(load_plan(study)).listed is None:
            continue
        found = period(load_plan(study), committed(study, NATIONAL))
        assert found[0].upper() + found[1:] + "." in words


def test_a_front_page_without_harm_says_none(pages):
    real = pages["index.html"].words.split("Synthetic data: not real people")[0]
    assert re.search(r"Harm watch: what is worse\s*None\.", real)


# -- nothing empty, nothing stale ------------------------------------------------------------------
def test_no_fold_and_no_heading_stands_without_anything_under_it(pages):
    for name, found in pages.items():
        for body in re.findall(r"</summary>(.*?)</details>", found.source, re.DOTALL):
            assert (
                re.search(r"<img |<t[hd]\b|<code>", body)
                or re.sub(r"<h\d.*?</h\d>|<[^>]+>", "", body).strip()
            ), name
        assert not re.search(r"<h2[^>]*>[^<]*</h2>\s*</(section|div|nav)>", found.source), name
        assert not re.search(r"<(p|li|td|ul|ol|dd)[^>]*>\s*</\1>", found.source), name


def test_places_are_not_compared_on_a_page_of_one_place():
    data, metadata = render_prose(Prose(LITTLE))
    shown = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    cell = nbformat.v4.new_code_cell("", outputs=[shown])
    cells = [nbformat.v4.new_markdown_cell("## Do the places differ?"), cell]
    without, _ = render(prepare(nbformat.v4.new_notebook(cells=cells), Path(".")))
    assert "Do the places differ?" not in without and "there is one" not in without


def test_folds_with_content_stay_and_empty_ones_go():
    fold = '<details><summary><h3>{}</h3></summary><div class="fold">{}</div></details>'
    kept = [
        fold.format("words", "<p>Yes</p>"),
        fold.format("picture", '<figure><img src="a.png"></figure>'),
    ]
    kept += [
        fold.format("list", "<ul>\n<li>one</li></ul>"),
        fold.format("bold", "<p><strong>x</strong></p>"),
    ]
    gone = [
        fold.format("nothing", "\n"),
        fold.format("heading", "<h3>A part</h3>\n"),
        fold.format("bare", "<p></p>"),
    ]
    assert without_empty_folds("".join([*kept, *gone])) == "".join(kept)


def test_a_page_says_nothing_that_only_a_bare_notebook_may_say(tmp_path):
    for place in (NATIONAL, "wales"):
        folder = write_run(tmp_path, committed("psr_quality", place))
        notebook = (folder / "notebook.ipynb").read_text()
        line = (
            '<p class=\\"wb-answer\\">On its own; not yet set beside the other regions.</p><p>It is'
        )
        (folder / "notebook.ipynb").write_text(notebook.replace('<p class=\\"wb-line\\">', line, 1))
    for path in build_site(tmp_path, round_id=ROUND).rglob("wales/*.html"):
        assert "On its own" not in Page(path).words and "It is" in Page(path).words


def test_published_figures_carry_no_word_of_their_release(pages):
    for name, found in pages.items():
        assert not ("published/" in name and "not before publication" in found.words), name


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Pre-release until 2 October 2026. Counts are small.", ("Counts are small.",)),
        ("Fact check by 2 October 2026.", ()),
        ("Fact check by 3 October 2026.", ("Fact check by 3 October 2026.",)),
        ("Do not share before 9 November 2026.", ("Do not share before 9 November 2026.",)),
        ("Sites waited until 13 April 2026.", ("Sites waited until 13 April 2026.",)),
        ("Please read the note.", ("Please read the note.",)),
    ],
)
def test_an_instruction_disappears_once_its_day_has_passed(text, left):
    assert not_over((text,), some_record(extract_date="2026-10-03")) == left


def test_cautions_of_every_page_hold_on_the_day_of_its_figures():
    for path in COMMITTED:
        found = store.load(path)
        plan = load_plan(found.study)
        assert not_over(plan.cautions, found) == plan.cautions, path


def test_not_run_stands_beside_no_result():
    plan = load_plan("psr_quality")
    named = next(iter(plan.checks_of(plan.outcome(plan.leading))))
    for checks, result in (
        ((RecordedCheck(named, None, "Too few courts."),), "could not tell"),
        ((), "not run"),
    ):
        table = checks_table(plan, {plan.leading: {named: None}}, checks).to_frame()
        assert table["Result"].tolist() == [result]


# -- words -----------------------------------------------------------------------------------------
def test_words_of_a_page_are_linked_once_and_listed_at_its_foot(answers):
    for name, found in answers.items():
        links = [a["href"][1:] for a in found.all("a") if a.get("class") == "word"]
        listed = [
            attrs["id"] for _, attrs in found.elements if attrs.get("id", "").startswith("word-")
        ]
        assert len(links) == len(set(links)) and set(links) <= set(listed), name
        assert links or "action_plan" in name, name
        assert len(listed) < len(load_terms()), name


def test_a_word_is_linked_as_a_whole_word_and_hostile_text_stays_text():
    words = Glossary(load_terms())
    said = str(words.linked("<b>Withheld</b> here; withheld there; a bandage, a band."))
    assert said.startswith(
        '&lt;b&gt;<a class="word" href="#word-withheld">Withheld</a>&lt;/b&gt; here; withheld there'
    )
    assert 'a bandage, a <a class="word" href="#word-band">band</a>.' in said
    assert [term.anchor for term in words.used("<td>provisional</td>")] == [
        "word-band",
        "word-provisional",
        "word-withheld",
    ]


def test_the_glossary_has_one_entry_a_word_and_explains_in_plain_words():
    terms = load_terms()
    forms = [form.lower() for term in terms for form in term.forms]
    assert len(forms) == len(set(forms)) and len({term.anchor for term in terms}) == len(terms)
    for term in terms:
        assert (
            len(term.meaning.split()) <= 40
            and "`" not in term.meaning
            and not METHOD.search(term.meaning)
        ), term


def test_a_glossary_without_words_of_pages_is_refused(tmp_path, monkeypatch):
    broken = tmp_path / "GLOSSARY.md"
    broken.write_text(GLOSSARY.read_text(encoding="utf-8").replace(glossary.SECTION, "## Words"))
    monkeypatch.setattr(glossary, "GLOSSARY", broken)
    with pytest.raises(PlanError, match="E236"):
        load_terms.__wrapped__()


def test_no_word_of_method_stands_on_a_first_screen(answers):
    for name, found in answers.items():
        answer = re.search(r'<article class="answer[ "].*?</article>', found.source, re.DOTALL)[0]
        assert not METHOD.search(re.sub(r"<[^>]+>", "", answer)), name


# -- for everyone ----------------------------------------------------------------------------------
def test_names_and_anchors_are_unique_and_headings_in_order(pages):
    for name, found in pages.items():
        named = [
            attrs["aria-label"] for _, attrs in found.elements if attrs.get("role") == "region"
        ]
        named += [attrs["aria-label"] for attrs in found.all("nav")]
        ids = [attrs["id"] for _, attrs in found.elements if "id" in attrs]
        levels = [int(tag[1]) for tag, _ in found.elements if re.fullmatch(r"h[1-6]", tag)]
        assert len(named) == len(set(named)) and len(ids) == len(set(ids)), name
        assert levels[0] == 1 and all(b - a <= 1 for a, b in pairwise(levels)), name
        assert (
            all(attrs["alt"].strip() for attrs in found.all("img")) and found.all("html")[0]["lang"]
        ), name
        assert all(
            attrs.get("aria-label") or attrs.get("aria-labelledby") for attrs in found.all("nav")
        ), name


def test_every_table_scrolls_in_a_region_of_its_own(pages):
    for name, found in pages.items():
        regions = re.findall(
            r'<div class="wb-table" role="region" tabindex="0" aria-label="[^"]+">\s*<table',
            found.source,
        )
        assert len(regions) == len(found.all("table")) == len(found.all("caption")), name


def test_names_that_come_again_are_numbered_over_all_notebooks_of_a_page():
    one = '<div class="code" role="region" tabindex="0" aria-label="People">'
    first, second = named_apart(({"cells": one + one}, {"cells": one}))
    assert re.findall(r'aria-label="([^"]*)"', first["cells"] + second["cells"]) == [
        "People",
        "People (2)",
        "People (3)",
    ]


def test_every_link_and_picture_is_a_file_or_an_anchor(pages, site):
    for name, found in pages.items():
        ids = {attrs["id"] for _, attrs in found.elements if "id" in attrs}
        for attrs in (*found.all("a"), *found.all("img"), *found.all("source")):
            target = attrs.get("href") or attrs.get("src") or attrs.get("srcset")
            if target.startswith("#"):
                assert target[1:] in ids, (name, target)
            else:
                file = (found.path.parent / target).resolve()
                assert file.is_file() and file.is_relative_to(site.resolve()), (name, target)


def test_the_place_of_a_study_leads_to_the_nation_and_to_the_same_elsewhere_before_its_answer(
    answers,
):
    for name, found in answers.items():
        top = found.source.partition("<main")[0]
        study = name.split("/")[2]
        if study == "places":
            continue
        place = name.split("/")[3]
        everything = f'<a href="../../places/{place}/index.html">'
        assert (everything in top) == (place in place_set("probation_regions").ids), name
        if f"/{NATIONAL}/" not in name:
            assert (
                f'<a href="../national/index.html">{place_name(load_plan(study), NATIONAL)}</a>'
                in top
            ), name
        if len([place for place in SHOWN[study] if place not in (NATIONAL, ALL)]) > (
            f"/{NATIONAL}/" not in name
        ):
            assert '<a href="#others">The same in other places</a>' in top, name


def test_every_set_of_places_has_a_name_for_the_nation():
    for study in SHOWN:
        plan = load_plan(study)
        assert (
            place_name(plan, NATIONAL)
            == place_name(plan, ALL)
            == place_set(plan.data.places).together
        )


def test_pictures_of_the_second_notebook_stand_in_its_own_folder(pages, site):
    sources = [img["src"] for img in page(pages, "psr_quality", NATIONAL).all("img")]
    assert "figures/dot.png" in sources and "../all/figures/dot.png" in sources
    assert (
        next(site.glob("*/*/psr_quality/all")) / "figures" / "dot.png"
    ).read_bytes() == base64.b64decode(PIXEL)
