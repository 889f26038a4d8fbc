"""Where an expression stands in the law, and what must be so for it to be evaluated.

A site is a node with the way that leads to it: the rule it is written in, the branches of the
choices around it, the lists whose elements are walked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, get_args

import attrs

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.dsl.types import BOOL, EntityType, ListType
from lexald.engine.elements import Element, Elements
from lexald.engine.environment import Env
from lexald.engine.outcomes import Unknown

from .dossier import Step, Tell
from .wish import GRANTED, Wish, both
from .wishes import Wishes

# ── the way to a node ────────────────────────────────────────────────────────────────────


@attrs.frozen(eq=False)
class When:
    """Only when *condition* comes to *truth*."""

    condition: core.Expr
    truth: bool


@attrs.frozen(eq=False)
class Each:
    """For each of *items*, called *variable*, of which *condition* is true."""

    variable: str
    items: core.Expr
    condition: core.Expr | None


@attrs.frozen(eq=False)
class At:
    """At the law of *day*."""

    day: core.Expr


Turn = When | Each | At

APPLICABLE, GUARD, VALUE, STATED = "applicable si", "garde", "valeur", "énoncé"


@attrs.frozen(eq=False)
class Site:
    """*node*, in the *part* of what is written of *thing* (a decision; else a message).

    *rule* and *version* are those that it is written in, for a guard and for a value.
    """

    thing: str
    entity: str | None
    part: str
    rule: core.Rule | None
    version: core.RuleVersion | None
    turns: tuple[Turn, ...]
    node: core.Expr


class Sites:
    """Every site of a program."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self.of_node: defaultdict[int, list[Site]] = defaultdict(list)
        self.of_parameter: defaultdict[str, list[Site]] = defaultdict(list)
        self.of_table: defaultdict[str, list[Site]] = defaultdict(list)
        self.of_call: defaultdict[str, list[Site]] = defaultdict(list)
        for decision in program.decisions.values():
            name, entity = decision.name, decision.entity
            if decision.applicable is not None:
                self._note(Site(name, entity, APPLICABLE, None, None, (), decision.applicable))
            for rule in (decision.general, *decision.exceptions):
                for version in rule.versions:
                    if version.guard is not None:
                        self._note(Site(name, entity, GUARD, rule, version, (), version.guard))
                    self._note(Site(name, entity, VALUE, rule, version, (), version.value))
        for refusal in program.forbidden:
            self._note(
                Site(refusal.message, refusal.entity, STATED, None, None, (), refusal.condition)
            )
        for kept in program.guarantees:
            self._note(Site(kept.message, kept.entity, STATED, None, None, (), kept.condition))

    def _note(self, start: Site) -> None:
        todo = [start]
        while todo:
            site = todo.pop()
            node = site.node
            self.of_node[id(node)].append(site)
            match node:
                case core.ParameterValue(name):
                    self.of_parameter[name].append(site)
                case core.TableValue(name):
                    self.of_table[name].append(site)
                case core.DecisionValue(name):
                    self.of_call[name].append(site)
            todo += [
                attrs.evolve(site, node=inner, turns=(*site.turns, *turns))
                for inner, turns in _below(node)
            ]


def _below(node: core.Expr) -> Iterator[tuple[core.Expr, tuple[Turn, ...]]]:
    """The expressions just inside *node*, each with the turn that leads to it."""
    match node:
        case core.Choice(condition, then, otherwise):
            yield condition, ()
            yield then, (When(condition, True),)
            yield otherwise, (When(condition, False),)
        case core.Walk(_, variable, items, condition, order, body):
            yield items, ()
            if condition is not None:
                yield condition, (Each(variable, items, None),)
            for part in (order, body):
                if part is not None:
                    yield part, (Each(variable, items, condition),)
        case core.Groups(variable, items, keys):
            yield items, ()
            for key in keys:
                yield key, (Each(variable, items, None),)
        case core.AsOf(day, content):
            yield day, ()
            yield content, (At(day),)
        case core.Collection(items):
            for value, condition in items:
                if condition is not None:
                    yield condition, ()
                yield value, () if condition is None else (When(condition, True),)
        case core.Previous():
            return
        case _:
            yield from _parts(node)


def _parts(node: Any) -> Iterator[tuple[Any, tuple[Turn, ...]]]:
    for field in attrs.fields(type(node)):
        yield from _expressions(getattr(node, field.name))


def _expressions(value: Any) -> Iterator[tuple[Any, tuple[Turn, ...]]]:
    if isinstance(value, tuple):
        for inner in value:
            yield from _expressions(inner)
    elif isinstance(value, _STEPS):
        # The ceilings, floors and roundings of a value.
        yield from _parts(value)
    elif isinstance(value, _EXPRESSIONS):
        yield value, ()


_EXPRESSIONS: tuple[type, ...] = get_args(core.Expr)
_STEPS: tuple[type, ...] = get_args(core.Step)


# ── from a situation to a node ───────────────────────────────────────────────────────────


