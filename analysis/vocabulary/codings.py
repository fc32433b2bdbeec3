"""Codings of ethnicity as types, those that a body adds to the census ones, and the one by which
its tables of persons record it (params/codings.yml).

A coding of one's own has codes in broad groups, as those of the census have; each gives two: the
fine one, and its broad one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from analysis.errors import PlanError
from analysis.paths import PARAMS
from analysis.said.texts import public_names
from analysis.vocabulary.yaml_file import YamlFile, load_yaml

NOT_STATED, REFUSED, NOT_RECORDED, NOT_LINKED = (
    "not_stated",
    "refused",
    "not_recorded",
    "not_linked",
)
MISSING: Mapping[str, str] = MappingProxyType(
    {
        NOT_STATED: "asked, and no answer given",
        REFUSED: "asked, and declined to say",
        NOT_RECORDED: "never asked, or the answer was not entered",
        NOT_LINKED: "the record that would hold it did not join",
    }
)
CODING_FILE = PARAMS / "codings.yml"
OF_ETHNICITY = "ethnic group"
KEYS = frozenset({"title", "broad", "characteristic", "source", "groups"})
GROUP_KEYS, MAY_BE_LEFT_OUT = frozenset({"codes", "words", "note"}), frozenset({"words", "note"})


@dataclass(frozen=True)
class Category:
    """One category of a coding: its code in the data, its label and the broad group of the same
    year's 5+1 coding."""

    code: str
    label: str
    group: str


@dataclass(frozen=True)
class Coding:
    """One version of the ethnicity question. `series` codings share the meaning of the broad
    groups.

    characteristic: what the groups are groups of, in a sentence. words: by group, where its name
    cannot stand before a noun (as of params/groups.yml). notes: by group, what a page says of it.
    """

    id: str
    title: str
    categories: tuple[Category, ...]
    broad: str  # id of its own broad coding
    series: str
    source: str
    characteristic: str = OF_ETHNICITY
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    notes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(category.code for category in self.categories)

    @property
    def groups(self) -> tuple[str, ...]:
        """The broad groups in the order of their categories."""
        return tuple(dict.fromkeys(category.group for category in self.categories))

    def label(self, code: str) -> str:
        """Label of a code or of a kind of missing; KeyError where there is none."""
        return {**MISSING, **{category.code: category.label for category in self.categories}}[code]


def broad_of(fine: Coding, title: str) -> Coding:
    """The coding of its broad groups alone."""
    groups = tuple(Category(group, group, group) for group in fine.groups)
    return Coding(
        fine.broad,
        title,
        groups,
        fine.broad,
        fine.series,
        fine.source,
        fine.characteristic,
        fine.words,
        fine.notes,
    )


# -- params/codings.yml ----------------------------------------------------------------------------
@cache
def _file() -> YamlFile:
    if not CODING_FILE.exists():
        return YamlFile(CODING_FILE, {}, {})
    file = load_yaml(CODING_FILE)
    _check_keys(file, (), file.content, frozenset({"recorded", "codings"}))
    return file


def recorded_coding() -> str | None:
    """The coding that params/codings.yml says tables of persons have; None where there is no such
    file."""
    return _file().content.get("recorded")


def own_codings() -> tuple[Coding, ...]:
    """Every coding of params/codings.yml, a broad one after its fine one. PlanError E206, E207 or
    E209 with file and line."""
    entries = _file().content.get("codings") or {}
    fine = [_coding(_file(), key, entry) for key, entry in entries.items()]
    made = [one for each in fine for one in (each, broad_of(each, f"{each.title}, broad groups"))]
    for name, times in Counter(one.id for one in made).items():
        if times > 1:
            raise _wrong(_file(), ("codings",), f"two codings are called {name}")
    return tuple(made)


def refuse_recorded(valid: tuple[str, ...]) -> PlanError:
    """What is said where `recorded` is none of `valid`."""
    text = f"no coding with codes of this name; valid: {', '.join(valid)}"
    return _wrong(_file(), ("recorded",), text)


def _coding(file: YamlFile, key: str, entry: Any) -> Coding:
    at = ("codings", key)
    _check_keys(file, at, entry, KEYS)
    groups = entry["groups"]
    if not isinstance(groups, Mapping) or len(groups) < 2:
        raise _wrong(file, (*at, "groups"), "two groups at least are needed")
    for group, said in groups.items():
        _check_keys(file, (*at, "groups", group), said, GROUP_KEYS, MAY_BE_LEFT_OUT)
        if not isinstance(said["codes"], Mapping) or not said["codes"]:
            raise _wrong(file, (*at, "groups", group, "codes"), "write each code with its label")
    categories = tuple(_categories(groups))
    for code, times in Counter(category.code for category in categories).items():
        if times > 1:
            raise _wrong(file, (*at, "groups"), f"the code {code} stands in two groups")
    said_of = (word for one in groups.values() for word in (one.get("words") or {}).values())
    labels = (category.label for category in categories)
    public_names((entry["characteristic"], *groups, *said_of, *labels))
    return Coding(
        key,
        entry["title"],
        categories,
        entry["broad"],
        key,
        entry["source"],
        entry["characteristic"],
        {group: said["words"] for group, said in groups.items() if said.get("words")},
        {group: said["note"] for group, said in groups.items() if said.get("note")},
    )


def _categories(groups: Mapping[str, Mapping]) -> Iterator[Category]:
    for group, said in groups.items():
        for code, label in said["codes"].items():
            yield Category(str(code), str(label), group)


def _check_keys(
    file: YamlFile,
    at: tuple,
    entry: Any,
    known: frozenset[str],
    optional: frozenset[str] = frozenset(),
) -> None:
    if not isinstance(entry, Mapping):
        raise _wrong(file, at, f"write {', '.join(sorted(known))} here")
    for name in sorted({*entry} - known):
        raise _wrong(file, (*at, name), "this key is not known", "E206", known)
    for name in sorted(known - {*entry} - optional):
        raise _wrong(file, (*at, name), "this key is missing", "E207", known)


def _wrong(
    file: YamlFile, at: tuple, text: str, code: str = "E209", known: frozenset[str] = frozenset()
) -> PlanError:
    where = " › ".join(str(part) for part in at)
    remedy = f"Valid: {', '.join(sorted(known))}." if known else ""
    return PlanError(
        code, f"{file.path.name}, line {file.line(at)}: {where}: {text}.", remedy=remedy
    )
