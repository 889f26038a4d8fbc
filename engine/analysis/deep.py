"""``lexald check --deep``: every question about a law, put to the solver, and what comes of it.

The law is cut into parts that do not depend on the machine, each examined in a process of its own
where processes fork: the same law gives the same answers, on one core or on many.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.source import SourceFile, Span

from ..stretches import reached, rules_of
from .findings import finding
from .possible import Possible, possible
from .questions import Question, guarantee, questions
from .replay import Target, values_of
from .search import Limits, Search, Settled
from .terms import disj

# How many parts a law is cut into.
PARTS = 16
# What a question that is not settled waits for, before it is looked into further.
LATER = "à approfondir"


@attrs.frozen
class Answer:
    """What became of one question.

    *state*: ``proved`` (shown to be as it should), ``found`` or ``undecided``, for *reason*;
    *bounded*: for lists of a few elements. *key* tells a row of a table, that several decisions
    may read, from the others.
    """

    kind: str
    where: str
    key: Any
    state: str
    bounded: bool
    reason: str
    span: Span
    diagnostic: Diagnostic | None
    table: str = ""


@attrs.frozen
class Report:
    """*bound*: how many elements a list holds at most, where it has to be looked into."""

    answers: tuple[Answer, ...]
    bound: int

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(a.diagnostic for a in self.answers if a.diagnostic is not None)

    def number(self, state: str) -> int:
        return sum(answer.state == state for answer in self.answers)

    @property
    def bounded(self) -> int:
        """How many proofs hold for lists of a few elements only."""
        return sum(answer.state == "proved" and answer.bounded for answer in self.answers)

    @property
    def undecided(self) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if answer.state == "undecided")

    @property
    def reasons(self) -> tuple[tuple[str, int], ...]:
        """Why questions are not decided, the commonest first."""
        found = Counter(answer.reason for answer in self.undecided)
        return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def examine(
    program: core.Program,
    limits: Limits | None = None,
    *,
    names: Iterable[str] | None = None,
    jobs: int | None = None,
) -> Report:
    """Everything that is asked about *program*, answered.

    Args:
        names: the decisions to examine; all, and the guarantees, by default.
        jobs: how many processes at once; as many as there are cores by default.
    """
    limits = limits or Limits()
    subjects: list[str | int] = list(program.decisions) if names is None else list(names)
    if names is None:
        subjects += range(len(program.guarantees))
    parts = [subjects[start::PARTS] for start in range(PARTS)]
    parts = [part for part in parts if part]
    answers = _in_parts(program, limits, parts, jobs or os.cpu_count() or 1)
    order = {subject: place for place, subject in enumerate(subjects)}
    found = sorted(answers, key=lambda pair: order[pair[0]])
    told = _rows_together([answer for _, answer in found])
    return Report(tuple(_elsewhere(program, answer) for answer in told), limits.bound)


def _elsewhere(program: core.Program, answer: Answer) -> Answer:
    """*answer*; a row that no rule comes to may be read where nothing is asked: along a list."""
    if answer.kind != "ligne" or answer.state != "found" or answer.table not in _walked(program):
        return answer
    return attrs.evolve(answer, state="undecided", reason="lue dans un parcours", diagnostic=None)


@lru_cache(maxsize=2)
def _walked(program: core.Program) -> frozenset[str]:
    """The tables that are read along a list, in an ``interdit``, a guarantee or an indicator."""
    walks = [
        node
        for decision in program.decisions.values()
        for node in core.parts(rules_of(decision))
        if isinstance(
            node, core.Walk | core.Groups | core.SharedCap | core.Sequence | core.Supposing
        )
    ]
    others = (
        tuple(walks),
        tuple(rule.condition for rule in program.forbidden),
        tuple(rule.condition for rule in program.guarantees),
        tuple(indicator.measure for indicator in program.indicators.values()),
    )
    return frozenset(n.name for n in core.parts(others) if isinstance(n, core.TableValue))


def _read_by_refusals(program: core.Program) -> dict[str, frozenset[int]]:
    """The ``interdit`` (by `id`) that read each decision, however far."""
    found: dict[str, set[int]] = {}
    for rule in program.forbidden:
        for node in reached(program, rule.condition):
            if isinstance(node, core.DecisionValue):
                found.setdefault(node.name, set()).add(id(rule))
    return {name: frozenset(rules) for name, rules in found.items()}


# ── parts, in processes ──────────────────────────────────────────────────────────────────

_Subject = str | int
_work: Callable[[Sequence[_Subject]], list[tuple[_Subject, Answer]]] | None = None


def _in_parts(
    program: core.Program, limits: Limits, parts: Sequence[Sequence[_Subject]], jobs: int
) -> list[tuple[_Subject, Answer]]:
    global _work
    part_of = _Part(
        program, limits, possible(program), values_of(program), _read_by_refusals(program)
    )
    if "fork" not in multiprocessing.get_all_start_methods():
        return [pair for part in parts for pair in part_of(part)]
    # What the processes examine is there when they fork; only answers are sent.
    _work = part_of
    try:
        with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
            found = pool.map(_examine_part, parts, chunksize=1)
    finally:
        _work = None
    files = _files(program)
    return [(subject, _at_home(answer, files)) for part in found for subject, answer in part]


def _examine_part(part: Sequence[_Subject]) -> list[tuple[_Subject, Answer]]:
    assert _work is not None
    return _work(part)


def _files(program: core.Program) -> dict[str, SourceFile]:
    """The files of *program*, by name: a span that comes from another process stands in a copy."""
    statements: list[core.Spanned] = [
        *program.decisions.values(), *program.tables.values(), *program.guarantees,
        *(rule for decision in program.decisions.values() for rule in decision.exceptions),
    ]  # fmt: skip
    nodes = (node for statement in statements for node in core.parts(statement))
    files = {s.span.file.name: s.span.file for s in statements}
    for node in nodes:
        if isinstance(node, core.Spanned):
            files.setdefault(node.span.file.name, node.span.file)
    return files


def _at_home(answer: Answer, files: dict[str, SourceFile]) -> Answer:
    def home(span: Span) -> Span:
        return attrs.evolve(span, file=files.get(span.file.name, span.file))

    diagnostic = answer.diagnostic
    if diagnostic is not None and diagnostic.span is not None:
        labels = tuple(attrs.evolve(la, span=home(la.span)) for la in diagnostic.labels)
        diagnostic = attrs.evolve(diagnostic, span=home(diagnostic.span), labels=labels)
    return attrs.evolve(answer, span=home(answer.span), diagnostic=diagnostic)


@attrs.frozen
class _Part:
    """Examines some decisions and guarantees, one after the other."""

    program: core.Program
    limits: Limits
    possible: Possible
    values: frozenset[int]
    spared: dict[str, frozenset[int]]

    def __call__(self, subjects: Sequence[_Subject]) -> list[tuple[_Subject, Answer]]:
        seen: set[Any] = set()
        return [(s, answer) for s in subjects for answer in self._one(s, seen)]

    def _one(self, subject: _Subject, seen: set[Any]) -> list[Answer]:
        program = self.program
        entity: str | None
        if isinstance(subject, int):
            rule = program.guarantees[subject]
            entity, name, condition = rule.entity, rule.message, rule.condition
        else:
            entity, name, condition = program.decisions[subject].entity, subject, None
        spared = self.spared.get(name, frozenset())
        search = Search(program, self.possible, self.values, entity, self.limits, spared)
        search.seen = seen
        path = search.element.path if search.element else ()
        target = Target("" if condition is not None else name, condition, path)
        asked = (
            [guarantee(search, program.guarantees[subject])]
            if isinstance(subject, int)
            else list(questions(search, program.decisions[subject]))
        )
        settled: dict[int, Settled] = {}
        self._together(search, [(p, q) for p, q in enumerate(asked) if not q.wanted], settled)
        # All are asked before any is looked into: what is looked into weighs on the others.
        for further in (False, True):
            for place, question in enumerate(asked):
                before = settled.get(place)
                if before is not None and before.reason != LATER:
                    continue
                if question.wanted and question.is_met(seen):
                    settled[place] = Settled("shown")
                else:
                    settled[place] = search.settle(
                        target, question.when, question.confirm,
                        further=further, shrink=not question.wanted,
                    )  # fmt: skip
        pairs = [(question, settled[place]) for place, question in enumerate(asked)]
        return [self._answer(name, q, s, target, pairs) for q, s in pairs]

    def _together(
        self,
        search: Search,
        asked: Sequence[tuple[int, Question]],
        settled: dict[int, Settled],
    ) -> None:
        """Settle the faults that cannot be, many at once: most cannot, and one proof says so."""
        if asked and search.is_impossible(disj(*(question.when for _, question in asked))):
            settled.update(
                (place, Settled("impossible", search.encoder.bounded)) for place, _ in asked
            )
        elif len(asked) > 1:
            half = len(asked) // 2
            self._together(search, asked[:half], settled)
            self._together(search, asked[half:], settled)

    def _answer(
        self,
        name: str,
        question: Question,
        settled: Settled,
        target: Target,
        pairs: Sequence[tuple[Question, Settled]],
    ) -> Answer:
        state, reason = settled.state, settled.reason
        if state == "impossible":
            state = "found" if question.wanted else "proved"
            if question.wanted and settled.bounded:
                state, reason = "undecided", "listes bornées"
        elif state == "shown":
            state = "proved" if question.wanted else "found"
        if state == "found" and question.wanted and _follows(question, pairs):
            state = "proved"
        diagnostic = None
        if state == "found":
            diagnostic = finding(self.program, name, question, settled.witness, target)
        key = question.key if question.kind == "ligne" else None
        return Answer(
            question.kind, name, key, state, settled.bounded and state == "proved", reason,
            question.span, diagnostic,
            question.about.table.name if question.kind == "ligne" else "",
        )  # fmt: skip


def _follows(question: Question, pairs: Sequence[tuple[Question, Settled]]) -> bool:
    """Whether a condition is never evaluated at all, or its rule never applies: that is told."""
    if question.kind != "condition":
        return False
    _, atom, truth = question.about
    others = [
        settled
        for other, settled in pairs
        if other.kind == "condition"
        and other.about[1].expr is atom.expr
        and other.about[2] is not truth
    ]
    return any(settled.state == "impossible" for settled in others)


def _rows_together(answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """One answer for each row of a table, whoever reads it: it may apply if it does to one."""
    ranks = {"proved": 0, "undecided": 1, "found": 2}
    best: dict[Any, Answer] = {}
    for answer in answers:
        if answer.key is not None:
            held = best.setdefault(answer.key, answer)
            if ranks[answer.state] < ranks[held.state]:
                best[answer.key] = answer
    return tuple(a for a in answers if a.key is None or best[a.key] is a)
