"""What is asked about the law: each question, what would answer it, and what the answer means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.rows import is_default
from lexald.dsl.source import Span

from ..outcomes import Conflict
from ..stretches import reached
from .encode import Atom, Fault
from .replay import Replayed, row_key
from .rules import Studied
from .search import Search
from .terms import Truth, conj, disj

# What a condition reads of a situation, or of the day: one that reads none of it is the law's own.
READING = (
    core.Fact,
    core.Root,
    core.Previous,
    core.Variable,
    core.ConsideredDate,
)

Confirm = Callable[[Replayed], bool]


@attrs.frozen(eq=False)
class Question:
    """One thing asked about a decision or a guarantee.

    Args:
        kind: ``conflit``, ``trou``, ``règle``, ``ligne``, ``condition``, ``garantie``.
        key: what a situation that is decided is seen to meet, for the kinds that should be met.
        when: the situations that answer it.
        confirm: whether the interpreter agrees.
        span: the place of the finding.
        about: what the finding is about, of the kind's own.
        wanted: a situation that answers it is what should be: a rule applies. Else it is a fault.
    """

    kind: str
    key: Any
    when: Truth
    confirm: Confirm
    span: Span
    about: Any
    wanted: bool
    keys: tuple[Any, ...] = ()

    def is_met(self, seen: set[Any]) -> bool:
        """Whether what was *seen* of other situations answers it."""
        return any(key in seen for key in self.keys)


def questions(search: Search, decision: core.Decision) -> Iterator[Question]:
    """All that is asked about *decision*."""
    studied = rules_of(search, decision)
    yield from _clashes(decision, studied)
    yield from _gaps(studied)
    yield from _rules(decision, studied)
    yield from _rows(studied)
    yield from _atoms(search.program, decision, studied)


def rules_of(search: Search, decision: core.Decision) -> Studied:
    from .rules import study

    return study(search.encoder, decision, search.scope)


def _clashes(decision: core.Decision, studied: Studied) -> Iterator[Question]:
    by: dict[tuple[str, str], Truth] = {}
    pairs: dict[tuple[str, str], tuple[core.Rule, core.Rule]] = {}
    for clash in studied.clashes:
        key = (clash.first.label, clash.second.label)
        by[key] = disj(by.get(key, False), clash.when)
        pairs[key] = (clash.first, clash.second)
    for key, when in by.items():
        yield Question(
            "conflit", ("conflit", decision.name, *key), when, _conflicts(key), pairs[key][1].span,
            pairs[key], wanted=False,
        )  # fmt: skip


def _conflicts(labels: tuple[str, str]) -> Confirm:
    def confirm(found: Replayed) -> bool:
        outcome = found.decided.outcome
        if not isinstance(outcome, Conflict):
            return False
        return set(labels) <= {side.label for side in outcome.sides}

    return confirm


def _gaps(studied: Studied) -> Iterator[Question]:
    by: dict[tuple[int, str], list[Fault]] = {}
    for fault in studied.noticed.faults:
        by.setdefault((id(fault.expr), fault.code), []).append(fault)
    for (number, code), faults in by.items():
        when = disj(*(fault.when for fault in faults))
        codes = {"": ("E001", "E002"), "E003": ("E003", "E001")}.get(code, (code,))
        keys = [("fault", number, one) for one in codes]
        yield Question(
            "trou", ("trou", number, code), when, _met(keys), faults[0].expr.span, faults[0],
            wanted=False,
        )  # fmt: skip


def _met(keys: list[Any]) -> Confirm:
    return lambda found: any(key in found.seen for key in keys)


def _rules(decision: core.Decision, studied: Studied) -> Iterator[Question]:
    by: dict[int, Any] = {}
    for used in studied.used:
        value = id(used.version.value)
        when, _ = by.get(value, (False, None))
        by[value] = (disj(when, used.when), used)
    for number, (when, used) in by.items():
        key = ("rule", number)
        span = used.version.span
        yield Question(
            "règle", key, when, _met([key]), span, (decision, used), wanted=True, keys=(key,)
        )  # fmt: skip


def _rows(studied: Studied) -> Iterator[Question]:
    by: dict[Any, Any] = {}
    for row in studied.noticed.rows:
        key = row_key(row.row)
        when, _ = by.get(key, (False, None))
        by[key] = (disj(when, row.when), row)
    for key, (when, row) in by.items():
        # The language asks for the last row, and an ended one is an error to come to.
        if is_default(row.row) or isinstance(row.row.result, core.RepealedResult):
            continue
        yield Question(
            "ligne", key, when, _met([key]), row.row.span, row, wanted=True, keys=(key,)
        )  # fmt: skip


def _reads_a_situation(program: core.Program, expr: core.Expr) -> bool:
    """Whether *expr*, or a decision that it asks, reads a fact or the date."""
    return any(isinstance(node, READING) for node in reached(program, expr))


def _atoms(program: core.Program, decision: core.Decision, studied: Studied) -> Iterator[Question]:
    by: dict[int, list[Atom]] = {}
    for atom in studied.noticed.atoms:
        by.setdefault(id(atom.expr), []).append(atom)
    for number, atoms in by.items():
        # What a table answers is told by its rows.
        expr = atoms[0].expr
        if isinstance(expr, core.TableValue) or not _reads_a_situation(program, expr):
            continue
        tested = isinstance(atoms[0].expr, core.IsPresent | core.IsApplicable)
        # The language asks for these tests: that one is always true is no fault.
        for truth in (True,) if tested else (True, False):
            when = disj(
                *(conj(a.reach, a.found.maybe if truth else a.found.maybe_not) for a in atoms)
            )
            keys: list[Any] = [(number, truth), (number, None)]
            yield Question(
                "condition", (number, truth), when, _met(keys), atoms[0].expr.span,
                (decision, atoms[0], truth), wanted=True, keys=tuple(keys),
            )  # fmt: skip


def guarantee(search: Search, rule: core.Guarantee) -> Question:
    """Whether some situation breaks *rule*."""
    found = search.encoder.condition(rule.condition, search.scope)
    return Question(
        "garantie", ("garantie", rule.message), found.false,
        lambda replayed: replayed.decided.outcome is False, rule.span, rule, wanted=False,
    )  # fmt: skip
