"""The rules of one decision: which hold, which stand for which, what they come to together.

An exception stands in the place of what it excepts; among those that hold, one that outranks
another sets it aside; those left must agree, or the decision says how they compete. Where
conditions are open, each of their truths is tried (`_guess`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.dsl.types import BOOL, EntityType

from . import arithmetic as math
from .environment import Decided, Env, Evaluator, failure, open_condition, out_of_force, version_on
from .outcomes import (
    Conflict,
    NotApplicable,
    Outcome,
    Side,
    Unknown,
    is_known,
    same,
    spread,
    together,
    worst,
)

# Beyond this number of open conditions in one decision, no guess is tried: the answer is
# unknown unless plain three-valued logic settles it. Part of the language's definition.
MAX_GUESSES = 8
# Conditions that have no smaller ones inside: the ones whose truth is guessed.
ATOMS = (
    core.Root,
    core.Fact,
    core.DecisionValue,
    core.TableValue,
    core.ParameterValue,
    core.Compare,
    core.IsOneOf,
    core.IsIn,
    core.Covers,
    core.Overlaps,
    core.IsPresent,
    core.IsApplicable,
    core.Walk,
    core.AsOf,
    core.Supposing,
    core.Undetermined,
)
_ATOMS: frozenset[type] = frozenset(ATOMS)


def resolve_decision(
    evaluation: Evaluator, decision: core.Decision, env: Env, most: int = MAX_GUESSES
) -> Decided:
    """Three-valued first; then, if conditions are open, a guess of each (see `_guess`).

    *most*: open conditions that are guessed. Fewer than the language says, what is known is right,
    and less of it is known.
    """
    opened: dict[object, Unknown] = {}
    found = _resolve(evaluation, decision, attrs.evolve(env, opened=opened))
    if not isinstance(found.outcome, Unknown) or not opened:
        return found
    if len(opened) > most:
        return found
    return _guess(evaluation, decision, env, found, opened)


def _guess(
    evaluation: Evaluator,
    decision: core.Decision,
    env: Env,
    found: Decided,
    opened: dict[object, Unknown],
) -> Decided:
    """One outcome over all truths of the open conditions is a known result.

    A condition has one truth everywhere in the decision. Those whose truth never changes
    the outcome are not asked; the others are weighed by how often it does.
    """
    conditions = list(opened)
    outcomes: dict[tuple[bool, ...], Decided] = {}
    for truths in product((True, False), repeat=len(conditions)):
        guesses = dict(zip(conditions, truths, strict=True))
        outcomes[truths] = _resolve(evaluation, decision, attrs.evolve(env, guesses=guesses))
    every = list(outcomes.values())
    first = every[0]
    if all(same(d.outcome, first.outcome) for d in every):
        applied = first.applied if all(d.applied == first.applied for d in every) else ()
        outcome = first.outcome
        if isinstance(outcome, Unknown):
            outcome = _bounded(outcome, found.outcome, every)
        return Decided(outcome, applied)
    weights: dict[Any, Fraction] = {}
    reasons: frozenset[str] = frozenset()
    half = Fraction(2, len(outcomes))
    for place, condition in enumerate(conditions):
        changes = sum(
            not same(d.outcome, outcomes[*t[:place], False, *t[place + 1 :]].outcome)
            for t, d in outcomes.items()
            if t[place]
        )
        if changes:
            unknown = opened[condition]
            reasons |= unknown.reasons
            for path, weight in unknown.weights.items():
                weights[path] = weights.get(path, Fraction(0)) + changes * half * weight
    for decided in every:
        if isinstance(decided.outcome, Unknown):
            reasons |= decided.outcome.reasons
            for path, weight in decided.outcome.weights.items():
                weights[path] = weights.get(path, Fraction(0)) + weight / len(outcomes)
    return Decided(_bounded(Unknown(weights, reasons), found.outcome, every))


def _bounded(unknown: Unknown, found: Unknown, every: Sequence[Decided]) -> Unknown:
    """*unknown*, with the bounds of what each truth comes to; else those of *found*."""
    bare = attrs.evolve(unknown, low=found.low, high=found.high)
    return spread(bare, [decided.outcome for decided in every])


def _resolve(evaluation: Evaluator, decision: core.Decision, env: Env) -> Decided:
    if decision.applicable is not None:
        applies = evaluation.eval(decision.applicable, env)
        if applies is False:
            return Decided(NotApplicable(decision.name))
        if applies is not True and not isinstance(applies, Unknown):
            return Decided(applies)
        if isinstance(applies, Unknown):
            inner = _contest(evaluation, decision, "", env)
            return Decided(together(o for o in (applies, inner.outcome) if isinstance(o, Unknown)))
    return _contest(evaluation, decision, "", env)


def _contest(evaluation: Evaluator, decision: core.Decision, target: str, env: Env) -> Decided:
    """The exceptions to *target* (``""``: the whole decision) against what they except."""
    rivals = [rule for rule in decision.exceptions if rule.target == target]
    held = {rule.label: holds(evaluation, decision, rule, env) for rule in rivals}
    wrong = worst(held.values())
    if wrong is not None and not isinstance(wrong, Unknown):
        return Decided(wrong)
    live = [rule for rule in rivals if held[rule.label] is True]
    if isinstance(wrong, Unknown):
        # What may hold is evaluated too: its own unknowns are questions as well.
        maybe = [rule for rule in rivals if held[rule.label] is not False]
        parts_ = [_applied(evaluation, decision, rule, env) for rule in maybe]
        parts_.append(_base(evaluation, decision, target, env))
        unknowns = [d.outcome for d in parts_ if isinstance(d.outcome, Unknown)]
        return Decided(spread(together([wrong, *unknowns]), [d.outcome for d in parts_]))
    standing = [rule for rule in live if not any(rule.label in other.outranks for other in live)]
    if not standing:
        return _base(evaluation, decision, target, env)
    found = [(rule, _applied(evaluation, decision, rule, env)) for rule in standing]
    if len(found) == 1:
        return found[0][1]
    return _compete(evaluation, decision, found, env)


def _base(evaluation: Evaluator, decision: core.Decision, target: str, env: Env) -> Decided:
    """What holds when no exception to *target* does."""
    if target == "":
        return _contest(evaluation, decision, GENERAL, env)
    if target == GENERAL:
        return _value(evaluation, decision, decision.general, env)
    rule = next(r for r in decision.exceptions if r.label == target)
    return _value(evaluation, decision, rule, env)


def _applied(evaluation: Evaluator, decision: core.Decision, rule: core.Rule, env: Env) -> Decided:
    """*rule* or, where one holds, an exception to it."""
    return _contest(evaluation, decision, rule.label, env)


def _value(evaluation: Evaluator, decision: core.Decision, rule: core.Rule, env: Env) -> Decided:
    version = version_on(rule.versions, env.on)
    if isinstance(version, core.RuleVersion):
        inside = env.in_rule(decision, rule)
        return Decided(evaluation.eval(version.value, inside), (rule.label,))
    what = f"`{decision.name}`" if rule.label == GENERAL else f"« {rule.label} »"
    return Decided(out_of_force(version, what, env, rule))


def _compete(
    evaluation: Evaluator,
    decision: core.Decision,
    found: list[tuple[core.Rule, Decided]],
    env: Env,
) -> Decided:
    outcomes = [decided.outcome for _, decided in found]
    labels = tuple(sorted({label for _, d in found for label in d.applied}))
    wrong = worst(outcomes)
    if wrong is not None and not isinstance(wrong, Unknown):
        return Decided(wrong)
    if decision.concurrence:
        if None in outcomes:
            return Decided(failure("E005", "un motif absent ne concourt pas",
                                         "an absent ground does not compete", env, decision))  # fmt: skip
        pick = math.least if decision.concurrence == "le plus faible" else math.greatest
        if decision.concurrence == "le plus favorable" and True in outcomes:
            best: Outcome = True
        elif decision.concurrence == "le plus favorable":
            best = wrong if wrong is not None else False
        else:
            best = pick(outcomes)
        if not is_known(best):
            return Decided(best)
        by = {label for _, d in found if same(d.outcome, best) for label in d.applied}
        return Decided(best, tuple(sorted(by)))
    known = [(rule, d) for rule, d in found if is_known(d.outcome)]
    differing = any(not same(d.outcome, known[0][1].outcome) for _, d in known)
    if differing:
        sides = tuple(
            Side(rule.label, d.outcome, _cited(evaluation, rule, env.on))
            for rule, d in sorted(known, key=lambda pair: pair[0].label)
        )
        path = env.current.path if env.current else ()
        return Decided(Conflict(decision.name, path, sides))
    if isinstance(wrong, Unknown):
        return Decided(wrong)
    return Decided(outcomes[0], labels)


def _cited(evaluation: Evaluator, rule: core.Rule, on: date) -> tuple[core.Citation, ...]:
    version = version_on(rule.versions, on)
    return version.notes.citations if isinstance(version, core.RuleVersion) else ()


def holds(evaluation: Evaluator, decision: core.Decision, rule: core.Rule, env: Env) -> Outcome:
    """Whether an exception holds: in force, and its guard true."""
    evaluation.weighs(decision, rule, env)
    version = version_on(rule.versions, env.on)
    if isinstance(version, core.RuleVersion):
        if version.guard is None:
            return True
        return evaluation.eval(version.guard, env.in_rule(decision, rule))
    if isinstance(version, Unknown):
        return open_condition(("en vigueur", decision.name, rule.label), version, env)
    return False


def is_selected(
    evaluation: Evaluator, decision: core.Decision, rule: core.Rule, env: Env
) -> Outcome:
    """Whether *rule* is one that applies: it holds, no exception to it does, none outranks.

    Of a decision that does not apply, no rule is looked at.
    """
    tests: list[Outcome] = []
    if decision.applicable is not None:
        applicable = evaluation.eval(decision.applicable, env)
        if applicable is False:
            return False
        tests.append(applicable)
    here: core.Rule | None = rule
    for other in decision.exceptions:
        if other.target == rule.label or (rule.label == GENERAL and other.target == ""):
            tests.append(math.invert(holds(evaluation, decision, other, env)))
    while here is not None and here.label != GENERAL:
        tests.append(holds(evaluation, decision, here, env))
        target = here.target
        for other in decision.exceptions:
            if other.target == target and here.label in other.outranks:
                tests.append(math.invert(holds(evaluation, decision, other, env)))
            if target == GENERAL and other.target == "":
                tests.append(math.invert(holds(evaluation, decision, other, env)))
        here = next((r for r in decision.exceptions if r.label == target), None)
    return math.invert(math.any_of([math.invert(test) for test in tests]))


def is_condition(expr: core.Expr, program: core.Program) -> bool:
    """Whether *expr*, which is not known, is true or false when it is."""
    if type(expr) not in _ATOMS:
        return False
    match expr:
        case core.Root(name):
            return program.roots[name].type == BOOL and not program.roots[name].optional
        case core.Fact(_, name):
            entity = _entity_of(expr.base, program)
            field = program.entities[entity].fields.get(name) if entity else None
            return field is not None and field.type == BOOL and not field.optional
        case core.DecisionValue(name):
            decision = program.decisions[name]
            return decision.type == BOOL and not decision.optional and decision.applicable is None
        case core.TableValue(name):
            return program.tables[name].type == BOOL
        case core.ParameterValue(name):
            return program.parameters[name].type == BOOL
        case core.Walk(word):
            return word in ("existe", "tout")
        case core.AsOf(content=content) | core.Supposing(content=content):
            return is_condition(content, program)
        case core.Undetermined():
            return False
    return True


def _entity_of(base: core.Expr, program: core.Program) -> str | None:
    match base:
        case core.Current(entity):
            return entity
        case core.Previous(sequence):
            return sequence.entity
        case core.Root(name):
            kind = program.roots[name].type
            return kind.name if isinstance(kind, EntityType) else None
        case core.Owner(inner):
            owned = _entity_of(inner, program)
            return program.entities[owned].owner if owned else None
        case core.Fact(inner, name):
            holder = _entity_of(inner, program)
            held = program.entities[holder].fields[name].type if holder else None
            return held.name if isinstance(held, EntityType) else None
    return None
