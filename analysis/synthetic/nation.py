"""The synthetic nation: 12 regions, about 240,000 people on probation and 9,000 practitioners, made
when first asked for.

Each region draws from its own seed, SeedSequence([seed, table number, region number]), so that a
region made alone equals the same region of the whole nation. What is planted: supervision.py and
params/synthetic.yml.
"""

import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock

from analysis.atomic import name_beside
from analysis.extracts.files.mapping import NAME
from analysis.extracts.reading.normal_form import MADE_HERE, SEALS, seal
from analysis.extracts.tables.contract import PROBATION_REGIONS
from analysis.extracts.tables.contracts import CONTRACTS, of_the_nation
from analysis.paths import SYNTHETIC, make_own
from analysis.synthetic.assessments.assessments import make_assessments
from analysis.synthetic.coded_cases.coded_cases import make_coded_cases
from analysis.synthetic.courts.courts import make_courts
from analysis.synthetic.courts.planted_courts import MONTHS
from analysis.synthetic.inclusion.inclusion import make_inclusion
from analysis.synthetic.initiatives import tables as initiatives
from analysis.synthetic.initiatives.planted_initiatives import Initiative, Initiatives
from analysis.synthetic.monitors.caseload import make_caseload
from analysis.synthetic.monitors.complaints import make_complaints
from analysis.synthetic.monitors.prisons import make_prisons
from analysis.synthetic.monitors.recording import make_recording
from analysis.synthetic.monitors.workforce import make_workforce
from analysis.synthetic.other_codings import recorded
from analysis.synthetic.other_places import moved, own_seed, planted_as
from analysis.synthetic.outputs.outputs import make_outputs
from analysis.synthetic.planted import Planted, load_planted, own_file, planted, planted_for
from analysis.synthetic.prison_culture.prison_programmes import make_prison_programme
from analysis.synthetic.programmes.programmes import make_programmes
from analysis.synthetic.progression.progression import make_progression
from analysis.synthetic.reporting.reporting import make_reporting
from analysis.synthetic.selection.selection import make_selection
from analysis.synthetic.stamp import stamp
from analysis.synthetic.supervision.outcomes import make_outcomes, make_survey
from analysis.synthetic.supervision.supervision import make_cohort, make_setting
from analysis.synthetic.training.planted_training import Training
from analysis.synthetic.training.training import make_training
from analysis.vocabulary.regions import check_place, place_set

SUPERVISION = "supervision"

__all__ = ["ensure_nation", "ensure_region", "make_region", "planted", "stamp", "write_demo"]

# Numbers in the seed; never reused, so that a new service leaves the tables of the others as they
# are.
TABLE_NUMBERS = {
    "practitioners": 1,
    "people_on_probation": 2,
    "supervision_outcomes": 3,
    "relationship_survey": 4,
    "courts": 11,
    "sentenced_cases": 12,
    "audited_reports": 13,
    "report_training": 14,
    "training_sites": 21,
    "managers": 22,
    "staff_ratings": 23,
    "staff_in_post": 24,
    "supervision_quarters": 31,
    "prisons": 32,
    "prison_quarters": 33,
    "release_decisions": 34,
    "staff_quarters": 35,
    "applications": 36,
    "complaint_quarters": 37,
    "race_complaint_months": 38,
    "ethnicity_records": 39,
    "job_applications": 81,
    "manager_scores": 82,
    "support_referrals": 83,
    "performance_conversations": 84,
    "audited_assessments": 71,
    "second_ratings": 72,
    "bridging_ratings": 73,
    "programme_cohort": 41,
    "offences": 42,
    "candidates": 61,
    "vacancies": 62,
    "eligible_staff": 51,
    "output_staff": 151,
    "output_events": 152,
    "discrimination_reports": 111,
    "people_held": 112,
    "experience_survey": 113,
    "prison_stays": 91,
    "prison_programme_staff": 92,
    "coded_cases": 131,
    "investigators": 132,
    "anchor_cases": 93,
    "inclusion_waves": 121,
}
# Tables that each service makes: all of them together, for one region.
TABLES = {
    SUPERVISION: (
        "practitioners",
        "people_on_probation",
        "supervision_outcomes",
        "relationship_survey",
    ),
    "courts": ("courts", "sentenced_cases", "audited_reports", "report_training"),
    "training": ("training_sites", "managers", "staff_ratings", "staff_in_post"),
    "caseload": ("supervision_quarters",),
    "prisons": ("prisons", "prison_quarters", "release_decisions"),
    "workforce": ("staff_quarters", "applications"),
    "complaints": ("complaint_quarters", "race_complaint_months"),
    "recording": ("ethnicity_records",),
    "recruitment": ("job_applications",),
    "leadership": ("manager_scores",),
    "support": ("support_referrals",),
    "performance": ("performance_conversations",),
    "assessments": ("audited_assessments", "second_ratings", "bridging_ratings"),
    "programmes": ("programme_cohort", "offences"),
    "selection": ("candidates", "vacancies"),
    "progression": ("eligible_staff",),
    "outputs": ("output_staff", "output_events"),
    "reporting": ("discrimination_reports", "people_held", "experience_survey"),
    "prison_culture": ("prison_stays", "prison_programme_staff"),
    "investigations": ("coded_cases", "investigators", "anchor_cases"),
    "inclusion": ("inclusion_waves",),
}


