"""Operators: arithmetic, comparisons, membership, states; their types and what they refuse."""

from __future__ import annotations

import attrs

from . import program as core
from . import syntax
from .diagnostics import Label
from .elaboration import short
from .operations import comparable, result_type
from .references import References
from .scopes import WRONG, Scope, Typed
from .source import Span
from .types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    EXACT,
    ORDERED,
    RATE,
    WHATEVER,
    EntityType,
    ListType,
    Type,
    Whatever,
)
from .values import Duration


class Operators(References):
    """Elaborates what stands between two operands, or after one."""

    def _arithmetic(self, node: syntax.Arithmetic, scope: Scope, hint: Type | None) -> Typed:
        left = self._there(self.expr(node.left, scope), node.left.span)
        right = self._there(self.expr(node.right, scope), node.right.span)
        left, right = self._both(left, right, node.left, node.right, scope)
        if isinstance(left.type, Whatever) or isinstance(right.type, Whatever):
            return WRONG
        if (
            left.type == RATE
            and right.type == DECIMAL
            and node.operator in "+-"
            and isinstance(node.right, syntax.Literal)
            and node.right.kind == "fraction"
        ):
            right = attrs.evolve(right, type=RATE)
        kind = result_type(node.operator, left.type, right.type)
        if kind is None:
            self._operator_error(
                node.span, node.operator, left.type, right.type, node.left, node.right
            )
            return WRONG
        if left.type == DATE:
            sign = 1 if node.operator == "+" else -1
            return Typed(core.Shift(left.expr, right.expr, sign, span=node.span), DATE)
        a, b = left.expr, right.expr
        if kind == EXACT or {left.type, right.type} == {AMOUNT, EXACT}:
            a = core.Exact(a, span=a.span) if left.type == AMOUNT else a
            b = core.Exact(b, span=b.span) if right.type == AMOUNT else b
        return Typed(core.Arithmetic(node.operator, a, b, kind, span=node.span), kind)

    def _operator_error(
        self, span: Span, operator: str, left: Type, right: Type, a: syntax.Expr, b: syntax.Expr
    ) -> None:
        verb, english = {
            "+": ("ne s'additionnent pas", "are not added"),
            "-": ("ne se soustraient pas", "are not subtracted"),
            "×": ("ne se multiplient pas", "are not multiplied"),
            "÷": ("ne se divisent pas", "are not divided"),
        }[operator]
        hint = ("", "")
        if {left, right} == {AMOUNT, RATE} and operator in "+-":
            hint = (
                "pour prendre une part d'un montant, écrire `montant × taux arrondi au centime`",
                "to take a share of an amount, write `amount × rate arrondi au centime`",
            )
        elif left == right == DATE:
            hint = (
                "dire l'unité : `(fin - début en jours)`, `en mois entiers` ou `en années entières`",
                "name the unit: `(fin - début en jours)`, `en mois entiers` or `en années entières`",
            )
        elif DATE in {left, right}:
            hint = (
                "à une date s'ajoute une durée, la date devant : `date + 6 mois`",
                "a duration is added to a date, the date first: `date + 6 mois`",
            )
        self.findings.error(
            "T014", span, f"`{left}` et `{right}` {verb}", f"`{left}` and `{right}` {english}",
            help=hint,
            labels=() if a is b else (Label(a.span, str(left)), Label(b.span, str(right))),
        )  # fmt: skip

    def _difference(self, node: syntax.Difference, scope: Scope) -> Typed:
        operand = node.operand
        if isinstance(operand, syntax.Arithmetic) and operand.operator == "-":
            end = self.value(operand.left, scope, DATE)
            start = self.value(operand.right, scope, DATE)
            return Typed(core.Gap(end, start, node.unit, span=node.span), DURATION)
        self.findings.error(
            "T014", node.span, f"`en {node.unit}` suit une différence de deux dates",
            f"`en {node.unit}` follows a difference of two dates",
            help=("écrire `(fin - début en jours)`", "write `(fin - début en jours)`"),
        )  # fmt: skip
        return WRONG

    def _both(
        self, left: Typed, right: Typed, a: syntax.Expr, b: syntax.Expr, scope: Scope
    ) -> tuple[Typed, Typed]:
        """Two operands, one of which may be ``indéterminé``: it is of the type of the other."""
        if _says_nothing(left) and not isinstance(right.type, Whatever):
            left = self._there(self.expr(a, scope, right.type), a.span)
        elif _says_nothing(right) and not isinstance(left.type, Whatever):
            right = self._there(self.expr(b, scope, left.type), b.span)
        elif _says_nothing(left) and _says_nothing(right):
            self.findings.error(
                "T010", a.span.to(b.span), "rien ne dit de quel type sont ces valeurs indéterminées",
                "nothing says of which type these values are",
                help=("dire tout le calcul indéterminé", "say that the whole calculation is"),
            )  # fmt: skip
        return left, right

    def _pair(
        self, a: syntax.Expr, b: syntax.Expr, scope: Scope, span: Span
    ) -> tuple[core.Expr, core.Expr, Type] | None:
        """Both sides of a comparison, brought to one type."""
        if isinstance(a, syntax.NameRef) and self._scoped(a.name, a.span, scope) is None:
            right = self._there(self.expr(b, scope), b.span)
            left = self._there(self.expr(a, scope, right.type), a.span)
        else:
            left = self._there(self.expr(a, scope), a.span)
            right = self._there(self.expr(b, scope, left.type), b.span)
            if isinstance(a, syntax.Literal):
                left = self._there(self.expr(a, scope, right.type), a.span)
        left, right = self._both(left, right, a, b, scope)
        if isinstance(left.type, Whatever) or isinstance(right.type, Whatever):
            return None
        held = isinstance(left.type, ListType | EntityType)
        if held or not comparable(left.type, right.type):
            self.findings.error(
                "T008", span, f"`{left.type}` et `{right.type}` ne se comparent pas",
                f"`{left.type}` and `{right.type}` are not compared",
                labels=(Label(a.span, str(left.type)), Label(b.span, str(right.type))),
            )  # fmt: skip
            return None
        x, y, kind = left.expr, right.expr, left.type
        if {left.type, right.type} == {AMOUNT, EXACT}:
            x = core.Exact(x, span=x.span) if left.type == AMOUNT else x
            y = core.Exact(y, span=y.span) if right.type == AMOUNT else y
            kind = EXACT
        return x, y, kind

    def _comparison(self, node: syntax.Comparison, scope: Scope) -> Typed:
        pair = self._pair(node.left, node.right, scope, node.span)
        start = None if node.start is None else self.value(node.start, scope, DATE)
        if pair is None:
            return Typed(core.Constant(False, span=node.span), WHATEVER)
        left, right, kind = pair
        if node.operator not in "=≠" and kind not in ORDERED:
            self.findings.error(
                "T010", node.span, f"`{kind}` n'a pas d'ordre", f"`{kind}` has no order",
                help=("comparer par `=` ou `≠`", "compare with `=` or `≠`"),
            )  # fmt: skip
            return Typed(core.Constant(False, span=node.span), WHATEVER)
        if node.operator in "=≠" and kind == EXACT:
            self._unrounded(node.span)
        if start is not None and kind != DURATION:
            self.findings.error(
                "T009",
                node.span,
                "`à partir de` ne va qu'avec deux durées",
                "`à partir de` goes with two durations only",
            )
        if (
            kind == DURATION
            and start is None
            and isinstance(left, core.Constant)
            and isinstance(right, core.Constant)
            and isinstance(left.value, Duration)
            and isinstance(right.value, Duration)
            and left.value.compare(right.value) is None
        ):
            self.findings.error(
                "T007", node.span, "des mois et des jours ne se comparent pas sans date",
                "months and days are not compared without a date",
                help=("dire d'où l'on compte : `… à partir de date`", "say from when: `… à partir de date`"),
            )  # fmt: skip
        span = node.span
        less = core.Compare("<", left, right, start, span=span)
        more = core.Compare("<", right, left, start, span=span)
        # `a = b` and `b = a` are one condition, whatever the order of writing.
        first, second = sorted((left, right), key=lambda e: (isinstance(e, core.Constant), repr(e)))
        equal = core.Compare("=", first, second, start, span=span)
        made: dict[str, core.Expr] = {
            "=": equal,
            "≠": core.Not(equal, span=span),
            "<": less,
            "≤": core.Not(more, span=span),
            ">": more,
            "≥": core.Not(less, span=span),
        }
        return Typed(made[node.operator], BOOL)

    def _unrounded(self, span: Span) -> None:
        self.findings.error(
            "T005", span, "montant exact comparé avant d'être arrondi",
            "exact amount compared before it is rounded",
            help=("ajouter `arrondi au centime`", "add `arrondi au centime`"),
        )  # fmt: skip

    def _membership(self, node: syntax.Membership, scope: Scope) -> Typed:
        operand = self._there(self.expr(node.operand, scope), node.operand.span)
        if operand.type == EXACT:
            self._unrounded(node.span)
        if isinstance(node.choices, tuple):
            choices = tuple(
                self.fit(self.calculation(c, scope, operand.type), operand.type, c.span).expr
                for c in node.choices
            )
            return Typed(core.IsOneOf(operand.expr, choices, span=node.span), BOOL)
        items = self._there(self.expr(node.choices, scope, operand.type), node.choices.span)
        if items.type == operand.type or isinstance(items.type, Whatever):
            return Typed(core.IsOneOf(operand.expr, (items.expr,), span=node.span), BOOL)
        self.fit(items, ListType(operand.type), node.choices.span)
        return Typed(core.IsIn(operand.expr, items.expr, span=node.span), BOOL)

    def _state(self, node: syntax.State, scope: Scope) -> Typed:
        typed = self.expr(node.operand, scope, None)
        if typed.expr in scope.known.present:
            # Already tested here: testing again is no fault, and no proof that it is always present.
            typed = attrs.evolve(typed, absent=True)
        if isinstance(typed.type, Whatever) and typed is WRONG:
            return Typed(core.Constant(False, span=node.span), WHATEVER)
        span = node.span
        if node.state == "applicable":
            if not isinstance(typed.expr, core.DecisionValue | core.TableValue):
                self.findings.error(
                    "T012", span, "`est applicable` se dit d'une décision ou d'une table",
                    "`est applicable` is said of a decision or a table",
                )  # fmt: skip
            elif not typed.inapplicable and typed.expr not in scope.known.applicable:
                self.findings.warning(
                    "Q005", span, f"`{short(node.operand.span.text)}` est toujours applicable",
                    f"`{short(node.operand.span.text)}` always applies",
                )  # fmt: skip
            return Typed(core.IsApplicable(typed.expr, span=span), BOOL)
        self._there(attrs.evolve(typed, absent=False), node.operand.span)
        if not typed.absent:
            self.findings.warning(
                "Q006", span, f"`{short(node.operand.span.text)}` est toujours présent",
                f"`{short(node.operand.span.text)}` is always present",
                help=(
                    "le déclarer `facultatif`, ou retirer ce test",
                    "declare it `facultatif`, or remove this test",
                ),
            )  # fmt: skip
        present: core.Expr = core.IsPresent(typed.expr, span=span)
        return Typed(present if node.state == "présent" else core.Not(present, span=span), BOOL)


def _says_nothing(typed: Typed) -> bool:
    """Whether *typed* is ``indéterminé``, of a type that nothing says yet."""
    expr = typed.expr
    while isinstance(expr, core.Noted | core.Staged):
        expr = expr.operand if isinstance(expr, core.Noted) else expr.value
    return isinstance(typed.type, Whatever) and isinstance(expr, core.Undetermined)
