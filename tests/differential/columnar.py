"""The columnar back end: situations as one block, columns read back as answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import attrs

from lexald.dsl.program import Program
from lexald.engine.columnar.answers import Reader, paths_of
from lexald.engine.columnar.kernel import Kernel
from lexald.engine.columnar.situations import block_of
from lexald.engine.elements import Situation
from lexald.engine.outcomes import FactPath

from .answers import Answer, Found, Refusal, answer_of
from .protocol import Tells


@attrs.frozen
class Columnar:
    """All situations at once. An error has no element, a conflict neither.

    Every other day of law, lanes are taken apart wherever they may be.
    """

    name: str = "columnar"
    tells: ClassVar[Tells] = Tells(bounds=True, rules=True)

    def answers(
        self, program: Program, on: date, situations: Sequence[Situation], names: Sequence[str]
    ) -> list[Found]:
        block = block_of(program, situations)
        kernel = Kernel(program, on, apart=on.toordinal() % 2 == 1)
        columns = kernel.evaluate(block, names, rules=True)
        found: list[dict[tuple[str, FactPath], Answer]] = [{} for _ in situations]
        paths = {entity: paths_of(program, block, entity) for entity in program.entities}
        for name, column in columns.items():
            decision = program.decisions[name]
            reader = Reader(kernel, block, decision.type)
            for lane in range(len(column)):
                answer = answer_of(reader.outcome(column, lane), reader.rules(column, lane))
                if decision.entity is None:
                    found[lane][name, ()] = answer
                else:
                    rank = int(block.tables[decision.entity].situation[lane])
                    found[rank][name, paths[decision.entity][lane]] = answer
        refusals: list[set[Refusal]] = [set() for _ in situations]
        for place, (ranks, details) in kernel.forbidden(block).items():
            for rank, detail in zip(ranks, details, strict=True):
                code = "" if detail < 0 else getattr(kernel.details[detail], "code", "")
                refusals[rank].add(Refusal(program.forbidden[place].message, (), code))
        return [Found(a, frozenset(r)) for a, r in zip(found, refusals, strict=True)]
