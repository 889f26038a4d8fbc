"""Expressions of the core program as machine code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import DateRange
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    EXACT,
    INT,
    PERIOD,
    PERIODS,
    RATE,
    TEXT,
    EntityType,
    EnumType,
    ListType,
    Type,
)
from lexald.dsl.values import Amount, Duration

from ..environment import version_on
from ..lowering.layout import LOOSE, value_denominator
from ..outcomes import Unknown
from ..periods import NEVER
from . import numbers, times
from .code import (
    ABSENT,
    FALSE,
    SECOND,
    TRUE,
    UNKNOWN,
    Body,
    Code,
    Unwritten,
    number,
    same_shape,
    scaled,
    width,
)  # fmt: skip
from .records import DAY, MORE, NO_ONE, OWNER, entity_of, fact_width

if TYPE_CHECKING:
    from .law import NativeLaw

V = TypeVar("V", core.ParameterVersion, core.TableVersion)
# What stands for what the law leaves open is below 2**32, as members and texts are.
_OPEN_BITS = 32
NUMERIC = frozenset({INT, DECIMAL, RATE, AMOUNT, EXACT})


@attrs.frozen(eq=False)
class Scope:
    """Where an expression is written.

    *entity* is that of the record at *here*, ``""`` for the situation. *since*, *until*: the
    stretch of law; *on*: the day that rules; *moved*: it is not that of the record. *variables*
    are those of walks, by name.
    """

    entity: str
    here: Any
    on: Any
    since: date
    until: date | None
    moved: bool = False
    variables: Mapping[str, Code] = attrs.field(factory=dict)
    decision: core.Decision | None = None
    rule: core.Rule | None = None

    def inside(self, variable: str, code: Code) -> Scope:
        return attrs.evolve(self, variables={**self.variables, variable: code})


class Writing:
    """Writes expressions into one function."""

    def __init__(self, law: NativeLaw, body: Body) -> None:
        self.law = law
        self.program = law.program
        self.body = body
        self.b = body.b

    # ── small ────────────────────────────────────────────────────────────────────────────

    def constant(self, value: core.Value, kind: Type | None = None) -> Code:
        """*value*; a number over the least denominator that it fits."""
        match value:
            case None:
                return Code(kind, (), bits=1, absent=TRUE)
            case bool():
                return Code(BOOL, (TRUE if value else FALSE,), bits=1)
            case str():
                return Code(kind or TEXT, (number(self.law.text(value)),), bits=32)
            case Amount(cents):
                return self._number(Fraction(cents), AMOUNT)
            case int() | Fraction():
                return self._number(Fraction(value), INT if isinstance(value, int) else DECIMAL)
            case Duration(months, days):
                return Code(DURATION, (number(months), number(days)), bits=40)
            case date():
                return Code(DATE, (number(value.toordinal()),), bits=times.DAY_BITS)
            case DateRange(first, last):
                end = NEVER if last is None else last.toordinal()
                return Code(PERIOD, (number(first.toordinal()), number(end)), bits=times.DAY_BITS)
        raise Unwritten

    def _number(self, value: Fraction, kind: Type) -> Code:
        den = value_denominator(value)
        if den == LOOSE:
            raise Unwritten
        whole = scaled(value, den)
        if whole.bit_length() > 60:
            raise Unwritten
        return Code(kind, (number(whole),), den, max(1, whole.bit_length()))

    def expr(self, expr: core.Expr, scope: Scope) -> Code:
        """*expr*; what is not written in machine code makes the situation odd."""
        here, before = self.b.block, len(self.body.function.blocks)
        try:
            return self._expr(expr, scope)
        except Unwritten:
            self.body.mend(here, before)
            self.law.unwritten.append(expr)
            found = self.body.unwritten(self.law.kind(expr))
            # With nobody before, what goes back from one to another comes to an end.
            return found.with_(absent=TRUE) if isinstance(expr, core.Previous) else found

    def plain(self, expr: core.Expr, scope: Scope) -> Code:
        """*expr*, which has to be a value or unknown."""
        return self.body.plain(self.expr(expr, scope))

    def truth(self, expr: core.Expr, scope: Scope) -> Code:
        """*expr*, which is true or false, or unknown."""
        return self.value(expr, scope, BOOL)

    def value(self, expr: core.Expr, scope: Scope, kind: Type) -> Code:
        """*expr*, a value of *kind*, or unknown."""
        return self.of_kind(self.plain(expr, scope), kind)

    def of_kind(self, code: Code, kind: Type) -> Code:
        """*code*, what stands in place of a value being of *kind* too."""
        nothing = self.body.nothing(kind)
        if code.values and same_shape(code, nothing):
            return code.with_(kind=kind)
        if code.values:
            self.body.odd()
        return code.with_(kind=kind, values=nothing.values, bits=1)

    # ── elements ─────────────────────────────────────────────────────────────────────────

    def pointer(self, code: Code) -> Any:
        """The record of *code*, an element; that of no one where it is not known to be one."""
        self.body.odd_if(self.body.any_of((code.absent, code.inapplicable)))
        bad = self.body.any_of((code.unknown, code.absent, code.inapplicable))
        return code.value if bad is None else self.b.select(bad, number(NO_ONE), code.value)

    def read(self, place: Any, offset: int, kind: Type, *, optional: bool, sure: bool) -> Code:
        """A fact, at *offset* of the record at *place*; *sure*: it is told."""
        body = self.body
        values = [body.load(place, offset + rank) for rank in range(fact_width(kind))]
        if isinstance(kind, ListType):
            # Where an unknown list starts is whatever; its length says that it is unknown, or that
            # it may have others.
            start, count = values
            unknown = None if sure else body.is_(count, UNKNOWN)
            absent = body.is_(count, ABSENT) if optional else None
            bad = body.any_of((unknown, absent))
            if bad is not None:
                count = self.b.select(bad, number(0), count)
            if unknown is not None:
                unknown = self.b.or_(unknown, body.at_most(number(MORE), count))
                count = self.b.and_(count, number(MORE - 1))
            return Code(kind, (start, count), bits=32, unknown=unknown, absent=absent)
        den, bits = 1, 60
        if kind in (DECIMAL, RATE):
            den = self.law.layout.fraction
        elif kind == DATE or kind in PERIODS:
            bits = times.DAY_BITS
        return body.unpacked(kind, values, unknown=not sure, absent=optional, den=den, bits=bits)

    def fact(self, base: core.Expr, name: str, scope: Scope) -> Code:
        held = self.expr(base, scope)
        entity = entity_of(held.kind)
        if entity is None:
            raise Unwritten
        field = self.program.entities[entity].fields[name]
        offset = self.law.records.fact(entity, name)
        if offset is None:
            self.pointer(held)  # of what is absent nothing is read
            return self.under(held, self._untold(entity, field))
        sure = (entity, name) in self.law.sure
        code = self.read(self.pointer(held), offset, field.type, optional=field.optional, sure=sure)
        bits = self.law.bits_of.get((entity, name))
        if bits is not None:
            code = code.with_(bits=bits)
        return self.under(held, code)

    def _untold(self, entity: str, field: core.Field) -> Code:
        """A fact that no column tells."""
        place = self.law.untold.fact(entity, field.name)
        if place is None:
            return self.body.nothing(field.type).with_(unknown=TRUE)
        return self.read(number(place), 0, field.type, optional=field.optional, sure=False)

    def open(self, kind: Type | None) -> Code:
        """A value of *kind* that the law leaves open: not known, or what stands for it."""
        place = None if kind is None else self.law.untold.open(kind)
        if place is None:
            return Code(kind, self.body.nothing(kind).values if kind else (), bits=1, unknown=TRUE)
        return self.opened(kind, [self.body.load(number(place), n) for n in range(width(kind))])

    def opened(self, kind: Type | None, values: Sequence[Any]) -> Code:
        code = self.body.unpacked(kind, values, bits=_OPEN_BITS)
        if code.kind == BOOL:
            return code
        first = self.b.select(code.unknown, number(0), code.value)
        return code.with_(values=(first, *code.values[1:]))

    def under(self, held: Code, code: Code) -> Code:
        """*code*, read of *held*: not known where that is not."""
        return self.also(code, held.unknown)

    def also(self, code: Code, *unknown: Any) -> Code:
        """*code*, which is not known either where one of *unknown* is true."""
        extra = self.body.any_of(unknown)
        if extra is None:
            return code
        known = self.b.not_(extra)
        # What is not known is not said to be absent, nor not to apply.
        code = code.with_(
            unknown=self.body.any_of((code.unknown, extra)),
            absent=None if code.absent is None else self.b.and_(code.absent, known),
            inapplicable=None
            if code.inapplicable is None
            else self.b.and_(code.inapplicable, known),
        )
        if code.kind == BOOL and code.values:
            return code.with_(values=(self.b.and_(code.value, known),))
        return code

    def owner(self, base: core.Expr, scope: Scope) -> Code:
        held = self.expr(base, scope)
        entity = entity_of(held.kind)
        owner = self.program.entities[entity].owner if entity else None
        if owner is None:
            raise Unwritten
        place = self.body.load(self.pointer(held), OWNER)
        # Of one that is not told, the columns say what there is to say.
        nobody = self.body.less(place, number(0))
        self.body.odd_if(nobody)
        return self.under(
            held, Code(EntityType(owner), (self.b.select(nobody, number(NO_ONE), place),))
        )

    def root(self, name: str) -> Code:
        field = self.program.roots[name]
        offset = self.law.records.fact("", name)
        if offset is None:
            return self._untold("", field)
        sure = ("", name) in self.law.sure
        return self.read(
            number(self.law.root), offset, field.type, optional=field.optional, sure=sure
        )

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def ask(self, name: str, base: core.Expr | None, scope: Scope) -> Code:
        entity = self.program.decisions[name].entity or ""
        held = None
        place, day = number(self.law.root), scope.on
        if entity:
            assert base is not None
            held = self.expr(base, scope)
            place = self.pointer(held)
            if self.program.entities[entity].event:
                return self.under(held, self.at_own_day(name, place))
        code = self.call(name, place, day)
        return code if held is None else self.under(held, code)

    def at_own_day(self, name: str, place: Any) -> Code:
        """Decision *name* of the element at *place*, at the day that rules this.

        Where that is not known, the interpreter asks at each stretch of law, the latest first, and
        what differs is not known. It differs if there is no law on the first: what is left to see
        is that the latest is no error. What is not known then may be whatever.
        """
        entity = self.program.decisions[name].entity or ""
        is_sure = (entity, self.program.entities[entity].event) in self.law.sure
        told = None if is_sure else self.law.undated(name)
        if told is None:
            return self.call(name, place, self.own_day(place))
        latest, is_one = told
        day = self.body.load(place, DAY)
        unknown = self.body.is_(day, UNKNOWN)
        self.body.odd_if(self.b.and_(self.body.less(day, number(1)), self.body.not_(unknown)))
        on = self.b.select(unknown, number(latest.toordinal()), day)
        code = self.call(name, place, on)
        if is_one:
            return code
        kind = self.program.decisions[name].type
        return self.body.choose(unknown, lambda: self.open(kind), lambda: code)

    def own_day(self, place: Any) -> Any:
        """The day that rules the element at *place*; one that is not known is not plain."""
        day = self.body.load(place, DAY)
        self.body.odd_if(self.body.less(day, number(1)))
        return day

    def call(self, name: str, place: Any, day: Any) -> Code:
        decision = self.program.decisions[name]
        unit = self.law.units[name]
        values = [self.b.call(unit.function, [self.body.heap, self.body.flags, place, day])]
        if width(decision.type) == 2:
            values.append(self.b.load(self.body.flag(SECOND)))
        if isinstance(decision.type, ListType):
            raise Unwritten
        return self.body.unpacked(
            decision.type, values,
            unknown=unit.unknown, absent=decision.optional, inapplicable=unit.inapplicable,
            den=self.law.layout.denominators[name], bits=unit.bits,
        )  # fmt: skip

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def _expr(self, expr: core.Expr, scope: Scope) -> Code:
        body = self.body
        match expr:
            case core.Constant(value):
                return self.constant(value)
            case core.Current(entity):
                return Code(EntityType(entity), (scope.here,))
            case core.Variable(name):
                return scope.variables[name]
            case core.Fact(base, name):
                return self.fact(base, name, scope)
            case core.Root(name):
                return self.root(name)
            case core.Owner(base):
                return self.owner(base, scope)
            case core.DecisionValue(name, base):
                return self.ask(name, base, scope)
            case core.Noted(operand):
                return self._expr(operand, scope)
            case core.ParameterValue(name):
                return self._parameter(self.program.parameters[name], scope)
            case core.TableValue():
                from .tables import look_up

                return look_up(self, expr, scope)
            case core.Undetermined():
                return self.open(self.law.tails.get(id(expr)))
            case core.ConsideredDate():
                return Code(DATE, (scope.on,), bits=times.DAY_BITS)
            # Truth.
            case core.Not(operand):
                return body.inverse(self.truth(operand, scope))
            case core.All(operands):
                return self._together(operands, scope, conjunction=True)
            case core.Some(operands):
                return self._together(operands, scope, conjunction=False)
            case core.Count():
                return self._count(expr, scope)
            case core.Compare():
                return self._compare(expr, scope)
            case core.IsOneOf(operand, choices):
                asked = self.expr(operand, scope)
                tests = [self.equals(asked, self.expr(choice, scope)) for choice in choices]
                return self._any(tests)
            case core.IsIn(operand, items):
                from .walks import is_in

                return is_in(self, operand, items, scope)
            case core.IsPresent(operand):
                code = self.expr(operand, scope)
                body.odd_if(code.inapplicable)
                there = TRUE if code.absent is None else body.not_(code.absent)
                return body.truth(there, code.unknown)
            case core.IsApplicable(operand):
                code = self.expr(operand, scope)
                applies = TRUE if code.inapplicable is None else body.not_(code.inapplicable)
                return body.truth(applies, code.unknown)
            case core.Choice(condition, then, otherwise):
                test = self.truth(condition, scope)
                found = body.choose(
                    test.value, lambda: self.expr(then, scope), lambda: self.expr(otherwise, scope)
                )
                return self.also(found, test.unknown)
            # Numbers.
            case core.Arithmetic():
                return numbers.arithmetic(self, expr, scope)
            case core.Negate(operand):
                code = self.plain(operand, scope)
                return code.with_(values=tuple(self.b.neg(value) for value in code.values))
            case core.Exact(operand):
                return self.expr(operand, scope).with_(kind=EXACT)
            case core.Extremum():
                return numbers.extremum(self, expr, scope)
            case core.Staged():
                return numbers.staged(self, expr, len(expr.steps), scope)
            # Time.
            case core.Shift(day, duration, sign, round_up):
                return times.shift(self, day, duration, sign, round_up, scope)
            case core.Gap(end, start, unit):
                return times.gap(self, end, start, unit, scope)
            case core.Range(first, last):
                return times.range_of(self, first, last, scope)
            case core.Covers(period, item, of_period):
                return times.covers(self, period, item, of_period, scope)
            case core.Overlaps(left, right):
                return times.overlaps(self, left, right, scope)
            case core.Edge(which, period):
                return times.edge(self, which, period, scope)
            case core.Builtin(name, arguments):
                return times.built_in(self, name, arguments, scope)
            case core.AsOf(day, content):
                return times.as_of(self, day, content, scope)
            # Lists.
            case core.Walk():
                from .walks import walk

                return walk(self, expr, scope)
            case core.Previous(sequence):
                from .peers import previous

                return previous(self, sequence, scope)
        raise Unwritten

    def _parameter(self, parameter: core.Parameter, scope: Scope) -> Code:
        return self.by_day(
            parameter.versions, scope, parameter.type, lambda one: self.constant(one.value)
        ).with_(kind=parameter.type)

    def by_day(
        self, versions: Sequence[V], scope: Scope, kind: Type, write: Callable[[V], Code]
    ) -> Code:
        """What *write* writes of the one of *versions*, of a thing of *kind*, that is in force."""
        spans: list[core.Period] = [version.period for version in versions]
        ends: set[date] = {day for span in spans for day in (span.since, span.until) if day}
        last: date = scope.until or date.max
        days = [scope.since, *sorted(day for day in ends if scope.since < day < last)]

        def on(day: date) -> Code:
            version = version_on(versions, day)
            if isinstance(version, Unknown | core.Period):
                return self.gone(version, kind)
            here, before = self.b.block, len(self.body.function.blocks)
            try:
                return write(version)
            except Unwritten:
                self.body.mend(here, before)
                self.law.unwritten.append(version)
                return self.body.unwritten(kind)

        def over(rank: int) -> Code:
            if rank == 0:
                return on(days[0])
            later = self.body.at_most(number(days[rank].toordinal()), scope.on)
            return self.body.choose(later, lambda: on(days[rank]), lambda: over(rank - 1))

        return over(len(days) - 1)

    def gone(self, version: object, kind: Type) -> Code:
        """What is not in force: an error, or unknown before what a source only attests."""
        if isinstance(version, Unknown):
            return self.open(kind)
        return self.body.unwritten(kind)

    # ── truth ────────────────────────────────────────────────────────────────────────────

    def _together(self, operands: Sequence[core.Expr], scope: Scope, *, conjunction: bool) -> Code:
        """``et`` or ``ou``. What cannot fail is not asked once the others decide, if it is dear."""
        body = self.body
        total = [o for o in operands if self.law.totality.of(o, scope)]
        rest = [o for o in operands if o not in total]
        cheap = [o for o in total if self.law.is_cheap(o)]
        dear = [o for o in total if o not in cheap]
        codes = [self.truth(operand, scope) for operand in (*cheap, *rest)]
        decides = self._settled(codes, conjunction)
        for operand in dear:
            if decides is None:
                codes.append(self.truth(operand, scope))
            else:
                done = FALSE if conjunction else TRUE
                codes.append(
                    body.choose(
                        decides,
                        lambda done=done: Code(BOOL, (done,), bits=1),  # type: ignore[misc]
                        lambda operand=operand: self.truth(operand, scope),  # type: ignore[misc]
                    )
                )
            decides = self._settled(codes, conjunction)
        if len(codes) == 1:
            return codes[0]
        if all(code.unknown is None for code in codes):
            values = [code.value for code in codes]
            return body.truth(body.all_of(values) if conjunction else body.any_of(values))
        true = [code.value for code in codes]
        false = [body.false(code) for code in codes]
        if conjunction:
            return body.kleene(body.all_of(true), body.any_of(false))
        return body.kleene(body.any_of(true), body.all_of(false))

    def _settled(self, codes: Sequence[Code], conjunction: bool) -> Any:
        """Whether one of *codes* decides by itself."""
        if not codes:
            return None
        if conjunction:
            return self.body.any_of([self.body.false(code) for code in codes])
        return self.body.any_of([code.value for code in codes])

    def _any(self, tests: Sequence[Code]) -> Code:
        if all(test.unknown is None for test in tests):
            return self.body.truth(self.body.any_of([test.value for test in tests]))
        return self.body.kleene(
            self.body.any_of([test.value for test in tests]),
            self.body.all_of([self.body.false(test) for test in tests]),
        )

    def _count(self, expr: core.Count, scope: Scope) -> Code:
        body, b = self.body, self.b
        codes = [self.truth(operand, scope) for operand in expr.operands]
        least: Any = number(0)
        most: Any = number(0)
        for code in codes:
            least = b.add(least, b.zext(code.value, least.type))
            most = b.add(most, b.zext(body.not_(body.false(code)), most.type))
        top = len(codes) if expr.maximum is None else expr.maximum
        true = b.and_(body.at_most(number(expr.minimum), least), body.at_most(most, number(top)))
        false = b.or_(body.less(most, number(expr.minimum)), body.less(number(top), least))
        if all(code.unknown is None for code in codes):
            return body.truth(true)
        return body.kleene(true, false)

    def equals(self, left: Code, right: Code) -> Code:
        """Whether two values are one; absent equals absent."""
        body, b = self.body, self.b
        body.odd_if(body.any_of((left.inapplicable, right.inapplicable)))
        unknown = body.any_of((left.unknown, right.unknown))
        if DURATION in (left.kind, right.kind) and same_shape(left, right):
            same = self.durations(left, right, "==")
        elif not left.values or not right.values:
            same = FALSE
        elif not same_shape(left, right):
            raise Unwritten
        elif left.kind == BOOL:
            same = b.icmp_unsigned("==", left.value, right.value)
        else:
            left, right = body.alike((left, right))
            same = body.all_of(
                [body.equal(x, y) for x, y in zip(left.values, right.values, strict=True)]
            )
        if left.absent is not None or right.absent is not None:
            one = FALSE if left.absent is None else left.absent
            other = FALSE if right.absent is None else right.absent
            same = b.or_(b.and_(one, other), b.and_(body.not_(b.or_(one, other)), same))
        return body.truth(same, unknown)

    def durations(self, left: Code, right: Code, operator: str) -> Any:
        """Two durations compared; where only a date would compare them, it is not plain."""
        b, body = self.b, self.body
        months = b.sub(left.values[0], right.values[0])
        days = b.sub(left.values[1], right.values[1])
        opposed = b.and_(
            b.and_(b.icmp_signed("!=", months, number(0)), b.icmp_signed("!=", days, number(0))),
            b.icmp_signed("!=", body.less(months, number(0)), body.less(days, number(0))),
        )
        unsure = body.any_of((left.unknown, right.unknown, left.absent, right.absent))
        body.odd_if(opposed if unsure is None else b.and_(opposed, body.not_(unsure)))
        whole = b.select(b.icmp_signed("!=", months, number(0)), months, days)
        return b.icmp_signed(operator, whole, number(0))

    def _compare(self, expr: core.Compare, scope: Scope) -> Code:
        body, b = self.body, self.b
        left, right = self.expr(expr.left, scope), self.expr(expr.right, scope)
        less = expr.operator == "<"
        if expr.start is not None:
            start = self.value(expr.start, scope, DATE)
            left, right = (self.of_kind(body.plain(side), DURATION) for side in (left, right))
            begin = self.known_day(start)
            ends = []
            for side in (left, right):
                months, days = side.values
                end = self.law.calendar.shifted(b, body.flags, begin, months, days, False)
                ends.append(end)
            test = b.icmp_signed("<" if less else "==", *ends)
            return body.truth(test, body.any_of((start.unknown, left.unknown, right.unknown)))
        if not less:
            return self.equals(left, right)
        left, right = body.plain(left), body.plain(right)
        if isinstance(left.kind, EnumType) or left.kind in (TEXT, BOOL):
            raise Unwritten
        unknown = body.any_of((left.unknown, right.unknown))
        if not left.values or not right.values:
            return Code(BOOL, (FALSE,), bits=1, unknown=unknown)
        if not same_shape(left, right):
            raise Unwritten
        if left.kind == DURATION:
            return body.truth(self.durations(left, right, "<"), unknown)
        left, right = body.alike((left, right))
        return body.truth(body.less(left.value, right.value), unknown)

    def known_day(self, code: Code) -> Any:
        if code.unknown is None:
            return code.value
        return self.b.select(code.unknown, number(1), code.value)
