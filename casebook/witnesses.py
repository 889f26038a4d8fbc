"""Which cases prove which pieces of law: those whose answer rests on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from lexald.dsl import program as core
from lexald.engine.documents.pieces import Key, keys_of
from lexald.engine.interpreter import Evaluation
from lexald.engine.prover import Prover

from .runner import answer_to, evaluations, is_run, situation_of


def witnesses(program: core.Program) -> Mapping[Key, tuple[core.Case, ...]]:
    """For each piece, the cases that expect an answer which it gave.

    Those that rest on the fewest pieces come first: they say most about each. The cases are those
    of *program*; they are taken to pass. A case that expects an impossibility, or what an
    indicator comes to, proves it.
    """
    rested: list[tuple[core.Case, set[Key]]] = []
    for case in program.cases:
        if not is_run(case):
            continue
        keys: set[Key] = {("indicateur", count.indicator, "", None) for count in case.counted}
        rested.append((case, keys))
        for evaluation, expected in evaluations(
            program, case, situation_of(program, case), Evaluation
        ):
            prover = Prover(evaluation)
            for expectation in expected:
                if expectation.state == "interdit":
                    keys.add(("interdit", expectation.texts[0], "", None))
                    continue
                name, element, _ = answer_to(program, evaluation, expectation.path)
                if name is not None:
                    keys |= keys_of(prover.prove(name, element))
    found: defaultdict[Key, list[core.Case]] = defaultdict(list)
    for case, keys in sorted(rested, key=lambda one: (len(one[1]), one[0].name)):
        for key in keys:
            found[key].append(case)
    return {key: tuple(cases) for key, cases in found.items()}
