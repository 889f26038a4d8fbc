"""What surely comes to a value or to *unknown*: never an error, a conflict, nor *sans objet*.

An operand of ``et`` that may fail is always evaluated, for an error is never absorbed; one that
cannot is passed over as soon as the others decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Protocol, TypeVar

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.dsl.types import DURATION

from ..environment import version_on
from ..outcomes import Unknown
from ..stretches import rules_of
from .layout import Layout

V = TypeVar("V", core.ParameterVersion, core.TableVersion)

# Digits that the numbers of an expression may have before one counts them at run time.
SMALL = 4_000
_FACT_BITS = 64
_LIST_BITS = 18


class Scope(Protocol):
    """Where an expression stands: in a decision of *entity*, from *since* to before *until*;
    *moved*: it is read at another day than its element's."""

    @property
    def entity(self) -> str: ...

    @property
    def since(self) -> date: ...

    @property
    def until(self) -> date | None: ...

    @property
    def moved(self) -> bool: ...


class Totality:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.program = layout.program
        self._found: dict[tuple[str, date, date | None], bool] = {}
        self._bits: dict[str, int] = {}
        self._may: dict[str, bool] = {}

    def of(self, expr: core.Expr, scope: Scope) -> bool:
        """Whether *expr* cannot fail, where it stands."""
        return self._total(expr, scope.entity, scope.since, scope.until, scope.moved)

    def _all(
        self,
        exprs: Iterable[core.Expr | None],
        entity: str,
        since: date,
        until: date | None,
        moved: bool,
    ) -> bool:
        return all(e is None or self._total(e, entity, since, until, moved) for e in exprs)

    def _total(
        self, expr: core.Expr, entity: str, since: date, until: date | None, moved: bool
    ) -> bool:
        def every(*exprs: core.Expr | None) -> bool:
            return self._all(exprs, entity, since, until, moved)

        match expr:
            case (
                core.Constant()
                | core.Current()
                | core.Variable()
                | core.Root()
                | core.ConsideredDate()
            ):
                return True
            case core.Fact(base, _) | core.Owner(base):
                return every(base)
            case (
                core.Noted(operand) | core.Not(operand) | core.Negate(operand) | core.Exact(operand)
            ):
                return every(operand)
            case core.IsPresent(core.Previous()):
                return False  # the order of the list is asked
            case core.IsPresent(operand):
                return every(operand)
            case core.All(operands) | core.Some(operands) | core.Count(_, _, operands):
                return every(*operands)
            case core.IsOneOf(operand, choices):
                return every(operand, *choices)
            case core.IsIn(operand, items):
                return every(operand, items)
            case core.Compare(_, left, right, None):
                return every(left, right)
            case core.Choice(condition, then, otherwise):
                return every(condition, then, otherwise)
            case core.Arithmetic("+" | "-" | "×", left, right):
                return self.is_small(expr) and every(left, right)
            case core.ParameterValue(name):
                return None not in _throughout(self.program.parameters[name].versions, since, until)
            case core.Walk(
                word="existe" | "nombre" | "tout", items=items, condition=condition, body=body
            ):
                return every(items, condition, body)
            case core.TableValue():
                return self._table(expr, since, until) and every(*expr.arguments)
            case core.DecisionValue(name, base):
                decision = self.program.decisions[name]
                inner = decision.entity or ""
                if moved or (base is not None and not every(base)):
                    return False
                here = base == core.Current(entity) if base is not None else True
                if inner and self.layout.event(inner) and not here:
                    return False  # it has a day of its own
                return self._decision(decision, since, until)
        return False

    def _table(self, expr: core.TableValue, since: date, until: date | None) -> bool:
        return all(
            version is not None
            and all(isinstance(test, core.AnyValue) for test in version.rows[-1].tests)
            and not any(
                isinstance(row.result, core.RepealedResult | core.NotApplicableResult)
                for row in version.rows
            )
            for version in _throughout(self.program.tables[expr.name].versions, since, until)
        )

    def _decision(self, decision: core.Decision, since: date, until: date | None) -> bool:
        key = (decision.name, since, until)
        if key not in self._found:
            self._found[key] = False
            self._found[key] = self._cannot_fail(decision, since, until)
        return self._found[key]

    def _cannot_fail(self, decision: core.Decision, since: date, until: date | None) -> bool:
        if decision.applicable is not None or decision.name in self.program.chains:
            return False
        entity = decision.entity or ""
        days = [
            d
            for d in self.layout.days(rules_of(decision))
            if d > since and (until is None or d < until)
        ]
        for start, end in zip([since, *days], [*days, until], strict=True):
            live = 0
            for rule in (decision.general, *decision.exceptions):
                version = version_on(rule.versions, start)
                if isinstance(version, core.RuleVersion):
                    live += rule.label != GENERAL
                    if not self._all((version.guard, version.value), entity, start, end, False):
                        return False
                elif rule.label == GENERAL or isinstance(version, Unknown):
                    return False
            if live > 1:
                return False  # two that hold may conflict
        return True

    # ── what may not apply ───────────────────────────────────────────────────────────────

    def may_not_apply(self, expr: core.Expr) -> bool:
        """Whether *expr* may come to *sans objet*."""
        for node in core.parts(expr):
            if isinstance(node, core.TableValue):
                versions = self.program.tables[node.name].versions
                results = (row.result for version in versions for row in version.rows)
                if any(isinstance(found, core.NotApplicableResult) for found in results):
                    return True
            if isinstance(node, core.DecisionValue) and self._may_not(node.name):
                return True
        return False

    def _may_not(self, name: str) -> bool:
        if name not in self._may:
            self._may[name] = True
            decision = self.program.decisions[name]
            self._may[name] = decision.applicable is not None or self.may_not_apply(
                rules_of(decision)  # type: ignore[arg-type]
            )
        return self._may[name]

    # ── how large numbers grow ───────────────────────────────────────────────────────────

    def is_small(self, expr: core.Arithmetic) -> bool:
        """Whether the result of *expr* surely has few digits."""
        return expr.type == DURATION or self._size(expr) < SMALL

    def _size(self, expr: core.Expr) -> int:
        """More bits than the number that *expr* comes to may have."""
        match expr:
            case core.Constant(value):
                number = getattr(value, "cents", value)
                if isinstance(number, int):
                    return number.bit_length() + 1
                numerator = getattr(number, "numerator", 1)
                denominator = getattr(number, "denominator", 1)
                return int(numerator).bit_length() + int(denominator).bit_length()
            case core.Arithmetic("+" | "-", left, right):
                return self._size(left) + self._size(right) + 1
            case core.Arithmetic(_, left, right):
                return self._size(left) + self._size(right) + _FACT_BITS
            case core.DecisionValue(name):
                return self._decision_size(name)
            case core.Walk(body=body):
                return _LIST_BITS + (self._size(body) if body is not None else _FACT_BITS)
        return max([_FACT_BITS * 3, *(self._size(part) for part in _children(expr))])

    def _decision_size(self, name: str) -> int:
        if name not in self._bits:
            rules = rules_of(self.program.decisions[name])
            if name in self.program.chains:
                # From element to element a sum grows by a bit at most, a product by much more.
                grows = any(
                    isinstance(n, core.Arithmetic) and n.operator in "×÷" for n in core.parts(rules)
                )
                self._bits[name] = SMALL if grows else 4 * _FACT_BITS
            else:
                self._bits[name] = 0
                self._bits[name] = max([_FACT_BITS * 3, *(self._size(n) for n in _top(rules))])
        return self._bits[name]


