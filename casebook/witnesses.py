"""Which cases prove which pieces of law: those whose answer rests on them."""

from __future__ import annotations

from collections.abc import Mapping

from lexald.dsl import program as core
from lexald.engine.documents.pieces import Key

from .coverage import measure


def witnesses(program: core.Program) -> Mapping[Key, tuple[core.Case, ...]]:
    """For each piece, the cases of *program* that prove it, as `coverage` has it.

    Those that prove the least come first: they say most about each. The cases are taken to pass.
    """
    return {
        one.unit.piece.key: one.cases
        for one in measure(program).measured
        if one.unit.piece is not None and one.cases
    }
