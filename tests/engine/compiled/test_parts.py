"""A generated law is cut in modules that are read one by one: what is cut is whole."""

from __future__ import annotations

import builtins
import dis
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from types import CodeType, FunctionType, ModuleType
from typing import Any
from unicodedata import is_normalized

import pytest

from lexald.engine.compiled import readers, runtime
from lexald.engine.compiled.machine import Machine, loaded
from lexald.engine.compiled.module import Generated, generate
from tests.engine.laws import packaged_program, program_of, small_law


@pytest.fixture(scope="module")
def written() -> Generated:
    return generate(packaged_program())


@pytest.fixture(scope="module")
def module(written: Generated) -> ModuleType:
    return loaded(written)


def test_every_unit_has_its_function_over_every_stretch_of_law(module: ModuleType) -> None:
    eras = runtime.Eras(module)
    for unit, told in enumerate(eras.units):
        changes = [int(rank) for rank in told.split()[1:]]
        # The text before each change is not the one after it.
        texts = [eras.text(unit, place) for place in (0, *(change + 1 for change in changes))]
        assert all(isinstance(text, FunctionType) for text in texts)
        assert all(one is not two for one, two in pairwise(texts))
        for place in range(len(module.DAYS) + 1):
            assert eras.text(unit, place) in texts


def test_no_part_names_what_it_does_not_have(written: Generated, module: ModuleType) -> None:
    """Neither a name of its own, nor a careful form of the part where these are."""
    for number, text in written.parts.items():
        names = module.part(number)
        assert unbound(names) == set()
        for name in re.findall(r"\(CAREFUL, '(\w+)'", text):
            assert callable(module.part(names["CAREFUL"])[name])
    assert unbound(module.__dict__) == set()


def test_what_every_situation_is_asked_is_together(module: ModuleType) -> None:
    """What the law forbids, and the decisions that this asks."""
    eras = runtime.Eras(module)
    machine = Machine(module, packaged_program)
    asked = [unit for _, unit in module.FORBIDDEN]
    asked.append(machine.plans["Affection.recouvre_la_précédente"].unit)
    assert {eras.units[unit].split()[0] for unit in asked} == {"0"}
    assert eras.units[machine.plans["total_remboursé"].unit].split()[0] != "0"


def test_a_name_that_is_not_there_is_found() -> None:
    names: dict[str, object] = {}
    exec("def f(): return [g(x) for x in range(3)]", names)  # noqa: S102
    assert unbound(names) == {"g"}


def unbound(names: dict[str, object]) -> set[str]:
    """The global names that functions of *names* read, and nothing defines."""
    read = {
        name
        for value in names.values()
        if isinstance(value, FunctionType) and value.__globals__ is names
        for name in globals_of(value.__code__)
    }
    return read - set(names) - set(vars(builtins))


def globals_of(code: CodeType) -> Iterator[str]:
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            yield step.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from globals_of(constant)


def test_parts_are_compiled_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of(small_law())
    module = loaded(generate(program))
    asked: list[int] = []
    part = module.part

    def told(number: int) -> dict[str, Any]:
        asked.append(number)
        return part(number)  # type: ignore[no-any-return]

    monkeypatch.setattr(module, "part", told)
    machine = Machine(module, program)
    run = machine.read({"on": "2016-06-01", "patient": {"exonéré": False}, "soins": []})
    assert run is not None
    assert asked == []
    name = next(name for name, decision in program.decisions.items() if not decision.entity)
    run.found(name, None, date(2016, 6, 1))
    assert asked
    before = list(asked)
    run.found(name, None, date(2016, 6, 1))
    assert asked == before


def test_days_are_those_of_datetime() -> None:
    assert runtime.date is date


def test_texts_that_are_read_without_looking_are_in_normal_form() -> None:
    early = "".join(map(chr, range(ord(readers.FIRST_COMBINING))))
    assert is_normalized("NFC", early)
    assert not is_normalized("NFC", "e" + readers.FIRST_COMBINING)
    assert readers.read_text("diabète") == "diabète"
    with pytest.raises(readers.Odd):
        readers.read_text("diabe\u0300te")
