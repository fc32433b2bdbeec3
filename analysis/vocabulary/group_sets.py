"""Characteristics besides ethnicity by which people are grouped: sex, and what a body adds
(params/groups.yml).

An ethnicity coding and a group set are named by the same key of a plan. A group set has names only:
no fine coding, no crosswalk, and words for its people where the name alone cannot stand before a
noun.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from analysis.errors import PlanError
from analysis.paths import PARAMS
from analysis.said.texts import public_names
from analysis.vocabulary.yaml_file import load_yaml

GROUP_FILE = PARAMS / "groups.yml"
KEYS = frozenset({"title", "characteristic", "source", "groups"})
HEAD = "people"  # the head noun that `alone` stands for


@dataclass(frozen=True)
class GroupSet:
    """One characteristic: its groups in their fixed order, and the words for people of each.

    words: by group, {"alone": "women", "before": "female", "children": "girls"}; a group without
    words is an adjective.
    """

    id: str
    title: str
    characteristic: str  # in a sentence: "by sex"
    source: str
    groups: tuple[str, ...]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)


@cache
def group_sets() -> Mapping[str, GroupSet]:
    """Every group set by its id; empty where params/ holds no groups.yml. PlanError E206, E207,
    E209."""
    if not GROUP_FILE.exists():
        return MappingProxyType({})
    found = {key: _group_set(key, entry) for key, entry in load_yaml(GROUP_FILE).content.items()}
    _check_words(found)
    return MappingProxyType(found)


def _group_set(key: str, entry: Mapping) -> GroupSet:
    for name in sorted(set(entry) ^ KEYS):
        code = "E206" if name in entry else "E207"
        said = "this key is not known" if name in entry else "this key is missing"
        raise PlanError(
            code,
            f"groups.yml, {key} › {name}: {said}.",
            remedy=f"Valid: {', '.join(sorted(KEYS))}.",
        )
    if len(entry["groups"]) < 2:
        raise PlanError("E209", f"groups.yml, {key}: two groups at least are needed.")
    words = {group: dict(said or {}) for group, said in entry["groups"].items()}
    said_of = (word for one in words.values() for word in one.values())
    public_names((entry["characteristic"], *words, *said_of))
    return GroupSet(
        key, entry["title"], entry["characteristic"], entry["source"], tuple(words), words
    )


def _check_words(found: Mapping[str, GroupSet]) -> None:
    """A name has the same words in every set: sentences know the name alone."""
    known: dict[str, Mapping[str, str]] = {}
    for one in found.values():
        for group, words in one.words.items():
            if known.setdefault(group, words) != words:
                text = f"groups.yml: the group {group} has other words in {one.id} than before."
                raise PlanError("E209", text, remedy="Give a group the same words everywhere.")


def group_words(group: str) -> Mapping[str, str]:
    """The words of a group; empty for one that is an adjective, and for ethnic groups."""
    return next((one.words[group] for one in group_sets().values() if group in one.words), {})


def named_people(words: Mapping[str, str], noun: str, head: str) -> str:
    """People of a group with words of its own among those whom `noun` names, whose word for persons
    is `head`.

    "people on licence" gives "women on licence", "applicants" gives "female applicants", "children"
    gives "girls".
    """
    alone = words.get("alone" if head == HEAD else head) or f"{words['before']} {head}"
    return noun.replace(head, alone, 1)
