"""The meaning of each core form, on columns: `engine.interpreter`, many situations at a time.

Every form is evaluated on all lanes of its place; what a test sets aside is evaluated too, where
that is cheaper than to leave it out, and its outcome is not used. So nothing here may depend on an
evaluation not happening.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import lcm
from threading import Lock
from typing import Any

import attrs
import numpy as np

from lexald.dsl import program as core
from lexald.dsl.dates import DateRange
from lexald.dsl.types import PERIODS, EntityType, EnumType, ListType, Type
from lexald.dsl.types import TEXT as TEXT_TYPE
from lexald.dsl.values import Amount, Duration

from .. import environment as places
from ..contest import ATOMS, is_condition
from ..outcomes import Conflict, Failure, NotApplicable, Side, Unknown
from ..stretches import days_of, rules_of
from . import calendar
from . import numbers as math
from .block import Block, Table
from .ceilings import share
from .columns import (
    ABSENT,
    FAILURE,
    NEVER,
    NOT_APPLICABLE,
    PERIOD,
    TEXT,
    UNKNOWN,
    VALUE,
    Array,
    Column,
    Ends,
    blend,
    concat,
    inside,
    of_state,
    same_value,
    spread_out,
    truths,
    worst,
)
from .contest import resolve
from .lanes import Env, Opened
from .lookup import look_up
from .outcomes import any_of, invert, same, spread
from .ranges import covers, days, edge, make, overlaps
from .sequences import Line, line_up
from .walks import collect, group, walk

Detail = NotApplicable | Conflict | Failure
# A test that leaves fewer than one lane in this many is worth leaving the others out.
FEW = 4
# Fewer lanes than this are never left out: it costs more than it saves.
SMALL = 2000


class Kernel:
    """A law at a date, for any number of blocks. Threads share one.

    Args:
        program: the law.
        on: the date of law.
    """

    def __init__(self, program: core.Program, on: date) -> None:
        self.program = program
        self.on = on.toordinal()
        self._details: list[Detail] = []
        self._numbers: dict[object, int] = {}
        self._codes: list[int] = []
        self._lock = Lock()
        self._conditions: dict[int, int] = {}
        self._by_condition: dict[object, int] = {}
        self._kept: list[object] = []
        self._boundaries: dict[int, tuple[int, ...]] = {}
        # What the modules beside work out once for a piece of the law.
        self.prepared: dict[Any, Any] = {}

    def evaluate(self, block: Block, names: Sequence[str]) -> Mapping[str, Column]:
        """What the decisions *names* come to: a column each, over the situations of *block*, or
        over the table of the decision's entity."""
        world = World(self, block)
        return {name: world.decided(name) for name in names}

    def forbidden(self, block: Block) -> Mapping[int, tuple[Array, Array]]:
        """The situations that the law says cannot be, or of which that cannot be judged.

        Returns:
            by the rank of the `interdit` in the program: the situations, by rank in the block,
            and for each the detail of the error that prevents one from judging, or -1.
        """
        world = World(self, block)
        found: dict[int, tuple[Array, Array]] = {}
        for rank, rule in enumerate(self.program.forbidden):
            env = world.of_all(rule.entity)
            if env.n == 0:
                continue
            judged = world.at_each(rule.entity, rule.condition, env)
            failed = judged.is_(FAILURE)
            wrong = judged.truth | failed
            if not wrong.any():
                continue
            lanes = np.flatnonzero(wrong)
            which = lanes if env.situation is None else env.situation[lanes]
            details = np.full(len(lanes), -1)
            if judged.detail is not None:
                details = np.where(failed[lanes], judged.detail[lanes], -1)
            found[rank] = which, details
        return found

    # ── what states say ──────────────────────────────────────────────────────────────────

    @property
    def details(self) -> Sequence[Detail]:
        """What the numbers of `Column.detail` mean. It grows as blocks are evaluated.

        A failure has no path, the two sides of a conflict no value: they are those of each lane.
        """
        return self._details

    def _detail(self, key: object, code: object, made: Callable[[], Detail]) -> int:
        found = self._numbers.get(key)
        if found is None:
            with self._lock:
                found = self._numbers.get(key)
                if found is None:
                    found = len(self._details)
                    self._details.append(made())
                    # Two errors are one outcome when their codes are.
                    self._codes.append(self._numbers.setdefault(("code", code), found))
                    self._numbers[key] = found
        return found

    def failure(self, found: Failure) -> int:
        return self._detail(
            ("error", found.code, found.message, found.span), ("error", found.code), lambda: found
        )  # fmt: skip

    def failed(self, code: str, fr: str, en: str, at: core.Spanned) -> int:
        """The number of an error at a place of the law."""
        return self.failure(places.failure(code, fr, en, places.Env(date.min), at))

    def overflow(self, at: core.Spanned) -> int:
        return self.failure(places.overflow(places.Env(date.min), at))

    def not_applicable(self, name: str) -> int:
        return self._detail(("sans objet", name), name, lambda: NotApplicable(name))

    def conflict(self, decision: str, labels: tuple[str, ...]) -> int:
        key = ("conflit", decision, labels)
        return self._detail(
            key, key, lambda: Conflict(decision, (), tuple(Side(label, None, ()) for label in labels))
        )  # fmt: skip

    def codes(self, details: Array) -> Array:
        """What tells one outcome from another, for each of *details*."""
        known = np.asarray(self._codes, np.int64)
        return known[details] if len(known) else np.asarray(details)

    # ── conditions ───────────────────────────────────────────────────────────────────────

    def condition(self, expr: core.Expr) -> int:
        """The number of an open condition, the same for conditions that say the same; -1 for
        what is no condition."""
        found = self._conditions.get(id(expr))
        if found is None:
            is_one = isinstance(expr, ATOMS) and is_condition(expr, self.program)
            found = self.numbered(expr) if is_one else -1
            self._kept.append(expr)  # its id is its name: it must live as long
            self._conditions[id(expr)] = found
        return found

    def numbered(self, condition: object) -> int:
        with self._lock:
            return self._by_condition.setdefault(condition, len(self._by_condition))

    def boundaries(self, start: object) -> tuple[int, ...]:
        """One day in each stretch of time over which *start* is the same, by number."""
        found = self._boundaries.get(id(start))
        if found is None:
            self._kept.append(start)
            found = tuple(day.toordinal() for day in days_of(self.program, start))
            self._boundaries[id(start)] = found
        return found

    def prepare(self, key: Any, work: Callable[[], Any]) -> Any:
        """What *work* gives, once for the law; *key* holds what it is about."""
        found = self.prepared.get(key)
        if found is None:
            found = self.prepared[key] = work()
        return found


