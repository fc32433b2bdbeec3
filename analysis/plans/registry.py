"""Which plans and notebooks there are, and what each notebook may be told."""

import ast
import hashlib
import json
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from analysis.errors import ParameterError, PlanError
from analysis.paths import NOTEBOOKS, PARAMS, ROOT
from analysis.plans.action_plan import ActionPlan
from analysis.plans.agreement.unfilled import refuse_unfilled
from analysis.plans.kinds import MONITORS, PILOTS, kind_of, kinds, named
from analysis.plans.monitor import Monitor
from analysis.plans.outputs_plan import OutputsPlan
from analysis.plans.plan import Plan
from analysis.plans.study_plan import SOURCES, StudyPlan
from analysis.said.texts import worded
from analysis.vocabulary.commitments import DOCUMENTS
from analysis.vocabulary.group_sets import GROUP_FILE
from analysis.vocabulary.regions import ALL, NATIONAL, check_place, did_you_mean
from analysis.vocabulary.yaml_file import YamlFile, load_yaml

# Parameters of each kind of notebook; runner and `open_*` both check against this one table.
STUDY_PARAMETERS = ("study_id", "region_id", "data_source")
NATIONAL_PARAMETERS = ("study_id", "data_source", "round_id")
PLACE_PARAMETERS = ("region_id", "data_source", "round_id")
PORTFOLIO_PARAMETERS = ("data_source", "round_id")
PROTOCOL_PARAMETERS = ("study_id", "data_source")
NATIONAL_NOTEBOOK = NOTEBOOKS / "national.ipynb"

BLIND = "blind"  # stands before a source whose outcomes are permuted
# First on every page, and in every notebook.
BLIND_WORDS = worded("BLIND: outcomes were permuted; no number here is a finding")
OF_PERSONS = ("synthetic", "extracts", "database")  # sources with tables of rows of persons
DRAFT = "draft"
EXAMPLE = "example"  # committed records, which the national notebook alone reads
AnyPlan = Plan | Monitor | ActionPlan | OutputsPlan
VARIABLE = re.compile(
    "[A-Za-z_][A-Za-z0-9_]{0,59}"
)  # of a database source: what an environment variable may be called


@dataclass(frozen=True)
class Source:
    """Where a run reads its data: a name and what stands after the colon (`extracts:PATH`,
    `synthetic:x0.1`). blind: outcomes are permuted when they are read (`blind:extracts:PATH`)."""

    name: str
    argument: str | None = None
    blind: bool = False

    @property
    def folder(self) -> str:
        """Name of the folder under reports/ that holds runs on this source."""
        mark = f"{BLIND}-" if self.blind else ""
        if self.argument is None:
            return f"{mark}{self.name}"
        if self.name in ("extracts", "counts"):
            resolved = str(Path(self.argument).resolve())
            return f"{mark}{self.name}-{hashlib.sha256(resolved.encode()).hexdigest()[:8]}"
        return f"{mark}{self.name}-{self.argument}"

    @property
    def scale(self) -> float:
        """Size of the synthetic nation: 1 is full."""
        return float(self.argument[1:]) if self.name == "synthetic" and self.argument else 1.0

    def __str__(self) -> str:
        whole = self.name if self.argument is None else f"{self.name}:{self.argument}"
        return f"{BLIND}:{whole}" if self.blind else whole


def blinded(source: Source) -> Source:
    """The same source with permuted outcomes. ParameterError E293 for one without rows of
    persons."""
    if source.name not in OF_PERSONS:
        text = f"outcomes of the source `{source.name}` are not permuted."
        raise ParameterError("E293", text, remedy=f"Blind are: {', '.join(OF_PERSONS)}.")
    return replace(source, blind=True)


def refuse_blind(source: Source) -> None:
    """ParameterError E294 for permuted outcomes where something would be said of what they show."""
    if source.blind:
        text = (
            "outcomes of a blind source were permuted: it is never cleared, attacked or released."
        )
        raise ParameterError("E294", text, remedy="Lock the plan and run it without blind.")


