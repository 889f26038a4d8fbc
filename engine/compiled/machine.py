"""Runs generated code on situations, and asks the interpreter what that code leaves open.

The program is loaded, and the interpreter imported, only when something is asked of it.
"""

from __future__ import annotations

import sys

from .forbidden import is_refused, rules
from .numbers import fraction
from .readers import Odd
from .runtime import (
    BAD,
    BOUNDED,
    ERA,
    INAPPLICABLE,
    ON,
    OWNER,
    PARTIAL,
    PATH,
    PEERS,
    ROOT,
    UNKNOWN,
    VIEWS,
    Eras,
    N,
    Not,
    Open,
    Slow,
    at,
    date,
    path_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import ModuleType
    from typing import Any

    from lexald.dsl.program import Program

    from ..elements import Element, Situation
    from ..environment import Decided
    from ..interpreter import Evaluation
    from ..lowering.layout import Layout
    from ..outcomes import FactPath, Outcome
    from .module import Generated

# As for the interpreter: decisions call one another as deep as the law is, never as lists are long.
FRAMES = 100_000
# Ways to ask that are kept.
MAX_NAMES = 1_000


class Machine:
    """A compiled law.

    Args:
        module: what `generate` wrote, loaded.
        program: the program that it was generated from, or what loads it when it is needed.
    """

    def __init__(self, module: Any, program: Program | Callable[[], Program]) -> None:
        self.module = module
        self._program = program
        self.eras = Eras(module)
        self.names = list(module.DECISIONS)
        self.has_forbidden = bool(module.FORBIDDEN)
        self._plain: dict[Any, tuple[str, ...] | None] = {}
        # What prepared decisions are written from: see `prepared.function`.
        self.layouts: dict[frozenset[str], Layout] = {}
        self.read_into: Callable[[Any, Any], None] = module.read
        # The situation as a whole: its owner is the law by eras, its views what it was copied from.
        self.blank: list[Any] = module.BLANKS[""][:]
        self.blank[OWNER] = self.eras
        self.plans = Plans(module)
        self.forbidden = rules(module)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), FRAMES))

    @property
    def program(self) -> Program:
        if callable(self._program):
            self._program = self._program()
        return self._program

    def read(self, data: Any) -> Run | None:
        """The situation that *data* tells; `None` if it is not plainly right."""
        if data.__class__ is not dict:
            return None
        run = Run(self, data, None)
        try:
            self.read_into(data, run.root)
        except Odd:
            return None
        return run

    def of(self, situation: Situation) -> Run | None:
        """*situation* as generated code reads it; `None` if its numbers are too large for it."""
        from .translation import Translation

        run = Run(self, None, situation)
        try:
            Translation(self, run).whole(situation)
        except Odd:
            return None
        return run

    def plain(self, names: Sequence[str]) -> tuple[str, ...] | None:
        """The decisions that *names* mean, if each means one; `None`: the interpreter will say."""
        key = names if names.__class__ is tuple else tuple(names)
        found = self._plain.get(key)
        if found is None and key not in self._plain:
            found = self._whole_names(key)
            if len(self._plain) < MAX_NAMES:
                self._plain[key] = found
        return found

    def _whole_names(self, names: tuple[str, ...]) -> tuple[str, ...] | None:
        found: dict[str, None] = {}
        for name in names:
            whole = [name]
            if name not in self.module.DECISIONS:
                whole = [n for n in self.names if name == n.rpartition(".")[2]]
            if len(whole) != 1:
                return None
            found[whole[0]] = None
        return tuple(found)


class Plan:
    """How a decision is asked: see `module`. *single*: the root that is the one element."""

    __slots__ = ("den", "entity", "has_day", "kind", "place", "single", "unit")

    def __init__(
        self,
        place: int,
        unit: int,
        kind: str,
        den: int,
        entity: str,
        single: int | None,
        has_day: bool,
    ) -> None:
        self.place = place
        self.unit = unit
        self.kind = kind
        self.den = den
        self.entity = entity
        self.single = single
        self.has_day = has_day


class Plans(dict[str, Plan]):
    """How each decision is asked, by its name: made when it is first asked.

    Raises:
        KeyError: no such decision.
    """

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def __missing__(self, name: str) -> Plan:
        module = self.module
        place, unit, den, kind, entity = module.DECISIONS[name].split(" ")
        single = module.SINGLES.get(entity) if entity else None
        plan = Plan(int(place), int(unit), kind, int(den), entity, single, entity in module.EVENTS)
        self[name] = plan
        return plan


def compiled(program: Program) -> Machine:
    """*program* as a machine of its own code."""
    from .module import generate

    return Machine(loaded(generate(program)), program)


