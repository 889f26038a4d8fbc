"""What generated modules stand on: what is not a value, views at a date, lists, ceilings.

Nothing heavy is imported here, and nothing of the program: a new process that decides one thing
pays for this file and the generated one.

A value is kept bare: amounts are whole cents, rates and exact amounts whole numbers over a
denominator that the generator chose, durations pairs ``(months, days)``, periods pairs ``(first,
last)``, `None` absent. What is not a value is a `Not`. The quick form of a function of the law
reads on as if everything were known: whatever it does with a `Not` raises `Open`. The careful
form, which is then tried, goes by the lifted operations below (``and3``, ``lt3``…): three-valued
truth, without bounds. What these cannot settle raises `Slow`, and the interpreter answers.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date

TYPE_CHECKING = False  # without `typing`, which costs as much as all the rest
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

# Places in an element, which is a list; its facts follow, then its orders, ceilings, decisions.
# Of the whole situation, the owner is the law by eras, and the peers are the run. Of an element
# without a day of its own, VIEWS are what it is on each day: at first, what it was copied from,
# whose PATH says where its facts end.
ON, ERA, ROOT, OWNER, PEERS, PATH, VIEWS, OWN, ROOTED = range(9)
HEAD = 9

# How far a walk over the days of a period may go; beyond, the interpreter says the error.
MAX_DAYS = 40_000
# Days of law that are kept with the functions in force on them.
MAX_KEPT = 4_096


class Open(Exception):
    """Something that is not a value was used as one."""


class Slow(Open):
    """Only the interpreter settles this."""


def stop(*_: Any) -> NoReturn:
    """What is evaluated here is left to the interpreter."""
    raise Slow


class Not:
    """Not a value. To use it as one raises `Open`, whatever the use.

    *rank* is the order in which what is not a value wins: 1 unknown without bounds, 2 unknown
    that may have bounds, 3 not applicable, 4 conflict or error. *said* is the decision for 3;
    *outcome* what the interpreter said, if it did. *low*, *high*: the bounds that the law declares
    of a fact that is not told.
    """

    __slots__ = ("high", "low", "outcome", "rank", "said")

    def __init__(
        self, rank: int, said: str = "", outcome: Any = None, low: Any = None, high: Any = None
    ) -> None:
        self.rank = rank
        self.said = said
        self.outcome = outcome
        self.low = low
        self.high = high

    def __repr__(self) -> str:
        return f"<Not {self.rank} {self.said}>"

    def _open(self, *_: Any) -> NoReturn:
        raise Open

    __bool__ = __len__ = __iter__ = __hash__ = __getitem__ = __contains__ = _open
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _open
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = _open
    __and__ = __rand__ = __or__ = __ror__ = __floordiv__ = __rfloordiv__ = _open

    def __getattr__(self, name: str) -> NoReturn:
        if name[:2] == "__":
            raise AttributeError(name)
        raise Open


UNKNOWN, BOUNDED, INAPPLICABLE, BAD = 1, 2, 3, 4
F = Not(BAD)  # an error or a conflict, which the interpreter will name if it is asked
U = Not(UNKNOWN)  # a fact that is not told; an answer that is surely unknown
V = Not(BOUNDED)  # unknown, between bounds that the generated code does not follow
PARTIAL = Not(BOUNDED, "partial")  # a list of which it is said that there are others
W = Not(BOUNDED, "surely")  # the same, which bounds never settle
NoneType = type(None)


class Never:
    """Not worked out yet."""

    __slots__ = ()


N = Never()


# ── dates of law ─────────────────────────────────────────────────────────────────────────


class Eras:
    """Which functions hold on which day, day by day of change, each worked out once.

    *units*: for each function of the law, the days on which its text changes and its texts, one
    more than the days.
    """

    def __init__(self, units: Sequence[tuple[Sequence[date], Sequence[Any]]]) -> None:
        self.units = units
        self.days = sorted({day for days, _ in units for day in days})
        # One place for each stretch of law: their number bounds what is kept.
        self.held: list[list[Any] | None] = [None] * (len(self.days) + 1)
        self.undated: list[Any] = [_stub(unit) for unit in range(len(units))]
        self._kept: dict[Any, list[Any]] = {}

    def at(self, day: Any) -> list[Any]:
        """The functions in force on *day*, by the number of their unit."""
        found = self._kept.get(day)
        if found is None:
            if day.__class__ is not date:
                raise Slow
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            found = self._kept[day] = self._found(day)
        return found

    def _found(self, day: date) -> list[Any]:
        place = bisect_right(self.days, day)
        found = self.held[place]
        if found is None:
            found = self.held[place] = [
                texts[bisect_right(days, day)] if days else texts[0] for days, texts in self.units
            ]
        return found


def _stub(unit: int) -> Callable[..., Any]:
    def undated(e: Any, *_: Any) -> Any:
        return e[ROOT][PEERS].slow(e, unit)

    return undated


def at(e: Any, on: Any) -> Any:
    """*e*, of an entity without a day of its own, as it is on *on*: its facts, its own answers."""
    first = e[ON]
    if first is on:
        return e
    views = e[VIEWS]
    if views.__class__ is list:
        if first is None:
            # The first day that is asked is most often the only one: no copy is made for it.
            e[ERA] = e[ROOT][OWNER].at(on)
            e[ON] = on
            return e
        bare = e[:]
        facts = views[PATH]
        bare[facts:] = views[facts:]
        bare[ON] = None
        bare[OWN] = bare[ROOTED] = N
        views = {None: bare, first: e}
        e[VIEWS] = bare[VIEWS] = views
    view = views.get(on)
    if view is None:
        view = views[None][:]
        view[ON] = on
        view[ERA] = e[ROOT][OWNER].at(on)
        views[on] = view
    return view


def path_of(e: Any) -> tuple[Any, ...]:
    """Where *e* stands in the situation."""
    path = e[PATH]
    if path and path[0].__class__ is tuple:
        path = e[PATH] = (*path[0], path[1])  # of one in a list, the list's and the rank
    return path  # type: ignore[no-any-return]


def own(e: Any) -> Any:
    """The owner of *e*, which has no day of its own, on the day of *e*."""
    view = e[OWN] = at(e[OWNER], e[ON])
    return view


def rooted(e: Any) -> Any:
    """The whole situation, on the day of *e*."""
    view = e[ROOTED] = at(e[ROOT], e[ON])
    return view


def held(e: Any) -> Any:
    """An owner that the situation may not tell."""
    if e is None:
        raise Slow
    return e


def ask(e: Any, place: int, unit: int) -> Any:
    """A decision of *e*, worked out once."""
    found = e[place]
    return e[ERA][unit](e) if found is N else found


def ask3(e: Any, place: int, unit: int) -> Any:
    """`ask`, of an element that may not be known."""
    if e.__class__ is Not:
        return e
    found = e[place]
    return e[ERA][unit](e) if found is N else found


def at3(e: Any, on: Any) -> Any:
    """`at`, of an element that may not be known."""
    return e if e.__class__ is Not else at(e, on)


def get3(e: Any, place: int) -> Any:
    """A fact of an element that may not be known."""
    return e if e.__class__ is Not else e[place]


def careful(text: Callable[..., Any], e: Any, unit: int) -> Any:
    """What the careful form of a decision answers, else the interpreter."""
    try:
        return text(e)
    except Open:
        return e[ROOT][PEERS].slow(e, unit)


def closed(found: Any) -> Any:
    """An answer of the careful form, for which unknown would not be certain."""
    if found.__class__ is Not and found.rank < INAPPLICABLE:
        raise Slow
    return found


def settled(found: Any, open_: Callable[[], Any]) -> Any:
    """An answer of the careful form: unknown is certain if all that *open_* gives is known."""
    if found.__class__ is Not and found.rank < INAPPLICABLE:
        try:
            conditions = open_()
        except (TypeError, AttributeError):
            raise Slow from None  # one is read under a test only, and is absent here
        if any(one.__class__ is Not for one in conditions):
            raise Slow
    return certain(found)


def certain(found: Any) -> Any:
    """An answer of the careful form: without bounds, unknown is certain."""
    if found.__class__ is Not and is_open(found):
        raise Slow
    return found


# ── three-valued truth and lifted operations ─────────────────────────────────────────────


def is_open(a: Not) -> bool:
    """Whether bounds that are not followed here may settle *a*."""
    return a.rank == BOUNDED and a.low is None and a is not W


def worst(found: Sequence[Any]) -> Any:
    """What wins among those of *found* that are not values; `None` if all are."""
    kept = None
    for one in found:
        if one.__class__ is Not and (kept is None or one.rank > kept.rank):
            kept = one
    if kept is None or kept.rank == INAPPLICABLE:
        return kept
    if kept.rank == BAD:
        return F  # of two that go wrong, the interpreter says which
    if kept.rank == UNKNOWN:
        return U
    # Bounds are those of what was not read. What bounds may settle is not surely unknown.
    return V if any(one.__class__ is Not and is_open(one) for one in found) else W


def lift(function: Callable[..., Any], *operands: Any) -> Any:
    """*function* of *operands* if they are values; else what is worst among them, without bounds."""
    for one in operands:
        if one.__class__ is Not:
            wrong = worst(operands)
            if wrong is V and any(o.__class__ is Not and o.rank == UNKNOWN for o in operands):
                return U
            return U if wrong is W else wrong
    return function(*operands)


def between3(low: Any, high: Any) -> Any:
    """What is not known, between two values; known if they are one."""
    return low if low == high else Not(BOUNDED, low=low, high=high)


def num3(function: Callable[..., Any], *operands: Any) -> Any:
    """`lift` of numbers, *function* growing or falling with each: bounds give bounds."""
    for one in operands:
        if one.__class__ is Not:
            break
    else:
        return function(*operands)
    wrong = worst(operands)
    if wrong.rank >= INAPPLICABLE:
        return wrong
    pairs = []
    for one in operands:
        ends = _ends(one)
        if ends is None:
            return U
        pairs.append(ends)
    if function in (min, max, total):
        corners: list[Any] = list(zip(*pairs, strict=True))  # these grow with each
    else:
        corners = [()]
        for low, high in pairs:
            both = (low,) if low == high else (low, high)
            corners = [(*corner, end) for corner in corners for end in both]
    found = [function(*corner) for corner in corners]
    return between3(min(found), max(found))


def far3(function: Callable[..., Any], *operands: Any) -> Any:
    """`lift`, where bounds give bounds that are not followed here."""
    for one in operands:
        if one.__class__ is Not:
            wrong = worst(operands)
            if wrong.rank == BOUNDED:
                plain = any(o.__class__ is Not and o.rank == UNKNOWN for o in operands)
                return U if plain else V
            return wrong
    return function(*operands)


def not3(a: Any) -> Any:
    return (not a) if a.__class__ is bool else truth3(a)


def truth3(a: Any) -> Any:
    if a.__class__ is Not and not is_open(a):
        return a
    raise Slow


def and3(*operands: Any) -> Any:
    unknown = None
    false = False
    for a in operands:
        if a is True:
            continue
        if a is False:
            false = True
        else:
            a = truth3(a)
            if unknown is None or a.rank > unknown.rank:
                unknown = a
    if unknown is not None and unknown.rank >= INAPPLICABLE:
        return unbound(unknown)
    if false:
        return False
    return True if unknown is None else U


def or3(*operands: Any) -> Any:
    return not3(and3(*map(not3, operands)))


def count3(low: int, high: int, *operands: Any) -> Any:
    unknown = worst(operands)
    if unknown is V:
        raise Slow
    if unknown is not None and unknown.rank >= INAPPLICABLE:
        return unknown
    least = most = 0
    for a in operands:
        if a is True:
            least += 1
            most += 1
        elif a is not False:
            most += 1
    if low <= least and most <= high:
        return True
    if most < low or least > high:
        return False
    return U


def pick3(condition: Any, then: Any, otherwise: Any) -> Any:
    """``si … alors … sinon``; where the condition is open, what both branches say."""
    if condition is True:
        return then
    if condition is False:
        return otherwise
    condition = truth3(condition)
    if condition.rank >= INAPPLICABLE:
        return condition
    if then.__class__ is not Not and otherwise.__class__ is not Not and then == otherwise:
        return then
    return spread3((then, otherwise))


_UNORDERED = (bool, str, NoneType, tuple, list)


def spread3(found: Sequence[Any]) -> Any:
    """What is one of *found*: between the least and the greatest of them, if they have bounds."""
    low = high = None
    if any(one.__class__ is Not and one.rank >= INAPPLICABLE for one in found):
        raise Slow  # another branch may go wrong alike: the same error is then sure
    if any(one.__class__ is Not and one.rank == UNKNOWN for one in found):
        return U
    if any(one.__class__ is Not and one.low is None for one in found):
        return V
    for one in found:
        ends = _ends(one)
        if ends[0].__class__ in _UNORDERED or ends[1].__class__ in _UNORDERED:
            return U
        low = ends[0] if low is None or ends[0] < low else low
        high = ends[1] if high is None or ends[1] > high else high
    return Not(BOUNDED, low=low, high=high)


def stands3(guard: Any, exception: Any, base: Any) -> Any:
    """An exception, or what it excepts. Where its guard is open, the interpreter would try both."""
    if guard is True:
        return exception
    if guard is False:
        return base
    truth3(guard)
    if exception.__class__ is not Not and base.__class__ is not Not and exception == base:
        raise Slow  # one answer, if the open conditions are few enough
    return spread3((exception, base))


def known3(*guards: Any) -> None:
    """Guards of several exceptions: what is open among them is tried by the interpreter."""
    for guard in guards:
        if guard is not True and guard is not False:
            raise Slow


def present(a: Any) -> bool:
    if a.__class__ is Not:
        raise Open
    return a is not None


def present3(a: Any) -> Any:
    if a is PARTIAL:
        return True
    return unbound(a) if a.__class__ is Not else a is not None


def unbound(a: Not) -> Not:
    """What *a*, which is not a value, makes of what reads it."""
    if a.rank == INAPPLICABLE or is_open(a):
        return a
    return F if a.rank == BAD else U


def applies(a: Any) -> bool:
    if a.__class__ is Not:
        if a.rank == INAPPLICABLE:
            return False
        raise Open
    return True


def unknown() -> Any:
    return U


def applies3(a: Any, again: Callable[[], Any]) -> Any:
    """*again*: whether the decision says that it applies."""
    if a.__class__ is Not:
        if a.rank == INAPPLICABLE:
            return False
        if a.rank == BAD or is_open(a):
            raise Slow  # an error stays one; a conflict applies
        return again()
    return True


def _less(a: Any, b: Any) -> bool:
    return bool(a < b)


def lt3(a: Any, b: Any) -> Any:
    if a.__class__ is Not or b.__class__ is Not:
        return _below(a, b)
    return a < b


def eq3(a: Any, b: Any) -> Any:
    if a.__class__ is Not or b.__class__ is Not:
        return _equal(a, b)
    return a == b


def _ends(a: Any) -> Any:
    """The least and the greatest that *a* may be; `None` when it is not known."""
    if a.__class__ is not Not:
        return (a, a)
    if a.rank == UNKNOWN:
        return None
    if a.low is None:
        raise Slow
    return (a.low, a.high)


def _below(a: Any, b: Any) -> Any:
    """``a < b``, of which one is not a value: bounds may decide."""
    found = worst((a, b))
    if found.rank >= INAPPLICABLE:
        return found
    p, q = _ends(a), _ends(b)
    if p is not None and q is not None:
        if p[1] < q[0]:
            return True
        if p[0] >= q[1]:
            return False
    return U


def _equal(a: Any, b: Any) -> Any:
    found = worst((a, b))
    if found.rank >= INAPPLICABLE:
        return found
    p, q = _ends(a), _ends(b)
    if p is not None and q is not None and None not in (*p, *q) and (p[1] < q[0] or q[1] < p[0]):
        return False
    return U


def _apart(a: Any, b: Any) -> Any:
    found = worst((a, b))
    if found.rank == BOUNDED:
        raise Slow  # bounds may decide
    return found


def in3(a: Any, choices: Any) -> Any:
    if a.__class__ is not Not:
        return a in choices
    found: Any = False
    for one in choices:
        found = _equal(a, one)
        if found is not False:
            return found
    return found


def isin(a: Any, items: Any) -> bool:
    if a.__class__ is Not:
        raise Open
    return a in items


def isin3(a: Any, items: Any) -> Any:
    return lift(isin, a, items)


# ── numbers ──────────────────────────────────────────────────────────────────────────────


def add(a: Any, b: Any) -> Any:
    return a + b


def sub(a: Any, b: Any) -> Any:
    return a - b


def mul(a: Any, b: Any) -> Any:
    return a * b


def neg(a: Any) -> Any:
    return -a


def times(a: Any, n: int) -> Any:
    return a * n


_fractions: dict[tuple[int, int], Any] = {}


def fraction(n: Any, d: int = 1) -> Any:
    """The fraction *n* over *d*."""
    if n.__class__ is Not:
        raise Open
    from fractions import Fraction

    if n.__class__ is not int or len(_fractions) > 10_000:
        return Fraction(n, d)
    found = _fractions.get((n, d))
    if found is None:
        found = _fractions[n, d] = Fraction(n, d)
    return found


def scaled(value: Any, by: int) -> Any:
    """*value*, that may be absent or not be one, over another denominator."""
    if value.__class__ is Not:
        return num3(mul, value, by)
    return value if value is None else value * by


def loosened(value: Any, d: int) -> Any:
    """*value* over *d*, that may be absent or not be one, as a fraction."""
    if value.__class__ is Not:
        return num3(fraction, value, d)
    return value if value is None else fraction(value, d)


def divide(a: Any, b: Any, over: int, under: int) -> Any:
    """``(a / over) / (b / under)``, as a fraction."""
    if not b:
        raise Slow
    return fraction(a * under, 1) / fraction(b * over, 1)


def divide3(a: Any, b: Any, over: int, under: int) -> Any:
    """`divide`; bounds are kept where what divides is known."""
    if b.__class__ is Not:
        return lift(divide, a, b, over, under)
    return num3(divide, a, b, over, under)


MAX_BITS = 4096


def checked(value: Any) -> Any:
    """*value*, unless it has more digits than any law reaches."""
    if value.__class__ is int:
        big = value.bit_length() > MAX_BITS
    else:
        big = max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS
    if big:
        raise Slow
    return value


def nearest(n: int, d: int) -> int:
    """*n* over *d*, to the nearest whole number; a half goes away from zero."""
    return (2 * n + d) // (2 * d) if n >= 0 else -((d - 2 * n) // (2 * d))


def up(n: int, d: int) -> int:
    return -(-n // d)


def down(n: int, d: int) -> int:
    return n // d


def nearest_of(f: Any, unit: int) -> int:
    return nearest(f.numerator, f.denominator * unit)


def up_of(f: Any, unit: int) -> int:
    return up(f.numerator, f.denominator * unit)


def down_of(f: Any, unit: int) -> int:
    return down(f.numerator, f.denominator * unit)


def cap(value: Any, limit: Any) -> Any:
    """A limit that is not applicable does not limit."""
    if limit.__class__ is Not and limit.rank == INAPPLICABLE:
        return value
    return min(value, limit)


def cap3(value: Any, limit: Any) -> Any:
    if value.__class__ is Not and value.rank >= INAPPLICABLE:
        return unbound(value)
    if limit.__class__ is Not and limit.rank == INAPPLICABLE:
        return value
    return num3(min, value, limit)


def floor3(value: Any, limit: Any) -> Any:
    if value.__class__ is Not and value.rank >= INAPPLICABLE:
        return unbound(value)
    return num3(max, value, limit)


# ── durations, dates, periods ────────────────────────────────────────────────────────────


def order(a: Any, b: Any) -> int:
    """-1, 0, 1; where only a date would compare two durations, the interpreter says so."""
    months, days = a[0] - b[0], a[1] - b[1]
    if months * days < 0:
        raise Slow
    whole: int = months or days
    return (whole > 0) - (whole < 0)


def dlt(a: Any, b: Any) -> bool:
    return order(a, b) < 0


def deq(a: Any, b: Any) -> bool:
    return order(a, b) == 0


def dlt3(a: Any, b: Any) -> Any:
    return _apart(a, b) if a.__class__ is Not or b.__class__ is Not else dlt(a, b)


def deq3(a: Any, b: Any) -> Any:
    return _apart(a, b) if a.__class__ is Not or b.__class__ is Not else deq(a, b)


def dmin(*values: Any) -> Any:
    chosen = values[0]
    for value in values[1:]:
        if order(value, chosen) < 0:
            chosen = value
    return chosen


def dmax(*values: Any) -> Any:
    chosen = values[0]
    for value in values[1:]:
        if order(value, chosen) > 0:
            chosen = value
    return chosen


def dcap(value: Any, limit: Any) -> Any:
    if limit.__class__ is Not and limit.rank == INAPPLICABLE:
        return value
    return dmin(value, limit)


def dadd(a: Any, b: Any) -> Any:
    return (a[0] + b[0], a[1] + b[1])


def dsub(a: Any, b: Any) -> Any:
    return (a[0] - b[0], a[1] - b[1])


def dmul(a: Any, n: int) -> Any:
    return (a[0] * n, a[1] * n)


def dneg(a: Any) -> Any:
    return (-a[0], -a[1])


_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _last(year: int, month: int) -> int:
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _LENGTHS[month - 1]


def shift(day: Any, duration: Any, sign: int, round_up: bool) -> Any:
    """The day *duration* after (or, *sign* -1, before) *day*, as `dates.add_duration` reckons."""
    months, days = duration
    if sign < 0:
        months, days = -months, -days
    if months:
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        month += 1
        if not 1 <= year <= 9999:
            raise Slow
        last = _last(year, month)
        if day.day <= last:
            day = date(year, month, day.day)
        else:
            day = date(year, month, last)
            if round_up:
                days += 1
                # The next day is the first of a month: a day more is a day more.
    elif day.__class__ is Not:
        raise Open
    if days:
        number = day.toordinal() + days
        if not 1 <= number <= 3652059:
            raise Slow
        return date.fromordinal(number)
    return day


def lt_from(start: Any, a: Any, b: Any) -> bool:
    return bool(shift(start, a, 1, False) < shift(start, b, 1, False))


def eq_from(start: Any, a: Any, b: Any) -> bool:
    return bool(shift(start, a, 1, False) == shift(start, b, 1, False))


def in_days(end: Any, start: Any) -> Any:
    return (0, end.toordinal() - start.toordinal())


def _months(start: Any, end: Any) -> int:
    if end < start:
        return -_months(end, start)
    months: int = (end.year - start.year) * 12 + end.month - start.month
    if shift(start, (months, 0), 1, False) > end:
        months -= 1
    return months


def in_months(end: Any, start: Any) -> Any:
    return (_months(start, end), 0)


def in_years(end: Any, start: Any) -> Any:
    months = _months(start, end)
    return (12 * (-(-months // 12) if months < 0 else months // 12), 0)


def period(first: Any, last: Any) -> Any:
    """``du first au last``; its last day may be the eve of the first, no earlier."""
    if last is not None and last.toordinal() - first.toordinal() < -1:
        raise Slow
    if first.__class__ is not date:
        raise Open
    return (first, last)


def period3(first: Any, last: Any) -> Any:
    found = worst((first, last))
    if found is None:
        return period(first, last)
    if found is V:
        return V
    return W if found.rank < INAPPLICABLE else found


def covers(p: Any, day: Any) -> bool:
    first, last = p
    return first <= day and (last is None or day <= last)


def covers3(p: Any, day: Any) -> Any:
    if p.__class__ is Not or day.__class__ is Not:
        found = _apart(p, day)
        if p.__class__ is tuple and p[0] == date.min:
            raise Slow
        return found
    return covers(p, day)


def encloses(p: Any, q: Any) -> bool:
    if p.__class__ is Not:
        raise Open
    if q[1] is not None and q[1] < q[0]:
        return True
    return p[0] <= q[0] and (p[1] is None or (q[1] is not None and q[1] <= p[1]))


def overlap(p: Any, q: Any) -> bool:
    """Two periods have a day in common."""
    first = max(p[0], q[0])
    return (p[1] is None or first <= p[1]) and (q[1] is None or first <= q[1])


def edge(which: str, p: Any) -> Any:
    """A day of a period; that of one without a day is an error."""
    first, last = p
    if which == "premier jour après":
        if last is None:
            return None
        if last == date.max:
            raise Slow
        return date.fromordinal(last.toordinal() + 1)
    if last is not None and last < first:
        raise Slow
    return first if which == "premier jour" else last


def edge3(which: str, p: Any) -> Any:
    if p.__class__ is Not:
        if p.rank == BOUNDED:
            raise Slow  # the end that is known decides
        return W if p.rank == UNKNOWN else unbound(p)
    return edge(which, p)


def encloses3(p: Any, q: Any) -> Any:
    if p.__class__ is not Not and q.__class__ is not Not:
        return encloses(p, q)
    found = _apart(p, q)
    for known in (p, q):
        if known.__class__ is tuple and (known[0] == date.min or _is_empty(known)):
            raise Slow  # what ends are known decides
    return found


def overlap3(p: Any, q: Any) -> Any:
    if p.__class__ is not Not and q.__class__ is not Not:
        return overlap(p, q)
    found = _apart(p, q)
    if any(known.__class__ is tuple and _is_empty(known) for known in (p, q)):
        raise Slow
    return found


def _is_empty(p: Any) -> bool:
    return p[1] is not None and bool(p[1] < p[0])


def days(*periods: Any) -> Any:
    """The days that *periods* have in common, in order."""
    first, last = periods[0]
    for other in periods[1:]:
        first = max(first, other[0])
        if last is None or (other[1] is not None and other[1] < last):
            last = other[1]
    start, number = first.toordinal(), last.toordinal() - first.toordinal() + 1
    if number > MAX_DAYS:
        raise Slow
    return tuple(map(date.fromordinal, range(start, start + max(number, 0))))


def working_day(day: Any) -> Any:
    if day.__class__ is not date:
        raise Open
    from lexald.dsl.dates import DateOverflow, next_working_day

    try:
        return next_working_day(day)
    except DateOverflow:
        raise Slow from None


def built_in(name: str, day: Any) -> Any:
    """A function of `operations` that is not an attribute of a date."""
    if name == "début_de_l_année":
        return date(day.year, 1, 1)
    if name == "fin_de_l_année":
        return date(day.year, 12, 31)
    assert name == "fin_du_mois", name
    return date(day.year, day.month, _last(day.year, day.month))


# ── tables ───────────────────────────────────────────────────────────────────────────────


def good(argument: Any) -> Any:
    """An argument of a table, which no row may read: what is wrong with it counts all the same."""
    if argument.__class__ is Not and argument.rank >= INAPPLICABLE:
        raise Open
    return argument


def gone(found: Not, *arguments: Any) -> Any:
    """What is read, with *arguments*, of a table that is not in force."""
    wrong = worst(arguments)
    return found if wrong is None or wrong.rank < INAPPLICABLE else wrong


# A cell is `None` (any value), a tuple of values, or ``(low, high, low in, high in)`` in a list.


def look(rows: Sequence[Any], long: Sequence[bool], *arguments: Any) -> Any:
    """The result of the first of *rows* that fits. *long*: which arguments are durations."""
    for tests, result in rows:
        for test, value, is_long in zip(tests, arguments, long, strict=True):
            if test is not None and not _passes(test, value, is_long):
                break
        else:
            return result
    raise Slow


def _passes(test: Any, value: Any, is_long: bool) -> bool:
    if test.__class__ is tuple:
        if value.__class__ is Not:
            raise Open
        return value in test
    if value is None:
        return False
    low, high, low_in, high_in = test[0]
    if is_long:
        if low is not None:
            found = order(value, low)
            if found < 0 or (found == 0 and not low_in):
                return False
        if high is not None:
            found = order(value, high)
            if found > 0 or (found == 0 and not high_in):
                return False
        return True
    if low is not None and not (value > low or (low_in and value == low)):
        return False
    return high is None or bool(value < high or (high_in and value == high))


def _may_fit(test: Any, value: Not, is_long: bool) -> bool | None:
    """Whether what is not known passes *test*: `None` when it may or may not."""
    ends = _ends(value)
    if ends is None:
        return None
    if is_long:
        raise Slow
    if test.__class__ is tuple:
        outside = [v is None or v < ends[0] or ends[1] < v for v in test]
        return False if all(outside) else None
    low, high, _, _ = test[0]
    if (low is not None and ends[1] < low) or (high is not None and high < ends[0]):
        return False
    both = _passes(test, ends[0], False) and _passes(test, ends[1], False)
    return True if both else None


def look3(rows: Sequence[Any], long: Sequence[bool], *arguments: Any) -> Any:
    """`look`, where arguments may not be known: what all the rows that may fit say."""
    wrong = worst(arguments)
    if wrong is None:
        return look(rows, long, *arguments)
    if wrong.rank >= INAPPLICABLE:
        return wrong
    found: list[Any] = []
    for tests, result in rows:
        sure = True
        for test, value, is_long in zip(tests, arguments, long, strict=True):
            if test is None:
                continue
            if value.__class__ is Not:
                fits = _may_fit(test, value, is_long)
                if fits is False:
                    break
                sure = sure and fits is True
            elif not _passes(test, value, is_long):
                break
        else:
            found.append(result)
            if sure:
                break
    else:
        return U  # none that surely fits: what is not known decides
    first = found[0]
    if first.__class__ is not Not and all(
        one.__class__ is first.__class__ and one == first for one in found
    ):
        return first
    return spread3(found)


# ── lists ────────────────────────────────────────────────────────────────────────────────


def listed(items: Any) -> Any:
    """A list to be walked by the careful form."""
    if items is PARTIAL:
        raise Slow
    return items


def collected(*found: Any) -> Any:
    """Those of *found* whose condition holds (`N` for the others), each once."""
    kept: list[Any] = []
    for one in found:
        if one is not N and one not in kept:
            kept.append(one)
    if any(one.__class__ is Not for one in kept):
        raise Open
    return tuple(kept)


def collected3(*found: Any) -> Any:
    wrong = worst(found)
    return collected(*found) if wrong is None else wrong


def total3(terms: Sequence[Any], nothing: Any) -> Any:
    """The sum; that of a part without bounds has none."""
    low = high = nothing
    bounded = True
    for one in terms:
        if one.__class__ is not Not:
            low, high = low + one, high + one
        elif one.rank == BAD:
            return F
        else:
            ends = _ends(one)
            if ends is None:
                bounded = False
            else:
                low, high = low + ends[0], high + ends[1]
    return between3(low, high) if bounded else U


def perhaps3(term: Any) -> Any:
    """A term of a sum that may not count."""
    if term.__class__ is Not and term.rank >= INAPPLICABLE:
        return U  # what a condition may set aside is not yet wrong
    ends = _ends(term)
    return U if ends is None else Not(BOUNDED, low=min(0, ends[0]), high=max(0, ends[1]))


def first_of(kept: Sequence[Any], keys: Sequence[Any] | None, last: bool) -> Any:
    """The first (or *last*) of *kept* by *keys*; of equals, as they were written."""
    if not kept:
        return None
    if keys is not None:
        kept = [kept[place] for place in sorted(range(len(kept)), key=keys.__getitem__)]
    return kept[-1] if last else kept[0]


def before(e: Any, place: int, unit: int) -> Any:
    """The element just before *e*, `None` for none; those of its list are lined up once.

    *unit* gives the keys and the order of an element.
    """
    peers = e[PEERS]
    if peers is None:
        e[place] = None
        return None
    line_up(e, peers, place, unit)
    return e[place]


def line_up(e: Any, peers: Any, place: int, unit: int) -> None:
    if peers.__class__ is Not:
        raise Slow
    run = e[ROOT][PEERS]
    bare = e[VIEWS] is not None  # without a day of its own: as its list is on the same day
    key = (place, id(peers), e[ON] if bare else None)
    if key in run.muddled:
        raise Slow
    groups: dict[Any, list[Any]] = {}
    try:
        for rank, peer in enumerate(peers):
            one = at(peer, e[ON]) if bare else peer
            keys, by = one[ERA][unit](one, one[ON], one[ERA])
            for part in by:
                if part.__class__ is Not:
                    raise Slow
            groups.setdefault(keys, []).append((by, rank, one))
    except Open:
        run.muddled.add(key)
        raise Slow from None
    for group in groups.values():
        group.sort(key=_by_order)
        previous = None
        for _, _, one in group:
            one[place] = previous
            previous = one


def _by_order(line: Any) -> Any:
    return line[0], line[1]


def chained(e: Any, place: int, unit: int, ordered: int, order_unit: int) -> None:
    """Work out a decision that reads itself of the element before, from the first that is not.

    *place*, *unit*: where its answer stands, its function. *ordered*: where the element before.
    """
    waiting: list[Any] = []
    one = e
    while True:
        previous = one[ordered]
        if previous is N:
            previous = before(one, ordered, order_unit)
        if previous is None or previous[place] is not N:
            break
        waiting.append(previous)
        one = previous
    while waiting:
        one = waiting.pop()
        if one[place] is N:
            one[ERA][unit](one)


# ── ceilings that elements of a list share ───────────────────────────────────────────────


def shared(value: Any, e: Any, place: int, unit: int, counts: bool) -> Any:
    """What *e* bears under a ceiling; its list is run through once.

    *unit* gives, of an element to which the same rule applies, its part, key, order, limit and
    what was already borne; `None` for another. *value* is the part of *e*.
    """
    if value.__class__ is Not:
        raise Slow
    found = e[place]
    if found is not N:
        return found
    peers = e[PEERS]
    if peers is None:
        peers = (e,)
    elif peers.__class__ is Not:
        raise Slow
    run = e[ROOT][PEERS]
    bare = e[VIEWS] is not None
    key = (place, id(peers) if e[PEERS] is not None else id(e), e[ON] if bare else None)
    if key in run.muddled:
        raise Slow
    groups: dict[Any, list[Any]] = {}
    run.muddled.add(key)  # until it is done
    try:
        for rank, peer in enumerate(peers):
            one = at(peer, e[ON]) if bare else peer
            line = one[ERA][unit](one, one[ON], one[ERA])
            if line is None:
                continue
            part, keys, by, limit, already = line
            for known in (part, already, *by):
                if known.__class__ is Not:
                    raise Slow
            if limit.__class__ is Not and limit.rank != INAPPLICABLE:
                raise Slow
            groups.setdefault(keys, []).append((by, rank, one, part, limit, already))
    except Open:
        raise Slow from None
    for group in groups.values():
        group.sort(key=_by_order)
        taken = 0
        for _, _, one, part, limit, already in group:
            if counts:
                if not part:
                    one[place] = part
                elif limit.__class__ is Not or taken + already < limit:
                    one[place] = part
                    taken += 1
                else:
                    one[place] = 0
                continue
            if limit.__class__ is Not:
                borne = part
            else:
                left = limit - (already + taken)
                left = max(left, 0)
                borne = min(part, left)
            one[place] = borne
            taken += borne
    run.muddled.discard(key)
    found = e[place]
    if found is N:
        raise Slow
    return found


def compete(found: Sequence[Any], how: str, long: bool) -> Any:
    """What several exceptions that hold come to; a conflict is told by the interpreter."""
    for one in found:
        if one.__class__ is Not:
            raise Open
    if len(found) == 1:
        return found[0]
    if not how:
        first = found[0]
        if all(one == first for one in found):
            return first
        raise Slow
    if any(one is None for one in found):
        raise Slow
    if how == "le plus favorable":
        return True in found
    if long:
        return dmin(*found) if how == "le plus faible" else dmax(*found)
    return min(found) if how == "le plus faible" else max(found)


def as_of(day: Any, unit: int, e: Any, *variables: Any) -> Any:
    """A piece of law, as it is on another *day*."""
    era = e[ROOT][OWNER].at(day)
    return era[unit](e, day, era, *variables)


def supposing(
    value: Any, unit: int, decision: str, base: Any, is_of_element: bool, e: Any, on: Any
) -> Any:
    """A piece of law where *decision* (of *base*, or of the whole) answers *value*."""
    if value.__class__ is Not or base.__class__ is Not:
        wrong = worst((value, base))
        if wrong is V:
            raise Slow
        return U if wrong.rank < INAPPLICABLE else wrong
    world = e[ROOT][PEERS].world(decision, path_of(base) if is_of_element else (), value)
    x = world.element(path_of(e)) if path_of(e) else world.root
    if x[VIEWS] is not None:
        x = at(x, on)
    era = x[ROOT][OWNER].at(on)
    return era[unit](x, on, era)


def grouped(groups: dict[Any, list[Any]], of_elements: bool) -> Any:
    return tuple(groups.values()) if of_elements else tuple(map(tuple, groups.values()))


def whether(e: Any, unit: int) -> Any:
    """Whether a decision says that it applies to *e*."""
    return e[ERA][unit](e)


def doubtful(text: Callable[..., Any], e: Any) -> Any:
    """Whether the situation is one that cannot be; `V`: the interpreter will say."""
    try:
        return text(e)
    except Open:
        return V


def part_of(day: Any, name: str) -> Any:
    return getattr(day, name)


def eq(a: Any, b: Any) -> bool:
    return bool(a == b)


def total(*operands: Any) -> Any:
    return sum(operands)


def dsum(*operands: Any) -> Any:
    whole = operands[0]
    for one in operands[1:]:
        whole = dadd(whole, one)
    return whole
