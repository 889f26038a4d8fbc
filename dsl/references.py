"""Names, accesses and calls: what a written name means where it stands."""

from __future__ import annotations

import attrs

from . import program as core
from . import syntax
from .elaboration import Elaboration, short
from .operations import FUNCTIONS
from .scopes import WRONG, Scope, Typed, suggestion
from .source import Span
from .types import (
    DURATION,
    ORDERED,
    TEXT,
    EntityType,
    EnumType,
    ListType,
    Type,
    Whatever,
)


class References(Elaboration):
    """Resolves names."""

    def key(self, key: syntax.Key, scope: Scope) -> Typed:
        """What elements are told apart by, its names being those of the element first."""
        if key.argument is not None:
            call = syntax.Call(
                key.names[0],
                (syntax.Calculation(key.argument, syntax.Notes(), (), span=key.argument.span),),
                span=key.span,
            )
            typed = self.expr(call, scope, None)
        else:
            node: syntax.Expr = syntax.NameRef(key.names[0].text, span=key.names[0].span)
            for name in key.names[1:]:
                node = syntax.Access(node, name, span=key.span)
            typed = self.expr(node, scope, None)
        return typed

    def key_expr(self, key: syntax.Key, scope: Scope, *, ordered: bool = False) -> core.Expr:
        """A grouping or ordering key."""
        typed = self.key(key, scope)
        if ordered and typed.absent:
            self.findings.error(
                "T003", key.span, f"`{short(key.span.text)}` peut être absent, et range des éléments",
                f"`{short(key.span.text)}` may be absent, and puts elements in order",
                help=(
                    "ranger par ce qui est toujours là : un fait qui n'est pas `facultatif`, ou une décision",
                    "order by what is always there: a fact that is not `facultatif`, or a decision",
                ),
            )  # fmt: skip
            typed = attrs.evolve(typed, absent=False)
        typed = self._there(typed, key.span, optional=not ordered)
        # Durations compare only from a date: they make no order.
        allowed = {*ORDERED, TEXT} - {DURATION}
        if ordered and typed.type not in allowed and not isinstance(typed.type, Whatever):
            self.findings.error(
                "T010", key.span, f"`{typed.type}` n'a pas d'ordre", f"`{typed.type}` has no order"
            )
        self.key_types[typed.expr] = typed.type
        return typed.expr

    def _name(self, name: str, span: Span, scope: Scope, hint: Type | None) -> Typed:
        words = self.words
        found = self._scoped(name, span, scope)
        members = words.enumerations_with(name)
        if isinstance(hint, EnumType) and hint.name in members and (
            found is None or found.type != hint
        ):  # fmt: skip
            self.used.add(("enumeration", hint.name))
            return Typed(core.Constant(name, span=span), hint)
        if found is not None:
            return found
        if len(members) == 1:
            self.used.add(("enumeration", members[0]))
            return Typed(core.Constant(name, span=span), EnumType(members[0]))
        if members:
            listed = ", ".join(f"`{m}`" for m in sorted(members))
            self.findings.error(
                "N005", span, f"`{name}` est une valeur de plusieurs énumérations : {listed}",
                f"`{name}` is a value of several enumerations: {listed}",
                help=(
                    "la comparer à un fait ou à une décision de l'énumération voulue",
                    "compare it with a fact or a decision of the enumeration meant",
                ),
            )  # fmt: skip
            return WRONG
        if name not in words.broken:
            candidates = {*scope.variables, *words.roots, *words.parameters, *words.decisions}
            if scope.entity:
                candidates |= set(words.entities[scope.entity].fields)
                prefix = f"{scope.entity}."
                candidates |= {
                    n.removeprefix(prefix) for n in words.decisions if n.startswith(prefix)
                }
                candidates.add("précédent")
            for enumeration in words.enumerations.values():
                candidates |= set(enumeration.members)
            holders = [
                f"`{root}.{name}`"
                for root, field in words.roots.items()
                if isinstance(field.type, EntityType)
                and (name in words.entities[field.type.name].fields
                     or f"{field.type.name}.{name}" in words.decisions)
            ]  # fmt: skip
            if name in words.indicators:
                self.findings.error(
                    "R020", span, f"`{name}` est un indicateur : une règle ne le lit pas",
                    f"`{name}` is an indicator: no rule reads it",
                    help=("une règle lit un dossier, un indicateur en compte plusieurs ; lire les faits qu'il compte", "a rule reads one situation, an indicator counts many; read the facts that it counts"),
                )  # fmt: skip
                return WRONG
            listed = " ou ".join(holders)
            self.findings.error(
                "N001", span, f"nom `{name}` inconnu", f"unknown name `{name}`",
                help=(f"dire de qui : {listed}", f"say whose: {listed}") if holders else suggestion(name, candidates),
            )  # fmt: skip
        return WRONG

    def _scoped(self, name: str, span: Span, scope: Scope) -> Typed | None:
        words = self.words
        if name in scope.variables:
            expr, kind = scope.variables[name]
            return Typed(attrs.evolve(expr, span=span), kind)
        if scope.current is not None and scope.entity is not None:
            typed = self._member(scope.current, scope.entity, name, span, scope)
            if typed is not None:
                return typed
        if name in words.roots:
            self.used.add(("field", f".{name}"))
            field = words.roots[name]
            return self._optional(
                Typed(core.Root(name, span=span), field.type, field.optional), scope
            )
        if name in words.decisions:
            return self._decision(name, None, span, scope)
        if name in words.parameters:
            self.used.add(("parameter", name))
            return Typed(core.ParameterValue(name, span=span), words.parameters[name].type)
        return None

    def _member(
        self, base: core.Expr, entity: str, name: str, span: Span, scope: Scope
    ) -> Typed | None:
        """Field, decision or owner *name* of the element *base*."""
        declared = self.words.entities[entity]
        if name in declared.fields:
            self.used.add(("field", f"{entity}.{name}"))
            field = declared.fields[name]
            fact = core.Fact(base, name, span=span)
            return self._optional(Typed(fact, field.type, field.optional), scope)
        if f"{entity}.{name}" in self.words.decisions:
            return self._decision(f"{entity}.{name}", base, span, scope)
        if declared.owner and self.words.owner_names.get(entity) == name:
            return Typed(core.Owner(base, span=span), EntityType(declared.owner))
        return None

    def _decision(self, name: str, base: core.Expr | None, span: Span, scope: Scope) -> Typed:
        self.used.add(("decision", name))
        signature = self.words.decisions[name]
        expr = core.DecisionValue(name, base, span=span)
        typed = Typed(expr, signature.type, signature.optional, signature.inapplicable)
        return self._optional(typed, scope)

    def _previous(self, span: Span, scope: Scope) -> Typed:
        """The element before the one that the decision is about, inside a walk as well."""
        if scope.sequence is None and "R016" in scope.told:
            return WRONG
        if scope.sequence is None:
            scope.told.add("R016")
            self.findings.error(
                "R016", span, "rien ne dit dans quel ordre lire `précédent`",
                "nothing says in which order `précédent` is read",
                help=(
                    "dans une décision d'une entité, avant sa règle : `dans l'ordre de date par clé`",
                    "in a decision of an entity, before its rule: `dans l'ordre de date par clé`",
                ),
            )  # fmt: skip
            return WRONG
        expr = core.Previous(scope.sequence, span=span)
        return self._optional(Typed(expr, EntityType(scope.sequence.entity), absent=True), scope)

    def _access(self, base: syntax.Expr, name: syntax.Name, scope: Scope) -> Typed:
        typed = self._there(self.expr(base, scope), base.span)
        span = base.span.to(name.span)
        match typed.type:
            case Whatever():
                return WRONG
            case EntityType(entity):
                found = self._member(typed.expr, entity, name.text, span, scope)
                if found is not None:
                    return found
                if name.text not in self.words.broken and entity not in self.words.broken:
                    known = set(self.words.entities[entity].fields) | {
                        n.partition(".")[2]
                        for n in self.words.decisions
                        if n.startswith(f"{entity}.")
                    }
                    self.findings.error(
                        "N004", name.span, f"`{entity}` n'a ni fait ni décision `{name.text}`",
                        f"`{entity}` has no fact or decision `{name.text}`",
                        help=suggestion(name.text, known),
                    )  # fmt: skip
                return WRONG
            case ListType():
                self.findings.error(
                    "T010", span, f"`{short(base.span.text)}` est une liste",
                    f"`{short(base.span.text)}` is a list",
                    help=(
                        f"la parcourir : `somme de x.{name.text} pour chaque x parmi {short(base.span.text)}`",
                        f"walk it: `somme de x.{name.text} pour chaque x parmi {short(base.span.text)}`",
                    ),
                )  # fmt: skip
                return WRONG
        self.findings.error(
            "N004", name.span, f"`{typed.type}` n'a pas de partie `{name.text}`",
            f"`{typed.type}` has no part `{name.text}`",
        )  # fmt: skip
        return WRONG

    def _call(self, node: syntax.Call, scope: Scope) -> Typed:
        name = node.name.text
        if name in FUNCTIONS:
            function = FUNCTIONS[name]
            arguments = self._arguments(node, list(function.parameters), [False], scope)
            return Typed(core.Builtin(name, arguments, span=node.span), function.result)
        if name in self.words.tables:
            self.used.add(("table", name))
            columns = self.words.columns[name]
            arguments = self._arguments(
                node, [c.type for c in columns], [c.optional for c in columns], scope
            )
            signature = self.words.tables[name]
            expr = core.TableValue(name, arguments, span=node.span)
            typed = Typed(expr, signature.type, signature.optional, signature.inapplicable)
            return self._optional(typed, scope)
        if name not in self.words.broken:
            self.findings.error(
                "N001", node.name.span, f"ni table ni fonction `{name}`", f"no table or function `{name}`",
                help=suggestion(name, {*FUNCTIONS, *self.words.tables}),
            )  # fmt: skip
        return WRONG

    def _arguments(
        self, node: syntax.Call, types: list[Type], optional: list[bool], scope: Scope
    ) -> tuple[core.Expr, ...]:
        if len(types) != len(node.arguments):
            self.findings.error(
                "T006", node.span, f"`{node.name.text}` prend {len(types)} valeur(s), {len(node.arguments)} donnée(s)",
                f"`{node.name.text}` takes {len(types)} value(s), {len(node.arguments)} given",
            )  # fmt: skip
            return tuple(core.Constant(None) for _ in types)
        return tuple(
            self.fit(self.calculation(a, scope, t), t, a.span, optional=o).expr
            for a, t, o in zip(node.arguments, types, optional, strict=True)
        )
