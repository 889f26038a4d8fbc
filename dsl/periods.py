"""Periods: how they are made, what is asked of them, the days they are walked by.

Whether a period ends is followed as presence is: the last day of one that may be without end is
read only where a test says that there is one.
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
from .types import BOOL, DATE, PERIOD, ListType, Whatever


class Periods(Operators):
    """Elaborates what makes and reads periods."""

    def _range(self, node: syntax.Range, scope: Scope) -> Typed:
        first = self.value(node.first, scope, DATE)
        last = None if node.last is None else self.value(node.last, scope, DATE)
        span = node.span
        ends = [end.value for end in (first, last) if isinstance(end, core.Constant)]
        if (
            len(ends) == 1 + (last is not None)
            and isinstance(ends[0], date)
            and (last is None or isinstance(ends[-1], date))
        ):
            found = written_range(ends[0], ends[1] if last else None, span, self.findings)  # type: ignore[arg-type]
            return Typed(core.Constant(found, span=span), PERIOD if found else Whatever())
        return Typed(core.Range(first, last, span=span), PERIOD)

    def _inclusion(self, node: syntax.Comparison, scope: Scope) -> Typed:
        left = self.value(node.left, scope, PERIOD)
        if node.operator == "chevauche":
            right = self.value(node.right, scope, PERIOD)
            # `a chevauche b` and `b chevauche a` are one condition.
            first, second = sorted((left, right), key=repr)
            return Typed(core.Overlaps(first, second, span=node.span), BOOL)
        item = self._there(self.expr(node.right, scope), node.right.span)
        if item.type not in (DATE, PERIOD) and not isinstance(item.type, Whatever):
            self.findings.error(
                "T001", node.right.span, f"`date` ou `période` attendu, `{item.type}` trouvé",
                f"`date` or `période` expected, `{item.type}` found",
            )  # fmt: skip
        return Typed(core.Covers(left, item.expr, item.type == PERIOD, span=node.span), BOOL)

    def _measure(self, node: syntax.Measure, scope: Scope) -> Typed:
        span = node.span
        periods = tuple(
            self.fit(self.calculation(period, scope, PERIOD), PERIOD, period.span).expr
            for period in node.periods
        )
        if node.word in ("jours", "jours communs"):
            if all(_ends(period) is False for period in periods):
                self.findings.error(
                    "T022", span, "une période sans fin ne se parcourt pas", "a period without end is not walked",
                    help=(
                        "dire jusqu'à quand : `jours communs à (… ; du … au …)`",
                        "say until when: `jours communs à (… ; du … au …)`",
                    ),
                )  # fmt: skip
                return WRONG
            return Typed(core.Days(periods, span=span), ListType(DATE))
        (period,) = periods
        edge = core.Edge(node.word, period, span=span)
        if node.word == "premier jour":
            return Typed(edge, DATE)
        # A period that has a last day has a first one after it, and the reverse.
        known = any(
            core.Edge(which, period) in scope.known.present
            for which in ("dernier jour", "premier jour après")
        )
        return Typed(edge, DATE, absent=not (known or _ends(period) is True))


def _ends(period: core.Expr) -> bool | None:
    """Whether *period* certainly ends, or certainly does not; else `None`."""
    match period:
        case core.Noted(operand):
            return _ends(operand)
        case core.Staged(value, ()):
            return _ends(value)
        case core.Range(_, last):
            return last is not None
        case core.Constant(DateRange() as found):
            return found.last is not None
        case core.Choice(_, then, otherwise):
            both = _ends(then), _ends(otherwise)
            return both[0] if both[0] is both[1] else None
    return None


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
