"""One block under the law: where its lanes are, what its facts and its decisions come to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from lexald.dsl import program as core
from lexald.dsl.dates import DateRange
from lexald.dsl.types import PERIODS, EntityType, EnumType, ListType, Type
from lexald.dsl.types import TEXT as TEXT_TYPE
from lexald.dsl.values import Amount, Duration

from ..environment import HYPOTHESIS
from ..stretches import Tried, tried_of
from . import numbers as math
from .block import Block, Table
from .chains import Asked, Chained
from .columns import (
    ABSENT,
    FAILURE,
    NEVER,
    PERIOD,
    TEXT,
    UNKNOWN,
    VALUE,
    Array,
    Column,
    Ends,
    blend,
    concat,
    of_state,
    same_value,
    spread_out,
    truths,
)
from .contest import resolve
from .forms import FORMS
from .lanes import Env, Opened
from .outcomes import same
from .rules import by, of_one_day_more
from .sequences import Line, line_up
from .steps import staged

if TYPE_CHECKING:
    from .kernel import Kernel

# A test that leaves fewer than one lane in this many is worth leaving the others out.
FEW = 4
# What it costs to take lanes apart, in nodes evaluated on all lanes.
APART = 6
# Fewer lanes than this are never left out: it costs more than it saves.
SMALL = 2000


class World:
    """One block under the law, or under what a rule supposes of it."""

    def __init__(self, kernel: Kernel, block: Block, told: frozenset[str] = frozenset()) -> None:
        """*told*: the decisions of which the rules that gave the answers are told."""
        self.kernel = kernel
        self.told = told
        self.program = kernel.program
        self.block = block
        self._answers: dict[tuple[str, Any], Column] = {}
        self._facts: dict[tuple[str, str], Column] = {}
        self._tables: dict[tuple[str | None, Any], Env] = {}
        self._chained: dict[tuple[str, Any], Chained] = {}
        self._apart: dict[tuple[int, int], Column] = {}
        self._asked: dict[object, Asked] = {}
        self.rows: dict[tuple[int, int], Column] = {}
        self.lines: dict[Any, Line] = {}
        self.shares: dict[Any, Any] = {}

    def forget(self) -> None:
        """Lets go of all that was worked out. Chains know the world that they are of: left to
        itself, a world would keep its columns until cycles are collected."""
        for kept in (
            self._answers, self._facts, self._tables, self._chained, self._apart,
            self._asked, self.rows, self.lines, self.shares,
        ):  # fmt: skip
            kept.clear()

    # ── places ─────────────────────────────────────────────────────────────────────────────────

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
            return env.on_dates(self.kernel.on, day), day
        key = (entity, "event") if env.whole else None
        if key is not None and key in self._tables:
            return self._tables[key], day
        days_ = day.parts[0]
        if day.state is not None:
            days_ = np.where(day.state == VALUE, days_, self.kernel.on)
        made = env.on_dates(days_, None)
        if key is None and env.root is not None and env.root.entity == entity:
            made.root = self.dated(entity, env.root)[0]
        if key is not None:
            made.whole, made.root = True, made
            self._tables[key] = made
        return made, day

    def where(self, mask: Array, env: Env, work: Callable[[Env], Column], piece: object) -> Column:
        """What *work*, which evaluates *piece* of the law, gives in the lanes of *mask*; whatever
        in the others."""
        count = int(np.count_nonzero(mask))
        n = env.n
        if count == n:
            return work(env)
        if count == 0:
            return of_state(n, UNKNOWN)
        if not self._pays(count, n, piece):
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

    def _pays(self, count: int, n: int, piece: object) -> bool:
        """Whether to evaluate *piece* in *count* lanes of *n* costs less than in all of them, once
        these are taken apart."""
        if self.kernel.apart:
            return True
        if n < SMALL or count * FEW > n:
            return False
        return self.kernel.weight(piece) * (n - count) >= APART * n

    # ── decisions ──────────────────────────────────────────────────────────────────────────────

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
                assert env.current is not None
                found = self._chain(name, on).ask(env.current)
            else:
                found = self.in_lanes(decision, env)
            self._answers[key] = found
            self._asked.pop(key, None)
        return found

    def _is_kept(self, name: str, env: Env) -> bool:
        """Whether what *name* answers to *env* is kept for all who ask: at its own day, or at one."""
        entity = self.program.decisions[name].entity
        return isinstance(env.on, int) or (
            entity is not None and self.program.entities[entity].event is not None
        )

    def _of_few(self, key: object, places: Array, root: Env, work: Callable[[Env], Column]) -> Column | None:  # fmt: skip
        """What *work* gives in the lanes of *root* at *places*, if they are few; what is asked for
        the whole of *root* otherwise is worked out at once."""
        if root.n < SMALL and not self.kernel.apart:
            return None
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = Asked(root, work)
        wanted = asked.wanted(places)
        if (asked.number + len(wanted)) * FEW > root.n and not self.kernel.apart:
            return None
        return asked.ask(places, wanted)

    def _chain(self, name: str, on: int) -> Chained:
        decision = self.program.decisions[name]
        assert decision.entity is not None
        event = self.program.entities[decision.entity].event
        key = (name, None if event else on)
        found = self._chained.get(key)
        if found is None:
            found = self._chained[key] = Chained(self, decision, self.of_all(decision.entity, on))
        return found

    def in_lanes(self, decision: core.Decision, env: Env) -> Column:
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
            return by(self, decision.name, HYPOTHESIS, self.dressed(given, decision.type))
        found = self.at_own_date(
            decision.entity, env, lambda inner: resolve(self, decision, inner),
            lambda: tried_of(self.program, decision.name),
        )  # fmt: skip
        if set_ is None or not set_.any():
            return found
        assert given is not None
        given = by(self, decision.name, HYPOTHESIS, self.dressed(given, decision.type))
        return blend([(~set_, found), (set_, given)])

    def at_own_date(
        self,
        entity: str | None,
        env: Env,
        work: Callable[[Env], Column],
        tried: Callable[[], Tried],
    ) -> Column:
        """What *work* gives at the date that rules each element; where it is not known, the one
        answer that it gives on all the days *tried*, if it gives one."""
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
            found = self.undated(env.take(lanes), day.take(lanes), work, tried())
            pieces.append((unknown, spread_out(found, lanes, env.n)))
        return blend(pieces) if len(pieces) > 1 else pieces[0][1]

    def undated(self, env: Env, day: Column, work: Callable[[Env], Column], tried: Tried) -> Column:
        """The one answer that all versions give where *day* is not known, the latest tried first."""
        days = [one.toordinal() for one in tried.days]
        n = env.n
        everyone = np.ones(n, bool)
        if tried.is_one:
            return work(env.on_dates(days[0], day))
        first: Column | None = None
        open_ = everyone
        for one in reversed(days):
            lanes = np.flatnonzero(open_)
            if not len(lanes):
                break
            found = work(env.take(lanes).on_dates(one, day.take(lanes)))
            if first is None:
                first = found
                going = ~found.is_(UNKNOWN)
            else:
                going = same(self.kernel, found, first.take(lanes))
                first = of_one_day_more(first, found, lanes)
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
        return self.at_own_date(
            entity, env, lambda inner: self.eval(expr, inner), lambda: self.kernel.tried(expr)
        )

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
        if event is not None or env.is_steady:
            on = env.on if env.is_steady and isinstance(env.on, int) else self.kernel.on
            if name in self.program.chains:
                assert place is not None
                return self._chain(name, on).ask(place)
            if place is None:
                place = env.situation
            if place is None or whole:
                return self._whole(name, on)
            key = (name, None if event else on)
            if key not in self._answers:
                few = self._of_few(
                    key, place, self.of_all(decision.entity, on),
                    lambda inner: self.in_lanes(decision, inner),
                )  # fmt: skip
                if few is not None:
                    return few
            return self._whole(name, on).take(place)
        # At dates that differ from lane to lane: worked out for these lanes.
        inner = Env(
            env.n, env.on, current=place, situation=env.situation, undated=env.undated,
            entity=decision.entity,
        )  # fmt: skip
        found = self.in_lanes(decision, inner)
        return found

    def staged(self, expr: core.Staged, upto: int, env: Env) -> Column:
        """*expr* after its first *upto* steps."""
        return staged(self, expr, upto, env)

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
                if not items.whole and len(places) == n and np.array_equal(places, np.arange(n)):
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
                return same_value((_number(value),), n)
            case Fraction():
                return same_value((_number(value.numerator),), n, value.denominator)
            case Amount():
                return same_value((_number(value.cents),), n)
            case Duration():
                return same_value((value.months, value.days), n)
            case date():
                return same_value((value.toordinal(),), n)
            case DateRange():
                last = NEVER if value.last is None else value.last.toordinal()
                return attrs.evolve(same_value((value.first.toordinal(), last), n), kind=PERIOD)
            case str():
                return attrs.evolve(same_value((self.block.texts.rank(value),), n), kind=TEXT)
            case tuple():
                items = concat([self.constant(item, 1) for item in value]) if value else None
                return Column(
                    (np.broadcast_to(np.int64(0), n), np.broadcast_to(np.int64(len(value)), n)),
                    items=items or of_state(0, UNKNOWN),
                )
        raise AssertionError(f"not a value: {value!r}")

    # ── expressions ────────────────────────────────────────────────────────────────────────────

    def eval(self, expr: core.Expr, env: Env) -> Column:
        """What *expr* comes to in each lane of *env*."""
        if env.root is not None and self.kernel.is_apart(expr):
            found = self._once(expr, env, env.root)
        else:
            found = FORMS[type(expr)](self, expr, env)
        if found.state is None or (env.opened is None and not env.guesses):
            return found
        unknown = found.state == UNKNOWN
        if not unknown.any():
            return found
        condition = self.kernel.condition(expr)
        return found if condition < 0 else self.open_condition(condition, found, unknown, env)

    def _once(self, expr: core.Expr, env: Env, root: Env) -> Column:
        """*expr*, which nothing that is guessed can change: worked out once for a whole table."""
        if isinstance(expr, core.DecisionValue) and self._is_kept(expr.name, root):
            return FORMS[type(expr)](self, expr, env)
        key = (id(root), id(expr))
        found = self._apart.get(key)
        place = None if env.whole else env.situation if root.entity is None else env.current
        if found is None:
            form = FORMS[type(expr)]
            if place is not None:
                few = self._of_few(key, place, root, lambda inner: form(self, expr, inner))
                if few is not None:
                    return few
            found = self._apart[key] = form(self, expr, root)
            self._asked.pop(key, None)
        return found if place is None else found.take(place)

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

    def before(self, sequence: core.Sequence, env: Env) -> tuple[Column, Column]:
        """The element before the current one, and whether there is one."""
        assert env.current is not None
        event = self.program.entities[sequence.entity].event
        if event is not None or env.is_steady:
            on = env.on if env.is_steady and isinstance(env.on, int) else self.kernel.on
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

    def wrong_where(self, found: Column, wrong: Array, failure: int) -> Column:
        """*found*, with an error in the lanes of *wrong*, whatever it is there."""
        if not wrong.any():
            return found
        return blend([(~wrong, found), (wrong, of_state(len(found), FAILURE, failure))])


def _number(number: int) -> Any:
    return np.int64(number) if abs(number) < math.LIMIT else np.array(number, dtype=object)
