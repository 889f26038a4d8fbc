"""One situation at a time: Lexald, the same by hand in Python, and other engines.

Every contender decides the same situations, all of whose facts are known, and gives the same
answers before any is timed. What is timed is the mean over these situations: a single one would
show the branch that it happens to take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import attrs

from lexald.dsl.values import Amount, Duration
from lexald.engine.api import Law

from ..population.plain import plain_rows
from .by_hand import one_patient as by_hand
from .peers import Peer
from .timing import Contender, Timing, race
from .works import CRITERIA, DATED_TABLE, TEN_LINES, Work

# Situations that are decided.
SITUATIONS = 64

HAND_READ = "hand_read"
HAND_PLAIN = "hand_plain"
INTERPRETER = "lexald_interpreter"
COMPILED = "lexald_compiled"
COMPILED_READ = "lexald_compiled_read"
PREPARED = "lexald_prepared"
PREPARED_READ = "lexald_prepared_read"


class Unequal(Exception):
    """A contender answers something else: *name*, and in how many situations."""

    def __init__(self, name: str, work: str, count: int) -> None:
        super().__init__(f"{name}, {work}: {count} answers differ")
        self.name, self.work, self.count = name, work, count


@attrs.frozen
class Raced:
    """The timings of one work over *situations*, seconds for each of these; *baseline*: whose
    time the others are so many times of."""

    work: str
    situations: int
    timings: tuple[Timing, ...]
    baseline: str


def situations(work: Work, law: Law, count: int = SITUATIONS) -> list[dict[str, Any]]:
    """*count* situations of *work*, as they come out of a JSON document."""
    rows = work.population(law).block(0, count)
    told = (_as_json(row) for row in plain_rows(law.program, rows))
    return [{"on": work.on.isoformat(), **row} for row in told]


def _as_json(value: Any) -> Any:
    match value:
        case dict():
            return {name: _as_json(one) for name, one in value.items()}
        case list():
            return [_as_json(one) for one in value]
        case bool() | int() | str() | None:
            return value
    return str(value)  # dates and amounts


def answer_of(outcome: Any) -> Any:
    """What the contenders are compared by: a boolean, years, or cents."""
    match outcome:
        case Amount(cents):
            return cents
        case Duration(months, 0) if months % 12 == 0:
            return months // 12
    return outcome


def run(work: Work, peers: Sequence[Peer], rounds: int) -> Raced:
    """Race the contenders of *work*.

    Raises:
        Unequal: one of them answers something else than the interpreter.
    """
    law = work.law()
    told = situations(work, law)
    rivals = [*_lexald(work, law, told), *_by_hand(work, told), *_engines(work, peers, told)]
    expected: list[Any] | None = None
    for rival in rivals:
        given = () if rival.ready is None else (rival.ready(),)
        found = [answer_of(one) for one in rival.run(*given)]
        if expected is None:
            expected = found
        elif found != expected:
            count = sum(one != other for one, other in zip(found, expected, strict=True))
            raise Unequal(rival.name, work.name, count)
    return Raced(work.name, len(told), race(rivals, rounds), HAND_READ)


def _lexald(work: Work, law: Law, told: list[dict[str, Any]]) -> Iterator[Contender]:
    name, on = work.decision, work.on
    wanted = (name,)

    def interpreted() -> list[Any]:
        return [law.evaluate(one, on=on, decisions=wanted)[name] for one in told]

    def compiled() -> list[Any]:
        return [law.evaluate(one, on=on, decisions=wanted, explain=False)[name] for one in told]

    machine = law.machine
    entity = law.program.decisions[name].entity

    def read() -> list[Any]:
        """A run keeps what it decided: each is decided once."""
        runs = [machine.read(one) for one in told]
        return [(run, run.of_entity(entity)[0] if entity else None) for run in runs if run]

    def decided(runs: list[Any]) -> list[Any]:
        return [run.outcome(name, element, on) for run, element in runs]

    prepared = law.prepare(name, on=on)
    decide, decide_read = prepared.decide, prepared.decide_read
    facts = [prepared.read(one) for one in told]

    yield Contender(INTERPRETER, interpreted, len(told))
    yield Contender(COMPILED, compiled, len(told))
    yield Contender(COMPILED_READ, decided, len(told), read)
    yield Contender(PREPARED, lambda: [decide(one) for one in told], len(told))
    yield Contender(PREPARED_READ, lambda: [decide_read(one) for one in facts], len(told))


HAND: Mapping[str, tuple[Callable[[Mapping[str, Any]], Any], Callable[[Any, date], Any]]] = {
    CRITERIA.name: (by_hand.read_patient, by_hand.criteria),
    DATED_TABLE.name: (by_hand.read_admission, by_hand.dated_table),
    TEN_LINES.name: (by_hand.read_care, by_hand.care_lines),
}


def _by_hand(work: Work, told: list[dict[str, Any]]) -> Iterator[Contender]:
    read, decide = HAND[work.name]
    on = work.on
    facts = [read(one) for one in told]
    yield Contender(HAND_READ, lambda: [decide(one, on) for one in facts], len(told))
    yield Contender(HAND_PLAIN, lambda: [decide(read(one), on) for one in told], len(told))


def _engines(work: Work, peers: Sequence[Peer], told: list[dict[str, Any]]) -> Iterator[Contender]:
    for peer in peers:
        if work.name in peer.works:
            ready, decide = peer.works[work.name]
            yield Contender(peer.name, _deciding(decide, [ready(one) for one in told]), len(told))


def _deciding(decide: Callable[[Any], Any], asked: list[Any]) -> Callable[[], list[Any]]:
    return lambda: [decide(one) for one in asked]