class World:
    """One block under the law, or under what a rule supposes of it."""

    def __init__(self, kernel: Kernel, block: Block) -> None:
        self.kernel = kernel
        self.program = kernel.program
        self.block = block
        self._answers: dict[tuple[str, Any], Column] = {}
        self._facts: dict[tuple[str, str], Column] = {}
        self._tables: dict[tuple[str | None, Any], Env] = {}
        self._chained: dict[tuple[str, Any], _Chained] = {}
        self._asked: dict[tuple[str, int, int], tuple[Any, Any, Column]] = {}
        self.rows: dict[tuple[int, int], Column] = {}
        self.lines: dict[Any, Line] = {}
        self.shares: dict[Any, Any] = {}

    # ── places ───────────────────────────────────────────────────────────────────────────

    def table(self, entity: str) -> Table:
        return self.block.tables[entity]

    def of_all(self, entity: str | None, on: int | None = None) -> Env:
        """All situations, or all elements of *entity*, at *on*: the date of law by default."""
        on = self.kernel.on if on is None else on
        key = (entity, on)
        env = self._tables.get(key)
        if env is None:
            if entity is None:
                env = Env(self.block.size, on)
            else:
                table = self.table(entity)
                env = Env(
                    len(table), on, current=np.arange(len(table)), situation=table.situation,
                    entity=entity, whole=True,
                )  # fmt: skip
            self._tables[key] = env
        return env

    def dated(self, entity: str | None, env: Env) -> tuple[Env, Column | None]:
        """*env* at the date that rules each element; and that date, where it is an event."""
        event = self.program.entities[entity].event if entity is not None else None
        if event is None:
            return env, None
        assert entity is not None
        day = self.fact(entity, event)
        if not env.whole:
            assert env.current is not None
            day = day.take(env.current)
        if not day.parts:
            return env.on_dates(self.kernel.on, np.ones(env.n, bool)), day
        key = (entity, "event") if env.whole else None
        if key is not None and key in self._tables:
            return self._tables[key], day
        days_ = day.parts[0]
        if day.state is not None:
            days_ = np.where(day.state == VALUE, days_, self.kernel.on)
        made = env.on_dates(days_, None)
        if key is not None:
            made.whole = True
            made._undated = None
            self._tables[key] = made
        return made, day

    def where(self, mask: Array, env: Env, work: Callable[[Env], Column]) -> Column:
        """What *work* gives in the lanes of *mask*; whatever in the others."""
        count = int(np.count_nonzero(mask))
        if count == env.n:
            return work(env)
        if count * FEW > env.n or env.n < SMALL:
            return work(env.within(mask))
        lanes = np.flatnonzero(mask)
        inner = env.take(lanes)
        if env.opened is None:
            return spread_out(work(inner), lanes, env.n)
        inner.opened = Opened()
        if env.active is not None:
            inner.active = env.active[lanes]
        found = work(inner)
        for condition, met in inner.opened.lanes.items():
            back = np.zeros(env.n, bool)
            back[lanes] = met
            env.opened.meet(condition, back)
        return spread_out(found, lanes, env.n)

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def decided(self, name: str) -> Column:
        """What decision *name* comes to, for all that it is about, at the date of law."""
        return self._whole(name, self.kernel.on)

    def _whole(self, name: str, on: int) -> Column:
        """*name* over its whole table, or all situations, whose callers are at *on*."""
        decision = self.program.decisions[name]
        event = self.program.entities[decision.entity].event if decision.entity else None
        key = (name, None if event else on)
        found = self._answers.get(key)
        if found is None:
            env = self.of_all(decision.entity, on)
            if name in self.program.chains and env.n:
                found = self._chain(name, on).ask(env.current)
            else:
                found = self._lanes(decision, env)
            self._answers[key] = found
        return found

    def _chain(self, name: str, on: int) -> _Chained:
        decision = self.program.decisions[name]
        assert decision.entity is not None
        event = self.program.entities[decision.entity].event
        key = (name, None if event else on)
        found = self._chained.get(key)
        if found is None:
            found = self._chained[key] = _Chained(self, decision, self.of_all(decision.entity, on))
        return found

    def _lanes(self, decision: core.Decision, env: Env) -> Column:
        """*decision* in each lane of *env*, which are callers: at its own dates."""
        if env.n == 0:
            return of_state(0, UNKNOWN)
        set_, given = self.block.hypotheses.get(decision.name, (None, None))
        place = env.current if decision.entity is not None else env.situation
        if set_ is not None and place is not None and not (env.whole and decision.entity):
            assert given is not None
            set_, given = set_[place], given.take(place)
        if set_ is not None and set_.all():
            assert given is not None
            return self.dressed(given, decision.type)
        found = self.at_own_date(
            decision.entity, env, lambda inner: resolve(self, decision, inner),
            rules_of(decision),
        )  # fmt: skip
        if set_ is None or not set_.any():
            return found
        assert given is not None
        return blend([(~set_, found), (set_, self.dressed(given, decision.type))])

    def at_own_date(
        self, entity: str | None, env: Env, work: Callable[[Env], Column], start: object
    ) -> Column:
        """What *work* gives at the date that rules each element; where it is not known, the one
        answer that all the law of *start* gives, if it gives one."""
        inner, day = self.dated(entity, env)
        if day is None or day.state is None:
            return work(inner)
        unknown = day.is_(UNKNOWN)
        known = ~unknown
        pieces: list[tuple[Array, Column]] = []
        if known.any():
            lanes = np.flatnonzero(known)
            pieces.append((known, spread_out(work(inner.take(lanes)), lanes, env.n)))
        if unknown.any():
            lanes = np.flatnonzero(unknown)
            found = self.undated(env.take(lanes), work, self._days(start))
            pieces.append((unknown, spread_out(found, lanes, env.n)))
        return blend(pieces) if len(pieces) > 1 else pieces[0][1]

    def _days(self, start: object) -> tuple[int, ...]:
        # The rules of a decision are made anew each time: the decision is their name.
        if isinstance(start, tuple):
            general = start[1]
            found = self.kernel.prepared.get(("days", id(general)))
            if found is None:
                found = tuple(day.toordinal() for day in days_of(self.program, start))
                self.kernel.prepared["days", id(general)] = found
            return tuple(found)
        return self.kernel.boundaries(start)

    def undated(self, env: Env, work: Callable[[Env], Column], days: Sequence[int]) -> Column:
        """The one answer that all versions give, the latest tried first."""
        n = env.n
        everyone = np.ones(n, bool)
        if len(days) == 1:
            return work(env.on_dates(days[0], everyone))
        first: Column | None = None
        open_ = everyone
        for day in reversed(days):
            lanes = np.flatnonzero(open_)
            if not len(lanes):
                break
            found = work(env.take(lanes).on_dates(day, np.ones(len(lanes), bool)))
            if first is None:
                first = found
                going = ~found.is_(UNKNOWN)
            else:
                going = same(self.kernel, found, first.take(lanes))
            open_ = np.zeros(n, bool)
            open_[lanes[going]] = True
        assert first is not None
        return blend([(open_, first), (~open_, of_state(n, UNKNOWN))])

    def at_each(self, entity: str | None, expr: core.Expr, env: Env) -> Column:
        """*expr* at the date that rules each element; unknown where that is not known."""
        inner, day = self.dated(entity, env)
        found = self.eval(expr, inner)
        if day is None or day.state is None:
            return found
        return blend([(~day.is_(UNKNOWN), found), (day.is_(UNKNOWN), of_state(env.n, UNKNOWN))])

    def each_day(self, expr: core.Expr, entity: str, env: Env) -> Column:
        """What *expr* of each element comes to, at the day that rules it."""
        return self.at_own_date(entity, env, lambda inner: self.eval(expr, inner), expr)

    def ask(self, name: str, elements: Column | None, env: Env) -> Column:
        """What *name* answers to a rule evaluated in *env*, of *elements* if it has an entity."""
        decision = self.program.decisions[name]
        if elements is not None:
            if not elements.parts:
                return elements
            if elements.state is not None:
                there = elements.is_(VALUE)
                if not there.any():
                    return Column((), 1, elements.state, elements.detail)
                lanes = np.flatnonzero(there)
                found = self._asked_of(decision, elements.parts[0][lanes], env.take(lanes))
                found = spread_out(found, lanes, env.n)
                return blend([(~there, Column((), 1, elements.state, elements.detail)), (there, found)])  # fmt: skip
            return self._asked_of(decision, elements.parts[0], env, whole=elements.whole)
        return self._asked_of(decision, None, env)

    def _asked_of(
        self, decision: core.Decision, place: Array | None, env: Env, whole: bool = False
    ) -> Column:
        name = decision.name
        event = self.program.entities[decision.entity].event if decision.entity else None
        undated = env.undated
        steady = isinstance(env.on, int) and (undated is None or not undated.any())
        if event is not None or steady:
            on = env.on if steady and isinstance(env.on, int) else self.kernel.on
            if name in self.program.chains:
                assert place is not None
                return self._chain(name, on).ask(place)
            found = self._whole(name, on)
            if place is None:
                place = env.situation
                return found if place is None else found.take(place)
            return found if whole else found.take(place)
        # At dates that differ from lane to lane: worked out for these lanes, and kept for them.
        where = place if place is not None else env.situation
        keeps = env.whole and undated is None
        key = (name, id(where), id(env.on))
        kept = self._asked.get(key) if keeps else None
        if kept is not None:
            return kept[2]
        inner = Env(
            env.n, env.on, current=place, situation=env.situation, undated=undated,
            entity=decision.entity,
        )  # fmt: skip
        found = self._lanes(decision, inner)
        if keeps:
            # The arrays are kept too: their ids are their names.
            self._asked[key] = (where, env.on, found)
        return found

    # ── facts ────────────────────────────────────────────────────────────────────────────

    def fact(self, entity: str, name: str) -> Column:
        """A fact of all elements of *entity*."""
        key = (entity, name)
        found = self._facts.get(key)
        if found is None:
            table = self.table(entity)
            field = self.program.entities[entity].fields[name]
            found = self._facts[key] = self._told(table.facts.get(name), field, len(table))
        return found

    def root(self, name: str) -> Column:
        """A root of all situations."""
        key = ("", name)
        found = self._facts.get(key)
        if found is None:
            field = self.program.roots[name]
            found = self._told(self.block.roots.get(name), field, self.block.size)
            self._facts[key] = found
        return found

    def _told(self, column: Column | None, field: core.Field, n: int) -> Column:
        bounded = field.bounds is not None and not field.optional
        bounded = bounded and not isinstance(field.type, ListType)
        if column is None:
            column = of_state(n, UNKNOWN)
        column = self.dressed(column, field.type)
        if not bounded or not column.has_unknown:
            return column
        assert field.bounds is not None and column.state is not None
        low, high = (self.constant(end, n) for end in field.bounds)
        unknown = column.state == UNKNOWN
        if not column.parts:
            return Column(
                low.parts, low.den, column.state, column.detail,
                Ends(low.parts, high.parts, unknown),
            )  # fmt: skip
        if not low.den == high.den == column.den:
            den = lcm(low.den, high.den, column.den)
            low, high, column = (math.over(one, den) for one in (low, high, column))
        pairs = tuple(
            tuple(np.where(unknown, end, part) for end, part in zip(ends.parts, column.parts, strict=True))
            for ends in (low, high)
        )  # fmt: skip
        return Column(
            column.parts, column.den, column.state, column.detail, Ends(pairs[0], pairs[1], unknown)
        )

    def dressed(self, column: Column, kind: Type) -> Column:
        """*column*, which says what its values are."""
        if not column.parts:
            return column
        name = ""
        if kind in PERIODS:
            name = PERIOD
        elif isinstance(kind, EntityType):
            name = kind.name
        elif isinstance(kind, EnumType) or kind == TEXT_TYPE:
            name = TEXT
        elif isinstance(kind, ListType) and column.items is not None:
            items = self.dressed(column.items, kind.item)
            if isinstance(kind.item, EntityType) and items.parts:
                places = items.parts[0]
                n = len(self.table(kind.item.name))
                if len(places) == n and np.array_equal(places, np.arange(n)):
                    items = attrs.evolve(items, whole=True)
            return column if items is column.items else attrs.evolve(column, items=items)
        return column if column.kind == name else attrs.evolve(column, kind=name)

    def constant(self, value: Any, n: int) -> Column:
        """*n* lanes of one value of the language."""
        match value:
            case None:
                return of_state(n, ABSENT)
            case bool():
                return same_value((value,), n)
            case int():
                return same_value((_whole(value),), n)
            case Fraction():
                return same_value((_whole(value.numerator),), n, value.denominator)
            case Amount():
                return same_value((_whole(value.cents),), n)
            case Duration():
                return same_value((value.months, value.days), n)
            case date():
                return same_value((value.toordinal(),), n)
            case DateRange():
                last = NEVER if value.last is None else value.last.toordinal()
                return _evolve(same_value((value.first.toordinal(), last), n), kind=PERIOD)
            case str():
                return _evolve(same_value((self.block.texts.rank(value),), n), kind=TEXT)
            case tuple():
                items = concat([self.constant(item, 1) for item in value]) if value else None
                return Column(
                    (np.broadcast_to(np.int64(0), n), np.broadcast_to(np.int64(len(value)), n)),
                    items=items or of_state(0, UNKNOWN),
                )
        raise AssertionError(f"not a value: {value!r}")

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def eval(self, expr: core.Expr, env: Env) -> Column:
        """What *expr* comes to in each lane of *env*."""
        found: Column = _FORMS[type(expr)](self, expr, env)
        if found.state is None or (env.opened is None and not env.guesses):
            return found
        unknown = found.state == UNKNOWN
        if not unknown.any():
            return found
        condition = self.kernel.condition(expr)
        return found if condition < 0 else self.open_condition(condition, found, unknown, env)

    def open_condition(self, condition: int, found: Column, unknown: Array, env: Env) -> Column:
        """*found*, with the truth supposed of it where it is not known."""
        guess = env.guesses.get(condition)
        if guess is not None:
            guessed = unknown & (guess >= 0)
            if guessed.any():
                value = found.parts[0] if found.parts else np.zeros(env.n, bool)
                assert found.state is not None
                return truths(
                    np.where(guessed, guess == 1, value),
                    np.where(guessed, np.uint8(VALUE), found.state), found.detail,
                )  # fmt: skip
        if env.opened is not None:
            met = unknown if env.active is None else unknown & env.active
            if met.any():
                env.opened.meet(condition, met)
        return found

    def _current(self, expr: core.Current, env: Env) -> Column:
        current = env.current
        assert current is not None
        return Column((current,), kind=expr.entity, whole=env.whole)

    def _fact(self, expr: core.Fact, env: Env) -> Column:
        elements = self.eval(expr.base, env)
        if not elements.parts:
            return elements
        return self._of(elements, self.fact(elements.kind, expr.name))

    @staticmethod
    def _of(elements: Column, held: Column) -> Column:
        """*held* of each of *elements*; what these are, where they are no element."""
        if elements.whole:
            return held
        place = elements.parts[0]
        if elements.state is None:
            return held.take(place)
        there = elements.state == VALUE
        if not there.any():
            return Column((), 1, elements.state, elements.detail)
        found = held.take(np.where(there, place, 0))
        return blend([(there, found), (~there, Column((), 1, elements.state, elements.detail))])

    def _constant(self, expr: core.Constant, env: Env) -> Column:
        return self.constant(expr.value, env.n)

    def _compare(self, expr: core.Compare, env: Env) -> Column:
        left, right = self.eval(expr.left, env), self.eval(expr.right, env)
        wrongs: list[Array] = []
        if expr.start is not None:
            start = self.eval(expr.start, env)
            moved = [self._moved(start, side, 1, False) for side in (left, right)]
            (left, wrong), (right, other) = moved
            wrongs = [wrong, other]
        found = math.less(left, right) if expr.operator == "<" else self.equal(left, right)
        for wrong in wrongs:
            found = self.wrong_where(found, wrong, self.kernel.overflow(expr))
        return found

    def equal(self, left: Column, right: Column) -> Column:
        """``left = right``."""
        if left.items is not None or right.items is not None:
            state, detail = worst((left, right))
            if not left.parts or not right.parts:
                known = np.ones(len(left), bool) if state is None else state <= ABSENT
                value = left.is_(ABSENT) & right.is_(ABSENT)
                return truths(value, None if state is None else np.where(known, np.uint8(VALUE), state), detail)  # fmt: skip
            value = same(self.kernel, left, right)
            return truths(value, None if state is None else np.where(state == ABSENT, np.uint8(VALUE), state), detail)  # fmt: skip
        return math.equal(left, right)

    def _choice(self, expr: core.Choice, env: Env) -> Column:
        condition = self.eval(expr.condition, env)
        n = env.n
        if condition.state is None:
            yes = condition.parts[0]
            if yes.all():
                return self.eval(expr.then, env)
            if not yes.any():
                return self.eval(expr.otherwise, env)
            no = ~yes
            return blend(
                [
                    (yes, self.where(yes, env, lambda inner: self.eval(expr.then, inner))),
                    (no, self.where(no, env, lambda inner: self.eval(expr.otherwise, inner))),
                ]
            )
        unknown = condition.state == UNKNOWN
        yes, no = condition.truth, condition.falsity
        pieces: list[tuple[Array, Column]] = [
            (~(yes | no), Column((), 1, condition.state, condition.detail))
        ]
        branches: list[Column | None] = [None, None]
        for side, (mask, branch) in enumerate(((yes, expr.then), (no, expr.otherwise))):
            needed = mask | unknown
            if needed.any():
                found = self.where(needed, env, lambda inner, b=branch: self.eval(b, inner))  # type: ignore[misc]
                branches[side] = found
                pieces.append((mask, found))
        found = blend(pieces)
        if not unknown.any():
            return found
        then, otherwise = branches
        assert then is not None and otherwise is not None
        alike = unknown & same(self.kernel, then, otherwise) & ~then.is_(UNKNOWN)
        open_ = unknown & ~alike
        found = blend([(~alike, found), (alike, then)])
        bounded = spread(n, [then, otherwise])
        if bounded is None:
            return found
        return blend([(~open_, found), (open_, bounded)])

    def _decision(self, expr: core.DecisionValue, env: Env) -> Column:
        elements = None if expr.base is None else self.eval(expr.base, env)
        return self.ask(expr.name, elements, env)

    def _previous(self, expr: core.Previous, env: Env) -> Column:
        return self.before(expr.sequence, env)[0]

    def before(self, sequence: core.Sequence, env: Env) -> tuple[Column, Column]:
        """The element before the current one, and whether there is one."""
        assert env.current is not None
        event = self.program.entities[sequence.entity].event
        undated = env.undated
        steady = isinstance(env.on, int) and (undated is None or not undated.any())
        if event is not None or steady:
            on = env.on if steady and isinstance(env.on, int) else self.kernel.on
            key = (self.kernel.numbered(sequence), None if event else on)
            line = self.lines.get(key)
            if line is None:
                line = line_up(self, sequence, self.of_all(sequence.entity, on))
                self.lines[key] = line
            return line.element.take(env.current), line.is_there.take(env.current)
        return self._before_on_own_dates(sequence, env)

    def _before_on_own_dates(self, sequence: core.Sequence, env: Env) -> tuple[Column, Column]:
        """For elements without an event, at dates that differ: the list of each lane anew."""
        assert env.current is not None
        table = self.table(sequence.entity)
        start, length = table.start[env.current], table.length[env.current]
        length = np.maximum(length, 1)
        parent = np.repeat(np.arange(env.n), length)
        first = np.cumsum(length) - length
        place = start[parent] + (np.arange(len(parent)) - first[parent])
        inner = env.take(parent)
        inner._current = place
        found = line_up(self, sequence, inner, lists=parent, alone=table.length[place] == 0)
        own = first + (env.current - start)
        return found.element.take(own), found.is_there.take(own)

    def _present(self, expr: core.IsPresent, env: Env) -> Column:
        if isinstance(expr.operand, core.Previous):
            return self.before(expr.operand.sequence, env)[1]
        found = self.eval(expr.operand, env)
        if found.state is None:
            return truths(np.ones(env.n, bool))
        known = found.state <= ABSENT
        return truths(
            found.state == VALUE, np.where(known, np.uint8(VALUE), found.state), found.detail
        )

    def _all(self, expr: core.All, env: Env) -> Column:
        operands = [invert(self.eval(operand, env)) for operand in expr.operands]
        return invert(any_of(operands))

    def _some(self, expr: core.Some, env: Env) -> Column:
        return any_of([self.eval(operand, env) for operand in expr.operands])

    def _variable(self, expr: core.Variable, env: Env) -> Column:
        return env.variable(expr.name)

    def _walk(self, expr: core.Walk, env: Env) -> Column:
        return walk(self, expr, env)

    def _not(self, expr: core.Not, env: Env) -> Column:
        return invert(self.eval(expr.operand, env))

    def _staged(self, expr: core.Staged, env: Env) -> Column:
        return self.staged(expr, len(expr.steps), env)

    def _noted(self, expr: core.Noted, env: Env) -> Column:
        return self.eval(expr.operand, env)

    def _one_of(self, expr: core.IsOneOf, env: Env) -> Column:
        value = self.eval(expr.operand, env)
        return any_of([self.equal(value, self.eval(choice, env)) for choice in expr.choices])

    def _owner(self, expr: core.Owner, env: Env) -> Column:
        elements = self.eval(expr.base, env)
        if not elements.parts:
            return elements
        owner = self.program.entities[elements.kind].owner
        assert owner is not None
        held = self._facts.get((elements.kind, ""))
        if held is None:
            rows = self.table(elements.kind).owner
            state = None if (rows >= 0).all() else np.where(rows < 0, np.uint8(ABSENT), np.uint8(VALUE))  # fmt: skip
            held = self._facts[elements.kind, ""] = Column((rows,), state=state, kind=owner)
        return self._of(elements, held)

    def _root(self, expr: core.Root, env: Env) -> Column:
        found = self.root(expr.name)
        return found if env.situation is None else found.take(env.situation)

    def _parameter(self, expr: core.ParameterValue, env: Env) -> Column:
        parameter = self.program.parameters[expr.name]
        return self.by_version(
            parameter.versions, env, f"`{expr.name}`", expr,
            lambda version, inner: self.constant(version.value, inner.n),
        )  # fmt: skip

    def by_version(
        self,
        versions: Sequence[Any],
        env: Env,
        what: str,
        at: core.Spanned,
        work: Callable[[Any, Env], Column],
    ) -> Column:
        """What *work* gives of the version in force in each lane; else why there is none."""
        pieces: list[tuple[Array, Column]] = []
        for found, mask in in_force(versions, env):
            if isinstance(found, core.Period | Unknown):
                column = self.out_of_force(found, versions, what, at, env, mask)
            else:
                column = self.where(mask, env, lambda inner, v=found: work(v, inner))  # type: ignore[misc]
            pieces.append((mask, column))
        return blend(pieces)

    def out_of_force(
        self, found: Any, versions: Sequence[Any], what: str, at: core.Spanned, env: Env, mask: Array
    ) -> Column:  # fmt: skip
        """Why nothing is in force in the lanes of *mask*."""
        if isinstance(found, Unknown):
            return of_state(env.n, UNKNOWN)
        on = env.on if isinstance(env.on, int) else int(env.on[np.argmax(mask)])
        failed = places.out_of_force(found, what, places.Env(date.fromordinal(on)), at)
        return of_state(env.n, FAILURE, self.kernel.failure(failed))

    def _table(self, expr: core.TableValue, env: Env) -> Column:
        return look_up(self, expr, env)

    def _count(self, expr: core.Count, env: Env) -> Column:
        operands = [self.eval(operand, env) for operand in expr.operands]
        state, detail = worst(operands)
        low = np.zeros(env.n, np.int64)
        for operand in operands:
            low += operand.truth
        most = expr.maximum if expr.maximum is not None else len(operands)
        if state is None:
            return truths((low >= expr.minimum) & (low <= most))
        high = low.copy()
        for operand in operands:
            high += operand.is_(UNKNOWN)
        yes = (low >= expr.minimum) & (high <= most)
        no = (high < expr.minimum) | (low > most)
        return truths(yes, np.where((yes | no) & (state <= UNKNOWN), np.uint8(VALUE), state), detail)  # fmt: skip

    def _is_in(self, expr: core.IsIn, env: Env) -> Column:
        value, items = self.eval(expr.operand, env), self.eval(expr.items, env)
        state, detail = worst((value, items))
        held = inside(items)
        found = np.zeros(env.n, bool)
        if held.size:
            alike = same(self.kernel, value.take(held.parent), held.items)
            found[held.parent[alike]] = True
        if state is not None:
            state = np.where(state == ABSENT, np.uint8(VALUE), state)
        return truths(found, state, detail)

    def _applicable(self, expr: core.IsApplicable, env: Env) -> Column:
        value = self.eval(expr.operand, env)
        state = value.state
        if state is None:
            return truths(np.ones(env.n, bool))
        operand = expr.operand
        found = truths(np.ones(env.n, bool), np.where(state == UNKNOWN, np.uint8(UNKNOWN), np.uint8(VALUE)))  # fmt: skip
        if isinstance(operand, core.DecisionValue):
            decision = self.program.decisions[operand.name]
            if decision.applicable is not None:
                applies = self._whether(decision, operand, env)
                found = blend([(~applies[0], found), (applies[0], applies[1])])
        no, failed = state == NOT_APPLICABLE, state == FAILURE
        kept = Column((), 1, state, value.detail)
        return blend([(~failed, found), (no, truths(np.zeros(env.n, bool))), (failed, kept)])

    def _whether(
        self, decision: core.Decision, operand: core.DecisionValue, env: Env
    ) -> tuple[Array, Column]:
        """Whether *decision* applies, its value set aside, and the lanes where that is said."""
        n = env.n
        elements = None if operand.base is None else self.eval(operand.base, env)
        place = env.situation
        there = np.ones(n, bool)
        if elements is not None:
            if not elements.parts:
                return np.zeros(n, bool), of_state(n, UNKNOWN)
            there = elements.is_(VALUE)
            place = np.where(there, elements.parts[0], 0)
        lanes = np.flatnonzero(there)
        if not len(lanes):
            return there, of_state(n, UNKNOWN)
        outer = env.take(lanes)
        if elements is not None:
            assert place is not None
            outer = Env(
                len(lanes), outer.on, current=place[lanes], situation=outer.situation,
                undated=outer.undated, entity=decision.entity,
            )  # fmt: skip
        else:
            outer = Env(len(lanes), outer.on, situation=outer.situation, undated=outer.undated)
        set_, _ = self.block.hypotheses.get(decision.name, (None, None))
        inner, day = self.dated(decision.entity, outer)
        assert decision.applicable is not None
        # What is guessed of the caller's conditions is guessed here too: see `eval`.
        found = self.eval(decision.applicable, inner)
        said = np.ones(len(lanes), bool)
        if day is not None and day.state is not None:
            said = ~day.is_(UNKNOWN)
        if set_ is not None:
            where = np.arange(self.block.size)[lanes] if place is None else place[lanes]
            given = set_[where]
            found = blend([(~given, found), (given, truths(np.ones(len(lanes), bool)))])
            said = said | given
        mask = np.zeros(n, bool)
        mask[lanes[said]] = True
        return mask, spread_out(found, lanes, n)

    def _arithmetic(self, expr: core.Arithmetic, env: Env) -> Column:
        left, right = self.eval(expr.left, env), self.eval(expr.right, env)
        match expr.operator:
            case "+":
                found = math.add(left, right)
            case "-":
                found = math.add(left, right, -1)
            case "×":
                found = math.multiply(left, right)
            case _:
                zero = self.kernel.failed("E012", "division par zéro", "division by zero", expr)
                found = math.divide(left, right, zero)
        return self.not_too_large(found, expr)

    def not_too_large(self, found: Column, at: core.Spanned) -> Column:
        if all(part.dtype != object for part in found.parts) and getattr(found.den, "dtype", None) != object:  # fmt: skip
            return found
        return math.too_large(
            found, self.kernel.failed("E013", "nombre trop grand", "number too large", at)
        )

    def _negate(self, expr: core.Negate, env: Env) -> Column:
        return math.negate(self.eval(expr.operand, env))

    def _exact(self, expr: core.Exact, env: Env) -> Column:
        return math.closed(self.eval(expr.operand, env))  # it is a number of cents already

    # Dates.

    def wrong_where(self, found: Column, wrong: Array, failure: int) -> Column:
        """*found*, with an error in the lanes of *wrong*, whatever it is there."""
        if not wrong.any():
            return found
        return blend([(~wrong, found), (wrong, of_state(len(found), FAILURE, failure))])

    def _moved(
        self, day: Column, duration: Column, sign: int, round_up: bool
    ) -> tuple[Column, Array]:
        """*day* plus or minus *duration*, and the lanes that leave the calendar."""
        n = len(day)
        if (nothing := math.void((day, duration))) is not None:
            return nothing, np.zeros(n, bool)
        state, detail = worst((day, duration))
        here = np.ones(n, bool) if state is None else state == VALUE
        start = np.where(here, day.parts[0], calendar._EPOCH)
        months, more = (np.asarray(part) * sign for part in duration.parts)
        reached, wrong = calendar.shifted(start, months, more, round_up=round_up)
        wrong &= here
        if state is None:
            return Column((reached,)), wrong
        ends = None
        if day.ends is not None and day.has_unknown and duration.state is None:
            low, low_wrong = calendar.shifted(day.ends.low[0], months, more, round_up=round_up)
            high, high_wrong = calendar.shifted(day.ends.high[0], months, more, round_up=round_up)
            has = day.ends.has & (state == UNKNOWN) & ~low_wrong & ~high_wrong
            ends = Ends((np.where(has, low, reached),), (np.where(has, high, reached),), has)
        elif day.ends is not None or duration.ends is not None:
            a, b = math.bounds(day), math.bounds(duration)
            one = np.ones(n, bool)
            for low_part, high_part in zip(b.low, b.high, strict=True):
                one &= low_part == high_part
            has = a.has & b.has & one & (state == UNKNOWN)
            moved = [np.asarray(part) * sign for part in b.low]
            low, low_wrong = calendar.shifted(a.low[0], *moved, round_up=round_up)
            high, high_wrong = calendar.shifted(a.high[0], *moved, round_up=round_up)
            has &= ~low_wrong & ~high_wrong
            ends = Ends((np.where(has, low, reached),), (np.where(has, high, reached),), has)
        return math.closed(Column((reached,), 1, state, detail, ends)), wrong

    def _shift(self, expr: core.Shift, env: Env) -> Column:
        found, wrong = self._moved(
            self.eval(expr.day, env), self.eval(expr.duration, env), expr.sign, expr.round_up
        )
        return self.wrong_where(found, wrong, self.kernel.overflow(expr)) if wrong.any() else found

    def _gap(self, expr: core.Gap, env: Env) -> Column:
        end, start = self.eval(expr.end, env), self.eval(expr.start, env)
        if (nothing := math.void((end, start))) is not None:
            return nothing
        state, detail = worst((end, start))
        last, first = end.parts[0], start.parts[0]
        if state is not None:
            here = state == VALUE
            last, first = np.where(here, last, 1), np.where(here, first, 1)
        none = np.zeros(env.n, np.int64)
        if expr.unit == "jours":
            parts = (none, last - first)
        elif expr.unit == "mois":
            parts = (calendar.months_between(first, last), none)
        else:
            parts = (calendar.years_between(first, last) * 12, none)
        return Column(parts, 1, state, detail)

    def _range(self, expr: core.Range, env: Env) -> Column:
        last = None if expr.last is None else self.eval(expr.last, env)
        return make(self, self.eval(expr.first, env), last, expr)

    def _covers(self, expr: core.Covers, env: Env) -> Column:
        return covers(self.eval(expr.period, env), self.eval(expr.item, env), expr.of_period)

    def _overlaps(self, expr: core.Overlaps, env: Env) -> Column:
        return overlaps(self.eval(expr.left, env), self.eval(expr.right, env))

    def _edge(self, expr: core.Edge, env: Env) -> Column:
        return edge(self, expr, self.eval(expr.period, env))

    def _days_of(self, expr: core.Days, env: Env) -> Column:
        return days(self, expr, [self.eval(one, env) for one in expr.periods])

    def _builtin(self, expr: core.Builtin, env: Env) -> Column:
        (day,) = (self.eval(argument, env) for argument in expr.arguments)
        if not day.parts:
            return day
        start = day.parts[0]
        if day.state is not None:
            start = np.where(day.state == VALUE, start, calendar._EPOCH)
        return Column((calendar.FUNCTIONS[expr.name](start),), 1, day.state, day.detail)

    def _groups(self, expr: core.Groups, env: Env) -> Column:
        return group(self, expr, env)

    def _extremum(self, expr: core.Extremum, env: Env) -> Column:
        operands = [self.eval(operand, env) for operand in expr.operands]
        if expr.word != "somme":
            return math.pick(operands, -1 if expr.word == "minimum" else 1)
        found = operands[0]
        for operand in operands[1:]:
            found = math.add(found, operand)
        return self.not_too_large(found, expr)

    def _collection(self, expr: core.Collection, env: Env) -> Column:
        return collect(self, expr.items, env)

    def _as_of(self, expr: core.AsOf, env: Env) -> Column:
        day = self.eval(expr.day, env)
        n = env.n
        known = day.is_(VALUE) if day.parts else np.zeros(n, bool)
        pieces: list[tuple[Array, Column]] = [(~known, Column((), 1, day.state, day.detail))] if day.state is not None else []  # fmt: skip
        if known.any():
            on: int | Array = day.parts[0]
            if isinstance(on, np.ndarray) and on.strides == (0,) and len(on):
                on = int(on[0])
            lanes = np.flatnonzero(known)
            inner = env if len(lanes) == n else env.take(lanes)
            dates = on if isinstance(on, int) or len(lanes) == n else on[lanes]
            found = self.eval(expr.content, inner.on_dates(dates, None))
            pieces.append((known, found if len(lanes) == n else spread_out(found, lanes, n)))
        unknown = day.is_(UNKNOWN)
        if unknown.any():
            lanes = np.flatnonzero(unknown)
            found = self.undated(
                env.take(lanes), lambda inner: self.eval(expr.content, inner),
                self.kernel.boundaries(expr.content),
            )  # fmt: skip
            pieces.append((unknown, spread_out(found, lanes, n)))
        return blend(pieces)

    def _considered(self, expr: core.ConsideredDate, env: Env) -> Column:
        on = env.on
        days_ = np.broadcast_to(np.int64(on), env.n) if isinstance(on, int) else on
        undated = env.undated
        if undated is None or not undated.any():
            return Column((days_,))
        return Column((days_,), 1, np.where(undated, np.uint8(UNKNOWN), np.uint8(VALUE)))

    def _undetermined(self, expr: core.Undetermined, env: Env) -> Column:
        return of_state(env.n, UNKNOWN)

    # Suppositions.

    def _supposing(self, expr: core.Supposing, env: Env) -> Column:
        base = expr.decision.base
        elements = None if base is None else self.eval(base, env)
        value = self.eval(expr.value, env)
        n = env.n
        blocked = [Column((), 1, c.state, c.detail) for c in (elements, value) if c is not None and c.state is not None]  # fmt: skip
        there = value.is_known
        if elements is not None:
            there &= elements.is_(VALUE)
        lanes = np.flatnonzero(there)
        pieces: list[tuple[Array, Column]] = []
        for column in reversed(blocked):
            pieces.append((~there & (column.is_(VALUE) == 0), column))
        if not len(lanes):
            return blend(pieces)
        situation = np.arange(self.block.size) if env.situation is None else env.situation
        owners = {e.name: e.owner for e in self.program.entities.values() if e.owner}
        other, moved = self._dressed().take(situation[lanes], owners)
        decision = self.program.decisions[expr.decision.name]
        if decision.entity is None:
            size, place = other.size, np.arange(len(lanes))
        else:
            assert elements is not None
            size = len(other.tables[decision.entity])
            place = moved(decision.entity, elements.parts[0][lanes], np.arange(len(lanes)))
        set_ = np.zeros(size, bool)
        set_[place] = True
        given = spread_out(value.take(lanes), place, size)
        if decision.name in other.hypotheses:
            had, old = other.hypotheses[decision.name]
            given = blend([(~set_, old), (set_, given)])
            set_ = set_ | had
        supposed = other.with_hypothesis(decision.name, set_, given)
        world = World(self.kernel, supposed)
        inner = env.take(lanes)
        current = inner.current
        if current is not None and env.entity is not None:
            current = moved(env.entity, current, np.arange(len(lanes)))
        made = Env(len(lanes), inner.on, current=current, undated=inner.undated, entity=env.entity)
        made._variables = {
            name: self._moved_values(inner.variable(name), moved)
            for name in _variables_in(expr.content)
        }
        made.rule = None
        found = world.eval(expr.content, made)
        pieces.append((there, spread_out(found, lanes, n)))
        return blend(pieces)

    def _dressed(self) -> Block:
        """The block, whose columns say what their values are."""
        tables = {
            entity: attrs.evolve(table, facts={name: self.fact(entity, name) for name in table.facts})
            for entity, table in self.block.tables.items()
        }  # fmt: skip
        roots = {name: self.root(name) for name in self.block.roots}
        return attrs.evolve(self.block, tables=tables, roots=roots)

    @staticmethod
    def _moved_values(column: Column, moved: Callable[[str, Array, Array], Array]) -> Column:
        """*column*, whose elements are now those of a copy of each situation."""
        if column.kind in ("", PERIOD, TEXT) or not column.parts:
            return column
        here = column.is_(VALUE)
        lanes = np.flatnonzero(here)
        place = np.zeros(len(column), np.int64)
        place[lanes] = moved(column.kind, column.parts[0][lanes], lanes)
        return _evolve(column, parts=(place,))

    # Steps.

    def staged(self, expr: core.Staged, upto: int, env: Env) -> Column:
        """*expr* after its first *upto* steps."""
        value = self.eval(expr.value, env)
        for place, step in enumerate(expr.steps[:upto]):
            value = self._step(expr, place, step, value, env)
        return value

    def _step(
        self, expr: core.Staged, place: int, step: core.Step, value: Column, env: Env
    ) -> Column:
        match step:
            case core.Cap(limit):
                bound = self.eval(limit, env)
                found = math.pick([value, bound], -1)
                free = bound.is_(NOT_APPLICABLE)
                if free.any():
                    found = blend([(~free, found), (free, value)])
            case core.Floor(limit):
                found = math.pick([value, self.eval(limit, env)], 1)
            case core.Widen():
                found = math.closed(value)
            case core.Round():
                found = math.rounded(value, step.unit, step.rounding)
            case core.WorkingDay():
                found = self._working(step, value)
            case core.SharedCap():
                found = share(self, expr, place, step, value, env)
        if value.state is None:
            return found
        settled = value.state > UNKNOWN
        if not settled.any():
            return found
        return blend([(~settled, found), (settled, Column((), 1, value.state, value.detail))])

    def _working(self, step: core.WorkingDay, value: Column) -> Column:
        if not value.parts:
            return value
        start = value.parts[0]
        if value.state is not None:
            start = np.where(value.state == VALUE, start, calendar._EPOCH)
        found, wrong = calendar.working(start)
        column = Column((found,), 1, value.state, value.detail)
        return self.wrong_where(column, wrong, self.kernel.overflow(step))


