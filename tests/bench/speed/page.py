"""The page docs/performance.md from what was found: targets beside values, then what was
measured."""

import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from bench.report import cpu, memory_gb, table
from bench.speed.cases import REAL, REGIONS
from bench.speed.growth import exponent
from bench.speed.starts import KINDS as STARTS
from bench.speed.targets import number, read_targets, target_rows
from bench.speed.ways import WAYS
from bench.speed.whole import by_study

Found = Mapping[str, Any]
PACKAGES = ("numpy", "pandas", "scipy", "matplotlib", "linearmodels", "duckdb", "papermill")
HOW = """# Performance

This page is made by `make bench` (about a quarter of an hour on two cores that do nothing else;
`make bench BENCH=--full` adds a region of two million people, the whole run of the earlier commit
and the tests; `make bench BENCH="--only growth"` measures one part and prints it). Nothing of the
checkout is touched: its files are copied, and everything runs from the copy, with data and reports
of its own. Processor seconds are user and system time of a command and all its descendants; where
several things are compared, they were measured in one run.
"""
NOT_SAID = """- One run of each, on one machine: differences of a tenth mean nothing.
- The synthetic nation stands for real tables. Theirs may be wider, and read more slowly.
- "Before" is commit {before} on the same packages as now. What a newer package alone has brought
  (matplotlib 3.10 draws text 2.5 times as fast as 3.11) is therefore in both columns.
- A kind of work is told by the file of the innermost function that is known: what a library does
  for a regression is regression. It does not tell which of two callers asked for it.
- Counts on up to 100 million rows beside bare SQL have a page of their own:
  [scale.md](scale.md) (`make bench-scale`).
"""