@attrs.frozen(eq=False)
class Visit:
    """*env*: where the node is evaluated; *wish*: what stands in the way of its being so."""

    site: Site
    element: Element | None
    env: Env
    wish: Wish


def visits(wishes: Wishes, site: Site, days: core.Period) -> Iterator[Visit]:
    """How near each element of the situation is to the evaluation of *site* on one of *days*."""
    evaluation = wishes.evaluation
    elements: list[Element | None] = [None]
    if site.entity is not None:
        elements = [e for e in evaluation.situation.elements() if e.entity == site.entity]
    for element in elements:
        here = evaluation.env_for(element, Env(evaluation.on))
        if isinstance(here, Unknown):
            # The day that rules the element is not told.
            assert element is not None
            day = days.since or evaluation.on
            steps = (wishes.dated(day, element), *wishes.answered(here, Env(evaluation.on)))
            yield Visit(site, element, Env(evaluation.on, element), Wish(4, steps))
            continue
        dated = wishes.in_force(days, here)
        if dated.distance and not any(isinstance(turn, At) for turn in site.turns):
            yield Visit(site, element, here, Wish(3, dated.steps))
            continue
        reached = both([dated, *_reached(wishes, site, here)])
        decision = evaluation.program.decisions.get(site.thing)
        env = here
        if site.rule is not None and decision is not None:
            env = here.in_rule(decision, site.rule)
        yield from _turned(wishes, site, element, env, list(site.turns), reached)


def _reached(wishes: Wishes, site: Site, env: Env) -> Iterator[Wish]:
    """That the part of the decision in which *site* stands is evaluated."""
    decision = wishes.program.decisions.get(site.thing)
    if site.part in (APPLICABLE, STATED) or decision is None or site.rule is None:
        return
    if site.part == VALUE:
        yield wishes.selected(decision, site.rule, env)
        return
    if decision.applicable is not None:
        yield wishes.truth(decision.applicable, env, True)
    # An exception to an exception is only looked at where that one stands.
    here = site.rule.target
    while here not in ("", GENERAL):
        target = next(rule for rule in decision.exceptions if rule.label == here)
        yield wishes.holds(decision, target, env, True, 0)
        here = target.target


def _turned(
    wishes: Wishes,
    site: Site,
    element: Element | None,
    env: Env,
    turns: list[Turn],
    wish: Wish,
) -> Iterator[Visit]:
    if not turns:
        yield Visit(site, element, env, wish)
        return
    turn, *rest = turns
    match turn:
        case When(condition, truth):
            more = wishes.truth(condition, env, truth)
            yield from _turned(wishes, site, element, env, rest, both([wish, more]))
        case At(day):
            on = wishes.eval(day, env)
            if isinstance(on, date):
                yield from _turned(wishes, site, element, env.on_date(on, None), rest, wish)
            else:
                yield Visit(
                    site, element, env, both([wish, Wish(2, tuple(wishes.answered(on, env)))])
                )
        case Each(variable, items, condition):
            listed = wishes.eval(items, env)
            met = listed.items if isinstance(listed, Elements) else listed
            if not isinstance(met, tuple) or not met:
                exists = core.Walk("existe", variable, items, condition, None, None, BOOL)
                steps = wishes.truth(exists, env, True).steps
                yield Visit(site, element, env, both([wish, Wish(3, steps)]))
                return
            for item in met:
                inside = env.with_variable(variable, item)
                more = GRANTED if condition is None else wishes.truth(condition, inside, True)
                yield from _turned(wishes, site, element, inside, rest, both([wish, more]))


# ── elements to begin with ───────────────────────────────────────────────────────────────


def blank(program: core.Program, entity: str) -> Step | None:
    """The changes that make one element of *entity*, which tells nothing; `None` if none can."""
    path = _holder(program.roots, program, entity, ())
    if path is None:
        return None
    fields: Mapping[str, core.Field] = program.roots
    kinds = []
    for name in path:
        kind = fields[name].type
        kinds.append(kind)
        held = kind.item if isinstance(kind, ListType) else kind
        assert isinstance(held, EntityType)
        fields = program.entities[held.name].fields
    value: Any = {}
    for name, kind in reversed(list(zip(path, kinds, strict=True))):
        value = {name: [value] if isinstance(kind, ListType) else value}
    return (Tell((path[0],), value[path[0]]),)


def _holder(
    fields: Mapping[str, core.Field], program: core.Program, entity: str, met: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The shortest way to elements of *entity*, names only."""
    deeper = []
    for name, field in fields.items():
        held = field.type.item if isinstance(field.type, ListType) else field.type
        if isinstance(held, EntityType):
            if held.name == entity:
                return (name,)
            if held.name not in met:
                deeper.append((name, held.name))
    for name, held_name in deeper:
        inner = _holder(program.entities[held_name].fields, program, entity, (*met, held_name))
        if inner is not None:
            return (name, *inner)
    return None
