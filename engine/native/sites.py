"""Which decisions are asked at one place, once for each element: what they come to is not kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import ListType

from ..lowering.layout import shared_caps
from ..stretches import rules_of

# Asked again and again.
_OFTEN = 2


def asked_once(
    program: core.Program, decisions: Iterable[str], asked: Iterable[str]
) -> frozenset[str]:
    """Those of *decisions* that are asked once for each of their elements, on a day, when the
    table is asked for *asked* and all else that asks is among *decisions*, or forbids."""
    names = list(decisions)
    times: Counter[str] = Counter(asked)
    for name in names:
        decision = program.decisions[name]
        rules = (decision.general, *decision.exceptions)
        # A list is written wherever it is asked for; under a ceiling rules are looked at for the
        # whole list too.
        again = isinstance(decision.type, ListType) or any(
            shared_caps(version.value) for rule in rules for version in rule.versions
        )
        for site, once in _sites(rules_of(decision), ()):
            times[site] += 1 if once and not again else _OFTEN
        times.update({site: _OFTEN for site, _ in _sites(decision.sequence, ())})
    for rule in program.forbidden:
        for site, once in _sites(rule.condition, ()):
            times[site] += 1 if once else _OFTEN
    return frozenset(n for n in names if times[n] <= 1 and n not in program.chains)


def _sites(node: object, walks: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """The decisions that *node* asks, and whether once for each time that *node* is worked out,
    or that the one walk it stands in goes on. *walks*: the variables of those around it."""
    if isinstance(node, tuple):
        for one in node:
            yield from _sites(one, walks)
        return
    if not isinstance(node, core.Spanned):
        return
    if isinstance(node, core.DecisionValue):
        match node.base:
            case None | core.Current():
                yield node.name, not walks
            case core.Variable(name):
                yield node.name, walks == (name,)
            case _:
                yield node.name, False
    # What tells groups, orders and shares apart is looked at for each pair of elements.
    apart = isinstance(node, core.Sequence | core.SharedCap | core.Groups)
    variable = getattr(node, "variable", None)
    inside = (*walks, variable) if variable else walks
    for field in attrs.fields(type(node)):
        around = walks if field.name == "items" else inside
        for name, once in _sites(getattr(node, field.name), around):
            yield name, once and not apart
