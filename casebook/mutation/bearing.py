"""What a change of one thing of the law bears on: the decisions that read it, one through another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import attrs

from lexald.dsl import program as core
from lexald.engine.stretches import rules_of

from ..runner import Asks

# A thing of the law: ``décision``, ``paramètre``, ``table``, ``interdit`` or ``indicateur``, and its name.
Thing = tuple[str, str]


@attrs.frozen(eq=False, slots=False)
class Bearing:
    """Who reads what in *program*."""

    program: core.Program
    _asks: dict[Thing, Asks | None] = attrs.field(factory=dict, init=False)

    @cached_property
    def _readers(self) -> dict[Thing, set[Thing]]:
        """Each thing → those that read it by themselves."""
        found: dict[Thing, set[Thing]] = {}

        def note(reader: Thing, start: object) -> None:
            for thing in read_by(start):
                found.setdefault(thing, set()).add(reader)

        for decision in self.program.decisions.values():
            note(("décision", decision.name), (rules_of(decision), decision.sequence))
        for rule in self.program.forbidden:
            note(("interdit", rule.message), rule.condition)
        for guarantee in self.program.guarantees:
            note(("garantie", guarantee.message), guarantee.condition)
        return found

    def of(self, thing: Thing) -> frozenset[Thing]:
        """*thing*, and all that reads it, one through another."""
        met = {thing}
        todo = [thing]
        while todo:
            for reader in self._readers.get(todo.pop(), ()):
                if reader not in met:
                    met.add(reader)
                    todo.append(reader)
        return frozenset(met)

    def concerned(
        self, things: Iterable[Thing], cases: Iterable[core.Case]
    ) -> tuple[core.Case, ...]:
        """Those of *cases* that may read one of *things*."""
        listed = tuple(cases)
        names: set[str] = set()
        for thing in dict.fromkeys(things):
            found = self.of(thing)
            judged = any(kind == "garantie" for kind, _ in self._readers.get(thing, ()))
            if any(kind == "interdit" for kind, _ in found) or (judged and thing[0] != "décision"):
                return listed
            names |= {name.rpartition(".")[2] for kind, name in found if kind == "décision"}
        return tuple(
            case
            for case in listed
            if case.population
            or case.counted
            or any(wanted.path and wanted.path[-1].name in names for wanted in case.expected)
        )

    def asks(self, thing: Thing) -> Asks | None:
        """What a case has to be asked when *thing* is changed; `None`: everything.

        A guarantee is judged when all that it reads was asked, so nothing is left out then.
        """
        if thing not in self._asks:
            self._asks[thing] = self._asked(thing)
        return self._asks[thing]

    def _asked(self, thing: Thing) -> Asks | None:
        found = self.of(thing)
        kinds = {kind for kind, _ in found}
        if "garantie" in kinds:
            return None
        names = frozenset(name.rpartition(".")[2] for kind, name in found if kind == "décision")
        return Asks(names, "interdit" in kinds)


def read_by(start: object) -> Iterable[Thing]:
    """What *start* reads by itself."""
    for node in core.parts(start):
        match node:
            case core.DecisionValue(name):
                yield "décision", name
            case core.ParameterValue(name):
                yield "paramètre", name
            case core.TableValue(name):
                yield "table", name
