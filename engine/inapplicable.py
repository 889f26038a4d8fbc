"""The one answer, besides a value, that says all it has to say: generated code gives it too.

Apart from the others, and light: a process that decides one thing meets it and loads no more.
"""

from __future__ import annotations

from lexald.dsl.quantities import Frozen


class NotApplicable(Frozen):
    """The decision says when it applies, and it does not."""

    __slots__ = ("decision",)
    __match_args__ = ("decision",)
    decision: str

    def __init__(self, decision: str) -> None:
        object.__setattr__(self, "decision", decision)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NotApplicable) and self.decision == other.decision

    def __hash__(self) -> int:
        return hash((NotApplicable, self.decision))