@dataclass(frozen=True)
class Drawn:
    """What a maker needs: what is planted, the region that it is planted by, the draws of each
    table, and the size.

    `people` sets the number of people instead of `scale`.
    """

    truth: Planted
    region: str
    draws: Mapping[str, np.random.Generator]
    scale: float
    people: int | None

    def part(self, full: float) -> float:
        """People as a share of `full`, their number at full scale."""
        return self.scale if self.people is None else self.people / full


def _generator(
    truth: Planted, table: str, region: str, own: tuple[int, ...]
) -> np.random.Generator:
    numbers = [truth.seed, TABLE_NUMBERS[table], list(truth.regions).index(region), *own]
    return np.random.default_rng(np.random.SeedSequence(numbers))


def make_region(
    region: str,
    *,
    scale: float = 1.0,
    people: int | None = None,
    service: str = SUPERVISION,
    places: str = PROBATION_REGIONS,
    study: str = "",
) -> dict[str, pd.DataFrame]:
    """The tables of one service in one place of the set `places`; `people` sets their exact number
    instead of `scale`. study: what its own file plants holds, where it has one.

    A place of another set than the probation regions is made as other_places.py says.
    """
    planted_region, own, truth = (
        planted_as(region, places),
        own_seed(region, places),
        _truth(study),
    )
    draws = {table: _generator(truth, table, planted_region, own) for table in TABLES[service]}
    tables = MAKERS[service](Drawn(truth, planted_region, draws, scale, people))
    drawn = recorded({table: _with_text(frame) for table, frame in tables.items()})
    return moved(drawn, region, places)


def _truth(study: str) -> Planted:
    return planted_for(study) if own_file(study) else load_planted()


def _make_supervision(drawn: Drawn) -> dict[str, pd.DataFrame]:
    truth, region, draw = drawn.truth, drawn.region, drawn.draws
    size = truth.regions[region]
    n = drawn.people if drawn.people is not None else max(round(size.people * drawn.scale), 1)
    part = n / size.people
    offices, practitioners = (
        max(round(size.offices * part), 3),
        max(round(size.practitioners * part), 6),
    )
    setting = make_setting(
        draw["practitioners"], truth, region, practitioners=practitioners, offices=offices
    )
    cohort = make_cohort(draw["people_on_probation"], truth, region, setting, people=n)
    return {
        "people_on_probation": cohort.people,
        "practitioners": setting.practitioners,
        "supervision_outcomes": make_outcomes(
            draw["supervision_outcomes"], truth, region, setting, cohort
        ),
        "relationship_survey": make_survey(
            draw["relationship_survey"], truth, region, setting, cohort
        ),
    }


