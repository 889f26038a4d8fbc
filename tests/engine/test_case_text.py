"""A situation written as a case is read back as it was."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexald.casebook.runner import situation_of
from lexald.dsl.checker import check
from lexald.dsl.dates import DateRange
from lexald.dsl.formatter import format_source
from lexald.dsl.program import Program
from lexald.dsl.source import SourceFile
from lexald.dsl.values import Amount, Duration
from lexald.engine.documents.case_text import Unwritable, write_case, write_variant
from lexald.engine.elements import Situation, assemble, plain
from lexald.engine.situation import build_situation

from ..strategies import poorer, situations
from .laws import program_of

LAW = """
situation
  patient : Patient
  demande : Demande facultatif
  soins : liste de Soin
  dossier_clos : booléen facultatif
énumération Titre :
  ald ; maternité "grossesse" ; accident
entité Patient
  né : date
  nom : texte facultatif
  part : taux de 0 % à 100 %
  poids : décimal facultatif de 0 à 300
  titres : liste de Titre facultatif
  séjours : liste de Séjour
  médecin : Médecin
entité Médecin
  spécialiste : booléen
entité Séjour appartient à Patient
  dates : période
  garde : période avec ou sans fin facultatif
  repas : liste de Repas
entité Repas appartient à Séjour
  prix : montant
entité Demande appartient à Patient fait générateur reçue
  reçue : date
  délai : durée
entité Soin appartient à Patient fait générateur jour
  jour : date
  base : montant
  rang : entier facultatif de 1 à 30
  titres : liste de Titre
  prescripteur : Médecin facultatif
décision Soin.taux : taux facultatif
  en règle générale : 70 %
décision Soin.titres_vus : liste de Titre
  en règle générale : titres
décision Patient.exonéré : booléen
  en règle générale : né < 01/01/2000
décision total : montant
  en règle générale : somme de s.base pour chaque s parmi soins
"""
PROGRAM = program_of(LAW)
DAY = date(2020, 1, 1)


def read(text: str) -> tuple[Program, dict[str, Situation]]:
    checked = check([SourceFile.of("loi.ald", LAW)], [SourceFile.of("cas.ald", text)])
    assert checked.program is not None, (text, checked.diagnostics)
    program = checked.program
    return program, {case.name: situation_of(program, case) for case in program.cases}


def facts(situation: Situation) -> tuple[dict[str, Any], dict[Any, Any]]:
    return plain(situation), dict(situation.hypotheses)


@st.composite
def told(draw: st.DrawFn) -> Situation:
    """A situation of the law, with decisions of it supposed."""
    data = draw(poorer(draw(situations(PROGRAM))))
    situation, _, wrong = build_situation(PROGRAM, data)
    assert situation is not None, wrong
    supposed: dict[tuple[str, tuple[str | int, ...]], Any] = {}
    values: dict[str, st.SearchStrategy[Any]] = {
        "Soin.taux": st.sampled_from([Fraction(1), Fraction(2, 3), None]),
        "Soin.titres_vus": st.sampled_from([(), ("ald",), ("ald", "maternité")]),
        "Patient.exonéré": st.booleans(),
    }
    for element in situation.elements():
        for name, value in values.items():
            if name.startswith(f"{element.entity}.") and draw(st.integers(0, 4)) == 0:
                supposed[name, element.path] = draw(value)
    if draw(st.integers(0, 4)) == 0:
        supposed["total", ()] = Amount(draw(st.integers(-500, 2_000_000)))
    return attrs.evolve(situation, hypotheses=supposed)


@settings(max_examples=150, deadline=None)
@given(told(), st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_what_is_written_is_read_back_and_is_laid_out(situation: Situation, on: date) -> None:
    text = write_case(PROGRAM, "écrit", situation, on)
    assert format_source(SourceFile.of("cas.ald", text)).text == text
    program, again = read(text)
    assert facts(again["écrit"]) == facts(situation)
    assert program.cases[0].day == on


@settings(max_examples=100, deadline=None)
@given(told(), told())
def test_a_variant_is_read_back_as_the_situation_it_came_to(
    before: Situation, after: Situation
) -> None:
    base = write_case(PROGRAM, "départ", before, DAY)
    text = write_variant(PROGRAM, "arrivée", "départ", before, after, DAY)
    _, again = read(base + text)
    assert facts(again["arrivée"]) == facts(after)


def test_a_case_is_readable_by_a_lawyer() -> None:
    situation = assemble(
        PROGRAM,
        {
            "patient": {
                "né": date(1954, 2, 3),
                "nom": None,
                "part": Fraction(3, 8),
                "séjours": [
                    {"dates": DateRange(date(2020, 1, 1), date(2020, 1, 9))},
                    {"repas": [{"prix": Amount(123456)}]},
                ],
            },
            "demande": {"délai": Duration(18, 0)},
            "soins": [
                {"jour": DAY, "titres": ("ald", "maternité"), "rang": None},
                {"jour": DAY, "titres": (), "base": Amount(100), "prescripteur": None},
                ...,
            ],
        },
    )
    situation = attrs.evolve(situation, hypotheses={("Soin.taux", ("soins", 1)): Fraction(2, 3)})
    text = write_case(
        PROGRAM, "Jean", situation, DAY, ["attendu total inconnu"], comments=["Un essai.", "Deux."]
    )
    assert (
        text
        == """\
# Un essai.
# Deux.
cas "Jean" au 01/01/2020
  soit patient.né = 03/02/1954
  soit patient.nom absent
  soit patient.part = 37,5 %
  soit patient.séjours
    | dates                       |
    | du 01/01/2020 au 09/01/2020 |
    | inconnu                     |
  soit patient.séjours[2].repas
    | prix       |
    | 1 234,56 € |
  soit demande.délai = 1 an et 6 mois
  soit soins
    | jour       | base    | rang    | titres          | taux    |
    | 01/01/2020 | inconnu | absent  | ald ; maternité | inconnu |
    | 01/01/2020 | 1,00 €  | inconnu | ()              | 2/3     |
    | …
  soit soins[2].prescripteur absent
  attendu total inconnu
"""
    )


def test_a_variant_says_only_what_differs() -> None:
    before = assemble(
        PROGRAM,
        {"patient": {"né": DAY, "part": Fraction(1)}, "soins": [{"jour": DAY, "base": Amount(1)}]},
    )
    after = assemble(PROGRAM, {"patient": {"né": DAY}, "soins": [{"jour": DAY, "base": Amount(2)}]})
    assert (
        write_variant(PROGRAM, "deux", "un", before, after, DAY)
        == """\
cas "deux" comme "un" au 01/01/2020
  soit patient.part inconnu
  soit soins[1].base = 0,02 €
"""
    )


@pytest.mark.parametrize(
    "data",
    [
        {"patient": {"nom": 'dit "le Bref"'}},
        {"patient": {"nom": "deux\nlignes"}},
        {"demande": {"délai": Duration(6, -1)}},
    ],
)
def test_what_the_language_cannot_say_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(Unwritable):
        write_case(PROGRAM, "indicible", assemble(PROGRAM, data), DAY)
