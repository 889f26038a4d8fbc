"""What the readers of prepared decisions stand on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from ..readers import MAX_ELEMENTS, MAX_KEPT, Odd

# Texts longer than this are read each time.
MAX_LENGTH = 40


def checking(
    read: frozenset[str], others: Mapping[str, Callable[[Any], Any]]
) -> Callable[[Mapping[str, Any]], None]:
    """What checks the facts of an element besides those that are *read*."""

    def rest(element: Mapping[str, Any]) -> None:
        for name, value in element.items():
            if name not in read:
                reader = others.get(name)
                if reader is None:
                    raise Odd
                reader(value)

    return rest


def element(others: Mapping[str, Callable[[Any], Any]]) -> Callable[[Any], None]:
    """What checks an element of which nothing is read."""
    rest = checking(frozenset(), others)

    def check(value: Any) -> None:
        if value.__class__ is not dict:
            raise Odd
        rest(value)

    return check


def each(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """What checks a list of elements of which nothing is read."""

    def checked(value: Any) -> None:
        if value.__class__ is not list and value.__class__ is not tuple:
            raise Odd
        if len(value) > MAX_ELEMENTS:
            raise Odd
        for one in value:
            check(one)

    return checked


def perhaps(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """What checks what may be absent."""

    def checked(value: Any) -> None:
        if value is not None:
            check(value)

    return checked


class Remembering:
    """A reader that keeps what texts say, in *held*: the same come again and again."""

    __slots__ = ("held", "read")

    def __init__(self, read: Callable[[Any], Any]) -> None:
        self.read = read
        self.held: dict[str, Any] = {}

    def __call__(self, value: Any) -> Any:
        found = self.read(value)
        if value.__class__ is str and len(value) < MAX_LENGTH and len(self.held) < MAX_KEPT:
            self.held[value] = found
        return found


def stretch_of(days: Sequence[date], read: Callable[[Any], Any]) -> Callable[[Any], int]:
    """A reader of days, as the stretch between *days* that each falls in."""

    def stretch(value: Any) -> int:
        day = read(value)
        if day is None:
            raise Odd
        return bisect_right(days, day)

    return stretch


class Boxes(dict[Any, Any]):
    """Answers of the language by what is kept here, each made once, as long as they are few."""

    def __init__(self, box: Callable[[Any], Any]) -> None:
        self.box = box

    def __missing__(self, found: Any) -> Any:
        boxed = self.box(found)
        if len(self) < MAX_KEPT:
            self[found] = boxed
        return boxed
