"""A fault of ours in generated code names the place of law that the code was written from."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import attrs
import pytest

from lexald.engine.cli.main import main
from lexald.engine.compiled import module
from lexald.engine.compiled.machine import Machine, loaded
from lexald.engine.compiled.places import place_of
from tests.engine.laws import program_of, small_law

GENERATE = module.generate


def spoiled(written: module.Generated) -> module.Generated:
    """*written* where a product fails: ``base × taux``, of `Soin.part`."""
    found = {
        number: re.subn(r"\(2 \* t\d+ \+ \d+\)", "(1 // 0)", text, count=1)
        for number, text in written.parts.items()
    }
    assert sum(n for _, n in found.values()) >= 1
    return attrs.evolve(written, parts={number: text for number, (text, _) in found.items()})


def test_a_crash_is_noted_with_its_place() -> None:
    program = program_of(small_law())
    machine = Machine(loaded(spoiled(GENERATE(program))), program)
    run = machine.read(
        {
            "patient": {"exonéré": False},
            "soins": [{"date_des_soins": "2016-03-01", "nature": "consultation", "base": "23.00"}],
        }
    )
    assert run is not None
    with pytest.raises(ZeroDivisionError) as crash:
        run.found("Soin.part", run.element(("soins", 0)), date(2016, 6, 1))
    line = program.decisions["Soin.part"].general.versions[0].value.span.line
    assert crash.value.__notes__ == [f"droit : loi.ald:{line}"]


def test_the_command_line_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    law = tmp_path / "loi.ald"
    law.write_text(small_law(), encoding="utf-8")
    monkeypatch.setattr(module, "generate", lambda program: spoiled(GENERATE(program)))
    assert main(["test", str(law), "--backend", "compiled"]) == 70
    said = capsys.readouterr().err
    line = 1 + small_law()[: small_law().index("base × taux")].count("\n")
    assert "X099" in said
    assert f"loi.ald:{line}" in said


def test_every_line_of_a_rule_has_its_place() -> None:
    written = GENERATE(program_of(small_law()))
    seen = 0
    for number, text in written.parts.items():
        names = loaded(written).part(number)
        lines = text.splitlines()
        rules = [n for n, line in enumerate(lines, 1) if re.match(r"\s+(r = |g\d+ = )", line)]
        assert all(place_of(names, n).startswith("loi.ald:") for n in rules)
        seen += len(rules)
    assert seen
