"""What changed in the text of the law, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

import attrs

from lexald.dsl import program as core
from lexald.dsl.source import Span
from lexald.engine.documents.pieces import Key as PieceKey
from lexald.engine.prover import basis_of

from .sides import Side
from .things import KINDS, UNPROVEN, Key, Said, Thing, things

ADDED, ENDED, CHANGED = "added", "ended", "changed"


@attrs.frozen(eq=False)
class Change:
    """One thing that the two laws say otherwise.

    *what* is ``added``, ``ended`` or ``changed``; *before* or *after* is `None` accordingly.
    *since* and *until* bound the days on which they differ (``[since, until)``), where both laws
    are compared over all dates. *basis_before* and *basis_after* are the articles, as they are
    called then. *inside* counts what a new or vanished decision or table is made of.
    """

    key: Key
    title: str
    path: str
    what: str
    before: Said | None
    after: Said | None
    since: date | None = None
    until: date | None = None
    basis_before: tuple[str, ...] = ()
    basis_after: tuple[str, ...] = ()
    inside: int = 0

    @property
    def kind(self) -> str:
        return self.key[0]

    @property
    def span(self) -> Span | None:
        """Where it is written, as it now is."""
        said = self.after or self.before
        return said.span if said else None

    @property
    def pieces(self) -> tuple[PieceKey, ...]:
        """The pieces of law that it takes away and gives, as proofs name them."""
        return tuple(said.piece for said in (self.before, self.after) if said and said.piece)

    @property
    def is_restated(self) -> bool:
        """Whether it says the same words, on another basis or anew."""
        return bool(self.before and self.after and self.before.text == self.after.text)


def changes(a: Side, b: Side, on: date | None = None) -> tuple[Change, ...]:
    """What the law of *b* says otherwise than that of *a*, in the order of kinds and names.

    Two sides with a day are compared on it; others on *on*, or over all dates.
    """
    before = things(a.program)
    after = before if a.program is b.program else things(b.program)
    found: list[Change] = []
    for key in sorted({**before, **after}, key=_place(before, after)):
        old, new = before.get(key), after.get(key)
        shown = new or old
        assert shown is not None
        for since, until, one, two in _differences(old, new, a, b, on):
            what = ADDED if one is None else ENDED if two is None else CHANGED
            day = since or (until - timedelta(days=1) if until else _some_day(shown))
            found.append(
                Change(
                    key, shown.title, shown.path, what, one, two, since, until,
                    _basis(a.program, one, a.on or on or day),
                    _basis(b.program, two, b.on or on or day),
                )
            )  # fmt: skip
    told = list(_gathered(found))
    # Rows in the order in which their table writes them.
    whole = {(change.kind, change.path): n for n, change in reversed(list(enumerate(told)))}
    return tuple(
        sorted(
            told,
            key=lambda change: (
                whole[change.kind, change.path],
                change.span.start if change.span and change.kind == "ligne" else 0,
            ),
        )
    )


def _place(before: dict[Key, Thing], after: dict[Key, Thing]) -> Callable[[Key], tuple[int, int]]:
    """Things in the order of kinds, then in that of the law."""
    order: dict[tuple[str, str], int] = {}
    for key in (*after, *before):
        order.setdefault((_holder(key), key[1]), len(order))

    def place(key: Key) -> tuple[int, int]:
        return _rank(key), order[_holder(key), key[1]]

    return place


def _holder(key: Key) -> str:
    return KINDS[_rank(key)]


def _rank(key: Key) -> int:
    # The rules of a decision follow it.
    kind = "décision" if key[0] in ("règle", "exception") else key[0]
    kind = "table" if kind == "ligne" else kind
    return KINDS.index(kind)


Stretch = tuple[date | None, date | None, Said | None, Said | None]


def _differences(
    old: Thing | None, new: Thing | None, a: Side, b: Side, on: date | None
) -> Iterator[Stretch]:
    if a.on and b.on:
        one, two = (old.on(a.on) if old else None), (new.on(b.on) if new else None)
        kind = (old or new).kind if (old or new) else ""  # type: ignore[union-attr]
        # A version that says the same again is one of that day; the order of rows has no day.
        dated = kind in ("paramètre", "ligne", "règle", "exception") and (one and one.since) != (
            two and two.since
        )
        if _differ(one, two) or dated:
            yield None, None, one, two
        return
    if on is not None:
        one, two = (old.on(on) if old else None), (new.on(on) if new else None)
        if _differ(one, two):
            yield None, None, one, two
        return
    yield from _over_all_dates(old, new)


def _differ(one: Said | None, two: Said | None) -> bool:
    if one is None or two is None:
        said = one or two
        return said is not None and said.content != UNPROVEN
    return one != two


def _over_all_dates(old: Thing | None, new: Thing | None) -> Iterator[Stretch]:
    days = sorted((old.days() if old else set()) | (new.days() if new else set()))
    starts: list[date | None] = [None, *days]
    ends: list[date | None] = [*days, None]
    open_: Stretch | None = None
    for start, end in zip(starts, ends, strict=True):
        inside = start or (end - timedelta(days=1) if end else date.min)
        one, two = (old.on(inside) if old else None), (new.on(inside) if new else None)
        if open_ and (open_[2], open_[3]) == (one, two):
            open_ = (open_[0], end, one, two)
            continue
        if open_ and _differ(open_[2], open_[3]):
            yield open_
        open_ = (start, end, one, two)
    if open_ and _differ(open_[2], open_[3]):
        yield open_


def _some_day(thing: Thing) -> date:
    return max(thing.days(), default=date.max)


def _basis(program: core.Program, said: Said | None, day: date) -> tuple[str, ...]:
    if said is None:
        return ()
    return tuple(reference.text for reference in basis_of(program, said.notes, day).references)


_HOLDERS = {"règle": "décision", "exception": "décision", "ligne": "table", "fait": "entité"}


def _gathered(found: Iterable[Change]) -> Iterator[Change]:
    """What is new or gone as a whole is told once, and not again part by part."""
    listed = list(found)
    whole = {
        (change.key[0], change.key[1]): change.what
        for change in listed
        if change.what != CHANGED and change.key[0] in ("décision", "table", "entité")
    }
    parts: dict[tuple[str, str], int] = {}
    kept = []
    for change in listed:
        holder = (_HOLDERS.get(change.kind, ""), change.key[1])
        if whole.get(holder) == change.what:
            parts[holder] = parts.get(holder, 0) + 1
        else:
            kept.append(change)
    for change in kept:
        yield attrs.evolve(change, inside=parts.get((change.key[0], change.key[1]), 0))
