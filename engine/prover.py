"""Builds proofs, on demand: the rules of a decision are evaluated again while a watcher notes what
they read. An evaluation that nobody asks to explain pays nothing for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.citations import in_force
from lexald.dsl.program import GENERAL
from lexald.dsl.source import Span
from lexald.dsl.types import AMOUNT, BOOL, DATE, DECIMAL, EXACT, INT, Type

from .contest import holds, resolve_decision
from .elements import Element
from .environment import BudgetExceeded, Decided, Env, doubt_of, version_on
from .interpreter import TOO_LONG, Evaluation
from .outcomes import FactPath, NotApplicable, Outcome, Unknown, is_known, same
from .periods import runs
from .proof import (
    Basis,
    Condition,
    DaysWalked,
    FactUsed,
    ParameterUsed,
    Predecessor,
    Proof,
    Reference,
    RowUsed,
    RuleApplied,
    RuleConsidered,
    StepTaken,
    Supposition,
)
from .sequences import Chains
from .walks import each


class Prover:
    """Proofs of the decisions of one evaluation."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.program = evaluation.program
        self._found: dict[tuple[str, FactPath, date, object], Proof] = {}
        self._chains = Chains()
        evaluation.restart()

    def prove(self, name: str, element: Element | None = None) -> Proof:
        """The proof of decision *name*, for *element* if it is one of an entity."""
        try:
            return self._prove(name, element, Env(self.evaluation.on))
        except BudgetExceeded:
            decision = self.program.decisions[name]
            path = element.path if element else ()
            return Proof(name, path, decision.label, decision.type, self.evaluation.on, TOO_LONG)

    def prove_guarantee(self, guarantee: core.Guarantee, element: Element | None = None) -> Proof:
        """How *guarantee* comes to what it does, told as a decision that answers its condition."""
        version = core.RuleVersion(
            core.Period(None, None), None, guarantee.condition, guarantee.notes, span=guarantee.span
        )
        rule = core.Rule(GENERAL, "", (), (version,), span=guarantee.span)
        decision = core.Decision(
            "garantie", guarantee.entity, BOOL, False, guarantee.message, False, None,
            core.NO_NOTES, "", core.NO_NOTES, None, rule, (), span=guarantee.span,
        )  # fmt: skip
        path = element.path if element else ()
        try:
            env = self.evaluation.env_for(element, Env(self.evaluation.on))
            if isinstance(env, Unknown):  # the day that rules the element is not known
                return Proof("garantie", path, guarantee.message, BOOL, self.evaluation.on, env)
            decided = resolve_decision(self.evaluation, decision, env)
            return _Reasoning(self, decision, decided, env).proof()
        except BudgetExceeded:
            return Proof("garantie", path, guarantee.message, BOOL, self.evaluation.on, TOO_LONG)

    def _prove(self, name: str, element: Element | None, caller: Env) -> Proof:
        path = element.path if element else ()
        decision = self.program.decisions[name]
        if (name, path) in self.evaluation.situation.hypotheses:
            value = self.evaluation.situation.hypotheses[name, path]
            return Proof(
                name, path, decision.label, decision.type, caller.on, value, hypothesis=True
            )
        env = self.evaluation.env_for(element, caller)
        decided = self.evaluation.decide_in(name, element, caller)
        if isinstance(env, Unknown):  # the day that rules the element is not known
            return Proof(name, path, decision.label, decision.type, caller.on, decided.outcome)
        key = (name, path, env.on, doubt_of(env.undated))
        found = self._found.get(key)
        if found is None:

            def work() -> Proof:
                proof = _Reasoning(self, decision, decided, env).proof()
                self._found[key] = proof
                return proof

            chain = self.program.chains.get(name)
            found = work() if chain is None else self._chains.work(chain, path, work)
        return found