class _Chained:
    """A decision that asks itself of the element before, worked out along each list.

    Elements are taken in the order of their ranks in their sequences: what an element asks of the
    one before is then known, and nothing goes deeper however long the list.
    """

    def __init__(self, world: World, decision: core.Decision, env: Env) -> None:
        self.world = world
        self.decision = decision
        self.env = env
        self.done = np.zeros(env.n, bool)
        self.place = np.zeros(env.n, np.int64)
        self.found: list[Column] = []
        self.size = 0

    def ask(self, places: Array | None) -> Column:
        """What the decision comes to for the elements at *places*."""
        assert places is not None
        if not len(places):
            return of_state(0, UNKNOWN)
        wanted = np.unique(places[~self.done[places]])
        if len(wanted):
            self._work(wanted)
        if len(self.found) > 1:
            self.found = [concat(self.found)]
        return self.found[0].take(self.place[places])

    def _work(self, wanted: Array) -> None:
        before = self._before()
        # The rank of each along its list; all that come before those wanted are wanted too.
        needed = np.zeros(self.env.n, bool)
        front = wanted
        while len(front):
            needed[front] = True
            front = np.unique(np.concatenate([one[front] for one in before]))
            front = front[front >= 0]
            front = front[~needed[front] & ~self.done[front]]
        todo = needed & ~self.done
        while todo.any():
            ready = todo.copy()
            for one in before:
                ready &= (one < 0) | ~todo[one]
            if not ready.any():
                ready = todo  # two orders that cross: each asks what it needs
            lanes = np.flatnonzero(ready & ~self.done)
            if len(lanes):
                found = self.world._lanes(self.decision, self.env.take(lanes))
                self.place[lanes] = self.size + np.arange(len(lanes))
                self.size += len(lanes)
                self.found.append(found)
                self.done[lanes] = True
            todo &= ~ready

    def _before(self) -> list[Array]:
        """For each sequence of the chain, the element before each; -1 for none, or not known."""
        world = self.world
        chains = world.program.chains
        chain = chains[self.decision.name]
        sequences: dict[core.Sequence, None] = {}
        for name, held in chains.items():
            if held == chain:
                for node in core.parts(rules_of(world.program.decisions[name])):
                    if isinstance(node, core.Previous):
                        sequences[node.sequence] = None
        found = []
        for sequence in sequences:
            column = world.before(sequence, self.env)[0]
            if not column.parts:
                found.append(np.full(self.env.n, -1))
            else:
                found.append(np.where(column.is_(VALUE), column.parts[0], -1))
        return found


