"""Which printed numbers help an attacker most: the shadow prices of the intervals."""

from dataclasses import replace

import numpy as np

from analysis.disclosure.attack.known import Known
from analysis.disclosure.attack.narrowest import Attacked, Help
from analysis.disclosure.attack.reach import Reach
from analysis.disclosure.attack.system import NOISE, components, system_of
from analysis.disclosure.rules import Rules, load_rules

MOST_ASKED = 200  # recovered counts, the narrowest first, of which the prices are worked out


def with_helps(known: Known, attacked: Attacked, rules: Rules | None = None) -> Attacked:
    """The attack with the printed numbers that narrow its recovered counts, the most helpful first.

    The price of a printed number is the sum, over both ends of the interval of each recovered
    count, of what the end moves outwards for each person by which the number were less exactly
    known: the dual of its bound in the linear programme of that end.
    """
    narrowest = sorted(attacked.recovered, key=lambda cell: (cell.values, cell.key))[:MOST_ASKED]
    wanted = {cell.key for cell in narrowest}
    worth: dict[str, float] = {}
    cells: dict[str, int] = {}
    for _, part in components(system_of(known, rules or load_rules())):
        asked = [at for at, key in enumerate(part.keys) if key in wanted]
        if not asked:
            continue
        reach = Reach(part)
        for at in asked:
            price = np.zeros(len(part.keys))
            for sign in (1.0, -1.0):
                dual = reach.dual(at, sign, part.low, part.high, afresh=False)
                price += dual.by_low + dual.by_high
            for i in np.flatnonzero(part.printed & (price > NOISE)):
                worth[part.keys[i]] = worth.get(part.keys[i], 0.0) + float(price[i])
                cells[part.keys[i]] = cells.get(part.keys[i], 0) + 1
    helps = [Help(key, known.counts[key].where, worth[key], cells[key]) for key in worth]
    helps.sort(key=lambda one: (-one.worth, one.key))
    return replace(attacked, helps=tuple(helps))