class _Reasoning:
    """One decision, evaluated again while watching."""

    def __init__(self, prover: Prover, decision: core.Decision, decided: Decided, env: Env) -> None:
        self.prover = prover
        self.evaluation = prover.evaluation
        self.program = prover.program
        self.decision = decision
        self.decided = decided
        self.env = env
        self.facts: dict[FactPath, FactUsed] = {}
        self.parameters: dict[tuple[str, date | None], ParameterUsed] = {}
        self.rows: dict[tuple[str, str], RowUsed] = {}
        self.steps: list[StepTaken] = []
        self.walked: list[DaysWalked] = []
        self.days_walked = 0  # walks of days that are being made, one inside the other
        self.stretches: set[Any] = set()
        self.before: Predecessor | None = None
        self.calls: dict[tuple[str, FactPath, date], Proof] = {}
        self.suppositions: dict[str, Supposition] = {}
        self.noted: Basis = Basis()
        self.applied: list[RuleApplied] = []
        self.considered: list[RuleConsidered] = []

    def proof(self) -> Proof:
        decision = self.decision
        applicable: tuple[Condition, ...] = ()
        if decision.applicable is not None:
            applicable = self._conditions(decision.applicable)
        if not isinstance(self.decided.outcome, NotApplicable):
            self._consider("")
        path = self.env.current.path if self.env.current else ()
        return Proof(
            decision.name,
            path,
            decision.label,
            decision.type,
            self.env.on,
            self.decided.outcome,
            False,
            applicable,
            self._given(),
            tuple(self.considered),
            tuple(self.facts.values()),
            tuple(self.parameters.values()),
            tuple(self.rows.values()),
            tuple(self.steps),
            tuple(self.walked),
            self.before,
            tuple(self.calls.values()),
            self._basis(decision.applicable_notes, self.env.on)
            | self._basis(decision.concurrence_notes, self.env.on),
            tuple(self.suppositions.values()),
        )

    def _given(self) -> tuple[RuleApplied, ...]:
        """The rules that gave the answer: none, when it is the same whatever is unknown."""
        if not is_known(self.decided.outcome):
            return tuple(self.applied)
        return tuple(rule for rule in self.applied if rule.label in self.decided.applied)

    # ── rules ────────────────────────────────────────────────────────────────────────────

    def _consider(self, target: str) -> None:
        """The exceptions to *target*, then what stands if none does."""
        decision = self.decision
        rivals = [rule for rule in decision.exceptions if rule.target == target]
        held = {
            rule.label: holds(self.evaluation, decision, rule, attrs.evolve(self.env))
            for rule in rivals
        }
        live = [rule for rule in rivals if held[rule.label] is True]
        standing = []
        for rule in rivals:
            above = tuple(other.label for other in live if rule.label in other.outranks)
            if held[rule.label] is not True:
                self._set_aside(rule, held[rule.label])
            elif above:
                self._passed_over(rule, "outranked", above)
            else:
                standing.append(rule)
        for rule in standing:
            self._consider(rule.label)
        below = self._below(target)
        if not standing:
            if target == "":
                self._consider(GENERAL)
            elif below is not None:
                self._apply(below)
        elif below is not None:
            self._passed_over(below, "excepted", tuple(rule.label for rule in standing))

    def _below(self, target: str) -> core.Rule | None:
        """The rule that *target* names; the general one for the whole decision."""
        if target in ("", GENERAL):
            return self.decision.general
        return next(rule for rule in self.decision.exceptions if rule.label == target)

    def _apply(self, rule: core.Rule) -> None:
        version = version_on(rule.versions, self.env.on)
        if not isinstance(version, core.RuleVersion):
            self._set_aside(rule, False)
            return
        basis = self._basis(version.notes, self.env.on)
        conditions: tuple[Condition, ...] = ()
        if version.guard is not None:
            conditions = self._conditions(version.guard)
        value = _bare(version.value)
        if self.decision.type == BOOL and not isinstance(value, core.Constant):
            conditions += self._conditions(version.value)
        else:
            env = attrs.evolve(self.env, rule=(self.decision, rule), watch=self._watch)
            self.evaluation.eval(version.value, env)
            basis |= self.noted
            self.noted = Basis()
        self.applied.append(
            RuleApplied(
                rule.label,
                version.period.since,
                worded(_unstaged(version.value)),
                conditions,
                basis,
                version.period.attested,
            )
        )

    def _set_aside(self, rule: core.Rule, held: Outcome) -> None:
        version = version_on(rule.versions, self.env.on)
        if not isinstance(version, core.RuleVersion):
            since = getattr(version, "since", None)
            until = getattr(version, "until", None)
            if until is not None and self.env.on < until:
                until = None  # it has not begun
            why = "unknown" if isinstance(version, Unknown) else "not_in_force"
            self.considered.append(RuleConsidered(rule.label, why, since=since, until=until))
            return
        conditions: tuple[Condition, ...] = ()
        if version.guard is not None:
            # What made it fail is told with it; the rest it read has no part in the answer.
            facts, parameters, rows = dict(self.facts), dict(self.parameters), dict(self.rows)
            steps, walked, noted = list(self.steps), list(self.walked), self.noted
            calls = dict(self.calls)
            conditions = blamed(self._conditions(version.guard), held)
            self.facts, self.parameters, self.rows = facts, parameters, rows
            self.steps, self.walked, self.noted = steps, walked, noted
            self.calls = calls | {_call_key(call): call for call in _calls_of(conditions)}
        self.considered.append(
            RuleConsidered(
                rule.label,
                "unknown" if isinstance(held, Unknown) else "not_met",
                conditions,
                since=version.period.since,
                basis=self._basis(version.notes, self.env.on),
            )
        )

    def _passed_over(self, rule: core.Rule, why: str, by: tuple[str, ...]) -> None:
        version = version_on(rule.versions, self.env.on)
        if isinstance(version, core.RuleVersion):
            self.considered.append(
                RuleConsidered(
                    rule.label,
                    why,
                    by=by,
                    since=version.period.since,
                    basis=self._basis(version.notes, self.env.on),
                )
            )

    # ── conditions ───────────────────────────────────────────────────────────────────────

    def _conditions(self, expr: core.Expr) -> tuple[Condition, ...]:
        """The conditions of *expr*, those of an ``et`` one by one."""
        condition = self._condition(expr)
        return condition.parts if condition.joint and not condition.basis else (condition,)

    def _condition(self, expr: core.Expr) -> Condition:
        basis = Basis()
        while isinstance(expr, core.Noted | core.Staged):
            if isinstance(expr, core.Noted):
                basis |= self._basis(expr.notes, self.env.on)
                expr = expr.operand
            elif expr.steps:
                break
            else:
                expr = expr.value
        inner = _operands(expr)
        if inner is None:
            calls = self.calls
            self.calls = {}
            outcome, facts = self._read(expr)
            read = tuple(self.calls.values())
            self.calls = calls | self.calls
            return Condition(worded(expr.span), outcome, facts, basis, calls=read)
        joint = isinstance(expr, core.All | core.Choice)
        parts: list[Condition] = []
        for operand in inner:
            if isinstance(expr, core.Choice) and parts and parts[0].outcome is False:
                break  # what a test guards is not evaluated when the test fails
            part = self._condition(operand)
            parts += part.parts if joint and part.joint and not part.basis else [part]
        outcome, _ = self._read(expr, quiet=True)
        return Condition(_heading(expr), outcome, (), basis, tuple(parts), joint)

    def _read(self, expr: core.Expr, quiet: bool = False) -> tuple[Outcome, tuple[FactUsed, ...]]:
        """What *expr* comes to, and the facts that it reads itself."""
        if quiet:
            return self.evaluation.eval(expr, attrs.evolve(self.env)), ()
        before = dict(self.facts)
        self.facts.clear()
        outcome = self.evaluation.eval(expr, attrs.evolve(self.env, watch=self._watch))
        read = tuple(self.facts.values())
        self.facts = {**before, **{fact.path: fact for fact in read}}
        return outcome, read

    # ── what is read ─────────────────────────────────────────────────────────────────────

    def _watch(self, event: str, what: Any, found: Any, env: Env) -> None:
        match event:
            case "fact":
                self.facts[what] = FactUsed(what, found, self._type_of(what))
            case "before":
                path = found.path if isinstance(found, Element) else found
                self.before = Predecessor(worded(what.span), path)
            case "decision":
                name, element = what
                if self.days_walked and self._is_told(name, element, found, env):
                    return
                called = self.prover._prove(name, element, env)
                self.calls[_call_key(called)] = called
            case "parameter":
                basis = self._basis(found.notes, env.on)
                self.parameters[what.name, found.period.since] = ParameterUsed(
                    what.name,
                    what.label,
                    found.value,
                    what.type,
                    found.period.since,
                    basis,
                    found.period.attested,
                )
            case "row":
                table, version = what
                text = cells_text(found.span)
                basis = self._basis(version.notes, env.on) | self._basis(found.notes, env.on)
                self.rows[table.name, text] = RowUsed(
                    table.name, table.label, text, found.since, basis
                )
            case "supposed":
                text = worded(what.span)
                self.suppositions[text] = Supposition(text, found, what.type)
            case "notes":
                self.noted |= self._basis(what, env.on)
            case "step":
                _, step, before = what
                if isinstance(step, core.Widen):
                    return
                if isinstance(step, core.SharedCap):
                    # What all share was worked out once, unwatched: read its limit for this one.
                    self.evaluation.eval(step.limit, env)
                basis = self._basis(step.notes, env.on)
                taken = StepTaken(worded(step.span), before, found, _types_of(step), basis)
                if not (self.days_walked and taken in self.steps):
                    self.steps.append(taken)
            case "days" if found is None:
                self.days_walked -= 1
            case "days":
                if not self.days_walked:
                    walked = self._by_runs(what, found, env)
                    if walked not in self.walked:
                        self.walked.append(walked)
                self.days_walked += 1

    def _is_told(self, name: str, element: Element | None, found: Decided, env: Env) -> bool:
        """Whether a day of the walk came to the same by the same rules, at the same law."""
        at = self.evaluation.stretch(name, env.on)
        key = (name, element.path if element else (), at, repr(found))
        is_told = key in self.stretches
        self.stretches.add(key)
        return is_told

    def _by_runs(self, expr: core.Walk, days: Sequence[date], env: Env) -> DaysWalked:
        quiet = attrs.evolve(env, watch=None)
        found = [(day, each(self.evaluation, expr, day, quiet)) for day in days]
        kind = BOOL if expr.body is None or expr.word == "tout" else expr.type
        kept = [
            (day, one)
            for day, one in found
            if not isinstance(one, NotApplicable) and (one is not False or expr.word == "tout")
        ]
        return DaysWalked(worded(expr.items.span), expr.word, kind, tuple(runs(kept, same)))

    def _type_of(self, path: Sequence[str | int]) -> Type:
        """The declared type of the fact at *path*."""
        names = [part for part in path if isinstance(part, str)]
        kind: Any = self.program.roots[names[0]].type
        for name in names[1:]:
            entity = self.program.entities[getattr(kind, "item", kind).name]
            kind = entity.fields[name].type
        return kind  # type: ignore[no-any-return]

    def _basis(self, notes: core.Notes, on: date) -> Basis:
        return basis_of(self.program, notes, on)


