"""Decisions in machine code: the rules that compete, stretch of time by stretch of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.dsl.types import BOOL

from ..environment import version_on
from ..lowering.layout import LOOSE, stretches
from ..outcomes import Unknown
from ..stretches import rules_of
from . import numbers
from .code import FALSE, TRUE, Code, Unwritten, number

if TYPE_CHECKING:
    from .writing import Scope, Writing


def decide(writing: Writing, decision: core.Decision, scope: Scope) -> Code:
    """What *decision* comes to for ``scope.here`` on ``scope.on``, whatever that day is."""
    spans = stretches(writing.law.layout.days(rules_of(decision)))

    def over(rank: int) -> Code:
        since, until = spans[rank]
        inner = attrs.evolve(scope, since=since, until=until, decision=decision)
        if rank == 0:
            return _on(writing, decision, inner)
        later = writing.body.at_most(number(since.toordinal()), scope.on)
        return writing.body.choose(
            later, lambda: _on(writing, decision, inner), lambda: over(rank - 1)
        )

    return over(len(spans) - 1)


def _on(writing: Writing, decision: core.Decision, scope: Scope) -> Code:
    body = writing.body
    here, before = body.b.block, len(body.function.blocks)
    try:
        code = _Contest(writing, decision, scope).code()
        den = writing.law.layout.denominators[decision.name]
        if code.values and den != code.den:
            if den == LOOSE:
                raise Unwritten
            code = body.over(code, den)
        return code
    except Unwritten:
        body.mend(here, before)
        writing.law.unwritten.append(decision.general)
        return body.unwritten(decision.type)


def holds(writing: Writing, decision: core.Decision, rule: core.Rule, scope: Scope) -> Code:
    """Whether an exception holds: in force, and its guard true."""
    version = version_on(rule.versions, scope.since)
    if isinstance(version, core.RuleVersion):
        if version.guard is None:
            return Code(BOOL, (TRUE,), bits=1)
        return writing.truth(version.guard, attrs.evolve(scope, rule=rule))
    return Code(BOOL, (FALSE,), bits=1, unknown=TRUE if isinstance(version, Unknown) else None)


def selected(writing: Writing, decision: core.Decision, rule: core.Rule, scope: Scope) -> Any:
    """Whether *rule* is one that applies (see `contest.is_selected`), which has to be known."""
    body = writing.body
    tests: list[tuple[bool, Code]] = []
    if decision.applicable is not None:
        tests.append((True, writing.truth(decision.applicable, scope)))
    here: core.Rule | None = rule
    for other in decision.exceptions:
        if other.target == rule.label or (rule.label == GENERAL and other.target == ""):
            tests.append((False, holds(writing, decision, other, scope)))
    while here is not None and here.label != GENERAL:
        tests.append((True, holds(writing, decision, here, scope)))
        target = here.target
        for other in decision.exceptions:
            if other.target == target and here.label in other.outranks:
                tests.append((False, holds(writing, decision, other, scope)))
            if target == GENERAL and other.target == "":
                tests.append((False, holds(writing, decision, other, scope)))
        here = next((r for r in decision.exceptions if r.label == target), None)
    if not tests:
        return TRUE
    true = [code.value if wanted else body.false(code) for wanted, code in tests]
    false = [body.false(code) if wanted else code.value for wanted, code in tests]
    yes, no = body.all_of(true), body.any_of(false)
    body.odd_if(body.not_(body.b.or_(yes, no)))
    return yes


class _Contest:
    """The rules of one decision, over one stretch of law."""

    def __init__(self, writing: Writing, decision: core.Decision, scope: Scope) -> None:
        self.writing = writing
        self.body = writing.body
        self.decision = decision
        self.scope = scope

    def code(self) -> Code:
        applicable = self.decision.applicable
        if applicable is None:
            return self.contest("")
        test = self.writing.truth(applicable, self.scope)
        nothing = self.body.nothing(self.decision.type).with_(inapplicable=TRUE)
        found = self.body.choose(test.value, lambda: self.contest(""), lambda: nothing)
        if test.unknown is None:
            return found
        no = self.body.false(test)
        inapplicable = None
        if found.inapplicable is not None:
            inapplicable = self.body.b.or_(self.body.b.and_(found.inapplicable, test.value), no)
        return self.writing.also(found.with_(inapplicable=inapplicable), test.unknown)

    def contest(self, target: str) -> Code:
        """The exceptions to *target* (``""``: the whole decision) against what they except."""
        rivals = [rule for rule in self.decision.exceptions if rule.target == target]
        rivals = [
            rule
            for rule in rivals
            if isinstance(version_on(rule.versions, self.scope.since), core.RuleVersion | Unknown)
        ]
        if not rivals:
            return self.base(target)
        guards = {
            rule.label: holds(self.writing, self.decision, rule, self.scope) for rule in rivals
        }
        unknown = self.body.any_of([guard.unknown for guard in guards.values()])
        if len(rivals) == 1:
            rule = rivals[0]
            found = self.body.choose(
                guards[rule.label].value,
                lambda: self.contest(rule.label),
                lambda: self.base(target),
            )
        else:
            found = self._compete(rivals, guards, target)
        return self.writing.also(found, unknown)

    def base(self, target: str) -> Code:
        """What holds when no exception to *target* does."""
        if target == "":
            return self.contest(GENERAL)
        rule = self.decision.general
        if target != GENERAL:
            rule = next(r for r in self.decision.exceptions if r.label == target)
        version = version_on(rule.versions, self.scope.since)
        if not isinstance(version, core.RuleVersion):
            return self.writing.gone(version, self.decision.type)
        scope = attrs.evolve(self.scope, rule=rule)
        return self.writing.of_kind(self.writing.expr(version.value, scope), self.decision.type)

    def _compete(self, rivals: Sequence[core.Rule], guards: dict[str, Code], target: str) -> Code:
        """Several exceptions: those that no other sets aside, one after another."""
        body, b, kind = self.body, self.body.b, self.decision.type
        standing = []
        for rule in rivals:
            test = guards[rule.label].value
            for other in rivals:
                if rule.label in other.outranks:
                    test = b.and_(test, body.not_(guards[other.label].value))
            standing.append((rule, test))
        found = body.nothing(kind).with_(absent=FALSE, unknown=FALSE, inapplicable=FALSE)
        some: Any = FALSE
        for rule, test in standing:
            so_far, any_before = found, some

            def joined(rule: core.Rule = rule, so_far: Code = so_far, some: Any = some) -> Code:
                return self._with(self.contest(rule.label), so_far, some)

            def same(so_far: Code = so_far) -> Code:
                return so_far

            found = body.choose(test, joined, same)
            some = b.or_(any_before, test)
        last = found
        return body.choose(some, lambda: last, lambda: self.base(target))

    def _with(self, code: Code, so_far: Code, some: Any) -> Code:
        """*code* beside *so_far*, if there was *some* before."""
        body, b = self.body, self.body.b
        how = self.decision.concurrence
        beside = body.any_of((code.absent, so_far.absent, code.inapplicable, so_far.inapplicable))
        if how and beside is not None:
            body.odd_if(b.and_(some, beside))
        elif code.inapplicable is not None or so_far.inapplicable is not None:
            either = body.any_of((code.inapplicable, so_far.inapplicable))
            body.odd_if(b.and_(some, either))
        if not how:
            same = self.writing.equals(
                code.with_(inapplicable=None), so_far.with_(inapplicable=None)
            )
            body.odd_if(b.and_(some, body.false(same)))
            unknown = b.and_(some, FALSE if so_far.unknown is None else so_far.unknown)
            return self.writing.also(code, unknown)
        if not code.values:
            code = code.with_(values=body.nothing(self.decision.type).values)
        if so_far.values and code.kind != BOOL:
            code, so_far = body.alike((code, so_far))
        if how == "le plus favorable":
            value = b.or_(code.value, b.and_(some, so_far.value))
            true = value
            unsure = body.any_of((code.unknown, so_far.unknown))
            if unsure is not None:
                unsure = b.and_(unsure, body.not_(true))
            return code.with_(values=(true,), unknown=unsure)
        best = numbers.extreme(self.writing, code, so_far, how == "le plus faible")
        values = tuple(b.select(some, x, y) for x, y in zip(best.values, code.values, strict=True))
        return code.with_(values=values, unknown=best.unknown, bits=best.bits)
