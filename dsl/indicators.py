"""Indicators: what one situation adds to a count or a sum, and under which keys.

A rule reads one situation, an indicator counts many: so indicators are elaborated after the law,
and nothing of the law can name them.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from . import program as core
from . import syntax
from .diagnostics import Findings, Label
from .expressions import Elaborator
from .groups import Walked
from .scopes import Scope, Typed, implied, suggestion
from .source import Span
from .types import AMOUNT, BOOL, INT, RATE, TEXT, EnumType, ListType, Type, Whatever


class IndicatorBuilder:
    """Builds the core of indicators."""

    def __init__(self, elaborator: Elaborator, findings: Findings) -> None:
        self.elaborator = elaborator
        self.words = elaborator.words
        self.findings = findings

    def build(self, nodes: Mapping[str, syntax.Indicator]) -> dict[str, core.Indicator]:
        """The indicators that *nodes* declare, by name."""
        made: dict[str, core.Indicator] = {}
        ratios: dict[str, tuple[syntax.Indicator, syntax.Ratio]] = {}
        for name, node in nodes.items():
            if isinstance(node.measure, syntax.Ratio):
                ratios[name] = node, node.measure
            else:
                made[name] = self._indicator(node, self._measure(node, node.measure))
        for name, (node, ratio) in ratios.items():
            found = self._ratio(node, ratio, made, nodes)
            if found is not None:
                made[name] = self._indicator(node, found)
        return {name: made[name] for name in nodes if name in made}

    def _indicator(
        self, node: syntax.Indicator, measure: core.Addition | core.Ratio
    ) -> core.Indicator:
        name = node.name.text
        kind = self.words.indicators[name].type
        label = node.label.text if node.label else ""
        notes = self.elaborator.notes(node.notes)
        return core.Indicator(name, kind, label, measure, notes, span=node.span)

    # ── counts and sums ──────────────────────────────────────────────────────────────────

    def _measure(self, node: syntax.Indicator, measure: syntax.Addition) -> core.Addition:
        kind = self._type(node, measure)
        among, span = measure.among, measure.span
        counts = measure.word == "dossier"
        one: core.Expr = core.Constant(True, span=span)
        if among is not None and measure.keys:
            walked = self.elaborator.walked(among, Scope())
            if walked is None:
                return core.Addition(None, one, (), False, span=span)
            if measure.word == "somme":
                assert measure.value is not None
                one = self._term(measure.value, walked.inside, kind)
            keys = tuple(
                self._key(key, self.elaborator.key_of(key, walked)) for key in measure.keys
            )  # fmt: skip
            return core.Addition(_walk(walked, among.span), one, keys, counts, span=span)
        if among is not None:
            word = "somme" if measure.word == "somme" else "nombre"
            value = self.elaborator.value(
                syntax.Aggregate(word, measure.value, among, span=span), Scope(), kind
            )
            return core.Addition(None, value, (), False, span=span)
        scope = Scope()
        value = one
        if measure.word == "somme":
            assert measure.value is not None
            value = self.elaborator.value(measure.value, scope, kind)
        elif measure.value is not None:
            value = self.elaborator.condition(measure.value, scope)
            scope = scope.knowing(implied(value, True))
        keys = tuple(
            self._key(key, self.elaborator.key(key, scope)) for key in measure.keys
        )  # fmt: skip
        return core.Addition(None, value, keys, counts, span=span)

    def _term(self, node: syntax.Expr, scope: Scope, kind: Type) -> core.Expr:
        # A term that is not applicable is skipped, as in `somme de … pour chaque …`.
        typed = attrs.evolve(self.elaborator.expr(node, scope, kind), inapplicable=False)
        return self.elaborator.fit(typed, kind, node.span).expr

    def _type(self, node: syntax.Indicator, measure: syntax.Addition) -> Type:
        """The type of what is counted, which must be the one that is declared."""
        declared = self.words.indicators[node.name.text].type
        allowed = (INT, AMOUNT) if measure.word == "somme" else (INT,)
        if declared in allowed or isinstance(declared, Whatever):
            return declared
        listed = " ou ".join(f"`{kind}`" for kind in allowed)
        what = "une somme" if measure.word == "somme" else "un dénombrement"
        self._wrong_type(node.type.span, what, listed, declared)
        return allowed[0]

    def _wrong_type(self, span: Span, what: str, allowed: str, declared: Type) -> None:
        self.findings.error(
            "T001", span, f"{what} est un {allowed}, non un `{declared}`",
            f"this is a {allowed}, not a `{declared}`",
        )  # fmt: skip

    def _key(self, node: syntax.Key, typed: Typed) -> core.Key:
        typed = self.elaborator.fit(typed, typed.type, node.span)
        if typed.type not in (BOOL, INT, TEXT) and not isinstance(typed.type, EnumType | Whatever):
            self.findings.error(
                "R022", node.span, f"un indicateur ne se répartit pas selon un `{typed.type}`",
                f"an indicator is not broken down by a `{typed.type}`",
                help=(
                    "le répartir selon un booléen, un entier, un texte ou une énumération",
                    "break it down by a boolean, a whole number, a text or an enumeration",
                ),
            )  # fmt: skip
        name = node.names[0] if node.argument is not None else node.names[-1]
        return core.Key(name.text, typed.type, typed.expr)

    # ── ratios ───────────────────────────────────────────────────────────────────────────

    def _ratio(
        self,
        node: syntax.Indicator,
        ratio: syntax.Ratio,
        made: Mapping[str, core.Indicator],
        nodes: Mapping[str, syntax.Indicator],
    ) -> core.Ratio | None:
        declared = self.words.indicators[node.name.text].type
        if declared != RATE and not isinstance(declared, Whatever):
            self._wrong_type(node.type.span, "un rapport", "`taux`", declared)
        wrong = False
        for part in (ratio.numerator, ratio.denominator):
            if part.text in made:
                continue
            wrong = True
            if part.text in nodes:
                self.findings.error(
                    "R023", part.span, f"`{part.text}` est lui-même un rapport",
                    f"`{part.text}` is a ratio itself",
                    help=("faire le rapport de deux dénombrements ou de deux sommes", "make the ratio of two counts or sums"),
                )  # fmt: skip
            elif part.text not in self.words.broken:
                self.findings.error(
                    "N001", part.span, f"pas d'indicateur `{part.text}`", f"no indicator `{part.text}`",
                    help=suggestion(part.text, made),
                )  # fmt: skip
        if wrong:
            return None
        above, below = made[ratio.numerator.text], made[ratio.denominator.text]
        assert isinstance(above.measure, core.Addition) and isinstance(below.measure, core.Addition)
        sides = [[(key.name, key.type) for key in m.keys] for m in (above.measure, below.measure)]
        if above.type != below.type or (sides[1] and sides[0] != sides[1]):
            self.findings.error(
                "R023", ratio.span, f"`{above.name}` et `{below.name}` ne se comparent pas",
                f"`{above.name}` and `{below.name}` do not compare",
                labels=(Label(above.span, "l'un"), Label(below.span, "l'autre")),
                help=(
                    "deux nombres, ou deux montants ; le second réparti comme le premier, ou pas du tout",
                    "two numbers, or two amounts; the second broken down as the first, or not at all",
                ),
            )  # fmt: skip
            return None
        return core.Ratio(above.name, below.name, span=ratio.span)


def _walk(walked: Walked, span: Span) -> core.Walk:
    return core.Walk(
        "liste",
        walked.variable.name,
        walked.items,
        walked.condition,
        None,
        None,
        ListType(walked.item),
        span=span,
    )
