"""A situation that does not fit: the place, and how to mend it. Never a value."""

from __future__ import annotations

from typing import Any

import pytest

from lexald.engine.situation import build_situation

from .laws import program_of

FACTS = "\n".join(f"  fait_{rank} : entier" for rank in range(1, 14))
PROGRAM = program_of(f"""
situation
  patient : Patient
  soins : liste de Soin
entité Patient
  naissance : date
{FACTS}
entité Soin
  jour : date
  base : montant
  rang : entier de 1 à 30 "rang dans la liste ; absent hors de la liste"
""")


def fault(data: Any) -> tuple[str, str, str, str]:
    """The code, place, French and English help of the only fault of *data*."""
    _, _, found = build_situation(PROGRAM, data)
    (only,) = found
    assert only.help is not None
    return only.code, only.path or "", only.help.fr, only.help.en


def test_a_fact_at_the_wrong_place_is_sent_where_it_is_told() -> None:
    code, place, help_fr, help_en = fault({"naissance": "1990-03-15"})
    assert (code, place) == ("E102", "naissance")
    assert help_fr == "un fait de ce nom se dit de : Patient"
    assert help_en == "a fact of this name is told of: Patient"


def test_a_root_inside_an_element_is_sent_to_the_first_level() -> None:
    assert fault({"patient": {"soins": []}}) == (
        "E102",
        "patient.soins",
        "`soins` s'écrit au premier niveau de la situation",
        "`soins` stands at the first level of the situation",
    )


def test_a_misspelt_fact_is_suggested_before_any_other_place() -> None:
    assert fault({"patient": {"naisance": "1990-03-15"}})[2] == "vouliez-vous dire `naissance` ?"


def test_a_list_of_names_that_is_cut_says_so() -> None:
    assert "`fait_11`… ; `lexald schema`" in fault({"patient": {"zzz": 1}})[2]
    assert fault({"soins": [{"zzz": 1}]})[2] == "ses faits : `jour`, `base`, `rang`"


@pytest.mark.parametrize("day", ["2024-02-30", "2023-02-29", "2024-13-01"])
def test_a_day_out_of_the_calendar_is_told_as_such(day: str) -> None:
    for data in ({"patient": {"naissance": day}}, {"on": day}):
        code, _, help_fr, help_en = fault(data)
        assert code in ("E103", "E192")
        assert help_fr == "le calendrier n'a pas ce jour"
        assert help_en == "the calendar has no such day"


@pytest.mark.parametrize("day", ["2024-2-3", "12:30", 20240203, "demain"])
def test_what_is_no_date_is_shown_how_one_is_written(day: object) -> None:
    assert "`2016-06-01`" in fault({"on": day})[2]


def test_one_element_is_not_a_list_nor_a_text() -> None:
    assert "retirer les crochets" in fault({"patient": [{"naissance": "1990-03-15"}]})[2]
    assert "`clé: valeur`" in fault({"patient": "naissance:1990-03-15"})[2]
    assert "même pour un seul élément" in fault({"soins": {"base": "10.00"}})[2]


def test_a_value_out_of_bounds_is_told_what_the_fact_is() -> None:
    assert fault({"soins": [{"rang": 31}]}) == (
        "E106",
        "soins[1].rang",
        "ce fait : « rang dans la liste ; absent hors de la liste »",
        "this fact: “rang dans la liste ; absent hors de la liste”",
    )


def test_a_list_that_is_supposed_is_as_a_decision_answers_it() -> None:
    program = program_of("""
situation
  signé : booléen
énumération Pièce : certificat ; facture
décision pièces : liste de Pièce
  en règle générale : la réunion de :
    - certificat si signé
décision rien : booléen
  vrai si (nombre de p parmi pièces) = 0
""")
    situation, _, wrong = build_situation(program, {"pièces": ["facture"]})
    assert wrong == ()
    assert situation is not None
    assert situation.hypotheses == {("pièces", ()): ("facture",)}
