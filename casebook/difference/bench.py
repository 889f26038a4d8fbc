"""Both laws, side by side, on one situation.

Two dates of one law: the patient is the same, and what rules each element (the day of care, of the
request, of the decision) falls on the one day or on the other. An answer may then differ without
any change of the law, because a time limit runs from that day. So a third law is asked: that of the
earlier day, kept in force until the later one. What differs from it too is the law's doing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.engine.elements import Element, Situation
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import FactPath, Outcome, Unknown, same

from ..runner import CaseError, situated
from .sides import Side
from .situations import Data, copied, dated, known_to


@attrs.frozen(eq=False)
class Answers:
    """What both laws answer to one decision, and what they answered it of."""

    before: Outcome
    after: Outcome
    evaluations: tuple[Evaluation, Evaluation] = attrs.field(repr=False)
    elements: tuple[Element | None, Element | None] = attrs.field(repr=False)

    @property
    def settled(self) -> bool:
        """Whether no more fact would change either."""
        return not (_asks(self.before) or _asks(self.after))

    @property
    def differ(self) -> bool:
        return not alike(self.before, self.after)


def alike(one: Outcome, two: Outcome) -> bool:
    """Whether two answers say the same to who asked: what is unknown is so for the same reasons."""
    if isinstance(one, Unknown) and isinstance(two, Unknown):
        return bool(one.weights) == bool(two.weights) and one.reasons == two.reasons
    if isinstance(one, Unknown) or isinstance(two, Unknown):
        return False
    if isinstance(one, Element) and isinstance(two, Element):
        return one.path == two.path
    return same(one, two)


def _asks(outcome: Outcome) -> bool:
    return isinstance(outcome, Unknown) and bool(outcome.weights)


class Pair:
    """One situation under both laws; what both answer is asked of it, decision by decision."""

    def __init__(self, bench: Bench, data: Data, on: date, entities: frozenset[str] | None) -> None:
        """Raises:
        CaseError: it is no situation of one of the laws.
        """
        self.bench = bench
        self.data = data
        self.entities = entities
        if bench.days is None:
            told = known_to(bench.a.program, data), copied(data)
            days = on, on
        else:
            told = self._on(bench.days[0]), self._on(bench.days[1])
            days = bench.days
        laws = bench.a.program, bench.b.program
        self.evaluations = (
            Evaluation(laws[0], situated(laws[0], told[0]), days[0]),
            Evaluation(laws[1], situated(laws[1], told[1]), days[1]),
        )
        self._kept: Evaluation | None = None
        self._refused: tuple[str, str] | None = None

    def _on(self, day: date) -> Data:
        return dated(self.bench.b.program, self.data, day, self.entities)

    @property
    def refused(self) -> tuple[str, str]:
        """Why each law says that the situation cannot be; empty where it can."""
        if self._refused is None:
            one, two = (
                next((rule.message for rule, _, _ in evaluation.forbidden()), "")
                for evaluation in self.evaluations
            )
            self._refused = one, two
        return self._refused

    def ask(self, decision: str, path: FactPath) -> Answers | None:
        """What both laws answer to *decision*, of the element at *path* (empty for none).

        Returns:
            `None` if the element is not in the situation, or if the answers differ and a law
            says that the situation cannot be.
        """
        one, two = (element_at(evaluation.situation, path) for evaluation in self.evaluations)
        if path and (one is None or two is None):
            return None
        answers = Answers(
            self.evaluations[0].decide(decision, one).outcome,
            self.evaluations[1].decide(decision, two).outcome,
            self.evaluations,
            (one, two),
        )
        if not answers.differ:
            return answers
        # What is impossible is asked last: it costs more than a decision, and few differ.
        if any(self.refused):
            return None
        return self._by_law(answers, decision, path) if self.bench.days else answers

    def _by_law(self, answers: Answers, decision: str, path: FactPath) -> Answers:
        """*answers*; but if the calendar alone makes them differ, one answer twice."""
        assert self.bench.days and self.bench.kept
        late = max(self.bench.days)
        if self._kept is None:
            kept = self.bench.kept
            self._kept = Evaluation(kept, situated(kept, self._on(late)), late)
        answer = answers.after if self.bench.days[1] == late else answers.before
        element = element_at(self._kept.situation, path)
        if not alike(self._kept.decide(decision, element).outcome, answer):
            return answers
        return attrs.evolve(answers, before=answer, after=answer)


class Bench:
    """*tried* counts the situations that were decided under both laws. *kept*: where two dates
    are compared, the law of the earlier one, in force until the later."""

    def __init__(self, a: Side, b: Side) -> None:
        self.a, self.b = a, b
        self.tried = 0
        self.days = (a.on, b.on) if a.on and b.on else None
        self.kept: core.Program | None = None
        if self.days:
            self.kept = kept_in_force(b.program, min(self.days), max(self.days))

    def pair(self, data: Data, on: date, entities: frozenset[str] | None = None) -> Pair | None:
        """*data* under both laws; `None` if it is no situation of one of them.

        Args:
            on: the date of law, unless two dates are compared.
            entities: those whose elements move with the dates compared; `None` is all.
        """
        self.tried += 1
        try:
            return Pair(self, data, on, entities)
        except CaseError:
            return None

    def answers(
        self,
        data: Data,
        decision: str,
        path: FactPath,
        on: date,
        entities: frozenset[str] | None = None,
    ) -> Answers | None:
        """`pair`, then what it answers to one decision."""
        pair = self.pair(data, on, entities)
        return pair.ask(decision, path) if pair is not None else None


def is_refused(evaluation: Evaluation) -> bool:
    """Whether the law says that the situation cannot be."""
    return next(iter(evaluation.forbidden()), None) is not None


def element_at(situation: Situation, path: FactPath) -> Element | None:
    """The element at *path*; `None` if there is none."""
    return next((e for e in situation.elements() if e.path == path), None) if path else None


def kept_in_force(program: core.Program, early: date, late: date) -> core.Program:
    """*program*, but what begins or ends after *early*, up to *late*, does so only after."""
    first = late + timedelta(days=1)

    def put_off(day: date | None) -> date | None:
        return first if day is not None and early < day <= late else day

    def periods(versions: Sequence[Any]) -> tuple[Any, ...]:
        kept = []
        for version in versions:
            old = version.period
            since, until = put_off(old.since), put_off(old.until)
            if since is not None and since == until:
                continue
            period = attrs.evolve(old, since=since, until=until)
            kept.append(attrs.evolve(version, period=period))
        return tuple(kept) or tuple(versions)

    return with_versions(program, periods)


def with_versions(
    program: core.Program, change: Callable[[Sequence[Any]], tuple[Any, ...]]
) -> core.Program:
    """*program*, the versions of each parameter, table and rule being what *change* makes of them."""

    def rule(one: core.Rule) -> core.Rule:
        return attrs.evolve(one, versions=change(one.versions))

    return attrs.evolve(
        program,
        parameters={
            n: attrs.evolve(p, versions=change(p.versions)) for n, p in program.parameters.items()
        },
        tables={n: attrs.evolve(t, versions=change(t.versions)) for n, t in program.tables.items()},
        decisions={
            n: attrs.evolve(
                d, general=rule(d.general), exceptions=tuple(rule(e) for e in d.exceptions)
            )
            for n, d in program.decisions.items()
        },
    )