def parse_source(text: str) -> Source:
    """`[blind:]NAME[:ARGUMENT]`; ParameterError E213 for a name that does not exist or an argument
    that has no meaning, E293 where outcomes are not permuted."""
    if str(text).startswith(f"{BLIND}:"):
        return blinded(parse_source(str(text).removeprefix(f"{BLIND}:")))
    name, _, argument = str(text).partition(":")
    if name not in SOURCES:
        raise ParameterError(
            "E213", "there is no such data source.", remedy=did_you_mean(name, SOURCES)
        )
    if name == "synthetic" and argument:
        try:
            in_range = argument.startswith("x") and 0.01 <= float(argument[1:]) <= 20
        except ValueError:
            in_range = False
        if not in_range:
            raise ParameterError(
                "E213",
                "the scale of the synthetic nation is not a number.",
                remedy="Write synthetic:x0.1 (0.01 to 20).",
            )
    if name in ("star", "published", "example") and argument:
        raise ParameterError(
            "E213", f"the source `{name}` takes no argument.", remedy=f"Write `{name}`."
        )
    if name == "counts" and argument:
        argument = _absolute(argument)
    if name == "database" and not VARIABLE.fullmatch(argument):
        raise ParameterError(
            "E213",
            "`database` takes the NAME of the environment variable that holds the URL, never the"
            " URL itself.",
            remedy="Write for instance database:JUSTICE_DB.",
        )
    return Source(name, argument or None)


def _absolute(path: str) -> str:
    """A path that means the same in every folder: from where the command stands, else from the
    project's."""
    here = Path(path).expanduser().resolve()
    return str(here if here.exists() or not (ROOT / path).exists() else (ROOT / path).resolve())


def plan_files() -> dict[str, Path]:
    """Every plan in params/pilots and params/monitors by the id that its file name gives."""
    folders = (PARAMS / PILOTS, PARAMS / MONITORS)
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yml"))}


def list_plans() -> tuple[StudyPlan, ...]:
    """All plans in the order of their files."""
    return tuple(load_plan(study) for study in plan_files())


@cache
def load_plan(study_id: str) -> AnyPlan:
    """The plan of a study. ParameterError E210 if there is none; PlanError E20x with file and line
    if it is faulty."""
    files = plan_files()
    if study_id not in files:
        raise ParameterError(
            "E210",
            "there is no study with this id in params/.",
            remedy=did_you_mean(str(study_id), files),
        )
    return read_plan(files[study_id])


def read_plan(path: Path) -> AnyPlan:
    """Read one plan file strictly: a monitor where it stands in the folder monitors. PlanError E206
    unknown key, E207 missing key, E208 wrong value, E209 parts that disagree."""
    file = load_yaml(path)
    if not isinstance(file.content, dict):
        raise PlanError(
            "E201",
            f"{path.name} holds no plan.",
            remedy="Start from another file in params/pilots.",
        )
    model = _model_of(path, file.content)
    try:
        plan = model.model_validate(file.content)
    except ValidationError as error:
        raise _plan_error(file, error, model) from None
    if plan.study != path.stem:
        raise PlanError(
            "E209", f"{path.name}, line {file.line(('study',))}: `study` must equal the file name."
        )
    return plan


def _model_of(path: Path, content: dict) -> type[AnyPlan]:
    """The type of plan of the kind that the notebook runs, where plans of that kind stand in this
    folder; else that of the folder, whose faults then name the valid notebooks."""
    folder = MONITORS if path.parent.name == MONITORS else PILOTS
    for kind in kinds().values():
        if kind.folder == folder and (
            content.get("notebook") in kind.notebooks or content.get("kind") == kind.id
        ):
            return named(kind.plan)
    return Monitor if folder == MONITORS else Plan


def _plan_error(file: YamlFile, error: ValidationError, model: type[StudyPlan]) -> PlanError:
    """The first fault of a plan in the reader's words; the others are counted."""
    faults = error.errors(include_url=False, include_input=False)
    # an unknown key is often a misspelt one, and says more than that the right one is missing; a
    # list is too short where an entry of it is faulty, which says more
    fault = min(
        faults,
        key=lambda f: (
            f["type"] != "extra_forbidden",
            f["type"] == "too_short",
            file.line(tuple(f["loc"])),
        ),
    )
    where, line = " › ".join(str(part) for part in fault["loc"]), file.line(tuple(fault["loc"]))
    code, text = {
        "extra_forbidden": ("E206", f"{where}: this key is not known"),
        "missing": ("E207", f"{where}: this key is missing"),
        "value_error": ("E209", fault["msg"].removeprefix("Value error, ")),
    }.get(fault["type"], ("E208", f"{where}: {fault['msg'][0].lower()}{fault['msg'][1:]}"))
    more = f" ({len(faults) - 1} more fault(s) in this file)" if len(faults) > 1 else ""
    remedy = ""
    if fault["type"] == "extra_forbidden":
        key, beside = str(fault["loc"][-1]), _model_at(fault["loc"], model)
        remedy = getattr(beside, "retired", {}).get(key, "")
        remedy = remedy or did_you_mean(key, _field_names(beside))
    return PlanError(code, f"{file.path.name}, line {line}: {text}{more}.", remedy=remedy)


