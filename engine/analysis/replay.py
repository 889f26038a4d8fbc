"""A situation that the solver proposes, decided by the interpreter: nothing is said that it does
not confirm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date
from fractions import Fraction
from typing import Any

import attrs
import z3

from lexald.dsl import program as core
from lexald.dsl.dates import DateRange
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar, Type
from lexald.dsl.values import Amount, Duration

from ..elements import Element, Situation, assemble
from ..environment import BudgetExceeded, Decided, Env, version_on
from ..interpreter import TOO_LONG, Evaluation
from ..lookup import fitting
from ..outcomes import Failure, Outcome, Unknown, is_known
from .calendar import Day, number_in, value_of
from .terms import Number, Truth, is_term
from .values import Elem, Length, Members, Names, Slots, Stretch, Sym
from .world import Path, World

# Rounds in which facts that the model says nothing of are told, for the answer to be complete.
MOST_FILLINGS = 8


# ── what a model says ────────────────────────────────────────────────────────────────────


def holds_in(model: z3.ModelRef, truth: Truth) -> bool:
    if isinstance(truth, bool):
        return truth
    return bool(z3.is_true(model.eval(truth, model_completion=True)))


def fraction_in(model: z3.ModelRef, number: Number) -> Fraction:
    if not is_term(number):
        return Fraction(number)
    found = model.eval(number, model_completion=True)
    if z3.is_algebraic_value(found):
        found = found.approx(20)
    return Fraction(found.as_fraction() if z3.is_rational_value(found) else found.as_long())


def read(model: z3.ModelRef, value: Any, kind: Type, names: Names) -> Any:
    """The value of Python that *value*, of *kind*, has in *model*."""
    match value:
        case Day():
            return value_of(model, value)
        case Length(months, days):
            return Duration(number_in(model, months), number_in(model, days))
        case Stretch(first, ends, last):
            end = value_of(model, last) if holds_in(model, ends) else None
            return DateRange(value_of(model, first), end)
        case Members(by):
            return tuple(member for member, here in by.items() if holds_in(model, here))
    if isinstance(kind, EnumType):
        return names.text(number_in(model, value))
    assert isinstance(kind, Scalar), kind
    match kind.kind:
        case Kind.BOOL:
            return holds_in(model, value)
        case Kind.INT:
            return number_in(model, value)
        case Kind.AMOUNT:
            return Amount(number_in(model, value))
        case Kind.TEXT:
            return names.text(number_in(model, value))
    return fraction_in(model, value)


def alive(world: World, model: z3.ModelRef, path: Path) -> bool:
    """Whether the element at *path* exists in *model*."""
    focus = world.focus.path if world.focus else ()
    for end in range(1, len(path) + 1):
        part = path[:end]
        if focus[:end] == part:
            continue
        last = part[-1]
        if isinstance(last, int):
            slots = world.lists.get(part[:-1])
            if slots is None or not holds_in(model, slots.items[last][0]):
                return False
        elif part in world.facts and not holds_in(model, world.facts[part][1].present):
            return False
    return True


def data_of(world: World, model: z3.ModelRef) -> dict[str, Any]:
    """The typed facts that *model* tells, as `assemble` takes them."""
    data: dict[str, Any] = {}
    if world.focus is not None:
        _place(data, world.focus.path)
    for path in world.lists:
        if alive(world, model, path[:-1]):
            rows = _place(data, path[:-1]).setdefault(str(path[-1]), [])
            here = [e for _, e in world.lists[path].items if alive(world, model, e.path)]
            rows.extend({} for _ in range(len(here) - len(rows)))
    for path, (field, sym) in world.facts.items():
        if isinstance(sym.value, Slots) or not alive(world, model, path[:-1]):
            continue
        holder, name = _place(data, path[:-1]), str(path[-1])
        if not holds_in(model, sym.present):
            holder[name] = None
        elif isinstance(sym.value, Elem):
            holder.setdefault(name, {})
        else:
            holder[name] = read(model, sym.value, field.type, world.names)
    return data


def _place(data: dict[str, Any], path: Path) -> dict[str, Any]:
    """The mapping of the element at *path*, made if need be."""
    if not path:
        return data
    here: Any = data
    for part, after in zip(path, (*path[1:], None), strict=True):
        if isinstance(part, int):
            here.extend({} for _ in range(part + 1 - len(here)))
            here = here[part]
        elif isinstance(after, int):
            here = here.setdefault(part, [])
        else:
            here = here.setdefault(part, {})
    found: dict[str, Any] = here
    return found


# ── the interpreter, watched ─────────────────────────────────────────────────────────────


class Recorder(Evaluation):
    """An evaluation that keeps what it met, as keys of questions.

    ``(id of a condition, True | False | None)`` (`None`: a text leaves it open), ``("rule", id of
    its value)``, ``("row", file, offset)``, ``("fault", id of an expression, code)``.
    """

    def __init__(
        self,
        program: core.Program,
        situation: Situation,
        on: date,
        *,
        within: Evaluation | None = None,
        values: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__(program, situation, on, within=within)
        outer = within if isinstance(within, Recorder) else None
        self.seen: set[Any] = outer.seen if outer else set()
        self.values: frozenset[int] = outer.values if outer else values

    def eval(self, expr: core.Expr, env: Env) -> Outcome:
        found = super().eval(expr, env)
        if isinstance(found, bool):
            self.seen.add((id(expr), found))
        elif isinstance(found, Unknown):
            if found.reasons:
                self.seen.add((id(expr), None))
        elif isinstance(found, Failure) and found.span is not None:
            at = expr.span
            if isinstance(expr, core.DecisionValue):
                at = self.program.decisions[expr.name].general.span
            if found.span == at:
                self.seen.add(("fault", id(expr), found.code))
        if id(expr) in self.values:
            self.seen.add(("rule", id(expr)))
        return found

    def looks_up(self, table: core.Table, arguments: Sequence[Outcome], env: Env) -> None:
        version = version_on(table.versions, env.on)
        if isinstance(version, core.TableVersion):
            self.seen |= {row_key(row) for row, _ in fitting(version, arguments)}


def row_key(row: core.TableRow) -> Any:
    return ("row", row.span.file.name, row.span.start)


def values_of(program: core.Program) -> frozenset[int]:
    """The values of all the rules of *program*, by `id`."""
    return frozenset(
        id(version.value)
        for decision in program.decisions.values()
        for rule in (decision.general, *decision.exceptions)
        for version in rule.versions
    )


@attrs.frozen
class Target:
    """What is asked: a decision, or a condition that must be true; of the element at *path*."""

    decision: str
    condition: core.Expr | None
    path: Path


@attrs.define(eq=False)
class Replayed:
    """A situation, and what the interpreter made of it. *refused*: what forbids it, and where."""

    data: dict[str, Any]
    on: date
    evaluation: Recorder
    decided: Decided
    refused: tuple[tuple[core.Forbidden, Path], ...]

    @property
    def seen(self) -> set[Any]:
        return self.evaluation.seen


def replay(
    program: core.Program, values: frozenset[int], target: Target, data: Mapping[str, Any], on: date
) -> Replayed:
    """*data* decided on the day *on*."""
    situation = assemble(program, data)
    evaluation = Recorder(program, situation, on, values=values)
    refused = tuple(
        (rule, element.path if element else ()) for rule, element, found in evaluation.forbidden()
    )
    element = element_at(situation, target.path)
    if target.condition is None:
        decided = evaluation.decide(target.decision, element)
    else:
        evaluation.restart()
        env = evaluation.env_for(element, Env(on))
        try:
            found = evaluation.eval(target.condition, env) if isinstance(env, Env) else env
        except BudgetExceeded:
            found = TOO_LONG
        decided = Decided(found)
    return Replayed(dict(data), on, evaluation, decided, refused)


def element_at(situation: Situation, path: Path) -> Element | None:
    if not path:
        return None
    return next((e for e in situation.elements() if e.path == path), None)


def completed(
    program: core.Program, values: frozenset[int], target: Target, data: dict[str, Any], on: date
) -> Replayed:
    """*data* decided, with what the answer still asks told, as little as can be."""
    found = replay(program, values, target, data, on)
    for _ in range(MOST_FILLINGS):
        outcome = found.decided.outcome
        if not isinstance(outcome, Unknown) or not outcome.weights:
            break
        data = deepcopy(data)
        for path in outcome.questions:
            tell(program, data, path, on)
        found = replay(program, values, target, data, on)
    return found


def tell(program: core.Program, data: dict[str, Any], path: Path, on: date) -> None:
    """Say something plain at *path*, of which nothing is said."""
    here: Any = data
    fields: Mapping[str, core.Field] = program.roots
    for part, after in zip(path, (*path[1:], None), strict=True):
        if isinstance(part, int):
            if part >= len(here):
                return
            here = here[part]
            continue
        field = fields[part]
        if after is None:
            here.setdefault(part, _plain(program, field, on))
            return
        kind = field.type.item if isinstance(field.type, ListType) else field.type
        assert isinstance(kind, EntityType)
        fields = program.entities[kind.name].fields
        here = here.setdefault(part, [] if isinstance(field.type, ListType) else {})
        if here is None:
            return


def _plain(program: core.Program, field: core.Field, on: date) -> Any:
    if field.optional:
        return None
    low = field.bounds[0] if field.bounds else None
    match field.type:
        case ListType():
            return []
        case EntityType():
            return {}
        case EnumType(name):
            return next(iter(program.enumerations[name].members))
        case Scalar(kind):
            if low is not None:
                return low
            plain: dict[Kind, Any] = {
                Kind.BOOL: False, Kind.INT: 0, Kind.DECIMAL: Fraction(0), Kind.RATE: Fraction(0),
                Kind.AMOUNT: Amount(0), Kind.DATE: on, Kind.DURATION: Duration(0, 0),
                Kind.PERIOD: DateRange(on, on), Kind.OPEN_PERIOD: DateRange(on, on),
                Kind.TEXT: "texte",
            }  # fmt: skip
            return plain[kind]
    raise AssertionError(field.type)


# ── the fewest facts ─────────────────────────────────────────────────────────────────────


def smallest(
    data: dict[str, Any], keep: Path, still: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """*data* without the facts that are not needed for *still* to be true of it.

    The element at *keep* stays.
    """
    for path in reversed(list(_leaves(data, ()))):
        if keep[: len(path)] == path:
            continue
        less = deepcopy(data)
        holder: Any = less
        for part in path[:-1]:
            holder = holder[part]
        if isinstance(path[-1], int) and path[-1] != len(holder) - 1:
            continue
        del holder[path[-1]]
        if still(less):
            data = less
    return data


def _leaves(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for rank, inner in enumerate(value):
            yield (*path, rank)
            yield from _leaves(inner, (*path, rank))


# ── the model against the interpreter ────────────────────────────────────────────────────


def agrees(model: z3.ModelRef, found: Sym, outcome: Outcome, kind: Type, names: Names) -> bool:
    """Whether *found* is *outcome* in *model*."""
    known = is_known(outcome)
    if known is not holds_in(model, found.known):
        return False
    if not known:
        return isinstance(outcome, Unknown) is holds_in(model, found.unk) and (
            not isinstance(outcome, Unknown) or not outcome.weights
        )
    present = holds_in(model, found.present)
    if outcome is None or not present:
        return outcome is None and not present
    if found.value is None:
        return False
    value = read(model, found.value, kind, names)
    if isinstance(value, tuple):
        return isinstance(outcome, tuple) and set(value) == set(outcome)
    return isinstance(value, bool) is isinstance(outcome, bool) and bool(value == outcome)