def basis_of(program: core.Program, notes: core.Notes, on: date) -> Basis:
    """What *notes* rest on, under the names of the day."""
    references = []
    for citation in notes.citations:
        article = in_force(program, citation, on)
        source = article.source
        references.append(Reference(source.name, article.text, source.rank, article.version))
    return Basis(tuple(references), notes.interpretations, notes.unverified)


def _call_key(proof: Proof) -> tuple[str, FactPath, date]:
    return proof.decision, proof.path, proof.on


def _calls_of(conditions: tuple[Condition, ...]) -> Iterator[Proof]:
    for condition in conditions:
        yield from condition.calls
        yield from _calls_of(condition.parts)


def blamed(conditions: tuple[Condition, ...], held: Outcome) -> tuple[Condition, ...]:
    """Those of *conditions* that made a guard fail, or that leave it open."""
    kept = []
    for condition in conditions:
        if condition.outcome is True:
            continue
        if held is False and isinstance(condition.outcome, Unknown):
            continue
        if condition.joint:
            parts = blamed(condition.parts, held)
            if len(parts) == 1 and not condition.basis:
                kept.append(parts[0])
                continue
            condition = attrs.evolve(condition, parts=parts)
        kept.append(condition)
    return tuple(kept)


def _bare(expr: core.Expr) -> core.Expr:
    while isinstance(expr, core.Noted) or (isinstance(expr, core.Staged) and not expr.steps):
        expr = expr.operand if isinstance(expr, core.Noted) else expr.value
    return expr


