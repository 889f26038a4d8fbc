"""A case for each mutant that no case catches, as few as will do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from lexald.dsl import program as core
from lexald.engine.elements import Situation
from lexald.engine.environment import Decided
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import FactPath, is_known

from ..mutation.mutants import Looked, Mutant, Replaced, Valued
from ..mutation.sentences import PREFIX
from ..search.climb import BUDGET, Found, search
from ..search.differences import Differ, same_answer
from ..search.dossier import Dossier
from ..search.goals import Law
from ..search.habits import Habits
from ..search.mutated import against
from ..search.seeds import Seeds
from .finding import (
    Asked,
    Filled,
    NotFound,
    Progress,
    Proposal,
    Proposals,
    alike,
    elements_of,
    gather,
)
from .titles import label_of, short


def propose_against(
    program: core.Program,
    survivors: Sequence[Mutant],
    cases: Iterable[core.Case] | None = None,
    *,
    budget: int = BUDGET,
    most: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Proposals:
    """Cases that would catch *survivors*, mutants of *program*.

    Args:
        cases: those that a search may begin with; all of the program's by default.
        budget: evaluations made for one mutant.
        most: cases to propose.
    """
    return _Catching(program, survivors, cases).run(budget, most, progress)


class _Catching:
    def __init__(
        self,
        program: core.Program,
        survivors: Sequence[Mutant],
        cases: Iterable[core.Case] | None = None,
    ) -> None:
        self.program = program
        self.survivors = survivors
        self.seeds = Seeds(program, cases)
        self.law = Law.of(program, Habits(program, self.seeds.told))
        self.goals: dict[str, Differ | None] = {}
        self.mutants = {mutant.sentence: mutant for mutant in survivors}
        self.open = dict(self.mutants)

    def run(self, budget: int, most: int | None, progress: Progress) -> Proposals:
        found: list[Proposal] = []
        missing: list[NotFound] = []
        whole = True
        try:
            for done, mutant in enumerate(self.survivors):
                progress(done, len(self.survivors))
                if mutant.sentence not in self.open:
                    continue
                if most is not None and len(found) >= most:
                    break
                made, tries = self._catch(mutant, budget)
                if made is None:
                    missing.append(NotFound(self._filled(mutant, None), tries))
                else:
                    found.append(made)
            progress(len(self.survivors), len(self.survivors))
        except KeyboardInterrupt:
            whole = False
        kept = gather(self.program, found, self._shows, alike)
        filled = len(self.survivors) - len(self.open)
        return Proposals(tuple(kept), tuple(missing), len(self.survivors), filled, whole, True)

    def _goal(self, mutant: Mutant) -> Differ | None:
        if mutant.sentence not in self.goals:
            self.goals[mutant.sentence] = against(self.law, mutant)
        return self.goals[mutant.sentence]

    def _catch(self, mutant: Mutant, budget: int) -> tuple[Proposal | None, int]:
        goal = self._goal(mutant)
        if goal is None:
            return None, 0
        things = [where.site.thing for where in goal.where]
        found, tries = search(goal, self.seeds.of(things), budget=budget)
        if found is None:
            # What is only seen where a question is left open is better than nothing.
            open_goal = attrs.evolve(goal, open_answer=True)
            found, more = search(open_goal, self.seeds.of(things), budget=budget // 2)
            tries += more
        return (None, tries) if found is None else (self._proposed(mutant, found), tries)

    def _proposed(self, mutant: Mutant, found: Found) -> Proposal | None:
        """What was found, with all the mutants that it catches; they are open no longer.

        `None` when the law, asked again, does not tell *mutant*: the search knows less than it.
        """
        answer = found.answer
        refused = "" if answer.decision else str(answer.outcome)
        asked: tuple[Asked, ...] = ()
        if answer.decision:
            ours, theirs = (
                self._answer(law, found.dossier, answer.decision, answer.path)
                for law in (self.program, mutant.program)
            )
            asked = (Asked(answer.decision, answer.path, ours, theirs),)
        made = Proposal(found.dossier, asked, (), refused)
        situation = found.dossier.situation(self.program)
        if not self._catches(mutant, made, situation):
            return None
        caught = [mutant]
        for other in list(self.open.values()):
            if (
                other is not mutant
                and self._may_catch(other, made)
                and self._catches(other, made, situation)
            ):
                caught.append(other)
        for one in caught:
            self.open.pop(one.sentence, None)
        return attrs.evolve(made, fills=tuple(self._filled(one, made) for one in caught))

    def _answer(
        self, law: core.Program, dossier: Dossier, decision: str, path: FactPath
    ) -> Decided:
        situation = dossier.situation(self.program)
        evaluation = Evaluation(law, situation, dossier.on)
        return evaluation.decide(decision, elements_of(situation).get(path))

    def _may_catch(self, mutant: Mutant, proposal: Proposal) -> bool:
        """Whether *mutant* is of a decision that *proposal* asks: of others, it is not looked at."""
        goal = self._goal(mutant)
        if goal is None:
            return False
        things = {*goal.names, *goal.refusals}
        return proposal.refused in things or any(a.decision in things for a in proposal.asked)

    def _catches(self, mutant: Mutant, proposal: Proposal, situation: Situation) -> bool:
        """Whether a case that expects what the law answers would fail by *mutant*."""
        evaluation = Evaluation(mutant.program, situation, proposal.dossier.on)
        refusals = {rule.message for rule, _, found in evaluation.forbidden() if found is True}
        if proposal.refused or refusals:
            return refusals != ({proposal.refused} if proposal.refused else set())
        elements = elements_of(situation)
        return any(
            not is_met(one.decided, evaluation.decide(one.decision, elements.get(one.path)))
            for one in proposal.asked
        )

    def _shows(self, proposal: Proposal, situation: Situation) -> bool:
        return all(
            self._catches(self.mutants[fill.name], proposal, situation) for fill in proposal.fills
        )

    # ── words ────────────────────────────────────────────────────────────────────────────

    def _filled(self, mutant: Mutant, proposal: Proposal | None) -> Filled:
        return Filled(
            mutant.kind, mutant.sentence, mutant.sentence.removeprefix(PREFIX),
            self._title(mutant), mutant.file, mutant.line, self._citations(mutant, proposal),
            verb="attrape",
        )  # fmt: skip

    def _title(self, mutant: Mutant) -> str:
        goal = self._goal(mutant)
        things = [where.site.thing for where in goal.where] if goal else []
        thing = label_of(self.program, things[0]) if things else mutant.kind
        match mutant.site:
            case Replaced(node=node) if node.span.end:
                return short(f"{thing} : {node.span.text}")
            case Valued(name):
                return short(f"{thing} : {label_of(self.program, name)}")
            case Looked(old):
                return short(f"{thing} : {label_of(self.program, old.name)}")
        return short(thing)

    def _citations(self, mutant: Mutant, proposal: Proposal | None) -> tuple[core.Citation, ...]:
        """What the rule rests on that the mutant changes, on the day of the case."""
        goal = self._goal(mutant)
        for where in goal.where if goal else ():
            version = where.site.version
            match mutant.site:
                case Valued(name, when):
                    for valued in self.program.parameters[name].versions:
                        if when.since is None or valued.period.contains(when.since):
                            return valued.notes.citations
                case Looked(old):
                    day = proposal.dossier.on if proposal else where.days.since
                    for looked in old.versions:
                        if day is None or looked.period.contains(day):
                            return looked.notes.citations
            if version is not None and version.notes.citations:
                return version.notes.citations
            decision = self.program.decisions.get(where.site.thing)
            if decision is not None:
                day = proposal.dossier.on if proposal else where.days.since
                for rule in (decision.general, *decision.exceptions):
                    for one in rule.versions:
                        if (day is None or one.period.contains(day)) and one.notes.citations:
                            return one.notes.citations
        return ()


def is_met(expected: Decided, found: Decided) -> bool:
    """Whether a case that expects *expected*, the reason included, passes with *found*."""
    if not same_answer(expected, found):
        return False
    return not is_known(expected.outcome) or sorted(expected.applied) == sorted(found.applied)
