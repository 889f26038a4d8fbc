"""What a situation must show for a hole of the coverage to be filled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.dsl.types import WHATEVER
from lexald.engine.elements import Element, Situation
from lexald.engine.environment import Decided
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Conflict, FactPath, Unknown

from ..coverage import units as u
from ..coverage.conditions import (
    ALL,
    COUNT,
    IF_NOT,
    IF_SO,
    NOT,
    SOME,
    Atom,
    Joined,
)
from ..coverage.measure import of_situation
from ..coverage.obligations import Obligations
from ..coverage.proving import Proven
from ..coverage.units import Unit
from ..search.goals import ALWAYS, Law, Reached, Shown, Wanted
from ..search.sites import APPLICABLE, Site, Visit
from ..search.wish import GRANTED, Wish, both, either
from ..search.wishes import Wishes

# Which outcome of an atom decided, and what the whole condition then came to.
Effect = tuple[bool, bool]


@attrs.frozen(eq=False)
class Targets:
    """Goals for the units of *owed*."""

    law: Law
    owed: Obligations

    def of(self, number: int) -> Reached | None:
        """What fills unit *number*; `None` where no single situation could, or none is sought.

        The effect of a condition takes two: see `effect`.
        """
        unit = self.owed.units[number]
        match unit.kind:
            case u.RULES | u.EXCEPTIONS:
                return self._reached(number, self._values(unit), unit.period)
            case u.ROWS:
                return self._reached(
                    number, self.law.sites.of_table[unit.thing], unit.period, _row(unit)
                )
            case u.PARAMETERS:
                return self._reached(number, self.law.sites.of_parameter[unit.thing], unit.period)
            case u.DATES:
                return self._date(number, unit)
            case u.CONDITIONS:
                return self._condition(number, unit)
            case u.OUTCOMES:
                return self._outcome(number, unit)
            case u.FORBIDDEN:
                sites = [s for s in self._stated(unit) if not s.turns]
                return self._reached(number, sites, ALWAYS, _true)
        return None

    def effect(self, number: int, effect: Effect) -> Reached | None:
        """That the condition of unit *number* decides, being the first of *effect*."""
        unit = self.owed.units[number]
        condition = self.owed.conditions[id(unit.whole)]
        trail = _trail(condition.whole, unit.node)
        if trail is None or unit.whole is None:
            return None
        atom, _ = effect

        def wanted(wishes: Wishes, visit: Visit) -> Wish:
            parts = [wishes.truth(unit.node, visit.env, atom)] if unit.node is not None else []
            for joined, rank in trail:
                parts += _neutral(wishes, visit, joined, rank, atom)
            return both(parts)

        sites = self.law.sites.of_node[id(unit.whole)]

        def shown(
            evaluation: Evaluation, name: str, element: Element | None, decided: Decided
        ) -> bool:
            proven = self.proven(evaluation.situation, evaluation.on, [(name, element)])
            return (number, *effect) in proven.effects

        return Reached(self.law, sites, unit.period, wanted, shown) if sites else None

    def proven(
        self,
        situation: Situation,
        on: Any,
        asked: Sequence[tuple[str, Element | None]],
        refused: str = "",
    ) -> Proven:
        """What a case would prove that asks of *situation* the decisions *asked*, or that expects
        it to be refused for *refused*."""
        expected = [expectation(on, path_of(name, element)) for name, element in asked]
        if refused:
            expected = [expectation(on, (), refused)]
        case = core.Case("", (), on, (), tuple(expected), ())
        return of_situation(self.owed, case, situation)

    # ── goals ────────────────────────────────────────────────────────────────────────────

    def _reached(
        self,
        number: int,
        sites: Sequence[Site],
        days: core.Period,
        wanted: Wanted = lambda wishes, visit: GRANTED,
        *,
        open_answer: bool = False,
    ) -> Reached | None:
        if not sites:
            return None
        return Reached(self.law, sites, days, wanted, self._covers(number), open_answer=open_answer)

    def _covers(self, number: int) -> Shown:
        def shown(
            evaluation: Evaluation, name: str, element: Element | None, decided: Decided
        ) -> bool:
            proven = self.proven(evaluation.situation, evaluation.on, [(name, element)])
            return number in proven.covered

        return shown

    def _values(self, unit: Unit) -> list[Site]:
        """What the versions of a rule say, on the days of *unit*."""
        decision = self.law.program.decisions[unit.thing]
        found = []
        for rule in (decision.general, *decision.exceptions):
            if rule.label == unit.rule:
                for version in rule.versions:
                    if _meet(version.period, unit.period):
                        sites = self.law.sites.of_node[id(version.value)]
                        found += [site for site in sites if site.version is version]
        return found

    def _asked(self, name: str) -> Site:
        """That decision *name* is asked, whatever it answers."""
        entity = self.law.program.decisions[name].entity
        base = None if entity is None else core.Current(entity)
        return Site(name, entity, APPLICABLE, None, None, (), core.DecisionValue(name, base))

    def _date(self, number: int, unit: Unit) -> Reached | None:
        sites = self.law.sites
        if unit.thing in self.law.program.tables:
            wanted = _row(unit) if unit.row is not None else _anything
            return self._reached(number, sites.of_table[unit.thing], unit.period, wanted)
        if unit.thing in self.law.program.parameters:
            return self._reached(number, sites.of_parameter[unit.thing], unit.period)
        values = self._values(unit) if unit.rule == GENERAL else []
        return self._reached(number, [*values, self._asked(unit.thing)], unit.period)

    def _condition(self, number: int, unit: Unit) -> Reached | None:
        sites = self.law.sites.of_node[id(unit.node)]
        if unit.outcome == u.UNKNOWN:
            return self._reached(number, sites, unit.period, _unknown, open_answer=True)
        return self._reached(
            number, sites, unit.period, _true if unit.outcome == u.TRUE else _false
        )

    def _outcome(self, number: int, unit: Unit) -> Reached | None:
        site = self._asked(unit.thing)
        if unit.outcome == u.UNKNOWN:
            return self._reached(number, [site], unit.period, _unknown, open_answer=True)
        if unit.outcome == u.CONFLICT:
            return self._reached(number, [site], unit.period, _conflict, open_answer=True)
        return self._reached(number, [site], unit.period)

    def _stated(self, unit: Unit) -> list[Site]:
        refusal = next(r for r in self.law.program.forbidden if r.message == unit.thing)
        return self.law.sites.of_node[id(refusal.condition)]


# ── what is wanted at a visit ────────────────────────────────────────────────────────────


def _anything(wishes: Wishes, visit: Visit) -> Wish:
    return GRANTED


def _true(wishes: Wishes, visit: Visit) -> Wish:
    return wishes.truth(visit.site.node, visit.env, True)


def _false(wishes: Wishes, visit: Visit) -> Wish:
    return wishes.truth(visit.site.node, visit.env, False)


def _unknown(wishes: Wishes, visit: Visit) -> Wish:
    if isinstance(wishes.eval(visit.site.node, visit.env), Unknown):
        return GRANTED
    return Wish(1, tuple(wishes.untold(visit.site.node, visit.env)))


def _row(unit: Unit) -> Wanted:
    def wanted(wishes: Wishes, visit: Visit) -> Wish:
        assert isinstance(visit.site.node, core.TableValue) and unit.row is not None
        return wishes.row(visit.site.node, unit.row, visit.env)

    return wanted


def _conflict(wishes: Wishes, visit: Visit) -> Wish:
    """Two exceptions that do not outrank one another hold at once."""
    if isinstance(wishes.eval(visit.site.node, visit.env), Conflict):
        return GRANTED
    decision = wishes.program.decisions[visit.site.thing]
    pairs = [
        both([wishes.holds(decision, rule, visit.env, True, 0) for rule in (one, other)])
        for rank, one in enumerate(decision.exceptions)
        for other in decision.exceptions[rank + 1 :]
        if one.target == other.target
        and one.label not in other.outranks
        and other.label not in one.outranks
    ]
    found = either(pairs)
    return Wish(max(found.distance, 0.5), found.steps)


# ── the effect of a condition ────────────────────────────────────────────────────────────


def _trail(whole: Atom | Joined, node: core.Expr | None) -> list[tuple[Joined, int]] | None:
    """The joints between *whole* and the atom *node*, each with the rank of the part it is in."""
    if isinstance(whole, Atom):
        return [] if whole.expr is node else None
    for rank, part in enumerate(whole.parts):
        below = _trail(part, node)
        if below is not None:
            return [(whole, rank), *below]
    return None


def _neutral(wishes: Wishes, visit: Visit, joined: Joined, rank: int, atom: bool) -> Iterator[Wish]:
    """That the other parts of *joined* leave the one of *rank* to decide."""
    others = [part for place, part in enumerate(joined.parts) if place != rank]
    match joined.word:
        case word if word == NOT:
            return
        case word if word in (ALL, IF_SO):
            # What is only read when the first part holds is not read when it does not.
            if word == IF_SO and rank == 0 and not _truth_below(joined, rank, atom):
                return
            yield from (wishes.truth(part.expr, visit.env, True) for part in others)
        case word if word in (SOME, IF_NOT):
            if word == IF_NOT and rank == 0 and _truth_below(joined, rank, atom):
                return
            yield from (wishes.truth(part.expr, visit.env, False) for part in others)
        case word if word == COUNT:
            met = joined.minimum - 1 if joined.minimum else joined.maximum or 0
            for place, part in enumerate(others):
                yield wishes.truth(part.expr, visit.env, place < met)


def _truth_below(joined: Joined, rank: int, atom: bool) -> bool:
    """What the part of *rank* comes to, which the atom decides: denials turn it."""
    part: Atom | Joined = joined.parts[rank]
    while isinstance(part, Joined) and part.word == NOT:
        atom = not atom
        part = part.parts[0]
    return atom


# ── expectations ─────────────────────────────────────────────────────────────────────────


def path_of(name: str, element: Element | None) -> FactPath:
    """Where a case asks decision *name* of *element*."""
    short = name.rpartition(".")[2]
    return (*element.path, short) if element else (short,)


def expectation(on: Any, path: FactPath, refused: str = "") -> core.Expectation:
    """That something is expected at *path*, whatever it is."""
    steps: list[core.PathStep] = []
    for part in path:
        if isinstance(part, int):
            steps[-1] = core.PathStep(steps[-1].name, part + 1)
        else:
            steps.append(core.PathStep(part))
    state = "interdit" if refused else "valeur"
    return core.Expectation(
        on, tuple(steps), state, None, WHATEVER, None, (refused,) if refused else (), None, ""
    )


def _meet(a: core.Period, b: core.Period) -> bool:
    return (a.until is None or b.since is None or b.since < a.until) and (
        b.until is None or a.since is None or a.since < b.until
    )