def in_force(versions: Sequence[Any], env: Env) -> Iterator[tuple[Any, Array]]:
    """The versions in force in some lane, with these lanes; else, as `places.version_on`, the
    period that is nearest, or `Unknown` before what a source only attests."""
    on, n = env.on, env.n
    low, high = env.span
    if isinstance(on, int):
        yield places.version_on(versions, date.fromordinal(on)), np.ones(n, bool)
        return
    left: Array | None = None  # every lane
    for version in versions:
        since, until = version.period.since, version.period.until
        since = None if since is None or since.toordinal() <= low else since.toordinal()
        until = None if until is None or until.toordinal() > high else until.toordinal()
        if (since is not None and since > high) or (until is not None and until <= low):
            continue
        if since is None and until is None:
            yield version, np.ones(n, bool) if left is None else left
            return
        mask = left
        if since is not None:
            mask = on >= since if mask is None else mask & (on >= since)
        if until is not None:
            mask = on < until if mask is None else mask & (on < until)
        assert mask is not None
        if mask.any():
            yield version, mask
            left = ~mask if left is None else left & ~mask
            if not left.any():
                return
    if left is None:
        left = np.ones(n, bool)
        if not n:
            return
    # Each day that is left is before the first version, in a gap, or after the last.
    edges = [v.period.since.toordinal() for v in versions if v.period.since is not None]
    edges += [v.period.until.toordinal() for v in versions if v.period.until is not None]
    stretch = np.searchsorted(np.array(sorted(edges)), on, side="right")
    for one in np.unique(stretch[left]):
        mask = left & (stretch == one)
        day = date.fromordinal(int(on[np.argmax(mask)]))
        yield places.version_on(versions, day), mask


