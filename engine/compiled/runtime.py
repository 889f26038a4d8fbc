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

TYPE_CHECKING = False  # without `typing`, which costs as much as all the rest
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date as date  # noqa: PLC0414  (others take it from here)
    from typing import Any, NoReturn
else:
    try:
        # The class that `datetime` exports: up to Python 3.11 that module defines all of its own in
        # Python first, which takes a new process more than a millisecond.
        from _datetime import date
    except ImportError:
        from datetime import date

# Places in an element, which is a list; its facts follow, then its orders, ceilings, decisions.
# Of the whole situation, the owner is the law by eras, and the peers are the run. Of an element
# without a day of its own, VIEWS are what it is on each day: at first, what it was copied from,
# whose PATH says where its facts end.
ON, ERA, ROOT, OWNER, PEERS, PATH, VIEWS, OWN, ROOTED = range(9)


HEAD = 9


# Numbers of the modules that a law is cut in, as `parts` gives them: those of a group of units, and
# among them what was in force before the last change.
PARTS_OF_A_GROUP, BEFORE, CAREFUL_FORMS = 4, 2, 1


def placed(names: str) -> dict[str, int]:
    """The place of each fact of an element, by its name, in the order in which *names* has them."""
    return {name: place for place, name in enumerate(names.split(), HEAD)}


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


class Era(dict):  # type: ignore[type-arg]
    """The functions in force over one stretch of law, by their units: each is read when it is first asked for."""

    __slots__ = ("law", "place")

    def __init__(self, law: Eras, place: int) -> None:
        self.law = law
        self.place = place

    def __missing__(self, unit: int) -> Callable[..., Any]:
        found = self[unit] = self.law.text(unit, self.place)
        return found


class Undated(dict):  # type: ignore[type-arg]
    """What stands for the functions of an element whose day is not known."""

    __slots__ = ()

    def __missing__(self, unit: int) -> Callable[..., Any]:
        found = self[unit] = _stub(unit)
        return found


class Eras:
    """Which functions hold on which day.

    Args:
        module: a generated law. Its DAYS are those on which some text changes, as ordinals, and cut
            time in stretches. UNITS says of each unit which parts hold its texts (see `parts`),
            then on which of the days, by their ranks, its text changes.
    """

    def __init__(self, module: Any) -> None:
        self.days: Sequence[int] = module.DAYS
        self.units: Sequence[str] = module.UNITS.split(";")
        self.undated = Undated()
        # One place for each stretch of law: their number bounds what is kept.
        self.held: list[Era | None] = [None] * (len(self.days) + 1)
        self._read: Callable[[int], dict[str, Any]] = module.part
        self._parts: dict[int, dict[str, Any]] = {}
        self._kept: dict[Any, Era] = {}

    def at(self, day: Any) -> Era:
        """The functions in force on *day*."""
        found = self._kept.get(day)
        if found is None:
            if day.__class__ is not date:
                raise Slow
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            place = _rank(self.days, day.toordinal())
            found = self.held[place]
            if found is None:
                found = self.held[place] = Era(self, place)
            self._kept[day] = found
        return found

    def text(self, unit: int, place: int) -> Callable[..., Any]:
        """The function of *unit* over the stretch of law *place*."""
        group, *changes = map(int, self.units[unit].split())
        rank = sum(change < place for change in changes)
        number = PARTS_OF_A_GROUP * group
        if rank == len(changes):
            return self.part(number)["UNITS"][unit]  # type: ignore[no-any-return]
        return self.part(number + BEFORE)["UNITS"][unit][rank]  # type: ignore[no-any-return]

    def part(self, number: int) -> dict[str, Any]:
        """The names of a part."""
        found = self._parts.get(number)
        if found is None:
            found = self._parts[number] = self._read(number)
        return found


def _rank(days: Sequence[int], day: int) -> int:
    """How many of *days*, in order, are not after *day*: as `bisect`, which has to be imported."""
    low, high = 0, len(days)
    while low < high:
        middle = (low + high) // 2
        if days[middle] <= day:
            low = middle + 1
        else:
            high = middle
    return low


def _stub(unit: int) -> Callable[..., Any]:
    def undated(e: Any, *_: Any) -> Any:
        return e[ROOT][PEERS].slow(e, unit)

    return undated


def the_day(number: int) -> date:
    """The day of that ordinal; the same object for all parts of a law, which `at` compares first."""
    found = _days.get(number)
    if found is None:
        found = _days[number] = date.fromordinal(number)
    return found


_days: dict[int, date] = {}


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


def careful(part: int, name: str, e: Any, unit: int) -> Any:
    """What *name* of *part*, the careful form of a decision, answers, else the interpreter."""
    try:
        return e[ROOT][OWNER].part(part)[name](e)
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


def is_open(a: Not) -> bool:
    """Whether bounds that are not followed here may settle *a*."""
    return a.rank == BOUNDED and a.low is None and a is not W


def whether(e: Any, unit: int) -> Any:
    """Whether a decision says that it applies to *e*."""
    return e[ERA][unit](e)


def doubtful(part: int, name: str, e: Any) -> Any:
    """Whether the situation is one that cannot be, by its careful form; `V`: the interpreter will say."""
    try:
        return e[ROOT][OWNER].part(part)[name](e)
    except Open:
        return V
