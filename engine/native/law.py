"""A law as one module of machine code: a function for each decision that is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import attrs
from llvmlite import ir

from lexald.dsl import program as core
from lexald.dsl.program import Field
from lexald.dsl.types import DATE, EntityType, ListType, Type

from ..environment import version_on
from ..lowering.layout import Ceiling, Layout, callees_first
from ..lowering.totality import Totality
from ..reach import reach
from ..stretches import reached, rules_of, tried_of
from .calendar import Calendar
from .code import ABSENT, I64, MOST_BITS, SECOND, SIGNATURE, Body, Code, Unwritten, number, width
from .decisions import decide
from .peers import LINE, line_width, steps_of
from .records import COUNT, HEAD, MORE, NO_ONE, Kept, Records, Untold
from .sites import asked_once
from .writing import Scope, Writing

# Over what facts that are fractions are kept: a fact that needs more is not plain.
FRACTION = 10**6
# Pieces of law of more nodes than this are not worked out before it is known that they count.
CHEAP = 8


@attrs.define(eq=False)
class Unit:
    """The function of a decision, and what its result may be."""

    function: Any
    bits: int = MOST_BITS
    unknown: bool = True
    inapplicable: bool = True


@attrs.frozen(eq=False)
class Apart:
    """A function of numbers, and what its result may be."""

    function: Any
    den: int
    bits: int
    unknown: bool
    absent: bool
    inapplicable: bool


class NativeLaw:
    """The decisions *names* of a law and all that they read, in machine code.

    Args:
        records: where the facts that the table tells stand; places are added.
        places: the entities that the table has places for.
        bits_of: for facts that have bounds, how many bits their values have at most.
        sure: facts that are always told.
        text: the number of a text or of a member.
    """

    def __init__(
        self,
        program: core.Program,
        names: Sequence[str],
        records: Records,
        places: Collection[str],
        bits_of: Mapping[tuple[str, str], int],
        sure: frozenset[tuple[str, str]],
        text: Callable[[str], int],
    ) -> None:
        self.program = program
        self.text = text
        self.bits_of = bits_of
        self.sure = sure
        self.layout = Layout(program, HEAD, fraction=FRACTION, by_day=True)
        self.totality = Totality(self.layout)
        self.module = ir.Module("law")
        self.calendar = Calendar(self.module)
        self.records = records
        # What is not written in machine code: situations that need it are not plain.
        self.unwritten: list[object] = []
        self.units: dict[str, Unit] = {}
        self._tables: dict[object, Apart] = {}
        self._peers: dict[object, Any] = {}
        self._undated: dict[str, tuple[date, bool] | None] = {}
        self._cheap: dict[int, tuple[core.Expr, bool]] = {}
        asked = [*names, *self._asked_by_forbidden()]
        self.decisions = reach(program, asked).decisions
        self.once = asked_once(program, self.decisions, names)
        self._places()
        self.tails = dict(self._tails())
        self.untold = Untold(self._untold(places), self._open(), NO_ONE + records.largest, FRACTION)
        # Where the record of the situation is: after that of no one, and what no column tells.
        self.root = self.untold.after
        for name in sorted(self.decisions):
            function = ir.Function(self.module, SIGNATURE, f"d.{name}")
            function.linkage = "internal"
            self.units[name] = Unit(function)
        sizes = dict(records.size)
        for name in callees_first(program, sorted(self.decisions)):
            self._write(program.decisions[name])
        assert records.size == sizes, "all places are made before anything is written"

    def _asked_by_forbidden(self) -> Iterator[str]:
        for rule in self.program.forbidden:
            for node in core.parts(rule.condition):
                if isinstance(node, core.DecisionValue):
                    yield node.name

    def _untold(self, places: Collection[str]) -> Iterator[tuple[str, Field]]:
        """The facts that are read of what is at *places* and that no column tells."""
        rules = [rules_of(self.program.decisions[name]) for name in self.decisions]
        conditions = [rule.condition for rule in self.program.forbidden]
        read = {
            node.name
            for node in core.parts((*rules, *conditions))
            if isinstance(node, core.Fact | core.Root)
        }
        for entity in sorted({"", *places}):
            fields = self.program.entities[entity].fields if entity else self.program.roots
            event = self.program.entities[entity].event if entity else None
            for name in sorted(read & fields.keys() | ({event} if event else set())):
                if self.records.fact(entity, name) is None:
                    yield entity, fields[name]

    def _open(self) -> Iterable[Type]:
        """The types of which the law may leave a value open."""
        program = self.program
        decided = {program.decisions[name].type for name in self.decisions}
        looked_up = {table.type for table in program.tables.values()}
        kept = {parameter.type for parameter in program.parameters.values()}
        kinds = decided | looked_up | kept
        return sorted((k for k in kinds if not isinstance(k, ListType | EntityType)), key=str)

    def _tails(self) -> Iterator[tuple[int, Type]]:
        """The types of what the law does not say, where a rule comes to it: by identity."""
        for name in self.decisions:
            decision = self.program.decisions[name]
            for rule in (decision.general, *decision.exceptions):
                values = [v.value for v in rule.versions if isinstance(v, core.RuleVersion)]
                while values:
                    match values.pop():
                        case core.Noted(operand):
                            values.append(operand)
                        case core.Choice(_, then, otherwise):
                            values += then, otherwise
                        case core.Undetermined() as found:
                            yield id(found), decision.type

    def _places(self) -> None:
        """A place for each thing that is kept, before anything is written."""
        for name in sorted(self.decisions):
            decision = self.program.decisions[name]
            entity = decision.entity or ""
            if name not in self.once:
                self.records.keep(entity, name, width(decision.type))
            for rule in (decision.general, *decision.exceptions):
                rank = 0
                while steps := steps_of(rule, rank):
                    ceiling = Ceiling(name, rule.label, rank)
                    self.records.keep(entity, ("line", ceiling), LINE + line_width(steps))
                    self.records.keep(entity, ("ceiling", ceiling), 1)
                    rank += 1
            for node in core.parts(rules_of(decision)):
                if isinstance(node, core.Sequence):
                    self.records.keep(node.entity, ("previous", node), 1)

    # ── functions ────────────────────────────────────────────────────────────────────────

    def _write(self, decision: core.Decision) -> None:
        unit = self.units[decision.name]
        body = Body.of_law(unit.function)
        b, here, on = body.b, body.element, body.on
        kept = None
        if decision.name not in self.once:
            kept = self._kept(body, decision)
        writing = Writing(self, body)
        scope = Scope(decision.entity or "", here, on, date.min, None)
        if isinstance(decision.type, ListType):
            code = body.unwritten(None)  # its items are written where they are asked for
        else:
            code = decide(writing, decision, scope)
        if not code.values:
            code = code.with_(values=body.nothing(decision.type).values)
        if not decision.optional and code.absent is not None:
            body.odd_if(code.absent)
            code = code.with_(absent=None)
        packed = body.packed(code.with_(kind=decision.type))
        if kept is not None:
            for rank, value in enumerate(packed):
                body.store(value, here, kept.result + rank)
            body.store(on, here, kept.day)
        if len(packed) == 2:
            b.store(packed[1], body.flag(SECOND))
        b.ret(packed[0])
        body.close()
        unit.bits = code.bits
        unit.unknown = code.unknown is not None
        unit.inapplicable = code.inapplicable is not None

    def _kept(self, body: Body, decision: core.Decision) -> Kept:
        """Where the result of *decision* is kept; what was kept for this day is the answer."""
        b, here = body.b, body.element
        kept = self.records.keep(decision.entity or "", decision.name, width(decision.type))
        worked_out = body.load(here, kept.day)
        with b.if_then(body.equal(worked_out, body.on)):
            if width(decision.type) == 2:
                b.store(body.load(here, kept.result + 1), body.flag(SECOND))
            b.ret(body.load(here, kept.result))
        # Where days take turns, it is worked out again at each.
        otherwise = body.less(number(-1), worked_out)
        with (
            b.if_then(otherwise, likely=False),
            b.if_then(body.spend(number(1)), likely=False),
        ):
            b.ret(number(NO_ONE))
        return kept

    def table_function(
        self, key: object, n_arguments: int, write: Callable[[Writing, Sequence[Any]], Code]
    ) -> Apart:
        """A function of the flags and some numbers, written once: what *write* writes."""
        found = self._tables.get(key)
        if found is None:
            kinds = [I64.as_pointer(), *[I64] * n_arguments]
            name = f"t.{len(self._tables)}"
            function = ir.Function(self.module, ir.FunctionType(I64, kinds), name)
            function.linkage = "internal"
            body = Body(function)
            body.flags = function.args[0]
            start = body.b.block
            try:
                code = write(Writing(self, body), function.args[1:])
            except Unwritten:
                body.mend(start, 2)
                code = body.unwritten(None)
            packed = body.packed(code)
            if len(packed) == 2:
                body.b.store(packed[1], body.flag(SECOND))
            body.b.ret(packed[0])
            body.close()
            found = self._tables[key] = Apart(
                function, code.den, code.bits, code.unknown is not None,
                code.absent is not None, code.inapplicable is not None,
            )  # fmt: skip
        return found

    def peer_function(
        self,
        key: tuple[str, object],
        write: Callable[[Writing, Scope], Any],
        entity: str,
        parts: Sequence[core.Expr],
    ) -> Any:
        """A function about an element among those of its list, which keeps what it gives.

        *parts*: expressions that it writes, all of one stretch of law.

        Raises:
            Unwritten: they change with time.
        """
        function = self._peers.get(key)
        if function is not None:
            return function
        if self.layout.days(tuple(parts)):
            raise Unwritten
        function = ir.Function(self.module, SIGNATURE, f"p.{len(self._peers)}")
        function.linkage = "internal"
        self._peers[key] = function
        kept = self.records.keep(entity, key, 1)
        body = Body.of_law(function)
        b = body.b
        worked_out = body.load(body.element, kept.day)
        # What is kept of no one may be a record of another situation, or no record.
        someone = body.not_(body.is_(body.element, NO_ONE))
        with b.if_then(b.and_(body.equal(worked_out, body.on), someone)):
            b.ret(body.load(body.element, kept.result))
        count = b.and_(body.load(body.element, COUNT), number(MORE - 1))
        otherwise = body.less(number(-1), worked_out)
        with (
            b.if_then(otherwise, likely=False),
            b.if_then(body.spend(b.add(b.mul(count, count), number(1))), likely=False),
        ):
            b.ret(number(ABSENT))
        scope = Scope(entity, body.element, body.on, date.min, None)
        here, before = b.block, len(function.blocks)
        try:
            found = write(Writing(self, body), scope)
        except Unwritten:
            body.mend(here, before)
            self.unwritten.append(key)
            body.odd()
            found = number(ABSENT)  # no one goes back further
        body.store(found, body.element, kept.result)
        body.store(body.on, body.element, kept.day)
        b.ret(found)
        body.close()
        return function

    def undated(self, name: str) -> tuple[date, bool] | None:
        """The latest day of the law of decision *name*, of an element whose day is not known, and
        whether it has one law whatever the day.

        `None`: the day may be read, or there is some law on the first stretch: what it comes to
        then is not written.
        """
        if name not in self._undated:
            self._undated[name] = self._without_day(name)
        return self._undated[name]

    def _without_day(self, name: str) -> tuple[date, bool] | None:
        program = self.program
        decision = program.decisions[name]
        nodes = reached(program, rules_of(decision), at_their_own=False)
        if any(isinstance(node, _OF_A_DAY) for node in nodes):
            return None
        found = tried_of(program, name)
        first, latest = found.days[0], found.days[-1]
        if len(found.days) == 1:
            return latest, True
        rules = (decision.general, *decision.exceptions)
        in_force = (isinstance(version_on(r.versions, first), core.RuleVersion) for r in rules)
        if decision.applicable is not None or any(in_force):
            return None
        return latest, False

    # ── what expressions are ─────────────────────────────────────────────────────────────

    def kind(self, expr: core.Expr) -> Type | None:
        """The type of *expr*, as far as what is put in its place needs it."""
        match expr:
            case core.Noted(operand):
                return self.kind(operand)
            case core.DecisionValue(name):
                return self.program.decisions[name].type
            case core.TableValue(name):
                return self.program.tables[name].type
            case core.ParameterValue(name):
                return self.program.parameters[name].type
            case core.Arithmetic(type=kind) | core.Extremum(type=kind) | core.Walk(type=kind):
                return kind
            case core.Choice(_, then, otherwise):
                return self.kind(then) or self.kind(otherwise)
            case core.AsOf(content=content) | core.Supposing(content=content):
                return self.kind(content)
            case core.Staged(value):
                return self.kind(value)
            case core.Fact(_, name):
                kinds = {
                    e.fields[name].type for e in self.program.entities.values() if name in e.fields
                }
                return kinds.pop() if len(kinds) == 1 else None
            case core.Shift() | core.Edge():
                return DATE
        return TRUTHS.get(type(expr))

    def is_cheap(self, expr: core.Expr) -> bool:
        """Whether *expr* costs no more than to ask whether it counts."""
        found = self._cheap.get(id(expr))
        if found is None:
            nodes = list(core.parts(expr))
            cheap = len(nodes) <= CHEAP and not any(isinstance(n, _DEAR) for n in nodes)
            found = self._cheap[id(expr)] = expr, cheap
        return found[1]


# What reads the day, or the elements beside.
_OF_A_DAY = (
    core.ConsideredDate, core.AsOf, core.Supposing, core.Previous, core.SharedCap, core.Groups,
)  # fmt: skip
_DEAR = (
    core.DecisionValue, core.Walk, core.AsOf, core.Supposing, core.TableValue, core.Previous,
    core.Shift, core.Gap, core.IsIn, core.Builtin,
)  # fmt: skip


def _truths() -> dict[type, Type]:
    from lexald.dsl.types import BOOL

    kinds = (
        core.Not, core.All, core.Some, core.Count, core.Compare, core.IsOneOf, core.IsIn,
        core.IsPresent, core.IsApplicable, core.Covers, core.Overlaps,
    )  # fmt: skip
    return dict.fromkeys(kinds, BOOL)


TRUTHS = _truths()