def _variables_in(content: object) -> set[str]:
    """The variables that *content* reads of the walks that it stands in."""
    bound = {n.variable for n in core.parts(content) if isinstance(n, core.Walk | core.Groups)}
    read = {n.name for n in core.parts(content) if isinstance(n, core.Variable)}
    return read - bound


def _whole(number: int) -> Any:
    return np.int64(number) if abs(number) < math.LIMIT else np.array(number, dtype=object)


def _evolve(column: Column, **changes: Any) -> Column:
    return attrs.evolve(column, **changes)


_FORMS: dict[type, Callable[[World, Any, Env], Column]] = {
    core.Constant: World._constant,
    core.Current: World._current,
    core.Variable: World._variable,
    core.Previous: World._previous,
    core.Root: World._root,
    core.Owner: World._owner,
    core.Fact: World._fact,
    core.DecisionValue: World._decision,
    core.ParameterValue: World._parameter,
    core.TableValue: World._table,
    core.Not: World._not,
    core.All: World._all,
    core.Some: World._some,
    core.Count: World._count,
    core.Compare: World._compare,
    core.IsOneOf: World._one_of,
    core.IsIn: World._is_in,
    core.IsPresent: World._present,
    core.IsApplicable: World._applicable,
    core.Arithmetic: World._arithmetic,
    core.Negate: World._negate,
    core.Exact: World._exact,
    core.Shift: World._shift,
    core.Gap: World._gap,
    core.Range: World._range,
    core.Covers: World._covers,
    core.Overlaps: World._overlaps,
    core.Edge: World._edge,
    core.Days: World._days_of,
    core.Builtin: World._builtin,
    core.Choice: World._choice,
    core.Walk: World._walk,
    core.Groups: World._groups,
    core.Extremum: World._extremum,
    core.Collection: World._collection,
    core.AsOf: World._as_of,
    core.Supposing: World._supposing,
    core.ConsideredDate: World._considered,
    core.Undetermined: World._undetermined,
    core.Noted: World._noted,
    core.Staged: World._staged,
}
