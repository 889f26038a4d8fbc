"""What is answered when nothing is asked: the results that the situation tells something about."""

from __future__ import annotations

from typing import Any

import pytest

from lexald import Law, Unknown

from .laws import program_of

LAW = Law(
    program_of("""
situation
  patient : Patient
  soins : liste de Soin
  recours : Recours
entité Patient
  âge : entier
entité Soin appartient à Patient
  base : montant
entité Recours appartient à Patient
  introduction : date
décision Patient.majeur : booléen résultat
  vrai si âge ≥ 18
décision Soin.gratuit : booléen résultat
  vrai si base = 0,00 € ou non patient.majeur
décision sous_total : montant
  en règle générale : somme de s.base pour chaque s parmi soins
décision total : montant résultat
  en règle générale : sous_total
décision Recours.tardif : booléen résultat
  vrai si introduction > 01/01/2020
décision constante : entier résultat
  en règle générale : 1
""")
)


@pytest.mark.parametrize(
    ("situation", "answered"),
    [
        ({"patient": {"âge": 20}}, {"patient.majeur", "constante"}),
        ({"soins": [{}, {}]}, {"soins[0].gratuit", "soins[1].gratuit", "total", "constante"}),
        ({"soins": []}, {"total", "constante"}),
        ({"recours": {"introduction": "2020-01-01"}}, {"recours.tardif", "constante"}),
        ({}, {"patient.majeur", "Soin.gratuit", "total", "recours.tardif", "constante"}),
    ],
)
def test_only_what_the_situation_tells_something_about(
    situation: dict[str, Any], answered: set[str]
) -> None:
    assert set(LAW.evaluate(situation, on="2020-01-01").decisions) == answered


def test_what_is_asked_is_answered_whatever_is_told() -> None:
    result = LAW.evaluate({"patient": {"âge": 20}}, on="2020-01-01", decisions=["tardif"])
    assert isinstance(result.decisions["recours.tardif"], Unknown)
    assert not result.is_decided