def _model_at(key_path: tuple, model: type[BaseModel] | None) -> type[BaseModel] | None:
    """The model of the mapping in which the last key of the path stands."""
    for part in key_path[:-1]:
        if isinstance(part, int) or model is None:
            continue
        field = next((f for name, f in model.model_fields.items() if part in (name, f.alias)), None)
        model = _model_in(field.annotation) if field else None
    return model


def _field_names(model: type[BaseModel] | None) -> list[str]:
    """Names that are valid in a mapping of this model."""
    return [f.alias or name for name, f in model.model_fields.items()] if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for m in map(_model_in, getattr(annotation, "__args__", ())) if m), None)


def plan_hash(study_id: str) -> str:
    """sha256 of the plan file's bytes, and of the places, disclosure rules and explanations that it
    rests on."""
    digest = hashlib.sha256(plan_files()[study_id].read_bytes())
    if (register := PARAMS / "explanations" / f"{study_id}.yml").exists():
        digest.update(register.read_bytes())
    for shared in ("regions.yml", "disclosure.yml"):
        digest.update((PARAMS / shared).read_bytes())
    if isinstance(load_plan(study_id), ActionPlan):
        digest.update(DOCUMENTS.read_bytes())
    if (
        getattr(load_plan(study_id), "counts", None) is not None and GROUP_FILE.exists()
    ):  # alone may name groups of a set
        digest.update(GROUP_FILE.read_bytes())
    return digest.hexdigest()


def notebook_path(plan: StudyPlan) -> Path:
    """The study notebook that a plan names; PlanError E214 where there is none."""
    for folder in (PILOTS, MONITORS):
        path = NOTEBOOKS / folder / f"{plan.notebook}.ipynb"
        if path.exists():
            return path
    raise PlanError(
        "E214",
        f"{plan.study}.yml names the notebook `{plan.notebook}`, and there is none in notebooks/.",
    )


def check_notebook(path: Path, parameters: tuple[str, ...]) -> None:
    """Refuse a notebook that cannot be told where to run: papermill would only warn, and then run
    it as it stands.

    PlanError E221 where it cannot be read, E222 where it has not exactly one cell tagged
    `parameters`, E223 where that cell does not give each of `parameters` one text, and nothing
    else.
    """
    cells = _code_cells(path)
    tagged = [source for source, tags in cells if "parameters" in tags]
    if len(tagged) != 1 or any("injected-parameters" in tags for _, tags in cells):
        text = (
            f"{path.name} has {len(tagged)} cells tagged `parameters`; one is needed, and none that"
            " was injected."
        )
        raise PlanError("E222", text, remedy=f"Tag the one cell that sets {', '.join(parameters)}.")
    found = _assigned_texts(path, tagged[0])
    for name in dict.fromkeys((*found, *parameters)):
        if name not in parameters:
            text = (
                f"the parameters cell of {path.name} sets `{name[:60]}`, which is not a parameter."
            )
            raise PlanError("E223", text, remedy=did_you_mean(name, parameters))
        if found.count(name) != 1:
            text = (
                f"the parameters cell of {path.name} sets `{name}` {found.count(name)} times; once"
                " is needed."
            )
            raise PlanError("E223", text, remedy=f"Set {', '.join(parameters)}, each to a text.")


