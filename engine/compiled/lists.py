"""What is worked out along a list: collections, sums, orders, ceilings; and other days, other worlds."""

from __future__ import annotations

from .runtime import (
    BAD,
    BOUNDED,
    ERA,
    INAPPLICABLE,
    ON,
    OWNER,
    PARTIAL,
    PEERS,
    ROOT,
    VIEWS,
    F,
    N,
    Not,
    Open,
    Slow,
    U,
    V,
    at,
    path_of,
)
from .times import dmax, dmin
from .truth import between3, ends_of, worst

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


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
            ends = ends_of(one)
            if ends is None:
                bounded = False
            else:
                low, high = low + ends[0], high + ends[1]
    return between3(low, high) if bounded else U


def perhaps3(term: Any) -> Any:
    """A term of a sum that may not count."""
    if term.__class__ is Not and term.rank >= INAPPLICABLE:
        return U  # what a condition may set aside is not yet wrong
    ends = ends_of(term)
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
    strangers: list[Any] = []
    disordered = False
    run.muddled.add(key)  # until it is done
    try:
        for rank, peer in enumerate(peers):
            one = at(peer, e[ON]) if bare else peer
            line = one[ERA][unit](one, one[ON], one[ERA])
            if line is None:
                continue
            part, keys, by, limit, already = line
            if part.__class__ is Not or already.__class__ is Not:
                raise Slow
            if limit.__class__ is Not and limit.rank != INAPPLICABLE:
                raise Slow
            told = (by, rank, one, part, limit, already)
            unknown = worst(keys)
            if unknown is None:
                unknown = worst(by)
                groups.setdefault(keys, []).append(told)
            else:
                strangers.append(told)
            if unknown is not None:
                if unknown.rank >= INAPPLICABLE:
                    raise Slow
                disordered = True
    except Open:
        raise Slow from None
    if disordered:
        _unreached(groups, strangers, place, counts)
        run.muddled.discard(key)
        found = e[place]
        if found is N:
            raise Slow
        return found
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


def _unreached(
    groups: dict[Any, list[Any]], strangers: list[Any], place: int, counts: bool
) -> None:
    """The parts under ceilings that cannot be reached, where an order or a key is not known.

    What a ceiling that may be reached leaves of a part, the interpreter says.
    """
    every = [line for group in groups.values() for line in group]
    for group in (*groups.values(), strangers):
        among = [*every, *strangers] if group is strangers else [*group, *strangers]
        most = len(among) if counts else sum(part for _, _, _, part, _, _ in among)
        for _, _, one, part, limit, already in group:
            if limit.__class__ is Not or limit >= already + most:
                one[place] = part


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
