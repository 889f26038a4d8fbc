"""Lists: walks, groups and collections, some of whose elements are not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import EntityType, ListType
from lexald.dsl.values import Duration

from . import arithmetic as math
from .elements import Element, Elements
from .environment import Env, Evaluator, placed
from .outcomes import (
    WHOLE,
    NotApplicable,
    Outcome,
    Unknown,
    bare,
    bounds,
    is_known,
    together,
    worst,
)


def items_of(found: Outcome) -> tuple[list[Any], Unknown | None] | Outcome:
    """The elements of a list, and why there may be others."""
    if isinstance(found, Elements):
        if found.complete:
            return list(found.items), None
        said = frozenset({"la liste n'est pas complète"})
        return list(found.items), Unknown({found.path: WHOLE} if found.path else {}, said)
    if isinstance(found, tuple):
        return list(found), None
    return found


def walk(evaluation: Evaluator, expr: core.Walk, env: Env) -> Outcome:
    listed = items_of(evaluation.eval(expr.items, env))
    if not isinstance(listed, tuple):
        return bare(listed)
    if env.watch is None or not isinstance(expr.items, core.Days):
        return _over(evaluation, expr, env, *listed)
    # Days may be thousands: what is read on the way is told once for all that are alike.
    env.watch("days", expr, listed[0], env)
    outcome = _over(evaluation, expr, env, *listed)
    env.watch("days", expr, None, env)
    return outcome


def _over(
    evaluation: Evaluator, expr: core.Walk, env: Env, items: list[Any], more: Unknown | None
) -> Outcome:
    insides = [env.with_variable(expr.variable, item) for item in items]
    fits: list[Outcome] = [True] * len(items)
    if expr.condition is not None:
        fits = [evaluation.eval(expr.condition, inside) for inside in insides]
    wrong = worst(fits)
    if wrong is not None and not isinstance(wrong, Unknown):
        return wrong
    doubts = [f for f in fits if isinstance(f, Unknown)] + ([more] if more else [])
    match expr.word:
        case "existe":
            return math.any_of([*fits, *doubts])
        case "tout":
            assert expr.body is not None
            body = [evaluation.eval(expr.body, inside) for inside in insides]
            return math.invert(math.any_of([math.invert(b) for b in [*body, *doubts]]))
        case "nombre":
            low = sum(f is True for f in fits)
            if not doubts:
                return low
            high = None if more else low + len(doubts)
            return attrs.evolve(together(doubts), low=low if high else None, high=high)
        case "liste":
            kept = [item for item, f in zip(items, fits, strict=True) if f is True]
            if doubts:
                return together(doubts)
            held = isinstance(expr.type, ListType) and isinstance(expr.type.item, EntityType)
            return Elements(tuple(kept)) if held else tuple(kept)
        case "premier" | "dernier":
            return _first(evaluation, expr, items, insides, fits, doubts)
    return _fold(evaluation, expr, env, insides, fits, doubts, more)


def each(evaluation: Evaluator, expr: core.Walk, item: Any, env: Env) -> Outcome:
    """What *item* brings to the walk: its term, or whether it counts; `False` if it does not."""
    inside = env.with_variable(expr.variable, item)
    counts = True if expr.condition is None else evaluation.eval(expr.condition, inside)
    return counts if counts is not True or expr.body is None else evaluation.eval(expr.body, inside)


def _first(
    evaluation: Evaluator,
    expr: core.Walk,
    items: list[Any],
    insides: list[Env],
    fits: list[Outcome],
    doubts: list[Unknown],
) -> Outcome:
    if doubts:
        return together(doubts)
    kept = [(item, inside) for item, inside, f in zip(items, insides, fits, strict=True) if f]
    if expr.order is not None:
        keys = [evaluation.eval(expr.order, inside) for _, inside in kept]
        wrong = worst(keys)
        if wrong is not None and len(kept) > 1:
            return wrong
        if wrong is None:
            # Of equals, the first written is the first, and the last written is the last.
            ranked = sorted(range(len(kept)), key=lambda place: keys[place])
            kept = [kept[place] for place in ranked]
    if not kept:
        return None
    return kept[0][0] if expr.word == "premier" else kept[-1][0]


def _fold(
    evaluation: Evaluator,
    expr: core.Walk,
    env: Env,
    insides: list[Env],
    fits: list[Outcome],
    doubts: list[Unknown],
    more: Unknown | None,
) -> Outcome:
    assert expr.body is not None
    terms = []
    for inside, f in zip(insides, fits, strict=True):
        if f is False:
            continue
        term = evaluation.eval(expr.body, inside)
        if isinstance(term, NotApplicable):
            continue
        if isinstance(f, Unknown):
            term = _perhaps(evaluation, expr, f, term)
        terms.append(term)
    if more is not None:
        return worst([*terms, more])
    if expr.word == "somme":
        return placed(math.total(terms, expr.type), env, expr)
    if doubts:
        return worst(terms) or together(doubts)
    if not terms:
        return None
    return math.least(terms) if expr.word == "minimum" else math.greatest(terms)


def _perhaps(evaluation: Evaluator, expr: core.Walk, doubt: Unknown, term: Outcome) -> Outcome:
    """A term that may not count: between nothing and itself."""
    wrong = worst([term])
    if wrong is not None and not isinstance(wrong, Unknown):
        return doubt  # what a condition may set aside is not yet wrong
    whole = together([doubt, *([wrong] if wrong else [])])
    ends = bounds(term)
    if expr.word == "somme" and ends and not isinstance(ends[0], Duration):
        nothing = math.zero(expr.type)
        return attrs.evolve(whole, low=min(nothing, ends[0]), high=max(nothing, ends[1]))
    return whole


def group(evaluation: Evaluator, expr: core.Groups, env: Env) -> Outcome:
    listed = items_of(evaluation.eval(expr.items, env))
    if not isinstance(listed, tuple):
        return bare(listed)
    items, more = listed
    if more is not None:
        return more
    groups: dict[Any, list[Any]] = {}
    for item in items:
        inside = env.with_variable(expr.variable, item)
        keys = [evaluation.eval(key, inside) for key in expr.keys]
        wrong = worst(keys)
        if wrong is not None:
            return wrong
        groups.setdefault(tuple(keys), []).append(item)
    return tuple(
        Elements(tuple(group)) if isinstance(group[0], Element) else tuple(group)
        for group in groups.values()
    )


def collect(
    evaluation: Evaluator, items: Sequence[tuple[core.Expr, core.Expr | None]], env: Env
) -> Outcome:
    kept: list[Any] = []
    wrongs: list[Outcome] = []
    for value, condition in items:
        holds = True if condition is None else evaluation.eval(condition, env)
        if holds is False:
            continue
        outcome = evaluation.eval(value, env) if holds is True else holds
        if is_known(outcome):
            if outcome not in kept:
                kept.append(outcome)
        else:
            wrongs.append(outcome)
    return worst(wrongs) or tuple(kept)
