"""The cases that a search may begin with: those that ask what is looked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from lexald.casebook.runner import CaseError, answer_to, evaluations, is_run, situation_of
from lexald.dsl import program as core
from lexald.engine.elements import Situation
from lexald.engine.interpreter import Evaluation

from .dossier import Dossier

MOST = 6  # cases of one search


class Seeds:
    """*cases* of *program*, by the decisions that answer in them, the shortest first."""

    def __init__(self, program: core.Program, cases: Iterable[core.Case] | None = None) -> None:
        self.told: list[tuple[Situation, date]] = []
        found: defaultdict[str, list[Dossier]] = defaultdict(list)
        for case in program.cases if cases is None else cases:
            if case.population:
                continue
            try:
                situation = situation_of(program, case)
            except CaseError:
                continue  # the case itself fails, and says so
            self.told.append((situation, case.day))
            if not is_run(case):
                continue
            dossier = Dossier.of(situation, case.day)
            for name in _asked(program, case, situation):
                found[name].append(dossier)
        self._of = {
            name: sorted(dossiers, key=lambda one: one.size) for name, dossiers in found.items()
        }

    def of(self, decisions: Iterable[str]) -> Iterator[Dossier]:
        """The cases in which one of *decisions* answers."""
        for name in dict.fromkeys(decisions):
            yield from self._of.get(name, ())[:MOST]


def _asked(program: core.Program, case: core.Case, situation: Situation) -> Iterator[str]:
    """The decisions that answer in *case*, those that another one asks included."""
    for evaluation, expected in evaluations(program, case, situation, Evaluation):
        for expectation in expected:
            if expectation.state != "interdit":
                answer_to(program, evaluation, expectation.path)
        yield from evaluation.decisions_asked()
