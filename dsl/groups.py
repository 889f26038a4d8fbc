"""Conditions by number, lists and their walks, choices."""

from __future__ import annotations

import attrs

from . import program as core
from . import syntax
from .elaboration import short
from .periods import Periods
from .scopes import WRONG, Scope, Typed, implied
from .source import Span
from .types import (
    AMOUNT,
    BOOL,
    DECIMAL,
    DURATION,
    EXACT,
    INT,
    OPEN_PERIOD,
    ORDERED,
    PERIODS,
    RATE,
    WHATEVER,
    ListType,
    Type,
    Whatever,
)

ADDABLE = frozenset({INT, DECIMAL, RATE, AMOUNT, EXACT, DURATION})


@attrs.frozen
class Walked:
    """The elements of *items*, each called *variable*, for which *condition* holds.

    *item* is their type, *inside* the scope of what is said of each.
    """

    items: core.Expr
    item: Type
    variable: core.Variable
    condition: core.Expr | None
    inside: Scope


class Groups(Periods):
    """Elaborates what is made of several conditions or elements."""

    # ── conditions ───────────────────────────────────────────────────────────────────────

    def _junction(
        self,
        conjunction: bool,
        items: list[tuple[syntax.Expr, syntax.Notes]],
        scope: Scope,
        span: Span,
    ) -> core.Expr:
        """``et`` and ``ou``, each operand under what those before it show to be there."""
        operands: list[core.Expr] = []
        for place, (node, notes) in enumerate(items):
            typed = Typed(self.condition(node, scope), BOOL)
            operand = self._noted(typed, notes).expr
            shown = implied(operand, conjunction)
            if shown and place + 1 < len(items):
                rest = self._junction(conjunction, items[place + 1 :], scope.knowing(shown), span)
                if conjunction:
                    operand = core.Choice(operand, rest, core.Constant(False), span=span)
                else:
                    operand = core.Choice(operand, core.Constant(True), rest, span=span)
                operands.append(operand)
                break
            operands.append(operand)
        if len(operands) == 1:
            return operands[0]
        made = core.All if conjunction else core.Some
        return made(tuple(operands), span=span)

    def _quantity(self, node: syntax.Quantity, scope: Scope, hint: Type | None) -> Typed:
        span = node.span
        if node.quantifier == "la réunion de":
            return self._collection(node, scope, hint)
        for item in node.items:
            if item.condition is not None:
                self.findings.error(
                    "S015", item.span, "`si` ne va que dans `la réunion de`", "`si` only goes in `la réunion de`",
                    help=("écrire `condition et …`", "write `condition et …`"),
                )  # fmt: skip
        items = [(item.value, item.notes) for item in node.items]
        if node.quantifier in ("toutes les conditions", "au moins une condition"):
            expr = self._junction(node.quantifier[0] == "t", items, scope, span)
        elif node.quantifier == "aucune condition":
            expr = core.Not(self._junction(False, items, scope, span), span=span)
        else:
            number, total = node.number or 0, len(items)
            if number > total or (number == 0 and node.quantifier == "au moins"):
                self.findings.error(
                    "T011", span, f"`{node.quantifier} {number}` sur {total} conditions",
                    f"`{node.quantifier} {number}` of {total} conditions",
                )  # fmt: skip
            operands = tuple(
                self._noted(Typed(self.condition(value, scope), BOOL), notes).expr
                for value, notes in items
            )
            low = 0 if node.quantifier == "au plus" else number
            high = None if node.quantifier == "au moins" else number
            expr = core.Count(low, high, operands, span=span)
        return self._noted(Typed(expr, BOOL), node.notes)

    def _collection(self, node: syntax.Quantity, scope: Scope, hint: Type | None) -> Typed:
        item_hint = hint.item if isinstance(hint, ListType) else None
        kind: Type = item_hint or WHATEVER
        pairs: list[tuple[core.Expr, core.Expr | None]] = []
        for item in node.items:
            condition = None
            inner = scope
            if item.condition is not None:
                condition = self.condition(item.condition, scope)
                inner = scope.knowing(implied(condition, True))
            typed = self._noted(self.expr(item.value, inner, item_hint), item.notes)
            if isinstance(kind, Whatever):
                kind = typed.type
            pairs.append((self.fit(typed, kind, item.value.span).expr, condition))
        return self._noted(
            Typed(core.Collection(tuple(pairs), span=node.span), ListType(kind)), node.notes
        )

    def _choice(self, node: syntax.Choice, scope: Scope, hint: Type | None) -> Typed:
        condition = self.condition(node.condition, scope)
        then = self.expr(node.then, scope.knowing(implied(condition, True)), hint)
        other_hint = hint or (None if isinstance(then.type, Whatever) else then.type)
        other = self.expr(node.otherwise, scope.knowing(implied(condition, False)), other_hint)
        kind = self._common(then.type, other.type, node)
        a, b = then.expr, other.expr
        if kind == EXACT:
            a = core.Exact(a, span=a.span) if then.type == AMOUNT else a
            b = core.Exact(b, span=b.span) if other.type == AMOUNT else b
        return Typed(
            core.Choice(condition, a, b, span=node.span),
            kind,
            then.absent or other.absent,
            then.inapplicable or other.inapplicable,
        )

    def _common(self, a: Type, b: Type, node: syntax.Expr) -> Type:
        if isinstance(a, Whatever):
            return b
        if isinstance(b, Whatever) or a == b:
            return a
        if {a, b} == {INT, DECIMAL}:
            return DECIMAL
        if {a, b} == {AMOUNT, EXACT}:
            return EXACT
        if {a, b} == PERIODS:
            return OPEN_PERIOD
        self.findings.error(
            "T001",
            node.span,
            f"deux types pour une valeur : `{a}` et `{b}`",
            f"two types for one value: `{a}` and `{b}`",
        )
        return WHATEVER

    # ── lists ────────────────────────────────────────────────────────────────────────────

    def walked(self, among: syntax.Among, scope: Scope) -> Walked | None:
        """The elements that *among* means, and what holds inside; `None` if it is no list."""
        name = among.variable.text
        walked = self._there(self.expr(among.walked.list, scope), among.walked.list.span)
        if isinstance(walked.type, Whatever):
            item: Type = WHATEVER
        elif isinstance(walked.type, ListType):
            item = walked.type.item
        else:
            self.findings.error(
                "T010", among.walked.span, f"`{short(among.walked.span.text)}` n'est pas une liste",
                f"`{short(among.walked.span.text)}` is not a list",
                help=(f"ses jours se parcourent : `jours de ({short(among.walked.span.text)})`", f"its days are walked: `jours de ({short(among.walked.span.text)})`")
                if walked.type in PERIODS else "",
            )  # fmt: skip
            return None
        if self._scoped(name, among.variable.span, scope) is not None:
            self.findings.error(
                "N009", among.variable.span, f"`{name}` désigne déjà autre chose ici",
                f"`{name}` already means something else here",
                help=("choisir un autre nom pour l'élément", "choose another name for the element"),
            )  # fmt: skip
        items = walked.expr
        variable = core.Variable(name, span=among.variable.span)
        if among.walked.keys:
            inner = self._within(scope, variable, item)
            keys = tuple(self.key_expr(key, inner) for key in among.walked.keys)
            items = core.Groups(name, items, keys, span=among.walked.span)
            item = ListType(item)
        inside = attrs.evolve(scope, variables={**scope.variables, name: (variable, item)})
        condition = None
        if among.condition is not None:
            condition = self.condition(among.condition, inside)
            inside = inside.knowing(implied(condition, True))
        return Walked(items, item, variable, condition, inside)

    def key_of(self, key: syntax.Key, walked: Walked) -> Typed:
        """A key of the elements of *walked*, its names being those of the element first."""
        return self.key(key, self._within(walked.inside, walked.variable, walked.item))

    def _aggregate(self, node: syntax.Aggregate, scope: Scope, hint: Type | None) -> Typed:
        among = node.among
        walked = self.walked(among, scope)
        if walked is None:
            return WRONG
        items, item, variable = walked.items, walked.item, walked.variable
        condition, inside = walked.condition, walked.inside
        order = None
        if among.order is not None:
            order = self.key_expr(among.order, self._within(inside, variable, item), ordered=True)
        body: core.Expr | None = None
        kind: Type = BOOL
        absent = False
        match node.word:
            case "somme" | "maximum" | "minimum":
                assert node.body is not None
                # A term that is not applicable is skipped, by the meaning of the word.
                typed = attrs.evolve(self.expr(node.body, inside, hint), inapplicable=False)
                typed = self._there(typed, node.body.span)
                allowed = ADDABLE if node.word == "somme" else set(ORDERED)
                if typed.type not in allowed and not isinstance(typed.type, Whatever):
                    self._meaningless(node.body.span, node.word, typed.type)
                body, kind = typed.expr, typed.type
                absent = node.word != "somme"
            case "tout":
                assert node.body is not None
                body = self.condition(node.body, inside)
            case "nombre":
                kind = INT
            case "premier" | "dernier":
                kind, absent = item, True
            case "liste":
                kind = ListType(item)
        walk = core.Walk(
            node.word, variable.name, items, condition, order, body, kind, span=node.span
        )
        return self._optional(Typed(walk, kind, absent), scope)

    def _meaningless(self, span: Span, word: str, kind: Type) -> None:
        self.findings.error(
            "T010",
            span,
            f"`{word}` de `{kind}` n'a pas de sens",
            f"`{word}` of `{kind}` has no meaning",
        )

    def _extremum(self, node: syntax.Extremum, scope: Scope, hint: Type | None) -> Typed:
        typed = [self._there(self.calculation(v, scope, hint), v.span) for v in node.values]
        kind: Type = WHATEVER
        for found in typed:
            kind = self._common(kind, found.type, node)
        if node.word == "somme" and kind not in ADDABLE and not isinstance(kind, Whatever):
            self._meaningless(node.span, node.word, kind)
        elif kind not in ORDERED and not isinstance(kind, Whatever):
            self.findings.error(
                "T010", node.span, f"`{kind}` n'a pas d'ordre", f"`{kind}` has no order"
            )
        operands = tuple(
            core.Exact(t.expr, span=t.expr.span) if kind == EXACT and t.type == AMOUNT else t.expr
            for t in typed
        )
        return Typed(core.Extremum(node.word, operands, kind, span=node.span), kind)
