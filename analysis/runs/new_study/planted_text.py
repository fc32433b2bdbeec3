"""What is planted for a new study alone: people of its own, and the effect of its example, to be
changed."""

import zlib
from typing import Any

import yaml

from analysis.runs.new_study.examples import Truth
from analysis.synthetic.planted import FILE
from analysis.vocabulary.yaml_file import load_yaml

HEAD = """# What is planted for {study} alone, in place of what params/synthetic.yml says.
# Whoever changes a number here gets other data and another result of this study, and of no other.
# Further keys of params/synthetic.yml can be added; the seed gives the study people of its own.
"""


def planted_text(study: str, truth: Truth) -> str:
    """The file as YAML: a seed of its own, and what its example has at the key of its effect."""
    content: dict[str, Any] = {"seed": zlib.crc32(study.encode()) % 1_000_000}
    inner = content
    for part in truth.key[:-1]:
        inner = inner.setdefault(part, {})
    inner[truth.key[-1]] = _value(truth)
    return HEAD.format(study=study) + yaml.safe_dump(content, sort_keys=False, width=100)


def _value(truth: Truth) -> Any:
    if truth.own is not None:
        return dict(truth.own)
    found = load_yaml(FILE).content
    for part in truth.key:
        found = found[part]
    return found