def _operands(expr: core.Expr) -> tuple[core.Expr, ...] | None:
    """The conditions that *expr* is made of; `None` when it is one by itself."""
    match expr:
        case core.All(operands) | core.Some(operands) | core.Count(_, _, operands):
            return operands
        case core.Choice(condition, then, core.Constant(False)):
            return (condition, then)
    return None


def _heading(expr: core.Expr) -> str:
    match expr:
        case core.All() | core.Choice():
            return "toutes les conditions"
        case core.Some():
            return "au moins une condition"
        case core.Count(minimum, maximum, operands):
            if maximum == minimum:
                return f"exactement {minimum} parmi {len(operands)}"
            if maximum is None:
                return f"au moins {minimum} parmi {len(operands)}"
            return f"au plus {maximum} parmi {len(operands)}"
    return worded(expr.span)


def _unstaged(expr: core.Expr) -> Span:
    """Where the value of *expr* is written, its steps set aside."""
    while isinstance(expr, core.Noted | core.Staged):
        expr = expr.operand if isinstance(expr, core.Noted) else expr.value
    return expr.span


# A text; else a comment, citations, a reading or a doubt.
_ASIDE = re.compile(
    r'("[^"\n]*")|\s*(?:#[^\n]*|\[[^\]]*\]|(?:interprétation|non vérifié)\s*"[^"\n]*")'
)


def worded(span: Span) -> str:
    """What is written at *span*, without comments, citations and notes: they are told apart."""
    written = _ASIDE.sub(lambda found: found[1] or "", span.file.text[span.start : span.end])
    return " ".join(written.split()).replace("( ", "(").replace(" )", ")")


def cells_text(row: Span) -> str:
    """The cells of the row of a table at *row*, as written."""
    return " · ".join(cell.strip() for cell in worded(row).strip("| ").split("|"))


def _types_of(step: core.Step) -> tuple[Type, Type]:
    """The types of what a step takes and gives."""
    match step:
        case core.Round(money=money):
            return (EXACT, AMOUNT) if money else (DECIMAL, INT)
        case core.Cap() | core.Floor() | core.SharedCap():
            return step.type, step.type
    return DATE, DATE
