"""The small face that a notebook imports: `open_study` for one study in one place, `open_national`
for all places of it together, `open_protocol` for what it could show before outcomes are seen,
`open_place` and `open_portfolio` for what is known of a place, and of every study.

Importing this module closes the kernel's gate: from then on only cleared tables, sentences and
figures can be seen. It lets the tab key offer what the verbs take.
"""

from IPython import get_ipython
from IPython.display import display

from analysis.clearing.joint import Joint
from analysis.clearing.together import set_together
from analysis.disclosure.attack.noted import forget
from analysis.disclosure.attack.protection import withheld_places
from analysis.display.prose import Prose
from analysis.display.tables import install_formatters
from analysis.places.place import Place
from analysis.places.place_view import place_view
from analysis.places.portfolio import Portfolio
from analysis.places.portfolio_view import PortfolioView
from analysis.plans.injected import refuse_unknown_names
from analysis.plans.kinds import kind_of, named
from analysis.plans.registry import (
    BLIND_WORDS,
    DRAFT,
    NATIONAL_PARAMETERS,
    PLACE_PARAMETERS,
    PORTFOLIO_PARAMETERS,
    PROTOCOL_PARAMETERS,
    STUDY_PARAMETERS,
    check_national_parameters,
    check_parameters,
    check_protocol_parameters,
    check_round_parameters,
    notebook_path,
    plan_hash,
)
from analysis.protocol.counted import sample_from
from analysis.protocol.planned import check_has_protocol
from analysis.protocol.protocol import Protocol
from analysis.record.record import Record
from analysis.rounds.known_rounds import known_of
from analysis.rounds.looks import looks_so_far
from analysis.sections.national_view import example_records, private_records
from analysis.study.offers import check_agrees
from analysis.study.opening import open_exact
from analysis.versions import code_version
from analysis.workbench.completion import install_completion
from analysis.workbench.study import Study
from analysis.workbench.withheld import WithheldStudy

if get_ipython() is not None:
    install_formatters(get_ipython())
    install_completion(get_ipython())


def open_study(study_id: str, region_id: str, data_source: str) -> Study:
    """Open a study in one place. ParameterError E210–E215, E226, E290 before anything is read;
    DataError for faulty tables. `blind:SOURCE`: with permuted outcomes, which it says first."""
    refuse_parameters(STUDY_PARAMETERS)
    forget()
    plan, place, source = check_parameters(study_id, region_id, data_source)
    if source.blind:
        display(Prose(BLIND_WORDS))
    study, dates, data_hash = open_exact(plan, place, source)
    hashes = {
        "plan_hash": plan_hash(study_id),
        "data_hash": data_hash,
        "code_version": code_version(notebook_path(plan)),
    }
    shows = named(kind_of(plan).shows)
    opened = shows.opened(plan, place, source, study, dates, hashes)
    return (WithheldStudy if place in withheld_places() else Study)(opened, shows)


def open_national(study_id: str, data_source: str, round_id: str = DRAFT):
    """Open all places of a study. ParameterError E210, E213, E215, E216, E226 before anything is
    read; RunError E331 where a private record is missing; `example` reads committed records."""
    refuse_parameters(NATIONAL_PARAMETERS)
    forget()
    plan, source = check_national_parameters(study_id, data_source, round_id)
    check_agrees(plan)
    national = named(kind_of(plan).national)
    if source.name == "example":
        return national(plan, source, example_records(plan))
    return national(
        plan,
        source,
        clear_together(plan, private_records(plan, source, round_id), round_id=round_id),
    )


def open_place(region_id: str, data_source: str, round_id: str = DRAFT) -> Place:
    """All that is known of one place in a round, of each study its newest rerun. ParameterError
    E212, E213, E215, E216, E226; PlanError E410, E411; RunError E310, E311, E329, E347, E348;
    `example` reads committed records."""
    refuse_parameters(PLACE_PARAMETERS)
    forget()
    source = check_round_parameters(data_source, round_id, region_id=region_id)
    return Place(place_view(known_of(source, round_id), region_id))


def open_portfolio(data_source: str, round_id: str = DRAFT) -> Portfolio:
    """Every study of a round, of each its newest rerun. ParameterError E213, E215, E216, E226;
    PlanError E410, E411; RunError E310, E311, E329, E348; `example` reads committed records."""
    refuse_parameters(PORTFOLIO_PARAMETERS)
    forget()
    source = check_round_parameters(data_source, round_id)
    known = known_of(source, round_id)
    return Portfolio(known.source, PortfolioView(known.studies))


def open_protocol(study_id: str, data_source: str) -> Protocol:
    """What a pilot could show, before outcomes are seen; `example` counts people in committed
    records, and reads no value of theirs. ParameterError E210, E213, E215, E226, E286; PlanError
    E410, E411; RunError E329, E348."""
    refuse_parameters(PROTOCOL_PARAMETERS)
    forget()
    plan, source = check_protocol_parameters(study_id, data_source)
    pilot = check_has_protocol(plan)
    looks = looks_so_far(pilot, source.folder)
    return Protocol(pilot, source.name, sample_from(pilot, source), looks)


def refuse_parameters(known: tuple[str, ...] = ()) -> None:
    """What a tool injected into the notebook that is running must be known to it. ParameterError
    E226."""
    kernel = get_ipython()
    if kernel is not None:  # its own list: a parameter can be called `In`
        refuse_unknown_names(kernel.history_manager.input_hist_parsed, known)


def clear_together(plan, exact: dict[str, Record], *, round_id: str = DRAFT) -> Joint:
    """Cleared records of all places and of the nation, from the exact ones: the joint step of the
    plan's kind."""
    return set_together(plan, exact, round_id=round_id)


__all__ = [
    "clear_together",
    "open_national",
    "open_place",
    "open_portfolio",
    "open_protocol",
    "open_study",
    "refuse_parameters",
]