def machine() -> dict[str, str]:
    """What the numbers were measured on, as a page says it."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return {
        "machine": f"{cpu()}, {memory_gb():.0f} GB; Python {platform.python_version()}",
        "packages": packages,
    }


def page(found: Found) -> str:
    """The whole page as Markdown; a part that was not measured is not there."""
    parts = [HOW, said_of(found), "## Targets", targets(found)]
    for title, part in PARTS.items():
        if text := part(found):
            parts += [f"## {title}", text]
    parts += ["## What these numbers do not say", NOT_SAID.format(before=found.get("earlier", ""))]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def said_of(found: Found) -> str:
    return (
        f"Machine: {found['machine']}; {found['cores']} cores; commit {found['commit']};"
        f" {found['date']}. {found['packages']}."
    )


def targets(found: Found) -> str:
    header = ("what", "target", "value", "met", "what stands in the way")
    return table(header, target_rows(read_targets(), found))


def whole(found: Found) -> str:
    """Everything from installed: what it takes, by study and by kind of work."""
    if "whole" not in found:
        return ""
    one = found["whole"]
    said = (
        f"`workbook run --jobs 2` from no data and no reports: {number(one['seconds'])} s by the"
        f" clock, {number(one['cpu'])} processor seconds, {len(one['runs'])} runs,"
        f" {number(one['mb'])} MB of reports ({number(one['site_mb'])} MB of them pages). The pages"
        f" once more from nothing: {number(one['site']['seconds'])} s. Everything once more,"
        f" unchanged: {number(one['again'])} s."
    )
    if "before" in one:
        was = one["before"]
        said += (
            f" At the earlier commit: {number(was['seconds'])} s by the clock,"
            f" {number(was['cpu'])} processor seconds ({was['cpu'] / one['cpu']:.1f} times as"
            f" many), {number(was['mb'])} MB."
        )
    studies = by_study(one["runs"], one["studies_cpu"])
    rows = [(name, f"{runs}", number(seconds)) for name, (runs, seconds) in studies.items()]
    parts = [said, table(("study", "runs", "processor seconds"), rows)]
    if kinds := one.get("kinds"):
        words = "By kind of work, from profiles of the cells; pages and engine by what is left:"
        parts += [words, shares(kinds)]
    if kinds := one["site"].get("kinds"):
        parts += ["The pages from nothing, by kind of work:", shares(kinds)]
    return "\n\n".join(parts)


def shares(kinds: Mapping[str, float]) -> str:
    total = sum(kinds.values())
    ordered = [one for one in sorted(kinds.items(), key=lambda item: -item[1]) if one[1] > 0.05]
    rows = [(kind, number(seconds), f"{seconds / total:.0%}") for kind, seconds in ordered]
    return table(("kind of work", "processor seconds", "share"), rows)


def before_and_now(found: Found) -> str:
    """The same cells by the earlier commit and now, in one run: by case and by kind of work."""
    compared = found.get("before")
    if not compared:
        return ""
    cases = [
        (
            name,
            number(was["cpu"]),
            number(now["cpu"]),
            f"{was['cpu'] / now['cpu']:.1f}",
            number(was["mb"]),
            number(now["mb"]),
        )
        for name, (was, now) in compared["cases"].items()
    ]
    was, now = (_kinds_of(pair[side] for pair in compared["cases"].values()) for side in (0, 1))
    kinds = [
        (kind, number(was[kind]), number(now[kind]), _ratio(was[kind], now[kind]))
        for kind in sorted(was | now, key=lambda kind: -was[kind])
        if max(was[kind], now[kind]) > 0.05
    ]
    header = ("what", "before, s", "now, s", "ratio", "before, MB", "now, MB")
    return "\n\n".join(
        (
            f"The cells of single notebooks by commit {found['earlier']} and now, on the same"
            " data and packages, processor seconds and largest resident memory:",
            table(header, cases),
            "All of these together, by kind of work:",
            table(("kind of work", "before, s", "now, s", "ratio"), kinds),
        )
    )


def _kinds_of(measured: Iterable[Mapping[str, Any]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in measured:
        found.update(one["kinds"])
    return found


def _ratio(was: float, now: float) -> str:
    return f"{was / now:.1f}" if now > 0.005 else ""


def pieces(found: Found) -> str:
    """Single pieces of work by two ways."""
    rows = [
        (
            f"{one['what']}, {one['unit']}",
            f"{one['slow_way']}: {number(one['slow'])}",
            f"{one['fast_way']}: {number(one['fast'])}",
            f"{one['slow'] / one['fast']:.1f}",
        )
        for one in found.get("pieces", ())
    ]
    return table(("what", "one way", "our way", "ratio"), rows) if rows else ""


def ways(found: Found) -> str:
    """The real notebooks and the typical one in each way."""
    parts = []
    if real := found.get("ways"):
        words = f"{len(REAL)} studies in the same {real['places']} of {len(REGIONS)} regions, and"
        words += " all of them in one batch. All ways gave the same records."
        studies = [_compared(name, one) for name, one in real.items() if isinstance(one, Mapping)]
        memory = zip(real["memory"], ("now", "by the earlier commit"), strict=False)
        held = ", ".join(f"{number(mb)} MB {when}" for mb, when in memory)
        held = f"Memory of all processes of such a batch (shared pages counted once): {held}."
        parts += [words, *studies, held]
    if typical := found.get("typical"):
        parts += [_compared(f"typical, {typical['runs']} places", typical), _batches(typical)]
    return "\n\n".join(parts)


def _compared(name: str, one: Mapping[str, Any]) -> str:
    rows = [
        (f"{way}: {WAYS[way]}", number(taken["seconds"]), number(taken["cpu"]))
        for way, taken in one["ways"].items()
    ]
    header = ("way", "seconds a notebook", "processor seconds a notebook")
    ratios = (
        f"b / c {one['pair_over_engine']:.1f}; b / d {one['pair_over_limit']:.1f}; c / d"
        f" {one['engine_over_limit']:.2f}."
    )
    return f"### {name.replace('_', ' ')}\n\n{table(header, rows)}\n\n{ratios}"


def _batches(typical: Mapping[str, Any]) -> str:
    many = typical["many"]
    said = (
        f"In {many['runs']} places: {number(many['seconds'])} s by `workbook run`,"
        f" {number(many['limit_seconds'])} s by the cells alone (c / d"
        f" {many['engine_over_limit']:.2f}; in processor seconds"
        f" {many['cpu'] / many['limit_cpu']:.2f}); papermill two at a time would take"
        f" {many['pair_over_engine']:.1f} times as long as `workbook run`. The command's own"
        f" process held {number(many['runner_mb'])} MB at most. What the engine adds to the cells"
        " of one more run, in processor seconds: "
    )
    engine = zip(typical["engine"], ("now", "by the earlier commit"), strict=False)
    return said + ", ".join(f"{number(seconds)} {words}" for seconds, words in engine) + "."


def growth(found: Found) -> str:
    """Processor seconds and memory by size, with the power by which they grow."""
    grown = found.get("growth")
    if not grown:
        return ""
    parts = [
        "The cells of one place on a synthetic nation so many times as large. The power is that of"
        " the size by which processor seconds grow (least squares of logarithms): over all sizes,"
        " and over the last step, where what every run takes weighs least."
    ]
    for study, sizes in grown.items():
        if study != "hundredfold":
            parts.append(_grown(study, list(sizes.values())))
    if "hundredfold" in grown:
        far = grown["hundredfold"]
        parts.append(
            f"A region of two million people (a hundred times as many), from an extract:"
            f" {number(far['cpu'])} processor seconds, {number(far['mb'])} MB."
        )
    return "\n\n".join(parts)


def _grown(study: str, sizes: Sequence[Mapping[str, float]]) -> str:
    rows = [(f"x{s['size']:g}", number(s["cpu"]), number(s["mb"])) for s in sizes]
    powers = [
        exponent([s["size"] for s in part], [s["cpu"] for s in part])
        for part in (sizes, sizes[-2:])
        if len(part) > 1
    ]
    said = " Power: " + ", ".join(
        f"{power:.2f} {words}"
        for power, words in zip(powers, ("over all sizes", "over the last step"), strict=False)
    )
    header = ("size", "processor seconds", "resident memory at most, MB")
    return f"### {study.replace('_', ' ')}\n\n{table(header, rows)}\n\n{said.strip()}."


def starts(found: Found) -> str:
    """Imports, kernels, and commands that answer at once."""
    if "starts" not in found:
        return ""
    one = found["starts"]
    kernels = [
        (STARTS[kind], *(f"{seconds:.2f}" for seconds in marks))
        for kind, marks in one["kernels"].items()
    ]
    imports = [(what, *(number(taken) for taken in pair)) for what, pair in one["imports"].items()]
    header = ("what", "now, s", "before, s")[: len(imports[0])]
    asked = ", ".join(f"`workbook {name}` {s:.2f} s" for name, s in one["at_once"].items())
    columns = ("kernel", "ready, s", "first result, s", "imports of a study done, s")
    return "\n\n".join(
        (
            f"Answered at once: {asked} by the clock. Processor seconds of imports:",
            table(header, imports),
            "A kernel, by the clock:",
            table(columns, kernels),
        )
    )


PARTS = {
    "Everything": whole,
    "Before and now": before_and_now,
    "Piece by piece": pieces,
    "Beside papermill and beside the cells alone": ways,
    "Growth": growth,
    "Start": starts,
}