def _code_cells(path: Path) -> list[tuple[str, list[str]]]:
    """Source and tags of each code cell; PlanError E221 where the file is not a notebook."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if notebook["nbformat"] != 4:
            raise ValueError
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        return [("".join(cell["source"]), list(cell["metadata"].get("tags", ()))) for cell in code]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        text = f"{path.name} is not a notebook that can be read."
        raise PlanError(
            "E221", text, remedy="Save it again in JupyterLab, as nbformat 4."
        ) from None


def _assigned_texts(path: Path, source: str) -> list[str]:
    """The names that a parameters cell sets; PlanError E223 where it does anything but set a name
    to a text."""
    try:
        statements: list[ast.stmt | None] = [*ast.parse(source).body]
    except (SyntaxError, ValueError):
        statements = [None]
    names = []
    for statement in statements:
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        value = getattr(statement, "value", None)
        is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
        if not (is_text and len(targets) == 1 and isinstance(targets[0], ast.Name)):
            text = f"the parameters cell of {path.name} does more than set names to texts."
            raise PlanError("E223", text, remedy='Write for instance: region_id = "wales".')
        names.append(targets[0].id)
    return names


def check_parameters(
    study_id: Any, region_id: Any, data_source: Any
) -> tuple[AnyPlan, str, Source]:
    """The three parameters of a study notebook, checked before anything is read. ParameterError
    E210–E213, E215."""
    check_texts(study_id=study_id, region_id=region_id, data_source=data_source)
    plan = load_plan(study_id)
    check_place(plan.data.places, region_id, also=(ALL,))
    return plan, region_id, _source_of(plan, data_source)


def check_national_parameters(
    study_id: Any, data_source: Any, round_id: Any
) -> tuple[AnyPlan, Source]:
    """The three parameters of the national notebook, checked before anything is read.
    ParameterError E210, E213, E215, E216."""
    check_texts(study_id=study_id, data_source=data_source, round_id=round_id)
    plan = load_plan(study_id)
    check_round(round_id)
    if data_source != EXAMPLE:
        return plan, _source_of(plan, data_source)
    _check_example_round(round_id)
    return plan, parse_source(data_source)


def check_protocol_parameters(study_id: Any, data_source: Any) -> tuple[AnyPlan, Source]:
    """The two parameters of the notebook of a protocol, checked before anything is read.
    ParameterError E210, E213, E215."""
    check_texts(study_id=study_id, data_source=data_source)
    plan = load_plan(study_id)
    return plan, parse_source(EXAMPLE) if data_source == EXAMPLE else _source_of(plan, data_source)


def check_round_parameters(data_source: Any, round_id: Any, **more: Any) -> Source:
    """The parameters of a notebook of a whole round (a place, the portfolio), checked before
    anything is read; `more`: others that must be texts. ParameterError E213, E215, E216."""
    check_texts(data_source=data_source, round_id=round_id, **more)
    check_round(round_id)
    source = parse_source(data_source)
    if source.name == EXAMPLE:
        _check_example_round(round_id)
    return source


def _check_example_round(round_id: str) -> None:
    if round_id != DRAFT:
        text = "the committed example records are of one round."
        raise ParameterError("E216", text, remedy=f"Valid: {DRAFT}.")


def check_texts(**parameters: Any) -> None:
    """ParameterError E215 for a parameter that is not text."""
    for name, value in parameters.items():
        if not isinstance(value, str):
            raise ParameterError(
                "E215",
                f"`{name}` must be text, not {type(value).__name__}.",
                remedy=f'Write it in quotation marks: {name} = "...".',
            )


def check_round(round_id: str) -> str:
    """A round id is a folder name: letters, digits, - and _, at most 40. ParameterError E216."""
    if not (
        round_id.replace("-", "").replace("_", "").isalnum()
        and round_id.isascii()
        and len(round_id) <= 40
    ):
        raise ParameterError(
            "E216",
            "a round id holds letters, digits, - and _ only, 40 at most.",
            remedy="Write for instance 2026Q3.",
        )
    return round_id


def _source_of(plan: AnyPlan, data_source: str) -> Source:
    """A source that the plan lists. ParameterError E213; PlanError E282 where the plan is not
    filled in and the data are not synthetic."""
    source = parse_source(data_source)
    if source.name not in plan.data.sources:
        raise ParameterError(
            "E213",
            f"the plan {plan.study} does not list the source `{source.name}`.",
            remedy=did_you_mean(source.name, plan.data.sources),
        )
    if source.blind and not (isinstance(plan, Plan) and kind_of(plan).compares):
        text = f"{plan.study} compares nothing, so there are no outcomes to permute."
        raise ParameterError("E293", text, remedy="Run it without blind.")
    refuse_unfilled(plan_files()[plan.study], source.name)
    return source


def places_to_run(plan: StudyPlan) -> tuple[str, ...]:
    """Places of a full run: each place of the plan, and `all` where the plan says so."""
    from analysis.vocabulary.regions import place_set

    return (*place_set(plan.data.places).ids, *((ALL,) if plan.data.also_all else ()))


__all__ = [
    "DRAFT",
    "NATIONAL",
    "Source",
    "check_national_parameters",
    "check_notebook",
    "check_parameters",
    "check_protocol_parameters",
    "check_round",
    "check_round_parameters",
    "list_plans",
    "load_plan",
    "notebook_path",
    "parse_source",
    "places_to_run",
    "plan_files",
    "plan_hash",
    "read_plan",
    "refuse_blind",
]
