"""The conditions of the law, down to the ones that have no smaller ones inside.

A *condition* is an expression that is true or false where a rule, a list, a choice turns on it: a
guard, the answer of a yes-or-no rule, ``applicable si``, the test of a ``si … alors``, the
``tel que`` of a walk. It is made of *atoms* by ``et``, ``ou``, ``non`` and ``n parmi``.

An atom *decides* an evaluation of its condition if, changed alone, it would change what the
condition comes to. Its effect is shown when it decided once each way (masking MC/DC, as DO-178C
and CAST-6 have it): what the other atoms were may differ between the two, which the same fact
written twice, or facts that exclude one another, would else make impossible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import BOOL
from lexald.engine.contest import ATOMS

# Ways in which smaller conditions make a larger one. ``if_so`` and ``if_not`` are ``et`` and
# ``ou`` whose second operand may only be read when the first does not settle it.
ALL, SOME, NOT, COUNT, IF_SO, IF_NOT = "all", "some", "not", "count", "if_so", "if_not"


@attrs.frozen(eq=False)
class Atom:
    """*expr* has no smaller condition inside. *number*: its rank among those of the law."""

    expr: core.Expr
    number: int


@attrs.frozen(eq=False)
class Joined:
    """*parts* joined by *word*. *minimum*, *maximum*: of a `COUNT`."""

    expr: core.Expr
    word: str
    parts: tuple[Atom | Joined, ...]
    minimum: int = 0
    maximum: int | None = None


@attrs.frozen(eq=False)
class Place:
    """Where a condition stands: of *thing*, in the rule *label* of it (``""``: in none)."""

    kind: str
    thing: str
    label: str
    period: core.Period


@attrs.frozen(eq=False)
class Condition:
    """A whole condition, and the atoms that it is made of, in the order of writing."""

    whole: Atom | Joined
    place: Place
    atoms: tuple[Atom, ...]


ALWAYS = core.Period(None, None)


def conditions(program: core.Program) -> tuple[Condition, ...]:
    """Every condition of *program*, in the order of names, then of dates."""
    search = _Search()
    for decision in program.decisions.values():
        place = Place("decision", decision.name, "", ALWAYS)
        search.condition(decision.applicable, place)
        for rule in (decision.general, *decision.exceptions):
            for version in rule.versions:
                place = Place("decision", decision.name, rule.label, version.period)
                search.condition(version.guard, place)
                if decision.type == BOOL:
                    search.condition(version.value, place)
                else:
                    search.inside(version.value, place)
    for kind, rules in (("interdit", program.forbidden), ("garantie", program.guarantees)):
        for stated in rules:
            search.condition(stated.condition, Place(kind, stated.message, "", ALWAYS))
    for indicator in program.indicators.values():
        measure = indicator.measure
        if isinstance(measure, core.Addition):
            place = Place("indicateur", indicator.name, "", ALWAYS)
            search.inside(measure.walked, place)
            part = search.condition if _is_truth(program, measure.value) else search.inside
            part(measure.value, place)
            search.inside(tuple(key.expr for key in measure.keys), place)
    return tuple(search.found)


class _Search:
    def __init__(self) -> None:
        self.found: list[Condition] = []
        self.numbers = 0

    def condition(self, expr: core.Expr | None, place: Place) -> None:
        """*expr* is where something turns on a condition, or a value that may be one."""
        if expr is None:
            return
        expr = bare(expr)
        if isinstance(expr, core.Choice) and _joins(expr) is None:
            self.condition(expr.condition, place)
            self.condition(expr.then, place)
            self.condition(expr.otherwise, place)
            return
        if not isinstance(expr, (*ATOMS, core.Not, core.All, core.Some, core.Count, core.Choice)):
            self.inside(expr, place)
            return
        atoms: list[Atom] = []
        whole = self._logic(expr, atoms)
        self.found.append(Condition(whole, place, tuple(atoms)))
        for atom in atoms:
            self._within(atom.expr, place)

    def inside(self, node: object, place: Place) -> None:
        """The conditions that are written somewhere in *node*, a value."""
        if isinstance(node, tuple):
            for part in node:
                self.inside(part, place)
        elif isinstance(node, core.Compare | core.IsOneOf | core.IsIn | core.Not | core.All
                        | core.Some | core.Count | core.Covers | core.Overlaps
                        | core.IsPresent | core.IsApplicable):  # fmt: skip
            self.condition(node, place)
        elif isinstance(node, core.Choice) and _joins(node) is None:
            self.condition(node.condition, place)
            self.inside(node.then, place)
            self.inside(node.otherwise, place)
        elif isinstance(node, core.Choice):
            self.condition(node, place)
        elif isinstance(node, core.Spanned):
            self._within(node, place)

    def _within(self, node: Any, place: Place) -> None:
        """The conditions inside *node*, itself set aside."""
        match node:
            case core.Not(operand):  # an atom: what it denies is no other condition
                self._within(operand, place)
            case core.Walk(word, _, items, condition, order, body):
                self.inside(items, place)
                self.condition(condition, place)
                self.inside(order, place)
                (self.condition if word == "tout" else self.inside)(body, place)
            case core.Collection(items):
                for value, condition in items:
                    self.condition(condition, place)
                    self.inside(value, place)
            case core.AsOf(day, content):
                self.inside(day, place)
                self.inside(content, place)
            case core.Spanned():
                for field in attrs.fields(type(node)):
                    if field.name != "span":
                        self.inside(getattr(node, field.name), place)

    def _logic(self, expr: core.Expr, atoms: list[Atom]) -> Atom | Joined:
        expr = bare(expr)
        parts: Sequence[core.Expr]
        match expr:
            case core.All(parts):
                word = ALL
            case core.Some(parts):
                word = SOME
            case core.Count(operands=parts):
                word = COUNT
            case core.Not(operand) if not _is_one(expr):
                word, parts = NOT, (operand,)
            case core.Choice(first, then, otherwise) if (joined := _joins(expr)) is not None:
                word, parts = joined, (first, then if joined == IF_SO else otherwise)
            case _:
                atom = Atom(expr, self.numbers)
                self.numbers += 1
                atoms.append(atom)
                return atom
        made = tuple(self._logic(part, atoms) for part in parts)
        if isinstance(expr, core.Count):
            return Joined(expr, word, made, expr.minimum, expr.maximum)
        return Joined(expr, word, made)


def _is_truth(program: core.Program, expr: core.Expr) -> bool:
    """Whether *expr*, a decision or a fact by itself, is true or false."""
    match bare(expr):
        case core.DecisionValue(name):
            return program.decisions[name].type == BOOL
        case core.Fact(_, name):
            fields = (entity.fields.get(name) for entity in program.entities.values())
            return any(field is not None and field.type == BOOL for field in fields)
    return False


def bare(expr: core.Expr) -> core.Expr:
    """*expr* without the notes around it."""
    while isinstance(expr, core.Noted) or (isinstance(expr, core.Staged) and not expr.steps):
        expr = expr.operand if isinstance(expr, core.Noted) else expr.value
    return expr


def _is_one(expr: core.Not) -> bool:
    """Whether a denial is one condition as written: ``a ≥ b`` is that ``a < b`` is not."""
    return isinstance(expr.operand, core.Compare | core.IsPresent | core.IsOneOf) and (
        expr.operand.span == expr.span
    )


def _joins(expr: core.Choice) -> str | None:
    """What a choice that comes from ``et`` or ``ou`` stands for; `None` for a true choice."""
    match expr:
        case core.Choice(otherwise=core.Constant(False)):
            return IF_SO
        case core.Choice(then=core.Constant(True)):
            return IF_NOT
    return None


# ── what an evaluation shows ─────────────────────────────────────────────────────────────


@attrs.frozen
class Shown:
    """An atom was *outcome* in an evaluation of its condition; *decides*: see the module."""

    atom: Atom
    outcome: Any
    decides: bool


def shown(whole: Atom | Joined, outcome_of: Any, decides: bool = True) -> tuple[Any, list[Shown]]:
    """What *whole* came to, and its atoms that were evaluated.

    Args:
        outcome_of: from an expression to what it came to, or `None` if it was not evaluated.
    """
    if isinstance(whole, Atom):
        outcome = outcome_of(whole.expr)
        return outcome, [Shown(whole, outcome, decides)] if outcome is not None else []
    outcomes = [shown(part, outcome_of)[0] for part in whole.parts]
    told: list[Shown] = []
    for rank, part in enumerate(whole.parts):
        told += shown(part, outcome_of, decides and _decides(whole, outcomes, rank))[1]
    return _joined(whole, outcomes), told


def _decides(whole: Joined, outcomes: list[Any], rank: int) -> bool:
    """Whether the part of *rank*, changed alone, would change what *whole* comes to."""
    here = outcomes[rank]
    if not isinstance(here, bool):
        return False
    now = _joined(whole, outcomes)
    changed = _joined(whole, [*outcomes[:rank], not here, *outcomes[rank + 1 :]])
    if whole.word in (IF_SO, IF_NOT) and rank == 0 and outcomes[1] is None:
        return True  # what follows was not read: it settled the whole
    return isinstance(now, bool) and isinstance(changed, bool) and now is not changed


def _joined(whole: Joined, outcomes: Sequence[Any]) -> bool | None:
    """What *outcomes* make together; `None` when they do not tell."""
    match whole.word:
        case "not":
            return not outcomes[0] if isinstance(outcomes[0], bool) else None
        case "all" | "if_so":
            if whole.word == IF_SO and outcomes[0] is False:
                return False
            if False in outcomes:
                return False
            return True if all(outcome is True for outcome in outcomes) else None
        case "some" | "if_not":
            if True in outcomes:
                return True
            return False if all(outcome is False for outcome in outcomes) else None
    low = sum(outcome is True for outcome in outcomes)
    high = low + sum(not isinstance(outcome, bool) for outcome in outcomes)
    most = whole.maximum if whole.maximum is not None else len(outcomes)
    if whole.minimum <= low and high <= most:
        return True
    return False if high < whole.minimum or low > most else None


def atoms_of(found: Sequence[Condition]) -> Iterator[tuple[Condition, Atom]]:
    """Every atom, with the condition that it is a part of."""
    for condition in found:
        for atom in condition.atoms:
            yield condition, atom
