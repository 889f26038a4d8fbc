"""What the expected answers of one case prove, read off the trace of their evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeGuard

import attrs

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.engine.environment import Decided, Env, version_on
from lexald.engine.lookup import fitting
from lexald.engine.outcomes import Conflict, Failure, Outcome, Unknown, is_known, same

from . import units as u
from .conditions import Condition, Shown, bare, shown
from .obligations import Change, Obligations
from .slices import counting
from .tracing import Frame, LookedUp, Node, Shared, Step, Weighed

# What was seen of a unit that is not proved: the further, the nearer to a proof.
ASKED, THEN, REACHED, FALSE, OPEN, TRUE, UNKNOWN, FAILED = (1 << n for n in range(8))
# Of an atom: that it was this or that, whatever it decided.
SEEN = {True: TRUE, False: FALSE}


@attrs.define
class Proven:
    """*covered* units; *seen*: flags of units; *effects*: (unit, outcome of the atom, of the whole
    condition) where the atom decided."""

    covered: set[int] = attrs.field(factory=set)
    seen: dict[int, int] = attrs.field(factory=dict)
    effects: set[tuple[int, bool, bool]] = attrs.field(factory=set)

    def see(self, unit: int | None, flags: int) -> None:
        if unit is not None:
            self.seen[unit] = self.seen.get(unit, 0) | flags


class Witness:
    """Reads traces for one case."""

    def __init__(self, owed: Obligations) -> None:
        self.owed = owed
        self.program = owed.program
        self.found = Proven()
        # INVARIANT: what was met is kept, or another step might come to have its `id`.
        self._met: set[tuple[int, bool, bool]] = set()
        self._kept: list[tuple[Step, ...]] = []
        # A step; whether the answer rests on it; whether it was evaluated under a supposed truth.
        self._todo: list[tuple[Step, bool, bool]] = []

    def answer(self, steps: Iterable[Step], *, conditions_only: bool = False) -> None:
        """An expected answer came about by *steps*.

        With *conditions_only*, it is only said of the situation that it was admitted: that shows
        what conditions came to, and no piece of law.
        """
        steps = tuple(steps)
        self._kept.append(steps)
        self._todo = [(step, not conditions_only, _is_supposed(step)) for step in steps]
        while self._todo:
            self._step(*self._todo.pop())

    def _step(self, step: Step, counts: bool, supposed: bool) -> None:
        match step:
            case Node():
                self._node(step, counts, supposed)
            case Frame():
                if counts and self._is_new(step, True, False):
                    self._frame(step)
            case Shared(below):
                if self._is_new(step, counts, supposed):
                    self._todo += [(inner, counts, supposed) for inner in below]
            case Weighed():
                pass  # of another element that shares a ceiling
            case LookedUp():
                self._look_up(step, counts, Unknown())

    def _is_new(self, step: Step, counts: bool, supposed: bool) -> bool:
        key = id(step), counts, supposed
        if key in self._met:
            return False
        self._met.add(key)
        return True

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def _node(self, node: Node, counts: bool, supposed: bool) -> None:
        if supposed and not counts:
            return
        condition = self.owed.conditions.get(id(node.expr))
        if condition is not None and not supposed:
            self._condition(condition, node)
        match node.expr:
            case core.ParameterValue(name):
                self._parameter(name, node.env, counts)
            case core.TableValue():
                for step in node.below:
                    if isinstance(step, LookedUp):
                        self._look_up(step, counts, node.outcome)
        for step, rests in counting(node):
            if not isinstance(step, LookedUp):
                self._todo.append((step, counts and rests, supposed))

    def _parameter(self, name: str, env: Env, counts: bool) -> None:
        owed = self.owed
        parameter = self.program.parameters[name]
        version = version_on(parameter.versions, env.on)
        for one in parameter.versions:
            self.found.see(owed.pieces["paramètre", name, "", one.period.since], ASKED)
        if isinstance(version, core.ParameterVersion):
            unit = owed.pieces["paramètre", name, "", version.period.since]
            if counts and env.undated is None:
                self.found.covered.add(unit)
            else:
                self.found.see(unit, THEN)
        self._side(("parameter", name), env, counts)

    def _side(self, key: Any, env: Env, counts: bool) -> None:
        sides = self.owed.sides.get(key)
        if sides and counts and env.undated is None and env.on in sides:
            self.found.covered.add(sides[env.on])

    def _look_up(self, step: LookedUp, counts: bool, outcome: Outcome) -> None:
        table, on = step.table, step.env.on
        dated = step.env.undated is None
        counts = counts and dated
        rows = self.owed.rows
        for version in table.versions:
            for row in version.rows:
                self.found.see(rows[table.name, row.span.start], ASKED)
        version = version_on(table.versions, on)
        if isinstance(version, core.TableVersion):
            for row in version.rows:
                self.found.see(rows[table.name, row.span.start], THEN)
            fits = fitting(version, step.arguments)
            sure = len(fits) == 1 and fits[0][1]
            # Several that give one value: which of them it is does not matter, all do.
            agree = sure or (is_known(outcome) and bool(fits))
            for row, _ in fits:
                unit = rows[table.name, row.span.start]
                if counts and agree:
                    self.found.covered.add(unit)
                else:
                    self.found.see(unit, TRUE if agree else UNKNOWN)
        if counts:
            for change in self.owed.changes[table.name]:
                self._change(change, step)

    def _change(self, change: Change, step: LookedUp) -> None:
        on = step.env.on
        if on in change.whole:
            self.found.covered.add(change.whole[on])
        if change.version is None or not change.rows:
            return
        if on != change.day and not any(on in sides for sides in change.rows.values()):
            return
        fits = fitting(change.version, step.arguments)
        if len(fits) == 1 and fits[0][1]:
            sides = change.rows.get(id(fits[0][0]), {})
            if on in sides:
                self.found.covered.add(sides[on])

    # ── conditions ───────────────────────────────────────────────────────────────────────

    def _condition(self, condition: Condition, node: Node) -> None:
        outcomes: dict[int, Outcome] = {}
        todo: list[Node] = [node]
        while todo:
            here = todo.pop()
            outcomes[id(here.expr)] = here.outcome
            if isinstance(here.expr, core.Not | core.All | core.Some | core.Count | core.Choice
                          | core.Noted | core.Staged):  # fmt: skip
                todo += [step for step in here.below if isinstance(step, Node)]
        whole, atoms = shown(condition.whole, lambda expr: outcomes.get(id(bare(expr))))
        for atom in atoms:
            self._atom(atom, whole, node.env)

    def _atom(self, atom: Shown, whole: bool | None, env: Env) -> None:
        units = self.owed.atoms.get(atom.atom.number)
        if units is None:
            return
        outcome = atom.outcome
        if isinstance(outcome, Unknown):
            if u.UNKNOWN in units:
                self.found.covered.add(units[u.UNKNOWN])
            for unit in units.values():
                self.found.see(unit, ASKED | OPEN)
            return
        if not isinstance(outcome, bool) or env.undated is not None or u.TRUE not in units:
            return
        self.found.covered.add(units[u.TRUE if outcome else u.FALSE])
        for unit in units.values():
            self.found.see(unit, ASKED | SEEN[outcome])
        effect = self.owed.effects[atom.atom.number]
        self.found.see(effect, ASKED | SEEN[outcome])
        if atom.decides and whole is not None:
            self.found.effects.add((effect, outcome, whole))

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def _frame(self, frame: Frame) -> None:
        decision, decided, env = frame.decision, frame.decided, frame.env
        outcome = decided.outcome
        owed, found = self.owed, self.found
        dated = env.undated is None
        outcomes = owed.outcomes[decision.name]
        self._outcome(decision, outcomes, outcome)
        labels = set(decided.applied)
        if _is_own_conflict(decision, outcome):
            labels |= {side.label for side in outcome.sides}
        for rule in (decision.general, *decision.exceptions):
            for version in rule.versions:
                found.see(self._unit(decision, rule, version.period.since), ASKED)
            on = version_on(rule.versions, env.on)
            if isinstance(on, core.RuleVersion) and dated:
                unit = self._unit(decision, rule, on.period.since)
                found.see(unit, THEN)
                if rule.label in labels:
                    self._applied(unit, outcome)
            if rule is decision.general and (
                rule.label in labels or _not_in_force(rule, decided, on)
            ):
                self._side(("rule", decision.name, GENERAL), env, True)
        for step in frame.below:
            self._rule_step(step, frame, labels)

    def _outcome(self, decision: core.Decision, units: dict[str, int], outcome: Outcome) -> None:
        for unit in units.values():
            self.found.see(unit, ASKED)
        if isinstance(outcome, Unknown):
            word = u.UNKNOWN
        elif _is_own_conflict(decision, outcome):
            word = u.CONFLICT
        elif isinstance(outcome, Failure | Conflict):
            return
        else:
            word = u.KNOWN
        if word in units:
            self.found.covered.add(units[word])

    def _applied(self, unit: int, outcome: Outcome) -> None:
        """The rule of *unit* gave *outcome*: it is proved if that says something of the rule."""
        if isinstance(outcome, Failure):
            self.found.see(unit, REACHED | FAILED)
        elif isinstance(outcome, Unknown) and (outcome.questions or not outcome.reasons):
            self.found.see(unit, REACHED | UNKNOWN)
        else:
            self.found.covered.add(unit)

    def _rule_step(self, step: Step, frame: Frame, labels: set[str]) -> None:
        decision = frame.decision
        if isinstance(step, Weighed):
            self._side(("rule", decision.name, step.rule.label), step.env, True)
            version = version_on(step.rule.versions, step.env.on)
            if isinstance(version, core.RuleVersion) and step.env.undated is None:
                unit = self._unit(decision, step.rule, version.period.since)
                self.found.see(unit, REACHED | (TRUE if version.guard is None else 0))
            return
        counts = True
        supposed = _is_supposed(step)
        if supposed and not is_known(frame.decided.outcome):
            return  # each truth was tried, and they differ
        if isinstance(step, Node):
            guarded = self.owed.guards.get(id(step.expr))
            rule = self.owed.values.get(id(step.expr))
            if guarded is not None and step.env.undated is None and not supposed:
                self._guard(decision, guarded[1], step)
            if rule is not None and rule.label not in labels:
                # It may stand, or competed in vain: what it is known to be counts if that is
                # what was answered.
                counts = isinstance(step.outcome, Unknown) or (
                    is_known(frame.decided.outcome)
                    and (bool(decision.concurrence) or same(step.outcome, frame.decided.outcome))
                )
        self._todo.append((step, counts, supposed))

    def _guard(self, decision: core.Decision, rule: core.Rule, node: Node) -> None:
        version = version_on(rule.versions, node.env.on)
        if isinstance(version, core.RuleVersion):
            unit = self._unit(decision, rule, version.period.since)
            if isinstance(node.outcome, bool):
                self.found.see(unit, SEEN[node.outcome])
            elif isinstance(node.outcome, Unknown):
                self.found.see(unit, OPEN)

    def _unit(self, decision: core.Decision, rule: core.Rule, since: date | None) -> int:
        kind = "règle" if rule.label == GENERAL else "exception"
        return self.owed.pieces[kind, decision.name, rule.label, since]

    # ── what is said of situations ───────────────────────────────────────────────────────

    def states(self, kind: str, name: str) -> None:
        """The piece *kind* (``interdit``, ``garantie``, ``indicateur``) called *name* is proved."""
        self.found.covered.add(self.owed.pieces[kind, name, "", None])


def _is_own_conflict(decision: core.Decision, outcome: Outcome) -> TypeGuard[Conflict]:
    """Whether the rules of *decision* conflict, and not those of a decision that it read."""
    return isinstance(outcome, Conflict) and outcome.decision == decision.name


def _is_supposed(step: Step) -> bool:
    return isinstance(step, Node) and bool(step.env.guesses)


def _not_in_force(rule: core.Rule, decided: Decided, on: Any) -> bool:
    """Whether *decided* is that the general rule was asked, and is not in force."""
    if isinstance(on, core.RuleVersion):
        return False
    outcome = decided.outcome
    if isinstance(outcome, Failure):
        return outcome.span == rule.span
    return isinstance(on, Unknown) and isinstance(outcome, Unknown) and (
        on.reasons <= outcome.reasons
    )  # fmt: skip
