"""Periods: how they are made, what is asked of them, the days they are walked by.

A period has an end, unless its type says that it may have none (`OPEN_PERIOD`). Of such a one, the
last day is read, and the days are walked, only where a test shows that there is an end.
"""

from __future__ import annotations

from datetime import date

from . import program as core
from . import syntax
from .dates import DateRange
from .diagnostics import Findings
from .operators import Operators
from .scopes import WRONG, Scope, Typed
from .source import Span
from .types import BOOL, DATE, OPEN_PERIOD, PERIOD, PERIODS, WHATEVER, ListType, Whatever


class Periods(Operators):
    """Elaborates what makes and reads periods."""

    def _range(self, node: syntax.Range, scope: Scope) -> Typed:
        first = self.value(node.first, scope, DATE)
        last = None if node.last is None else self.value(node.last, scope, DATE)
        span, kind = node.span, PERIOD if last else OPEN_PERIOD
        ends = [end.value for end in (first, last) if isinstance(end, core.Constant)]
        if (
            len(ends) == 1 + (last is not None)
            and isinstance(ends[0], date)
            and (last is None or isinstance(ends[-1], date))
        ):
            found = written_range(ends[0], ends[1] if last else None, span, self.findings)  # type: ignore[arg-type]
            return Typed(core.Constant(found, span=span), kind if found else WHATEVER)
        return Typed(core.Range(first, last, span=span), kind)

    def _inclusion(self, node: syntax.Comparison, scope: Scope) -> Typed:
        held = self.expr(node.left, scope, OPEN_PERIOD)
        if held.type == DATE:
            self.findings.error(
                "T001", node.left.span, "`période` attendu, `date` trouvé", "`période` expected, `date` found",
                help=("la période vient d'abord : `période contient date`", "the period comes first: `période contient date`"),
            )  # fmt: skip
            return Typed(core.Constant(False, span=node.span), WHATEVER)
        left = self.fit(held, OPEN_PERIOD, node.left.span).expr
        if node.operator == "chevauche":
            other = self.expr(node.right, scope, OPEN_PERIOD)
            if other.type == DATE:
                self.findings.error(
                    "T001", node.right.span, "`période` attendu, `date` trouvé", "`période` expected, `date` found",
                    help=("pour un jour : `période contient date`", "for a day: `période contient date`"),
                )  # fmt: skip
                return Typed(core.Constant(False, span=node.span), WHATEVER)
            right = self.fit(other, OPEN_PERIOD, node.right.span).expr
            # `a chevauche b` and `b chevauche a` are one condition.
            first, second = sorted((left, right), key=repr)
            return Typed(core.Overlaps(first, second, span=node.span), BOOL)
        item = self._there(self.expr(node.right, scope), node.right.span)
        if item.type not in {DATE, *PERIODS} and not isinstance(item.type, Whatever):
            self.findings.error(
                "T001", node.right.span, f"`date` ou `période` attendu, `{item.type}` trouvé",
                f"`date` or `période` expected, `{item.type}` found",
            )  # fmt: skip
        return Typed(core.Covers(left, item.expr, item.type in PERIODS, span=node.span), BOOL)

    def _measure(self, node: syntax.Measure, scope: Scope) -> Typed:
        span = node.span
        operands = [
            self.fit(self.calculation(period, scope, OPEN_PERIOD), OPEN_PERIOD, period.span)
            for period in node.periods
        ]
        periods = tuple(operand.expr for operand in operands)
        ends = [
            operand.type != OPEN_PERIOD or _has_end(operand.expr, scope) for operand in operands
        ]
        if node.word in ("jours", "jours communs"):
            if not any(ends):
                self.findings.error(
                    "T022", span, "une période qui peut être sans fin ne se parcourt pas",
                    "a period that may be without end is not walked",
                    help=(
                        "dire jusqu'à quand : `jours communs à (… ; du … au …)` ; ou tester `dernier jour de (…) est présent`",
                        "say until when: `jours communs à (… ; du … au …)`; or test `dernier jour de (…) est présent`",
                    ),
                )  # fmt: skip
                return WRONG
            return Typed(core.Days(periods, span=span), ListType(DATE))
        edge = core.Edge(node.word, periods[0], span=span)
        return Typed(edge, DATE, absent=node.word != "premier jour" and not ends[0])


def _has_end(period: core.Expr, scope: Scope) -> bool:
    """Whether a test shows that *period* has an end."""
    edges = (core.Edge(which, period) for which in ("dernier jour", "premier jour après"))
    return any(edge in scope.known.present for edge in edges)


def written_range(
    first: date, last: date | None, span: Span, findings: Findings, *, even_empty: bool = False
) -> DateRange | None:
    """The period of two written days; `None`, with a finding, when it ends before it starts.

    One of no day is refused too, unless *even_empty*: a rule may come to it, nobody writes it.
    """
    if last is not None and last < first and not (even_empty and (first - last).days == 1):
        findings.error(
            "T021", span, "la période finit avant de commencer", "the period ends before it starts",
            help=("échanger ses deux jours : le premier, puis le dernier", "exchange its two days: the first, then the last"),
        )  # fmt: skip
        return None
    return DateRange(first, last)