def _top(rules: object) -> list[core.Expr]:
    found: list[core.Expr] = []
    todo = [rules]
    while todo:
        node = todo.pop()
        if isinstance(node, tuple):
            todo.extend(node)
        elif isinstance(node, core.Rule):
            todo.extend(version.value for version in node.versions)
        elif node is not None:
            found.append(node)  # type: ignore[arg-type]
    return found


def _children(expr: core.Expr) -> list[core.Expr]:
    import attrs

    found: list[core.Expr] = []
    todo: list[object] = [
        getattr(expr, f.name) for f in attrs.fields(type(expr)) if f.name != "span"
    ]
    while todo:
        node = todo.pop()
        if isinstance(node, tuple):
            todo.extend(node)
        elif isinstance(node, core.Expr):
            found.append(node)
        elif isinstance(node, core.Cap | core.Floor | core.SharedCap):
            found.append(node.limit)
    return found


def _throughout(versions: Sequence[V], since: date, until: date | None) -> Iterator[V | None]:
    """Those of *versions* that are in force, one after another, from *since* to before *until*;
    `None` where there is none."""
    day = since
    while True:
        version = version_on(versions, day)
        if isinstance(version, Unknown | core.Period):
            yield None
            return
        yield version
        end = version.period.until
        if end is None or (until is not None and end >= until):
            return
        day = end
