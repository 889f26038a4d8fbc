"""The cases that a search may begin with: those that ask what is looked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from lexald.dsl import program as core
from lexald.dsl.types import EntityType, ListType, Type
from lexald.engine.elements import Situation
from lexald.engine.reach import reach

from ..runner import CaseError, is_run, situation_of
from .dossier import Dossier

MOST = 6  # cases of one search


class Seeds:
    """*cases* of *program*, by the decisions that they ask, the shortest first.

    Nothing is evaluated: the law itself tells which decisions another one may ask.
    """

    def __init__(self, program: core.Program, cases: Iterable[core.Case] | None = None) -> None:
        self.program = program
        self.told: list[tuple[Situation, date]] = []
        self._asking: defaultdict[str, list[Dossier]] = defaultdict(list)
        self._callers: defaultdict[str, set[str]] | None = None
        for case in program.cases if cases is None else cases:
            if case.population:
                continue
            try:
                situation = situation_of(program, case)
            except CaseError:
                continue  # the case itself fails, and says so
            self.told.append((situation, case.day))
            if is_run(case):
                dossier = Dossier.of(situation, case.day)
                paths = (e.path for e in case.expected if e.state != "interdit")
                for name in dict.fromkeys(decision_at(program, path) for path in paths):
                    if name:
                        self._asking[name].append(dossier)
        for dossiers in self._asking.values():
            dossiers.sort(key=lambda one: one.size)

    def of(self, decisions: Iterable[str]) -> Iterator[Dossier]:
        """Cases that ask one of *decisions*; then those that ask what may ask it."""
        for name in dict.fromkeys(decisions):
            found = self._asking.get(name, ())[:MOST]
            yield from found
            if len(found) < MOST:
                others = [
                    dossier
                    for caller in sorted(self._called_by(name) - {name})
                    for dossier in self._asking[caller][:MOST]
                ]
                others.sort(key=lambda one: one.size)
                yield from others[: MOST - len(found)]

    def _called_by(self, name: str) -> set[str]:
        """The decisions, among those that cases ask, that may ask *name*."""
        if self._callers is None:
            self._callers = defaultdict(set)
            for asked in self._asking:
                for called in reach(self.program, [asked]).decisions:
                    self._callers[called].add(asked)
        return self._callers.get(name, set())


def decision_at(program: core.Program, path: core.Path) -> str:
    """The name of the decision that *path* leads to; empty if it leads to a fact."""
    if len(path) == 1:
        return path[0].name if path[0].name in program.decisions else ""
    fields = program.roots
    kind: Type | None = None
    for step in path[:-1]:
        field = fields.get(step.name)
        kind = field.type if field is not None else None
        kind = kind.item if isinstance(kind, ListType) else kind
        if not isinstance(kind, EntityType):
            return ""
        fields = program.entities[kind.name].fields
    name = f"{kind.name}.{path[-1].name}" if isinstance(kind, EntityType) else ""
    return name if name in program.decisions else ""
