"""A proof as nested lines of styled words: what terminal text and Markdown have in common.

What does not help a reader is left out: steps that changed nothing, reasonings already told.
A decision whose reasoning is that of another element, rule for rule and row for row, is told in
one line that says so, with its own facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from lexald.dsl.dates import french_date
from lexald.dsl.program import GENERAL, Program
from lexald.dsl.types import ListType

from ..elements import path_text
from ..outcomes import Conflict, FactPath, Failure, NotApplicable, Outcome, Unknown, is_known
from ..proof import Basis, Condition, DaysWalked, FactUsed, Proof, RuleApplied, RuleConsidered
from .branches import branches, says_unknown
from .wording import Line, Piece, colon_of, short_outcome, word_of

# What goes back from element to element: how many that reason alike are told one by one, and
# how many lines are told in all; past it, the middle is left out.
MOST_ALIKE = 3
MOST_TOLD = 12


# Runs of days that an explanation tells of one walk: the proof has them all.
MAX_RUNS = 12

# Facts told of one rule or condition, which may read every element of a list: the proof has them all.
MAX_FACTS = 8

# Exceptions of one decision that the same facts set aside, or that are not in force: up to this
# many are told one by one; beyond, one line names them. The proof has the conditions of each.
MAX_SET_ASIDE = 8
TOGETHER = {"not_met": "not_met_many", "not_in_force": "not_in_force_many"}


def outline(program: Program, proofs: Iterable[Proof], lang: str = "fr") -> tuple[Line, ...]:
    """The lines that tell *proofs*, in their order: what one of them told, the next refer to."""
    teller = _Teller(program, lang)
    return tuple(teller.tell(proof) for proof in proofs)


class _Teller:
    def __init__(self, program: Program, lang: str) -> None:
        self.program = program
        self.lang = lang
        self._told: set[int] = set()
        self._alike: dict[Any, str] = {}
        self._signatures: dict[int, Any] = {}

    def word(self, key: str) -> str:
        return word_of(key, self.lang)

    @property
    def colon(self) -> str:
        return colon_of(self.lang)

    # ── one decision ─────────────────────────────────────────────────────────────────────

    def tell(self, proof: Proof) -> Line:
        answer = short_outcome(self.program, proof.outcome, proof.type, self.lang)
        sign = " = " if is_known(proof.outcome) else self.colon
        head = [Piece(path_text(proof.name_path), "name"), Piece(sign), answer]
        if id(proof) in self._told:
            return Line((*head, Piece(f"  ({self.word('above')})", "note")))
        self._told.add(id(proof))
        if proof.hypothesis:
            return Line((*head, Piece(f"  ({self.word('hypothesis')})", "note")))
        signature = self._signature(proof)
        first = self._alike.setdefault(signature, path_text(proof.path))
        if proof.path and first != path_text(proof.path):
            self._skip(proof)
            note = Piece(f"  ({self.word('alike')} {first})", "note")
            own = [f for f in proof.facts if f.path[: len(proof.path)] == proof.path]
            below = (*self._before(proof, False), *self._facts(own, proof), *self._along(proof))
            return Line((*head, note), below)
        if proof.label:
            head.append(Piece(f"  « {proof.label} »", "note"))
        return Line(tuple(head), tuple(self._body(proof)))

    def _skip(self, proof: Proof) -> None:
        # What the other element's telling covers is told.
        for call in proof.calls:
            if call.path == proof.path and id(call) not in self._told:
                self._told.add(id(call))
                self._skip(call)

    def _body(self, proof: Proof) -> Iterable[Line]:
        outcome = proof.outcome
        shown: set[Any] = set()
        if isinstance(outcome, Failure):
            yield Line(
                (
                    Piece(f"{outcome.code}{self.colon}", "no"),
                    Piece(outcome.message.in_language(self.lang)),
                )
            )
        if isinstance(outcome, Conflict):
            yield from self._conflict(outcome)
        if isinstance(outcome, Unknown):
            why = self.word("perhaps" if outcome.questions else "reason")
            for reason in sorted(outcome.reasons):
                yield Line((Piece(f"{why}{self.colon}", "doubt"), Piece(reason)))
        elif isinstance(outcome, NotApplicable):
            yield Line(
                (Piece(self.word("applies_if")),),
                tuple(self._conditions(proof.applicable, proof.path)),
            )
            shown |= {path for condition in proof.applicable for path in _paths(condition)}
        elif any(rule.why == "unknown" for rule in proof.considered):
            yield Line((Piece(self.word("agree"), "note"),))
        for applied in proof.applied:
            yield self._applied(applied, proof, shown)
        for rule in proof.considered:
            for condition in rule.conditions:
                shown |= _paths(condition)
        for row in proof.rows:
            pieces = [
                Piece(f"{self.word('table')} "),
                Piece(row.table, "name"),
                Piece(f"{self.colon}{row.text}"),
            ]
            yield self._based(pieces, row.basis)
        for parameter in proof.parameters:
            pieces = [
                Piece(parameter.name, "name"),
                Piece(" = "),
                Piece(self._value(parameter.value, parameter.type), "value"),
                *self._since(parameter.since, parameter.attested),
            ]
            yield self._based(pieces, parameter.basis)
        yield from self._before(proof)
        yield from self._facts([f for f in proof.facts if f.path not in shown], proof)
        for supposed in proof.suppositions:
            answer = short_outcome(self.program, supposed.outcome, supposed.type, self.lang)
            yield Line((Piece(f"{supposed.text}{self.colon}"), answer))
        for step in proof.steps:
            if not step.is_neutral:
                before = self._value(step.before, step.types[0])
                after = self._value(step.after, step.types[1])
                pieces = [Piece(f"{step.text}{self.colon}{before} → "), Piece(after, "value")]
                yield self._based(pieces, step.basis)
            elif step.basis.interpretations or step.basis.unverified:
                yield self._based([Piece(step.text)], step.basis)
        for walked in proof.walked:
            yield self._walked(walked)
        yield from self._notes(proof.basis)
        yield from self._not_followed(proof)
        yield from self._along(proof)
        for call in proof.calls:
            if not self._goes_back(proof, call):
                yield self.tell(call)

    # ── from one element to the next ─────────────────────────────────────────────────────

    def _before(self, proof: Proof, tells_order: bool = True) -> Iterable[Line]:
        """The element before that was read."""
        if proof.before is None:
            return
        found = proof.before.found
        if isinstance(found, tuple):
            answer = Piece(path_text(found), "name")
        elif found is None:
            answer = Piece(self.word("none"), "value")
        else:
            answer = short_outcome(self.program, found, None, self.lang)
        told = (Piece(f"{self.word('before')}{self.colon}"), answer)
        order = (Piece(f"  ({proof.before.order})", "note"),) if tells_order else ()
        yield Line((*told, *order))

    def _goes_back(self, proof: Proof, call: Proof) -> bool:
        """Whether *proof* read *call* of the element before, and goes round with it."""
        chain = self.program.chains.get(proof.decision)
        return (
            chain is not None
            and chain == self.program.chains.get(call.decision)
            and call.path != proof.path
        )

    def _along(self, proof: Proof) -> Iterable[Line]:
        """What *proof* goes back to that is not told yet: all of it in one list, from the first.

        One line stands for those that reason alike one after the other, and for those in the
        middle of a list that is long all the same.
        """
        runs: list[list[Proof]] = []
        for earlier in self._back(proof):
            if runs and self._signature(runs[-1][-1]) == self._signature(earlier):
                runs[-1].append(earlier)
            else:
                runs.append([earlier])
        lines: list[Line] = []
        for run in runs:
            if len(run) <= MOST_ALIKE:
                lines += [self.tell(earlier) for earlier in run]
                continue
            lines.append(self.tell(run[0]))
            for earlier in run[1:-1]:
                self._told.add(id(earlier))
                self._skip(earlier)
            lines.append(Line((Piece(self.word("more").format(len(run) - 2), "note"),)))
            lines.append(self.tell(run[-1]))
        if len(lines) > MOST_TOLD:
            some = MOST_TOLD // 2
            left = self.word("not_told").format(len(lines) - 2 * some)
            lines = [*lines[:some], Line((Piece(left, "note"),)), *lines[-some:]]
        if lines:
            yield Line((Piece(self.word("along"), "note"),), tuple(lines))

    def _back(self, proof: Proof) -> list[Proof]:
        """The proofs of earlier elements that *proof* goes back to and are not told, in order."""
        found: list[Proof] = []
        met: set[int] = set()
        todo = [(proof, False, False)]
        while todo:
            here, is_earlier, done = todo.pop()
            if done:
                if is_earlier:
                    found.append(here)
            elif id(here) not in met:
                met.add(id(here))
                todo.append((here, is_earlier, True))
                for call in reversed(here.calls):
                    if id(call) not in self._told and self.program.chains.get(
                        call.decision
                    ) == self.program.chains.get(here.decision):
                        todo.append((call, self._goes_back(here, call), False))
        return found if proof.decision in self.program.chains else []

    # ── parts ────────────────────────────────────────────────────────────────────────────

    def _value(self, outcome: Outcome, kind: Any) -> str:
        return short_outcome(self.program, outcome, kind, self.lang).text

    def _applied(self, rule: RuleApplied, proof: Proof, shown: set[Any]) -> Line:
        if rule.label == GENERAL:
            pieces = [Piece(self.word("general"))]
        else:
            pieces = [Piece(f"{self.word('exception')} « {rule.label} »")]
        pieces += self._since(rule.since, rule.attested)
        # What only says that the text does not decide is told already, as the answer's reason.
        told = (c for c in rule.conditions if not says_unknown(c.text))
        below = list(self._conditions(told, proof.path))
        for condition in rule.conditions:
            shown |= _paths(condition)
        if not (below and rule.label == GENERAL) and rule.text != self._value(
            proof.outcome, proof.type
        ):
            below[:0] = [Line((Piece(part),)) for part in branches(rule.text)]
        line = self._based(pieces, rule.basis)
        return attrs.evolve(line, below=(*below, *line.below))

    def _walked(self, walked: DaysWalked) -> Line:
        """The days of a period, those alike put together."""
        head = [Piece(f"{walked.text}{self.colon}", "note")]
        if not walked.runs:
            return Line((*head, Piece(self.word("no_day"))))
        lines = []
        for run in walked.runs[:MAX_RUNS]:
            first, last = self._day(run.first), self._day(run.last)
            when = self.word("on").format(first) if first == last else (
                self.word("from_to").format(first, last)
            )  # fmt: skip
            days = f"{run.n_days} {self.word('days' if run.n_days > 1 else 'day')}"
            if run.outcome is True and walked.word != "tout":
                lines.append(Line((Piece(f"{when}{self.colon}"), Piece(days, "value"))))
                continue
            pieces = [Piece(f"{when}{self.colon}")]
            pieces.append(short_outcome(self.program, run.outcome, walked.type, self.lang))
            if walked.word == "somme" and run.n_days > 1 and is_known(run.outcome):
                whole = self._value(run.outcome * run.n_days, walked.type)
                pieces += [Piece(f" × {days} = "), Piece(whole, "value")]
            lines.append(Line(tuple(pieces)))
        others = walked.runs[MAX_RUNS:]
        if others:
            lines.append(Line((Piece(self.word("other_runs").format(len(others)), "note"),)))
        return Line(tuple(head), tuple(lines))

    def _since(self, day: Any, attested: bool) -> list[Piece]:
        if day is None:
            return []
        word = self.word("attested" if attested else "since")
        return [Piece(f", {word} {self._day(day)}")]

    def _day(self, day: Any) -> str:
        return french_date(day) if self.lang == "fr" else str(day.isoformat())

    def _conditions(self, conditions: Iterable[Condition], home: FactPath) -> Iterable[Line]:
        for condition in conditions:
            mark, style = "?", "doubt"
            if isinstance(condition.outcome, bool):
                mark, style = ("✓", "yes") if condition.outcome else ("✗", "no")
            told = [
                text
                for fact in condition.facts
                if not _obvious(condition, fact) and not _is_list(fact)
                if (text := self._fact(fact, home)) != condition.text
            ]
            *others, last = branches(condition.text)
            facts = [Piece(f"  ({self._listed(told)})", "note")] if told else []
            ending = self._based([Piece(last), *facts], condition.basis)
            heads = [(Piece(part),) for part in others] + [ending.pieces]
            parts = self._conditions(condition.parts, home)
            yield Line(
                (Piece(f"{mark} ", style), *heads[0]),
                (*(Line(head) for head in heads[1:]), *parts, *ending.below),
            )

    def _not_followed(self, proof: Proof) -> Iterable[Line]:
        """The rules looked at and not followed. Many that read the same facts are told together."""
        alike: dict[Any, list[RuleConsidered]] = {}
        for rule in proof.considered:
            alike.setdefault(_reads(rule), []).append(rule)
        for rule in proof.considered:
            rules = alike[_reads(rule)]
            if rule.why not in TOGETHER or len(rules) <= MAX_SET_ASIDE:
                line = self._considered(rule, proof.path)
                if line is not None:
                    yield line
            elif rule is rules[0]:
                yield self._together(rules, proof.path)

    def _together(self, rules: Sequence[RuleConsidered], home: FactPath) -> Line:
        """One line for exceptions that the same facts set aside."""
        labels = " ; ".join(f"« {rule.label} »" for rule in rules)
        facts = {
            fact.path: self._fact(fact, home)
            for rule in rules
            for condition in rule.conditions
            for fact in condition.facts
            if not _is_list(fact)
        }
        pieces = [
            Piece(f"{self.word('exceptions').format(len(rules))} "),
            Piece(self.word(TOGETHER[rules[0].why]), "no"),
            Piece(f"{self.colon}{labels}"),
        ]
        if facts:
            pieces.append(Piece(f"  ({self._listed(list(facts.values()))})", "note"))
        return Line(tuple(pieces))

    def _considered(self, rule: RuleConsidered, home: FactPath) -> Line | None:
        name = self.word("general")
        if rule.label != GENERAL:
            name = f"{self.word('exception')} « {rule.label} »"
        match rule.why:
            case "not_met":
                pieces = [Piece(f"{name} "), Piece(self.word("not_met"), "no")]
            case "unknown":
                pieces = [Piece(name), Piece(self.colon), Piece(self.word("open"), "doubt")]
            case "outranked":
                by = ", ".join(f"« {label} »" for label in rule.by)
                pieces = [Piece(name), Piece(f" {self.word('outranked')} {by}")]
            case "not_in_force":
                pieces = [Piece(name), Piece(f"{self.colon}{self.word('not_in_force')}")]
                if rule.until is not None:
                    pieces.append(Piece(f" ({self.word('ended')} {self._day(rule.until)})"))
                elif rule.since is not None:
                    pieces.append(Piece(f" ({self.word('from')} {self._day(rule.since)})"))
            case _:
                return None
        conditions = tuple(self._conditions(rule.conditions, home))
        if len(conditions) == 1 and not conditions[0].below and rule.why in ("not_met", "unknown"):
            pieces += [Piece(self.colon), *conditions[0].pieces]
            conditions = ()
        line = self._based(pieces, attrs.evolve(rule.basis, interpretations=(), unverified=()))
        return attrs.evolve(line, below=conditions)

    def _conflict(self, outcome: Conflict) -> Iterable[Line]:
        kind = self.program.decisions[outcome.decision].type
        for side in outcome.sides:
            yield Line(
                (
                    Piece(f"« {side.label} »{self.colon}"),
                    Piece(self._value(side.value, kind), "value"),
                )
            )
        yield Line((Piece(self.word("missing"), "doubt"),))

    def _facts(self, facts: Iterable[FactUsed], proof: Proof) -> Iterable[Line]:
        told = [self._fact(fact, proof.path) for fact in facts if not _is_list(fact)]
        if told:
            yield Line(
                (Piece(f"{self.word('facts')}{self.colon}", "note"), Piece(self._listed(told)))
            )

    def _listed(self, told: Sequence[str]) -> str:
        """Facts one after the other; of a long list some, those not known first."""
        if len(told) > MAX_FACTS:
            unknown = f"{self.colon}{self.word('unknown')}"
            told = sorted(told, key=lambda text: not text.endswith(unknown))
            told = [*told[:MAX_FACTS], self.word("not_told").format(len(told) - MAX_FACTS)]
        return " ; ".join(told)

    def _fact(self, fact: FactUsed, home: Sequence[Any] = ()) -> str:
        inside = bool(home) and fact.path[: len(home)] == tuple(home)
        name = path_text(fact.path[len(home) :] if inside else fact.path)
        if isinstance(fact.outcome, Unknown):
            return f"{name}{self.colon}{self.word('unknown')}"
        return f"{name} = {self._value(fact.outcome, fact.type)}"

    def _based(self, pieces: Sequence[Piece], basis: Basis) -> Line:
        found = list(pieces)
        if basis.references:
            texts = " ; ".join(reference.text for reference in basis.references)
            found.append(Piece(f"  [{texts}]", "source"))
        return Line(tuple(found), tuple(self._notes(basis)))

    def _notes(self, basis: Basis) -> Iterable[Line]:
        for text in basis.interpretations:
            yield Line((Piece(f"{self.word('interpretation')}{self.colon}{text}", "note"),))
        for text in basis.unverified:
            yield Line((Piece(f"{self.word('unverified')}{self.colon}{text}", "doubt"),))

    # ── likeness ─────────────────────────────────────────────────────────────────────────

    def _signature(self, proof: Proof) -> Any:
        """What two proofs have in common when they tell one reasoning about two elements."""
        found = self._signatures.get(id(proof))
        if found is None:
            found = hash(
                (
                    proof.decision,
                    proof.outcome if isinstance(proof.outcome, bool) else type(proof.outcome),
                    proof.on if not proof.path else None,
                    proof.before and (proof.before.order, type(proof.before.found)),
                    tuple((r.label, r.since, _truths(r.conditions)) for r in proof.applied),
                    tuple((r.label, r.why, _truths(r.conditions)) for r in proof.considered),
                    tuple(row.text for row in proof.rows),
                    tuple((p.name, p.since) for p in proof.parameters),
                    tuple(step.text for step in proof.steps if not step.is_neutral),
                    tuple((w.text, tuple(repr(r.outcome) for r in w.runs)) for w in proof.walked),
                    tuple(supposed.text for supposed in proof.suppositions),
                    tuple(self._signature(call) for call in proof.calls if call.path == proof.path),
                )
            )
            self._signatures[id(proof)] = found
        return found


def _reads(rule: RuleConsidered) -> Any:
    """Why a rule was not followed, and the facts that said so."""
    return rule.why, frozenset().union(*(_paths(condition) for condition in rule.conditions))


def _truths(conditions: Iterable[Condition]) -> Any:
    """Which conditions held, and which of their parts."""
    return tuple(
        (c.text, c.outcome if isinstance(c.outcome, bool) else None, _truths(c.parts))
        for c in conditions
    )


def _paths(condition: Condition) -> set[Any]:
    found = {fact.path for fact in condition.facts}
    for part in condition.parts:
        found |= _paths(part)
    return found


def _obvious(condition: Condition, fact: FactUsed) -> bool:
    """Whether the fact is the condition: its mark says all."""
    return isinstance(fact.outcome, bool) and condition.text in (
        path_text(fact.path),
        fact.path[-1],
        ".".join(str(part) for part in fact.path[-2:]),
    )


def _is_list(fact: FactUsed) -> bool:
    return isinstance(fact.type, ListType) and not isinstance(fact.outcome, Unknown)
