"""A proof says which rule applied, which did not and why, on what facts, under which article."""

from __future__ import annotations

from typing import Any

import pytest

from lexald.dsl.program import GENERAL
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Unknown
from lexald.engine.proof import Proof
from lexald.engine.prover import Prover

from .laws import evaluation_of, program_of, small_law

REGISTER = """
source avant = décret "CSS, art. R. 322-6" en vigueur à compter du 01/01/2009
  abrogé à compter du 01/01/2016
source après = décret "CSS, art. R. 160-12" en vigueur à compter du 01/01/2016
  succède à avant "2°" pour "3°"
situation
  patient : Patient
entité Patient
  a : booléen
  b : booléen
  c : booléen
  n : entier
"""


def proof_of(text: str, decision: str, day: str = "01/06/2017", given: str = "") -> Proof:
    """The proof of a decision of the patient, the facts being *given* as lines of a case."""
    name = decision.rpartition(".")[2]
    case = f'\ncas "x" au {day}\n{given}\n  attendu patient.{name} inconnu\n'
    program = program_of(REGISTER + text + case)
    evaluation = evaluation_of(program, "x")
    return Prover(evaluation).prove(decision, evaluation.situation.roots["patient"])


TWO = """
décision Patient.x : entier
  à compter du 01/01/2009 [après "3°"]
    en règle générale : 0
exception "une" à Patient.x
  à compter du 01/01/2009 [après]
    si a et n > 3 : 1
exception "autre" à Patient.x prime sur "une"
  à compter du 01/01/2009 [après]
    si b : 2
exception "future" à Patient.x
  à compter du 01/01/2030 [après]
    si c : 3
"""


def test_failed_condition_is_the_one_told() -> None:
    proof = proof_of(
        TWO,
        "Patient.x",
        given="  soit patient.a = vrai\n  soit patient.n = 2\n  soit patient.b = faux",
    )
    assert [rule.label for rule in proof.applied] == [GENERAL]
    why = {rule.label: rule for rule in proof.considered}
    assert why["une"].why == "not_met"
    assert [c.text for c in why["une"].conditions] == ["n > 3"]
    assert [f.path for f in why["une"].conditions[0].facts] == [("patient", "n")]
    assert why["future"].why == "not_in_force"


def test_outranked_rule_is_told_with_what_outranks_it() -> None:
    proof = proof_of(
        TWO,
        "Patient.x",
        given="  soit patient.a = vrai\n  soit patient.n = 5\n  soit patient.b = vrai",
    )
    assert proof.outcome == 2
    assert [rule.label for rule in proof.applied] == ["autre"]
    why = {rule.label: rule for rule in proof.considered}
    assert (why["une"].why, why["une"].by) == ("outranked", ("autre",))
    assert (why[GENERAL].why, why[GENERAL].by) == ("excepted", ("autre",))


@pytest.mark.parametrize(
    ("day", "text"),
    [("31/12/2015", "CSS, art. R. 322-6, 2°"), ("01/01/2016", "CSS, art. R. 160-12, 3°")],
)
def test_article_is_told_under_its_number_of_the_day(day: str, text: str) -> None:
    given = "  soit patient.a = faux\n  soit patient.b = faux\n  soit patient.n = 0"
    proof = proof_of(TWO, "Patient.x", day, given)
    assert [r.text for r in proof.applied[0].basis.references] == [text]


def test_open_rule_is_told_as_open() -> None:
    proof = proof_of(TWO, "Patient.x", given="  soit patient.b = faux\n  soit patient.n = 5")
    assert isinstance(proof.outcome, Unknown)
    why = {rule.label: rule for rule in proof.considered}
    assert why["une"].why == "unknown"
    assert [c.text for c in why["une"].conditions] == ["a"]


def test_conditions_of_a_yes_or_no_rule_are_told_one_by_one() -> None:
    proof = proof_of(
        """
décision Patient.x : booléen
  à compter du 01/01/2009 [après]
    vrai si toutes les conditions :
      - a  [après "1°"]
      - au moins 2 parmi :
          - b
          - c
          - n > 3
""",
        "Patient.x",
        given="  soit patient.a = vrai\n  soit patient.b = vrai\n  soit patient.c = faux\n  soit patient.n = 9",
    )
    assert proof.outcome is True
    first, second = proof.applied[0].conditions
    assert (first.text, first.outcome) == ("a", True)
    assert [r.text for r in first.basis.references] == ["CSS, art. R. 160-12, 1°"]
    assert second.text == "au moins 2 parmi 3"
    assert [(p.text, p.outcome) for p in second.parts] == [
        ("b", True),
        ("c", False),
        ("n > 3", True),
    ]


def test_readings_and_doubts_are_told_where_they_are_used() -> None:
    text = """
paramètre taux : taux
  à compter du 01/01/2009 : 65 %  [après] non vérifié "lu dans la presse"
décision Patient.x : montant
  à compter du 01/01/2009 [après]
    en règle générale : 10,10 € × taux
      arrondi au centime  interprétation "au plus proche"
      dans la limite de 5,00 €
"""
    proof = proof_of(text, "Patient.x")
    (parameter,) = proof.parameters
    assert parameter.basis.unverified == ("lu dans la presse",)
    rounding, cap = proof.steps
    assert rounding.basis.interpretations == ("au plus proche",)
    assert not rounding.is_neutral
    assert (cap.text, str(cap.after)) == ("dans la limite de 5,00 €", "5.00")
    assert proof.applied[0].text == "10,10 € × taux"


def test_decision_given_as_a_hypothesis_is_told_as_one() -> None:
    text = """
décision Patient.x : booléen
  à compter du 01/01/2009 [après]
    vrai si y
décision Patient.y : booléen
  à compter du 01/01/2009 [après]
    vrai si a
"""
    proof = proof_of(text, "Patient.x", given="  soit patient.y = vrai")
    (call,) = proof.calls
    assert call.hypothesis
    assert proof.outcome is True


def test_each_decision_is_proved_once_however_often_it_is_read() -> None:
    program = program_of(small_law())
    evaluation: Evaluation = evaluation_of(program, "un soin exonéré")
    proof = Prover(evaluation).prove("total_remboursé")
    part, retained = proof.calls
    assert part.decision == "Soin.part"
    (rate,) = part.calls
    again = Prover(evaluation)
    element: Any = evaluation.situation.roots["soins"].items[0]
    assert again.prove("Soin.taux", element) is again.prove("Soin.taux", element)
    assert rate.outcome == 1
    assert retained.parameters[0].name == "participation"


def test_supposition_is_told_with_what_it_gives() -> None:
    proof = proof_of(
        """
décision Patient.x : booléen
  vrai si a
décision Patient.y : entier
  en règle générale : (à supposer (x = faux) (si x alors 1 sinon n)) - 1
""",
        "Patient.y",
        given="  soit patient.a = vrai\n  soit patient.n = 5",
    )
    assert proof.outcome == 4
    told = [(s.text, s.outcome) for s in proof.suppositions]
    assert told == [("à supposer (x = faux) (si x alors 1 sinon n)", 5)]
    # What is read in the world that is supposed is no part of this one.
    assert proof.calls == ()


def test_unknown_supposition_asks_for_what_the_value_needs() -> None:
    proof = proof_of(
        """
décision Patient.x : booléen
  vrai si a
décision Patient.y : entier
  en règle générale : à supposer (x = b) (si x alors 1 sinon 2)
""",
        "Patient.y",
        given="  soit patient.a = vrai",
    )
    assert isinstance(proof.outcome, Unknown)
    assert set(proof.outcome.questions) == {("patient", "b")}
