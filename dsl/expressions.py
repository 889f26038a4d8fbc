"""Expressions: syntax → core, with their types.

Two things are followed along the way. What is *present*: an optional fact is read only where a
test says that it is there. What is *applicable*: the same for a decision that may be without
object. A test governs what stands after it in ``et``, the branch of ``si`` that it opens, and
what it is the condition of; the core says so with `Choice`, which evaluates one branch only.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from fractions import Fraction

import attrs

from . import program as core
from . import syntax
from .diagnostics import Findings, Label
from .operations import FUNCTIONS, comparable, result_type
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
    TEXT,
    WHATEVER,
    EntityType,
    EnumType,
    ListType,
    Type,
    Whatever,
)
from .values import Duration, Rounding

KINDS = {**SCALARS, "fraction": DECIMAL}


@attrs.frozen
class Typed:
    """An expression, its type, and whether it may be absent or not applicable."""

    expr: core.Expr
    type: Type
    absent: bool = False
    inapplicable: bool = False


WRONG = Typed(core.Constant(None), WHATEVER)


@attrs.frozen
class Known:
    """What is known to be present and applicable at a place."""

    present: frozenset[core.Expr] = frozenset()
    applicable: frozenset[core.Expr] = frozenset()

    def and_(self, other: Known) -> Known:
        return Known(self.present | other.present, self.applicable | other.applicable)

    def __bool__(self) -> bool:
        return bool(self.present or self.applicable)


def implied(condition: core.Expr, truth: bool) -> Known:
    """What *condition* being *truth* shows to be present and applicable."""
    match condition:
        case core.IsPresent(operand):
            return Known(present=frozenset({operand})) if truth else Known()
        case core.IsApplicable(operand):
            return Known(applicable=frozenset({operand})) if truth else Known()
        case core.Not(operand):
            return implied(operand, not truth)
        case core.Noted(operand):
            return implied(operand, truth)
        case core.Staged(value, ()):
            return implied(value, truth)
        case core.All(operands) if truth:
            return _union(implied(e, True) for e in operands)
        case core.Some(operands) if not truth:
            return _union(implied(e, False) for e in operands)
        case core.Choice(first, then, core.Constant(False)) if truth:
            return implied(first, True).and_(implied(then, True))
        case core.Choice(first, core.Constant(True), otherwise) if not truth:
            return implied(first, False).and_(implied(otherwise, False))
    return Known()


def _union(parts: Iterable[Known]) -> Known:
    whole = Known()
    for part in parts:
        whole = whole.and_(part)
    return whole


@attrs.frozen
class Scope:
    """What names mean at a place: the current element, the variables of walks, what is known."""

    current: core.Expr | None = None
    entity: str | None = None
    variables: Mapping[str, tuple[core.Expr, Type]] = attrs.field(factory=dict)
    known: Known = Known()

    def knowing(self, more: Known) -> Scope:
        return attrs.evolve(self, known=self.known.and_(more)) if more else self


@attrs.frozen
class Signature:
    """What a reader of a decision or a table must know of it."""

    type: Type
    optional: bool
    inapplicable: bool
    span: Span


@attrs.frozen(eq=False)
class Vocabulary:
    """Everything that has a name."""

    sources: Mapping[str, core.Source]
    enumerations: Mapping[str, core.Enumeration]
    entities: Mapping[str, core.Entity]
    roots: Mapping[str, core.Field]
    parameters: Mapping[str, Signature]
    tables: Mapping[str, Signature]
    columns: Mapping[str, tuple[core.Column, ...]]
    decisions: Mapping[str, Signature]
    owner_names: Mapping[str, str]  # entity → the name its elements give their owner
    broken: frozenset[str]

    def enumerations_with(self, member: str) -> list[str]:
        return [name for name, found in self.enumerations.items() if member in found.members]


def suggestion(name: str, known: Iterable[str]) -> tuple[str, str]:
    """``vouliez-vous dire …``, when a known name is close; else nothing."""
    close = difflib.get_close_matches(name, sorted(set(known)), n=1, cutoff=0.7)
    if not close:
        return "", ""
    return f"vouliez-vous dire `{close[0]}` ?", f"did you mean `{close[0]}`?"


class Elaborator:
    """Types expressions against a vocabulary. What it reads is gathered in `used`."""

    def __init__(self, vocabulary: Vocabulary, findings: Findings) -> None:
        self.words = vocabulary
        self.findings = findings
        self.used: set[tuple[str, str]] = set()

    # ── notes ────────────────────────────────────────────────────────────────────────────

    def notes(self, notes: syntax.Notes) -> core.Notes:
        citations = []
        for citation in notes.citations:
            name = citation.source.text
            if name not in self.words.sources:
                if name not in self.words.broken:
                    self.findings.error(
                        "N006", citation.source.span, f"source `{name}` inconnue", f"unknown source `{name}`",
                        help=suggestion(name, self.words.sources),
                    )  # fmt: skip
                continue
            self.used.add(("source", name))
            citations.append(core.Citation(name, tuple(t.text for t in citation.pinpoints)))
        return core.Notes(
            tuple(citations),
            tuple(t.text for t in notes.interpretations),
            tuple(t.text for t in notes.unverified),
        )

    def _noted(self, typed: Typed, notes: syntax.Notes) -> Typed:
        found = self.notes(notes)
        if not found:
            return typed
        return attrs.evolve(typed, expr=core.Noted(typed.expr, found, span=typed.expr.span))

    # ── entry points ─────────────────────────────────────────────────────────────────────

    def condition(self, node: syntax.Expr, scope: Scope) -> core.Expr:
        """*node* as a condition that decides."""
        return self.value(node, scope, BOOL)

    def value(self, node: syntax.Expr, scope: Scope, expected: Type) -> core.Expr:
        """*node* as a value that is there, of type *expected*."""
        return self.fit(self.expr(node, scope, expected), expected, node.span).expr

    def result(
        self, node: syntax.Calculation, scope: Scope, expected: Type, optional: bool
    ) -> core.Expr:
        """*node* as what a rule gives; it may be absent when *optional*."""
        typed = self.calculation(node, scope, expected)
        return self.fit(typed, expected, node.span, optional=optional).expr

    def fit(self, typed: Typed, expected: Type, span: Span, optional: bool = False) -> Typed:
        """Check that *typed* may stand where *expected* is asked for."""
        typed = self._there(typed, span, optional)
        if isinstance(typed.type, Whatever) or isinstance(expected, Whatever):
            return typed
        if typed.type == expected or (typed.type == INT and expected == DECIMAL):
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
        self.findings.error(
            "T001", span, f"`{expected}` attendu, `{typed.type}` trouvé",
            f"`{expected}` expected, `{typed.type}` found",
        )  # fmt: skip
        return WRONG

    def _there(self, typed: Typed, span: Span, optional: bool = False) -> Typed:
        written = _short(span.text)
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
                    if (
                        kind == AMOUNT
                        and self._peek(limit, scope) == EXACT
                    ):  # fmt: skip
                        value, kind = self._to_exact(value, steps, span), EXACT
                        steps = []
                    bound = self._limit(limit, scope, kind, may_not_apply=True)
                    steps.append(core.Cap(bound, notes, span=span))
                case syntax.Floor(limit):
                    bound = self._limit(limit, scope, kind, may_not_apply=False)
                    steps.append(core.Floor(bound, notes, span=span))
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

    def _to_exact(self, value: core.Expr, steps: list[core.Step], span: Span) -> core.Expr:
        inner = core.Staged(value, tuple(steps), span=value.span) if steps else value
        return core.Exact(inner, span=span)

    def _peek(self, node: syntax.Expr, scope: Scope) -> Type:
        quiet = Elaborator(self.words, Findings())
        return quiet.expr(node, scope, None).type

    def _step_on(self, kind: Type, allowed: set[Type], span: Span, step: str) -> None:
        if kind not in allowed and not isinstance(kind, Whatever):
            self.findings.error(
                "T009",
                span,
                f"`{step}` ne s'applique pas à `{kind}`",
                f"`{step}` does not apply to `{kind}`",
            )

    def _limit(
        self, node: syntax.Expr, scope: Scope, kind: Type, *, may_not_apply: bool
    ) -> core.Expr:
        if kind not in ORDERED and not isinstance(kind, Whatever):
            self._step_on(kind, set(ORDERED), node.span, "dans la limite de")
        typed = self.expr(node, scope, kind)
        if may_not_apply:
            typed = attrs.evolve(typed, inapplicable=False)
        return self.fit(typed, kind, node.span).expr

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
        limit = self._limit(node.limit, scope, limit_type, may_not_apply=True)
        keys = tuple(self._key(key, scope) for key in node.keys)
        order = tuple(self._key(key, scope, ordered=True) for key in node.order)
        already = None
        if node.already is not None:
            already = self.value(node.already, scope, limit_type)
        return core.SharedCap(limit, node.counts, keys, order, already, notes, span=span)

    def _key(self, key: syntax.Key, scope: Scope, *, ordered: bool = False) -> core.Expr:
        """A grouping or ordering key, its names being those of the element first."""
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
        typed = self._there(typed, key.span, optional=not ordered)
        if ordered and typed.type not in {*ORDERED, TEXT} and not isinstance(typed.type, Whatever):
            self.findings.error(
                "T010", key.span, f"`{typed.type}` n'a pas d'ordre", f"`{typed.type}` has no order"
            )
        return typed.expr

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
                typed = self.calculation(content, scope, hint)
                return attrs.evolve(typed, expr=core.AsOf(at, typed.expr, span=span))
            case syntax.ConsideredDate():
                return Typed(core.ConsideredDate(span=span), DATE)
            case syntax.Undetermined(reason, formalised):
                found = core.Undetermined(reason.text, formalised, span=span)
                return Typed(found, hint or WHATEVER)

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
            for enumeration in words.enumerations.values():
                candidates |= set(enumeration.members)
            self.findings.error(
                "N001", span, f"nom `{name}` inconnu", f"unknown name `{name}`",
                help=suggestion(name, candidates),
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

    def _optional(self, typed: Typed, scope: Scope) -> Typed:
        return attrs.evolve(
            typed,
            absent=typed.absent and typed.expr not in scope.known.present,
            inapplicable=typed.inapplicable and typed.expr not in scope.known.applicable,
        )

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
                    "T010", span, f"`{_short(base.span.text)}` est une liste",
                    f"`{_short(base.span.text)}` is a list",
                    help=(
                        f"la parcourir : `somme de x.{name.text} pour chaque x parmi {_short(base.span.text)}`",
                        f"walk it: `somme de x.{name.text} pour chaque x parmi {_short(base.span.text)}`",
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

    def _arithmetic(self, node: syntax.Arithmetic, scope: Scope, hint: Type | None) -> Typed:
        left = self._there(self.expr(node.left, scope), node.left.span)
        right = self._there(self.expr(node.right, scope), node.right.span)
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
        if isinstance(left.type, Whatever) or isinstance(right.type, Whatever):
            return None
        if not comparable(left.type, right.type):
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
            self.findings.error(
                "T005", node.span, "montant exact comparé avant d'être arrondi",
                "exact amount compared before it is rounded",
                help=("ajouter `arrondi au centime`", "add `arrondi au centime`"),
            )  # fmt: skip
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
        equal = core.Compare("=", left, right, start, span=span)
        made: dict[str, core.Expr] = {
            "=": equal,
            "≠": core.Not(equal, span=span),
            "<": less,
            "≤": core.Not(more, span=span),
            ">": more,
            "≥": core.Not(less, span=span),
        }
        return Typed(made[node.operator], BOOL)

    def _membership(self, node: syntax.Membership, scope: Scope) -> Typed:
        operand = self._there(self.expr(node.operand, scope), node.operand.span)
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
        typed = self.expr(node.operand, attrs.evolve(scope, known=Known(
            frozenset(), scope.known.applicable)), None)  # fmt: skip
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
                    "Q005", span, f"`{_short(node.operand.span.text)}` est toujours applicable",
                    f"`{_short(node.operand.span.text)}` always applies",
                )  # fmt: skip
            return Typed(core.IsApplicable(typed.expr, span=span), BOOL)
        self._there(attrs.evolve(typed, absent=False), node.operand.span)
        if not typed.absent:
            self.findings.warning(
                "Q006", span, f"`{_short(node.operand.span.text)}` est toujours présent",
                f"`{_short(node.operand.span.text)}` is always present",
                help=(
                    "le déclarer `facultatif`, ou retirer ce test",
                    "declare it `facultatif`, or remove this test",
                ),
            )  # fmt: skip
        present: core.Expr = core.IsPresent(typed.expr, span=span)
        return Typed(present if node.state == "présent" else core.Not(present, span=span), BOOL)

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
        self.findings.error(
            "T001",
            node.span,
            f"deux types pour une valeur : `{a}` et `{b}`",
            f"two types for one value: `{a}` and `{b}`",
        )
        return WHATEVER

    # ── lists ────────────────────────────────────────────────────────────────────────────

    def _aggregate(self, node: syntax.Aggregate, scope: Scope, hint: Type | None) -> Typed:
        among = node.among
        name = among.variable.text
        walked = self._there(self.expr(among.walked.list, scope), among.walked.list.span)
        if isinstance(walked.type, Whatever):
            item: Type = WHATEVER
        elif isinstance(walked.type, ListType):
            item = walked.type.item
        else:
            self.findings.error(
                "T010", among.walked.span, f"`{_short(among.walked.span.text)}` n'est pas une liste",
                f"`{_short(among.walked.span.text)}` is not a list",
            )  # fmt: skip
            return WRONG
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
            keys = tuple(self._key(key, inner) for key in among.walked.keys)
            items = core.Groups(name, items, keys, span=among.walked.span)
            item = ListType(item)
        inside = attrs.evolve(scope, variables={**scope.variables, name: (variable, item)})
        condition = None
        if among.condition is not None:
            condition = self.condition(among.condition, inside)
            inside = inside.knowing(implied(condition, True))
        order = None
        if among.order is not None:
            order = self._key(among.order, self._within(inside, variable, item), ordered=True)
        body: core.Expr | None = None
        kind: Type = BOOL
        absent = False
        match node.word:
            case "somme" | "maximum" | "minimum":
                assert node.body is not None
                # A term that is not applicable is skipped, by the meaning of the word.
                typed = attrs.evolve(self.expr(node.body, inside, hint), inapplicable=False)
                typed = self._there(typed, node.body.span)
                addable = {INT, DECIMAL, RATE, AMOUNT, EXACT, DURATION}
                allowed = addable if node.word == "somme" else set(ORDERED)
                if typed.type not in allowed and not isinstance(typed.type, Whatever):
                    self.findings.error(
                        "T010", node.body.span, f"`{node.word}` de `{typed.type}` n'a pas de sens",
                        f"`{node.word}` of `{typed.type}` has no meaning",
                    )  # fmt: skip
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
        walk = core.Walk(node.word, name, items, condition, order, body, kind, span=node.span)
        return self._optional(Typed(walk, kind, absent), scope)

    def _within(self, scope: Scope, variable: core.Variable, item: Type) -> Scope:
        """Where bare names are first those of the element walked."""
        if isinstance(item, EntityType):
            return attrs.evolve(scope, current=variable, entity=item.name)
        return attrs.evolve(scope, variables={**scope.variables, variable.name: (variable, item)})

    def _extremum(self, node: syntax.Extremum, scope: Scope, hint: Type | None) -> Typed:
        typed = [self._there(self.calculation(v, scope, hint), v.span) for v in node.values]
        kind: Type = WHATEVER
        for found in typed:
            kind = self._common(kind, found.type, node)
        if kind not in ORDERED and not isinstance(kind, Whatever):
            self.findings.error(
                "T010", node.span, f"`{kind}` n'a pas d'ordre", f"`{kind}` has no order"
            )
        operands = tuple(
            core.Exact(t.expr, span=t.expr.span) if kind == EXACT and t.type == AMOUNT else t.expr
            for t in typed
        )
        return Typed(core.Extremum(node.word, operands, kind, span=node.span), kind)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
