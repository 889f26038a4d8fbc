"""The situations that are considered: one element, those around it, and their facts, none known.

A fact is made when it is first read, with what holds of any: its bounds, the days of its month.
Lists hold a few elements, and only when a walk over them has to be looked into.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import z3

from lexald.dsl import program as core
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar, Type
from lexald.dsl.values import Amount, Duration

from . import calendar
from .calendar import FIRST_RECKONED, FIRST_YEAR, LAST_RECKONED, LAST_YEAR, Day
from .terms import Truth, at_most, conj, disj, equal, iff, neg
from .values import Beyond, Elem, Length, Members, Names, Slots, Stretch, Sym, equal_values

Path = tuple["str | int", ...]

# What a fact may be, at most; all are stated in the reference.
MOST = 10**9
MOST_MONTHS = 2_400
MOST_DAYS = 73_000


class World:
    """The situations of one question.

    Args:
        bound: how many elements a list holds at most.
    """

    def __init__(self, program: core.Program, bound: int) -> None:
        self.program = program
        self.bound = bound
        self.names = Names()
        for enumeration in program.enumerations.values():
            for member in enumeration.members:
                self.names.number(member)
        self.holds: list[Truth] = []
        # What makes a situation easy to find, when any will do.
        self.easy: list[Truth] = []
        self.facts: dict[Path, tuple[core.Field, Sym]] = {}
        self.lists: dict[Path, Slots] = {}
        self.elements: dict[Path, Elem] = {}
        self.focus: Elem | None = None
        self._homes = _homes(program)
        self._made = 0

    def hold(self, truth: Truth) -> None:
        if truth is not True:
            self.holds.append(truth)

    # ── elements ─────────────────────────────────────────────────────────────────────────

    def stand_in(self, entity: str) -> Elem:
        """Any element of *entity*: the one that the question is about."""
        self.focus = self.element(self._homes[entity])
        return self.focus

    def element(self, path: Path) -> Elem:
        found = self.elements.get(path)
        if found is None:
            entity, owner = self._describe(path)
            found = self.elements[path] = Elem(entity, path, owner)
        return found

    def _describe(self, path: Path) -> tuple[str, Elem | None]:
        """The entity of what stands at *path*, and the element that it belongs to."""
        program = self.program
        names = [part for part in path if isinstance(part, str)]
        entity = _item(program.roots[names[0]].type)
        holder: Path = ()
        held: Path = path[: 2 if len(path) > 1 and isinstance(path[1], int) else 1]
        owner = self._root_owner(entity)
        for name in names[1:]:
            holder = held
            declared = program.entities[entity]
            kind = declared.fields[name].type
            step = 2 if isinstance(kind, ListType) else 1
            held = path[: len(holder) + step]
            parent, entity = entity, _item(kind)
            is_own = program.entities[entity].owner == parent
            owner = self.element(holder) if is_own else self._root_owner(entity)
        return entity, owner

    def _root_owner(self, entity: str) -> Elem | None:
        root = self.program.owner_root(entity)
        return None if root is None else self.element((root,))

    # ── facts ────────────────────────────────────────────────────────────────────────────

    def root(self, name: str) -> Sym:
        return self._at((name,), self.program.roots[name])

    def fact(self, element: Elem, name: str) -> Sym:
        field = self.program.entities[element.entity].fields[name]
        return self._at((*element.path, name), field)

    def _at(self, path: Path, field: core.Field) -> Sym:
        found = self.facts.get(path)
        if found is None:
            made = self._make(path, field)
            self.facts[path] = found = (field, made)
        return found[1]

    def _make(self, path: Path, field: core.Field) -> Sym:
        name = ".".join(map(str, path))
        kind = field.type
        if isinstance(kind, EntityType):
            present: Truth = z3.Bool(f"{name}?") if field.optional else True
            if self.focus is not None and self.focus.path[: len(path)] == path:
                present = True
            return Sym(self.element(path), present)
        if isinstance(kind, ListType) and isinstance(kind.item, EntityType):
            return Sym(self.slots(path))
        value = self.value(name, kind)
        self._bounded(value, field)
        return Sym(value, z3.Bool(f"{name}?") if field.optional else True)

    def slots(self, path: Path) -> Slots:
        found = self.lists.get(path)
        if found is None:
            items: list[tuple[Truth, Elem]] = []
            before: Truth = True
            for rank in range(self.bound):
                place = (*path, rank)
                here: Truth = True
                if self.focus is None or self.focus.path[: len(place)] != place:
                    here = z3.Bool(".".join(map(str, place)))
                if here is not True and before is not True:
                    self.hold(z3.Implies(here, before))
                items.append((here, self.element(place)))
                before = here
            found = self.lists[path] = Slots(tuple(items))
        return found

    # ── values of a type ─────────────────────────────────────────────────────────────────

    def fresh(self, what: str) -> str:
        self._made += 1
        return f"{what}#{self._made}"

    def day(self, name: str, *, far: bool = False) -> Day:
        """A date; *far*: a reckoned one, that no bound of years holds."""
        years = (FIRST_RECKONED, LAST_RECKONED) if far else (FIRST_YEAR, LAST_YEAR)
        found, rules = calendar.made(z3.Int, name, *years)
        for rule in rules:
            self.hold(rule)
        self.easy.append(at_most(found.day, 28))
        return found

    def value(self, name: str, kind: Type, *, far: bool = False) -> Any:
        """Any value of *kind*. *far*: one that is reckoned, and not told."""
        match kind:
            case EnumType(enumeration):
                number = z3.Int(name)
                members = self.program.enumerations[enumeration].members
                self.hold(disj(*(equal(number, self.names.number(m)) for m in members)))
                return number
            case ListType(EnumType(enumeration)):
                members = self.program.enumerations[enumeration].members
                return Members({m: z3.Bool(f"{name}∋{m}") for m in members}, far)
            case Scalar():
                return self._scalar(name, kind.kind, far)
        raise Beyond(f"{kind}")

    def _scalar(self, name: str, kind: Kind, far: bool) -> Any:
        match kind:
            case Kind.BOOL:
                return z3.Bool(name)
            case Kind.INT | Kind.AMOUNT:
                number = z3.Int(name)
                if not far:
                    self.hold(conj(at_most(-MOST, number), at_most(number, MOST)))
                return number
            case Kind.DECIMAL | Kind.RATE | Kind.EXACT:
                number = z3.Real(name)
                if not far:
                    self.hold(conj(at_most(-MOST, number), at_most(number, MOST)))
                return number
            case Kind.TEXT:
                return z3.Int(name)
            case Kind.DATE:
                return self.day(name, far=far)
            case Kind.DURATION:
                length = Length(z3.Int(f"{name}:mois"), z3.Int(f"{name}:jours"))
                for part, most in ((length.months, MOST_MONTHS), (length.days, MOST_DAYS)):
                    least = -3 * most if far else 0
                    self.hold(conj(at_most(least, part), at_most(part, 3 * most if far else most)))
                return length
            case Kind.PERIOD | Kind.OPEN_PERIOD:
                first, last = (self.day(f"{name}:{end}", far=far) for end in ("début", "fin"))
                ends: Truth = True if kind is Kind.PERIOD else z3.Bool(f"{name}:finie")
                if not far:
                    self.hold(disj(neg(ends), at_most(first.key, last.key)))
                return Stretch(first, ends, last)

    def _bounded(self, value: Any, field: core.Field) -> None:
        if field.bounds is None:
            return
        low, high = field.bounds
        match low, high:
            case Amount(least), Amount(most):
                self.hold(conj(at_most(least, value), at_most(value, most)))
            case (int() | Fraction(), int() | Fraction()):
                self.hold(conj(at_most(low, value), at_most(value, high)))
            case date(), date():
                self.hold(
                    conj(at_most(Day.of(low).key, value.key), at_most(value.key, Day.of(high).key))
                )
            case Duration(), Duration():
                if low.days == high.days == 0:
                    self.hold(
                        conj(
                            at_most(low.months, value.months),
                            at_most(value.months, high.months),
                            equal(value.days, 0),
                        )
                    )
                elif low.months == high.months == 0:
                    self.hold(
                        conj(
                            at_most(low.days, value.days),
                            at_most(value.days, high.days),
                            equal(value.months, 0),
                        )
                    )

    # ── what is any outcome ──────────────────────────────────────────────────────────────

    def anything(self, what: str, kind: Type, *, optional: bool, unk: bool, na: bool) -> Sym:
        """Any outcome of *kind*: what is not looked into."""
        name = self.fresh(what)
        flags = {
            "unk": z3.Bool(f"{name} inconnu") if unk else False,
            "na": z3.Bool(f"{name} sans objet") if na else False,
            "bad": z3.Bool(f"{name} en erreur"),
            "oof": z3.Bool(f"{name} hors vigueur"),
        }
        found = Sym(
            self.value(name, kind, far=True),
            z3.Bool(f"{name} présent") if optional else True,
            **flags,
        )
        self.hold(z3.Implies(flags["oof"], flags["bad"]))
        for one, other in (("bad", "na"), ("bad", "unk"), ("na", "unk")):
            self.hold(neg(conj(flags[one], flags[other])))
        return found

    def define(self, found: Sym, body: Sym) -> None:
        """*found*, which was anything, is *body*."""
        for one, other in (
            (found.bad, body.bad), (found.oof, body.oof), (found.na, body.na), (found.unk, body.unk)
        ):  # fmt: skip
            self.hold(iff(one, other))
        self.hold(disj(neg(body.known), iff(found.present, body.present)))
        if body.value is not None:
            same = equal_values(found.value, body.value)
            self.hold(disj(neg(conj(body.known, body.present)), same))


def _item(kind: Type) -> str:
    if isinstance(kind, ListType):
        kind = kind.item
    assert isinstance(kind, EntityType)
    return kind.name


def _homes(program: core.Program) -> dict[str, Path]:
    """Where one element of each entity stands, nearest to the roots."""
    found: dict[str, Path] = {}
    todo: list[tuple[Path, Any]] = [((), program.roots)]
    while todo:
        path, fields = todo.pop(0)
        for name, field in fields.items():
            kind = field.type
            rank: Path = ()
            if isinstance(kind, ListType):
                kind, rank = kind.item, (0,)
            if isinstance(kind, EntityType) and kind.name not in found:
                found[kind.name] = (*path, name, *rank)
                todo.append((found[kind.name], program.entities[kind.name].fields))
    return found