def loaded(written: Generated) -> ModuleType:
    """The module that `generate` wrote; its parts are compiled when they are asked for."""

    def part(number: int) -> dict[str, Any]:
        names: dict[str, Any] = {"__name__": f"lexald_generated.part_{number}"}
        code = compile(written.parts[number], f"<lexald generated, part {number}>", "exec")
        exec(code, names)  # noqa: S102  (our text)
        return names

    module = type(sys)("lexald_generated")
    exec(compile(written.base, "<lexald generated>", "exec"), module.__dict__)  # noqa: S102
    module.__dict__["part"] = part
    return module


class Run:
    """One situation, as generated code reads it, at any date of law."""

    on: date
    # Lists of which an order or a ceiling is left to the interpreter.
    muddled: set[Any]
    # Every element with its entity, where the lists alone do not tell them.
    every: Sequence[tuple[str, Any]] | None = None
    slowed = 0  # decisions that the interpreter answered
    _elements: dict[FactPath, Element] | None = None
    _index: dict[FactPath, Any] | None = None

    def __init__(self, machine: Machine, data: Any, situation: Situation | None) -> None:
        self.machine = machine
        self._data = data
        self._situation = situation
        root = self.root = machine.blank[:]
        root[ROOT] = root
        root[PEERS] = self
        root[PATH] = ()

    def __getattr__(self, name: str) -> Any:
        # What few situations need is made when it is first asked for.
        if name == "muddled":
            self.muddled = set()
            return self.muddled
        if name == "_evaluations":
            self._evaluations: dict[date, Evaluation] = {}
            return self._evaluations
        if name == "_worlds":
            self._worlds: dict[Any, Run] = {}
            return self._worlds
        raise AttributeError(name)

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def found(self, name: str, element: Any, on: date) -> Any:
        """What decision *name* comes to for *element* (of this run), as generated code keeps it."""
        return self.decided(self.machine.plans[name], element, on)

    def decided(self, plan: Plan, element: Any, on: date) -> Any:
        """As `found`."""
        self.on = on
        e = self.root if element is None else element
        if not plan.has_day:
            if e[ON] is None and e[VIEWS].__class__ is list:
                # As `at` does, without the price of a call: it is the commonest.
                e[ERA] = self.machine.eras.at(on)
                e[ON] = on
            else:
                e = at(e, on)
        found = e[plan.place]
        if found is not N:
            return found
        try:
            return e[ERA][plan.unit](e)
        except Exception as bug:
            from .places import places

            for place in places(bug)[:1]:
                bug.add_note(f"droit : {place}")
            raise

    def outcome(self, name: str, element: Any, on: date) -> Outcome:
        """What decision *name* answers for *element*, at the law of *on*."""
        plan = self.machine.plans[name]
        return self.told_as(plan, self.decided(plan, element, on), element, on)

    def told_as(self, plan: Plan, found: Any, element: Any, on: date) -> Outcome:
        """What was *found*, as the language has it."""
        if found.__class__ is Not:
            if found.outcome is not None:
                return found.outcome
            if found.rank == INAPPLICABLE:
                from ..inapplicable import NotApplicable

                return NotApplicable(found.said)
        elif plan.kind == "":
            return found
        elif plan.kind != "x":
            return boxed(found, plan.kind, plan.den)
        name = self.machine.names[plan.unit]
        return self.interpreted(name, () if element is None else path_of(element), on).outcome

    def slow(self, e: Any, unit: int) -> Any:
        """What the interpreter answers, for the decision of *unit*: kept as generated code would."""
        names = self.machine.names
        if unit >= len(names):
            raise Slow
        self.slowed += 1
        name = names[unit]
        plan = self.machine.plans[name]
        outcome = self.interpreted(name, path_of(e), self.on if plan.has_day else e[ON]).outcome
        found = e[plan.place] = self._kept(outcome, plan.kind, plan.den)
        return found

    def _kept(self, outcome: Outcome, kind: str, den: int) -> Any:
        from ..outcomes import Conflict, Failure, NotApplicable, Unknown

        match outcome:
            case Unknown():
                has_bounds = outcome.low is not None and outcome.high is not None
                return Not(BOUNDED if has_bounds else UNKNOWN, "", outcome)
            case NotApplicable():
                return Not(INAPPLICABLE, outcome.decision, outcome)
            case Conflict() | Failure():
                return Not(BAD, "", outcome)
        if kind == "x":
            return self._held(outcome)
        from .translation import unboxed

        return unboxed(outcome, den)

    def _held(self, outcome: Outcome) -> Any:
        """Elements of the interpreter as those of this run."""
        if outcome is None:
            return None
        if hasattr(outcome, "items"):
            return (
                [self.element(item.path) for item in outcome.items] if outcome.complete else PARTIAL
            )
        return self.element(outcome.path)

    # ── the interpreter ──────────────────────────────────────────────────────────────────

    @property
    def situation(self) -> Situation:
        """The situation as the interpreter reads it."""
        if self._situation is None:
            from ..situation import build_situation

            built, _, wrong = build_situation(self.machine.program, self._data)
            assert built is not None, wrong  # what generated readers take is right
            self._situation = built
        return self._situation

    def evaluated(self, on: date) -> Evaluation:
        found = self._evaluations.get(on)
        if found is None:
            from ..interpreter import Evaluation

            found = self._evaluations[on] = Evaluation(self.machine.program, self.situation, on)
        return found

    def world(self, decision: str, path: FactPath, value: Any) -> Run:
        """This run where *decision*, of the element at *path*, answers *value*, as kept here."""
        key = (decision, path, value)
        found = self._worlds.get(key)
        if found is None:
            import attrs

            plan = self.machine.plans[decision]
            supposed = {(decision, path): boxed(value, plan.kind, plan.den)}
            hypotheses = {**self.situation.hypotheses, **supposed}
            found = self.machine.of(attrs.evolve(self.situation, hypotheses=hypotheses))
            if found is None:
                raise Slow
            self._worlds[key] = found
        found.on = self.on
        return found

    def interpreted(self, name: str, path: FactPath, on: date) -> Decided:
        """What the interpreter decides, for the element at *path*."""
        if self._elements is None:
            self._elements = {element.path: element for element in self.situation.elements()}
        return self.evaluated(on).decide(name, self._elements[path] if path else None)

    # ── elements ─────────────────────────────────────────────────────────────────────────

    def element(self, path: FactPath) -> Any:
        """The element of this run at *path*."""
        if self._index is None:
            self._index = {path_of(e): e for _, e in self.elements()}
        return self._index[path]

    def of_entity(self, entity: str) -> Sequence[Any]:
        """The elements of *entity*."""
        place = self.machine.module.SINGLES.get(entity)
        if place is not None:
            e = self.root[place]
            return (e,) if e.__class__ is list else ()
        return [e for of, e in self.elements() if of == entity]

    def told(self) -> set[str]:
        """The roots of which the situation says something."""
        if self._data is None:
            situation = self.situation
            return {
                name for name, value in situation.roots.items() if getattr(value, "facts", True)
            } | {path[0] for _, path in situation.hypotheses if path}  # type: ignore[misc]
        roots = self.machine.module.FACTS[""].split()
        return {
            name
            for name, value in self._data.items()
            if name in roots and (value.__class__ is not dict or value)
        }

    def elements(self) -> Sequence[tuple[str, Any]]:
        """Every element with its entity, parents first, as `Situation.elements` has them."""
        if self.every is None:
            self.every = list(self._walked())
        return self.every

    def _walked(self) -> Iterator[tuple[str, Any]]:
        holders: Mapping[str, Sequence[tuple[int, str]]] = self.machine.module.HELD
        todo: list[tuple[str, Any]] = []

        def held(e: Any, entity: str) -> list[tuple[str, Any]]:
            return [(of, e[place]) for place, of in holders.get(entity, ())]

        todo += held(self.root, "")
        while todo:
            entity, value = todo.pop(0)
            if value.__class__ is not list or not value:
                continue
            if value[0].__class__ is list:
                todo[:0] = [(entity, item) for item in value]
                continue
            yield entity, value
            todo += held(value, entity)

    # ── situations that cannot be ────────────────────────────────────────────────────────

    def is_refused(self, on: date) -> bool:
        """Whether the law declares that the situation cannot be, or the interpreter must say."""
        self.on = on
        return is_refused(self, on)


def boxed(found: Any, kind: str, den: int) -> Any:
    """A value that generated code keeps, as the language has it."""
    if found is None or kind == "":
        return found
    if kind == "f":
        if den == 0:
            return found if found.__class__ is not int else fraction(found)
        return fraction(found, den)
    if kind == "m":
        from lexald.dsl.quantities import Amount

        return Amount(found)
    if kind == "d":
        from lexald.dsl.quantities import Duration

        return Duration(*found)
    if kind == "p":
        from lexald.dsl.dates import DateRange

        return DateRange(*found)
    assert kind[0] == "l", kind
    return tuple(boxed(item, kind[1:], den) for item in found)


__all__ = ["Machine", "Open", "Run", "boxed", "compiled", "loaded"]
