"""Cases on other back ends: what they answer counts, what they miss is told under their name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import attrs
import pytest

from lexald.casebook import backends
from lexald.casebook.backends import INTERPRETER, Sitting, run_on
from lexald.casebook.columns import Lane
from lexald.dsl.program import Program
from lexald.engine.cli.main import main
from lexald.engine.elements import Element, Situation
from lexald.engine.outcomes import Outcome, Unknown
from tests.engine.laws import SMALL_LAW, program_of, small_law

COMPILED = backends.BACKENDS["compiled"]


@attrs.frozen
class Spoiled:
    """A sitting where one decision answers something else."""

    sitting: Sitting
    name: str
    wrong: object
    refuses: bool = False

    @property
    def is_refused(self) -> bool:
        return self.refuses or self.sitting.is_refused

    def answer(self, name: str, element: Element | None) -> Outcome:
        return self.wrong if name == self.name else self.sitting.answer(name, element)

    def rules(self, name: str, element: Element | None) -> tuple[str, ...] | None:
        return self.sitting.rules(name, element)


def planted(name: str, wrong: object, refuses: bool = False) -> backends.Backend:
    def backend(program: Program) -> Callable[[Situation, date], Sitting]:
        sit = COMPILED(program)
        return lambda situation, on: Spoiled(sit(situation, on), name, wrong, refuses)

    return backend


@pytest.mark.parametrize("backend", sorted(backends.BACKENDS))
def test_each_back_end_passes_what_the_interpreter_passes(backend: str) -> None:
    program = program_of(small_law())
    results = run_on(program, program.cases, (INTERPRETER, backend))
    assert [result.outcome for result in results] == ["passed", "passed"]
    # What sources affirm is answered by the interpreter, once.
    assert [len(result.claims) for result in results] == [1, 0]


@pytest.mark.parametrize(
    ("name", "wrong", "place"),
    [
        ("total_remboursé", None, "total_remboursé (compiled)"),
        ("total_remboursé", Unknown(), "total_remboursé (compiled)"),
        ("Soin.taux", 1, ""),
        ("Soin.taux", 2, "soins[1].taux (compiled)"),
        ("Patient.disputé", 3, "patient.disputé (compiled)"),
        ("Patient.majeur_exonéré", True, "patient.majeur_exonéré (compiled)"),
        ("Patient.grave", Unknown(), "patient.grave (compiled)"),
    ],
)
def test_a_planted_answer_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: object, place: str
) -> None:
    monkeypatch.setattr(backends, "BACKENDS", {"compiled": planted(name, wrong)})
    program = program_of(small_law())
    misses = [miss for r in run_on(program, program.cases, ("compiled",)) for miss in r.misses]
    assert [miss.place for miss in misses] == ([place] if place else [])


def test_a_value_given_by_another_rule_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of(small_law())
    monkeypatch.setattr(Lane, "rules", lambda *_: ("une autre règle",))
    misses = [miss for r in run_on(program, program.cases, ("columnar",)) for miss in r.misses]
    assert {miss.place for miss in misses} == {"soins[1].taux (columnar)"}
    assert all('par "une autre règle"' in miss.got for miss in misses)


def test_a_planted_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "BACKENDS", {"compiled": planted("", None, refuses=True)})
    program = program_of(small_law())
    results = run_on(program, program.cases, ("compiled",))
    assert all(result.outcome == "failed" for result in results)


def test_the_command_names_the_back_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    law = str(Path(SMALL_LAW))
    assert main(["test", law, "--backend", "all"]) == 0
    capsys.readouterr()
    monkeypatch.setattr(backends, "BACKENDS", {"compiled": planted("total_remboursé", None)})
    assert main(["test", law, "--backend", "compiled"]) == 1
    said = capsys.readouterr().out
    assert "total_remboursé (compiled)" in said
    assert "obtenu  : absent" in said
