"""A situation that was built, as generated code reads it, and its values."""

from __future__ import annotations

from datetime import date

from .numbers import fraction
from .readers import Odd, dated
from .runtime import OWNER, PARTIAL, PATH, PEERS, ROOT, VIEWS, NoneType, path_of, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..elements import Situation
    from .machine import Machine, Run

# Numbers beyond these are left to the interpreter.
MAX_CENTS = 2**62
MAX_WHOLE = 10**18
MAX_FRACTION = 2**128


def unboxed(value: Any, den: int = 1) -> Any:
    """A value of the language, as generated code keeps it."""
    kind = value.__class__
    if kind in (bool, str, NoneType, date):
        return value
    if kind is int:
        return value * den if den else fraction(value)
    if kind is tuple:
        return tuple(unboxed(item, den) for item in value)
    name = kind.__name__
    if name == "Fraction":
        if den == 0:
            return value
        scaled = value * den
        if scaled.denominator != 1:
            raise Odd
        return int(scaled)
    if name == "Amount":
        return value.cents
    if name == "Duration":
        return (value.months, value.days)
    if name == "DateRange":
        return (value.first, value.last)
    if name == "Plain":
        return str(value)
    raise AssertionError(f"not a value: {kind}")


class Translation:
    """A situation that was built, as elements of a run."""

    def __init__(self, machine: Machine, run: Run) -> None:
        self.machine = machine
        self.run = run
        self.module = machine.module
        self.made: dict[int, Any] = {}

    def whole(self, situation: Situation) -> None:
        root = self.run.root
        for value in situation.elements():
            e = self.module.BLANKS[value.entity][:]
            e[ROOT] = root
            e[PATH] = value.path
            self.made[id(value)] = e
        places = {entity: placed(names) for entity, names in self.module.FACTS.items()}
        for name, value in situation.roots.items():
            root[places[""][name]] = self.value(value)
        for value in situation.elements():
            e = self.made[id(value)]
            e[3] = None if value.owner is None else self.made[id(value.owner)]
            if value.peers is not None:
                e[PEERS] = self.value(value.peers)
            for name, fact in value.facts.items():
                e[places[value.entity][name]] = self.value(fact)
            event = self.module.EVENTS.get(value.entity)
            if event is not None:
                dated(e, e[event], root[OWNER])
        # Of a list that is not complete, generated code sees no element; one may be asked of.
        self.run.every = [(v.entity, self.made[id(v)]) for v in situation.elements()]
        paths = {path_of(e): e for _, e in self.run.every}
        paths[()] = root
        for (name, path), value in situation.hypotheses.items():
            plan = self.machine.plans[name]
            if path not in paths or plan.kind == "x":
                raise Odd
            e = paths[path]
            e[plan.place] = unboxed(_sound(value), plan.den)
            if e[VIEWS] is not None:
                e[VIEWS] = {None: e}  # what is supposed holds on each day

    def value(self, value: Any) -> Any:
        if id(value) in self.made:
            return self.made[id(value)]
        if value.__class__.__name__ == "Elements":
            made = [self.made[id(item)] for item in value.items] if value.complete else PARTIAL
            self.made[id(value)] = made
            return made
        kind = value.__class__
        if kind.__name__ == "Fraction":
            _sound(value)
            return value
        return unboxed(_sound(value))


def _sound(value: Any) -> Any:
    """*value*, whose numbers are not too large."""
    name = value.__class__.__name__
    if name == "Amount" and not -MAX_CENTS < value.cents < MAX_CENTS:
        raise Odd
    if name == "int" and not -MAX_WHOLE < value < MAX_WHOLE:
        raise Odd
    if name == "Fraction" and max(abs(value.numerator), value.denominator) > MAX_FRACTION:
        raise Odd
    if name == "Duration" and max(abs(value.months), abs(value.days)) > MAX_WHOLE:
        raise Odd
    if name == "tuple":
        for item in value:
            _sound(item)
    return value
