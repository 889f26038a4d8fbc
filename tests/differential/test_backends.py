"""Every back end answers as the interpreter does, on the corpus and on random laws.

The cases of the law are run on each of them by ``lexald test --backend all``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from random import Random

import pytest

from lexald.casebook.runner import CaseError, run, situation_of
from lexald.dsl.program import Case, Program
from lexald.engine.elements import Situation
from tests.differential.backends import OTHERS
from tests.differential.comparison import compare
from tests.differential.laws import law_of
from tests.differential.protocol import Backend
from tests.differential.shrinking import shrunk, told
from tests.differential.situations import Edges, Situations
from tests.engine.laws import CORPUS, program_of

LAWS = sorted((CORPUS / "langage").glob("*.ald"))
# Mismatches of random laws, as they were cut down.
REDUCED = sorted((Path(__file__).parent / "reduced").glob("*.ald"))
N_RANDOM_LAWS = 40
N_SITUATIONS = 6
EACH = pytest.mark.parametrize("backend", OTHERS, ids=lambda backend: backend.name)


def by_day(program: Program, cases: Iterable[Case]) -> Iterator[tuple[date, list[Situation]]]:
    """The situations of *cases* at each day that they ask for."""
    found: dict[date, list[Situation]] = {}
    for case in cases:
        try:
            situation = situation_of(program, case)
        except CaseError:
            continue
        for day in dict.fromkeys((case.day, *(e.day for e in case.expected))):
            found.setdefault(day, []).append(situation)
    yield from found.items()


@EACH
@pytest.mark.parametrize("path", LAWS, ids=lambda path: path.stem)
def test_the_laws_of_the_corpus(path: Path, backend: Backend) -> None:
    program = program_of(path.read_text(encoding="utf-8"), path.name)
    cases = [case for case in program.cases if not case.population]
    for day, situations in by_day(program, cases):
        parted = compare(backend, program, day, situations, list(program.decisions))
        assert [told(shrunk(found)[0]) for found in parted[:1]] == []
    rng = Random(path.stem)
    make = Situations(program, Edges(program), rng, supposable=list(program.decisions))
    for _ in range(2):
        situations = [make.one() for _ in range(6)]
        parted = compare(backend, program, make.day(), situations, list(program.decisions))
        assert [told(shrunk(found)[0]) for found in parted[:1]] == []


@EACH
@pytest.mark.parametrize("path", REDUCED, ids=lambda path: path.stem)
def test_what_once_set_back_ends_apart(path: Path, backend: Backend) -> None:
    program = program_of(path.read_text(encoding="utf-8"), path.name)
    assert [result.outcome for result in run(program)] == ["passed"] * len(program.cases)
    for day, situations in by_day(program, program.cases):
        parted = compare(backend, program, day, situations, list(program.decisions))
        assert [told(found) for found in parted] == []


@EACH
def test_random_laws(backend: Backend) -> None:
    for seed in range(N_RANDOM_LAWS):
        law, program = law_of(seed)
        rng = Random(f"situations {seed}")
        make = Situations(program, Edges(program), rng, supposable=sorted(program.decisions))
        situations = [make.one() for _ in range(N_SITUATIONS)]
        parted = compare(backend, program, make.day(), situations, sorted(program.decisions))
        if parted:
            small, small_law = shrunk(parted[0], law)
            pytest.fail(f"loi {seed}\n{told(small, small_law)}")
