"""A patient to whom the two laws answer differently, as small as one can be made.

The search asks as a clerk would. It starts from an element of which nothing is told, or from a
situation of the casebook; decides it under both laws; answers the question that settles most, by
each value that the law tells apart; and goes on until both laws answer, and not alike. Then every
fact without which they still do is taken away.

It is bounded by a number of tries, and told in the same order each time: no chance, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import product
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import BOOL, EnumType
from lexald.engine.documents.pieces import Key as PieceKey
from lexald.engine.outcomes import FactPath, Failure, Outcome, Unknown
from lexald.engine.prover import Prover
from lexald.engine.stretches import days_of, rules_of

from .affected import Affected
from .bench import Answers, Bench
from .situations import Data, copied, dated, followed, grafted, leaves, place_of, put, size, without
from .text import Change
from .values import Values, field_at, fitting, named

DEPTH = 14
"""Questions answered one after the other."""
SEEDS = 8
"""Situations of the casebook that a decision is tried on."""
LIKE = 3
"""Witnesses of one changed piece that differ by their answers only."""


@attrs.frozen(eq=False)
class Witness:
    """A situation to which the laws answer *before* and *after*.

    *path* is that of the element that *decision* is of, empty for none; *days* the dates of law,
    one each. *shows* are the changes that the answer rests on, in one law or the other.
    """

    decision: str
    path: FactPath
    data: Data = attrs.field(repr=False)
    days: tuple[date, date]
    before: Outcome
    after: Outcome
    entities: frozenset[str] | None = None
    shows: tuple[Change, ...] = ()

    @property
    def size(self) -> int:
        return size(self.data)


@attrs.frozen(eq=False)
class Found:
    """The witnesses of one decision, and how many situations were tried for it."""

    affected: Affected
    witnesses: tuple[Witness, ...]
    tried: int


# Of a decision: situations, where it is asked, on which day, and whether both laws differ there.
Seeds = dict[str, list[tuple[Data, FactPath, date, bool]]]


class Search:
    """Looks for witnesses, one decision after the other; what one finds starts the next."""

    def __init__(
        self, bench: Bench, changes: Sequence[Change], seeds: Seeds, budget: int, on: date | None
    ) -> None:
        """*budget*: the situations tried for a decision, and for each changed piece it reads."""
        self.bench = bench
        self.on = on
        self.budget = budget
        self.program = bench.b.program
        self.values = Values({id(s.program): s.program for s in (bench.a, bench.b)}.values())
        self.seeds = seeds
        self.by_piece: dict[PieceKey, Change] = {
            piece: change for change in changes for piece in change.pieces
        }
        self.known: dict[str, list[Witness]] = {}
        self.moving: dict[str, None] = {}

    def of(self, one: Affected) -> Found:
        """The witnesses of *one*: one for each change that it shows itself, else one."""
        start = self.bench.tried
        found: dict[object, Witness] = {}
        entity = self.program.decisions[one.decision].entity
        if one.changes and entity and self.program.entities[entity].event:
            self.moving[entity] = None
        if one.changes:
            for data, path, day, budget in self._own_starts(one):
                self._explore(one, data, path, day, None, budget, found)
                if self.bench.tried - start > self.budget * (1 + len(one.changes)):
                    break
        if not found:
            self._seeded(one, found)
        if not found:
            self._grafted(one, found)
        if not found:
            self._inherited(one, found)
        shrunk = [self._shrunk(one, witness, kind) for kind, witness in found.items()]
        kept = list({str(witness.data): witness for witness in shrunk}.values())
        kept.sort(key=self._order)
        self.known[one.decision] = kept
        return Found(one, tuple(kept), self.bench.tried - start)

    def _order(self, witness: Witness) -> tuple[int, str]:
        places = [list(self.by_piece.values()).index(change) for change in witness.shows]
        return (min(places, default=len(self.by_piece)), str(witness.before))

    # ── where to start from ──────────────────────────────────────────────────────────────

    def _day(self, one: Affected, change: Change | None) -> date:
        if self.bench.days:
            return max(self.bench.days)
        if self.on:
            return self.on
        if change is not None and change.since is not None:
            return change.since
        if change is not None and change.until is not None:
            return change.until.fromordinal(change.until.toordinal() - 1)
        return days_of(self.program, rules_of(self.program.decisions[one.decision]))[-1]

    def _bare(self, decision: str, day: date) -> tuple[Data, FactPath] | None:
        """An element for *decision*, of which only the day that rules it is told."""
        entity = self.program.decisions[decision].entity
        if entity is None:
            return {}, ()
        path = place_of(self.program, entity)
        if path is None:
            return None
        event = self.program.entities[entity].event
        facts: Data = {event: day} if event else {}
        return put(self.program, {}, path, facts), path

    def _own_starts(self, one: Affected) -> Iterator[tuple[Data, FactPath, date, int]]:
        """For each change that *one* reads: an element that it may concern, then with each answer
        supposed of a decision that *one* reads."""
        supposed = list(self._supposable(one.decision))
        for change in one.changes:
            day = self._day(one, change)
            bare = self._bare(one.decision, day)
            if bare is None:
                continue
            data, path = bare
            starts = [self._given(data, path, facts) for facts in self._aimed(one, change)]
            share = max(6, self.budget // (len(starts) * (1 + len(supposed))))
            for start in starts:
                yield start, path, day, self.budget // (2 * len(starts))
                for name, value in supposed:
                    yield self._given(start, path, {name: value}), path, day, share

    def _given(self, data: Data, path: FactPath, facts: dict[str, Any]) -> Data:
        for name, value in facts.items():
            holder = () if name in self.program.decisions else path
            data = put(self.program, data, (*holder, name), value)
        return data

    def _aimed(self, one: Affected, change: Change) -> list[dict[str, Any]]:
        """The facts that lead to what changed, as far as they are facts of the element: those of
        the row, those that the condition of the rule names."""
        kind, table, tests = change.key
        if kind in ("règle", "exception"):
            return self._guarded(one, change)
        if kind != "ligne" or not isinstance(tests, tuple):
            return [{}]
        found: dict[tuple[Any, ...], dict[str, Any]] = {}
        for side in (self.bench.b, self.bench.a):
            decision = side.program.decisions.get(one.decision)
            for node in core.parts(rules_of(decision)) if decision else ():
                if isinstance(node, core.TableValue) and node.name == table:
                    facts = {}
                    for argument, test in zip(node.arguments, tests, strict=False):
                        name = named(argument)
                        values = fitting(test)
                        if name is not None and values and self._own_fact(one.decision, name):
                            facts[name] = values[0]
                    found[tuple(facts.items())] = facts
        return list(found.values()) or [{}]

    def _guarded(self, one: Affected, change: Change) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for said in (change.after, change.before):
            content = said.content if said else None
            if not isinstance(content, tuple):
                continue
            facts: dict[str, Any] = {}
            for node in core.parts(content):
                match node:
                    case core.Compare("=", read, core.Constant(value)) | core.IsOneOf(
                        read, (core.Constant(value), *_)
                    ):
                        name = named(read)
                        if name is not None and self._own_fact(one.decision, name):
                            facts.setdefault(name, value)
            if facts not in found:
                found.append(facts)
        return [*found, {}] if {} not in found else found

    def _own_fact(self, decision: str, name: str) -> bool:
        entity = self.program.decisions[decision].entity
        return entity is not None and name in self.program.entities[entity].fields

    def _supposable(self, name: str) -> Iterator[tuple[str, Any]]:
        """The answers, of few that there can be, of the decisions that *name* reads itself."""
        entity = self.program.decisions[name].entity
        met: set[str] = set()
        for node in core.parts(rules_of(self.program.decisions[name])):
            if not isinstance(node, core.DecisionValue) or node.name in met:
                continue
            met.add(node.name)
            read = self.program.decisions[node.name]
            if node.base is not None and not isinstance(node.base, core.Current):
                continue
            short = node.name.rpartition(".")[2] if read.entity else node.name
            if read.entity not in (None, entity):
                continue
            match read.type:
                case EnumType(enumeration):
                    members = self.program.enumerations[enumeration].members
                    yield from product([short], members)
                case kind if kind == BOOL:
                    yield from product([short], (True, False))

    def _inherited(self, one: Affected, found: dict[object, Witness]) -> None:
        """From the witnesses of a decision that *one* reads, an element of its own put beside."""
        start = self.bench.tried
        for called in one.through:
            for witness in self.known.get(called, ())[:LIKE]:
                if found or self.bench.tried - start > self.budget:
                    return
                data, path = copied(witness.data), witness.path
                entity = self.program.decisions[one.decision].entity
                if entity != self.program.decisions[called].entity:
                    path = ()
                    if entity is not None:
                        place = place_of(self.program, entity)
                        if place is None:
                            continue
                        if not _holds(data, place):
                            data = put(self.program, data, place, {})
                        path = place
                for entities in (witness.entities, *self._only(witness)):
                    self._explore(
                        one, data, path, max(witness.days), entities, self.budget // 2, found
                    )
                    if found:
                        return

    def _only(self, witness: Witness) -> Iterator[frozenset[str]]:
        """What the changed law is about moves alone, with the days; else nothing more."""
        if self.bench.days:
            yield from (only for only in self._events() if only != witness.entities)

    def _seeded(self, one: Affected, found: dict[object, Witness]) -> None:
        """From cases of the casebook that expect an answer of this decision.

        Those that move do at once; the others are tried on the day of a change, or with what the
        changed law is about alone moving with the days.
        """
        for data, path, day, moves in self.seeds.get(one.decision, [])[:SEEDS]:
            tries: list[tuple[Data, date, frozenset[str] | None]] = []
            if moves:
                tries.append((data, day, None))
            if self.bench.days:
                tries += [(data, day, only) for only in self._events()]
            else:
                for on in dict.fromkeys(self._days(one)):
                    tries += [(dated(self.program, data, on, None), on, None), (data, on, None)]
            for told, on, only in tries:
                if found:
                    return
                self._try(one, told, path, on, only, found)

    def _days(self, one: Affected) -> list[date]:
        """The days on which *one*, or a decision that it reads, was seen to differ."""
        own = [self._day(one, change) for change in one.changes]
        seen = [w.days[1] for called in one.through for w in self.known.get(called, ())[:1]]
        return own or seen or [self._day(one, None)]

    def _grafted(self, one: Affected, found: dict[object, Witness]) -> None:
        """From cases of the casebook, to which a witness of a decision that *one* reads is lent."""
        entity = self.program.decisions[one.decision].entity
        for called in one.through:
            for witness in self.known.get(called, ())[:1]:
                same_entity = entity == self.program.decisions[called].entity
                for data, path, _, _ in self.seeds.get(one.decision, []):
                    whole = grafted(data, witness.data)
                    if not self.bench.days:
                        whole = dated(self.program, whole, witness.days[1], None)
                    place = witness.path if same_entity else path
                    for entities in (witness.entities, *self._only(witness)):
                        if found:
                            return
                        self._try(one, whole, place, witness.days[1], entities, found)

    def _events(self) -> Iterator[frozenset[str]]:
        """The entities that the changed law is about, where a day rules them: of a patient whose
        illness was decided on the one day or the other, the care may come years later."""
        for name in self.moving:
            yield frozenset({name})

    # ── trying ───────────────────────────────────────────────────────────────────────────

    def _explore(
        self,
        one: Affected,
        data: Data,
        path: FactPath,
        day: date,
        entities: frozenset[str] | None,
        budget: int,
        found: dict[object, Witness],
    ) -> None:
        """Answer questions, the most decisive first, until both laws answer."""
        end = self.bench.tried + budget
        spans = self.values.spans(one.decision)
        todo: list[tuple[Data, int]] = [(data, 0)]
        while todo and self.bench.tried < end:
            here, depth = todo.pop()
            answers = self._try(one, here, path, day, entities, found)
            if answers is None or answers.settled or depth >= DEPTH:
                continue
            asked = self._asked(answers)
            if asked is None:
                continue
            values = self.values.of(self.program, asked, day, spans)
            todo += [
                (put(self.program, here, asked, value), depth + 1) for value in reversed(values)
            ]

    def _asked(self, answers: Answers) -> FactPath | None:
        for outcome in (answers.after, answers.before):
            if isinstance(outcome, Unknown):
                for path in outcome.questions:
                    if field_at(self.program, path) is not None:
                        return path
        return None

    def _try(
        self,
        one: Affected,
        data: Data,
        path: FactPath,
        day: date,
        entities: frozenset[str] | None,
        found: dict[object, Witness],
    ) -> Answers | None:
        answers = self.bench.answers(data, one.decision, path, day, entities)
        if answers is None or not answers.settled or not answers.differ:
            return answers
        if not one.changes and isinstance(answers.before, Failure) is not isinstance(answers.after, Failure):  # fmt: skip
            return answers  # asked out of its time, a decision says nothing of what it calls
        shows, kind = self._shown(one, answers)
        held = found.get(kind)
        if held is None or size(data) < held.size:
            alike = [k for k in found if isinstance(k, tuple) and k[:1] == (kind[0],)]
            if held is not None or len(alike) < LIKE * max(1, len(shows)):
                days = self.bench.days or (day, day)
                found[kind] = Witness(
                    one.decision, path, data, days, answers.before, answers.after, entities, shows
                )
        return answers

    def _shown(
        self, one: Affected, answers: Answers
    ) -> tuple[tuple[Change, ...], tuple[object, ...]]:
        """The changes that the answers rest on, and what tells this difference from others."""
        if not one.changes:
            return (), ((), ())
        keys: set[PieceKey] = set()
        applied: list[tuple[str, ...]] = []
        for evaluation, element in zip(answers.evaluations, answers.elements, strict=True):
            proof = Prover(evaluation).prove(one.decision, element)
            keys |= {("règle", one.decision, rule.label, rule.since) for rule in proof.applied}
            keys |= {("paramètre", used.name, "", used.since) for used in proof.parameters}
            keys |= {("ligne", used.table, used.text, used.since) for used in proof.rows}
            applied.append(tuple(rule.label for rule in proof.applied))
        shows = dict.fromkeys(self.by_piece[key] for key in sorted(keys, key=str) if key in self.by_piece)  # fmt: skip
        said: tuple[object, ...] = ()
        if str(self.program.decisions[one.decision].type) in ("durée", "booléen", "taux"):
            said = (str(answers.before), str(answers.after))
        return tuple(shows), ((tuple(map(id, shows)), *applied), said)

    # ── making small ─────────────────────────────────────────────────────────────────────

    def _shrunk(self, one: Affected, witness: Witness, kind: object) -> Witness:
        """*witness* without anything that the difference does not need."""
        kinds = (type(witness.before), type(witness.after))
        changed = True
        while changed:
            changed = False
            for place in list(leaves(witness.data)):
                path = followed(witness.path, place)
                if path is None or (witness.path and place == witness.path):
                    continue
                smaller = without(witness.data, place)
                day = witness.days[1]
                answers = self.bench.answers(smaller, one.decision, path, day, witness.entities)
                if answers is None or not answers.settled or not answers.differ:
                    continue
                if (type(answers.before), type(answers.after)) != kinds:
                    continue
                if self._shown(one, answers)[1] != kind:
                    continue
                witness = attrs.evolve(
                    witness, data=smaller, path=path, before=answers.before, after=answers.after
                )
                changed = True
                break
        return witness


def _holds(data: Data, path: FactPath) -> bool:
    here: Any = data
    for part in path:
        if isinstance(part, int):
            if not isinstance(here, list) or len(here) <= part:
                return False
        elif not isinstance(here, dict) or part not in here:
            return False
        here = here[part]
    return True


def smallest(witnesses: Iterable[Witness]) -> Witness | None:
    """The one that tells least."""
    return min(witnesses, key=lambda witness: witness.size, default=None)
