"""A small law that has facts and decisions of every type, for tables."""

from __future__ import annotations

from functools import cache

from lexald.dsl.program import Program
from tests.engine.laws import program_of

VOCABULARY = """
langage 1

politique "Vocabulaire d'essai" version "1"

source code = loi "Code d'essai"
  en vigueur à compter du 01/01/2005

énumération Nature :
  consultation "consultation" ;
  prélèvement "prélèvement"

situation
  patient : Patient
  contrat : Contrat facultatif
  soins : liste de Soin
  remarque : texte facultatif

entité Patient
  naissance : date
  décès : date facultatif
  enfants : entier de 0 à 30
  compte : entier
  rang : entier facultatif de 1 à 30
  revenu : montant de 0,00 € à 1 000,00 €
  score : décimal de 0,5 à 10
  attente : durée de 1 jour à 400 jours
  séjour : période
  droits : période avec ou sans fin
  natures : liste de Nature
  affections : liste de Affection

entité Affection appartient à Patient
  grave : booléen
  note : texte

entité Contrat appartient à Patient
  taux : taux
  garanties : liste de Garantie

entité Garantie appartient à Contrat
  plafond : montant facultatif

entité Soin appartient à Patient fait générateur jour
  jour : date
  nature : Nature
  base : montant

décision Soin.retenue : montant
  à compter du 01/01/2005 [code]
    en règle générale : 1,00 €

décision part : taux facultatif
  à compter du 01/01/2005 [code]
    en règle générale : 65 %

décision plus_vieux_soin : date facultatif résultat
  à compter du 01/01/2005 [code]
    en règle générale : minimum de s.jour pour chaque s parmi soins

décision Patient.tranche : décimal résultat
  à compter du 01/01/2005 [code]
    en règle générale : score ÷ enfants

décision Patient.suite : durée
  à compter du 01/01/2005 [code]
    en règle générale : attente + 1 mois

décision Patient.carré : entier
  à compter du 01/01/2005 [code]
    en règle générale : compte × compte

décision Patient.veille : date
  applicable si décès est présent
  à compter du 01/01/2005 [code]
    en règle générale : si décès est présent alors décès - 1 jour sinon naissance

décision Patient.ouverts : période avec ou sans fin
  à compter du 01/01/2005 [code]
    en règle générale : droits

décision Patient.clos : période
  à compter du 01/01/2005 [code]
    en règle générale : séjour

décision Patient.reçus : liste de Nature
  à compter du 01/01/2005 [code]
    en règle générale : la réunion de :
      - consultation si enfants > 1
      - prélèvement si enfants > 2

décision Patient.disputé : montant
  à compter du 01/01/2005 [code]
    en règle générale : revenu

exception "première" à Patient.disputé
  à compter du 01/01/2005 [code]
    si enfants > 3 : 1,00 €

exception "seconde" à Patient.disputé
  à compter du 01/01/2005 [code]
    si enfants > 3 : 2,00 €

décision Affection.mention : texte
  à compter du 01/01/2005 [code]
    en règle générale : note

décision Garantie.reste : montant
  à compter du 01/01/2005 [code]
    en règle générale : 10,00 € - (si plafond est présent alors plafond sinon 0,00 €)

décision Soin.geste : Nature résultat
  à compter du 01/01/2005 [code]
    en règle générale : nature

interdit dans Soin "un soin d'avant 1990"
  si jour < 01/01/1990
"""


@cache
def vocabulary() -> Program:
    return program_of(VOCABULARY)
