"""The mutants that proposals are to catch: run again, or read from what ``lexald mutate`` wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lexald.dsl import program as core
from lexald.engine.cli.door import NotDone, refusal
from lexald.engine.files import unreadable
from lexald.engine.reading import read_document

from ..aside import register
from ..mutation.aside import sort
from ..mutation.mutants import Mutant, mutants
from ..mutation.run import run


def survivors(
    program: core.Program,
    cases: Sequence[core.Case],
    chosen: Callable[[Mutant], bool],
    *,
    with_packaged: bool,
    progress: Callable[[int, int], None],
) -> list[Mutant]:
    """The mutants of *program* that *cases* do not catch, nor the register sets aside.

    Args:
        with_packaged: whether the register of the packaged casebook counts.
    """
    every = mutants(program)
    wanted = [mutant for mutant in every if chosen(mutant)]
    outcome = run(program, wanted, cases, progress=lambda _, done, total: progress(done, total))
    if not outcome.whole:
        raise KeyboardInterrupt
    entries = register(None, with_packaged=with_packaged).mutants
    found = sort(outcome.fates, entries, every)
    return [fate.mutant for fate in found.survivors]


def survivors_of(
    program: core.Program, path: Path, chosen: Callable[[Mutant], bool]
) -> tuple[list[Mutant], int]:
    """The survivors that the file at *path* tells, and how many of them are no mutant any more.

    Raises:
        NotDone: the file cannot be read, or is not what ``lexald mutate --format json`` writes.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotDone([unreadable(path, error)]) from None
    data, wrong = read_document(content, str(path), is_json=True)
    if wrong:
        raise NotDone(wrong)
    told = data.get("survivors") if isinstance(data, dict) else None
    if not isinstance(told, list) or not all(_is_survivor(one) for one in told):
        raise refusal(
            "X028", f"`{path}` n'est pas ce que `lexald mutate --format json` écrit",
            f"`{path}` is not what `lexald mutate --format json` writes",
            f"l'écrire par `lexald mutate --format json > {path}`",
            f"write it with `lexald mutate --format json > {path}`",
        )  # fmt: skip
    by_sentence = {mutant.sentence: mutant for mutant in mutants(program)}
    found = [by_sentence[s] for one in told if (s := one["sentence"]) in by_sentence]
    return [mutant for mutant in found if chosen(mutant)], len(told) - len(found)


def _is_survivor(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("sentence"), str)
