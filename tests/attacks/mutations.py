"""Rules taken away one by one, each with what must notice: small enough that all are tried in one
process.

A mutation changes a line of a function, or a number of params/disclosure.yml. Its check holds while
the rule is there, and fails when it is not. Those of the files of a run, of all places and of
earlier releases stand in mutations_of_runs.py.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

from attacks import noticing as seen

Check = Callable[[], bool]


@dataclass(frozen=True)
class Mutation:
    """where: `module:function` below analysis/disclosure, or its full name; before, after: its
    words; check: what must notice."""

    where: str
    before: str
    after: str
    check: Check

    @property
    def name(self) -> str:
        return f"{self.where}: {self.before} -> {self.after or 'nothing'}"


RULES, CLEARING, GUARD = "rules", "suppression", "guard.output_guard"
SYSTEM = "attack.system"
MUTATIONS = tuple(
    Mutation(*row)
    for row in (
        # S1 to S5, S9, S10, S16
        (f"{RULES}:is_small", "persons < rules", "persons <= rules", seen.ten_is_enough),
        (f"{RULES}:is_small", "< rules.threshold", "< rules.threshold - 1", seen.nine_is_small),
        (f"{RULES}:is_small", "(structural or", "(True or", seen.zero_is_small),
        (
            f"{RULES}:share_is_protected",
            "(event, base - event, base)",
            "(event, base)",
            seen.complement,
        ),
        (
            f"{RULES}:share_is_protected",
            "(event, base - event, base)",
            "(base - event, base)",
            seen.event,
        ),
        (
            f"{RULES}:share_is_protected",
            "return is_small(base, rules)",
            "return False",
            seen.structural,
        ),
        (f"{RULES}:is_unreliable", "base <", "base <=", seen.thirty_is_reliable),
        (f"{RULES}:is_unreliable", "base <", "1 + base <", seen.twenty_nine_is_not),
        (f"{RULES}:regression_is_protected", "df < rules", "df <= rules", seen.ten_df_are_enough),
        (f"{RULES}:regression_is_protected", "df < rules", "df + 1 < rules", seen.nine_df_are_not),
        (f"{RULES}:unit_effect_is_protected", "persons <", "persons <=", seen.unit_of_thirty),
        (f"{RULES}:unit_effect_is_protected", "persons <", "1 + persons <", seen.unit_of_less),
        (f"{RULES}:round_to_base", "+ base // 2", "", seen.nearest_five),
        (f"{RULES}:round_to_base", "// base * base", "", seen.nearest_five),
        (
            f"{RULES}:released_figures",
            "load_rules().significant_figures.value",
            "6",
            seen.three_figures,
        ),
        # what clears
        (f"{CLEARING}:protected_cell", "if is_small(base, rules):", "if False:", seen.small_base),
        (
            f"{CLEARING}:protected_cell",
            "if share_is_protected(",
            "if False and (",
            seen.small_event,
        ),
        (
            f"{CLEARING}:protected_cell",
            "if is_unreliable(",
            "if False and (",
            seen.no_rate_below_thirty,
        ),
        (
            f"{CLEARING}:protected_cell",
            "shown = round_to_base(base, rules.rounding_base.value)",
            "shown = base",
            seen.base_in_fives,
        ),
        (
            f"{CLEARING}:rate_of",
            "round_to_base(event, step) / round_to_base(base, step)",
            "event / base",
            seen.rate_of_fives,
        ),
        (
            f"{CLEARING}:merge_small_reasons",
            "if is_small(listed[reason], rules)",
            "if False",
            seen.reasons_merged,
        ),
        (
            f"{CLEARING}:merge_small_reasons",
            "if together <= rules.threshold",
            "if False",
            seen.reasons_withheld,
        ),
        (f"{CLEARING}:cleared_flow", "if hidden or", "if False or", seen.nobody_by_difference),
        (
            f"{CLEARING}:_is_protected",
            "support.smallest_cell,",
            "",
            seen.estimate_of("smallest_cell"),
        ),
        (f"{CLEARING}:_is_protected", "support.persons,", "", seen.estimate_of("persons")),
        (
            f"{CLEARING}:_is_protected",
            "if clearance.clusters_are_people:",
            "if False:",
            seen.clusters,
        ),
        (
            f"{CLEARING}:_is_protected",
            "or regression_is_protected(",
            "or bool(",
            seen.estimate_of("residual_df"),
        ),
        (
            f"{CLEARING}:_is_protected",
            "result.reason in REVEALING_REASONS",
            "False",
            seen.reasons_that_tell,
        ),
        (f"{CLEARING}:_rounded", "if crude:", "if False:", seen.no_error_of_crude),
        (
            f"{CLEARING}:_rounded_support",
            "smallest_cell=rules.threshold",
            "smallest_cell=support.smallest_cell",
            seen.no_minimum,
        ),
        # what hangs together
        ("partitions:protected", "len(hidden) < FEWEST_HIDDEN or ", "", seen.two_are_hidden),
        ("partitions:protected", "or _tells(hidden + silent, rules)", "", seen.enough_is_hidden),
        ("partitions:protected", "whole=not left and alone", "whole=False", seen.whole_is_hidden),
        ("geography:shown_units", "while shown and", "while False and", seen.unit_beside),
        ("geography:whole_may_stand", ">= NARROW", ">= 0", seen.nation_beside),
        ("dominance:two_may_make_the_sum", "return persons > 0", "return False", seen.two_people),
        (
            "cross_tables:_hidden",
            "return _enough(table, whole, hidden, rules)",
            "return hidden",
            seen.table_with_margins,
        ),
        ("cross_tables:_hidden", "hidden[inside] = _small(table, rules)", "pass", seen.small_cell),
        # the attack
        (f"{SYSTEM}:enough_values", "most - least + 1", "most - least - 3", seen.attacked),
        (f"{SYSTEM}:rule_limits", "rules.threshold - 1", "rules.threshold + 9", seen.attacked),
        (
            f"{SYSTEM}:system_of",
            "_rows(known.relations, number)",
            "_rows((), number)",
            seen.attacked,
        ),
        (f"{SYSTEM}:system_of", "_check(system, known)", "None", seen.contradiction),
        ("attack.known:Known.without", "while more :=", "while False and", seen.needs),
        # the guard
        (f"{GUARD}:_registration_findings", "if claimed is None:", "if False:", seen.found("G02")),
        (
            f"{GUARD}:_registration_findings",
            "elif claimed != registration_id(data):",
            "elif False:",
            seen.found("G03"),
        ),
        (
            f"{GUARD}:_registration_findings",
            "elif claimed not in registered:",
            "elif False:",
            seen.found("G04"),
        ),
        (f"{GUARD}:_output_findings", 'if kind == "stream":', "if False:", seen.found("G05")),
        (f"{GUARD}:_output_findings", 'elif kind == "error":', "elif False:", seen.found("G06")),
        (
            f"{GUARD}:_bundle_findings",
            "if mime not in ALLOWED_MIME:",
            "if False:",
            seen.found("G01"),
        ),
        (f"{GUARD}:_notebook_findings", "if records != 1:", "if False:", seen.found("G14")),
        (
            f"{GUARD}:_notebook_findings",
            'if "widgets" in metadata:',
            "if False:",
            seen.found("G12"),
        ),
        (f"{GUARD}:_cell_findings", 'if cell.get("attachments"):', "if False:", seen.found("G11")),
        (f"{GUARD}:_cell_findings", "if opens_private(source):", "if False:", seen.found("G19")),
        (
            f"{GUARD}:_cell_findings",
            "in source_faults(source)",
            "in ()",
            seen.found("G09 of words"),
        ),
        (
            f"{GUARD}:_content_findings",
            'in markup_faults(text, html=mime != "text/plain")',
            "in ()",
            seen.found("G09"),
        ),
        (
            f"{GUARD}:_content_findings",
            "in identifier_kinds(unescape(text))",
            "in ()",
            seen.found("G16"),
        ),
        (
            f"{GUARD}:_content_findings",
            "if RECORD in data:",
            "if False:",
            seen.found("G16 of a record"),
        ),
    )
)

# Numbers of params/disclosure.yml: key, another value, what must notice.
NUMBERS: tuple[tuple[str, int | bool, Check], ...] = (
    ("smallest_count", 11, seen.ten_is_enough),
    ("smallest_count", 9, seen.nine_is_small),
    ("zero_is_small", False, seen.zero_is_small),
    ("rounding_base", 1, seen.base_in_fives),
    ("significant_figures", 4, seen.three_figures),
    ("smallest_residual_df", 11, seen.ten_df_are_enough),
    ("smallest_residual_df", 9, seen.nine_df_are_not),
    ("smallest_unit", 31, seen.unit_of_thirty),
    ("smallest_unit", 29, seen.unit_of_less),
    ("smallest_reliable", 31, seen.thirty_is_reliable),
    ("smallest_reliable", 29, seen.twenty_nine_is_not),
)


def _function(thing):
    """The function behind a property, a class method or a wrapper."""
    for name in ("fget", "func", "__func__", "__wrapped__"):
        thing = getattr(thing, name, None) or thing
    return thing


def _changed(source: str) -> str:
    """A function by itself: where it stands, it is wrapped already."""
    tree = ast.parse(source)
    tree.body[0].decorator_list = []
    return ast.unparse(tree)


@contextmanager
def mutated(mutation: Mutation) -> Iterator[None]:
    """The rule is changed within this block. AssertionError where its words are not there (any
    more)."""
    module, _, path = mutation.where.partition(":")
    home = import_module(
        module if module.startswith("analysis.") else f"analysis.disclosure.{module}"
    )
    *holders, last = path.split(".")
    owner = home
    for name in holders:
        owner = getattr(owner, name)
    target = _function(inspect.getattr_static(owner, last))
    source = textwrap.dedent(inspect.getsource(target))
    assert mutation.before in source, f"{mutation.where} does not hold: {mutation.before}"
    made: dict = {}
    changed = _changed(source.replace(mutation.before, mutation.after, 1))
    exec(compile(changed, "mutated", "exec"), dict(home.__dict__), made)
    kept = target.__code__
    target.__code__ = made[last].__code__
    try:
        yield
    finally:
        target.__code__ = kept


@contextmanager
def with_number(key: str, value: int | bool) -> Iterator[None]:
    """A number of the rules is another one within this block."""
    rules = import_module("analysis.disclosure.rules").load_rules()
    kept = getattr(rules, key)
    rules.__dict__[key] = kept.model_copy(update={"value": value})
    try:
        yield
    finally:
        rules.__dict__[key] = kept
