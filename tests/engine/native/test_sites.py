"""A decision is kept unless it is asked once: else a walk in a walk would work it out again and again."""

from __future__ import annotations

from lexald.engine.native.sites import asked_once
from tests.engine.laws import program_of

LAW = """langage 1

politique "Essai" version "1"

situation
  patient : Patient
  soins : liste de Soin

entité Patient
  aidé : booléen

entité Soin appartient à Patient
  base : montant
  rang : entier

décision Patient.droit : booléen
  en règle générale : aidé

décision Soin.une_fois : montant
  en règle générale : base

décision Soin.deux_fois : montant
  en règle générale : base

décision Soin.par_paires : montant
  en règle générale : base

décision Soin.sous_plafond : montant
  en règle générale : base

décision Soin.retenue : montant
  en règle générale : sous_plafond
    dans la limite de 5,00 € par patient.droit dans l'ordre de rang

décision total : montant
  en règle générale :
    (somme de s.une_fois + s.deux_fois - s.retenue pour chaque s parmi soins)
    + (somme de t.deux_fois pour chaque t parmi soins)

décision doubles : entier
  en règle générale :
    nombre de s parmi soins tel que (il existe t parmi soins tel que t.par_paires = s.base)
"""


def test_what_is_asked_once() -> None:
    program = program_of(LAW)
    once = asked_once(program, program.decisions, ["total"])
    assert once == {"Soin.une_fois", "Soin.retenue", "total", "doubles"}


def test_what_the_table_asks_is_one_more() -> None:
    program = program_of(LAW)
    once = asked_once(program, program.decisions, ["total", "Soin.une_fois"])
    assert "Soin.une_fois" not in once
