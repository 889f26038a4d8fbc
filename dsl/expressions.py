"""Expressions: syntax → core, with their types.

Two things are followed along the way. What is *present*: an optional fact is read only where a
test says that it is there. What is *applicable*: the same for a decision that may be without
object. A test governs what stands after it in ``et``, the branch of ``si`` that it opens, and
what it is the condition of; the core says so with `Choice`, which evaluates one branch only.
"""

from __future__ import annotations

import attrs

from . import program as core
from . import syntax
from .groups import Groups
from .scopes import WRONG, Known, Scope, Typed
from .source import Span
from .types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    EXACT,
    INT,
    NUMBERS,
    ORDERED,
    RATE,
    SCALARS,
    WHATEVER,
    Type,
    Whatever,
)
from .values import Rounding

KINDS = {**SCALARS, "fraction": DECIMAL}


class Elaborator(Groups):
    """Turns expressions of the syntax tree into those of the core program."""

    # ── entry points ─────────────────────────────────────────────────────────────────────

    def result(
        self, node: syntax.Calculation, scope: Scope, expected: Type, optional: bool
    ) -> core.Expr:
        """*node* as what a rule gives; it may be absent when *optional*."""
        typed = self.calculation(node, scope, expected)
        return self.fit(typed, expected, node.span, optional=optional).expr

    # ── calculations and steps ───────────────────────────────────────────────────────────

    def calculation(self, node: syntax.Calculation, scope: Scope, hint: Type | None) -> Typed:
        typed = self._noted(self.expr(node.value, scope, hint), node.notes)
        if not node.steps:
            return typed
        typed = self._there(typed, node.value.span)
        value, steps = typed.expr, list[core.Step]()
        kind = typed.type
        for noted in node.steps:
            step = noted.step
            notes = self.notes(noted.notes)
            span = noted.span
            match step:
                case syntax.Cap(limit):
                    bound = self._limit(limit, scope, kind, "dans la limite de")
                    if kind == AMOUNT and bound.type == EXACT:
                        steps.append(core.Widen(core.NO_NOTES, span=span))
                        kind = EXACT
                    capped = self.fit(attrs.evolve(bound, inapplicable=False), kind, limit.span)
                    steps.append(core.Cap(capped.expr, kind, notes, span=span))
                case syntax.Floor(limit):
                    bound = self._limit(limit, scope, kind, "sans pouvoir être inférieur à")
                    raised = self.fit(bound, kind, limit.span)
                    steps.append(core.Floor(raised.expr, kind, notes, span=span))
                case syntax.WorkingDay():
                    self._step_on(kind, {DATE}, span, "reporté au jour ouvrable")
                    steps.append(core.WorkingDay(notes, span=span))
                case syntax.Round(to, direction):
                    rounding = {"": Rounding.NEAREST, "supérieur": Rounding.UP}.get(
                        direction, Rounding.DOWN
                    )
                    if to == "jour suivant":
                        self._step_on(kind, {DATE}, span, "arrondi au jour suivant")
                        inner = value.operand if isinstance(value, core.Noted) else value
                        if isinstance(inner, core.Shift) and not steps:
                            value = attrs.evolve(inner, round_up=True)
                        elif kind == DATE:
                            self.findings.error(
                                "T009", span, "`arrondi au jour suivant` suit une date plus une durée",
                                "`arrondi au jour suivant` follows a date plus a duration",
                            )  # fmt: skip
                    elif to == "unité":
                        self._step_on(kind, {DECIMAL, INT}, span, "arrondi à l'unité")
                        steps.append(core.Round(1, rounding, False, notes, span=span))
                        kind = INT if kind in NUMBERS else kind
                    else:
                        self._step_on(kind, {EXACT, AMOUNT}, span, f"arrondi à l'{to}"
                                      if to == "euro" else "arrondi au centime")  # fmt: skip
                        unit = 100 if to == "euro" else 1
                        steps.append(core.Round(unit, rounding, True, notes, span=span))
                        kind = AMOUNT if kind in {EXACT, AMOUNT} else kind
                case syntax.SharedCap():
                    steps.append(self._shared_cap(step, notes, scope, kind, span))
        return Typed(core.Staged(value, tuple(steps), span=node.span), kind)

    def _step_on(self, kind: Type, allowed: set[Type], span: Span, step: str) -> None:
        if kind not in allowed and not isinstance(kind, Whatever):
            self.findings.error(
                "T009",
                span,
                f"`{step}` ne s'applique pas à `{kind}`",
                f"`{step}` does not apply to `{kind}`",
            )

    def _limit(self, node: syntax.Expr, scope: Scope, kind: Type, step: str) -> Typed:
        """The limit that a step gives to a value of type *kind*."""
        if kind not in ORDERED and not isinstance(kind, Whatever):
            self._step_on(kind, set(ORDERED), node.span, step)
        return self.expr(node, scope, kind)

    def _shared_cap(
        self, node: syntax.SharedCap, notes: core.Notes, scope: Scope, kind: Type, span: Span
    ) -> core.Step:
        if scope.entity is None or not isinstance(scope.current, core.Current):
            self.findings.error(
                "R008", span, "un plafond partagé n'a de sens que dans une décision d'une entité en liste",
                "a shared ceiling only makes sense in a decision of an entity held in a list",
            )  # fmt: skip
        if node.counts and not node.order:
            self.findings.error(
                "R009", span, "un plafond en nombre demande un ordre", "a ceiling in number needs an order",
                help=("ajouter `dans l'ordre de …`", "add `dans l'ordre de …`"),
            )  # fmt: skip
        self._step_on(
            kind, {AMOUNT, INT, DURATION, DECIMAL, EXACT}, span, "dans la limite de … par"
        )
        limit_type = INT if node.counts else kind
        typed = self._limit(node.limit, scope, limit_type, "dans la limite de … par")
        limit = self.fit(attrs.evolve(typed, inapplicable=False), limit_type, node.limit.span).expr
        keys = tuple(self.key_expr(key, scope) for key in node.keys)
        order = tuple(self.key_expr(key, scope, ordered=True) for key in node.order)
        already = None
        if node.already is not None:
            already = self.value(node.already, scope, limit_type)
        return core.SharedCap(limit, node.counts, kind, keys, order, already, notes, span=span)

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def expr(self, node: syntax.Expr, scope: Scope, hint: Type | None = None) -> Typed:
        """Type *node*; *hint* is the type its place asks for, if any."""
        span = node.span
        match node:
            case syntax.Literal("absent"):
                return Typed(core.Constant(None, span=span), hint or WHATEVER, absent=True)
            case syntax.Literal(kind, value):
                if kind == "entier" and hint == DECIMAL:
                    return Typed(core.Constant(value, span=span), DECIMAL)
                if kind == "fraction" and hint == RATE:
                    return Typed(core.Constant(value, span=span), RATE)
                return Typed(core.Constant(value, span=span), KINDS[kind])
            case syntax.NameRef(name):
                return self._name(name, span, scope, hint)
            case syntax.Access(base, name):
                return self._access(base, name, scope)
            case syntax.Call():
                return self._call(node, scope)
            case syntax.Parenthesis(content):
                return self.calculation(content, scope, hint)
            case syntax.Negative(operand):
                typed = self._there(self.expr(operand, scope, hint), operand.span)
                allowed = {INT, DECIMAL, RATE, AMOUNT, EXACT, DURATION}
                if typed.type not in allowed and not isinstance(typed.type, Whatever):
                    self._operator_error(node.span, "-", typed.type, typed.type, node, node)
                    return WRONG
                return Typed(core.Negate(typed.expr, span=span), typed.type)
            case syntax.Arithmetic():
                return self._arithmetic(node, scope, hint)
            case syntax.Difference():
                return self._difference(node, scope)
            case syntax.Range():
                return self._range(node, scope)
            case syntax.Measure():
                return self._measure(node, scope)
            case syntax.Comparison("contient" | "chevauche"):
                return self._inclusion(node, scope)
            case syntax.Comparison():
                return self._comparison(node, scope)
            case syntax.Membership():
                return self._membership(node, scope)
            case syntax.State():
                return self._state(node, scope)
            case syntax.Not(operand):
                return Typed(core.Not(self.condition(operand, scope), span=span), BOOL)
            case syntax.Junction(operator, operands):
                items = [(operand, syntax.Notes()) for operand in operands]
                return Typed(self._junction(operator == "et", items, scope, span), BOOL)
            case syntax.Quantity():
                return self._quantity(node, scope, hint)
            case syntax.Choice():
                return self._choice(node, scope, hint)
            case syntax.Aggregate():
                return self._aggregate(node, scope, hint)
            case syntax.Extremum():
                return self._extremum(node, scope, hint)
            case syntax.AsOf(day, content):
                at = self.fit(self.calculation(day, scope, DATE), DATE, day.span).expr
                typed = self.calculation(content, scope.at_another_date(), hint)
                return attrs.evolve(typed, expr=core.AsOf(at, typed.expr, span=span))
            case syntax.Supposing():
                return self._supposing(node, scope, hint)
            case syntax.ConsideredDate():
                return Typed(core.ConsideredDate(span=span), DATE)
            case syntax.Previous():
                return self._previous(span, scope)
            case syntax.Undetermined(reason, formalised):
                found = core.Undetermined(reason.text, formalised, span=span)
                return Typed(found, hint or WHATEVER)

    def _supposing(self, node: syntax.Supposing, scope: Scope, hint: Type | None) -> Typed:
        target = self.expr(node.decision, scope).expr
        # What is known to be present or applicable here may not be so there.
        typed = self.calculation(node.content, attrs.evolve(scope, known=Known()), hint)
        if not isinstance(target, core.DecisionValue):
            if typed is not WRONG:
                self.findings.error(
                    "T031", node.decision.span, "on ne suppose que la réponse d'une décision",
                    "only the answer of a decision can be supposed",
                    help=("supposer la décision qui lit ce fait ; un autre fait est un autre dossier", "suppose the decision that reads this fact; another fact is another situation"),
                )  # fmt: skip
            return WRONG
        signature = self.words.decisions[target.name]
        value = self.calculation(node.value, scope, signature.type)
        supposed = self.fit(
            value, signature.type, node.value.span, optional=signature.optional
        ).expr
        found = core.Supposing(target, supposed, typed.expr, typed.type, span=node.span)
        return attrs.evolve(typed, expr=found)
