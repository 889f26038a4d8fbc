"""Tables: the row that fits.

A cell is `None` (any value), a tuple of values, or ``(low, high, low in, high in)`` in a list.
"""

from __future__ import annotations

from .runtime import INAPPLICABLE, Not, Open, Slow, U
from .times import order
from .truth import ends_of, spread3, worst

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def good(argument: Any) -> Any:
    """An argument of a table, which no row may read: what is wrong with it counts all the same."""
    if argument.__class__ is Not and argument.rank >= INAPPLICABLE:
        raise Open
    return argument


def gone(found: Not, *arguments: Any) -> Any:
    """What is read, with *arguments*, of a table that is not in force."""
    wrong = worst(arguments)
    return found if wrong is None or wrong.rank < INAPPLICABLE else wrong


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
    ends = ends_of(value)
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
