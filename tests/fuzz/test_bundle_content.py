"""Whatever stands under the right hash is refused, or is a law that decides without a fault of ours.

Laws of the corpus are changed in a few places, as data, and sealed again. What is accepted runs the
cases of its law, whatever they now come to, with their reasons.
"""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexald import Law, SituationError
from lexald.casebook.runner import situation_of
from lexald.dsl.checker import check
from lexald.dsl.program import Program
from lexald.dsl.source import SourceFile
from lexald.engine.bundle import law as bundles
from lexald.engine.bundle.codec import Contents, encode
from lexald.engine.bundle.container import Refused, seal
from lexald.engine.bundle.law import engine, read_bundle
from tests.engine.bundle.test_bundle import LAWS

CASES = 3
WORDS = [
    "", "x", "2016-13-01", "2016-06-01", "=", "<", "×", "somme", "liste", "premier", "nombre",
    "dernier jour", "mois", "Soin", "booléen", "montant", "le plus favorable", "règle générale",
]  # fmt: skip


@cache
def encoded(path: Path) -> tuple[Program, SourceFile, list[Any]]:
    file = SourceFile.of(path.name, path.read_text(encoding="utf-8"))
    program = check([file]).program
    assert program is not None
    return program, file, encode(Contents(attrs.evolve(program, cases=()), ()), (file,))


def changed(path: Path, random: Random) -> bytes:
    """A bundle of the law in *path*, one place or two of which are something else."""
    program, file, sound = encoded(path)
    data = copy.deepcopy(sound)
    rows = data[1]
    held = places(rows)
    for _ in range(random.choice([1, 1, 1, 2])):
        here, rank = random.choice(held)
        if type(here[rank]) is int and random.random() < 0.5:
            here[rank] += random.choice([-3, -2, -1, 1, 2])
        else:
            here[rank] = random.choice([
                None, True, False, 0, 1, -1, 1.5, 10**50, [], {},
                random.randrange(len(rows)), random.randrange(len(rows)),
                [random.randrange(len(rows))], *random.sample(WORDS, 4),
            ])  # fmt: skip
    return seal(data, (program.name, program.version, program.hash), [file], engine())


def places(data: list[Any]) -> list[tuple[list[Any], int]]:
    """Every place of *data* that holds something, as its list and its rank there."""
    found = []
    todo = [data]
    while todo:
        here = todo.pop()
        for rank, inside in enumerate(here):
            found.append((here, rank))
            if isinstance(inside, list):
                todo.append(inside)
    return found


def decided(program: Program, path: Path) -> None:
    """Every decision of the first cases of *path*, and its reasons, whatever they are."""
    law = Law(program)
    law.schema()
    for case in encoded(path)[0].cases[:CASES]:
        try:
            situation = situation_of(program, case)
        except (AssertionError, KeyError):
            continue  # the case is of the law as it was: it tells facts that are no more
        try:
            result = law.decide(situation, case.day, law.decisions)
        except SituationError:
            continue
        result.to_dict(explain=True)


def accepted(path: Path, random: Random) -> bool:
    """Whether a change of the law in *path* is accepted; it then decides."""
    data = changed(path, random)
    try:
        bundle = read_bundle(data)
    except Refused as refused:
        assert refused.code == "X046"
        return False
    decided(bundle.program, path)
    return True


@given(st.sampled_from(LAWS), st.randoms(use_true_random=False))
def test_what_is_accepted_decides(path: Path, random: Random) -> None:
    accepted(path, random)


def test_some_changes_are_accepted_and_most_are_not() -> None:
    found = [accepted(path, Random(seed)) for path in LAWS for seed in range(8)]
    assert 0 < found.count(True) < found.count(False)


def test_the_harness_shouts_when_invariants_are_not_verified(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bundles, "verify", lambda *_: None)
    with pytest.raises((AssertionError, AttributeError, KeyError, TypeError, IndexError)):
        for seed in range(200):
            for path in LAWS:
                accepted(path, Random(seed))
