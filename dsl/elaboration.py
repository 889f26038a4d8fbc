"""What every part of the elaboration of expressions shares: notes, expected types, absence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction

import attrs

from . import program as core
from . import syntax
from .diagnostics import Findings
from .scopes import WRONG, Scope, Typed, Vocabulary, suggestion
from .source import Span
from .types import (
    AMOUNT,
    BOOL,
    DECIMAL,
    EXACT,
    INT,
    OPEN_PERIOD,
    PERIOD,
    RATE,
    EntityType,
    ListType,
    Scalar,
    Type,
    Whatever,
)
from .values import french_rate


class Elaboration(ABC):
    """Types expressions against a vocabulary. What it reads is gathered in `used`."""

    def __init__(self, vocabulary: Vocabulary, findings: Findings) -> None:
        self.words = vocabulary
        self.findings = findings
        self.used: set[tuple[str, str]] = set()
        # The types of the keys that put elements in groups and in order.
        self.key_types: dict[core.Expr, Type] = {}

    # ── notes ────────────────────────────────────────────────────────────────────────────

    def citation(self, node: syntax.Citation | syntax.Reference) -> core.Citation | None:
        """A source of the register, with its places; `None` where the register has no such."""
        source, name = node.source, node.source.text
        if name in self.words.sources:
            self.used.add(("source", name))
            places = tuple(text.text for text in node.pinpoints)
            return core.Citation(name, places, node.version, span=node.span)
        if name not in self.words.broken:
            self.findings.error(
                "N006", source.span, f"source `{name}` inconnue", f"unknown source `{name}`",
                help=suggestion(name, self.words.sources),
            )  # fmt: skip
        return None

    def notes(self, notes: syntax.Notes) -> core.Notes:
        found = (self.citation(c) for c in notes.citations)
        return core.Notes(
            tuple(citation for citation in found if citation is not None),
            tuple(t.text for t in notes.interpretations),
            tuple(t.text for t in notes.unverified),
        )

    def _noted(self, typed: Typed, notes: syntax.Notes) -> Typed:
        found = self.notes(notes)
        if not found:
            return typed
        return attrs.evolve(typed, expr=core.Noted(typed.expr, found, span=typed.expr.span))

    @abstractmethod
    def calculation(self, node: syntax.Calculation, scope: Scope, hint: Type | None) -> Typed:
        """A value, then the steps that it goes through."""

    @abstractmethod
    def expr(self, node: syntax.Expr, scope: Scope, hint: Type | None = None) -> Typed:
        """*node* in the core; *hint* is the type that its place would like."""

    def condition(self, node: syntax.Expr, scope: Scope) -> core.Expr:
        """*node* as a condition that decides."""
        return self.value(node, scope, BOOL)

    def value(self, node: syntax.Expr, scope: Scope, expected: Type) -> core.Expr:
        """*node* as a value that is there, of type *expected*."""
        return self.fit(self.expr(node, scope, expected), expected, node.span).expr

    def fit(self, typed: Typed, expected: Type, span: Span, optional: bool = False) -> Typed:
        """Check that *typed* may stand where *expected* is asked for."""
        typed = self._there(typed, span, optional)
        if isinstance(typed.type, Whatever) or isinstance(expected, Whatever):
            return typed
        if typed.type == expected or (typed.type, expected) in (
            (INT, DECIMAL), (PERIOD, OPEN_PERIOD)
        ):  # fmt: skip
            return typed
        if typed.type == EXACT and expected == AMOUNT:
            self.findings.error(
                "T005", span, "montant exact, non arrondi", "exact amount, not rounded",
                help=(
                    "ajouter l'étape `arrondi au centime` (ou `arrondi à l'euro`)",
                    "add the step `arrondi au centime` (or `arrondi à l'euro`)",
                ),
            )  # fmt: skip
            return WRONG
        if typed.type == AMOUNT and expected == EXACT:
            return attrs.evolve(
                typed, expr=core.Exact(typed.expr, span=typed.expr.span), type=EXACT
            )
        if (
            isinstance(typed.expr, core.Constant)
            and typed.type == DECIMAL
            and expected == RATE
            and isinstance(typed.expr.value, Fraction)
            and "/" in span.text
        ):
            return attrs.evolve(typed, type=RATE)
        if isinstance(typed.type, ListType) and isinstance(typed.type.item, Whatever):
            return typed
        unit = {AMOUNT: "€", RATE: "%"}.get(expected) if isinstance(expected, Scalar) else None
        bare = unit and typed.type in (INT, DECIMAL)
        hint = ("", "")
        if bare and isinstance(typed.expr, core.Constant):
            hint = f"ajouter l'unité : `{span.text} {unit}`", f"add the unit: `{span.text} {unit}`"
            share = typed.expr.value
            if expected == RATE and isinstance(share, Fraction) and 0 < share <= 1:
                # `0,7` is the share itself, seldom seven tenths of a percent.
                meant = french_rate(share)
                hint = f"un taux s'écrit en pour cent : `{meant}`", f"write a percentage: `{meant}`"
        elif (typed.type, expected) == (OPEN_PERIOD, PERIOD):
            hint = (
                "lui donner une fin : `du … au …` ; ou déclarer `période avec ou sans fin`",
                "give it an end: `du … au …`; or declare `période avec ou sans fin`",
            )
        self.findings.error(
            "T001", span, f"`{expected}` attendu, `{typed.type}` trouvé",
            f"`{expected}` expected, `{typed.type}` found",
            help=hint,
        )  # fmt: skip
        return WRONG

    def _there(self, typed: Typed, span: Span, optional: bool = False) -> Typed:
        written = short(span.text)
        if typed.inapplicable:
            self.findings.error(
                "T004", span, f"`{written}` peut être sans objet", f"`{written}` may be not applicable",
                help=(
                    f"l'écrire sous un test : `si {written} est applicable alors … sinon …`",
                    f"write it under a test: `si {written} est applicable alors … sinon …`",
                ),
            )  # fmt: skip
        if typed.absent and not optional:
            self.findings.error(
                "T003", span, f"`{written}` peut être absent", f"`{written}` may be absent",
                help=(
                    f"le tester d'abord : `{written} est présent et …`",
                    f"test it first: `{written} est présent et …`",
                ),
            )  # fmt: skip
        return attrs.evolve(typed, absent=typed.absent and optional, inapplicable=False)

    def _optional(self, typed: Typed, scope: Scope) -> Typed:
        return attrs.evolve(
            typed,
            absent=typed.absent and typed.expr not in scope.known.present,
            inapplicable=typed.inapplicable and typed.expr not in scope.known.applicable,
        )

    def _within(self, scope: Scope, variable: core.Variable, item: Type) -> Scope:
        """Where bare names are first those of the element walked."""
        if isinstance(item, EntityType):
            return attrs.evolve(scope, current=variable, entity=item.name)
        return attrs.evolve(scope, variables={**scope.variables, variable.name: (variable, item)})


def short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
