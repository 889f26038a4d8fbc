"""Three-valued truth, and operations lifted to what is not a value.

The careful form of a function goes by these. Unknown is kept with the bounds that the law declares
of facts, as far as they are followed here; what bounds might settle and are not followed is `V`,
which no one takes for certain.
"""

from __future__ import annotations

from .runtime import (
    BAD,
    BOUNDED,
    INAPPLICABLE,
    PARTIAL,
    UNKNOWN,
    F,
    NoneType,
    Not,
    Open,
    Slow,
    U,
    V,
    W,
    is_open,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


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
        ends = ends_of(one)
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
        ends = ends_of(one)
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


def lt3(a: Any, b: Any) -> Any:
    if a.__class__ is Not or b.__class__ is Not:
        return _below(a, b)
    return a < b


def eq3(a: Any, b: Any) -> Any:
    if a.__class__ is Not or b.__class__ is Not:
        return _equal(a, b)
    return a == b


def ends_of(a: Any) -> Any:
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
    p, q = ends_of(a), ends_of(b)
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
    p, q = ends_of(a), ends_of(b)
    if p is not None and q is not None and None not in (*p, *q) and (p[1] < q[0] or q[1] < p[0]):
        return False
    return U


def apart(a: Any, b: Any) -> Any:
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


def total(*operands: Any) -> Any:
    return sum(operands)