def _make_training(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many staff in post, both pilots together."""
    part = drawn.part(_staff_in_full(drawn.truth.training))
    return make_training(drawn.draws, drawn.truth, drawn.region, part=min(part, drawn.scale * 20))


def _staff_in_full(training: Training) -> int:
    """Staff of both pilots in one region at full scale."""
    sites = [one.site for one in training.programmes.values()]
    return sum(
        (s.prisons + s.probation_units) * s.managers_a_site * s.staff_a_manager for s in sites
    )


def _make_courts(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many sentenced cases."""
    courts = drawn.truth.courts
    sites = courts.others_a_region + len(courts.pilot.get(drawn.region, ()))
    part = drawn.part(sites * MONTHS * sum(courts.cases_a_month) / 2)
    return make_courts(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_caseload(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many at any time."""
    part = drawn.part(drawn.truth.regions[drawn.region].people)
    return make_caseload(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_prisons(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many held at any time."""
    part = drawn.part(drawn.truth.monitors.prisons.people)
    return make_prisons(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_workforce(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many in post at any time."""
    part = drawn.part(drawn.truth.monitors.staff.people)
    return make_workforce(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_complaints(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many held at any time."""
    part = drawn.part(drawn.truth.monitors.complaints.people)
    return make_complaints(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_recording(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many in custody or on probation at any time."""
    part = drawn.part(drawn.truth.monitors.recording.people)
    return make_recording(drawn.draws, drawn.truth, drawn.region, part=part)


def _by_month(
    make: Callable[..., pd.DataFrame], of: Callable[[Initiatives], Initiative]
) -> Callable[[Drawn], dict[str, pd.DataFrame]]:
    """The maker of one table of a regional initiative. `people`: about so many rows."""

    def made(drawn: Drawn) -> dict[str, pd.DataFrame]:
        own = of(drawn.truth.initiatives)
        sites = getattr(own, "sites", 1)
        part = drawn.part(own.rows * own.months * sites)
        (table,) = drawn.draws
        return {table: make(drawn.draws[table], drawn.truth, drawn.region, part=part)}

    return made


def _make_assessments(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many audited assessments."""
    planted = drawn.truth.assessments
    part = drawn.part(planted.audits_a_round * planted.rounds)
    return make_assessments(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_programmes(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many found suitable for a programme."""
    full = drawn.truth.programmes.suitable * drawn.truth.regions[drawn.region].people
    return make_programmes(drawn.draws, drawn.truth, drawn.region, part=drawn.part(full))


def _make_selection(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many candidates."""
    centre = drawn.truth.selection.centre
    part = drawn.part(centre.candidates * centre.quarters * (1 + centre.again))
    return make_selection(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_progression(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: so many eligible staff."""
    part = drawn.part(drawn.truth.progression.people)
    return make_progression(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_outputs(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many staff, all actions together."""
    part = drawn.part(drawn.truth.outputs.staff)
    return make_outputs(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_reporting(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many held."""
    part = drawn.part(drawn.truth.reporting.people)
    return make_reporting(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_prison_culture(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many rows of people in prison."""
    own = drawn.truth.prison_culture
    part = drawn.part(own.people * own.prisons * own.quarters)
    return make_prison_programme(drawn.draws, drawn.truth, drawn.region, part=part)


def _make_coded_cases(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many cases."""
    planted = drawn.truth.coded_cases
    full = planted.investigators * planted.cases_a_year * planted.months / 12
    return make_coded_cases(drawn.draws, drawn.truth, drawn.region, part=drawn.part(full))


def _make_inclusion(drawn: Drawn) -> dict[str, pd.DataFrame]:
    """`people`: about so many on the lists of all waves and programmes."""
    own = drawn.truth.inclusion
    sites = (len(own.sites.starts) + own.sites.others) * len(own.programmes)
    part = drawn.part(own.sites.staff * sites * own.waves)
    (table,) = drawn.draws
    return {table: make_inclusion(drawn.draws[table], drawn.truth, drawn.region, part=part)}


MAKERS: dict[str, Callable[[Drawn], dict[str, pd.DataFrame]]] = {
    SUPERVISION: _make_supervision,
    "courts": _make_courts,
    "training": _make_training,
    "caseload": _make_caseload,
    "prisons": _make_prisons,
    "workforce": _make_workforce,
    "complaints": _make_complaints,
    "recording": _make_recording,
    "recruitment": _by_month(initiatives.make_applications, lambda own: own.recruitment),
    "leadership": _by_month(initiatives.make_scores, lambda own: own.leadership),
    "support": _by_month(initiatives.make_needs, lambda own: own.support),
    "performance": _by_month(initiatives.make_conversations, lambda own: own.conversations),
    "assessments": _make_assessments,
    "programmes": _make_programmes,
    "selection": _make_selection,
    "progression": _make_progression,
    "outputs": _make_outputs,
    "reporting": _make_reporting,
    "prison_culture": _make_prison_culture,
    "investigations": _make_coded_cases,
    "inclusion": _make_inclusion,
}


def _with_text(frame: pd.DataFrame) -> pd.DataFrame:
    texts = [name for name in frame.columns if frame[name].dtype == object]
    return frame.astype(dict.fromkeys(texts, "str"))


def ensure_region(
    region: str,
    *,
    scale: float = 1.0,
    folder: Path | None = None,
    service: str = SUPERVISION,
    places: str = PROBATION_REGIONS,
    study: str = "",
) -> Path:
    """Folder of the nation (nation_folder) that holds a service's tables of the place; made if it
    is missing, under a lock, so that runs can ask at once. study: as of make_region."""
    check_place(places, region)
    nation = (folder or SYNTHETIC) / nation_folder(scale, places, study)
    if not _is_made(nation, region, service):
        make_own(nation)
        with FileLock(nation / f".{region}.lock"):
            if not _is_made(nation, region, service):
                made = make_region(region, scale=scale, service=service, places=places, study=study)
                _write_region(nation, region, service, made, _extract(_truth(study)))
    return nation


def nation_folder(scale: float = 1.0, places: str = PROBATION_REGIONS, study: str = "") -> str:
    """<stamp>, or <stamp>-<set>-<hash of its places> for places of another set."""
    if of_the_nation(places):
        return stamp(scale, study)
    listed = zlib.crc32("/".join(place_set(places).ids).encode())
    return f"{stamp(scale, study)}-{places}-{listed:08x}"


def ensure_nation(
    *,
    scale: float = 1.0,
    folder: Path | None = None,
    service: str = SUPERVISION,
    places: str = PROBATION_REGIONS,
    study: str = "",
) -> Path:
    """As ensure_region, for all places of the set; of prison_places for its regions, whose tables
    hold the strata."""
    ids = tuple(load_planted().regions) if of_the_nation(places) else place_set(places).ids
    for region in ids:
        nation = ensure_region(
            region, scale=scale, folder=folder, service=service, places=places, study=study
        )
    return nation


def _region_file(nation: Path, table: str, region: str) -> Path:
    return nation / table / f"region={region}.parquet"


def _is_made(nation: Path, region: str, service: str) -> bool:
    sealed = nation / SEALS / f"{service}.{region}.json"
    needed = [table for table in TABLES[service] if not CONTRACTS[table].optional]
    return sealed.exists() and all(_region_file(nation, table, region).exists() for table in needed)


def _write_region(
    nation: Path,
    region: str,
    service: str,
    made: Mapping[str, pd.DataFrame],
    drawn: pd.DataFrame,
) -> None:
    """The seal stands before the files have their names: who reads a table of all regions meanwhile
    never sees a file without one."""
    frames = {_region_file(nation, table, region): frame for table, frame in made.items()}
    if not (extract := nation / "extract.parquet").exists():
        frames[extract] = drawn
    written = {path: _written_beside(frame, path) for path, frame in frames.items()}
    own = [table for table in TABLES[service] if table in made]
    files = [extract, *(_region_file(nation, table, region) for table in own)]
    seal(nation, files, f"{service}.{region}", code=MADE_HERE, written=written)
    for path, temporary in written.items():
        os.replace(temporary, path)


def _written_beside(frame: pd.DataFrame, path: Path) -> Path:
    """The table under a temporary name in the same folder; renamed, a reader sees all of it or
    none."""
    make_own(path.parent)
    temporary = name_beside(path)
    frame.to_parquet(temporary, index=False, compression="zstd")
    return temporary


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    os.replace(_written_beside(frame, path), path)


def _extract(truth: Planted) -> pd.DataFrame:
    """`extract`: the day on which it was drawn."""
    drawn = pd.to_datetime([truth.extract_date]).astype("datetime64[us]")
    return pd.DataFrame({"extract_date": drawn})


def write_demo(
    folder: Path,
    *,
    region: str,
    people: int = 2000,
    fmt: str = "csv",
    service: str = SUPERVISION,
    places: str = PROBATION_REGIONS,
) -> tuple[Path, ...]:
    """Write a valid extract of made-up people to start from (`workbook demo-data`); returns the
    files.

    `fmt`: csv or parquet. An extract of places of another set says so in mapping.yml. Files that
    stand in the folder are never overwritten: FileExistsError.
    """
    if fmt not in ("csv", "parquet"):
        raise ValueError("fmt is csv or parquet")
    make_own(folder)
    tables = make_region(region, people=people, service=service, places=places) | {
        "extract": _extract(load_planted())
    }
    files = {table: folder / f"{table}.{fmt}" for table in tables}
    if any(path.exists() for path in files.values()):
        raise FileExistsError(f"{folder} already holds an extract")
    for table, frame in tables.items():
        _write_csv(frame, files[table]) if fmt == "csv" else _write_parquet(frame, files[table])
    if not of_the_nation(places):
        (folder / NAME).write_text(f"places: {places}\n", encoding="utf-8")
    return tuple(files.values())


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    """As the data dictionary has it: dates YYYY-MM-DD, true and false, whole numbers without a
    point."""
    text = frame.copy()
    for name in frame.columns:
        if frame[name].dtype == bool:
            text[name] = frame[name].map({True: "true", False: "false"})
        elif frame[name].dtype == "float64" and (frame[name].dropna() % 1 == 0).all():
            text[name] = frame[name].astype("Int64")
    text.to_csv(path, index=False, date_format="%Y-%m-%d", lineterminator="\n")
