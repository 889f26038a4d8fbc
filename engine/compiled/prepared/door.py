"""`Prepared`: one decision of a law, asked again and again.

Where a function of its own can be written (`function.written`), that is what decides. It never
answers what it is not sure of: it calls ``slow``, and the situation goes by `answers.answering`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from functools import cached_property
from types import CodeType
from typing import Any

from ..answers import answering
from ..readers import MAX_KEPT, Odd, read_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...api import Law
    from ...outcomes import Outcome


class Functions:
    """The functions of one decision, stretch of law by stretch, each written when it is needed.

    *fixed*: they decide for the date of law that they were made for, and are not told it.
    """

    def __init__(self, law: Law, name: str, *, fixed: bool) -> None:
        self.law = law
        self.name = name
        self.fixed = fixed
        self._codes: dict[int, CodeType | None] = {}

    @cached_property
    def days(self) -> tuple[date, ...]:
        from .function import days_asked

        return days_asked(self.law.program, self.name)

    def stretch(self, on: date) -> int:
        return bisect_right(self.days, on)

    def code(self, rank: int) -> CodeType | None:
        if rank not in self._codes:
            from .function import written

            text = written(
                self.law.program, self.name, self.days, rank,
                fixed=self.fixed, layouts=self.law.machine.layouts,
            )  # fmt: skip
            self._codes[rank] = None if text is None else _code(text, f"<prepared {self.name}>")
        return self._codes[rank]

    def made(self, rank: int, needs: dict[str, Any]) -> dict[str, Any] | None:
        """The functions over one stretch, as a module's names; *needs* are what they call."""
        code = self.code(rank)
        if code is None:
            return None
        span = self.law.program.decisions[self.name].span
        # A fault of ours is placed by its decision: see `..places`.
        place = {"FILES": (span.file.name,), "LINES": f"1 0 {span.line}", "UNITS": ()}
        space = {"__name__": "lexald_prepared", **place, **needs}
        exec(code, space)  # noqa: S102  (our text)
        return space


def _code(text: str, name: str) -> CodeType | None:
    try:
        return compile(text, name, "exec")
    except (SyntaxError, RecursionError, MemoryError):
        return None  # Python nests neither loops nor expressions as deep as a law may


class _Token:
    """What marks facts as read by one function, which decides them."""

    __slots__ = ("decide_read", "owner")

    def __init__(self, owner: object) -> None:
        self.owner = owner
        self.decide_read: Callable[[Any], Any] = lambda _: None


class Prepared:
    """One decision of a law, at one date or at that of each situation. Immutable.

    Attributes:
        law: the law.
        decision: the whole name of the decision.
        on: the date of law; `None`: that of each situation, its key ``on``.
        decide: the answer for a situation, as `Law.evaluate` takes it. It is that of
            ``law.evaluate(situation, on=on, decisions=[decision])[decision]``, and raises the same.
        read: reads and checks a situation, as `decide` does, for `decide_read`. It is not to be
            changed afterwards. What it gives is nothing to look into.
        decide_read: the answer for what `read` gave. Raises `TypeError` for anything else.
    """

    __slots__ = ("decide", "decide_read", "decision", "law", "on", "read")

    law: Law
    decision: str
    on: date | None
    decide: Callable[[Any], Outcome]
    read: Callable[[Any], Any]
    decide_read: Callable[[Any], Outcome]

    def __init__(self, law: Law, decision: str, on: date | str | None) -> None:
        from ...interpreted import day_of, whole_name

        put = object.__setattr__
        put(self, "law", law)
        put(self, "decision", whole_name(law.program, decision))
        put(self, "on", None if on is None else day_of(on))
        decide, read, decide_read = _functions(law, self.decision, self.on)
        put(self, "decide", decide)
        put(self, "read", read)
        put(self, "decide_read", decide_read)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Prepared does not change: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Prepared does not change: {name}")

    def __reduce__(self) -> tuple[Any, ...]:
        return Prepared, (self.law, self.decision, self.on)

    def __repr__(self) -> str:
        return f"<Prepared {self.decision!r} on {self.on}>"


_Three = tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], Any]]


def _functions(law: Law, name: str, on: date | None) -> _Three:
    """`decide`, `read` and `decide_read`."""
    answer = answering(law, prepares=False)
    names = (name,)
    owner = object()

    def slow(situation: Any, day: date | None) -> Any:
        return answer(situation, day, names)[name]

    # What is read the long way keeps the result that will answer.
    long = _Token(owner)
    long.decide_read = lambda facts: facts[1][name]

    def unread(situation: Any, day: date | None) -> Any:
        return long, answer(situation, day, names)

    def reslow(facts: Any) -> Any:
        token = facts[0] if facts.__class__ is tuple and facts else None
        if token.__class__ is not _Token or token.owner is not owner:
            raise TypeError("decide_read: what the same decision's `read` gave")
        return token.decide_read(facts)

    def made(functions: Functions, day: date) -> dict[str, Any] | None:
        token = _Token(owner)
        needs = {"slow": slow, "unread": unread, "reslow": reslow, "TOKEN": token, "on": day}
        space = functions.made(functions.stretch(day), needs)
        if space is not None:
            token.decide_read = space["decide_read"]
        return space

    if on is not None:
        space = made(Functions(law, name, fixed=True), on)
        if space is None:
            return lambda situation: slow(situation, on), lambda s: unread(s, on), reslow
        return space["decide"], space["read"], space["decide_read"]

    functions = Functions(law, name, fixed=False)
    # By stretch of law, and by day: what decides, what reads.
    stretches: dict[int, tuple[Any, Any]] = {}
    by_day: dict[date, tuple[Any, Any]] = {}

    def on_day(situation: Any) -> tuple[date | None, tuple[Any, Any]]:
        if situation.__class__ is not dict:
            return None, (slow, unread)
        try:
            day = read_date(situation.get("on"))
        except Odd:
            return None, (slow, unread)
        both = by_day.get(day)
        if both is None:
            rank = functions.stretch(day)
            if rank not in stretches:
                space = made(functions, day)
                stretches[rank] = (
                    (slow, unread) if space is None else (space["decide"], space["read"])
                )
            if len(by_day) >= MAX_KEPT:
                by_day.clear()
            both = by_day[day] = stretches[rank]
        return day, both

    def decide(situation: Any) -> Any:
        day, both = on_day(situation)
        return both[0](situation, day)

    def read(situation: Any) -> Any:
        day, both = on_day(situation)
        return both[1](situation, day)

    return decide, read, reslow
