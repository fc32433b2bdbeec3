"""The rules of a table in words, for the data dictionary."""

from analysis.extracts.tables.contract import LACKING_PERCENT, Contract, Rules


def rules_in_words(contract: Contract) -> tuple[str, ...]:
    """One sentence for each rule between the columns, rows and tables of a contract."""
    rules = contract.rules
    return (
        *_of_columns(rules),
        *_of_persons(contract),
        *_of_windows(contract),
        *_of_links(contract),
    )


def _of_columns(rules: Rules):
    for parts, whole in rules.parts:
        more = ", added up, are" if len(parts) > 1 else " is"
        yield f"{_listed(parts)}{more} at most `{whole}` (E168)"
    for events, base in rules.at_risk:
        yield f"where `{events}` is above 0, so is `{base}` (E146)"
    for rule in rules.days_of:
        yield (
            f"`{rule.days}` is above 0 only where `{rule.column}` is {_listed(rule.values, 'or')}"
            " (E147)"
        )
    if rules.days_at_risk:
        yield f"{_listed(rules.days_at_risk)}: at most the days of the quarter (E163)"
    for column, needed in rules.only_where:
        yield f"`{column}` is given, or true, only where `{needed}` is (E146)"
    for column, due in rules.filled_where:
        yield f"`{column}` is given wherever `{due}` is given, or true (E191)"


def _of_persons(contract: Contract):
    rules = contract.rules
    if rules.constant:
        period = (
            " within a year that ends in the newest quarter"
            if rules.round_quarters == 4
            else " within a quarter"
        )
        within = period if "quarter" in contract.names else ""
        yield f"{_listed(rules.constant)}: once for each `{rules.person}`{within} (E178)"
    for column in rules.rising:
        yield f"`{column}` never goes down from one quarter to a later one (E179)"


def _of_windows(contract: Contract):
    columns = [c for c in contract.columns if c.window_months is not None]
    for months in sorted({c.window_months for c in columns if c.window_months}):
        named = [c.name for c in columns if c.window_months == months]
        yield (
            f"{_listed(named)}: not known of people followed for under {months} months, who are"
            " counted apart"
        )


def _of_links(contract: Contract):
    for every in contract.every:
        refused = (
            f"; above {LACKING_PERCENT:g} % without one it is refused (E177)"
            if every.refused
            else ""
        )
        yield f"each row of `{every.table}` has a row here{refused}"


def _listed(names, last: str = "and") -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"
